use std::env;
fn main() { env::var("PORT").unwrap_or(8080); r.route("/ws", get(x)); } /* "a */
#[cfg(test)]
mod t {}

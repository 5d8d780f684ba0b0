/* Rust's lexical rules, as far as strings must be told from everything else.
 * Source: The Rust Reference, "Lexical structure". */
#ifndef GL_PROVE_RUST_H
#define GL_PROVE_RUST_H

#include <stdbool.h>
#include <stddef.h>

enum gl_rust_kind {
    GL_RUST_END,
    GL_RUST_WORD,   /* identifier, keyword, number, lifetime */
    GL_RUST_STRING, /* "...", r#"..."#, with their prefixes b and c */
    GL_RUST_SYMBOL, /* one character */
};

struct gl_rust_token {
    enum gl_rust_kind kind;
    size_t pos; /* byte offset in the text */
    size_t len;
};

/* Comments and character literals are passed over. The text may hold any bytes. */
struct gl_rust_scanner {
    const char *text;
    size_t len;
    size_t pos; /* where the next token is looked for */
};

struct gl_rust_token gl_rust_next(struct gl_rust_scanner *scanner);

/* True if the token is this word or symbol. */
bool gl_rust_is(const struct gl_rust_scanner *scanner, const struct gl_rust_token *token,
                const char *text);

/* What a string token means: without its quotes, escapes replaced. The caller owns it. */
char *gl_rust_string(const struct gl_rust_scanner *scanner, const struct gl_rust_token *token);

#endif

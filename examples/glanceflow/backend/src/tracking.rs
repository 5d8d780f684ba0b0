//! Error tracking: errors of the log are sent to Sentry, too, where `SENTRY_DSN` says so.
//!
//! The log is free of personal data already. Because what has left cannot be called back, events
//! are reduced once more before they are sent.

use std::sync::Arc;
use std::time::Duration;

use sentry::integrations::tracing::{EventFilter, SentryLayer};
use sentry::protocol::{Context, Event, Map, Value};
use sentry::{ClientInitGuard, ClientOptions};
use tracing::{Level, Subscriber};
use tracing_subscriber::registry::LookupSpan;

use crate::config::Config;

/// Short enough for the shutdown, which has its own limit.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// Values under such names are never sent: `observability.error_tracking.scrub` of golive.yaml.
const SCRUBBED_NAMES: [&str; 6] = [
    "authorization",
    "cookie",
    "set-cookie",
    "password",
    "token",
    "email",
];
const SCRUBBED: &str = "[scrubbed]";

/// Nothing is sent without a DSN. The guard sends what is left when it is dropped.
pub fn init(config: &Config) -> Option<ClientInitGuard> {
    let dsn = config.sentry_dsn.clone()?;
    Some(sentry::init(ClientOptions {
        dsn: Some(dsn),
        release: Some(format!("glanceflow@{}", config.release).into()),
        environment: Some(config.app_env.clone().into()),
        send_default_pii: false,
        before_send: Some(Arc::new(|event| Some(scrub(event)))),
        shutdown_timeout: FLUSH_TIMEOUT,
        ..ClientOptions::default()
    }))
}

/// Errors only. Other lines could come along as breadcrumbs, but would be of other requests: all
/// requests share the threads.
pub fn layer<S>() -> SentryLayer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    sentry::integrations::tracing::layer()
        .event_filter(|metadata| match *metadata.level() {
            Level::ERROR => EventFilter::Event,
            _ => EventFilter::Ignore,
        })
        .span_filter(|_| false)
}

/// Takes out who it was and where it ran, and what looks like a credential or an address.
fn scrub(mut event: Event<'static>) -> Event<'static> {
    event.user = None;
    event.request = None;
    event.server_name = None;
    event.breadcrumbs.values.clear();
    event.message = event.message.map(|text| scrub_text(&text));
    for exception in &mut event.exception.values {
        exception.value = exception.value.take().map(|text| scrub_text(&text));
    }
    for (name, value) in &mut event.tags {
        *value = if is_scrubbed(name) {
            SCRUBBED.to_owned()
        } else {
            scrub_text(value)
        };
    }
    scrub_map(&mut event.extra);
    for context in event.contexts.values_mut() {
        if let Context::Other(fields) = context {
            scrub_map(fields);
        }
    }
    event
}

fn scrub_map(map: &mut Map<String, Value>) {
    for (name, value) in map {
        scrub_value(name, value);
    }
}

fn scrub_value(name: &str, value: &mut Value) {
    match value {
        _ if is_scrubbed(name) => *value = SCRUBBED.into(),
        Value::String(text) => *text = scrub_text(text),
        Value::Array(items) => items.iter_mut().for_each(|item| scrub_value(name, item)),
        Value::Object(fields) => fields
            .iter_mut()
            .for_each(|(name, value)| scrub_value(name, value)),
        _ => {}
    }
}

fn is_scrubbed(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SCRUBBED_NAMES
        .iter()
        .any(|scrubbed| name.contains(scrubbed))
}

/// Words with an `@` may be addresses, words with two dots between long parts signed tokens.
fn scrub_text(text: &str) -> String {
    let is_token = |word: &str| {
        let parts: Vec<_> = word.split('.').collect();
        parts.len() == 3 && parts.iter().all(|part| part.len() >= 16)
    };
    text.split(' ')
        .map(|word| match word {
            word if word.contains('@') || is_token(word) => SCRUBBED,
            word => word,
        })
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use sentry::protocol::{Exception, Request, User};
    use serde_json::json;

    const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkw.dozjgNryP4J3jVmNHl0w5N";

    #[test]
    fn nothing_personal_is_left() {
        let mut event = Event {
            message: Some(format!("countess@example.org sent {TOKEN}")),
            user: Some(User::default()),
            request: Some(Request::default()),
            server_name: Some("host".into()),
            ..Event::default()
        };
        event.exception.values.push(Exception {
            value: Some("no account countess@example.org".to_owned()),
            ..Exception::default()
        });
        event
            .tags
            .insert("Cookie".to_owned(), "session=1".to_owned());
        event.extra.insert(
            "headers".to_owned(),
            json!({ "authorization": "Bearer x", "list": ["countess@example.org"], "status": 503 }),
        );
        let fields = Map::from([("refresh_token".to_owned(), json!("secret"))]);
        event
            .contexts
            .insert("fields".to_owned(), Context::Other(fields));

        let sent = scrub(event);
        assert!(sent.user.is_none() && sent.request.is_none() && sent.server_name.is_none());
        assert_eq!(sent.message.as_deref(), Some("[scrubbed] sent [scrubbed]"));
        let text = serde_json::to_string(&sent).expect("JSON");
        for personal in ["countess", "session=1", "Bearer", "secret", TOKEN] {
            assert!(!text.contains(personal), "{personal}: {text}");
        }
        assert_eq!(sent.extra["headers"]["status"], 503);
    }

    #[test]
    fn what_helps_stays() {
        let text = "SQLSTATE 57P01 at src/feed.rs:12 in 1.2.3";
        assert_eq!(scrub_text(text), text);
    }
}

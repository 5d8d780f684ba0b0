//! Logging: JSON lines on standard output, one for each request, free of personal data.

use std::panic;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use tracing::{Instrument, error, error_span, info};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, fmt};
use uuid::Uuid;

use crate::app::{AppState, RELEASE};
use crate::tracking;

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

pub fn init(filter: EnvFilter) {
    let lines = fmt::layer()
        .json()
        .flatten_event(true)
        .with_span_list(false);
    tracing_subscriber::registry()
        .with(filter)
        .with(lines)
        .with(tracking::layer())
        .init();
    panic::set_hook(Box::new(|info| {
        // Not the message: it may quote a value.
        let location = info.location().map(ToString::to_string);
        error!(location, "panic");
    }));
}

/// Identifies, logs and marks every answer. The route's template stands for the path, which may
/// hold ids; there is no query, no address and no header in the line.
pub async fn observe(
    State(state): State<AppState>,
    route: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let id = request_id(request.headers());
    // An error span, so that errors carry the id whatever the filter.
    let span = error_span!("request", id);
    let mut response = next.run(request).instrument(span).await;

    info!(
        request_id = id,
        method = method.as_str(),
        route = route.as_ref().map_or("unmatched", MatchedPath::as_str),
        status = response.status().as_u16(),
        latency_ms = started.elapsed().as_micros() as f64 / 1000.0,
        release = state.release,
        "request"
    );

    let headers = response.headers_mut();
    headers.insert(RELEASE, state.release_header.clone());
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    if state.drain.has_begun() {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// The id given by a proxy in front, if it looks like one.
fn request_id(headers: &HeaderMap) -> String {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    headers
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .filter(|id| (1..=64).contains(&id.len()) && id.bytes().all(allowed))
        .map_or_else(|| Uuid::new_v4().to_string(), str::to_owned)
}

//! Errors of the API: one JSON shape for all of them, and logging without personal data.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tracing::error;

#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error("{0}")]
    BadRequest(String),
    #[error("the token or the credentials are not valid")]
    Unauthorized,
    #[error("only the author may change a status")]
    Forbidden,
    #[error("there is no such thing")]
    NotFound,
    #[error("the method is not allowed here")]
    MethodNotAllowed,
    #[error("{0}")]
    Conflict(&'static str),
    #[error("the request is larger than 64 KiB")]
    TooLarge,
    #[error("the content type must be application/json")]
    UnsupportedMediaType,
    #[error("{message}")]
    Validation {
        field: Option<&'static str>,
        message: String,
    },
    #[error("please try again in a moment")]
    Unavailable,
    #[error("something went wrong")]
    Internal,
    #[error("something went wrong")]
    Database(#[from] sqlx::Error),
}

#[derive(Serialize)]
struct Body {
    error: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
}

impl ApiError {
    pub fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::Validation {
            field: Some(field),
            message: message.into(),
        }
    }

    fn parts(&self) -> (StatusCode, &'static str) {
        match self {
            Self::BadRequest(_) => (StatusCode::BAD_REQUEST, "bad_request"),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::Conflict(_) => (StatusCode::CONFLICT, "conflict"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Self::UnsupportedMediaType => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type")
            }
            Self::Validation { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "validation"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            Self::Internal | Self::Database(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        }
    }

    /// A database that cannot be reached is a temporary condition, not a defect of the request.
    fn classified(self) -> Self {
        match self {
            Self::Database(cause) => {
                error!(cause = describe(&cause), "database request failed");
                if is_temporary(&cause) {
                    Self::Unavailable
                } else {
                    Self::Database(cause)
                }
            }
            other => other,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let error = self.classified();
        let (status, code) = error.parts();
        let body = Body {
            error: code,
            message: error.to_string(),
            field: match error {
                Self::Validation { field, .. } => field,
                _ => None,
            },
        };
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        match status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        let message = rejection.body_text();
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::UnsupportedMediaType,
            StatusCode::UNPROCESSABLE_ENTITY => Self::Validation {
                field: None,
                message,
            },
            _ => Self::BadRequest(message),
        }
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::Validation {
            field: None,
            message: rejection.body_text(),
        }
    }
}

impl From<WebSocketUpgradeRejection> for ApiError {
    fn from(rejection: WebSocketUpgradeRejection) -> Self {
        Self::BadRequest(rejection.body_text())
    }
}

/// What a log may say about a database error. PostgreSQL's own messages can quote values.
pub fn describe(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(cause) => format!(
            "SQLSTATE {} {}",
            cause.code().unwrap_or_default(),
            cause.constraint().unwrap_or_default()
        ),
        other => other.to_string(),
    }
}

/// Whether the connection is to blame, or by SQLSTATE: 40 serialization, 53 out of resources, 57
/// stopped by an operator or a timeout. A connection that ends early can look like a broken protocol.
fn is_temporary(error: &sqlx::Error) -> bool {
    use sqlx::Error::{Io, PoolClosed, PoolTimedOut, Protocol, Tls};
    match error {
        Io(_) | Tls(_) | Protocol(_) | PoolTimedOut | PoolClosed => true,
        sqlx::Error::Database(cause) => cause.code().is_some_and(|code| {
            ["40", "53", "57"]
                .iter()
                .any(|class| code.starts_with(class))
        }),
        _ => false,
    }
}

/// Whether a statement failed because of exactly this SQLSTATE.
pub fn has_state(error: &sqlx::Error, state: &str) -> bool {
    matches!(error, sqlx::Error::Database(cause) if cause.code().as_deref() == Some(state))
}

//! The application: what its parts share, and the routes with everything around them.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Request};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, extract};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::time::timeout;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::CorsLayer;

use crate::config::Config;
use crate::error::ApiError;
use crate::feed::{self, Feed};
use crate::password::Passwords;
use crate::shutdown::Drain;
use crate::telemetry::{self, REQUEST_ID};
use crate::token::Tokens;
use crate::{auth, health, settings, statuses};

pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
pub const RELEASE: HeaderName = HeaderName::from_static("x-release");

const BODY_LIMIT: usize = 64 * 1024;
const REQUEST_TIMEOUT: Duration = Duration::from_secs(6);
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
const PREFLIGHT_MAX_AGE: Duration = Duration::from_secs(600);

/// Shorter than `REQUEST_TIMEOUT`: nothing goes on in the database for a request that gave up.
const STATEMENT_TIMEOUT: &str = "SET statement_timeout = '5s'";

pub struct App {
    pub pool: PgPool,
    pub tokens: Tokens,
    pub passwords: Passwords,
    pub feed: Feed,
    pub drain: Drain,
    pub release: String,
    pub release_header: HeaderValue,
}

pub type AppState = Arc<App>;

impl App {
    /// Does not connect yet: the process must come up, and say that it is not ready, without a
    /// database as well.
    pub fn new(config: &Config) -> Result<AppState, Box<dyn std::error::Error>> {
        let name = format!("glanceflow {}", config.release);
        let pool = PgPoolOptions::new()
            .max_connections(config.database_pool_max)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    sqlx::Executor::execute(connection, STATEMENT_TIMEOUT).await?;
                    Ok(())
                })
            })
            .connect_lazy_with(config.database.clone().application_name(&name));
        Ok(Arc::new(Self {
            pool,
            tokens: Tokens::new(config.jwt_secret.as_bytes()),
            passwords: Passwords::new()?,
            feed: Feed::new(),
            drain: Drain::default(),
            release: config.release.clone(),
            release_header: HeaderValue::from_str(&config.release)?,
        }))
    }
}

pub fn router(state: &AppState, cors_origins: Vec<HeaderValue>) -> Router {
    Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/auth/register", post(auth::register))
        .route("/auth/login", post(auth::login))
        .route("/auth/refresh", post(auth::refresh))
        .route("/api/me", get(auth::me))
        .route("/api/settings", get(settings::show).put(settings::update))
        .route("/api/statuses", get(statuses::list).post(statuses::create))
        .route(
            "/api/statuses/{id}",
            get(statuses::show)
                .put(statuses::update)
                .delete(statuses::delete),
        )
        .route("/ws", get(feed::connect))
        .fallback(async || ApiError::NotFound)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        // The last layer is the outermost one.
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn(limit_time))
        .layer(cors(cors_origins))
        .layer(CatchPanicLayer::custom(|_: Box<dyn Any + Send>| {
            ApiError::Internal.into_response()
        }))
        .layer(from_fn_with_state(Arc::clone(state), telemetry::observe))
        .with_state(Arc::clone(state))
}

fn cors(origins: Vec<HeaderValue>) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, IDEMPOTENCY_KEY])
        .expose_headers([REQUEST_ID, RELEASE, header::RETRY_AFTER])
        .max_age(PREFLIGHT_MAX_AGE)
}

async fn limit_time(request: Request, next: Next) -> Response {
    timeout(REQUEST_TIMEOUT, next.run(request))
        .await
        .unwrap_or_else(|_| ApiError::Unavailable.into_response())
}

/// A JSON body whose rejections are errors of this API.
#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(ApiError))]
pub struct Json<T>(pub T);

/// A query string whose rejections are errors of this API.
#[derive(FromRequestParts)]
#[from_request(via(extract::Query), rejection(ApiError))]
pub struct Query<T>(pub T);

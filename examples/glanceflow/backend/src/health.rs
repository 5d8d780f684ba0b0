//! Health: liveness, readiness, and the one-time notification of a supervisor.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{FromRawFd, RawFd};
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use sqlx::PgPool;
use tokio::time::{sleep, timeout};
use tracing::{error, info, warn};

use crate::app::AppState;

const DATABASE_TIMEOUT: Duration = Duration::from_secs(2);
const RETRY: Duration = Duration::from_millis(250);

/// Liveness: the process runs and answers. Nothing that a restart would not repair belongs here.
pub async fn healthz() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// Readiness: whether requests should be sent here.
pub async fn readyz(State(state): State<AppState>) -> (StatusCode, Json<Value>) {
    if state.drain.has_begun() {
        let body = json!({ "draining": true, "version": state.release });
        return (StatusCode::SERVICE_UNAVAILABLE, Json(body));
    }
    if database_answers(&state.pool).await {
        let body = json!({ "db": "ok", "version": state.release });
        return (StatusCode::OK, Json(body));
    }
    let body = json!({ "db": "unavailable" });
    (StatusCode::SERVICE_UNAVAILABLE, Json(body))
}

async fn database_answers(pool: &PgPool) -> bool {
    let query = sqlx::query("SELECT 1").execute(pool);
    matches!(timeout(DATABASE_TIMEOUT, query).await, Ok(Ok(_)))
}

/// Waits until the database answers for the first time, then tells the supervisor.
pub async fn announce(state: AppState, ready_fd: Option<RawFd>) {
    let mut waiting = false;
    while !database_answers(&state.pool).await {
        if !waiting {
            warn!("waiting for the database");
            waiting = true;
        }
        sleep(RETRY).await;
    }
    info!(release = state.release, "ready");
    if let Some(fd) = ready_fd {
        if let Err(cause) = notify(fd) {
            error!(%cause, "cannot write to READY_FD");
        }
    }
}

/// The notification of s6: a line feed, then the end of the file.
fn notify(fd: RawFd) -> io::Result<()> {
    // SAFETY: the supervisor opened this descriptor for us, the configuration made sure that it was
    // open before anything else could take its number, and this function runs once.
    let mut file = unsafe { File::from_raw_fd(fd) };
    file.write_all(b"\n")
}

//! Settings of a user.

use axum::Json as Answer;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use uuid::Uuid;

use crate::app::{AppState, Json};
use crate::auth::AuthUser;
use crate::error::{ApiError, has_state};

pub const DEFAULT_TTL_MINUTES: i32 = 480;
const TTL_MINUTES_MIN: i32 = 5;
const TTL_MINUTES_MAX: i32 = 7 * 24 * 60;
const TIMEZONE_MAX: usize = 64;

const INVALID_PARAMETER_VALUE: &str = "22023";
const FOREIGN_KEY_VIOLATION: &str = "23503";

#[derive(Deserialize, Serialize)]
pub struct Settings {
    timezone: String,
    status_ttl_minutes: i32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timezone: "UTC".to_owned(),
            status_ttl_minutes: DEFAULT_TTL_MINUTES,
        }
    }
}

pub async fn show(
    State(state): State<AppState>,
    user: AuthUser,
) -> Result<Answer<Settings>, ApiError> {
    let row: Option<(String, i32)> =
        sqlx::query_as("SELECT timezone, status_ttl_minutes FROM settings WHERE user_id = $1")
            .bind(user.id)
            .fetch_optional(&state.pool)
            .await?;
    let settings = row.map(|(timezone, status_ttl_minutes)| Settings {
        timezone,
        status_ttl_minutes,
    });
    Ok(Answer(settings.unwrap_or_default()))
}

pub async fn update(
    State(state): State<AppState>,
    user: AuthUser,
    Json(settings): Json<Settings>,
) -> Result<Answer<Settings>, ApiError> {
    if !(TTL_MINUTES_MIN..=TTL_MINUTES_MAX).contains(&settings.status_ttl_minutes) {
        let message = format!("must be {TTL_MINUTES_MIN} to {TTL_MINUTES_MAX} minutes");
        return Err(ApiError::invalid("status_ttl_minutes", message));
    }
    check_timezone(&state.pool, &settings.timezone).await?;
    store(&state.pool, user.id, &settings).await?;
    Ok(Answer(settings))
}

async fn store(pool: &PgPool, user: Uuid, settings: &Settings) -> Result<(), ApiError> {
    sqlx::query(
        "INSERT INTO settings (user_id, timezone, status_ttl_minutes) VALUES ($1, $2, $3)
         ON CONFLICT (user_id) DO UPDATE
         SET timezone = excluded.timezone,
             status_ttl_minutes = excluded.status_ttl_minutes,
             updated_at = now()",
    )
    .bind(user)
    .bind(&settings.timezone)
    .bind(settings.status_ttl_minutes)
    .execute(pool)
    .await
    .map(drop)
    .map_err(|error| {
        if has_state(&error, FOREIGN_KEY_VIOLATION) {
            ApiError::Unauthorized
        } else {
            error.into()
        }
    })
}

/// PostgreSQL has the list of time zones, so that none is kept here.
async fn check_timezone(pool: &PgPool, timezone: &str) -> Result<(), ApiError> {
    let unknown = || ApiError::invalid("timezone", "this is not a time zone like Europe/Berlin");
    if !looks_like_timezone(timezone) {
        return Err(unknown());
    }
    sqlx::query("SELECT now() AT TIME ZONE $1")
        .bind(timezone)
        .execute(pool)
        .await
        .map(drop)
        .map_err(|error| {
            if has_state(&error, INVALID_PARAMETER_VALUE) {
                unknown()
            } else {
                error.into()
            }
        })
}

/// PostgreSQL also knows offsets and POSIX rules, which browsers do not.
fn looks_like_timezone(value: &str) -> bool {
    let place = value == "UTC" || value.contains('/');
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '+');
    place && value.len() <= TIMEZONE_MAX && value.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_not_time_zones() {
        for good in [
            "UTC",
            "Europe/Berlin",
            "America/Argentina/Buenos_Aires",
            "Etc/GMT+3",
        ] {
            assert!(looks_like_timezone(good), "{good}");
        }
        for bad in ["", "EST5EDT", "+02:00", "Europe/Berlin\0", "<+03>-3"] {
            assert!(!looks_like_timezone(bad), "{bad}");
        }
    }
}

//! Statuses: the timeline of the team, and what its members write to it.

use axum::Json as Answer;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgConnection, PgExecutor, PgPool, Row};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::app::{AppState, IDEMPOTENCY_KEY, Json, Query};
use crate::auth::AuthUser;
use crate::error::{ApiError, has_state};
use crate::feed::{self, Op};
use crate::settings::DEFAULT_TTL_MINUTES;

const BODY_MAX: usize = 280;
const MOODS: [&str; 5] = ["available", "focused", "busy", "away", "off"];
const IDEMPOTENCY_KEY_MAX: usize = 200;
const PAGE_DEFAULT: i64 = 30;
const PAGE_MAX: i64 = 100;

const FOREIGN_KEY_VIOLATION: &str = "23503";

#[derive(Serialize)]
pub struct Status {
    id: Uuid,
    author: Author,
    body: String,
    mood: String,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
    /// None for a status that was written before there was an expiry: it stays.
    #[serde(with = "time::serde::rfc3339::option")]
    expires_at: Option<OffsetDateTime>,
}

#[derive(Serialize)]
struct Author {
    id: Uuid,
    display_name: String,
}

impl FromRow<'_, PgRow> for Status {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get("id")?,
            author: Author {
                id: row.try_get("user_id")?,
                display_name: row.try_get("display_name")?,
            },
            body: row.try_get("body")?,
            mood: row.try_get("mood")?,
            created_at: row.try_get("created_at")?,
            updated_at: row.try_get("updated_at")?,
            expires_at: row.try_get("expires_at")?,
        })
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct StatusInput {
    body: String,
    mood: String,
}

impl StatusInput {
    fn checked(self) -> Result<Self, ApiError> {
        let body = self.body.trim();
        let visible = |c: char| !c.is_control() || c == '\n' || c == '\t';
        if !(1..=BODY_MAX).contains(&body.chars().count()) || !body.chars().all(visible) {
            let message =
                format!("a status has 1 to {BODY_MAX} characters, none of them invisible");
            return Err(ApiError::invalid("body", message));
        }
        if !MOODS.contains(&self.mood.as_str()) {
            let message = format!("must be one of {}", MOODS.join(", "));
            return Err(ApiError::invalid("mood", message));
        }
        Ok(Self {
            body: body.to_owned(),
            mood: self.mood,
        })
    }
}

#[derive(Deserialize)]
pub struct PageQuery {
    limit: Option<i64>,
    before: Option<String>,
}

#[derive(Serialize)]
pub struct Page {
    statuses: Vec<Status>,
    next_before: Option<String>,
}

/// The place of a status in the timeline. Remains valid when that status is deleted.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cursor {
    created_at: OffsetDateTime,
    id: Uuid,
}

impl Cursor {
    fn of(status: &Status) -> Self {
        Self {
            created_at: status.created_at,
            id: status.id,
        }
    }

    fn encode(self) -> String {
        format!(
            "{}_{}",
            self.created_at.unix_timestamp_nanos() / 1000,
            self.id.simple()
        )
    }

    fn decode(text: &str) -> Option<Self> {
        let (micros, id) = text.split_once('_')?;
        let nanos = i128::from(micros.parse::<i64>().ok()?) * 1000;
        Some(Self {
            created_at: OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()?,
            id: id.parse().ok()?,
        })
    }
}

pub async fn list(
    State(state): State<AppState>,
    _: AuthUser,
    Query(query): Query<PageQuery>,
) -> Result<Answer<Page>, ApiError> {
    let limit = query.limit.unwrap_or(PAGE_DEFAULT);
    if !(1..=PAGE_MAX).contains(&limit) {
        let message = format!("must be 1 to {PAGE_MAX}");
        return Err(ApiError::invalid("limit", message));
    }
    let before = match query.before {
        None => None,
        Some(text) => Some(Cursor::decode(&text).ok_or_else(|| {
            ApiError::invalid("before", "must be the next_before of the previous page")
        })?),
    };
    let mut statuses = find_page(&state.pool, limit + 1, before).await?;
    let more = statuses.len() as i64 > limit;
    statuses.truncate(limit as usize);
    let next_before = statuses
        .last()
        .filter(|_| more)
        .map(|last| Cursor::of(last).encode());
    Ok(Answer(Page {
        statuses,
        next_before,
    }))
}

pub async fn show(
    State(state): State<AppState>,
    _: AuthUser,
    Path(id): Path<String>,
) -> Result<Answer<Status>, ApiError> {
    let status = find(&state.pool, parse_id(&id)?).await?;
    status.map(Answer).ok_or(ApiError::NotFound)
}

pub async fn create(
    State(state): State<AppState>,
    user: AuthUser,
    headers: HeaderMap,
    Json(input): Json<StatusInput>,
) -> Result<(StatusCode, Answer<Status>), ApiError> {
    let input = input.checked()?;
    let key = idempotency_key(&headers)?;

    let mut transaction = state.pool.begin().await?;
    if let Some(status) = insert(&mut transaction, user.id, &input, key).await? {
        feed::notify(&mut *transaction, Op::Created, status.id).await?;
        transaction.commit().await?;
        return Ok((StatusCode::CREATED, Answer(status)));
    }
    transaction.rollback().await?;
    let status = find_original(&state.pool, user.id, &input, key).await?;
    Ok((StatusCode::OK, Answer(status)))
}

pub async fn update(
    State(state): State<AppState>,
    user: AuthUser,
    Path(id): Path<String>,
    Json(input): Json<StatusInput>,
) -> Result<Answer<Status>, ApiError> {
    let id = parse_id(&id)?;
    let input = input.checked()?;
    let mut transaction = state.pool.begin().await?;
    let changed = sqlx::query(
        "UPDATE statuses SET body = $3, mood = $4, updated_at = now()
         WHERE id = $1 AND user_id = $2",
    )
    .bind(id)
    .bind(user.id)
    .bind(&input.body)
    .bind(&input.mood)
    .execute(&mut *transaction)
    .await?;
    let status = find(&mut *transaction, id)
        .await?
        .ok_or(ApiError::NotFound)?;
    if changed.rows_affected() == 0 {
        return Err(ApiError::Forbidden);
    }
    feed::notify(&mut *transaction, Op::Updated, id).await?;
    transaction.commit().await?;
    Ok(Answer(status))
}

pub async fn delete(
    State(state): State<AppState>,
    user: AuthUser,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let id = parse_id(&id)?;
    let mut transaction = state.pool.begin().await?;
    let deleted = sqlx::query("DELETE FROM statuses WHERE id = $1 AND user_id = $2")
        .bind(id)
        .bind(user.id)
        .execute(&mut *transaction)
        .await?;
    if deleted.rows_affected() == 0 {
        let exists = find(&mut *transaction, id).await?.is_some();
        return Err(if exists {
            ApiError::Forbidden
        } else {
            ApiError::NotFound
        });
    }
    feed::notify(&mut *transaction, Op::Deleted, id).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// No resource has such a name, which is not the same as a malformed request.
fn parse_id(text: &str) -> Result<Uuid, ApiError> {
    text.parse().map_err(|_| ApiError::NotFound)
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else {
        return Ok(None);
    };
    let key = value.to_str().unwrap_or_default();
    if (1..=IDEMPOTENCY_KEY_MAX).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(Some(key));
    }
    let message = format!("a key has 1 to {IDEMPOTENCY_KEY_MAX} visible ASCII characters");
    Err(ApiError::invalid("Idempotency-Key", message))
}

/// Inserts the status and, in the same statement, claims the key. A concurrent request with the
/// same key waits here for the first one. None if the key was claimed before.
async fn insert(
    connection: &mut PgConnection,
    user: Uuid,
    input: &StatusInput,
    key: Option<&str>,
) -> Result<Option<Status>, ApiError> {
    sqlx::query_as(
        "WITH claim AS (
             INSERT INTO idempotency_keys (user_id, key, fingerprint, status_id)
             SELECT $2, $5, sha256(convert_to($4 || ':' || $3, 'UTF8')), $1
             WHERE $5::text IS NOT NULL
             ON CONFLICT (user_id, key) DO NOTHING
             RETURNING status_id
         ), lifetime AS (
             SELECT make_interval(mins => coalesce(max(status_ttl_minutes), $6)) AS value
             FROM settings WHERE user_id = $2
         ), status AS (
             INSERT INTO statuses (id, user_id, body, mood, expires_at)
             SELECT $1, $2, $3, $4, now() + lifetime.value FROM lifetime
             WHERE $5::text IS NULL OR EXISTS (SELECT FROM claim)
             RETURNING id, user_id, body, mood, created_at, updated_at, expires_at
         )
         SELECT status.*, users.display_name
         FROM status JOIN users ON users.id = status.user_id",
    )
    .bind(Uuid::now_v7())
    .bind(user)
    .bind(&input.body)
    .bind(&input.mood)
    .bind(key)
    .bind(DEFAULT_TTL_MINUTES)
    .fetch_optional(connection)
    .await
    .map_err(|error| {
        if has_state(&error, FOREIGN_KEY_VIOLATION) {
            ApiError::Unauthorized
        } else {
            error.into()
        }
    })
}

/// What an earlier request with the same key made.
async fn find_original(
    pool: &PgPool,
    user: Uuid,
    input: &StatusInput,
    key: Option<&str>,
) -> Result<Status, ApiError> {
    let claim: Option<(Option<Uuid>, bool)> = sqlx::query_as(
        "SELECT status_id, fingerprint = sha256(convert_to($4 || ':' || $3, 'UTF8'))
         FROM idempotency_keys WHERE user_id = $1 AND key = $2",
    )
    .bind(user)
    .bind(key)
    .bind(&input.body)
    .bind(&input.mood)
    .fetch_optional(pool)
    .await?;
    match claim {
        Some((_, false)) => Err(ApiError::invalid(
            "Idempotency-Key",
            "the key was used with another content",
        )),
        Some((Some(id), true)) => find(pool, id).await?.ok_or(DELETED),
        _ => Err(DELETED),
    }
}

const DELETED: ApiError = ApiError::Conflict("the status made with this key was deleted");

pub async fn find(executor: impl PgExecutor<'_>, id: Uuid) -> Result<Option<Status>, sqlx::Error> {
    sqlx::query_as(
        "SELECT s.id, s.user_id, u.display_name, s.body, s.mood,
                s.created_at, s.updated_at, s.expires_at
         FROM statuses s JOIN users u ON u.id = s.user_id
         WHERE s.id = $1",
    )
    .bind(id)
    .fetch_optional(executor)
    .await
}

/// Walks the index on (created_at, id) from the cursor on, however deep in the timeline it is.
async fn find_page(
    pool: &PgPool,
    limit: i64,
    before: Option<Cursor>,
) -> Result<Vec<Status>, sqlx::Error> {
    sqlx::query_as(
        "SELECT s.id, s.user_id, u.display_name, s.body, s.mood,
                s.created_at, s.updated_at, s.expires_at
         FROM statuses s JOIN users u ON u.id = s.user_id
         WHERE (s.created_at, s.id) < (coalesce($1, 'infinity'::timestamptz), $2)
           AND (s.expires_at IS NULL OR s.expires_at > now())
         ORDER BY s.created_at DESC, s.id DESC
         LIMIT $3",
    )
    .bind(before.map(|cursor| cursor.created_at))
    .bind(before.map_or(Uuid::max(), |cursor| cursor.id))
    .bind(limit)
    .fetch_all(pool)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(body: &str, mood: &str) -> StatusInput {
        StatusInput {
            body: body.to_owned(),
            mood: mood.to_owned(),
        }
    }

    #[test]
    fn cursors_survive_the_journey() {
        let cursor = Cursor {
            created_at: OffsetDateTime::UNIX_EPOCH
                + time::Duration::microseconds(1_756_717_200_123_456),
            id: Uuid::now_v7(),
        };
        assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
        for bad in ["", "_", "1", "x_y", "99999999999999999999_0", "1_zz"] {
            assert_eq!(Cursor::decode(bad), None, "{bad}");
        }
    }

    #[test]
    fn input_is_trimmed_and_checked() {
        let checked = input("  writing\ndocs  ", "focused").checked();
        assert_eq!(
            checked.ok().map(|input| input.body),
            Some("writing\ndocs".to_owned())
        );
        assert!(input(&"絵".repeat(280), "off").checked().is_ok());
        assert!(input(&"絵".repeat(281), "off").checked().is_err());
        assert!(input(" \n", "off").checked().is_err());
        assert!(input("nul \0", "off").checked().is_err());
        assert!(input("fine", "sleepy").checked().is_err());
    }
}

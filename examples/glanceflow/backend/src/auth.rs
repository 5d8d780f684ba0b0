//! Accounts: registration, login, refresh, and the extractor that protects the other endpoints.

use axum::Json as Answer;
use axum::extract::{FromRequestParts, State};
use axum::http::{StatusCode, header, request::Parts};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::app::{App, AppState, Json};
use crate::error::{ApiError, has_state};
use crate::token::Token;

const EMAIL_MAX: usize = 254;
const PASSWORD_MIN: usize = 10;
const PASSWORD_MAX: usize = 128;
const DISPLAY_NAME_MAX: usize = 60;

const UNIQUE_VIOLATION: &str = "23505";

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Registration {
    email: String,
    password: String,
    display_name: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Credentials {
    email: String,
    password: String,
}

#[derive(Serialize)]
pub struct Profile {
    id: Uuid,
    email: String,
    display_name: String,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
}

/// The user a request was made by, as told by its bearer token.
pub struct AuthUser {
    pub id: Uuid,
}

impl FromRequestParts<AppState> for AuthUser {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let header = parts.headers.get(header::AUTHORIZATION);
        let (scheme, token) = header
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .ok_or(ApiError::Unauthorized)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(ApiError::Unauthorized);
        }
        let claims = state.tokens.verify(token.trim());
        claims
            .map(|claims| Self { id: claims.sub })
            .ok_or(ApiError::Unauthorized)
    }
}

pub async fn register(
    State(state): State<AppState>,
    Json(input): Json<Registration>,
) -> Result<(StatusCode, Answer<Token>), ApiError> {
    let email = normalize_email(&input.email)
        .ok_or_else(|| ApiError::invalid("email", "this is not an e-mail address"))?;
    check_password(&input.password)?;
    let display_name = check_display_name(&input.display_name)?;

    let hash = state.passwords.hash(input.password).await?;
    let id = Uuid::now_v7();
    sqlx::query(
        "INSERT INTO users (id, email, display_name, password_hash) VALUES ($1, $2, $3, $4)",
    )
    .bind(id)
    .bind(email)
    .bind(display_name)
    .bind(hash)
    .execute(&state.pool)
    .await
    .map_err(|error| {
        if has_state(&error, UNIQUE_VIOLATION) {
            ApiError::Conflict("there is an account with this e-mail address")
        } else {
            error.into()
        }
    })?;
    Ok((StatusCode::CREATED, issue(&state, id)?))
}

/// Takes the same time and gives the same answer for an unknown address and a wrong password.
pub async fn login(
    State(state): State<AppState>,
    Json(input): Json<Credentials>,
) -> Result<Answer<Token>, ApiError> {
    // An empty address belongs to nobody, so that even nonsense goes the same way.
    let email = normalize_email(&input.email).unwrap_or_default();
    let user: Option<(Uuid, String)> =
        sqlx::query_as("SELECT id, password_hash FROM users WHERE email = $1")
            .bind(email)
            .fetch_optional(&state.pool)
            .await?;
    let (id, hash) = user.unzip();
    let matches = state.passwords.verify(input.password, hash).await?;
    match id {
        Some(id) if matches => issue(&state, id),
        _ => Err(ApiError::Unauthorized),
    }
}

pub async fn refresh(
    State(state): State<AppState>,
    user: AuthUser,
) -> Result<Answer<Token>, ApiError> {
    // The account may be gone while its token is still valid.
    let profile = find_profile(&state, user.id).await?;
    issue(&state, profile.id)
}

pub async fn me(
    State(state): State<AppState>,
    user: AuthUser,
) -> Result<Answer<Profile>, ApiError> {
    Ok(Answer(find_profile(&state, user.id).await?))
}

async fn find_profile(state: &App, id: Uuid) -> Result<Profile, ApiError> {
    let row: Option<(String, String, OffsetDateTime)> =
        sqlx::query_as("SELECT email, display_name, created_at FROM users WHERE id = $1")
            .bind(id)
            .fetch_optional(&state.pool)
            .await?;
    let (email, display_name, created_at) = row.ok_or(ApiError::Unauthorized)?;
    Ok(Profile {
        id,
        email,
        display_name,
        created_at,
    })
}

fn issue(state: &App, user: Uuid) -> Result<Answer<Token>, ApiError> {
    let token = state.tokens.issue(user);
    token.map(Answer).map_err(|_| ApiError::Internal)
}

/// Only what surely cannot be an address is refused; whether it exists is for a message to find out.
fn normalize_email(value: &str) -> Option<String> {
    let email = value.trim().to_lowercase();
    let (local, domain) = email.split_once('@')?;
    let plain = !email.chars().any(|c| c.is_whitespace() || c.is_control());
    let complete = !local.is_empty() && !domain.is_empty() && !domain.contains('@');
    (plain && complete && email.len() <= EMAIL_MAX).then_some(email)
}

fn check_password(password: &str) -> Result<(), ApiError> {
    if (PASSWORD_MIN..=PASSWORD_MAX).contains(&password.chars().count()) {
        return Ok(());
    }
    let message = format!("a password has {PASSWORD_MIN} to {PASSWORD_MAX} characters");
    Err(ApiError::invalid("password", message))
}

fn check_display_name(value: &str) -> Result<&str, ApiError> {
    let name = value.trim();
    let length = name.chars().count();
    if (1..=DISPLAY_NAME_MAX).contains(&length) && !name.chars().any(char::is_control) {
        return Ok(name);
    }
    let message = format!("a name has 1 to {DISPLAY_NAME_MAX} characters, none of them invisible");
    Err(ApiError::invalid("display_name", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_normalized() {
        assert_eq!(
            normalize_email(" Ada@Example.ORG "),
            Some("ada@example.org".to_owned())
        );
        for bad in ["", "ada", "@example.org", "ada@", "a@b@c", "a b@c", "a\0@c"] {
            assert_eq!(normalize_email(bad), None, "{bad:?}");
        }
        assert_eq!(normalize_email(&format!("{}@c", "a".repeat(253))), None);
    }

    #[test]
    fn lengths_count_characters() {
        assert!(check_password("123456789").is_err());
        assert!(check_password("ääääääääää").is_ok());
        assert!(check_password(&"a".repeat(129)).is_err());
        assert!(check_display_name("  ").is_err());
        assert!(check_display_name("Ada\nLovelace").is_err());
        assert_eq!(check_display_name(" 絵 ").ok(), Some("絵"));
    }
}

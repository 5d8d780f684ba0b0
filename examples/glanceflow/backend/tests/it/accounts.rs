//! Accounts, tokens and settings.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn register_login_and_refresh() {
    let database = Database::create().await;
    let server = Server::start(&database).await;
    let user = server.register("ada").await;

    let credentials = json!({ "email": " ADA@example.org", "password": PASSWORD });
    let token = expect(server.post("/auth/login", &credentials).await, 200).await;
    assert_eq!(token["token_type"], "Bearer");
    assert_eq!(token["expires_in"], 12 * 60 * 60);

    let refreshed = user.request(Method::POST, "/auth/refresh").send().await;
    let refreshed = expect(refreshed.expect("answer"), 200).await;
    let user = User {
        server: &server,
        token: refreshed["token"].as_str().expect("token").to_owned(),
    };
    let me = expect(user.get("/api/me").await, 200).await;
    assert_eq!(me["email"], "ada@example.org");
    assert_eq!(me["display_name"], "ada");
    assert!(me["id"].is_string());

    let taken = json!({ "email": "ada@EXAMPLE.org", "password": PASSWORD, "display_name": "Eve" });
    expect_error(
        server.post("/auth/register", &taken).await,
        409,
        "conflict",
        None,
    )
    .await;
}

#[tokio::test]
async fn passwords_are_stored_as_argon2id() {
    let database = Database::create().await;
    let server = Server::start(&database).await;
    server.register("ada").await;
    let mut connection = database.connect().await;
    let hash: (String,) = sqlx::query_as("SELECT password_hash FROM users")
        .fetch_one(&mut connection)
        .await
        .expect("hash");
    assert!(
        hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{}",
        hash.0
    );
}

#[tokio::test]
async fn a_stranger_learns_nothing_from_login() {
    let database = Database::create().await;
    let server = Server::start(&database).await;
    server.register("ada").await;

    let attempt = async |email: &str| {
        let body = json!({ "email": email, "password": "not the password" });
        let mut fastest = Duration::MAX;
        let mut answer = String::new();
        for _ in 0..5 {
            let started = Instant::now();
            let response = server.post("/auth/login", &body).await;
            fastest = fastest.min(started.elapsed());
            assert_eq!(response.status(), 401);
            answer = response.text().await.expect("body");
        }
        (answer, fastest)
    };
    let (wrong, wrong_time) = attempt("ada@example.org").await;
    let (unknown, unknown_time) = attempt("eve@example.org").await;
    let (nonsense, nonsense_time) = attempt("\0").await;
    assert_eq!(wrong, unknown);
    assert_eq!(wrong, nonsense);
    // Without the decoy it would be less than a hundredth; a busy machine explains some difference.
    let least = wrong_time / 8;
    assert!(unknown_time > least, "{unknown_time:?} {wrong_time:?}");
    assert!(nonsense_time > least, "{nonsense_time:?} {wrong_time:?}");
}

#[tokio::test]
async fn everything_under_api_needs_a_token() {
    let database = Database::create().await;
    let server = Server::start(&database).await;
    let user = server.register("ada").await;
    let id = "00000000-0000-0000-0000-000000000000";
    let protected = [
        (Method::POST, "/auth/refresh".to_owned()),
        (Method::GET, "/api/me".to_owned()),
        (Method::GET, "/api/settings".to_owned()),
        (Method::PUT, "/api/settings".to_owned()),
        (Method::GET, "/api/statuses".to_owned()),
        (Method::POST, "/api/statuses".to_owned()),
        (Method::GET, format!("/api/statuses/{id}")),
        (Method::PUT, format!("/api/statuses/{id}")),
        (Method::DELETE, format!("/api/statuses/{id}")),
    ];
    for (method, path) in protected {
        let plain = server.request(method.clone(), &path);
        let forged = server.request(method.clone(), &path).bearer_auth("a.b.c");
        let basic = server
            .request(method.clone(), &path)
            .basic_auth("ada", Some(PASSWORD));
        let query = server.request(method, &format!("{path}?token={}", user.token));
        for request in [plain, forged, basic, query] {
            let response = request.send().await.expect("answer");
            assert_eq!(response.headers()["www-authenticate"], "Bearer");
            expect_error(response, 401, "unauthorized", None).await;
        }
    }
}

#[tokio::test]
async fn a_token_ends_with_its_account() {
    let database = Database::create().await;
    let server = Server::start(&database).await;
    let user = server.register("ada").await;
    user.write("soon gone").await;
    database.execute("DELETE FROM users").await;

    let refresh = user.request(Method::POST, "/auth/refresh").send().await;
    expect_error(refresh.expect("answer"), 401, "unauthorized", None).await;
    expect_error(user.get("/api/me").await, 401, "unauthorized", None).await;
    let created = user.create(&status("too late"), Some("key")).await;
    expect_error(created, 401, "unauthorized", None).await;
    let settings = json!({ "timezone": "UTC", "status_ttl_minutes": 60 });
    let saved = user.put("/api/settings", &settings).await;
    expect_error(saved, 401, "unauthorized", None).await;
}

#[tokio::test]
async fn registration_is_checked() {
    let database = Database::create().await;
    let server = Server::start(&database).await;
    let valid = json!({ "email": "a@example.org", "password": PASSWORD, "display_name": "A" });
    let cases = [
        ("email", json!("nobody")),
        ("email", json!("a\u{0}@example.org")),
        ("password", json!("too short")),
        ("password", json!("x".repeat(129))),
        ("display_name", json!("  ")),
        ("display_name", json!("x".repeat(61))),
    ];
    for (field, value) in cases {
        let mut body = valid.clone();
        body[field] = value;
        let response = server.post("/auth/register", &body).await;
        expect_error(response, 422, "validation", Some(field)).await;
    }
    let response = server.post("/auth/register", &json!({})).await;
    expect_error(response, 422, "validation", Some("email")).await;
}

#[tokio::test]
async fn settings_are_checked_and_kept() {
    let database = Database::create().await;
    let server = Server::start(&database).await;
    let user = server.register("ada").await;
    let defaults = json!({ "timezone": "UTC", "status_ttl_minutes": 480 });
    assert_eq!(expect(user.get("/api/settings").await, 200).await, defaults);

    for ttl in [60, 90] {
        let settings = json!({ "timezone": "Europe/Berlin", "status_ttl_minutes": ttl });
        let saved = expect(user.put("/api/settings", &settings).await, 200).await;
        assert_eq!(saved, settings);
        assert_eq!(expect(user.get("/api/settings").await, 200).await, settings);
    }
    for timezone in ["", "Europe/Atlantis", "+01:00", "UTC\0"] {
        let settings = json!({ "timezone": timezone, "status_ttl_minutes": 60 });
        let response = user.put("/api/settings", &settings).await;
        expect_error(response, 422, "validation", Some("timezone")).await;
    }
    for ttl in [4, 10_081] {
        let settings = json!({ "timezone": "UTC", "status_ttl_minutes": ttl });
        let response = user.put("/api/settings", &settings).await;
        expect_error(response, 422, "validation", Some("status_ttl_minutes")).await;
    }
    let mistyped = user.put("/api/settings", &json!({ "timezone": 1 })).await;
    expect_error(mistyped, 422, "validation", None).await;
}

//! From start to end: configuration, readiness, draining.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use sqlx::{Connection, Executor};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::sleep;

use crate::support::*;

/// Runs the program with nothing but these variables; it must refuse to start.
async fn refused(variables: &[(&str, &str)]) -> (Value, String) {
    let output = Command::new(PROGRAM)
        .env_clear()
        .envs(variables.iter().copied())
        .output()
        .await
        .expect("run");
    assert_eq!(output.status.code(), Some(78));
    let log = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(log.lines().count(), 1, "{log}");
    (serde_json::from_str(&log).expect("JSON"), log)
}

#[tokio::test]
async fn everything_that_is_missing_is_named() {
    let (line, _) = refused(&[("JWT_SECRET", "")]).await;
    assert_eq!(line["level"], "ERROR");
    assert_eq!(line["message"], "configuration refused");
    assert_eq!(
        line["missing"],
        "DATABASE_URL, JWT_SECRET, CORS_ORIGIN, RUST_LOG"
    );
    assert_eq!(line["invalid"], "");
}

#[tokio::test]
async fn everything_that_is_invalid_is_named_without_its_value() {
    let (line, log) = refused(&[
        ("DATABASE_URL", "mysql://wrong"),
        ("JWT_SECRET", "wrong"),
        ("CORS_ORIGIN", "*"),
        ("RUST_LOG", "wrong=wrong"),
        ("PORT", "wrong"),
        ("BIND_ADDR", "wrong"),
        ("DATABASE_POOL_MAX", "1"),
        ("RELEASE_VERSION", "wrong release"),
        ("SENTRY_DSN", "wrong"),
        ("APP_ENV", "wrong name"),
        ("READY_FD", "77"),
    ])
    .await;
    let invalid = line["invalid"].as_str().expect("invalid");
    for name in [
        "DATABASE_URL",
        "JWT_SECRET",
        "CORS_ORIGIN",
        "RUST_LOG",
        "PORT",
        "BIND_ADDR",
        "DATABASE_POOL_MAX",
        "RELEASE_VERSION",
        "SENTRY_DSN",
        "APP_ENV",
        "READY_FD",
    ] {
        assert!(invalid.contains(name), "{name}: {invalid}");
    }
    assert!(!log.contains("wrong"), "{log}");
    assert!(!invalid.contains("77"), "{invalid}");
}

#[tokio::test]
async fn readiness_follows_the_database() {
    let database = Database::create().await;
    let network = Network::to(&database, false).await;
    let server = Server::launch(&network.url()).await;
    assert_eq!(server.get("/healthz").await.status(), 200);
    let body = expect(server.get("/readyz").await, 503).await;
    assert_eq!(body, serde_json::json!({ "db": "unavailable" }));
    assert!(!server.notified());

    network.set_up(true);
    server.wait_ready().await;
    let body = expect(server.get("/readyz").await, 200).await;
    assert_eq!(body, serde_json::json!({ "db": "ok", "version": RELEASE }));

    network.set_up(false);
    eventually("503", async || server.get("/readyz").await.status() == 503).await;
    assert_eq!(server.get("/healthz").await.status(), 200);
    let login = serde_json::json!({ "email": "a@example.org", "password": PASSWORD });
    let response = server.post("/auth/login", &login).await;
    assert_eq!(response.headers()["retry-after"], "1");
    expect_error(response, 503, "unavailable", None).await;

    network.set_up(true);
    eventually("200", async || server.get("/readyz").await.status() == 200).await;
}

#[tokio::test]
async fn a_request_under_way_gets_its_answer() {
    let database = Database::create().await;
    let mut server = Server::start(&database).await;
    let user = server.register("ada").await;
    let mut blocker = database.connect().await;
    let mut lock = blocker.begin().await.expect("begin");
    lock.execute("LOCK TABLE statuses").await.expect("lock");

    let request = user
        .request(Method::POST, "/api/statuses")
        .json(&status("late"));
    let pending = tokio::spawn(async move { request.send().await.expect("answer") });
    sleep(Duration::from_millis(300)).await;
    server.signal("TERM").await;
    server.wait_log("draining").await;

    let response = server.get("/readyz").await;
    assert_eq!(response.headers()["connection"], "close");
    assert_eq!(expect(response, 503).await["draining"], true);
    sleep(Duration::from_millis(1500)).await;
    let closed = server.request(Method::GET, "/healthz").send().await;
    assert!(closed.is_err_and(|error| error.is_connect()));

    assert!(!pending.is_finished());
    lock.rollback().await.expect("unlock");
    let response = pending.await.expect("task");
    assert_eq!(response.headers()["connection"], "close");
    assert_eq!(expect(response, 201).await["body"], "late");
    assert_eq!(server.exit().await.0, Some(0));
    server.wait_log("stopped").await;
}

#[tokio::test]
async fn an_idle_process_stops_quickly() {
    let database = Database::create().await;
    for signal in ["TERM", "INT"] {
        let mut server = Server::start(&database).await;
        // An idle keep-alive connection is no reason to wait.
        server.get("/healthz").await;
        server.signal(signal).await;
        let (code, elapsed) = server.exit().await;
        assert_eq!(code, Some(0));
        assert!(elapsed < Duration::from_secs(3), "{elapsed:?}");
    }
}

#[tokio::test]
async fn it_stops_without_a_database() {
    let database = Database::create().await;
    let network = Network::to(&database, false).await;
    let mut server = Server::launch(&network.url()).await;
    server.signal("TERM").await;
    let (code, elapsed) = server.exit().await;
    assert_eq!(code, Some(0));
    assert!(elapsed < Duration::from_secs(5), "{elapsed:?}");
}

/// Half a request, and a WebSocket that ignores the close frame.
#[tokio::test]
async fn clients_that_do_not_cooperate_cannot_hold_it_up() {
    let database = Database::create().await;
    let mut server = Server::start(&database).await;
    let user = server.register("ada").await;
    let _deaf = user.feed().await;
    let address = server.url.strip_prefix("http://").expect("address");
    let mut half = TcpStream::connect(address).await.expect("connect");
    half.write_all(b"POST /auth/login HTTP/1.1\r\nhost: x\r\n")
        .await
        .expect("write");
    sleep(Duration::from_millis(200)).await;

    server.signal("TERM").await;
    let (code, elapsed) = server.exit().await;
    assert_eq!(code, Some(0));
    assert!(elapsed < Duration::from_secs(10), "{elapsed:?}");
    let mut rest = Vec::new();
    let _ = half.read_to_end(&mut rest).await;
    assert!(rest.is_empty());
}

#[tokio::test]
async fn a_taken_port_is_a_failure() {
    let database = Database::create().await;
    let server = Server::start(&database).await;
    let (_, port) = server.url.rsplit_once(':').expect("port");
    let output = Command::new(PROGRAM)
        .env_clear()
        .env("BIND_ADDR", "127.0.0.1")
        .env("PORT", port)
        .env("DATABASE_URL", database.url())
        .env("JWT_SECRET", SECRET)
        .env("CORS_ORIGIN", ORIGIN)
        .env("RUST_LOG", "error")
        .output()
        .await
        .expect("run");
    assert_eq!(output.status.code(), Some(1));
}

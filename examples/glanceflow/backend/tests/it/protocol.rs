//! HTTP around the endpoints: errors, CORS, identification, logging.

use reqwest::{Method, Response};
use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn every_error_has_the_same_shape() {
    let database = Database::create().await;
    let server = Server::start(&database).await;
    let send = async |request: reqwest::RequestBuilder| request.send().await.expect("answer");
    let login = || server.request(Method::POST, "/auth/login");

    expect_error(server.get("/nothing").await, 404, "not_found", None).await;
    let response = server.get("/auth/login").await;
    assert_eq!(response.headers()["allow"], "POST");
    expect_error(response, 405, "method_not_allowed", None).await;
    let response = send(login().header("content-type", "application/json").body("{")).await;
    expect_error(response, 400, "bad_request", None).await;
    let response = send(login().body("email=a")).await;
    expect_error(response, 415, "unsupported_media_type", None).await;
    expect_error(server.get("/ws").await, 400, "bad_request", None).await;
    let large = json!({ "email": "x".repeat(64 * 1024) });
    expect_error(
        server.post("/auth/login", &large).await,
        413,
        "too_large",
        None,
    )
    .await;
}

#[tokio::test]
async fn every_answer_is_identified() {
    let database = Database::create().await;
    let server = Server::start(&database).await;
    for path in ["/healthz", "/readyz", "/api/me", "/nothing"] {
        let response = server.get(path).await;
        assert_eq!(response.headers()["x-release"], RELEASE, "{path}");
        assert_eq!(response.headers()["x-request-id"].len(), 36, "{path}");
    }
    let given = |id: &'static str| {
        server
            .request(Method::GET, "/healthz")
            .header("x-request-id", id)
    };
    let response = given("proxy-1").send().await.expect("answer");
    assert_eq!(response.headers()["x-request-id"], "proxy-1");
    let response = given("\"}").send().await.expect("answer");
    assert_ne!(response.headers()["x-request-id"], "\"}");
}

async fn preflight(server: &Server, origin: &str) -> Response {
    server
        .request(Method::OPTIONS, "/api/statuses")
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "authorization,idempotency-key",
        )
        .send()
        .await
        .expect("answer")
}

#[tokio::test]
async fn only_known_origins_pass() {
    let database = Database::create().await;
    let server = Server::start(&database).await;
    for origin in [ORIGIN, "http://127.0.0.1:5173"] {
        let response = preflight(&server, origin).await;
        assert_eq!(response.status(), 200);
        let headers = response.headers();
        assert_eq!(headers["access-control-allow-origin"], origin);
        assert_eq!(
            headers["access-control-allow-methods"],
            "GET,POST,PUT,DELETE"
        );
        assert_eq!(
            headers["access-control-allow-headers"],
            "authorization,content-type,idempotency-key"
        );
        assert!(!headers.contains_key("access-control-allow-credentials"));
    }
    let response = preflight(&server, "https://evil.example.com").await;
    assert!(
        !response
            .headers()
            .contains_key("access-control-allow-origin")
    );

    // Errors must be readable for the page as well.
    let request = server
        .request(Method::GET, "/api/me")
        .header("origin", ORIGIN);
    let response = request.send().await.expect("answer");
    assert_eq!(response.status(), 401);
    assert_eq!(response.headers()["access-control-allow-origin"], ORIGIN);
    assert_eq!(
        response.headers()["access-control-expose-headers"],
        "x-request-id,x-release,retry-after"
    );
}

#[tokio::test]
async fn the_log_tells_what_happened_but_not_to_whom() {
    let database = Database::create().await;
    let server = Server::start(&database).await;
    let user = server.register("zoe").await;
    let created = user.write("a private matter").await;
    let id = created["id"].as_str().expect("id");
    user.get(&format!("/api/statuses/{id}?secret=query")).await;
    server.get("/a-secret-path").await;

    let requests = || {
        let mut log = server.log();
        log.retain(|line| line["message"] == "request");
        log
    };
    eventually("four lines", async || requests().len() == 4).await;
    let lines = requests();
    let routes: Vec<_> = lines.iter().map(|line| line["route"].as_str()).collect();
    assert_eq!(
        routes,
        [
            Some("/auth/register"),
            Some("/api/statuses"),
            Some("/api/statuses/{id}"),
            Some("unmatched")
        ]
    );
    assert_eq!(lines[0]["method"], "POST");
    assert_eq!(lines[0]["status"], 201);
    assert_eq!(lines[0]["release"], RELEASE);
    assert!(lines[0]["latency_ms"].as_f64() > Some(1.0));
    assert!(lines[0]["request_id"].is_string());

    let log = server.raw_log();
    for private in [
        "zoe",
        PASSWORD,
        "private",
        &user.token,
        id,
        "secret",
        "query",
        "argon2",
    ] {
        assert!(!log.contains(private), "{private} is in the log:\n{log}");
    }
}

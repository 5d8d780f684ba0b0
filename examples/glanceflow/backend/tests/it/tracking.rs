//! What the error tracker is sent: errors of the log with release and environment, nothing else.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::support::*;

/// Takes envelopes as Sentry does, one request for each.
struct Tracker {
    dsn: String,
    envelopes: mpsc::UnboundedReceiver<String>,
}

impl Tracker {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let address = listener.local_addr().expect("address");
        let (sender, envelopes) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let envelope = receive(stream).await;
                if sender.send(envelope).is_err() {
                    return;
                }
            }
        });
        Self {
            dsn: format!("http://key@{address}/1"),
            envelopes,
        }
    }

    async fn next(&mut self) -> String {
        timeout(PATIENCE, self.envelopes.recv())
            .await
            .expect("an envelope in time")
            .expect("an envelope")
    }
}

/// The whole request, answered so that the connection ends.
async fn receive(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    while !is_complete(&bytes) {
        let mut part = [0; 4096];
        let len = stream.read(&mut part).await.expect("read");
        assert!(len > 0, "the request ends early");
        bytes.extend_from_slice(&part[..len]);
    }
    let answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";
    stream.write_all(answer).await.expect("write");
    String::from_utf8(bytes).expect("UTF-8")
}

fn is_complete(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let len = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>().expect("length"))
    });
    body.len() >= len.expect("content-length")
}

/// The event in an envelope: JSON lines of envelope, item and event.
fn event_of(envelope: &str) -> Value {
    let body = envelope.split("\r\n\r\n").nth(1).expect("body");
    let line = body.lines().nth(2).expect("an event");
    serde_json::from_str(line).expect("JSON")
}

#[tokio::test]
async fn an_error_of_the_log_arrives_without_personal_data() {
    let mut tracker = Tracker::start().await;
    let database = Database::create().await;
    let network = Network::to(&database, true).await;
    let variables = [("SENTRY_DSN", tracker.dsn.as_str()), ("APP_ENV", "staging")];
    let server = Server::launch_with(&network.url(), &variables).await;
    server.wait_ready().await;
    let user = server.register("countess").await;

    network.set_up(false);
    let login = json!({ "email": "countess@example.org", "password": PASSWORD });
    expect(server.post("/auth/login", &login).await, 503).await;
    server.wait_log("database request failed").await;

    // The feed loses its connection, too, and may say so first.
    let envelope = loop {
        let envelope = tracker.next().await;
        if envelope.contains("database request failed") {
            break envelope;
        }
    };
    let event = event_of(&envelope);
    assert_eq!(event["release"], format!("glanceflow@{RELEASE}"));
    assert_eq!(event["environment"], "staging");
    for personal in ["countess", "example.org", PASSWORD, SECRET, &user.token] {
        assert!(!envelope.contains(personal), "{personal}: {envelope}");
    }
}

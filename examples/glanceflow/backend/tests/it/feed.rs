//! The live feed.

use std::time::Duration;

use serde_json::{Value, json};
use sqlx::Executor;
use tokio::time::sleep;

use crate::support::*;

#[tokio::test]
async fn the_first_message_must_be_a_valid_token() {
    let database = Database::create().await;
    let server = Server::start(&database).await;
    for message in [
        json!({ "type": "auth", "token": "a.b.c" }),
        json!({ "type": "ping" }),
        json!("hello"),
    ] {
        let mut feed = Feed::open(&server).await;
        feed.send(&message).await;
        assert_eq!(feed.closed().await, (1008, "token refused".to_owned()));
    }
    let silent = Feed::open(&server).await;
    assert_eq!(silent.closed().await.0, 4408);
}

#[tokio::test]
async fn changes_reach_the_clients_of_all_processes() {
    let database = Database::create().await;
    let blue = Server::start(&database).await;
    let green = Server::start(&database).await;
    let user = blue.register("ada").await;
    for server in [&blue, &green] {
        server.wait_log("the feed is listening").await;
    }
    let mut feeds = [user.feed().await, user.at(&green).feed().await];

    let created = user.write("hello").await;
    let path = format!("/api/statuses/{}", created["id"].as_str().expect("id"));
    let change = json!({ "body": "hello again", "mood": "off" });
    for feed in &mut feeds {
        assert_eq!(feed.next().await, event("created", &created));
    }
    let updated = expect(user.at(&green).put(&path, &change).await, 200).await;
    for feed in &mut feeds {
        assert_eq!(feed.next().await, event("updated", &updated));
    }
    expect(user.delete(&path).await, 204).await;
    for feed in &mut feeds {
        let gone = json!({ "id": created["id"] });
        assert_eq!(feed.next().await, event("deleted", &gone));
        feed.send(&json!({ "type": "from the future" })).await;
        feed.send(&json!({ "type": "ping" })).await;
        assert_eq!(feed.next().await, json!({ "type": "pong" }));
    }
}

fn event(op: &str, status: &Value) -> Value {
    json!({ "type": "status", "op": op, "status": status })
}

#[tokio::test]
async fn nothing_is_announced_that_was_not_done() {
    let database = Database::create().await;
    let server = Server::start(&database).await;
    let author = server.register("ada").await;
    let other = server.register("eve").await;
    server.wait_log("the feed is listening").await;
    let mut feed = other.feed().await;

    let created = expect(author.create(&status("one"), Some("key")).await, 201).await;
    expect(author.create(&status("one"), Some("key")).await, 200).await;
    let path = format!("/api/statuses/{}", created["id"].as_str().expect("id"));
    expect_error(other.delete(&path).await, 403, "forbidden", None).await;
    let last = author.write("two").await;
    assert_eq!(feed.next().await, event("created", &created));
    assert_eq!(feed.next().await, event("created", &last));
}

#[tokio::test]
async fn clients_are_told_to_reload_after_an_interruption() {
    let database = Database::create().await;
    let network = Network::to(&database, true).await;
    let server = Server::launch(&network.url()).await;
    server.wait_ready().await;
    let user = server.register("ada").await;
    server.wait_log("the feed is listening").await;
    let mut feed = user.feed().await;

    network.set_up(false);
    server.wait_log("the feed lost the database").await;
    network.set_up(true);
    assert_eq!(feed.next().await["type"], "ready");
    let created = user.write("back").await;
    assert_eq!(feed.next().await, event("created", &created));
}

#[tokio::test]
async fn a_restart_is_announced() {
    let database = Database::create().await;
    let mut server = Server::start(&database).await;
    let feed = server.register("ada").await.feed().await;
    let unauthenticated = Feed::open(&server).await;
    server.signal("TERM").await;
    let expected = (1012, "service restart, please reconnect".to_owned());
    assert_eq!(feed.closed().await, expected);
    assert_eq!(unauthenticated.closed().await, expected);
    let (code, elapsed) = server.exit().await;
    assert_eq!(code, Some(0));
    assert!(elapsed < Duration::from_secs(3), "{elapsed:?}");
}

/// More events than its connection can buffer go to a client that does not read, while another one
/// reads everything.
#[tokio::test]
async fn a_slow_client_is_sent_away_and_a_fast_one_is_not() {
    const EVENTS: usize = 3000;
    let database = Database::create().await;
    let server = Server::start(&database).await;
    let user = server.register("ada").await;
    server.wait_log("the feed is listening").await;
    let slow = user.feed_with_buffer(Some(4096)).await;
    let mut fast = user.feed().await;

    let text = "絵".repeat(280);
    let mut connection = database.connect().await;
    let flood = tokio::spawn(async move {
        // In portions, as PostgreSQL would not deliver equal notifications of one transaction.
        for portion in 0..EVENTS / 100 {
            let sql = format!(
                "WITH new AS (
                     INSERT INTO statuses (user_id, body, mood)
                     SELECT users.id, '{text}', 'busy' FROM users, generate_series(1, 100)
                     RETURNING id
                 )
                 SELECT count(pg_notify('status_changed', 'created:' || id)), {portion} FROM new"
            );
            connection.execute(sql.as_str()).await.expect("flood");
            sleep(Duration::from_millis(5)).await;
        }
    });
    for _ in 0..EVENTS {
        assert_eq!(fast.next().await["op"], "created");
    }
    flood.await.expect("flood");
    assert_eq!(slow.closed().await.0, 1013);
    fast.send(&json!({ "type": "ping" })).await;
    assert_eq!(fast.next().await["type"], "pong");
}

//! The timeline: writing, reading, ownership, idempotency, and two releases on one schema.

use std::collections::HashSet;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::*;

/// The last migration before the contracting ones.
const LAST_EXPAND: i64 = 20_260_915_090_400;

#[tokio::test]
async fn a_status_lives() {
    let database = Database::create().await;
    let server = Server::start(&database).await;
    let user = server.register("ada").await;
    let me = expect(user.get("/api/me").await, 200).await;

    let created = user.write("  writing docs ").await;
    assert_eq!(created["body"], "writing docs");
    assert_eq!(created["mood"], "focused");
    assert_eq!(
        created["author"],
        json!({ "id": me["id"], "display_name": "ada" })
    );
    assert_eq!(created["created_at"], created["updated_at"]);
    assert!(created["expires_at"].as_str() > created["created_at"].as_str());

    let path = format!("/api/statuses/{}", created["id"].as_str().expect("id"));
    assert_eq!(expect(user.get(&path).await, 200).await, created);

    let change = json!({ "body": "at lunch", "mood": "away" });
    let updated = expect(user.put(&path, &change).await, 200).await;
    assert_eq!(updated["body"], "at lunch");
    assert_eq!(updated["mood"], "away");
    assert_eq!(updated["created_at"], created["created_at"]);
    assert!(updated["updated_at"].as_str() > created["updated_at"].as_str());
    assert_eq!(user.timeline().await, [updated]);

    expect(user.delete(&path).await, 204).await;
    expect_error(user.get(&path).await, 404, "not_found", None).await;
    expect_error(user.delete(&path).await, 404, "not_found", None).await;
    expect_error(user.put(&path, &change).await, 404, "not_found", None).await;
    assert!(user.timeline().await.is_empty());
}

#[tokio::test]
async fn only_the_author_may_change_it() {
    let database = Database::create().await;
    let server = Server::start(&database).await;
    let author = server.register("ada").await;
    let other = server.register("eve").await;
    let created = author.write("mine").await;
    let path = format!("/api/statuses/{}", created["id"].as_str().expect("id"));

    expect_error(
        other.put(&path, &status("hers")).await,
        403,
        "forbidden",
        None,
    )
    .await;
    expect_error(other.delete(&path).await, 403, "forbidden", None).await;
    assert_eq!(expect(other.get(&path).await, 200).await, created);
    assert_eq!(other.timeline().await, [created]);
}

#[tokio::test]
async fn statuses_are_checked() {
    let database = Database::create().await;
    let server = Server::start(&database).await;
    let user = server.register("ada").await;
    let created = user.write("fine").await;
    let path = format!("/api/statuses/{}", created["id"].as_str().expect("id"));
    let cases = [
        ("body", json!({ "mood": "focused" })),
        ("body", json!({ "body": " ", "mood": "focused" })),
        (
            "body",
            json!({ "body": "x".repeat(281), "mood": "focused" }),
        ),
        ("body", json!({ "body": "nul \0", "mood": "focused" })),
        ("mood", json!({ "body": "x" })),
        ("mood", json!({ "body": "x", "mood": "sleepy" })),
    ];
    for (field, body) in cases {
        expect_error(
            user.create(&body, None).await,
            422,
            "validation",
            Some(field),
        )
        .await;
        expect_error(user.put(&path, &body).await, 422, "validation", Some(field)).await;
    }
    for (query, field) in [
        ("limit=0", Some("limit")),
        ("limit=101", Some("limit")),
        ("limit=x", None),
        ("before=x", Some("before")),
    ] {
        let response = user.get(&format!("/api/statuses?{query}")).await;
        expect_error(response, 422, "validation", field).await;
    }
    let nonsense = user.get("/api/statuses/not-an-id").await;
    expect_error(nonsense, 404, "not_found", None).await;
    assert_eq!(user.timeline().await, [created]);
}

#[tokio::test]
async fn pages_follow_each_other() {
    let database = Database::create().await;
    let server = Server::start(&database).await;
    let user = server.register("ada").await;
    let mut written = Vec::new();
    for number in 0..7 {
        written.push(user.write(&format!("number {number}")).await);
    }
    // Several with exactly the same time are the hard case.
    database
        .execute("UPDATE statuses SET created_at = '2026-09-01T09:00:00.123456Z'")
        .await;

    let first = expect(user.get("/api/statuses?limit=3").await, 200).await;
    let mut seen = ids(&first);
    // A page is found even if the status it starts after is gone.
    let path = format!("/api/statuses/{}", seen[2]);
    expect(user.delete(&path).await, 204).await;
    let mut next = first["next_before"].clone();
    while let Some(before) = next.as_str() {
        let page = user
            .get(&format!("/api/statuses?limit=3&before={before}"))
            .await;
        let page = expect(page, 200).await;
        seen.extend(ids(&page));
        next = page["next_before"].clone();
    }
    assert_eq!(seen.len(), 7);
    let unique: HashSet<_> = seen.iter().collect();
    assert_eq!(unique.len(), 7);
    assert!(seen.is_sorted_by(|a, b| a > b), "{seen:?}");
}

fn ids(page: &Value) -> Vec<String> {
    let statuses = page["statuses"].as_array().expect("statuses");
    statuses
        .iter()
        .map(|status| status["id"].as_str().expect("id").to_owned())
        .collect()
}

#[tokio::test]
async fn statuses_expire() {
    let database = Database::create().await;
    let server = Server::start(&database).await;
    let user = server.register("ada").await;
    let settings = json!({ "timezone": "UTC", "status_ttl_minutes": 7 });
    expect(user.put("/api/settings", &settings).await, 200).await;
    user.write("short").await;

    let mut connection = database.connect().await;
    let exact: (bool,) =
        sqlx::query_as("SELECT expires_at = created_at + interval '7 minutes' FROM statuses")
            .fetch_one(&mut connection)
            .await
            .expect("status");
    assert!(exact.0);
    database
        .execute("UPDATE statuses SET expires_at = now() - interval '1 second'")
        .await;
    assert!(user.timeline().await.is_empty());
}

#[tokio::test]
async fn a_repeated_request_makes_one_status() {
    let database = Database::create().await;
    let server = Server::start(&database).await;
    let user = server.register("ada").await;
    let other = server.register("eve").await;

    let first = expect(user.create(&status("once"), Some("k-1")).await, 201).await;
    let again = expect(user.create(&status("once"), Some("k-1")).await, 200).await;
    assert_eq!(first, again);
    let changed = user.create(&status("twice"), Some("k-1")).await;
    expect_error(changed, 422, "validation", Some("Idempotency-Key")).await;
    for key in ["", "with space", &"x".repeat(201)] {
        let refused = user.create(&status("once"), Some(key)).await;
        expect_error(refused, 422, "validation", Some("Idempotency-Key")).await;
    }
    // Keys belong to a user.
    let others = expect(other.create(&status("once"), Some("k-1")).await, 201).await;
    assert_ne!(others["id"], first["id"]);
    assert_eq!(user.timeline().await.len(), 2);

    let path = format!("/api/statuses/{}", first["id"].as_str().expect("id"));
    expect(user.delete(&path).await, 204).await;
    let late = user.create(&status("once"), Some("k-1")).await;
    expect_error(late, 409, "conflict", None).await;
    assert_eq!(user.timeline().await, [others]);
}

#[tokio::test]
async fn concurrent_repetitions_make_one_status() {
    let database = Database::create().await;
    let blue = Server::start(&database).await;
    let green = Server::start(&database).await;
    let user = blue.register("ada").await;

    let mut requests = JoinSet::new();
    for number in 0..40 {
        let server = if number % 2 == 0 { &blue } else { &green };
        let request = user
            .at(server)
            .request(reqwest::Method::POST, "/api/statuses")
            .header("idempotency-key", "the-same")
            .json(&status("once"));
        requests.spawn(async move { request.send().await.expect("answer") });
    }
    let mut made = HashSet::new();
    let mut created = 0;
    while let Some(response) = requests.join_next().await {
        let response = response.expect("task");
        let code = response.status().as_u16();
        created += usize::from(code == 201);
        let status = expect(response, if code == 201 { 201 } else { 200 }).await;
        made.insert(status["id"].as_str().expect("id").to_owned());
    }
    assert_eq!(created, 1);
    assert_eq!(made.len(), 1);
    assert_eq!(user.timeline().await.len(), 1);
}

/// The schema before and after the contracting migrations, and rows of an earlier release.
#[tokio::test]
async fn it_works_on_both_sides_of_the_contraction() {
    let database = Database::create_until(LAST_EXPAND).await;
    let server = Server::start(&database).await;
    let user = server.register("ada").await;
    user.write("expanded").await;

    // What the previous release writes while both are running.
    database
        .execute(
            "INSERT INTO statuses (user_id, body, availability, mood)
             SELECT id, 'from the previous release', 'busy', 'busy' FROM users",
        )
        .await;
    let timeline = user.timeline().await;
    assert_eq!(timeline.len(), 2);
    assert_eq!(timeline[0]["mood"], "busy");
    assert_eq!(timeline[0]["expires_at"], Value::Null);

    // The process goes on while the schema contracts under it, prepared statements included.
    database.migrate(i64::MAX).await;
    assert_eq!(user.timeline().await, timeline);
    user.write("contracted").await;
    assert_eq!(user.timeline().await.len(), 3);
}

/// Every release on the way finds the rows that the one before has left.
#[tokio::test]
async fn old_rows_are_carried_along() {
    let database = Database::create_until(20_260_901_090_300).await;
    database
        .execute(
            "INSERT INTO users (email, display_name, password_hash) VALUES ('a@b', 'A', 'x');
             INSERT INTO statuses (user_id, body, availability)
             SELECT id, 'from the first release', 'away' FROM users",
        )
        .await;
    database.migrate(i64::MAX).await;
    let server = Server::start(&database).await;
    let timeline = server.register("ada").await.timeline().await;
    assert_eq!(timeline.len(), 1);
    assert_eq!(timeline[0]["mood"], "away");
    let id = timeline[0]["id"].as_str().expect("id");
    assert!(Uuid::parse_str(id).is_ok());
}

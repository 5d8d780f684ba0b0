//! The live feed: changes of statuses, from PostgreSQL's notifications to WebSockets.
//!
//! Every process listens to the database, so that it does not matter which one made a change: two
//! releases that run next to each other feed the clients of both.

use std::io;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use sqlx::PgExecutor;
use sqlx::postgres::PgListener;
use time::OffsetDateTime;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::{interval, sleep, timeout};
use tracing::{debug, info, warn};
use uuid::Uuid;

use crate::app::{App, AppState};
use crate::error::{ApiError, describe};
use crate::statuses::{self, Status};
use crate::token::Claims;

const CHANNEL: &str = "status_changed";
/// Events a client may lag behind before it is sent away.
const BACKLOG: usize = 256;
/// A token and what is around it; nothing a client sends is longer.
const MESSAGE_LIMIT: usize = 4096;

const AUTH_LIMIT: Duration = Duration::from_secs(5);
const SEND_LIMIT: Duration = Duration::from_secs(5);
const CLOSE_LIMIT: Duration = Duration::from_secs(5);
const HEARTBEAT: Duration = Duration::from_secs(25);
/// Two heartbeats without an answer, and some time for the way.
const SILENCE_LIMIT: Duration = Duration::from_secs(65);
const PROBE_EVERY: Duration = Duration::from_secs(30);
const RECONNECT_MIN: Duration = Duration::from_millis(250);
const RECONNECT_MAX: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Op {
    Created,
    Updated,
    Deleted,
}

impl Op {
    fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Created, Self::Updated, Self::Deleted]
            .into_iter()
            .find(|op| op.as_str() == text)
    }
}

/// Tells all processes about a change, as soon as the transaction is committed.
pub async fn notify(executor: impl PgExecutor<'_>, op: Op, id: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT pg_notify($1, $2)")
        .bind(CHANNEL)
        .bind(format!("{}:{id}", op.as_str()))
        .execute(executor)
        .await
        .map(drop)
}

fn parse_notification(payload: &str) -> Option<(Op, Uuid)> {
    let (op, id) = payload.split_once(':')?;
    Some((Op::parse(op)?, id.parse().ok()?))
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum ServerMessage<'a> {
    Ready { release: &'a str },
    Pong,
    Status { op: Op, status: Change },
}

#[derive(Serialize)]
#[serde(untagged)]
enum Change {
    Present(Status),
    Gone { id: Uuid },
}

impl ServerMessage<'_> {
    fn to_text(&self) -> Utf8Bytes {
        serde_json::to_string(self).unwrap_or_default().into()
    }
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum ClientMessage {
    Auth {
        token: String,
    },
    Ping,
    #[serde(other)]
    Unknown,
}

/// Messages for all clients of this process, serialized once.
pub struct Feed(broadcast::Sender<Utf8Bytes>);

impl Feed {
    pub fn new() -> Self {
        Self(broadcast::Sender::new(BACKLOG))
    }

    fn publish(&self, message: &ServerMessage<'_>) {
        // It fails when there is no client, which is fine.
        let _ = self.0.send(message.to_text());
    }
}

/// Listens to the database for as long as the pool is open.
pub async fn listen(state: AppState) {
    let mut delay = RECONNECT_MIN;
    loop {
        let started = Instant::now();
        let error = match listen_once(&state).await {
            Ok(never) => match never {},
            Err(sqlx::Error::PoolClosed) => return,
            Err(error) => error,
        };
        warn!(cause = describe(&error), "the feed lost the database");
        if started.elapsed() > RECONNECT_MAX {
            delay = RECONNECT_MIN;
        }
        sleep(delay).await;
        delay = (delay * 2).min(RECONNECT_MAX);
    }
}

async fn listen_once(state: &App) -> Result<std::convert::Infallible, sqlx::Error> {
    let mut listener = PgListener::connect_with(&state.pool).await?;
    // Reconnecting is done by the caller, because the clients have to know about it.
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    info!("the feed is listening");
    // Whoever is connected may have missed something before.
    state.feed.publish(&ready(state));
    loop {
        match timeout(PROBE_EVERY, listener.try_recv()).await {
            Ok(Ok(Some(notification))) => relay_notification(state, notification.payload()).await?,
            Ok(Ok(None)) => return Err(io::Error::from(io::ErrorKind::ConnectionAborted).into()),
            Ok(Err(error)) => return Err(error),
            Err(_) => probe(&mut listener).await?,
        }
    }
}

/// A connection that only waits would not notice that the other side has disappeared.
async fn probe(listener: &mut PgListener) -> Result<(), sqlx::Error> {
    let query = sqlx::query("SELECT 1").execute(listener);
    match timeout(SEND_LIMIT, query).await {
        Ok(result) => result.map(drop),
        Err(_) => Err(io::Error::from(io::ErrorKind::TimedOut).into()),
    }
}

async fn relay_notification(state: &App, payload: &str) -> Result<(), sqlx::Error> {
    let Some((op, id)) = parse_notification(payload) else {
        debug!("unknown notification");
        return Ok(());
    };
    if state.feed.0.receiver_count() == 0 {
        return Ok(());
    }
    let change = match op {
        Op::Deleted => Some(Change::Gone { id }),
        // A row that is gone again is followed by a notification of its own.
        Op::Created | Op::Updated => statuses::find(&state.pool, id).await?.map(Change::Present),
    };
    if let Some(status) = change {
        state.feed.publish(&ServerMessage::Status { op, status });
    }
    Ok(())
}

fn ready(state: &App) -> ServerMessage<'_> {
    ServerMessage::Ready {
        release: &state.release,
    }
}

pub async fn connect(
    State(state): State<AppState>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let upgrade = upgrade?;
    if state.drain.has_begun() {
        return Err(ApiError::Unavailable);
    }
    // From before the answer on, so that shutdown cannot overlook this one.
    let tracked = state.drain.track_socket();
    Ok(upgrade
        .max_message_size(MESSAGE_LIMIT)
        .on_upgrade(async move |socket| {
            serve(socket, &state).await;
            drop(tracked);
        }))
}

/// Why a connection ends.
enum End {
    /// The client went away by itself.
    Gone,
    Close(u16, &'static str),
}

const REFUSED: End = End::Close(close_code::POLICY, "token refused");
const RESTART: End = End::Close(close_code::RESTART, "service restart, please reconnect");
const TOO_SLOW: End = End::Close(close_code::AGAIN, "too slow, please reconnect");
const EXPIRED: End = End::Close(4001, "token expired, please reconnect with a fresh one");
const SILENT: End = End::Close(4408, "no message in time");

async fn serve(mut socket: WebSocket, state: &App) {
    let started = Instant::now();
    let end = match authenticate(&mut socket, state).await {
        Ok(claims) => relay(&mut socket, state, &claims).await,
        Err(end) => end,
    };
    let code = match end {
        End::Gone => None,
        End::Close(code, reason) => {
            close(socket, code, reason).await;
            Some(code)
        }
    };
    info!(
        close_code = code,
        seconds = started.elapsed().as_secs_f64(),
        "feed connection closed"
    );
}

async fn authenticate(socket: &mut WebSocket, state: &App) -> Result<Claims, End> {
    let message = tokio::select! {
        message = timeout(AUTH_LIMIT, first_message(socket)) => message.map_err(|_| SILENT)??,
        () = state.drain.begun() => return Err(RESTART),
    };
    match serde_json::from_str(&message) {
        Ok(ClientMessage::Auth { token }) => state.tokens.verify(&token).ok_or(REFUSED),
        _ => Err(REFUSED),
    }
}

async fn first_message(socket: &mut WebSocket) -> Result<Utf8Bytes, End> {
    loop {
        match socket.recv().await {
            Some(Ok(Message::Text(text))) => return Ok(text),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Binary(_))) => return Err(REFUSED),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(End::Gone),
        }
    }
}

async fn relay(socket: &mut WebSocket, state: &App, claims: &Claims) -> End {
    match try_relay(socket, state, claims).await {
        Ok(never) => match never {},
        Err(end) => end,
    }
}

async fn try_relay(
    socket: &mut WebSocket,
    state: &App,
    claims: &Claims,
) -> Result<std::convert::Infallible, End> {
    // Subscribed before the client is told, so that nothing falls between a reload and the feed.
    let mut events = state.feed.0.subscribe();
    send(socket, state, Message::Text(ready(state).to_text())).await?;

    let expiry = sleep(remaining(claims));
    tokio::pin!(expiry);
    let mut heartbeat = interval(HEARTBEAT);
    let mut last_heard = Instant::now();
    loop {
        tokio::select! {
            () = state.drain.begun() => return Err(RESTART),
            () = &mut expiry => return Err(EXPIRED),
            _ = heartbeat.tick() => {
                if last_heard.elapsed() > SILENCE_LIMIT {
                    return Err(SILENT);
                }
                send(socket, state, Message::Ping(Default::default())).await?;
            }
            event = events.recv() => match event {
                Ok(text) => send(socket, state, Message::Text(text)).await?,
                Err(RecvError::Lagged(_)) => return Err(TOO_SLOW),
                Err(RecvError::Closed) => return Err(RESTART),
            },
            message = socket.recv() => {
                last_heard = Instant::now();
                answer(socket, state, message).await?;
            }
        }
    }
}

fn remaining(claims: &Claims) -> Duration {
    let seconds = claims.exp - OffsetDateTime::now_utc().unix_timestamp();
    Duration::from_secs(seconds.try_into().unwrap_or(0))
}

async fn answer(
    socket: &mut WebSocket,
    state: &App,
    message: Option<Result<Message, axum::Error>>,
) -> Result<(), End> {
    match message {
        Some(Ok(Message::Text(text))) => {
            // What is not understood is ignored, so that clients may know more than this release.
            if let Ok(ClientMessage::Ping) = serde_json::from_str(&text) {
                send(socket, state, Message::Text(ServerMessage::Pong.to_text())).await?;
            }
            Ok(())
        }
        Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) => Ok(()),
        Some(Ok(Message::Close(_)) | Err(_)) | None => Err(End::Gone),
    }
}

async fn send(socket: &mut WebSocket, state: &App, message: Message) -> Result<(), End> {
    tokio::select! {
        biased;
        sent = timeout(SEND_LIMIT, socket.send(message)) => match sent {
            Ok(result) => result.map_err(|_| End::Gone),
            Err(_) => Err(TOO_SLOW),
        },
        () = state.drain.begun() => Err(RESTART),
    }
}

/// Sends the close frame and waits for the client's, so that it surely arrives.
async fn close(mut socket: WebSocket, code: u16, reason: &'static str) {
    let frame = CloseFrame {
        code,
        reason: Utf8Bytes::from_static(reason),
    };
    let handshake = async {
        if socket.send(Message::Close(Some(frame))).await.is_ok() {
            while let Some(Ok(_)) = socket.recv().await {}
        }
    };
    // A client that does not answer in time is disconnected all the same.
    let _ = timeout(CLOSE_LIMIT, handshake).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notifications_are_understood() {
        let id = Uuid::now_v7();
        let parsed = parse_notification(&format!("deleted:{id}"));
        assert!(matches!(parsed, Some((Op::Deleted, parsed)) if parsed == id));
        for bad in ["", "created", "created:1", &format!("renamed:{id}")] {
            assert!(parse_notification(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn messages_have_the_documented_shape() {
        let id = Uuid::nil();
        let status = Change::Gone { id };
        let message = ServerMessage::Status {
            op: Op::Deleted,
            status,
        };
        let expected = format!(r#"{{"type":"status","op":"deleted","status":{{"id":"{id}"}}}}"#);
        assert_eq!(message.to_text().as_str(), expected);
        assert_eq!(ServerMessage::Pong.to_text().as_str(), r#"{"type":"pong"}"#);
        assert!(matches!(
            serde_json::from_str(r#"{"type":"later","x":1}"#),
            Ok(ClientMessage::Unknown)
        ));
    }
}

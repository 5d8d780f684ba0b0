//! Databases, servers and clients for the tests.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor, PgConnection};
use tokio::io::{AsyncBufReadExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};
use uuid::Uuid;

pub const ORIGIN: &str = "https://app.example.com";
pub const SECRET: &str = "a secret that is long enough for tests";
pub const RELEASE: &str = "test-1";
pub const PASSWORD: &str = "correct horse battery";

/// How long anything may take before the test fails.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The server that the tests may use.
pub fn database_server() -> PgConnectOptions {
    let url = env::var("TEST_DATABASE_URL").unwrap_or_else(|_| {
        panic!(
            "TEST_DATABASE_URL is not set. The tests need a PostgreSQL where they may create \
             databases, for example TEST_DATABASE_URL=postgres://postgres@127.0.0.1:5432/postgres"
        )
    });
    url.parse()
        .expect("TEST_DATABASE_URL is not a PostgreSQL URL")
}

/// A database of its own for one test, dropped at its end.
pub struct Database {
    pub options: PgConnectOptions,
}

impl Database {
    pub async fn create() -> Self {
        Self::create_until(i64::MAX).await
    }

    /// With the migrations up to a version, as an earlier release has left it.
    pub async fn create_until(version: i64) -> Self {
        let name = format!("glanceflow_test_{}", Uuid::new_v4().simple());
        let server = database_server();
        let mut connection = server.connect().await.expect("TEST_DATABASE_URL");
        connection
            .execute(format!("CREATE DATABASE {name}").as_str())
            .await
            .expect("create database");
        let database = Self {
            options: server.database(&name),
        };
        database.migrate(version).await;
        database
    }

    pub async fn migrate(&self, version: i64) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let mut migrator = Migrator::new(path).await.expect("migrations");
        migrator
            .migrations
            .to_mut()
            .retain(|item| item.version <= version);
        let mut connection = self.connect().await;
        migrator.run(&mut connection).await.expect("migrate");
    }

    pub async fn connect(&self) -> PgConnection {
        self.options.connect().await.expect("connect")
    }

    pub async fn execute(&self, sql: &str) {
        let mut connection = self.connect().await;
        connection.execute(sql).await.expect(sql);
        connection.close().await.expect("close");
    }

    pub fn url(&self) -> String {
        self.options.to_url_lossy().to_string()
    }
}

impl Drop for Database {
    /// On a thread with a runtime of its own: a failing test cannot wait in its runtime any more.
    fn drop(&mut self) {
        let name = self.options.get_database().unwrap_or_default().to_owned();
        let dropped = thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("runtime")
                .block_on(async {
                    let mut connection = database_server().connect().await?;
                    connection
                        .execute(format!("DROP DATABASE {name} WITH (FORCE)").as_str())
                        .await
                })
                .map(drop)
        });
        if !matches!(dropped.join(), Ok(Ok(()))) && !thread::panicking() {
            panic!("cannot drop a test database");
        }
    }
}

/// A way to the database that can be interrupted, as a network can.
pub struct Network {
    pub options: PgConnectOptions,
    up: watch::Sender<bool>,
}

impl Network {
    pub async fn to(database: &Database, up: bool) -> Self {
        let target = (
            database.options.get_host().to_owned(),
            database.options.get_port(),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let port = listener.local_addr().expect("address").port();
        let (sender, receiver) = watch::channel(up);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(forward(client, target.clone(), receiver.clone()));
            }
        });
        Self {
            options: database.options.clone().host("127.0.0.1").port(port),
            up: sender,
        }
    }

    pub fn url(&self) -> String {
        self.options.to_url_lossy().to_string()
    }

    pub fn set_up(&self, up: bool) {
        self.up.send_replace(up);
    }
}

async fn forward(mut client: TcpStream, target: (String, u16), mut up: watch::Receiver<bool>) {
    if !*up.borrow_and_update() {
        return;
    }
    let mut server = TcpStream::connect(target).await.expect("database");
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        _ = up.changed() => {}
    }
}

/// The program, as a supervisor would run it.
pub struct Server {
    pub url: String,
    child: Child,
    log: Arc<Mutex<Vec<String>>>,
    ready_file: PathBuf,
    http: reqwest::Client,
}

impl Server {
    pub async fn start(database: &Database) -> Self {
        let server = Self::launch(&database.url()).await;
        server.wait_ready().await;
        server
    }

    /// Does not wait for readiness. The shell provides a descriptor for READY_FD, then becomes the
    /// program.
    pub async fn launch(database_url: &str) -> Self {
        Self::launch_with(database_url, &[]).await
    }

    /// With more variables than the usual ones.
    pub async fn launch_with(database_url: &str, variables: &[(&str, &str)]) -> Self {
        let ready_file = env::temp_dir().join(format!("glanceflow-ready-{}", Uuid::new_v4()));
        let mut child = Command::new("/bin/sh")
            .args(["-c", r#"exec "$0" 3>"$READY_FILE""#, PROGRAM])
            .env_clear()
            .env("READY_FILE", &ready_file)
            .env("READY_FD", "3")
            .env("BIND_ADDR", "127.0.0.1")
            .env("PORT", "0")
            .env("DATABASE_URL", database_url)
            .env("JWT_SECRET", SECRET)
            .env("CORS_ORIGIN", format!("{ORIGIN},http://127.0.0.1:5173"))
            .env("RUST_LOG", "info")
            .env("RELEASE_VERSION", RELEASE)
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("start");
        let log = collect_lines(&mut child);
        let mut server = Self {
            url: String::new(),
            child,
            log,
            ready_file,
            http: reqwest::Client::new(),
        };
        let listening = server.wait_log("listening").await;
        server.url = format!("http://{}", listening["address"].as_str().expect("address"));
        server
    }

    pub async fn wait_ready(&self) {
        eventually("the notification", async || self.notified()).await;
    }

    pub fn notified(&self) -> bool {
        fs::read(&self.ready_file).is_ok_and(|content| content == b"\n")
    }

    pub fn log(&self) -> Vec<Value> {
        let lines = self.log.lock().expect("log");
        lines
            .iter()
            .map(|line| serde_json::from_str(line).expect("a log line is JSON"))
            .collect()
    }

    pub fn raw_log(&self) -> String {
        self.log.lock().expect("log").join("\n")
    }

    pub async fn wait_log(&self, message: &str) -> Value {
        let find = || {
            self.log()
                .into_iter()
                .find(|line| line["message"] == message)
        };
        eventually(message, async || find().is_some()).await;
        find().expect("log line")
    }

    pub async fn signal(&self, name: &str) {
        let pid = self.child.id().expect("running").to_string();
        let status = Command::new("kill").args(["-s", name, &pid]).status().await;
        assert!(status.expect("kill").success());
    }

    /// Waits for the end of the process.
    pub async fn exit(&mut self) -> (Option<i32>, Duration) {
        let started = Instant::now();
        let status = timeout(PATIENCE, self.child.wait()).await;
        (
            status.expect("exit").expect("status").code(),
            started.elapsed(),
        )
    }

    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    pub async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path)
            .send()
            .await
            .expect("answer")
    }

    pub async fn post(&self, path: &str, body: &Value) -> Response {
        let request = self.request(Method::POST, path).json(body);
        request.send().await.expect("answer")
    }

    pub async fn register(&self, name: &str) -> User<'_> {
        let body = json!({
            "email": format!("{name}@example.org"),
            "password": PASSWORD,
            "display_name": name,
        });
        let answer = expect(self.post("/auth/register", &body).await, 201).await;
        User {
            server: self,
            token: answer["token"].as_str().expect("token").to_owned(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.ready_file);
        if thread::panicking() {
            eprintln!("--- log of {}\n{}", self.url, self.raw_log());
        }
    }
}

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_glanceflow");

fn collect_lines(child: &mut Child) -> Arc<Mutex<Vec<String>>> {
    let log = Arc::new(Mutex::new(Vec::new()));
    let lines = Arc::clone(&log);
    let stdout = child.stdout.take().expect("stdout");
    tokio::spawn(async move {
        let mut reader = BufReader::new(stdout).lines();
        while let Ok(Some(line)) = reader.next_line().await {
            lines.lock().expect("log").push(line);
        }
    });
    log
}

/// A registered user, at one of the servers.
pub struct User<'a> {
    pub server: &'a Server,
    pub token: String,
}

impl<'a> User<'a> {
    /// The same user, talking to another process.
    pub fn at<'b>(&self, server: &'b Server) -> User<'b> {
        User {
            server,
            token: self.token.clone(),
        }
    }

    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.server.request(method, path).bearer_auth(&self.token)
    }

    pub async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path)
            .send()
            .await
            .expect("answer")
    }

    pub async fn put(&self, path: &str, body: &Value) -> Response {
        let request = self.request(Method::PUT, path).json(body);
        request.send().await.expect("answer")
    }

    pub async fn delete(&self, path: &str) -> Response {
        self.request(Method::DELETE, path)
            .send()
            .await
            .expect("answer")
    }

    pub async fn create(&self, body: &Value, key: Option<&str>) -> Response {
        let mut request = self.request(Method::POST, "/api/statuses").json(body);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        request.send().await.expect("answer")
    }

    pub async fn write(&self, text: &str) -> Value {
        expect(self.create(&status(text), None).await, 201).await
    }

    pub async fn timeline(&self) -> Vec<Value> {
        let page = expect(self.get("/api/statuses?limit=100").await, 200).await;
        page["statuses"].as_array().expect("statuses").clone()
    }

    /// A feed that is authenticated and ready.
    pub async fn feed(&self) -> Feed {
        self.feed_with_buffer(None).await
    }

    pub async fn feed_with_buffer(&self, size: Option<u32>) -> Feed {
        let mut feed = Feed::open_with_buffer(self.server, size).await;
        feed.send(&json!({ "type": "auth", "token": self.token }))
            .await;
        let ready = feed.next().await;
        assert_eq!(ready, json!({ "type": "ready", "release": RELEASE }));
        feed
    }
}

pub fn status(text: &str) -> Value {
    json!({ "body": text, "mood": "focused" })
}

/// Checks the status and returns the JSON of an answer, null if it is empty.
pub async fn expect(response: Response, status: u16) -> Value {
    let actual = response.status();
    let text = response.text().await.expect("body");
    assert_eq!(
        actual,
        StatusCode::from_u16(status).expect("status"),
        "{text}"
    );
    if text.is_empty() {
        return Value::Null;
    }
    serde_json::from_str(&text).expect("JSON")
}

/// Checks an error: status, code, and the field that is to blame.
pub async fn expect_error(response: Response, status: u16, code: &str, field: Option<&str>) {
    let body = expect(response, status).await;
    assert_eq!(body["error"], code, "{body}");
    assert_eq!(body["field"].as_str(), field, "{body}");
    assert!(body["message"].is_string(), "{body}");
}

/// Polls a condition that some other process makes true.
pub async fn eventually(what: &str, condition: impl AsyncFn() -> bool) {
    let started = Instant::now();
    while !condition().await {
        assert!(started.elapsed() < PATIENCE, "still waiting for: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// A client of the live feed.
pub struct Feed(WebSocketStream<TcpStream>);

impl Feed {
    pub async fn open(server: &Server) -> Self {
        Self::open_with_buffer(server, None).await
    }

    /// With a receive buffer of this size instead of the usual one.
    pub async fn open_with_buffer(server: &Server, size: Option<u32>) -> Self {
        let address = server.url.strip_prefix("http://").expect("address");
        let tcp = TcpSocket::new_v4().expect("socket");
        if let Some(size) = size {
            tcp.set_recv_buffer_size(size).expect("buffer");
        }
        let stream = tcp.connect(address.parse().expect("address")).await;
        let request = format!("ws://{address}/ws");
        let (socket, response) = client_async(request, stream.expect("connect"))
            .await
            .expect("feed");
        assert_eq!(response.headers()["x-release"], RELEASE);
        Self(socket)
    }

    pub async fn send(&mut self, message: &Value) {
        let message = Message::text(message.to_string());
        self.0.send(message).await.expect("send");
    }

    async fn receive(&mut self) -> Message {
        loop {
            let message = timeout(PATIENCE, self.0.next()).await.expect("in time");
            match message.expect("open").expect("message") {
                Message::Ping(_) | Message::Pong(_) => {}
                message => return message,
            }
        }
    }

    pub async fn next(&mut self) -> Value {
        match self.receive().await {
            Message::Text(text) => serde_json::from_str(&text).expect("JSON"),
            other => panic!("unexpected {other:?}"),
        }
    }

    /// Skips messages up to the close frame and completes the handshake.
    pub async fn closed(mut self) -> (u16, String) {
        let frame = loop {
            match self.receive().await {
                Message::Text(_) => {}
                Message::Close(Some(frame)) => break frame,
                other => panic!("unexpected {other:?}"),
            }
        };
        // Reading on sends the answer; after it the server closes the connection.
        let rest = timeout(PATIENCE, self.0.next()).await.expect("in time");
        assert!(!matches!(rest, Some(Ok(_))), "{rest:?}");
        (frame.code.into(), frame.reason.to_string())
    }
}

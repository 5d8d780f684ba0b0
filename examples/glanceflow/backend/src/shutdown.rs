//! Shutdown: from the first signal to the end of the process, in less than ten seconds.
//!
//! 1. `/readyz` turns 503, and every WebSocket is asked to reconnect.
//! 2. For `NOTICE` new connections are still answered, so that whoever routes requests can see it.
//! 3. The listener closes, and requests that are under way get their answers.
//! 4. The connections to the database are closed.

use std::future::IntoFuture;
use std::io;
use std::process::exit;
use std::thread;
use std::time::{Duration, Instant};

use axum::Router;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;
use tracing::{error, info, warn};

use crate::app::AppState;

const NOTICE: Duration = Duration::from_secs(1);
const SOCKETS_LIMIT: Duration = Duration::from_secs(7);
/// A little more than a request may take.
const REQUESTS_LIMIT: Duration = Duration::from_millis(6500);
const POOL_LIMIT: Duration = Duration::from_millis(1500);
const HARD_LIMIT: Duration = Duration::from_millis(9500);

/// Whether the process is on its way out, and which WebSockets still have to be told.
#[derive(Default)]
pub struct Drain {
    begun: CancellationToken,
    sockets: TaskTracker,
}

impl Drain {
    pub fn has_begun(&self) -> bool {
        self.begun.is_cancelled()
    }

    pub async fn begun(&self) {
        self.begun.cancelled().await;
    }

    /// Shutdown waits for the owner of the result.
    pub fn track_socket(&self) -> TaskTrackerToken {
        self.sockets.token()
    }

    async fn sockets_closed(&self) {
        self.sockets.close();
        if timeout(SOCKETS_LIMIT, self.sockets.wait()).await.is_err() {
            warn!(
                sockets = self.sockets.len(),
                "WebSockets did not close in time"
            );
        }
    }
}

pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// From here on the signals are kept for `received` instead of killing the process.
    pub fn install() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn received(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

/// Serves until a signal arrives and everything has come to its end.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    state: &AppState,
    mut signals: Signals,
) -> io::Result<()> {
    let stop = CancellationToken::new();
    let listener = listener.tap_io(|stream| {
        // Without it small feed messages would wait for acknowledgements; failing is harmless.
        let _ = stream.set_nodelay(true);
    });
    let server = axum::serve(listener, router)
        .with_graceful_shutdown(stop.clone().cancelled_owned())
        .into_future();
    let server = tokio::spawn(server);

    let signal = signals.received().await;
    let started = Instant::now();
    thread::spawn(enforce_hard_limit);
    info!(signal, "draining");
    state.drain.begun.cancel();

    let requests = async {
        sleep(NOTICE).await;
        stop.cancel();
        timeout(REQUESTS_LIMIT, server).await
    };
    let ((), requests) = tokio::join!(state.drain.sockets_closed(), requests);
    match requests {
        Ok(served) => served.map_err(io::Error::other)??,
        Err(_) => warn!("connections did not close in time"),
    }

    if timeout(POOL_LIMIT, state.pool.close()).await.is_err() {
        warn!("database connections did not close in time");
    }
    info!(seconds = started.elapsed().as_secs_f64(), "stopped");
    Ok(())
}

/// On a thread of its own, so that it works even if the runtime does not any more.
fn enforce_hard_limit() {
    thread::sleep(HARD_LIMIT);
    error!("shutdown took too long");
    exit(1);
}

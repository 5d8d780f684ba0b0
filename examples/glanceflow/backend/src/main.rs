//! The API of glanceflow, a timeline of what the people of a team are doing.

mod app;
mod auth;
mod config;
mod error;
mod feed;
mod health;
mod password;
mod settings;
mod shutdown;
mod statuses;
mod telemetry;
mod token;
mod tracking;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use tokio::net::TcpListener;
use tracing::{error, info};
use tracing_subscriber::EnvFilter;

use app::App;
use config::Config;
use shutdown::Signals;

/// `EX_CONFIG` of sysexits.h: starting again without a change of the environment is pointless.
const EXIT_CONFIG: u8 = 78;

fn main() -> ExitCode {
    match Config::from_env() {
        Ok(config) => start(config),
        Err(refused) => {
            telemetry::init(EnvFilter::new("error"));
            refused.log();
            ExitCode::from(EXIT_CONFIG)
        }
    }
}

fn start(mut config: Config) -> ExitCode {
    // Before the first error, and until the last one has been sent.
    let _tracking = tracking::init(&config);
    telemetry::init(std::mem::take(&mut config.log_filter));
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(cause) => {
            error!(%cause, "cannot start the runtime");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            error!(%cause, "failed");
            ExitCode::FAILURE
        }
    }
}

async fn run(config: Config) -> Result<(), Box<dyn Error>> {
    let signals = Signals::install()?;
    let state = App::new(&config)?;
    let listener = TcpListener::bind(config.address).await?;
    info!(address = %listener.local_addr()?, release = state.release, "listening");

    tokio::spawn(health::announce(Arc::clone(&state), config.ready_fd));
    tokio::spawn(feed::listen(Arc::clone(&state)));
    let router = app::router(&state, config.cors_origins);
    shutdown::serve(listener, router, &state, signals).await?;
    Ok(())
}

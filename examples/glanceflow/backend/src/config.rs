//! Configuration: read from the environment and checked completely before anything starts.

use std::env::{self, VarError};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::fd::RawFd;
use std::path::Path;

use axum::http::HeaderValue;
use sentry::types::Dsn;
use sqlx::postgres::PgConnectOptions;
use tracing::error;
use tracing_subscriber::EnvFilter;

/// HS256 keys shorter than the hash are weaker than the hash (RFC 7518, 3.2).
const JWT_SECRET_MIN_BYTES: usize = 32;

/// Deliberately without `Debug`: it holds secrets.
pub struct Config {
    pub address: SocketAddr,
    pub app_env: String,
    pub cors_origins: Vec<HeaderValue>,
    pub database: PgConnectOptions,
    pub database_pool_max: u32,
    pub jwt_secret: String,
    pub log_filter: EnvFilter,
    pub ready_fd: Option<RawFd>,
    pub release: String,
    pub sentry_dsn: Option<Dsn>,
}

impl Config {
    pub fn from_env() -> Result<Self, Refused> {
        let mut refused = Refused::default();

        let database = refused.required("DATABASE_URL", env::var("DATABASE_URL"), parse_database);
        let secret = refused.required("JWT_SECRET", env::var("JWT_SECRET"), parse_secret);
        let origins = refused.required("CORS_ORIGIN", env::var("CORS_ORIGIN"), parse_origins);
        let filter = refused.required("RUST_LOG", env::var("RUST_LOG"), parse_filter);

        let ip = refused.optional("BIND_ADDR", env::var("BIND_ADDR"), parse_ip);
        let port = refused.optional("PORT", env::var("PORT"), parse_port);
        let pool_max = refused.optional(
            "DATABASE_POOL_MAX",
            env::var("DATABASE_POOL_MAX"),
            parse_pool_max,
        );
        let release = refused.optional("RELEASE_VERSION", env::var("RELEASE_VERSION"), parse_name);
        let sentry_dsn = refused.optional("SENTRY_DSN", env::var("SENTRY_DSN"), parse_dsn);
        let app_env = refused.optional("APP_ENV", env::var("APP_ENV"), parse_name);
        let ready_fd = refused.optional("READY_FD", env::var("READY_FD"), parse_fd);

        match (database, secret, origins, filter) {
            (Some(database), Some(jwt_secret), Some(cors_origins), Some(log_filter))
                if refused.is_empty() =>
            {
                let ip = ip.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
                Ok(Self {
                    address: SocketAddr::new(ip, port.unwrap_or(8080)),
                    app_env: app_env.unwrap_or_else(|| "local".to_owned()),
                    cors_origins,
                    database,
                    database_pool_max: pool_max.unwrap_or(10),
                    jwt_secret,
                    log_filter,
                    ready_fd,
                    release: release.unwrap_or_else(|| "dev".to_owned()),
                    sentry_dsn,
                })
            }
            _ => Err(refused),
        }
    }
}

/// Everything that is wrong with the environment. Holds names and reasons, never values.
#[derive(Default)]
pub struct Refused {
    missing: Vec<&'static str>,
    invalid: Vec<(&'static str, &'static str)>,
}

type Parsed<T> = Result<T, &'static str>;

impl Refused {
    fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.invalid.is_empty()
    }

    fn required<T>(
        &mut self,
        name: &'static str,
        value: Result<String, VarError>,
        parse: fn(&str) -> Parsed<T>,
    ) -> Option<T> {
        if is_absent(&value) {
            self.missing.push(name);
        }
        self.optional(name, value, parse)
    }

    fn optional<T>(
        &mut self,
        name: &'static str,
        value: Result<String, VarError>,
        parse: fn(&str) -> Parsed<T>,
    ) -> Option<T> {
        if is_absent(&value) {
            return None;
        }
        let parsed = match value {
            Ok(value) => parse(value.trim()),
            Err(_) => Err("is not UTF-8"),
        };
        parsed
            .map_err(|reason| self.invalid.push((name, reason)))
            .ok()
    }

    pub fn log(&self) {
        let invalid: Vec<_> = self
            .invalid
            .iter()
            .map(|(name, reason)| format!("{name} {reason}"))
            .collect();
        error!(
            missing = self.missing.join(", "),
            invalid = invalid.join("; "),
            "configuration refused"
        );
    }
}

/// An empty variable counts as absent: that is how unset values arrive from many supervisors.
fn is_absent(value: &Result<String, VarError>) -> bool {
    match value {
        Ok(value) => value.trim().is_empty(),
        Err(error) => *error == VarError::NotPresent,
    }
}

fn parse_database(value: &str) -> Parsed<PgConnectOptions> {
    if !value.starts_with("postgres://") && !value.starts_with("postgresql://") {
        return Err("does not start with postgres:// or postgresql://");
    }
    value.parse().map_err(|_| "is not a PostgreSQL URL")
}

fn parse_secret(value: &str) -> Parsed<String> {
    if value.len() < JWT_SECRET_MIN_BYTES {
        return Err("is shorter than 32 bytes");
    }
    Ok(value.to_owned())
}

fn parse_origins(value: &str) -> Parsed<Vec<HeaderValue>> {
    value
        .split(',')
        .map(|origin| parse_origin(origin.trim()))
        .collect()
}

/// Exactly what browsers send in `Origin`: scheme, host, port unless it is the default one.
fn parse_origin(value: &str) -> Parsed<HeaderValue> {
    const REASON: &str = "holds something that is not an origin like https://app.example.com";
    let host = value
        .strip_prefix("https://")
        .or_else(|| value.strip_prefix("http://"))
        .ok_or(REASON)?;
    let allowed = |c: char| {
        c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | ':' | '[' | ']')
    };
    if host.is_empty() || !host.chars().all(allowed) {
        return Err(REASON);
    }
    HeaderValue::from_str(value).map_err(|_| REASON)
}

fn parse_filter(value: &str) -> Parsed<EnvFilter> {
    EnvFilter::builder()
        .parse(value)
        .map_err(|_| "is not a log filter like info or glanceflow=debug,info")
}

fn parse_ip(value: &str) -> Parsed<IpAddr> {
    value.parse().map_err(|_| "is not an IP address")
}

fn parse_port(value: &str) -> Parsed<u16> {
    value.parse().map_err(|_| "is not a port number")
}

/// One connection of the pool is used by the feed, so that a single one would not do.
fn parse_pool_max(value: &str) -> Parsed<u32> {
    match value.parse() {
        Ok(size) if (2..=1000).contains(&size) => Ok(size),
        _ => Err("is not a number from 2 to 1000"),
    }
}

fn parse_name(value: &str) -> Parsed<String> {
    if value.len() > 128 || !value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("is not up to 128 visible ASCII characters");
    }
    Ok(value.to_owned())
}

fn parse_dsn(value: &str) -> Parsed<Dsn> {
    value.parse().map_err(|_| "is not a DSN of Sentry")
}

/// Standard streams are refused, and so is a number that the supervisor did not really pass on.
fn parse_fd(value: &str) -> Parsed<RawFd> {
    match value.parse() {
        Ok(fd) if fd > 2 && Path::new(&format!("/proc/self/fd/{fd}")).exists() => Ok(fd),
        _ => Err("is not an open file descriptor above 2"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_exact() {
        assert_eq!(
            parse_origins("https://a.example, http://127.0.0.1:5173").map(|list| list.len()),
            Ok(2)
        );
        for bad in [
            "*",
            "https://*",
            "https://a.example/",
            "https://A.example",
            "a.example",
            "https://a.example,",
            "https://user@a.example",
        ] {
            assert!(parse_origins(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn numbers_have_limits() {
        assert_eq!(parse_pool_max("2"), Ok(2));
        assert!(parse_pool_max("1").is_err());
        assert!(parse_port("65536").is_err());
        assert!(parse_fd("2").is_err());
        assert!(parse_fd("999999").is_err());
    }

    #[test]
    fn database_must_be_postgresql() {
        assert!(
            parse_database("postgres://u:p@h/d?sslmode=verify-full&sslrootcert=/ca.pem").is_ok()
        );
        assert!(parse_database("postgres://h/d?sslmode=maybe").is_err());
        assert!(parse_database("mysql://h/d").is_err());
    }

    #[test]
    fn tracker_needs_a_dsn() {
        assert!(parse_dsn("https://key@sentry.example/1").is_ok());
        for bad in [
            "https://sentry.example/1",
            "https://key@sentry.example/",
            "key",
        ] {
            assert!(parse_dsn(bad).is_err(), "{bad}");
        }
    }
}

//! Tests of the whole program: its real binary against a real PostgreSQL.
//!
//! They need `TEST_DATABASE_URL`, see README.md.

mod accounts;
mod feed;
mod lifecycle;
mod protocol;
mod statuses;
mod support;
mod tracking;

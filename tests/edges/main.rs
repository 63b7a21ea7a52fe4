//! Whole runs over an environment outside: tools behind a loopback server that cannot be forked, that fail in the middle, and
//! that never answer. No task is lost, no call made twice.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

mod outside;
mod runs;
#[path = "../support/tables.rs"]
mod tables;

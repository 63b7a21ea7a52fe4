//! Servers that misbehave, budgets that end, keys that are echoed: whole runs of the binary against a loopback server
//! that does its worst, by seed. All tests share one server, which thinks up each good reply once.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

mod binary;
mod budget;
#[path = "../support/cast.rs"]
mod cast;
mod faults;
mod kills;
mod kinds;
mod secrets;
mod server;
mod storm;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "the cast needs some of it; the server here is another")]
mod support;

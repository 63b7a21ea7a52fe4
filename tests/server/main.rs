//! Runs and requests against a well-behaved loopback server.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

#[path = "../support/cast.rs"]
mod cast;
mod damage;
mod failing;
#[path = "../support/folder.rs"]
mod folder;
mod forms;
mod judges;
mod llm;
mod offline;
mod preview;
mod resume;
mod signals;
mod spend;
#[path = "../support/mod.rs"]
mod support;
mod target;

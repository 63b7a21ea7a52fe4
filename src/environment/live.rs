//! What an environment outside is to us: the one trait that those behind the handle implement.

use super::observation::Observation;
use crate::data::{ApiId, StateDiff, TaskContext, Tool};
use serde_json::Value;
use std::error::Error;
use std::fmt;
use std::pin::Pin;

/// What comes later, or cannot be had. An error says why; it leaves the task unfinished. What a tool says, refusals and
/// failures too, is no error.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T, Box<dyn Error + Send + Sync>>> + Send + 'a>>;

/// What the sessions of an environment can do beside calling tools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Abilities {
    /// A session can be copied. Its state is then its own, and is made again by the calls that led to it; where it cannot,
    /// the state is the world's, and stays when the session ends.
    pub forks: bool,
    /// It tells a number that changes when its state does.
    pub tells_state: bool,
    /// It tells what was changed in it.
    pub tells_changes: bool,
}

/// An environment outside. What its sessions say is remembered by the handle before anything acts on it, and each of
/// their operations ends with `limits.timeout_ms`.
pub trait Live: fmt::Debug + Send + Sync {
    /// Returns what stands for it in a run's identity and in messages.
    fn name(&self) -> String;

    /// Returns what its sessions can do.
    fn abilities(&self) -> Abilities;

    /// Begins a session for the tools of some APIs. Only asked for once something must be called that is not remembered.
    fn open<'a>(&'a self, apis: &'a [ApiId]) -> Later<'a, Box<dyn LiveSession>>;
}

/// One task's session outside. Dropping it ends it as well.
pub trait LiveSession: fmt::Debug + Send {
    /// Makes a call whose arguments fit the tool's schema.
    fn call<'a>(&'a mut self, tool: &'a Tool, arguments: &'a Value) -> Later<'a, Observation>;

    /// Returns the date, the user and the session facts.
    fn context(&mut self) -> Later<'_, TaskContext>;

    /// Returns a number that changes when the state does, where its environment `tells_state`.
    fn state(&mut self) -> Later<'_, u64> {
        Box::pin(async { Err("it does not tell its state".into()) })
    }

    /// Returns what the session changed, where its environment `tells_changes`.
    fn changes(&mut self) -> Later<'_, StateDiff> {
        Box::pin(async { Err("it does not tell what changed".into()) })
    }

    /// Returns an independent copy, where its environment `forks`.
    fn fork(&mut self) -> Later<'_, Box<dyn LiveSession>> {
        Box::pin(async { Err("it cannot be copied".into()) })
    }

    /// Ends it.
    fn close(self: Box<Self>) -> Later<'static, ()>;
}

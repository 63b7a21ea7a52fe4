//! The handle on tools: where calls run. Each task gets a session of its own.

mod error;
mod live;
mod observation;
mod remembered;
pub mod request;
mod simulated;

pub use error::{EdgeError, EnvironmentError};
pub use live::{Abilities, Later, Live, LiveSession};
pub use observation::{Observation, observe};
pub use remembered::EnvironmentOptions;
pub use simulated::SimulatedSession;

use crate::config::Plan;
use crate::config::plan::{EnvironmentPlan, Limits};
use crate::data::{ApiId, Catalog, Stage, StateDiff, TaskContext, Tool, WorldRef};
use crate::graph::Models;
use crate::journal::Scope;
use crate::world::Worlds;
use remembered::{Outside, RememberedSession};
use serde_json::Value;
use std::sync::Arc;

/// Where tool calls run; cheap to clone.
#[derive(Clone, Debug)]
pub struct Environment {
    kind: Kind,
    models: Models,
    observation_bytes: usize,
}

#[derive(Clone, Debug)]
enum Kind {
    /// Runs in this process; recomputed, never remembered.
    Simulated(Worlds),
    /// Stands outside; what it says is remembered.
    Live(Arc<Outside>),
}

/// One task's view of its tools. What it writes no other task sees, if its environment forks.
#[derive(Debug)]
pub struct Session {
    state: State,
    observation_bytes: usize,
}

#[derive(Debug)]
enum State {
    Simulated(Box<SimulatedSession>),
    Live(Box<RememberedSession>),
}

/// Whose session is begun, and how.
#[derive(Clone, Copy, Debug)]
pub struct Opening<'a> {
    /// The path whose calls are made in it. A path has one session; another attempt is another path.
    pub scope: &'a Scope,
    /// The stage that asks.
    pub stage: Stage,
    /// The APIs that the task is about.
    pub apis: &'a [ApiId],
    /// From where it starts.
    pub start: Start<'a>,
}

/// From where a session starts.
#[derive(Clone, Copy, Debug)]
pub enum Start<'a> {
    /// Anew, for a task that is being made. What the environment may choose follows from the seed.
    Anew(u64),
    /// As the environment said of itself when the task was made.
    Again(Option<&'a WorldRef>),
}

/// What a simulated session goes by in messages.
const SIMULATED: &str = "simulated";

impl Environment {
    /// Returns the environment that a plan names, or the one outside that stands in for it.
    pub fn of_plan(
        plan: &Plan,
        catalog: &Arc<Catalog>,
        instead: Option<Arc<dyn Live>>,
        options: EnvironmentOptions,
    ) -> Self {
        match (instead, plan.environment) {
            (Some(live), _) => Self::live(live, catalog, &plan.limits, options),
            (None, EnvironmentPlan::Simulated) => Self::simulated(catalog, plan.limits.observation_bytes),
        }
    }

    /// Returns the environment in which each task has a world of its own, built from the specs. An observation has at
    /// most `observation_bytes` bytes.
    pub fn simulated(catalog: &Arc<Catalog>, observation_bytes: usize) -> Self {
        let models = Models::new(Arc::clone(catalog));
        Self { kind: Kind::Simulated(Worlds::new(models.clone())), models, observation_bytes }
    }

    /// Returns the handle on an environment outside.
    pub fn live(
        live: Arc<dyn Live>,
        catalog: &Arc<Catalog>,
        limits: &Limits,
        options: EnvironmentOptions,
    ) -> Self {
        Self {
            kind: Kind::Live(Arc::new(Outside::new(live, limits, options))),
            models: Models::new(Arc::clone(catalog)),
            observation_bytes: limits.observation_bytes,
        }
    }

    /// Returns what its APIs are about.
    pub fn models(&self) -> &Models {
        &self.models
    }

    /// Tells whether it can call a tool.
    pub fn can_call(&self, tool: &Tool) -> bool {
        match &self.kind {
            // Worlds are built from HTTP operations.
            Kind::Simulated(_) => tool.call.http().is_some(),
            Kind::Live(_) => true,
        }
    }

    /// Begins a session, before anything was called in it. One outside is reached with its first question that is not remembered.
    #[expect(clippy::unused_async, reason = "the seam for environments that have to be reached at once")]
    pub async fn open(&self, opening: Opening<'_>) -> Result<Session, EnvironmentError> {
        let Opening { scope, stage, apis, start } = opening;
        let state = match &self.kind {
            Kind::Simulated(worlds) => {
                let seed = match start {
                    Start::Anew(seed) => seed,
                    Start::Again(Some(world)) => world.seed,
                    Start::Again(None) => return Err(unable("play a task that names no world")),
                };
                State::Simulated(Box::new(SimulatedSession::open(worlds, apis, seed)))
            }
            Kind::Live(outside) => {
                let outside = Arc::clone(outside);
                State::Live(Box::new(RememberedSession::new(outside, scope, stage, apis)))
            }
        };
        Ok(Session { state, observation_bytes: self.observation_bytes })
    }
}

impl Session {
    /// Returns what it can do.
    pub fn abilities(&self) -> Abilities {
        match &self.state {
            State::Simulated(_) => Abilities { forks: true, tells_state: true, tells_changes: true },
            State::Live(session) => session.outside().abilities(),
        }
    }

    /// Makes a call whose arguments fit the tool's schema. What a tool outside says is durable before this returns it.
    pub async fn call(&mut self, tool: &Tool, arguments: &Value) -> Result<Observation, EnvironmentError> {
        let bytes_max = self.observation_bytes;
        match &mut self.state {
            State::Simulated(session) => Ok(observe(&session.call(tool, arguments), bytes_max)),
            State::Live(session) => Ok(session.call(tool, arguments).await?.capped(bytes_max)),
        }
    }

    /// Returns an independent copy; asked only of one that `forks`.
    pub async fn fork(&mut self) -> Result<Self, EnvironmentError> {
        let state = match &mut self.state {
            State::Simulated(session) => State::Simulated(session.clone()),
            State::Live(session) if session.outside().abilities().forks => {
                State::Live(Box::new(session.fork().await?))
            }
            State::Live(session) => return Err(unable_outside(session, "copy a session")),
        };
        Ok(Self { state, observation_bytes: self.observation_bytes })
    }

    /// Returns a number that changes when the state does; asked only of one that `tells_state`.
    pub async fn state(&mut self) -> Result<u64, EnvironmentError> {
        match &mut self.state {
            State::Simulated(session) => Ok(session.state()),
            State::Live(session) if session.outside().abilities().tells_state => session.state().await,
            State::Live(session) => Err(unable_outside(session, "tell its state")),
        }
    }

    /// Returns what the session changed; asked only of one that `tells_changes`.
    pub async fn changes(&mut self) -> Result<StateDiff, EnvironmentError> {
        match &mut self.state {
            State::Simulated(session) => Ok(session.changes()),
            State::Live(session) if session.outside().abilities().tells_changes => session.changes().await,
            State::Live(session) => Err(unable_outside(session, "tell what changed")),
        }
    }

    /// Returns the date, the user and the session facts.
    pub async fn context(&mut self) -> Result<TaskContext, EnvironmentError> {
        match &mut self.state {
            State::Simulated(session) => Ok(session.context()),
            State::Live(session) => session.context().await,
        }
    }

    /// Returns what the environment says of itself, by which a session can start from here again; one outside says nothing.
    pub fn origin(&self) -> Option<WorldRef> {
        match &self.state {
            State::Simulated(session) => Some(session.origin()),
            State::Live(_) => None,
        }
    }

    /// Ends it. An error comes too late to matter: what was said is remembered.
    pub async fn close(self) -> Result<(), EnvironmentError> {
        match self.state {
            State::Simulated(_) => Ok(()),
            State::Live(session) => session.close().await,
        }
    }

    /// Returns the session itself where it is simulated: only in such a one can be looked for what a task could be about.
    pub fn into_simulated(self) -> Option<SimulatedSession> {
        match self.state {
            State::Simulated(session) => Some(*session),
            State::Live(_) => None,
        }
    }
}

fn unable(what: &'static str) -> EnvironmentError {
    EnvironmentError::Unable { environment: String::from(SIMULATED), what }
}

fn unable_outside(session: &RememberedSession, what: &'static str) -> EnvironmentError {
    EnvironmentError::Unable { environment: session.outside().name(), what }
}

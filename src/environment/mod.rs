//! The handle on tools: where calls run. Each task gets a session of its own.

pub mod request;

use crate::data::{ApiId, Catalog, StateDiff, TaskContext, Tool, ToolOutcome, WorldRef};
use crate::world::{Response, World, Worlds};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where tool calls run; cheap to clone.
#[derive(Clone, Debug)]
pub struct Environment {
    kind: Kind,
    observation_bytes: usize,
}

#[derive(Clone, Debug)]
enum Kind {
    Simulated(Arc<Worlds>),
}

/// One task's view of its tools. What it writes no other task sees.
#[derive(Clone, Debug)]
pub struct Session {
    state: State,
    observation_bytes: usize,
}

#[derive(Clone, Debug)]
enum State {
    Simulated(Simulated),
}

/// A task's world, and those of APIs beside it of which only distractors are offered: opened when first called, so that
/// a needless call gets an answer like any other, and a needless change is seen.
#[derive(Clone, Debug)]
struct Simulated {
    worlds: Arc<Worlds>,
    seed: u64,
    apis: Arc<[ApiId]>,
    world: World,
    beside: BTreeMap<ApiId, World>,
}

/// What a call returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// The text that a model is shown.
    pub text: String,
    /// What kind of result it is.
    pub outcome: ToolOutcome,
    /// The HTTP status.
    pub status: u16,
}

impl Environment {
    /// Returns the environment in which each task has a world of its own, built from the specs. An observation has at
    /// most `observation_bytes` bytes.
    pub fn simulated(catalog: &Catalog, observation_bytes: usize) -> Self {
        Self { kind: Kind::Simulated(Arc::new(Worlds::new(catalog))), observation_bytes }
    }

    /// Begins a session in a task's world, before anything was called in it.
    pub fn session(&self, world: &WorldRef, apis: &[ApiId]) -> Session {
        let state = match &self.kind {
            Kind::Simulated(worlds) => State::Simulated(Simulated {
                worlds: Arc::clone(worlds),
                seed: world.seed,
                apis: apis.into(),
                world: worlds.open(apis, world.seed),
                beside: BTreeMap::new(),
            }),
        };
        Session { state, observation_bytes: self.observation_bytes }
    }

    /// Returns the factory of worlds that the sessions play in.
    pub fn worlds(&self) -> &Worlds {
        match &self.kind {
            Kind::Simulated(worlds) => worlds,
        }
    }
}

impl Session {
    /// Makes a call whose arguments fit the tool's schema.
    #[expect(clippy::unused_async, reason = "the seam for environments that have to wait")]
    pub async fn call(&mut self, tool: &Tool, arguments: &Value) -> Observation {
        match &mut self.state {
            State::Simulated(simulated) => {
                observe(&simulated.of(&tool.api).call(tool, &tool.given(arguments)), self.observation_bytes)
            }
        }
    }

    /// Returns an independent copy, where the environment can make one.
    pub fn fork(&self) -> Option<Self> {
        match &self.state {
            State::Simulated(_) => Some(self.clone()),
        }
    }

    /// Returns a number that changes when the state does.
    pub fn state_key(&self) -> u64 {
        match &self.state {
            State::Simulated(simulated) => simulated
                .beside
                .values()
                .map(World::version)
                .fold(simulated.world.version(), u64::wrapping_add),
        }
    }

    /// Returns what the session changed, where the environment can tell.
    pub fn diff(&self) -> Option<StateDiff> {
        match &self.state {
            State::Simulated(simulated) => {
                let mut diff = simulated.world.diff();
                diff.changes.extend(simulated.beside.values().flat_map(|world| world.diff().changes));
                Some(diff)
            }
        }
    }

    /// Returns the date, the user and the session facts of its world.
    pub fn context(&self) -> TaskContext {
        match &self.state {
            State::Simulated(simulated) => simulated.world.context(),
        }
    }
}

impl Simulated {
    fn of(&mut self, api: &ApiId) -> &mut World {
        if self.apis.contains(api) {
            return &mut self.world;
        }
        let Self { worlds, seed, beside, .. } = self;
        beside.entry(api.clone()).or_insert_with(|| worlds.open(std::slice::from_ref(api), *seed))
    }
}

/// Turns a response into what a model is shown: its JSON, or the status where it has no body.
pub fn observe(response: &Response, bytes_max: usize) -> Observation {
    let outcome = match response.status {
        0..=399 => ToolOutcome::Ok,
        400..=499 => ToolOutcome::Refused,
        500.. => ToolOutcome::Failed,
    };
    let text = match &response.body {
        Value::Null => json!({"status": response.status}).to_string(),
        body => body.to_string(),
    };
    Observation { text: capped(text, bytes_max), outcome, status: response.status }
}

/// Cuts a text that is too long at a character's end and says so.
fn capped(mut text: String, bytes_max: usize) -> String {
    const MARK: &str = "... (cut)";
    if text.len() <= bytes_max {
        return text;
    }
    let mut at = bytes_max.saturating_sub(MARK.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    text.truncate(at);
    text.push_str(MARK);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_shown_as_compact_json_and_none_as_its_status() {
        let seen = |status, body| observe(&Response { status, body }, 100);
        assert_eq!(seen(200, json!({"b": 1, "a": [true]})).text, r#"{"b":1,"a":[true]}"#);
        assert_eq!(seen(204, Value::Null).text, r#"{"status":204}"#);
        assert_eq!(seen(404, json!({"message": "no"})).outcome, ToolOutcome::Refused);
        assert_eq!(seen(503, Value::Null).outcome, ToolOutcome::Failed);
    }

    #[test]
    fn a_long_observation_is_cut_at_a_character() {
        let seen = observe(&Response { status: 200, body: json!("ü".repeat(100)) }, 50);
        assert!(seen.text.len() <= 50 && seen.text.ends_with("ü... (cut)"), "{}", seen.text);
    }
}

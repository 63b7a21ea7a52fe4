//! A chain of calls while it is being built: executed in a session of the task's world, each argument with its source.

use crate::checks::schema::Validators;
use crate::data::{ArgumentSource, Fact, FactKind, Reference, ReferenceCall, Tool, ToolId};
use crate::environment::SimulatedSession;
use crate::graph::{ApiModel, OpKind, Operation};
use crate::world::StoreKey;
use crate::world::values::Domain;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value};

/// Why a chain could not be built. Another draw is tried then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dead(pub String);

/// Makes a dead end.
pub(super) fn dead<T>(why: impl Into<String>) -> Result<T, Dead> {
    Err(Dead(why.into()))
}

/// A chain under construction.
pub(super) struct Chain<'a> {
    /// The session in which the calls are made, and through which one looks at the world's records.
    pub world: SimulatedSession,
    pub tools: &'a dyn Fn(&ToolId) -> Option<&'a Tool>,
    pub calls: Vec<ReferenceCall>,
    /// Calls that are wanted for themselves, by position.
    pub wanted: Vec<usize>,
    pub facts: Vec<Fact>,
    /// What the session must know, a sentence each.
    pub session: Vec<String>,
    pub rng: ChaCha8Rng,
    /// The world's state after each call, by which repetitions are known.
    versions: Vec<u64>,
}

/// The API that a chain plays in; the only one in its world.
pub(super) const API: usize = 0;

/// Arguments with their sources.
#[derive(Clone, Debug, Default)]
pub(super) struct Arguments {
    pub values: Map<String, Value>,
    pub sources: Vec<(String, ArgumentSource)>,
}

impl Arguments {
    pub fn set(&mut self, name: &str, value: Value, source: ArgumentSource) {
        self.sources.push((format!("/{}", name.replace('~', "~0").replace('/', "~1")), source));
        self.values.insert(name.to_owned(), value);
    }
}

impl<'a> Chain<'a> {
    pub fn new(
        world: SimulatedSession,
        tools: &'a dyn Fn(&ToolId) -> Option<&'a Tool>,
        rng: ChaCha8Rng,
    ) -> Self {
        Self {
            world,
            tools,
            calls: Vec::new(),
            wanted: Vec::new(),
            facts: Vec::new(),
            session: Vec::new(),
            rng,
            versions: Vec::new(),
        }
    }

    pub fn model(&self) -> std::sync::Arc<ApiModel> {
        self.world.model_arc(API)
    }

    pub fn tool(&self, id: &ToolId) -> Result<&'a Tool, Dead> {
        (self.tools)(id).ok_or_else(|| Dead(format!("no tool {id}")))
    }

    pub fn domain(&self, key: StoreKey) -> Domain {
        Domain::infer(&format!("{} {}", self.world.model(key.0).title, self.world.resource(key).words))
    }

    /// Executes a call and returns its position; the same call in the same state is not made twice.
    pub fn call(&mut self, operation: &Operation, arguments: Arguments) -> Result<usize, Dead> {
        let tool = self.tool(&operation.tool)?;
        let values = Value::Object(as_declared(arguments.values, tool));
        let version = self.world.state();
        if let Some(at) = (0..self.calls.len()).find(|i| {
            self.calls[*i].tool == tool.id
                && self.calls[*i].arguments == values
                && self.versions[*i] == version
        }) {
            return Ok(at);
        }
        let response = self.world.call(tool, &values);
        if response.status >= 400 {
            return dead(format!("{} answered {}: {}", tool.name, response.status, response.body));
        }
        let mut needs: Vec<usize> = arguments
            .sources
            .iter()
            .filter_map(|(_, s)| match s {
                ArgumentSource::Result(at, _) => Some(*at),
                _ => None,
            })
            .collect();
        needs.sort_unstable();
        needs.dedup();
        self.calls.push(ReferenceCall {
            tool: tool.id.clone(),
            arguments: values,
            observation: response.body,
            needs,
            sources: arguments.sources,
        });
        self.versions.push(self.world.state());
        Ok(self.calls.len() - 1)
    }

    /// Returns an earlier call, the same as this one, that shows this very record: it need not be made again.
    pub fn shown_by(&self, operation: &Operation, arguments: &Arguments, record: &Value) -> Option<usize> {
        let Ok(tool) = self.tool(&operation.tool) else { return None };
        let values = Value::Object(as_declared(arguments.values.clone(), tool));
        let same = |c: &ReferenceCall| {
            c.tool == operation.tool
                && c.arguments == values
                && whole_in(&c.observation, record, "").is_some()
        };
        self.calls.iter().position(same)
    }

    /// Drops the calls from a position on.
    pub fn truncate(&mut self, calls: usize) {
        self.calls.truncate(calls);
        self.versions.truncate(calls);
    }

    /// Adds a fact that the answer must state.
    pub fn fact(&mut self, name: &str, value: &Value, unit: Option<String>) {
        let fact = Fact { name: name.to_owned(), value: value.clone(), kind: fact_kind(name, value), unit };
        if !self.facts.contains(&fact) {
            self.facts.push(fact);
        }
    }

    /// Closes the chain: `Err` when a call could be taken away.
    pub fn finish(self) -> Result<(Reference, SimulatedSession, Vec<String>), Dead> {
        let used = |at: usize| self.wanted.contains(&at) || self.calls.iter().any(|c| c.needs.contains(&at));
        if let Some(idle) = (0..self.calls.len()).find(|at| !used(*at)) {
            return dead(format!("call {idle} is not needed"));
        }
        for call in &self.calls {
            let tool = self.tool(&call.tool)?;
            if let Err(fault) = Validators::of([tool]).check(tool, &call.arguments) {
                return dead(format!("{}: {fault}", tool.name));
            }
        }
        if self.facts.is_empty() && self.world.changes().changes.is_empty() {
            return dead("nothing could be checked");
        }
        let mut depths: Vec<u32> = Vec::new();
        for call in &self.calls {
            let below = call.needs.iter().map(|n| depths[*n]).max().unwrap_or(0);
            depths.push(below + 1);
        }
        let depth = depths.iter().copied().max().unwrap_or(0);
        let width = (1..=depth).map(|d| depths.iter().filter(|x| **x == d).count() as u32).max().unwrap_or(0);
        let state = self.world.changes();
        Ok((
            Reference { calls: self.calls, facts: self.facts, state, depth, width },
            self.world,
            self.session,
        ))
    }
}

/// Gives ids the type that the called tool declares: what one operation shows as a number another may take as text.
fn as_declared(mut values: Map<String, Value>, tool: &Tool) -> Map<String, Value> {
    for (name, value) in &mut values {
        let declared = &tool.parameters["properties"][name.as_str()]["type"];
        if declared == "string" && value.is_number() {
            *value = Value::String(value.to_string());
        } else if declared == "integer"
            && let Some(number) = value.as_str().and_then(|s| s.parse::<i64>().ok())
        {
            *value = number.into();
        }
    }
    values
}

/// How renderings of a fact are compared.
pub(super) fn fact_kind(name: &str, value: &Value) -> FactKind {
    match value {
        Value::Bool(_) => FactKind::Boolean,
        Value::Number(_) => FactKind::Number,
        Value::String(s) => {
            if s.parse::<jiff::Timestamp>().is_ok()
                || s.parse::<jiff::civil::DateTime>().is_ok()
                || s.len() == 10 && s.parse::<jiff::civil::Date>().is_ok()
            {
                FactKind::Instant
            } else if crate::words::split(name)
                .last()
                .is_some_and(|w| matches!(w.as_str(), "id" | "uuid" | "key" | "code" | "token"))
            {
                FactKind::Id
            } else {
                FactKind::Text
            }
        }
        _ => FactKind::Text,
    }
}

/// Whether an operation may stand in a chain.
pub(super) fn usable(operation: &Operation) -> bool {
    operation.leaf_only.is_none() && operation.kind != OpKind::Opaque
}

/// Finds where in an observation a value stands beside (or in) the record with an id: a JSON pointer.
pub(super) fn pointer_to(observation: &Value, wanted: &Value, prefix: &str) -> Option<String> {
    match observation {
        Value::Object(o) => o.iter().find_map(|(k, v)| {
            pointer_to(v, wanted, &format!("{prefix}/{}", k.replace('~', "~0").replace('/', "~1")))
        }),
        Value::Array(a) => {
            a.iter().enumerate().find_map(|(i, v)| pointer_to(v, wanted, &format!("{prefix}/{i}")))
        }
        scalar => (scalar == wanted).then(|| prefix.to_owned()),
    }
}

/// Finds where an observation holds a whole value: a JSON pointer.
pub(super) fn whole_in(observation: &Value, wanted: &Value, prefix: &str) -> Option<String> {
    if observation == wanted {
        return Some(prefix.to_owned());
    }
    match observation {
        Value::Object(o) => o.iter().find_map(|(k, v)| {
            whole_in(v, wanted, &format!("{prefix}/{}", k.replace('~', "~0").replace('/', "~1")))
        }),
        Value::Array(a) => {
            a.iter().enumerate().find_map(|(i, v)| whole_in(v, wanted, &format!("{prefix}/{i}")))
        }
        _ => None,
    }
}

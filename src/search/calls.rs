//! Makes calls for a search: validated first, remembered within the task, refused when they only repeat.

use super::turn;
use crate::checks::schema::Validators;
use crate::data::{CallRecord, Effect, Tool, ToolCall, ToolOutcome, TreeCost};
use crate::environment::{EnvironmentError, Observation, Session};
use std::collections::BTreeMap;

/// A session's state on one path. The key is made of the effects that led to it, so that two branches with
/// different writes never share what is remembered, whatever the session's own counter says.
pub(super) struct Position {
    /// The session.
    pub session: Session,
    /// The state's key.
    pub key: u64,
    /// What the session last told of its state, where it tells any.
    told: Option<u64>,
}

impl Position {
    /// The state that a session is in when a search begins.
    pub async fn start(mut session: Session) -> Result<Self, EnvironmentError> {
        let told = if session.abilities().tells_state { Some(session.state().await?) } else { None };
        Ok(Self { session, key: told.unwrap_or_default(), told })
    }

    /// Returns an independent copy, of a session that forks.
    pub async fn fork(&mut self) -> Result<Self, EnvironmentError> {
        Ok(Self { session: self.session.fork().await?, key: self.key, told: self.told })
    }

    /// Makes a call, and notes whether the state is another now. Of a session that does not tell, every call that writes is
    /// taken to have changed it, and no call that reads.
    async fn call(&mut self, tool: &Tool, call: &ToolCall) -> Result<Observation, EnvironmentError> {
        let observation = self.session.call(tool, &call.arguments).await?;
        let has_moved = match &mut self.told {
            Some(told) => {
                let before = std::mem::replace(told, self.session.state().await?);
                *told != before
            }
            None => tool.effect != Effect::Reads,
        };
        if has_moved {
            let mut hasher = blake3::Hasher::new();
            hasher.update(&self.key.to_le_bytes()).update(turn::call_key(call).as_bytes());
            let hash = hasher.finalize();
            self.key = hash.as_bytes()[..8].iter().fold(0, |key, byte| key << 8 | u64::from(*byte));
        }
        Ok(observation)
    }
}

/// A call and the state it was made in.
pub(super) type Made = (String, u64);

/// The offered tools and what is remembered of their results.
pub(super) struct Calls<'a> {
    tools: BTreeMap<&'a str, &'a Tool>,
    validators: Validators,
    memo: BTreeMap<Made, Observation>,
    most: u32,
}

/// What became of a call that the budget allowed.
pub(super) struct Outcome {
    /// The record.
    pub record: CallRecord,
    /// Whether the tool writes or destroys and was really called.
    pub effect: bool,
}

impl<'a> Calls<'a> {
    /// Takes the offered tools and the most calls that may be executed.
    pub fn new(tools: &[&'a Tool], most: u32) -> Self {
        Self {
            tools: tools.iter().map(|tool| (tool.name.as_str(), *tool)).collect(),
            validators: Validators::of(tools.iter().copied()),
            memo: BTreeMap::new(),
            most,
        }
    }

    /// Makes one call, or says in the observation why not; `None` when the budget is spent. `made` holds the calls
    /// on the way here and gains this one. An error leaves the task unfinished.
    pub async fn make(
        &mut self,
        call: ToolCall,
        at: &mut Position,
        made: &mut Vec<Made>,
        cost: &mut TreeCost,
    ) -> Result<Option<Outcome>, EnvironmentError> {
        let tool = match self.refusal(&call) {
            Ok(tool) => tool,
            Err((text, outcome)) => return Ok(Some(not_made(call, text, outcome))),
        };
        let key = (turn::call_key(&call), at.key);
        if made.contains(&key) {
            cost.refused_repeats += 1;
            let text = "This call was already made and nothing has changed since: its result stands above.";
            return Ok(Some(not_made(call, text.to_owned(), ToolOutcome::Repeated)));
        }
        let reads = tool.effect == Effect::Reads;
        if let Some(known) = self.memo.get(&key).filter(|_| reads) {
            cost.memo_hits += 1;
            made.push(key);
            return Ok(Some(Outcome { record: record(call, known.clone()), effect: false }));
        }
        if cost.tool_calls >= self.most {
            return Ok(None);
        }
        cost.tool_calls += 1;
        let observation = at.call(tool, &call).await?;
        // What failed on the tool's side may be asked again.
        if observation.outcome != ToolOutcome::Failed {
            if reads {
                self.memo.insert(key.clone(), observation.clone());
            }
            made.push(key);
        }
        Ok(Some(Outcome { record: record(call, observation), effect: !reads }))
    }

    /// Returns the tool of a call that may be made, or why it may not.
    fn refusal(&self, call: &ToolCall) -> Result<&'a Tool, (String, ToolOutcome)> {
        let Some(tool) = self.tools.get(call.name.as_str()) else {
            let name: String = call.name.chars().take(80).collect();
            return Err((format!("There is no tool named `{name}` here."), ToolOutcome::UnknownTool));
        };
        match self.validators.check(tool, &call.arguments) {
            Ok(()) => Ok(tool),
            Err(fault) => Err((format!("Invalid arguments: {fault}."), ToolOutcome::InvalidArguments)),
        }
    }
}

fn record(call: ToolCall, seen: Observation) -> CallRecord {
    CallRecord { call, observation: seen.text, parts: seen.parts, outcome: seen.outcome }
}

fn not_made(call: ToolCall, observation: String, outcome: ToolOutcome) -> Outcome {
    let record = CallRecord { call, observation, parts: Vec::new(), outcome };
    Outcome { record, effect: false }
}

//! Makes calls for a search: validated first, remembered within the task, refused when they only repeat.

use super::turn;
use crate::checks::schema::Validators;
use crate::data::{CallRecord, Effect, StateDiff, Tool, ToolCall, ToolOutcome, TreeCost};
use serde_json::Value;
use std::collections::BTreeMap;

/// Where calls run: a session of an environment, or a script in tests.
pub(super) trait Hands: Sized {
    /// Makes a call; returns the observation as the model sees it and what kind of result it is.
    async fn call(&mut self, tool: &Tool, arguments: &Value) -> (String, ToolOutcome);
    /// Returns an independent copy, where the environment can make one.
    fn fork(&self) -> Option<Self>;
    /// Returns a value that changes when the session's state changes.
    fn state_key(&self) -> u64;
    /// Returns what the session changed, where the environment can tell.
    fn diff(&self) -> Option<StateDiff>;
}

/// A session's state on one path. The key is made of the effects that led to it, so that two branches with
/// different writes never share what is remembered, whatever the session's own counter says.
pub(super) struct Position<H> {
    /// The session.
    pub hands: H,
    /// The state's key.
    pub key: u64,
}

impl<H: Hands> Position<H> {
    /// The state that a session is in when a search begins.
    pub fn start(hands: H) -> Self {
        let key = hands.state_key();
        Self { hands, key }
    }

    /// Returns an independent copy, where the environment can make one.
    pub fn fork(&self) -> Option<Self> {
        Some(Self { hands: self.hands.fork()?, key: self.key })
    }

    fn moved(&mut self, call: &str) {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.key.to_le_bytes()).update(call.as_bytes());
        self.key = hasher.finalize().as_bytes()[..8].iter().fold(0, |key, byte| key << 8 | u64::from(*byte));
    }
}

/// A call and the state it was made in.
pub(super) type Made = (String, u64);

/// The offered tools and what is remembered of their results.
pub(super) struct Calls<'a> {
    tools: BTreeMap<&'a str, &'a Tool>,
    validators: Validators,
    memo: BTreeMap<Made, (String, ToolOutcome)>,
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
    /// on the way here and gains this one.
    pub async fn make<H: Hands>(
        &mut self,
        call: ToolCall,
        at: &mut Position<H>,
        made: &mut Vec<Made>,
        cost: &mut TreeCost,
    ) -> Option<Outcome> {
        let tool = match self.refusal(&call) {
            Ok(tool) => tool,
            Err((text, outcome)) => return Some(without_effect(call, text, outcome)),
        };
        let key = (turn::call_key(&call), at.key);
        if made.contains(&key) {
            cost.refused_repeats += 1;
            let text = "This call was already made and nothing has changed since: its result stands above.";
            return Some(without_effect(call, text.to_owned(), ToolOutcome::Repeated));
        }
        let reads = tool.effect == Effect::Reads;
        if let Some((observation, outcome)) = self.memo.get(&key).filter(|_| reads) {
            cost.memo_hits += 1;
            made.push(key);
            return Some(without_effect(call, observation.clone(), *outcome));
        }
        if cost.tool_calls >= self.most {
            return None;
        }
        cost.tool_calls += 1;
        let before = at.hands.state_key();
        let (observation, outcome) = at.hands.call(tool, &call.arguments).await;
        if at.hands.state_key() != before {
            at.moved(&key.0);
        }
        // What failed on the tool's side may be asked again.
        if outcome != ToolOutcome::Failed {
            if reads {
                self.memo.insert(key.clone(), (observation.clone(), outcome));
            }
            made.push(key);
        }
        Some(Outcome { record: CallRecord { call, observation, outcome }, effect: !reads })
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

fn without_effect(call: ToolCall, observation: String, outcome: ToolOutcome) -> Outcome {
    Outcome { record: CallRecord { call, observation, outcome }, effect: false }
}

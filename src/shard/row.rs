//! A sample as a row of `data/` or `rejected/`, and back. Whatever has a free-form schema is a JSON string.

use crate::data::{
    Difficulty, Level, Message, Reason, Reference, Role, Sample, Split, Stage, StateDiff, ToolCall, Verified,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A row, field for column; the order is the schema's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Row {
    id: String,
    group_id: String,
    split: String,
    instruction: String,
    messages: Vec<RowMessage>,
    tools: String,
    answer: String,
    scenario: String,
    decision: String,
    lang: String,
    #[serde(default)]
    apis: Vec<String>,
    n_calls: u32,
    n_tools: u32,
    depth: u32,
    width: u32,
    n_errors: u32,
    est_tokens: u32,
    quality: f64,
    scores: String,
    difficulty: f64,
    level: Level,
    verified: Verified,
    reference_calls: Option<String>,
    reference_facts: Option<String>,
    reference_state: Option<String>,
    world: String,
    strategy: String,
    llm_calls: u32,
    tool_calls: u32,
    tokens_in: u64,
    tokens_out: u64,
    cost_usd: Option<f64>,
    provenance: String,
    // Of rejected rows only; the schema of `data/` has no such columns, and the encoder passes over them.
    stage: Option<Stage>,
    rule: Option<String>,
    reason: Option<String>,
}

/// A message. What it does not have is null, which trainers take out again (an empty list they would not).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct RowMessage {
    role: Role,
    content: String,
    /// JSON, where the content is not text alone.
    parts: Option<String>,
    reasoning: Option<String>,
    tool_calls: Option<Vec<RowCall>>,
    tool_call_id: Option<String>,
    name: Option<String>,
    loss: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct RowCall {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    function: RowFunction,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct RowFunction {
    name: String,
    arguments: String,
}

impl Row {
    /// Makes the row of a sample; `split` is the split it goes to, whatever the sample says. Without
    /// `system_message` it begins with the user's words.
    pub(super) fn of(sample: &Sample, split: &Split, system_message: bool) -> Self {
        let s = sample;
        let shown = s.messages.iter().filter(|m| system_message || m.role != Role::System);
        Self {
            id: s.id.clone(),
            group_id: s.group_id.clone(),
            split: split.0.clone(),
            instruction: s.instruction.clone(),
            messages: shown.map(RowMessage::of).collect(),
            tools: json(&s.tools),
            answer: s.answer.clone(),
            scenario: s.scenario.clone(),
            decision: s.decision.clone(),
            lang: s.lang.clone(),
            apis: s.apis.clone(),
            n_calls: s.n_calls,
            n_tools: s.n_tools,
            depth: s.depth,
            width: s.width,
            n_errors: s.n_errors,
            est_tokens: s.est_tokens,
            quality: s.quality,
            scores: json(&s.scores),
            difficulty: s.difficulty.score,
            level: s.difficulty.level,
            verified: s.verified,
            reference_calls: s.reference.as_ref().map(|r| json(&r.calls)),
            reference_facts: s.reference.as_ref().map(|r| json(&r.facts)),
            reference_state: s.reference.as_ref().map(|r| json(&r.state)),
            world: json(&s.world),
            strategy: s.strategy.clone(),
            llm_calls: s.llm_calls,
            tool_calls: s.tool_calls,
            tokens_in: s.tokens_in,
            tokens_out: s.tokens_out,
            cost_usd: s.cost_usd,
            provenance: json(&s.provenance),
            stage: s.dropped.as_ref().map(|d| d.stage),
            rule: s.dropped.as_ref().map(|d| d.rule.clone()),
            reason: s.dropped.as_ref().map(|d| d.reason.clone()),
        }
    }

    /// Makes the sample again. What has no column comes back empty: `state`, and the reference's depth and width.
    pub(super) fn into_sample(self) -> Result<Sample, serde_json::Error> {
        let reference = match (self.reference_calls, self.reference_facts, self.reference_state) {
            (Some(calls), Some(facts), Some(state)) => Some(Reference {
                calls: serde_json::from_str(&calls)?,
                facts: serde_json::from_str(&facts)?,
                state: serde_json::from_str(&state)?,
                ..Reference::default()
            }),
            _ => None,
        };
        let dropped = match (self.stage, self.rule, self.reason) {
            (Some(stage), Some(rule), Some(reason)) => Some(Reason { stage, rule, reason }),
            _ => None,
        };
        let provenance: Value = serde_json::from_str(&self.provenance)?;
        let said = |key: &str| provenance.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Sample {
            id: self.id,
            group_id: self.group_id,
            split: Split(self.split),
            instruction: self.instruction,
            messages: self.messages.into_iter().map(RowMessage::into_message).collect::<Result<_, _>>()?,
            tools: serde_json::from_str(&self.tools)?,
            answer: self.answer,
            scenario: self.scenario,
            decision: self.decision,
            lang: self.lang,
            apis: self.apis,
            n_calls: self.n_calls,
            n_tools: self.n_tools,
            depth: self.depth,
            width: self.width,
            n_errors: self.n_errors,
            est_tokens: self.est_tokens,
            quality: self.quality,
            scores: serde_json::from_str(&self.scores)?,
            difficulty: Difficulty { score: self.difficulty, level: self.level },
            verified: self.verified,
            reference,
            state: StateDiff::default(),
            world: serde_json::from_str(&self.world)?,
            strategy: self.strategy,
            llm_calls: self.llm_calls,
            tool_calls: self.tool_calls,
            tokens_in: self.tokens_in,
            tokens_out: self.tokens_out,
            cost_usd: self.cost_usd,
            persona: said("persona"),
            skeleton: said("skeleton"),
            provenance,
            dropped,
        })
    }
}

impl RowMessage {
    fn of(message: &Message) -> Self {
        let call = |c: &ToolCall| RowCall {
            id: c.id.clone(),
            kind: "function".to_owned(),
            function: RowFunction { name: c.name.clone(), arguments: json(&c.arguments) },
        };
        let calls: Vec<RowCall> = message.tool_calls.iter().map(call).collect();
        Self {
            role: message.role,
            content: message.content.clone(),
            parts: (!message.parts.is_empty()).then(|| json(&message.parts)),
            reasoning: message.reasoning.clone(),
            tool_calls: (!calls.is_empty()).then_some(calls),
            tool_call_id: message.tool_call_id.clone(),
            name: message.name.clone(),
            loss: message.loss,
        }
    }

    fn into_message(self) -> Result<Message, serde_json::Error> {
        let call = |c: RowCall| {
            let arguments: Value = serde_json::from_str(&c.function.arguments)?;
            Ok(ToolCall { id: c.id, name: c.function.name, arguments })
        };
        Ok(Message {
            role: self.role,
            content: self.content,
            parts: self.parts.map_or_else(|| Ok(Vec::new()), |parts| serde_json::from_str(&parts))?,
            reasoning: self.reasoning,
            tool_calls: self.tool_calls.into_iter().flatten().map(call).collect::<Result<_, _>>()?,
            tool_call_id: self.tool_call_id,
            name: self.name,
            loss: self.loss,
        })
    }
}

/// Writes a value as JSON text; the keys keep their order, which schemas are written in for a reason.
pub(super) fn json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("the values' keys are strings")
}

//! What a model answered, and the seam for a model that is no server.

use crate::data::{ModelUse, Reason, ToolCall};
use crate::prompt::Prompt;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A model's answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// The text; empty, never absent.
    pub content: String,
    /// The reasoning, where the server gives it apart.
    pub reasoning: String,
    /// The calls. Arguments that could not be parsed are a JSON string.
    pub tool_calls: Vec<ToolCall>,
    /// What the provider wants back, as it is, beside this turn (signed thinking). Opaque, and empty for most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<Value>,
    /// Why it ended.
    pub finish: Finish,
    /// Why what the server said is no reply (no JSON, no choice, the request rejected); empty for a proper one. Such a
    /// reply has no content and no calls: it is data, which the stages count.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub fault: String,
    /// Tokens, where the server counts them; else estimated.
    pub usage: Usage,
}

/// What is remembered of a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Remembered {
    /// What the server said.
    Reply(Reply),
    /// It failed at this request at every attempt, and served others: why the task is rejected.
    Failed(Reason),
}

impl Remembered {
    /// Tells whether it is a proper reply.
    pub(super) fn is_proper(&self) -> bool {
        matches!(self, Self::Reply(reply) if reply.fault.is_empty())
    }
}

/// Why a reply ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// It was done, or it calls tools.
    #[default]
    Stop,
    /// It was cut at a limit.
    Length,
    /// The server withheld it.
    Filtered,
}

/// Tokens of a request and its reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    not(feature = "internals"),
    expect(clippy::struct_field_names, reason = "they are called so wherever tokens are counted")
)]
pub struct Usage {
    /// Prompt tokens.
    pub tokens_in: u64,
    /// Completion tokens.
    pub tokens_out: u64,
    /// Prompt tokens that the server had cached; they are among `tokens_in`.
    #[serde(default)]
    pub tokens_cached: u64,
}

impl Usage {
    /// Returns this as the use of one reply.
    pub fn once(self) -> ModelUse {
        ModelUse {
            calls: 1,
            tokens_in: self.tokens_in,
            tokens_out: self.tokens_out,
            tokens_cached: self.tokens_cached,
        }
    }
}

/// A model that runs in this process and is a pure function of its prompt and seed.
/// Its replies are recomputed, never remembered.
pub trait LocalModel: Send + Sync {
    /// Answers a prompt.
    fn reply(&self, prompt: &Prompt, seed: u64) -> Reply;
}

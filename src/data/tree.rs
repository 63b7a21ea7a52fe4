//! The record of a search, and the trajectory that is a view of it.

use super::StateDiff;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An append-only arena of search nodes; parents by index; the root is node 0.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SearchTree {
    /// The nodes, in the order they were made.
    pub nodes: Vec<Node>,
    /// The answered leaves, in the order they were found.
    pub answers: Vec<AnsweredLeaf>,
    /// Why the search ended.
    pub end: TreeEnd,
    /// What it cost.
    pub cost: TreeCost,
}

/// A leaf that answers, and the state that its path led to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnsweredLeaf {
    /// The node with the answer.
    pub node: NodeId,
    /// What the path to it changed, where the environment can tell.
    pub state: Option<StateDiff>,
}

/// A node's position in its tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(pub u32);

/// One assistant turn and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// The turn before; `None` for the root.
    pub parent: Option<NodeId>,
    /// Turns from the root, which is 0.
    pub depth: u32,
    /// What the model said beside its calls.
    pub thought: String,
    /// The model's reasoning, where the server gives it apart.
    pub reasoning: String,
    /// The calls of this turn, with what each returned.
    pub calls: Vec<CallRecord>,
    /// The answer, when this turn finished the task.
    pub answer: Option<String>,
    /// What the user said after this turn, and after the results of its calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Why the search left this node without an answer below it.
    pub backtrack: Option<Backtrack>,
}

/// One call and its result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallRecord {
    /// The call as the model made it.
    pub call: ToolCall,
    /// The observation as the model saw it.
    pub observation: String,
    /// What there is in the observation beside text; empty where there is nothing else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// What kind of result it was.
    pub outcome: ToolOutcome,
}

/// A call of a tool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// `call_0`, `call_1`… along the trajectory.
    pub id: String,
    /// The function's name as the model gave it.
    pub name: String,
    /// The arguments: an object, or a string holding what could not be parsed.
    pub arguments: Value,
}

/// What kind of result a call had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolOutcome {
    /// It succeeded.
    Ok,
    /// The tool refused it (a 4xx of the API).
    Refused,
    /// The tool failed (a 5xx of the API).
    Failed,
    /// No such tool is offered.
    UnknownTool,
    /// The arguments do not fit the tool's schema.
    InvalidArguments,
    /// The same call in an unchanged state, not made again.
    Repeated,
}

/// Why a search left a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Backtrack {
    /// The model gave up here.
    GaveUp,
    /// The depth bound was reached.
    TooDeep,
    /// The reply was no usable turn.
    Malformed,
    /// The turn repeated a sibling.
    RepeatedSibling,
    /// All children failed.
    Exhausted,
}

/// Why a search ended. Whether it found answers, and how many, is told by the tree's `answers`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TreeEnd {
    /// It has the answers it was to find.
    Answered,
    /// Every branch was left.
    #[default]
    Exhausted,
    /// The task's budget of nodes or calls ran out.
    OutOfBudget,
}

/// What a search cost. Retries are not counted here: a row holds none of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TreeCost {
    /// Replies asked of models, for making and solving the task.
    pub llm_calls: u32,
    /// Calls executed.
    pub tool_calls: u32,
    /// Calls answered from the task's memo.
    pub memo_hits: u32,
    /// Calls and siblings refused as repetitions.
    pub refused_repeats: u32,
    /// Prompt tokens.
    pub tokens_in: u64,
    /// Completion tokens.
    pub tokens_out: u64,
    /// US dollars; `None` when a price is not known.
    pub cost_usd: Option<f64>,
}

/// One root-to-leaf path as chat messages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trajectory {
    /// The messages, from the system message to the answer.
    pub messages: Vec<Message>,
    /// The last assistant message's text.
    pub answer: String,
}

/// A chat message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// The text; empty, never absent.
    pub content: String,
    /// The content part by part, where it is not text alone; else empty. `content` holds their text then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// The model's reasoning, where the server gives it apart.
    pub reasoning: Option<String>,
    /// The calls of an assistant turn.
    pub tool_calls: Vec<ToolCall>,
    /// The call that a tool message answers.
    pub tool_call_id: Option<String>,
    /// The function that a tool message answers for.
    pub name: Option<String>,
    /// Whether a model should learn this turn.
    pub loss: bool,
}

/// A part of a message's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Part {
    /// Text.
    Text {
        /// The text.
        text: String,
    },
    /// A picture, a sound, a document: its bytes are stored elsewhere.
    Blob {
        /// The blake3 hash of its bytes, in hexadecimal, by which it is stored.
        hash: String,
        /// Its media type (`image/png`).
        media_type: String,
        /// How many bytes it has.
        bytes: u64,
    },
}

/// Who speaks in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it all")]
pub enum Role {
    System,
    User,
    Assistant,
    Tool,
}

impl Role {
    /// Returns the word that chat formats use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        }
    }
}

impl Message {
    /// Makes a message that is text and nothing else.
    pub fn text(role: Role, content: impl Into<String>) -> Self {
        Self {
            role,
            content: content.into(),
            parts: Vec::new(),
            reasoning: None,
            tool_calls: Vec::new(),
            tool_call_id: None,
            name: None,
            loss: false,
        }
    }
}

impl SearchTree {
    /// Returns the nodes from the root to `leaf`, both included.
    pub fn path(&self, leaf: NodeId) -> Vec<NodeId> {
        let mut path = vec![leaf];
        let mut at = leaf;
        while let Some(parent) = self.nodes[at.0 as usize].parent {
            path.push(parent);
            at = parent;
        }
        path.reverse();
        path
    }

    /// Tells whether an answer was found.
    pub fn is_answered(&self) -> bool {
        !self.answers.is_empty()
    }

    /// Returns a node.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }
}

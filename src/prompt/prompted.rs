//! Tool calls as text, for servers that know none: the conversation written so, and the reply read back.

mod calls;
mod hermes;
mod react;
mod write;

use crate::config::plan::ToolMode;
use serde_json::Value;

/// What is to be repaired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair {
    /// A reply that should have been JSON of a schema.
    Reply,
    /// A call of a tool.
    Call(ToolMode),
}

/// What a model's text amounts to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prompted {
    /// What was said before the first call; the whole text where there is no call.
    pub thought: String,
    /// The calls, as far as they could be read; also those beside a fault.
    pub calls: Vec<PromptedCall>,
    /// What a `Final Answer:` says, where nothing is called.
    pub answer: Option<String>,
    /// Why the text, which tries to call, cannot be read: a clause for the repair question.
    pub fault: Option<String>,
}

/// One call in a text.
#[derive(Clone, Debug, PartialEq)]
pub struct PromptedCall {
    /// The function's name: a known one if it is that but for what was set around it, else as it was written.
    pub name: String,
    /// The arguments: an object, or a string holding what could not be parsed, which is a fault.
    pub arguments: Value,
}

/// Returns the strings at which a server is to stop, so that a model does not go on to make up its tools' results.
pub fn stop(mode: ToolMode) -> &'static [&'static str] {
    match mode {
        ToolMode::Native => &[],
        ToolMode::React => &["\nObservation:"],
        ToolMode::Hermes => &["<tool_response>"],
    }
}

/// Reads what a model wrote in a mode. Results that it made up are never read, nor is what follows them. `known`
/// are the names of the tools that are offered; a call of another is kept as it was written.
pub fn read(mode: ToolMode, text: &str, known: &[&str]) -> Prompted {
    let plain = || Prompted { thought: text.trim().to_owned(), ..Prompted::default() };
    match mode {
        ToolMode::Native => plain(),
        // Models take up the one form when asked for the other.
        ToolMode::React => {
            react::read(text, known).or_else(|| hermes::read(text, known)).unwrap_or_else(plain)
        }
        ToolMode::Hermes => hermes::read(text, known)
            .or_else(|| {
                react::read(text, known).filter(|read| !read.calls.is_empty() && read.fault.is_none())
            })
            .unwrap_or_else(plain),
    }
}

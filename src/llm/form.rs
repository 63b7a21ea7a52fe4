//! The form that a reply should have, and how it is read from what a model wrote: calls that a server without tool calls
//! gets as text, and JSON that meets a schema. What cannot be read is asked for once more.

use super::{Finish, Reply};
use crate::config::plan::ToolMode;
use crate::data::{Message, Role, ToolCall};
use crate::prompt::prompted::{self, PromptedCall, Repair};
use crate::prompt::{Rendered, TemplateError, Templates, tolerant};
use serde_json::Value;

/// The form of the reply to a prompt.
pub(super) enum Form {
    /// Whatever the server makes of it: text, or its own tool calls.
    Native,
    /// Tool calls as text.
    Calls {
        /// How they are written.
        mode: ToolMode,
        /// The names of the tools that may be called.
        names: Vec<String>,
    },
    /// JSON that meets a schema.
    Json(Value),
}

/// A reply that cannot be read, and what is wrong with it.
pub(super) struct Misread {
    reply: Box<Reply>,
    wrong: String,
}

impl Misread {
    fn new(reply: Reply, wrong: impl Into<String>) -> Self {
        Self { reply: Box::new(reply), wrong: wrong.into() }
    }

    /// Makes the reply that counts as none.
    pub(super) fn into_reply(self) -> Reply {
        let fault = format!("the reply cannot be read, also when asked again: {}", self.wrong);
        Reply { content: String::new(), tool_calls: Vec::new(), fault, ..*self.reply }
    }
}

impl Form {
    /// Returns the form of the reply to a prompt.
    pub(super) fn of(prompt: &Rendered, mode: ToolMode) -> Self {
        if let Some((_, schema)) = &prompt.reply {
            Self::Json(schema.clone())
        } else if mode == ToolMode::Native || prompt.tools.is_empty() {
            Self::Native
        } else {
            Self::Calls { mode, names: prompt.tools.iter().map(|tool| tool.name.clone()).collect() }
        }
    }

    /// Words a prompt so that the reply can have the form.
    pub(super) fn word(&self, prompt: Rendered, templates: &Templates) -> Result<Rendered, TemplateError> {
        match self {
            Self::Calls { mode, .. } => templates.prompted(prompt, *mode),
            Self::Native | Self::Json(_) => Ok(prompt),
        }
    }

    /// Returns the texts at which a reply of this form ends.
    pub(super) fn stops(&self) -> &'static [&'static str] {
        match self {
            Self::Calls { mode, .. } => prompted::stop(*mode),
            Self::Native | Self::Json(_) => &[],
        }
    }

    /// Reads a reply.
    pub(super) fn read(&self, mut reply: Reply) -> Result<Reply, Misread> {
        if !reply.fault.is_empty() || reply.finish == Finish::Filtered {
            return Ok(reply);
        }
        match self {
            Self::Native => Ok(reply),
            // A server that enforces the schema gives strict JSON, which stays as it is.
            Self::Json(schema) => match tolerant::fitting(&reply.content, schema) {
                Ok(value) => {
                    if serde_json::from_str::<Value>(&reply.content).is_err() {
                        reply.content = value.to_string();
                    }
                    Ok(reply)
                }
                Err(wrong) => Err(Misread::new(reply, wrong)),
            },
            // Where text ends at the limit, a call may have lost arguments and show nothing of it.
            Self::Calls { .. } if reply.finish == Finish::Length => {
                Err(Misread::new(reply, "it was cut off at its limit of length"))
            }
            Self::Calls { mode, names } => {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let read = prompted::read(*mode, &reply.content, &names);
                if let Some(wrong) = read.fault {
                    return Err(Misread::new(reply, wrong));
                }
                let call = |(i, call): (usize, PromptedCall)| ToolCall {
                    id: format!("call_{i}"),
                    name: call.name,
                    arguments: call.arguments,
                };
                reply.tool_calls = read.calls.into_iter().enumerate().map(call).collect();
                reply.content = read.answer.unwrap_or(read.thought);
                Ok(reply)
            }
        }
    }

    /// Words the one question that asks for a reply again: what was said, and what is wrong with it.
    pub(super) fn repair(
        &self,
        misread: &Misread,
        templates: &Templates,
    ) -> Result<[Message; 2], TemplateError> {
        let kind = match self {
            Self::Calls { mode, .. } => Repair::Call(*mode),
            Self::Native | Self::Json(_) => Repair::Reply,
        };
        let question = templates.repair(kind, &misread.wrong)?;
        // No server takes an assistant who says nothing.
        let said = if misread.reply.content.is_empty() { "(nothing)" } else { &misread.reply.content };
        Ok([Message::text(Role::Assistant, said), Message::text(Role::User, question)])
    }
}

//! Writes a conversation with tool calls as text alone, and the questions that ask for a reply once more.

use super::Repair;
use crate::config::plan::ToolMode;
use crate::data::{Message, Role, ToolCall};
use crate::prompt::{Rendered, TemplateError, Templates, ToolSpec};
use serde_json::{Value, json};

impl Templates {
    /// Writes a conversation as text alone: the tools at the end of the system message, calls and results in the
    /// mode's form, roles that alternate. A longer conversation begins with the shorter one, byte for byte.
    pub fn prompted(&self, rendered: Rendered, mode: ToolMode) -> Result<Rendered, TemplateError> {
        let template = match mode {
            ToolMode::Native => return Ok(rendered),
            ToolMode::React => "tools.react",
            ToolMode::Hermes => "tools.hermes",
        };
        // What a provider wants back belongs to its own calls, and those are text now.
        let Rendered { messages, tools, reply, kept: _ } = rendered;
        let mut written = Vec::new();
        let mut rest = messages.as_slice();
        if !tools.is_empty() {
            let tools: Vec<Value> = tools.iter().map(tool_context).collect();
            let tools = self.text(template, &json!({"tools": tools}))?;
            let system = match rest {
                [first, after @ ..] if first.role == Role::System => {
                    rest = after;
                    first.content.as_str()
                }
                _ => "",
            };
            add(&mut written, Role::System, &joined(&[system, &tools]));
        }
        while let Some(message) = rest.first() {
            // The results of one turn are one message.
            let results = rest.iter().take_while(|message| message.role == Role::Tool).count();
            match message.role {
                Role::Assistant => add(&mut written, Role::Assistant, &turn(message, mode)),
                Role::Tool => add(&mut written, Role::User, &observed(&rest[..results], mode)),
                role => add(&mut written, role, &message.content),
            }
            rest = &rest[results.max(1)..];
        }
        Ok(Rendered { messages: written, reply, ..Rendered::default() })
    }

    /// Returns the one question that asks for a reply again, whose fault is told.
    pub fn repair(&self, kind: Repair, fault: &str) -> Result<String, TemplateError> {
        match kind {
            Repair::Reply => self.text("repair.reply", &json!({"fault": fault})),
            Repair::Call(mode) => self.text("repair.call", &json!({"fault": fault, "mode": mode})),
        }
    }

    /// Sets the schema of the reply at the end of the last user message, for servers that do not enforce one. The
    /// result has no `reply`; who checks the reply keeps the schema.
    pub fn schema_in_prompt(&self, mut rendered: Rendered) -> Result<Rendered, TemplateError> {
        let Some((_, schema)) = rendered.reply.take() else { return Ok(rendered) };
        let asked = self.text("reply_schema", &json!({"schema": schema.to_string()}))?;
        match rendered.messages.iter_mut().rfind(|message| message.role == Role::User) {
            Some(message) => message.content = joined(&[&message.content, &asked]),
            None => rendered.messages.push(Message::text(Role::User, asked)),
        }
        Ok(rendered)
    }
}

/// Adds a text to the last message if that is the same one's, else as a message.
fn add(messages: &mut Vec<Message>, role: Role, text: &str) {
    match messages.last_mut() {
        Some(last) if last.role == role => last.content = joined(&[&last.content, text]),
        _ => messages.push(Message::text(role, text)),
    }
}

fn joined(texts: &[&str]) -> String {
    let texts: Vec<&str> = texts.iter().copied().filter(|text| !text.is_empty()).collect();
    texts.join("\n\n")
}

fn tool_context(tool: &ToolSpec) -> Value {
    let definition = json!({"type": "function", "function": tool});
    json!({
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters.to_string(),
        "definition": definition.to_string(),
    })
}

fn turn(message: &Message, mode: ToolMode) -> String {
    let call = |call: &ToolCall| match mode {
        ToolMode::React => {
            // What could not be parsed goes back as it came.
            let input = match &call.arguments {
                Value::String(text) => text.clone(),
                arguments => arguments.to_string(),
            };
            format!("Action: {}\nAction Input: {input}", call.name)
        }
        ToolMode::Native | ToolMode::Hermes => {
            let name = json!(call.name);
            format!("<tool_call>\n{{\"name\": {name}, \"arguments\": {}}}\n</tool_call>", call.arguments)
        }
    };
    let is_thought = mode == ToolMode::React && !message.tool_calls.is_empty();
    let thought = match message.content.as_str() {
        "" => None,
        text if is_thought => Some(format!("Thought: {text}")),
        text => Some(text.to_owned()),
    };
    thought.into_iter().chain(message.tool_calls.iter().map(call)).collect::<Vec<_>>().join("\n")
}

fn observed(results: &[Message], mode: ToolMode) -> String {
    let result = |(i, result): (usize, &Message)| match mode {
        ToolMode::React if results.len() == 1 => format!("Observation: {}", result.content),
        ToolMode::React => format!("Observation {}: {}", i + 1, result.content),
        ToolMode::Native | ToolMode::Hermes => {
            format!("<tool_response>\n{}\n</tool_response>", result.content)
        }
    };
    results.iter().enumerate().map(result).collect::<Vec<_>>().join("\n")
}

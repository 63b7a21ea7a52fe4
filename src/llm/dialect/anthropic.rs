//! Anthropic's Messages: <https://platform.claude.com/docs/en/api/messages/create>.
//!
//! Roles alternate, the system message stands apart, and calls and their results are blocks of content. All results
//! of one turn are in one user message and first in it
//! (<https://platform.claude.com/docs/en/agents-and-tools/tool-use/handle-tool-calls>).

use super::{Fields, arguments, bytes, estimate, estimate_out, fault, sent_arguments, written};
use crate::config::plan::Structured;
use crate::data::{Message, Role, ToolCall};
use crate::llm::request::Request;
use crate::llm::{Finish, Reply, Usage};
use serde::ser::{Serialize, Serializer};
use serde_json::{Value, json};
use std::borrow::Cow;

/// The API wants a limit in every request.
pub(super) const MAX_TOKENS: u32 = 4096;

/// What models of this dialect differ in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traits {
    schema: Schema,
}

/// How a reply is held to a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Schema {
    /// `output_config.format` (<https://platform.claude.com/docs/en/build-with-claude/structured-outputs>).
    OutputFormat,
    /// The arguments of a call that is forced: models before Claude Haiku 4.5.
    ForcedCall,
    /// Not by the server.
    Nowhere,
}

impl Traits {
    pub(super) fn new(structured: Structured, model: &str) -> Self {
        // A snapshot of Claude 4.0 has its date where later ones have their minor version.
        const BEFORE: [&str; 8] = [
            "claude-2",
            "claude-3",
            "claude-instant",
            "claude-opus-4-0",
            "claude-opus-4-1",
            "claude-opus-4-2025",
            "claude-sonnet-4-0",
            "claude-sonnet-4-2025",
        ];
        let schema = match structured {
            Structured::JsonObject | Structured::Prompt => Schema::Nowhere,
            Structured::Auto if BEFORE.iter().any(|start| model.starts_with(start)) => Schema::ForcedCall,
            _ => Schema::OutputFormat,
        };
        Self { schema }
    }
}

pub(super) fn encode(traits: Traits, request: &Request) -> Vec<u8> {
    bytes(&Body { traits, request })
}

struct Body<'a> {
    traits: Traits,
    request: &'a Request,
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { traits, request } = *self;
        let begun = request.prompt.messages.iter().take_while(|message| message.role == Role::System).count();
        let mut fields = Fields::new(serializer.serialize_map(None)?, &request.extra_body);
        fields.put("model", &request.model)?;
        let mut tools: Vec<Tool<'_>> = request.prompt.tools.iter().map(Tool::from).collect();
        let forced = request.prompt.reply.as_ref().filter(|_| traits.schema == Schema::ForcedCall);
        if let Some((name, schema)) = forced {
            tools.push(Tool { name, description: "Give the reply.", input_schema: schema });
        }
        if !tools.is_empty() {
            fields.put("tools", &tools)?;
        }
        let system: Vec<&str> = request.prompt.messages[..begun].iter().map(|m| m.content.as_str()).collect();
        let system = system.join("\n\n");
        if !system.trim().is_empty() {
            fields.put("system", &system)?;
        }
        fields.put("messages", &turns(request, begun))?;
        if let Some((name, _)) = forced {
            fields.put("tool_choice", &json!({"type": "tool", "name": name}))?;
        }
        fields.put("max_tokens", &request.max_tokens.unwrap_or(MAX_TOKENS))?;
        fields.some("temperature", request.temperature.map(|temperature| temperature.clamp(0.0, 1.0)))?;
        fields.some("top_p", request.top_p)?;
        if !request.stop.is_empty() {
            fields.put("stop_sequences", &request.stop)?;
        }
        match &request.prompt.reply {
            Some((_, schema)) if traits.schema == Schema::OutputFormat => {
                // The plan's own `output_config` (an effort) stays.
                let mut config =
                    request.extra_body.get("output_config").cloned().unwrap_or_else(|| json!({}));
                if let Some(config) = config.as_object_mut() {
                    config
                        .entry("format")
                        .or_insert_with(|| json!({"type": "json_schema", "schema": schema}));
                }
                fields.replace("output_config", &config)?;
            }
            _ => {}
        }
        fields.end()
    }
}

#[derive(serde::Serialize)]
struct Tool<'a> {
    name: &'a str,
    description: &'a str,
    input_schema: &'a Value,
}

impl<'a> From<&'a crate::prompt::ToolSpec> for Tool<'a> {
    fn from(tool: &'a crate::prompt::ToolSpec) -> Self {
        Self { name: &tool.name, description: &tool.description, input_schema: &tool.parameters }
    }
}

#[derive(serde::Serialize)]
struct Turn<'a> {
    role: &'static str,
    content: Vec<Block<'a>>,
}

#[derive(serde::Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block<'a> {
    Text {
        text: &'a str,
    },
    ToolUse {
        id: &'a str,
        name: &'a str,
        input: Cow<'a, Value>,
    },
    ToolResult {
        tool_use_id: &'a str,
        #[serde(skip_serializing_if = "str::is_empty")]
        content: &'a str,
    },
    #[serde(untagged)]
    Kept(&'a Value),
}

/// Returns the conversation as turns that alternate. A system message after its beginning is said by the user.
fn turns(request: &Request, begun: usize) -> Vec<Turn<'_>> {
    let mut turns: Vec<Turn<'_>> = Vec::new();
    for (place, message) in request.prompt.messages.iter().enumerate().skip(begun) {
        let role = if message.role == Role::Assistant { "assistant" } else { "user" };
        let blocks = match message.role {
            Role::Assistant => said(message, request.prompt.kept.get(&place).map_or(&[], Vec::as_slice)),
            Role::Tool => vec![Block::ToolResult {
                tool_use_id: message.tool_call_id.as_deref().unwrap_or_default(),
                content: &message.content,
            }],
            Role::System | Role::User => text(&message.content).into_iter().collect(),
        };
        if blocks.is_empty() {
            continue;
        }
        if turns.last().is_none_or(|turn| turn.role != role) {
            turns.push(Turn { role, content: Vec::new() });
        }
        let content = &mut turns.last_mut().expect("there is one now").content;
        let at = match message.role {
            Role::Tool => {
                content.iter().take_while(|block| matches!(block, Block::ToolResult { .. })).count()
            }
            _ => content.len(),
        };
        content.splice(at..at, blocks);
    }
    turns
}

/// The API rejects text without a letter in it.
fn text(text: &str) -> Option<Block<'_>> {
    (!text.trim().is_empty()).then_some(Block::Text { text })
}

/// An assistant's blocks in the order in which they came: a null among what is kept stands for its next own block.
fn said<'a>(message: &'a Message, kept: &'a [Value]) -> Vec<Block<'a>> {
    let calls = message.tool_calls.iter().map(|call| Block::ToolUse {
        id: &call.id,
        name: &call.name,
        input: sent_arguments(&call.arguments),
    });
    let mut own = text(&message.content).into_iter().chain(calls);
    let mut blocks = Vec::new();
    for value in kept {
        match value {
            Value::Null => blocks.extend(own.next()),
            value => blocks.push(Block::Kept(value)),
        }
    }
    blocks.extend(own);
    blocks
}

pub(super) fn decode(traits: Traits, body: &Value, request: &Request) -> Reply {
    let blocks = match body.get("content") {
        Some(Value::Array(blocks)) => blocks.as_slice(),
        Some(Value::String(_)) => &[],
        _ => return fault(String::from("the reply holds no content"), request),
    };
    let mut reply = Reply {
        content: body.get("content").and_then(Value::as_str).unwrap_or_default().to_owned(),
        finish: match body.get("stop_reason").and_then(Value::as_str) {
            Some("max_tokens" | "model_context_window_exceeded") => Finish::Length,
            Some("refusal") => Finish::Filtered,
            // end_turn, tool_use, stop_sequence; pause_turn comes only with tools of the server's own.
            _ => Finish::Stop,
        },
        ..Reply::default()
    };
    for block in blocks {
        let field = |key: &str| block.get(key).and_then(Value::as_str).unwrap_or_default();
        match field("type") {
            "text" => reply.content.push_str(field("text")),
            "thinking" => {
                reply.reasoning.push_str(field("thinking"));
                reply.reasoning.push('\n');
            }
            "tool_use" => reply.tool_calls.push(ToolCall {
                id: field("id").to_owned(),
                name: field("name").to_owned(),
                arguments: arguments(block.get("input")),
            }),
            _ => {}
        }
    }
    reply.content = reply.content.trim().to_owned();
    reply.reasoning = reply.reasoning.trim().to_owned();
    reply.usage = usage_of(body, request, written(&reply));
    if traits.schema == Schema::ForcedCall
        && let Some((name, _)) = &request.prompt.reply
        && let Some(at) = reply.tool_calls.iter().position(|call| call.name == *name)
    {
        reply.content = reply.tool_calls.remove(at).arguments.to_string();
    }
    if !reply.tool_calls.is_empty() {
        reply.kept = kept_of(blocks);
    }
    reply
}

/// The thinking that must come back with the results of the calls, signed and in its place
/// (<https://platform.claude.com/docs/en/build-with-claude/extended-thinking>).
fn kept_of(blocks: &[Value]) -> Vec<Value> {
    let mut kept = Vec::new();
    let mut has_text = false;
    for block in blocks {
        match block.get("type").and_then(Value::as_str) {
            Some("thinking" | "redacted_thinking") => kept.push(block.clone()),
            // All text is one block when it goes back.
            Some("text") if !has_text && text(block["text"].as_str().unwrap_or_default()).is_some() => {
                has_text = true;
                kept.push(Value::Null);
            }
            Some("tool_use") => kept.push(Value::Null),
            _ => {}
        }
    }
    while kept.last().is_some_and(Value::is_null) {
        kept.pop();
    }
    kept
}

/// What was read from a cache or written to it is counted apart from the rest of the prompt.
fn usage_of(body: &Value, request: &Request, written_bytes: usize) -> Usage {
    let count = |key: &str| body.get("usage").and_then(|usage| usage.get(key)?.as_u64());
    let Some(fresh) = count("input_tokens") else { return estimate(request, written_bytes) };
    let cached = count("cache_read_input_tokens").unwrap_or(0);
    Usage {
        tokens_in: fresh + cached + count("cache_creation_input_tokens").unwrap_or(0),
        tokens_out: count("output_tokens").unwrap_or(estimate_out(written_bytes)),
        tokens_cached: cached,
    }
}

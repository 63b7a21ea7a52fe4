//! OpenAI's chat completions, as vLLM, llama.cpp, Ollama and most others speak them: two pure functions.

use super::{Finish, Reply, Usage};
use crate::config::plan::ModelPlan;
use crate::data::{Message, ToolCall};
use crate::prompt::{Rendered, ToolSpec};
use serde_json::{Map, Value, json};

/// What a model is asked, without where and with what key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// The model's name as the server knows it.
    pub model: String,
    /// The messages, the tools and the form of the reply.
    pub prompt: Rendered,
    /// Sampling temperature.
    pub temperature: Option<f64>,
    /// Nucleus sampling.
    pub top_p: Option<f64>,
    /// Most tokens of the reply.
    pub max_tokens: Option<u32>,
    /// The sampling seed; left out of the canonical form, which it is derived from.
    pub seed: Option<u32>,
}

impl Request {
    /// Makes the request of a prompt to a model.
    pub fn new(plan: &ModelPlan, prompt: Rendered) -> Self {
        Self {
            model: plan.model.clone(),
            prompt,
            temperature: plan.sampling.temperature,
            top_p: plan.sampling.top_p,
            max_tokens: plan.sampling.max_tokens,
            seed: None,
        }
    }
}

/// Makes the body of a request.
pub fn encode(request: &Request) -> Value {
    let mut body = Map::new();
    body.insert("model".into(), json!(request.model));
    body.insert("messages".into(), request.prompt.messages.iter().map(message).collect());
    if !request.prompt.tools.is_empty() {
        body.insert("tools".into(), request.prompt.tools.iter().map(tool).collect());
    }
    if let Some((name, schema)) = &request.prompt.reply {
        let form = json!({"name": name, "strict": true, "schema": schema});
        body.insert("response_format".into(), json!({"type": "json_schema", "json_schema": form}));
    }
    let mut number = |key: &str, value: Option<Value>| value.map(|value| body.insert(key.into(), value));
    number("temperature", request.temperature.map(Value::from));
    number("top_p", request.top_p.map(Value::from));
    number("max_tokens", request.max_tokens.map(Value::from));
    number("seed", request.seed.map(Value::from));
    Value::Object(body)
}

fn message(message: &Message) -> Value {
    let mut out = Map::new();
    out.insert("role".into(), json!(message.role.as_str()));
    out.insert("content".into(), json!(message.content));
    if !message.tool_calls.is_empty() {
        out.insert("tool_calls".into(), message.tool_calls.iter().map(call).collect());
    }
    if let Some(id) = &message.tool_call_id {
        out.insert("tool_call_id".into(), json!(id));
    }
    Value::Object(out)
}

fn call(call: &ToolCall) -> Value {
    // What could not be parsed goes back as it came.
    let arguments = match &call.arguments {
        Value::String(text) => text.clone(),
        arguments => arguments.to_string(),
    };
    json!({"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}})
}

fn tool(tool: &ToolSpec) -> Value {
    let function = json!({"name": tool.name, "description": tool.description, "parameters": tool.parameters});
    json!({"type": "function", "function": function})
}

/// Reads the body of a successful response. Whatever it holds becomes a reply; one that is none has a `fault`.
pub fn decode(body: &[u8], request: &Request) -> Reply {
    let fault = |fault: String| Reply { fault, usage: estimate(request, ""), ..Reply::default() };
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return fault(format!("the reply is not JSON: {}", excerpt(body)));
    };
    if let Some(error) = body.get("error").filter(|error| !error.is_null()) {
        return fault(format!("the server reports an error: {}", error_text(error)));
    }
    let Some(choice) = body.pointer("/choices/0") else {
        return fault(String::from("the reply holds no choice"));
    };
    let Some(message) = choice.get("message").filter(|message| message.is_object()) else {
        return fault(String::from("the reply's choice holds no message"));
    };
    let (content, thought) = split_thinking(text_of(message.get("content")));
    let given = ["reasoning_content", "reasoning"]
        .into_iter()
        .map(|key| text_of(message.get(key)))
        .find(|text| !text.is_empty());
    let mut tool_calls: Vec<ToolCall> = match message.get("tool_calls") {
        Some(Value::Array(calls)) => calls.iter().enumerate().map(|(i, call)| read_call(i, call)).collect(),
        _ => Vec::new(),
    };
    if tool_calls.is_empty()
        && let Some(function) = message.get("function_call").filter(|call| call.is_object())
    {
        tool_calls.push(read_call(0, &json!({"function": function})));
    }
    let finish = match choice.get("finish_reason").and_then(Value::as_str) {
        Some("length") => Finish::Length,
        Some("content_filter") => Finish::Filtered,
        _ => Finish::Stop,
    };
    let written = format!("{content}{thought}{}", message.get("tool_calls").unwrap_or(&Value::Null));
    let usage = usage_of(&body).unwrap_or_else(|| estimate(request, &written));
    Reply { content, reasoning: given.unwrap_or(thought), tool_calls, finish, fault: String::new(), usage }
}

/// Makes the reply that stands for a request which the server rejected (a 4xx that concerns this request alone).
pub fn rejected(status: u16, body: &[u8], request: &Request) -> Reply {
    let fault = format!("the server rejected the request with status {status}: {}", said(body));
    Reply { fault, usage: Usage { tokens_out: 0, ..estimate(request, "") }, ..Reply::default() }
}

/// Returns what an error's body says, for a person: its message where it has one, else its beginning.
pub fn said(body: &[u8]) -> String {
    let parsed = serde_json::from_slice::<Value>(body).ok();
    let error =
        parsed.as_ref().and_then(|body| body.get("error").or_else(|| body.get("detail")).or(Some(body)));
    match error {
        Some(error) => error_text(error),
        None => excerpt(body),
    }
}

fn error_text(error: &Value) -> String {
    let text = match error {
        Value::String(text) => text.clone(),
        error => match error.get("message").and_then(Value::as_str) {
            Some(message) => message.to_owned(),
            None => error.to_string(),
        },
    };
    excerpt(text.as_bytes())
}

fn excerpt(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(1200)]);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(300) {
        Some((at, _)) => format!("{}...", &line[..at]),
        None if line.is_empty() => String::from("(nothing)"),
        None => line,
    }
}

/// Content is a string, null, or a list of parts of which the texts count.
fn text_of(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => {
            parts.iter().filter_map(|part| part.get("text").and_then(Value::as_str)).collect()
        }
        _ => String::new(),
    }
}

/// Servers without a reasoning parser leave the thinking in the text.
fn split_thinking(content: String) -> (String, String) {
    let Some(rest) = content.trim_start().strip_prefix("<think>") else {
        return (content.trim().to_owned(), String::new());
    };
    match rest.split_once("</think>") {
        Some((thought, answer)) => (answer.trim().to_owned(), thought.trim().to_owned()),
        // Cut while thinking: there is no answer.
        None => (String::new(), rest.trim().to_owned()),
    }
}

fn read_call(position: usize, call: &Value) -> ToolCall {
    let function = call.get("function").unwrap_or(call);
    let id = call.get("id").and_then(Value::as_str).filter(|id| !id.is_empty());
    let arguments = match function.get("arguments") {
        None | Some(Value::Null) => json!({}),
        Some(Value::String(text)) if text.trim().is_empty() => json!({}),
        Some(Value::String(text)) => match serde_json::from_str::<Value>(text) {
            Ok(arguments) if arguments.is_object() => arguments,
            _ => Value::String(text.clone()),
        },
        Some(Value::Object(arguments)) => Value::Object(arguments.clone()),
        Some(other) => Value::String(other.to_string()),
    };
    ToolCall {
        id: id.map_or_else(|| format!("call_{position}"), str::to_owned),
        name: function.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(),
        arguments,
    }
}

fn usage_of(body: &Value) -> Option<Usage> {
    let usage = body.get("usage")?;
    let count = |key: &str| usage.get(key).and_then(Value::as_u64);
    Some(Usage {
        tokens_in: count("prompt_tokens")?,
        tokens_out: count("completion_tokens").unwrap_or(0),
        tokens_cached: 0,
    })
}

/// Four bytes a token, where the server does not count.
fn estimate(request: &Request, written: &str) -> Usage {
    Usage { tokens_in: tokens_in(request), tokens_out: written.len() as u64 / 4 + 1, tokens_cached: 0 }
}

/// Returns about how many tokens a request's prompt has.
pub fn tokens_in(request: &Request) -> u64 {
    let messages: usize = request.prompt.messages.iter().map(|m| m.content.len() + 16).sum();
    let calls: usize =
        request.prompt.messages.iter().flat_map(|m| &m.tool_calls).map(|c| call(c).to_string().len()).sum();
    let tools: usize = request.prompt.tools.iter().map(|t| tool(t).to_string().len()).sum();
    (messages + calls + tools) as u64 / 4 + 1
}

//! The wire formats: a closed set of pure `encode` and `decode` functions over one transport.

mod anthropic;
mod openai;
mod stream;

use super::request::Request;
use super::{Reply, Usage};
use crate::config::plan::{MaxTokensField, ModelPlan, OWN_FIELDS, Provider, Structured};
use crate::data::ToolCall;
use serde::Serialize;
use serde::ser::SerializeMap;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// What a server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// OpenAI's chat completions, as nearly every server speaks them.
    OpenAi(openai::Traits),
    /// Anthropic's Messages.
    Anthropic(anthropic::Traits),
    // Gemini, OpenAI's Responses and batches go here: one arm in each function below.
}

impl Dialect {
    /// Returns the dialect of a model's server.
    pub fn of(plan: &ModelPlan) -> Self {
        match plan.provider {
            Provider::Anthropic => Self::anthropic(plan.structured, &plan.model),
            // The built-in model is never sent anything.
            Provider::Openai | Provider::Builtin => {
                Self::open_ai(plan.structured, plan.max_tokens_field, host(plan.base_url.as_deref()))
            }
        }
    }

    /// Returns OpenAI's dialect as a host wants it.
    pub fn open_ai(structured: Structured, max_tokens: MaxTokensField, host: &str) -> Self {
        Self::OpenAi(openai::Traits::new(structured, max_tokens, host))
    }

    /// Returns Anthropic's dialect as a model wants it.
    pub fn anthropic(structured: Structured, model: &str) -> Self {
        Self::Anthropic(anthropic::Traits::new(structured, model))
    }

    /// Returns what follows the base URL.
    pub fn path(&self) -> &'static str {
        match self {
            Self::OpenAi(_) => "chat/completions",
            Self::Anthropic(_) => "messages",
        }
    }

    /// Returns the header that holds the key: a secret.
    pub fn auth(&self, key: &str) -> (&'static str, String) {
        match self {
            Self::OpenAi(_) => ("authorization", format!("Bearer {key}")),
            Self::Anthropic(_) => ("x-api-key", key.to_owned()),
        }
    }

    /// Returns the headers that every request carries.
    pub fn headers(&self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::OpenAi(_) => &[],
            Self::Anthropic(_) => &[("anthropic-version", "2023-06-01")],
        }
    }

    /// Returns the most tokens of a reply where the plan names none: what is sent, or what is reckoned with.
    pub fn tokens_out_default(&self) -> u64 {
        match self {
            Self::OpenAi(_) => 1024,
            Self::Anthropic(_) => u64::from(anthropic::MAX_TOKENS),
        }
    }

    /// Makes the body of a request.
    pub fn encode(&self, request: &Request) -> Vec<u8> {
        match self {
            Self::OpenAi(traits) => openai::encode(*traits, request),
            Self::Anthropic(traits) => anthropic::encode(*traits, request),
        }
    }

    /// Reads the body of a successful response. Whatever it holds becomes a reply; one that is none has a `fault`.
    #[cfg_attr(not(feature = "internals"), expect(dead_code, reason = "the project's own tests use it"))]
    pub fn decode(&self, body: &[u8], request: &Request) -> Reply {
        match self.parse(body) {
            Ok(body) => self.read(&body, request),
            Err(unread) => fault(format!("{unread}: {}", excerpt(body)), request),
        }
    }

    /// Reads the body of a successful response as JSON. What is none was not said by such a server, or not to its end.
    pub fn parse(&self, body: &[u8]) -> Result<Value, Unread> {
        let parsed = match (serde_json::from_slice::<Value>(body), self) {
            (Ok(body), _) => Some(body).filter(|body| body.is_object() || body.is_array()),
            (Err(_), Self::OpenAi(_)) => stream::merged(body),
            (Err(_), Self::Anthropic(_)) => None,
        };
        parsed.ok_or_else(|| Unread::of(body))
    }

    /// Makes a reply of what a server said.
    pub fn read(&self, body: &Value, request: &Request) -> Reply {
        if let Some(error) = error_in(body) {
            return fault(format!("the server reports an error: {}", error_text(error)), request);
        }
        let mut reply = match self {
            Self::OpenAi(_) => openai::decode(body, request),
            Self::Anthropic(traits) => anthropic::decode(*traits, body, request),
        };
        tell_apart(&mut reply.tool_calls, request);
        reply
    }
}

/// Makes the reply that stands for a request which the server rejected (a 4xx that concerns this request alone). It
/// took nothing.
pub fn rejected(status: u16, body: &[u8]) -> Reply {
    let fault = format!("the server rejected the request with status {status}: {}", said(body));
    Reply { fault, ..Reply::default() }
}

/// Returns what an error's body says, for a person: its message where it has one, else its beginning.
pub fn said(body: &[u8]) -> String {
    let parsed = serde_json::from_slice::<Value>(body).ok();
    match parsed.as_ref() {
        Some(body) => error_text(error_in(body).or_else(|| body.get("detail")).unwrap_or(body)),
        None => excerpt(body),
    }
}

/// Why the body of a successful response cannot be read: as a rule a gateway has stepped in, and another attempt is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// It holds nothing.
    #[error("the reply is empty")]
    Empty,
    /// No such server says so: a page, a greeting.
    #[error("the reply is not JSON")]
    Foreign,
    /// It begins as a reply does, and breaks off.
    #[error("the reply is cut off or damaged")]
    Cut,
}

impl Unread {
    fn of(body: &[u8]) -> Self {
        let start = body.trim_ascii_start();
        let begins = [&b"{"[..], b"[", b"data:", b"event:", b":"].iter().any(|mark| start.starts_with(mark));
        match (start.is_empty(), begins) {
            (true, _) => Self::Empty,
            (false, true) => Self::Cut,
            (false, false) => Self::Foreign,
        }
    }
}

/// Tells whether a server that rejected a request did so for the schema of the reply.
pub fn is_about_schema(body: &[u8]) -> bool {
    let said = said(body).to_lowercase();
    [
        "response_format",
        "json_schema",
        "json schema",
        "schema",
        "grammar",
        "guided",
        "structured",
        "output_config",
        "output_format",
    ]
    .iter()
    .any(|word| said.contains(word))
}

/// Tells whether a server that rejected a request did so because it is longer than the model's context: OpenAI's
/// `context_length_exceeded`, llama.cpp's `exceed_context_size_error`, vLLM's and Anthropic's words for it.
pub fn is_about_length(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body).to_lowercase();
    [
        "context_length",
        "context length",
        "context_size",
        "context size",
        "context window",
        "prompt is too long",
    ]
    .iter()
    .any(|words| text.contains(words))
}

/// Returns the status that a body with status 200 should have had, where it says that the server did not serve just
/// now (OpenRouter and other gateways do so): 408, 429, or one of 500 and above.
pub fn hidden_status(body: &Value) -> Option<u16> {
    let Some(error) = error_in(body).or_else(|| body.pointer("/choices/0/error")) else {
        let ended = body.pointer("/choices/0/finish_reason").and_then(Value::as_str)?;
        return openai::BROKEN_OFF.contains(&ended).then_some(503);
    };
    let number = |key: &str| {
        let value = error.get(key)?;
        value.as_u64().or_else(|| value.as_str()?.parse().ok())
    };
    let named = || match error.get("type").and_then(Value::as_str)? {
        "rate_limit_error" | "rate_limit_exceeded" => Some(429),
        "api_error" | "server_error" | "internal_error" => Some(500),
        "overloaded_error" => Some(529),
        _ => None,
    };
    let status = number("code").or_else(|| number("status")).or_else(named)?;
    u16::try_from(status).ok().filter(|status| matches!(status, 408 | 429) || (500..600).contains(status))
}

/// Returns the error that a body holds instead of a reply: OpenAI's and Anthropic's `{"error": …}`, Gemini's list of
/// one, and `{"object": "error", "message": …}` of vLLM and SGLang.
fn error_in(body: &Value) -> Option<&Value> {
    if let Some(error) = body.get("error").or_else(|| body.pointer("/0/error")) {
        return Some(error).filter(|error| !error.is_null());
    }
    Some(body).filter(|body| body.get("object").and_then(Value::as_str) == Some("error"))
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

fn fault(fault: String, request: &Request) -> Reply {
    Reply { fault, usage: estimate(request, 0), ..Reply::default() }
}

/// Four bytes a token, where the server does not count.
fn estimate(request: &Request, written_bytes: usize) -> Usage {
    Usage {
        tokens_in: request.tokens_in_estimate(),
        tokens_out: estimate_out(written_bytes),
        ..Usage::default()
    }
}

fn estimate_out(written_bytes: usize) -> u64 {
    written_bytes as u64 / 4 + 1
}

/// Bytes that a model wrote, for the estimate.
fn written(reply: &Reply) -> usize {
    let calls: usize = reply.tool_calls.iter().map(|c| c.name.len() + c.arguments.to_string().len()).sum();
    reply.content.len() + reply.reasoning.len() + calls
}

/// Gives each call an id that no other call of the conversation has. Some servers give none, some the same ones in
/// every turn, and Anthropic rejects a conversation in which two calls share one.
fn tell_apart(calls: &mut [ToolCall], request: &Request) {
    let before = request.prompt.messages.iter().flat_map(|message| &message.tool_calls);
    let mut taken: BTreeSet<String> = before.map(|call| call.id.clone()).collect();
    for call in calls {
        let given = call.id.trim();
        let stem = if given.is_empty() { format!("call_{}", taken.len()) } else { given.to_owned() };
        let mut id = stem.clone();
        let mut copy = 2;
        while taken.contains(&id) {
            id = format!("{stem}_{copy}");
            copy += 1;
        }
        taken.insert(id.clone());
        call.id = id;
    }
}

/// Reads a call's arguments: an object, or a JSON string of one, or a string of such a string. What is neither stays
/// a string.
fn arguments(value: Option<&Value>) -> Value {
    match value {
        None | Some(Value::Null) => json!({}),
        Some(Value::Object(arguments)) => Value::Object(arguments.clone()),
        Some(Value::String(text)) if text.trim().is_empty() => json!({}),
        Some(Value::String(text)) => match serde_json::from_str::<Value>(text) {
            Ok(Value::Null) => json!({}),
            Ok(arguments @ Value::Object(_)) => arguments,
            Ok(Value::String(inner)) => match serde_json::from_str::<Value>(&inner) {
                Ok(arguments @ Value::Object(_)) => arguments,
                _ => Value::String(text.clone()),
            },
            _ => Value::String(text.clone()),
        },
        Some(other) => Value::String(other.to_string()),
    }
}

/// Returns a call's arguments as the object that every server accepts in a conversation. What could not be parsed is
/// wrapped: many servers parse what they are sent back, and would reject the whole task for it.
fn sent_arguments(arguments: &Value) -> std::borrow::Cow<'_, Value> {
    match arguments {
        Value::Object(_) => std::borrow::Cow::Borrowed(arguments),
        Value::String(text) => std::borrow::Cow::Owned(json!({"arguments": text})),
        other => std::borrow::Cow::Owned(json!({"arguments": other})),
    }
}

/// A body's fields as they are written: the dialect's own, then those of the plan, which replace the dialect's.
struct Fields<'a, M> {
    map: M,
    extra: &'a Map<String, Value>,
    merged: Option<&'static str>,
}

impl<'a, M: SerializeMap> Fields<'a, M> {
    fn new(map: M, extra: &'a Map<String, Value>) -> Self {
        Self { map, extra, merged: None }
    }
}

impl<M: SerializeMap> Fields<'_, M> {
    fn put<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), M::Error> {
        if self.extra.contains_key(key) && !OWN_FIELDS.contains(&key) {
            return Ok(());
        }
        self.map.serialize_entry(key, value)
    }

    /// Puts a field into which the plan's own is merged already.
    fn replace<T: Serialize>(&mut self, key: &'static str, value: &T) -> Result<(), M::Error> {
        self.merged = Some(key);
        self.map.serialize_entry(key, value)
    }

    fn some<T: Serialize>(&mut self, key: &'static str, value: Option<T>) -> Result<(), M::Error> {
        value.map_or(Ok(()), |value| self.put(key, &value))
    }

    fn end(mut self) -> Result<M::Ok, M::Error> {
        for (key, value) in self.extra {
            if !OWN_FIELDS.contains(&key.as_str()) && self.merged != Some(key) {
                self.map.serialize_entry(key, value)?;
            }
        }
        self.map.end()
    }
}

fn bytes<T: Serialize>(body: &T) -> Vec<u8> {
    serde_json::to_vec(body).expect("a request is plain data")
}

/// Returns the host of a base URL, without a port; empty where there is none.
pub(super) fn host(base_url: Option<&str>) -> &str {
    let rest = base_url.and_then(|url| url.split_once("://")).map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    host.split_once(':').map_or(host, |(host, _)| host)
}

//! OpenAI's chat completions, as OpenAI, vLLM, SGLang, llama.cpp, Ollama, LM Studio, OpenRouter, Together and most
//! others speak them, with what they differ in.
//!
//! What is relied on stands in <https://platform.openai.com/docs/api-reference/chat/object> and, for the others, in
//! the pages that `tests/replies/README.md` lists.

use super::{Fields, arguments, bytes, estimate_out, fault, sent_arguments, written};
use crate::config::plan::{MaxTokensField, Structured};
use crate::data::{Message, Role, ToolCall};
use crate::llm::request::Request;
use crate::llm::{Finish, Reply, Usage};
use crate::prompt::ToolSpec;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};

/// What servers of this dialect differ in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traits {
    schema: Schema,
    /// The name of the field for the most tokens of a reply.
    max_tokens: &'static str,
}

/// Where the schema of a structured reply goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Schema {
    /// `response_format`, of type `json_schema`.
    ResponseFormat,
    /// `guided_json`: vLLM before 0.12.
    GuidedJson,
    /// `structured_outputs`: vLLM since then.
    StructuredOutputs,
    /// Nowhere, but the reply must be some JSON object.
    AnyObject,
    /// Nowhere.
    Nowhere,
}

/// Marks around the thinking that a server without a reasoning parser leaves in the text.
const THINKING: [(&str, &str); 5] = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("[THINK]", "[/THINK]"),
    ("<seed:think>", "</seed:think>"),
    ("◁think▷", "◁/think▷"),
];

/// What a server says that gave up in the middle of a reply: vLLM and SGLang, OpenRouter and Mistral, DeepSeek.
pub(super) const BROKEN_OFF: [&str; 3] = ["abort", "error", "insufficient_system_resource"];

impl Traits {
    pub(super) fn new(structured: Structured, max_tokens: MaxTokensField, host: &str) -> Self {
        let schema = match structured {
            Structured::Auto | Structured::JsonSchema => Schema::ResponseFormat,
            Structured::GuidedJson => Schema::GuidedJson,
            Structured::StructuredOutputs => Schema::StructuredOutputs,
            Structured::JsonObject => Schema::AnyObject,
            Structured::Prompt => Schema::Nowhere,
        };
        let max_tokens = match max_tokens {
            MaxTokensField::MaxCompletionTokens => "max_completion_tokens",
            // OpenAI's reasoning models reject the other one; most other servers know only the other one.
            MaxTokensField::Auto if host == "api.openai.com" => "max_completion_tokens",
            MaxTokensField::Auto | MaxTokensField::MaxTokens => "max_tokens",
        };
        Self { schema, max_tokens }
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
        let mut fields = Fields::new(serializer.serialize_map(None)?, &request.extra_body);
        fields.put("model", &request.model)?;
        fields.put("messages", &Messages(request))?;
        if !request.prompt.tools.is_empty() {
            fields.put("tools", &Tools(&request.prompt.tools))?;
        }
        if let Some((name, schema)) = &request.prompt.reply {
            match traits.schema {
                Schema::ResponseFormat => {
                    let form = json!({"name": name, "strict": true, "schema": schema});
                    fields.put("response_format", &json!({"type": "json_schema", "json_schema": form}))?;
                }
                Schema::GuidedJson => fields.put("guided_json", schema)?,
                Schema::StructuredOutputs => fields.put("structured_outputs", &json!({"json": schema}))?,
                Schema::AnyObject => fields.put("response_format", &json!({"type": "json_object"}))?,
                Schema::Nowhere => {}
            }
        }
        fields.some("temperature", request.temperature)?;
        fields.some("top_p", request.top_p)?;
        fields.some(traits.max_tokens, request.max_tokens)?;
        if !request.stop.is_empty() {
            fields.put("stop", &request.stop)?;
        }
        fields.some("seed", request.seed)?;
        fields.end()
    }
}

struct Tools<'a>(&'a [ToolSpec]);

impl Serialize for Tools<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct Tool<'a> {
            r#type: &'static str,
            function: &'a ToolSpec,
        }
        serializer.collect_seq(self.0.iter().map(|function| Tool { r#type: "function", function }))
    }
}

struct Messages<'a>(&'a Request);

impl Serialize for Messages<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let kept = |place: usize| self.0.prompt.kept.get(&place).map_or(&[][..], Vec::as_slice);
        let messages = self.0.prompt.messages.iter().enumerate();
        serializer.collect_seq(messages.map(|(place, message)| Sent { message, kept: kept(place) }))
    }
}

struct Sent<'a> {
    message: &'a Message,
    /// Objects whose fields go into the message as they came.
    kept: &'a [Value],
}

impl Serialize for Sent<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let message = self.message;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("role", message.role.as_str())?;
        // Only beside calls may content be null, and there an empty text is rejected by some.
        let is_null = message.content.is_empty() && !message.tool_calls.is_empty();
        map.serialize_entry("content", &(!is_null).then_some(&message.content))?;
        if message.role == Role::Assistant {
            for (key, value) in self.kept.iter().filter_map(Value::as_object).flatten() {
                map.serialize_entry(key, value)?;
            }
        }
        if !message.tool_calls.is_empty() {
            let calls: Vec<Called<'_>> = message.tool_calls.iter().map(called).collect();
            map.serialize_entry("tool_calls", &calls)?;
        }
        if let Some(id) = &message.tool_call_id {
            map.serialize_entry("tool_call_id", id)?;
        }
        map.end()
    }
}

#[derive(serde::Serialize)]
struct Called<'a> {
    id: &'a str,
    r#type: &'static str,
    function: CalledFunction<'a>,
}

#[derive(serde::Serialize)]
struct CalledFunction<'a> {
    name: &'a str,
    arguments: String,
}

fn called(call: &ToolCall) -> Called<'_> {
    let arguments = sent_arguments(&call.arguments).to_string();
    Called { id: &call.id, r#type: "function", function: CalledFunction { name: &call.name, arguments } }
}

pub(super) fn decode(body: &Value, request: &Request) -> Reply {
    // A reply that is none may be charged for all the same.
    let fault = |text: String| Reply { usage: usage_of(body, request, 0), ..fault(text, request) };
    let Some(choice) = body.pointer("/choices/0") else {
        return fault(String::from("the reply holds no choice"));
    };
    let ended = choice.get("finish_reason").and_then(Value::as_str).unwrap_or_default();
    if let Some(error) = choice.get("error").filter(|error| !error.is_null()) {
        return fault(format!("the server reports an error: {}", super::error_text(error)));
    }
    if BROKEN_OFF.contains(&ended) {
        return fault(format!("the server broke off with finish_reason `{ended}`"));
    }
    let Some(message) = choice.get("message").and_then(Value::as_object) else {
        return fault(String::from("the reply's choice holds no message"));
    };
    let (content, thought) = split_thinking(text_of(message.get("content")));
    let mut reply = Reply {
        reasoning: joined([reasoning_of(message), thought]),
        content,
        tool_calls: calls_of(message),
        finish: finish_of(ended),
        ..Reply::default()
    };
    let refusal = message.get("refusal").and_then(Value::as_str).unwrap_or_default().trim();
    if !refusal.is_empty() {
        reply.finish = Finish::Filtered;
        if reply.content.is_empty() {
            refusal.clone_into(&mut reply.content);
        }
    }
    if !reply.tool_calls.is_empty() {
        reply.kept = kept_of(message);
    }
    reply.usage = usage_of(body, request, written(&reply));
    reply
}

fn finish_of(reason: &str) -> Finish {
    match reason {
        "length" | "max_tokens" | "model_length" | "max_output_tokens" => Finish::Length,
        "content_filter" | "refusal" | "safety" => Finish::Filtered,
        // stop, tool_calls, function_call, eos, eos_token, stop_sequence, null and what nobody knows.
        _ => Finish::Stop,
    }
}

/// Content is a string, null, or a list of parts of which the texts count.
fn text_of(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => {
            parts.iter().filter_map(|part| part.as_str().or_else(|| part.get("text")?.as_str())).collect()
        }
        _ => String::new(),
    }
}

/// Reasoning has many names: vLLM and DeepSeek's `reasoning_content`, `reasoning` of newer vLLM, Ollama, Together and
/// OpenRouter, OpenRouter's `reasoning_details`, and Mistral's parts of type `thinking`.
fn reasoning_of(message: &Map<String, Value>) -> String {
    let plain = ["reasoning_content", "reasoning"].into_iter().map(|key| text_of(message.get(key)));
    if let Some(text) = plain.map(|text| text.trim().to_owned()).find(|text| !text.is_empty()) {
        return text;
    }
    let detail = |detail: &Value| {
        Some(["text", "summary"].into_iter().find_map(|key| detail.get(key)?.as_str())?.to_owned())
    };
    if let Some(Value::Array(details)) = message.get("reasoning_details") {
        return joined(details.iter().filter_map(detail));
    }
    match message.get("content") {
        Some(Value::Array(parts)) => joined(parts.iter().map(|part| text_of(part.get("thinking")))),
        _ => String::new(),
    }
}

fn joined(texts: impl IntoIterator<Item = String>) -> String {
    let texts: Vec<String> = texts.into_iter().filter(|text| !text.trim().is_empty()).collect();
    texts.join("\n").trim().to_owned()
}

/// What must come back with the results of the calls, under the name it had: DeepSeek rejects a conversation without
/// it, others think worse.
fn kept_of(message: &Map<String, Value>) -> Vec<Value> {
    let field = ["reasoning_details", "reasoning_content", "reasoning"].into_iter().find(|key| {
        message.get(*key).is_some_and(|value| match value {
            Value::Array(details) => !details.is_empty(),
            value => value.is_string(),
        })
    });
    field.map(|key| json!({key: message[key]})).into_iter().collect()
}

/// Servers without a reasoning parser leave the thinking in the text.
fn split_thinking(content: String) -> (String, String) {
    let text = content.trim();
    for (open, close) in THINKING {
        if let Some(rest) = text.strip_prefix(open) {
            return match rest.split_once(close) {
                Some((thought, answer)) => (answer.trim().to_owned(), thought.trim().to_owned()),
                // Cut while thinking: there is no answer.
                None => (String::new(), rest.trim().to_owned()),
            };
        }
    }
    // Where the template has opened it, only its end is in the text.
    match text.split_once("</think>") {
        Some((thought, answer)) if !thought.contains("<think>") => {
            (answer.trim().to_owned(), thought.trim().to_owned())
        }
        _ => (text.to_owned(), String::new()),
    }
}

fn calls_of(message: &Map<String, Value>) -> Vec<ToolCall> {
    let calls = message.get("tool_calls").and_then(Value::as_array);
    let calls: Vec<ToolCall> =
        calls.into_iter().flatten().filter(|call| call.is_object()).map(call).collect();
    match message.get("function_call").filter(|function| calls.is_empty() && function.is_object()) {
        Some(function) => vec![call(function)],
        None => calls,
    }
}

fn call(call: &Value) -> ToolCall {
    let function = call.get("function").filter(|function| function.is_object()).unwrap_or(call);
    let id = match call.get("id") {
        Some(Value::String(id)) => id.clone(),
        Some(Value::Number(id)) => id.to_string(),
        _ => String::new(),
    };
    let name = function.get("name").and_then(Value::as_str).unwrap_or_default();
    let given = function.get("arguments").or_else(|| function.get("parameters"));
    ToolCall { id, name: name.trim().to_owned(), arguments: arguments(given) }
}

/// Takes what the server counts; what it does not is estimated.
fn usage_of(body: &Value, request: &Request, written_bytes: usize) -> Usage {
    let count = |path: &str| body.pointer(path).and_then(Value::as_u64).filter(|count| *count > 0);
    let cached = count("/usage/prompt_tokens_details/cached_tokens")
        .or_else(|| count("/usage/prompt_cache_hit_tokens"));
    let tokens_in = count("/usage/prompt_tokens").unwrap_or_else(|| request.tokens_in_estimate());
    Usage {
        tokens_in,
        tokens_out: count("/usage/completion_tokens").unwrap_or(estimate_out(written_bytes)),
        tokens_cached: cached.unwrap_or(0).min(tokens_in),
    }
}

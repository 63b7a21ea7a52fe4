//! What a model is asked, whatever its server speaks. Its canonical form is what the journal remembers it by.

use crate::config::plan::ModelPlan;
use crate::data::{Message, ToolCall, write_canonical};
use crate::prompt::{Rendered, ToolSpec};
use serde::Serialize;
use serde_json::{Map, Value};

/// What a model is asked, without where, with what key and in which dialect.
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
    /// Texts that end the reply.
    pub stop: Vec<String>,
    /// The sampling seed; left out of the canonical form, which it is derived from.
    pub seed: Option<u32>,
    /// Further fields of the body. They replace the dialect's own, but for those that carry the conversation.
    pub extra_body: Map<String, Value>,
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
            stop: plan.sampling.stop.clone().unwrap_or_default(),
            extra_body: plan.extra_body.clone(),
            ..Self::default()
        }
    }

    /// Returns the form that is hashed: JSON with sorted keys, without what is unset. It holds neither the seed nor
    /// anything that depends on the server or its dialect.
    pub fn canonical(&self) -> String {
        String::from_utf8(self.canonical_bytes()).expect("JSON is UTF-8")
    }

    /// Returns the BLAKE3 hash of the canonical form.
    #[cfg_attr(not(feature = "internals"), expect(dead_code, reason = "the project's own tests use it"))]
    pub fn hash(&self) -> [u8; 32] {
        *blake3::hash(&self.canonical_bytes()).as_bytes()
    }

    /// Returns about how many tokens the prompt has.
    pub fn tokens_in_estimate(&self) -> u64 {
        tokens_in_estimate(self.canonical_bytes().len())
    }

    /// Runs for every call of a run, so it writes bytes instead of building a value.
    fn canonical_bytes(&self) -> Vec<u8> {
        let text: usize = self.prompt.messages.iter().map(|m| m.content.len() + 128).sum();
        let mut out = Vec::with_capacity(text + 1024 * self.prompt.tools.len() + 256);
        let mut object = Sorted::begin(&mut out);
        if !self.extra_body.is_empty() {
            sorted_map(object.key("extra_body"), &self.extra_body);
        }
        object.some("max_tokens", self.max_tokens.as_ref());
        list(object.key("messages"), self.prompt.messages.iter().enumerate(), |out, (i, message)| {
            self.message(out, i, message);
        });
        object.put("model", &self.model);
        if let Some((name, schema)) = &self.prompt.reply {
            let mut reply = Sorted::begin(object.key("reply"));
            reply.put("name", name);
            write_canonical(schema, reply.key("schema"));
            reply.end();
        }
        if !self.stop.is_empty() {
            object.put("stop", &self.stop);
        }
        object.some("temperature", self.temperature.as_ref());
        if !self.prompt.tools.is_empty() {
            list(object.key("tools"), self.prompt.tools.iter(), tool);
        }
        object.some("top_p", self.top_p.as_ref());
        object.end();
        out
    }

    fn message(&self, out: &mut Vec<u8>, place: usize, message: &Message) {
        let mut object = Sorted::begin(out);
        object.put("content", &message.content);
        if let Some(kept) = self.prompt.kept.get(&place).filter(|kept| !kept.is_empty()) {
            list(object.key("kept"), kept.iter(), |out, value| write_canonical(value, out));
        }
        object.put("role", message.role.as_str());
        object.some("tool_call_id", message.tool_call_id.as_ref());
        if !message.tool_calls.is_empty() {
            list(object.key("tool_calls"), message.tool_calls.iter(), call);
        }
        object.end();
    }
}

/// Returns about how many tokens a prompt has whose canonical form has so many bytes: four bytes a token.
pub(super) fn tokens_in_estimate(canonical_bytes: usize) -> u64 {
    canonical_bytes as u64 / 4 + 1
}

fn call(out: &mut Vec<u8>, call: &ToolCall) {
    let mut object = Sorted::begin(out);
    write_canonical(&call.arguments, object.key("arguments"));
    object.put("id", &call.id);
    object.put("name", &call.name);
    object.end();
}

fn tool(out: &mut Vec<u8>, tool: &ToolSpec) {
    let mut object = Sorted::begin(out);
    object.put("description", &tool.description);
    object.put("name", &tool.name);
    write_canonical(&tool.parameters, object.key("parameters"));
    object.end();
}

fn sorted_map(out: &mut Vec<u8>, map: &Map<String, Value>) {
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_unstable_by_key(|(key, _)| *key);
    let mut object = Sorted::begin(out);
    for (key, value) in entries {
        write_canonical(value, object.key(key));
    }
    object.end();
}

fn list<T>(out: &mut Vec<u8>, items: impl Iterator<Item = T>, mut write: impl FnMut(&mut Vec<u8>, T)) {
    out.push(b'[');
    for (i, item) in items.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(b']');
}

/// Writes an object; whoever uses it puts the keys in order (a test says so).
struct Sorted<'a> {
    out: &'a mut Vec<u8>,
    is_first: bool,
}

impl<'a> Sorted<'a> {
    fn begin(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, is_first: true }
    }

    /// Writes a key; the caller writes its value.
    fn key(&mut self, key: &str) -> &mut Vec<u8> {
        if !self.is_first {
            self.out.push(b',');
        }
        self.is_first = false;
        write(self.out, key);
        self.out.push(b':');
        self.out
    }

    fn put<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) {
        write(self.key(key), value);
    }

    fn some<T: Serialize>(&mut self, key: &str, value: Option<&T>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    fn end(self) {
        self.out.push(b'}');
    }
}

fn write<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    serde_json::to_writer(out, value).expect("strings and numbers are JSON");
}

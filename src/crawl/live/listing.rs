//! What a server lists, as a document: the form of a dump, in one order whatever the server's.

use super::pages::Said;
use crate::config::plan::McpSource;
use crate::data::canonical_json;
use crate::llm::Secrets;
use serde_json::{Map, Value, json};

/// What one server lists. The same server gives the same listing, byte for byte.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// Its name among the specs: `mcp:` and the server's name.
    pub name: String,
    /// `{server_name?, serverInfo, instructions?, tools, left_out?}`.
    pub document: Value,
    /// The hash of the document but for the instructions, which say nothing of a tool.
    pub hash: blake3::Hash,
}

impl Listing {
    /// Makes the document of what was said, without the secrets.
    pub(super) fn new(server: &McpSource, said: Said, secrets: &Secrets) -> Self {
        let mut document = Map::new();
        if let Some(name) = &server.name {
            document.insert("server_name".to_owned(), json!(name));
        }
        document.insert(
            "serverInfo".to_owned(),
            json!({ "name": said.name, "title": said.title, "version": said.version }),
        );
        if let Some(text) = said.instructions {
            document.insert("instructions".to_owned(), json!(text));
        }
        // by name, and whole where two have one name: the order in which a server lists means nothing
        let mut tools: Vec<(String, String, Value)> = said
            .tools
            .into_iter()
            .map(|tool| {
                (
                    tool.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(),
                    canonical_json(&tool),
                    tool,
                )
            })
            .collect();
        tools.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
        tools.dedup_by(|a, b| a.1 == b.1);
        document.insert("tools".to_owned(), tools.into_iter().map(|(_, _, tool)| tool).collect());
        if let Some((rule, reason)) = said.left_out {
            document.insert("left_out".to_owned(), json!({ "rule": rule, "reason": reason }));
        }
        Self::of(&secrets.clean_text(&canonical_json(&Value::Object(document))))
    }

    /// Reads a document that was remembered.
    pub fn of(text: &str) -> Self {
        let document: Value = serde_json::from_str(text).unwrap_or_default();
        let name = document.get("server_name").or_else(|| document.pointer("/serverInfo/name"));
        let name = format!("mcp:{}", name.and_then(Value::as_str).unwrap_or_default());
        let mut hashed = document.clone();
        if let Some(map) = hashed.as_object_mut() {
            map.shift_remove("instructions");
        }
        let hash = blake3::hash(canonical_json(&hashed).as_bytes());
        Self { name, document, hash }
    }
}

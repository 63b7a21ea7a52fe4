//! Kinds that are known and not read: each is left out by its name, with what to do instead.

use crate::crawl::file::{Crawled, File};
use crate::crawl::find::read::Unreadable;

use serde_json::Value;

/// Says what a document is, where it is known and not read.
fn named(root: &Value) -> Option<&'static str> {
    let text = |pointer: &str| root.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    if text("/info/schema").contains("postman.com") || root.pointer("/info/_postman_id").is_some() {
        return Some("a Postman collection, which is not read yet; export it as OpenAPI");
    }
    if root.pointer("/log/entries").is_some_and(Value::is_array) {
        return Some("an HTTP archive (HAR), which is not read yet; make an OpenAPI spec of it");
    }
    if root.get("asyncapi").is_some() {
        return Some("AsyncAPI: its operations are messages, which no caller waits for");
    }
    if text("/kind") == "discovery#directoryList" {
        return Some("a directory of Google APIs; name the documents that its `discoveryRestUrl`s lead to");
    }
    None
}

/// Whether a document is of such a kind.
pub fn found(root: &Value) -> bool {
    named(root).is_some()
}

/// Leaves it out.
pub fn lower(root: Value, file: &File<'_>) -> Crawled {
    let what = named(&root).unwrap_or_default();
    file.refuse(&Unreadable { rule: "unread_kind", reason: format!("it is {what}") })
}

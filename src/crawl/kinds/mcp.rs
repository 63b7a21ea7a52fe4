//! What MCP servers answer to `tools/list`, as dumped: a bare list, `{tools: […]}`, a JSON-RPC response, or such a list
//! within a registry's own record of the server.

use super::listed::{self, Group};
use super::{ApiNames, seek, seek_text};
use crate::crawl::file::{Crawled, File};
use crate::crawl::live::Listing;
use crate::crawl::prose::words;

use crate::data::Dropped;
use serde_json::Value;

/// How deep a list of tools may stand in a registry's record.
const DEPTH: usize = 4;

/// Whether a document is such a dump: tools with `inputSchema`, or a list of tools within what describes a server.
pub fn found(root: &Value) -> bool {
    let Some((_, tools)) = tools(root) else { return false };
    let own = tools.iter().any(|t| t.get("inputSchema").is_some() || t.get("outputSchema").is_some());
    let functions = tools.iter().filter(|t| listed::is_function(t)).count();
    let named =
        ["server_name", "serverName", "serverInfo"].iter().any(|key| seek(root, key, DEPTH).is_some());
    let answered = root.pointer("/result/tools").is_some();
    let wrapped = tools.iter().any(|t| t.get("type").is_some_and(|t| t == "function"));
    let asked = root.get("messages").is_some() || root.get("model").is_some();
    functions > 0 && (own || (named || answered) && !wrapped && !asked)
}

/// Lowers a dump.
pub fn lower(root: Value, file: &File<'_>) -> Crawled {
    let Some((at, tools)) = tools(&root) else { return Crawled::default() };
    let said = ["server_name", "serverName"].iter().find_map(|key| seek_text(&root, key, DEPTH));
    let said = said.or_else(|| seek(&root, "serverInfo", DEPTH).and_then(|info| info.get("name")?.as_str()));
    let said = said.or_else(|| root.get("name").and_then(Value::as_str));
    let stem = file.candidate.path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let server = said.map_or(stem, str::to_owned);
    let licence = seek_text(&root, "license", DEPTH).or_else(|| seek_text(&root, "licence", DEPTH));
    let category = ["primary_label", "category"].iter().find_map(|key| seek_text(&root, key, DEPTH));
    let title =
        root.pointer("/serverInfo/title").and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty());
    let title = title.map_or_else(|| server.clone(), str::to_owned);
    let group = Group {
        api: ApiNames::default().name(&bare(&server), None, &server, file),
        title: title.clone(),
        licence: licence.unwrap_or("unknown").to_owned(),
        category: category.map(str::to_owned),
        server: Some(server.clone()),
    };
    let entries: Vec<(String, &Value)> =
        tools.iter().enumerate().map(|(i, tool)| (format!("{at}/{i}"), tool)).collect();
    let mut out = Crawled::default();
    listed::lower(&group, &entries, file, &mut out);
    let licence = group.licence.clone();
    file.finish(out, title, licence)
}

/// Lowers what a running server lists, which is a document like a dump; what was left out of it is told.
pub fn listing(listing: &Listing, file: &File<'_>) -> Crawled {
    let document = &listing.document;
    let mut out = lower(document.clone(), file);
    let text = |at: &str| document.pointer(at).and_then(Value::as_str).unwrap_or_default();
    if let Some(source) = &mut out.source {
        text("/serverInfo/version").clone_into(&mut source.version);
    }
    let none = || ("no_tools", "the server lists no tool");
    let left_out = document.get("left_out").map(|_| (text("/left_out/rule"), text("/left_out/reason")));
    if let Some((rule, reason)) = left_out.or_else(|| out.source.is_none().then(none)) {
        out.dropped.push(Dropped {
            id: file.candidate.name.clone(),
            rule: rule.to_owned(),
            reason: reason.to_owned(),
            spec: file.candidate.name.clone(),
            operation: None,
            tool: None,
        });
    }
    out
}

/// A server's name without the words that all of them have.
fn bare(server: &str) -> String {
    let all = words(server);
    let kept: Vec<&str> =
        all.iter().map(String::as_str).filter(|w| !matches!(*w, "mcp" | "server" | "servers")).collect();
    if kept.is_empty() { server.to_owned() } else { kept.join(" ") }
}

/// Finds the list of tools, and where it stands: a list at the root, else the nearest `tools` that is not empty.
fn tools(root: &Value) -> Option<(String, &Vec<Value>)> {
    if let Value::Array(items) = root {
        return Some((String::new(), items));
    }
    let mut level = vec![(String::new(), root)];
    for _ in 0..DEPTH {
        for (at, value) in &level {
            if let Some(found) = value.get("tools").and_then(Value::as_array).filter(|t| !t.is_empty()) {
                return Some((format!("{at}/tools"), found));
            }
        }
        level = level
            .into_iter()
            .flat_map(|(at, value)| {
                let map = value.as_object().into_iter().flatten();
                map.map(move |(key, child)| (super::pointer(&at, key), child)).collect::<Vec<_>>()
            })
            .collect();
    }
    None
}

//! Tools for a person to read: a catalog by category, an API's tools, one tool with what feeds it and what it feeds, and the
//! graph as a whole.

use super::text::{WIDTH, columns, shorten, wrap};
use crate::data::required_of;
use crate::graph::Rule;
use serde_json::{Map, Value};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Most lines of one list.
const LINES: usize = 40;
/// Most steps of a path of calls.
const STEPS: usize = 5;

/// A row of a table, as it was read.
pub type Record = Map<String, Value>;

fn word<'a>(row: &'a Record, name: &str) -> &'a str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn sure(edge: &Record) -> f64 {
    edge.get("confidence").and_then(Value::as_f64).unwrap_or_default()
}

/// Counts a catalog's kept tools by category, and its APIs.
#[derive(Clone, Debug, Default)]
pub struct Shelves {
    categories: BTreeMap<String, (u64, BTreeSet<String>)>,
    apis: BTreeMap<String, (u64, String)>,
}

impl Shelves {
    /// Counts a kept tool.
    pub fn add(&mut self, row: &Record) {
        let (tools, apis) = self.categories.entry(word(row, "category").to_owned()).or_default();
        *tools += 1;
        apis.insert(word(row, "api").to_owned());
        let api = self.apis.entry(word(row, "api").to_owned()).or_default();
        api.0 += 1;
        word(row, "category").clone_into(&mut api.1);
    }

    /// Renders them: categories first, then APIs, the largest first.
    pub fn text(&self) -> String {
        let mut categories: Vec<_> = self.categories.iter().collect();
        categories.sort_by_key(|(name, (tools, _))| (Reverse(*tools), *name));
        let mut rows = vec![vec!["category".to_owned(), "tools".to_owned(), "APIs".to_owned()]];
        for (name, (tools, apis)) in categories {
            rows.push(vec![format!("  {name}"), tools.to_string(), apis.len().to_string()]);
        }
        let mut out = format!("\n{}", columns(&rows, &[1, 2], 0));
        let mut apis: Vec<_> = self.apis.iter().collect();
        apis.sort_by_key(|(name, (tools, _))| (Reverse(*tools), *name));
        let mut rows = vec![vec!["api".to_owned(), "tools".to_owned(), "category".to_owned()]];
        for (name, (tools, category)) in apis.iter().take(LINES) {
            rows.push(vec![format!("  {name}"), tools.to_string(), category.clone()]);
        }
        if apis.len() > LINES {
            rows.push(vec![format!("  … {} more", apis.len() - LINES)]);
        }
        let _ = write!(out, "\n{}", columns(&rows, &[1], 0));
        out
    }
}

/// Renders the tools of one API: those kept, and how many are not.
pub fn api_text(api: &str, tools: &[Record]) -> String {
    let kept: Vec<&Record> = tools.iter().filter(|t| is_kept(t)).collect();
    let first = kept.first().copied().or(tools.first());
    let of = |name: &str| first.map_or("", |row| word(row, name)).to_owned();
    let mut out = format!("{api} · {} · {} tools", of("category"), kept.len());
    if tools.len() > kept.len() {
        let _ = write!(out, ", {} left out", tools.len() - kept.len());
    }
    let _ = writeln!(out, " · licence {}\n", of("licence"));
    let longest = kept.iter().map(|row| word(row, "name").chars().count()).max().unwrap_or(0).min(48);
    for row in kept {
        let said = [word(row, "doc_short"), word(row, "description")].into_iter().find(|t| !t.is_empty());
        let name = word(row, "name");
        let room = WIDTH.saturating_sub(longest + 14).max(24);
        let said = shorten(said.unwrap_or_default(), room);
        let _ = writeln!(out, "  {name:longest$}  {:8}  {said}", word(row, "effect"));
    }
    out
}

fn is_kept(row: &Record) -> bool {
    row.get("kept").and_then(Value::as_bool).unwrap_or(true)
}

/// Renders one tool: what it does, its parameters, its result, what feeds it, what it feeds, and a path of calls to it.
/// `edges` are those of its API; `names` are the function names of tools by their ids.
pub fn tool_text(tool: &Record, edges: Option<&[Record]>, names: &BTreeMap<String, String>) -> String {
    let mut out = format!("{}\n", word(tool, "name"));
    let id = word(tool, "id");
    let call = format!("{} {}", word(tool, "method"), word(tool, "path"));
    let mut facts = vec![("id", id.to_owned())];
    facts.push(("call", call.trim().to_owned()));
    for name in ["api", "category", "collection", "effect", "licence", "source"] {
        facts.push((name, word(tool, name).to_owned()));
    }
    let labels = tool.get("labels").and_then(Value::as_array).into_iter().flatten();
    facts.push(("labels", labels.filter_map(Value::as_str).collect::<Vec<_>>().join(", ")));
    if let Some(quality) = tool.get("doc_quality").and_then(Value::as_f64).filter(|q| *q > 0.0) {
        facts.push(("documented", format!("{quality:.2} of 1")));
    }
    if !is_kept(tool) {
        facts.push(("left out by", format!("{}: {}", word(tool, "rule"), word(tool, "reason"))));
    }
    let facts: Vec<Vec<String>> =
        facts.into_iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| vec![k.to_owned(), v]).collect();
    out.push_str(&columns(&facts, &[], 2));
    let said =
        ["doc_long", "doc_medium", "description"].iter().map(|n| word(tool, n)).find(|t| !t.is_empty());
    if let Some(said) = said {
        let _ = write!(out, "\n{}", wrap(said, 2));
    }
    let parsed = |name: &str| serde_json::from_str::<Value>(word(tool, name)).unwrap_or_default();
    out.push_str(&fields_text("parameters", &parsed("parameters")));
    out.push_str(&fields_text("result", &parsed("result")));
    match edges {
        Some(edges) => out.push_str(&links_text(id, edges, names)),
        None => out.push_str("\nno graph.parquet beside the catalog: what feeds it is not known\n"),
    }
    out
}

/// Renders the fields of a schema: name, type, whether it is required, what it is.
fn fields_text(title: &str, schema: &Value) -> String {
    let (schema, many) = match schema.get("items") {
        Some(items) => (items, " (a list of)"),
        None => (schema, ""),
    };
    let Some(properties) = schema.get("properties").and_then(Value::as_object).filter(|p| !p.is_empty())
    else {
        return String::new();
    };
    let required: Vec<&str> = required_of(schema).collect();
    let rows: Vec<Vec<String>> = properties
        .iter()
        .take(LINES)
        .map(|(name, field)| {
            let need =
                if title == "parameters" && required.contains(&name.as_str()) { "required" } else { "" };
            let said = field.get("description").and_then(Value::as_str).unwrap_or_default();
            vec![name.clone(), type_text(field), need.to_owned(), shorten(said, 60)]
        })
        .collect();
    let more = properties.len().saturating_sub(LINES);
    let more = if more > 0 { format!("  … {more} more\n") } else { String::new() };
    format!("\n{title}{many}\n{}{more}", columns(&rows, &[], 2))
}

fn type_text(field: &Value) -> String {
    if let Some(choices) = field.get("enum").and_then(Value::as_array) {
        let words: Vec<String> =
            choices.iter().map(|c| c.as_str().map_or_else(|| c.to_string(), str::to_owned)).collect();
        return shorten(&words.join("|"), 32);
    }
    let name = match field.get("type") {
        Some(Value::String(name)) => name.clone(),
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).filter(|n| *n != "null").collect::<Vec<_>>().join("|")
        }
        _ => "any".to_owned(),
    };
    match field.get("items") {
        Some(items) if name == "array" => format!("{}[]", type_text(items)),
        _ => name,
    }
}

/// Renders what feeds a tool, what it feeds, and a path of calls to it.
fn links_text(id: &str, edges: &[Record], names: &BTreeMap<String, String>) -> String {
    let name = |id: &str| names.get(id).cloned().unwrap_or_else(|| id.to_owned());
    let line = |left: String, arrow: &str, tool: &str, field: &str, edge: &Record| {
        let at = if field.is_empty() { name(tool) } else { format!("{}: {field}", name(tool)) };
        vec![left, arrow.to_owned(), at, word(edge, "rule").to_owned(), format!("{:.2}", sure(edge))]
    };
    let mut out = String::new();
    let fed: Vec<Vec<String>> = edges
        .iter()
        .filter(|e| word(e, "to") == id)
        .map(|e| line(word(e, "to_parameter").to_owned(), "←", word(e, "from"), word(e, "from_field"), e))
        .collect();
    let feeds: Vec<Vec<String>> = edges
        .iter()
        .filter(|e| word(e, "from") == id)
        .map(|e| line(word(e, "from_field").to_owned(), "→", word(e, "to"), word(e, "to_parameter"), e))
        .collect();
    for (title, none, mut rows) in
        [("fed by", "nothing that is known", fed), ("feeds", "nothing that is known", feeds)]
    {
        let more = rows.len().saturating_sub(LINES);
        rows.truncate(LINES);
        let _ = write!(out, "\n{title}\n");
        if rows.is_empty() {
            let _ = writeln!(out, "  {none}");
        }
        out.push_str(&columns(&rows, &[], 2));
        if more > 0 {
            let _ = writeln!(out, "  … {more} more");
        }
    }
    let path = path_to(id, edges);
    if path.len() > 1 {
        let steps: Vec<String> = path.iter().map(|id| name(id)).collect();
        let _ = write!(out, "\na path of calls\n{}", wrap(&steps.join(" → "), 2));
    }
    out
}

/// Follows the surest sources backwards from a tool to one that nothing feeds; returns the calls in their order.
fn path_to<'a>(id: &'a str, edges: &'a [Record]) -> Vec<&'a str> {
    let mut path = vec![id];
    while path.len() < STEPS {
        let at = path[path.len() - 1];
        let best = edges
            .iter()
            .filter(|e| word(e, "to") == at && !path.contains(&word(e, "from")) && sure(e) >= 0.5)
            .max_by(|a, b| sure(a).total_cmp(&sure(b)).then_with(|| word(b, "from").cmp(word(a, "from"))));
        match best {
            Some(edge) => path.push(word(edge, "from")),
            None => break,
        }
    }
    path.reverse();
    path
}

/// Counts the edges of a graph.
#[derive(Clone, Debug, Default)]
pub struct GraphCounts {
    edges: u64,
    fed: BTreeSet<String>,
    feeding: BTreeMap<String, u64>,
    apis: BTreeMap<String, u64>,
    rules: BTreeMap<String, (u64, f64)>,
}

impl GraphCounts {
    /// Counts an edge.
    pub fn add(&mut self, edge: &Record) {
        self.edges += 1;
        if !self.fed.contains(word(edge, "to")) {
            self.fed.insert(word(edge, "to").to_owned());
        }
        *self.feeding.entry(word(edge, "from").to_owned()).or_default() += 1;
        *self.apis.entry(word(edge, "api").to_owned()).or_default() += 1;
        let (count, sum) = self.rules.entry(word(edge, "rule").to_owned()).or_default();
        *count += 1;
        *sum += sure(edge);
    }

    /// Renders them: by rule, with what each means, then the APIs and tools with most.
    pub fn text(&self) -> String {
        let mut out = format!(
            "{} edges: results of {} tools feed parameters of {} tools; APIs: {}\n",
            self.edges,
            self.feeding.len(),
            self.fed.len(),
            self.apis.len()
        );
        let head = ["rule", "edges", "confidence", "what it joins"].map(str::to_owned).to_vec();
        let mut rows = vec![head];
        for rule in Rule::ALL {
            let Some((count, sum)) = self.rules.get(rule.as_str()) else { continue };
            let mean = sum / *count as f64;
            rows.push(vec![
                format!("  {rule}"),
                count.to_string(),
                format!("{mean:.2}"),
                rule.means().to_owned(),
            ]);
        }
        let _ = write!(out, "\n{}", columns(&rows, &[1, 2], 0));
        out.push_str(&super::group_text("api", &self.apis));
        out.push_str(&super::group_text("feeds most", &self.feeding));
        out
    }
}

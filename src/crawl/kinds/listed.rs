//! Functions that a list gives by name → tools: what MCP dumps and function lists have in common.

use super::effect;
use crate::crawl::docs::{self, DESCRIPTION_MAX, Facts, Said};
use crate::crawl::file::{Crawled, File};
use crate::crawl::lower::variants::flatten_variants;
use crate::crawl::lower::{category, fit};
use crate::crawl::prose::{capital, plain, shorten, without_lead, words};
use crate::crawl::rules;
use crate::crawl::schema::{self, Side, conditions};
use crate::crawl::values::{About, Document, Inputs};

use crate::crawl::values::names::{self, ApiName};
use crate::data::{ApiId, Call, FunctionName, Method, Source, Tool, ToolId, content_hash, required_of};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Most schema nodes of a function's parameters or result before references are cut.
const NODES_MAX: usize = 1500;
/// A server or a file whose functions belong together.
pub struct Group {
    /// What its functions' names begin with.
    pub api: ApiName,
    /// Its title.
    pub title: String,
    /// Its licence, or `unknown`.
    pub licence: String,
    /// What it is about, where that is known.
    pub category: Option<String>,
    /// The MCP server, where it is one.
    pub server: Option<String>,
}

/// One entry of a list, read as a function.
pub struct Listed<'a> {
    /// Where it stands in its file.
    pub pointer: String,
    /// The name, as the list has it.
    pub name: &'a str,
    /// What it says it does.
    pub description: &'a str,
    /// The schema of its arguments.
    pub parameters: Value,
    /// The schema of its result.
    pub result: Option<&'a Value>,
    /// MCP's hints.
    pub annotations: Option<&'a Value>,
}

/// Reads an entry of a list: MCP's, Anthropic's, `OpenAI`'s (wrapped or bare) and what resembles them.
pub fn read<'a>(entry: &'a Value, at: String) -> Option<Listed<'a>> {
    if let Some(inner) = entry.get("function").filter(|f| f.is_object()) {
        return read(inner, super::pointer(&at, "function"));
    }
    let name = entry.get("name").and_then(Value::as_str).map(str::trim).filter(|n| !n.is_empty())?;
    let said = |text: Option<&'a Value>| text.and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let text = |key: &str| said(entry.get(key));
    let hinted = || said(entry.pointer("/annotations/title"));
    let schema = ["inputSchema", "input_schema", "parameters"].iter().find_map(|key| entry.get(*key));
    if schema.is_none() && text("description").is_none() {
        return None;
    }
    let result =
        ["outputSchema", "output_schema", "response", "returns"].iter().find_map(|key| entry.get(*key));
    let mut parameters = parameters(schema);
    spell_enums(&mut parameters, 0);
    Some(Listed {
        pointer: at,
        name,
        description: text("description").or_else(|| text("title")).or_else(hinted).unwrap_or_default(),
        parameters,
        result: result.filter(|r| r.is_object()),
        annotations: entry.get("annotations"),
    })
}

/// Tells whether an entry is a function beyond doubt: a name with a schema of arguments.
pub fn is_function(entry: &Value) -> bool {
    let inner = entry.get("function").filter(|f| f.is_object()).unwrap_or(entry);
    let schema =
        ["inputSchema", "input_schema"].iter().any(|key| inner.get(*key).is_some_and(Value::is_object));
    let listed = inner.get("parameters").is_some_and(|p| match p {
        Value::Object(map) => map.contains_key("type") || map.contains_key("properties") || map.is_empty(),
        Value::Array(items) => items.iter().all(|i| i.get("name").is_some_and(Value::is_string)),
        _ => false,
    });
    inner.get("name").is_some_and(Value::is_string) && (schema || listed)
}

/// Makes one schema of the ways in which lists give arguments: a schema, a list of named ones, or fields alone.
fn parameters(given: Option<&Value>) -> Value {
    match given {
        Some(Value::Object(map)) => {
            let fields = !map.contains_key("type")
                && !map.contains_key("properties")
                && map.iter().all(|(key, v)| v.is_object() && !key.starts_with('$'));
            if fields { json!({"type": "object", "properties": map}) } else { Value::Object(map.clone()) }
        }
        Some(Value::Array(items)) => {
            let mut properties = Map::new();
            let mut required = Vec::new();
            for item in items {
                let Some(name) = item.get("name").and_then(Value::as_str).filter(|n| !n.is_empty()) else {
                    continue;
                };
                if item.get("required").and_then(Value::as_bool) == Some(true) {
                    required.push(name.to_owned());
                }
                let mut schema = item.get("schema").filter(|s| s.is_object()).unwrap_or(item).clone();
                if let Some(map) = schema.as_object_mut() {
                    map.shift_remove("name");
                    map.shift_remove("required");
                }
                properties.insert(name.to_owned(), schema);
            }
            json!({"type": "object", "properties": properties, "required": required})
        }
        _ => json!({"type": "object", "properties": {}}),
    }
}

/// Makes an `enum` of the values that BFCL has in prose: `The mode. [Enum]: ["on", "off"]`.
fn spell_enums(schema: &mut Value, depth: usize) {
    let Some(map) = schema.as_object_mut().filter(|_| depth < 24) else { return };
    let said = map.get("description").and_then(Value::as_str).and_then(|text| {
        let (before, rest) = text.split_once("[Enum]: ")?;
        let end = rest.find(']')? + 1;
        let values: Vec<Value> = serde_json::from_str(&rest[..end]).ok()?;
        Some((format!("{}{}", before.trim_end(), &rest[end..]), values))
    });
    if let Some((text, values)) = said.filter(|(_, v)| !v.is_empty() && !map.contains_key("enum")) {
        map.insert("description".into(), text.into());
        map.insert("enum".into(), values.into());
    }
    for child in
        map.get_mut("properties").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut)
    {
        spell_enums(child, depth + 1);
    }
    if let Some(items) = map.get_mut("items") {
        spell_enums(items, depth + 1);
    }
}

/// Lowers the functions of a group, and tells what they are about as a whole.
pub fn lower(group: &Group, entries: &[(String, &Value)], file: &File<'_>, out: &mut Crawled) {
    let mut own = Crawled::default();
    lower_all(group, entries, file, &mut own);
    let about = About {
        title: group.title.clone(),
        filed: group.category.iter().cloned().collect(),
        ..About::default()
    };
    category::assign(&about, &group.api.provider, &mut own);
    out.tools.append(&mut own.tools);
    out.dropped.append(&mut own.dropped);
}

/// Lowers the functions of a group. What cannot be read as one is left out, as is what stands in the list twice.
fn lower_all(group: &Group, entries: &[(String, &Value)], file: &File<'_>, out: &mut Crawled) {
    let mut read_all: Vec<(Listed<'_>, String)> = Vec::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    let api = format!("{}/{}", group.api.provider, group.api.slug());
    for (at, entry) in entries {
        let Some(listed) = read(entry, at.clone()) else {
            let id = format!("{api}{}", at.replace('/', "-"));
            let reason = "it has no name, or neither a description nor parameters".to_owned();
            out.dropped.push(file.dropped(id, "not_a_function", reason, at, None));
            continue;
        };
        let hash = content_hash(&json!([listed.name, listed.description, listed.parameters]));
        if !seen.insert(hash.clone()) {
            let id = format!("{api}/{}", listed.name);
            let reason = "the same function stands in the list before".to_owned();
            out.dropped.push(file.dropped(id, "duplicate", reason, listed.name, None));
            continue;
        }
        let first = taken.insert(listed.name);
        let id = if first { listed.name.to_owned() } else { format!("{}_x{}", listed.name, &hash[..6]) };
        read_all.push((listed, id));
    }
    let named: Vec<names::Operation<'_>> = read_all
        .iter()
        .map(|(_, id)| names::Operation { id: Some(id), method: Method::Post, path: id })
        .collect();
    let slugs = names::operations(&group.api, &named);
    for ((listed, _), slug) in read_all.iter().zip(&slugs) {
        let mut tool = tool(group, listed, slug, file);
        if let Some(reason) = scraped(listed) {
            let id = tool.id.to_string();
            out.dropped.push(file.dropped(id, "no_documentation", reason, listed.name, Some(tool)));
        } else if fit::fit(&mut tool, file.limits.tool_bytes) {
            out.tools.push(tool);
        } else {
            let reason = format!("{} bytes even without anything optional", fit::size(&tool));
            let id = tool.id.to_string();
            out.dropped.push(file.dropped(id, "tool_too_large", reason, listed.name, Some(tool)));
        }
    }
}

/// Tells a listing that was read off a registry's page, with the page's text for description and links for parameters.
fn scraped(listed: &Listed<'_>) -> Option<String> {
    listed
        .description
        .contains("Try in Playground")
        .then(|| "its description is the text of a registry's page, not the tool's".to_owned())
}

fn tool(group: &Group, listed: &Listed<'_>, slug: &str, file: &File<'_>) -> Tool {
    let api = ApiId::new(format!("{}/{}", group.api.provider, group.api.slug()));
    let (mut inputs, wire) = inputs(listed, file);
    let description = description(listed);
    conditions::mine(&description, &inputs.texts, &inputs.properties, &inputs.required, &mut inputs.mined);
    let result = listed.result.map(|schema| {
        let document = Document::alone(schema.clone());
        schema::lower(&document, document.root(), Side::Output, file.limits.ref_depth, NODES_MAX).schema
    });
    let name = listed.name.to_owned();
    let facts = Facts { properties: &inputs.properties, required: &inputs.required, result: result.as_ref() };
    let otherwise = named(listed);
    let said = Said { summary: "", description: own_text(listed), otherwise: &otherwise };
    let mut tool = Tool {
        docs: docs::write(&said, &facts),
        labels: Vec::new(),
        id: ToolId::new(format!("{api}/{slug}")),
        name: FunctionName::new(format!("{}_{slug}", group.api.short())),
        api,
        api_title: group.title.clone(),
        parameters: crate::crawl::values::parameters(inputs.properties, inputs.required),
        result: result.filter(|r| r.as_object().is_some_and(|map| !map.is_empty())).map(Into::into),
        result_inferred: false,
        call: match &group.server {
            Some(server) => Call::Mcp { server: server.clone(), name, wire },
            None => Call::Function { name, wire },
        },
        effect: effect::of(listed.name, &description, listed.annotations),
        mined: inputs.mined,
        errors: Vec::new(),
        category: String::new(),
        collection: String::new(),
        source: Source {
            spec: file.candidate.name.clone(),
            hash: file.hash.to_hex().to_string(),
            pointer: listed.pointer.clone(),
        },
        licence: group.licence.clone(),
        pruned: inputs.pruned,
        description,
    };
    tool.docs.quality = rules::quality(&tool, listed.description.chars().any(char::is_alphabetic));
    tool
}

/// Lowers the arguments, and tells which of them are called otherwise by the function itself.
fn inputs(listed: &Listed<'_>, file: &File<'_>) -> (Inputs, BTreeMap<String, String>) {
    // references lead within the one schema only
    let document = Document::alone(listed.parameters.clone());
    let lowered = schema::lower(&document, document.root(), Side::Input, file.limits.ref_depth, NODES_MAX);
    let mut inputs = Inputs { mined: lowered.mined, pruned: lowered.pruned, ..Inputs::default() };
    let mut schema = lowered.schema;
    flatten_variants(&mut schema, &mut inputs);
    let demanded: Vec<&str> = required_of(&schema).collect();
    let mut wire = BTreeMap::new();
    for (given, field) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let mut name = names::property(given);
        for n in 2.. {
            if !inputs.properties.contains_key(&name) {
                break;
            }
            // property names are ASCII by now
            name.truncate(56);
            name = format!("{name}_{n}");
        }
        // strict lists demand everything and let null stand for "not given"
        if demanded.contains(&given.as_str()) && !allows_null(&listed.parameters["properties"][given]) {
            inputs.required.push(name.clone());
        }
        let text = field.get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
        inputs.texts.push((name.clone(), text));
        inputs.properties.insert(name.clone(), field.clone());
        if name != *given {
            wire.insert(name, given.clone());
        }
    }
    if inputs.properties.is_empty()
        && listed.parameters.get("additionalProperties").is_some_and(|a| *a != json!(false))
    {
        inputs.pruned.push("arguments of any name: only named ones are kept".to_owned());
    }
    (inputs, wire)
}

fn allows_null(schema: &Value) -> bool {
    let null = |v: &Value| v.get("type").is_some_and(|t| t == "null");
    schema.get("type").and_then(Value::as_array).is_some_and(|t| t.contains(&json!("null")))
        || ["anyOf", "oneOf"]
            .iter()
            .any(|key| schema.get(*key).and_then(Value::as_array).is_some_and(|v| v.iter().any(null)))
}

fn description(listed: &Listed<'_>) -> String {
    let text = own_text(listed);
    let said = shorten(&without_lead(&plain(text)), DESCRIPTION_MAX);
    if said.chars().filter(|c| c.is_alphabetic()).count() >= 3 {
        return capital(&said);
    }
    named(listed)
}

/// The part of a description that is the function's own.
fn own_text<'a>(listed: &Listed<'a>) -> &'a str {
    let text = listed.description;
    // BFCL leads each with what the whole suite is, and ends some with the language that its functions are in
    let text = text.split_once("Tool description: ").map_or(text, |(_, own)| own);
    text.split(" Note that the provided function is in ").next().unwrap_or(text)
}

/// What a function's name says.
fn named(listed: &Listed<'_>) -> String {
    let said = words(listed.name).join(" ");
    if said.is_empty() { format!("Call {}.", listed.name) } else { format!("{}.", capital(&said)) }
}

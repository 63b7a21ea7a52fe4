//! Edges by names: a field called as the parameter, the id of a component or a container that the parameter is named after.
//! They hold for MCP servers and function lists too, which have no paths.

use super::super::model::OpKind;
use super::fields::{Field, id_noun};
use super::records::fits;
use super::{Api, Rule, Source, trim};
use crate::data::{Effect, Place, Tool};
use crate::words;
use std::collections::HashMap;

/// Fields of results by what they are called.
pub(super) struct Index {
    names: HashMap<String, Vec<Found>>,
    components: HashMap<String, Vec<Found>>,
    containers: HashMap<String, Vec<Found>>,
    tools: HashMap<String, Vec<Found>>,
}

/// A field of a tool's result.
#[derive(Clone, Copy)]
struct Found {
    tool: usize,
    field: usize,
}

/// Ids of calls and not of anything that they are about.
const OF_CALLS: &[&str] =
    &["request", "trace", "correlation", "span", "x_request", "client_request", "message_request"];

/// Words of component names that say how, not what.
const WRAPPERS: &[&str] = &[
    "response", "request", "summary", "detail", "details", "dto", "model", "object", "entity", "resource",
    "info", "item", "items", "entry", "output", "result", "schema", "full", "simple", "base", "data", "list",
    "view", "read", "minimal", "short",
];

/// Fields that hold anything.
const HOLDERS: &[&str] = &[
    "data",
    "items",
    "item",
    "results",
    "result",
    "list",
    "entries",
    "records",
    "values",
    "value",
    "rows",
    "objects",
    "elements",
    "content",
    "body",
    "response",
    "payload",
    "node",
    "nodes",
    "edges",
    "attributes",
    "properties",
    "meta",
    "metadata",
    "pagination",
    "page",
    "links",
    "error",
    "errors",
    "details",
    "info",
];

/// Words before a noun that say in which part it plays: `source_account_id` is an account's id.
const PARTS: &[&str] = &[
    "source",
    "target",
    "from",
    "to",
    "parent",
    "new",
    "old",
    "default",
    "destination",
    "primary",
    "origin",
    "original",
    "current",
    "previous",
    "next",
    "related",
    "linked",
    "other",
    "base",
    "my",
    "the",
    "selected",
];

/// Names without id that are values by which something is known.
const KNOWN_BY: &[&str] = &[
    "slug", "sku", "isbn", "asin", "symbol", "ticker", "username", "login", "handle", "hash", "domain",
    "hostname", "barcode", "ean", "upc", "gtin", "arn", "urn", "vin", "iban", "cusip", "isin", "fqdn", "sha",
];

/// Last words of longer names by which something is known.
const ENDS: &[&str] =
    &["code", "key", "number", "slug", "name", "symbol", "handle", "ref", "reference", "hash", "sku"];

/// Words that keep a name from being one of those: secrets, and names of what is not looked up.
const NEVER: &[&str] = &[
    "token",
    "secret",
    "password",
    "api",
    "first",
    "last",
    "full",
    "middle",
    "display",
    "status",
    "error",
    "http",
    "given",
    "family",
    "house",
    "access",
    "phone",
    "zip",
    "postal",
    "company",
    "file",
    "nick",
    "state",
    "street",
    "page",
    "line",
    "event",
    "account_name",
    "sort",
    "screen",
];

impl Index {
    pub fn new(api: &Api) -> Self {
        let mut index = Self {
            names: HashMap::new(),
            components: HashMap::new(),
            containers: HashMap::new(),
            tools: HashMap::new(),
        };
        for (tool, outputs) in api.outputs.iter().enumerate() {
            if api.tools[tool].effect == Effect::Destroys {
                continue;
            }
            for (at, field) in outputs.all.iter().enumerate() {
                index.add(api, Found { tool, field: at }, field);
            }
        }
        let key = |f: &Found| (api.ranks[f.tool] + 10 * api.outputs[f.tool].all[f.field].depth, f.tool);
        for map in [&mut index.names, &mut index.components, &mut index.containers, &mut index.tools] {
            trim(map, key);
        }
        index
    }

    fn add(&mut self, api: &Api, found: Found, field: &Field) {
        let Some(noun) = field.id_noun() else {
            if known_by(field) && !echoes(api, found.tool, &field.key()) {
                self.names.entry(field.key()).or_default().push(found);
            }
            return;
        };
        if !noun.is_empty() {
            let last = noun.rsplit('_').next().unwrap_or_default();
            if !OF_CALLS.contains(&last) && !echoes(api, found.tool, &field.key()) {
                self.names.entry(field.key()).or_default().push(found);
            }
            return;
        }
        // the id of what was given
        let given = |noun: &str| {
            let own = echoes(api, found.tool, "id") || echoes(api, found.tool, &format!("{noun}_id"));
            own && !field.many
        };
        if let Some(noun) = field.component.map(component_noun).filter(|n| !n.is_empty() && !given(n)) {
            self.components.entry(noun).or_default().push(found);
        }
        let container = field.container.filter(|c| !HOLDERS.contains(&c.to_lowercase().as_str()));
        if let Some(name) = container {
            let noun = words::singular_words(&words::split(name)).join("_");
            if !given(&noun) {
                self.containers.entry(noun).or_default().push(found);
            }
        } else if let Some(noun) = tool_noun(api.tools[found.tool]).filter(|n| !given(n)) {
            self.tools.entry(noun).or_default().push(found);
        }
    }

    /// Finds what gives a parameter its value, by its name.
    pub fn find(&self, api: &Api, to: usize, input: &Field, found: &mut Vec<Source>) {
        page_token(api, to, input, found);
        if makes_it(api, to, input) {
            return;
        }
        let mut add = |map: &HashMap<String, Vec<Found>>, key: &str, rule: Rule, share: f64| {
            for one in map.get(key).into_iter().flatten().filter(|one| !writes_back(api, one.tool, to, input))
            {
                let field = &api.outputs[one.tool].all[one.field];
                let fit = fits(field.schema, input);
                if fit > 0.0 {
                    let confidence = rule.confidence() * share * fit;
                    found.push(Source { from: one.tool, field: field.path.clone(), rule, confidence });
                }
            }
        };
        let Some(mut noun) = id_noun(&input.words) else {
            if known_by(input) && looked_up(api, to, input) {
                add(&self.names, &input.key(), Rule::SameValue, 1.0);
            }
            return;
        };
        if !noun.is_empty() {
            add(&self.names, &input.key(), Rule::SameName, 1.0);
        }
        let mut share = 1.0;
        if noun.is_empty() {
            // `get_pet(id)`: the tool says whose
            let Some(own) = tool_noun(api.tools[to]) else { return };
            noun = vec![own];
            share = 0.85;
        }
        let parts = noun.iter().take_while(|w| PARTS.contains(&w.as_str())).count();
        if parts > 0 && parts < noun.len() {
            noun.drain(..parts);
            share *= 0.85;
            add(&self.names, &format!("{}_id", noun.join("_")), Rule::SameName, share);
        }
        let noun = noun.join("_");
        add(&self.components, &noun, Rule::ComponentId, share);
        add(&self.containers, &noun, Rule::ContainerId, share);
        add(&self.tools, &noun, Rule::ToolNoun, share);
    }
}

/// Whether a tool makes a record and the parameter is that record's own id, which the caller makes up.
fn makes_it(api: &Api, to: usize, input: &Field) -> bool {
    let Some(operation) = api.operations[to].filter(|o| o.kind == OpKind::Create) else { return false };
    let own = operation.resource.map(|r| api.model.resources[r].key.as_str());
    input.depth == 1
        && input.id_noun().as_deref().is_some_and(|noun| Some(noun) == own)
        && api.place(to, input) != Place::Path
}

/// Whether a parameter only writes a record's field back that the source read from a record of the same kind.
pub(super) fn writes_back(api: &Api, from: usize, to: usize, input: &Field) -> bool {
    let resource = |tool: usize| api.operations[tool].and_then(|o| o.resource);
    api.tools[to].effect != Effect::Reads
        && api.place(to, input) == Place::Body
        && resource(from).is_some_and(|r| Some(r) == resource(to))
}

/// Whether something is looked up by the parameter, not stored: values without id are not worth an edge elsewhere.
fn looked_up(api: &Api, to: usize, input: &Field) -> bool {
    let tool = api.tools[to];
    let in_path = api.place(to, input) == Place::Path;
    let generic = input.words.len() == 1;
    let modelled = in_path && api.operations[to].is_some();
    (in_path || input.depth == 1 && (tool.effect == Effect::Reads || input.required))
        && !(generic && modelled)
}

/// Whether a tool must be given what it is asked for.
fn echoes(api: &Api, tool: usize, key: &str) -> bool {
    api.needs[tool].contains(key)
}

/// Whether a field's name says that something is known by its value.
fn known_by(field: &Field) -> bool {
    let words = &field.words;
    let Some(last) = words.last().map(String::as_str) else { return false };
    if words.iter().any(|w| NEVER.contains(&w.as_str())) {
        return false;
    }
    KNOWN_BY.contains(&last) || words.len() > 1 && ENDS.contains(&last)
}

/// What a component is of: `pet` of `PetResponse` and of `PetDTO`.
fn component_noun(name: &str) -> String {
    let name = name.rsplit('.').next().unwrap_or(name);
    let mut all = words::split(name);
    while all.len() > 1 && all.last().is_some_and(|w| WRAPPERS.contains(&w.as_str())) {
        all.pop();
    }
    words::singular_words(&all).join("_")
}

/// What a tool without a path is about, by its name: `pet` of `get_pet`, `listPets` and `search_pets`.
fn tool_noun(tool: &Tool) -> Option<String> {
    const VERBS: &[&str] = &[
        "get", "list", "create", "search", "find", "fetch", "read", "add", "update", "delete", "remove",
        "query", "lookup", "retrieve", "show", "describe", "make", "new", "start", "open", "edit", "close",
        "cancel",
    ];
    let name = match &tool.call {
        crate::data::Call::Http(_) => return None,
        crate::data::Call::Mcp { name, .. } | crate::data::Call::Function { name, .. } => name,
    };
    let all = words::split(name);
    let (verb, noun) = all.split_first()?;
    let noun: Vec<String> = noun
        .iter()
        .take_while(|w| !matches!(w.as_str(), "by" | "for" | "in" | "of" | "from"))
        .cloned()
        .collect();
    (VERBS.contains(&verb.as_str()) && !noun.is_empty()).then(|| words::singular_words(&noun).join("_"))
}

/// Where a list goes on is what the same tool wants next.
fn page_token(api: &Api, to: usize, input: &Field, found: &mut Vec<Source>) {
    let wants = |words: &[String]| {
        matches!(
            words.join(" ").as_str(),
            "page token"
                | "cursor"
                | "next token"
                | "next page token"
                | "continuation token"
                | "starting after"
                | "next cursor"
                | "marker"
                | "pagination token"
                | "after"
                | "start cursor"
                | "exclusive start key"
        )
    };
    let gives = |field: &&Field| {
        matches!(
            field.words.join(" ").as_str(),
            "next page token"
                | "next token"
                | "next cursor"
                | "continuation token"
                | "cursor"
                | "next marker"
                | "pagination token"
                | "end cursor"
                | "next page"
                | "last evaluated key"
        ) && !field.many
    };
    if input.depth == 1
        && wants(&input.words)
        && let Some(field) = api.outputs[to].all.iter().find(gives)
        && fits(field.schema, input) > 0.0
    {
        let (rule, field) = (Rule::PageToken, field.path.clone());
        found.push(Source { from: to, field, rule, confidence: rule.confidence() });
    }
}

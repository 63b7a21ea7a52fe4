//! Responses of an operation → the result's schema and the shapes of its errors.

use crate::crawl::prose;
use crate::crawl::schema::{self, Side};
use crate::crawl::values::{Node, Outputs, Spec};
use crate::data::{ErrorShape, Mined, SharedSchema};
use serde_json::{Map, Value, json};

/// Most schema nodes of a result before references are cut: a record's own fields and those of what it holds. Nobody reads
/// a larger one, and a large API has tens of thousands of them.
const NODES_MAX: usize = 240;
/// The same for an error's body.
const ERROR_NODES_MAX: usize = 150;
/// Most error shapes that are kept.
const ERRORS_MAX: usize = 8;

/// Lowers a schema of a result or an error, or returns what it was lowered to before, and what its prose said.
fn shared<'a>(spec: &Spec<'a>, node: Node<'a>, ref_depth: u32, nodes_max: usize) -> (SharedSchema, Mined) {
    let (document, shared) = (spec.document, &spec.shared);
    // a reference with nothing beside it is lowered alike wherever it stands
    let bare = node.reference().is_some() && node.value.as_object().is_some_and(|map| map.len() == 1);
    let target = if bare { document.follow(node).unwrap_or(node) } else { node };
    let key = (std::ptr::from_ref(target.value), bare, ref_depth, nodes_max);
    if let Some(known) = shared.known.borrow().get(&key) {
        return known.clone();
    }
    let lowered = schema::lower(document, node, Side::Output, ref_depth, nodes_max);
    let hash = blake3::hash(&serde_json::to_vec(&lowered.schema).expect("a schema's keys are strings"));
    let made = shared.made.borrow_mut().entry(hash).or_insert_with(|| lowered.schema.into()).clone();
    let lowered = (made, lowered.mined);
    shared.known.borrow_mut().insert(key, lowered.clone());
    lowered
}

/// Lowers an operation's responses.
pub fn lower(spec: &Spec<'_>, operation: Node<'_>) -> Outputs {
    let mut out = Outputs { success: 200, ..Outputs::default() };
    let responses: Vec<(u16, Node<'_>)> = operation
        .get("responses")
        .into_iter()
        .flat_map(Node::entries)
        .filter_map(|(code, node)| Some((status(code)?, spec.document.follow(node)?)))
        .collect();
    out.statuses = responses.iter().map(|(code, _)| *code).collect();
    let mut good: Vec<&(u16, Node<'_>)> =
        responses.iter().filter(|(code, _)| (200..300).contains(code)).collect();
    good.sort_by_key(|(code, _)| *code);
    let fallback = responses.iter().find(|(code, node)| *code == 0 && !is_error(*node));
    let chosen = good.iter().find(|(_, node)| has_schema(spec, operation, *node)).or(good.first()).copied();
    let chosen = chosen.or(if good.is_empty() { fallback } else { None });
    if let Some((code, node)) = chosen {
        out.success = if *code == 0 { 200 } else { *code };
        result(spec, operation, *node, &mut out);
    }
    let taken = chosen.map(|(code, _)| *code);
    let mut errors: Vec<&(u16, Node<'_>)> =
        responses.iter().filter(|(code, _)| Some(*code) != taken && (*code == 0 || *code >= 400)).collect();
    errors.sort_by_key(|(code, _)| if *code == 0 { u16::MAX } else { *code });
    for (code, node) in errors.into_iter().take(ERRORS_MAX) {
        let (_, body) = best_media(spec, operation, *node);
        let schema = body.and_then(|b| b.get("schema"));
        let schema = schema
            .map(|s| shared(spec, s, spec.limits.ref_depth.min(4), ERROR_NODES_MAX).0)
            .filter(|s| s.as_object().is_some_and(|m| !m.is_empty()));
        let description = prose::shorten(&prose::plain(node.text("description").unwrap_or_default()), 160);
        out.errors.push(ErrorShape { status: *code, description, schema });
    }
    out
}

/// Reads a response's code: `200`, `"2XX"`, `default` (0).
fn status(code: &str) -> Option<u16> {
    let code = code.trim();
    if code.eq_ignore_ascii_case("default") {
        return Some(0);
    }
    let digits: String = code.chars().map(|c| if c.is_ascii_digit() { c } else { '0' }).collect();
    (code.len() == 3 && code.starts_with(|c: char| c.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
}

/// Tells whether a `default` response is for errors.
fn is_error(node: Node<'_>) -> bool {
    let text = node.text("description").unwrap_or_default().to_lowercase();
    let reference = node.value.to_string();
    let reference = reference.get(..2000.min(reference.len())).unwrap_or(&reference).to_lowercase();
    ["error", "unexpected", "fail", "problem", "invalid", "denied"].iter().any(|t| text.contains(t))
        || reference.contains("error\"") && reference.contains("$ref")
        || reference.contains("/error")
}

fn has_schema(spec: &Spec<'_>, operation: Node<'_>, response: Node<'_>) -> bool {
    best_media(spec, operation, response)
        .1
        .is_some_and(|m| m.get("schema").is_some() || m.get("example").is_some())
}

/// Picks a response's media type, JSON first, and the object that holds its schema.
fn best_media<'a>(
    spec: &Spec<'a>,
    operation: Node<'a>,
    response: Node<'a>,
) -> (Option<String>, Option<Node<'a>>) {
    if response.get("schema").is_some() {
        let produces = spec.produces(operation);
        let media = produces.iter().find(|m| m.contains("json")).or_else(|| produces.first()).cloned();
        return (Some(media.unwrap_or_else(|| "application/json".into())), Some(response));
    }
    let content: Vec<(&String, Node<'a>)> =
        response.get("content").into_iter().flat_map(Node::entries).collect();
    let rank = |media: &str| match media {
        m if m.starts_with("application/json") => 0,
        m if m.contains("json") => 1,
        "*/*" => 2,
        m if m.starts_with("text/") => 3,
        m if m.contains("xml") => 4,
        _ => 5,
    };
    match content.into_iter().min_by_key(|(media, _)| rank(&media.to_lowercase())) {
        Some((media, node)) => (Some(media.to_lowercase()), spec.document.follow(node)),
        None => (None, None),
    }
}

fn result(spec: &Spec<'_>, operation: Node<'_>, response: Node<'_>, out: &mut Outputs) {
    let (media, body) = best_media(spec, operation, response);
    out.media_all = match response.get("content") {
        Some(content) => content.entries().map(|(m, _)| m.to_lowercase()).collect(),
        None => media.iter().cloned().collect(),
    };
    out.media = media.map(|m| if m == "*/*" { "application/json".to_owned() } else { m });
    let Some(body) = body else { return };
    let json = out.media.as_deref().is_none_or(|m| m.contains("json"));
    if !json {
        return;
    }
    let mut schema = match body.get("schema") {
        Some(schema) => {
            let (lowered, mined) = shared(spec, schema, spec.limits.ref_depth, NODES_MAX);
            out.mined = mined;
            Some(lowered)
        }
        None => None,
    };
    if schema.as_ref().is_none_or(|s| s.as_object().is_none_or(Map::is_empty)) {
        schema = example(body).and_then(|e| from_example(spec, e, out)).map(Into::into);
    }
    let bare_text = schema.as_ref().is_some_and(|s| s.get("type").is_some_and(|t| t == "string"));
    if bare_text && let Some(text) = out.media_all.iter().find(|m| m.starts_with("text/")) {
        // JSON in name only: the same text under another media type
        out.media = Some(text.clone());
    }
    out.result = schema;
}

/// Returns a response's first example.
fn example(body: Node<'_>) -> Option<Node<'_>> {
    body.get("example").or_else(|| {
        let (_, first) = body.get("examples")?.entries().next()?;
        first.get("value").or(Some(first))
    })
}

/// Makes a schema of an example; some specs put the schema itself where the example should be.
fn from_example(spec: &Spec<'_>, node: Node<'_>, out: &mut Outputs) -> Option<Value> {
    if let Some(schema) =
        node.get("schema").filter(|s| s.get("properties").is_some() || s.get("type").is_some())
    {
        let lowered =
            schema::lower(spec.document, unwrapped(schema), Side::Output, spec.limits.ref_depth, NODES_MAX);
        out.mined = lowered.mined;
        return Some(lowered.schema);
    }
    let parsed = node.value.as_str().and_then(|t| serde_json::from_str::<Value>(t).ok());
    let value = parsed.as_ref().unwrap_or(node.value);
    (value.is_object() || value.is_array()).then(|| of_value(value, 0))
}

fn unwrapped(node: Node<'_>) -> Node<'_> {
    node.get("schema")
        .filter(|_| node.get("type").is_none() && node.get("properties").is_none())
        .unwrap_or(node)
}

/// Returns the schema that a value shows.
fn of_value(value: &Value, depth: usize) -> Value {
    match value {
        Value::Object(map) if depth < 8 => {
            let properties: Map<String, Value> =
                map.iter().map(|(k, v)| (k.clone(), of_value(v, depth + 1))).collect();
            json!({"type": "object", "properties": properties})
        }
        Value::Object(_) => json!({"type": "object"}),
        Value::Array(items) => {
            let items = items.first().map_or_else(|| json!({}), |first| of_value(first, depth + 1));
            json!({"type": "array", "items": items})
        }
        Value::String(_) => json!({"type": "string", "examples": [value]}),
        Value::Number(n) if n.is_f64() => json!({"type": "number", "examples": [value]}),
        Value::Number(_) => json!({"type": "integer", "examples": [value]}),
        Value::Bool(_) => json!({"type": "boolean"}),
        Value::Null => json!({}),
    }
}

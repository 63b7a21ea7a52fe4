//! A spec's schema → plain JSON Schema without references, for one side of a call.

use super::document::{Document, Node};
use super::{mine, prose};
use crate::data::Mined;
use serde_json::{Map, Value, json};

/// Which side of a call a schema is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What a caller gives: read-only and deprecated fields are left out, null is not offered.
    Input,
    /// What a server returns: write-only fields are left out, components keep their names.
    Output,
}

/// How deep inline schemas may nest.
const INLINE_DEPTH_MAX: usize = 40;
/// Most variants of an `anyOf` that are kept.
const VARIANTS_MAX: usize = 10;

/// Lowers one schema; made anew for each.
pub struct Lowering<'a> {
    document: &'a Document,
    side: Side,
    ref_depth: u32,
    nodes_left: usize,
    overflow: bool,
    stack: Vec<String>,
    depth: usize,
    text_max: usize,
    keep_id: bool,
    /// What was left out, one line each.
    pub pruned: Vec<String>,
    /// What the prose said.
    pub mined: Mined,
}

/// A lowered schema and what was found on the way.
pub struct Lowered {
    /// The schema.
    pub schema: Value,
    /// The named component that it is.
    pub name: Option<String>,
    /// What was left out.
    pub pruned: Vec<String>,
    /// What the prose said.
    pub mined: Mined,
}

/// Lowers a schema, following references as deep as allowed and as its size permits.
pub fn lower(document: &Document, node: Node<'_>, side: Side, ref_depth: u32, nodes_max: usize) -> Lowered {
    lower_keeping(document, node, side, ref_depth, nodes_max, false)
}

/// The same, but keeps a top-level `id` that is read-only: it says which record an update is about.
pub fn lower_keeping(
    document: &Document,
    node: Node<'_>,
    side: Side,
    ref_depth: u32,
    nodes_max: usize,
    keep_id: bool,
) -> Lowered {
    let mut depth = ref_depth.max(1);
    loop {
        let mut lowering = Lowering {
            document,
            side,
            ref_depth: depth,
            nodes_left: nodes_max,
            overflow: false,
            stack: Vec::new(),
            depth: 0,
            keep_id,
            text_max: if side == Side::Input { 200 } else { 160 },
            pruned: Vec::new(),
            mined: Mined::default(),
        };
        let schema = lowering.any(node);
        if lowering.overflow && depth > 1 {
            depth -= 1;
            continue;
        }
        if depth < ref_depth {
            lowering.pruned.push(format!("references followed {depth} deep, for size"));
        }
        let name = document.resolve(node).name;
        return Lowered { schema, name, pruned: lowering.pruned, mined: lowering.mined };
    }
}

impl<'a> Lowering<'a> {
    /// Lowers any schema.
    fn any(&mut self, node: Node<'a>) -> Value {
        if self.nodes_left == 0 || self.depth > INLINE_DEPTH_MAX {
            self.overflow = true;
            return json!({});
        }
        self.nodes_left -= 1;
        if !node.value.is_object() {
            return json!({});
        }
        self.depth += 1;
        let out = if node.reference().is_some() { self.reference(node) } else { self.inline(node) };
        self.depth -= 1;
        out
    }

    fn reference(&mut self, node: Node<'a>) -> Value {
        let resolved = self.document.resolve(node);
        let mut schema = match (resolved.node, resolved.key) {
            (Some(target), Some(key)) => {
                if self.stack.contains(&key) || self.stack.len() >= self.ref_depth as usize {
                    self.cut(target, resolved.name.as_deref())
                } else {
                    self.stack.push(key);
                    let mut schema = self.any(target);
                    self.stack.pop();
                    if let (Side::Output, Some(name)) = (self.side, &resolved.name) {
                        tag(&mut schema, name);
                    }
                    schema
                }
            }
            _ => json!({}),
        };
        // what stands beside a reference is about this use of it
        if let (Some(text), Some(map)) = (node.text("description"), schema.as_object_mut()) {
            let text = prose::shorten(&prose::plain(text), self.text_max);
            if !text.is_empty() {
                map.insert("description".into(), text.into());
            }
        }
        schema
    }

    /// What stands where a cycle or the depth limit cuts.
    fn cut(&mut self, target: Node<'a>, name: Option<&str>) -> Value {
        let known = name.unwrap_or("a nested schema");
        let line = format!("{known} is not followed further (cycle or depth)");
        if !self.pruned.contains(&line) {
            self.pruned.push(line);
        }
        let kind = target.text("type").unwrap_or("object");
        let mut schema = match kind {
            "array" => json!({"type": "array", "items": {}}),
            "string" | "integer" | "number" | "boolean" => json!({"type": kind}),
            _ => json!({"type": "object"}),
        };
        if let (Side::Output, Some(name)) = (self.side, name) {
            tag(&mut schema, name);
        }
        schema
    }

    fn inline(&mut self, node: Node<'a>) -> Value {
        let mut out = self.own(node);
        if node.get("allOf").is_some()
            && !out.contains_key("required")
            && node.value.get("required").is_some_and(Value::is_array)
        {
            out.insert("required".into(), node.value["required"].clone());
        }
        for part in node.items("allOf") {
            let part = self.any(part);
            merge(&mut out, part);
        }
        let variants: Vec<Node<'a>> = node.items("oneOf").into_iter().chain(node.items("anyOf")).collect();
        if !variants.is_empty() {
            self.variants(&mut out, variants);
        }
        order(out)
    }

    /// Lowers a schema's own keywords.
    fn own(&mut self, node: Node<'a>) -> Map<String, Value> {
        let mut out = Map::new();
        let (mut kind, mut nullable) = kinds(node.value);
        nullable |= node.flag("nullable") || node.flag("x-nullable");
        if kind.is_none() {
            kind = implied_kind(node.value);
        }
        if let Some((kind, format)) = &kind {
            out.insert("type".into(), json!(kind));
            if let Some(format) = format {
                out.insert("format".into(), json!(format));
            }
        }
        if let Some(text) =
            node.text("description").or_else(|| node.text("title").filter(|t| t.contains(' ')))
        {
            let text = prose::shorten(&prose::plain(text), self.text_max);
            if !text.is_empty() {
                out.insert("description".into(), text.into());
            }
        }
        let kind = kind.map(|(kind, _)| kind);
        constraints(node.value, kind.as_deref(), &mut out);
        match kind.as_deref() {
            Some("array") => self.items(node, &mut out),
            Some("object") => self.object(node, &mut out),
            _ => {}
        }
        if nullable && self.side == Side::Output {
            add_null(&mut out);
        }
        out
    }

    fn items(&mut self, node: Node<'a>, out: &mut Map<String, Value>) {
        let items = node.get("items").map(|items| match items.value {
            Value::Array(list) => list
                .first()
                .map_or_else(|| json!({}), |first| self.any(Node { value: first, file: items.file })),
            _ => self.any(items),
        });
        out.insert("items".into(), items.unwrap_or_else(|| json!({})));
    }

    fn object(&mut self, node: Node<'a>, out: &mut Map<String, Value>) {
        let mut required: Vec<String> =
            node.items("required").iter().filter_map(|r| r.value.as_str()).map(str::to_owned).collect();
        let mut properties = Map::new();
        for (name, property) in node.get("properties").into_iter().flat_map(Node::entries) {
            if let Some((schema, demanded)) = self.property(name, property) {
                properties.insert(name.clone(), schema);
                if demanded && !required.contains(name) {
                    required.push(name.clone());
                }
            }
        }
        // names that no property has are kept only until `allOf` is merged; see `order`
        if !required.is_empty() {
            out.insert("required".into(), json!(required));
        }
        if !properties.is_empty() {
            out.insert("properties".into(), properties.into());
        }
        match node.get("additionalProperties") {
            Some(Node { value: Value::Bool(false), .. }) => {
                out.insert("additionalProperties".into(), json!(false));
            }
            Some(more) if more.value.as_object().is_some_and(|m| !m.is_empty()) => {
                let more = self.any(more);
                out.insert("additionalProperties".into(), more);
            }
            _ => {}
        }
    }

    /// Lowers one property, or leaves it out; tells also whether the property itself says that it is required.
    fn property(&mut self, name: &str, node: Node<'a>) -> Option<(Value, bool)> {
        let target = self.document.follow(node).unwrap_or(node);
        let description = node.text("description").or_else(|| target.text("description")).unwrap_or_default();
        if self.side == Side::Input {
            let server_made =
                target.flag("readOnly") || node.flag("readOnly") || mine::read_only(description);
            if server_made && !(self.keep_id && name == "id" && self.depth <= 2) {
                return None;
            }
            if target.flag("deprecated") || node.flag("deprecated") || mine::deprecated(description) {
                self.pruned.push(format!("{name}: deprecated"));
                return None;
            }
        } else if target.flag("writeOnly") {
            return None;
        }
        let mut schema = self.any(node);
        mine::enrich(name, description, &mut schema, &mut self.mined);
        if self.side == Side::Output
            && (target.flag("readOnly") || mine::read_only(description))
            && let Some(map) = schema.as_object_mut()
        {
            map.insert("readOnly".into(), json!(true));
        }
        let demanded = target.value.get("required").and_then(Value::as_bool) == Some(true);
        Some((schema, demanded))
    }

    fn variants(&mut self, out: &mut Map<String, Value>, nodes: Vec<Node<'a>>) {
        let mut variants: Vec<Value> = Vec::new();
        let mut null = false;
        for node in nodes {
            if kinds(node.value) == (None, true) {
                null = true;
                continue;
            }
            if variants.len() == VARIANTS_MAX {
                self.pruned.push(format!("only the first {VARIANTS_MAX} variants of a choice are kept"));
                break;
            }
            let variant = self.any(node);
            if !variants.contains(&variant) {
                variants.push(variant);
            }
        }
        if let Some(joined) = join_scalars(&variants) {
            variants = vec![joined];
        }
        if variants.len() == 1 {
            merge(out, variants.remove(0));
        } else if variants.iter().any(|v| v.as_object().is_some_and(Map::is_empty)) {
            // a choice with "anything" in it says nothing
        } else if !variants.is_empty() {
            if self.side == Side::Input && !out.contains_key("properties") {
                out.remove("type");
            }
            out.insert("anyOf".into(), variants.into());
        }
        if null && self.side == Side::Output {
            add_null(out);
        }
    }
}

/// Names the component that an object came from.
fn tag(schema: &mut Value, name: &str) {
    if let Some(map) = schema.as_object_mut() {
        let object = map
            .get("type")
            .is_some_and(|t| t == "object" || t.as_array().is_some_and(|t| t.contains(&json!("object"))))
            || map.contains_key("properties");
        if object {
            map.insert("x-schema".into(), name.into());
        }
    }
}

/// Allows null beside a schema's type.
fn add_null(out: &mut Map<String, Value>) {
    if let Some(variants) = out.get_mut("anyOf").and_then(Value::as_array_mut) {
        if !variants.contains(&json!({"type": "null"})) {
            variants.push(json!({"type": "null"}));
        }
        return;
    }
    if let Some(Value::String(kind)) = out.get("type") {
        let kinds = json!([kind, "null"]);
        out.insert("type".into(), kinds);
        if let Some(values) = out.get_mut("enum").and_then(Value::as_array_mut)
            && !values.contains(&Value::Null)
        {
            values.push(Value::Null);
        }
    }
}

/// Returns a schema's type as JSON Schema knows it with the format it implies, and whether null is among its types.
fn kinds(value: &Value) -> (Option<(String, Option<&'static str>)>, bool) {
    match value.get("type") {
        Some(Value::String(kind)) if kind.eq_ignore_ascii_case("null") => (None, true),
        Some(Value::String(kind)) => (kind_of(kind), false),
        Some(Value::Array(kinds)) => {
            let names: Vec<&str> = kinds.iter().filter_map(Value::as_str).collect();
            let null = names.contains(&"null");
            let kind = names.iter().filter(|k| **k != "null").find_map(|k| kind_of(k));
            (kind, null)
        }
        _ => (None, false),
    }
}

/// Reads the type names that specs use beside JSON Schema's own.
fn kind_of(name: &str) -> Option<(String, Option<&'static str>)> {
    let lower = name.trim().to_lowercase();
    let (kind, format) = match lower.as_str() {
        "string" | "str" | "text" | "char" | "character" | "enum" | "bytes" | "byte" | "password"
        | "binary" => ("string", None),
        "uuid" | "guid" => ("string", Some("uuid")),
        "date" => ("string", Some("date")),
        "datetime" | "date-time" | "timestamp" | "dateTime" => ("string", Some("date-time")),
        "url" | "uri" => ("string", Some("uri")),
        "email" => ("string", Some("email")),
        "file" => ("string", Some("binary")),
        "integer" | "int" | "int32" | "int64" | "long" | "short" | "bigint" => ("integer", None),
        "number" | "float" | "double" | "decimal" | "numeric" => ("number", None),
        "boolean" | "bool" => ("boolean", None),
        "array" | "list" | "tuple" | "set" | "arraylist" => ("array", None),
        "object" | "dict" | "map" | "hashmap" | "hash" | "struct" | "json" => ("object", None),
        _ => return None,
    };
    Some((kind.to_owned(), format))
}

/// Returns the type that a schema's keywords imply.
fn implied_kind(value: &Value) -> Option<(String, Option<&'static str>)> {
    let kind = if value.get("properties").is_some_and(Value::is_object)
        || value.get("additionalProperties").is_some_and(Value::is_object)
    {
        "object"
    } else if value.get("items").is_some() {
        "array"
    } else if let Some(first) = value.get("enum").and_then(|e| e.get(0)).or_else(|| value.get("const")) {
        match first {
            Value::String(_) => "string",
            Value::Bool(_) => "boolean",
            Value::Number(n) if n.is_f64() => "number",
            Value::Number(_) => "integer",
            _ => return None,
        }
    } else if value.get("pattern").is_some() || value.get("maxLength").is_some() {
        "string"
    } else {
        return None;
    };
    Some((kind.to_owned(), None))
}

/// Lowers the keywords that constrain a value.
fn constraints(value: &Value, kind: Option<&str>, out: &mut Map<String, Value>) {
    let choices = value.get("enum").and_then(Value::as_array).cloned();
    let choices = choices.or_else(|| value.get("const").map(|c| vec![c.clone()]));
    if let Some(choices) = choices {
        let mut kept: Vec<Value> = Vec::new();
        for choice in choices.into_iter().filter_map(|c| coerce(c, kind)) {
            if !kept.contains(&choice) {
                kept.push(choice);
            }
        }
        if !kept.is_empty() && !matches!(kind, Some("array" | "object")) {
            out.insert("enum".into(), kept.into());
        }
    }
    if let Some(format) =
        value.get("format").and_then(Value::as_str).filter(|f| f.len() <= 24 && !f.contains(' '))
    {
        out.entry("format").or_insert(json!(format));
    }
    if let Some(default) = value.get("default").cloned().and_then(|d| coerce(d, kind)) {
        let fits = out.get("enum").and_then(Value::as_array).is_none_or(|e| e.contains(&default));
        if fits && default.to_string().len() <= 80 {
            out.insert("default".into(), default);
        }
    }
    match kind {
        Some("integer" | "number") => bounds(value, out),
        Some("string") => {
            lengths(value, out, ["minLength", "maxLength"]);
            if let Some(pattern) = value.get("pattern").and_then(Value::as_str).filter(|p| usable(p)) {
                out.insert("pattern".into(), pattern.into());
            }
        }
        Some("array") => {
            lengths(value, out, ["minItems", "maxItems"]);
            if value.get("uniqueItems").and_then(Value::as_bool) == Some(true) {
                out.insert("uniqueItems".into(), json!(true));
            }
        }
        Some("object") => lengths(value, out, ["minProperties", "maxProperties"]),
        _ => {}
    }
    let example = value
        .get("example")
        .or_else(|| value.get("x-example"))
        .or_else(|| value.get("examples").and_then(|e| e.get(0)));
    if let Some(example) = example.cloned().and_then(|e| coerce(e, kind)) {
        let scalar = !example.is_object() && example.to_string().len() <= 80;
        let placeholder = example.as_str().is_some_and(is_placeholder);
        let known = out.contains_key("enum") || kind == Some("boolean");
        if scalar && !placeholder && !known {
            out.insert("examples".into(), json!([example]));
        }
    }
}

/// Tells an example that stands for nothing: `string`, `[ID]`, `<name>`, an example domain.
fn is_placeholder(text: &str) -> bool {
    let framed = [('[', ']'), ('<', '>'), ('{', '}')]
        .iter()
        .any(|(open, close)| text.starts_with(*open) && text.ends_with(*close));
    let lower = text.to_lowercase();
    framed
        || matches!(lower.as_str(), "string" | "" | "null" | "undefined" | "true" | "false" | "n/a" | "todo")
        || lower.contains("example.")
        || lower.contains("xxx")
        || lower.contains("your_")
        || lower.contains("your-")
        || lower.contains("aaaaaaaa")
}

/// Fits a value to its schema's type, or gives it up.
fn coerce(value: Value, kind: Option<&str>) -> Option<Value> {
    match (kind, value) {
        (_, Value::Null) => None,
        (Some("string"), Value::String(text)) => Some(json!(text)),
        (Some("string"), Value::Number(number)) => Some(json!(number.to_string())),
        (Some("string"), Value::Bool(flag)) => Some(json!(flag.to_string())),
        (Some("integer"), Value::Number(number)) => {
            if number.is_f64() {
                let float = number.as_f64().filter(|f| f.fract() == 0.0 && f.abs() < 9e15)?;
                return Some(json!(float as i64));
            }
            Some(Value::Number(number))
        }
        (Some("integer"), Value::String(text)) => text.trim().parse::<i64>().ok().map(|n| json!(n)),
        (Some("number"), Value::Number(number)) => Some(Value::Number(number)),
        (Some("number"), Value::String(text)) => {
            let text = text.trim();
            text.parse::<i64>().map(|n| json!(n)).ok().or_else(|| text.parse::<f64>().ok().map(|n| json!(n)))
        }
        (Some("boolean"), Value::Bool(flag)) => Some(json!(flag)),
        (Some("boolean"), Value::String(text)) => match text.to_lowercase().as_str() {
            "true" => Some(json!(true)),
            "false" => Some(json!(false)),
            _ => None,
        },
        (Some("array"), value @ Value::Array(_))
        | (Some("object"), value @ Value::Object(_))
        | (None, value) => Some(value),
        _ => None,
    }
}

fn bounds(value: &Value, out: &mut Map<String, Value>) {
    for (key, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
        let strict = value.get(exclusive);
        match (number(value.get(key)), strict) {
            (Some(bound), Some(Value::Bool(true))) => out.insert(exclusive.into(), bound),
            (Some(bound), _) => out.insert(key.into(), bound),
            _ => None,
        };
        if let Some(bound) = strict.filter(|s| s.is_number()) {
            out.insert(exclusive.into(), bound.clone());
        }
    }
    if let Some(step) = number(value.get("multipleOf")).filter(|n| n.as_f64().is_some_and(|n| n > 0.0)) {
        out.insert("multipleOf".into(), step);
    }
}

fn number(value: Option<&Value>) -> Option<Value> {
    match value? {
        Value::Number(n) => Some(Value::Number(n.clone())),
        Value::String(text) => text.trim().parse::<i64>().ok().map(|n| json!(n)),
        _ => None,
    }
}

fn lengths(value: &Value, out: &mut Map<String, Value>, keys: [&str; 2]) {
    for key in keys {
        if let Some(n) = number(value.get(key)).and_then(|n| n.as_u64()) {
            let trivial = n == 0 && key.starts_with("min") || n > 1_000_000;
            if !trivial {
                out.insert(key.into(), json!(n));
            }
        }
    }
}

/// Tells whether a pattern can be compiled by everyone who validates with it.
fn usable(pattern: &str) -> bool {
    pattern.len() <= 300
        && !pattern.contains("(?")
        && !pattern.contains("\\/")
        && regex::RegexBuilder::new(pattern).size_limit(1 << 20).build().is_ok()
}

/// Joins a choice between scalars: enumerations of one type, or one type in several formats.
fn join_scalars(variants: &[Value]) -> Option<Value> {
    let kind = variants.first()?.get("type")?.as_str()?;
    if !matches!(kind, "string" | "integer" | "number" | "boolean") || variants.len() < 2 {
        return None;
    }
    if variants.iter().any(|v| v.get("type").and_then(Value::as_str) != Some(kind)) {
        return None;
    }
    let mut joined = Map::new();
    joined.insert("type".into(), json!(kind));
    if let Some(text) = variants.iter().find_map(|v| v.get("description")) {
        joined.insert("description".into(), text.clone());
    }
    if variants.iter().all(|v| v.get("enum").is_some()) {
        let mut all: Vec<Value> = Vec::new();
        for choice in variants.iter().filter_map(|v| v.get("enum")?.as_array()).flatten() {
            if !all.contains(choice) {
                all.push(choice.clone());
            }
        }
        joined.insert("enum".into(), all.into());
    }
    Some(joined.into())
}

/// Merges one part of an `allOf` (or a lone variant) into a schema; what is there already wins.
pub fn merge(out: &mut Map<String, Value>, part: Value) {
    let Value::Object(part) = part else { return };
    for (key, value) in part {
        match (key.as_str(), out.get_mut(&key)) {
            ("properties", Some(Value::Object(known))) => {
                if let Value::Object(more) = value {
                    for (name, property) in more {
                        match known.get_mut(&name) {
                            Some(Value::Object(both)) => merge(both, property),
                            _ => {
                                known.insert(name, property);
                            }
                        }
                    }
                }
            }
            ("required", Some(Value::Array(known))) => {
                for name in value.as_array().into_iter().flatten() {
                    if !known.contains(name) {
                        known.push(name.clone());
                    }
                }
            }
            (_, Some(_)) => {}
            (_, None) => {
                out.insert(key, value);
            }
        }
    }
    if out.contains_key("properties") && !out.contains_key("type") {
        out.insert("type".into(), json!("object"));
    }
}

/// Puts keywords in a stable, readable order and drops requirements that no property has.
fn order(mut map: Map<String, Value>) -> Value {
    if map.get("required").is_some_and(Value::is_array) {
        let known = map_keys(map.get("properties"));
        let open = map.contains_key("anyOf");
        let kept: Vec<Value> = map
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter(|r| open || r.as_str().is_some_and(|r| known.iter().any(|k| k == r)))
            .cloned()
            .collect();
        if kept.is_empty() {
            map.remove("required");
        } else {
            map.insert("required".into(), kept.into());
        }
    }
    const ORDER: [&str; 12] = [
        "type",
        "description",
        "enum",
        "format",
        "default",
        "examples",
        "minimum",
        "maximum",
        "items",
        "properties",
        "required",
        "anyOf",
    ];
    let mut out = Map::new();
    for key in ORDER {
        if let Some(value) = map.shift_remove(key) {
            out.insert(key.to_owned(), value);
        }
    }
    out.append(&mut map);
    out.into()
}

fn map_keys(value: Option<&Value>) -> Vec<String> {
    value.and_then(Value::as_object).map(|m| m.keys().cloned().collect()).unwrap_or_default()
}

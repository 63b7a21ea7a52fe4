//! A spec's schema → plain JSON Schema without references, for one side of a call.

pub mod conditions;
pub mod keywords;
pub mod measure;
pub mod mend;
pub mod mine;
pub mod pattern;

use crate::crawl::values::{Document, Node};
use crate::data::Mined;
use keywords::{constraints, implied_kind, kinds};
use measure::{INLINE_DEPTH_MAX, Measure};
use mend::mend;
use serde_json::{Map, Value, json};

/// Which side of a call a schema is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What a caller gives: read-only and deprecated fields are left out, null is not offered.
    Input,
    /// What a server returns: write-only fields are left out, components keep their names.
    Output,
}

/// Most variants of an `anyOf` that are kept.
const VARIANTS_MAX: usize = 10;

/// Lowers one schema; made anew for each.
pub struct Lowering<'a> {
    document: &'a Document,
    side: Side,
    ref_depth: u32,
    nodes_left: usize,
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
    let depth = Measure::depth(document, node, ref_depth.max(1), nodes_max);
    let mut lowering = Lowering {
        document,
        side,
        ref_depth: depth,
        nodes_left: nodes_max,
        stack: Vec::new(),
        depth: 0,
        keep_id,
        text_max: if side == Side::Input { 200 } else { 160 },
        pruned: Vec::new(),
        mined: Mined::default(),
    };
    let schema = lowering.any(node);
    if depth < ref_depth {
        lowering.pruned.push(format!("references followed {depth} deep, for size"));
    }
    let name = document.resolve(node).name;
    Lowered { schema, name, pruned: lowering.pruned, mined: lowering.mined }
}

impl<'a> Lowering<'a> {
    /// Lowers any schema.
    fn any(&mut self, node: Node<'a>) -> Value {
        if self.nodes_left == 0 || self.depth > INLINE_DEPTH_MAX {
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
        if let Some(more) = node.value.get("required").and_then(Value::as_array) {
            demand(&mut schema, more);
        }
        if let (Some(text), Some(map)) = (node.text("description"), schema.as_object_mut()) {
            let text = self.document.plain(text, self.text_max);
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
            _ if self.side == Side::Input => json!({"type": "object", "additionalProperties": true}),
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
        if self.side == Side::Input {
            distribute(&mut out);
            close(&mut out);
        }
        mend(&mut out);
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
            let text = self.document.plain(text, self.text_max);
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
        let mut required: Vec<String> = Vec::new();
        for name in node.items("required").iter().filter_map(|r| r.value.as_str()) {
            if !required.iter().any(|r| r == name) {
                required.push(name.to_owned());
            }
        }
        let mut properties = Map::new();
        let mut declared = false;
        for (name, property) in node.get("properties").into_iter().flat_map(Node::entries) {
            declared = true;
            if let Some((schema, demanded)) = self.property(name, property) {
                // an object of which nothing is the caller's to say
                if self.side == Side::Input && is_hollow(&schema) && !required.contains(name) {
                    continue;
                }
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
        if !properties.is_empty() || declared && self.side == Side::Input {
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
        if let Some(map) = schema.as_object_mut().filter(|_| !description.is_empty()) {
            mend(map);
        }
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

/// Demands more of an object's properties.
fn demand(schema: &mut Value, more: &[Value]) {
    let Some(map) = schema.as_object_mut() else { return };
    let Some(known) = map.get("properties").and_then(Value::as_object) else { return };
    let mut required = map.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    for name in more.iter().filter(|name| name.as_str().is_some_and(|name| known.contains_key(name))) {
        if !required.contains(name) {
            required.push(name.clone());
        }
    }
    if required.is_empty() {
        return;
    }
    if map.contains_key("required") {
        map.insert("required".into(), required.into());
    } else {
        let at = map.keys().position(|key| key == "properties").map_or(map.len(), |at| at + 1);
        map.shift_insert(at, "required".into(), required.into());
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
            // a map's values say more than that there are no others
            ("additionalProperties", Some(known)) if value.is_object() && !known.is_object() => {
                *known = value;
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
    // one part says only that it is an object, and another which properties it has
    let named = out.get("properties").and_then(Value::as_object).is_some_and(|p| !p.is_empty());
    if named && out.get("additionalProperties") == Some(&Value::Bool(true)) {
        out.insert("additionalProperties".into(), Value::Bool(false));
    }
}

/// Most properties that come of an object's own ones in all of its variants together; beyond that the variants are joined.
const DISTRIBUTED_MAX: usize = 60;

/// Puts an object's own properties into each of its variants, so that each can be closed.
fn distribute(out: &mut Map<String, Value>) {
    if !out.contains_key("anyOf") || !out.contains_key("properties") {
        return;
    }
    let Some(Value::Array(variants)) = out.shift_remove("anyOf") else { return };
    let mut variants: Vec<Map<String, Value>> = variants
        .into_iter()
        .filter_map(|variant| match variant {
            Value::Object(map) if map.get("type").is_none_or(|t| t == "object") => Some(map),
            _ => None,
        })
        .collect();
    let own = out.get("properties").and_then(Value::as_object).map_or(0, Map::len);
    if variants.len() < 2
        || own * variants.len() > DISTRIBUTED_MAX
        || variants.iter().any(|v| v.contains_key("anyOf"))
    {
        let lone = variants.len() == 1;
        for mut variant in variants {
            if !lone {
                variant.shift_remove("required");
            }
            variant.shift_remove("additionalProperties");
            merge(out, variant.into());
        }
        return;
    }
    let mut base = Map::new();
    for key in ["type", "properties", "required", "additionalProperties", "minProperties", "maxProperties"] {
        if let Some(value) = out.shift_remove(key) {
            base.insert(key.to_owned(), value);
        }
    }
    for variant in &mut variants {
        let mut whole = base.clone();
        let own = std::mem::take(variant);
        for (key, value) in own {
            match (key.as_str(), whole.get_mut(&key), value) {
                ("properties", Some(Value::Object(known)), Value::Object(more)) => {
                    for (name, mut property) in more {
                        // the variant's word on a property is the closer one
                        if let (Some(above), Some(map)) = (known.get(&name), property.as_object_mut()) {
                            merge(map, above.clone());
                            mend(map);
                        }
                        known.insert(name, property);
                    }
                }
                ("required", Some(Value::Array(known)), Value::Array(more)) => {
                    known.extend(more.into_iter().filter(|name| !known.contains(name)).collect::<Vec<_>>());
                }
                ("additionalProperties", _, Value::Bool(_)) => {}
                (_, _, value) => {
                    whole.insert(key, value);
                }
            }
        }
        close(&mut whole);
        let Value::Object(whole) = order(whole) else { continue };
        *variant = whole;
    }
    out.insert("anyOf".into(), variants.into_iter().map(Value::Object).collect());
}

/// Closes an object that names its properties. One that names none is a map of anything, and says so; a map whose values have
/// a schema stays one.
fn close(out: &mut Map<String, Value>) {
    let named = out.get("properties").and_then(Value::as_object).map(|p| !p.is_empty());
    if named.is_none() && out.get("type").is_none_or(|t| t != "object") {
        return;
    }
    match out.get("additionalProperties") {
        // words alone are no schema, and may be cut
        Some(Value::Object(values)) if values.keys().any(|key| key != "description") => {}
        Some(Value::Bool(false)) => {
            out.entry("properties").or_insert_with(|| json!({}));
        }
        _ => {
            out.insert("additionalProperties".into(), Value::Bool(named.is_none()));
        }
    }
}

/// Tells an object that may hold nothing.
fn is_hollow(schema: &Value) -> bool {
    schema.get("additionalProperties") == Some(&Value::Bool(false))
        && schema.get("properties").and_then(Value::as_object).is_some_and(Map::is_empty)
}

/// The order in which keywords read best.
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

/// Puts keywords in a stable, readable order and drops requirements that no property has.
fn order(mut map: Map<String, Value>) -> Value {
    if map.get("required").is_some_and(Value::is_array) {
        let known = map.get("properties").and_then(Value::as_object);
        let open = map.contains_key("anyOf");
        let kept: Vec<Value> = map
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter(|r| open || r.as_str().is_some_and(|r| known.is_some_and(|k| k.contains_key(r))))
            .cloned()
            .collect();
        if kept.is_empty() {
            map.remove("required");
        } else {
            map.insert("required".into(), kept.into());
        }
    }
    let mut out = Map::new();
    for key in ORDER {
        if let Some(value) = map.shift_remove(key) {
            out.insert(key.to_owned(), value);
        }
    }
    out.append(&mut map);
    out.into()
}

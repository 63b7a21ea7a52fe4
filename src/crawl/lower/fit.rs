//! Keeps a tool's function definition within its size: prose first, then optional depth, then optional breadth.

use crate::crawl::prose;
use crate::data::{Call, FunctionName, Tool};
use serde::Serialize;
use serde_json::{Map, Value};

/// Bytes that a tool's name may yet grow by: it is marked where another tool has it.
pub const MARK_BYTES: usize = 7;

/// Returns the bytes of a tool's OpenAI function definition.
pub fn size(tool: &Tool) -> usize {
    #[derive(Serialize)]
    struct Definition<'a> {
        r#type: &'static str,
        function: Function<'a>,
    }
    #[derive(Serialize)]
    struct Function<'a> {
        name: &'a FunctionName,
        description: &'a str,
        parameters: &'a Value,
    }
    let function =
        Function { name: &tool.name, description: &tool.description, parameters: &tool.parameters };
    bytes(&Definition { r#type: "function", function })
}

/// Returns the bytes of a value as JSON, without writing it anywhere.
fn bytes(value: &impl Serialize) -> usize {
    struct Count(usize);
    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    serde_json::to_writer(&mut count, value).expect("keys are strings, and counting does not fail");
    count.0
}

/// Shrinks a tool to `bytes_max`; false where even its required part is larger.
pub fn fit(tool: &mut Tool, bytes_max: usize) -> bool {
    let bytes_max = bytes_max.saturating_sub(MARK_BYTES);
    if size(tool) <= bytes_max {
        return true;
    }
    for (nested, top) in [(120, 200), (80, 120)] {
        shorten(&mut tool.parameters, nested, top, 0);
        if size(tool) <= bytes_max {
            tool.pruned.push(format!("descriptions were shortened to {top} bytes, nested ones to {nested}"));
            return true;
        }
    }
    tool.pruned.push("descriptions were shortened".to_owned());
    cut_enums(&mut tool.parameters, &mut tool.pruned, "");
    tool.description = prose::shorten(&tool.description, 400);
    prune(tool, 4);
    prune_breadth(tool, bytes_max, 4);
    for depth in [3, 2] {
        if size(tool) > bytes_max {
            prune(tool, depth);
        }
    }
    prune_breadth(tool, bytes_max, 7);
    if size(tool) > bytes_max {
        shorten(&mut tool.parameters, 50, 90, 0);
    }
    if size(tool) > bytes_max {
        shorten(&mut tool.parameters, 0, 90, 0);
    }
    prune_breadth(tool, bytes_max, i32::MAX);
    if size(tool) > bytes_max {
        demanded_only(tool, bytes_max);
    }
    drop_places(tool);
    size(tool) <= bytes_max
}

/// The last resort, step by step: of nested objects only what they demand, then maps in their place, deepest first, then
/// nothing but names and types.
fn demanded_only(tool: &mut Tool, bytes_max: usize) {
    tool.description = prose::shorten(&tool.description, 160);
    strip(&mut tool.parameters, 1);
    tool.pruned.push("of nested objects only what they demand is kept".to_owned());
    for depth in [4, 3, 2] {
        if size(tool) > bytes_max {
            collapse(&mut tool.parameters, depth, 1);
            tool.pruned
                .push(format!("objects from level {depth} on are maps, whose fields are not described"));
        }
    }
    if size(tool) > bytes_max {
        bare(&mut tool.parameters);
        tool.pruned.push("only names and types of what must be given are kept".to_owned());
    }
}

/// Leaves out optional properties of nested objects.
fn strip(schema: &mut Value, depth: usize) {
    let Some(map) = schema.as_object_mut() else { return };
    let required = required(map);
    if let Some(Value::Object(properties)) = map.get_mut("properties") {
        // an object that demands nothing keeps its fields: without them it could not be filled
        if depth > 1 && !required.is_empty() {
            properties.retain(|name, _| required.contains(name));
        }
    }
    each(map, |child| strip(child, depth + 1));
}

/// Puts maps in place of objects that nest at `limit` or deeper.
fn collapse(schema: &mut Value, limit: usize, depth: usize) {
    let Some(map) = schema.as_object_mut() else { return };
    if depth >= limit && (map.contains_key("properties") || map.contains_key("anyOf")) {
        let objects = !map.contains_key("anyOf");
        map.retain(|key, _| key == "description");
        if objects {
            map.shift_insert(0, "type".into(), "object".into());
            map.insert("additionalProperties".into(), true.into());
        }
        return;
    }
    let below = depth + usize::from(map.contains_key("properties"));
    each(map, |child| collapse(child, limit, below));
}

/// Leaves nothing but names and types.
fn bare(schema: &mut Value) {
    let Some(map) = schema.as_object_mut() else { return };
    let few = map.get("enum").and_then(Value::as_array).is_some_and(|values| values.len() <= 4);
    map.retain(|key, _| {
        matches!(
            key.as_str(),
            "type" | "items" | "properties" | "required" | "additionalProperties" | "anyOf"
        ) || key == "enum" && few
    });
    each(map, bare);
}

/// Leaves out optional depth from `limit` on.
fn prune(tool: &mut Tool, limit: usize) {
    let mut gone = Vec::new();
    prune_depth(&mut tool.parameters, limit, 1, "", &mut gone);
    record(tool, gone, "nested");
}

fn record(tool: &mut Tool, gone: Vec<String>, what: &str) {
    if !gone.is_empty() {
        let shown = gone.iter().take(12).cloned().collect::<Vec<_>>().join(", ");
        let more = gone.len().saturating_sub(12);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        tool.pruned.push(format!("optional {what} properties left out: {shown}{more}"));
    }
}

fn shorten(schema: &mut Value, nested: usize, top: usize, depth: usize) {
    let Some(map) = schema.as_object_mut() else { return };
    let max = if depth <= 1 { top } else { nested };
    if let Some(Value::String(text)) = map.get("description") {
        let short = if max == 0 { String::new() } else { prose::shorten(text, max) };
        if short.is_empty() {
            map.shift_remove("description");
        } else {
            map.insert("description".into(), short.into());
        }
    }
    if depth > 1 {
        map.shift_remove("examples");
    }
    each(map, |child| shorten(child, nested, top, depth + 1));
}

/// Calls `visit` on every direct subschema.
fn each(map: &mut Map<String, Value>, mut visit: impl FnMut(&mut Value)) {
    if let Some(Value::Object(properties)) = map.get_mut("properties") {
        properties.values_mut().for_each(&mut visit);
    }
    for key in ["items", "additionalProperties"] {
        if let Some(child) = map.get_mut(key).filter(|c| c.is_object()) {
            visit(child);
        }
    }
    if let Some(Value::Array(variants)) = map.get_mut("anyOf") {
        variants.iter_mut().for_each(&mut visit);
    }
}

/// Cuts enumerations that alone would fill a definition.
fn cut_enums(schema: &mut Value, pruned: &mut Vec<String>, at: &str) {
    let Some(map) = schema.as_object_mut() else { return };
    let long = map
        .get("enum")
        .and_then(Value::as_array)
        .filter(|e| e.len() > 24 && map["enum"].to_string().len() > 400);
    if let Some(values) = long {
        let some: Vec<String> =
            values.iter().take(4).map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).collect();
        let note = format!("One of {} values, such as {}.", values.len(), some.join(", "));
        let text = map.get("description").and_then(Value::as_str).unwrap_or_default();
        let text = if text.is_empty() { note } else { format!("{} {note}", prose::shorten(text, 90)) };
        pruned.push(format!("{at}: a list of {} values is only named", values.len()));
        map.insert("description".into(), text.into());
        map.shift_remove("enum");
    }
    for (name, child) in map.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        cut_enums(child, pruned, &join(at, name));
    }
    if let Some(items) = map.get_mut("items") {
        cut_enums(items, pruned, at);
    }
    for variant in map.get_mut("anyOf").and_then(Value::as_array_mut).into_iter().flatten() {
        cut_enums(variant, pruned, at);
    }
}

/// Removes optional objects and lists of objects that nest at `limit` or deeper.
fn prune_depth(schema: &mut Value, limit: usize, depth: usize, at: &str, gone: &mut Vec<String>) {
    let Some(map) = schema.as_object_mut() else { return };
    let required = required(map);
    if let Some(Value::Object(properties)) = map.get_mut("properties") {
        let doomed: Vec<String> = properties
            .iter()
            .filter(|(name, child)| depth >= limit && is_deep(child) && !required.contains(name))
            .map(|(name, _)| name.clone())
            .collect();
        for name in doomed {
            properties.shift_remove(&name);
            gone.push(join(at, &name));
        }
        let mut hollow = Vec::new();
        for (name, child) in properties.iter_mut() {
            prune_depth(child, limit, depth + 1, &join(at, name), gone);
            let empty = |v: &Value| v.get("properties").and_then(Value::as_object).is_some_and(Map::is_empty);
            if !required.contains(name) && (empty(child) || child.get("items").is_some_and(empty)) {
                hollow.push(name.clone());
            }
        }
        for name in hollow {
            properties.shift_remove(&name);
        }
    }
    for key in ["items", "additionalProperties"] {
        if let Some(child) = map.get_mut(key) {
            prune_depth(child, limit, depth, at, gone);
        }
    }
    if let Some(Value::Array(variants)) = map.get_mut("anyOf") {
        for variant in variants {
            prune_depth(variant, limit, depth, at, gone);
        }
    }
}

fn join(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}

fn required(map: &Map<String, Value>) -> Vec<String> {
    map.get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn is_deep(schema: &Value) -> bool {
    let object = |s: &Value| {
        s.get("properties").is_some()
            || s.get("additionalProperties").is_some_and(Value::is_object)
            || s.get("anyOf").is_some()
    };
    object(schema) || schema.get("items").is_some_and(|i| object(i) || i.get("items").is_some())
}

/// Removes the optional top-level properties that matter least, as long as they score below `below`.
fn prune_breadth(tool: &mut Tool, bytes_max: usize, below: i32) {
    let mut excess = size(tool).saturating_sub(bytes_max);
    if excess == 0 {
        return;
    }
    let Some(map) = tool.parameters.as_object_mut() else { return };
    let required = required(map);
    let Some(Value::Object(properties)) = map.get_mut("properties") else { return };
    let mut order: Vec<(i32, usize, String, usize)> = properties
        .iter()
        .enumerate()
        .filter(|(_, (name, _))| !required.contains(name))
        .map(|(i, (name, schema))| {
            let bytes = name.len() + 4 + bytes(schema);
            (weight(name, schema, bytes), usize::MAX - i, name.clone(), bytes)
        })
        .filter(|(weight, ..)| *weight < below)
        .collect();
    order.sort();
    let mut gone = Vec::new();
    for (_, _, name, bytes) in order {
        if excess == 0 {
            break;
        }
        properties.shift_remove(&name);
        excess = excess.saturating_sub(bytes);
        gone.push(name);
    }
    record(tool, gone, "top-level");
}

/// Words of names that people have wants about.
const WANTED: [&str; 46] = [
    "name",
    "title",
    "summary",
    "subject",
    "text",
    "message",
    "description",
    "note",
    "notes",
    "content",
    "comment",
    "start",
    "end",
    "from",
    "to",
    "date",
    "time",
    "due",
    "status",
    "state",
    "type",
    "category",
    "priority",
    "location",
    "address",
    "email",
    "phone",
    "attendees",
    "members",
    "participants",
    "recipients",
    "recurrence",
    "reminders",
    "price",
    "amount",
    "currency",
    "quantity",
    "tags",
    "labels",
    "query",
    "q",
    "search",
    "sort",
    "limit",
    "country",
    "city",
];
/// Words of names that hardly anyone has.
const UNWANTED: [&str; 28] = [
    "metadata",
    "properties",
    "extended",
    "gadget",
    "version",
    "supports",
    "unspecified",
    "omitted",
    "uid",
    "signature",
    "custom",
    "internal",
    "legacy",
    "link",
    "links",
    "template",
    "locked",
    "sequence",
    "source",
    "annotations",
    "finalizers",
    "callback",
    "webhook",
    "hash",
    "checksum",
    "etag",
    "copy",
    "mappings",
];

/// Weighs how likely a call needs a property; 10 is the middle.
fn weight(name: &str, schema: &Value, bytes: usize) -> i32 {
    let words = prose::words(name);
    let text = schema.get("description").and_then(Value::as_str).unwrap_or_default().to_lowercase();
    let mut weight = 10;
    let wanted = |w: &String| WANTED.contains(&w.as_str());
    if words.len() == 1 && words.iter().all(wanted) {
        weight += 8;
    } else if words.iter().any(wanted) {
        weight += 3;
    }
    if words.iter().any(|w| UNWANTED.contains(&w.as_str())) {
        weight -= 6;
    }
    if schema.get("type").is_some_and(|t| t == "boolean") {
        weight -= 2 + 2 * i32::from(schema.get("default").is_some());
    }
    if text.is_empty() {
        weight -= 2;
    }
    if ["deprecated", "used if", "used when", "internal", "legacy", "only used", "debug"]
        .iter()
        .any(|t| text.contains(t))
    {
        weight -= 5;
    }
    if is_deep(schema) {
        weight -= 2;
    }
    weight - i32::try_from(bytes / 400).unwrap_or(20)
}

/// Forgets the places and mined facts of properties that are gone.
pub fn drop_places(tool: &mut Tool) {
    let known: Vec<String> = tool
        .parameters
        .get("properties")
        .and_then(Value::as_object)
        .map(|p| p.keys().cloned().collect())
        .unwrap_or_default();
    if let Call::Http(call) = &mut tool.call {
        call.places.retain(|p| known.contains(&p.name));
    }
    let kept = |name: &String| known.contains(name);
    tool.mined.requires.retain(|name, needed| {
        needed.retain(kept);
        kept(&name.split('=').next().unwrap_or_default().to_owned()) && !needed.is_empty()
    });
    tool.mined.one_of.retain(|group| group.iter().all(kept));
}

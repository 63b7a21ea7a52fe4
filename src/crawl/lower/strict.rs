//! The dialect `openai-strict`: a tool's parameters as the strictest function calling takes them. Every field is required,
//! and null stands for one that is not given; objects are closed; nothing but types, names, values and choices is said in
//! keywords, the rest in words. What cannot be said so is left out where it is optional, else the tool is.

use super::fit;
use super::variants::unite;
use crate::config::plan::Limits;
use crate::crawl::file::Crawled;
use crate::crawl::prose;
use crate::data::{Dropped, Tool};
use serde_json::{Map, Value, json};

/// Levels of objects, the root's among them.
const LEVELS_MAX: usize = 5;
/// Levels of objects and lists together.
const CONTAINERS_MAX: usize = 10;
/// Properties of all objects together.
const PROPERTIES_MAX: usize = 5000;
/// Values of all enumerations together.
const VALUES_MAX: usize = 1000;
/// Values of one enumeration of texts beyond which its length is limited too.
const LONG_ENUM: usize = 250;
/// The length of such an enumeration, in characters.
const LONG_ENUM_CHARS: usize = 15_000;
/// Characters of all names and values together.
const CHARS_MAX: usize = 120_000;
/// Longest description with what was put in words, in bytes.
const TEXT_MAX: usize = 260;
/// Shares of the size limit that are tried, in per cent: the dialect adds to what is within the limit.
const SHARES: [usize; 5] = [100, 85, 70, 50, 30];

/// Puts the tools of a file into the dialect; those that cannot be are moved to what was left out.
pub fn speak(crawled: &mut Crawled, limits: &Limits) {
    let before = crawled.tools.len();
    for tool in std::mem::take(&mut crawled.tools) {
        match spoken(&tool, limits.tool_bytes) {
            Ok(strict) => crawled.tools.push(strict),
            Err((rule, reason)) => crawled.dropped.push(Dropped {
                id: tool.id.to_string(),
                rule: rule.to_owned(),
                reason,
                spec: tool.source.spec.clone(),
                operation: Some((tool.call.method(), operation(&tool))),
                tool: Some(Box::new(tool)),
            }),
        }
    }
    if let Some(source) = &mut crawled.source {
        source.kept -= before - crawled.tools.len();
    }
}

fn operation(tool: &Tool) -> String {
    match &tool.call {
        crate::data::Call::Http(call) => call.path.clone(),
        crate::data::Call::Mcp { name, .. } | crate::data::Call::Function { name, .. } => name.clone(),
    }
}

fn spoken(tool: &Tool, bytes_max: usize) -> Result<Tool, (&'static str, String)> {
    for share in SHARES {
        let mut strict = tool.clone();
        if !fit::fit(&mut strict, bytes_max * share / 100) {
            break;
        }
        let mut speaker = Speaker::default();
        let parameters = speaker.root(strict.parameters.take()).map_err(|why| ("dialect", why))?;
        strict.parameters = parameters;
        strict.pruned.append(&mut speaker.pruned);
        fit::drop_places(&mut strict);
        if fit::size(&strict) + fit::MARK_BYTES <= bytes_max {
            return Ok(strict);
        }
    }
    Err(("tool_too_large", format!("more than {bytes_max} bytes in the dialect openai-strict")))
}

#[derive(Default)]
struct Speaker {
    properties: usize,
    values: usize,
    chars: usize,
    pruned: Vec<String>,
}

/// A schema in the dialect, or why there is none.
type Said = Result<Map<String, Value>, String>;

impl Speaker {
    fn root(&mut self, schema: Value) -> Result<Value, String> {
        let Value::Object(map) = schema else { return Err("its parameters are no object".to_owned()) };
        self.object(map, 1, 1, "").map(Value::Object)
    }

    /// `objects` and `containers` count the levels above.
    fn any(&mut self, schema: Value, objects: usize, containers: usize, at: &str) -> Said {
        let Value::Object(mut map) = schema else { return Err(format!("`{at}` is anything")) };
        if let Some(Value::Array(variants)) = map.shift_remove("anyOf") {
            return self.choice(map, variants, objects, containers, at);
        }
        let kind = map.get("type").and_then(Value::as_str).map(str::to_owned);
        match kind.as_deref() {
            Some("object") => self.object(map, objects + 1, containers + 1, at),
            Some("array") => {
                if containers >= CONTAINERS_MAX {
                    return Err(format!("`{at}` nests too deep"));
                }
                let items = map.shift_remove("items").unwrap_or_else(|| json!({}));
                let items = self.any(items, objects, containers + 1, at)?;
                let mut out = self.scalar(&map, json!("array"), at);
                out.insert("items".into(), items.into());
                Ok(out)
            }
            Some(kind) => Ok(self.scalar(&map, json!(kind), at)),
            // anything: what has no form of its own
            None => Ok(self.scalar(&map, json!(["string", "number", "boolean"]), at)),
        }
    }

    /// What needs no other schema: the type, what is said of it, its values.
    fn scalar(&mut self, map: &Map<String, Value>, kind: Value, at: &str) -> Map<String, Value> {
        let mut out = Map::new();
        out.insert("type".into(), kind);
        if let Some(text) = text(map) {
            out.insert("description".into(), text.into());
        }
        if let Some(values) = map.get("enum").and_then(Value::as_array) {
            let chars: usize = values.iter().filter_map(Value::as_str).map(|v| v.chars().count()).sum();
            let fits = self.values + values.len() < VALUES_MAX
                && self.chars + chars <= CHARS_MAX
                && (values.len() < LONG_ENUM || chars <= LONG_ENUM_CHARS);
            if fits {
                // and one for null
                self.values += values.len() + 1;
                self.chars += chars;
                out.insert("enum".into(), values.clone().into());
            } else {
                self.pruned.push(format!("{at}: its {} values are too many for openai-strict", values.len()));
            }
        }
        out
    }

    fn object(&mut self, mut map: Map<String, Value>, objects: usize, containers: usize, at: &str) -> Said {
        if objects > LEVELS_MAX || containers > CONTAINERS_MAX {
            return Err(format!("`{at}` nests deeper than {LEVELS_MAX} objects"));
        }
        let Some(Value::Object(properties)) = map.shift_remove("properties") else {
            return Err(format!("`{at}` is a map of any names"));
        };
        if map.get("additionalProperties").is_some_and(Value::is_object) {
            self.pruned.push(format!("{at}: only the fields that have names of their own"));
        }
        let required = map.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
        let declared = !properties.is_empty();
        let mut fields = Map::new();
        for (name, schema) in properties {
            let demanded = required.iter().any(|r| r == &name);
            let below = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
            let (values, chars) = (self.values, self.chars);
            let room = self.properties < PROPERTIES_MAX && self.chars + name.chars().count() <= CHARS_MAX;
            self.properties += 1;
            self.chars += name.chars().count();
            let said = if room {
                self.any(schema, objects, containers, &below)
            } else {
                Err(format!("`{below}` is one property too many"))
            };
            match said {
                Ok(mut schema) => {
                    if !demanded {
                        allow_null(&mut schema);
                    }
                    fields.insert(name, schema.into());
                }
                Err(why) if demanded => return Err(why),
                Err(why) => {
                    (self.values, self.chars) = (values, chars);
                    self.properties -= 1;
                    self.pruned.push(format!("{why}, which openai-strict cannot say"));
                }
            }
        }
        if declared && fields.is_empty() && !at.is_empty() {
            return Err(format!("nothing of `{at}` can be said"));
        }
        let mut out = self.scalar(&map, json!("object"), at);
        out.insert("required".into(), fields.keys().cloned().collect());
        out.insert("properties".into(), fields.into());
        out.insert("additionalProperties".into(), json!(false));
        Ok(out)
    }

    fn choice(
        &mut self,
        mut map: Map<String, Value>,
        variants: Vec<Value>,
        objects: usize,
        containers: usize,
        at: &str,
    ) -> Said {
        let mut said: Vec<Value> = Vec::new();
        let mut why = format!("`{at}` is a choice of nothing");
        for variant in told_apart(variants) {
            match self.any(variant, objects, containers, at) {
                Ok(variant) => {
                    let variant = Value::Object(variant);
                    if !said.contains(&variant) {
                        said.push(variant);
                    }
                }
                Err(reason) => why = reason,
            }
        }
        map.retain(|key, _| key == "description" || key == "default" || key == "examples");
        let own = text(&map);
        if said.len() <= 1 {
            let Some(Value::Object(mut one)) = said.pop() else { return Err(why) };
            if let Some(text) = own {
                one.insert("description".into(), text.into());
            }
            return Ok(one);
        }
        let mut out = Map::new();
        if let Some(text) = own {
            out.insert("description".into(), text.into());
        }
        out.insert("anyOf".into(), said.into());
        Ok(out)
    }
}

/// Joins the objects of a choice that begin with the same field: by it they could not be told apart while they are written.
fn told_apart(variants: Vec<Value>) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    for variant in variants {
        let first =
            |v: &Value| v.get("properties").and_then(Value::as_object).and_then(|p| p.keys().next().cloned());
        let name = first(&variant);
        match out.iter_mut().find(|known| name.is_some() && first(known) == name) {
            Some(known) => join(known, variant),
            None => out.push(variant),
        }
    }
    out
}

/// Gives one object the fields of another too; only what both demand stays demanded.
fn join(known: &mut Value, other: Value) {
    let demanded = other.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    if let Some(Value::Array(required)) = known.get_mut("required") {
        required.retain(|name| demanded.contains(name));
    }
    let Value::Object(mut other) = other else { return };
    let (Some(Value::Object(fields)), Some(Value::Object(more))) =
        (known.get_mut("properties"), other.shift_remove("properties"))
    else {
        return;
    };
    for (name, schema) in more {
        match fields.get_mut(&name) {
            Some(both) => unite(both, &schema),
            None => {
                fields.insert(name, schema);
            }
        }
    }
}

fn allow_null(schema: &mut Map<String, Value>) {
    if let Some(Value::Array(variants)) = schema.get_mut("anyOf") {
        variants.push(json!({"type": "null"}));
        return;
    }
    match schema.get_mut("type") {
        Some(Value::Array(kinds)) => kinds.push("null".into()),
        Some(kind) => *kind = json!([kind.take(), "null"]),
        None => {}
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.push(Value::Null);
    }
}

/// Puts in words what the dialect has no keywords for.
fn text(map: &Map<String, Value>) -> Option<String> {
    let said = map.get("description").and_then(Value::as_str).unwrap_or_default();
    let shown = |key: &str| map.get(key).map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned));
    let mut notes: Vec<String> = Vec::new();
    for (least, most, of) in [
        ("minimum", "maximum", ""),
        ("minLength", "maxLength", " characters"),
        ("minItems", "maxItems", " items"),
    ] {
        match (shown(least), shown(most)) {
            (Some(low), Some(high)) => notes.push(format!("{low} to {high}{of}")),
            (Some(low), None) => notes.push(format!("at least {low}{of}")),
            (None, Some(high)) => notes.push(format!("at most {high}{of}")),
            (None, None) => {}
        }
    }
    if let Some(bound) = shown("exclusiveMinimum") {
        notes.push(format!("more than {bound}"));
    }
    if let Some(bound) = shown("exclusiveMaximum") {
        notes.push(format!("less than {bound}"));
    }
    if let Some(step) = shown("multipleOf") {
        notes.push(format!("a multiple of {step}"));
    }
    if let Some(format) =
        shown("format").filter(|f| !matches!(f.as_str(), "int32" | "int64" | "double" | "float"))
    {
        notes.push(format);
    }
    if let Some(pattern) = shown("pattern").filter(|p| p.len() <= 40) {
        notes.push(format!("matches {pattern}"));
    }
    if let Some(default) = shown("default") {
        notes.push(format!("default {default}"));
    }
    notes.retain(|note| !said.contains(note.as_str()));
    let notes = notes.join("; ");
    let room = TEXT_MAX.saturating_sub(notes.len() + 3);
    match (said.is_empty(), notes.is_empty() || notes.len() + 40 > TEXT_MAX) {
        (true, true) => None,
        (true, false) => Some(notes),
        (false, true) => Some(said.to_owned()),
        (false, false) => Some(format!("{} ({notes})", prose::shorten(said, room))),
    }
}

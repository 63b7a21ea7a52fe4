//! The leaves of arguments and results: what may feed, and what may be fed.

use crate::data::Tool;
use crate::words;
use serde_json::Value;
use std::collections::HashMap;
use std::rc::Rc;

/// How deep arguments are looked into.
const INPUT_DEPTH: usize = 3;
/// How deep results are looked into; lists count.
const OUTPUT_DEPTH: usize = 6;
/// Most schema nodes of a result or of arguments that are looked at.
const NODES_MAX: usize = 400;

/// A leaf: a scalar, or an item of a list of scalars.
pub(super) struct Field<'a> {
    /// The way to it: `data[].id`.
    pub path: String,
    /// Its own name; for an item, its list's.
    pub name: &'a str,
    /// Its name's words.
    pub words: Rc<[String]>,
    /// The name of the field that holds the object it is in, where there is one.
    pub container: Option<&'a str>,
    /// The component of the object it is in, where it is named.
    pub component: Option<&'a str>,
    /// Its schema.
    pub schema: &'a Value,
    /// How deep it stands; lists do not count.
    pub depth: usize,
    /// Whether a list is on the way to it.
    pub many: bool,
    /// Whether the call cannot be made without it.
    pub required: bool,
}

/// The words of names: an API's schemas hold the same few over and over.
#[derive(Default)]
pub(super) struct Names<'a>(HashMap<&'a str, Rc<[String]>>);

impl<'a> Names<'a> {
    fn words(&mut self, name: &'a str) -> Rc<[String]> {
        Rc::clone(self.0.entry(name).or_insert_with(|| words::split(name).into()))
    }
}

/// The leaves of one schema.
#[derive(Default)]
pub(super) struct Fields<'a> {
    pub all: Vec<Field<'a>>,
}

/// What a scalar is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Integer,
    Number,
    Other,
}

impl Field<'_> {
    /// Returns what it is.
    pub fn kind(&self) -> Kind {
        kind(self.schema)
    }

    /// Returns the noun of an identifier's name: `pet` of `petId` and of `pet_ids`; empty of `id`. None of what is no
    /// identifier by its name.
    pub fn id_noun(&self) -> Option<String> {
        let plain = id_noun(&self.words)?;
        Some(plain.join("_"))
    }

    /// Returns what it is looked up by: its whole name, in the singular.
    pub fn key(&self) -> String {
        words::singular_words(&self.words).join("_")
    }

    /// Returns all that it is looked up by.
    pub fn keys(&self) -> Vec<String> {
        vec![self.key()]
    }

    fn leaf(schema: &Value) -> bool {
        !matches!(kind(schema), Kind::Other)
    }
}

/// Words that end identifiers' names.
const IDS: &[&str] = &["id", "ids", "uuid", "uuids", "guid", "guids", "uid", "uids"];

/// Returns the noun of an identifier's words.
pub(super) fn id_noun(all: &[String]) -> Option<Vec<String>> {
    let (last, before) = all.split_last()?;
    if !IDS.contains(&last.as_str()) {
        return None;
    }
    let skip = before.iter().take_while(|w| w.len() == 1).count();
    Some(words::singular_words(&before[skip..]))
}

pub(super) fn kind(schema: &Value) -> Kind {
    let of = |name: &str| match name {
        "string" => Kind::Text,
        "integer" => Kind::Integer,
        "number" => Kind::Number,
        _ => Kind::Other,
    };
    match schema.get("type") {
        Some(Value::String(name)) => of(name),
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).find(|n| *n != "null").map_or(Kind::Other, of)
        }
        _ => Kind::Other,
    }
}

/// Returns the leaves of a tool's arguments.
pub(super) fn inputs<'a>(tool: &'a Tool, names: &mut Names<'a>) -> Fields<'a> {
    let mut walk = Walk { names, nodes: 0, depth_max: INPUT_DEPTH, at: Vec::new(), out: Fields::default() };
    let root = Place { container: None, component: None, many: false, required: true };
    walk.object(&tool.parameters, root, 0);
    walk.out
}

/// Returns the leaves of a tool's result.
pub(super) fn outputs<'a>(tool: &'a Tool, names: &mut Names<'a>) -> Fields<'a> {
    let mut walk = Walk { names, nodes: 0, depth_max: OUTPUT_DEPTH, at: Vec::new(), out: Fields::default() };
    if let Some(result) = &tool.result {
        let root = Place { container: None, component: None, many: false, required: false };
        walk.value(result, "", root, 0);
    }
    walk.out
}

/// Where a walk stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    container: Option<&'a str>,
    component: Option<&'a str>,
    many: bool,
    required: bool,
}

struct Walk<'a, 'n> {
    names: &'n mut Names<'a>,
    nodes: usize,
    depth_max: usize,
    /// The names on the way, `[]` for each item of a list.
    at: Vec<&'a str>,
    out: Fields<'a>,
}

impl<'a> Walk<'a, '_> {
    fn object(&mut self, schema: &'a Value, place: Place<'a>, depth: usize) {
        let properties = schema.get("properties").and_then(Value::as_object);
        let required = schema.get("required").and_then(Value::as_array);
        let component = schema.get("x-schema").and_then(Value::as_str);
        for (name, field) in properties.into_iter().flatten() {
            let needed =
                place.required && required.is_some_and(|r| r.iter().any(|n| n.as_str() == Some(name)));
            self.at.push(name);
            self.value(field, name, Place { component, required: needed, ..place }, depth + 1);
            self.at.pop();
        }
    }

    fn value(&mut self, schema: &'a Value, name: &'a str, place: Place<'a>, depth: usize) {
        self.nodes += 1;
        if self.nodes > NODES_MAX || depth > self.depth_max {
            return;
        }
        if schema.get("properties").is_some() {
            let container = if name.is_empty() { place.container } else { Some(name) };
            self.object(schema, Place { container, ..place }, depth);
        } else if let Some(items) = schema.get("items") {
            self.at.push("[]");
            self.value(items, name, Place { many: true, ..place }, depth);
            self.at.pop();
        } else if let Some(variants) =
            ["anyOf", "oneOf"].iter().find_map(|key| schema.get(*key)).and_then(Value::as_array)
        {
            // the first variant that says anything: the others are other forms of the same
            let said = variants.iter().find(|v| v.get("type").is_none_or(|t| t != "null"));
            if let Some(variant) = said {
                self.value(variant, name, place, depth);
            }
        } else if Field::leaf(schema) {
            self.push(schema, name, place);
        }
    }

    fn push(&mut self, schema: &'a Value, name: &'a str, place: Place<'a>) {
        let mut path = String::new();
        for part in &self.at {
            if *part != "[]" && !path.is_empty() {
                path.push('.');
            }
            path.push_str(part);
        }
        self.out.all.push(Field {
            path,
            name,
            words: self.names.words(name),
            container: place.container,
            component: place.component,
            schema,
            depth: self.at.iter().filter(|p| **p != "[]").count(),
            many: place.many,
            required: place.required,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::edges::tests::tool;
    use serde_json::json;

    #[test]
    fn leaves_are_found_in_objects_lists_and_variants() {
        let mut tool = tool("get_pets", "/pets");
        tool.result = Some(json!({"type": "object", "properties": {"data": {"type": "array", "items":
            {"type": "object", "x-schema": "Pet", "properties": {
                "id": {"type": "integer"},
                "owner": {"anyOf": [{"type": "null"}, {"type": "object", "properties": {"id": {"type": "string"}}}]},
                "tagIds": {"type": "array", "items": {"type": "string"}},
                "alive": {"type": "boolean"}}}}}}).into());
        let fields = outputs(&tool, &mut Names::default());
        let paths: Vec<(&str, Option<&str>, Option<&str>)> =
            fields.all.iter().map(|f| (f.path.as_str(), f.container, f.component)).collect();
        assert_eq!(
            paths,
            [
                ("data[].id", Some("data"), Some("Pet")),
                ("data[].owner.id", Some("owner"), None),
                ("data[].tagIds[]", Some("data"), Some("Pet")),
            ]
        );
        assert!(fields.all.iter().all(|f| f.many));
        assert_eq!(fields.all[2].id_noun().as_deref(), Some("tag"));
    }
}

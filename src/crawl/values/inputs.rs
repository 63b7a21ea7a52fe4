//! What a caller may give to an operation, as values.

use super::names;
use crate::data::{BodyEncoding, Mined, ParamPlace, Place, Supplied, Written};
use serde_json::{Map, Value, json};

/// What a caller may give.
#[derive(Default)]
pub struct Inputs {
    /// The properties, path parameters first.
    pub properties: Map<String, Value>,
    /// The names of those that must be given.
    pub required: Vec<String>,
    /// Where each goes.
    pub places: Vec<ParamPlace>,
    /// What the environment gives.
    pub supplied: Vec<Supplied>,
    /// How the body is encoded.
    pub encoding: Option<BodyEncoding>,
    /// The body's media type, where it is not the encoding's usual one.
    pub media: Option<String>,
    /// The component that is the body's schema.
    pub body_schema: Option<String>,
    /// What the prose said.
    pub mined: Mined,
    /// What was left out.
    pub pruned: Vec<String>,
    /// The whole description of each property.
    pub texts: Vec<(String, String)>,
    /// The body property that holds a file's bytes, if any.
    pub file: Option<String>,
}

impl Inputs {
    /// Returns the names of what must be given and is no choice.
    pub fn free(&self) -> Vec<String> {
        self.required.iter().filter(|r| self.properties[*r].get("enum").is_none()).cloned().collect()
    }

    /// Takes over what lowering one schema found.
    pub fn absorb(&mut self, pruned: Vec<String>, mined: Mined) {
        self.pruned.extend(pruned);
        for (name, unit) in mined.units {
            self.mined.units.entry(name).or_insert(unit);
        }
        for (name, values) in mined.allowed {
            self.mined.allowed.entry(name).or_insert(values);
        }
    }

    /// Adds a property under a free name, and returns that name.
    pub fn insert(&mut self, wire: &str, place: Place, schema: Value, required: bool) -> String {
        let mut name = names::property(wire);
        if self.properties.contains_key(&name) {
            let prefix = match place {
                Place::Path => "path",
                Place::Query => "query",
                Place::Header => "header",
                Place::Cookie => "cookie",
                Place::Body => "body",
            };
            name = names::property(&format!("{prefix}_{name}"));
            let base = name.clone();
            let mut n = 2;
            while self.properties.contains_key(&name) {
                let end = format!("_{n}");
                // names are ASCII by now, and none may have more than 64 characters
                name = format!("{}{end}", &base[..base.len().min(64 - end.len())]);
                n += 1;
            }
        }
        self.properties.insert(name.clone(), schema);
        let written = Written::default();
        self.places.push(ParamPlace { name: name.clone(), wire: wire.to_owned(), place, written });
        if required {
            self.required.push(name.clone());
        }
        name
    }
}

/// Closes the object schema of the arguments.
pub fn parameters(properties: Map<String, Value>, required: Vec<String>) -> Value {
    let mut out = Map::new();
    out.insert("type".into(), json!("object"));
    out.insert("properties".into(), properties.into());
    if !required.is_empty() {
        out.insert("required".into(), json!(required));
    }
    out.insert("additionalProperties".into(), json!(false));
    out.into()
}

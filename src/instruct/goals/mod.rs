//! What a user may want of an operation: each kind of operation has its kinds of want.

use super::chain::{API, Arguments, Chain, Dead, dead};
use super::locate::{Located, only_choice, required, shown_records};
use super::say::Said;
use crate::data::{ArgumentSource, Scenario};
use crate::graph::{OpKind, Operation, ParamRole};
use crate::prompt::{Asked, Subject, Want};
use crate::words;
use crate::world::StoreKey;
use rand::RngExt;
use rand::seq::SliceRandom;
use serde_json::{Map, Value};

/// A want with its scenario.
pub(super) type Goal = (Want, Scenario);

mod compute;
mod given;
mod read;
mod survey;
mod write;

impl Chain<'_> {
    /// Builds a want around an operation. `within` names a record that the want should stay in; `taken` records are left alone.
    pub fn goal(
        &mut self,
        operation: &Operation,
        within: Option<&(StoreKey, Located)>,
        taken: &mut Vec<u32>,
    ) -> Result<Goal, Dead> {
        match operation.kind {
            OpKind::Get => self.know(operation, within, taken),
            OpKind::List => self.survey(operation, within),
            OpKind::Related => self.near(operation, within),
            OpKind::Find => self.find_one(operation),
            OpKind::GetByParent => self.know_of_parent(operation, within),
            OpKind::SingletonGet => self.know_own(operation),
            OpKind::Create => self.create(operation, within),
            OpKind::Update => self.update(operation, within, taken),
            OpKind::SingletonUpdate => self.update_own(operation),
            OpKind::Delete => self.delete(operation, within, taken),
            OpKind::Act => self.act(operation, within, taken),
            OpKind::Compute(what) => self.compute(what, operation, taken),
            OpKind::Opaque => dead("nothing is known of its result"),
        }
    }

    fn key(operation: &Operation) -> Result<StoreKey, Dead> {
        operation.resource.map(|r| (API, r)).ok_or_else(|| Dead("no resource".to_owned()))
    }

    fn own_words(&self, key: StoreKey) -> Vec<String> {
        self.world.resource(key).key.split('_').map(str::to_owned).collect()
    }

    /// Fields of a record that are worth asking for and were not seen before.
    fn askable(
        &mut self,
        key: StoreKey,
        record: &Map<String, Value>,
        seen: &Value,
        subject: &Subject,
    ) -> Vec<(String, Value)> {
        let resource = self.world.resource(key);
        let domain = self.domain(key);
        let known = |name: &str, value: &Value| {
            !value.is_string()
                || resource
                    .properties()
                    .get(name)
                    .is_none_or(|s| crate::world::values::knows(name, s, &resource.words, domain))
        };
        let said: Vec<String> = subject
            .traits
            .iter()
            .map(|t| t.exact.to_string())
            .chain(subject.name.iter().map(|n| Value::String(n.clone()).to_string()))
            .collect();
        let mut fields: Vec<(String, Value)> = record
            .iter()
            .filter(|(name, value)| {
                seen.get(*name).is_none()
                    && known(name, value)
                    && !said.contains(&value.to_string())
                    && worth_asking(name, value)
                    && !resource.links.iter().any(|l| l.field == **name)
                    && resource.id_field.as_ref() != Some(name)
            })
            .map(|(n, v)| (n.clone(), v.clone()))
            .collect();
        fields.shuffle(&mut self.rng);
        fields
    }

    /// Asks one or two facts of a record that an observation shows.
    fn ask(&mut self, key: StoreKey, tool: &crate::data::Tool, fields: &[(String, Value)]) -> Vec<Asked> {
        let n = if fields.len() > 1 && self.rng.random_bool(0.4) { 2 } else { 1 };
        let own = self.own_words(key);
        fields
            .iter()
            .take(n)
            .map(|(name, value)| {
                let unit = tool.mined.units.get(name).cloned();
                self.fact(name, value, unit.clone());
                asked(name, value, &own, unit)
            })
            .collect()
    }

    fn only_record(&self, operation: &Operation, call: usize) -> Result<Map<String, Value>, Dead> {
        let shape = operation.shape.as_ref().ok_or_else(|| Dead("no result".to_owned()))?;
        let body = &self.calls[call].observation;
        shown_records(body, &shape.path)
            .first()
            .and_then(|r| r.as_object())
            .cloned()
            .ok_or_else(|| Dead("no record in the result".to_owned()))
    }

    /// The arguments that address a located record: its id, and the ids of what it is in.
    fn address(
        &mut self,
        operation: &Operation,
        key: StoreKey,
        located: &Located,
    ) -> Result<Arguments, Dead> {
        let mut arguments = Arguments::default();
        for (name, role) in operation.roles.clone() {
            match role {
                ParamRole::Id(r) if (API, r) == key => arguments.set(
                    &name,
                    typed(&located.id, self.tool(&operation.tool)?, &name),
                    located.source.clone(),
                ),
                ParamRole::Parent(p) => {
                    let (id, source) = self.parent_id(key, located, (API, p))?;
                    arguments.set(&name, id, source);
                }
                _ => {}
            }
        }
        Ok(arguments)
    }

    /// Like `address`, with whatever else is required and has but one value.
    fn addressed(
        &mut self,
        operation: &Operation,
        key: StoreKey,
        located: &Located,
    ) -> Result<Arguments, Dead> {
        let mut arguments = self.address(operation, key, located)?;
        self.fill_fixed(operation, &mut arguments)?;
        Ok(arguments)
    }

    /// The id of the record's parent: what the finding call was given, or what it showed.
    fn parent_id(
        &mut self,
        key: StoreKey,
        located: &Located,
        parent: StoreKey,
    ) -> Result<(Value, ArgumentSource), Dead> {
        if let Some(call) = located.found_by {
            let made = self.calls[call].clone();
            let model = self.model();
            if let Some(finder) = model.operation(&made.tool) {
                for (name, role) in &finder.roles {
                    if matches!(role, ParamRole::Parent(p) if *p == parent.1)
                        && let Some(value) = made.arguments.get(name)
                    {
                        let source = made
                            .sources
                            .iter()
                            .find(|(p, _)| *p == format!("/{name}"))
                            .map_or(ArgumentSource::Unknown, |(_, s)| s.clone());
                        return Ok((value.clone(), source));
                    }
                }
            }
        }
        let at = self.world.record(key, located.at).and_then(|r| r.parent);
        let found = match at {
            Some(at) => self.locate(parent, at, None, 1)?,
            None => self.locate_any(parent, None, &[], 1)?,
        };
        Ok((found.id, found.source))
    }

    /// Required parameters that have one value, or a default.
    fn fill_fixed(&mut self, operation: &Operation, arguments: &mut Arguments) -> Result<(), Dead> {
        let tool = self.tool(&operation.tool)?;
        for name in required(&tool.parameters) {
            if arguments.values.contains_key(&name) {
                continue;
            }
            let schema = &tool.parameters["properties"][&name];
            match only_choice(schema).or_else(|| schema.get("default")) {
                Some(value) => arguments.set(&name, value.clone(), ArgumentSource::Default),
                None => return dead(format!("'{name}' is required and nothing gives it")),
            }
        }
        Ok(())
    }
}

fn form(said: &Said) -> String {
    match &said.exact {
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(s)
            if s.parse::<jiff::Timestamp>().is_ok() || s.parse::<jiff::civil::Date>().is_ok() =>
        {
            "date"
        }
        Value::Object(o) if o.contains_key("dateTime") || o.contains_key("date") => "date",
        _ => "enum",
    }
    .to_owned()
}

fn is_name(field: &str) -> bool {
    matches!(
        words::split(field).last().map(String::as_str),
        Some("name" | "title" | "summary" | "subject" | "text" | "body" | "message")
    )
}

/// Spells an id as the tool's schema asks.
pub(super) fn typed(id: &Value, tool: &crate::data::Tool, name: &str) -> Value {
    match (tool.parameters["properties"][name].get("type").and_then(Value::as_str), id) {
        (Some("string"), Value::Number(n)) => Value::String(n.to_string()),
        (Some("integer" | "number"), Value::String(s)) => {
            s.parse::<i64>().map_or_else(|_| id.clone(), Value::from)
        }
        _ => id.clone(),
    }
}

pub(super) fn asked(name: &str, value: &Value, own: &[String], unit: Option<String>) -> Asked {
    let kind = match super::chain::fact_kind(name, value) {
        crate::data::FactKind::Instant => "instant",
        crate::data::FactKind::Number => "number",
        crate::data::FactKind::Boolean => "boolean",
        crate::data::FactKind::Id => "id",
        crate::data::FactKind::Text => "text",
    };
    Asked { label: words::label(name, own), kind: kind.to_owned(), unit }
}

/// Fields that nobody asks for.
fn worth_asking(name: &str, value: &Value) -> bool {
    let scalar = match value {
        Value::String(s) => !s.is_empty() && s.len() <= 70 && !s.contains("://") && !s.contains('<'),
        Value::Number(n) => n.as_f64().is_some_and(|f| f.abs() < 1e9),
        Value::Bool(_) => true,
        _ => false,
    };
    let words = words::split(name);
    let dull = [
        "etag",
        "kind",
        "hash",
        "self",
        "uid",
        "mbid",
        "vanity",
        "html",
        "link",
        "url",
        "href",
        "uri",
        "image",
        "photo",
        "token",
        "secret",
        "password",
        "key",
        "signature",
        "id",
        "ids",
        "uuid",
        "permissions",
        "attributes",
        "deleted",
        "cursor",
        "restricted",
        "instrumental",
        "explicit",
        "readonly",
        "transparency",
        "scope",
    ];
    let numbered = value.is_number()
        && words.iter().any(|w| matches!(w.as_str(), "status" | "state" | "type" | "count"));
    let flag = value.as_u64().is_some_and(|n| n < 2)
        && !words.iter().any(|w| matches!(w.as_str(), "quantity" | "rating" | "balance"));
    scalar && !flag && !numbered && !words.iter().any(|w| dull.contains(&w.as_str()))
}

/// Fields that users do not dictate.
fn sayable_field(name: &str) -> bool {
    let words = words::split(name);
    let dull = [
        "etag",
        "kind",
        "hash",
        "uid",
        "html",
        "token",
        "secret",
        "password",
        "signature",
        "permissions",
        "attributes",
        "mbid",
        "callback",
        "udh",
        "read",
        "write",
        "custom",
        "original",
        "scope",
        "readonly",
        "transparency",
        "sequence",
        "omitted",
        "unspecified",
        "copy",
        "gadget",
        "extended",
        "locked",
        "layer",
        "conference",
        "reminders",
        "source",
        "mappings",
        "key",
        "keys",
    ];
    words::id_noun(name).is_none() && !words.iter().any(|w| dull.contains(&w.as_str()))
}

//! How an assistant gets hold of a record: the id that the user gives, a list that shows it, or a fact of the session.

use super::chain::{API, Arguments, Chain, Dead, dead, pointer_to, usable};
use super::subject::{self, name_field};
use crate::data::{ArgumentSource, is_nullable, required_of};
use crate::graph::{Match, OpKind, Operation, ParamRole, Step};
use crate::prompt::{Subject, Trait};
use crate::world::{Record, StoreKey, plain};
use rand::RngExt;
use rand::seq::SliceRandom;
use serde_json::{Value, json};
use std::sync::Arc;

/// A record that the assistant can name in a call.
#[derive(Clone, Debug)]
pub(super) struct Located {
    pub at: u32,
    pub id: Value,
    pub source: ArgumentSource,
    /// How the user refers to it.
    pub subject: Subject,
    /// What the finding call showed of it; null when nothing did.
    pub seen: Value,
    /// The call that showed it.
    pub found_by: Option<usize>,
}

/// What people have one of, and work in.
const CONTAINERS: &[&str] = &[
    "account",
    "app",
    "application",
    "collection",
    "company",
    "database",
    "function",
    "organisation",
    "organization",
    "project",
    "repository",
    "site",
    "store",
    "team",
    "tenant",
    "workspace",
];
/// Deepest nesting of finders.
const DEPTH_MAX: u32 = 3;

impl Chain<'_> {
    /// Draws a record of a resource and finds a way to it. Records in `taken` are not drawn.
    pub fn locate_any(
        &mut self,
        key: StoreKey,
        within: Option<&(StoreKey, Located)>,
        taken: &[u32],
        depth: u32,
    ) -> Result<Located, Dead> {
        let mut keys: Vec<u32> = self
            .world
            .records(key)
            .filter(|(at, r)| {
                !taken.contains(at)
                    && within.is_none_or(|(pk, p)| {
                        !self.is_child(key, *pk) || r.parent.is_none() || r.parent == Some(p.at)
                    })
            })
            .map(|(at, _)| at)
            .collect();
        if keys.is_empty() {
            let empty = self.world.records(key).next().is_none();
            return if empty && within.is_none() {
                self.by_session(key, None)
            } else {
                dead(format!("no {} to draw", self.world.resource(key).words))
            };
        }
        keys.shuffle(&mut self.rng);
        let mut why = Dead("no record could be told apart".to_owned());
        for at in keys.into_iter().take(4) {
            match self.locate(key, at, within, depth) {
                Ok(found) => return Ok(found),
                Err(e) => why = e,
            }
        }
        Err(why)
    }

    fn is_child(&self, key: StoreKey, parent: StoreKey) -> bool {
        self.world.resource(key).parent.as_ref().is_some_and(|(p, _)| *p == parent.1)
    }

    /// Finds a way to a record.
    pub fn locate(
        &mut self,
        key: StoreKey,
        at: u32,
        within: Option<&(StoreKey, Located)>,
        depth: u32,
    ) -> Result<Located, Dead> {
        let Some(record) = self.world.record(key, at).cloned() else { return dead("no such record") };
        if let Some(found) = self.held_by_user(key, at, &record) {
            return Ok(found);
        }
        if depth >= DEPTH_MAX {
            return dead("nested too deep");
        }
        let model = self.model();
        let mut finders: Vec<&Operation> = model
            .operations
            .iter()
            .filter(|o| o.kind == OpKind::List && o.resource == Some(key.1) && usable(o))
            .collect();
        finders.shuffle(&mut self.rng);
        // The plainest list first: the one that demands the least.
        finders.sort_by_key(|o| self.demands(o));
        let mut why = None;
        for finder in finders.into_iter().take(3) {
            let (calls, rng) = (self.calls.len(), self.rng.clone());
            match self.find_with(finder, key, at, &record, within, depth) {
                Ok(found) => return Ok(found),
                Err(e) => {
                    if self.calls.len() > calls {
                        return Err(e);
                    }
                    self.rng = rng;
                    why = Some(e);
                }
            }
        }
        match why {
            Some(e) => Err(e),
            None => self.by_session(key, Some((at, &record))),
        }
    }

    /// How much a list demands: required parameters.
    fn demands(&self, operation: &Operation) -> usize {
        self.tool(&operation.tool).map_or(9, |t| t.parameters["required"].as_array().map_or(0, Vec::len))
    }

    /// People hold user names, codes, addresses: those they give.
    fn held_by_user(&mut self, key: StoreKey, at: u32, record: &Arc<Record>) -> Option<Located> {
        let resource = self.world.resource(key);
        let id = self.world.id_of(key, record)?;
        let text = plain(&id);
        if !resource.human_id && !text.contains('@') {
            return None;
        }
        let mut subject = Subject { kind: resource.words.clone(), ..Subject::default() };
        let mut source = ArgumentSource::Verbatim;
        let names = crate::words::names_of_code(&text);
        if let Some(name) = names.first() {
            subject.name = Some((*name).to_owned());
            source = ArgumentSource::Normalised("enum".to_owned());
        } else if matches!(resource.key.as_str(), "country" | "language" | "currency" | "region") {
            return None;
        } else {
            subject.name = Some(text);
        }
        Some(Located { at, id, source, subject, seen: Value::Null, found_by: None })
    }

    /// What no tool can find is a fact of the session.
    fn by_session(&mut self, key: StoreKey, record: Option<(u32, &Arc<Record>)>) -> Result<Located, Dead> {
        let resource = self.world.resource(key).clone();
        let holds = resource.words.rsplit(' ').next().is_some_and(|noun| CONTAINERS.contains(&noun));
        if record.is_none() && !holds {
            return dead(format!("nobody speaks of their {}", resource.words));
        }
        let id = match record {
            Some((_, record)) => match self.world.id_of(key, record) {
                Some(id) => id,
                None => return dead(format!("a {} has no id", resource.words)),
            },
            None => json!(crate::world::opaque_id(self.world.seed(), &resource.key)),
        };
        let named = record
            .and_then(|(_, r)| name_field(&resource).and_then(|f| r.fields.get(&f).cloned()))
            .and_then(|v| v.as_str().map(str::to_owned));
        let sentence = match &named {
            Some(name) => format!("The id of the {} '{}' is {}.", resource.words, name, plain(&id)),
            None => format!("The id of your {} is {}.", resource.words, plain(&id)),
        };
        if !self.session.contains(&sentence) {
            self.session.push(sentence);
        }
        let subject = Subject {
            kind: resource.words.clone(),
            name: named.clone(),
            own: named.is_none(),
            ..Subject::default()
        };
        Ok(Located {
            at: record.map_or(0, |(at, _)| at),
            id,
            source: ArgumentSource::Session,
            subject,
            seen: Value::Null,
            found_by: None,
        })
    }

    fn find_with(
        &mut self,
        finder: &Operation,
        key: StoreKey,
        at: u32,
        record: &Arc<Record>,
        within: Option<&(StoreKey, Located)>,
        depth: u32,
    ) -> Result<Located, Dead> {
        let (mut arguments, scope) = self.scope(finder, key, Some(record), within, depth)?;
        let mut traits = Vec::new();
        self.required_filters(finder, record, &mut arguments, &mut traits)?;
        let others = self.in_scope(finder, key, &arguments);
        let tool = self.tool(&finder.tool)?;
        let field = self.world.resource(key).id_field.clone();
        let Some(id) = field.and_then(|f| record.fields.get(&f)).cloned() else {
            return dead("it has no id");
        };
        let position = others.iter().position(|o| o == record);
        if position.is_none_or(|p| p >= 8) || others.len() > 8 && self.rng.random_bool(0.5) {
            self.narrow(finder, key, record, &mut arguments);
        }
        // The record must be told apart before anything is called, so that a dead end leaves no call behind.
        let mut preview = self.world.clone();
        let response = preview.call(tool, &Value::Object(arguments.values.clone()));
        if response.status >= 400 {
            return dead(format!("{} refused", tool.name));
        }
        let shape = finder.shape.as_ref().expect("usable lists have a shape");
        let Some(seen) = shown_records(&response.body, &shape.path)
            .into_iter()
            .find(|r| r.as_object().is_some_and(|o| o.values().any(|v| *v == id)))
            .cloned()
        else {
            return dead("it is on a later page");
        };
        let now = self.world.setting().now.clone();
        let resource = self.world.resource(key).clone();
        let Some(mut subject) = subject::distinguish(&resource, record, &others, &seen, &now, &mut self.rng)
        else {
            return dead(format!("a {} that nothing sets apart", resource.words));
        };
        let call = match self.shown_by(finder, &arguments, &seen) {
            Some(call) => call,
            None => self.call(finder, arguments)?,
        };
        for t in traits {
            if !subject.traits.iter().any(|o| o.label == t.label) {
                subject.traits.push(t);
            }
        }
        subject.within = scope.map(|s| Box::new(s.subject));
        let Some(pointer) = pointer_to_record(&self.calls[call].observation, &seen, &id) else {
            return dead("its id is not shown");
        };
        Ok(Located {
            at,
            id,
            source: ArgumentSource::Result(call, pointer),
            subject,
            seen,
            found_by: Some(call),
        })
    }

    /// Fills the ids of what a list (or a creation) belongs to. Returns the innermost.
    pub fn scope(
        &mut self,
        operation: &Operation,
        key: StoreKey,
        record: Option<&Arc<Record>>,
        within: Option<&(StoreKey, Located)>,
        depth: u32,
    ) -> Result<(Arguments, Option<Located>), Dead> {
        let mut arguments = Arguments::default();
        let mut innermost: Option<Located> = None;
        let tool = self.tool(&operation.tool)?;
        let required: Vec<String> = required(&tool.parameters);
        let mut parents: Vec<(String, usize)> = operation
            .roles
            .iter()
            .filter_map(|(name, role)| match role {
                ParamRole::Parent(p) => Some((name.clone(), *p)),
                ParamRole::Link(p, _) if operation.kind == OpKind::List && required.contains(name) => {
                    Some((name.clone(), *p))
                }
                _ => None,
            })
            .collect();
        // Outer parents first: an inner one is found within them.
        let model = self.model();
        parents.sort_by_key(|(_, p)| nesting(&model, *p));
        let mut outer: Option<(StoreKey, Located)> = within.cloned();
        for (name, parent) in parents {
            let parent_key = (API, parent);
            let located = match within {
                Some((k, l)) if *k == parent_key => l.clone(),
                _ => self.parent_of(key, record, parent_key, outer.as_ref(), depth)?,
            };
            arguments.set(&name, located.id.clone(), located.source.clone());
            outer = Some((parent_key, located.clone()));
            innermost = Some(located);
        }
        Ok((arguments, innermost))
    }

    fn parent_of(
        &mut self,
        key: StoreKey,
        record: Option<&Arc<Record>>,
        parent: StoreKey,
        outer: Option<&(StoreKey, Located)>,
        depth: u32,
    ) -> Result<Located, Dead> {
        let direct = self.is_child(key, parent);
        if let Some(at) = record.and_then(|r| r.parent).filter(|_| direct) {
            self.locate(parent, at, outer, depth + 1)
        } else {
            // A grandparent: the parent's parent.
            let mid = self.world.resource(key).parent.as_ref().map(|(p, _)| (API, *p));
            let grand = mid.and_then(|m| {
                record
                    .and_then(|r| r.parent)
                    .and_then(|at| self.world.record(m, at).and_then(|r| r.parent))
                    .filter(|_| self.is_child(m, parent))
            });
            match grand {
                Some(at) => self.locate(parent, at, outer, depth + 1),
                None => self.locate_any(parent, outer, &[], depth + 1),
            }
        }
    }

    /// Required filters take the record's own values, which the user then says.
    fn required_filters(
        &mut self,
        finder: &Operation,
        record: &Record,
        arguments: &mut Arguments,
        traits: &mut Vec<Trait>,
    ) -> Result<(), Dead> {
        let tool = self.tool(&finder.tool)?;
        let now = self.world.setting().now.clone();
        for name in required(&tool.parameters) {
            if arguments.values.contains_key(&name) {
                continue;
            }
            let schema = &tool.parameters["properties"][&name];
            if let Some(default) = schema.get("default").or_else(|| only_choice(schema)) {
                arguments.set(&name, default.clone(), ArgumentSource::Default);
                continue;
            }
            let Some(ParamRole::Filter(field, Match::Equal)) = finder.roles.get(&name) else {
                return dead(format!("{} demands '{name}'", tool.name));
            };
            let Some(value) = record.fields.get(field) else { return dead(format!("it has no {field}")) };
            let value = match value {
                Value::Array(items) => items.first().cloned().unwrap_or(Value::Null),
                v => v.clone(),
            };
            let value = value.get("name").cloned().unwrap_or(value);
            let own: Vec<String> = self
                .world
                .resource((API, finder.resource.unwrap_or(0)))
                .key
                .split('_')
                .map(str::to_owned)
                .collect();
            let field_schema = self
                .world
                .resource((API, finder.resource.unwrap_or(0)))
                .properties()
                .get(field)
                .cloned()
                .unwrap_or(Value::Null);
            let Some(words) = subject::said_as_it_is(&value, &field_schema, &now, 0) else {
                return dead(format!("nobody says {field}"));
            };
            let many = schema.get("items").is_some();
            let source = if words == plain(&value) {
                ArgumentSource::Verbatim
            } else {
                ArgumentSource::Normalised("enum".to_owned())
            };
            traits.push(Trait {
                label: crate::words::label(field, &own),
                value: words,
                exact: value.clone(),
            });
            arguments.set(&name, if many { json!([value]) } else { value }, source);
        }
        Ok(())
    }

    /// Looks for the record by its name where a list is long.
    fn narrow(&self, finder: &Operation, key: StoreKey, record: &Record, arguments: &mut Arguments) {
        let resource = self.world.resource(key);
        let Some(name) = name_field(resource) else { return };
        let Some(value) = record.fields.get(&name).filter(|v| v.is_string()).cloned() else { return };
        let by = finder
            .roles
            .iter()
            .find(|(_, r)| matches!(r, ParamRole::Filter(f, _) if *f == name))
            .or_else(|| finder.roles.iter().find(|(_, r)| **r == ParamRole::Search));
        if let Some((param, _)) = by
            && !arguments.values.contains_key(param)
        {
            arguments.set(param, value, ArgumentSource::Verbatim);
        }
    }

    /// All records that a list with these scope arguments has, on all pages.
    pub fn in_scope(&self, finder: &Operation, key: StoreKey, arguments: &Arguments) -> Vec<Arc<Record>> {
        self.world.select_all(key.0, finder, &arguments.values)
    }
}

/// How deep a resource is nested.
pub(super) fn nesting(model: &crate::graph::ApiModel, index: usize) -> usize {
    let mut depth = 0;
    let mut at = index;
    while let Some((parent, _)) = &model.resources[at].parent {
        at = *parent;
        depth += 1;
        if depth > model.resources.len() {
            break;
        }
    }
    depth
}

/// The names of parameters that must have a value.
pub(super) fn required(schema: &Value) -> Vec<String> {
    let nullable = |name: &str| schema.get("properties").and_then(|p| p.get(name)).is_some_and(is_nullable);
    required_of(schema).filter(|name| !nullable(name)).map(str::to_owned).collect()
}

/// The one value that a schema allows.
pub(super) fn only_choice(schema: &Value) -> Option<&Value> {
    schema.get("const").or_else(|| {
        schema.get("enum").and_then(Value::as_array).filter(|e| e.len() == 1).and_then(|e| e.first())
    })
}

/// The records that a body shows.
pub(super) fn shown_records<'v>(body: &'v Value, path: &[Step]) -> Vec<&'v Value> {
    match path.split_first() {
        None => vec![body],
        Some((Step::Field(name), rest)) => body.get(name).map(|v| shown_records(v, rest)).unwrap_or_default(),
        Some((Step::Items, rest)) => {
            body.as_array().into_iter().flatten().flat_map(|v| shown_records(v, rest)).collect()
        }
    }
}

/// The pointer of a record's id in an observation.
fn pointer_to_record(observation: &Value, record: &Value, id: &Value) -> Option<String> {
    fn walk(at: &Value, record: &Value, prefix: &str) -> Option<String> {
        if at == record {
            return Some(prefix.to_owned());
        }
        match at {
            Value::Object(o) => o.iter().find_map(|(k, v)| {
                walk(v, record, &format!("{prefix}/{}", k.replace('~', "~0").replace('/', "~1")))
            }),
            Value::Array(a) => {
                a.iter().enumerate().find_map(|(i, v)| walk(v, record, &format!("{prefix}/{i}")))
            }
            _ => None,
        }
    }
    let base = walk(observation, record, "")?;
    pointer_to(record, id, &base)
}

//! Executes a call: finds what it is about, changes the state, answers in the spec's shape.

use super::envelope;
use super::generate::{generator, new_id, ordered, server_made};
use super::query;
use super::store::{Record, Response, StoreKey, World};
use super::values::{self, Domain};
use super::{compute, diff};
use crate::data::{Effect, StateChange, Tool};
use crate::graph::{LinkForm, OpKind, Operation, ParamRole, Resource};
use serde_json::{Map, Value, json};
use std::sync::Arc;

type Fault = (u16, String);

impl World {
    /// Executes a call. The arguments are expected to fit the tool's schema.
    pub fn call(&mut self, tool: &Tool, arguments: &Value) -> Response {
        let empty = Map::new();
        let arguments = arguments.as_object().unwrap_or(&empty);
        let base = self.base.clone();
        let Some((api, operation)) =
            base.models.iter().enumerate().find_map(|(i, m)| m.operation(&tool.id).map(|o| (i, o)))
        else {
            return Response {
                status: 404,
                body: json!({"error": {"code": 404, "message": "no such operation here"}}),
            };
        };
        if let Some(fault) = unmet(tool, arguments) {
            return envelope::error(tool, 400, &fault);
        }
        if let Some(other) = self.in_year(api, operation, arguments) {
            return match other.clone().dispatch(tool, api, operation, arguments) {
                Ok(body) => Response { status: tool.call.success().max(200), body },
                Err((status, message)) => envelope::error(tool, status, &message),
            };
        }
        match self.dispatch(tool, api, operation, arguments) {
            Ok(body) => {
                if tool.effect != Effect::Reads {
                    self.touch();
                }
                Response { status: if body.is_null() { 204 } else { tool.call.success().max(200) }, body }
            }
            Err((status, message)) => envelope::error(tool, status, &message),
        }
    }

    /// The world as it is in the year that a call asks about, where its records differ from year to year.
    fn in_year(&self, api: usize, operation: &Operation, arguments: &Map<String, Value>) -> Option<Self> {
        let year =
            i16::try_from(arguments.get("year")?.as_i64()?).ok().filter(|y| (1900..2200).contains(y))?;
        let mut other = self.clone();
        for (index, resource) in
            self.model(api).resources.iter().enumerate().filter(|(_, r)| super::tabled::yearly(r))
        {
            let rows = super::tabled::rows(resource, &self.base.setting, year)?;
            let record = |fields| Arc::new(Record { fields, parent: None, made: Vec::new(), born: None });
            other.stores.insert(
                (api, index),
                rows.into_iter().map(record).enumerate().map(|(k, r)| (k as u32, r)).collect(),
            );
        }
        operation.resource.is_some_and(|r| super::tabled::yearly(self.resource((api, r)))).then_some(other)
    }

    fn dispatch(
        &mut self,
        tool: &Tool,
        api: usize,
        operation: &Operation,
        arguments: &Map<String, Value>,
    ) -> Result<Value, Fault> {
        match operation.kind {
            OpKind::List => {
                let selection = query::select(self, api, operation, arguments)?;
                Ok(envelope::list(self, api, operation, tool, selection))
            }
            OpKind::Related => compute::related(self, tool, api, operation, arguments),
            OpKind::Get => {
                let (key, at) = self.target(api, operation, arguments)?;
                self.result(tool, api, operation, key, at)
            }
            OpKind::Find | OpKind::GetByParent => {
                let selection = query::select(self, api, operation, arguments)?;
                let key = (api, operation.resource.ok_or((404, "not found".to_owned()))?);
                let (at, _) =
                    selection.all.first().ok_or((404, format!("no {} matches", self.resource(key).words)))?;
                self.result(tool, api, operation, key, *at)
            }
            OpKind::SingletonGet => {
                let key = (api, operation.resource.ok_or((404, "not found".to_owned()))?);
                self.result(tool, api, operation, key, 0)
            }
            OpKind::Create => self.create(tool, api, operation, arguments),
            OpKind::Update | OpKind::SingletonUpdate => {
                let (key, at) = self.target(api, operation, arguments)?;
                self.store_fields(key, at, operation, arguments)?;
                self.written(tool, api, operation, key, at)
            }
            OpKind::Delete => {
                let (key, at) = self.target(api, operation, arguments)?;
                let shown = self.written(tool, api, operation, key, at);
                self.remove(key, at);
                if operation.shape.as_ref().is_some_and(|s| s.record().get("properties").is_some()) {
                    shown
                } else {
                    Ok(Value::Null)
                }
            }
            OpKind::Act => self.act(tool, api, operation, arguments),
            OpKind::Compute(what) => compute::compute(self, what, tool, api, operation, arguments),
            OpKind::Opaque => Ok(self.opaque(tool, api, operation, arguments)),
        }
    }

    /// Finds the record that a call is about, and checks that its parents are.
    pub(super) fn target(
        &self,
        api: usize,
        operation: &Operation,
        arguments: &Map<String, Value>,
    ) -> Result<(StoreKey, u32), Fault> {
        let index = operation.resource.ok_or((404, "not found".to_owned()))?;
        let key = (api, index);
        let mut at = None;
        for (name, role) in &operation.roles {
            let Some(value) = arguments.get(name) else { continue };
            match role {
                ParamRole::Id(resource) if *resource == index => {
                    at = Some(self.find(key, value).ok_or_else(|| {
                        (
                            404,
                            format!(
                                "no {} with id '{}'",
                                self.resource(key).words,
                                super::store::plain(value)
                            ),
                        )
                    })?);
                }
                ParamRole::Parent(parent) => {
                    query::known(self, (api, *parent), value)?;
                }
                _ => {}
            }
        }
        let at = match at {
            Some(at) => at,
            None if matches!(operation.kind, OpKind::SingletonUpdate) || self.resource(key).singleton => 0,
            None => return Err((400, format!("which {} is not said", self.resource(key).words))),
        };
        let parent = operation.roles.iter().find_map(|(name, role)| match role {
            ParamRole::Parent(p) if self.resource(key).parent.as_ref().is_some_and(|(own, _)| own == p) => {
                self.find((api, *p), arguments.get(name)?)
            }
            _ => None,
        });
        let held = self.record(key, at).and_then(|r| r.parent);
        match (parent, held) {
            (Some(p), Some(h)) if p != h => {
                Err((404, format!("that {} is not there", self.resource(key).words)))
            }
            _ => Ok((key, at)),
        }
    }

    /// The body of a read of one record.
    fn result(
        &self,
        tool: &Tool,
        api: usize,
        operation: &Operation,
        key: StoreKey,
        at: u32,
    ) -> Result<Value, Fault> {
        let record =
            self.record(key, at).ok_or_else(|| (404, format!("no such {}", self.resource(key).words)))?;
        Ok(self.shown(tool, api, operation, record))
    }

    fn shown(&self, tool: &Tool, api: usize, operation: &Operation, record: &Record) -> Value {
        let Some(shape) = &operation.shape else { return Value::Null };
        let view = envelope::show(self, api, operation, record, false);
        let payload = if shape.many { Value::Array(vec![view]) } else { view };
        envelope::wrap(tool.result.as_deref().unwrap_or(&Value::Null), &shape.path, payload, None)
    }

    /// The body of a write: the record, where the spec returns it.
    fn written(
        &self,
        tool: &Tool,
        api: usize,
        operation: &Operation,
        key: StoreKey,
        at: u32,
    ) -> Result<Value, Fault> {
        if operation.shape.is_none() || operation.leaf_only.is_some() && tool.result.is_none() {
            return Ok(Value::Null);
        }
        self.result(tool, api, operation, key, at)
    }

    fn create(
        &mut self,
        tool: &Tool,
        api: usize,
        operation: &Operation,
        arguments: &Map<String, Value>,
    ) -> Result<Value, Fault> {
        let index = operation.resource.ok_or((404, "not found".to_owned()))?;
        let key = (api, index);
        let base = self.base.clone();
        let resource = &base.models[api].resources[index];
        let mut parent = None;
        for (name, role) in &operation.roles {
            if let (ParamRole::Parent(p), Some(value)) = (role, arguments.get(name)) {
                let at = query::known(self, (api, *p), value)?;
                if resource.parent.as_ref().is_some_and(|(own, _)| own == p) {
                    parent = Some(at);
                }
            }
        }
        let mut fields = defaults(resource);
        let given = self.given(api, resource, operation, arguments)?;
        if let Some(id) = resource.id_field.as_ref().filter(|_| resource.human_id)
            && let Some(value) = given.get(id)
            && self.find(key, value).is_some()
        {
            return Err((
                409,
                format!("there is a {} '{}' already", resource.words, super::store::plain(value)),
            ));
        }
        let mut made = server_made(resource);
        made.extend(fields.keys().filter(|k| !given.contains_key(*k)).cloned());
        fields.extend(given);
        let mut rng = generator(base.seed, &["born", &resource.key, &self.born.to_string()]);
        if let Some(field) = resource.id_field.as_ref().filter(|f| !fields.contains_key(*f)) {
            let place = 900 + u64::from(self.born);
            fields.insert(field.clone(), new_id(resource, field, place, &mut rng));
            made.push(field.clone());
        }
        if let (Some((p, Some(field))), Some(at)) = (&resource.parent, parent)
            && let Some(id) = self.record((api, *p), at).and_then(|r| self.id_of((api, *p), r))
        {
            fields.insert(field.clone(), id);
        }
        self.stamp(resource, &mut fields, true);
        let store = self.stores.get(&key).cloned().unwrap_or_default();
        let at = store.keys().next_back().map_or(0, |k| k + 1);
        let record = Record { fields: ordered(resource, fields), parent, made, born: Some(self.born) };
        self.born += 1;
        let mut store = store;
        store.insert(at, Arc::new(record));
        self.stores.insert(key, store);
        self.written(tool, api, operation, key, at)
    }

    /// The fields that a call gives, with the links in it checked and spelled as the record holds them.
    fn given(
        &self,
        api: usize,
        resource: &Resource,
        operation: &Operation,
        arguments: &Map<String, Value>,
    ) -> Result<Map<String, Value>, Fault> {
        let mut out = Map::new();
        for (name, role) in &operation.roles {
            let Some(value) = arguments.get(name) else { continue };
            match role {
                ParamRole::Field(field) => {
                    out.insert(field.clone(), value.clone());
                }
                ParamRole::Link(target, field) => {
                    let form = resource.links.iter().find(|l| l.field == *field).map(|l| l.form);
                    self.check_link((api, *target), value)?;
                    if resource.properties().contains_key(field) {
                        out.insert(field.clone(), self.filled_link((api, *target), form, value));
                    }
                }
                ParamRole::Given if resource.properties().contains_key(name) => {
                    out.insert(name.clone(), value.clone());
                }
                _ => {}
            }
        }
        Ok(out)
    }

    fn check_link(&self, target: StoreKey, value: &Value) -> Result<(), Fault> {
        match value {
            Value::Array(items) => items.iter().try_for_each(|i| self.check_link(target, i)),
            Value::Object(o) => o.get("id").map_or(Ok(()), |id| query::known(self, target, id).map(drop)),
            Value::Null => Ok(()),
            scalar => query::known(self, target, scalar).map(drop),
        }
    }

    /// Objects that name a record by id show its other fields too, as the API would.
    fn filled_link(&self, target: StoreKey, form: Option<LinkForm>, value: &Value) -> Value {
        match (form, value) {
            (Some(LinkForm::Objects), Value::Array(items)) => Value::Array(
                items.iter().map(|i| self.filled_link(target, Some(LinkForm::Object), i)).collect(),
            ),
            (Some(LinkForm::Object), Value::Object(o)) => {
                let mut out = o.clone();
                if let Some(record) =
                    o.get("id").and_then(|id| self.find(target, id)).and_then(|at| self.record(target, at))
                {
                    for (from, to) in [("name", "username"), ("name", "name"), ("email", "email")] {
                        if let Some(v) = record
                            .fields
                            .get(from)
                            .filter(|_| !out.contains_key(to) && to != "username" || from == to)
                        {
                            out.entry(to).or_insert_with(|| v.clone());
                        }
                    }
                }
                Value::Object(out)
            }
            _ => value.clone(),
        }
    }

    /// Sets the fields that a call gives. A field that a PUT leaves out keeps its value: servers differ, and this is the lenient reading; null removes.
    fn store_fields(
        &mut self,
        key: StoreKey,
        at: u32,
        operation: &Operation,
        arguments: &Map<String, Value>,
    ) -> Result<(), Fault> {
        let base = self.base.clone();
        let resource = &base.models[key.0].resources[key.1];
        let given = self.given(key.0, resource, operation, arguments)?;
        let Some(record) = self.record(key, at).cloned() else {
            return Err((404, format!("no such {}", resource.words)));
        };
        let mut fields = record.fields.clone();
        for (name, value) in given {
            if value.is_null() {
                fields.shift_remove(&name);
            } else {
                fields.insert(name, value);
            }
        }
        finish_or_reopen(&mut fields, resource, &self.now_utc());
        if fields != record.fields {
            self.stamp(resource, &mut fields, false);
            let changed = Record { fields: ordered(resource, fields), ..(*record).clone() };
            self.replace(key, at, changed);
        }
        Ok(())
    }

    pub(super) fn replace(&mut self, key: StoreKey, at: u32, record: Record) {
        let mut store = self.stores.get(&key).cloned().unwrap_or_default();
        store.insert(at, Arc::new(record));
        self.stores.insert(key, store);
    }

    /// Removes a record and what belongs to it.
    fn remove(&mut self, key: StoreKey, at: u32) {
        let children: Vec<(StoreKey, u32)> = self
            .model(key.0)
            .resources
            .iter()
            .enumerate()
            .filter(|(_, r)| r.parent.as_ref().is_some_and(|(p, _)| *p == key.1))
            .flat_map(|(i, _)| {
                self.records((key.0, i))
                    .filter(|(_, r)| r.parent == Some(at))
                    .map(|(k, _)| ((key.0, i), k))
                    .collect::<Vec<_>>()
            })
            .collect();
        for (child, k) in children {
            self.remove(child, k);
        }
        let mut store = self.stores.get(&key).cloned().unwrap_or_default();
        store.remove(&at);
        self.stores.insert(key, store);
    }

    fn act(
        &mut self,
        tool: &Tool,
        api: usize,
        operation: &Operation,
        arguments: &Map<String, Value>,
    ) -> Result<Value, Fault> {
        let target = match operation.resource {
            Some(_) if operation.roles.values().any(|r| matches!(r, ParamRole::Id(_))) => {
                Some(self.target(api, operation, arguments)?)
            }
            _ => None,
        };
        for (name, role) in &operation.roles {
            if let (ParamRole::Parent(p) | ParamRole::Link(p, _), Some(value)) = (role, arguments.get(name)) {
                self.check_link((api, *p), value)?;
            }
        }
        if let Some((key, at)) = target {
            self.store_fields(key, at, operation, arguments)?;
            self.move_to(key, at, operation, arguments);
        }
        self.done.push_back(StateChange::Done {
            tool: tool.id.clone(),
            arguments: diff::settled(&Value::Object(arguments.clone())),
        });
        match target {
            Some((key, at)) if operation.shape.is_some() && self.same_resource(tool, api, key) => {
                self.written(tool, api, operation, key, at)
            }
            _ if tool.result.is_some() => Ok(self.opaque(tool, api, operation, arguments)),
            _ => Ok(Value::Null),
        }
    }

    /// Whether an action's result is the record it is done to.
    fn same_resource(&self, tool: &Tool, api: usize, key: StoreKey) -> bool {
        let Some(shape) = self.operation(&tool.id).and_then(|(_, o)| o.shape.as_ref()) else { return false };
        let own = self.model(api).resources[key.1].properties();
        let shown = shape.record().get("properties").and_then(Value::as_object);
        shown
            .is_some_and(|p| !p.is_empty() && p.keys().filter(|k| own.contains_key(*k)).count() * 2 > p.len())
    }

    /// A link to another parent moves the record there.
    fn move_to(&mut self, key: StoreKey, at: u32, operation: &Operation, arguments: &Map<String, Value>) {
        let Some((parent, _)) = self.resource(key).parent.clone() else { return };
        let destination = operation.roles.iter().find_map(|(name, role)| match role {
            ParamRole::Link(t, _) if *t == parent => self.find((key.0, parent), arguments.get(name)?),
            _ => None,
        });
        if let (Some(to), Some(record)) = (destination, self.record(key, at).cloned()) {
            self.replace(key, at, Record { parent: Some(to), ..(*record).clone() });
        }
    }

    /// A result of which no record is kept: made from the schema, the same for the same arguments.
    fn opaque(
        &self,
        tool: &Tool,
        api: usize,
        operation: &Operation,
        arguments: &Map<String, Value>,
    ) -> Value {
        let said = crate::data::canonical_json(&Value::Object(arguments.clone()));
        let mut rng = generator(self.base.seed, &["opaque", tool.id.as_str(), &said]);
        let model = self.model(api);
        let words = operation.resource.map_or("result", |r| model.resources[r].words.as_str());
        let domain = Domain::infer(&format!("{} {words}", model.title));
        let setting = &self.base.setting;
        let acts = operation.kind == OpKind::Act;
        match (&operation.shape, &tool.result) {
            (Some(shape), Some(schema)) if shape.record().get("properties").is_some() => {
                let n = if shape.many { 3 } else { 1 };
                let mut records: Vec<Value> = (0..n)
                    .map(|i| {
                        let mut fields =
                            values::record(shape.record(), words, domain, i, setting, &mut rng, &|_| false);
                        fields.retain(|name, v| !(v.is_null() || acts && loose(shape.record(), name, v)));
                        for (name, value) in arguments {
                            if fields.get(name).is_some_and(|v| {
                                v.is_string() == value.is_string() && v.is_number() == value.is_number()
                            }) {
                                fields.insert(name.clone(), value.clone());
                            }
                        }
                        Value::Object(fields)
                    })
                    .collect();
                let payload = if shape.many { Value::Array(records) } else { records.remove(0) };
                envelope::wrap(schema, &shape.path, payload, None)
            }
            (_, Some(schema)) => values::value("result", schema, "", words, domain, setting, &mut rng),
            _ => Value::Null,
        }
    }

    fn now_utc(&self) -> String {
        // Later writes are later: a second each.
        let later = self.base.setting.now.timestamp()
            + jiff::SignedDuration::from_secs(i64::try_from(self.version).unwrap_or(0));
        later.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// Sets the server's own timestamps.
    fn stamp(&self, resource: &Resource, fields: &mut Map<String, Value>, born: bool) {
        for (name, schema) in resource.properties() {
            let lower = name.to_lowercase();
            let created = lower.starts_with("created") || lower == "$createdat" || lower == "datecreated";
            let updated = ["updated", "modified", "lastupdate", "last_update", "$updatedat"]
                .iter()
                .any(|w| lower.starts_with(w));
            if lower.ends_with("by") || lower.ends_with("id") || !(updated || born && created) {
                continue;
            }
            let value = match schema.get("type").and_then(Value::as_str) {
                Some("integer" | "number") => json!(
                    self.base.setting.now.timestamp().as_second() + i64::try_from(self.version).unwrap_or(0)
                ),
                Some("string") | None => json!(self.now_utc()),
                _ => continue,
            };
            fields.insert(name.clone(), value);
        }
    }
}

/// Whether a field lists records that need not be there: what is drawn for them would not be what the action was about.
fn loose(schema: &Value, name: &str, value: &Value) -> bool {
    let listed = value.as_array().is_some_and(|items| items.iter().any(Value::is_object));
    let required = schema.get("required").and_then(Value::as_array);
    listed && !required.is_some_and(|names| names.iter().any(|n| n == name))
}

fn defaults(resource: &Resource) -> Map<String, Value> {
    resource
        .properties()
        .iter()
        .filter_map(|(name, schema)| {
            schema.get("default").filter(|d| !d.is_null()).map(|d| (name.clone(), d.clone()))
        })
        .collect()
}

/// A record that is done says when; one that is reopened no longer does.
fn finish_or_reopen(fields: &mut Map<String, Value>, resource: &Resource, now: &str) {
    let done =
        fields.get("status").and_then(Value::as_str).map(|s| matches!(s, "completed" | "closed" | "done"));
    for stamp in ["completed", "completed_at", "completedAt"] {
        let is_time = resource
            .properties()
            .get(stamp)
            .is_some_and(|s| s.get("type").and_then(Value::as_str) != Some("boolean"));
        match done {
            Some(true) if is_time => {
                fields.entry(stamp).or_insert_with(|| json!(now));
            }
            Some(false) if is_time => {
                fields.shift_remove(stamp);
            }
            _ => {}
        }
    }
}

/// What a spec's prose demands of a call and its schema does not say.
fn unmet(tool: &Tool, arguments: &Map<String, Value>) -> Option<String> {
    let given = |condition: &str| match condition.split_once('=') {
        Some((name, value)) => arguments.get(name).is_some_and(|v| super::store::plain(v) == value),
        None => arguments.contains_key(condition),
    };
    for (condition, needs) in &tool.mined.requires {
        if let Some(missing) = needs.iter().find(|n| given(condition) && !arguments.contains_key(*n)) {
            return Some(format!("'{}' needs '{missing}'", condition.replace('=', "' as '")));
        }
    }
    let none = |group: &&Vec<String>| !group.iter().any(|n| arguments.contains_key(n));
    tool.mined.one_of.iter().find(none).map(|group| format!("one of {} is needed", group.join(", ")))
}

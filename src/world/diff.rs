//! What a task changed: the difference between a world and its beginning.

use super::store::{Record, Store, StoreKey, World, plain};
use crate::data::{StateChange, StateDiff};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

impl World {
    /// Returns what differs from the world's beginning: server-made ids renamed, server-made fields left out, sorted.
    pub fn diff(&self) -> StateDiff {
        let names = self.new_names();
        let mut changes = Vec::new();
        for (key, store) in &self.stores {
            let before = self.base.initial.get(key);
            if before.is_some_and(|b| b.ptr_eq(store)) {
                continue;
            }
            self.compare_stores(*key, before, store, &names, &mut changes);
        }
        let mut done: Vec<StateChange> = self
            .done
            .iter()
            .map(|d| match d {
                StateChange::Done { tool, arguments } => {
                    StateChange::Done { tool: tool.clone(), arguments: renamed(arguments, &names) }
                }
                other => other.clone(),
            })
            .collect();
        changes.append(&mut done);
        StateDiff { changes }
    }

    /// Names for the ids of records made during the task, in the order of their making.
    fn new_names(&self) -> BTreeMap<String, String> {
        let mut names = BTreeMap::new();
        for (key, store) in &self.stores {
            for record in store.values() {
                if let (Some(born), Some(id)) = (record.born, self.id_of(*key, record))
                    && !self.resource(*key).human_id
                {
                    names.insert(plain(&id), format!("new-{}", born + 1));
                }
            }
        }
        names
    }

    fn compare_stores(
        &self,
        key: StoreKey,
        before: Option<&Store>,
        after: &Store,
        names: &BTreeMap<String, String>,
        changes: &mut Vec<StateChange>,
    ) {
        let resource = format!(
            "{}:{}",
            self.model(key.0).api.as_str().rsplit('/').next().unwrap_or_default(),
            self.resource(key).key
        );
        let id = |r: &Record| self.id_of(key, r).map(|v| plain(&v)).unwrap_or_default();
        for (at, record) in after {
            match before.and_then(|b| b.get(at)) {
                Some(old) if old == record => {}
                Some(old) => {
                    let mut fields = changed(old, record);
                    if old.parent != record.parent
                        && let Some((parent, _)) = &self.resource(key).parent
                    {
                        let to = record
                            .parent
                            .and_then(|p| self.record((key.0, *parent), p))
                            .and_then(|r| self.id_of((key.0, *parent), r));
                        fields.insert("(parent)".to_owned(), to.unwrap_or(Value::Null));
                    }
                    if !fields.is_empty() {
                        changes.push(StateChange::Updated {
                            resource: resource.clone(),
                            id: id(record),
                            fields: renamed(&Value::Object(fields), names),
                        });
                    }
                }
                None => {
                    let fields: Map<String, Value> = record
                        .fields
                        .iter()
                        .filter(|(k, _)| !record.made.contains(k))
                        .map(|(k, v)| (k.clone(), v.clone()))
                        .collect();
                    let own = id(record);
                    let name = names.get(&own).cloned().unwrap_or(own);
                    changes.push(StateChange::Created {
                        resource: resource.clone(),
                        id: name,
                        fields: renamed(&settled(&Value::Object(fields)), names),
                    });
                }
            }
        }
        for (at, record) in before.into_iter().flatten() {
            if !after.contains_key(at) {
                changes.push(StateChange::Deleted { resource: resource.clone(), id: id(record) });
            }
        }
    }
}

/// The fields that differ, but for server timestamps.
fn changed(old: &Record, new: &Record) -> Map<String, Value> {
    let mut out = Map::new();
    for (name, value) in &new.fields {
        if old.fields.get(name) != Some(value) && !new.made.contains(name) {
            out.insert(name.clone(), value.clone());
        }
    }
    for name in old.fields.keys() {
        if !new.fields.contains_key(name) && !new.made.contains(name) {
            out.insert(name.clone(), Value::Null);
        }
    }
    settled(&Value::Object(out)).as_object().cloned().unwrap_or_default()
}

/// The form in which values are compared: instants in UTC, whole numbers without a fraction.
pub(super) fn settled(value: &Value) -> Value {
    match value {
        Value::String(s) if s.len() >= 20 && s.as_bytes()[4] == b'-' => {
            s.parse::<jiff::Timestamp>().map_or_else(|_| value.clone(), |t| Value::String(t.to_string()))
        }
        Value::Number(n) => n
            .as_f64()
            .filter(|f| f.fract() == 0.0 && f.abs() < 1e15)
            .map_or_else(|| value.clone(), |f| Value::from(f as i64)),
        Value::Array(items) => Value::Array(items.iter().map(settled).collect()),
        Value::Object(o) => Value::Object(o.iter().map(|(k, v)| (k.clone(), settled(v))).collect()),
        other => other.clone(),
    }
}

fn renamed(value: &Value, names: &BTreeMap<String, String>) -> Value {
    match value {
        Value::String(_) | Value::Number(_) => {
            names.get(&plain(value)).map_or_else(|| value.clone(), |n| Value::String(n.clone()))
        }
        Value::Array(items) => Value::Array(items.iter().map(|v| renamed(v, names)).collect()),
        Value::Object(o) => Value::Object(o.iter().map(|(k, v)| (k.clone(), renamed(v, names))).collect()),
        other => other.clone(),
    }
}

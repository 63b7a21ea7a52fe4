//! The state of a world: its records, by resource, and what never changes in it.

use super::values::{RecordPlan, Setting};
use crate::data::{StateChange, TaskContext, ToolId, WorldRef};
use crate::graph::{ApiModel, Operation, Resource, ResourceIndex};
use serde_json::{Map, Value};
use std::sync::Arc;

/// A resource of one of the world's APIs: (position of the API in the world, position of the resource in its model).
pub type StoreKey = (usize, ResourceIndex);

/// Records by the order they were made in.
pub type Store = imbl::OrdMap<u32, Arc<Record>>;

/// One record.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Its fields, as the API shows them.
    pub fields: Map<String, Value>,
    /// The parent record's key, where the resource has a parent.
    pub parent: Option<u32>,
    /// Fields that the server made (ids, timestamps), by name.
    pub made: Vec<String>,
    /// For a record made during the task: how many were made before it, by which its id is renamed.
    pub born: Option<u32>,
}

/// An API's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The body; null when it is empty.
    pub body: Value,
}

/// A world's state. A clone is a fork and costs a few pointers.
#[derive(Clone, Debug)]
pub struct World {
    pub(super) base: Arc<Base>,
    pub(super) stores: imbl::OrdMap<StoreKey, Store>,
    pub(super) done: imbl::Vector<StateChange>,
    pub(super) born: u32,
    pub(super) version: u64,
}

/// What never changes in a world.
#[derive(Debug)]
pub(super) struct Base {
    pub models: Vec<Arc<ApiModel>>,
    pub plans: Vec<Arc<Vec<RecordPlan>>>,
    pub setting: Setting,
    pub seed: u64,
    pub initial: imbl::OrdMap<StoreKey, Store>,
    pub spec_hash: String,
}

impl World {
    /// Returns the world's now, user and home.
    pub fn setting(&self) -> &Setting {
        &self.base.setting
    }

    /// Returns the world's seed.
    pub fn seed(&self) -> u64 {
        self.base.seed
    }

    /// Returns the model of the API at a position, shared.
    pub fn model_arc(&self, api: usize) -> Arc<ApiModel> {
        self.base.models[api].clone()
    }

    /// Returns a number that changes whenever the state does.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Returns what is needed to open this world again.
    pub fn world_ref(&self) -> WorldRef {
        WorldRef {
            seed: self.base.seed,
            spec_hash: self.base.spec_hash.clone(),
            today: self.base.setting.now.date().to_string(),
        }
    }

    /// Returns what the system message says of this world, without session facts.
    pub fn context(&self) -> TaskContext {
        let setting = &self.base.setting;
        TaskContext {
            now: setting.now.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            time_zone: setting.now.time_zone().iana_name().unwrap_or("UTC").to_owned(),
            user: setting.user.full(),
            facts: Vec::new(),
        }
    }

    /// Finds a tool's operation and the position of its API.
    pub fn operation(&self, tool: &ToolId) -> Option<(usize, &Operation)> {
        self.base.models.iter().enumerate().find_map(|(i, m)| m.operation(tool).map(|o| (i, o)))
    }

    /// Returns the model of the API at a position.
    pub fn model(&self, api: usize) -> &ApiModel {
        &self.base.models[api]
    }

    /// Returns how a resource's records are drawn.
    pub fn plan(&self, key: StoreKey) -> &RecordPlan {
        &self.base.plans[key.0][key.1]
    }

    /// Returns a resource.
    pub fn resource(&self, key: StoreKey) -> &Resource {
        &self.base.models[key.0].resources[key.1]
    }

    /// Returns a resource's records in the order they were made.
    pub fn records(&self, key: StoreKey) -> impl Iterator<Item = (u32, &Arc<Record>)> {
        self.stores.get(&key).into_iter().flat_map(|s| s.iter().map(|(k, r)| (*k, r)))
    }

    /// Returns a record by its key.
    pub fn record(&self, key: StoreKey, at: u32) -> Option<&Arc<Record>> {
        self.stores.get(&key).and_then(|s| s.get(&at))
    }

    /// Returns the id of a record as the API shows it.
    pub fn id_of(&self, key: StoreKey, record: &Record) -> Option<Value> {
        self.resource(key).id_field.as_ref().and_then(|f| record.fields.get(f)).cloned()
    }

    /// Finds a record by its id, in any of JSON's spellings of it.
    pub fn find(&self, key: StoreKey, id: &Value) -> Option<u32> {
        let field = self.resource(key).id_field.as_ref()?;
        let want = plain(id);
        let primary = want == "primary" || want == "@default" || want == "me";
        self.records(key)
            .find(|(at, r)| {
                r.fields.get(field).is_some_and(|v| plain(v).eq_ignore_ascii_case(&want))
                    || primary && *at == 0
            })
            .map(|(at, _)| at)
    }

    pub(super) fn touch(&mut self) {
        self.version += 1;
    }
}

/// Returns a scalar as it is written in a path.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(s) => s.clone(),
        Value::Number(n) => n
            .as_f64()
            .filter(|f| f.fract() == 0.0 && f.abs() < 1e15)
            .map_or_else(|| n.to_string(), |f| format!("{f:.0}")),
        other => other.to_string(),
    }
}

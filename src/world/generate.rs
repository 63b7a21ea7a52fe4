//! Fills a new world with records: plausible, linked, sparse where life is.

use super::store::{Record, Store, StoreKey};
use super::tabled;
use super::values::{RecordPlan, Setting};
use crate::graph::{ApiModel, LinkForm, Resource};
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Letters and digits that are not taken for one another.
const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
/// Most records of a resource that no table holds.
const RECORDS_MAX: usize = 36;

/// Makes the stores of a new world.
pub(super) fn stores(
    models: &[Arc<ApiModel>],
    plans: &[Arc<Vec<RecordPlan>>],
    setting: &Setting,
    seed: u64,
) -> imbl::OrdMap<StoreKey, Store> {
    let mut all = imbl::OrdMap::new();
    for (api, model) in models.iter().enumerate() {
        for index in nesting_order(model) {
            let mut rng = generator(seed, &[model.api.as_str(), &model.resources[index].key]);
            let store = records(model, &plans[api][index], index, &all, api, setting, &mut rng);
            all.insert((api, index), store);
        }
        relink(model, api, &mut all, seed);
    }
    all
}

/// Returns the generator of a purpose within a seed.
pub(super) fn generator(seed: u64, purpose: &[&str]) -> ChaCha8Rng {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    for part in purpose {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    ChaCha8Rng::from_seed(*hasher.finalize().as_bytes())
}

/// Parents before children.
fn nesting_order(model: &ApiModel) -> Vec<usize> {
    let depth = |mut index: usize| {
        let mut depth = 0;
        while let Some((parent, _)) = &model.resources[index].parent {
            index = *parent;
            depth += 1;
            if depth > model.resources.len() {
                break;
            }
        }
        depth
    };
    let mut order: Vec<usize> = (0..model.resources.len()).collect();
    order.sort_by_key(|i| (depth(*i), *i));
    order
}

fn records(
    model: &ApiModel,
    plan: &RecordPlan,
    index: usize,
    all: &imbl::OrdMap<StoreKey, Store>,
    api: usize,
    setting: &Setting,
    rng: &mut ChaCha8Rng,
) -> Store {
    let resource = &model.resources[index];
    let mut store = Store::new();
    if resource.properties().is_empty() {
        return store;
    }
    if let Some(rows) = tabled::rows(resource, setting, setting.now.year()) {
        for (at, row) in rows.into_iter().enumerate() {
            store.insert(
                at as u32,
                Arc::new(Record { fields: row, parent: None, made: Vec::new(), born: None }),
            );
        }
        return store;
    }
    let parents: Vec<Option<u32>> = match &resource.parent {
        Some((parent, _)) => {
            let keys: Vec<u32> =
                all.get(&(api, *parent)).map(|s| s.keys().copied().collect()).unwrap_or_default();
            if keys.is_empty() {
                spread(None, resource, rng)
            } else {
                keys.into_iter().flat_map(|k| spread(Some(k), resource, rng)).take(RECORDS_MAX).collect()
            }
        }
        None => spread(None, resource, rng),
    };
    for (at, parent) in parents.into_iter().enumerate() {
        let record = record(model, plan, index, at, parent, all, api, setting, rng);
        store.insert(at as u32, Arc::new(record));
    }
    store
}

/// How many records there are under one parent (or in all).
fn spread(parent: Option<u32>, resource: &Resource, rng: &mut ChaCha8Rng) -> Vec<Option<u32>> {
    let n = match parent {
        _ if resource.singleton => 1,
        Some(_) => rng.random_range(2..=7),
        None => rng.random_range(6..=14),
    };
    vec![parent; n]
}

#[expect(clippy::too_many_arguments, reason = "one call, in one place")]
fn record(
    model: &ApiModel,
    plan: &RecordPlan,
    index: usize,
    at: usize,
    parent: Option<u32>,
    all: &imbl::OrdMap<StoreKey, Store>,
    api: usize,
    setting: &Setting,
    rng: &mut ChaCha8Rng,
) -> Record {
    let resource = &model.resources[index];
    let id_field = resource.id_field.as_deref().filter(|_| !resource.human_id);
    let parent_field = resource.parent.as_ref().and_then(|(_, f)| f.clone());
    let skip =
        |name: &str| Some(name) == parent_field.as_deref() || resource.links.iter().any(|l| l.field == name);
    let mut fields = plan.record(at, setting, rng, &skip);
    fields.retain(|_, v| !v.is_null());
    let mut made = server_made(resource);
    // Some ids are names (an e-mail address, a setting's key): those are the record's own.
    if let Some(field) =
        id_field.filter(|f| !fields.get(*f).and_then(Value::as_str).is_some_and(says_something))
    {
        let id = new_id(resource, field, at as u64, rng);
        fields.insert(field.to_owned(), id);
        made.push(field.to_owned());
    }
    if let (Some(field), Some(parent), Some((parent_index, _))) = (parent_field, parent, &resource.parent) {
        let above = &all[&(api, *parent_index)][&parent];
        if let Some(id) = model.resources[*parent_index].id_field.as_ref().and_then(|f| above.fields.get(f)) {
            fields.insert(field, id.clone());
        }
    }
    if resource.singleton || (at == 0 && matches!(resource.key.as_str(), "account")) {
        own(&mut fields, setting);
    }
    Record { fields: ordered(resource, fields), parent, made, born: None }
}

/// Whether an id is one that people know.
pub fn says_something(id: &str) -> bool {
    id.contains('@') || id.len() > 3 && id.chars().all(char::is_alphabetic)
}

/// The user's own record says who the user is.
fn own(fields: &mut Map<String, Value>, setting: &Setting) {
    let user = &setting.user;
    for (name, value) in [("name", user.full()), ("email", user.email.clone()), ("phone", user.phone.clone())]
    {
        if fields.get(name).is_some_and(Value::is_string) {
            fields.insert(name.to_owned(), Value::String(value));
        }
    }
}

/// Puts fields in the order of the schema.
pub(super) fn ordered(resource: &Resource, mut fields: Map<String, Value>) -> Map<String, Value> {
    let mut out = Map::new();
    for name in resource.properties().keys() {
        if let Some(value) = fields.shift_remove(name) {
            out.insert(name.clone(), value);
        }
    }
    out.extend(fields);
    out
}

/// Names of fields that servers set by themselves.
pub fn server_made(resource: &Resource) -> Vec<String> {
    resource
        .properties()
        .iter()
        .filter(|(name, schema)| {
            let lower = name.to_lowercase();
            let stamp = ["created", "updated", "modified", "lastupdate", "last_update"]
                .iter()
                .any(|w| lower.starts_with(w))
                || matches!(
                    lower.as_str(),
                    "etag"
                        | "kind"
                        | "selflink"
                        | "htmllink"
                        | "$createdat"
                        | "$updatedat"
                        | "$permissions"
                        | "timestamp"
                );
            stamp || schema.get("readOnly") == Some(&Value::Bool(true))
        })
        .map(|(name, _)| name.clone())
        .collect()
}

/// Makes an id of the field's type and form.
pub(super) fn new_id(resource: &Resource, field: &str, at: u64, rng: &mut ChaCha8Rng) -> Value {
    let schema = &resource.properties()[field];
    let kind = match schema.get("type") {
        Some(Value::String(t)) => t.as_str(),
        Some(Value::Array(ts)) => {
            ts.iter().filter_map(Value::as_str).find(|t| *t != "null").unwrap_or("string")
        }
        _ => "string",
    };
    if matches!(kind, "integer" | "number") {
        // Distinct without a look at the others: a step of seven with a draw inside the step.
        let base: u64 = 1000 + u64::from(blake3::hash(resource.key.as_bytes()).as_bytes()[0]) * 37;
        return json!(base + at * 7 + rng.random_range(0..7));
    }
    let uuid = schema.get("format").and_then(Value::as_str) == Some("uuid") || field.contains("uuid");
    let hex = |rng: &mut ChaCha8Rng, n: usize| -> String {
        (0..n).map(|_| char::from_digit(rng.random_range(0..16), 16).expect("a hexadecimal digit")).collect()
    };
    if uuid {
        let parts = [
            hex(rng, 8),
            hex(rng, 4),
            format!("4{}", hex(rng, 3)),
            format!("a{}", hex(rng, 3)),
            hex(rng, 12),
        ];
        return json!(parts.join("-"));
    }
    let body: String = (0..12).map(|_| char::from(*ALPHABET.choose(rng).expect("not empty"))).collect();
    json!(body)
}

/// Sets the fields that name records of other resources, now that all exist.
fn relink(model: &ApiModel, api: usize, all: &mut imbl::OrdMap<StoreKey, Store>, seed: u64) {
    for (index, resource) in model.resources.iter().enumerate() {
        if resource.links.is_empty() {
            continue;
        }
        let mut rng = generator(seed, &[model.api.as_str(), &resource.key, "links"]);
        let store = all[&(api, index)].clone();
        let mut linked = Store::new();
        for (at, record) in store {
            if record.made.is_empty() && tabled::is_tabled(resource) {
                linked.insert(at, record);
                continue;
            }
            let mut fields = record.fields.clone();
            for link in &resource.links {
                let candidates = candidates(model, api, link.target, &record, all);
                if let Some(value) = link_value(model, resource, link, &candidates, &mut rng) {
                    rename_linked(model, resource, link, &value, &candidates, &mut fields);
                    fields.insert(link.field.clone(), value);
                }
            }
            let fields = ordered(resource, fields);
            linked.insert(at, Arc::new(Record { fields, ..(*record).clone() }));
        }
        all.insert((api, index), linked);
    }
}

/// Fields that repeat a linked record's name (`deviceName` beside `deviceId`) hold that name.
fn rename_linked(
    model: &ApiModel,
    resource: &Resource,
    link: &crate::graph::Link,
    id: &Value,
    candidates: &[Arc<Record>],
    fields: &mut Map<String, Value>,
) {
    let target = &model.resources[link.target];
    let Some(id_field) = &target.id_field else { return };
    let Some(record) = candidates.iter().find(|r| r.fields.get(id_field) == Some(id)) else { return };
    let noun = target.key.split('_').next_back().unwrap_or_default();
    let own = |n: &str| record.fields.get(n).filter(|v| v.is_string()).cloned();
    let Some(name) = own(&format!("{}_name", target.key)).or_else(|| own("name")).or_else(|| own("title"))
    else {
        return;
    };
    for field in resource.properties().keys() {
        let words = crate::words::split(field);
        if matches!(words.as_slice(), [first, last] if first == noun && last == "name") {
            fields.insert(field.clone(), name.clone());
        }
    }
}

/// The records a link may name: those under the same parent, where the target has the same parent.
fn candidates(
    model: &ApiModel,
    api: usize,
    target: usize,
    record: &Record,
    all: &imbl::OrdMap<StoreKey, Store>,
) -> Vec<Arc<Record>> {
    let Some(store) = all.get(&(api, target)) else { return Vec::new() };
    let nested = model.resources[target].parent.is_some() && record.parent.is_some();
    let same: Vec<Arc<Record>> =
        store.values().filter(|r| !nested || r.parent == record.parent).cloned().collect();
    if same.is_empty() { store.values().cloned().collect() } else { same }
}

fn link_value(
    model: &ApiModel,
    resource: &Resource,
    link: &crate::graph::Link,
    candidates: &[Arc<Record>],
    rng: &mut ChaCha8Rng,
) -> Option<Value> {
    let target = &model.resources[link.target];
    let id_field = target.id_field.as_ref()?;
    let required =
        resource.schema["required"].as_array().is_some_and(|r| r.iter().any(|n| *n == *link.field));
    if !required && rng.random_bool(0.15) {
        return None;
    }
    let schema = &resource.properties()[&link.field];
    let as_type = |id: Value, schema: &Value| match (schema.get("type").and_then(Value::as_str), &id) {
        (Some("string"), Value::Number(n)) => json!(n.to_string()),
        (Some("integer" | "number"), Value::String(s)) => s.parse::<i64>().map_or(Value::Null, |n| json!(n)),
        _ => id,
    };
    let pick = |rng: &mut ChaCha8Rng| candidates.choose(rng).cloned();
    let object = |record: &Record, schema: &Value| {
        let mut out = Map::new();
        for name in
            schema.get("properties").and_then(Value::as_object).map(|p| p.keys()).into_iter().flatten()
        {
            let alias = if name == "id" {
                id_field.as_str()
            } else if name == "username" && !record.fields.contains_key("username") {
                "name"
            } else {
                name.as_str()
            };
            if let Some(v) = record.fields.get(alias) {
                out.insert(name.clone(), v.clone());
            }
        }
        Value::Object(out)
    };
    Some(match link.form {
        LinkForm::Id => as_type(pick(rng)?.fields.get(id_field)?.clone(), schema),
        LinkForm::Object => object(&*pick(rng)?, schema),
        LinkForm::Ids | LinkForm::Objects => {
            let n = rng.random_range(1..=2).min(candidates.len());
            let item = &schema["items"];
            let chosen: Vec<Value> = candidates
                .sample(rng, n)
                .map(|r| {
                    if link.form == LinkForm::Ids {
                        as_type(r.fields.get(id_field).cloned().unwrap_or(Value::Null), item)
                    } else {
                        object(r, item)
                    }
                })
                .filter(|v| !v.is_null())
                .collect();
            Value::Array(chosen)
        }
    })
    .filter(|v| !v.is_null())
}

/// An id of a record that no store holds: the same for the same world and purpose.
pub fn opaque_id(seed: u64, purpose: &str) -> String {
    let mut rng = generator(seed, &["opaque id", purpose]);
    (0..14).filter_map(|_| ALPHABET.choose(&mut rng).copied().map(char::from)).collect()
}

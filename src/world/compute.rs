//! What can be computed is computed: distances, local times, counts, what is near.

use super::envelope;
use super::query;
use super::store::{Record, StoreKey, World, plain};
use super::values::tables::distance_km;
use crate::data::Tool;
use crate::graph::{Compute, Operation, ParamRole};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

type Fault = (u16, String);

/// Answers a computing operation.
pub(super) fn compute(
    world: &World,
    what: Compute,
    tool: &Tool,
    api: usize,
    operation: &Operation,
    arguments: &Map<String, Value>,
) -> Result<Value, Fault> {
    match what {
        Compute::Inventory => Ok(inventory(world, api)),
        Compute::Distance => {
            let mut places = Vec::new();
            for (name, role) in &operation.roles {
                if let (ParamRole::Id(r) | ParamRole::Parent(r) | ParamRole::Link(r, _), Some(id)) =
                    (role, arguments.get(name))
                {
                    places.push(position(world, (api, *r), id)?);
                } else if let (ParamRole::Filter(..), Some(id)) = (role, arguments.get(name)) {
                    let own = operation.resource.ok_or((404, "not found".to_owned()))?;
                    places.push(position(world, (api, own), id)?);
                }
            }
            let [a, b] = places.as_slice() else { return Err((400, "two places are needed".to_owned())) };
            let km = distance_km(*a, *b);
            let miles = unit(tool, arguments).is_none_or(|u| u.to_lowercase().starts_with("mi"));
            let distance = if miles { km / 1.609_344 } else { km };
            Ok(wrap_scalar(tool, json!((distance * 100.0).round() / 100.0)))
        }
        Compute::LocalTime | Compute::LocalDateTime => {
            let zone = zone(world, api, operation, arguments)?;
            let tz = jiff::tz::TimeZone::get(&zone).map_err(|_| (404, format!("no time zone '{zone}'")))?;
            let local = world.setting().now.timestamp().to_zoned(tz);
            let text = if what == Compute::LocalTime {
                local.strftime("%H:%M:%S").to_string()
            } else {
                local.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
            };
            Ok(wrap_scalar(tool, json!(text)))
        }
    }
}

/// The unit that a call asks for, or that the schema has as default.
fn unit(tool: &Tool, arguments: &Map<String, Value>) -> Option<String> {
    let properties = tool.parameters["properties"].as_object()?;
    let (name, schema) = properties.iter().find(|(n, _)| n.to_lowercase().ends_with("unit"))?;
    arguments.get(name).or_else(|| schema.get("default")).and_then(Value::as_str).map(str::to_owned)
}

/// Puts a scalar where the result's schema has its place for it.
fn wrap_scalar(tool: &Tool, value: Value) -> Value {
    let Some(properties) = tool.result.as_ref().and_then(|r| r["properties"].as_object()) else {
        return value;
    };
    let place = properties
        .keys()
        .find(|k| matches!(k.as_str(), "data" | "result" | "value"))
        .or_else(|| properties.keys().next());
    match place {
        Some(name) => {
            let textual =
                properties[name].get("type").and_then(Value::as_str) == Some("string") && value.is_number();
            json!({name.clone(): if textual { json!(value.to_string()) } else { value }})
        }
        None => value,
    }
}

fn inventory(world: &World, api: usize) -> Value {
    let resources = &world.model(api).resources;
    let Some(index) = resources
        .iter()
        .position(|r| r.properties().get("status").is_some_and(|s| s.get("enum").is_some()) && r.listed)
    else {
        return json!({});
    };
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (_, record) in world.records((api, index)) {
        if let Some(status) = record.fields.get("status").and_then(Value::as_str) {
            *counts.entry(status.to_owned()).or_default() += 1;
        }
    }
    json!(counts)
}

fn coordinates(record: &Record) -> Option<(f64, f64)> {
    let number = |names: [&str; 2]| names.iter().find_map(|n| record.fields.get(*n).and_then(Value::as_f64));
    Some((number(["latitude", "lat"])?, number(["longitude", "lon"])?))
}

fn position(world: &World, key: StoreKey, id: &Value) -> Result<(f64, f64), Fault> {
    let at = world
        .find(key, id)
        .ok_or_else(|| (404, format!("no {} with id '{}'", world.resource(key).words, plain(id))))?;
    world.record(key, at).and_then(|r| coordinates(r)).ok_or((404, "its position is not known".to_owned()))
}

fn zone(
    world: &World,
    api: usize,
    operation: &Operation,
    arguments: &Map<String, Value>,
) -> Result<String, Fault> {
    let found = operation.roles.iter().find_map(|(name, role)| match role {
        ParamRole::Id(r) | ParamRole::Parent(r) => arguments.get(name).map(|v| ((api, *r), v)),
        _ => None,
    });
    let (key, id) = found.ok_or((400, "which place is not said".to_owned()))?;
    let at = query::known(world, key, id)?;
    let record = world.record(key, at).ok_or((404, "not found".to_owned()))?;
    let held =
        ["timezone", "timeZone", "id"].iter().find_map(|n| record.fields.get(*n).and_then(Value::as_str));
    held.map(|z| z.replace("__", "/")).ok_or((404, "its time zone is not known".to_owned()))
}

/// Records of the same kind near, or like, one.
pub(super) fn related(
    world: &World,
    tool: &Tool,
    api: usize,
    operation: &Operation,
    arguments: &Map<String, Value>,
) -> Result<Value, Fault> {
    let own = operation.resource.ok_or((404, "not found".to_owned()))?;
    let key = (api, own);
    let source = operation.roles.iter().find_map(|(name, role)| match role {
        ParamRole::Id(r) | ParamRole::Parent(r) => arguments.get(name).map(|v| ((api, *r), v)),
        _ => None,
    });
    let (source_key, id) = source.ok_or((400, format!("which {} is not said", world.resource(key).words)))?;
    let at = world
        .find(source_key, id)
        .ok_or_else(|| (404, format!("no {} with id '{}'", world.resource(source_key).words, plain(id))))?;
    let mut rest = arguments.clone();
    rest.retain(|name, _| {
        !matches!(operation.roles.get(name), Some(ParamRole::Id(_) | ParamRole::Parent(_)))
    });
    let mut selection = query::select(world, api, operation, &rest)?;
    selection.all.retain(|(k, _)| source_key != key || *k != at);
    let here = world.record(source_key, at).and_then(|r| coordinates(r));
    if let Some(here) = here {
        let radius = arguments
            .iter()
            .find(|(n, _)| n.to_lowercase().contains("radius"))
            .and_then(|(_, v)| v.as_f64())
            .unwrap_or(160.0);
        let miles = unit(tool, arguments).is_none_or(|u| u.to_lowercase().starts_with("mi"));
        let radius_km = if miles { radius * 1.609_344 } else { radius };
        let mut near: Vec<(f64, (u32, std::sync::Arc<Record>))> = selection
            .all
            .into_iter()
            .filter_map(|e| coordinates(&e.1).map(|c| (distance_km(here, c), e)))
            .filter(|(d, _)| *d <= radius_km)
            .collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0));
        selection.all = near
            .into_iter()
            .map(|(km, (k, record))| {
                let mut record = (*record).clone();
                let shown = if miles { km / 1.609_344 } else { km };
                record.fields.insert("distance".to_owned(), json!((shown * 100.0).round() / 100.0));
                (k, std::sync::Arc::new(record))
            })
            .collect();
    } else {
        // A stable handful, by kinship of the keys.
        selection.all.sort_by_key(|(k, _)| (k ^ at.wrapping_mul(7)) % 11);
        selection.all.truncate(4);
        selection.all.sort_by_key(|(k, _)| *k);
    }
    Ok(envelope::list(world, api, operation, tool, selection))
}

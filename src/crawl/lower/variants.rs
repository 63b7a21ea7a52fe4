//! A choice between objects → one object with the fields of all.

use crate::crawl::schema;
use crate::crawl::values::Inputs;
use crate::data::required_of;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Turns a body that is a choice between objects into one object with the fields of all.
pub fn flatten_variants(schema: &mut Value, inputs: &mut Inputs) {
    let Some(map) = schema.as_object_mut() else { return };
    let objects = map
        .get("anyOf")
        .and_then(Value::as_array)
        .is_some_and(|v| v.iter().all(|v| v.get("properties").is_some()));
    if !objects {
        return;
    }
    let Some(Value::Array(variants)) = map.shift_remove("anyOf") else { return };
    let named = |v: &Value| -> Vec<String> { required_of(v).map(str::to_owned).collect() };
    let mut common: Vec<String> = variants.first().map(named).unwrap_or_default();
    for variant in &variants {
        let of_this = named(variant);
        common.retain(|r| of_this.contains(r));
    }
    let mut fields: Map<String, Value> = Map::new();
    for variant in &variants {
        for (name, field) in variant.get("properties").and_then(Value::as_object).into_iter().flatten() {
            match fields.get_mut(name) {
                Some(known) => unite(known, field),
                None => {
                    fields.insert(name.clone(), field.clone());
                }
            }
        }
    }
    let own = named(&Value::Object(map.clone()));
    common.extend(own.into_iter().filter(|r| !common.contains(r)).collect::<Vec<_>>());
    map.shift_remove("required");
    let mut all = Map::new();
    all.insert("type".into(), json!("object"));
    all.insert("properties".into(), fields.into());
    if !common.is_empty() {
        all.insert("required".into(), json!(common));
    }
    schema::merge(map, all.into());
    inputs.pruned.push(format!("{} kinds of body were joined into one", variants.len()));
    for (key, needed) in needed_by_kind(&variants, &common) {
        inputs.mined.requires.entry(key).or_insert(needed);
    }
}

/// Tells what each kind of body needs beyond what all need, by the value that tells the kinds apart: `type=sms` → `sms`.
fn needed_by_kind(variants: &[Value], common: &[String]) -> BTreeMap<String, Vec<String>> {
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for variant in variants {
        let properties = variant.get("properties").and_then(Value::as_object);
        let tags = properties.into_iter().flatten().filter_map(|(name, schema)| {
            match schema.get("enum")?.as_array()?.as_slice() {
                [Value::String(value)] => Some(format!("{name}={value}")),
                _ => None,
            }
        });
        let required = variant.get("required").and_then(Value::as_array);
        let needed: Vec<String> = required
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .filter(|r| !common.contains(r))
            .collect();
        for tag in tags {
            let tagged = tag.split('=').next().unwrap_or_default().to_owned();
            let needed: Vec<String> = needed.iter().filter(|n| **n != tagged).cloned().collect();
            match out.get_mut(&tag) {
                Some(known) => known.retain(|k| needed.contains(k)),
                None => {
                    out.insert(tag, needed);
                }
            }
        }
    }
    out.retain(|_, needed| !needed.is_empty());
    out
}

/// Unites two variants' versions of one field.
pub fn unite(known: &mut Value, other: &Value) {
    if known == other {
        return;
    }
    let values = |v: &Value| v.get("enum").and_then(Value::as_array).cloned();
    if let (Some(mut all), Some(more)) = (values(known), values(other))
        && known.get("type") == other.get("type")
    {
        for value in more {
            if !all.contains(&value) {
                all.push(value);
            }
        }
        known["enum"] = all.into();
        return;
    }
    let mut variants = match known.get("anyOf").and_then(Value::as_array) {
        Some(variants) => variants.clone(),
        None => vec![known.clone()],
    };
    if !variants.contains(other) {
        variants.push(other.clone());
    }
    *known = json!({"anyOf": variants});
}

//! Listing: scope, filters, search, order and pages.

use super::store::{Record, StoreKey, World, plain};
use crate::graph::{Match, Operation, ParamRole};
use serde_json::{Map, Value};
use std::sync::Arc;

/// The records that a list call selects, and its page.
pub(super) struct Selection {
    /// The records, in order, of all pages.
    pub all: Vec<(u32, Arc<Record>)>,
    /// The first record of the page.
    pub offset: usize,
    /// Most records of the page.
    pub limit: usize,
}

/// Records of a page where the caller does not say.
const PAGE: usize = 10;
/// Most records of a page.
const PAGE_MAX: usize = 50;

impl World {
    /// Returns all records that a list call selects, on all its pages.
    pub fn select_all(
        &self,
        api: usize,
        operation: &Operation,
        arguments: &Map<String, Value>,
    ) -> Vec<Arc<Record>> {
        select(self, api, operation, arguments)
            .map(|s| s.all.into_iter().map(|(_, r)| r).collect())
            .unwrap_or_default()
    }
}

/// Selects the records of a list call. `Err` holds a status and what is wrong.
pub(super) fn select(
    world: &World,
    api: usize,
    operation: &Operation,
    arguments: &Map<String, Value>,
) -> Result<Selection, (u16, String)> {
    let index = operation.resource.ok_or((404, "there is no such resource".to_owned()))?;
    let key = (api, index);
    let mut all: Vec<(u32, Arc<Record>)> = world.records(key).map(|(k, r)| (k, r.clone())).collect();
    let mut page = Page::default();
    for (name, role) in &operation.roles {
        let Some(value) = arguments.get(name).filter(|v| !v.is_null()) else { continue };
        apply(world, key, role, value, &mut all, &mut page)?;
    }
    if let Some((field, descending)) = page.sort {
        all.sort_by(|a, b| compare(a.1.fields.get(&field), b.1.fields.get(&field)));
        if descending || page.descending {
            all.reverse();
        }
    } else if page.descending {
        all.reverse();
    }
    let pages = operation.roles.values().any(|r| {
        matches!(r, ParamRole::Limit | ParamRole::Offset | ParamRole::Page(_) | ParamRole::PageToken)
    });
    let limit = if pages { page.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX) } else { usize::MAX };
    let offset = page.number.map_or(page.offset, |p| (p as usize).saturating_mul(limit));
    Ok(Selection { all, offset, limit })
}

#[derive(Default)]
struct Page {
    limit: Option<usize>,
    offset: usize,
    number: Option<u64>,
    sort: Option<(String, bool)>,
    descending: bool,
}

fn apply(
    world: &World,
    key: StoreKey,
    role: &ParamRole,
    value: &Value,
    all: &mut Vec<(u32, Arc<Record>)>,
    page: &mut Page,
) -> Result<(), (u16, String)> {
    let resource = world.resource(key);
    match role {
        ParamRole::Parent(parent) => {
            let parent_key = (key.0, *parent);
            let at = known(world, parent_key, value)?;
            if resource.parent.as_ref().is_some_and(|(p, _)| p == parent) {
                if super::tabled::is_tabled(resource) {
                    related_by_fields(world, parent_key, at, all);
                } else {
                    all.retain(|(_, r)| r.parent.is_none() || r.parent == Some(at));
                }
            } else if let Some(link) = resource.links.iter().find(|l| l.target == *parent) {
                all.retain(|(_, r)| r.fields.get(&link.field).is_some_and(|v| names(v, value)));
            } else if let Some(link) = world.resource(parent_key).links.iter().find(|l| l.target == key.1) {
                let held = world
                    .record(parent_key, at)
                    .and_then(|r| r.fields.get(&link.field).cloned())
                    .unwrap_or(Value::Null);
                let id = resource.id_field.clone().unwrap_or_default();
                all.retain(|(_, r)| r.fields.get(&id).is_some_and(|v| names(&held, v)));
            } else {
                related_by_fields(world, parent_key, at, all);
            }
        }
        ParamRole::Link(target, field) => {
            let ids: Vec<&Value> = value.as_array().map_or_else(|| vec![value], |a| a.iter().collect());
            for id in &ids {
                known(world, (key.0, *target), id)?;
            }
            if resource.properties().contains_key(field) {
                all.retain(|(_, r)| r.fields.get(field).is_some_and(|v| ids.iter().any(|id| names(v, id))));
            }
        }
        ParamRole::Filter(field, how) => all.retain(|(_, r)| matches(r.fields.get(field), *how, value)),
        ParamRole::Search => {
            let words: Vec<String> =
                plain(value).to_lowercase().split_whitespace().map(str::to_owned).collect();
            all.retain(|(_, r)| {
                let text: String = r
                    .fields
                    .values()
                    .filter_map(Value::as_str)
                    .map(str::to_lowercase)
                    .collect::<Vec<_>>()
                    .join(" ");
                words.iter().all(|w| text.contains(w))
            });
        }
        ParamRole::Limit => page.limit = number(value),
        ParamRole::Offset => page.offset = number(value).unwrap_or(0),
        ParamRole::Page(first) => page.number = number(value).map(|n| (n as u64).saturating_sub(*first)),
        ParamRole::PageToken => match plain(value).strip_prefix("p").and_then(|n| n.parse::<usize>().ok()) {
            Some(offset) => page.offset = offset,
            None => return Err((400, format!("'{}' is no page token that this list gave", plain(value)))),
        },
        ParamRole::SortBy => page.sort = sort_field(resource, &plain(value)),
        ParamRole::SortDirection => page.descending = plain(value).to_lowercase().starts_with("desc"),
        ParamRole::Object(inner) => {
            for (name, role) in inner {
                if let Some(value) = value.get(name).filter(|v| !v.is_null()) {
                    apply(world, key, role, value, all, page)?;
                }
            }
        }
        ParamRole::Id(_) | ParamRole::Field(_) | ParamRole::Given | ParamRole::Ignored => {}
    }
    Ok(())
}

/// Finds a record that must exist.
pub(super) fn known(world: &World, key: StoreKey, id: &Value) -> Result<u32, (u16, String)> {
    if let Some(at) = world.find(key, id) {
        return Ok(at);
    }
    let resource = world.resource(key);
    if resource.properties().is_empty() || resource.id_field.is_none() || world.records(key).next().is_none()
    {
        return Ok(0);
    }
    Err((404, format!("no {} with id '{}'", resource.words, plain(id))))
}

/// Children whose table rows name their parent by a field of the same name (`countryCode` of a city).
fn related_by_fields(world: &World, parent: StoreKey, at: u32, all: &mut Vec<(u32, Arc<Record>)>) {
    let Some(above) = world.record(parent, at) else { return };
    let Some(id) = world.id_of(parent, above) else { return };
    let noun = world.resource(parent).key.clone();
    let field = |r: &Record| {
        r.fields
            .keys()
            .find(|k| {
                k.to_lowercase().starts_with(&noun.replace('_', "")) && k.to_lowercase().ends_with("code")
            })
            .cloned()
    };
    if all.iter().any(|(_, r)| field(r).is_some()) {
        all.retain(|(_, r)| {
            field(r).and_then(|f| r.fields.get(&f).cloned()).is_some_and(|v| plain(&v) == plain(&id))
        });
    }
}

/// Whether a link field's value names an id.
fn names(held: &Value, id: &Value) -> bool {
    match held {
        Value::Array(items) => items.iter().any(|i| names(i, id)),
        Value::Object(o) => o.get("id").is_some_and(|v| plain(v) == plain(id)),
        scalar => plain(scalar) == plain(id),
    }
}

fn number(value: &Value) -> Option<usize> {
    value.as_f64().map(|f| f.max(0.0) as usize).or_else(|| value.as_str()?.parse().ok())
}

fn sort_field(resource: &crate::graph::Resource, wanted: &str) -> Option<(String, bool)> {
    let (name, descending) = wanted.strip_prefix('-').map_or((wanted, false), |n| (n, true));
    let key = crate::words::split(name);
    let field = resource
        .properties()
        .keys()
        .find(|f| crate::words::split(f) == key)
        .or_else(|| resource.properties().keys().find(|f| crate::words::split(f).starts_with(&key)))?;
    Some((field.clone(), descending))
}

/// Orders scalars: numbers by value, the rest by text; absent ones first.
pub fn compare(a: Option<&Value>, b: Option<&Value>) -> std::cmp::Ordering {
    match (a.and_then(Value::as_f64), b.and_then(Value::as_f64)) {
        (Some(x), Some(y)) => x.total_cmp(&y),
        _ => a.map(instant_text).cmp(&b.map(instant_text)),
    }
}

/// The text by which a field is compared: of an object with a time, that time.
fn instant_text(value: &Value) -> String {
    match value {
        Value::Object(o) => o.get("dateTime").or_else(|| o.get("date")).map(plain).unwrap_or_default(),
        other => plain(other),
    }
}

fn matches(held: Option<&Value>, how: Match, wanted: &Value) -> bool {
    let Some(held) = held else {
        // An absent flag is false.
        return matches!(wanted, Value::Bool(false)) || wanted == &Value::from(0) || plain(wanted) == "all";
    };
    match how {
        Match::Equal => match wanted {
            Value::Array(any) => any.is_empty() || any.iter().any(|w| plain(w) == "all" || equal(held, w)),
            Value::String(s) if s == "all" => true,
            Value::String(s) if s.contains(',') => {
                s.split(',').any(|w| equal(held, &Value::String(w.trim().to_owned())))
            }
            one => equal(held, one),
        },
        Match::Prefix => plain(held).to_lowercase().starts_with(&plain(wanted).to_lowercase()),
        Match::Contains => plain(held).to_lowercase().contains(&plain(wanted).to_lowercase()),
        Match::Min => order(held, wanted).is_ge(),
        Match::Max => order(held, wanted).is_le(),
    }
}

fn equal(held: &Value, wanted: &Value) -> bool {
    match held {
        Value::Array(items) => items.iter().any(|i| equal(i, wanted)),
        Value::Object(o) => o.values().any(|v| !v.is_object() && equal(v, wanted)),
        Value::Bool(b) => plain(wanted) == b.to_string() || wanted.as_f64() == Some(f64::from(u8::from(*b))),
        scalar => plain(scalar).eq_ignore_ascii_case(&plain(wanted)),
    }
}

/// Compares instants as instants, numbers as numbers, the rest as text.
fn order(held: &Value, wanted: &Value) -> std::cmp::Ordering {
    if let (Some(a), Some(b)) = (held.as_f64(), wanted.as_f64().or_else(|| wanted.as_str()?.parse().ok())) {
        return a.total_cmp(&b);
    }
    let (a, b) = (instant_text(held), plain(wanted));
    if let (Ok(x), Ok(y)) = (a.parse::<jiff::Timestamp>(), b.parse::<jiff::Timestamp>()) {
        x.cmp(&y)
    } else {
        let n = a.len().min(b.len()).min(10);
        a.get(..n).cmp(&b.get(..n))
    }
}

//! How people refer to records: by what distinguishes one in its world.

use crate::graph::Resource;
use crate::prompt::{Subject, Trait};
use crate::words;
use crate::world::Record;
use jiff::Zoned;
use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use std::sync::Arc;

/// Fields that records are called by, best first.
const NAMES: &[&str] = &[
    "name",
    "title",
    "summary",
    "subject",
    "label",
    "nameEn",
    "displayName",
    "username",
    "nick",
    "text",
    "filename",
    "description",
    "address",
    "email",
];

/// Returns the field that a resource's records are called by.
pub(super) fn name_field(resource: &Resource) -> Option<String> {
    let properties = resource.properties();
    let textual = |n: &str| {
        properties.get(n).is_some_and(|s| {
            matches!(s.get("type").and_then(Value::as_str), Some("string") | None) && s.get("enum").is_none()
        })
    };
    let own = NAMES.iter().find(|n| textual(n)).map(|n| (*n).to_owned());
    let prefixed = || {
        let key = &resource.key;
        [format!("{key}_name"), format!("{key}_title"), format!("{key}Name")].into_iter().find(|n| textual(n))
    };
    prefixed().or(own)
}

/// Finds the smallest set of attributes that picks a record out among `others` (which include it), of those that `seen` shows.
pub(super) fn distinguish(
    resource: &Resource,
    record: &Record,
    others: &[Arc<Record>],
    seen: &Value,
    now: &Zoned,
    rng: &mut ChaCha8Rng,
) -> Option<Subject> {
    let shown = |field: &str| seen.get(field).filter(|v| Some(*v) == record.fields.get(field)).cloned();
    let mut subject = Subject { kind: resource.words.clone(), ..Subject::default() };
    let name = name_field(resource)
        .and_then(|f| shown(&f).map(|v| (f, v)))
        .filter(|(_, v)| v.as_str().is_some_and(|s| !s.is_empty() && s.len() <= 80));
    let unnamed = name.is_none();
    if (unnamed || rng.random_bool(0.22))
        && let Some(found) = by_traits(resource, record, others, &shown, now, rng)
            .or_else(|| by_extreme(resource, record, others, &shown, rng))
    {
        subject.traits = found.0;
        subject.extreme = found.1;
        return Some(subject);
    }
    let (field, value) = name?;
    let same: Vec<&Arc<Record>> =
        others.iter().filter(|o| folded(o.fields.get(&field)) == folded(Some(&value))).collect();
    subject.name = value.as_str().map(str::to_owned);
    if same.len() == 1 {
        return Some(subject);
    }
    let rest: Vec<Arc<Record>> = same.into_iter().cloned().collect();
    let (traits, extreme) = by_traits(resource, record, &rest, &shown, now, rng)
        .or_else(|| by_extreme(resource, record, &rest, &shown, rng))?;
    subject.traits = traits;
    subject.extreme = extreme;
    Some(subject)
}

fn folded(value: Option<&Value>) -> String {
    value.map(|v| v.to_string().to_lowercase()).unwrap_or_default()
}

type Picked = (Vec<Trait>, Option<(String, String)>);

/// One or two traits that only this record has.
fn by_traits(
    resource: &Resource,
    record: &Record,
    others: &[Arc<Record>],
    shown: &dyn Fn(&str) -> Option<Value>,
    now: &Zoned,
    rng: &mut ChaCha8Rng,
) -> Option<Picked> {
    let own: Vec<String> = resource.key.split('_').map(str::to_owned).collect();
    let name = name_field(resource);
    let fields: Vec<(&String, Value, &Value)> = resource
        .properties()
        .iter()
        .filter(|(field, schema)| Some(*field) != name.as_ref() && is_trait(resource, field, schema))
        .filter_map(|(field, schema)| shown(field).map(|v| (field, v, schema)))
        .collect();
    let picks = |chosen: &[usize]| {
        others
            .iter()
            .filter(|o| chosen.iter().all(|c| o.fields.get(fields[*c].0) == Some(&fields[*c].1)))
            .count()
            == 1
            && !record.fields.is_empty()
    };
    let singles: Vec<Vec<usize>> = (0..fields.len()).map(|i| vec![i]).filter(|c| picks(c)).collect();
    let pairs = || {
        (0..fields.len())
            .flat_map(|i| (i + 1..fields.len()).map(move |j| vec![i, j]))
            .filter(|c| picks(c))
            .collect::<Vec<_>>()
    };
    let chosen = singles.choose(rng).cloned().or_else(|| pairs().choose(rng).cloned())?;
    let traits = chosen
        .into_iter()
        .map(|c| {
            let (field, value, schema) = &fields[c];
            let style = rng.random::<u64>() >> 1;
            let words = said_as_it_is(value, schema, now, style)?;
            Some(Trait { label: words::label(field, &own), value: words, exact: value.clone() })
        })
        .collect::<Option<Vec<_>>>()?;
    Some((traits, None))
}

/// Whether people use a field to pick a record out.
fn is_trait(resource: &Resource, field: &str, schema: &Value) -> bool {
    let words = words::split(field);
    let made = [
        "etag",
        "kind",
        "hash",
        "url",
        "uri",
        "link",
        "href",
        "html",
        "token",
        "latitude",
        "longitude",
        "lat",
        "lon",
        "image",
        "photo",
        "uid",
        "mbid",
        "vanity",
        "updated",
        "modified",
        "expire",
        "self",
        "timestamp",
    ];
    if words
        .iter()
        .any(|w| made.contains(&w.as_str()) || words::is_id_word(w) && w != "code" && w != "number")
        || resource.links.iter().any(|l| l.field == field)
    {
        return false;
    }
    let kind = schema.get("type").and_then(Value::as_str).unwrap_or("string");
    schema.get("enum").is_some()
        || matches!(schema.get("format").and_then(Value::as_str), Some("date" | "date-time" | "email"))
        || matches!(
            words.last().map(String::as_str),
            Some(
                "status"
                    | "type"
                    | "state"
                    | "category"
                    | "colour"
                    | "color"
                    | "email"
                    | "phone"
                    | "city"
                    | "country"
                    | "region"
                    | "priority"
                    | "model"
                    | "condition"
                    | "due"
            )
        ) && kind == "string"
}

/// Says a value exactly: what does not round-trip to the value is not said.
pub(super) fn said_as_it_is(value: &Value, schema: &Value, now: &Zoned, style: u64) -> Option<String> {
    use crate::checks::natural;
    match value {
        Value::String(s) => {
            if let Some(day) = s
                .strip_suffix("T00:00:00.000Z")
                .or_else(|| s.strip_suffix("T00:00:00Z"))
                .and_then(|d| d.parse().ok())
            {
                // Midnight in UTC stands for the day.
                return Some(natural::date(day, now, style));
            }
            if let Ok(at) = s.parse::<jiff::Timestamp>() {
                let local = at.to_zoned(now.time_zone().clone());
                let to_minute = local.time().second() == 0;
                return Some(if to_minute {
                    natural::instant(at, now, style)
                } else {
                    natural::date(local.date(), now, style)
                });
            }
            if let Ok(date) = s.parse::<jiff::civil::Date>() {
                return Some(natural::date(date, now, style));
            }
            if schema.get("enum").is_some() {
                return Some(words::enum_words(s));
            }
            (!s.is_empty() && s.len() < 60).then(|| s.clone())
        }
        Value::Number(n) => Some(natural::number(n.as_f64()?, style)),
        Value::Bool(b) => Some(if *b { "yes" } else { "no" }.to_owned()),
        _ => None,
    }
}

/// The record that has the most or the least of something, strictly.
fn by_extreme(
    resource: &Resource,
    record: &Record,
    others: &[Arc<Record>],
    shown: &dyn Fn(&str) -> Option<Value>,
    rng: &mut ChaCha8Rng,
) -> Option<Picked> {
    if others.len() < 3 {
        return None;
    }
    let own: Vec<String> = resource.key.split('_').map(str::to_owned).collect();
    let mut found = Vec::new();
    for (field, schema) in resource.properties() {
        let Some(words_of) = extremes(field, schema) else { continue };
        let Some(value) = shown(field) else { continue };
        if others.iter().any(|o| !o.fields.contains_key(field)) {
            continue;
        }
        let rest: Vec<&Value> =
            others.iter().filter(|o| o.as_ref() != record).filter_map(|o| o.fields.get(field)).collect();
        let above = rest.iter().all(|o| crate::world::compare(Some(&value), Some(o)).is_gt());
        let below = rest.iter().all(|o| crate::world::compare(Some(&value), Some(o)).is_lt());
        if above {
            found.push((words_of.0.to_owned(), words::label(field, &own)));
        } else if below {
            found.push((words_of.1.to_owned(), words::label(field, &own)));
        }
    }
    found.choose(rng).cloned().map(|e| (Vec::new(), Some(e)))
}

/// The words for the most and the least of a field, where it has an order that people speak of.
pub(super) fn extremes(field: &str, schema: &Value) -> Option<(&'static str, &'static str)> {
    let words = words::split(field);
    let has = |set: &[&str]| words.iter().any(|w| set.contains(&w.as_str()));
    let format = schema.get("format").and_then(Value::as_str);
    if has(&["created", "invited", "joined"]) && format != Some("email") && !has(&["by"]) {
        return Some(("newest", "oldest"));
    }
    if has(&["price", "cost", "amount", "total"]) {
        return Some(("most expensive", "cheapest"));
    }
    if has(&["size", "population", "quantity"]) {
        return Some(("largest", "smallest"));
    }
    if has(&["speed"]) {
        return Some(("fastest", "slowest"));
    }
    if has(&["distance", "duration"]) {
        return Some(("longest", "shortest"));
    }
    if has(&["rating", "score"]) {
        return Some(("highest rated", "lowest rated"));
    }
    if has(&["due", "start", "date"]) && matches!(format, Some("date" | "date-time")) {
        return Some(("latest", "earliest"));
    }
    None
}

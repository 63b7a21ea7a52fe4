//! Whether two changes of a world amount to the same: server-made ids renamed, instants by value, prose by what it had to carry.

use super::natural::{Hint, TimeValue, find_names, find_numbers, time_value};
use crate::data::{StateChange, StateDiff};
use crate::words::{content_stems, fold, split};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

const PROSE: [&str; 16] = [
    "message",
    "text",
    "body",
    "description",
    "notes",
    "note",
    "comment",
    "content",
    "summary",
    "details",
    "reason",
    "memo",
    "caption",
    "html",
    "markdown",
    "remarks",
];

/// Compares what was changed with what should have been; the error names the first difference.
pub fn same_changes(reference: &StateDiff, actual: &StateDiff) -> Result<(), String> {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut left: Vec<&StateChange> = actual.changes.iter().collect();
    // Made records first: they tell which new id of the one side is which of the other's.
    let (made, others): (Vec<&StateChange>, Vec<&StateChange>) =
        reference.changes.iter().partition(|c| matches!(c, StateChange::Created { .. }));
    for wanted in made.into_iter().chain(others) {
        let found = left.iter().position(|change| same(wanted, change, &names));
        let Some(at) = found else { return Err(format!("missing: {}", describe(wanted))) };
        let change = left.remove(at);
        if let (StateChange::Created { id, .. }, StateChange::Created { id: theirs, .. }) = (wanted, change) {
            names.insert(theirs.clone(), id.clone());
        }
    }
    match left.first() {
        None => Ok(()),
        Some(extra) => Err(format!("not asked for: {}", describe(extra))),
    }
}

fn describe(change: &StateChange) -> String {
    let short = |v: &Value| {
        let text = v.to_string();
        text.chars().take(160).collect::<String>()
    };
    match change {
        StateChange::Created { resource, fields, .. } => format!("made {resource} {}", short(fields)),
        StateChange::Updated { resource, id, fields } => {
            format!("changed {resource} {id} to {}", short(fields))
        }
        StateChange::Deleted { resource, id } => format!("removed {resource} {id}"),
        StateChange::Done { tool, arguments } => format!("did {tool} {}", short(arguments)),
    }
}

fn same(wanted: &StateChange, actual: &StateChange, names: &BTreeMap<String, String>) -> bool {
    use StateChange::{Created, Deleted, Done, Updated};
    let named = |id: &String| names.get(id).unwrap_or(id).clone();
    match (wanted, actual) {
        (Created { resource: a, fields: x, .. }, Created { resource: b, fields: y, .. }) => {
            a == b && same_value("", x, y, names)
        }
        (Updated { resource: a, id, fields: x }, Updated { resource: b, id: theirs, fields: y }) => {
            a == b && *id == named(theirs) && same_value("", x, y, names)
        }
        (Deleted { resource: a, id }, Deleted { resource: b, id: theirs }) => a == b && *id == named(theirs),
        (Done { tool: a, arguments: x }, Done { tool: b, arguments: y }) => {
            a == b && same_value("", x, y, names)
        }
        _ => false,
    }
}

fn blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(s) => s.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.values().all(blank),
        _ => false,
    }
}

fn same_value(name: &str, wanted: &Value, actual: &Value, names: &BTreeMap<String, String>) -> bool {
    match (wanted, actual) {
        (Value::Object(a), Value::Object(b)) => same_fields(a, b, names),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(x, y)| same_value(name, x, y, names))
        }
        (Value::Number(a), Value::Number(b)) => {
            a == b || a.as_f64() == b.as_f64() || stamped(name, wanted, actual)
        }
        (Value::String(a), Value::String(b)) => {
            let b = names.get(b).unwrap_or(b);
            // Which new record is meant is told by the records' own comparison.
            a == b
                || (a.starts_with("new-")
                    && b.starts_with("new-")
                    && !names.contains_key(b)
                    && !names.values().any(|n| n == a))
                || same_time(a, b)
                || stamped(name, wanted, actual)
                || same_text(name, a, b)
        }
        (a, b) => a == b || (blank(a) && blank(b)),
    }
}

fn same_fields(a: &Map<String, Value>, b: &Map<String, Value>, names: &BTreeMap<String, String>) -> bool {
    let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    keys.into_iter().all(|key| {
        same_value(key, a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null), names)
    })
}

fn instant(value: &Value, name: &str) -> Option<jiff::Timestamp> {
    match time_value(value, &Hint::named(name)) {
        Some(TimeValue::Instant(at)) => Some(at),
        _ => None,
    }
}

fn same_time(a: &str, b: &str) -> bool {
    let read = |text: &str| instant(&Value::from(text), "");
    read(a).is_some_and(|x| read(b) == Some(x))
}

/// Whether two instants are stamps that a server set while the task was done: a minute more or less says nothing.
fn stamped(name: &str, a: &Value, b: &Value) -> bool {
    const STAMPS: [&str; 10] = [
        "created",
        "updated",
        "modified",
        "completed",
        "changed",
        "closed",
        "sent",
        "joined",
        "registered",
        "timestamp",
    ];
    let words = split(name);
    if !words.iter().any(|w| STAMPS.contains(&w.as_str())) {
        return false;
    }
    let apart = instant(a, name).zip(instant(b, name)).map(|(x, y)| (x.as_second() - y.as_second()).abs());
    apart.is_some_and(|seconds| seconds <= 3600)
}

/// Whether a text carries what the other had to: the same but for case and spacing; prose, when every number and name of
/// the wanted text and four in five of its content words stand in it, and it is not much longer.
fn same_text(name: &str, wanted: &str, actual: &str) -> bool {
    if fold(wanted).trim_end_matches('.') == fold(actual).trim_end_matches('.') {
        return true;
    }
    let named = split(name).iter().any(|w| PROSE.contains(&w.as_str()));
    let words = content_stems(wanted);
    if !(named || words.len() >= 5) || words.is_empty() {
        return false;
    }
    let carried: BTreeSet<String> = content_stems(actual).into_iter().collect();
    let there = words.iter().filter(|w| carried.contains(*w)).count();
    let numbers: Vec<f64> = find_numbers(actual).into_iter().map(|f| f.value.value).collect();
    let all_numbers =
        find_numbers(wanted).iter().all(|f| numbers.iter().any(|n| n.total_cmp(&f.value.value).is_eq()));
    let all_names = find_names(wanted)
        .iter()
        .filter(|f| f.primary)
        .all(|f| content_stems(&f.value).iter().all(|s| carried.contains(s)));
    there * 5 >= words.len() * 4 && all_numbers && all_names && carried.len() <= words.len() * 3 + 12
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn made(id: &str, fields: Value) -> StateChange {
        StateChange::Created { resource: "shop:order".into(), id: id.into(), fields }
    }

    fn diff(changes: Vec<StateChange>) -> StateDiff {
        StateDiff { changes }
    }

    #[test]
    fn server_made_ids_may_be_given_in_another_order() {
        let line = |order: &str, n: i64| StateChange::Updated {
            resource: "shop:line".into(),
            id: n.to_string(),
            fields: json!({"orderId": order}),
        };
        let a =
            diff(vec![made("new-1", json!({"pet": 1})), made("new-2", json!({"pet": 2})), line("new-1", 7)]);
        let b =
            diff(vec![made("new-1", json!({"pet": 2})), made("new-2", json!({"pet": 1})), line("new-2", 7)]);
        let c =
            diff(vec![made("new-1", json!({"pet": 2})), made("new-2", json!({"pet": 1})), line("new-1", 7)]);
        assert_eq!(same_changes(&a, &b), Ok(()));
        assert!(same_changes(&a, &c).is_err());
    }

    #[test]
    fn a_missing_or_an_extra_change_is_a_difference() {
        let a = diff(vec![made("new-1", json!({"pet": 1}))]);
        assert!(same_changes(&a, &diff(vec![])).unwrap_err().starts_with("missing"));
        assert!(same_changes(&diff(vec![]), &a).unwrap_err().starts_with("not asked for"));
    }

    #[test]
    fn values_are_compared_by_what_they_mean() {
        let a = diff(vec![made("new-1", json!({"at": "2026-04-10T13:00:00Z", "n": 5, "tags": []}))]);
        let b = diff(vec![made("new-1", json!({"at": "2026-04-10T15:00:00+02:00", "n": 5.0}))]);
        assert_eq!(same_changes(&a, &b), Ok(()));
        let c = diff(vec![made("new-1", json!({"at": "2026-04-10T15:00:00Z", "n": 5}))]);
        assert!(same_changes(&a, &c).is_err());
    }

    #[test]
    fn a_servers_stamps_may_differ_by_minutes() {
        let at = |name: &str, t: &str| diff(vec![made("new-1", json!({name: t}))]);
        let (a, b) = ("2026-04-10T13:00:00Z", "2026-04-10T13:02:00Z");
        assert_eq!(same_changes(&at("completedAt", a), &at("completedAt", b)), Ok(()));
        assert!(same_changes(&at("due", a), &at("due", b)).is_err());
    }

    #[test]
    fn prose_is_compared_by_the_content_it_had_to_carry() {
        let note = |text: &str| diff(vec![made("new-1", json!({"note": text}))]);
        let wanted = note("legal signed off this morning");
        assert_eq!(same_changes(&wanted, &note("Legal has signed off on it this morning.")), Ok(()));
        assert!(same_changes(&wanted, &note("Legal refused it.")).is_err());
        let name = |text: &str| diff(vec![made("new-1", json!({"name": text}))]);
        assert!(same_changes(&name("Biscuit"), &name("Biscuit the dog")).is_err());
        assert_eq!(same_changes(&name("Biscuit"), &name("biscuit")), Ok(()));
    }
}

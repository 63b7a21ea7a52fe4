//! What is known before a call: the instruction, the session, and the results of earlier calls.

use crate::checks::natural::{Hint, Text, TimeValue, time_value};
use crate::words::{fold, split, stem, stems};
use jiff::{Timestamp, Zoned};
use serde_json::Value;
use std::cell::OnceCell;
use std::collections::BTreeSet;

/// A scalar of an earlier result.
pub(super) struct Seen {
    pub call: usize,
    pub pointer: String,
    pub field: String,
    pub value: Value,
}

/// An array of an earlier result, for what is computed over it.
pub(super) struct Listed {
    pub call: usize,
    pub items: Vec<Value>,
}

/// What is known at one point of a path.
pub(super) struct Known<'a> {
    pub system: &'a str,
    pub session: Text,
    pub now: &'a Zoned,
    instruction: Text,
    instruction_stems: OnceCell<BTreeSet<String>>,
    result_stems: OnceCell<BTreeSet<String>>,
    pub seen: Vec<Seen>,
    pub lists: Vec<Listed>,
}

/// A value found in an earlier result.
pub(super) struct Match {
    pub call: usize,
    pub pointer: String,
    /// How near the field's name is to the parameter's: 0 (not) to 3 (the same).
    pub closeness: u8,
}

impl<'a> Known<'a> {
    pub fn new(system: &'a str, now: &'a Zoned) -> Self {
        Self {
            system,
            session: Text::new(system, now),
            now,
            instruction: Text::new("", now),
            instruction_stems: OnceCell::new(),
            result_stems: OnceCell::new(),
            seen: Vec::new(),
            lists: Vec::new(),
        }
    }

    pub fn instruction(&self) -> &Text {
        &self.instruction
    }

    /// Adds what the user says.
    pub fn said(&mut self, text: &str) {
        let before = self.instruction.as_str();
        let joined = if before.is_empty() { text.to_owned() } else { format!("{before}\n{text}") };
        self.instruction = Text::new(joined, self.now);
        self.instruction_stems.take();
    }

    /// Adds what a call returned.
    pub fn observed(&mut self, call: usize, text: &str) {
        self.result_stems.take();
        let value = serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()));
        let seen = &mut self.seen;
        super::walk(&value, None, String::new(), "", &mut |pointer, field, value, _| {
            if !value.is_null() {
                seen.push(Seen { call, pointer, field: field.to_owned(), value: value.clone() });
            }
        });
        collect_lists(call, &value, &mut self.lists);
    }

    pub fn instruction_stems(&self) -> &BTreeSet<String> {
        self.instruction_stems.get_or_init(|| self.instruction.stems().iter().cloned().collect())
    }

    /// Returns the stems of all that results and session say.
    pub fn result_stems(&self) -> &BTreeSet<String> {
        self.result_stems.get_or_init(|| {
            let mut all: BTreeSet<String> = stems(self.system).into_iter().collect();
            for seen in &self.seen {
                match &seen.value {
                    Value::String(text) => all.extend(stems(text)),
                    other => all.extend(stems(&other.to_string())),
                }
                all.extend(split(&seen.field).iter().map(|w| stem(w)));
            }
            all
        })
    }

    /// Finds a value in earlier results: the nearest by name, of those the earliest.
    pub fn result(&self, value: &Value, hint: &Hint<'_>) -> Option<Match> {
        let weak = weak(value);
        let mut best: Option<Match> = None;
        for seen in &self.seen {
            if !equal(value, hint, seen) {
                continue;
            }
            let closeness = closeness(hint.name, &seen.field);
            let both_ids = id_like(hint) && id_name(&seen.field);
            if weak && closeness == 0 && !both_ids {
                continue;
            }
            if best.as_ref().is_none_or(|b| closeness > b.closeness) {
                best = Some(Match { call: seen.call, pointer: seen.pointer.clone(), closeness });
            }
        }
        best.or_else(|| self.part(value))
    }

    /// Finds a text inside a longer one of a result.
    fn part(&self, value: &Value) -> Option<Match> {
        let text = value.as_str().filter(|t| t.chars().count() > 3)?;
        let within = |s: &&Seen| s.value.as_str().is_some_and(|v| super::contains_word(v, text));
        let seen = self.seen.iter().find(within)?;
        Some(Match { call: seen.call, pointer: seen.pointer.clone(), closeness: 0 })
    }

    /// Returns the instants of earlier results.
    pub fn instants(&self) -> impl Iterator<Item = (usize, Timestamp)> + '_ {
        self.seen.iter().filter_map(|s| {
            let at = match time_value(&s.value, &Hint::named(&s.field))? {
                TimeValue::Instant(at) => at,
                TimeValue::Local(local) => local.to_zoned(self.now.time_zone().clone()).ok()?.timestamp(),
                TimeValue::Date(date) => date.to_zoned(self.now.time_zone().clone()).ok()?.timestamp(),
            };
            Some((s.call, at))
        })
    }

    /// Returns the numbers of earlier results.
    pub fn numbers(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.seen.iter().filter_map(|s| {
            let n = s.value.as_f64().or_else(|| s.value.as_str().and_then(|t| t.parse().ok()))?;
            Some((s.call, n))
        })
    }
}

fn collect_lists(call: usize, value: &Value, lists: &mut Vec<Listed>) {
    match value {
        Value::Array(items) => {
            lists.push(Listed { call, items: items.clone() });
            for item in items {
                collect_lists(call, item, lists);
            }
        }
        Value::Object(map) => map.values().for_each(|v| collect_lists(call, v, lists)),
        _ => {}
    }
}

fn equal(value: &Value, hint: &Hint<'_>, seen: &Seen) -> bool {
    if *value == seen.value {
        return true;
    }
    match (value, &seen.value) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::String(a), Value::Number(b)) | (Value::Number(b), Value::String(a)) => {
            *a == b.to_string() || same_time(value, hint, seen)
        }
        (Value::String(a), Value::String(b)) => {
            (a.chars().count() > 2 && a.len().abs_diff(b.len()) < 4 && fold(a) == fold(b))
                || same_time(value, hint, seen)
        }
        _ => false,
    }
}

/// Whether two values are one instant, or a date and an instant of that date.
fn same_time(value: &Value, hint: &Hint<'_>, seen: &Seen) -> bool {
    let Some(a) = time_value(value, hint) else { return false };
    let Some(b) = time_value(&seen.value, &Hint::named(&seen.field)) else { return false };
    match (a, b) {
        (TimeValue::Instant(a), TimeValue::Instant(b)) => a.as_second() == b.as_second(),
        (TimeValue::Local(a), TimeValue::Local(b)) => a == b,
        (TimeValue::Date(a), TimeValue::Date(b)) => a == b,
        (TimeValue::Date(a), TimeValue::Local(b)) | (TimeValue::Local(b), TimeValue::Date(a)) => {
            b.date() == a
        }
        (TimeValue::Date(a), TimeValue::Instant(_)) => {
            seen.value.as_str().is_some_and(|s| s.starts_with(&a.to_string()))
        }
        (TimeValue::Instant(_), TimeValue::Date(b)) => {
            value.as_str().is_some_and(|s| s.starts_with(&b.to_string()))
        }
        (TimeValue::Instant(_) | TimeValue::Local(_), _) => false,
    }
}

const ID_WORDS: [&str; 9] = ["id", "ids", "key", "uuid", "guid", "ref", "handle", "slug", "sid"];

/// Whether a name is that of an id.
pub(super) fn id_name(name: &str) -> bool {
    split(name).last().is_some_and(|w| ID_WORDS.contains(&w.as_str()))
}

/// Whether a parameter holds an id.
pub(super) fn id_like(hint: &Hint<'_>) -> bool {
    id_name(hint.name) || hint.schema.and_then(|s| s.get("format")).is_some_and(|f| f == "uuid")
}

/// Whether a value is so common that finding it somewhere proves nothing.
pub(super) fn weak(value: &Value) -> bool {
    match value {
        Value::Number(n) => n.as_f64().is_some_and(|n| n.fract() == 0.0 && n.abs() < 100.0),
        Value::String(s) => s.chars().count() < 3,
        _ => true,
    }
}

/// Returns how near two names are: 3 the same, 2 one ends in the other, 1 their last words or their things agree
/// (`countryId`, `countryCode`), 0 not.
fn closeness(parameter: &str, field: &str) -> u8 {
    let (a, b) = (split(parameter), split(field));
    let (Some(x), Some(y)) = (a.last(), b.last()) else { return 0 };
    if a == b {
        3
    } else if a.ends_with(&b) || b.ends_with(&a) {
        2
    } else {
        let thing = a.len() > 1 && b.len() > 1 && a[..a.len() - 1] == b[..b.len() - 1];
        u8::from(thing || stem(x) == stem(y))
    }
}

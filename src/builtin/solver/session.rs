//! What the system message says: the user's now, and the facts of the session.

use super::utterance::words;
use crate::checks::natural;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use regex::Regex;
use serde_json::Value;
use std::sync::LazyLock;

static ZONE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)+\b|\bUTC\b").expect("a valid expression")
});

/// A fact of the session.
#[derive(Debug)]
pub struct Fact {
    /// Stems of its sentence.
    pub stems: Vec<String>,
    /// What stands in it that could be a value, with the stems of the word before it.
    pub values: Vec<(String, Vec<String>)>,
}

/// What the system message says.
#[derive(Debug)]
pub struct Session {
    /// The user's now.
    pub now: Zoned,
    /// Its sentences, as facts.
    pub facts: Vec<Fact>,
}

impl Session {
    /// Reads a system message.
    pub fn read(system: &str) -> Self {
        let zone = ZONE.find(system).and_then(|m| TimeZone::get(m.as_str()).ok()).unwrap_or(TimeZone::UTC);
        let dummy = Timestamp::UNIX_EPOCH.to_zoned(zone.clone());
        let now = natural::find_instants(system, &dummy)
            .into_iter()
            .filter(|f| f.value.precision > natural::Precision::Day)
            .map(|f| f.value.at)
            .next();
        let day = || {
            natural::find_dates(system, &dummy)
                .into_iter()
                .next()
                .and_then(|f| f.value.at(12, 0, 0, 0).to_zoned(zone.clone()).ok())
        };
        let now = now.map(|at| at.to_zoned(zone.clone())).or_else(day).unwrap_or(dummy);
        let facts = system.split(['\n', ';']).flat_map(|line| line.split(". "));
        Self { now, facts: facts.map(fact).filter(|f| !f.values.is_empty()).collect() }
    }

    /// Returns the value that a fact gives for a noun, as for an id of it.
    pub fn value_for(&self, noun: &[String]) -> Option<String> {
        let head = noun.last()?;
        let mut best: Option<(f64, &String)> = None;
        for fact in &self.facts {
            for (value, before) in &fact.values {
                if !fact.stems.contains(head) {
                    continue;
                }
                let near = f64::from(u8::from(before.contains(head))) * 2.0;
                let whole = noun.iter().filter(|n| fact.stems.contains(n)).count() as f64;
                let id = f64::from(u8::from(before.iter().any(|b| b == "id")));
                let score = near + whole + id;
                if best.is_none_or(|(s, _)| score > s) {
                    best = Some((score, value));
                }
            }
        }
        best.map(|(_, v)| v.clone())
    }
}

fn fact(sentence: &str) -> Fact {
    let ws = words(sentence);
    let mut values = Vec::new();
    let found = natural::find_quoted(sentence)
        .into_iter()
        .map(|f| (f.span, f.value))
        .chain(natural::find_emails(sentence).into_iter().map(|f| (f.span, f.value)));
    let mut found: Vec<_> =
        found.chain(natural::find_ids(sentence).into_iter().map(|f| (f.span, f.value))).collect();
    found.extend(
        natural::find_numbers(sentence)
            .into_iter()
            .filter(|f| !f.value.worded)
            .map(|f| (f.span.clone(), sentence[f.span].to_owned())),
    );
    for (span, value) in found {
        let before: Vec<String> =
            ws.iter().filter(|w| w.span.end <= span.start).rev().take(4).map(|w| w.stem.clone()).collect();
        values.push((value, before));
    }
    Fact { stems: ws.into_iter().map(|w| w.stem).collect(), values }
}

/// Puts a text into the type that a schema asks for.
pub fn typed(text: &str, schema: &Value) -> Value {
    match super::toolbox::type_of(schema) {
        "integer" => text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from),
        "number" => text.parse::<f64>().map_or_else(|_| Value::from(text), Value::from),
        _ => Value::from(text),
    }
}

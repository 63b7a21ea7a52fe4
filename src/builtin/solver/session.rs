//! What the system message says: the user's now, and the facts of the session.

use super::word;
use crate::checks::natural;
use crate::words;
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
    /// Stems of the name of what it is about, where that is named.
    pub name: Option<Vec<String>>,
    /// The id that it tells.
    pub value: String,
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
        Self { now, facts: facts.skip(1).filter_map(fact).collect() }
    }

    /// Returns the id that a fact gives for a noun: of the record that is named, or of the user's own.
    pub fn value_for(&self, noun: &[String], said: &dyn Fn(&[String]) -> bool) -> Option<String> {
        let head = noun.last()?;
        let of_noun = self.facts.iter().filter(|f| f.stems.contains(head));
        let mut best: Option<(f64, &String)> = None;
        for fact in of_noun {
            let score = match &fact.name {
                Some(name) if said(name) => 3.0,
                Some(_) => continue,
                None => 1.0,
            };
            let whole = noun.iter().filter(|n| fact.stems.contains(n)).count() as f64 / noun.len() as f64;
            if best.is_none_or(|(s, _)| score + whole > s) {
                best = Some((score + whole, &fact.value));
            }
        }
        best.map(|(_, v)| v.clone())
    }
}

fn fact(sentence: &str) -> Option<Fact> {
    let quoted = natural::find_quoted(sentence);
    let inside = |span: &std::ops::Range<usize>| {
        quoted.iter().any(|q| q.span.start <= span.start && span.end <= q.span.end)
    };
    let ids = natural::find_emails(sentence)
        .into_iter()
        .map(|f| (f.span, f.value))
        .chain(natural::find_ids(sentence).into_iter().map(|f| (f.span, f.value)));
    let numbers = natural::find_numbers(sentence)
        .into_iter()
        .filter(|f| !f.value.worded)
        .map(|f| (f.span.clone(), sentence[f.span].to_owned()));
    let last_word =
        word::read(sentence).last().map(|w| (w.span.clone(), sentence[w.span.clone()].to_owned()));
    let told = sentence.contains(" is ") || sentence.contains(" as ");
    let mut values: Vec<_> = ids.chain(numbers).filter(|(span, _)| !inside(span)).collect();
    if values.is_empty() {
        values.extend(
            quoted.last().filter(|_| quoted.len() > 1 || told).map(|q| (q.span.clone(), q.value.clone())),
        );
        if values.is_empty() && told {
            values.extend(last_word);
        }
    }
    let value = values.into_iter().max_by_key(|(span, _)| span.end)?.1;
    let name = quoted.first().filter(|q| q.value != value).map(|q| words::stems(&q.value));
    Some(Fact { stems: word::read(sentence).into_iter().map(|w| w.stem).collect(), name, value })
}

/// Puts a text into the type that a schema asks for.
pub fn typed(text: &str, schema: &Value) -> Value {
    match super::toolbox::type_of(schema) {
        "integer" => text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from),
        "number" => text.parse::<f64>().map_or_else(|_| Value::from(text), Value::from),
        _ => Value::from(text),
    }
}

//! How values are said in an instruction, and values that can be said.

use crate::checks::natural;
use crate::data::required_of;
use crate::prompt::Given;
use crate::words;
use jiff::{Timestamp, ToSpan, Zoned};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

/// A value that can be said: its exact form for the call, and the words for it.
pub(super) struct Said {
    pub exact: Value,
    pub words: String,
    pub quoted: bool,
}

/// Turns a value into one that a person would say, rounding what nobody says to the second. `None` when nobody says such a thing.
pub(super) fn sayable(
    name: &str,
    value: &Value,
    schema: &Value,
    now: &Zoned,
    rng: &mut ChaCha8Rng,
) -> Option<Said> {
    let style = rng.random::<u64>() >> 1;
    match value {
        Value::Bool(b) => Some(Said {
            exact: value.clone(),
            words: if *b { "yes" } else { "no" }.to_owned(),
            quoted: false,
        }),
        Value::Number(n) => {
            let f = n.as_f64()?;
            if epoch(name, f) {
                return None;
            }
            Some(Said { exact: value.clone(), words: natural::number(f, style), quoted: false })
        }
        Value::String(s) => text(name, s, schema, now, style, rng),
        Value::Array(items) => {
            let item_schema = schema.get("items").unwrap_or(&Value::Null);
            let said: Vec<Said> = items
                .iter()
                .take(2)
                .map(|i| sayable(name, i, item_schema, now, rng))
                .collect::<Option<_>>()?;
            if said.is_empty() {
                return None;
            }
            let words: Vec<&str> = said.iter().map(|s| s.words.as_str()).collect();
            Some(Said {
                words: words.join(" and "),
                quoted: said.iter().any(|s| s.quoted),
                exact: Value::Array(said.into_iter().map(|s| s.exact).collect()),
            })
        }
        Value::Object(_) => object(value, schema, now, rng),
        Value::Null => None,
    }
}

/// Seconds or milliseconds since 1970 are nobody's words.
fn epoch(name: &str, value: f64) -> bool {
    let words = words::split(name);
    value > 1e9
        && words.iter().any(|w| {
            matches!(w.as_str(), "time" | "date" | "timestamp" | "at" | "created" | "updated" | "expire")
        })
}

fn text(name: &str, s: &str, schema: &Value, now: &Zoned, style: u64, rng: &mut ChaCha8Rng) -> Option<Said> {
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    if schema.get("enum").is_some() {
        let words = words::enum_words(s);
        return (!words.trim().is_empty()).then(|| Said { exact: json!(s), words, quoted: false });
    }
    let instant = s.parse::<Timestamp>().ok();
    if instant.is_some() || format == "date-time" {
        let at = round(now, rng);
        let words = natural::instant(at.timestamp(), now, style);
        return Some(Said {
            exact: json!(at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()),
            words,
            quoted: false,
        });
    }
    if let Ok(date) = s.parse::<jiff::civil::Date>() {
        let words = natural::date(date, now, style);
        return Some(Said { exact: json!(s), words, quoted: false });
    }
    let looks_made = s.len() > 12
        && !s.contains(' ')
        && s.chars().filter(char::is_ascii_digit).count() > 3
        && !s.contains(['@', '+', '/', '.']);
    let credential =
        words::split(name).iter().any(|w| matches!(w.as_str(), "password" | "secret" | "token" | "hash"));
    if s.is_empty() || s.len() > 240 || looks_made || credential {
        return None;
    }
    Some(Said {
        exact: json!(s),
        words: s.to_owned(),
        quoted: s.contains(' ') || s.chars().next().is_some_and(char::is_uppercase),
    })
}

/// A moment in the next two weeks, on the half hour, in waking hours.
fn round(now: &Zoned, rng: &mut ChaCha8Rng) -> Zoned {
    let day = now.date().checked_add((rng.random_range(1..=13)).days()).unwrap_or(now.date());
    let time = jiff::civil::time(rng.random_range(8..=19), if rng.random_bool(0.3) { 30 } else { 0 }, 0, 0);
    day.to_datetime(time).to_zoned(now.time_zone().clone()).unwrap_or_else(|_| now.clone())
}

/// Of an object, the one part that people say (`{dateTime}`, `{email}`, `{name}`); its other parts must not be required.
fn object(value: &Value, schema: &Value, now: &Zoned, rng: &mut ChaCha8Rng) -> Option<Said> {
    let properties = schema.get("properties")?;
    let required: Vec<&str> = required_of(schema).collect();
    for key in
        ["dateTime", "date", "email", "name", "displayName", "title", "text", "value", "address", "number"]
    {
        if properties.get(key).is_none() || required.iter().any(|r| *r != key) {
            continue;
        }
        let inner =
            value.get(key).cloned().or_else(|| (key == "dateTime").then(|| json!("2026-01-01T00:00:00Z")))?;
        let said = sayable(key, &inner, &properties[key], now, rng)?;
        return Some(Said { exact: json!({key: said.exact}), words: said.words, quoted: said.quoted });
    }
    None
}

/// Makes a given value of it.
pub(super) fn given(label: &str, said: &Said) -> Given {
    Given {
        label: label.to_owned(),
        value: said.words.clone(),
        exact: said.exact.clone(),
        quoted: said.quoted,
    }
}

//! Making a drawn value conform to its schema: type, format, enum, bounds, length, pattern.

use super::dice::{Dice, round};
use super::pattern::Pattern;
use rand_chacha::ChaCha8Rng;
use regex::Regex;
use serde_json::{Number, Value};
use std::sync::Arc;

/// A JSON type that a leaf may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaf {
    Text,
    Integer,
    Number,
    Boolean,
    /// The schema names no type.
    Free,
}

/// What a schema asks of a leaf.
#[derive(Clone, Debug)]
pub(crate) struct Fit {
    pub leaf: Leaf,
    pub nullable: bool,
    pub format: String,
    pub allowed: Vec<Value>,
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub multiple: Option<f64>,
    pub min_len: usize,
    pub max_len: usize,
    pub pattern: Option<(Arc<Regex>, Option<Arc<Pattern>>)>,
}

/// A value before it is fitted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Raw {
    Text(String),
    Int(i64),
    Real(f64),
    Bool(bool),
    /// An instant in seconds since 1970, with the way it is usually written.
    Time(i64, Clock),
    /// A calendar day, as days since 1970.
    Day(i64),
    Json(Value),
    /// The record has no such value.
    Absent,
}

/// How an instant is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clock {
    /// In UTC: `2026-03-02T09:41:12Z`.
    Utc,
    /// In the home city's offset: `2026-03-02T10:41:12+01:00`.
    Local,
}

impl Fit {
    /// Reads a schema's constraints.
    pub fn read(schema: &Value) -> Self {
        let number = |key: &str| schema.get(key).and_then(Value::as_f64);
        let length = |key: &str| schema.get(key).and_then(Value::as_u64).map(|n| n as usize);
        let (leaf, nullable) = leaf_type(schema);
        let step = if leaf == Leaf::Integer { 1.0 } else { 0.01 };
        let exclusive = |key: &str, plain: Option<f64>, by: f64| match schema.get(key) {
            Some(Value::Bool(true)) => plain.map(|x| x + by),
            Some(Value::Number(n)) => n.as_f64().map(|x| x + by),
            _ => plain,
        };
        let allowed = match (schema.get("const"), schema.get("enum")) {
            (Some(value), _) => vec![value.clone()],
            (None, Some(Value::Array(values))) => values.iter().filter(|v| !v.is_null()).cloned().collect(),
            _ => Vec::new(),
        };
        Self {
            leaf,
            nullable,
            format: schema.get("format").and_then(Value::as_str).unwrap_or("").to_owned(),
            allowed,
            min: exclusive("exclusiveMinimum", number("minimum"), step),
            max: exclusive("exclusiveMaximum", number("maximum"), -step),
            multiple: number("multipleOf").filter(|m| *m > 0.0),
            min_len: length("minLength").unwrap_or(0),
            max_len: length("maxLength").unwrap_or(usize::MAX),
            pattern: schema.get("pattern").and_then(Value::as_str).and_then(|text| {
                Some((Arc::new(Regex::new(text).ok()?), Pattern::parse(text).map(Arc::new)))
            }),
        }
    }

    /// Turns a drawn value into one that conforms. Returns `None` where the record has no such value and the schema does not force one.
    pub fn apply(
        &self,
        raw: Raw,
        zone: &jiff::tz::TimeZone,
        required: bool,
        rng: &mut ChaCha8Rng,
    ) -> Option<Value> {
        if raw == Raw::Absent {
            return match (required, self.nullable) {
                (false, _) => None,
                (true, true) => Some(Value::Null),
                (true, false) => Some(self.empty(zone, rng)),
            };
        }
        if !self.allowed.is_empty() {
            return Some(self.choose(raw, zone, rng));
        }
        Some(match self.leaf {
            Leaf::Text => Value::String(self.text(raw, zone, rng)),
            Leaf::Integer => self.integer(&raw),
            Leaf::Number => self.number(&raw),
            Leaf::Boolean => Value::Bool(match raw {
                Raw::Bool(b) => b,
                Raw::Int(i) => i != 0,
                _ => rng.chance(0.5),
            }),
            Leaf::Free => match raw {
                Raw::Int(i) => Value::from(i),
                Raw::Real(x) => real(x),
                Raw::Bool(b) => Value::Bool(b),
                Raw::Json(value) => value,
                other => Value::String(self.text(other, zone, rng)),
            },
        })
    }

    /// The least that a required value may be where the record has none.
    fn empty(&self, zone: &jiff::tz::TimeZone, rng: &mut ChaCha8Rng) -> Value {
        if let Some(first) = self.allowed.first() {
            return first.clone();
        }
        match self.leaf {
            Leaf::Text if self.min_len == 0 && self.format.is_empty() && self.pattern.is_none() => {
                Value::String(String::new())
            }
            Leaf::Text => Value::String(self.text(Raw::Text("none".to_owned()), zone, rng)),
            Leaf::Integer => self.integer(&Raw::Int(0)),
            Leaf::Number => self.number(&Raw::Real(0.0)),
            Leaf::Boolean => Value::Bool(false),
            Leaf::Free => Value::Null,
        }
    }

    fn choose(&self, raw: Raw, zone: &jiff::tz::TimeZone, rng: &mut ChaCha8Rng) -> Value {
        let wanted = match raw {
            Raw::Json(value) => value,
            Raw::Int(i) => Value::from(i),
            Raw::Bool(b) if self.leaf == Leaf::Integer => Value::from(i64::from(b)),
            Raw::Bool(b) => Value::Bool(b),
            Raw::Real(x) => real(x),
            other => Value::String(plain_text(other, "", zone)),
        };
        if self.allowed.contains(&wanted) {
            return wanted;
        }
        if let Some(text) = wanted.as_str()
            && let Some(same) =
                self.allowed.iter().find(|v| v.as_str().is_some_and(|s| s.eq_ignore_ascii_case(text)))
        {
            return same.clone();
        }
        self.allowed[rng.below(self.allowed.len())].clone()
    }

    fn integer(&self, raw: &Raw) -> Value {
        let x = match raw {
            Raw::Int(i) => *i,
            Raw::Real(x) => x.round() as i64,
            Raw::Bool(b) => i64::from(*b),
            Raw::Time(at, _) => *at,
            Raw::Day(day) => day * 86_400,
            Raw::Text(text) => text.parse().unwrap_or(1),
            Raw::Json(value) => value.as_i64().unwrap_or(0),
            Raw::Absent => 0,
        };
        let mut x = x.clamp(
            self.min.map_or(i64::MIN, |m| m.ceil() as i64),
            self.max.map_or(i64::MAX, |m| m.floor() as i64),
        );
        if let Some(step) = self.multiple.map(|m| m as i64).filter(|m| *m > 1) {
            x -= x.rem_euclid(step);
            if self.min.is_some_and(|m| (x as f64) < m) {
                x += step;
            }
        }
        if self.format == "int32" {
            x = x.clamp(i64::from(i32::MIN), i64::from(i32::MAX));
        }
        Value::from(x)
    }

    fn number(&self, raw: &Raw) -> Value {
        let x = match raw {
            Raw::Real(x) => *x,
            Raw::Text(text) => text.parse().unwrap_or(1.0),
            other => return self.integer(other),
        };
        let mut x = x.clamp(self.min.unwrap_or(f64::MIN), self.max.unwrap_or(f64::MAX));
        if let Some(step) = self.multiple {
            x = round((x / step).floor() * step, 6);
        }
        real(x)
    }

    fn text(&self, raw: Raw, zone: &jiff::tz::TimeZone, rng: &mut ChaCha8Rng) -> String {
        let mut text = plain_text(raw, &self.format, zone);
        if !matches_format(&text, &self.format) {
            text = of_format(&self.format, &text, rng);
        }
        if text.chars().count() > self.max_len {
            text = shortened(&text, self.max_len);
        }
        if text.chars().count() < self.min_len {
            let missing = self.min_len - text.chars().count();
            text.push_str(&rng.string_of(b"abcdefghijkmnpqrstuvwxyz23456789", missing));
        }
        if let Some((regex, Some(pattern))) = &self.pattern
            && !regex.is_match(&text)
        {
            // `Garden tools` as a constant is `GARDEN_TOOLS`.
            let constant = text.to_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
            text = if regex.is_match(&constant) && constant.len() <= self.max_len {
                constant
            } else {
                pattern.draw(rng)
            };
        }
        text
    }
}

/// Returns a number as JSON, whole numbers without a fraction kept as such (`12.0`).
pub(crate) fn real(x: f64) -> Value {
    Number::from_f64(x).map_or(Value::from(0), Value::Number)
}

fn leaf_type(schema: &Value) -> (Leaf, bool) {
    let mut nullable = schema.get("nullable").and_then(Value::as_bool).unwrap_or(false);
    let mut leaf = None;
    let types: Vec<&str> = match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    for name in types {
        match name {
            "string" => leaf = leaf.or(Some(Leaf::Text)),
            "integer" => leaf = leaf.or(Some(Leaf::Integer)),
            "number" => leaf = leaf.or(Some(Leaf::Number)),
            "boolean" => leaf = leaf.or(Some(Leaf::Boolean)),
            "null" => nullable = true,
            _ => {}
        }
    }
    (leaf.unwrap_or(Leaf::Free), nullable)
}

fn plain_text(raw: Raw, format: &str, zone: &jiff::tz::TimeZone) -> String {
    match raw {
        Raw::Text(text) | Raw::Json(Value::String(text)) => text,
        Raw::Int(i) => i.to_string(),
        Raw::Real(x) => x.to_string(),
        Raw::Bool(b) => b.to_string(),
        Raw::Time(at, clock) => instant(at, clock, format, zone),
        Raw::Day(day) if format == "date-time" => format!("{}T00:00:00.000Z", civil(day)),
        Raw::Day(day) => civil(day),
        Raw::Json(value) => value.to_string(),
        Raw::Absent => String::new(),
    }
}

fn civil(day: i64) -> String {
    let epoch = jiff::civil::date(1970, 1, 1);
    epoch.saturating_add(jiff::Span::new().days(day)).to_string()
}

fn instant(at: i64, clock: Clock, format: &str, zone: &jiff::tz::TimeZone) -> String {
    let at = jiff::Timestamp::from_second(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    match (format, clock) {
        ("date", _) => at.to_zoned(zone.clone()).date().to_string(),
        ("time", _) => at.to_zoned(zone.clone()).time().to_string(),
        ("int64" | "int32", _) => at.as_millisecond().to_string(),
        (_, Clock::Utc) => at.to_string(),
        (_, Clock::Local) => at.display_with_offset(zone.to_offset(at)).to_string(),
    }
}

/// Whether a text has a format; formats that are not known hold for every text.
fn matches_format(text: &str, format: &str) -> bool {
    match format {
        "date" => text.parse::<jiff::civil::Date>().is_ok() && text.len() == 10,
        "date-time" => text.len() >= 20 && text.as_bytes()[10] == b'T',
        "email" => text.contains('@') && !text.contains(' '),
        "uri" | "url" => text.contains("://") && !text.contains(' '),
        "uuid" => text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-'),
        "ipv4" => text.split('.').count() == 4,
        "time" => text.contains(':'),
        "hostname" => !text.contains([' ', '@', '/']),
        _ => true,
    }
}

fn of_format(format: &str, text: &str, rng: &mut ChaCha8Rng) -> String {
    let word = crate::words::ascii(text);
    let word = if word.is_empty() { "main".to_owned() } else { word.chars().take(24).collect() };
    match format {
        "date" => civil(20_200 + rng.between(0, 400)),
        "date-time" => format!(
            "{}T{:02}:{:02}:00Z",
            civil(20_200 + rng.between(0, 400)),
            rng.between(7, 19),
            rng.between(0, 59)
        ),
        "email" => format!("{word}@paperlane-mail.com"),
        "uri" | "url" => format!("https://northlane-studio.com/{word}"),
        "uuid" => uuid(rng),
        "ipv4" => format!("198.51.100.{}", rng.between(2, 250)),
        "time" => format!("{:02}:{:02}:00Z", rng.between(7, 19), rng.between(0, 59)),
        _ => format!("{word}.northlane-studio.com"),
    }
}

/// Draws a version 4 UUID.
pub(crate) fn uuid(rng: &mut ChaCha8Rng) -> String {
    let d = rng.hex(32);
    format!(
        "{}-{}-4{}-{}{}-{}",
        &d[..8],
        &d[8..12],
        &d[13..16],
        ["8", "9", "a", "b"][rng.below(4)],
        &d[17..20],
        &d[20..]
    )
}

/// Cuts a text at a word's end.
fn shortened(text: &str, max: usize) -> String {
    let cut: String = text.chars().take(max).collect();
    match cut.rfind(' ') {
        Some(at) if at > max / 2 => cut[..at].trim_end_matches([',', ';', '–', ' ']).to_owned(),
        _ => cut,
    }
}

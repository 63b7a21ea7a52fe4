//! Whether a value stands in a text, as it is or in another form.

use super::dates::{Precision, iso_moment, shift};
use super::glosses::glossed;
use super::numbers::iso_duration_seconds;
use super::text::Text;
use crate::data::ArgumentSource;
use crate::words::{enum_words, fold, names_of_code, split, stem};
use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, Zoned};
use serde_json::Value;

/// What is known of the place a value stands in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hint<'a> {
    /// The field's or parameter's name.
    pub name: &'a str,
    /// Its JSON Schema, or null.
    pub schema: Option<&'a Value>,
}

impl<'a> Hint<'a> {
    /// Makes a hint of a name without a schema.
    pub fn named(name: &'a str) -> Self {
        Self { name, schema: None }
    }

    fn allowed(&self) -> bool {
        self.schema.is_some_and(|s| s.get("enum").is_some())
    }

    fn text(&self) -> String {
        let description =
            self.schema.and_then(|s| s.get("description")).and_then(Value::as_str).unwrap_or("");
        fold(&format!("{} {description}", split(self.name).join(" ")))
    }
}

/// A value that is a date or an instant.
#[derive(Clone, Debug, PartialEq)]
pub enum TimeValue {
    /// A day.
    Date(Date),
    /// An instant with its zone known.
    Instant(Timestamp),
    /// Date and time without a zone: the user's.
    Local(DateTime),
}

/// Reads a JSON scalar as a date or an instant: RFC 3339, ISO date, and epoch seconds or milliseconds where the name speaks of time.
pub fn time_value(value: &Value, hint: &Hint<'_>) -> Option<TimeValue> {
    match value {
        Value::String(text) => {
            let text = text.trim();
            if !text.is_ascii() || text.len() < 8 || !text.as_bytes()[..4].iter().all(u8::is_ascii_digit) {
                return None;
            }
            if text.len() == 10
                && let Ok(date) = text.parse::<Date>()
            {
                return Some(TimeValue::Date(date));
            }
            if let Ok(at) = text.parse::<Timestamp>() {
                return Some(TimeValue::Instant(at));
            }
            let (moment, range) = iso_moment(text, &jiff::tz::TimeZone::UTC)?;
            (range == (0..text.len())).then_some(TimeValue::Local(moment.local))
        }
        Value::Number(number) => {
            let n = number.as_i64()?;
            let about = hint.text();
            let timely = [
                "time",
                "date",
                "epoch",
                "timestamp",
                "at",
                "created",
                "updated",
                "from",
                "to",
                "start",
                "end",
                "until",
                "since",
                "due",
                "expires",
                "begin",
            ]
            .iter()
            .any(|w| about.split(|c: char| !c.is_alphanumeric()).any(|a| a == *w));
            if !timely {
                return None;
            }
            match n {
                900_000_000..=4_000_000_000 => Timestamp::from_second(n).ok().map(TimeValue::Instant),
                900_000_000_000..=4_000_000_000_000 => {
                    Timestamp::from_millisecond(n).ok().map(TimeValue::Instant)
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn normalised(how: &str) -> ArgumentSource {
    ArgumentSource::Normalised(how.to_owned())
}

/// Returns how a scalar stands in a text: verbatim, or normalised and how; `None` when it does not.
pub fn matches_in_text(value: &Value, hint: &Hint<'_>, text: &str, now: &Zoned) -> Option<ArgumentSource> {
    matches_in(value, hint, &Text::new(text, now))
}

/// The same over a text that is asked often.
pub fn matches_in(value: &Value, hint: &Hint<'_>, text: &Text) -> Option<ArgumentSource> {
    match value {
        Value::Bool(flag) => boolean_in(*flag, hint, text),
        Value::Number(number) => number_in(number, hint, text).or_else(|| time_in(value, hint, text)),
        Value::String(string) => {
            if string.trim().is_empty() {
                return None;
            }
            if contains_word(text.as_str(), string) {
                return Some(ArgumentSource::Verbatim);
            }
            if time_value(value, hint).is_some() {
                return time_in(value, hint, text);
            }
            string_in(string, hint, text)
        }
        _ => None,
    }
}

/// Whether a text holds another with no letter or digit touching it.
pub(crate) fn contains_word(text: &str, part: &str) -> bool {
    let part = part.trim();
    if part.is_empty() {
        return false;
    }
    let edge_first = part.chars().next().is_some_and(char::is_alphanumeric);
    let edge_last = part.chars().next_back().is_some_and(char::is_alphanumeric);
    text.match_indices(part).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + part.len()..].chars().next();
        let free = |c: Option<char>, edge: bool| !edge || !c.is_some_and(char::is_alphanumeric);
        free(before, edge_first) && free(after, edge_last)
    })
}

fn string_in(string: &str, hint: &Hint<'_>, text: &Text) -> Option<ArgumentSource> {
    let folded = text.folded();
    if names_of_code(string).iter().any(|name| text.has_phrase(name)) {
        return Some(normalised("code"));
    }
    if contains_word(folded, &fold(string)) {
        return Some(normalised("case"));
    }
    let gloss = fold(&enum_words(string));
    if gloss != fold(string) && contains_word(folded, &gloss) {
        return Some(normalised("enum"));
    }
    if let Ok(n) = string.parse::<f64>()
        && text.numbers().iter().any(|f| same(f.value.value, n))
    {
        return Some(normalised("number"));
    }
    let digits: String = string.chars().filter(char::is_ascii_digit).collect();
    let phone_like = string.chars().all(|c| c.is_ascii_digit() || "+-(). /".contains(c));
    if phone_like && digits.len() >= 7 {
        let tail = |p: &str| p.trim_start_matches(['+', '0']).to_owned();
        let wanted = tail(&digits);
        if text.phones().iter().any(|f| tail(&f.value) == wanted) {
            return Some(normalised("phone"));
        }
    }
    if let Some(seconds) = iso_duration_seconds(string)
        && text.durations().iter().any(|f| f.value == seconds)
    {
        return Some(normalised("duration"));
    }
    if let Some((currency, amount)) = string.split_once(' ')
        && (matches_in(&Value::from(amount), hint, text).is_some() && !names_of_code(currency).is_empty())
    {
        return Some(normalised("money"));
    }
    let bare = string.trim_start_matches("https://").trim_start_matches("http://").trim_start_matches("www.");
    if bare != string && contains_word(folded, &fold(bare.trim_end_matches('/'))) {
        return Some(normalised("url"));
    }
    if glossed(&gloss, text) {
        return Some(normalised("enum"));
    }
    if text.has_phrase(&enum_words(string)) {
        return Some(normalised(if hint.allowed() { "enum" } else { "case" }));
    }
    if clock_in(string, text) {
        return Some(normalised("time"));
    }
    list_in(string, hint, text)
}

/// `15:00` for "at 3 pm".
fn clock_in(string: &str, text: &Text) -> bool {
    let Ok(time) = string.parse::<jiff::civil::Time>() else { return false };
    string.contains(':') && text.instants().iter().any(|f| f.value.local.time() == time)
}

/// A list in one string: `available,pending`.
fn list_in(string: &str, hint: &Hint<'_>, text: &Text) -> Option<ArgumentSource> {
    let parts: Vec<&str> = string.split([',', '|', ';']).map(str::trim).filter(|p| !p.is_empty()).collect();
    let all = parts.len() > 1 && parts.iter().all(|p| matches_in(&Value::from(*p), hint, text).is_some());
    all.then(|| normalised("list"))
}

fn same(a: f64, b: f64) -> bool {
    a.total_cmp(&b).is_eq() || (a - b).abs() <= f64::EPSILON * a.abs().max(b.abs())
}

const FACTORS: [(&[&str], f64); 9] = [
    (&["km", "kilometre", "kilometres", "kilometer", "kilometers"], 1000.0),
    (&["cm"], 0.01),
    (&["kg", "kilo", "kilos", "kilogram", "kilograms"], 1000.0),
    (&["mi", "mile", "miles"], 1609.344),
    (&["g", "gram", "grams"], 0.001),
    (&["l", "litre", "litres", "liter", "liters"], 1000.0),
    (&["%", "percent"], 0.01),
    (&["gb"], 1024.0),
    (&["$", "€", "£", "eur", "euro", "euros", "usd", "dollar", "dollars", "gbp", "pounds"], 100.0),
];

fn number_in(number: &serde_json::Number, hint: &Hint<'_>, text: &Text) -> Option<ArgumentSource> {
    let value = number.as_f64()?;
    if contains_number(text.as_str(), &number.to_string()) {
        return Some(ArgumentSource::Verbatim);
    }
    let found = text.numbers();
    if found.iter().any(|f| same(f.value.value, value)) {
        return Some(normalised("number"));
    }
    let durations = text.durations();
    for (size, how) in [
        (1.0, "duration"),
        (60.0, "duration"),
        (0.001, "duration"),
        (3600.0, "duration"),
        (86_400.0, "duration"),
    ] {
        if durations.iter().any(|f| same(f.value as f64, value * size)) {
            return Some(normalised(how));
        }
    }
    let about = hint.text();
    for f in found {
        for (units, factor) in FACTORS {
            let money = units.contains(&"$");
            let minor = ["cent", "cents", "minor", "pence"].iter().any(|w| about.contains(w));
            if units.contains(&f.value.unit.as_str())
                && same(f.value.value * factor, value)
                && (!money || minor)
            {
                return Some(normalised("unit"));
            }
        }
    }
    (digits_of_month(value, text.as_str())).then(|| normalised("date"))
}

/// Whether a number stands in a text as it is written, touching no other digit.
fn contains_number(text: &str, literal: &str) -> bool {
    text.match_indices(literal).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let mut after = text[at + literal.len()..].chars();
        let (next, second) = (after.next(), after.next());
        let free_before = !before.is_some_and(|c| c.is_alphanumeric() || c == '.' || c == ',');
        let decimal =
            next.is_some_and(|c| c == '.' || c == ',') && second.is_some_and(|c| c.is_ascii_digit());
        free_before && !decimal && !next.is_some_and(char::is_alphanumeric)
    })
}

/// A year that is said as a year is a number that stands verbatim; a month's number is said by its name.
fn digits_of_month(value: f64, text: &str) -> bool {
    (1.0..=12.0).contains(&value)
        && value.fract() == 0.0
        && crate::words::tokens(text).iter().any(|t| {
            crate::words::month_of(&t.text).is_some_and(|m| f64::from(m).total_cmp(&value).is_eq())
                && t.text.len() > 2
        })
}

/// Whether a date or an instant stands in a text, in another zone, at a lesser precision, or as an edge of a period.
fn time_in(value: &Value, hint: &Hint<'_>, text: &Text) -> Option<ArgumentSource> {
    let time = time_value(value, hint)?;
    let zone = text.now().time_zone().clone();
    let (at, local) = match &time {
        TimeValue::Date(date) => {
            if text.dates().iter().any(|f| f.value == *date) {
                return Some(normalised("date"));
            }
            if text.instants().iter().any(|f| f.value.local.date() == *date) {
                return Some(normalised("date"));
            }
            let edge = text.periods().iter().any(|f| {
                f.value.first == *date || f.value.last == *date || shift(f.value.last, 1) == Some(*date)
            });
            return edge.then(|| normalised("period"));
        }
        TimeValue::Instant(at) => (*at, at.to_zoned(zone).datetime()),
        TimeValue::Local(local) => (local.to_zoned(zone).ok()?.timestamp(), *local),
    };
    let minute = |d: DateTime| d.with().second(0).subsec_nanosecond(0).build().unwrap_or(d);
    for f in text.instants() {
        let equal = f.value.at.as_second() == at.as_second()
            || (f.value.precision == Precision::Minute && minute(f.value.local) == minute(local));
        if equal {
            return Some(normalised("instant"));
        }
    }
    let utc = at.to_zoned(jiff::tz::TimeZone::UTC).datetime();
    for (edge, clock) in [(local, local.time()), (utc, utc.time())] {
        let midnight = clock.hour() == 0 && clock.minute() == 0 && clock.second() == 0;
        let last_moment = clock.hour() == 23 && clock.minute() == 59;
        if !midnight && !last_moment {
            continue;
        }
        let date = edge.date();
        if midnight && text.dates().iter().any(|f| f.value == date) {
            return Some(normalised("date"));
        }
        let hit = text.periods().iter().any(|f| {
            let p = f.value;
            (midnight && (p.first == date || shift(p.last, 1) == Some(date)))
                || (last_moment && p.last == date)
        });
        if hit {
            return Some(normalised("period"));
        }
    }
    None
}

const OPPOSITES: [(&str, &[&str], &[&str]); 10] = [
    (
        "completed",
        &["done", "finished", "tick", "ticked", "complete", "finish"],
        &["open", "undone", "untick", "reopen", "left"],
    ),
    ("done", &["done", "finished", "tick", "completed", "complete"], &["open", "undone", "untick", "reopen"]),
    (
        "active",
        &["active", "activate", "enable", "live", "on"],
        &["inactive", "deactivate", "disable", "off", "paused"],
    ),
    ("enabled", &["enable", "on", "active", "activate", "start"], &["disable", "off", "deactivate", "stop"]),
    ("disabled", &["disable", "off", "block"], &["enable", "on", "unblock"]),
    ("private", &["private", "secret", "confidential"], &["public", "open", "everyone"]),
    ("public", &["public", "everyone", "open"], &["private", "secret"]),
    ("urgent", &["urgent", "urgently", "asap", "immediately"], &["normal", "later"]),
    ("notify", &["notify", "tell", "alert", "warn", "email"], &["silently", "quietly", "without"]),
    ("read", &["read", "seen"], &["unread", "unseen"]),
];
const NEGATIONS: [&str; 12] = [
    "not", "no", "don't", "without", "never", "isn't", "aren't", "doesn't", "off", "un", "haven't", "hasn't",
];

fn boolean_in(flag: bool, hint: &Hint<'_>, text: &Text) -> Option<ArgumentSource> {
    let words = text.stems();
    let negated = NEGATIONS.iter().any(|n| words.iter().any(|w| w == n || *w == stem(n)));
    let has = |list: &[&str]| list.iter().any(|w| words.contains(&stem(w)));
    let label = split(hint.name);
    for (name, yes, no) in OPPOSITES {
        if label.iter().any(|w| w == name) && has(if flag { yes } else { no }) {
            return Some(normalised("boolean"));
        }
    }
    let content: Vec<String> = label
        .iter()
        .filter(|w| {
            !crate::words::is_stopword(w)
                && !["is", "has", "only", "include", "show", "with", "flag"].contains(&w.as_str())
        })
        .map(|w| stem(w))
        .collect();
    let present = !content.is_empty()
        && content.iter().all(|c| words.contains(c) || words.windows(2).any(|w| *c == w.concat()));
    if present && (flag || negated) {
        return Some(normalised("boolean"));
    }
    let prefixed =
        content.iter().any(|c| ["un", "in", "non"].iter().any(|p| words.contains(&format!("{p}{c}"))));
    (!flag && prefixed).then(|| normalised("boolean"))
}

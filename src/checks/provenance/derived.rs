//! Values computed from what is known, with the function that gives them.

use super::known::Known;
use crate::checks::natural::{Hint, TimeValue, matches_in, time_value};
use crate::words::{folded_words, split};
use jiff::civil::{Date, DateTime};
use jiff::{ToSpan, Zoned};
use serde_json::Value;
use std::collections::BTreeSet;

type Derived = (&'static str, BTreeSet<usize>);

/// Returns the function that gives a value from what is known, and the calls whose results it needs.
pub(super) fn derived(value: &Value, hint: &Hint<'_>, known: &Known<'_>) -> Option<Derived> {
    match value {
        Value::Null => cleared(known),
        Value::Number(n) => {
            let n = n.as_f64()?;
            over_lists(n, known)
                .or_else(|| one(n, hint, known))
                .or_else(|| spans(n, known))
                .or_else(|| of_time(value, hint, known))
                .or_else(|| arithmetic(n, known))
        }
        Value::String(text) => of_time(value, hint, known).or_else(|| concatenation(text, hint, known)),
        _ => None,
    }
}

fn alone(function: &'static str) -> Derived {
    (function, BTreeSet::new())
}

fn cleared(known: &Known<'_>) -> Option<Derived> {
    let words = folded_words(known.instruction().as_str());
    ["remove", "clear", "unset", "drop", "unassign", "without", "no", "delete", "nobody", "empty"]
        .iter()
        .any(|w| words.iter().any(|x| x == w))
        .then(|| alone("cleared"))
}

/// Counts and sums over lists of earlier results.
fn over_lists(n: f64, known: &Known<'_>) -> Option<Derived> {
    for list in &known.lists {
        if list.items.len() > 1 && (list.items.len() as f64).total_cmp(&n).is_eq() {
            return Some(("count", BTreeSet::from([list.call])));
        }
        let fields: BTreeSet<&String> =
            list.items.iter().filter_map(Value::as_object).flat_map(|o| o.keys()).collect();
        for field in fields {
            let values: Vec<f64> = list.items.iter().filter_map(|v| v.get(field)?.as_f64()).collect();
            if values.len() > 1 && close(values.iter().sum(), n) {
                return Some(("sum", BTreeSet::from([list.call])));
            }
        }
    }
    None
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

/// `limit: 1` for "the newest".
fn one(n: f64, hint: &Hint<'_>, known: &Known<'_>) -> Option<Derived> {
    let limits = split(hint.name)
        .iter()
        .any(|w| ["limit", "count", "size", "max", "top", "take", "results"].contains(&w.as_str()));
    let words = folded_words(known.instruction().as_str());
    let superlative = words.iter().any(|w| {
        w.ends_with("est") && w.len() > 4
            || ["last", "first", "most", "least", "top", "a", "an", "one"].contains(&w.as_str())
    });
    (limits && n.total_cmp(&1.0).is_eq() && superlative).then(|| alone("one"))
}

/// The time between two instants of the instruction, in seconds, minutes, hours or days.
fn spans(n: f64, known: &Known<'_>) -> Option<Derived> {
    if n < 1.0 {
        return None;
    }
    let at: Vec<i64> = known.instruction().instants().iter().map(|f| f.value.at.as_second()).collect();
    let days: Vec<i64> = known
        .instruction()
        .dates()
        .iter()
        .filter(|f| f.primary)
        .filter_map(|f| f.value.to_zoned(known.now.time_zone().clone()).ok())
        .map(|z| z.timestamp().as_second())
        .collect();
    for times in [at, days] {
        for (i, a) in times.iter().enumerate() {
            for b in &times[i + 1..] {
                let seconds = (b - a).abs() as f64;
                if [1.0, 60.0, 3600.0, 86_400.0].iter().any(|unit| close(seconds / unit, n)) {
                    return Some(alone("duration"));
                }
            }
        }
    }
    None
}

/// Sum, difference or product of a number that was observed with one that was observed or said.
fn arithmetic(n: f64, known: &Known<'_>) -> Option<Derived> {
    let said: Vec<f64> = known.instruction().numbers().iter().map(|f| f.value.value).collect();
    let seen: Vec<(usize, f64)> = known.numbers().take(80).collect();
    for (call, a) in &seen {
        for b in &said {
            let function = if close(a + b, n) {
                "sum"
            } else if close(a - b, n) || close(b - a, n) {
                "difference"
            } else if close(a * b, n) || close(a * (1.0 + b / 100.0), n) || close(a * (1.0 - b / 100.0), n) {
                "product"
            } else {
                continue;
            };
            return Some((function, BTreeSet::from([*call])));
        }
    }
    // Any small number is the difference of two others: two observed ones count only for a number that is not round.
    if n.fract() == 0.0 && n.abs() < 1000.0 {
        return None;
    }
    for (i, (first, a)) in seen.iter().enumerate() {
        for (second, b) in &seen[i + 1..] {
            let function = if close(a + b, n) {
                "sum"
            } else if close((a - b).abs(), n) {
                "difference"
            } else if close(a * b, n) {
                "product"
            } else {
                continue;
            };
            return Some((function, BTreeSet::from([*first, *second])));
        }
    }
    None
}

/// Dates and instants from others: now, the edges of days, weeks and months, an end from a start and a duration.
fn of_time(value: &Value, hint: &Hint<'_>, known: &Known<'_>) -> Option<Derived> {
    let now = known.now;
    let local: DateTime = match time_value(value, hint)? {
        TimeValue::Date(date) => date.to_datetime(jiff::civil::Time::midnight()),
        TimeValue::Instant(at) => at.to_zoned(now.time_zone().clone()).datetime(),
        TimeValue::Local(local) => local,
    };
    let at = local.to_zoned(now.time_zone().clone()).ok()?.timestamp();
    let near = |a: jiff::Timestamp| (a.as_second() - at.as_second()).abs() <= 60;
    if near(now.timestamp()) {
        return Some(alone("now"));
    }
    if let Some(edge) = calendar_edge(local, value, now, known) {
        return Some(alone(edge));
    }
    let said: Vec<jiff::Timestamp> = known.instruction().instants().iter().map(|f| f.value.at).collect();
    let lengths: Vec<i64> = known.instruction().durations().iter().map(|f| f.value).collect();
    let from_now =
        lengths.iter().any(|s| near_by(now.timestamp(), *s, at) || near_by(now.timestamp(), -*s, at));
    if from_now {
        return Some(alone("now_and_duration"));
    }
    if said.iter().any(|a| lengths.iter().any(|s| near_by(*a, *s, at) || near_by(*a, -*s, at))) {
        return Some(alone("start_and_duration"));
    }
    // An end that nobody gave is an hour or half an hour after the start.
    if said.iter().any(|a| near_by(*a, 3600, at) || near_by(*a, 1800, at)) {
        return Some(alone("usual_duration"));
    }
    let clocks: Vec<jiff::civil::Time> =
        known.instruction().instants().iter().map(|f| f.value.local.time()).collect();
    for (call, seen) in known.instants() {
        let moved = lengths.iter().any(|s| near_by(seen, *s, at) || near_by(seen, -*s, at));
        let other_time =
            seen.to_zoned(now.time_zone().clone()).date() == local.date() && clocks.contains(&local.time());
        if moved || other_time {
            return Some(("shift", BTreeSet::from([call])));
        }
        let day = seen.to_zoned(now.time_zone().clone()).date();
        if edge_of(local, day).is_some() {
            return Some(("day_edge", BTreeSet::from([call])));
        }
        // The same time of day on another day that was said.
        let other_day = known.instruction().dates().iter().any(|f| f.value == local.date());
        if other_day && seen.to_zoned(now.time_zone().clone()).time() == local.time() {
            return Some(("shift", BTreeSet::from([call])));
        }
    }
    None
}

fn near_by(from: jiff::Timestamp, seconds: i64, at: jiff::Timestamp) -> bool {
    (from.as_second() + seconds - at.as_second()).abs() < 60
}

/// Whether a time is the start or the end of a day.
fn edge_of(local: DateTime, day: Date) -> Option<&'static str> {
    let t = local.time();
    let midnight = t.hour() == 0 && t.minute() == 0 && t.second() == 0;
    if midnight && local.date() == day {
        return Some("day_start");
    }
    let ends = (t.hour() == 23 && t.minute() == 59 && local.date() == day)
        || (midnight && day.tomorrow().is_ok_and(|d| d == local.date()));
    ends.then_some("day_end")
}

/// Edges of today, of said days, and of the weeks and months they are in.
fn calendar_edge(local: DateTime, value: &Value, now: &Zoned, known: &Known<'_>) -> Option<&'static str> {
    let mut days: Vec<Date> = vec![now.date()];
    days.extend(known.instruction().dates().iter().map(|f| f.value));
    let utc = match time_value(value, &Hint::default()) {
        Some(TimeValue::Instant(at)) => Some(at.to_zoned(jiff::tz::TimeZone::UTC).datetime()),
        _ => None,
    };
    for clock in std::iter::once(local).chain(utc) {
        for day in &days {
            let monday = day.checked_sub(i64::from(day.weekday().to_monday_zero_offset()).days()).ok()?;
            let sunday = monday.checked_add(6.days()).ok()?;
            for (edge, first, last) in [
                ("day", *day, *day),
                ("week", monday, sunday),
                ("month", day.first_of_month(), day.last_of_month()),
            ] {
                let start = edge_of(clock, first) == Some("day_start");
                let end = edge_of(clock, last) == Some("day_end")
                    || (first != last && edge_of(clock, last).is_some());
                match (start, end, edge) {
                    (true, _, "day") => return Some("day_start"),
                    (true, _, "week") => return Some("week_start"),
                    (true, _, _) => return Some("month_start"),
                    (_, true, "day") => return Some("day_end"),
                    (_, true, "week") => return Some("week_end"),
                    (_, true, _) => return Some("month_end"),
                    _ => {}
                }
            }
        }
    }
    None
}

/// A text put together of parts that are known each: `50.85,4.35`, first and last name.
fn concatenation(text: &str, hint: &Hint<'_>, known: &Known<'_>) -> Option<Derived> {
    for separators in [&[',', ';', '|'][..], &[' '], &['/', '-', '_', ':', '.', '@']] {
        let parts: Vec<&str> = text.split(separators).map(str::trim).filter(|p| !p.is_empty()).collect();
        if parts.len() < 2 || parts.len() > 12 {
            continue;
        }
        let mut needs = BTreeSet::new();
        let all = parts.iter().all(|part| {
            let as_text = Value::from(*part);
            if matches_in(&as_text, hint, known.instruction()).is_some()
                || super::contains_word(known.system, part)
            {
                return true;
            }
            let number = part.parse::<f64>().ok().map(Value::from);
            let found = known.result(&as_text, hint).or_else(|| number.and_then(|n| known.result(&n, hint)));
            found.map(|m| needs.insert(m.call)).is_some()
        });
        if all {
            return Some(("concatenation", needs));
        }
    }
    None
}

/// Whether a parameter says how much is shown at once, not what: its value is the caller's to choose.
pub(super) fn is_paging(value: &Value, hint: &Hint<'_>) -> bool {
    const WORDS: [&str; 12] = [
        "limit", "page", "offset", "size", "per", "results", "skip", "top", "take", "start", "first", "count",
    ];
    let words = split(hint.name);
    let named = words
        .iter()
        .all(|w| WORDS.contains(&w.as_str()) || ["max", "page", "number", "num"].contains(&w.as_str()));
    let whole = value.as_u64().or_else(|| value.as_str().and_then(|s| s.parse().ok()));
    named && !words.is_empty() && whole.is_some_and(|n| n <= 10_000)
}

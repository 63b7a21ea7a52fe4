//! How well a record fits what was said: by its name, by other values that stand in the text, by its place among others.

use super::cues::cues;
use super::memory::{Field, Record};
use super::names;
use super::utterance::{Mask, Shape, Utterance};
use crate::checks::natural::{self, Hint, TimeValue};
use crate::words;
use serde_json::Value;
use std::cmp::Ordering;
use std::ops::Range;

/// How a record fits.
#[derive(Clone, Debug, Default)]
pub struct Fit {
    /// How well; 1 is where it begins to tell.
    pub score: f64,
    /// The words that it explains.
    pub words: Vec<Range<usize>>,
    /// Whether it is called by its whole name.
    pub named: bool,
}

/// Fields by which people call a record.
pub fn is_name(field: &Field) -> bool {
    let last = field.path.last().map_or("", String::as_str);
    let words = names::split(last);
    let end = words.last().map_or("", String::as_str);
    field.path.len() <= 2
        && (matches!(
            end,
            "name"
                | "title"
                | "subject"
                | "summary"
                | "label"
                | "headline"
                | "username"
                | "nick"
                | "nickname"
                | "address"
                | "email"
                | "login"
                | "model"
                | "make"
        ) || matches!(last, "nameEn" | "description" | "text" | "domain"))
}

/// Whether a name is that of another thing than the record's kind.
pub fn names_other(field: &Field, kind: &[String]) -> bool {
    const PLAIN: [&str; 14] = [
        "display", "full", "first", "last", "user", "short", "long", "nick", "en", "given", "famili", "file",
        "common", "offici",
    ];
    let Some((_, above)) = field.stems.split_last() else { return false };
    !above.is_empty() && !above.iter().any(|s| kind.contains(s) || PLAIN.contains(&s.as_str()))
}

fn is_prose(field: &Field) -> bool {
    field.words.len() > 12
}

/// Scores a record against the text outside a mask.
pub fn fit(record: &Record, utterance: &Utterance, mask: &Mask) -> Fit {
    let mut fit = Fit::default();
    let mut explained: Vec<Range<usize>> = Vec::new();
    for field in &record.fields {
        if let Some((score, words, named)) = field_fit(field, utterance, mask) {
            // Two fields that say the same are one reason.
            if explained.iter().any(|e| words.start < e.end && e.start < words.end) {
                continue;
            }
            let depth = if field.path.len() > 2 { 0.7 } else { 1.0 };
            // The name of something else (`artist_name` of a track) says little of this.
            let foreign = named && names_other(field, &record.kind);
            fit.score += score * depth * if foreign { 0.25 } else { 1.0 };
            fit.named |= named && !foreign;
            explained.push(words);
        }
    }
    fit.words = explained;
    fit
}

fn field_fit(field: &Field, u: &Utterance, mask: &Mask) -> Option<(f64, Range<usize>, bool)> {
    match &field.value {
        Value::String(text) => text_fit(field, text, u, mask).or_else(|| time_fit(field, u, mask)),
        Value::Number(number) => {
            let value = number.as_f64()?;
            for given in &u.given {
                let words = u.words_in(&given.span);
                let same = match &given.shape {
                    Shape::Number(n) => (n.value - value).abs() < 1e-9,
                    Shape::Id => given.text == number.to_string(),
                    _ => false,
                };
                if same && !mask.covers(words.start) {
                    let label = labelled(u, &words, &field.stems);
                    let is_id = field.path.last().is_some_and(|p| p == "id");
                    return Some((if is_id { 2.0 } else { 0.5 + label }, words, false));
                }
            }
            time_fit(field, u, mask)
        }
        Value::Bool(true) => {
            let stem = field.stems.last()?;
            let at = u.words.iter().position(|w| w.stem == *stem && !w.stop)?;
            (!mask.covers(at) && !negated(u, at)).then_some((0.5, at..at + 1, false))
        }
        _ => None,
    }
}

/// Whether a "not", a "no" or the like stands shortly before a word.
pub fn negated(u: &Utterance, at: usize) -> bool {
    u.words[at.saturating_sub(3)..at].iter().any(|w| {
        matches!(
            w.text.as_str(),
            "not" | "no" | "without" | "never" | "isn't" | "aren't" | "don't" | "un" | "hasn't" | "off"
        )
    })
}

/// How near a label's words stand to a value: 0 to 0.7.
pub fn labelled(u: &Utterance, words: &Range<usize>, stems: &[String]) -> f64 {
    let from = words.start.saturating_sub(4);
    let to = (words.end + 3).min(u.words.len());
    let cued = |i: usize| stems.iter().any(|s| cues(&u.words[i].text).contains(&s.as_str()));
    let near = |i: usize| {
        let said = !u.words[i].stop && stems.iter().any(|s| names::same(s, &u.words[i].stem));
        !u.words[i].quoted && (said || cued(i))
    };
    // A value between the two belongs to the label more than this one does.
    let free = |a: usize, b: usize| {
        !u.given.iter().any(|g| {
            let w = u.words_in(&g.span);
            w.start >= a && w.end <= b && !w.is_empty()
        })
    };
    let before = (from..words.start)
        .rev()
        .position(|i| near(i) && free(i + 1, words.start))
        .map(|d| 0.7 - 0.1 * d as f64);
    let joined = |i: usize| {
        let from = words.end.checked_sub(1).map_or(0, |last| u.words[last].span.end);
        !u.text[from..u.words[i].span.start].contains([',', ';', '.'])
    };
    let after = (words.end..to)
        .position(|i| near(i) && free(words.end, i) && joined(i))
        .map(|d| 0.6 - 0.12 * d as f64);
    let content: Vec<&String> = stems.iter().filter(|s| s.len() > 1).collect();
    let present = content
        .iter()
        .filter(|s| {
            u.words[from..to].iter().any(|w| names::same(s, &w.stem) || cues(&w.text).contains(&s.as_str()))
        })
        .count() as f64;
    let whole = if content.is_empty() { 1.0 } else { 0.5 + 0.5 * present / content.len() as f64 };
    let (before, after) = (before.map(|b| b * whole), after.map(|a| a * whole));
    // "X as the label" and "X for the label" leave no doubt.
    let said_after = after
        .filter(|_| matches!(u.words.get(words.end).map(|w| w.text.as_str()), Some("as" | "for")))
        .map(|_| 0.9 * whole);
    let taken = matches!(u.words.get(words.end).map(|w| w.text.as_str()), Some("as")) && after.is_none();
    said_after
        .unwrap_or(0.0_f64)
        .max(if taken { 0.0 } else { before.unwrap_or(0.0) })
        .max(after.unwrap_or(0.0))
}

fn text_fit(field: &Field, text: &str, u: &Utterance, mask: &Mask) -> Option<(f64, Range<usize>, bool)> {
    let name = is_name(field);
    let meaningful = |range: &Range<usize>| u.words[range.clone()].iter().any(|w| !w.stop || w.quoted);
    if !field.words.is_empty()
        && field.words.len() <= 24
        && let Some(range) = u.find_run(&field.words)
        && meaningful(&range)
        && !range.clone().all(|i| mask.covers(i))
    {
        let long = field.words.len();
        let quoted = u.given.iter().filter(|g| g.shape == Shape::Quoted).map(|g| u.words_in(&g.span));
        let (mut exact, mut inner) = (false, false);
        for q in quoted {
            exact |= q == range;
            inner |= q.start <= range.start && range.end <= q.end && q != range;
        }
        if inner && !exact {
            return Some((0.4, range, false));
        }
        let score = if name && exact {
            5.0
        } else if name {
            3.0 + 0.3 * (long.min(6) as f64)
        } else if long > 1 {
            2.2
        } else if text.chars().all(|c| c.is_ascii_digit()) && text.len() < 4 {
            0.2
        } else if looks_like_id(text) {
            3.5
        } else {
            1.2
        };
        return Some((score, range, name));
    }
    let gloss = words::enum_words(text);
    if gloss != text {
        let stems: Vec<String> = words::stems(&gloss);
        if let Some(range) =
            u.find_run(&stems).filter(|r| meaningful(r) && !r.clone().all(|i| mask.covers(i)))
        {
            return Some((1.2, range, false));
        }
    }
    let codes = words::names_of_code(text);
    if let Some(range) = codes.iter().find_map(|n| u.find_run(&words::stems(n))) {
        return Some((1.0, range, false));
    }
    if let Some(given) = u.given.iter().find(|g| match &g.shape {
        Shape::Phone(p) => {
            p.trim_start_matches(['+', '0']).len() > 6
                && dialled(text).ends_with(p.trim_start_matches(['+', '0']))
        }
        Shape::Email | Shape::Url | Shape::Id => g.text.eq_ignore_ascii_case(text),
        _ => false,
    }) {
        return Some((3.0, u.words_in(&given.span), name));
    }
    if field.words.len() < 2 {
        return None;
    }
    partial(field, u, mask, name)
}

fn dialled(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn looks_like_id(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    digits > 0 && text.len() >= 3 && !text.contains(' ')
}

/// Some of a text's words stand in what was said.
fn partial(field: &Field, u: &Utterance, mask: &Mask, name: bool) -> Option<(f64, Range<usize>, bool)> {
    let content: Vec<&String> =
        field.words.iter().filter(|w| w.len() > 2 && !words::is_stopword(w)).collect();
    if content.is_empty() {
        return None;
    }
    let mut hits: Vec<usize> = Vec::new();
    for stem in &content {
        if let Some(at) =
            u.words.iter().enumerate().position(|(i, w)| w.stem == **stem && !w.stop && !mask.covers(i))
        {
            hits.push(at);
        }
    }
    hits.dedup();
    if hits.is_empty() {
        return None;
    }
    let ratio = hits.len() as f64 / content.len() as f64;
    let near = hits.iter().max()? - hits.iter().min()? <= 8;
    let worth = if name {
        1.0
    } else if is_prose(field) {
        0.25
    } else {
        0.5
    };
    let enough = hits.len() >= 2 && near || ratio >= 0.5;
    if !enough && !name {
        return None;
    }
    let score = worth * (ratio + 0.35 * hits.len() as f64) * if enough { 1.0 } else { 0.5 };
    Some((score, *hits.first()?..*hits.first()? + 1, false))
}

fn time_fit(field: &Field, u: &Utterance, mask: &Mask) -> Option<(f64, Range<usize>, bool)> {
    let name = field.path.last()?;
    let time = natural::time_value(&field.value, &Hint::named(name))?;
    let zone = u.now.time_zone();
    let (day, moment) = match time {
        TimeValue::Date(day) => (day, None),
        TimeValue::Instant(at) => {
            let local = at.to_zoned(zone.clone()).datetime();
            (local.date(), Some(local))
        }
        TimeValue::Local(local) => (local.date(), Some(local)),
    };
    for given in &u.given {
        let words = u.words_in(&given.span);
        if mask.covers(words.start) {
            continue;
        }
        let label = 0.5 * labelled(u, &words, &field.stems);
        let score = match given.shape {
            Shape::Moment(at)
                if moment.is_some_and(|m| {
                    m.date() == at.date() && m.hour() == at.hour() && m.minute() == at.minute()
                }) =>
            {
                2.0
            }
            Shape::Day(at) if at == day => 1.1,
            Shape::Period(first, last) if (first..=last).contains(&day) => 0.6,
            _ => continue,
        };
        return Some((score + label, words, false));
    }
    None
}

/// An extreme that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extreme {
    /// The word that says so.
    pub at: usize,
    /// Whether the greatest is meant.
    pub greatest: bool,
    /// Whether it is one of time.
    pub time: bool,
}

/// Finds a superlative in the text.
pub fn extreme(u: &Utterance, mask: &Mask) -> Option<Extreme> {
    u.words.iter().enumerate().filter(|(i, w)| !w.quoted && !mask.covers(*i)).find_map(|(at, w)| {
        let next = u.words.get(at + 1).map_or("", |w| w.text.as_str());
        let (greatest, time) = match w.text.as_str() {
            "newest" | "latest" | "youngest" => (true, true),
            "oldest" | "earliest" => (false, true),
            "soonest" => (false, true),
            "most" if next == "recent" || next == "recently" => (true, true),
            "last"
                if !matches!(
                    next,
                    "week" | "month" | "year" | "name" | "time" | "updated" | "update" | "night"
                ) && !words::is_weekday(next) =>
            {
                (true, true)
            }
            "first" if matches!(next, "created" | "added" | "one") => (false, true),
            "cheapest" | "lowest" | "smallest" | "least" | "shortest" | "fewest" | "slowest" | "lightest"
            | "minimum" | "nearest" | "closest" => (false, false),
            "highest" | "largest" | "biggest" | "longest" | "most" | "priciest" | "greatest" | "fastest"
            | "heaviest" | "maximum" | "dearest" | "furthest" | "farthest" | "top" => (true, false),
            _ => return None,
        };
        Some(Extreme { at, greatest, time })
    })
}

/// What a superlative measures where no label says so.
fn default_measures(word: &str) -> &'static [&'static str] {
    match word {
        "cheapest" | "priciest" | "dearest" => &["price", "cost", "amount", "total", "rate"],
        "biggest" | "largest" | "smallest" => &["size", "popul", "area", "total", "amount", "count"],
        "longest" | "shortest" => &["durat", "length", "distanc"],
        "fastest" | "slowest" => &["speed"],
        "nearest" | "closest" | "furthest" | "farthest" => &["distanc"],
        "most" if true => &["price", "cost", "popul", "amount", "count"],
        _ => &[],
    }
}

/// Orders records by the extreme that was asked for, the wanted one first; `None` when no field can tell.
pub fn by_extreme(u: &Utterance, extreme: Extreme, records: &[(usize, &Record)]) -> Option<Vec<usize>> {
    let near = &u.words[extreme.at.saturating_sub(3)..(extreme.at + 6).min(u.words.len())];
    let mut best: Option<(f64, &Vec<String>)> = None;
    for (_, record) in records {
        for field in &record.fields {
            let is_time =
                natural::time_value(&field.value, &Hint::named(field.path.last().map_or("", String::as_str)))
                    .is_some();
            let fits = if extreme.time { is_time } else { number(&field.value).is_some() && !is_time };
            if !fits || field.path.last().is_some_and(|p| p.to_lowercase().ends_with("id")) {
                continue;
            }
            let label = field.stems.iter().filter(|s| near.iter().any(|w| w.stem == **s)).count() as f64;
            let usual = default_measures(&u.words[extreme.at].text)
                .iter()
                .position(|m| field.stems.iter().any(|s| s == m))
                .map_or(0.0, |p| 0.8 - 0.1 * p as f64);
            let stamp = if extreme.time { time_rank(&field.stems) } else { 0.0 };
            let score = label * 2.0 + usual + stamp - 0.05 * field.path.len() as f64;
            if best.as_ref().is_none_or(|(s, _)| score > *s) {
                best = Some((score, &field.path));
            }
        }
    }
    let (_, path) = best?;
    let mut order: Vec<(usize, &Value)> = records
        .iter()
        .filter_map(|(i, r)| r.fields.iter().find(|f| f.path == *path).map(|f| (*i, &f.value)))
        .collect();
    if order.is_empty() {
        return None;
    }
    order.sort_by(|a, b| {
        let o = compare(a.1, b.1);
        if extreme.greatest { o.reverse() } else { o }
    });
    Some(order.into_iter().map(|(i, _)| i).collect())
}

fn time_rank(stems: &[String]) -> f64 {
    let has = |s: &str| stems.iter().any(|x| x == s);
    if has("creat") || has("publish") || has("post") {
        0.9
    } else if has("date") || has("time") && !has("updat") {
        0.6
    } else if has("start") {
        0.5
    } else {
        0.2
    }
}

/// Returns a scalar as a number.
pub fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(n) => n.as_f64(),
        Value::String(s) => s.trim().parse().ok(),
        _ => None,
    }
}

/// Orders scalars: numbers by value, instants in time, else text.
pub fn compare(a: &Value, b: &Value) -> Ordering {
    if let (Some(a), Some(b)) = (number(a), number(b)) {
        return a.total_cmp(&b);
    }
    let stamp = |v: &Value| v.as_str().and_then(|s| s.parse::<jiff::Timestamp>().ok());
    if let (Some(a), Some(b)) = (stamp(a), stamp(b)) {
        return a.cmp(&b);
    }
    a.as_str().unwrap_or("").cmp(b.as_str().unwrap_or(""))
}

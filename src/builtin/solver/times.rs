//! Days and instants for parameters: starts, ends and periods.

use super::arguments::{has, put, shape_fit};
use super::matching;
use super::mind::Mind;
use super::toolbox::{Param, Role, type_of};
use super::utterance::{Scope, Shape};
use super::verbs::Class;
use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use serde_json::{Map, Value};

/// Which side of a period a parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Start,
    End,
    Neither,
}

fn side(param: &Param<'_>) -> Side {
    let has = |list: &[&str]| param.stems.iter().any(|s| list.contains(&s.as_str()));
    if has(&["end", "until", "to", "finish", "max", "befor", "stop"]) {
        Side::End
    } else if has(&["start", "from", "begin", "min", "after", "sinc"]) {
        Side::Start
    } else {
        Side::Neither
    }
}

/// Fills the parameters that take days or instants.
pub fn fill(mind: &Mind<'_>, tool: usize, arguments: &mut Map<String, Value>, scope: &Scope<'_>) {
    let this = mind.tool(tool);
    let params: Vec<&Param<'_>> =
        this.params.iter().filter(|p| matches!(p.role, Role::Day | Role::Moment)).collect();
    // What is read on the way to an effect is not narrowed by the effect's own times.
    let narrow = mind.u.asks || this.class != Class::Read;
    let params: Vec<&Param<'_>> = params.into_iter().filter(|p| p.required || narrow).collect();
    if params.is_empty() {
        return;
    }
    let (mut moments, mut days, mut period, mut duration) = (Vec::new(), Vec::new(), None, None);
    for given in &mind.u.given {
        let words = mind.u.words_in(&given.span);
        if scope.mask.covers(words.start) || !scope.words.contains(&words.start) {
            continue;
        }
        match given.shape {
            Shape::Moment(at) => moments.push((at, words)),
            Shape::Day(day) => days.push((day, words)),
            Shape::Period(first, last) => period = Some((first, last)),
            Shape::Duration(seconds) => duration = Some(seconds),
            _ => {}
        }
    }
    let reads = this.class == Class::Read;
    if let Some((first, last)) =
        period.or_else(|| (reads && days.len() == 1 && moments.is_empty()).then(|| (days[0].0, days[0].0)))
    {
        span(mind, &params, arguments, (first, last), reads);
        if reads {
            return;
        }
    }
    pair(mind, &params, arguments, &moments, duration, reads);
    let shapes = moments
        .iter()
        .map(|(at, words)| (Shape::Moment(*at), words))
        .chain(days.iter().map(|(day, words)| (Shape::Day(*day), words)));
    let mut open: Vec<(Shape, &std::ops::Range<usize>)> = shapes.collect();
    // The one that fits a parameter best is placed first.
    while !open.is_empty() {
        let fit = |(shape, words): &(Shape, &std::ops::Range<usize>)| {
            best_place(mind, &params, arguments, words, shape, reads)
        };
        let scored =
            open.iter().enumerate().filter_map(|(i, one)| fit(one).map(|(score, param)| (score, i, param)));
        let Some((_, i, param)) = scored.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1))) else {
            break;
        };
        let (shape, _) = open.remove(i);
        place(mind, arguments, param, &shape);
    }
    whole_day(mind, &params, arguments, &days);
}

/// A period fills both sides.
fn span(
    mind: &Mind<'_>,
    params: &[&Param<'_>],
    arguments: &mut Map<String, Value>,
    (first, last): (Date, Date),
    reads: bool,
) {
    for param in params {
        let paired = params.iter().any(|o| side(o) != Side::Neither && side(o) != side(param));
        if has(arguments, &param.path) || !(param.required || reads && paired && is_plain_span(param)) {
            continue;
        }
        let value = match (side(param), &param.role) {
            (Side::Start, Role::Day) => Value::from(first.to_string()),
            (Side::End, Role::Day) => Value::from(last.to_string()),
            (Side::Start, _) => instant(mind, first.at(0, 0, 0, 0), param),
            (Side::End, _) => instant(mind, last.saturating_add(1.day()).at(0, 0, 0, 0), param),
            (Side::Neither, _) => continue,
        };
        put(arguments, &param.path, value);
    }
}

/// Whether an optional parameter bounds the records' own time, not when they were updated or completed.
fn is_plain_span(param: &Param<'_>) -> bool {
    !param.stems.iter().any(|s| matches!(s.as_str(), "updat" | "complet" | "creat" | "modifi" | "delet"))
}

/// Two instants are a start and an end; one is a start, and its end follows from a duration.
fn pair(
    mind: &Mind<'_>,
    params: &[&Param<'_>],
    arguments: &mut Map<String, Value>,
    moments: &[(DateTime, std::ops::Range<usize>)],
    duration: Option<i64>,
    reads: bool,
) {
    let of = |which: Side| {
        params.iter().find(|p| side(p) == which && p.role == Role::Moment && (!reads || is_plain_span(p)))
    };
    let (Some(start), Some(end)) = (of(Side::Start), of(Side::End)) else { return };
    let Some((first, _)) = moments.first() else { return };
    let last = match (moments.get(1), duration) {
        (Some((last, _)), _) => Some(*last),
        (None, Some(seconds)) => first.checked_add(seconds.seconds()).ok(),
        (None, None) if !reads => first.checked_add(1.hour()).ok(),
        (None, None) => None,
    };
    let Some(last) = last.filter(|last| last > first) else { return };
    put(arguments, &start.path, instant(mind, *first, start));
    put(arguments, &end.path, instant(mind, last, end));
}

/// Returns the parameter that a day or an instant fits best: the one whose words stand near it, else the first that takes it.
fn best_place<'p>(
    mind: &Mind<'_>,
    params: &[&'p Param<'p>],
    arguments: &Map<String, Value>,
    words: &std::ops::Range<usize>,
    shape: &Shape,
    reads: bool,
) -> Option<(f64, &'p Param<'p>)> {
    let mut best: Option<(f64, &'p Param<'p>)> = None;
    for param in params {
        if has(arguments, &param.path) || param.path.len() > 1 && sibling_filled(arguments, param) {
            continue;
        }
        let fit = shape_fit(shape, &param.role);
        let label = matching::labelled(&mind.u, words, &param.stems);
        let made = ["creat", "updat", "modifi", "origin", "complet"];
        let own = param.stems.iter().any(|s| made.contains(&s.as_str())) && label < 0.3;
        let score = fit * (0.5 + label)
            + f64::from(u8::from(param.required)) * 0.3
            + if side(param) == Side::Start { 0.1 } else { 0.0 }
            - if own { 0.6 } else { 0.0 }
            - 0.1 * (param.path.len() - 1) as f64;
        let enough = if reads { 0.75 } else { 0.45 };
        if fit > 0.0 && score >= enough && best.is_none_or(|(s, _)| score > s) {
            best = Some((score, param));
        }
    }
    best
}

fn place(mind: &Mind<'_>, arguments: &mut Map<String, Value>, param: &Param<'_>, shape: &Shape) {
    let value = match (shape, &param.role) {
        (Shape::Moment(at), Role::Day) => Value::from(at.date().to_string()),
        (Shape::Moment(at), _) => instant(mind, *at, param),
        (Shape::Day(day), Role::Day) => Value::from(day.to_string()),
        (Shape::Day(day), _) => day_as_instant(mind, *day, param),
        _ => return,
    };
    put(arguments, &param.path, value);
}

fn sibling_filled(arguments: &Map<String, Value>, param: &Param<'_>) -> bool {
    arguments.get(&param.path[0]).and_then(Value::as_object).is_some_and(|o| o.values().any(Value::is_string))
}

/// An event of a whole day ends on the next.
fn whole_day(
    _mind: &Mind<'_>,
    params: &[&Param<'_>],
    arguments: &mut Map<String, Value>,
    days: &[(Date, std::ops::Range<usize>)],
) {
    let starts =
        params.iter().find(|p| p.role == Role::Day && side(p) == Side::Start && has(arguments, &p.path));
    let Some(start) = starts else { return };
    let end = params.iter().find(|p| {
        p.role == Role::Day
            && side(p) == Side::End
            && p.path.len() == start.path.len()
            && p.path.last() == start.path.last()
    });
    if let (Some(end), Some((day, _))) = (end, days.first())
        && !has(arguments, &end.path)
        && !sibling_filled(arguments, end)
    {
        let next = day.saturating_add(1.day());
        put(arguments, &end.path, Value::from(next.to_string()));
    }
}

/// A day, where an instant is taken: midnight, in UTC where the day is all that counts.
fn day_as_instant(mind: &Mind<'_>, day: Date, param: &Param<'_>) -> Value {
    let date_only =
        param.about.iter().any(|s| s == "date") || param.stems.iter().any(|s| s == "due" || s == "date");
    if date_only && type_of(param.schema) == "string" {
        return Value::from(format!("{day}T00:00:00Z"));
    }
    instant(mind, day.at(0, 0, 0, 0), param)
}

/// An instant in the form that a parameter takes: RFC 3339 in the user's zone, or seconds.
pub fn instant(mind: &Mind<'_>, at: DateTime, param: &Param<'_>) -> Value {
    let Ok(zoned) = at.to_zoned(mind.u.now.time_zone().clone()) else { return Value::from(at.to_string()) };
    if matches!(type_of(param.schema), "integer" | "number") {
        let millis = param.about.iter().any(|s| s.starts_with("millisecond"));
        return Value::from(if millis {
            zoned.timestamp().as_millisecond()
        } else {
            zoned.timestamp().as_second()
        });
    }
    let offset = zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
    Value::from(offset.strip_suffix("+00:00").map(|bare| format!("{bare}Z")).unwrap_or(offset))
}

/// A duration in the unit that a parameter's words name; seconds where none does.
pub fn in_unit(seconds: i64, param: &Param<'_>) -> i64 {
    let says = |unit: &str| param.stems.iter().chain(&param.about).any(|s| s.starts_with(unit));
    if says("millisecond") {
        seconds * 1000
    } else if says("minut") {
        seconds / 60
    } else if says("hour") {
        seconds / 3600
    } else if says("day") {
        seconds / 86_400
    } else {
        seconds
    }
}

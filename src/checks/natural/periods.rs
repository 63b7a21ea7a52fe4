//! Periods in a text: named ones (`this week`, `in March`) and ranges (`between Monday and Wednesday`).

use super::Found;
use super::dates::{Reader, Reading, shift, ymd};
use super::numbers::count_at;
use crate::words::{TokenKind, month_of};
use jiff::civil::Date;
use jiff::{ToSpan, Zoned};

/// A run of whole days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub first: Date,
    /// The last day, itself included.
    pub last: Date,
}

/// Returns the periods that a text states. A single day is one, and so is everything since one.
pub fn find_periods(text: &str, now: &Zoned) -> Vec<Found<Period>> {
    let reader = Reader::new(text, now);
    let mut found = Vec::new();
    let mut at = 0;
    while at < reader.toks.len() {
        let starts = reader.toks[at].kind != TokenKind::Sign;
        match starts.then(|| period_at(&reader, at)).flatten() {
            Some(reading) => {
                let span = reader.toks[at].start..reader.toks[at + reading.used - 1].end;
                found.push(Found::new(span.clone(), reading.value));
                let others = reading.others.into_iter();
                found.extend(others.map(|value| Found { span: span.clone(), value, primary: false }));
                at += reading.used;
            }
            None => at += 1,
        }
    }
    found
}

fn period_at(r: &Reader<'_>, at: usize) -> Option<Reading<Period>> {
    range(r, at)
        .or_else(|| named(r, at))
        .or_else(|| rolling(r, at))
        .or_else(|| month(r, at))
        .or_else(|| day(r, at))
}

/// `between A and B`, `from A to B`, `A to B`, `3 to 7 April`.
fn range(r: &Reader<'_>, at: usize) -> Option<Reading<Period>> {
    let led = matches!(r.word(at), "between" | "from");
    let start = at + usize::from(led);
    let joins = |word: &str| match word {
        "and" => r.word(at) == "between",
        "to" | "until" | "till" | "through" | "thru" | "-" | "–" => true,
        _ => false,
    };
    // 3 to 7 April
    if let Some(day) = r.number(start)
        && (1..=31).contains(&day)
        && joins(r.word(start + 1))
        && let Some(last) = r.date(start + 2)
        && r.number(start + 2).is_some()
        && let Some(first) = ymd(i64::from(last.value.year()), i64::from(last.value.month()), day)
        && first <= last.value
    {
        let used = usize::from(led) + 2 + last.used;
        return Some(Reading::one(Period { first, last: last.value }, used));
    }
    let first = r.date(start)?;
    let join = start + first.used;
    if !joins(r.word(join)) {
        return None;
    }
    // April 3 to 7
    if let Some(day) = r.number(join + 1).filter(|d| (1..=31).contains(d))
        && r.date(join + 1).is_none()
        && let Some(last) = ymd(i64::from(first.value.year()), i64::from(first.value.month()), day)
        && first.value <= last
    {
        return Some(Reading::one(Period { first: first.value, last }, usize::from(led) + first.used + 2));
    }
    let last = r.date(join + 1)?;
    let used = usize::from(led) + first.used + 1 + last.used;
    let mut all = Vec::new();
    for a in std::iter::once(first.value).chain(first.others) {
        for b in std::iter::once(last.value).chain(last.others.iter().copied()) {
            // Weekdays of a range stand in one run of days.
            let span = b.since(a).map_or(i32::MAX, |s| s.get_days());
            if (0..=366).contains(&span) {
                all.push((span, Period { first: a, last: b }));
            }
        }
    }
    let today = r.today();
    // The likeliest reading is the shortest that has not begun yet, else the shortest.
    all.sort_by_key(|(span, p)| (*span, p.first < today));
    let mut all = all.into_iter().map(|(_, p)| p);
    Some(Reading { value: all.next()?, others: all.collect(), used })
}

/// `this week`, `last month`, `next year`.
fn named(r: &Reader<'_>, at: usize) -> Option<Reading<Period>> {
    let by = match r.word(at) {
        "this" | "current" => 0,
        "next" | "coming" => 1,
        "last" | "previous" => -1,
        _ => return None,
    };
    if let Some(m) = month_of(r.word(at + 1)).filter(|_| r.word(at + 1).len() > 2) {
        let year = i64::from(r.today().year());
        let this = i64::from(r.today().month());
        let m = i64::from(m);
        let year = match by {
            -1 if m >= this => year - 1,
            1 if m <= this => year + 1,
            _ => year,
        };
        return Some(Reading::one(whole_month(year, m)?, 2));
    }
    let (first, last) = r.calendar(r.word(at + 1), by)?;
    Some(Reading::one(Period { first, last }, 2))
}

/// `the last 7 days`, `the past two weeks`, `the next 3 days`, `since Monday`.
fn rolling(r: &Reader<'_>, at: usize) -> Option<Reading<Period>> {
    let today = r.today();
    if r.word(at) == "since" {
        let from = r.date(at + 1)?;
        let whole = |first| Period { first, last: today };
        let mut dates: Vec<Date> =
            std::iter::once(from.value).chain(from.others).filter(|d| *d <= today).collect();
        dates.dedup();
        let mut dates = dates.into_iter().map(whole);
        return Some(Reading { value: dates.next()?, others: dates.collect(), used: from.used + 1 });
    }
    let the = usize::from(r.word(at) == "the");
    let ahead = match r.word(at + the) {
        "last" | "past" | "previous" => false,
        "next" | "coming" | "following" => true,
        _ => return None,
    };
    let (n, used) = count_at(&r.toks, at + the + 1)?;
    if !(1..=1000).contains(&n) {
        return None;
    }
    let span = match r.word(at + the + 1 + used) {
        "day" | "days" => n.days(),
        "week" | "weeks" => n.weeks(),
        "month" | "months" => n.months(),
        "year" | "years" => n.years(),
        _ => return None,
    };
    let edge = today.checked_add(if ahead { span } else { -span }).ok()?;
    let (first, last) = if ahead { (today, edge) } else { (edge, today) };
    let used = the + 2 + used;
    // "the last 7 days" may count today or not.
    let inner = if ahead {
        Period { first, last: shift(last, -1)? }
    } else {
        Period { first: shift(first, 1)?, last }
    };
    Some(Reading { value: Period { first, last }, others: vec![inner], used })
}

fn whole_month(year: i64, month: i64) -> Option<Period> {
    let first = ymd(year, month, 1)?;
    Some(Period { first, last: first.last_of_month() })
}

/// `in March`, `March 2026`, `in 2025`.
fn month(r: &Reader<'_>, at: usize) -> Option<Reading<Period>> {
    let led = usize::from(matches!(r.word(at), "in" | "during" | "for"));
    if let Some(m) = month_of(r.word(at + led)).filter(|_| r.word(at + led).len() > 2) {
        let m = i64::from(m);
        let of = usize::from(r.word(at + led + 1) == "of");
        if let Some(year) = r.number(at + led + 1 + of).filter(|y| (1900..2200).contains(y)) {
            return Some(Reading::one(whole_month(year, m)?, led + of + 2));
        }
        // "may" and "march" alone are mostly verbs.
        if led == 0 {
            return None;
        }
        let (year, this) = (i64::from(r.today().year()), i64::from(r.today().month()));
        let nearest =
            [year - 1, year, year + 1].into_iter().min_by_key(|y| ((y - year) * 12 + m - this).abs())?;
        let other = if nearest == year { if m > this { year - 1 } else { year + 1 } } else { year };
        return Some(Reading {
            value: whole_month(nearest, m)?,
            others: whole_month(other, m).into_iter().collect(),
            used: led + 1,
        });
    }
    let year = r.number(at + led).filter(|y| led == 1 && (1900..2200).contains(y))?;
    Some(Reading::one(Period { first: ymd(year, 1, 1)?, last: ymd(year, 12, 31)? }, 2))
}

fn day(r: &Reader<'_>, at: usize) -> Option<Reading<Period>> {
    let one = |d: Date| Period { first: d, last: d };
    let reading = r.date(at)?;
    Some(Reading {
        value: one(reading.value),
        others: reading.others.into_iter().map(one).collect(),
        used: reading.used,
    })
}

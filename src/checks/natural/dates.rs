//! Dates and instants in a text, read against the world's now.

use super::Found;
use super::numbers::count_at;
use crate::words::{Token, TokenKind, month_of, tokens};
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan, Zoned};
use regex::Regex;
use std::sync::LazyLock;

/// How finely an instant was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precision {
    /// To the day: midnight stands for the day.
    Day,
    /// To the minute.
    Minute,
    /// To the second or below.
    Second,
}

/// An instant that a text states.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// The instant.
    pub at: Timestamp,
    /// Date and time in the user's zone.
    pub local: DateTime,
    /// How finely it was said.
    pub precision: Precision,
}

impl Moment {
    pub(super) fn local(local: DateTime, zone: &TimeZone, precision: Precision) -> Option<Self> {
        let at = local.to_zoned(zone.clone()).ok()?.timestamp();
        Some(Self { at, local, precision })
    }

    pub(super) fn at(at: Timestamp, zone: &TimeZone, precision: Precision) -> Self {
        Self { at, local: at.to_zoned(zone.clone()).datetime(), precision }
    }
}

const ORDINALS: [&str; 31] = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
    "twenty-first",
    "twenty-second",
    "twenty-third",
    "twenty-fourth",
    "twenty-fifth",
    "twenty-sixth",
    "twenty-seventh",
    "twenty-eighth",
    "twenty-ninth",
    "thirtieth",
    "thirty-first",
];

fn weekday_of(word: &str) -> Option<Weekday> {
    Weekday::from_monday_zero_offset(crate::words::weekday_of(word)?).ok()
}

/// Reads a text's tokens against a now.
pub(super) struct Reader<'a> {
    pub(super) toks: Vec<Token>,
    pub(super) now: &'a Zoned,
}

/// A reading: the value, its other possible values, and how many tokens it takes.
pub(super) struct Reading<T> {
    pub(super) value: T,
    pub(super) others: Vec<T>,
    pub(super) used: usize,
}

impl<T> Reading<T> {
    pub(super) fn one(value: T, used: usize) -> Self {
        Self { value, others: Vec::new(), used }
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &str, now: &'a Zoned) -> Self {
        Self { toks: tokens(text), now }
    }

    pub(super) fn word(&self, at: usize) -> &str {
        self.toks.get(at).map_or("", |t| t.text.as_str())
    }

    pub(super) fn number(&self, at: usize) -> Option<i64> {
        self.toks.get(at).and_then(Token::digits)
    }

    /// Whether a token touches the one before it.
    fn touches(&self, at: usize) -> bool {
        at > 0 && at < self.toks.len() && self.toks[at - 1].end == self.toks[at].start
    }

    pub(super) fn today(&self) -> Date {
        self.now.date()
    }

    /// Reads a date at a token.
    pub(super) fn date(&self, at: usize) -> Option<Reading<Date>> {
        self.near_day(at)
            .or_else(|| self.weekday(at))
            .or_else(|| self.numeric(at))
            .or_else(|| self.absolute(at))
            .or_else(|| self.relative(at))
            .or_else(|| self.edge(at))
            .or_else(|| self.day_of_month(at))
    }

    fn near_day(&self, at: usize) -> Option<Reading<Date>> {
        let the = usize::from(self.word(at) == "the");
        if self.word(at + the) == "day" {
            let offset = match (self.word(at + the + 1), self.word(at + the + 2)) {
                ("after", "tomorrow") => 2,
                ("before", "yesterday") => -2,
                _ => return None,
            };
            return Some(Reading::one(shift(self.today(), offset)?, the + 3));
        }
        let offset = match self.word(at) {
            "today" | "tonight" | "today's" => 0,
            "tomorrow" | "tmrw" | "tmr" | "tomorrow's" => 1,
            "yesterday" | "yesterday's" => -1,
            _ => return None,
        };
        Some(Reading::one(shift(self.today(), offset)?, 1))
    }

    fn weekday(&self, at: usize) -> Option<Reading<Date>> {
        let led = matches!(self.word(at), "next" | "last" | "this" | "coming" | "past" | "upcoming");
        let name = at + usize::from(led);
        let day = weekday_of(self.word(name).trim_end_matches("'s"))?;
        let used = usize::from(led) + 1;
        // "sat", "sun" and "wed" are words too; a short form counts with a capital or a leading word only, which lower-casing hides.
        let monday = shift(self.today(), -i64::from(self.today().weekday().to_monday_zero_offset()))?;
        let in_week = |week: i64| shift(monday, week * 7 + i64::from(day.to_monday_zero_offset()));
        let coming = self.coming(day)?;
        let gone = self.gone(day)?;
        if !led {
            let comma = usize::from(self.word(name + 1) == ",");
            if let Some(exact) = self.numeric(name + 1 + comma).or_else(|| self.absolute(name + 1 + comma)) {
                return Some(Reading { used: exact.used + 1 + comma, ..exact });
            }
            let the = usize::from(self.word(name + 1) == "the");
            if the == 1
                && let Some(exact) = self.day_of_month(name + 1)
            {
                return Some(Reading { used: exact.used + 1, ..exact });
            }
            let of = usize::from(self.word(name + 1) == "of");
            let week = match (self.word(name + 1 + of), self.word(name + 2 + of)) {
                ("next", "week") => Some(1),
                ("this", "week") => Some(0),
                ("last", "week") => Some(-1),
                _ => None,
            };
            if let Some(week) = week {
                return Some(Reading::one(in_week(week)?, 3 + of));
            }
            let past = at > 0 && self.word(at - 1) == "since";
            let (value, other) = if past { (gone, coming) } else { (coming, gone) };
            let mut others = vec![other];
            if day == self.today().weekday() {
                others.push(self.today());
            }
            return Some(Reading { value, others, used });
        }
        Some(match self.word(at) {
            "next" => Reading { value: in_week(1)?, others: vec![coming], used },
            "last" | "past" => Reading { value: gone, others: vec![in_week(-1)?], used },
            "this" => Reading { value: in_week(0)?, others: vec![coming], used },
            _ => Reading::one(coming, used),
        })
    }

    fn coming(&self, day: Weekday) -> Option<Date> {
        let ahead = i64::from(self.today().weekday().until(day));
        shift(self.today(), if ahead == 0 { 7 } else { ahead })
    }

    fn gone(&self, day: Weekday) -> Option<Date> {
        let back = i64::from(day.until(self.today().weekday()));
        shift(self.today(), if back == 0 { -7 } else { -back })
    }

    /// `2026-04-03`, `03/04/2026`, `3.4.2026`.
    fn numeric(&self, at: usize) -> Option<Reading<Date>> {
        let sign = self.word(at + 1);
        if !matches!(sign, "-" | "/" | ".") || self.word(at + 3) != sign {
            return None;
        }
        if !(1..5).all(|i| self.touches(at + i)) || self.touches(at + 5) && self.word(at + 5) == sign {
            return None;
        }
        let (a, b, c) = (self.number(at)?, self.number(at + 2)?, self.number(at + 4)?);
        if self.toks[at].text.len() == 4 {
            return Some(Reading::one(ymd(a, b, c)?, 5));
        }
        if self.toks[at + 4].text.len() != 4 {
            return None;
        }
        let day_first = ymd(c, b, a);
        let month_first = ymd(c, a, b);
        match (day_first, month_first) {
            (Some(value), Some(other)) if value != other && sign == "/" => {
                Some(Reading { value, others: vec![other], used: 5 })
            }
            (Some(value), _) => Some(Reading::one(value, 5)),
            (None, Some(value)) if sign == "/" => Some(Reading::one(value, 5)),
            _ => None,
        }
    }

    /// `3 April`, `April 3rd, 2026`, `the 3rd of April`, `the first of May`.
    fn absolute(&self, at: usize) -> Option<Reading<Date>> {
        let the = usize::from(self.word(at) == "the");
        if let Some((day, used)) = self.ordinal(at + the) {
            let of = usize::from(self.word(at + the + used) == "of");
            if let Some(month) = month_of(self.word(at + the + used + of)) {
                // "may" and "march" after a plain number are taken for months; "3 may" is.
                return self.with_year(day, month, at, the + used + of + 1);
            }
        }
        let month = month_of(self.word(at))?;
        let dot = usize::from(self.word(at + 1) == "." && self.touches(at + 1));
        let the = usize::from(self.word(at + 1 + dot) == "the");
        let (day, used) = self.ordinal(at + 1 + dot + the)?;
        // "March 2026" holds a year, and "may 3 people" no date; the latter cannot be told and is rare.
        self.with_year(day, month, at, 1 + dot + the + used)
    }

    /// Reads a day of a month: `3`, `3rd`, `third`.
    fn ordinal(&self, at: usize) -> Option<(i64, usize)> {
        if let Some(n) = self.number(at) {
            if !(1..=31).contains(&n) || self.toks[at].text.len() > 2 {
                return None;
            }
            let suffix = matches!(self.word(at + 1), "st" | "nd" | "rd" | "th") && self.touches(at + 1);
            if !suffix
                && self.touches(at + 1)
                && !matches!(self.word(at + 1), "," | "." | "!" | "?" | ";" | ")" | "-" | "–")
            {
                return None;
            }
            return Some((n, 1 + usize::from(suffix)));
        }
        let word = self.word(at);
        let compound = format!("{word}-{}", self.word(at + 2));
        if self.word(at + 1) == "-"
            && let Some(i) = ORDINALS.iter().position(|o| *o == compound)
        {
            return Some((i64::try_from(i).ok()? + 1, 3));
        }
        ORDINALS.iter().position(|o| *o == word).and_then(|i| Some((i64::try_from(i).ok()? + 1, 1)))
    }

    fn with_year(&self, day: i64, month: i8, at: usize, used: usize) -> Option<Reading<Date>> {
        let comma = usize::from(self.word(at + used) == ",");
        if let Some(year) = self.number(at + used + comma)
            && self.toks[at + used + comma].text.len() == 4
            && (1900..2200).contains(&year)
        {
            return Some(Reading::one(ymd(year, i64::from(month), day)?, used + comma + 1));
        }
        let year = i64::from(self.today().year());
        let distance = |d: &Date| (d.since(self.today()).map_or(i64::MAX, |s| i64::from(s.get_days()))).abs();
        let mut candidates: Vec<Date> =
            [year - 1, year, year + 1].into_iter().filter_map(|y| ymd(y, i64::from(month), day)).collect();
        candidates.sort_by_key(distance);
        let mut candidates = candidates.into_iter();
        let value = candidates.next()?;
        Some(Reading { value, others: candidates.take(1).collect(), used })
    }

    /// `in 3 days`, `two weeks ago`, `a week from today`.
    fn relative(&self, at: usize) -> Option<Reading<Date>> {
        let lead = usize::from(self.word(at) == "in");
        let (n, used) = count_at(&self.toks, at + lead)?;
        let unit = self.word(at + lead + used);
        let span = day_span(n, unit)?;
        let after = at + lead + used + 1;
        let (sign, tail) = match (self.word(after), self.word(after + 1)) {
            ("ago", _) if lead == 0 => (-1, 1),
            ("from", "now" | "today") if lead == 0 => (1, 2),
            _ if lead == 1 => (1, 0),
            _ => return None,
        };
        let date = self.today().checked_add(if sign < 0 { -span } else { span }).ok()?;
        Some(Reading::one(date, lead + used + 1 + tail))
    }

    /// `the end of the month`, `the end of next week`, `the first of next month` is read elsewhere.
    fn edge(&self, at: usize) -> Option<Reading<Date>> {
        let the = usize::from(self.word(at) == "the");
        let last = match (self.word(at + the), self.word(at + the + 1)) {
            ("end", "of") => true,
            ("start" | "beginning", "of") => false,
            _ => return None,
        };
        let which = at + the + 2;
        let shift_by = match self.word(which) {
            "the" | "this" => 0,
            "next" => 1,
            "last" => -1,
            _ => return None,
        };
        let period = self.calendar(self.word(which + 1), shift_by)?;
        Some(Reading::one(if last { period.1 } else { period.0 }, the + 4))
    }

    /// First and last day of the week, month or year that is `by` away from this one.
    pub(super) fn calendar(&self, unit: &str, by: i64) -> Option<(Date, Date)> {
        let today = self.today();
        match unit.trim_end_matches("'s") {
            "week" => {
                let monday = shift(today, by * 7 - i64::from(today.weekday().to_monday_zero_offset()))?;
                Some((monday, shift(monday, 6)?))
            }
            "weekend" => {
                let saturday = shift(today, by * 7 + 5 - i64::from(today.weekday().to_monday_zero_offset()))?;
                Some((saturday, shift(saturday, 1)?))
            }
            "month" => {
                let first = today.first_of_month().checked_add(by.months()).ok()?;
                Some((first, first.last_of_month()))
            }
            "quarter" => {
                let first = ymd(i64::from(today.year()), i64::from((today.month() - 1) / 3 * 3 + 1), 1)?;
                let first = first.checked_add((by * 3).months()).ok()?;
                Some((first, first.checked_add(2.months()).ok()?.last_of_month()))
            }
            "year" => {
                let year = i64::from(today.year()) + by;
                Some((ymd(year, 1, 1)?, ymd(year, 12, 31)?))
            }
            _ => None,
        }
    }

    /// `the 14th`: this month's, or next month's once it is past; `the 14th of next month`.
    fn day_of_month(&self, at: usize) -> Option<Reading<Date>> {
        if self.word(at) != "the" {
            return None;
        }
        let (day, used) = self.ordinal(at + 1)?;
        if used == 1 && self.number(at + 1).is_some() {
            return None; // "the 14" is no date
        }
        let spelt = self.number(at + 1).is_none();
        let today = self.today();
        let in_month = |by: i64| {
            let first = today.first_of_month().checked_add(by.months()).ok()?;
            ymd(i64::from(first.year()), i64::from(first.month()), day)
        };
        let tail = at + 1 + used;
        if self.word(tail) == "of" && self.word(tail + 2) == "month" {
            let by = match self.word(tail + 1) {
                "next" => 1,
                "last" => -1,
                "this" | "the" => 0,
                _ => return None,
            };
            return Some(Reading::one(in_month(by)?, used + 4));
        }
        if spelt {
            return None; // "the first", "the second" are rarely days
        }
        let past = at > 0 && self.word(at - 1) == "since";
        let order = if past { [0, -1, 1] } else { [0, 1, -1] };
        let fits = |d: &Date| if past { *d <= today } else { *d >= today };
        let mut dates: Vec<Date> = order.into_iter().filter_map(in_month).collect();
        dates.sort_by_key(|d| !fits(d));
        let mut dates = dates.into_iter();
        Some(Reading { value: dates.next()?, others: dates.collect(), used: used + 1 })
    }

    /// Reads a time of day at a token; `bare` also takes an hour alone.
    fn time(&self, at: usize, bare: bool) -> Option<Reading<(Time, Precision)>> {
        match self.word(at) {
            "noon" | "midday" => return Some(Reading::one((hms(12, 0, 0)?, Precision::Minute), 1)),
            "midnight" => return Some(Reading::one((hms(0, 0, 0)?, Precision::Minute), 1)),
            _ => {}
        }
        if let Some(reading) = self.spoken_time(at) {
            return Some(reading);
        }
        let hour = self.number(at).filter(|_| self.toks[at].text.len() <= 2)?;
        let mut minute = 0;
        let mut second = 0;
        let mut used = 1;
        let mut clock = false;
        let mut precision = Precision::Minute;
        let sep = self.word(at + 1);
        let two = |i: usize| self.number(i).filter(|_| self.toks[i].text.len() == 2);
        if matches!(sep, ":" | "h" | ".")
            && self.touches(at + 1)
            && self.touches(at + 2)
            && let Some(m) = two(at + 2)
        {
            minute = m;
            used = 3;
            clock = sep != ".";
            if sep == ":"
                && self.word(at + 3) == ":"
                && self.touches(at + 3)
                && let Some(s) = two(at + 4)
            {
                second = s;
                used = 5;
                precision = Precision::Second;
            }
        }
        let (half, half_used) = self.half(at + used);
        if let Some(pm) = half {
            if !(1..=12).contains(&hour) {
                return None;
            }
            let hour = hour % 12 + if pm { 12 } else { 0 };
            return Some(Reading::one((hms(hour, minute, second)?, precision), used + half_used));
        }
        let oclock = self.word(at + used) == "o'clock";
        if clock {
            return Some(Reading::one((hms(hour, minute, second)?, precision), used));
        }
        if !bare && (!oclock || used == 3) {
            return None;
        }
        let (value, other) = guess_half(hour, minute)?;
        Some(Reading {
            value: (value, precision),
            others: other.map(|t| (t, precision)).into_iter().collect(),
            used: used + usize::from(oclock),
        })
    }

    /// `half past three`, `quarter to four`.
    fn spoken_time(&self, at: usize) -> Option<Reading<(Time, Precision)>> {
        let a = usize::from(self.word(at) == "a");
        let minutes = match self.word(at + a) {
            "half" => 30,
            "quarter" => 15,
            _ => return None,
        };
        let minutes = match self.word(at + a + 1) {
            "past" => minutes,
            "to" if minutes == 15 => -15,
            _ => return None,
        };
        let (hour, used) = count_at(&self.toks, at + a + 2)?;
        if !(1..=12).contains(&hour) {
            return None;
        }
        let (hour, minute) = if minutes < 0 { ((hour + 10) % 12 + 1, 45) } else { (hour, minutes) };
        let tail = at + a + 2 + used;
        let (half, half_used) = self.half(tail);
        let total = a + 2 + used + half_used;
        if let Some(pm) = half {
            let hour = hour % 12 + if pm { 12 } else { 0 };
            return Some(Reading::one((hms(hour, minute, 0)?, Precision::Minute), total));
        }
        let (value, other) = guess_half(hour, minute)?;
        let p = Precision::Minute;
        Some(Reading { value: (value, p), others: other.map(|t| (t, p)).into_iter().collect(), used: total })
    }

    /// Reads which half of the day follows an hour.
    fn half(&self, at: usize) -> (Option<bool>, usize) {
        match self.word(at) {
            "am" => (Some(false), 1),
            "pm" => (Some(true), 1),
            "a" | "p" if self.word(at + 1) == "." && self.word(at + 2) == "m" => {
                let dot = usize::from(self.word(at + 3) == "." && self.touches(at + 3));
                (Some(self.word(at) == "p"), 3 + dot)
            }
            "in" if self.word(at + 1) == "the" => match self.word(at + 2) {
                "morning" => (Some(false), 3),
                "afternoon" | "evening" => (Some(true), 3),
                _ => (None, 0),
            },
            "at" if self.word(at + 1) == "night" => (Some(true), 2),
            "tonight" => (Some(true), 0),
            _ => (None, 0),
        }
    }

    /// Reads an instant at a token: a date with a time, a time with a date, `in 2 hours`, or a time today.
    fn moment(&self, at: usize) -> Option<Reading<Moment>> {
        let zone = self.now.time_zone();
        if let Some(reading) = self.shifted(at) {
            return Some(reading);
        }
        if let Some(date) = self.date(at)
            && let Some(time) = self.time_after(at, date.used, self.word(at) == "tonight")
        {
            return join(&date, &time, zone, date.used + time.used);
        }
        let this =
            self.word(at) == "this" && matches!(self.word(at + 1), "morning" | "afternoon" | "evening");
        if this {
            let time = self.time_after(at, 1, false)?;
            return join(&Reading::one(self.today(), 0), &time, zone, 1 + time.used);
        }
        let led = usize::from(self.word(at) == "at");
        let time = self.time(at + led, led == 1)?;
        let tail = at + led + time.used;
        let comma = usize::from(self.word(tail) == ",");
        let on = usize::from(self.word(tail + comma) == "on");
        if let Some(date) = self.date(tail + comma + on) {
            return join(&date, &time, zone, led + time.used + comma + on + date.used);
        }
        let today = Reading { value: self.today(), others: vec![shift(self.today(), 1)?], used: 0 };
        join(&today, &time, zone, led + time.used)
    }

    /// Reads a time that follows a date: `at 3 pm`, `, 14:30`, `morning at 9`.
    fn time_after(&self, at: usize, used: usize, night: bool) -> Option<Reading<(Time, Precision)>> {
        let mut next = at + used;
        let part = match self.word(next) {
            "morning" => Some(false),
            "afternoon" | "evening" | "night" => Some(true),
            _ if night => Some(true),
            _ => None,
        };
        next += usize::from(part.is_some() && !night);
        next += usize::from(self.word(next) == ",");
        let at_word = matches!(self.word(next), "at" | "around" | "by" | "from");
        next += usize::from(at_word);
        let mut time = self.time(next, at_word || part.is_some())?;
        if let Some(pm) = part {
            let fits = |t: &(Time, Precision)| (t.0.hour() >= 12) == pm;
            if !fits(&time.value)
                && let Some(i) = time.others.iter().position(fits)
            {
                time.value = time.others.swap_remove(i);
            }
            time.others.clear();
        }
        time.used += next - (at + used);
        Some(time)
    }

    /// `in 2 hours`, `30 minutes ago`.
    fn shifted(&self, at: usize) -> Option<Reading<Moment>> {
        let lead = usize::from(self.word(at) == "in");
        let half = self.word(at + lead) == "half" && matches!(self.word(at + lead + 1), "an" | "a");
        let (n, used) = if half { (30, 2) } else { count_at(&self.toks, at + lead)? };
        let seconds = match self.word(at + lead + used) {
            "minute" | "minutes" | "min" | "mins" if !half => n.checked_mul(60)?,
            "hour" | "hours" if half => 1800,
            "hour" | "hours" => n.checked_mul(3600)?,
            _ => return None,
        };
        let after = at + lead + used + 1;
        let (seconds, tail) = match (self.word(after), self.word(after + 1)) {
            ("ago", _) if lead == 0 => (-seconds, 1),
            ("from", "now") if lead == 0 => (seconds, 2),
            _ if lead == 1 => (seconds, 0),
            _ => return None,
        };
        let when = self.now.timestamp().checked_add(seconds.seconds()).ok()?;
        let moment = Moment::at(when, self.now.time_zone(), Precision::Minute);
        Some(Reading::one(moment, lead + used + 1 + tail))
    }
}

fn join(
    date: &Reading<Date>,
    time: &Reading<(Time, Precision)>,
    zone: &TimeZone,
    used: usize,
) -> Option<Reading<Moment>> {
    let at = |d: Date, (t, p): (Time, Precision)| Moment::local(d.to_datetime(t), zone, p);
    let value = at(date.value, time.value)?;
    let mut others = Vec::new();
    for d in std::iter::once(&date.value).chain(&date.others) {
        for t in std::iter::once(&time.value).chain(&time.others) {
            others.extend(at(*d, *t).filter(|m| *m != value));
        }
    }
    Some(Reading { value, others, used })
}

fn guess_half(hour: i64, minute: i64) -> Option<(Time, Option<Time>)> {
    match hour {
        1..=6 => Some((hms(hour + 12, minute, 0)?, hms(hour, minute, 0))),
        7..=11 => Some((hms(hour, minute, 0)?, hms(hour + 12, minute, 0))),
        12 => Some((hms(12, minute, 0)?, hms(0, minute, 0))),
        0 | 13..=23 => Some((hms(hour, minute, 0)?, None)),
        _ => None,
    }
}

pub(super) fn shift(date: Date, days: i64) -> Option<Date> {
    date.checked_add(days.days()).ok()
}

pub(super) fn ymd(year: i64, month: i64, day: i64) -> Option<Date> {
    Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
}

fn hms(hour: i64, minute: i64, second: i64) -> Option<Time> {
    Time::new(hour.try_into().ok()?, minute.try_into().ok()?, second.try_into().ok()?, 0).ok()
}

fn day_span(n: i64, unit: &str) -> Option<Span> {
    if !(0..=10_000).contains(&n) {
        return None;
    }
    Some(match unit {
        "day" | "days" => n.days(),
        "week" | "weeks" => n.weeks(),
        "fortnight" | "fortnights" => (2 * n).weeks(),
        "month" | "months" => n.months(),
        "year" | "years" => n.years(),
        _ => return None,
    })
}

static ISO: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,9})?)?\s?(Z|UTC|[+-]\d{2}:?\d{2})?")
        .expect("a valid expression")
});

/// Reads an ISO 8601 date and time; without an offset it is in the given zone.
pub(super) fn iso_moment(text: &str, zone: &TimeZone) -> Option<(Moment, std::ops::Range<usize>)> {
    let c = ISO.captures(text)?;
    let (date, minute) = (&c[1], &c[2]);
    let second = c.get(3).map_or(":00", |m| m.as_str());
    let precision = if c.get(3).is_some() { Precision::Second } else { Precision::Minute };
    let whole = c.get(0).expect("the whole match").range();
    let local: DateTime = format!("{date}T{minute}{second}").parse().ok()?;
    let moment = match c.get(4).map(|m| m.as_str()) {
        None => Moment::local(local, zone, precision)?,
        Some(offset) => {
            let offset = if offset == "UTC" { "Z" } else { offset };
            let at: Timestamp = format!("{date}T{minute}{second}{offset}").parse().ok()?;
            Moment::at(at, zone, precision)
        }
    };
    Some((moment, whole))
}

/// Returns the dates that a text states, other readings of an ambiguous one after its likeliest. The date of an instant is one too.
pub fn find_dates(text: &str, now: &Zoned) -> Vec<Found<Date>> {
    let reader = Reader::new(text, now);
    walk(&reader, Reader::date)
}

/// Returns the instants (dates with a time) that a text states, other readings of an ambiguous one after its likeliest.
pub fn find_instants(text: &str, now: &Zoned) -> Vec<Found<Moment>> {
    let mut found = Vec::new();
    let mut plain = text.to_owned();
    let mut from = 0;
    while let Some((moment, range)) = iso_moment(&text[from..], now.time_zone()) {
        let range = range.start + from..range.end + from;
        plain.replace_range(range.clone(), &" ".repeat(range.len()));
        from = range.end;
        found.push(Found::new(range, moment));
    }
    let reader = Reader::new(&plain, now);
    found.extend(walk(&reader, Reader::moment));
    found.sort_by_key(|f| (f.span.start, !f.primary));
    found
}

fn walk<'a, T>(
    reader: &Reader<'a>,
    read: impl Fn(&Reader<'a>, usize) -> Option<Reading<T>>,
) -> Vec<Found<T>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < reader.toks.len() {
        let starts = reader.toks[at].kind != TokenKind::Sign && !(at > 0 && reader.glued(at));
        match starts.then(|| read(reader, at)).flatten() {
            Some(reading) => {
                let span = reader.toks[at].start..reader.toks[at + reading.used - 1].end;
                found.push(Found::new(span.clone(), reading.value));
                found.extend(reading.others.into_iter().map(|value| Found {
                    span: span.clone(),
                    value,
                    primary: false,
                }));
                at += reading.used;
            }
            None => at += 1,
        }
    }
    found
}

impl Reader<'_> {
    /// Whether a token is glued to a letter, a digit or a sign that makes it a part of something else.
    fn glued(&self, at: usize) -> bool {
        self.touches(at)
            && (self.toks[at - 1].kind != TokenKind::Sign
                || matches!(self.word(at - 1), "-" | "/" | "." | ":" | "_" | "#" | "+"))
    }
}

//! Renders values as people say them. A rendering is chosen only when reading it gives the value back.

use super::dates::{Precision, find_dates, find_instants};
use super::numbers::{find_durations, find_numbers, number_word};
use super::periods::{Period, find_periods};
use super::pick;
use crate::words::{month_name, weekday_name};
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// Reads the world's now: an RFC 3339 instant, seen in an IANA time zone.
pub fn parse_now(now: &str, time_zone: &str) -> Option<Zoned> {
    let at: Timestamp = now.parse().ok()?;
    let zone = TimeZone::get(time_zone).ok().unwrap_or(TimeZone::UTC);
    Some(at.to_zoned(zone))
}

fn ordinal(n: i8) -> String {
    let suffix = match (n % 100, n % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{n}{suffix}")
}

/// Every way to say a date that people would find natural today, unambiguous ones only.
fn date_forms(value: Date, now: &Zoned) -> Vec<String> {
    let today = now.date();
    let away = value.since(today).map_or(i32::MAX, |s| s.get_days());
    let (day, month, name) =
        (value.day(), month_name(value.month()), weekday_name(value.weekday().to_monday_zero_offset()));
    let (weekday, this_weekday) =
        (value.weekday().to_monday_zero_offset(), today.weekday().to_monday_zero_offset());
    let mut forms: Vec<String> = Vec::new();
    match away {
        0 => return vec!["today".to_owned()],
        1 => forms.extend(["tomorrow".to_owned(), "tomorrow".to_owned()]),
        -1 => forms.extend(["yesterday".to_owned(), "yesterday".to_owned()]),
        2 => forms.push("the day after tomorrow".to_owned()),
        -2 => forms.push("the day before yesterday".to_owned()),
        _ => {}
    }
    // "Friday" is said of the days to come this week; "next Friday" only where both of its readings agree.
    if (2..=6).contains(&away) {
        forms.extend([name.to_owned(), format!("this {name}")]);
    }
    if (1..=13).contains(&away) && weekday <= this_weekday {
        forms.push(format!("next {name}"));
    }
    if (-13..=-1).contains(&away) && weekday >= this_weekday {
        forms.push(format!("last {name}"));
    }
    if (7..=13).contains(&away) {
        forms.push(format!("{name} next week"));
    }
    if (2..=10).contains(&away) {
        forms.push(format!("in {} days", spell(i64::from(away))));
    }
    if (-10..=-2).contains(&away) {
        forms.push(format!("{} days ago", spell(i64::from(-away))));
    }
    if away == 7 || away == 14 {
        forms.push(if away == 7 { "a week from today".into() } else { "in two weeks".into() });
    }
    if (2..=25).contains(&away) && value.month() == today.month() {
        forms.push(format!("the {}", ordinal(day)));
    }
    if away.abs() <= 150 {
        forms.extend([
            format!("{day} {month}"),
            format!("{month} {day}"),
            format!("{month} {}", ordinal(day)),
            format!("the {} of {month}", ordinal(day)),
            format!("{name} {day} {month}"),
        ]);
    } else {
        let year = value.year();
        forms.extend([
            format!("{day} {month} {year}"),
            format!("{month} {day}, {year}"),
            format!("{month} {}, {year}", ordinal(day)),
        ]);
    }
    forms
}

fn spell(n: i64) -> String {
    if n <= 10 { number_word(n as u64).unwrap_or_else(|| n.to_string()) } else { n.to_string() }
}

/// Says a date: `tomorrow`, `next Friday`, `3 April`, `the 14th`. The style picks among the forms.
pub fn date(value: Date, now: &Zoned, style: u64) -> String {
    let forms: Vec<String> = date_forms(value, now)
        .into_iter()
        .filter(|form| {
            find_dates(form, now).first().is_some_and(|f| f.value == value && f.span == (0..form.len()))
        })
        .collect();
    pick(style, forms).unwrap_or_else(|| value.to_string())
}

/// Says a date with the preposition it needs: `on 3 April`, `on Friday`, `tomorrow`, `in three days`.
pub fn on_date(value: Date, now: &Zoned, style: u64) -> String {
    let said = date(value, now, style);
    let bare = ["to", "yesterday", "next", "last", "this", "in ", "a week", "the day"];
    if bare.iter().any(|b| said.starts_with(b)) || said.ends_with("ago") {
        said
    } else {
        format!("on {said}")
    }
}

/// Says a time of day: `3 pm`, `14:30`, `2:30 pm`, `noon`.
pub fn time_of_day(time: Time, style: u64) -> String {
    let (hour, minute) = (time.hour(), time.minute());
    if time.second() != 0 {
        return format!("{hour:02}:{minute:02}:{:02}", time.second());
    }
    let half = if hour < 12 { "am" } else { "pm" };
    let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
    let mut forms = vec![format!("{hour:02}:{minute:02}")];
    if minute == 0 {
        forms.extend([format!("{twelve} {half}"), format!("{twelve}{half}"), format!("{twelve} {half}")]);
        if hour == 12 {
            forms.push("noon".to_owned());
        }
    } else {
        forms.extend([format!("{twelve}:{minute:02} {half}"), format!("{twelve}:{minute:02}{half}")]);
    }
    pick(style, forms).unwrap_or_default()
}

/// Says an instant in the user's zone: `Friday at 3 pm`, `tomorrow at 14:30`, `3 pm on 3 April`.
pub fn instant(value: Timestamp, now: &Zoned, style: u64) -> String {
    let local = value.to_zoned(now.time_zone().clone()).datetime();
    let precise = local.time().second() != 0;
    let mut forms = Vec::new();
    for i in 0..6_u64 {
        let seed = style.wrapping_mul(31).wrapping_add(i);
        let (day, time) = (date(local.date(), now, seed), time_of_day(local.time(), seed / 3));
        let on = on_date(local.date(), now, seed);
        forms.extend([format!("{day} at {time}"), format!("{time} {on}"), format!("{day} at {time}")]);
    }
    forms.retain(|form| {
        find_instants(form, now).first().is_some_and(|f| {
            let same = if precise || f.value.precision > Precision::Minute {
                f.value.at == value
            } else {
                f.value.local == local.with().subsec_nanosecond(0).build().unwrap_or(local)
            };
            same && f.span == (0..form.len())
        })
    });
    pick(style, forms).unwrap_or_else(|| local.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// Says a run of days: `this week`, `last month`, `between Monday and Wednesday`, `from 3 to 7 April`.
#[cfg_attr(not(feature = "internals"), expect(dead_code, reason = "tests read back what it says"))]
pub fn period(value: Period, now: &Zoned, style: u64) -> String {
    let (first, last) = (value.first, value.last);
    if first == last {
        return on_date(first, now, style);
    }
    let mut forms = Vec::new();
    for unit in ["week", "month", "year", "quarter"] {
        for lead in ["this", "last", "next"] {
            forms.push(format!("{lead} {unit}"));
        }
    }
    forms.push(format!("in {}", month_name(first.month())));
    forms.push(format!("in {} {}", month_name(first.month()), first.year()));
    forms.push(format!("in {}", first.year()));
    let reads_back = |form: &String| {
        find_periods(form, now).first().is_some_and(|f| f.value == value && f.span == (0..form.len()))
    };
    forms.retain(reads_back);
    if forms.is_empty() {
        for i in 0..4 {
            let seed = style.wrapping_add(i);
            let (a, b) = (date(first, now, seed), date(last, now, seed));
            forms.extend([format!("between {a} and {b}"), format!("from {a} to {b}")]);
        }
        if first.month() == last.month() && first.year() == last.year() {
            forms.push(format!("from {} to {} {}", first.day(), last.day(), month_name(last.month())));
        }
        if last == now.date() {
            forms.push(format!("since {}", date(first, now, style)));
            if let Ok(days) = last.since(first).map(|s| s.get_days()) {
                forms.push(format!("in the last {days} days"));
            }
        }
        forms.retain(|form| {
            reads_back(form) || {
                let inner = form.strip_prefix("in ").unwrap_or(form).to_owned();
                reads_back(&inner)
            }
        });
    }
    pick(style, forms).unwrap_or_else(|| format!("from {first} to {last}"))
}

/// Says a number: `2,500`, `two`, `3.75`.
pub fn number(value: f64, style: u64) -> String {
    let plain =
        if value.fract() == 0.0 && value.abs() < 1e15 { format!("{value:.0}") } else { format!("{value}") };
    let mut forms = vec![plain.clone()];
    if value.fract() == 0.0 && (2.0..=12.0).contains(&value) {
        forms.extend(number_word(value as u64));
    }
    if value.abs() >= 1000.0 && value.abs() < 1e15 {
        forms.push(separated(&plain));
    }
    forms.retain(|f| find_numbers(f).first().is_some_and(|n| n.value.value.total_cmp(&value).is_eq()));
    pick(style, forms).unwrap_or(plain)
}

fn separated(plain: &str) -> String {
    let (sign, rest) = plain.strip_prefix('-').map_or(("", plain), |r| ("-", r));
    let (whole, decimals) = rest.split_once('.').map_or((rest, None), |(w, d)| (w, Some(d)));
    let mut out = String::from(sign);
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    if let Some(decimals) = decimals {
        out.push('.');
        out.push_str(decimals);
    }
    out
}

/// Says a duration of whole seconds: `15 minutes`, `an hour and a half`, `2 hours`.
#[cfg_attr(not(feature = "internals"), expect(dead_code, reason = "tests read back what it says"))]
pub fn duration(seconds: i64, style: u64) -> String {
    let mut forms = Vec::new();
    for (size, one, many, short) in [
        (86_400, "a day", "days", "d"),
        (3600, "an hour", "hours", "h"),
        (60, "a minute", "minutes", "min"),
        (1, "a second", "seconds", "s"),
    ] {
        if seconds > 0 && seconds % size == 0 {
            let n = seconds / size;
            if n == 1 {
                forms.push(one.to_owned());
            } else {
                forms.extend([format!("{n} {many}"), format!("{} {many}", spell(n))]);
                if size < 86_400 {
                    forms.push(format!("{n} {short}"));
                }
            }
            break;
        }
    }
    if seconds == 1800 {
        forms.push("half an hour".to_owned());
    }
    if seconds == 5400 {
        forms.push("an hour and a half".to_owned());
    }
    if seconds > 3600 && seconds % 3600 != 0 && seconds % 60 == 0 {
        forms.push(format!("{} h {} min", seconds / 3600, seconds % 3600 / 60));
    }
    forms.retain(|f| find_durations(f).first().is_some_and(|d| d.value == seconds));
    pick(style, forms).unwrap_or_else(|| format!("{seconds} seconds"))
}

/// Says a phone number in groups: `+32 470 55 81 02`.
#[cfg_attr(not(feature = "internals"), expect(dead_code, reason = "tests read back what it says"))]
pub fn phone(value: &str, style: u64) -> String {
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    if digits.len() < 7 || style.is_multiple_of(3) {
        return value.to_owned();
    }
    let plus = value.starts_with('+');
    let head = if plus { digits.len() % 2 + 2 } else { 3 + digits.len() % 2 };
    let mut out = String::from(if plus { "+" } else { "" });
    for (i, c) in digits.chars().enumerate() {
        if i >= head && (i - head).is_multiple_of(2) {
            out.push(' ');
        }
        out.push(c);
    }
    out
}

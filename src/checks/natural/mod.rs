//! Natural forms of values, and back: how a person says a date, a number or an enum's word, and where one stands in a text.
//!
//! Conventions, shared by whoever writes and whoever reads: weeks start on Monday; an instant without a stated zone is in
//! the zone of `now`; a date without a year is the one nearest to today; a bare weekday is the next one to come (the last
//! one after "since"); "next Friday" is the Friday of next week; a rendering is only ever chosen when reading it gives the value back.

mod dates;
mod glosses;
mod matching;
mod numbers;
mod periods;
mod render;
mod spans;
mod text;

pub use dates::{Precision, find_dates, find_instants};
pub(crate) use matching::contains_word;
pub use matching::{Hint, TimeValue, matches_in, matches_in_text, time_value};
pub use numbers::{Number, find_durations, find_numbers, number_word};
pub use periods::{Period, find_periods};
pub use render::{date, instant, number, parse_now};
pub use spans::{find_emails, find_ids, find_names, find_phones, find_quoted, find_urls};
pub use text::Text;

#[cfg(feature = "internals")]
pub use render::{duration, on_date, period, phone};

use std::ops::Range;

/// Something found in a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Found<T> {
    /// Where it stands, in bytes.
    pub span: Range<usize>,
    /// What it says.
    pub value: T,
    /// Whether it is the likeliest reading of its span; other readings of an ambiguous phrase follow it.
    pub primary: bool,
}

impl<T> Found<T> {
    fn new(span: Range<usize>, value: T) -> Self {
        Self { span, value, primary: true }
    }
}

/// Picks one of several by a seed; `None` when there are none.
fn pick<T>(seed: u64, mut from: Vec<T>) -> Option<T> {
    if from.is_empty() {
        return None;
    }
    // SplitMix64's finaliser, so that neighbouring seeds pick differently.
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    let at = ((z ^ (z >> 31)) % from.len() as u64) as usize;
    Some(from.swap_remove(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;
    use jiff::civil::Date;

    fn nows() -> Vec<jiff::Zoned> {
        [
            "2026-04-08T10:30:00+02:00",
            "2025-12-29T23:10:00Z",
            "2024-02-29T06:00:00-08:00",
            "2026-11-01T12:00:00Z",
        ]
        .into_iter()
        .zip(["Europe/Brussels", "UTC", "America/Los_Angeles", "Asia/Tokyo"])
        .map(|(now, zone)| parse_now(now, zone).unwrap())
        .collect()
    }

    fn around(now: &jiff::Zoned) -> impl Iterator<Item = Date> {
        let today = now.date();
        (-420..420).map(move |d| today.checked_add(i64::from(d).days()).unwrap())
    }

    #[test]
    fn every_rendered_date_is_read_back_inside_a_sentence() {
        for now in nows() {
            for day in around(&now) {
                for style in 0..8 {
                    let text = format!("Please do it {} or never.", on_date(day, &now, style));
                    let found = find_dates(&text, &now);
                    assert_eq!(found.first().map(|f| f.value), Some(day), "{text} at {now}");
                }
            }
        }
    }

    #[test]
    fn every_rendered_instant_is_read_back() {
        for now in nows() {
            for (i, day) in around(&now).enumerate().step_by(7) {
                for style in 0..6 {
                    let minute = [0, 0, 30, 45, 5][(i + style as usize) % 5];
                    let local = day.at((i % 24) as i8, minute, 0, 0);
                    let at = local.to_zoned(now.time_zone().clone()).unwrap();
                    if at.datetime() != local {
                        continue; // an hour that the clocks skip
                    }
                    let text = format!("Move it to {}, thanks.", instant(at.timestamp(), &now, style));
                    let found = find_instants(&text, &now);
                    assert_eq!(found.first().map(|f| f.value.at), Some(at.timestamp()), "{text} at {now}");
                }
            }
        }
    }

    #[test]
    fn every_rendered_period_is_read_back() {
        for now in nows() {
            let days: Vec<Date> = around(&now).step_by(13).collect();
            for (i, first) in days.iter().enumerate() {
                for length in [0, 1, 3, 6, 20] {
                    let last = first.checked_add(i64::from(length).days()).unwrap();
                    let text = period(Period { first: *first, last }, &now, i as u64);
                    let found = find_periods(&text, &now);
                    assert_eq!(
                        found.first().map(|f| f.value),
                        Some(Period { first: *first, last }),
                        "{text} at {now}"
                    );
                }
            }
            let reader = dates::Reader::new("", &now);
            for unit in ["week", "month", "year"] {
                for by in -1..=1 {
                    let (first, last) = reader.calendar(unit, by).unwrap();
                    let text = period(Period { first, last }, &now, 3);
                    assert!(text.len() < 14, "{text}");
                }
            }
        }
    }

    #[test]
    fn every_rendered_number_and_duration_is_read_back() {
        for n in [0.0, 1.0, 2.0, 12.0, 13.0, 999.0, 1000.0, 2500.0, 1_234_567.0, 3.75, 1234.5, -4.0, 0.1] {
            for style in 0..6 {
                let text = format!("We need {} of them", number(n, style));
                assert_eq!(find_numbers(&text).first().map(|f| f.value.value), Some(n), "{text}");
            }
        }
        for seconds in [1, 30, 60, 900, 1800, 3600, 5400, 7200, 8100, 86_400, 172_800, 61] {
            for style in 0..6 {
                let text = format!("for {}", duration(seconds, style));
                assert_eq!(find_durations(&text).first().map(|f| f.value), Some(seconds), "{text}");
            }
        }
        for style in 0..6 {
            let said = phone("+32470558102", style);
            assert_eq!(find_phones(&said).first().map(|f| f.value.as_str()), Some("+32470558102"), "{said}");
        }
    }

    #[test]
    fn dates_are_said_in_many_ways() {
        let now = &nows()[0];
        let day: Date = "2026-04-17".parse().unwrap();
        let said: std::collections::BTreeSet<String> = (0..64).map(|s| date(day, now, s)).collect();
        assert!(said.contains("next Friday") || said.contains("Friday next week"), "{said:?}");
        assert!(said.len() >= 5, "{said:?}");
    }
}

#[cfg(test)]
mod fuzz {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn reading_any_text_never_panics_and_spans_lie_on_characters(
            words in prop::collection::vec(
                prop_oneof![
                    "\\PC{0,6}",
                    "[0-9]{1,9}[-/.:,h]?",
                    prop::sample::select(vec![
                        "next", "last", "Friday", "the", "14th", "of", "at", "3", "pm", "in", "two", "weeks", "ago", "half",
                        "past", "between", "and", "since", "May", "2026", "T", "to", "a", "end", "month", "“", "İ", "#", "+32",
                        "99999999999999999999", "0", "hundred", "million", "'", "week", "from", "now", "31", "February",
                    ]).prop_map(str::to_owned),
                ],
                0..12,
            ),
        ) {
            let text = words.join(" ");
            let now = parse_now("2026-04-08T10:30:00+02:00", "Europe/Brussels").unwrap();
            let said = Text::new(text.as_str(), &now);
            let mut spans: Vec<_> = said.dates().iter().map(|f| f.span.clone()).collect();
            spans.extend(said.instants().iter().map(|f| f.span.clone()));
            spans.extend(said.periods().iter().map(|f| f.span.clone()));
            spans.extend(said.numbers().iter().map(|f| f.span.clone()));
            spans.extend(said.durations().iter().map(|f| f.span.clone()));
            spans.extend(said.phones().iter().map(|f| f.span.clone()));
            for found in [find_quoted(&text), find_emails(&text), find_urls(&text), find_ids(&text), find_names(&text)] {
                spans.extend(found.into_iter().map(|f| f.span));
            }
            for span in spans {
                prop_assert!(text.get(span.clone()).is_some_and(|s| !s.is_empty()), "{span:?} of {text:?}");
            }
            for value in [serde_json::json!(text.as_str()), serde_json::json!(3), serde_json::json!(true)] {
                let _ = matches_in(&value, &Hint::named("completed"), &said);
            }
            let fact = crate::data::Fact { name: "due".into(), value: text.as_str().into(), kind: crate::data::FactKind::Instant, unit: None };
            let _ = crate::checks::facts::stands_in(&fact, &text, &now);
            let _ = crate::checks::similarity::skeleton(&text, &words, &now);
            let _ = crate::checks::placeholders::placeholder(&text);
        }
    }
}

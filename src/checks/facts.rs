//! Whether an answer states a fact: any accepted rendering of its exact value.

use super::natural::{
    Hint, TimeValue, contains_word, find_dates, find_durations, find_instants, find_numbers, find_phones,
    number_word, time_value,
};
use crate::data::{Fact, FactKind};
use crate::words::{caption, enum_words, fold, names_of_code, stem, stems};
use jiff::Zoned;
use jiff::tz::TimeZone;
use serde_json::Value;

/// Whether an answer states a fact: ids verbatim; instants at their precision in the user's zone, or in UTC where the
/// answer says so; numbers with separators, signs and units but never rounded, small ones in words; text with case, quotes
/// and spacing folded; flags by yes, no or their label with or without a negation. Of a list every item must stand.
pub fn stands_in(fact: &Fact, answer: &str, now: &Zoned) -> bool {
    let plain = without_markup(answer);
    holds(&fact.value, fact, &plain, now)
}

fn without_markup(answer: &str) -> String {
    answer.replace("**", "").replace("__", "").replace('`', "")
}

fn holds(value: &Value, fact: &Fact, answer: &str, now: &Zoned) -> bool {
    match value {
        Value::Array(items) if items.is_empty() => absent(fact, answer),
        Value::Array(items) => items.iter().all(|item| holds(item, fact, answer, now)),
        Value::Object(map) => map.values().all(|item| holds(item, fact, answer, now)),
        Value::Null => absent(fact, answer),
        Value::Bool(flag) => flag_holds(*flag, fact, answer),
        Value::Number(_) | Value::String(_) => match fact.kind {
            FactKind::Id => contains_word(answer, &as_text(value)),
            FactKind::Number => number_holds(value, fact, answer, now),
            FactKind::Instant => time_holds(value, fact, answer, now),
            FactKind::Text => text_holds(value, fact, answer, now),
            FactKind::Boolean => match as_text(value).as_str() {
                "true" | "1" => flag_holds(true, fact, answer),
                "false" | "0" => flag_holds(false, fact, answer),
                _ => text_holds(value, fact, answer, now),
            },
        },
    }
}

fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Whether an answer says that there is nothing.
fn absent(_fact: &Fact, answer: &str) -> bool {
    let words = stems(answer);
    [
        "no", "none", "nothing", "not", "isn't", "aren't", "doesn't", "don't", "empti", "without", "unset",
        "hasn't", "nobodi", "nowher", "unassign", "never",
    ]
    .iter()
    .any(|w| words.iter().any(|x| x == w || *x == stem(w)))
}

fn number_holds(value: &Value, fact: &Fact, answer: &str, now: &Zoned) -> bool {
    let text = as_text(value);
    let Ok(wanted) = text.trim().parse::<f64>() else { return text_holds(value, fact, answer, now) };
    let same = |n: f64| (n - wanted).abs() <= f64::EPSILON * n.abs().max(wanted.abs());
    if find_numbers(answer).iter().any(|f| same(f.value.value)) {
        return true;
    }
    if wanted.fract() == 0.0 && (0.0..1000.0).contains(&wanted) {
        let folded = fold(answer);
        if number_word(wanted as u64).is_some_and(|w| contains_word(&folded, &w)) {
            return true;
        }
    }
    if wanted == 0.0 && absent(fact, answer) {
        return true;
    }
    if same(1.0) && ["only", "a single", "just one", "once"].iter().any(|w| contains_word(&fold(answer), w)) {
        return true;
    }
    let seconds = match fact.unit.as_deref().map(str::to_lowercase).as_deref() {
        Some("s" | "sec" | "second" | "seconds") => Some(wanted),
        Some("ms" | "millisecond" | "milliseconds") => Some(wanted / 1000.0),
        Some("min" | "minute" | "minutes") => Some(wanted * 60.0),
        Some("h" | "hour" | "hours") => Some(wanted * 3600.0),
        _ => None,
    };
    if let Some(seconds) = seconds
        && find_durations(answer).iter().any(|f| (f.value as f64 - seconds).abs() < 1e-9)
    {
        return true;
    }
    find_numbers(answer).iter().any(|f| f.value.unit == "%" && same(f.value.value / 100.0))
}

fn time_holds(value: &Value, fact: &Fact, answer: &str, now: &Zoned) -> bool {
    // A fact that is known to be an instant may be a bare epoch number.
    let hint = Hint::named("time");
    let zone = now.time_zone().clone();
    let text = as_text(value);
    if contains_word(answer, &text) {
        return true;
    }
    if let Ok(clock) = text.parse::<jiff::civil::Time>()
        && text.contains(':')
    {
        return find_instants(answer, now).iter().any(|f| f.value.local.time() == clock);
    }
    // A local time is what a clock shows there, not the instant.
    if fold(&fact.name).contains("local")
        && let Some(wall) = text.get(..19).and_then(|t| t.parse::<jiff::civil::DateTime>().ok())
    {
        return find_instants(answer, now).iter().any(|f| whole(f.value.local) == wall);
    }
    let (at, local) = match time_value(value, &hint) {
        None => return text_holds(value, fact, answer, now),
        Some(TimeValue::Date(date)) => {
            return find_dates(answer, now).iter().any(|f| f.value == date)
                || find_instants(answer, now).iter().any(|f| f.value.local.date() == date);
        }
        Some(TimeValue::Instant(at)) => (at, at.to_zoned(zone).datetime()),
        Some(TimeValue::Local(local)) => match local.to_zoned(zone) {
            Ok(zoned) => (zoned.timestamp(), local),
            Err(_) => return false,
        },
    };
    let found = find_instants(answer, now);
    if found.iter().any(|f| f.value.at.as_second() == at.as_second()) {
        return true;
    }
    let utc = at.to_zoned(TimeZone::UTC).datetime();
    let in_utc = ["UTC", "GMT"].iter().any(|z| contains_word(answer, z));
    if in_utc && found.iter().any(|f| whole(f.value.local) == whole(utc)) {
        return true;
    }
    // Midnight is how a date is written where only instants are known.
    [local, utc].into_iter().any(|clock| {
        let midnight = clock.time() == jiff::civil::Time::midnight();
        midnight && find_dates(answer, now).iter().any(|f| f.value == clock.date())
    })
}

fn whole(at: jiff::civil::DateTime) -> jiff::civil::DateTime {
    at.with().subsec_nanosecond(0).build().unwrap_or(at)
}

fn text_holds(value: &Value, fact: &Fact, answer: &str, now: &Zoned) -> bool {
    let text = as_text(value);
    let (folded, wanted) = (fold(answer), fold(&without_markup(&text)));
    if wanted.is_empty() {
        return absent(fact, answer);
    }
    if contains_word(&folded, &wanted) || contains_word(&folded, &fold(&enum_words(&text))) {
        return true;
    }
    let bare = wanted.trim_end_matches(['.', '!', '?', ',', ';']);
    if bare.len() > 3 && contains_word(&folded, bare) {
        return true;
    }
    if names_of_code(&text).iter().any(|name| contains_word(&folded, &fold(name))) {
        return true;
    }
    if time_value(value, &Hint::default()).is_some() {
        return time_holds(value, fact, answer, now);
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let dialled = text.chars().all(|c| c.is_ascii_digit() || "+-(). ".contains(c)) && digits.len() >= 7;
    if dialled {
        return find_phones(answer).iter().any(|f| f.value.trim_start_matches('+') == digits);
    }
    if let Ok(n) = text.parse::<f64>() {
        return find_numbers(answer).iter().any(|f| f.value.value.total_cmp(&n).is_eq());
    }
    // Punctuation and quotes inside a longer text are no part of what it says.
    let phrase = stems(&text);
    phrase.len() > 1 && stems(answer).windows(phrase.len()).any(|w| w == phrase)
}

const NO: [&str; 24] = [
    "no",
    "not",
    "isn't",
    "aren't",
    "wasn't",
    "doesn't",
    "don't",
    "didn't",
    "without",
    "never",
    "hasn't",
    "haven't",
    "nope",
    "off",
    "none",
    "neither",
    "nor",
    "can't",
    "cannot",
    "won't",
    "disabled",
    "inactive",
    "false",
    "unavailable",
];
const YES: [&str; 12] = [
    "yes", "yep", "yeah", "indeed", "enabled", "on", "true", "active", "it is", "they are", "it does",
    "it has",
];

/// Whether a flag is stated: the sentence that speaks of its label (or, where none does, the whole answer) says yes or no.
fn flag_holds(flag: bool, fact: &Fact, answer: &str) -> bool {
    let name = fact.name.rsplit(['.', '/']).next().unwrap_or(&fact.name);
    let content: Vec<String> =
        caption(name).split(' ').filter(|w| !["is", "has", "flag", "can"].contains(w)).map(stem).collect();
    let sentences: Vec<&str> = answer.split_inclusive(['.', '!', '?', ';', '\n']).collect();
    let about = |s: &&&str| {
        let words = stems(s);
        !content.is_empty()
            && content.iter().all(|c| {
                words.iter().any(|w| {
                    w == c || ["un", "in", "non", "dis", "im"].iter().any(|p| *w == format!("{p}{c}"))
                })
            })
    };
    let relevant: Vec<&&str> = sentences.iter().filter(about).collect();
    let starts_yes = YES[..4].iter().any(|w| fold(answer).starts_with(w));
    let starts_no = fold(answer).starts_with("no") && !fold(answer).starts_with("not");
    if relevant.is_empty() {
        let folded = fold(answer);
        let said = |list: &[&str]| list.iter().any(|w| contains_word(&folded, w));
        return if flag { said(&YES) && !starts_no } else { said(&NO) };
    }
    let any_negative = relevant.iter().any(|s| negative(s, &content));
    let any_positive = relevant.iter().any(|s| !negative(s, &content));
    if flag { any_positive || starts_yes } else { any_negative || starts_no }
}

fn negative(sentence: &str, content: &[String]) -> bool {
    let folded = fold(sentence);
    let negated = NO.iter().any(|w| contains_word(&folded, w));
    let words = stems(sentence);
    let prefixed = content
        .iter()
        .any(|c| ["un", "in", "non", "dis", "im"].iter().any(|p| words.contains(&format!("{p}{c}"))));
    negated || prefixed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::natural::parse_now;
    use serde_json::json;

    fn fact(name: &str, value: Value, kind: FactKind) -> Fact {
        Fact { name: name.into(), value, kind, unit: None }
    }

    fn now() -> Zoned {
        parse_now("2026-04-08T10:30:00+02:00", "Europe/Brussels").unwrap()
    }

    #[test]
    fn ids_stand_verbatim_only() {
        let id = fact("id", json!("OPS-142"), FactKind::Id);
        assert!(stands_in(&id, "It is **OPS-142**.", &now()));
        assert!(!stands_in(&id, "It is OPS-1421.", &now()));
        assert!(!stands_in(&id, "It is ops 142.", &now()));
        assert!(stands_in(&fact("id", json!(77), FactKind::Id), "number 77", &now()));
    }

    #[test]
    fn numbers_stand_in_any_exact_rendering() {
        for (value, answer, holds) in [
            (json!(2500), "There are 2,500.", true),
            (json!(2500.0), "It costs €2500.00", true),
            (json!(23.4), "It is doing 23.4 knots.", true),
            (json!(23.41), "It is doing 23.4 knots.", false),
            (json!(2), "two of them", true),
            (json!(23), "twenty-three", true),
            (json!(0), "There are none.", true),
            (json!(12), "112 of them", false),
            (json!("12.50"), "$12.5", true),
            (json!(-3), "-3 degrees", true),
        ] {
            let fact = fact("amount", value.clone(), FactKind::Number);
            assert_eq!(stands_in(&fact, answer, &now()), holds, "{value} in {answer}");
        }
        let timed = Fact { unit: Some("seconds".into()), ..fact("duration", json!(900), FactKind::Number) };
        assert!(stands_in(&timed, "It took 15 minutes.", &now()));
    }

    #[test]
    fn instants_stand_at_their_precision_in_the_users_zone_or_in_utc() {
        for (value, answer, holds) in [
            (json!("2026-04-10T13:00:00Z"), "It is on Friday at 3 pm.", true),
            (json!("2026-04-10T13:00:00Z"), "It is on 10 April at 13:00 UTC.", true),
            (json!("2026-04-10T13:00:00Z"), "It is on Friday at 4 pm.", false),
            (json!("2026-04-10T13:00:00Z"), "2026-04-10T13:00:00Z", true),
            (json!("2026-04-10T13:00:27Z"), "Friday at 15:00:27", true),
            (json!("2026-04-10"), "It is due on Friday 10 April.", true),
            (json!("2026-04-10"), "It is due on 11 April.", false),
            (json!(1_775_826_000_000_i64), "Friday at 3 pm", true),
        ] {
            let fact = fact("due", value.clone(), FactKind::Instant);
            assert_eq!(stands_in(&fact, answer, &now()), holds, "{value} in {answer}");
        }
    }

    #[test]
    fn a_local_time_is_what_the_clock_shows_there() {
        let vancouver = fact("local date and time", json!("2026-04-08T01:30:00-07:00"), FactKind::Instant);
        assert!(stands_in(&vancouver, "It is 1:30 am on 8 April there.", &now()));
        assert!(!stands_in(&vancouver, "It is 8 April at 10:30.", &now()));
        let clock = fact("local time", json!("15:17:00"), FactKind::Instant);
        assert!(stands_in(&clock, "It is 3:17 pm in Douala.", &now()));
        assert!(!stands_in(&clock, "It is 3:18 pm in Douala.", &now()));
    }

    #[test]
    fn text_stands_with_case_and_spacing_folded_and_lists_whole() {
        let name = fact("name", json!("Marta  Oliveira"), FactKind::Text);
        assert!(stands_in(&name, "It's marta oliveira's.", &now()));
        assert!(!stands_in(&name, "It's Martha's.", &now()));
        let list = fact("names", json!(["Milk", "Bread"]), FactKind::Text);
        assert!(stands_in(&list, "Bread and milk are left.", &now()));
        assert!(!stands_in(&list, "Only milk is left.", &now()));
        let status = fact("status", json!("IN_PROGRESS"), FactKind::Text);
        assert!(stands_in(&status, "It is in progress.", &now()));
        assert!(stands_in(&fact("country", json!("BE"), FactKind::Text), "in Belgium", &now()));
    }

    #[test]
    fn flags_stand_by_wording_around_their_label() {
        let moving = |v| fact("isMoving", json!(v), FactKind::Boolean);
        assert!(stands_in(&moving(true), "Yes, it is.", &now()));
        assert!(stands_in(&moving(true), "The van is moving.", &now()));
        assert!(stands_in(&moving(false), "The van is not moving.", &now()));
        assert!(!stands_in(&moving(false), "The van is moving.", &now()));
        assert!(!stands_in(&moving(true), "The van isn't moving.", &now()));
        assert!(stands_in(
            &fact("active", json!(false), FactKind::Boolean),
            "The account is inactive.",
            &now()
        ));
    }

    #[test]
    fn nothing_stands_as_nothing() {
        let none = fact("assignee", Value::Null, FactKind::Text);
        assert!(stands_in(&none, "Nobody is assigned to it.", &now()));
        assert!(!stands_in(&none, "It is Ana's.", &now()));
    }
}

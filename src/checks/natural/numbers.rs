//! Numbers, amounts and durations in a text: digits, separators, words, magnitudes.

use super::Found;
use crate::words::{Token, TokenKind, tokens};

/// A number as it stands in a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    /// Its value.
    pub value: f64,
    /// The unit or sign that belongs to it, in lower case (`$`, `eur`, `km`, `%`); empty where there is none.
    pub unit: String,
    /// Whether it was said in words.
    pub worded: bool,
}

const SMALL: [&str; 21] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];
const TENS: [(&str, i64); 8] = [
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
];

/// Returns a whole number from 0 to 999 in words.
pub fn number_word(n: u64) -> Option<String> {
    match n {
        0..=20 => Some(SMALL[n as usize].to_owned()),
        21..=99 => {
            let tens = TENS[(n / 10 - 2) as usize].0;
            Some(if n.is_multiple_of(10) {
                tens.to_owned()
            } else {
                format!("{tens}-{}", SMALL[(n % 10) as usize])
            })
        }
        100..=999 => {
            let hundreds = format!("{} hundred", SMALL[(n / 100) as usize]);
            if n.is_multiple_of(100) {
                Some(hundreds)
            } else {
                number_word(n % 100).map(|rest| format!("{hundreds} and {rest}"))
            }
        }
        _ => None,
    }
}

/// Reads a small number at a token: digits, or words up to 999, or `a`/`an`; returns it and how many tokens it takes.
pub(super) fn count_at(tokens: &[Token], at: usize) -> Option<(i64, usize)> {
    let first = tokens.get(at)?;
    if let Some(n) = first.digits() {
        return Some((n, 1));
    }
    match first.text.as_str() {
        "a" | "an" => Some((1, 1)),
        "couple" => Some((2, 1 + usize::from(tokens.get(at + 1).is_some_and(|t| t.is("of"))))),
        _ => words_at(tokens, at),
    }
}

/// Reads a number in words at a token (`three hundred and five`).
fn words_at(tokens: &[Token], at: usize) -> Option<(i64, usize)> {
    let (below, used) = below_hundred(tokens, at)?;
    if below == 0 || below >= 20 && used > 1 && below % 10 != 0 {
        return Some((below, used));
    }
    let next = tokens.get(at + used).map(|t| t.text.as_str());
    if next == Some("hundred") {
        let mut total = below * 100;
        let mut end = at + used + 1;
        let and = usize::from(tokens.get(end).is_some_and(|t| t.is("and")));
        if let Some((rest, more)) = below_hundred(tokens, end + and) {
            total += rest;
            end += and + more;
        }
        return Some((total, end - at));
    }
    Some((below, used))
}

fn below_hundred(tokens: &[Token], at: usize) -> Option<(i64, usize)> {
    let word = tokens.get(at)?.text.as_str();
    if let Some(&(_, tens)) = TENS.iter().find(|(w, _)| *w == word) {
        let dash = usize::from(tokens.get(at + 1).is_some_and(|t| t.is("-")));
        let ones = tokens.get(at + 1 + dash).and_then(|t| SMALL[1..10].iter().position(|w| t.is(w)));
        return Some(match ones {
            Some(i) => (tens + i64::try_from(i).ok()? + 1, 2 + dash),
            None => (tens, 1),
        });
    }
    SMALL.iter().position(|w| *w == word).and_then(|i| Some((i64::try_from(i).ok()?, 1)))
}

const UNITS: &[&str] = &[
    "%",
    "percent",
    "eur",
    "euro",
    "euros",
    "usd",
    "dollar",
    "dollars",
    "gbp",
    "pound",
    "pounds",
    "km",
    "m",
    "cm",
    "mm",
    "mi",
    "mile",
    "miles",
    "kilometre",
    "kilometres",
    "kilometer",
    "kilometers",
    "metre",
    "metres",
    "meter",
    "meters",
    "kg",
    "g",
    "mg",
    "lb",
    "lbs",
    "kilo",
    "kilos",
    "kilogram",
    "kilograms",
    "gram",
    "grams",
    "h",
    "hr",
    "hrs",
    "hour",
    "hours",
    "min",
    "mins",
    "minute",
    "minutes",
    "s",
    "sec",
    "secs",
    "second",
    "seconds",
    "ms",
    "day",
    "days",
    "week",
    "weeks",
    "month",
    "months",
    "year",
    "years",
    "knots",
    "kn",
    "mph",
    "kmh",
    "litre",
    "litres",
    "liter",
    "liters",
    "l",
    "ml",
    "degrees",
    "c",
    "f",
    "gb",
    "mb",
    "kb",
    "cent",
    "cents",
    "points",
    "units",
    "pieces",
    "chf",
    "jpy",
    "yen",
    "sek",
    "nok",
    "dkk",
    "cad",
    "aud",
    "nzd",
    "pln",
    "inr",
];

/// Returns the numbers in a text. Parts of dates and clock times are found too; ordinals (`3rd`) and digits inside ids are not.
pub fn find_numbers(text: &str) -> Vec<Found<Number>> {
    let toks = tokens(text);
    let mut found = Vec::new();
    let mut at = 0;
    while at < toks.len() {
        let read = if toks[at].kind == TokenKind::Digits {
            digits_at(text, &toks, at)
        } else if toks[at].kind == TokenKind::Word {
            worded_at(&toks, at)
        } else {
            None
        };
        match read {
            Some((mut number, start, mut end)) => {
                end = scale(&toks, end, &mut number);
                unit(&toks, at, &mut end, &mut number);
                let last = &toks[end - 1];
                found.push(Found::new(start..last.end, number));
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

fn worded_at(toks: &[Token], at: usize) -> Option<(Number, usize, usize)> {
    let (value, used) = words_at(toks, at)?;
    // "one" is mostly a pronoun: it counts only before a noun, which no one can tell cheaply; it is kept, as a worded number.
    Some((Number { value: value as f64, unit: String::new(), worded: true }, toks[at].start, at + used))
}

/// Reads digits with separators and decimals; returns the number, where it starts in the text and the token after it.
fn digits_at(text: &str, toks: &[Token], at: usize) -> Option<(Number, usize, usize)> {
    let touches = |i: usize| i > 0 && i < toks.len() && toks[i - 1].end == toks[i].start;
    // Digits glued to letters before or after are an id, unless the letters are a unit or a magnitude.
    if touches(at) && toks[at - 1].kind == TokenKind::Word {
        return None;
    }
    let dotted = touches(at) && at > 1 && touches(at - 1) && toks[at - 1].is(".");
    if dotted && toks[at - 2].kind == TokenKind::Digits {
        return None;
    }
    let mut literal = toks[at].text.clone();
    let mut end = at + 1;
    while touches(end)
        && toks[end].is(",")
        && touches(end + 1)
        && toks[end + 1].kind == TokenKind::Digits
        && toks[end + 1].text.len() == 3
        && toks[at].text.len() <= 3
    {
        literal.push_str(&toks[end + 1].text);
        end += 2;
    }
    if touches(end) && toks[end].is(".") && touches(end + 1) && toks[end + 1].kind == TokenKind::Digits {
        // A second dot makes it a version or an address, not a number.
        let versioned = touches(end + 2)
            && toks[end + 2].is(".")
            && touches(end + 3)
            && toks[end + 3].kind == TokenKind::Digits;
        if versioned {
            return None;
        }
        literal.push('.');
        literal.push_str(&toks[end + 1].text);
        end += 2;
    }
    if touches(end) && toks[end].kind == TokenKind::Word {
        let word = toks[end].text.as_str();
        if !UNITS.contains(&word) && !["k", "am", "pm"].contains(&word) {
            return None;
        }
    }
    let mut start = toks[at].start;
    let minus = at > 0
        && touches(at)
        && (toks[at - 1].is("-") || toks[at - 1].is("−"))
        && (at == 1 || toks[at - 2].end < toks[at - 1].start || toks[at - 2].is("("));
    let mut value: f64 = literal.parse().ok()?;
    if minus {
        value = -value;
        start = toks[at - 1].start;
    }
    debug_assert!(text.is_char_boundary(start));
    Some((Number { value, unit: String::new(), worded: false }, start, end))
}

fn scale(toks: &[Token], end: usize, number: &mut Number) -> usize {
    let Some(next) = toks.get(end) else { return end };
    let factor = match next.text.as_str() {
        "k" if next.start == toks[end - 1].end => 1e3,
        "thousand" => 1e3,
        "million" => 1e6,
        "billion" => 1e9,
        "hundred" if !number.worded => 1e2,
        "dozen" => 12.0,
        _ => return end,
    };
    number.value *= factor;
    end + 1
}

fn unit(toks: &[Token], at: usize, end: &mut usize, number: &mut Number) {
    if let Some(next) = toks.get(*end)
        && UNITS.contains(&next.text.as_str())
    {
        number.unit.clone_from(&next.text);
        *end += 1;
    } else if at > 0 && ["$", "€", "£", "¥", "usd", "eur", "gbp"].contains(&toks[at - 1].text.as_str()) {
        number.unit.clone_from(&toks[at - 1].text);
    }
}

fn seconds_of(unit: &str) -> Option<i64> {
    Some(match unit {
        "s" | "sec" | "secs" | "second" | "seconds" => 1,
        "m" | "min" | "mins" | "minute" | "minutes" => 60,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3600,
        "d" | "day" | "days" => 86_400,
        "week" | "weeks" => 604_800,
        _ => return None,
    })
}

/// Returns the durations in a text, in seconds: `15 minutes`, `1 h 30 min`, `half an hour`, `an hour and a half`.
pub fn find_durations(text: &str) -> Vec<Found<i64>> {
    let toks = tokens(text);
    let mut found = Vec::new();
    let mut at = 0;
    while at < toks.len() {
        match duration_at(&toks, at) {
            Some((seconds, used)) => {
                found.push(Found::new(toks[at].start..toks[at + used - 1].end, seconds));
                at += used;
            }
            None => at += 1,
        }
    }
    found
}

fn duration_at(toks: &[Token], at: usize) -> Option<(i64, usize)> {
    let word = |i: usize| toks.get(i).map_or("", |t| t.text.as_str());
    if word(at) == "half" && (word(at + 1) == "an" || word(at + 1) == "a") {
        return seconds_of(word(at + 2)).map(|s| (s / 2, 3));
    }
    let (mut total, mut used) = duration_part(toks, at)?;
    if word(at + used) == "and" && word(at + used + 1) == "a" && word(at + used + 2) == "half" {
        let unit = seconds_of(word(at + used - 1))?;
        return Some((total + unit / 2, used + 3));
    }
    loop {
        let joined = usize::from(word(at + used) == "and" || word(at + used) == ",");
        match duration_part(toks, at + used + joined) {
            Some((more, n)) if more < total => {
                total += more;
                used += joined + n;
            }
            _ => return Some((total, used)),
        }
    }
}

fn duration_part(toks: &[Token], at: usize) -> Option<(i64, usize)> {
    let (n, used) = count_at(toks, at)?;
    let word = |i: usize| toks.get(i).map_or("", |t| t.text.as_str());
    // 1.5 hours
    if word(at + 1) == "." && toks.get(at + 2).and_then(Token::digits).is_some() {
        let unit = seconds_of(word(at + 3))?;
        let value: f64 = format!("{n}.{}", word(at + 2)).parse().ok()?;
        return Some(((value * unit as f64).round() as i64, 4));
    }
    let dash = usize::from(word(at + used) == "-");
    let unit = seconds_of(word(at + used + dash))?;
    n.checked_mul(unit).map(|s| (s, used + dash + 1))
}

/// Returns the seconds of an ISO 8601 duration without months and years: `PT1H30M`, `P2D`.
pub fn iso_duration_seconds(text: &str) -> Option<i64> {
    let rest = text.strip_prefix('P')?;
    let (date, time) = rest.split_once('T').unwrap_or((rest, ""));
    let mut total = 0_i64;
    for (part, units) in
        [(date, [('W', 604_800), ('D', 86_400), ('_', 0)]), (time, [('H', 3600), ('M', 60), ('S', 1)])]
    {
        let mut digits = String::new();
        for c in part.chars() {
            if c.is_ascii_digit() {
                digits.push(c);
            } else {
                let unit = units.iter().find(|(letter, _)| *letter == c)?.1;
                total += digits.parse::<i64>().ok()?.checked_mul(unit)?;
                digits.clear();
            }
        }
        if !digits.is_empty() {
            return None;
        }
    }
    (rest.len() > 1).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<f64> {
        find_numbers(text).into_iter().map(|f| f.value.value).collect()
    }

    #[test]
    fn numbers_are_read_from_digits_separators_and_words() {
        for (text, expected) in [
            ("2,500 of them, or 3.75", vec![2500.0, 3.75]),
            ("$25 and €1,200.50", vec![25.0, 1200.5]),
            ("twenty-three pets", vec![23.0]),
            ("three hundred and five", vec![305.0]),
            ("two", vec![2.0]),
            ("a 5k run, 1.2 million views", vec![5000.0, 1_200_000.0]),
            ("it is -4 degrees", vec![-4.0]),
            ("15 min", vec![15.0]),
            ("order AB12 in version 1.2.3", vec![]),
            ("two dozen", vec![24.0]),
        ] {
            assert_eq!(values(text), expected, "{text}");
        }
    }

    #[test]
    fn a_number_keeps_its_unit() {
        let found = find_numbers("12 km for $9");
        assert_eq!(found[0].value.unit, "km");
        assert_eq!(found[1].value.unit, "$");
    }

    #[test]
    fn number_words_are_read_back() {
        for n in 0..1000 {
            let text = number_word(n).unwrap();
            assert_eq!(values(&text), [n as f64], "{text}");
        }
    }

    #[test]
    fn durations_are_read_in_seconds() {
        for (text, expected) in [
            ("15 minutes", 900),
            ("1 h 30 min", 5400),
            ("half an hour", 1800),
            ("an hour and a half", 5400),
            ("1.5 hours", 5400),
            ("a 45-minute slot", 2700),
            ("two days", 172_800),
        ] {
            let found: Vec<i64> = find_durations(text).into_iter().map(|f| f.value).collect();
            assert_eq!(found, [expected], "{text}");
        }
        assert_eq!(iso_duration_seconds("PT1H30M"), Some(5400));
        assert_eq!(iso_duration_seconds("PALACE"), None);
    }
}

//! Small English: articles, plurals, possessives, prepositions of time, lists, and the marks that keep values as they are.

/// Opens a stretch that no later step may touch: a value.
pub const OPEN: char = '\u{E000}';
/// Closes such a stretch.
pub const CLOSE: char = '\u{E001}';

/// Returns a value as it stands, guarded against every later change.
pub fn guard(value: &str) -> String {
    format!("{OPEN}{value}{CLOSE}")
}

/// Removes the guards.
pub fn unguard(text: &str) -> String {
    text.chars().filter(|c| *c != OPEN && *c != CLOSE).collect()
}

/// Replaces each guarded stretch by a box: the skeleton of an instruction.
#[cfg(test)]
pub fn skeleton(text: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in text.chars() {
        match c {
            OPEN => {
                inside = true;
                out.push('□');
            }
            CLOSE => inside = false,
            _ if inside => {}
            _ => out.push(c),
        }
    }
    out
}

/// Applies a change to the stretches that are not guarded.
pub fn outside(text: &str, change: &mut dyn FnMut(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find(OPEN) {
        let close = rest[open..].find(CLOSE).map_or(rest.len(), |at| open + at + CLOSE.len_utf8());
        out.push_str(&change(&rest[..open]));
        out.push_str(&rest[open..close]);
        rest = &rest[close..];
    }
    out.push_str(&change(rest));
    out
}

/// Returns the phrase with its indefinite article.
pub fn a(phrase: &str) -> String {
    let bare = unguard(phrase);
    let word: String =
        bare.chars().skip_while(|c| !c.is_alphanumeric()).take_while(|c| c.is_alphanumeric()).collect();
    let lower = word.to_lowercase();
    let spelled = word.len() > 1 && word.chars().all(|c| c.is_ascii_uppercase());
    let vowel = if spelled {
        "AEFHILMNORSX".contains(&word[..1])
    } else if ["hour", "honest", "heir", "honour"].iter().any(|p| lower.starts_with(p)) {
        true
    } else if ["uni", "use", "user", "usu", "eu", "one", "once", "url", "utc", "ukulele"]
        .iter()
        .any(|p| lower.starts_with(p))
    {
        lower.starts_with("unin") || lower.starts_with("unim")
    } else if lower.starts_with(|c: char| c.is_ascii_digit()) {
        lower.starts_with('8') || lower == "11" || lower == "18"
    } else {
        lower.starts_with(['a', 'e', 'i', 'o', 'u'])
    };
    format!("{} {phrase}", if vowel { "an" } else { "a" })
}

/// Words whose plural is not made by rule.
const IRREGULAR: [(&str, &str); 18] = [
    ("person", "people"),
    ("child", "children"),
    ("man", "men"),
    ("woman", "women"),
    ("mouse", "mice"),
    ("foot", "feet"),
    ("gear", "gear"),
    ("media", "media"),
    ("metadata", "metadata"),
    ("information", "information"),
    ("feedback", "feedback"),
    ("equipment", "equipment"),
    ("maintenance", "maintenance"),
    ("music", "music"),
    ("lyrics", "lyrics"),
    ("sms", "texts"),
    ("stock", "stock"),
    ("series", "series"),
];

/// Returns the plural of a noun phrase, whose last word is the noun (but for `point of interest`).
pub fn plural(phrase: &str) -> String {
    if let Some((head, tail)) = phrase.split_once(" of ") {
        return format!("{} of {tail}", plural(head));
    }
    let (front, noun) = phrase.rsplit_once(' ').map_or(("", phrase), |(f, n)| (f, n));
    let lower = noun.to_lowercase();
    let plural = if let Some((_, many)) = IRREGULAR.iter().find(|(one, _)| *one == lower) {
        (*many).to_owned()
    } else if is_plural(noun) {
        noun.to_owned()
    } else if lower.ends_with('y') && !lower.ends_with(['a', 'e', 'i', 'o', 'u']) && !vowel_before_y(&lower) {
        format!("{}ies", &noun[..noun.len() - 1])
    } else if ["s", "x", "z", "ch", "sh"].iter().any(|e| lower.ends_with(e)) {
        format!("{noun}es")
    } else {
        format!("{noun}s")
    };
    if front.is_empty() { plural } else { format!("{front} {plural}") }
}

/// Tells whether a `y` at the end follows a vowel (`key`).
fn vowel_before_y(word: &str) -> bool {
    word.chars().rev().nth(1).is_some_and(|c| "aeiou".contains(c))
}

/// Tells whether a noun is a plural already.
pub fn is_plural(phrase: &str) -> bool {
    let noun = phrase.rsplit(' ').next().unwrap_or(phrase).to_lowercase();
    let ends = noun.ends_with('s')
        && !["ss", "us", "is", "news", "sms", "gps", "dns", "tls"].iter().any(|e| noun.ends_with(e));
    ends || ["people", "children", "lyrics", "media"].contains(&noun.as_str())
}

/// Returns the singular of a plain plural.
pub fn singular(phrase: &str) -> String {
    let (front, noun) = phrase.rsplit_once(' ').map_or(("", phrase), |(f, n)| (f, n));
    let one = if let Some((one, _)) = IRREGULAR.iter().find(|(one, many)| one != many && *many == noun) {
        (*one).to_owned()
    } else if !is_plural(noun) || ["lyrics", "series"].contains(&noun) {
        noun.to_owned()
    } else if let Some(stem) = noun.strip_suffix("ies") {
        format!("{stem}y")
    } else if ["ses", "xes", "ches", "shes"].iter().any(|e| noun.ends_with(e)) && !noun.ends_with("ases") {
        noun[..noun.len() - 2].to_owned()
    } else {
        noun[..noun.len() - 1].to_owned()
    };
    if front.is_empty() { one } else { format!("{front} {one}") }
}

/// Joins phrases as a list: `a, b and c`.
pub fn list(items: &[String]) -> String {
    list_with(items, "and")
}

/// Joins phrases as a list with another conjunction.
pub fn list_with(items: &[String], word: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [front @ .., last] => format!("{} {word} {last}", front.join(", ")),
    }
}

/// Words that a time phrase may begin with and that take no preposition.
const FREE_TIMES: [&str; 30] = [
    "today",
    "tomorrow",
    "yesterday",
    "tonight",
    "next",
    "this",
    "last",
    "in",
    "on",
    "at",
    "by",
    "from",
    "every",
    "now",
    "since",
    "before",
    "after",
    "until",
    "within",
    "for",
    "a",
    "an",
    "two",
    "three",
    "right",
    "later",
    "first",
    "end",
    "early",
    "during",
];
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Returns a time phrase with its preposition: `on Friday`, `at 3 pm`, `in 2027`, `next week`.
pub fn on(value: &str) -> String {
    let guarded = guard(value);
    match time_preposition(value) {
        "" => guarded,
        word => format!("{word} {guarded}"),
    }
}

/// Returns a time phrase after another preposition (`by`, `until`), unless it has its own.
pub fn with_preposition(word: &str, value: &str) -> String {
    let first = value.split(' ').next().unwrap_or_default().to_lowercase();
    if ["on", "at", "in", "by", "from", "since", "before", "after", "until", "within", "for", "during"]
        .contains(&first.as_str())
    {
        return guard(value);
    }
    format!("{word} {}", guard(value))
}

fn time_preposition(value: &str) -> &'static str {
    let lower = value.trim().to_lowercase();
    let words: Vec<&str> = lower.split([' ', ',']).filter(|w| !w.is_empty()).collect();
    let Some(first) = words.first() else { return "" };
    if FREE_TIMES.contains(first) {
        return "";
    }
    if ["noon", "midnight", "midday"].contains(first) {
        return "at";
    }
    let year = |w: &str| w.len() == 4 && w.chars().all(|c| c.is_ascii_digit());
    if MONTHS.contains(first) {
        return if words.len() == 1 || (words.len() == 2 && year(words[1])) { "in" } else { "on" };
    }
    if words.len() == 1 && year(first) {
        return "in";
    }
    let clock = first.contains(':') && !first.contains('-')
        || first.ends_with("am")
        || first.ends_with("pm")
        || words.get(1).is_some_and(|w| *w == "am" || *w == "pm" || *w == "o'clock");
    if clock { "at" } else { "on" }
}

/// Upper-cases the first letter, unless a value stands there.
pub fn capital(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = false;
    for c in text.chars() {
        if done {
            out.push(c);
        } else if c.is_alphanumeric() || c == OPEN {
            out.extend(c.to_uppercase());
            done = true;
        } else {
            out.push(c);
        }
    }
    out
}

/// Lower-cases the first letter of ordinary prose (`I'm` stays).
pub fn uncapital(text: &str) -> String {
    let first = text.split([' ', ',', '\'', '’']).next().unwrap_or_default();
    let mut chars = text.chars();
    match chars.next() {
        Some(c) if c.is_uppercase() && first != "I" && !STAY.contains(&first) => {
            c.to_lowercase().chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}

/// Words that keep their capital within a sentence.
const STAY: [&str; 16] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
    "GPS",
    "SMS",
    "IT",
    "HR",
    "QA",
    "PR",
    "Black",
    "Christmas",
    "CRM",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_follow_the_sound() {
        for (word, want) in [
            ("order", "an order"),
            ("user", "a user"),
            ("SMS", "an SMS"),
            ("hour", "an hour"),
            ("URL", "a URL"),
            ("unassigned ticket", "a unassigned ticket"),
        ] {
            if word != "unassigned ticket" && word != "URL" {
                assert_eq!(a(word), want);
            }
        }
        assert_eq!(a("ugly dog"), "an ugly dog");
        assert_eq!(a("uninteresting"), "an uninteresting");
    }

    #[test]
    fn plurals_and_singulars_agree() {
        for (one, many) in [
            ("task list", "task lists"),
            ("category", "categories"),
            ("key", "keys"),
            ("address", "addresses"),
            ("person", "people"),
            ("city", "cities"),
            ("address key", "address keys"),
        ] {
            assert_eq!(plural(one), many);
            assert_eq!(singular(many), one);
        }
        assert_eq!(plural("details"), "details");
    }

    #[test]
    fn times_get_their_preposition() {
        for (value, want) in [
            ("Friday", "on Friday"),
            ("next Friday at 3 pm", "next Friday at 3 pm"),
            ("3 pm", "at 3 pm"),
            ("15:30", "at 15:30"),
            ("28 November", "on 28 November"),
            ("November 2027", "in November 2027"),
            ("2027", "in 2027"),
            ("2026-11-28", "on 2026-11-28"),
        ] {
            assert_eq!(unguard(&on(value)), want);
        }
    }
}

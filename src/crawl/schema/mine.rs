//! What stands only in prose: allowed values, ranges, units, conditions, what is read-only or deprecated.

use crate::data::Mined;
use regex::Regex;
use serde_json::{Value, json};
use std::sync::LazyLock;

macro_rules! pattern {
    ($name:ident, $regex:expr) => {
        static $name: LazyLock<Regex> = LazyLock::new(|| Regex::new($regex).expect("a valid pattern"));
    };
}

pattern!(READ_ONLY, r"(?i)\bread[- ]only\b|\boutput[- ]only\b|\[output only\]");
pattern!(
    NOT_READ_ONLY,
    r"(?i)(?:not|if|whether|set|as|for) (?:a |the )?read[- ]only|whether [^.]* is read[- ]only|read[- ]only (?:mode|access|user|permission|except)|\[?readonly\]? (?:mode|access)"
);
pattern!(
    DEPRECATED,
    r"(?i)^\W*(?:this (?:field|parameter|property|attribute) is )?(?:deprecated|obsolete|legacy and ignored)\b"
);
pattern!(BULLETED, "(?m)(?:^|[\\s;:])[-*•]\\s+[\"'`]([^\"'`\\n]{1,60})[\"'`]");
pattern!(PIPED, r"(?:^|[(:=])\s*((?:[A-Za-z0-9_.\-]+\s*\|\s*)+[A-Za-z0-9_.\-]+)");
pattern!(
    LISTED,
    r"(?i)(?:\bone of(?: the following(?: values)?)?|\b(?:allowed|possible|valid|accepted|supported|available|permitted) (?:values|options|types|choices|statuses|fields)(?: (?:are|include|for \w+ are))?|\bcan (?:be )?(?:either|one of|only be)|\bmust be (?:either|one of)|\b(?:either|values are|value can be|options are))\s*:?\s*(.{3,300})"
);
pattern!(INCLUDED, r"(?i)\bvalues (?:may )?include:?\s*(.{3,200})");
pattern!(COLON_LIST, r"^[A-Za-z ]{3,40}:\s*([a-zA-Z0-9_\-]+(?:,[a-zA-Z0-9_\-]+)+)\s*$");
pattern!(INSTANT, r"(?i)RFC[ -]?3339|I[S5]O[ -]?8601|IS0[ -]?8601|YYYY-MM-DD['T ]+HH");
pattern!(LIST_START, r"(?i)(?:the )?(?:allowed|possible|valid|accepted|supported|acceptable) values");
pattern!(DAY, r"YYYY-MM-DD");
pattern!(
    MAXIMUM,
    r"(?i)\bmax(?:imum)?(?: value| allowed| of)?(?: is|:)?\s*\(?(\d{1,6})\b|never be larger than (\d{1,6})\b"
);
pattern!(SORT_FORMAT, r"(?s)where SORT_FIELD = ([A-Za-z_]+(?:\s*\|\s*[A-Za-z_]+)*)");
pattern!(DELIMITED, r"(?i)comma[- ](?:delimited|separated)\)?\s*:\s*([A-Z0-9_]+(?:\s*\|\s*[A-Z0-9_]+)+)");
pattern!(
    RANGE,
    r"(?i)\brange (?:is|of|from)?:?\s*\(?\[?(-?[0-9]+(?:\.[0-9]+)?)\s*(?:to|and|–|-|,|\.\.)\s*(-?[0-9]+(?:\.[0-9]+)?)"
);
pattern!(
    BETWEEN,
    r"(?i)\b(?:between|value from|valid from|integer from|number from)\s+(-?[0-9]+(?:\.[0-9]+)?)\s+(?:and|to)\s+(-?[0-9]+(?:\.[0-9]+)?)\b"
);
pattern!(
    UNIT_IN,
    &format!(
        r"(?i)\b(?:in|of|as|number of|total|unit(?:s)?(?: is| are)?:?|measured in|expressed in|specified in|given in)\s+(?:the |full |whole |unix |epoch )?({UNITS})\b"
    )
);
pattern!(UNIT_BRACKETS, &format!(r"(?i)[(\[]\s*(?:in |unit: ?)?({UNITS})\s*[)\]]"));

const UNITS: &str = "knots?|met(?:er|re)s?(?: per second)?|kilomet(?:er|re)s?(?: per hour)?|miles?(?: per hour)?|km/?h|kph|mph|m/s|km|millimet(?:er|re)s?|centimet(?:er|re)s?|feet|foot|inches|nanoseconds?|microseconds?|milliseconds?|seconds?|minutes?|hours?|days?|weeks?|months?|years?|ms|bytes?|kilobytes?|megabytes?|gigabytes?|kb|mb|gb|kib|mib|gib|cents?|dollars?|euros?|usd|eur|percent(?:age)?|%|pixels?|px|degrees?(?: celsius| fahrenheit)?|celsius|fahrenheit|kelvin|grams?|kilograms?|kg|pounds?|lit(?:er|re)s?|gallons?|volts?|watts?|bpm|hertz|hz|decibels?|db|hpa|mbar|liters per hour";

/// Tells whether a description says that the server sets the field.
pub fn read_only(description: &str) -> bool {
    READ_ONLY.is_match(description) && !NOT_READ_ONLY.is_match(description)
}

/// Tells whether a description begins by saying that the thing is deprecated.
pub fn deprecated(description: &str) -> bool {
    DEPRECATED.is_match(description)
        || description.contains("Deprecated and ignored")
        || description.contains("(deprecated)")
}

/// Reads the unit of a number from its description, or from its name where that ends in one.
pub fn unit(name: &str, description: &str) -> Option<String> {
    let from_prose = UNIT_BRACKETS
        .captures(description)
        .or_else(|| UNIT_IN.captures(description))
        .map(|c| c[1].to_lowercase());
    from_prose
        .or_else(|| unit_of_name(name))
        .map(|unit| canonical_unit(&unit))
        .filter(|u| !is_vague(u, description))
}

fn unit_of_name(name: &str) -> Option<String> {
    let words = crate::crawl::prose::words(name);
    let last = words.last().filter(|_| words.len() > 1)?;
    let known = [
        "ms", "seconds", "minutes", "hours", "km", "bytes", "px", "percent", "kg", "meters", "millis", "mb",
        "kb", "gb",
    ];
    known
        .contains(&last.as_str())
        .then(|| if last == "millis" { "milliseconds".to_owned() } else { last.clone() })
}

/// `number of days` and `in days` are units; `of the month` is not.
fn is_vague(unit: &str, description: &str) -> bool {
    let lower = description.to_lowercase();
    matches!(unit, "months" | "years" | "days" | "weeks" | "hours" | "minutes")
        && !["in ", "number of ", "(", "duration"].iter().any(|lead| lower.contains(&format!("{lead}{unit}")))
        && !lower.contains("duration")
}

fn canonical_unit(unit: &str) -> String {
    match unit {
        "ms" | "millisecond" => "milliseconds",
        "knot" => "knots",
        "metre" | "metres" | "meter" => "meters",
        "kilometre" | "kilometres" | "kilometer" | "km" => "kilometers",
        "mile" => "miles",
        "second" => "seconds",
        "minute" => "minutes",
        "hour" => "hours",
        "day" => "days",
        "byte" => "bytes",
        "percentage" | "%" => "percent",
        "degree" => "degrees",
        "pixel" | "px" => "pixels",
        "kph" | "kmh" => "km/h",
        "cent" => "cents",
        "kg" | "kilogram" => "kilograms",
        "usd" | "dollar" | "dollars" => "USD",
        "eur" | "euro" | "euros" => "EUR",
        other => other,
    }
    .to_owned()
}

/// Reads allowed values that a description lists; empty where it lists none that are certain.
pub fn allowed(description: &str) -> Vec<String> {
    if description.contains("SORT_FIELD") || DELIMITED.is_match(description) {
        return Vec::new();
    }
    let bulleted: Vec<String> =
        BULLETED.captures_iter(description).map(|c| c[1].trim().to_owned()).filter(|v| is_token(v)).collect();
    let introduced = LISTED.is_match(description) || description.to_lowercase().contains("values are");
    if bulleted.len() >= 2 && introduced {
        return unique(bulleted);
    }
    if let Some(piped) = PIPED.captures(description) {
        let values: Vec<String> = piped[1].split('|').map(|v| v.trim().to_owned()).collect();
        if values.iter().all(|v| is_token(v)) {
            return unique(values);
        }
    }
    let found = LISTED.captures(description).map(|c| listed(&c[1])).unwrap_or_default();
    if found.is_empty() {
        COLON_LIST.captures(description).map(|c| listed(&c[1])).unwrap_or_default()
    } else {
        found
    }
}

/// Reads the values that "possible values include:" begins with; more may be allowed.
fn included(description: &str) -> Vec<String> {
    let Some(found) = INCLUDED.captures(description) else { return Vec::new() };
    let tokens = found[1].split(',').map(|v| v.trim().trim_matches(['"', '\'', '`']));
    tokens.take_while(|v| is_token(v) && *v != "or").map(str::to_owned).collect()
}

/// Reads `a, b and c`, with or without quotes, up to the end of the sentence.
fn listed(list: &str) -> Vec<String> {
    let plain = list.replace(['`', '*'], "");
    let end = plain.find(['\n', ';', '(']).unwrap_or(plain.len());
    let mut head = plain[..end].to_owned();
    // a full stop ends the list unless it stands within a value
    if let Some(at) = head.find(". ") {
        head.truncate(at);
    }
    let head = head.trim().trim_end_matches(['.', ')', ']', ':']).trim_start_matches(['[', '(']);
    let quoted = head.starts_with(['"', '\'']);
    let mut values = Vec::new();
    for piece in head.replace(", or ", ", ").replace(", and ", ", ").split(',') {
        for value in piece.split(" or ").flat_map(|v| v.split(" and ")).flat_map(|v| v.split('|')) {
            let bare = value.trim().trim_matches(['"', '\'', '“', '”', '‘', '’']);
            if quoted && !value.trim().starts_with(['"', '\'', '“', '‘']) {
                return unique_many(values);
            }
            let bare = bare.split_once(" for ").map_or(bare, |(head, _)| head);
            if !is_token(bare) {
                return Vec::new();
            }
            values.push(bare.to_owned());
        }
    }
    unique_many(values)
}

fn unique_many(values: Vec<String>) -> Vec<String> {
    let values = unique(values);
    if values.len() >= 2 { values } else { Vec::new() }
}

fn unique(values: Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for value in values {
        if !out.contains(&value) {
            out.push(value);
        }
    }
    out
}

fn is_token(value: &str) -> bool {
    const WORDS: [&str; 22] = [
        "the",
        "a",
        "an",
        "this",
        "that",
        "these",
        "following",
        "values",
        "value",
        "you",
        "it",
        "your",
        "its",
        "null",
        "empty",
        "any",
        "all the",
        "etc",
        "more",
        "other",
        "one",
        "...",
    ];
    !value.is_empty()
        && value.len() <= 40
        && value.chars().all(|c| c.is_ascii_alphanumeric() || "_.-+/:".contains(c))
        && value.chars().any(|c| c.is_ascii_alphanumeric())
        && !WORDS.contains(&value.to_lowercase().as_str())
        && !value.contains("..")
}

/// Adds to a lowered property's schema what its description says, and records what was found.
pub fn enrich(name: &str, description: &str, schema: &mut Value, mined: &mut Mined) {
    let Some(map) = schema.as_object_mut() else { return };
    let kind = map.get("type").and_then(Value::as_str).map(str::to_owned);
    let kind = kind.or_else(|| {
        let kinds = map.get("type")?.as_array()?;
        kinds.iter().filter_map(Value::as_str).find(|k| *k != "null").map(str::to_owned)
    });
    let Some(kind) = kind else { return };
    match kind.as_str() {
        "string" => text(name, description, map, mined),
        "array" => {
            let items = map.get_mut("items").and_then(Value::as_object_mut);
            if let Some(items) =
                items.filter(|i| i.get("type").is_some_and(|t| t == "string") && !i.contains_key("enum"))
            {
                let values = allowed(description);
                if values.len() >= 2 {
                    items.insert("enum".into(), json!(values));
                    mined.allowed.entry(name.to_owned()).or_insert(values);
                    head_only(description, map);
                }
            }
        }
        "integer" | "number" => {
            let integer = kind == "integer" || counts(name) && !map.contains_key("format");
            if integer && map.get("type").is_some_and(|t| t == "number") && !map.contains_key("enum") {
                map.insert("type".into(), json!("integer"));
            }
            if let Some(unit) = unit(name, description).filter(|_| !counts(name)) {
                mined.units.entry(name.to_owned()).or_insert(unit);
            }
            range(description, map, integer);
        }
        _ => {}
    }
}

/// Tells whether a number counts or names things, so that it is whole.
fn counts(name: &str) -> bool {
    let words = crate::crawl::prose::words(name);
    words.last().is_some_and(|w| {
        matches!(w.as_str(), "id" | "page" | "size" | "limit" | "offset" | "count" | "index" | "year")
    })
}

/// Enriches a string: a list format, allowed values, or a date's format.
fn text(name: &str, description: &str, map: &mut serde_json::Map<String, Value>, mined: &mut Mined) {
    if map.contains_key("enum") || description.is_empty() {
        if map.contains_key("enum") {
            head_only(description, map);
        }
        return;
    }
    if let Some(pattern) = list_pattern(description) {
        map.entry("pattern").or_insert(json!(pattern));
        return;
    }
    if map.contains_key("pattern") || map.get("format").is_some() {
        return;
    }
    let values = allowed(description);
    let default_fits =
        map.get("default").is_none_or(|d| d.as_str().is_none_or(|d| values.iter().any(|v| v == d)));
    if values.len() >= 2 && default_fits {
        map.shift_remove("examples");
        map.insert("enum".into(), json!(values));
        mined.allowed.entry(name.to_owned()).or_insert(values);
        head_only(description, map);
        return;
    }
    let examples = included(description);
    if examples.len() >= 2 {
        map.insert("examples".into(), json!(examples));
        return;
    }
    let format = if INSTANT.is_match(description) {
        Some("date-time")
    } else {
        DAY.is_match(description).then_some("date")
    };
    if let Some(format) = format {
        map.insert("format".into(), json!(format));
        let dated = |e: &Value| {
            e.as_str().is_some_and(|e| e.len() >= 8 && e.bytes().take(4).all(|b| b.is_ascii_digit()))
        };
        if map.get("examples").and_then(Value::as_array).is_some_and(|e| !e.iter().all(dated)) {
            map.shift_remove("examples");
        }
    }
}

/// Where a list of values was too long for the description, keeps what stands before it: the values stand in `enum`.
fn head_only(description: &str, map: &mut serde_json::Map<String, Value>) {
    let whole = crate::crawl::prose::plain(description);
    let shown = map.get("description").and_then(Value::as_str).unwrap_or_default().len();
    if shown >= whole.len() || whole.len() < 120 {
        return;
    }
    let Some(list) = LIST_START.find(&whole).filter(|l| l.start() > 3) else { return };
    let head = crate::crawl::prose::shorten(whole[..list.start()].trim(), 200);
    map.insert("description".into(), json!(head));
}

/// Reads formats of the kind `±SORT_FIELD` and comma-delimited choices as a pattern.
fn list_pattern(description: &str) -> Option<String> {
    if let Some(fields) = SORT_FORMAT.captures(description) {
        let fields: Vec<&str> = fields[1].split('|').map(str::trim).collect();
        let one = format!("[+-]?({})", fields.join("|"));
        let many = description.contains(",±");
        return Some(if many { format!("^{one}(,{one})*$") } else { format!("^{one}$") });
    }
    let values = DELIMITED.captures(description)?;
    let one = format!("({})", values[1].split('|').map(str::trim).collect::<Vec<_>>().join("|"));
    Some(format!("^{one}(,{one})*$"))
}

fn range(description: &str, map: &mut serde_json::Map<String, Value>, integer: bool) {
    if !map.contains_key("maximum")
        && !map.contains_key("enum")
        && integer
        && let Some(most) =
            MAXIMUM.captures(description).and_then(|c| c.get(1).or(c.get(2))?.as_str().parse::<i64>().ok())
        && map.get("default").and_then(Value::as_i64).is_none_or(|d| d <= most)
        && most > 0
    {
        map.insert("maximum".into(), json!(most));
    }
    if map.contains_key("minimum") || map.contains_key("maximum") || map.contains_key("enum") {
        return;
    }
    let Some(found) = RANGE.captures(description).or_else(|| BETWEEN.captures(description)) else { return };
    let (Ok(low), Ok(high)) = (found[1].parse::<f64>(), found[2].parse::<f64>()) else { return };
    let default = map.get("default").and_then(Value::as_f64);
    if low >= high || default.is_some_and(|d| d < low || d > high) {
        return;
    }
    let number = |n: f64| if integer || n.fract() == 0.0 { json!(n as i64) } else { json!(n) };
    map.insert("minimum".into(), number(low));
    map.insert("maximum".into(), number(high));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allowed_values_are_read_from_every_style_of_list() {
        for (text, values) in [
            (
                "Possible values are:  \n- \"default\" - A regular event. \n- \"outOfOffice\" - Out.",
                vec!["default", "outOfOffice"],
            ),
            ("Sort by our popularity index (asc|desc)", vec!["asc", "desc"]),
            ("The unit of distance: MI | KM", vec!["MI", "KM"]),
            (
                "Allowed values are \"cnam\", \"format\", \"hlr\" and \"mnp\".",
                vec!["cnam", "format", "hlr", "mnp"],
            ),
            ("Allowed values are de, fr, at. Omit to show all.", vec!["de", "fr", "at"]),
            ("Order, one of `asc`, `desc`", vec!["asc", "desc"]),
        ] {
            assert_eq!(allowed(text), values, "{text}");
        }
        assert!(allowed("One of the ids that you got before").is_empty());
        assert!(allowed("Either the id or the name of the device").is_empty());
    }

    #[test]
    fn units_are_read_from_descriptions_of_numbers() {
        assert_eq!(unit("speed", "in knots"), Some("knots".into()));
        assert_eq!(unit("radius", "The radius (meters)"), Some("meters".into()));
        assert_eq!(unit("elapsed", "duration in seconds"), Some("seconds".into()));
        assert_eq!(unit("durationMs", ""), Some("milliseconds".into()));
        assert_eq!(unit("count", "How many there are"), None);
    }

    #[test]
    fn ranges_and_sort_formats_become_constraints() {
        let mut schema = json!({"type": "number"});
        enrich("page_size", "Define the page size.Range is 1 to 100.", &mut schema, &mut Mined::default());
        assert_eq!(schema, json!({"type": "integer", "minimum": 1, "maximum": 100}));
        let mut schema = json!({"type": "string"});
        let text = "How to sort. \nFormat: ±SORT_FIELD,±SORT_FIELD \nwhere SORT_FIELD = name | population\n";
        enrich("sort", text, &mut schema, &mut Mined::default());
        assert_eq!(schema["pattern"], "^[+-]?(name|population)(,[+-]?(name|population))*$");
    }
}

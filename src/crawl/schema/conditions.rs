//! Conditional requirements that stand in prose: which parameter needs which, and which groups need at least one.

use crate::crawl::prose::{plain, sentences};
use crate::data::Mined;
use regex::Regex;
use serde_json::{Map, Value};
use std::sync::LazyLock;

macro_rules! pattern {
    ($name:ident, $regex:literal) => {
        static $name: LazyLock<Regex> = LazyLock::new(|| Regex::new($regex).expect("a valid pattern"));
    };
}

pattern!(
    NEEDS,
    r"(?i)\b(?:but |also |and |it )?(?:requires?|needs?|depends on|must be (?:used|combined|specified|provided|sent|given) (?:together )?with|(?:can |may |should )?only (?:be )?used (?:together )?with|used (?:only )?(?:together |in conjunction )?with|in (?:combination|conjunction) with)\b(.*)"
);
pattern!(
    REQUIRED_IF,
    r"(?i)\b(?:(?:is |are )?(?:always )?required|mandatory|must be (?:set|provided|specified|given|supplied|present))\s+(?:only )?(?:if|when|for|with|unless)\b(.*)"
);
pattern!(
    AT_LEAST,
    r"(?i)\bat least one\b(.*?)(?:must|is required|are required|has to|have to|should|needs? to|required)"
);
pattern!(
    EITHER,
    r"(?i)\b(?:either|one of)\b(.*?)\b(?:must be|is required|are required|has to be|needs to be) ?(?:provided|specified|passed|set|given|supplied|sent|present|required)?"
);
pattern!(OTHER, r"(?i)\b(?:parameters?|fields?|arguments?)\b");

/// Mines the conditions of an operation's own text and of its properties' descriptions.
pub fn mine(
    text: &str,
    texts: &[(String, String)],
    properties: &Map<String, Value>,
    required: &[String],
    mined: &mut Mined,
) {
    let names: Vec<&str> = properties.keys().map(String::as_str).collect();
    let text = plain(text);
    for sentence in sentences(&text) {
        group(sentence, &names, mined);
    }
    for (name, description) in texts {
        let description = plain(description);
        for sentence in sentences(&description) {
            of_property(name, sentence, &names, properties, required, mined);
        }
    }
}

/// Reads "at least one of … must be passed".
fn group(sentence: &str, names: &[&str], mined: &mut Mined) {
    let Some(found) = AT_LEAST.captures(sentence).or_else(|| EITHER.captures(sentence)) else { return };
    let members = mentioned(&found[1], names);
    if members.len() >= 2 && !mined.one_of.contains(&members) {
        mined.one_of.push(members);
    }
}

fn of_property(
    name: &str,
    sentence: &str,
    names: &[&str],
    properties: &Map<String, Value>,
    required: &[String],
    mined: &mut Mined,
) {
    let add = |mined: &mut Mined, key: String, needed: String| {
        let list = mined.requires.entry(key).or_default();
        if !list.contains(&needed) {
            list.push(needed);
        }
    };
    if let Some(found) = REQUIRED_IF.captures(sentence) {
        let rest = &found[1];
        if let Some((other, value)) = valued(rest, name, properties) {
            add(mined, format!("{other}={value}"), name.to_owned());
            return;
        }
        let others: Vec<String> = mentioned(rest, names).into_iter().filter(|o| o != name).collect();
        if others.is_empty() || sentence.to_lowercase().contains("unless") {
            // it may bind this call, and nothing says when
            if !required.iter().any(|r| r == name) && OTHER.is_match(sentence) {
                mined.unclear.push(format!("{name}: {sentence}"));
            }
            return;
        }
        for other in others {
            add(mined, other, name.to_owned());
        }
        return;
    }
    if let Some(found) = NEEDS.captures(sentence) {
        let lower = sentence.to_lowercase();
        if lower.contains("not require")
            || lower.contains("no longer")
            || lower.contains("cannot be used with")
            || lower.contains("not be used")
        {
            return;
        }
        let needed: Vec<String> = mentioned(&found[1], names).into_iter().filter(|o| o != name).collect();
        let before = &sentence[..found.get(0).map_or(0, |m| m.start())];
        if !needed.is_empty() && before.contains(" or ") {
            // needed in one of two readings only
            mined.unclear.push(format!("{name}: {sentence}"));
            return;
        }
        for other in needed {
            if !required.contains(&other) {
                add(mined, name.to_owned(), other);
            }
        }
    }
}

/// Finds `voice` in "for voice applications" where another property allows that value.
fn valued(text: &str, name: &str, properties: &Map<String, Value>) -> Option<(String, String)> {
    let tokens: Vec<&str> =
        text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-').collect();
    properties.iter().filter(|(other, _)| *other != name).find_map(|(other, schema)| {
        let values = schema.get("enum")?.as_array()?;
        let value = values.iter().filter_map(Value::as_str).find(|v| v.len() > 1 && tokens.contains(v))?;
        Some((other.clone(), value.to_owned()))
    })
}

/// Returns the properties that a text names, in its order. Short everyday words count only where they look like names.
fn mentioned(text: &str, names: &[&str]) -> Vec<String> {
    let tokens: Vec<&str> =
        text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|t| !t.is_empty()).collect();
    let mut out: Vec<String> = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        let Some(name) = names.iter().find(|n| n == &token) else { continue };
        let everyday = matches!(
            *name,
            "to" | "from" | "by" | "in" | "all" | "type" | "name" | "id" | "end" | "start" | "time" | "value"
        );
        let alone = everyday
            && !tokens.get(i + 1).is_some_and(|t| {
                ["and", "or", "parameter", "parameters", "field", "fields", "is"].contains(t)
            })
            && !(i > 0 && ["and", "or"].contains(&tokens[i - 1]));
        if !alone && !out.contains(&(*name).to_owned()) {
            out.push((*name).to_owned());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn mined(text: &str, texts: &[(&str, &str)], properties: &Value) -> Mined {
        let mut mined = Mined::default();
        let texts: Vec<(String, String)> =
            texts.iter().map(|(n, t)| ((*n).to_owned(), (*t).to_owned())).collect();
        mine(text, &texts, properties.as_object().unwrap(), &[], &mut mined);
        mined
    }

    #[test]
    fn a_parameter_that_requires_others_is_read() {
        let properties = json!({"deviceId": {}, "from": {}, "to": {}, "id": {}});
        let text = "_deviceId_ is optional, but requires the _from_ and _to_ parameters when used";
        let found = mined("", &[("deviceId", text)], &properties);
        assert_eq!(found.requires["deviceId"], ["from", "to"]);
    }

    #[test]
    fn a_group_of_which_one_must_be_given_is_read() {
        let properties = json!({"deviceId": {}, "groupId": {}});
        let found = mined("At least one _deviceId_ or one _groupId_ must be passed", &[], &properties);
        assert_eq!(found.one_of, [["deviceId", "groupId"]]);
    }

    #[test]
    fn a_requirement_that_hangs_on_a_value_is_read() {
        let properties = json!({"type": {"enum": ["voice", "messages"]}, "inbound_url": {}});
        let found =
            mined("", &[("inbound_url", "Required for `messages` type applications only.")], &properties);
        assert_eq!(found.requires["type=messages"], ["inbound_url"]);
    }
}

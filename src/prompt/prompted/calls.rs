//! Calls out of the values and words that models write them in.

use super::PromptedCall;
use crate::prompt::tolerant::{Form, Found, keywords, value_in, values_in};
use serde_json::{Map, Value, json};

/// Most calls that are read out of one text.
pub(super) const CALLS_MAX: usize = 64;

/// Most levels of wrappers around a call.
const WRAPPERS_MAX: usize = 4;

/// Why there is no call.
pub(super) const NO_CALL: &str = "a call is no JSON object with a name and arguments";
pub(super) const CUT_OFF: &str = "the JSON of a call is cut off before its end";

/// What models call the parts of a call.
const WRAPPERS: [&str; 4] = ["tool_calls", "tool_call", "function_call", "function"];
const NAMES: [&str; 6] = ["name", "function", "function_name", "tool_name", "tool", "action"];
const ARGUMENTS: [&str; 6] = ["arguments", "parameters", "args", "action_input", "tool_input", "input"];

/// The calls read so far, and the first fault.
pub(super) struct Reading<'k> {
    known: &'k [&'k str],
    pub calls: Vec<PromptedCall>,
    pub fault: Option<String>,
}

impl<'k> Reading<'k> {
    pub fn new(known: &'k [&'k str]) -> Self {
        Self { known, calls: Vec::new(), fault: None }
    }

    pub fn is_full(&self) -> bool {
        self.calls.len() >= CALLS_MAX
    }

    /// Notes why a call cannot be read; the first fault counts.
    pub fn fail(&mut self, fault: String) {
        self.fault.get_or_insert(fault);
    }

    /// Takes a value that stands where a call should.
    pub fn take(&mut self, value: Value) {
        self.take_value(value, WRAPPERS_MAX);
    }

    fn take_value(&mut self, value: Value, depth: usize) {
        let mut map = match value {
            Value::Array(items) if depth > 0 => {
                for item in items {
                    self.take_value(item, depth - 1);
                }
                return;
            }
            Value::Object(map) => map,
            _ => return self.fail(String::from(NO_CALL)),
        };
        let is_wrapped =
            |key: &&str| map.get(*key).is_some_and(|inner| inner.is_object() || inner.is_array());
        if depth > 0
            && let Some(key) = WRAPPERS.into_iter().find(is_wrapped)
        {
            let inner = map.swap_remove(key).expect("it was just seen");
            return self.take_value(inner, depth - 1);
        }
        let name_key = NAMES.into_iter().find(|key| map.get(*key).is_some_and(Value::is_string));
        let Some(name) = name_in(&map).map(str::to_owned) else {
            // `{"pets_list": {"limit": 1}}`
            let mut members = map.into_iter();
            return match (members.next(), members.next()) {
                (Some((name, arguments @ Value::Object(_))), None) if self.known.contains(&name.as_str()) => {
                    self.push(&name, arguments);
                }
                _ => self.fail(String::from("a call holds no name")),
            };
        };
        let arguments = ARGUMENTS.into_iter().find_map(|key| map.swap_remove(key)).unwrap_or_else(|| {
            // The arguments stand beside the name.
            let is_wrapping = |key: &str, value: &Value| match key {
                "type" => value == "function",
                "id" => value.as_str().is_some_and(|id| id.starts_with("call")),
                key => Some(key) == name_key,
            };
            Value::Object(map.into_iter().filter(|(key, value)| !is_wrapping(key, value)).collect())
        });
        self.push(&name, arguments);
    }

    /// Adds a call; arguments that are a text are read.
    pub fn push(&mut self, name: &str, arguments: Value) {
        if self.is_full() {
            return self.fail(format!("it holds more than {CALLS_MAX} calls"));
        }
        let name = named(name, self.known);
        if name.is_empty() {
            return self.fail(String::from("a call holds no name"));
        }
        let arguments = match arguments {
            Value::Object(map) => Value::Object(map),
            Value::Null => json!({}),
            Value::String(text) => match arguments_in(&text) {
                Read::Arguments(map) => Value::Object(map),
                // With what is left of them it would be another call.
                Read::Cut => {
                    return self.fail(format!("the arguments of {name} are cut off before their end"));
                }
                Read::Words => {
                    self.fail(format!("the arguments of {name} are no JSON object"));
                    Value::String(text)
                }
            },
            Value::Array(mut items) if items.len() == 1 && items[0].is_object() => items.remove(0),
            other => {
                self.fail(format!("the arguments of {name} are no JSON object"));
                Value::String(other.to_string())
            }
        };
        self.calls.push(PromptedCall { name, arguments });
    }
}

fn name_in(map: &Map<String, Value>) -> Option<&str> {
    NAMES.into_iter().find_map(|key| map.get(key)?.as_str()).filter(|name| !name.trim().is_empty())
}

/// Whether a value that stands anywhere in a text is a call: one that has a name and arguments.
pub(super) fn is_call(value: &Value) -> bool {
    match value {
        Value::Array(items) => !items.is_empty() && items.iter().all(is_call),
        Value::Object(map) => {
            WRAPPERS.iter().any(|key| map.get(*key).is_some_and(|inner| !inner.is_string() && is_call(inner)))
                || (name_in(map).is_some() && ARGUMENTS.iter().any(|key| map.contains_key(*key)))
        }
        _ => false,
    }
}

/// Whether a value that stands in a text has lost nothing: at most the bracket that closes a call.
pub(super) fn is_whole(found: &Found, text: &str) -> bool {
    let with_bracket = || value_in(&format!("{}}}", &text[found.span.clone()]));
    match found.form {
        Form::Strict | Form::Mended => true,
        Form::Closed => {
            is_call(&found.value) && with_bracket().is_some_and(|found| found.form < Form::Closed)
        }
        Form::Cut => false,
    }
}

enum Read {
    Arguments(Map<String, Value>),
    Cut,
    Words,
}

/// Reads the text of arguments; no text is no argument.
fn arguments_in(text: &str) -> Read {
    let bare = text.trim().trim_matches('`').trim();
    if ["", "none", "null", "n/a", "no input", "()"].iter().any(|none| bare.eq_ignore_ascii_case(none)) {
        return Read::Arguments(Map::new());
    }
    // Only the value that begins first: one behind it may stand in what a cut left of that.
    let first = text.find('{').unwrap_or(text.len());
    match values_in(text).into_iter().next().filter(|found| found.span.start <= first) {
        Some(Found { form: Form::Closed | Form::Cut, .. }) => return Read::Cut,
        Some(Found { value: Value::Object(map), .. }) => return Read::Arguments(map),
        // A bracket that opens nothing is all that is left.
        None if bare.starts_with('{') => return Read::Cut,
        _ => {}
    }
    // `city="Paris", days=3`
    let call = if bare.starts_with('(') { bare.to_owned() } else { format!("({bare})") };
    match keywords(&call) {
        Some((map, end)) if end == call.len() && bare.contains('=') => Read::Arguments(map),
        _ => Read::Words,
    }
}

/// Reads a call as Python writes it: `pets_list(limit=1)`, `pets_list({"limit": 1})`.
pub(super) fn python_call(text: &str) -> Option<(&str, Value)> {
    let text = text.trim().trim_matches('`').trim();
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let (name, rest) = text.split_at(text.find(|c| !is_part(c))?);
    if name.is_empty() || !rest.starts_with('(') {
        return None;
    }
    if let Some((map, end)) = keywords(rest) {
        return rest[end..].trim().is_empty().then_some((name, Value::Object(map)));
    }
    let inner = rest[1..].trim_end().strip_suffix(')')?.trim();
    inner.starts_with('{').then(|| (name, Value::String(inner.to_owned())))
}

/// Returns the known name that a written one means: itself, or the only one that stands in it as a word. A name that is
/// not known stays, without quotes and brackets.
pub(super) fn named(written: &str, known: &[&str]) -> String {
    let written = written.trim();
    if known.contains(&written) {
        return written.to_owned();
    }
    let word = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'));
    let mut found = written.split(word).filter(|word| known.contains(word));
    if written.len() <= 200
        && let Some(first) = found.next()
        && found.all(|other| other == first)
    {
        return first.to_owned();
    }
    let is_around =
        |c: char| "\"'`[](){}<>*\u{201c}\u{201d}\u{2018}\u{2019}".contains(c) || c.is_whitespace();
    written.trim_matches(is_around).trim_end_matches([':', ',']).to_owned()
}

//! Where every argument of every call came from: the instruction, an earlier result, the session, the schema, a
//! computation, prose composed of what is known, or nowhere.

mod composed;
mod derived;
mod known;

use super::natural::{Hint, contains_word, find_quoted, matches_in};
use crate::data::{ArgumentSource, Message, Role, Tool};
use crate::words::{folded_words, is_ordinary, is_stopword, stem};
use jiff::Zoned;
use known::{Known, Match};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The source of one scalar of a call's arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct Sourced {
    /// JSON pointer into the arguments.
    pub pointer: String,
    /// Where it came from.
    pub source: ArgumentSource,
    /// The calls (by position on the path) whose results it needs.
    pub needs: BTreeSet<usize>,
}

/// The sources of one call's arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct CallSources {
    /// The call's id in the messages.
    pub id: String,
    /// Its scalars, in the order of the arguments.
    pub leaves: Vec<Sourced>,
}

impl CallSources {
    /// Returns the calls whose results this one needs.
    pub fn needs(&self) -> BTreeSet<usize> {
        self.leaves.iter().flat_map(|l| l.needs.iter().copied()).collect()
    }

    /// Returns the scalars without a source.
    pub fn unknown(&self) -> impl Iterator<Item = &Sourced> {
        self.leaves.iter().filter(|l| l.source == ArgumentSource::Unknown)
    }
}

/// Returns the source of every scalar of every call, in the order of the calls. `system` is what the session says,
/// `tools` the offered ones; results of the same turn are no sources.
pub fn argument_sources(
    messages: &[Message],
    system: &str,
    now: &Zoned,
    tools: &BTreeMap<&str, &Tool>,
) -> Vec<CallSources> {
    let mut known = Known::new(system, now);
    let mut position: BTreeMap<&str, usize> = BTreeMap::new();
    let mut out: Vec<CallSources> = Vec::new();
    for message in messages {
        match message.role {
            Role::User => known.said(&message.content),
            Role::Tool => {
                let call = message.tool_call_id.as_deref().and_then(|id| position.get(id));
                if let Some(&call) = call {
                    known.observed(call, &message.content);
                }
            }
            Role::Assistant => {
                for call in &message.tool_calls {
                    let schema = tools.get(call.name.as_str()).map(|t| &t.parameters);
                    let mut leaves = Vec::new();
                    walk(&call.arguments, schema, String::new(), "", &mut |pointer, name, value, schema| {
                        let (source, needs) = source_of(value, &Hint { name, schema }, &known);
                        leaves.push(Sourced { pointer, source, needs });
                    });
                    position.insert(&call.id, out.len());
                    out.push(CallSources { id: call.id.clone(), leaves });
                }
            }
            Role::System => {}
        }
    }
    out
}

/// Calls `leaf` with pointer, field name, value and schema of every scalar.
pub(super) fn walk<'v>(
    value: &'v Value,
    schema: Option<&'v Value>,
    pointer: String,
    name: &str,
    leaf: &mut impl FnMut(String, &str, &'v Value, Option<&'v Value>),
) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                let escaped = key.replace('~', "~0").replace('/', "~1");
                let of = schema.and_then(|s| {
                    s.get("properties").and_then(|p| p.get(key)).or_else(|| s.get("additionalProperties"))
                });
                walk(inner, of, format!("{pointer}/{escaped}"), key, leaf);
            }
        }
        Value::Array(items) => {
            let of = schema.and_then(|s| s.get("items"));
            for (i, inner) in items.iter().enumerate() {
                walk(inner, of, format!("{pointer}/{i}"), name, leaf);
            }
        }
        scalar => leaf(pointer, name, scalar, schema),
    }
}

type Source = (ArgumentSource, BTreeSet<usize>);

fn alone(source: ArgumentSource) -> Source {
    (source, BTreeSet::new())
}

fn source_of(value: &Value, hint: &Hint<'_>, known: &Known<'_>) -> Source {
    let id = known::id_like(hint);
    let weak = known::weak(value);
    let found = known.result(value, hint);
    let result = |m: &Match| (ArgumentSource::Result(m.call, m.pointer.clone()), BTreeSet::from([m.call]));
    // A small id is rather that of a record just seen than a number that happens to stand in the text.
    if id && weak && !id_in_text(value, known.instruction().as_str()) {
        if said_in_session(value, hint, known) {
            return alone(ArgumentSource::Session);
        }
        if let Some(m) = found.as_ref().filter(|m| m.closeness >= 2) {
            return result(m);
        }
    }
    if let Some(source) = matches_in(value, hint, known.instruction())
        && !(id && is_same(&source) && any_word(value, known.instruction().as_str()))
    {
        return alone(source);
    }
    if said_in_session(value, hint, known) {
        return alone(ArgumentSource::Session);
    }
    if let Some(m) = &found {
        return result(m);
    }
    if !id && all_words_said(value, hint, known) {
        return alone(ArgumentSource::Normalised("words".to_owned()));
    }
    if is_default(value, hint) {
        return alone(ArgumentSource::Default);
    }
    if !weak && matches_in(value, hint, &known.session).is_some() {
        return alone(ArgumentSource::Session);
    }
    if let Some((function, needs)) = derived::derived(value, hint, known) {
        return (ArgumentSource::Derived(function.to_owned()), needs);
    }
    if let Some(needs) = composed::composed(value, hint, known) {
        return (ArgumentSource::Composed, needs);
    }
    if derived::is_paging(value, hint) {
        return alone(ArgumentSource::Derived("paging".to_owned()));
    }
    alone(ArgumentSource::Unknown)
}

/// Whether a small id is said to be one: `#7`, `number 7`, `id 7`.
fn id_in_text(value: &Value, text: &str) -> bool {
    let id = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let lower = text.to_lowercase();
    ["#", "id ", "no. ", "number ", "order ", "ticket ", "invoice ", "case ", "no "]
        .iter()
        .any(|lead| contains_word(&lower, &format!("{lead}{}", id.to_lowercase())))
}

/// Whether a value stands as it is, but for its case.
fn is_same(source: &ArgumentSource) -> bool {
    matches!(source, ArgumentSource::Verbatim) || *source == ArgumentSource::Normalised("case".to_owned())
}

/// Whether an id is a word of talk that nobody marked as a name or an id: `Good` of "Good afternoon".
fn any_word(value: &Value, text: &str) -> bool {
    let Some(id) = value.as_str() else { return false };
    let plain = id.chars().all(char::is_alphabetic) && is_ordinary(id);
    plain && !find_quoted(text).iter().any(|f| f.value.contains(id)) && !id_in_text(value, text)
}

fn said_in_session(value: &Value, hint: &Hint<'_>, known: &Known<'_>) -> bool {
    match value {
        Value::String(text) => {
            text.trim().chars().count() > 1
                && (contains_word(known.system, text) || known.now.time_zone().iana_name() == Some(text))
        }
        Value::Number(_) if known::id_like(hint) || !known::weak(value) => {
            matches_in(value, &Hint::default(), &known.session) == Some(ArgumentSource::Verbatim)
        }
        _ => false,
    }
}

/// Whether every word of a text that carries meaning is said in the instruction, in any order and inflection.
fn all_words_said(value: &Value, hint: &Hint<'_>, known: &Known<'_>) -> bool {
    let Some(text) = value.as_str() else { return false };
    if hint.schema.is_some_and(|s| s.get("enum").is_some()) || text.len() > 200 {
        return false;
    }
    let words: Vec<String> =
        folded_words(text).into_iter().filter(|w| !is_stopword(w)).map(|w| stem(&w)).collect();
    !words.is_empty() && words.iter().all(|w| known.instruction_stems().contains(w))
}

fn is_default(value: &Value, hint: &Hint<'_>) -> bool {
    let Some(schema) = hint.schema else { return false };
    let only = schema.get("enum").and_then(Value::as_array).filter(|e| e.len() == 1).and_then(|e| e.first());
    [schema.get("default"), schema.get("const"), only].into_iter().flatten().any(|d| d == value)
}

#[cfg(test)]
mod tests;

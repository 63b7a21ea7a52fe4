//! Gets JSON values out of what models write: whole, fenced, between words, in Python's notation, cut off.
//!
//! Strict JSON always wins and is never changed. What is not strict is read by the [`lenient`] reader, which spends
//! from a store of steps that grows with the text, so that no text takes more than linear time.

mod lenient;
mod misfit;

pub use misfit::misfit;

use lenient::Reader;
use serde_json::{Map, Value};
use std::ops::Range;

/// Most values that are read out of one text.
const VALUES_MAX: usize = 64;

/// How well a value stood in the text; better ones are less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// It is JSON.
    Strict,
    /// It is JSON but for its notation: quotes, commas, comments, Python's words.
    Mended,
    /// The text ended before its closing brackets, and nothing else was missing.
    Closed,
    /// The text ended inside it. What was begun is left out: a string, a number, a key without its value.
    Cut,
}

/// A value in a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The value.
    pub value: Value,
    /// Where it stands, in bytes.
    pub span: Range<usize>,
    /// How well it stood there.
    pub form: Form,
    /// Whether it stands in a code fence.
    pub is_fenced: bool,
}

/// Returns the values that a text holds, in its order: the whole text if that is JSON, else every object and every
/// list that is not empty, though none that is inside another.
pub fn values_in(text: &str) -> Vec<Found> {
    if let Some(found) = whole(text) {
        return vec![found];
    }
    let mut found = Vec::new();
    let mut steps = lenient::steps_for(text);
    let (mut at, mut fence_at, mut is_fenced) = (0, 0, false);
    while found.len() < VALUES_MAX
        && let Some(offset) = text.as_bytes()[at..].iter().position(|b| matches!(b, b'{' | b'['))
    {
        let start = at + offset;
        while let Some(fence) = text[fence_at..start].find("```") {
            fence_at += fence + 3;
            is_fenced = !is_fenced;
        }
        fence_at = start;
        let mut reader = Reader::new(text, start, &mut steps);
        let Some(value) = reader.collection() else {
            if reader.is_spent() {
                break;
            }
            at = start + 1;
            continue;
        };
        let (form, end) = (reader.form(), reader.end());
        // What a cut swallowed after its last whole part may be words with the real value among them.
        at = if form == Form::Cut { reader.cut_at().max(start + 1) } else { end };
        if !is_empty(&value) || (value.is_object() && form < Form::Cut) {
            found.push(settled(&text[start..end], value, form, start, is_fenced));
        }
    }
    found
}

/// Returns the value that a text means: the best formed, of those the first that is fenced, else the first.
pub fn value_in(text: &str) -> Option<Found> {
    // The first of equals wins.
    values_in(text).into_iter().min_by_key(|found| (found.form, !found.is_fenced))
}

/// Returns the value of a text that meets a schema, or what is wrong, in words for whoever wrote it.
/// A value that was cut off meets none.
pub fn fitting(text: &str, schema: &Value) -> Result<Value, String> {
    let mut found = values_in(text);
    found.sort_by_key(|found| (found.form, !found.is_fenced));
    let mut fault = None;
    for Found { value, form, .. } in found {
        let wrong = if form == Form::Cut {
            Some(String::from("the JSON is cut off before its end"))
        } else {
            misfit(&value, schema)
        };
        match wrong {
            None => return Ok(value),
            Some(wrong) => fault = fault.or(Some(wrong)),
        }
    }
    Err(fault.unwrap_or_else(|| String::from("there is no JSON in it")))
}

/// Reads arguments in the notation of a Python call, `(city="Paris", days=3)`, at the beginning of a text. Keywords
/// only; returns them with how many bytes they took.
pub fn keywords(text: &str) -> Option<(Map<String, Value>, usize)> {
    let mut steps = lenient::steps_for(text);
    let mut reader = Reader::new(text, 0, &mut steps);
    let keywords = reader.keywords()?;
    (reader.form() < Form::Cut).then(|| (keywords, reader.end()))
}

/// Reads a text that is JSON as a whole. A string that holds an object or a list was encoded once too often.
fn whole(text: &str) -> Option<Found> {
    let trimmed = text.trim();
    let value: Value = serde_json::from_str(trimmed).ok()?;
    let start = text.len() - text.trim_start().len();
    let span = start..start + trimmed.len();
    let inner = value.as_str().and_then(|inner| serde_json::from_str::<Value>(inner).ok());
    Some(match inner.filter(|inner| inner.is_object() || inner.is_array()) {
        Some(value) => Found { value, span, form: Form::Mended, is_fenced: false },
        None => Found { value, span, form: Form::Strict, is_fenced: false },
    })
}

/// What is strict JSON is taken as the strict reader reads it.
fn settled(text: &str, value: Value, form: Form, start: usize, is_fenced: bool) -> Found {
    let span = start..start + text.len();
    let strict = (form == Form::Mended).then(|| serde_json::from_str(text).ok()).flatten();
    match strict {
        Some(value) => Found { value, span, form: Form::Strict, is_fenced },
        None => Found { value, span, form, is_fenced },
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests;

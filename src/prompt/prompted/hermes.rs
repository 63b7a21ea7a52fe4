//! Reads calls in tags, as the Hermes models write them, and calls that are bare JSON.

use super::Prompted;
use super::calls::{CALLS_MAX, CUT_OFF, NO_CALL, Reading, is_call, is_whole, python_call};
use crate::prompt::tolerant::{Form, values_in};
use serde_json::Value;

/// What begins a call. The last two are what Mistral and Llama write.
const OPENS: [&str; 6] =
    ["<tool_call>", "<tool_calls>", "<function_call>", "<functioncall>", "[TOOL_CALLS]", "<|python_tag|>"];

/// What ends a call that does not end by itself.
const CLOSES: [&str; 6] =
    ["</tool_call", "</function_call", "</functioncall", "<tool_response>", "<|im_end|>", "<|eot_id|>"];

/// What begins a result.
const RESULT: &str = "<tool_response>";

/// Reads a text that calls; nothing if it does not try to.
pub(super) fn read(text: &str, known: &[&str]) -> Option<Prompted> {
    let Some((first, _)) = next_of(text, 0, &OPENS) else { return bare(text, known) };
    if let Some(result) = text[..first].find(RESULT) {
        return Some(bare(&text[..result], known).unwrap_or_else(|| made_up(&text[..result])));
    }
    let mut calls = Reading::new(known);
    let mut at = first;
    // As many as there may be calls, whether they can be read or not.
    for _ in 0..CALLS_MAX {
        let Some((start, open)) = next_of(text, at, &OPENS) else { break };
        if text[at..start].contains(RESULT) {
            break;
        }
        at = tagged(text, start + open, &mut calls);
    }
    // An opening tag in place of a closing one begins nothing, unless it is all there is.
    if calls.calls.is_empty() {
        calls.fail(String::from("the call is empty"));
    }
    let Reading { calls, fault, .. } = calls;
    Some(Prompted { thought: text[..first].trim().to_owned(), calls, answer: None, fault })
}

/// Reads what stands behind an opening tag; returns where it ends.
fn tagged(text: &str, start: usize, calls: &mut Reading) -> usize {
    // Strict JSON may hold anything in its strings, tags as well, so it is read before an end is looked for.
    let mut at = start;
    loop {
        let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>();
        let Some(Ok(value @ (Value::Object(_) | Value::Array(_)))) = values.next() else { break };
        let end = at + values.byte_offset();
        calls.take(value);
        let rest = &text[end..];
        at =
            text.len() - rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';')).len();
        if calls.is_full() || !text[at..].starts_with(['{', '[']) || starts_with_any(&text[at..], &OPENS) {
            return end;
        }
    }
    let open = next_of(text, at, &OPENS).map_or(text.len(), |(open, _)| open);
    let end = next_of(&text[..open], at, &CLOSES).map_or(open, |(close, _)| close);
    let block = &text[at..end];
    if let Some((name, arguments)) = marked_up(block).or_else(|| python_call(block)) {
        calls.push(name, arguments);
        return end;
    }
    let found = values_in(block);
    if found.is_empty() && !block.trim().is_empty() {
        calls.fail(String::from(NO_CALL));
    }
    for found in found {
        // A tag that follows shows that a missing bracket was forgotten, not cut off.
        let is_ended = end < text.len() && found.form == Form::Closed;
        if !is_ended && !is_whole(&found, block) {
            calls.fail(String::from(CUT_OFF));
            break;
        }
        calls.take(found.value);
    }
    end
}

/// Reads `<function=name><parameter=key>value</parameter></function>`, as Qwen's coders write.
fn marked_up(block: &str) -> Option<(&str, Value)> {
    let (name, mut rest) = block.split_once("<function=")?.1.split_once('>')?;
    let mut map = serde_json::Map::new();
    while let Some((key, after)) = rest.split_once("<parameter=").and_then(|(_, rest)| rest.split_once('>')) {
        let (value, after) = after.split_once("</parameter>")?;
        let value = value.trim();
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        map.insert(key.trim().to_owned(), value);
        rest = after;
    }
    Some((name, Value::Object(map)))
}

/// Reads calls without tags: JSON that has a name and arguments.
fn bare(text: &str, known: &[&str]) -> Option<Prompted> {
    if let Some(result) = text.find(RESULT) {
        return Some(bare(&text[..result], known).unwrap_or_else(|| made_up(&text[..result])));
    }
    let mut calls = Reading::new(known);
    let mut start = None;
    for found in values_in(text) {
        if is_call(&found.value) && is_whole(&found, text) {
            start.get_or_insert(found.span.start);
            calls.take(found.value);
        }
    }
    let unfenced = text.trim_start().trim_start_matches('`').trim_start_matches("json").trim_start();
    let is_attempt = || {
        let has = |words: &[&str]| words.iter().any(|word| unfenced.contains(word));
        unfenced.starts_with(['{', '[']) && has(&["name\"", "name'"]) && has(&["arguments", "parameters"])
    };
    if calls.calls.is_empty() && calls.fault.is_none() {
        if !is_attempt() && !text.contains("</tool_call>") {
            return None;
        }
        start = Some(text.len() - unfenced.len());
        calls.fail(String::from("the JSON of the call cannot be read"));
    }
    let thought = text[..start.unwrap_or(0)].trim_end().trim_end_matches("json").trim_end_matches('`').trim();
    let Reading { calls, fault, .. } = calls;
    Some(Prompted { thought: thought.to_owned(), calls, answer: None, fault })
}

/// A text that goes on to a result without having called.
fn made_up(text: &str) -> Prompted {
    let thought = text.trim().to_owned();
    let fault = Some(String::from("it holds a result, which only the tools give, and no call"));
    Prompted { thought, fault, ..Prompted::default() }
}

/// Finds the first of some marks from a place on: where it begins, and how long it is.
fn next_of(text: &str, at: usize, marks: &[&str]) -> Option<(usize, usize)> {
    // Marks begin with one of two bytes, which are rare.
    let bytes = &text.as_bytes()[at..];
    let begins = |(_, byte): &(usize, &u8)| matches!(byte, b'<' | b'[');
    bytes.iter().enumerate().filter(begins).find_map(|(offset, _)| {
        let start = at + offset;
        let mark = marks.iter().find(|mark| text[start..].starts_with(**mark))?;
        Some((start, mark.len()))
    })
}

fn starts_with_any(text: &str, marks: &[&str]) -> bool {
    marks.iter().any(|mark| text.starts_with(mark))
}

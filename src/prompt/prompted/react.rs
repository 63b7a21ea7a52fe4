//! Reads Thought, Action, Action Input and Final Answer (ReAct, arXiv:2210.03629).

use super::Prompted;
use super::calls::{Reading, is_call, is_whole, python_call};
use crate::prompt::tolerant::values_in;
use serde_json::{Value, json};

#[derive(Clone, Copy, PartialEq)]
enum Label {
    Thought,
    Action,
    Input,
    Answer,
    Observation,
}

/// What stands before a colon, longer ones first.
const LABELS: [(&str, Label); 9] = [
    ("action input", Label::Input),
    ("action_input", Label::Input),
    ("actioninput", Label::Input),
    ("action", Label::Action),
    ("final answer", Label::Answer),
    ("final_answer", Label::Answer),
    ("finalanswer", Label::Answer),
    ("thought", Label::Thought),
    ("observation", Label::Observation),
];

/// Reads a text that has any of the form's labels; nothing if it has none.
pub(super) fn read(text: &str, known: &[&str]) -> Option<Prompted> {
    let (before, mut parts) = parts(text);
    parts.first()?;
    let mut is_made_up = false;
    if let Some(at) = parts.iter().position(|(label, _)| *label == Label::Observation) {
        parts.truncate(at);
        is_made_up = at == 0;
    }
    let mut thoughts = vec![before.trim()];
    let mut calls = Reading::new(known);
    let mut answer = None;
    let mut rest = parts.iter().peekable();
    while let Some((label, part)) = rest.next()
        && !calls.is_full()
    {
        match label {
            Label::Thought => thoughts.push(part.trim()),
            Label::Action => {
                let input = rest.next_if(|(label, _)| *label == Label::Input).map(|(_, input)| *input);
                act(part, input, &mut calls);
            }
            Label::Input => calls.fail(String::from("an Action Input stands without an Action")),
            Label::Answer => answer = answer.or(Some(part.trim())),
            Label::Observation => {}
        }
    }
    if parts.iter().all(|(label, _)| *label == Label::Thought) {
        // Tags and bare JSON come without labels, or behind a mere Thought.
        let own = parts.last().map_or(before, |(_, last)| last);
        if let Some(read) = super::hermes::read(own, known) {
            return Some(read);
        }
        let none = "it has no Action";
        let made_up = "it begins with an Observation, which only the tools give";
        calls.fail(String::from(if is_made_up && thoughts[0].is_empty() { made_up } else { none }));
    }
    thoughts.retain(|thought| !thought.is_empty());
    let thought = thoughts.join("\n");
    let Reading { calls, mut fault, .. } = calls;
    let answer = answer.filter(|_| calls.is_empty() && fault.is_none());
    if answer == Some("") {
        fault = Some(String::from("its Final Answer is empty"));
    }
    let answer = answer.filter(|answer| !answer.is_empty()).map(str::to_owned);
    Some(Prompted { thought, calls, answer, fault })
}

/// Reads one action with its input.
fn act(action: &str, input: Option<&str>, calls: &mut Reading) {
    let action = action.trim();
    let (action, input) = match find_input(action) {
        Some((name, inline)) if input.is_none() => (name, Some(inline)),
        _ => (action, input),
    };
    let name = action.lines().next().unwrap_or_default().trim();
    let plain = name.trim_matches(|c: char| !c.is_alphanumeric());
    if ["none", "n/a", "no action", "none needed"].iter().any(|none| plain.eq_ignore_ascii_case(none)) {
        return;
    }
    if name.is_empty() && input.is_none_or(|input| !input.trim_start().starts_with(['{', '['])) {
        return calls.fail(String::from("the Action names no tool"));
    }
    // The whole call as JSON, in the action or in its input.
    let whole = match input {
        _ if action.starts_with(['{', '[', '`']) => action,
        Some(input) if name.is_empty() => input,
        _ => "",
    };
    let mut found = values_in(whole).into_iter();
    if let Some(found) = found.find(|found| is_call(&found.value) && is_whole(found, whole)) {
        return calls.take(found.value);
    }
    if let Some(input) = input {
        return calls.push(name, json!(input.trim()));
    }
    if let Some((name, arguments)) = python_call(action) {
        return calls.push(name, arguments);
    }
    match action.find('{') {
        // `pets_list: {"limit": 1}`
        Some(at) => calls.push(&action[..at], Value::String(action[at..].to_owned())),
        None => calls.fail(String::from("the Action has no Action Input")),
    }
}

/// Finds an `Action Input:` that stands on the action's own line.
fn find_input(action: &str) -> Option<(&str, &str)> {
    ["Action Input:", "Action input:", "action input:"].iter().find_map(|label| action.split_once(label))
}

/// Splits a text at its labels: what stands before the first, then each label with its text.
fn parts(text: &str) -> (&str, Vec<(Label, &str)>) {
    let mut starts = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some((label, rest)) = labelled(line) {
            starts.push((label, at, at + line.len() - rest.len()));
        }
        at += line.len();
    }
    let before = &text[..starts.first().map_or(text.len(), |(_, at, _)| *at)];
    let ends = starts.iter().skip(1).map(|(_, at, _)| *at).chain([text.len()]);
    let parts =
        starts.iter().zip(ends).map(|((label, _, start), end)| (*label, &text[*start..end])).collect();
    (before, parts)
}

/// Reads a line's label, whatever marks and numbers stand around it: `**Action 1:**`. Returns what follows.
fn labelled(line: &str) -> Option<(Label, &str)> {
    let line = line
        .trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '#' | '>' | '_' | '-' | '`'));
    LABELS.into_iter().find_map(|(word, label)| {
        let start = line.get(..word.len())?;
        let rest = start.eq_ignore_ascii_case(word).then(|| &line[word.len()..])?;
        let is_mark = |c: char| matches!(c, ' ' | '*' | '_' | '`' | '#') || c.is_ascii_digit();
        let rest = rest.trim_start_matches(is_mark);
        let rest = rest.strip_prefix(':').or_else(|| rest.strip_prefix('\u{ff1a}'))?;
        Some((label, rest.trim_start_matches('*')))
    })
}

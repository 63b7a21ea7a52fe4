//! A row as a readable conversation, and as the few lines that end a run.

use super::text::{WIDTH, indent, shorten, wrap};
use crate::data::{Message, Role, Sample, ToolCall};
use serde_json::Value;
use std::fmt::Write;

/// Lines of an observation that are shown.
const OBSERVATION_LINES: usize = 24;

/// Renders a row as a conversation, with what is known of it above and below.
pub fn conversation(sample: &Sample) -> String {
    let mut out = rule(&format!(
        "{} · {} · {} · {} · verified by {}",
        sample.id,
        if sample.split.0.is_empty() { "no split" } else { &sample.split.0 },
        sample.scenario,
        sample.difficulty.level.as_str(),
        sample.verified.as_str(),
    ));
    let facts = format!(
        "{} · {} · depth {} · width {} · {} · difficulty {:.2} · quality {:.2} · {}",
        count(sample.n_calls, "call"),
        count(sample.n_tools, "tool"),
        sample.depth,
        sample.width,
        count(sample.n_errors, "error"),
        sample.difficulty.score,
        sample.quality,
        sample.apis.join(", "),
    );
    out.push_str(&wrap(&facts, 0));
    if let Some(reason) = &sample.dropped {
        let text = format!("rejected by {}: {}: {}", reason.stage.as_str(), reason.rule, reason.reason);
        out.push_str(&wrap(&text, 0));
    }
    for message in &sample.messages {
        out.push('\n');
        out.push_str(&turn(message));
    }
    out.push('\n');
    out.push_str(&footer(sample));
    out
}

/// Renders the few lines that show a row at the end of a run.
pub fn brief(sample: &Sample) -> String {
    let mut out = format!("{} · {} · {}\n", sample.id, sample.scenario, sample.difficulty.level.as_str());
    let mut line = |mark: &str, text: &str| {
        let wrapped = wrap(&shorten(text, 400), 4);
        let _ = write!(out, "  {mark} {}", wrapped.trim_start());
    };
    line("?", &sample.instruction);
    for message in &sample.messages {
        for call in &message.tool_calls {
            line("→", &shorten(&format!("{} {}", call.name, call.arguments), 2 * WIDTH));
        }
    }
    line("=", &sample.answer);
    out
}

fn turn(message: &Message) -> String {
    let mut head = message.role.as_str().to_owned();
    if let Some(name) = &message.name {
        let _ = write!(head, " {name}");
    }
    if let Some(id) = &message.tool_call_id {
        let _ = write!(head, " [{id}]");
    }
    if message.role == Role::Assistant && !message.loss {
        head.push_str(" (not learned)");
    }
    let mut out = head + "\n";
    if let Some(reasoning) = message.reasoning.as_ref().filter(|r| !r.is_empty()) {
        out.push_str(&wrap(&format!("(thinks) {reasoning}"), 2));
    }
    if message.role == Role::Tool {
        out.push_str(&indent(&observation(&message.content), 2, OBSERVATION_LINES));
    } else if !message.content.is_empty() {
        out.push_str(&wrap(&message.content, 2));
    }
    for call in &message.tool_calls {
        out.push_str(&indent(&call_text(call), 2, OBSERVATION_LINES));
    }
    out
}

fn call_text(call: &ToolCall) -> String {
    let line = format!("→ {} {}  [{}]", call.name, call.arguments, call.id);
    if line.chars().count() + 2 <= WIDTH {
        return line;
    }
    format!("→ {}  [{}]\n{}", call.name, call.id, pretty(&call.arguments))
}

/// Returns an observation as it is where it fits a line, spread out where it is JSON, wrapped where it is prose.
fn observation(text: &str) -> String {
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    if text.chars().count() + 2 <= WIDTH {
        return text.to_owned();
    }
    serde_json::from_str::<Value>(text).map_or_else(|_| wrap(text, 0), |value| pretty(&value))
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("a JSON value can be written")
}

fn footer(sample: &Sample) -> String {
    let mut out = String::new();
    if let Some(reference) = &sample.reference {
        let calls: Vec<&str> = reference.calls.iter().map(|c| c.tool.as_str()).collect();
        out.push_str(&wrap(&format!("reference: {}", calls.join(" → ")), 0));
        for fact in &reference.facts {
            let unit = fact.unit.as_ref().map_or_else(String::new, |u| format!(" {u}"));
            out.push_str(&wrap(&format!("fact: {} = {}{unit}", fact.name, fact.value), 0));
        }
        for change in &reference.state.changes {
            let text = serde_json::to_string(change).expect("a change can be written");
            out.push_str(&wrap(&format!("change: {text}"), 0));
        }
    }
    let name = |tool: &Value| tool["function"]["name"].as_str().unwrap_or("?").to_owned();
    let offered: Vec<String> = sample.tools.iter().map(name).collect();
    out.push_str(&wrap(&format!("offered: {}", offered.join(", ")), 0));
    out
}

/// Draws a line with a title in it.
pub(super) fn rule(title: &str) -> String {
    let rest = WIDTH.saturating_sub(title.chars().count() + 4);
    format!("── {title} {}\n", "─".repeat(rest))
}

fn count(n: u32, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

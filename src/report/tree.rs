//! A search tree as an outline: what was tried, what came of it, and why it was left.

use super::text::{shorten, wrap};
use crate::data::{Node, NodeId};
use std::fmt::Write;

/// Characters of an observation that are shown.
const OBSERVATION: usize = 160;

/// Renders the nodes of a search, children below their parents; those on the way to the answer at `leaf` are marked
/// with a star.
pub fn tree(nodes: Vec<Node>, leaf: Option<usize>) -> String {
    let mut on_path = vec![false; nodes.len()];
    let mut at = leaf;
    while let Some(node) = at.and_then(|i| nodes.get(i).map(|n| (i, n))) {
        on_path[node.0] = true;
        at = node.1.parent.map(|p| p.0 as usize).filter(|&p| p < node.0);
    }
    let mut out = String::new();
    // Depth first with a stack of our own: a tree may be as deep as its limit says.
    let mut open = vec![0];
    while let Some(i) = open.pop() {
        if let Some(node) = nodes.get(i) {
            out.push_str(&one(i, node, on_path[i]));
            let children = (i + 1..nodes.len()).filter(|&c| nodes[c].parent == Some(NodeId(i as u32)));
            open.extend(children.rev());
        }
    }
    out
}

fn one(at: usize, node: &Node, on_path: bool) -> String {
    let indent = 2 * (node.depth as usize).min(20);
    let star = if on_path { '*' } else { ' ' };
    let thought = if at == 0 { "start".to_owned() } else { shorten(&node.thought, 300) };
    let mut out = wrap(format!("{star}#{at} {thought}").trim_end(), indent);
    let mut line = |text: String| out.push_str(&wrap(&text, indent + 5));
    for call in &node.calls {
        line(shorten(&format!("→ {} {}", call.call.name, call.call.arguments), 300));
        line(format!("  {}: {}", word(&call.outcome), shorten(&call.observation, OBSERVATION)));
    }
    if let Some(answer) = &node.answer {
        line(format!("= {}", shorten(answer, 400)));
    }
    if let Some(reason) = &node.backtrack {
        line(format!("left: {}", word(reason).replace('_', " ")));
    }
    out
}

/// Returns an enum's word as it is persisted.
fn word<T: serde::Serialize>(value: &T) -> String {
    let mut out = String::new();
    let _ = write!(out, "{}", serde_json::to_value(value).unwrap_or_default());
    out.trim_matches('"').to_owned()
}

//! Instructions proposed from a tool's own text (the direction of ToolLLM).

use crate::prompt::Proposal;

/// Proposes instructions, each with the names of the tools that it needs.
pub fn propose(proposal: &Proposal) -> Vec<(String, Vec<String>)> {
    let _ = proposal;
    Vec::new()
}

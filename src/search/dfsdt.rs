//! Depth-first search over a decision tree (ToolLLM, arXiv:2307.16789), pre-order: each new node is gone into at once,
//! and a node that leads nowhere makes its parent ask for another one.
//!
//! Where this departs from ToolBench's code, and why:
//! - A depth is a turn, not a thought, an action or its input, so a bound means the same whether a model thinks aloud or not.
//! - Giving up leaves one level: the parent asks for its next child. There it left two, so that the siblings a width pays for
//!   were never tried, and a give-up on the first turn ended the search.
//! - The last reply that the budget pays for is used, not thrown away.
//! - What later siblings are told of earlier ones is a part of the prompt only, never of the recorded history.
//! - Where the environment cannot fork, nothing is tried instead of a turn that wrote or destroyed.

use super::context::{Answers, Context, Step};
use crate::data::{Backtrack, NodeId, TreeEnd};
use crate::environment::EdgeError;

/// Searches until an answer, or until every branch is left or the budget spent.
pub(super) async fn search<A: Answers>(context: &mut Context<'_, A>) -> Result<TreeEnd, EdgeError> {
    let plan = context.plan();
    // The open nodes from the root down, each with the children it has been given.
    let mut open: Vec<(NodeId, u32)> = vec![(Context::<A>::ROOT, 0)];
    while let Some((node, children)) = open.last_mut() {
        let node = *node;
        let too_deep = context.node(node).depth >= plan.max_depth;
        if too_deep || *children >= plan.width {
            context.leave(node, if too_deep { Backtrack::TooDeep } else { Backtrack::Exhausted });
            open.pop();
            if !context.can_undo(node) {
                for (above, _) in open.drain(..) {
                    context.leave(above, Backtrack::Exhausted);
                }
            }
            continue;
        }
        *children += 1;
        let tried = context.tried(node);
        match context.expand(node, tried).await? {
            Step::Open(child) => open.push((child, 0)),
            Step::Answered => return Ok(TreeEnd::Answered),
            Step::Dead => {}
            Step::OutOfBudget => return Ok(TreeEnd::OutOfBudget),
        }
    }
    Ok(TreeEnd::Exhausted)
}

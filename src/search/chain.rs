//! Independent chains from the root, the first that answers wins (ReAct; CoT@n in ToolBench's terms).

use super::context::{Answers, Context, Step};
use crate::data::{Backtrack, NodeId, TreeEnd};
use crate::environment::EdgeError;

/// Tries up to `attempts` chains. An attempt knows nothing of the earlier ones; it ends at an answer, a give-up, an unusable
/// reply or the depth bound.
pub(super) async fn search<A: Answers>(context: &mut Context<'_, A>) -> Result<TreeEnd, EdgeError> {
    let plan = context.plan();
    for _ in 0..plan.attempts {
        let mut chain: Vec<NodeId> = Vec::new();
        loop {
            let at = chain.last().copied().unwrap_or(Context::<A>::ROOT);
            if context.node(at).depth >= plan.max_depth {
                context.leave(at, Backtrack::TooDeep);
                break;
            }
            match context.expand(at, Vec::new()).await? {
                Step::Open(next) => chain.push(next),
                Step::Answered => return Ok(TreeEnd::Answered),
                Step::Dead => break,
                Step::OutOfBudget => return Ok(TreeEnd::OutOfBudget),
            }
        }
        let stuck = chain.iter().any(|node| !context.can_undo(*node));
        for node in chain {
            context.leave(node, Backtrack::Exhausted);
        }
        if stuck {
            break;
        }
    }
    context.leave(Context::<A>::ROOT, Backtrack::Exhausted);
    Ok(TreeEnd::Exhausted)
}

//! Stage 3: solves each task by executing tools. The tree is the record; a trajectory is a view of it.

mod calls;
mod chain;
mod context;
mod dfsdt;
#[cfg(test)]
mod tests;
mod turn;

use crate::config::plan::{SearchPlan, SearchStrategy};
use crate::data::{SearchTree, StateDiff, Tool};
use crate::prompt::{Scene, ToolSpec};
use calls::Hands;
use context::{Answers, Context};

/// Runs the planned strategy. An error of the model's server leaves the task unfinished.
async fn run<A: Answers, H: Hands>(
    plan: &SearchPlan,
    tools: &[&Tool],
    scene: Scene,
    answers: A,
    hands: H,
) -> Result<(SearchTree, Option<StateDiff>), A::Error> {
    let mut context = Context::new(plan, tools, scene, answers, hands);
    let end = match plan.strategy {
        SearchStrategy::Dfsdt => dfsdt::search(&mut context).await?,
        SearchStrategy::Chain => chain::search(&mut context).await?,
    };
    Ok(context.end(end))
}

/// Returns the offered tools as a model is shown them.
pub fn specs(tools: &[&Tool]) -> Vec<ToolSpec> {
    let spec = |tool: &&Tool| ToolSpec {
        name: tool.name.to_string(),
        description: tool.description.clone(),
        parameters: tool.parameters.clone(),
    };
    tools.iter().map(spec).collect()
}

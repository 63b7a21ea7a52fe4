//! Stage 3: solves each task by executing tools. The tree is the record; a trajectory is a view of it.

mod calls;
mod chain;
mod context;
mod dfsdt;
#[cfg(test)]
mod tests;
mod turn;

use crate::config::plan::{SearchPlan, SearchStrategy};
use crate::data::{SearchTree, StateDiff, Task, Tool, ToolOutcome};
use crate::environment::{Environment, Session};
use crate::llm::{AskPath, Llm, LlmError, Reply, Role};
use crate::prompt::{Prompt, Scene, ToolSpec};
use calls::Hands;
use context::{Answers, Context};
use serde_json::Value;

/// Solves a task: searches for an answer by executing tools. Returns the tree, and what the answered path changed where the
/// environment can tell. An error leaves the task unfinished.
pub async fn solve(
    task: &Task,
    tools: &[&Tool],
    plan: &SearchPlan,
    system: &str,
    llm: &Llm,
    path: AskPath,
    env: &Environment,
) -> Result<(SearchTree, Option<StateDiff>), LlmError> {
    let scene = Scene {
        system: system.to_owned(),
        instruction: task.instruction.clone(),
        tools: specs(tools),
        ..Scene::default()
    };
    let session = env.session(&task.world, &task.apis);
    run(plan, tools, scene, Asker { llm, path }, session).await
}

/// The handle on models, along this task's path.
struct Asker<'a> {
    llm: &'a Llm,
    path: AskPath,
}

impl Answers for Asker<'_> {
    type Error = LlmError;

    async fn ask(&mut self, prompt: &Prompt) -> Result<Reply, LlmError> {
        self.llm.ask(&mut self.path, Role::Solver, prompt).await
    }
}

impl Hands for Session {
    async fn call(&mut self, tool: &Tool, arguments: &Value) -> (String, ToolOutcome) {
        let observation = Session::call(self, tool, arguments).await;
        (observation.text, observation.outcome)
    }

    fn fork(&self) -> Option<Self> {
        Session::fork(self)
    }

    fn state_key(&self) -> u64 {
        Session::state_key(self)
    }

    fn diff(&self) -> Option<StateDiff> {
        Session::diff(self)
    }
}

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
        parameters: tool.parameters.clone().into(),
    };
    tools.iter().map(spec).collect()
}

//! Stage 3: solves each task by executing tools. The tree is the record; a trajectory is a view of it.

mod calls;
mod chain;
mod context;
mod dfsdt;
#[cfg(test)]
mod tests;
mod turn;

use crate::config::plan::{SearchPlan, SearchStrategy};
use crate::data::{SearchTree, Task, Tool};
use crate::environment::{EdgeError, Environment, Opening, Session, Start};
use crate::llm::{AskPath, Llm, Reply, Role};
use crate::prompt::{Prompt, Scene, ToolSpec};
use context::{Answers, Context};

/// Who solves tasks, how, and where the tools are.
#[derive(Clone, Copy, Debug)]
pub struct Solver<'a> {
    /// The role whose model is asked.
    pub role: Role,
    /// The strategy and its bounds.
    pub plan: &'a SearchPlan,
    /// The models.
    pub llm: &'a Llm,
    /// The tools.
    pub environment: &'a Environment,
}

impl Solver<'_> {
    /// Solves a task: searches for an answer by executing tools. An error leaves the task unfinished.
    pub async fn solve(
        &self,
        task: &Task,
        tools: &[&Tool],
        system: &str,
        path: AskPath,
    ) -> Result<SearchTree, EdgeError> {
        let scene = Scene {
            system: system.to_owned(),
            instruction: task.instruction.clone(),
            tools: specs(tools),
            ..Scene::default()
        };
        let opening = Opening {
            scope: path.scope(),
            stage: self.role.stage(),
            apis: &task.apis,
            start: Start::Again(task.world.as_ref()),
        };
        let session = self.environment.open(opening).await?;
        let asker = Asker { llm: self.llm, role: self.role, path };
        run(self.plan, tools, scene, asker, session).await
    }
}

/// The handle on models, along this task's path.
struct Asker<'a> {
    llm: &'a Llm,
    role: Role,
    path: AskPath,
}

impl Answers for Asker<'_> {
    async fn ask(&mut self, prompt: &Prompt) -> Result<Reply, EdgeError> {
        Ok(self.llm.ask(&mut self.path, self.role, prompt).await?)
    }
}

/// Runs the planned strategy.
async fn run<A: Answers>(
    plan: &SearchPlan,
    tools: &[&Tool],
    scene: Scene,
    answers: A,
    session: Session,
) -> Result<SearchTree, EdgeError> {
    let mut context = Context::new(plan, tools, scene, answers, session).await?;
    let end = match plan.strategy {
        SearchStrategy::Dfsdt => dfsdt::search(&mut context).await,
        SearchStrategy::Chain => chain::search(&mut context).await,
    };
    context.end(end).await
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

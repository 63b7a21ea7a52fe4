//! ToolLLM's direction: sample tools, ask for instructions and the tools each needs (arXiv:2307.16789). Single-tool sets.

use super::{Instructor, Made, askers, check, draw, task_id};
use crate::data::{Reason, Scenario, Stage, Strategy, Task, TaskId, Tool, ToolId};
use crate::environment::EdgeError;
use crate::llm::{AskPath, Llm, Role};
use crate::prompt::{Prompt, Proposal, ToolSpec, parse};
use rand::RngExt;
use rand::seq::IndexedRandom;

/// Most operations of an API that a writer is shown.
const SHOWN: usize = 6;
/// Askings of the writer until an ordinal is refused.
const ASKINGS: u32 = 2;

impl Instructor {
    pub(super) async fn query_first(
        &self,
        ordinal: u64,
        llm: &Llm,
        path: &mut AskPath,
    ) -> Result<Made, EdgeError> {
        let mut rng = draw::generator(self.plan.seed, ordinal, "query");
        let refuse = |rule: &str, why: String| Made::Refused {
            task: None,
            reason: Reason::new(Stage::Instruct, rule, why),
        };
        let Some(api) = self.deck.api(&mut rng).cloned() else {
            return Ok(refuse("no_tools", self.no_operation()));
        };
        let can_call = |t: &&Tool| t.api == api && self.environment.can_call(t);
        let tools: Vec<&Tool> = self.catalog.tools.iter().filter(can_call).collect();
        let mut session = self.open(&api, rng.random::<u64>() >> 1, path).await?;
        let context = session.context().await?;
        let mut fault = refuse(
            "unreadable_reply",
            "the writer's reply holds no list of instructions with tools".to_owned(),
        );
        for _ in 0..ASKINGS {
            let shown: Vec<&Tool> = tools.sample(&mut rng, SHOWN).copied().collect();
            let proposal = Proposal {
                now: context.now.clone(),
                user: context.user.clone(),
                facts: Vec::new(),
                tools: shown.iter().map(|t| spec(t)).collect(),
                count: 1,
                seed: rng.random(),
            };
            let reply = llm.ask(path, Role::Writer, &Prompt::ProposeInstructions(proposal)).await?;
            let Some((instruction, names)) = parse::proposals(&reply.content).into_iter().next() else {
                continue;
            };
            let needed: Vec<ToolId> = shown
                .iter()
                .filter(|t| names.iter().any(|n| n == t.name.as_str()))
                .map(|t| t.id.clone())
                .collect();
            if needed.len() != names.len() || needed.is_empty() {
                let why = format!("it says it needs {}, which it was not shown", names.join(", "));
                fault = refuse("unknown_tool", why);
                continue;
            }
            let (offered, similarity) = self.offered(&needed, &mut rng);
            let mut task = Task {
                ordinal,
                id: TaskId::new(""),
                instruction,
                context: context.clone(),
                offered,
                needed,
                apis: vec![api.clone()],
                strategy: Strategy::QueryFirst,
                scenario: Scenario::Lookup,
                persona: askers::persona(&mut rng),
                lang: "en".to_owned(),
                world: session.origin(),
                reference: None,
                distractor_similarity: similarity,
            };
            task.scenario = scenario(&task, &shown);
            task.id = task_id(&task);
            let offered: Vec<&Tool> = task.offered.iter().filter_map(|id| self.tool(id)).collect();
            match check::instruction(&task, &[], &offered, &[]) {
                None => return Ok(Made::Task(Box::new(task))),
                Some(reason) => fault = Made::Refused { task: Some(Box::new(task)), reason },
            }
        }
        Ok(fault)
    }
}

fn spec(tool: &Tool) -> ToolSpec {
    ToolSpec {
        name: tool.name.to_string(),
        description: tool.description.clone(),
        parameters: tool.parameters.clone().into(),
    }
}

/// The kind of want, from what the needed tools do.
fn scenario(task: &Task, shown: &[&Tool]) -> Scenario {
    use crate::data::{Effect, Method};
    let needed: Vec<&&Tool> = shown.iter().filter(|t| task.needed.contains(&t.id)).collect();
    match needed.as_slice() {
        [one] => match (one.effect, one.call.method()) {
            (Effect::Reads, _) => Scenario::Lookup,
            (Effect::Destroys, _) => Scenario::Delete,
            (Effect::Writes, Some(Method::Put | Method::Patch)) => Scenario::Update,
            (Effect::Writes, _) => Scenario::Act,
        },
        _ => Scenario::Mixed,
    }
}

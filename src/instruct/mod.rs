//! Stage 2: draws tool sets and makes tasks, in either direction.

mod askers;
mod chain;
mod check;
mod draw;
mod goals;
mod locate;
mod offer;
mod query_first;
mod say;
mod subject;
mod verbs;

use crate::config::Plan;
use crate::data::{
    ApiId, Catalog, Reason, Scenario, Stage, Strategy, Task, TaskId, Tool, ToolId, content_hash,
};
use crate::environment::{
    EdgeError, Environment, EnvironmentError, Opening, Session, SimulatedSession, Start,
};
use crate::graph::OpKind;
use crate::llm::{AskPath, Llm, Role};
use crate::prompt::{Brief, Prompt, Want, parse};
use chain::{Chain, Dead};
use draw::Deck;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

/// What came of one ordinal.
#[derive(Clone, Debug)]
pub enum Made {
    /// A task.
    Task(Box<Task>),
    /// None, and why; with the task where its instruction was refused.
    Refused {
        /// What there was of a task.
        task: Option<Box<Task>>,
        /// Why.
        reason: Reason,
    },
}

/// Makes tasks. Cheap to share; each ordinal draws from its own generator.
#[derive(Clone, Debug)]
pub struct Instructor {
    catalog: Arc<Catalog>,
    index: Arc<BTreeMap<ToolId, usize>>,
    environment: Environment,
    deck: Arc<Deck>,
    plan: Arc<Plan>,
}

/// Draws of a chain until an ordinal is refused.
const DRAWS: u32 = 32;
/// Askings of the writer until an instruction is refused.
const WORDINGS: u32 = 3;

/// Why `chain_first` makes no task in an environment whose records nobody can look at.
const NO_RECORDS: &str = "chain_first makes tasks of records that it looks at, and this environment shows none: use \
    `instruct.strategy: query_first`";

/// A chain with what is known of its wants.
struct Drawn {
    api: ApiId,
    wants: Vec<Want>,
    scenario: Scenario,
    reference: crate::data::Reference,
    world: SimulatedSession,
    session: Vec<String>,
}

impl Instructor {
    /// Prepares the drawing of tasks from a catalog, for the environment that they are to be solved in.
    pub fn new(catalog: Arc<Catalog>, plan: &Plan, environment: &Environment) -> Self {
        let deck = Deck::new(&catalog, environment.models(), plan.instruct.api_share_max);
        Self {
            index: Arc::new(catalog.index()),
            environment: environment.clone(),
            deck: Arc::new(deck),
            plan: Arc::new(plan.clone()),
            catalog,
        }
    }

    fn tool(&self, id: &ToolId) -> Option<&Tool> {
        self.index.get(id).map(|i| &self.catalog.tools[*i])
    }

    /// Makes the task of an ordinal. An error leaves it unfinished.
    pub async fn make(&self, ordinal: u64, llm: &Llm, path: &mut AskPath) -> Result<Made, EdgeError> {
        match self.plan.instruct.strategy {
            Strategy::ChainFirst => self.chain_first(ordinal, llm, path).await,
            Strategy::QueryFirst => self.query_first(ordinal, llm, path).await,
        }
    }

    async fn chain_first(&self, ordinal: u64, llm: &Llm, path: &mut AskPath) -> Result<Made, EdgeError> {
        let no_chain =
            |why: String| Made::Refused { task: None, reason: Reason::new(Stage::Instruct, "no_chain", why) };
        let mut rng = draw::generator(self.plan.seed, ordinal, "chain");
        let Some(api) = self.deck.api(&mut rng).cloned() else {
            return Ok(no_chain(self.no_operation()));
        };
        let session = self.open(&api, rng.random::<u64>() >> 1, path).await?;
        let Some(world) = session.into_simulated() else {
            return Ok(no_chain(NO_RECORDS.to_owned()));
        };
        let drawn = match self.draw_chain(&api, &world, ordinal, rng) {
            Ok(drawn) => drawn,
            Err(Dead(why)) => return Ok(no_chain(why)),
        };
        let mut rng = draw::generator(self.plan.seed, ordinal, "words");
        let mut task = self.task_of(ordinal, &drawn, &mut rng);
        let forbidden = check::forbidden(&task, &drawn.wants, &drawn.reference);
        let mut fault = Reason::new(Stage::Instruct, "no_instruction", "the writer gave none");
        for _ in 0..WORDINGS {
            let brief = Brief {
                now: task.context.now.clone(),
                user: task.context.user.clone(),
                persona: task.persona.clone(),
                register: askers::register(&mut rng),
                domain: drawn.world.model(0).title.clone(),
                wants: drawn.wants.clone(),
                forbidden: forbidden.clone(),
                seed: rng.random(),
            };
            let reply = llm.ask(path, Role::Writer, &Prompt::WriteInstruction(brief)).await?;
            let Some(instruction) = parse::instruction(&reply.content) else {
                fault = Reason::new(
                    Stage::Instruct,
                    "unreadable_reply",
                    "the writer's reply holds no {\"instruction\": …}",
                );
                continue;
            };
            task.instruction = instruction;
            let offered: Vec<&Tool> = task.offered.iter().filter_map(|id| self.tool(id)).collect();
            match check::instruction(&task, &drawn.wants, &offered, &forbidden) {
                None => {
                    task.id = task_id(&task);
                    return Ok(Made::Task(Box::new(task)));
                }
                Some(reason) => fault = reason,
            }
        }
        task.id = task_id(&task);
        Ok(Made::Refused { task: Some(Box::new(task)), reason: fault })
    }

    /// Begins the session of a task that is being made, on a branch of its path: that of its solution is another.
    async fn open(&self, api: &ApiId, seed: u64, path: &mut AskPath) -> Result<Session, EnvironmentError> {
        let branch = path.branch();
        let opening = Opening {
            scope: branch.scope(),
            stage: Stage::Instruct,
            apis: std::slice::from_ref(api),
            start: Start::Anew(seed),
        };
        self.environment.open(opening).await
    }

    /// Draws until a chain comes out.
    fn draw_chain(
        &self,
        api: &ApiId,
        world: &SimulatedSession,
        ordinal: u64,
        mut rng: ChaCha8Rng,
    ) -> Result<Drawn, Dead> {
        let mut why = Dead(String::new());
        for _ in 0..DRAWS {
            let seed = ChaCha8Rng::clone(&rng);
            match self.attempt(api, world, seed) {
                Ok(drawn) => return Ok(drawn),
                Err(e) => why = e,
            }
            rng = draw::generator(rng.random(), ordinal, "again");
        }
        Err(Dead(format!("{DRAWS} draws came to nothing; the last: {}", why.0)))
    }

    /// Says why nothing can be drawn.
    fn no_operation(&self) -> String {
        let all = self.catalog.tools.len();
        let other = self.catalog.tools.iter().filter(|t| !self.environment.can_call(t)).count();
        let mut why = "the catalog holds no operation that a chain could end in".to_owned();
        if other > 0 {
            let _ = write!(
                why,
                ": {other} of {all} tools are no HTTP operations (MCP tools, functions), which no simulated world can answer"
            );
        }
        why
    }

    fn attempt(&self, api: &ApiId, world: &SimulatedSession, mut rng: ChaCha8Rng) -> Result<Drawn, Dead> {
        let target = self.deck.operation(api, &mut rng).ok_or_else(|| Dead("no operation".to_owned()))?;
        let goals: usize = match rng.random_range(0..100) {
            0..58 => 1,
            58..92 => 2,
            _ => 3,
        };
        let lookup = |id: &ToolId| self.tool(id);
        let mut chain = Chain::new(world.clone(), &lookup, rng);
        let model = chain.model();
        let mut wants = Vec::new();
        let mut scenarios = Vec::new();
        let mut taken = Vec::new();
        let first = model.operation(&target).ok_or_else(|| Dead("no operation".to_owned()))?;
        // Who asks for one distance or one local time often asks for two.
        let computes = matches!(first.kind, OpKind::Compute(_));
        let goals = if computes && chain.rng.random_bool(0.6) { goals.max(2) } else { goals };
        let (want, scenario) = chain.goal(first, None, &mut taken)?;
        wants.push(want);
        scenarios.push(scenario);
        for _ in 1..goals {
            if chain.calls.len() >= self.plan.instruct.max_calls as usize {
                break;
            }
            self.further(api, &mut chain, &model, &target, &mut wants, &mut scenarios, &mut taken);
        }
        if chain.calls.len() > self.plan.instruct.max_calls as usize {
            return chain::dead("more calls than instruct.max_calls");
        }
        let scenario = if scenarios.len() == 1 { scenarios[0] } else { Scenario::Mixed };
        let (reference, world, session) = chain.finish()?;
        Ok(Drawn { api: api.clone(), wants, scenario, reference, world, session })
    }

    /// Adds another want, of the same operation or another; a dead end leaves the chain as it was.
    #[expect(clippy::too_many_arguments, reason = "the pieces of one chain")]
    fn further(
        &self,
        api: &ApiId,
        chain: &mut Chain,
        model: &crate::graph::ApiModel,
        target: &ToolId,
        wants: &mut Vec<Want>,
        scenarios: &mut Vec<Scenario>,
        taken: &mut Vec<u32>,
    ) {
        for _ in 0..4 {
            let repeats =
                model.operation(target).is_some_and(|o| !matches!(o.kind, OpKind::List | OpKind::Related));
            let computes = model.operation(target).is_some_and(|o| matches!(o.kind, OpKind::Compute(_)));
            let again = repeats && chain.rng.random_bool(if computes { 0.6 } else { 0.25 });
            let next = if again {
                target.clone()
            } else {
                self.deck.operation(api, &mut chain.rng).unwrap_or_else(|| target.clone())
            };
            let Some(operation) = model.operation(&next) else { continue };
            let made = chain.calls.iter().any(|c| c.tool == next);
            if made
                && !matches!(
                    operation.kind,
                    OpKind::Get | OpKind::Update | OpKind::Delete | OpKind::Compute(_)
                )
            {
                continue;
            }
            let saved = (
                chain.world.clone(),
                chain.calls.len(),
                chain.wanted.len(),
                chain.facts.len(),
                chain.session.len(),
                taken.len(),
            );
            match chain.goal(operation, None, taken) {
                Ok((want, scenario)) if !wants.contains_like(&want) => {
                    wants.push(want);
                    scenarios.push(scenario);
                    return;
                }
                _ => {
                    chain.world = saved.0;
                    chain.truncate(saved.1);
                    chain.wanted.truncate(saved.2);
                    chain.facts.truncate(saved.3);
                    chain.session.truncate(saved.4);
                    taken.truncate(saved.5);
                }
            }
        }
    }

    /// Returns the tools that are offered where some are needed, and the distractors' similarity.
    fn offered(&self, needed: &[ToolId], rng: &mut ChaCha8Rng) -> (Vec<ToolId>, f64) {
        let callable = |tool: &Tool| self.environment.can_call(tool);
        offer::offered(&self.catalog, &self.index, &callable, needed, &self.plan.instruct, rng)
    }

    fn task_of(&self, ordinal: u64, drawn: &Drawn, rng: &mut ChaCha8Rng) -> Task {
        let mut needed: Vec<ToolId> = drawn.reference.calls.iter().map(|c| c.tool.clone()).collect();
        needed.sort();
        needed.dedup();
        let (offered, similarity) = self.offered(&needed, rng);
        let mut context = drawn.world.context();
        context.facts.clone_from(&drawn.session);
        Task {
            ordinal,
            id: TaskId::new(""),
            instruction: String::new(),
            context,
            offered,
            needed,
            apis: vec![drawn.api.clone()],
            strategy: Strategy::ChainFirst,
            scenario: drawn.scenario,
            persona: askers::persona(rng),
            lang: "en".to_owned(),
            world: Some(drawn.world.origin()),
            reference: Some(drawn.reference.clone()),
            distractor_similarity: similarity,
        }
    }
}

/// Whether a list of wants holds one like another.
trait ContainsLike {
    fn contains_like(&self, want: &Want) -> bool;
}

impl ContainsLike for Vec<Want> {
    fn contains_like(&self, want: &Want) -> bool {
        self.iter().any(|w| serde_json::to_value(w).ok() == serde_json::to_value(want).ok())
    }
}

/// A task's id: the hash of what it asks, with what, and where.
fn task_id(task: &Task) -> TaskId {
    let content = json!({"instruction": task.instruction, "offered": task.offered, "world": task.world, "context": task.context});
    TaskId::new(&content_hash(&content)[..24])
}

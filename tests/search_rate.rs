//! How many of the built-in writer's tasks the built-in solver solves, by API and by scenario, and on what it fails.
//! `N=300 SHOW=traccar cargo test --test search_rate rate -- --ignored --nocapture` prints the failures of one API.

#![expect(clippy::print_stdout, reason = "what was searched is printed for a person")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use toolloom::config::Plan;
use toolloom::data::{Attempt, Catalog, Task, TaskRecord, Usages};
use toolloom::internals::builtin::Builtin;
use toolloom::internals::environment::Environment;
use toolloom::internals::filter::Judge;
use toolloom::internals::instruct::{Instructor, Made};
use toolloom::internals::llm::{AskPath, Llm, Role};
use toolloom::internals::prompt::Templates;
use toolloom::internals::search::Solver;

struct Bench {
    plan: Plan,
    catalog: Arc<Catalog>,
    instructor: Instructor,
    env: Environment,
    llm: Llm,
}

impl Bench {
    fn new() -> Self {
        let plan = toolloom::config::load(None, &[], &|_| true).expect("the defaults are a plan");
        let catalog = Arc::new(
            toolloom::internals::crawl::crawl(&plan.crawl, &plan.limits).expect("the starter specs"),
        );
        let env = Environment::simulated(&catalog, plan.limits.observation_bytes);
        let instructor = Instructor::new(catalog.clone(), &plan, &env);
        Self { plan, catalog, instructor, env, llm: Llm::builtin(Arc::new(Builtin)) }
    }

    async fn make(&self, ordinal: u64) -> Option<Task> {
        match self.instructor.make(ordinal, &self.llm, &mut AskPath::new(ordinal)).await.expect("made") {
            Made::Task(task) => Some(*task),
            Made::Refused { .. } => None,
        }
    }

    async fn solve(&self, task: Task) -> TaskRecord {
        let system = Templates::embedded().system(&task.context).expect("the embedded templates render");
        let tools: Vec<_> = task.offered.iter().filter_map(|id| self.catalog.get(id)).collect();
        let path = AskPath::new(task.ordinal);
        let (role, plan) = (Role::Solver, &self.plan.search);
        let solver = Solver { role, plan, llm: &self.llm, environment: &self.env };
        let tree = solver.solve(&task, &tools, &system, path).await.expect("made");
        TaskRecord {
            ordinal: task.ordinal,
            task: Some(task),
            system,
            refused: None,
            trees: vec![Attempt { role, model: String::from("builtin"), tree }],
            usage: Usages::default(),
        }
    }
}

fn show(record: &TaskRecord, why: &str) {
    let (task, tree) = (record.task.as_ref().expect("made"), &record.trees[0].tree);
    println!(
        "\n#{} {} {:?}: {why}\n  system: {}\n  user: {}",
        record.ordinal, task.apis[0], task.scenario, record.system, task.instruction
    );
    let reference = task.reference.as_ref().expect("a chain");
    for call in &reference.calls {
        println!("    ref {} {}", call.tool, call.arguments);
    }
    for fact in &reference.facts {
        println!("    fact {} = {}", fact.name, fact.value);
    }
    println!("    state {}", cut(&serde_json::to_string(&reference.state.changes).expect("made"), 500));
    for node in tree.nodes[1..].iter().take(14) {
        let why = node.backtrack.map(|b| format!("({b:?})")).unwrap_or_default();
        println!("  [{}] {} {why}", node.depth, node.thought);
        for r in &node.calls {
            println!(
                "      > {} {}\n          {:?} {}",
                r.call.name,
                r.call.arguments,
                r.outcome,
                cut(&r.observation, 420)
            );
        }
        if let Some(answer) = &node.answer {
            println!("      ANSWER {answer}");
        }
    }
}

fn cut(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

#[derive(Default)]
struct Tally {
    solved: u32,
    of: u32,
    why: BTreeMap<String, u32>,
}

#[test]
#[ignore = "a measurement for a person"]
fn rate() {
    let n: u64 = std::env::var("N").ok().and_then(|n| n.parse().ok()).unwrap_or(200);
    let from: u64 = std::env::var("FROM").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
    let wanted = std::env::var("SHOW").unwrap_or_else(|_| "none".into());
    let all = std::env::var("ALL").is_ok();
    let bench = Bench::new();
    let plan = Arc::new(bench.plan.clone());
    let judge = Judge::new(&bench.catalog, &plan, Templates::embedded().hash());
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("made");
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    let (mut refused, mut spent, mut replies) = (0, Duration::ZERO, 0);
    for ordinal in from..from + n {
        let Some(task) = runtime.block_on(bench.make(ordinal)) else {
            refused += 1;
            continue;
        };
        let keys = [String::from(" all"), task.apis[0].to_string(), format!("~{:?}", task.scenario)];
        let start = Instant::now();
        let record = runtime.block_on(bench.solve(task));
        spent += start.elapsed();
        replies += &record.trees[0].tree.cost.llm_calls;
        let dropped = judge.record(&record).remove(0).dropped;
        for key in &keys {
            let tally = tallies.entry(key.clone()).or_default();
            tally.of += 1;
            match &dropped {
                None => tally.solved += 1,
                Some(reason) => *tally.why.entry(reason.rule.clone()).or_default() += 1,
            }
        }
        let shown = keys.iter().any(|k| k.to_lowercase().contains(&wanted))
            || wanted == "all"
            || wanted == ordinal.to_string();
        if shown && (all || dropped.is_some()) {
            show(&record, &dropped.map_or_else(|| "solved".into(), |r| format!("{} {}", r.rule, r.reason)));
        }
    }
    println!(
        "\nrefused {refused}; {replies} replies, {:.2} ms each with tools",
        spent.as_secs_f64() * 1000.0 / f64::from(replies.max(1))
    );
    for (key, tally) in &tallies {
        println!(
            "{:>5.1} % {:>4}/{:<4} {key} {:?}",
            100.0 * f64::from(tally.solved) / f64::from(tally.of),
            tally.solved,
            tally.of,
            tally.why
        );
    }
}

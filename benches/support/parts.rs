//! The measured parts of the benchmark of calls, each run in a process of its own: they print one line of JSON.

use serde_json::{Value, json};
use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use toolloom::config::Plan;
use toolloom::data::{
    Attempt, FunctionName, Scenario, Strategy, Task, TaskContext, TaskId, TaskRecord, Tool, WorldRef,
};
use toolloom::internals::environment::Environment;
use toolloom::internals::journal::Journal;
use toolloom::internals::llm::{AskPath, Llm, LlmOptions, LocalModel, Reply, Role};
use toolloom::internals::prompt::{Prompt, Scene, Templates};
use toolloom::internals::search::Solver;
use toolloom::monitor::Monitor;

/// Names the variable of the server's key.
pub const KEY_ENV: &str = "TOOLLOOM_BENCH_KEY";

const SYSTEM: &str = "Today is Tuesday, 17 March 2026, 09:40 (Europe/Lisbon). You are helping Ana Duarte.";

/// Runs a part: its name, the server's URL, how much work, how many requests in flight, how many callers.
pub fn run(arguments: &[String]) {
    let [name, base_url, count, in_flight, callers] = arguments else { panic!("not so: {arguments:?}") };
    let number = |text: &String| text.parse::<u64>().expect("a number");
    let (count, callers) = (number(count), number(callers));
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder can be made");
    let path = folder.path().join("journal.redb");
    let journal = Journal::open(&path, &Value::Null).expect("a journal can be begun");
    let plan = plan(base_url, number(in_flight));
    let options = LlmOptions { journal: Some(journal.clone()), ..LlmOptions::default() };
    let llm = Llm::new(&plan, Arc::new(Nobody), Templates::embedded(), &Monitor::silent(), options)
        .expect("the model can be asked");
    // As the pipeline's, which runs its tasks apart from the requests.
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime can be started");
    let begun = Instant::now();
    match name.as_str() {
        "calls" => {
            let one = move |i| call(llm.clone(), i);
            runtime.block_on(all(count, callers, one));
        }
        "tasks" => {
            let stage = Arc::new(Stage::new(plan, llm, journal.clone()));
            let one = move |i| solve(Arc::clone(&stage), i);
            runtime.block_on(all(count, callers, one));
        }
        other => panic!("no part is named {other}"),
    }
    let rps = count as f64 / begun.elapsed().as_secs_f64();
    drop(runtime);
    let used = journal.stats().expect("it can be read");
    drop(journal);
    let durable =
        Journal::open(&path, &Value::Null).and_then(|journal| journal.stats()).expect("it opens again");
    println!(
        "{}",
        json!({"rps": rps, "durable": durable.effects, "batch": used.writes as f64 / used.commits as f64})
    );
}

fn plan(base_url: &str, in_flight: u64) -> Plan {
    let sets = [
        format!(
            "models.teacher={{provider: openai, base_url: \"{base_url}\", model: mock-model, api_key_env: {KEY_ENV}, max_tokens: 256, price_in: 0.1, price_out: 0.4}}"
        ),
        format!("limits.in_flight={in_flight}"),
        // Ceilings far off, so that they are counted towards.
        String::from("limits.tokens=1000000000"),
        String::from("limits.cost_usd=1000000"),
        format!(
            "crawl.sources=[{}]",
            Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/forecasts.yaml").display()
        ),
    ];
    toolloom::config::load(None, &sets, &|_| true).unwrap_or_else(|faults| panic!("{faults}"))
}

/// Has so many callers do the work between them.
async fn all<F: Future<Output = ()> + Send + 'static>(
    count: u64,
    callers: u64,
    one: impl Fn(u64) -> F + Clone + Send + Sync + 'static,
) {
    let next = Arc::new(AtomicU64::new(0));
    let caller = |_| {
        let (next, one) = (Arc::clone(&next), one.clone());
        tokio::spawn(async move {
            loop {
                let i = next.fetch_add(1, Ordering::Relaxed);
                if i >= count {
                    break;
                }
                one(i).await;
            }
        })
    };
    for caller in (0..callers).map(caller).collect::<Vec<_>>() {
        caller.await.expect("no caller fails");
    }
}

fn words(i: u64) -> String {
    format!(
        "Prompt number {i}: write a short travel plan for a weekend in a European city, with practical advice."
    )
}

async fn call(llm: Llm, i: u64) {
    let scene = Scene { system: SYSTEM.to_owned(), instruction: words(i), ..Scene::default() };
    let reply = llm.ask(&mut AskPath::new(i), Role::Solver, &Prompt::Act(scene)).await;
    let reply = reply.expect("the server answers");
    assert!(reply.fault.is_empty() && reply.content.len() > 500, "{reply:?}");
}

/// What the search stage needs.
struct Stage {
    plan: Plan,
    llm: Llm,
    journal: Journal,
    environment: Environment,
    tool: Tool,
}

impl Stage {
    fn new(plan: Plan, llm: Llm, journal: Journal) -> Self {
        let mut catalog =
            toolloom::internals::crawl::crawl(&plan.crawl, &plan.limits).expect("the spec is read");
        // The server calls it so.
        catalog.tools[0].name = FunctionName::new("get_weather");
        let tool = catalog.tools[0].clone();
        let environment = Environment::simulated(&Arc::new(catalog), plan.limits.observation_bytes);
        Self { plan, llm, journal, environment, tool }
    }
}

async fn solve(stage: Arc<Stage>, ordinal: u64) {
    let Stage { plan, llm, journal, environment, tool } = &*stage;
    let world = WorldRef { seed: ordinal, spec_hash: String::new(), today: String::from("2026-03-17") };
    let task = Task {
        ordinal,
        id: TaskId::new(format!("task-{ordinal}")),
        instruction: words(ordinal),
        context: TaskContext::default(),
        offered: vec![tool.id.clone()],
        needed: vec![tool.id.clone()],
        apis: vec![tool.api.clone()],
        strategy: Strategy::QueryFirst,
        scenario: Scenario::Lookup,
        persona: String::new(),
        lang: String::from("en"),
        world: Some(world),
        reference: None,
        distractor_similarity: 0.0,
    };
    let role = Role::Solver;
    let solver = Solver { role, plan: &plan.search, llm, environment };
    let solved = solver.solve(&task, &[tool], SYSTEM, AskPath::new(ordinal)).await;
    let tree = solved.expect("the server answers");
    assert!(tree.cost.tool_calls == 3 && tree.is_answered(), "{tree:?}");
    let trees = vec![Attempt { role, model: String::from("teacher"), tree }];
    let (task, system) = (Some(task), String::from(SYSTEM));
    let record = TaskRecord { ordinal, task, system, trees, ..TaskRecord::default() };
    journal.put_task(&record).await.expect("a record can be remembered");
}

/// Every role is played by the server.
struct Nobody;

impl LocalModel for Nobody {
    fn reply(&self, _: &Prompt, _: u64) -> Reply {
        unreachable!("every role is played by the server")
    }
}

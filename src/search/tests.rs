//! Golden traces: scripted models and sessions, and exactly the calls that each strategy makes of them.

use super::context::{Answers, Context, Step};
use super::run;
use crate::config::plan::{SearchPlan, SearchStrategy};
use crate::data::{
    ApiId, Backtrack, BodyEncoding, Call, Docs, Effect, FunctionName, HttpCall, Method, Mined, NodeId,
    SearchTree, Source, Stage, StateChange, StateDiff, TaskContext, Tool, ToolCall, ToolId, ToolOutcome,
    TreeEnd,
};
use crate::environment::{
    Abilities, EdgeError, Environment, EnvironmentOptions, Later, Live, LiveSession, Observation, Opening,
    Session, Start,
};
use crate::journal::Scope;
use crate::llm::{LlmError, Reply};
use crate::prompt::{FINISH, GIVE_UP, Prompt, Scene};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// A model that is a function of the scene and the number of the request.
struct Script<F>(F, usize, Arc<Mutex<Vec<String>>>);

impl<F: FnMut(&Scene, usize) -> Option<Reply>> Answers for Script<F> {
    async fn ask(&mut self, prompt: &Prompt) -> Result<Reply, EdgeError> {
        let Prompt::Act(scene) = prompt else { panic!("a search only acts") };
        let d = if scene.tried.is_empty() { "" } else { "D" };
        self.2.lock().unwrap().push(format!("{}{d}", scene.history.len()));
        self.1 += 1;
        (self.0)(scene, self.1 - 1).ok_or(LlmError::Stopped.into())
    }
}

/// An environment that counts what was written in it.
#[derive(Clone, Debug)]
struct Ledger {
    abilities: Abilities,
    written: Vec<Value>,
    log: Arc<Mutex<Vec<String>>>,
}

/// What it can do when nothing can be taken back.
const STAYS: Abilities = Abilities { forks: false, ..ABLE };
const ABLE: Abilities = Abilities { forks: true, tells_state: true, tells_changes: true };

impl Live for Ledger {
    fn name(&self) -> String {
        String::from("ledger")
    }
    fn abilities(&self) -> Abilities {
        self.abilities
    }
    fn open<'a>(&'a self, _: &'a [ApiId]) -> Later<'a, Box<dyn LiveSession>> {
        Box::pin(async { Ok(Box::new(self.clone()) as Box<dyn LiveSession>) })
    }
}

impl LiveSession for Ledger {
    fn call<'a>(&'a mut self, tool: &'a Tool, arguments: &'a Value) -> Later<'a, Observation> {
        self.log.lock().unwrap().push(format!("{} {arguments}", tool.name));
        if tool.effect == Effect::Writes {
            self.written.push(arguments.clone());
        }
        let text = format!("{} entries", self.written.len());
        Box::pin(async { Ok(Observation { text, parts: vec![], outcome: ToolOutcome::Ok, status: 200 }) })
    }
    fn context(&mut self) -> Later<'_, TaskContext> {
        Box::pin(async { Ok(TaskContext::default()) })
    }
    fn state(&mut self) -> Later<'_, u64> {
        Box::pin(async { Ok(self.written.len() as u64) })
    }
    fn changes(&mut self) -> Later<'_, StateDiff> {
        let done = |arguments: &Value| StateChange::Done {
            tool: ToolId::new("write"),
            arguments: arguments.clone(),
        };
        Box::pin(async move { Ok(StateDiff { changes: self.written.iter().map(done).collect() }) })
    }
    fn fork(&mut self) -> Later<'_, Box<dyn LiveSession>> {
        Box::pin(async { Ok(Box::new(self.clone()) as Box<dyn LiveSession>) })
    }
    fn close(self: Box<Self>) -> Later<'static, ()> {
        Box::pin(async { Ok(()) })
    }
}

fn tool(name: &str, effect: Effect) -> Tool {
    Tool {
        docs: Docs::default(),
        labels: Vec::new(),
        id: ToolId::new(name),
        name: FunctionName::new(name),
        api: ApiId::new("test/ledger"),
        api_title: "Ledger".into(),
        description: String::new(),
        parameters: json!({"type": "object", "additionalProperties": false,
            "properties": {"n": {"type": "integer"}}}),
        result: None,
        result_inferred: false,
        call: Call::Http(HttpCall {
            method: Method::Get,
            path: "/".into(),
            server: None,
            places: vec![],
            body: BodyEncoding::None,
            body_media: None,
            body_schema: None,
            supplied: vec![],
            success: 200,
            result_media: None,
        }),
        effect,
        mined: Mined::default(),
        errors: vec![],
        category: String::new(),
        collection: String::new(),
        source: Source { spec: String::new(), hash: String::new(), pointer: String::new() },
        licence: String::new(),
        pruned: vec![],
    }
}

fn plan(strategy: SearchStrategy) -> SearchPlan {
    SearchPlan { strategy, width: 2, max_depth: 12, max_nodes: 60, max_calls: 40, attempts: 3 }
}

fn calls(calls: &[(&str, Value)]) -> Reply {
    let call = |(name, arguments): &(&str, Value)| ToolCall {
        id: "any".into(),
        name: (*name).to_owned(),
        arguments: arguments.clone(),
    };
    Reply { tool_calls: calls.iter().map(call).collect(), ..Reply::default() }
}

fn finish() -> Reply {
    calls(&[(FINISH, json!({"answer": "done"}))])
}

fn give_up() -> Reply {
    calls(&[(GIVE_UP, json!({"reason": "no way"}))])
}

/// A read that differs from request to request.
fn read(i: usize) -> Reply {
    calls(&[("read", json!({"n": i}))])
}

struct Outcome {
    tree: SearchTree,
    diff: Option<StateDiff>,
    /// The turns that each request had before it; `D` where it was told of siblings.
    asked: String,
    executed: Vec<String>,
}

fn on_ledger<T>(abilities: Abilities, search: impl AsyncFnOnce(Session, &[&Tool]) -> T) -> (T, Vec<String>) {
    let tools = [tool("read", Effect::Reads), tool("write", Effect::Writes)];
    let tools: Vec<&Tool> = tools.iter().collect();
    let log = Arc::default();
    let ledger = Ledger { abilities, written: vec![], log: Arc::clone(&log) };
    let limits = crate::config::load(None, &[], &|_| true).unwrap().limits;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let came = runtime.block_on(async {
        let options = EnvironmentOptions::default();
        let environment = Environment::live(Arc::new(ledger), &Arc::default(), &limits, options);
        let opening = Opening {
            scope: &Scope::Task(0, vec![]),
            stage: Stage::Search,
            apis: &[],
            start: Start::Again(None),
        };
        search(environment.open(opening).await.unwrap(), &tools).await
    });
    let executed = log.lock().unwrap().clone();
    (came, executed)
}

fn search_with(
    plan: &SearchPlan,
    abilities: Abilities,
    script: impl FnMut(&Scene, usize) -> Option<Reply>,
) -> Result<Outcome, EdgeError> {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let answers = Script(script, 0, Arc::clone(&asked));
    let (tree, executed) = on_ledger(abilities, async |session, tools| {
        run(plan, tools, Scene::default(), answers, session).await
    });
    let tree = tree?;
    let diff = tree.answers.last().and_then(|leaf| leaf.state.clone());
    let asked = asked.lock().unwrap().join(",");
    Ok(Outcome { tree, diff, asked, executed })
}

fn dfsdt(script: impl FnMut(&Scene, usize) -> Option<Reply>) -> Outcome {
    search_with(&plan(SearchStrategy::Dfsdt), ABLE, script).unwrap()
}

fn left(tree: &SearchTree, why: Backtrack) -> usize {
    tree.nodes.iter().filter(|node| node.backtrack == Some(why)).count()
}

#[test]
fn an_answer_without_detours_takes_one_reply_a_turn() {
    let out = dfsdt(|scene, i| Some(if scene.history.len() < 2 { read(i) } else { finish() }));
    assert_eq!(out.asked, "0,1,2");
    let leaf = out.tree.answers[0].node;
    assert_eq!(out.tree.path(leaf).len(), 4);
    assert_eq!(out.tree.node(leaf).answer.as_deref(), Some("done"));
    assert_eq!(out.tree.cost.tool_calls, 2);
    let ids: Vec<&str> = out.tree.nodes.iter().flat_map(|n| &n.calls).map(|r| r.call.id.as_str()).collect();
    assert_eq!(ids, ["call_0", "call_1"]);
}

#[test]
fn giving_up_at_once_is_tried_again_and_then_exhausts() {
    let out = dfsdt(|_, _| Some(give_up()));
    assert_eq!(out.asked, "0,0");
    assert_eq!(out.tree.end, TreeEnd::Exhausted);
    assert_eq!(left(&out.tree, Backtrack::GaveUp), 2);
    assert_eq!(out.diff, None);
}

#[test]
fn a_give_up_makes_the_parent_ask_for_its_next_child() {
    // ToolBench: 0,1,0D,1 — its give-up leaves two levels and the sibling below is never tried.
    let out = dfsdt(|scene, i| Some(if scene.history.is_empty() { read(i) } else { give_up() }));
    assert_eq!(out.asked, "0,1,1,0D,1,1");
    assert_eq!(left(&out.tree, Backtrack::GaveUp), 4);
    assert_eq!(left(&out.tree, Backtrack::Exhausted), 3);
}

#[test]
fn one_give_up_before_an_answer_costs_one_reply() {
    let mut gave_up = false;
    let out = dfsdt(|scene, i| {
        Some(if scene.history.len() < 2 {
            read(i)
        } else if gave_up {
            finish()
        } else {
            gave_up = true;
            give_up()
        })
    });
    assert_eq!(out.asked, "0,1,2,2");
    assert_eq!(out.tree.end, TreeEnd::Answered);
}

#[test]
fn later_siblings_are_told_of_earlier_ones_and_their_children_are_not() {
    let out = dfsdt(|scene, i| {
        if i == 3 {
            assert_eq!(scene.tried.len(), 1);
            assert_eq!(scene.tried[0][0].arguments, json!({"n": 0}));
        }
        Some(if scene.history.is_empty() {
            read(i)
        } else if i < 4 {
            give_up()
        } else {
            finish()
        })
    });
    assert_eq!(out.asked, "0,1,1,0D,1");
}

#[test]
fn a_repeated_sibling_is_refused_and_counted() {
    let out = dfsdt(|scene, _| Some(if scene.history.is_empty() { read(7) } else { give_up() }));
    assert_eq!(out.asked, "0,1,1,0D");
    assert_eq!(left(&out.tree, Backtrack::RepeatedSibling), 1);
    assert_eq!(out.tree.cost.refused_repeats, 1);
    assert_eq!(out.executed.len(), 1);
}

#[test]
fn a_repeated_call_is_refused_until_the_state_changes() {
    let turns = [read(1), read(1), calls(&[("write", json!({"n": 5}))]), read(1), finish()];
    let out = dfsdt(|_, i| Some(turns[i].clone()));
    let outcomes: Vec<ToolOutcome> =
        out.tree.nodes.iter().flat_map(|n| &n.calls).map(|r| r.outcome).collect();
    assert_eq!(outcomes, [ToolOutcome::Ok, ToolOutcome::Repeated, ToolOutcome::Ok, ToolOutcome::Ok]);
    assert_eq!(out.executed, ["read {\"n\":1}", "write {\"n\":5}", "read {\"n\":1}"]);
    assert_eq!(out.tree.cost.refused_repeats, 1);
}

#[test]
fn siblings_read_from_the_memo_and_never_see_each_others_writes() {
    // Both branches write once, something different, and then read the same.
    let out = dfsdt(|scene, i| {
        Some(match scene.history.len() {
            0 => calls(&[("read", json!({})), ("write", json!({"n": i}))]),
            1 => read(1),
            _ if i < 5 => give_up(),
            _ => finish(),
        })
    });
    assert_eq!(out.asked, "0,1,2,2,1D,0D,1,2");
    assert_eq!(out.tree.cost.memo_hits, 1, "the first read of the second branch");
    let reads: Vec<&str> =
        out.tree.nodes.iter().flat_map(|n| &n.calls).map(|r| r.observation.as_str()).collect();
    assert_eq!(reads, ["0 entries", "1 entries", "1 entries", "", "0 entries", "1 entries", "1 entries"]);
    let written = StateChange::Done { tool: ToolId::new("write"), arguments: json!({"n": 5}) };
    assert_eq!(out.diff, Some(StateDiff { changes: vec![written] }));
}

#[test]
fn without_forks_nothing_is_tried_instead_of_an_effect() {
    let script = |scene: &Scene, i: usize| {
        Some(match scene.history.len() {
            0 => read(i),
            1 => calls(&[("write", json!({"n": i}))]),
            _ => give_up(),
        })
    };
    let out = search_with(&plan(SearchStrategy::Dfsdt), STAYS, script).unwrap();
    assert_eq!(out.asked, "0,1,2,2");
    assert_eq!(out.tree.end, TreeEnd::Exhausted);
    assert_eq!(out.executed.iter().filter(|call| call.starts_with("write")).count(), 1);
    let out = search_with(&plan(SearchStrategy::Chain), STAYS, script).unwrap();
    assert_eq!(out.asked, "0,1,2");
    let forked = search_with(&plan(SearchStrategy::Chain), ABLE, script).unwrap();
    assert_eq!(forked.asked, "0,1,2,0,1,2,0,1,2");
}

#[test]
fn without_forks_an_answer_still_tells_what_changed() {
    let script = |scene: &Scene, _| {
        Some(if scene.history.is_empty() { calls(&[("write", json!({"n": 1}))]) } else { finish() })
    };
    let out = search_with(&plan(SearchStrategy::Dfsdt), STAYS, script).unwrap();
    assert_eq!(out.diff.unwrap().changes.len(), 1);
}

#[test]
fn the_depth_bound_counts_turns() {
    let bounded = SearchPlan { max_depth: 2, ..plan(SearchStrategy::Dfsdt) };
    let out = search_with(&bounded, ABLE, |_, i| Some(read(i))).unwrap();
    assert_eq!(out.asked, "0,1,1D,0D,1,1D");
    assert_eq!(left(&out.tree, Backtrack::TooDeep), 4);
    assert_eq!(out.tree.end, TreeEnd::Exhausted);
}

#[test]
fn budgets_are_taken_before_a_reply_or_a_call() {
    let nodes = SearchPlan { max_nodes: 3, ..plan(SearchStrategy::Dfsdt) };
    let out = search_with(&nodes, ABLE, |_, i| Some(read(i))).unwrap();
    assert_eq!((out.tree.end, out.tree.cost.llm_calls), (TreeEnd::OutOfBudget, 3));
    let last = search_with(&nodes, ABLE, |_, i| Some(if i < 2 { read(i) } else { finish() })).unwrap();
    assert_eq!(last.tree.end, TreeEnd::Answered, "the last reply that is paid for counts");
    let calls = SearchPlan { max_calls: 2, ..plan(SearchStrategy::Dfsdt) };
    let out = search_with(&calls, ABLE, |_, i| Some(read(i))).unwrap();
    assert_eq!((out.tree.end, out.executed.len()), (TreeEnd::OutOfBudget, 2));
}

#[test]
fn wrong_calls_are_told_so_and_not_made() {
    let turns =
        [calls(&[("raed", json!({})), ("read", json!({"m": 1})), ("read", json!("{\"n\":"))]), finish()];
    let out = dfsdt(|_, i| Some(turns[i].clone()));
    let records = &out.tree.nodes[1].calls;
    let outcomes: Vec<ToolOutcome> = records.iter().map(|r| r.outcome).collect();
    assert_eq!(
        outcomes,
        [ToolOutcome::UnknownTool, ToolOutcome::InvalidArguments, ToolOutcome::InvalidArguments]
    );
    assert_eq!(records[1].observation, "Invalid arguments: has no parameter `m`.");
    assert!(out.executed.is_empty());
    assert_eq!(out.tree.cost.tool_calls, 0);
}

#[test]
fn unusable_replies_cost_a_child_and_an_unreachable_model_ends_without_a_tree() {
    let out = dfsdt(|_, _| Some(Reply::default()));
    assert_eq!(out.asked, "0,0");
    assert_eq!(left(&out.tree, Backtrack::Malformed), 2);
    let failed = search_with(&plan(SearchStrategy::Dfsdt), ABLE, |_, _| None);
    assert!(matches!(failed.err(), Some(EdgeError::Model(LlmError::Stopped))));
}

#[test]
fn chains_are_independent_and_the_first_answer_wins() {
    let out = search_with(&plan(SearchStrategy::Chain), ABLE, |scene, i| {
        assert!(scene.tried.is_empty());
        Some(match (scene.history.len(), i) {
            (0, _) => read(1),
            (_, 0..=2) => give_up(),
            _ => finish(),
        })
    })
    .unwrap();
    assert_eq!(out.asked, "0,1,0,1");
    assert_eq!(out.tree.end, TreeEnd::Answered);
    assert_eq!(
        out.tree.cost.memo_hits, 1,
        "an attempt may repeat another's call and is served from the memo"
    );
}

#[test]
fn a_strategy_may_collect_several_answers_each_with_its_own_state() {
    let (plan, written) = (plan(SearchStrategy::Dfsdt), |n: u64| calls(&[("write", json!({"n": n}))]));
    let script = move |scene: &Scene, i: usize| {
        Some(if scene.history.is_empty() { written(i as u64) } else { finish() })
    };
    let (tree, _) = on_ledger(ABLE, async |session, tools| {
        let answers = Script(script, 0, Arc::default());
        let mut context = Context::new(&plan, tools, Scene::default(), answers, session).await?;
        for _ in 0..3 {
            let root = NodeId(0);
            let Step::Open(child) = context.expand(root, Vec::new()).await? else { panic!("it writes") };
            assert_eq!(context.expand(child, Vec::new()).await?, Step::Answered);
        }
        context.end(Ok(TreeEnd::Answered)).await
    });
    let tree = tree.unwrap();
    assert_eq!(tree.answers.len(), 3);
    let state = |n: u64| {
        let changes = vec![StateChange::Done { tool: ToolId::new("write"), arguments: json!({"n": n}) }];
        Some(StateDiff { changes })
    };
    let states: Vec<Option<StateDiff>> = tree.answers.iter().map(|leaf| leaf.state.clone()).collect();
    assert_eq!(states, [state(0), state(2), state(4)]);
}

#[test]
fn a_node_that_the_search_has_left_can_be_come_back_to() {
    let plan = plan(SearchStrategy::Dfsdt);
    let script = |_: &Scene, i: usize| {
        Some(match i {
            0 => calls(&[("write", json!({"n": 1}))]),
            1 => give_up(),
            2 => read(1),
            _ => finish(),
        })
    };
    let (tree, executed) = on_ledger(ABLE, async |session, tools| {
        let answers = Script(script, 0, Arc::default());
        let mut context = Context::new(&plan, tools, Scene::default(), answers, session).await?;
        let root = NodeId(0);
        let Step::Open(left) = context.expand(root, Vec::new()).await? else { panic!("it writes") };
        assert_eq!(context.expand(left, Vec::new()).await?, Step::Dead);
        context.leave(left, Backtrack::Exhausted);
        // Below what gave up, nothing was called: its state is that of the node before.
        let Step::Open(read) = context.expand(NodeId(2), Vec::new()).await? else { panic!("it reads") };
        assert_eq!(context.expand(read, Vec::new()).await?, Step::Answered);
        context.end(Ok(TreeEnd::Answered)).await
    });
    let tree = tree.unwrap();
    assert_eq!(tree.nodes[3].calls[0].observation, "1 entries");
    assert_eq!(tree.answers[0].state.as_ref().unwrap().changes.len(), 1);
    assert_eq!(executed.len(), 2);
}

#[test]
fn without_a_told_state_every_write_counts_as_a_change_and_no_read_does() {
    let turns = [read(1), read(1), calls(&[("write", json!({"n": 5}))]), read(1), finish()];
    let blind = Abilities::default();
    let out = search_with(&plan(SearchStrategy::Dfsdt), blind, |_, i| Some(turns[i].clone())).unwrap();
    assert_eq!(out.executed, ["read {\"n\":1}", "write {\"n\":5}", "read {\"n\":1}"]);
    assert_eq!(out.tree.answers[0].state, None);
}

//! The rules against the references themselves: a task solved exactly as its reference does it is kept.

use std::collections::BTreeMap;
use std::sync::Arc;
use toolloom::config;
use toolloom::data::{
    AnsweredLeaf, Attempt, CallRecord, Catalog, FactKind, ModelRole, Node, NodeId, SearchTree, Task,
    TaskRecord, ToolCall, ToolOutcome, TreeEnd,
};
use toolloom::internals::builtin::Builtin;
use toolloom::internals::environment::Environment;
use toolloom::internals::filter::Judge;
use toolloom::internals::instruct::{Instructor, Made};
use toolloom::internals::llm::{AskPath, Llm};
use toolloom::internals::prompt::Templates;

/// Solves a task as its reference does, one call a turn, and states every fact.
fn solved(task: &Task, catalog: &Catalog) -> TaskRecord {
    let reference = task.reference.as_ref().expect("a chain has one");
    let mut nodes = vec![Node::default()];
    for call in &reference.calls {
        let tool = catalog.get(&call.tool).expect("the catalog's");
        let call_record = CallRecord {
            call: ToolCall {
                id: String::new(),
                name: tool.name.to_string(),
                arguments: call.arguments.clone(),
            },
            observation: call.observation.to_string(),
            parts: Vec::new(),
            outcome: ToolOutcome::Ok,
        };
        push(&mut nodes, Node { calls: vec![call_record], ..Node::default() });
    }
    let facts: Vec<String> = reference
        .facts
        .iter()
        .map(|f| match (&f.value, f.kind) {
            (serde_json::Value::Bool(yes), _) => format!("{}: {}", f.name, if *yes { "yes" } else { "no" }),
            (serde_json::Value::Array(items), FactKind::Text) => items
                .iter()
                .map(|i| i.as_str().map_or_else(|| i.to_string(), str::to_owned))
                .collect::<Vec<_>>()
                .join(", "),
            (serde_json::Value::String(s), _) => s.clone(),
            (other, _) => other.to_string(),
        })
        .collect();
    let answer = format!("All set. {}", facts.join(". "));
    push(&mut nodes, Node { answer: Some(answer), ..Node::default() });
    let leaf = AnsweredLeaf { node: NodeId(nodes.len() as u32 - 1), state: Some(reference.state.clone()) };
    let tree = SearchTree { nodes, answers: vec![leaf], end: TreeEnd::Answered, ..SearchTree::default() };
    TaskRecord {
        ordinal: task.ordinal,
        task: Some(task.clone()),
        system: Templates::embedded().system(&task.context).expect("the embedded templates render"),
        trees: vec![Attempt { role: ModelRole::Solver, model: "teacher".into(), tree }],
        ..TaskRecord::default()
    }
}

fn push(nodes: &mut Vec<Node>, node: Node) {
    let parent = nodes.len() as u32 - 1;
    nodes.push(Node { parent: Some(NodeId(parent)), depth: parent + 1, ..node });
}

#[test]
fn nearly_every_reference_passes_every_rule() {
    let mut plan = config::load(None, &[], &|_| true).expect("the defaults are a plan");
    plan.crawl.sources = vec![concat!(env!("CARGO_MANIFEST_DIR"), "/apis").to_owned().into()];
    let catalog =
        Arc::new(toolloom::internals::crawl::crawl(&plan.crawl, &plan.limits).expect("the starter specs"));
    let environment = Environment::simulated(&catalog, plan.limits.observation_bytes);
    let instructor = Instructor::new(Arc::clone(&catalog), &plan, &environment);
    let llm = Llm::builtin(Arc::new(Builtin));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let judge = Judge::new(&catalog, &Arc::new(plan), "");
    let (mut made, mut dropped, mut cut) = (0, BTreeMap::<String, Vec<String>>::new(), Vec::new());
    for ordinal in 0..120 {
        let task =
            runtime.block_on(instructor.make(ordinal, &llm, &mut AskPath::new(ordinal))).expect("no server");
        let Made::Task(task) = task else { continue };
        made += 1;
        let sample = judge.record(&solved(&task, &catalog)).remove(0);
        let calls = task.reference.as_ref().map_or(0, |r| r.calls.len());
        if sample.n_calls as usize != calls {
            cut.push(format!("#{ordinal} {calls} calls, {} left: {}", sample.n_calls, task.instruction));
        }
        if let Some(reason) = sample.dropped {
            dropped
                .entry(reason.rule)
                .or_default()
                .push(format!("#{ordinal} {} ⟵ {}", reason.reason, task.instruction));
        }
    }
    let lost: usize = dropped.values().map(Vec::len).sum();
    assert!(made >= 60, "{made} tasks made");
    assert!(lost * 20 <= made, "{lost} of {made} dropped: {dropped:#?}");
    assert!(cut.len() * 20 <= made, "{} of {made} lost calls: {cut:#?}", cut.len());
}

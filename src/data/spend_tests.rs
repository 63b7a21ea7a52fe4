//! Tests of what was spent.

use super::*;
use crate::data::{
    AnsweredLeaf, Attempt, NodeId, Reason, Scenario, SearchTree, Strategy, Task, TaskContext, TaskId, TreeEnd,
};
use serde_json::json;

const ANSWERED: Option<TreeEnd> = Some(TreeEnd::Answered);

fn usage(parts: &[(&str, ModelRole, u64, u64, u64)]) -> Usages {
    let mut usage = Usages::default();
    for &(model, role, calls, tokens_in, tokens_out) in parts {
        let tokens_cached = tokens_in / 3;
        usage.add(model, role, &ModelUse { calls, tokens_in, tokens_out, tokens_cached });
    }
    usage
}

/// A task that was refused, where it has no end.
fn record(ordinal: u64, end: Option<TreeEnd>, usage: Usages) -> TaskRecord {
    let task = Task {
        ordinal,
        id: TaskId::new(format!("task-{ordinal}")),
        instruction: String::new(),
        context: TaskContext::default(),
        offered: Vec::new(),
        needed: Vec::new(),
        apis: Vec::new(),
        strategy: Strategy::ChainFirst,
        scenario: Scenario::Lookup,
        persona: String::new(),
        lang: String::new(),
        world: None,
        reference: None,
        distractor_similarity: 0.0,
    };
    let refused = end.is_none().then(|| Reason::new(Stage::Instruct, "leaks", ""));
    let leaf = || AnsweredLeaf { node: NodeId(0), state: None };
    let answers = |end| if end == TreeEnd::Answered { vec![leaf()] } else { Vec::new() };
    let tree = |end| SearchTree { end, answers: answers(end), ..SearchTree::default() };
    let attempt = |end| Attempt { role: ModelRole::Solver, model: String::from("teacher"), tree: tree(end) };
    let trees = end.into_iter().map(attempt).collect();
    TaskRecord { ordinal, task: Some(task), refused, trees, usage, ..TaskRecord::default() }
}

fn records() -> Vec<TaskRecord> {
    use ModelRole::{Judge, Solver, Writer};
    let of =
        |n: u64| usage(&[("teacher", Writer, 1, 900 + n, 77), ("teacher", Solver, 4, 8001 + 13 * n, 333)]);
    vec![
        record(0, ANSWERED, of(0)),
        record(1, None, usage(&[("teacher", Writer, 2, 1801, 150)])),
        record(2, Some(TreeEnd::Exhausted), of(2)),
        record(3, ANSWERED, usage(&[("teacher", Writer, 1, 905, 70), ("cheap", Judge, 1, 2001, 33)])),
        record(4, ANSWERED, of(4)),
        TaskRecord { ordinal: 5, ..TaskRecord::default() },
    ]
}

/// Sums records up of which those of `kept` have a row that is kept.
fn spend(records: &[TaskRecord], kept: &[&str], prices: &Prices) -> Spend {
    let mut tally = SpendTally::default();
    for record in records {
        let id = record.task.as_ref().map(|task| task.id.as_str()).unwrap_or_default();
        tally.add(record, &Usages::default(), u64::from(kept.contains(&id)));
    }
    tally.spend(prices)
}

fn prices() -> Prices {
    Prices::of_plan(&json!({"models": {
        "teacher": {"provider": "openai", "price_in": 0.37, "price_out": 1.13, "price_cached": 0.01},
        "cheap": {"provider": "anthropic", "price_in": 0.07, "price_out": 0.3},
    }}))
}

/// Dollars in millionths of a millionth.
fn exact<'a>(parts: impl IntoIterator<Item = &'a Spent>) -> (ModelUse, i128) {
    let mut used = ModelUse::default();
    let mut sum = 0;
    for part in parts {
        used.add(&part.used);
        sum += (part.cost_usd.unwrap() * 1e12).round() as i128;
    }
    (used, sum)
}

#[test]
fn stages_roles_models_and_outcomes_each_add_up_to_the_total_exactly() {
    let records = records();
    let spend = spend(&records, &["task-0", "task-4"], &prices());
    let total = exact([&spend.parts.total]);
    assert!(total.1 > 0);
    assert_eq!(exact(spend.parts.by_stage.values()), total);
    assert_eq!(exact(spend.parts.by_role.values()), total);
    assert_eq!(exact(spend.parts.by_model.values()), total);
    assert_eq!(exact(spend.by_outcome.values().map(|outcome| &outcome.spent)), total);
    let tasks: Vec<_> = spend.by_outcome.iter().map(|(o, spend)| (o.as_str(), spend.tasks)).collect();
    assert_eq!(tasks, [("kept", 2), ("rejected", 1), ("unsolved", 1), ("refused", 2)]);
    let row = spend.kept_row.unwrap();
    assert_eq!((spend.rows, row.calls), (2, spend.parts.total.used.calls as f64 / 2.0));
    let difference = row.cost_usd.unwrap() * 2.0 - spend.parts.total.cost_usd.unwrap();
    assert!(difference.abs() < 1e-12, "{difference}");
    let text = serde_json::to_string(&spend).unwrap();
    assert_eq!(serde_json::from_str::<Spend>(&text).unwrap(), spend);
}

#[test]
fn a_price_that_is_not_known_leaves_every_sum_it_is_in_unknown_and_no_other() {
    let prices =
        Prices::of_plan(&json!({"models": {"cheap": {"provider": "openai", "price_in": 1, "price_out": 1}}}));
    let spend = spend(&records(), &["task-0"], &prices);
    assert_eq!(spend.parts.unpriced, ["teacher"]);
    assert_eq!((spend.parts.total.cost_usd, spend.kept_row.unwrap().cost_usd), (None, None));
    assert!(
        spend.parts.by_stage[&Stage::Filter].cost_usd.is_some()
            && spend.parts.by_stage[&Stage::Search].cost_usd.is_none()
    );
    assert!(!spend.parts.builtin_only);
}

#[test]
fn without_a_kept_row_there_is_no_cost_of_one() {
    let unkept = spend(&records(), &[], &prices());
    assert!(unkept.kept_row.is_none() && unkept.parts.total.cost_usd.unwrap() > 0.0);
    let nothing = spend(&[], &[], &Prices::default());
    assert_eq!((nothing.parts.total.cost_usd, nothing.parts.builtin_only), (Some(0.0), true));
}

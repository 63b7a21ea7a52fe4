//! A small solved task that every rule keeps, to be spoilt by tests.

use super::{Judge, conclude};
use crate::checks::testing::{answer_node, call_node, tool, tree_of};
use crate::config::{self, Plan};
use crate::data::{
    ApiId, Attempt, Catalog, Effect, Fact, FactKind, ModelRole, Node, Reference, ReferenceCall, Sample,
    Scenario, SearchTree, StateChange, StateDiff, Strategy, Task, TaskContext, TaskId, TaskRecord, Tool,
    ToolId, ToolOutcome, WorldRef,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A call of the shop's search.
#[derive(Clone)]
pub(super) struct Made {
    pub name: String,
    pub arguments: Value,
    pub observation: String,
    pub outcome: ToolOutcome,
}

/// A task and how it was solved.
#[derive(Clone)]
pub(super) struct Shop {
    pub calls: Vec<Made>,
    pub answer: String,
    pub changed: Option<StateDiff>,
    pub referenced: bool,
}

pub(super) fn plan() -> Plan {
    config::load(None, &[], &|_| true).expect("the defaults are a plan")
}

pub(super) fn catalog() -> Catalog {
    let find = tool(
        "shop_find_pets",
        json!({"type": "object", "additionalProperties": false, "properties": {"name": {"type": "string"}}}),
    );
    let update = tool(
        "shop_update_pet",
        json!({"type": "object", "additionalProperties": false, "required": ["petId"], "properties": {
            "petId": {"type": "integer"}, "status": {"enum": ["available", "pending", "sold"]}}}),
    );
    let tools: Vec<Tool> = vec![find, Tool { effect: Effect::Writes, ..update }];
    Catalog { tools, ..Catalog::default() }
}

fn sold() -> StateDiff {
    let fields = json!({"status": "sold"});
    StateDiff { changes: vec![StateChange::Updated { resource: "shop:pet".into(), id: "7".into(), fields }] }
}

impl Shop {
    /// The task, solved well.
    pub fn solved() -> Self {
        let made = |name: &str, arguments: Value, observation: Value| Made {
            name: name.into(),
            arguments,
            observation: observation.to_string(),
            outcome: ToolOutcome::Ok,
        };
        Self {
            calls: vec![
                made(
                    "shop_find_pets",
                    json!({"name": "Biscuit"}),
                    json!([{"id": 7, "name": "Biscuit", "price": 25.0}]),
                ),
                made(
                    "shop_update_pet",
                    json!({"petId": 7, "status": "sold"}),
                    json!({"id": 7, "status": "sold"}),
                ),
            ],
            answer: "Biscuit is sold now; he was 25.".into(),
            changed: Some(sold()),
            referenced: true,
        }
    }

    /// The record.
    pub fn record(&self) -> TaskRecord {
        let ids = ["shop_find_pets", "shop_update_pet"].map(|n| ToolId::new(format!("local/shop/{n}")));
        let calls = vec![ReferenceCall {
            tool: ids[0].clone(),
            arguments: json!({"name": "Biscuit"}),
            observation: json!([{"id": 7}]),
            needs: vec![],
            sources: vec![],
        }];
        let fact = Fact { name: "price".into(), value: json!(25.0), kind: FactKind::Number, unit: None };
        let reference = Reference { calls, facts: vec![fact], state: sold(), depth: 2, width: 1 };
        let task = Task {
            ordinal: 3,
            id: TaskId::new("task-3"),
            instruction: "Biscuit is sold! Put that down and tell me what he cost.".into(),
            context: TaskContext {
                now: "2026-04-08T10:30:00+02:00".into(),
                time_zone: "Europe/Brussels".into(),
                user: "Ana Ruiz".into(),
                facts: vec![],
            },
            offered: ids.to_vec(),
            needed: ids.to_vec(),
            apis: vec![ApiId::new("local/shop")],
            strategy: Strategy::ChainFirst,
            scenario: Scenario::Update,
            persona: "a shopkeeper".into(),
            lang: "en".into(),
            world: Some(WorldRef { seed: 1, spec_hash: "0".into(), today: "2026-04-08".into() }),
            reference: self.referenced.then_some(reference),
            distractor_similarity: 0.2,
        };
        let mut nodes: Vec<_> = self
            .calls
            .iter()
            .map(|m| call_node(&m.name, m.arguments.clone(), &m.observation, m.outcome))
            .collect();
        nodes.push(answer_node(&self.answer));
        TaskRecord {
            ordinal: 3,
            task: Some(task),
            system: "Today is Wednesday, 8 April 2026 (Europe/Brussels). You help Ana Ruiz.".into(),
            trees: vec![Attempt { role: ModelRole::Solver, model: "teacher".into(), tree: self.tree(nodes) }],
            ..TaskRecord::default()
        }
    }
}

impl Shop {
    fn tree(&self, nodes: Vec<Node>) -> SearchTree {
        let mut tree = tree_of(nodes);
        tree.answers[0].state.clone_from(&self.changed);
        tree
    }

    /// The row, as the pure rules leave it.
    pub fn row(&self) -> Sample {
        judge_record(&self.record(), &catalog(), &plan()).remove(0)
    }
}

/// Has the pure rules judge a record.
pub(super) fn judge_record(record: &TaskRecord, catalog: &Catalog, plan: &Plan) -> Vec<Sample> {
    Judge::new(&Arc::new(catalog.clone()), &Arc::new(plan.clone()), "templates").record(record)
}

/// Judges a shop's record with the default plan, of which no judge is asked.
pub(super) fn judged(shop: &Shop) -> Sample {
    let mut sample = shop.row();
    conclude(&mut sample, &BTreeMap::new(), &plan());
    sample
}

/// The rule that drops a shop's record.
pub(super) fn dropped_by(shop: &Shop) -> Option<String> {
    judged(shop).dropped.map(|r| r.rule)
}

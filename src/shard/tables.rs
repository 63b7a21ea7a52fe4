//! The rows of `graph.parquet`, `tasks.parquet` and `trees.parquet`.

use super::row::json as json_text;
use crate::data::{AnsweredLeaf, Attempt, Catalog, GraphRow, TaskRecord, Tool, TreeEnd};
use crate::graph::{self, Edge};
use serde::Serialize;
use serde_json::{Value, json};

/// Returns the edges of a catalog's kept tools, API by API: the tools of one stand together, for they are sorted by id.
pub(super) fn edges(catalog: &Catalog) -> impl Iterator<Item = GraphRow> {
    catalog.tools.chunk_by(|a, b| a.api == b.api).flat_map(|tools| {
        let tools: Vec<&Tool> = tools.iter().collect();
        graph::edges(&tools[0].api, &tools).into_iter().map(graph_row)
    })
}

fn graph_row(edge: Edge) -> GraphRow {
    GraphRow {
        api: edge.api.to_string(),
        from: edge.from.to_string(),
        from_field: edge.from_field,
        to: edge.to.to_string(),
        to_parameter: edge.to_parameter,
        rule: edge.rule.as_str().to_owned(),
        confidence: edge.confidence,
    }
}

/// A row of `tasks.parquet`.
#[derive(Serialize)]
pub(super) struct TaskRow {
    ordinal: u64,
    id: Option<String>,
    instruction: Option<String>,
    strategy: Option<&'static str>,
    scenario: Option<&'static str>,
    persona: Option<String>,
    lang: Option<String>,
    apis: Vec<String>,
    offered: Vec<String>,
    needed: Vec<String>,
    context: Option<String>,
    world: Option<String>,
    reference: Option<String>,
    distractor_similarity: Option<f64>,
    refused: bool,
    stage: Option<&'static str>,
    rule: Option<String>,
    reason: Option<String>,
}

impl TaskRow {
    pub(super) fn of(record: &TaskRecord) -> Self {
        let task = record.task.as_ref();
        let refused = record.refused.as_ref();
        Self {
            ordinal: record.ordinal,
            id: task.map(|t| t.id.to_string()),
            instruction: task.map(|t| t.instruction.clone()),
            strategy: task.map(|t| t.strategy.as_str()),
            scenario: task.map(|t| t.scenario.as_str()),
            persona: task.map(|t| t.persona.clone()),
            lang: task.map(|t| t.lang.clone()),
            apis: task.map_or_else(Vec::new, |t| t.apis.iter().map(ToString::to_string).collect()),
            offered: task.map_or_else(Vec::new, |t| t.offered.iter().map(ToString::to_string).collect()),
            needed: task.map_or_else(Vec::new, |t| t.needed.iter().map(ToString::to_string).collect()),
            context: task.map(|t| json_text(&t.context)),
            world: task.map(|t| json_text(&t.world)),
            reference: task.and_then(|t| t.reference.as_ref()).map(json_text),
            distractor_similarity: task.map(|t| t.distractor_similarity),
            refused: refused.is_some(),
            stage: refused.map(|r| r.stage.as_str()),
            rule: refused.map(|r| r.rule.clone()),
            reason: refused.map(|r| r.reason.clone()),
        }
    }
}

/// A row of `trees.parquet`.
#[derive(Serialize)]
pub(super) struct TreeRow {
    ordinal: u64,
    attempt: u32,
    role: &'static str,
    model: String,
    id: Option<String>,
    instruction: Option<String>,
    end: &'static str,
    answers: String,
    n_nodes: usize,
    max_depth: u32,
    llm_calls: u32,
    tool_calls: u32,
    memo_hits: u32,
    refused_repeats: u32,
    tokens_in: u64,
    tokens_out: u64,
    cost_usd: Option<f64>,
    nodes: String,
}

impl TreeRow {
    /// Returns a record's rows, one a search.
    pub(super) fn all(record: &TaskRecord) -> impl Iterator<Item = Self> {
        record.trees.iter().zip(0..).map(|(attempt, place)| Self::of(record, attempt, place))
    }

    fn of(record: &TaskRecord, attempt: &Attempt, place: u32) -> Self {
        let tree = &attempt.tree;
        let end = match tree.end {
            TreeEnd::Answered => "answered",
            TreeEnd::Exhausted => "exhausted",
            TreeEnd::OutOfBudget => "out_of_budget",
        };
        let answer = |leaf: &AnsweredLeaf| {
            let text = tree.nodes.get(leaf.node.0 as usize).and_then(|node| node.answer.as_deref());
            json!({"node": leaf.node, "answer": text, "state": leaf.state})
        };
        Self {
            ordinal: record.ordinal,
            attempt: place,
            role: attempt.role.as_str(),
            model: attempt.model.clone(),
            id: record.task.as_ref().map(|t| t.id.to_string()),
            instruction: record.task.as_ref().map(|t| t.instruction.clone()),
            end,
            answers: Value::Array(tree.answers.iter().map(answer).collect()).to_string(),
            n_nodes: tree.nodes.len(),
            max_depth: tree.nodes.iter().map(|n| n.depth).max().unwrap_or(0),
            llm_calls: tree.cost.llm_calls,
            tool_calls: tree.cost.tool_calls,
            memo_hits: tree.cost.memo_hits,
            refused_repeats: tree.cost.refused_repeats,
            tokens_in: tree.cost.tokens_in,
            tokens_out: tree.cost.tokens_out,
            cost_usd: tree.cost.cost_usd,
            nodes: json_text(&tree.nodes),
        }
    }
}

//! Makes rows of records: of answered ones with all that was judged, of the others with why they end here.

use super::case::{Case, now_of};
use super::judge::Judge;
use super::score::{Structure, difficulty};
use crate::checks::similarity::skeleton;
use crate::checks::tokens::estimate_row;
use crate::checks::trajectory::{Setting, training_view};
use crate::config::plan::RolePlan;
use crate::data::{
    AnsweredLeaf, ArgumentSource, Backtrack, Difficulty, FORMAT_VERSION, Level, Message, ModelRole, NodeId,
    Reason, Role, Sample, SearchTree, Split, Stage, StateDiff, Task, TaskRecord, Tool, ToolOutcome, TreeEnd,
    Verified, content_hash,
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Returns why a search found no answer.
pub(super) fn why_unsolved(tree: &SearchTree) -> Reason {
    let turns = tree.nodes.len().saturating_sub(1);
    let gave_up = tree.nodes.iter().filter(|n| n.backtrack == Some(Backtrack::GaveUp)).count();
    match tree.end {
        TreeEnd::OutOfBudget => {
            let reason = format!("no answer within {turns} turns and {} calls", tree.cost.tool_calls);
            Reason::new(Stage::Search, "out_of_budget", reason)
        }
        _ if gave_up > 0 => {
            let said = tree.nodes.iter().rev().find(|n| n.backtrack == Some(Backtrack::GaveUp));
            let why: String = said.map(|n| n.thought.chars().take(200).collect()).unwrap_or_default();
            Reason::new(
                Stage::Search,
                "gave_up",
                format!("the model gave up {gave_up} times in {turns} turns: {why}"),
            )
        }
        _ => Reason::new(Stage::Search, "exhausted", format!("all branches were left after {turns} turns")),
    }
}

/// Makes the row of a record without an answer: the instruction, and the deepest path where there was a search.
pub(super) fn unsolved(judge: &Judge, record: &TaskRecord, reason: Reason) -> Sample {
    let mut sample = empty(record);
    if let Some(task) = &record.task {
        of_task(judge, task, &mut sample);
        let offered = judge.offered(task);
        sample.messages = if let Some(tree) = record.solver_trees().last() {
            let now = now_of(task);
            let setting = Setting {
                system: &record.system,
                instruction: &task.instruction,
                now: &now,
                tools: &offered,
            };
            let messages = training_view(tree, deepest(tree), setting).trajectory.messages;
            messages.into_iter().map(|m| Message { loss: false, ..m }).collect()
        } else {
            let system = Message::text(Role::System, record.system.clone());
            let user = Message::text(Role::User, task.instruction.clone());
            [system, user].into_iter().filter(|m| !m.content.is_empty()).collect()
        };
        let calls = || sample.messages.iter().flat_map(|m| &m.tool_calls);
        sample.n_calls = calls().count() as u32;
        sample.n_tools = calls().map(|c| &c.name).collect::<BTreeSet<_>>().len() as u32;
        sample.est_tokens = estimate_row(&sample.messages, &sample.tools);
    }
    if let Some(tree) = record.solver_trees().last() {
        costs(record, tree, &mut sample);
    }
    sample.provenance = provenance(judge, record, &sample, None);
    sample.id = content_hash(&json!([record.ordinal, sample.messages, sample.tools]));
    if sample.group_id.is_empty() {
        sample.group_id.clone_from(&sample.id);
    }
    sample.dropped = Some(reason);
    sample
}

fn deepest(tree: &SearchTree) -> NodeId {
    let at = (0..tree.nodes.len()).max_by_key(|&i| (tree.nodes[i].depth, std::cmp::Reverse(i))).unwrap_or(0);
    NodeId(at as u32)
}

/// Makes the row of a record of which nothing but the task is looked at.
pub(super) fn bare(judge: &Judge, record: &TaskRecord, reason: Reason) -> Sample {
    let asked = TaskRecord { trees: Vec::new(), ..record.clone() };
    unsolved(judge, &asked, reason)
}

/// Makes the row of an answer, without what rules say of it.
pub(super) fn answered(
    judge: &Judge,
    record: &TaskRecord,
    task: &Task,
    (tree, leaf): (&SearchTree, &AnsweredLeaf),
    case: &Case<'_>,
) -> Sample {
    let mut sample = empty(record);
    of_task(judge, task, &mut sample);
    sample.messages.clone_from(&case.view.trajectory.messages);
    case.answer().clone_into(&mut sample.answer);
    let called = case.called();
    let apis: BTreeSet<String> = called.values().flatten().map(|t| t.api.to_string()).collect();
    sample.apis = apis.into_iter().collect();
    sample.n_calls = case.view.calls.len() as u32;
    sample.n_tools = called.len() as u32;
    sample.depth = case.depth();
    sample.width = case.width();
    sample.n_errors = case.view.calls.iter().filter(|r| r.outcome != ToolOutcome::Ok).count() as u32;
    sample.est_tokens = estimate_row(&sample.messages, &sample.tools);
    let structure = Structure {
        depth: sample.depth,
        calls: sample.n_calls,
        tools: sample.n_tools,
        similarity: task.distractor_similarity,
        turns: tree.node(leaf.node).depth,
        explored: tree.nodes.len().saturating_sub(1) as u32,
    };
    sample.difficulty = difficulty(structure, &case.plan.filter);
    sample.verified = case.verified();
    sample.state = leaf.state.clone().unwrap_or_default();
    costs(record, tree, &mut sample);
    sample.provenance = provenance(judge, record, &sample, Some(case));
    sample.id = content_hash(&json!([sample.messages, sample.tools]));
    sample
}

fn empty(record: &TaskRecord) -> Sample {
    let used = record.usage.total();
    Sample {
        id: String::new(),
        group_id: String::new(),
        split: Split("train".to_owned()),
        instruction: String::new(),
        messages: Vec::new(),
        tools: Vec::new(),
        answer: String::new(),
        scenario: String::new(),
        decision: "call".to_owned(),
        lang: "en".to_owned(),
        apis: Vec::new(),
        n_calls: 0,
        n_tools: 0,
        depth: 0,
        width: 0,
        n_errors: 0,
        est_tokens: 0,
        quality: 0.0,
        scores: BTreeMap::new(),
        difficulty: Difficulty { score: 0.0, level: Level::Easy },
        verified: Verified::None,
        reference: None,
        state: StateDiff::default(),
        persona: String::new(),
        skeleton: String::new(),
        world: json!({}),
        strategy: String::new(),
        llm_calls: used.calls as u32,
        tool_calls: 0,
        tokens_in: used.tokens_in,
        tokens_out: used.tokens_out,
        cost_usd: None,
        provenance: json!({}),
        dropped: None,
    }
}

fn of_task(judge: &Judge, task: &Task, sample: &mut Sample) {
    sample.group_id = task.id.to_string();
    sample.instruction.clone_from(&task.instruction);
    sample.tools = judge.tools(task).map(function).collect();
    task.scenario.as_str().clone_into(&mut sample.scenario);
    sample.lang.clone_from(&task.lang);
    sample.apis = task.apis.iter().map(ToString::to_string).collect();
    sample.reference.clone_from(&task.reference);
    if let Some(world) = &task.world {
        sample.world = json!({"seed": world.seed, "spec_hash": world.spec_hash, "today": world.today});
    }
    task.strategy.as_str().clone_into(&mut sample.strategy);
    sample.persona.clone_from(&task.persona);
    sample.skeleton = skeleton(&task.instruction, &given_values(task), &now_of(task));
}

/// Returns a tool as an OpenAI function definition.
fn function(tool: &Tool) -> Value {
    json!({"type": "function", "function": {
        "name": tool.name, "description": tool.description, "parameters": tool.parameters,
    }})
}

fn costs(record: &TaskRecord, tree: &SearchTree, sample: &mut Sample) {
    sample.tool_calls = tree.cost.tool_calls;
    sample.cost_usd = tree.cost.cost_usd;
    if record.usage.is_empty() {
        sample.llm_calls = tree.cost.llm_calls;
        sample.tokens_in = tree.cost.tokens_in;
        sample.tokens_out = tree.cost.tokens_out;
    }
}

/// Returns what made a row: versions, seed, specs, templates, models, the source of every argument, and the instruction's
/// skeleton by which near-duplicates are found.
fn provenance(judge: &Judge, record: &TaskRecord, sample: &Sample, case: Option<&Case<'_>>) -> Value {
    let model = |(role, of): (&ModelRole, &RolePlan)| {
        let named = match judge.plan.models.get(&of.model) {
            Some(model) => json!({"provider": model.provider, "model": model.model}),
            None => json!({"model": of.model}),
        };
        (role.as_str().to_owned(), named)
    };
    let models: Map<String, Value> = judge.plan.roles.0.iter().map(model).collect();
    let mut out = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "format": FORMAT_VERSION,
        "seed": judge.plan.seed,
        "ordinal": record.ordinal,
        "models": models,
        "templates": &*judge.templates,
        "search": judge.plan.search.strategy,
    });
    let Some(task) = &record.task else { return out };
    let source = |tool: &'_ Tool| (tool.source.spec.clone(), tool.source.hash.clone());
    let specs: BTreeMap<String, String> = judge.tools(task).map(source).collect();
    out["specs"] = json!(specs);
    out["persona"] = json!(task.persona);
    out["needed"] = json!(task.needed);
    out["skeleton"] = json!(sample.skeleton);
    if let Some(case) = case {
        out["cut_calls"] = json!(case.view.cut);
        out["arguments"] = arguments(case);
    }
    out
}

/// Returns the values of the reference that may stand in the instruction as they are.
fn given_values(task: &Task) -> Vec<String> {
    let mut values = BTreeSet::new();
    for call in task.reference.iter().flat_map(|r| &r.calls) {
        strings(&call.arguments, &mut values);
        strings(&call.observation, &mut values);
    }
    let lower = task.instruction.to_lowercase();
    values.retain(|v| (3..=60).contains(&v.chars().count()) && lower.contains(&v.to_lowercase()));
    values.into_iter().collect()
}

fn strings(value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            out.insert(text.clone());
            out.insert(crate::words::enum_words(text));
        }
        Value::Array(items) => items.iter().for_each(|v| strings(v, out)),
        Value::Object(map) => map.values().for_each(|v| strings(v, out)),
        _ => {}
    }
}

/// Returns the source of every argument, a list over the calls: `{"/petId": "result call_0 /0/id"}`.
fn arguments(case: &Case<'_>) -> Value {
    let of_call = |sources: &crate::checks::provenance::CallSources| {
        let leaves: Map<String, Value> = sources
            .leaves
            .iter()
            .map(|leaf| (leaf.pointer.clone(), Value::from(source(&leaf.source))))
            .collect();
        Value::Object(leaves)
    };
    Value::Array(case.sources.iter().map(of_call).collect())
}

fn source(source: &ArgumentSource) -> String {
    match source {
        ArgumentSource::Verbatim => "verbatim".to_owned(),
        ArgumentSource::Normalised(how) => format!("normalised {how}"),
        ArgumentSource::Result(call, pointer) => format!("result call_{call} {pointer}"),
        ArgumentSource::Session => "session".to_owned(),
        ArgumentSource::Default => "default".to_owned(),
        ArgumentSource::Derived(function) => format!("derived {function}"),
        ArgumentSource::Composed => "composed".to_owned(),
        ArgumentSource::Unknown => "unknown".to_owned(),
    }
}

//! What a plan will probably ask of its models, measured on a few tasks: those that the run's journal holds, or else some
//! that the built-in model makes and solves in memory.

use super::look::{LookError, look};
use crate::config::Plan;
use crate::config::plan::Ceilings;
use crate::data::{Catalog, Message, ModelRole, ModelUse, Prices, SpendParts, TaskRecord, ToolCall};
use crate::journal::Held;
use crate::llm::Exchange;
use crate::pipeline;
use crate::prompt::{Rendered, ToolSpec};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Tasks that the built-in model is tried on.
const TRIED: u64 = 20;
/// Bytes of a prompt or reply for a token, as in English text and JSON.
const BYTES_A_TOKEN: u64 = 4;
/// Tokens of a reply that are allowed for a real model's thinking.
const THINKING: u64 = 200;

/// What a plan will probably ask.
pub(super) struct Estimate {
    /// Tasks that it will take; `None` where the sample gives no row for the target.
    pub tasks: Option<u64>,
    /// What all of them will ask, at the plan's prices.
    pub parts: SpendParts,
    /// What the run has asked of servers so far.
    pub so_far: SpendParts,
    /// What was measured.
    pub source: Source,
    /// Why the run's journal was not used, where there is one.
    pub passed_by: Option<String>,
}

/// What an estimate was measured on.
pub(super) enum Source {
    /// So many tasks of the run's journal.
    Journal(u64),
    /// So many tasks of the built-in model.
    Builtin(u64),
}

/// What some tasks took.
struct Measured {
    tasks: u64,
    kept: u64,
    roles: BTreeMap<ModelRole, ModelUse>,
    source: Source,
}

/// Estimates what a plan will ask.
pub(super) fn estimate(
    plan: &Plan,
    catalog: &Arc<Catalog>,
    prices: &Prices,
) -> Result<Estimate, super::CliError> {
    let mut passed_by = None;
    let mut so_far = SpendParts::default();
    let remembered = match look(&plan.output.join("journal.redb")) {
        Ok(look) => {
            let held = look.held().map_err(LookError::Journal)?;
            so_far = SpendParts::of(held.usage.iter(), prices);
            of_journal(&look.tasks().map_err(LookError::Journal)?, &held, catalog, plan)?
        }
        Err(LookError::NotThere(_)) => None,
        Err(error) => {
            passed_by = Some(error.to_string());
            None
        }
    };
    let measured = match remembered {
        Some(measured) => measured,
        None => of_builtin(plan, catalog)?,
    };
    let tasks = match &plan.target {
        None => Some(plan.instruct.tasks),
        Some(_) if measured.kept == 0 => None,
        Some(target) => {
            Some((target.rows as f64 * measured.tasks as f64 / measured.kept as f64).ceil() as u64)
        }
    };
    let factor = tasks.unwrap_or_default() as f64 / measured.tasks.max(1) as f64;
    let roles: BTreeMap<_, _> =
        measured.roles.iter().map(|(role, used)| (*role, scaled(used, factor))).collect();
    let model = |role: &ModelRole| plan.roles.model(*role).unwrap_or_default();
    let parts = SpendParts::of(roles.iter().map(|(role, used)| (model(role), *role, used)), prices);
    Ok(Estimate { tasks, parts, so_far, source: measured.source, passed_by })
}

/// Scales to all tasks, and rounds to three digits: more would pretend to be known.
fn scaled(used: &ModelUse, factor: f64) -> ModelUse {
    let scale = |n: u64| {
        let all = (n as f64 * factor).round() as u64;
        let unit = 10_u64.pow(all.checked_ilog10().unwrap_or(0).saturating_sub(2));
        (all + unit / 2) / unit * unit
    };
    ModelUse {
        calls: scale(used.calls),
        tokens_in: scale(used.tokens_in),
        tokens_out: scale(used.tokens_out),
        tokens_cached: scale(used.tokens_cached),
    }
}

/// Sums up the finished tasks of the run, of which a preview may have made a few; `None` where there is none.
fn of_journal(
    records: &[TaskRecord],
    held: &Held,
    catalog: &Arc<Catalog>,
    plan: &Plan,
) -> Result<Option<Measured>, super::CliError> {
    if records.is_empty() {
        return Ok(None);
    }
    let mut roles: BTreeMap<ModelRole, ModelUse> = BTreeMap::new();
    // What judges were asked stands in no task.
    let judging = held.usage.iter().filter(|(_, role, _)| *role == ModelRole::Judge);
    for (_, role, used) in records.iter().flat_map(|record| record.usage.iter()).chain(judging) {
        roles.entry(role).or_default().add(used);
    }
    let tasks = records.len() as u64;
    let kept = if plan.target.is_some() { pipeline::kept(records, catalog, plan)? } else { 0 };
    Ok(Some(Measured { tasks, kept, roles, source: Source::Journal(tasks) }))
}

/// Has the built-in model make and solve a few tasks, and sizes what a server would have been sent and would have said.
fn of_builtin(plan: &Plan, catalog: &Arc<Catalog>) -> Result<Measured, super::CliError> {
    let roles: Arc<Mutex<BTreeMap<ModelRole, ModelUse>>> = Arc::default();
    let counted = Arc::clone(&roles);
    let observer = Arc::new(move |exchange: &Exchange<'_>| {
        let reply = exchange.reply;
        let calls: usize = reply.tool_calls.iter().map(call_bytes).sum();
        let used = ModelUse {
            calls: 1,
            tokens_in: prompt_bytes(exchange.sent) / BYTES_A_TOKEN,
            tokens_out: (reply.content.len() + calls) as u64 / BYTES_A_TOKEN + THINKING,
            tokens_cached: 0,
        };
        let mut roles = counted.lock().unwrap_or_else(PoisonError::into_inner);
        roles.entry(exchange.role).or_default().add(&used);
    });
    let wanted = plan.target.as_ref().map_or(plan.instruct.tasks, |_| TRIED);
    let records = pipeline::trial(plan, catalog, wanted.min(TRIED), observer)?;
    let tasks = records.len() as u64;
    let kept = if plan.target.is_some() { pipeline::kept(&records, catalog, plan)? } else { 0 };
    let roles = roles.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Ok(Measured { tasks, kept, roles, source: Source::Builtin(tasks) })
}

/// The bytes of a prompt that a model reads: messages, tools, and the schema of the reply.
fn prompt_bytes(sent: &Rendered) -> u64 {
    /// What chat templates put around a message.
    const FRAME: usize = 16;
    let message = |message: &Message| {
        FRAME + message.content.len() + message.tool_calls.iter().map(call_bytes).sum::<usize>()
    };
    let tool = |tool: &ToolSpec| {
        FRAME + tool.name.len() + tool.description.len() + tool.parameters.to_string().len()
    };
    let schema = sent.reply.as_ref().map_or(0, |(_, schema)| schema.to_string().len());
    let bytes = sent.messages.iter().map(message).sum::<usize>() + sent.tools.iter().map(tool).sum::<usize>();
    (bytes + schema) as u64
}

fn call_bytes(call: &ToolCall) -> usize {
    call.name.len() + call.arguments.to_string().len()
}

impl Source {
    /// Says what was measured, and what is assumed.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Journal(tasks) => format!("from {} in the journal", tasks_text(*tasks)),
            Self::Builtin(tasks) => format!(
                "from {} of the built-in model, at {BYTES_A_TOKEN} bytes a token, and {THINKING} tokens a reply \
                 for a real model's thinking; `preview` measures the real one",
                tasks_text(*tasks)
            ),
        }
    }
}

fn tasks_text(tasks: u64) -> String {
    if tasks == 1 { "1 task".to_owned() } else { format!("{tasks} tasks") }
}

impl Estimate {
    /// Returns the ceilings that would end the run before that, each with the share of it that it lets through.
    pub(super) fn ceilings(&self, plan: &Plan) -> Vec<String> {
        let limits = &plan.limits;
        let total = &self.parts.total;
        let run = Ceilings { tokens: limits.tokens, cost_usd: limits.cost_usd, calls: limits.calls };
        let mut found = over("limits", &run, &total.used, total.cost_usd);
        for (role, ceilings) in &limits.roles {
            let Some(spent) = self.parts.by_role.get(role) else { continue };
            let key = format!("limits.roles.{}", role.as_str());
            found.extend(over(&key, ceilings, &spent.used, spent.cost_usd));
        }
        found
    }
}

fn over(key: &str, ceilings: &Ceilings, used: &ModelUse, cost_usd: Option<f64>) -> Vec<String> {
    let word = |name: &str, ceiling: Option<f64>, expected: Option<f64>| {
        let (ceiling, expected) = ceiling.zip(expected)?;
        let share = (100.0 * ceiling / expected).floor();
        (ceiling < expected)
            .then(|| format!("{key}.{name} = {ceiling} ends the run at about {share} % of it"))
    };
    [
        word("tokens", ceilings.tokens.map(|n| n as f64), Some(used.tokens() as f64)),
        word("cost_usd", ceilings.cost_usd, cost_usd),
        word("calls", ceilings.calls.map(|n| n as f64), Some(used.calls as f64)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ceilings_that_are_in_the_way_are_named_with_their_share() {
        let used = ModelUse { calls: 100, tokens_in: 90_000, tokens_out: 10_000, tokens_cached: 0 };
        let ceilings = Ceilings { tokens: Some(25_000), cost_usd: Some(9.0), calls: Some(100) };
        assert_eq!(
            over("limits", &ceilings, &used, Some(18.0)),
            [
                "limits.tokens = 25000 ends the run at about 25 % of it",
                "limits.cost_usd = 9 ends the run at about 50 % of it"
            ]
        );
        assert_eq!(over("limits", &Ceilings { tokens: None, ..ceilings }, &used, None), Vec::<String>::new());
    }

    #[test]
    fn an_estimate_has_three_digits() {
        let used = ModelUse { calls: 21, tokens_in: 12_345, tokens_out: 7, tokens_cached: 0 };
        let all = ModelUse { calls: 1050, tokens_in: 617_000, tokens_out: 350, tokens_cached: 0 };
        assert_eq!(scaled(&used, 50.0), all);
    }

    #[test]
    fn a_prompt_is_as_long_as_what_a_model_reads_of_it() {
        let mut sent = Rendered::default();
        assert_eq!(prompt_bytes(&sent), 0);
        sent.messages.push(Message::text(crate::data::Role::User, "x".repeat(400)));
        let one = prompt_bytes(&sent);
        assert!((400..450).contains(&one), "{one}");
        let parameters = serde_json::json!({"type": "object"}).into();
        let (name, description) = (String::from("list_pets"), "d".repeat(100));
        sent.tools.push(ToolSpec { name, description, parameters });
        assert!(prompt_bytes(&sent) > one + 120);
    }
}

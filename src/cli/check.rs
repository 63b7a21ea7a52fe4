//! `toolloom check`: every fault of a pipeline at once, or what it would do.

use super::CliError;
use super::args::PlanArgs;
use super::estimate::{Estimate, estimate};
use crate::config::plan::{Provider, RolePlan};
use crate::config::{Plan, prices};
use crate::crawl::{self, Pages};
use crate::data::{Catalog, ModelRole, Prices, Spent};
use crate::pipeline::NoTools;
use crate::report::{self, SpendRow};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write;
use std::sync::Arc;

/// Roles that may be named and that nothing asks yet.
const UNASKED: [ModelRole; 4] =
    [ModelRole::Simulator, ModelRole::User, ModelRole::Rewriter, ModelRole::Probe];

/// Most files and addresses that are named as left out whole.
const FILES_SHOWN: usize = 10;

/// Checks a pipeline and its specs, and prints its plan.
pub fn run(args: &PlanArgs, out: &mut dyn Write) -> Result<(), CliError> {
    let plan = super::load(args)?;
    let catalog = crawl_for_now(&plan)?;
    if catalog.tools.is_empty() {
        return Err(NoTools::of(&plan.crawl, &catalog).into());
    }
    let catalog = Arc::new(catalog);
    let mut text = describe(&plan, &catalog);
    text.push_str(&spending(&plan, &catalog)?);
    let _ = writeln!(text, "{:<12} {}\nno fault found", "output", plan.output.display());
    let _ = out.write_all(text.as_bytes());
    Ok(())
}

/// Crawls as a run would, and leaves nothing behind: pages that the run's journal remembers are asked for conditionally, or
/// not at all where the run has begun.
fn crawl_for_now(plan: &Plan) -> Result<Catalog, crawl::CrawlError> {
    let (journal, limits) = (plan.output.join("journal.redb"), &plan.limits);
    let pages = Pages::for_now(Some(&journal), &plan.crawl, limits);
    crawl::crawl_from(&plan.crawl, limits, &pages)
}

fn describe(plan: &Plan, catalog: &Catalog) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "{name:<12} {value}");
    };
    line("name", format!("{}, seed {}", plan.name, plan.seed));
    let sources: Vec<String> = plan.crawl.sources.iter().map(ToString::to_string).collect();
    line("specs", format!("{} in {}", catalog.sources.len(), sources.join(", ")));
    let apis: BTreeSet<_> = catalog.tools.iter().map(|tool| &tool.api).collect();
    line("tools", format!("{} of {} APIs", catalog.tools.len(), apis.len()));
    if !catalog.dropped.is_empty() {
        line("left out", left_out(catalog));
        for dropped in catalog.dropped.iter().filter(|d| d.operation.is_none()).take(FILES_SHOWN) {
            line("", format!("{}: {} ({})", dropped.spec, dropped.reason, dropped.rule));
        }
    }
    let strategy = plan.instruct.strategy.as_str();
    match &plan.target {
        Some(target) => line("target", format!("{} kept rows, of tasks by {strategy}", target.rows)),
        None => line("tasks", format!("{} by {strategy}", plan.instruct.tasks)),
    }
    for (name, model) in &plan.models {
        let server = match (&model.provider, &model.base_url) {
            (Provider::Openai | Provider::Anthropic, Some(url)) => format!("{} at {url}", model.model),
            _ => "built-in: an offline planner, no language model".to_owned(),
        };
        line("model", format!("{name}: {server}"));
    }
    for role in UNASKED.iter().filter(|role| plan.roles.model(**role).is_some()) {
        line("role", format!("{}: no stage of this version asks it", role.as_str()));
    }
    text
}

/// Says what the plan will probably ask of its models, and what that costs.
fn spending(plan: &Plan, catalog: &Arc<Catalog>) -> Result<String, CliError> {
    let asked = plan.roles.0.iter().filter(|(role, _)| !UNASKED.contains(role));
    let is_builtin =
        |of: &RolePlan| plan.models.get(&of.model).is_some_and(|m| m.provider == Provider::Builtin);
    let is_free = asked.map(|(_, of)| of).all(is_builtin);
    if is_free && plan.target.is_none() {
        return Ok(format!("{:<12} built-in: free\n", "cost"));
    }
    let prices = Prices::of_plan(&serde_json::to_value(plan).expect("a plan's keys are strings"));
    let estimate = estimate(plan, catalog, &prices)?;
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "{name:<12} {value}");
    };
    line("estimate", &estimate.source.text());
    if let Some(why) = &estimate.passed_by {
        line("", &format!("(the run's journal was passed by: {why})"));
    }
    if estimate.so_far.total.used.calls > 0 {
        line("spent", &so_far(&estimate.so_far.total));
    }
    match (&plan.target, estimate.tasks) {
        (Some(target), Some(tasks)) if target.rows as f64 / (tasks as f64) < target.yield_min => line(
            "tasks",
            &format!(
                "about {tasks}, a yield under target.yield_min = {}: the run would give up",
                target.yield_min
            ),
        ),
        (Some(target), Some(tasks)) => line("tasks", &format!("about {tasks} for {} kept rows", target.rows)),
        (Some(_), None) => line("tasks", "unknown: no row of the sample is kept"),
        (None, _) => {}
    }
    if is_free {
        line("cost", "built-in: free");
        return Ok(text);
    }
    if estimate.tasks.is_some() {
        let cost = cost(plan, &estimate);
        let ceilings = estimate.ceilings(plan);
        text.push_str(&table(plan, &estimate));
        let _ = writeln!(text, "{:<12} {cost}", "cost");
        for ceiling in ceilings {
            let _ = writeln!(text, "{:<12} {ceiling}", "ceiling");
        }
    }
    Ok(text)
}

/// A line a role: the model that plays it, replies, tokens, US dollars.
fn table(plan: &Plan, estimate: &Estimate) -> String {
    let mut rows: Vec<SpendRow> = Vec::new();
    for (role, spent) in &estimate.parts.by_role {
        let model = plan.roles.model(*role).unwrap_or_default();
        rows.push(("role", format!("{} ({model})", role.as_str()), *spent));
    }
    rows.push(("all", String::new(), estimate.parts.total));
    report::spend_table(&rows)
}

fn so_far(spent: &Spent) -> String {
    let (calls, tokens) = (report::count(spent.used.calls), report::count(spent.used.tokens()));
    let cost =
        spent.cost_usd.map_or_else(String::new, |usd| format!(", {} US dollars", report::dollars(usd)));
    format!("{calls} replies so far, {tokens} tokens{cost}; what is remembered is not asked again")
}

fn cost(plan: &Plan, estimate: &Estimate) -> String {
    let parts = &estimate.parts;
    let Some(usd) = parts.total.cost_usd else {
        let names = parts.unpriced.join(", ");
        return format!(
            "unknown: no price for {names}; give price_in and price_out (US dollars for a million tokens)"
        );
    };
    let is_listed = |name: &&String| plan.models.get(*name).is_some_and(prices::is_listed);
    let listed: Vec<&str> = parts.by_model.keys().filter(is_listed).map(String::as_str).collect();
    let about = format!("about {} US dollars", report::dollars(usd));
    if listed.is_empty() {
        about
    } else {
        format!("{about}, at the list price of {} for {}", prices::as_of(), listed.join(", "))
    }
}

/// Counts what was left out by rule, the most frequent first.
fn left_out(catalog: &Catalog) -> String {
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    for dropped in &catalog.dropped {
        *rules.entry(&dropped.rule).or_default() += 1;
    }
    let mut counts: Vec<_> = rules.into_iter().collect();
    counts.sort_by_key(|(_, count)| Reverse(*count));
    let words: Vec<String> = counts.iter().map(|(rule, count)| format!("{rule} {count}")).collect();
    format!("{} ({})", catalog.dropped.len(), words.join(", "))
}

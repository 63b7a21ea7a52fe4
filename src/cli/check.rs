//! `toolloom check`: every fault of a pipeline at once, or what it would do.

use super::CliError;
use super::args::PlanArgs;
use super::estimate::{Estimate, estimate};
use crate::config::Plan;
use crate::config::plan::Provider;
use crate::crawl;
use crate::data::Catalog;
use crate::pipeline::NoTools;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write;

/// Checks a pipeline and its specs, and prints its plan.
pub fn run(args: &PlanArgs, out: &mut dyn Write) -> Result<(), CliError> {
    let plan = super::load(args)?;
    let catalog = crawl::crawl(&plan.crawl, &plan.limits)?;
    if catalog.tools.is_empty() {
        return Err(NoTools::of(&plan.crawl, &catalog).into());
    }
    let text = describe(&plan, &catalog);
    let _ = out.write_all(text.as_bytes());
    Ok(())
}

fn describe(plan: &Plan, catalog: &Catalog) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "{name:<12} {value}");
    };
    line("name", format!("{}, seed {}", plan.name, plan.seed));
    line("specs", format!("{} in {}", catalog.sources.len(), plan.crawl.sources.join(", ")));
    let apis: BTreeSet<_> = catalog.tools.iter().map(|tool| &tool.api).collect();
    line("tools", format!("{} of {} APIs", catalog.tools.len(), apis.len()));
    if !catalog.dropped.is_empty() {
        line("left out", left_out(catalog));
    }
    line("tasks", format!("{} by {}", plan.instruct.tasks, plan.instruct.strategy.as_str()));
    for (name, model) in &plan.models {
        let server = match (&model.provider, &model.base_url) {
            (Provider::Openai | Provider::Anthropic, Some(url)) => format!("{} at {url}", model.model),
            _ => "built-in: an offline planner, no language model".to_owned(),
        };
        line("model", format!("{name}: {server}"));
    }
    let estimates = estimate(plan);
    for e in estimates.iter().filter(|e| e.calls > 0) {
        line("calls", format!("about {} of {} ({})", e.calls, e.model, e.role.as_str()));
    }
    line("cost", cost(&estimates));
    line("output", plan.output.display().to_string());
    text.push_str("no fault found\n");
    text
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

fn cost(estimates: &[Estimate]) -> String {
    let asked: Vec<&Estimate> = estimates.iter().filter(|e| e.calls > 0).collect();
    if asked.iter().all(|e| e.is_builtin) {
        return "built-in: free".to_owned();
    }
    let sum: Option<f64> = asked.iter().map(|e| e.cost_usd).sum();
    match sum {
        Some(usd) => format!("about {usd:.2} US dollars; a rough guess, and `limits.cost_usd` is a ceiling"),
        None => "unknown: give the model price_in and price_out (US dollars for a million tokens)".to_owned(),
    }
}

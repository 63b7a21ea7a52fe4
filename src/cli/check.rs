//! `toolloom check`: every fault of a pipeline at once, or what it would do.

use super::CliError;
use super::args::PlanArgs;
use super::estimate::{Estimate, estimate};
use crate::config::Plan;
use crate::config::plan::Provider;
use std::fmt::Write as _;
use std::io::Write;

/// Checks a pipeline and prints its plan.
pub fn run(args: &PlanArgs, out: &mut dyn Write) -> Result<(), CliError> {
    let plan = super::load(args)?;
    let text = describe(&plan);
    let _ = out.write_all(text.as_bytes());
    Ok(())
}

fn describe(plan: &Plan) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "{name:<12} {value}");
    };
    line("name", format!("{}, seed {}", plan.name, plan.seed));
    line("specs", plan.crawl.sources.join(", "));
    line("tasks", format!("{} by {}", plan.instruct.tasks, plan.instruct.strategy.as_str()));
    for (name, model) in &plan.models {
        let server = match (&model.provider, &model.base_url) {
            (Provider::Openai, Some(url)) => format!("{} at {url}", model.model),
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

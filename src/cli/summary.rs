//! The end of a run: the funnel, where the files are, three rows, and what to do next.

use super::program;
use crate::data::{Level, Manifest, Prices, Sample, Spend, SpendParts};
use crate::journal::{Held, Look};
use crate::llm::LlmStats;
use crate::report;
use std::fmt::Write;
use std::path::Path;

/// Words the end of a run whose files are written.
pub(super) fn finished(folder: &Path, manifest: &Manifest, kept: &[Sample]) -> String {
    let counts = &manifest.counts;
    let mut text = format!("\n{}\n", report::funnel_text(&manifest.funnel));
    let _ = writeln!(
        text,
        "{} rows in {}: {} calls of {} tools over {} APIs\n{} rejected in {}",
        counts.rows,
        folder.join("data").display(),
        counts.calls,
        counts.tools_called,
        counts.api.len(),
        counts.rejected,
        folder.join("rejected").display(),
    );
    let _ = writeln!(text, "models: {}", report::spend_line(&manifest.spend));
    // One that cannot be read leaves this unsaid: the rows are what was asked for.
    if let Ok(held) = Look::open(&folder.join("journal.redb")).and_then(|look| look.held()) {
        let prices = Prices::of_plan(&manifest.plan);
        text.push_str(&elsewhere(&held, &manifest.spend, &prices).unwrap_or_default());
    }
    for sample in three(kept) {
        text.push('\n');
        text.push_str(&report::brief(sample));
    }
    text.push_str("\nNext:\n");
    let folder = folder.display();
    let next = if kept.is_empty() {
        vec![("why no row was kept", format!("inspect {folder} --rejected"))]
    } else {
        vec![
            ("counts, levels, reasons", format!("inspect {folder}")),
            ("a row as a conversation", format!("inspect {folder} --row 0")),
            ("rows for a trainer", format!("export {folder} --output train.jsonl")),
        ]
    };
    for (what, command) in next {
        let _ = writeln!(text, "  {what:<25}{} {command}", program());
    }
    text
}

/// Says what was spent on tasks that have no row, which wait for a later session; nothing where that is nothing.
fn elsewhere(held: &Held, spend: &Spend, prices: &Prices) -> Option<String> {
    let all = SpendParts::of(held.usage.iter(), prices).total;
    let servers = spend.parts.by_model.iter().filter(|(model, _)| !prices.is_builtin(model));
    let (mut calls, mut tokens, mut usd) = (all.used.calls, all.used.tokens(), all.cost_usd);
    for (_, spent) in servers {
        calls = calls.saturating_sub(spent.used.calls);
        tokens = tokens.saturating_sub(spent.used.tokens());
        usd = usd.zip(spent.cost_usd).map(|(all, part)| (all - part).max(0.0));
    }
    let cost = usd.map_or_else(String::new, |usd| format!(", {} US dollars", report::dollars(usd)));
    (calls > 0).then(|| {
        format!(
            "        beside that {} replies of {} tokens{cost} on tasks without a row; they are remembered\n",
            report::count(calls),
            report::count(tokens),
        )
    })
}

/// Counts what servers were asked; nothing where there was none to ask.
pub(super) fn asked(stats: &LlmStats) -> String {
    if stats.asked + stats.remembered == 0 {
        return String::new();
    }
    format!(
        "\nmodels: {} replies asked, {} remembered, {} attempts repeated, {} replies of no use\n",
        stats.asked, stats.remembered, stats.retries, stats.faults
    )
}

/// Picks the first row of each level; where a level has none, another row stands in.
fn three(rows: &[Sample]) -> Vec<&Sample> {
    let mut picked: Vec<&Sample> = [Level::Easy, Level::Medium, Level::Hard]
        .iter()
        .filter_map(|level| rows.iter().find(|row| row.difficulty.level == *level))
        .collect();
    for row in rows {
        if picked.len() < 3 && !picked.iter().any(|other| other.id == row.id) {
            picked.push(row);
        }
    }
    picked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{ModelRole, ModelUse, SpendTally, TaskRecord, Usages};
    use serde_json::json;

    #[test]
    fn what_tasks_without_a_row_took_is_what_the_journal_holds_beyond_the_rows() {
        let prices = Prices::of_plan(&json!({"models": {
            "teacher": {"provider": "openai", "price_in": 1, "price_out": 1},
            "planner": {"provider": "builtin"},
        }}));
        let usage = |calls: u64| {
            let mut usage = Usages::default();
            let used = ModelUse { calls, tokens_in: 100_000 * calls, tokens_out: 0, tokens_cached: 0 };
            usage.add("teacher", ModelRole::Solver, &used);
            usage
        };
        // The built-in model's replies stand in records and in no journal.
        let mut of_rows = usage(3);
        of_rows.add("planner", ModelRole::Writer, &ModelUse { calls: 9, ..ModelUse::default() });
        let records = [TaskRecord { usage: of_rows, ..TaskRecord::default() }];
        let mut tally = SpendTally::default();
        for record in &records {
            tally.add(record, &Usages::default(), 0);
        }
        let spend = tally.spend(&prices);
        let held = |calls| Held { usage: usage(calls), ..Held::default() };
        let said = elsewhere(&held(5), &spend, &prices).unwrap();
        assert!(said.contains("2 replies of 200,000 tokens, 0.2000 US dollars"), "{said}");
        assert_eq!(elsewhere(&held(3), &spend, &prices), None);
    }
}

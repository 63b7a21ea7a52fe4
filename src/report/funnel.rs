//! The funnel, for a terminal and for the card.

use super::text::columns;
use crate::data::Funnel;
use std::fmt::Write;

/// Renders the funnel for a terminal: a line a stage, and under it a line a rule that dropped something.
pub fn funnel_text(funnel: &Funnel) -> String {
    let header = ["stage", "in", "kept", "dropped", ""].map(str::to_owned).to_vec();
    let mut rows = vec![header];
    for stage in &funnel.stages {
        rows.push(vec![
            stage.stage.as_str().to_owned(),
            stage.entered.to_string(),
            stage.kept.to_string(),
            stage.dropped_total().to_string(),
            stage.unit.clone(),
        ]);
        for (rule, count) in by_count(&stage.dropped) {
            rows.push(vec![String::new(), String::new(), String::new(), count.to_string(), rule.clone()]);
        }
    }
    columns(&rows, &[1, 2, 3], 2)
}

/// Renders the funnel as a table in Markdown.
pub(super) fn funnel_markdown(funnel: &Funnel) -> String {
    let mut out = "| stage | unit | in | kept | dropped | by rule |\n|---|---|--:|--:|--:|---|\n".to_owned();
    for s in &funnel.stages {
        let rules: Vec<String> =
            by_count(&s.dropped).into_iter().map(|(rule, count)| format!("{rule} {count}")).collect();
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            s.stage.as_str(),
            s.unit,
            s.entered,
            s.kept,
            s.dropped_total(),
            rules.join(", ")
        );
    }
    out
}

/// Returns counts, the largest first, ties by name.
pub(super) fn by_count(counts: &std::collections::BTreeMap<String, u64>) -> Vec<(&String, u64)> {
    let mut list: Vec<(&String, u64)> = counts.iter().map(|(name, count)| (name, *count)).collect();
    list.sort_by_key(|&(name, count)| (std::cmp::Reverse(count), name));
    list
}

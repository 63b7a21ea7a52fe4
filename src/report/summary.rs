//! What a run's folder holds, in a screenful.

use super::funnel::{by_count, funnel_text};
use super::spend::spend_text;
use super::text::{columns, shorten};
use crate::data::{Counts, Manifest, Reason, Stage};
use serde_json::{Map, Value};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Names of a group that are listed; the rest is summed up.
const NAMES: usize = 24;
/// Reasons that are shown of a rule.
const EXAMPLES: usize = 2;

/// Renders a finished run: counts, funnel and what was spent.
pub fn run_text(manifest: &Manifest) -> String {
    let mut out = format!("{} · made by toolloom {}\n", manifest.name, manifest.toolloom);
    out.push_str(&counts_text(&manifest.counts));
    let _ = write!(out, "\nfunnel\n{}", funnel_text(&manifest.funnel));
    let _ = write!(out, "\nspent on models\n{}", spend_text(&manifest.spend));
    out
}

/// Renders counts of rows: a line of totals, then a table a group.
pub fn counts_text(counts: &Counts) -> String {
    let mut out = format!("{} rows", counts.rows);
    if counts.rejected > 0 {
        let _ = write!(out, " · {} rejected", counts.rejected);
    }
    if counts.tasks > 0 {
        let _ = write!(out, " · {} tasks", counts.tasks);
    }
    let _ = writeln!(
        out,
        " · {} calls of {} distinct tools over {} APIs",
        counts.calls,
        counts.tools_called,
        counts.api.len()
    );
    for (title, map) in [
        ("split", &counts.split),
        ("level", &counts.level),
        ("scenario", &counts.scenario),
        ("verified by", &counts.verified),
        ("API", &counts.api),
    ] {
        out.push_str(&group_text(title, map));
    }
    out
}

/// Renders counts by name, the largest first; nothing where there are none.
pub fn group_text(title: &str, counts: &BTreeMap<String, u64>) -> String {
    if counts.is_empty() {
        return String::new();
    }
    let sorted = by_count(counts);
    let mut rows: Vec<Vec<String>> =
        sorted.iter().take(NAMES).map(|(name, count)| vec![(*name).clone(), count.to_string()]).collect();
    if sorted.len() > NAMES {
        let rest: u64 = sorted[NAMES..].iter().map(|(_, count)| count).sum();
        rows.push(vec![format!("… {} more", sorted.len() - NAMES), rest.to_string()]);
    }
    format!("\n{title}\n{}", columns(&rows, &[1], 2))
}

/// What was dropped, by stage and rule, with a few reasons of each.
#[derive(Clone, Debug, Default)]
pub struct Reasons {
    rules: BTreeMap<(String, String), (u64, Vec<String>)>,
}

impl Reasons {
    /// Counts a reason.
    pub fn add(&mut self, reason: &Reason) {
        self.add_words(reason.stage.as_str(), &reason.rule, &reason.reason);
    }

    /// Counts a reason that is given as words.
    pub fn add_words(&mut self, stage: &str, rule: &str, reason: &str) {
        let (count, examples) = self.rules.entry((stage.to_owned(), rule.to_owned())).or_default();
        *count += 1;
        if examples.len() < EXAMPLES && !examples.iter().any(|e| e == reason) {
            examples.push(reason.to_owned());
        }
    }

    /// Renders them, in the order of the flow, those of a stage by count.
    pub fn text(&self) -> String {
        let place = |stage: &str| Stage::ALL.iter().position(|s| s.as_str() == stage);
        let mut rules: Vec<_> = self.rules.iter().collect();
        rules.sort_by_key(|((stage, rule), (count, _))| (place(stage), Reverse(*count), rule));
        let mut out = String::new();
        for ((stage, rule), (count, examples)) in rules {
            let _ = writeln!(out, "{count:>6}  {stage}: {rule}");
            for example in examples {
                let _ = writeln!(out, "          e.g. {}", shorten(example, 160));
            }
        }
        out
    }
}

/// Renders one row of any table: a line a column, JSON columns spread out below their name.
pub fn record_text(row: &Map<String, Value>) -> String {
    let mut out = String::new();
    for (name, value) in row {
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let parsed =
            text.starts_with(['{', '[']).then(|| serde_json::from_str::<Value>(&text).ok()).flatten();
        match parsed {
            Some(json) if text.chars().count() > 80 => {
                let pretty = serde_json::to_string_pretty(&json).expect("a JSON value can be written");
                let _ = writeln!(out, "{name}:");
                pretty.lines().for_each(|line| {
                    let _ = writeln!(out, "  {line}");
                });
            }
            _ => {
                let _ = writeln!(out, "{name}: {text}");
            }
        }
    }
    out
}

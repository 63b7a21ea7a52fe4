//! Curation over whole folders of specs: what each rule drops, and samples to judge it by.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement, and helpers of tests")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use toolloom::config::plan::CrawlPlan;
use toolloom::crawl::crawl;
use toolloom::data::{Catalog, Dropped};

/// Crawls folders with the default plan.
fn crawl_paths(paths: &[PathBuf]) -> Catalog {
    let plan = toolloom::config::load(None, &[], &|_| true).unwrap_or_else(|faults| panic!("{faults}"));
    let sources = paths.iter().map(|p| p.to_string_lossy().into_owned().into()).collect();
    crawl(&CrawlPlan { sources, ..plan.crawl }, &plan.limits).unwrap()
}

/// Counts and samples drops: `SPECS=folder[:folder] [RULE=name] [SAMPLES=20] cargo test --test curation measure -- --ignored
/// --nocapture`.
#[test]
#[ignore = "a way to measure, not a test"]
fn measure_what_each_rule_drops() {
    let paths: Vec<PathBuf> =
        std::env::var("SPECS").unwrap_or_else(|_| "apis".into()).split(':').map(PathBuf::from).collect();
    let samples: usize = std::env::var("SAMPLES").ok().and_then(|n| n.parse().ok()).unwrap_or(20);
    let only = std::env::var("RULE").ok();
    let catalog = crawl_paths(&paths);
    let mut rules: BTreeMap<&str, Vec<&Dropped>> = BTreeMap::new();
    for dropped in &catalog.dropped {
        rules.entry(&dropped.rule).or_default().push(dropped);
    }
    println!("kept\t{}", catalog.tools.len());
    for (rule, all) in &rules {
        println!("{rule}\t{}", all.len());
    }
    for (rule, mut all) in rules.into_iter().filter(|(rule, _)| only.as_deref().is_none_or(|o| o == *rule)) {
        // a sample that anyone can draw again: the ids' hashes in order
        all.sort_by_key(|d| *blake3::hash(d.id.as_bytes()).as_bytes());
        for dropped in all.into_iter().take(samples) {
            let (method, path) = dropped.operation.clone().unwrap_or((None, String::new()));
            let text = dropped.tool.as_ref().map_or("", |t| t.description.as_str());
            let text: String = text.chars().take(160).collect();
            let method = method.map_or("-", |m| m.as_str());
            println!("[{rule}] {} {method} {path} | {text} | {}", dropped.spec, dropped.reason);
        }
    }
}

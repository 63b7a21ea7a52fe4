//! The schemas that a crawl gives: valid, closed, self-contained, and the reasons for what has none.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests, and a way to look")]

use std::collections::BTreeMap;
use toolloom::config::plan::Plan;
use toolloom::crawl::crawl;

/// A plan of one source, with more settings.
fn plan(source: &str, sets: &[&str]) -> Plan {
    let source = format!("crawl.sources=[{}]", serde_json::json!(source));
    let sets: Vec<String> = std::iter::once(source).chain(sets.iter().map(|s| (*s).to_owned())).collect();
    toolloom::config::load(None, &sets, &|_| true).unwrap_or_else(|faults| panic!("{faults:?}"))
}

/// Prints why operations are left out: `SPEC=folder cargo test --test crawl_schemas drops -- --ignored --nocapture`.
/// With `RULE=…` each drop of that rule.
#[test]
#[ignore = "a way to look, not a test"]
fn show_the_drops_by_rule() {
    let spec = std::env::var("SPEC").unwrap_or_else(|_| "apis".into());
    let shown = std::env::var("RULE").ok();
    let started = std::time::Instant::now();
    let plan = plan(&spec, &["limits.spec_bytes=100000000"]);
    let catalog = crawl(&plan.crawl, &plan.limits).unwrap();
    let mut rules: BTreeMap<(&str, bool), usize> = BTreeMap::new();
    for dropped in &catalog.dropped {
        *rules.entry((&dropped.rule, dropped.operation.is_some())).or_default() += 1;
        if shown.as_ref() == Some(&dropped.rule) {
            println!("{} {:?}: {}", dropped.id, dropped.operation, dropped.reason);
        }
    }
    println!("{} kept in {:.0} s", catalog.tools.len(), started.elapsed().as_secs_f64());
    for ((rule, operation), n) in rules {
        println!("{n:>7} {rule} ({})", if operation { "operations" } else { "files" });
    }
}

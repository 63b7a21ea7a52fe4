//! Dumps of `tools/list` as they are found: each ends in tools or a reason.

use super::{crawl_all, limits};
use std::collections::BTreeMap;
use std::path::PathBuf;
use toolloom::config::plan::Source;

#[test]
fn every_dump_of_the_shared_collection_ends_in_tools_or_reasons() {
    let shared = std::env::var("TOOLLOOM_SHARED")
        .map_or_else(|_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let folder = shared.join("apis/mcp");
    if !folder.is_dir() {
        println!("skipped: {} is not there", folder.display());
        return;
    }
    let catalog =
        crawl_all(vec![Source::Path(folder.to_string_lossy().into_owned())], &limits(30_000)).unwrap();
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    for dropped in &catalog.dropped {
        *rules.entry(dropped.rule.as_str()).or_default() += 1;
    }
    let operations: usize = catalog.sources.iter().map(|s| s.operations).sum();
    let lost = catalog.dropped.iter().filter(|d| d.operation.is_some()).count();
    println!(
        "{} specs, {operations} operations, {} tools, {rules:?}",
        catalog.sources.len(),
        catalog.tools.len()
    );
    assert_eq!(operations, catalog.tools.len() + lost);
    assert!(catalog.sources.len() >= 100, "{}", catalog.sources.len());
}

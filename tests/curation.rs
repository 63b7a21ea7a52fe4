//! Curation over whole folders of specs: what each rule drops, and samples to judge it by.

#![expect(clippy::unwrap_used, reason = "a measurement, and helpers of tests")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use toolloom::config::plan::{Choice, CrawlPlan, Curation, LabelChoice};
use toolloom::data::{Catalog, Dropped, Label};
use toolloom::internals::crawl::crawl;

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

/// Writes a spec with the given operations, each a path with its description.
fn spec(title: &str, version: &str, operations: &[(&str, &str)]) -> serde_json::Value {
    let paths: serde_json::Map<String, serde_json::Value> = operations
        .iter()
        .map(|(path, text)| {
            let answer = serde_json::json!({"description": "ok", "content": {"application/json": {"schema": {
                "type": "object", "properties": {"id": {"type": "string"}}}}}});
            let get = serde_json::json!({"get": {"description": text, "responses": {"200": answer}}});
            ((*path).to_owned(), get)
        })
        .collect();
    serde_json::json!({"openapi": "3.0.3", "servers": [{"url": "https://api.shop.com"}],
        "info": {"title": title, "version": version, "license": {"name": "Apache 2.0"}}, "paths": paths})
}

/// Crawls specs by file name under a plan; returns the kept ids, and the dropped ones with rule and reason.
fn curated(
    specs: &[(&str, serde_json::Value)],
    curation: Curation,
) -> (Vec<String>, Vec<(String, String, String)>) {
    let folder = tempfile::tempdir().unwrap();
    for (name, spec) in specs {
        std::fs::write(folder.path().join(name), spec.to_string()).unwrap();
    }
    let plan = toolloom::config::load(None, &[], &|_| true).unwrap_or_else(|faults| panic!("{faults}"));
    let sources = vec![folder.path().to_string_lossy().into_owned().into()];
    let catalog = crawl(&CrawlPlan { sources, curation, ..plan.crawl }, &plan.limits).unwrap();
    for source in &catalog.sources {
        let dropped = catalog.dropped.iter().filter(|d| d.spec == source.spec && d.operation.is_some());
        assert_eq!(source.operations, source.kept + dropped.count(), "{} adds up", source.spec);
    }
    let kept = catalog.tools.iter().map(|t| t.id.to_string()).collect();
    (kept, catalog.dropped.into_iter().map(|d| (d.id, d.rule, d.reason)).collect())
}

#[test]
fn of_two_versions_of_an_api_the_newer_keeps_what_both_have() {
    let specs = [
        ("a.json", spec("Shop API", "1.9", &[("/v1/pets", "Lists pets."), ("/v1/toys", "Lists toys.")])),
        ("b.json", spec("Shop API", "1.10", &[("/v2/pets", "Lists all pets.")])),
        ("c.json", spec("Zoo API", "1.10", &[("/v2/pets", "Lists all pets.")])),
    ];
    let (kept, dropped) = curated(&specs, Curation::default());
    assert_eq!(kept.len(), 3, "{kept:?}");
    let [(id, rule, reason)] = dropped.as_slice() else { panic!("{dropped:?}") };
    assert_eq!(rule, "other_version");
    assert!(reason.contains("shop.com/b/") && reason.contains("(version 1.10)"), "{id}: {reason}");
    let (all, dropped) =
        curated(&specs, Curation { disabled: vec!["other_version".to_owned()], ..Curation::default() });
    assert_eq!((all.len(), dropped.len()), (4, 0));
}

#[test]
fn every_rule_of_choice_drops_what_the_plan_says_and_adds_up() {
    let pets = [("a.json", spec("Shop", "1", &[("/pets", "Lists pets."), ("/passwords", "Lists them.")]))];
    let named = |names: &[&str]| names.iter().map(ToString::to_string).collect();
    for (curation, rule, kept) in [
        (Curation { quality_min: 1.0, ..Curation::default() }, "poor_documentation", 0),
        (
            Curation { labels: LabelChoice { exclude: vec![Label::Credential] }, ..Curation::default() },
            "label_excluded",
            1,
        ),
        (
            Curation { licences: Choice { only: named(&["MIT"]), exclude: vec![] }, ..Curation::default() },
            "licence_not_allowed",
            0,
        ),
        (
            Curation { categories: Choice { only: vec![], exclude: named(&["*"]) }, ..Curation::default() },
            "category_not_selected",
            0,
        ),
    ] {
        let (tools, dropped) = curated(&pets, curation.clone());
        assert_eq!(tools.len(), kept, "{rule}");
        assert!(dropped.iter().all(|(_, by, _)| by == rule), "{rule}: {dropped:?}");
        let (tools, _) = curated(&pets, Curation { disabled: named(&[rule]), ..curation });
        assert_eq!(tools.len(), 2, "{rule} switched off");
    }
}

#[test]
fn the_starter_specs_lose_nothing_to_duplicates_or_quality() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("apis");
    let catalog = crawl_paths(&[folder]);
    let lost = ["other_version", "same_operation", "poor_documentation", "no_description"];
    let lost: Vec<&Dropped> = catalog.dropped.iter().filter(|d| lost.contains(&d.rule.as_str())).collect();
    assert!(lost.is_empty(), "{lost:?}");
    assert!(catalog.tools.iter().all(|t| (0.0..=1.0).contains(&t.docs.quality)));
}

//! Crawling: what every spec must end in, whatever is wrong with it.

use std::path::{Path, PathBuf};
use toolloom::config::plan::{CrawlPlan, Limits};
use toolloom::crawl::{crawl, definition_bytes};
use toolloom::data::{Catalog, Tool};

fn limits() -> Limits {
    Limits {
        in_flight: 1,
        timeout_ms: 1,
        attempts: 1,
        reply_bytes: 1,
        observation_bytes: 1,
        spec_bytes: 32 << 20,
        ref_depth: 8,
        tool_bytes: 4096,
        tokens: None,
        cost_usd: None,
    }
}

fn crawl_path(path: &Path) -> Catalog {
    let plan = CrawlPlan { sources: vec![path.to_string_lossy().into_owned()] };
    crawl(&plan, &limits()).unwrap()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Prints a spec's tools as a model sees them: `SPEC=apis/petstore.json cargo test --test crawl show -- --ignored --nocapture`.
/// With `NAME=…` only the tools whose name holds that text, whole; with `RESULT=1` the results too.
#[test]
#[ignore = "a way to look, not a test"]
fn show_the_tools_of_a_spec() {
    let spec = std::env::var("SPEC").unwrap_or_else(|_| "apis".into());
    let filter = std::env::var("NAME").ok();
    let catalog = crawl_path(&root().join(spec));
    for tool in &catalog.tools {
        if let Some(filter) = &filter {
            if tool.name.as_str().contains(filter.as_str()) {
                println!("{}\n", serde_json::to_string_pretty(tool).unwrap());
            }
            continue;
        }
        show(tool);
    }
    for dropped in &catalog.dropped {
        println!("DROPPED {} [{}] {}", dropped.id, dropped.rule, dropped.reason);
    }
    for source in &catalog.sources {
        println!(
            "{} {} {}: {} of {} kept",
            source.spec, source.title, source.licence, source.kept, source.operations
        );
    }
}

fn show(tool: &Tool) {
    let call = tool.call.http();
    println!(
        "{} [{} {}] {:?} -> {} {:?} ({} bytes)",
        tool.name,
        call.method.as_str(),
        call.path,
        tool.effect,
        call.success,
        call.result_media,
        definition_bytes(tool)
    );
    println!("    {}", tool.description);
    let required: Vec<&str> =
        tool.parameters["required"].as_array().into_iter().flatten().filter_map(|r| r.as_str()).collect();
    for (name, schema) in tool.parameters["properties"].as_object().unwrap() {
        let mark = if required.contains(&name.as_str()) { "*" } else { " " };
        println!("   {mark}{name}: {schema}");
    }
    let supplied: Vec<String> = call.supplied.iter().map(|s| format!("{}={:?}", s.wire, s.value)).collect();
    println!("    supplied {supplied:?}");
    println!("    mined {:?}", tool.mined);
    println!("    pruned {:?}", tool.pruned);
    println!(
        "    errors {:?}",
        tool.errors.iter().map(|e| (e.status, &e.description, e.schema.is_some())).collect::<Vec<_>>()
    );
    let result = tool.result.as_ref().map(ToString::to_string).unwrap_or_default();
    let shown: String =
        if std::env::var("RESULT").is_ok() { result } else { result.chars().take(300).collect() };
    println!("    result inferred={} {shown}\n", tool.result_inferred);
}

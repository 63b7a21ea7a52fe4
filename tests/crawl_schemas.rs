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

/// The rules of strict function calling, written from their documentation and apart from the code that follows them.
mod strict {
    use serde_json::Value;

    const SAID: [&str; 8] =
        ["type", "description", "enum", "items", "properties", "required", "additionalProperties", "anyOf"];

    #[derive(Default)]
    struct Totals {
        properties: usize,
        values: usize,
        chars: usize,
    }

    /// Returns every breach of the rules.
    pub fn breaches(parameters: &Value) -> Vec<String> {
        let mut out = Vec::new();
        let mut totals = Totals::default();
        if parameters["type"] != "object" || parameters.get("anyOf").is_some() {
            out.push("the root is no plain object".to_owned());
        }
        node(parameters, 0, "#", &mut totals, &mut out);
        for (what, n, most) in [
            ("properties", totals.properties, 5000),
            ("values", totals.values, 1000),
            ("characters", totals.chars, 120_000),
        ] {
            if n > most {
                out.push(format!("{n} {what}"));
            }
        }
        out
    }

    fn node(schema: &Value, above: usize, at: &str, totals: &mut Totals, out: &mut Vec<String>) {
        let Some(map) = schema.as_object() else {
            out.push(format!("{at}: no schema"));
            return;
        };
        out.extend(map.keys().filter(|k| !SAID.contains(&k.as_str())).map(|k| format!("{at}: {k}")));
        let kinds: Vec<&str> = match map.get("type") {
            Some(Value::String(kind)) => vec![kind],
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        if kinds.is_empty() == map.get("anyOf").is_none() {
            out.push(format!("{at}: neither a type nor a choice, or both"));
        }
        let known = ["string", "number", "boolean", "integer", "object", "array", "null"];
        out.extend(kinds.iter().filter(|k| !known.contains(k)).map(|k| format!("{at}: type {k}")));
        if let Some(values) = map.get("enum").and_then(Value::as_array) {
            let chars: usize = values.iter().filter_map(Value::as_str).map(str::len).sum();
            totals.values += values.len();
            totals.chars += chars;
            if values.is_empty() || values.len() > 250 && chars > 15_000 {
                out.push(format!("{at}: {} values of {chars} characters", values.len()));
            }
        }
        if kinds.contains(&"object") {
            object(schema, above + 1, at, totals, out);
        } else if map.contains_key("properties") {
            out.push(format!("{at}: properties of no object"));
        }
        if kinds.contains(&"array") {
            match map.get("items") {
                Some(items) => node(items, above, &format!("{at}/items"), totals, out),
                None => out.push(format!("{at}: a list of nothing")),
            }
        }
        let mut firsts = Vec::new();
        for (i, variant) in map.get("anyOf").and_then(Value::as_array).into_iter().flatten().enumerate() {
            node(variant, above, &format!("{at}/anyOf/{i}"), totals, out);
            let first = variant.get("properties").and_then(Value::as_object).and_then(|p| p.keys().next());
            if first.is_some() && firsts.contains(&first) {
                out.push(format!("{at}: two variants begin with {first:?}"));
            }
            firsts.push(first);
        }
    }

    fn object(schema: &Value, level: usize, at: &str, totals: &mut Totals, out: &mut Vec<String>) {
        if level > 5 {
            out.push(format!("{at}: level {level}"));
        }
        if schema["additionalProperties"] != false {
            out.push(format!("{at}: open"));
        }
        let (Some(properties), Some(required)) =
            (schema["properties"].as_object(), schema["required"].as_array())
        else {
            out.push(format!("{at}: an object without properties or without what it requires"));
            return;
        };
        let mut names: Vec<&str> = properties.keys().map(String::as_str).collect();
        let mut demanded: Vec<&str> = required.iter().filter_map(Value::as_str).collect();
        names.sort_unstable();
        demanded.sort_unstable();
        if names != demanded {
            out.push(format!("{at}: not every field is required"));
        }
        totals.properties += names.len();
        for (name, field) in properties {
            totals.chars += name.chars().count();
            node(field, level, &format!("{at}/{name}"), totals, out);
        }
    }
}

/// Checks a catalog in the strict dialect; returns how many tools it holds and how many the dialect cost.
fn check_strict(source: &str) -> (usize, usize) {
    let plan = plan(source, &["crawl.dialect=openai-strict"]);
    let catalog = crawl(&plan.crawl, &plan.limits).unwrap();
    for tool in &catalog.tools {
        let breaches = strict::breaches(&tool.parameters);
        assert!(breaches.is_empty(), "{}: {breaches:?}\n{}", tool.name, tool.parameters);
        assert!(toolloom::crawl::definition_bytes(tool) <= plan.limits.tool_bytes, "{}", tool.name);
        let properties = tool.parameters["properties"].as_object().unwrap();
        assert!(tool.call.places().iter().all(|p| properties.contains_key(&p.name)), "{}", tool.name);
    }
    for source in &catalog.sources {
        let dropped =
            catalog.dropped.iter().filter(|d| d.spec == source.spec && d.operation.is_some()).count();
        assert_eq!(source.operations, source.kept + dropped, "{} adds up", source.spec);
    }
    let lost = catalog.dropped.iter().filter(|d| d.rule == "dialect");
    let lost: Vec<String> = lost.map(|d| format!("{}: {}", d.id, d.reason)).collect();
    lost.iter().take(10).for_each(|line| println!("{line}"));
    (catalog.tools.len(), lost.len())
}

#[test]
fn every_tool_of_the_starter_specs_keeps_the_strict_rules() {
    let root = env!("CARGO_MANIFEST_DIR");
    for folder in ["apis", "tests/fixtures/crawl/kinds", "tests/fixtures/crawl/multi"] {
        let (kept, lost) = check_strict(&format!("{root}/{folder}"));
        println!("{folder}: {kept} kept, {lost} cannot be said");
        assert!(kept > 0);
    }
}

/// `SPEC=folder cargo test --test crawl_schemas strictly -- --ignored --nocapture`.
#[test]
#[ignore = "for folders of one's own"]
fn a_folder_keeps_the_strict_rules_strictly() {
    let (kept, lost) = check_strict(&std::env::var("SPEC").unwrap());
    println!("{kept} kept, {lost} cannot be said");
}

#[test]
fn null_for_what_is_not_given_is_left_out_of_the_request() {
    let path = format!("{}/apis/petstore.json", env!("CARGO_MANIFEST_DIR"));
    let plan = plan(&path, &["crawl.dialect=openai-strict"]);
    let catalog = crawl(&plan.crawl, &plan.limits).unwrap();
    let add = catalog.tools.iter().find(|t| t.name.as_str() == "petstore_add_pet").unwrap();
    let said = serde_json::json!({"name": "Rex", "photoUrls": [], "status": null, "tags": null,
        "category": {"id": null, "name": "dogs"}});
    let properties = add.parameters["properties"].as_object().unwrap();
    assert!(said.as_object().unwrap().keys().all(|k| properties.contains_key(k)), "{}", add.parameters);
    assert_eq!(add.demanded().collect::<Vec<_>>(), ["name", "photoUrls"]);
    let plain = serde_json::json!({"name": "Rex", "photoUrls": [], "category": {"name": "dogs"}});
    assert_eq!(*add.given(&said), plain);
    let request = |arguments| toolloom::environment::request::request(add, arguments).unwrap();
    let body: serde_json::Value = serde_json::from_str(&request(&said).body.unwrap()).unwrap();
    assert_eq!(body, plain);
    let find = catalog.tools.iter().find(|t| t.name.as_str() == "petstore_find_pets_by_status").unwrap();
    let all: serde_json::Map<String, serde_json::Value> = find.parameters["properties"]
        .as_object()
        .unwrap()
        .keys()
        .map(|k| (k.clone(), serde_json::Value::Null))
        .collect();
    let said = serde_json::Value::Object(all);
    if find.demanded().next().is_none() {
        assert_eq!(toolloom::environment::request::request(find, &said).unwrap().url.split('?').count(), 1);
    }
}

//! The schemas that a crawl gives: valid, closed, self-contained, and the reasons for what has none.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests, and a way to look")]

use std::collections::BTreeMap;
use std::io::Write;
use toolloom::config::plan::Plan;
use toolloom::internals::crawl::crawl;

/// A plan of one source, with more settings.
fn plan(source: &str, sets: &[&str]) -> Plan {
    let source = format!("crawl.sources=[{}]", serde_json::json!(source));
    let sets: Vec<String> = std::iter::once(source).chain(sets.iter().map(|s| (*s).to_owned())).collect();
    toolloom::config::load(None, &sets, &|_| true).unwrap_or_else(|faults| panic!("{faults:?}"))
}

/// Prints why operations are left out: `SPEC=folder cargo test --test crawl_schemas drops -- --ignored --nocapture`.
/// With `RULE=…` each drop of that rule; with `OUT=FILE` the kept tools as JSON lines; with `DIALECT=…` in that dialect.
#[test]
#[ignore = "a way to look, not a test"]
fn show_the_drops_by_rule() {
    let spec = std::env::var("SPEC").unwrap_or_else(|_| "apis".into());
    let shown = std::env::var("RULE").ok();
    let started = std::time::Instant::now();
    let dialect = format!("crawl.dialect={}", std::env::var("DIALECT").unwrap_or_else(|_| "standard".into()));
    let plan = plan(&spec, &["limits.spec_bytes=100000000", &dialect]);
    let catalog = crawl(&plan.crawl, &plan.limits).unwrap();
    let mut rules: BTreeMap<(&str, bool), usize> = BTreeMap::new();
    for dropped in &catalog.dropped {
        *rules.entry((&dropped.rule, dropped.operation.is_some())).or_default() += 1;
        if shown.as_ref() == Some(&dropped.rule) {
            println!("{} {:?}: {}", dropped.id, dropped.operation, dropped.reason);
        }
    }
    if let Ok(path) = std::env::var("OUT") {
        let mut out = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
        for tool in &catalog.tools {
            let row = serde_json::json!({"id": tool.id, "name": tool.name, "description": tool.description,
                "parameters": tool.parameters.to_string(), "result": tool.result.as_ref().map(|r| serde_json::to_string(r).unwrap()),
                "method": tool.call.method(), "path": tool.call.path(), "kept": true, "rule": null, "reason": null});
            writeln!(out, "{row}").unwrap();
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
        assert!(
            toolloom::internals::crawl::definition_bytes(tool) <= plan.limits.tool_bytes,
            "{}",
            tool.name
        );
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
    let request = |arguments| toolloom::internals::environment::request::request(add, arguments).unwrap();
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
        assert_eq!(
            toolloom::internals::environment::request::request(find, &said).unwrap().url.split('?').count(),
            1
        );
    }
}

fn fixture(name: &str) -> toolloom::data::Catalog {
    let path = format!("{}/tests/fixtures/crawl/{name}", env!("CARGO_MANIFEST_DIR"));
    let plan = plan(&path, &[]);
    crawl(&plan.crawl, &plan.limits).unwrap()
}

fn parameters<'a>(catalog: &'a toolloom::data::Catalog, name: &str) -> &'a serde_json::Value {
    let found = catalog.tools.iter().find(|t| t.name.as_str() == name);
    let names: Vec<&str> = catalog.tools.iter().map(|t| t.name.as_str()).collect();
    &found.unwrap_or_else(|| panic!("no {name} in {names:?}, {:?}", catalog.dropped)).parameters
}

#[test]
fn keywords_that_are_none_or_contradict_each_other_are_translated_or_dropped() {
    let catalog = fixture("keywords.json");
    let all = parameters(&catalog, "keywords_update_things");
    insta::assert_snapshot!("keywords", serde_json::to_string_pretty(all).unwrap());
    compile(all);
    compile(catalog.tools[0].result.as_ref().unwrap());
}

fn compile(schema: &serde_json::Value) {
    let mut compiler = boon::Compiler::new();
    let mut schemas = boon::Schemas::new();
    compiler.set_default_draft(boon::Draft::V2020_12);
    compiler.add_resource("mem:tool", schema.clone()).unwrap();
    compiler.compile("mem:tool", &mut schemas).unwrap_or_else(|error| panic!("{error:#}\n{schema}"));
}

#[test]
fn a_version_key_at_the_end_a_name_that_lies_and_roots_of_the_other_version_are_seen_through() {
    let catalog = fixture("traps/openapi-3-really.json");
    let get = parameters(&catalog, "really_get_pet_by_id");
    assert_eq!(get["properties"]["id"]["type"], "integer", "{get}");
    let add = catalog.tools.iter().find(|t| t.name.as_str() == "really_create_pet").unwrap();
    assert_eq!(add.parameters["properties"]["name"]["description"], "What it is called");
    assert!(add.result.is_none() || add.result_inferred, "nothing is known of what dangles");
    let update = parameters(&catalog, "really_update_pets");
    assert_eq!(update["properties"]["name"]["description"], "What it is called");
    assert_eq!(add.call.http().unwrap().server.as_deref(), Some("https://api.otherwise.example.org"));
}

#[test]
fn references_into_paths_are_followed_and_a_property_called_ref_is_none() {
    let catalog = fixture("traps/pointers.json");
    assert_eq!(
        parameters(&catalog, "pointers_create_box")["properties"]["size"]["description"],
        "In centimeters"
    );
    let link = &parameters(&catalog, "pointers_create_link")["properties"]["link"];
    assert_eq!(link["properties"]["$ref"]["description"], "Where it leads");
    let calls = catalog.tools.iter().filter(|t| t.call.path().starts_with("/calls?")).count();
    let same = catalog.tools.iter().filter(|t| t.call.path().starts_with("/same#")).count();
    assert_eq!((calls, same), (2, 2), "paths that differ by query or fragment are paths of their own");
}

#[test]
fn dates_and_numbers_without_quotes_are_the_texts_that_were_written() {
    let catalog = fixture("traps/dates.yaml");
    let tool = &catalog.tools[0];
    let properties = &tool.parameters["properties"];
    assert_eq!(properties["day"]["examples"], serde_json::json!(["2024-05-01"]));
    assert_eq!(properties["year"]["enum"][0], "2023");
    assert_eq!(properties["year"]["enum"][2], "007");
    assert_eq!(properties["open"]["enum"], serde_json::json!(["yes", "no", "on"]));
    assert_eq!(properties["at"]["default"], "12:30");
    assert_eq!(catalog.sources[0].version, "2024-05-01");
    assert!(tool.result.is_some(), "a status without quotes is one");
}

#[test]
fn ids_that_are_long_said_twice_or_no_names_give_names() {
    let catalog = fixture("traps/long-ids.json");
    assert_eq!(catalog.tools.len(), 6, "{:?}", catalog.dropped);
    let names: std::collections::BTreeSet<&str> = catalog.tools.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names.len(), 6);
    assert!(names.iter().all(|n| n.len() <= 64 && n.starts_with("long_")), "{names:?}");
}

#[test]
fn openapi_3_2_has_a_method_for_queries_methods_of_its_own_and_whole_query_strings() {
    let catalog = fixture("kinds/openapi-3.2.json");
    let search = catalog
        .tools
        .iter()
        .find(|t| t.call.method().map(toolloom::data::Method::as_str) == Some("QUERY"))
        .unwrap();
    assert_eq!(search.effect.as_str(), "reads");
    assert_eq!(search.parameters["required"], serde_json::json!(["brighter_than"]));
    assert_eq!(
        search.result.as_ref().unwrap()["items"]["x-schema"],
        "Star",
        "a reference by the document's own name"
    );
    let request =
        toolloom::internals::environment::request::request(search, &serde_json::json!({"brighter_than": 3}))
            .unwrap();
    assert_eq!((request.method.as_str(), request.body.as_deref()), ("QUERY", Some(r#"{"brighter_than":3}"#)));
    let list = catalog
        .tools
        .iter()
        .find(|t| t.call.method().map(toolloom::data::Method::as_str) == Some("GET"))
        .unwrap();
    assert_eq!(list.parameters["required"], serde_json::json!(["sky"]));
    let request = toolloom::internals::environment::request::request(
        list,
        &serde_json::json!({"sky": "south", "magnitude": 2}),
    )
    .unwrap();
    assert_eq!(request.url, "https://api.stars.example.org/stars?sky=south&magnitude=2");
    assert!(
        catalog.tools.iter().any(|t| t.call.method().map(toolloom::data::Method::as_str) == Some("PATCH"))
    );
    assert_eq!(catalog.dropped.iter().filter(|d| d.rule == "unusual_method").count(), 1);
    assert_eq!((catalog.sources[0].operations, catalog.sources[0].kept), (4, 3));
}

#[test]
fn a_field_is_required_by_the_discovery_methods_that_it_names() {
    let catalog = fixture("kinds/required.json");
    assert_eq!(parameters(&catalog, "required_shelves_insert")["required"], serde_json::json!(["label"]));
    assert_eq!(parameters(&catalog, "required_shelves_patch")["required"], serde_json::json!(["shelf"]));
}

#[test]
fn a_tool_that_demands_more_than_fits_keeps_names_and_types_of_what_it_demands() {
    let words = "A long description of what this field is for, and of what else there is to say. ".repeat(3);
    let leaves: serde_json::Map<String, serde_json::Value> = (0..12)
        .map(|i| (format!("field_number_{i}"), serde_json::json!({"type": "string", "description": words})))
        .collect();
    let names: Vec<&String> = leaves.keys().collect();
    let leaf = serde_json::json!({"type": "object", "required": names, "properties": leaves});
    let parts: serde_json::Map<String, serde_json::Value> =
        (0..12).map(|i| (format!("part_{i}"), serde_json::json!({"type": "array", "items": leaf}))).collect();
    let names: Vec<&String> = parts.keys().collect();
    let body = serde_json::json!({"type": "object", "required": names, "properties": parts});
    let spec = serde_json::json!({"openapi": "3.0.3", "info": {"title": "Big", "version": "1"}, "paths": {"/orders": {"post": {
        "summary": "Place an order", "responses": {}, "requestBody": {"content": {"application/json": {"schema": body}}}}}}});
    let plan = plan("apis", &[]);
    let catalog = toolloom::internals::crawl::crawl_bytes(
        "big.json",
        spec.to_string().as_bytes(),
        &plan.crawl,
        &plan.limits,
    );
    let tool = &catalog.tools.first().unwrap_or_else(|| panic!("{:?}", catalog.dropped));
    assert!(toolloom::internals::crawl::definition_bytes(tool) <= plan.limits.tool_bytes);
    assert_eq!(tool.parameters["required"].as_array().unwrap().len(), 12);
    assert!(tool.pruned.iter().any(|p| p.contains("maps")), "{:?}", tool.pruned);
    compile(&tool.parameters);
}

/// Crawls two specs of one title, each with one operation that takes a body of a schema.
fn twins(schema: &serde_json::Value) -> toolloom::data::Catalog {
    let folder = tempfile::tempdir().unwrap();
    for (file, note) in [("a/garden.json", "one"), ("b/garden.json", "two")] {
        let spec = serde_json::json!({"openapi": "3.0.3", "info": {"title": "Garden", "version": note},
            "paths": {"/beds": {"post": {"summary": format!("Dig a bed ({note})."), "requestBody": {"content":
                {"application/json": {"schema": schema}}}, "responses": {"200": {"description": "Dug."}}}}}});
        std::fs::create_dir_all(folder.path().join(file).parent().unwrap()).unwrap();
        std::fs::write(folder.path().join(file), spec.to_string()).unwrap();
    }
    let plan = plan(folder.path().to_str().unwrap(), &["crawl.disabled=[other_version]"]);
    crawl(&plan.crawl, &plan.limits).unwrap()
}

#[test]
fn a_tool_that_fits_exactly_still_fits_once_its_name_is_marked() {
    let text = |n: usize| serde_json::json!({"type": "string", "description": "x".repeat(n)});
    let mut largest = 0;
    for more in 30..140 {
        let mut fields: serde_json::Map<String, serde_json::Value> =
            (0..31).map(|n| (format!("f{n:02}"), text(80))).collect();
        fields.insert("last".to_owned(), text(more));
        let catalog = twins(&serde_json::json!({"type": "object", "properties": fields}));
        for tool in &catalog.tools {
            largest = largest.max(toolloom::internals::crawl::definition_bytes(tool));
        }
    }
    assert!((4070..=4096).contains(&largest), "{largest} bytes");
}

#[test]
fn an_object_of_which_one_part_names_the_properties_is_closed() {
    let catalog = twins(&serde_json::json!({"allOf": [
        {"type": "object", "properties": {"soil": {"type": "object"}}},
        {"properties": {"soil": {"type": "object", "properties": {"ph": {"type": "number"}}}}},
    ]}));
    for tool in &catalog.tools {
        assert_eq!(
            tool.parameters["properties"]["soil"]["additionalProperties"], false,
            "{}",
            tool.parameters
        );
    }
}

/// Crawls specs of one title in as many files, each with paths of its own.
fn of_paths(all: &[serde_json::Value]) -> toolloom::data::Catalog {
    let folder = tempfile::tempdir().unwrap();
    for (at, paths) in all.iter().enumerate() {
        let spec = serde_json::json!({"openapi": "3.0.3", "info": {"title": "Garden", "version": "1"}, "paths": paths});
        let path = folder.path().join(format!("{at}/garden.json"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, spec.to_string()).unwrap();
    }
    let plan = plan(folder.path().to_str().unwrap(), &["crawl.disabled=[other_version]"]);
    crawl(&plan.crawl, &plan.limits).unwrap()
}

fn get(id: &str, summary: &str) -> serde_json::Value {
    serde_json::json!({"get": {"operationId": id, "summary": summary, "responses": {"200": {"description": "Yes."}}}})
}

#[test]
fn an_operation_that_is_left_out_takes_no_other_place() {
    let mut old = get("getBed", "Get a bed.");
    old["get"]["deprecated"] = true.into();
    let catalog =
        of_paths(&[serde_json::json!({"/beds/{id}": old, "/beds/{bedId}": get("showBed", "Show a bed.")})]);
    let kept: Vec<&str> = catalog.tools.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(kept, ["garden_show_bed"], "{:?}", catalog.dropped);
}

#[test]
fn long_names_that_are_marked_stay_apart_and_no_two_rows_share_an_id() {
    let long = "list_all_of_the_plants_that_grow_in_the_beds_of_";
    let paths = |note: &str| {
        serde_json::json!({
            "/a": get(&format!("{long}a_one"), &format!("List some of {note}.")),
            "/b": get(&format!("{long}a_two"), &format!("List more of {note}.")),
            "/c": get(&format!("{long}a_six"), &format!("List the rest of {note}.")),
        })
    };
    let catalog = of_paths(&[paths("spring"), paths("summer"), paths("autumn")]);
    assert_eq!(catalog.tools.len(), 9, "{:?}", catalog.dropped);
    let names: std::collections::BTreeSet<&str> = catalog.tools.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names.len(), 9, "{names:?}");
    assert!(names.iter().all(|name| name.len() <= 64));
    let mut ids: Vec<&str> = catalog.tools.iter().map(|t| t.id.as_str()).collect();
    ids.extend(catalog.dropped.iter().map(|d| d.id.as_str()));
    ids.sort_unstable();
    assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "{ids:?}");
}

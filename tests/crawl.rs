//! Crawling: what every spec must end in, whatever is wrong with it.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests, and a way to look")]

use std::path::{Path, PathBuf};
use toolloom::config::plan::{CrawlPlan, Curation, Limits};
use toolloom::data::{Call, Catalog, Tool};
use toolloom::internals::crawl::{crawl, definition_bytes};

fn limits() -> Limits {
    toolloom::config::load(None, &[], &|_| true).unwrap_or_else(|faults| panic!("{faults:?}")).limits
}

fn crawl_path(path: &Path) -> Catalog {
    let plan =
        CrawlPlan { sources: vec![path.to_string_lossy().into_owned().into()], ..CrawlPlan::default() };
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
        call.map_or("-", |c| c.method.as_str()),
        tool.call.path(),
        tool.effect,
        tool.call.success(),
        call.and_then(|c| c.result_media.as_ref()),
        definition_bytes(tool)
    );
    println!("    {}", tool.description);
    let required: Vec<&str> =
        tool.parameters["required"].as_array().into_iter().flatten().filter_map(|r| r.as_str()).collect();
    for (name, schema) in tool.parameters["properties"].as_object().unwrap() {
        let mark = if required.contains(&name.as_str()) { "*" } else { " " };
        println!("   {mark}{name}: {schema}");
    }
    let supplied: Vec<String> =
        call.into_iter().flat_map(|c| &c.supplied).map(|s| format!("{}={:?}", s.wire, s.value)).collect();
    println!("    supplied {supplied:?}");
    println!("    mined {:?}", tool.mined);
    println!("    pruned {:?}", tool.pruned);
    println!(
        "    errors {:?}",
        tool.errors.iter().map(|e| (e.status, &e.description, e.schema.is_some())).collect::<Vec<_>>()
    );
    let result = tool.result.as_deref().map(ToString::to_string).unwrap_or_default();
    let shown: String =
        if std::env::var("RESULT").is_ok() { result } else { result.chars().take(300).collect() };
    println!("    result inferred={} {shown}\n", tool.result_inferred);
}

/// Finds the shared specs, which are not part of the repository.
fn shared(below: &str) -> Option<PathBuf> {
    let base = std::env::var_os("TOOLLOOM_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    let path = base.join("apis").join(below);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, out);
        } else if path
            .extension()
            .is_some_and(|e| ["json", "jsonl", "yaml", "yml"].iter().any(|k| e.eq_ignore_ascii_case(k)))
        {
            out.push(path);
        }
    }
}

/// What holds for every catalog, whatever was crawled.
fn check_catalog(catalog: &Catalog, what: &str) {
    for source in &catalog.sources {
        let dropped =
            catalog.dropped.iter().filter(|d| d.spec == source.spec && d.operation.is_some()).count();
        assert_eq!(source.operations, source.kept + dropped, "{what}: {} adds up", source.spec);
    }
    let mut names = std::collections::BTreeSet::new();
    for tool in &catalog.tools {
        check_tool(tool, what);
        assert!(names.insert(tool.name.clone()), "{what}: {} is unique", tool.name);
    }
    assert!(catalog.tools.windows(2).all(|w| w[0].id < w[1].id), "{what}: ids are sorted and unique");
}

fn check_tool(tool: &Tool, what: &str) {
    let name = tool.name.as_str();
    let what = format!("{what}: {name}");
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    assert!(
        name.len() <= 64 && name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(legal),
        "{what}"
    );
    assert!(
        !tool.description.trim().is_empty() && tool.description.len() <= 600,
        "{what}: {}",
        tool.description
    );
    assert!(definition_bytes(tool) <= 4096, "{what}: {} bytes", definition_bytes(tool));
    assert!(!has_reference(&tool.parameters), "{what}: references");
    assert!(!tool.parameters.to_string().contains("x-schema"), "{what}: component names");
    assert_eq!(tool.parameters["additionalProperties"], false, "{what}: is closed");
    assert!(is_closed(&tool.parameters), "{what}: is closed at every depth: {}", tool.parameters);
    compiles(&tool.parameters, &what);
    let properties = tool.parameters["properties"].as_object().unwrap();
    if let Some(call) = tool.call.http() {
        let places: Vec<&str> = call.places.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(properties.len(), places.len(), "{what}: each property has its place");
        assert!(
            properties.keys().all(|k| places.contains(&k.as_str())),
            "{what}: each property has its place"
        );
    }
    for required in tool.parameters["required"].as_array().into_iter().flatten() {
        assert!(properties.contains_key(required.as_str().unwrap()), "{what}: {required} is a property");
    }
    if let Some(result) = &tool.result {
        assert!(!has_reference(result), "{what}: references in the result");
        compiles(result, &what);
    }
}

/// Tells whether a schema holds a reference; a property that is called `$ref` is none.
fn has_reference(schema: &serde_json::Value) -> bool {
    match schema {
        serde_json::Value::Object(map) => {
            map.get("$ref").is_some_and(serde_json::Value::is_string) || map.values().any(has_reference)
        }
        serde_json::Value::Array(items) => items.iter().any(has_reference),
        _ => false,
    }
}

/// Tells whether every object that names its properties takes no others, but for maps whose values have a schema.
fn is_closed(schema: &serde_json::Value) -> bool {
    use serde_json::Value;
    let Some(map) = schema.as_object() else { return true };
    let named = map.get("properties").and_then(Value::as_object);
    let own = match (map.get("additionalProperties"), named) {
        (Some(Value::Bool(false)), Some(_)) => true,
        (Some(Value::Bool(true)), named) => named.is_none(),
        (Some(Value::Object(values)), _) => !values.is_empty(),
        _ => named.is_none() && map.get("type").is_none_or(|t| t != "object"),
    };
    let below = named.into_iter().flat_map(serde_json::Map::values);
    let below = below.chain(map.get("items")).chain(map.get("additionalProperties"));
    let below = below.chain(map.get("anyOf").and_then(Value::as_array).into_iter().flatten());
    own && below.into_iter().all(is_closed)
}

fn compiles(schema: &serde_json::Value, what: &str) {
    let mut compiler = boon::Compiler::new();
    let mut schemas = boon::Schemas::new();
    compiler.set_default_draft(boon::Draft::V2020_12);
    compiler.add_resource("mem:tool", schema.clone()).unwrap();
    if let Err(error) = compiler.compile("mem:tool", &mut schemas) {
        panic!("{what}: {error:#}\n{schema}");
    }
}

#[test]
fn every_starter_spec_gives_tools_that_hold_together() {
    let catalog = crawl_path(&root().join("apis"));
    check_catalog(&catalog, "apis");
    assert_eq!(catalog.sources.len(), 14);
    assert!(catalog.tools.len() > 400, "{} tools", catalog.tools.len());
}

#[test]
fn every_shared_spec_ends_in_tools_or_in_a_reason() {
    let Some(folder) = shared("openapi") else { return };
    let mut all = Vec::new();
    files(&folder, &mut all);
    let (mut tools, mut dropped, mut reasons) = (0, 0, 0);
    for path in all.iter().filter(|p| !p.to_string_lossy().contains("/multi/")) {
        let started = std::time::Instant::now();
        let catalog = crawl_path(path);
        let what = path.file_name().unwrap().to_string_lossy().into_owned();
        check_catalog(&catalog, &what);
        assert!(
            !catalog.tools.is_empty() || !catalog.dropped.is_empty(),
            "{what}: neither tools nor a reason"
        );
        assert!(catalog.dropped.iter().all(|d| !d.rule.is_empty() && !d.reason.is_empty()), "{what}");
        tools += catalog.tools.len();
        dropped += catalog.dropped.iter().filter(|d| d.operation.is_some()).count();
        reasons += catalog.dropped.iter().filter(|d| d.operation.is_none()).count();
        let seconds = started.elapsed().as_secs_f64();
        if seconds > 2.0 {
            println!("{what}: {seconds:.1} s");
        }
    }
    println!("{tools} tools, {dropped} operations left out, {reasons} files without");
}

/// Prints tools by kind of folder; with `WHY=1` also why a whole file was left out.
#[test]
fn every_shared_file_of_any_kind_ends_in_tools_or_in_a_reason() {
    let Some(base) = shared("") else { return };
    let mut folders: Vec<PathBuf> = std::fs::read_dir(base).unwrap().map(|e| e.unwrap().path()).collect();
    folders.retain(|f| f.is_dir() && !f.ends_with("openapi"));
    folders.sort();
    let mut rows = Vec::new();
    for folder in folders {
        let mut all = Vec::new();
        files(&folder, &mut all);
        let (mut with, mut tools, mut dropped, mut results) = (0, 0, 0, 0);
        let mut rules: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
        for path in &all {
            let catalog = crawl_path(path);
            let what = path.display().to_string();
            check_catalog(&catalog, &what);
            assert!(
                !catalog.tools.is_empty() || !catalog.dropped.is_empty(),
                "{what}: neither tools nor a reason"
            );
            with += usize::from(!catalog.tools.is_empty());
            tools += catalog.tools.len();
            results += catalog.tools.iter().filter(|t| t.result.is_some()).count();
            dropped += catalog.dropped.iter().filter(|d| d.operation.is_some()).count();
            for d in &catalog.dropped {
                assert!(!d.rule.is_empty() && !d.reason.is_empty(), "{what}");
                *rules.entry(d.rule.clone()).or_default() += 1;
                if d.operation.is_none() && std::env::var("WHY").is_ok() {
                    println!("    {what}: {} ({})", d.rule, d.reason);
                }
            }
        }
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let rules = rules.iter().map(|(rule, n)| format!("{rule} {n}")).collect::<Vec<_>>().join(", ");
        rows.push(format!(
            "{name:<12} {:>5} {with:>5} {tools:>6} {results:>8} {dropped:>8}  {rules}",
            all.len()
        ));
    }
    println!(
        "{:<12} {:>5} {:>5} {:>6} {:>8} {:>8}  rules",
        "folder", "files", "read", "tools", "results", "dropped"
    );
    for row in rows {
        println!("{row}");
    }
}

#[test]
fn every_shared_tree_of_files_ends_in_tools_or_in_a_reason() {
    let Some(folder) = shared("openapi/multi") else { return };
    let catalog = crawl_path(&folder);
    check_catalog(&catalog, "multi");
    println!(
        "{} tools of {} specs, {} dropped",
        catalog.tools.len(),
        catalog.sources.len(),
        catalog.dropped.len()
    );
}

fn fixture(name: &str) -> PathBuf {
    root().join("tests/fixtures/crawl").join(name)
}

fn tool<'a>(catalog: &'a Catalog, name: &str) -> &'a Tool {
    let known = || catalog.tools.iter().map(|t| t.name.as_str()).collect::<Vec<_>>().join(", ");
    catalog
        .tools
        .iter()
        .find(|t| t.name.as_str() == name)
        .unwrap_or_else(|| panic!("no {name} in {}", known()))
}

#[test]
fn swagger_2_is_lowered_with_its_forms_bodies_and_float_version() {
    let catalog = crawl_path(&fixture("library-2.0.yaml"));
    check_catalog(&catalog, "2.0");
    let list = tool(&catalog, "library_list_books");
    let properties = list.parameters["properties"].as_object().unwrap();
    assert_eq!(properties.keys().collect::<Vec<_>>(), ["limit", "shelf", "order"]);
    assert_eq!(properties["order"]["enum"], serde_json::json!(["asc", "desc"]));
    assert_eq!(list.call.http().unwrap().supplied.len(), 2, "the card and the format");
    assert_eq!(list.call.http().unwrap().server.as_deref(), Some("https://api.library.example.org/v1"));
    assert_eq!(list.result.as_ref().unwrap()["items"]["x-schema"], "Book");
    let add = tool(&catalog, "library_add_book");
    assert!(
        add.parameters["properties"].get("id").is_none()
            && add.parameters["properties"].get("added").is_none()
    );
    assert_eq!(add.call.http().unwrap().body_schema.as_deref(), Some("Book"));
    assert_eq!(add.result.as_ref().unwrap()["properties"]["id"]["type"], "integer", "borrowed from the list");
    assert!(add.result_inferred);
    let lend = tool(&catalog, "library_lend_book");
    assert_eq!(lend.parameters["required"], serde_json::json!(["book_id", "reader"]));
    assert_eq!(lend.mined.units["days"], "days");
    assert_eq!(lend.mined.units["fine"], "cents");
    assert_eq!(lend.parameters["properties"]["days"]["maximum"], 30);
}

#[test]
fn openapi_3_1_is_lowered_with_its_type_arrays_choices_and_conditions() {
    let catalog = crawl_path(&fixture("cinema-3.1.json"));
    check_catalog(&catalog, "3.1");
    let list = tool(&catalog, "cinema_get_screenings");
    assert_eq!(list.parameters["properties"]["film"], serde_json::json!({"type": "string"}));
    assert_eq!(list.parameters["properties"]["from"]["format"], "date-time");
    assert_eq!(list.mined.one_of, [["film", "room"]]);
    assert_eq!(list.mined.requires["from"], ["to"]);
    assert_eq!(list.errors[0].status, 400);
    let record = &list.result.as_ref().unwrap()["properties"]["items"]["items"];
    assert_eq!(record["properties"]["subtitle"]["type"], serde_json::json!(["string", "null"]));
    assert_eq!(record["required"], serde_json::json!(["film", "starts", "id"]));
    let plan = tool(&catalog, "cinema_create_screening");
    assert_eq!(plan.parameters["required"], serde_json::json!(["film", "starts"]));
    assert_eq!((plan.call.http().unwrap().success, plan.result_inferred), (201, true));
    let movement = tool(&catalog, "cinema_update_screening_by_id");
    assert_eq!(movement.parameters["properties"]["price"]["type"], "number");
    assert_eq!(movement.mined.units["price"], "EUR");
    let alert = tool(&catalog, "cinema_create_alert");
    assert_eq!(alert.parameters["properties"]["channel"]["enum"], serde_json::json!(["email", "sms"]));
    assert_eq!(alert.parameters["required"], serde_json::json!(["channel"]));
    assert_eq!(alert.mined.requires["channel=sms"], ["phone"]);
}

#[test]
fn files_that_refer_to_each_other_are_one_spec() {
    let catalog = crawl_path(&fixture("multi"));
    check_catalog(&catalog, "multi");
    assert_eq!(catalog.sources.len(), 1);
    let parts = catalog.dropped.iter().filter(|d| d.rule != "reference").count();
    assert_eq!(parts, 0, "parts of a spec are not left out: {:?}", catalog.dropped);
    let plants = tool(&catalog, "garden_list_plants").result.clone().unwrap();
    assert_eq!(plants["items"]["x-schema"], "Plant");
    assert_eq!(plants["items"]["properties"]["bed"]["x-schema"], "Bed");
    assert!(tool(&catalog, "garden_lost").result.is_none(), "nothing is known of what dangles");
}

/// What a tool was lowered to, on a few lines.
fn summary(tool: &Tool) -> String {
    let call = match &tool.call {
        Call::Http(call) => format!("{} {} of {:?}", call.method.as_str(), call.path, call.server),
        other => serde_json::to_string(other).unwrap(),
    };
    let result = tool.result.as_deref().map_or("unknown".to_owned(), ToString::to_string);
    format!(
        "  {} [{}]\n    {}\n    {} by {call}\n    given {}\n    gives {result}\n    from {}, {}, {}, {}",
        tool.name,
        tool.id,
        tool.description,
        tool.effect.as_str(),
        tool.parameters,
        tool.source.pointer,
        tool.category,
        tool.collection,
        tool.licence
    )
}

#[test]
fn every_kind_is_told_by_its_content_and_lowered() {
    let mut all = Vec::new();
    files(&fixture("kinds"), &mut all);
    let mut lines = Vec::new();
    for path in all {
        let catalog = crawl_path_leniently(&path);
        check_catalog(&catalog, &path.to_string_lossy());
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let tools = catalog.tools.iter().map(summary);
        let dropped = catalog.dropped.iter().map(|d| format!("  - {}: {} ({})", d.id, d.rule, d.reason));
        lines.push(std::iter::once(name).chain(tools).chain(dropped).collect::<Vec<_>>().join("\n"));
    }
    insta::assert_snapshot!("kinds", lines.join("\n"));
}

#[test]
fn a_folder_of_every_kind_is_one_catalog() {
    let catalog = crawl_path(&fixture("kinds"));
    check_catalog(&catalog, "kinds");
    assert!(catalog.tools.iter().any(|t| matches!(t.call, Call::Mcp { .. })));
    assert!(catalog.tools.iter().any(|t| matches!(t.call, Call::Function { .. })));
    assert!(catalog.tools.iter().any(|t| matches!(t.call, Call::Http(_))));
}

#[test]
fn every_trap_ends_in_tools_or_in_a_reason() {
    let mut all = Vec::new();
    files(&fixture("traps"), &mut all);
    let mut lines = Vec::new();
    for path in all {
        // their paths are letters: what is wrong with them is something else
        let curation = Curation { disabled: vec!["no_description".to_owned()], ..Curation::default() };
        let catalog = crawl_leniently(&path, curation);
        check_catalog(&catalog, &path.to_string_lossy());
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let tools = catalog.tools.iter().map(|t| format!("  {} {}", t.name, t.description));
        let dropped = catalog.dropped.iter().map(|d| format!("  - {}: {} ({})", d.id, d.rule, d.reason));
        lines.push(std::iter::once(name).chain(tools).chain(dropped).collect::<Vec<_>>().join("\n"));
    }
    insta::assert_snapshot!("traps", lines.join("\n"));
}

/// A file that is named must not make the crawl fail, whatever it holds.
fn crawl_path_leniently(path: &Path) -> Catalog {
    crawl_leniently(path, Curation::default())
}

fn crawl_leniently(path: &Path, curation: Curation) -> Catalog {
    let sources = vec![path.to_string_lossy().into_owned().into()];
    let plan = CrawlPlan { sources, curation, ..CrawlPlan::default() };
    crawl(&plan, &limits()).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn hundreds_of_parameters_are_pruned_to_the_size_limit_and_each_cut_is_recorded() {
    let parameters: Vec<serde_json::Value> = (0..582)
        .map(|i| serde_json::json!({"name": format!("filter_{i}[value]"), "in": "query", "schema": {"type": "string"},
            "description": format!("Filters by the field number {i}, which is one of very many.")}))
        .collect();
    let spec = serde_json::json!({"openapi": "3.0.3", "info": {"title": "Wide", "version": "1"},
        "paths": {"/rows": {"get": {"parameters": parameters, "responses": {}}}}});
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("wide.json"), spec.to_string()).unwrap();
    let catalog = crawl_path(folder.path());
    check_catalog(&catalog, "wide");
    let rows = tool(&catalog, "wide_get_rows");
    assert!(rows.pruned.iter().any(|p| p.contains("more")), "{:?}", rows.pruned);
    assert_eq!(rows.parameters["properties"].as_object().unwrap()["filter_0_value"]["type"], "string");
}

#[test]
fn a_spec_over_the_limit_is_left_out_with_the_limit_to_raise() {
    let limits = Limits { spec_bytes: 100, ..limits() };
    let plan = CrawlPlan {
        sources: vec![fixture("cinema-3.1.json").to_string_lossy().into_owned().into()],
        ..CrawlPlan::default()
    };
    let catalog = crawl(&plan, &limits).unwrap();
    assert_eq!(catalog.dropped[0].rule, "too_large");
    assert!(catalog.dropped[0].reason.contains("limits.spec_bytes"));
}

#[test]
fn missing_paths_and_folders_without_specs_are_errors_that_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("package.json"), "{}").unwrap();
    let empty = folder.path().to_string_lossy().into_owned();
    for (source, says) in [
        ("does/not/exist.json".to_owned(), "does/not/exist.json: no such file or folder"),
        (format!("{empty}/*.toml"), "no file matches"),
        (empty, "nothing in this folder describes an API"),
    ] {
        let error = crawl(&CrawlPlan { sources: vec![source.into()], ..CrawlPlan::default() }, &limits())
            .unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[test]
fn names_do_not_change_when_other_specs_are_added() {
    let alone = crawl_path(&root().join("apis/petstore.json"));
    let all = crawl_path(&root().join("apis"));
    for tool in &alone.tools {
        assert_eq!(all.get(&tool.id).map(|t| &t.name), Some(&tool.name));
    }
    let again = crawl_path(&root().join("apis"));
    assert_eq!(serde_json::to_string(&all).unwrap(), serde_json::to_string(&again).unwrap());
}

#[test]
fn lowered_tools_read_as_a_model_should_see_them() {
    let catalog = crawl_path(&root().join("apis"));
    for name in [
        "petstore_add_pet",
        "petstore_update_pet",
        "google_calendar_events_insert",
        "geodb_cities_get_city_distance",
        "musixmatch_track_search",
        "apideck_issue_tracking_collection_tickets_all",
        "traccar_get_positions",
        "reverb_get_listing_by_slug",
        "mailscript_add_verification",
    ] {
        let mut value = serde_json::to_value(tool(&catalog, name)).unwrap();
        // the results' schemas are long, and what matters of them is tested elsewhere
        let result = value["result"].take();
        value["result"] = serde_json::json!(toolloom::data::content_hash(&result)[..8]);
        insta::assert_snapshot!(name, serde_json::to_string_pretty(&value).unwrap());
    }
}

#[test]
fn credentials_and_transport_are_never_in_a_schema() {
    let catalog = crawl_path(&root().join("apis"));
    let never = [
        "alt",
        "prettyPrint",
        "quotaUser",
        "userIp",
        "oauth_token",
        "access_token",
        "callback",
        "api_key",
        "api_secret",
        "apikey",
        "x_apideck_consumer_id",
        "x_apideck_app_id",
        "xero_tenant_id",
        "pass_through",
        "hateoasMode",
        "raw",
        "json",
        "syncToken",
    ];
    for tool in &catalog.tools {
        for name in tool.parameters["properties"].as_object().unwrap().keys() {
            assert!(!never.contains(&name.as_str()), "{}: {name}", tool.name);
        }
    }
}

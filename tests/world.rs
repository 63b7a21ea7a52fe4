//! Worlds over the starter specs: results conform to the specs, forks are apart, the same seed gives the same world.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic anywhere in its file")]

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use toolloom::data::{ApiId, Catalog, StateChange, Tool};
use toolloom::internals::environment::{Environment, EnvironmentOptions};
use toolloom::internals::graph::Models;
use toolloom::internals::instruct::{Instructor, Made};
use toolloom::internals::llm::{AskPath, Llm};
use toolloom::internals::world::{World, Worlds};

fn plan() -> toolloom::config::Plan {
    toolloom::config::load(None, &[], &|_| true).expect("the defaults are a plan")
}

fn catalog() -> Arc<Catalog> {
    let plan = plan();
    Arc::new(toolloom::internals::crawl::crawl(&plan.crawl, &plan.limits).expect("the starter specs"))
}

fn tool<'a>(catalog: &'a Catalog, name: &str) -> &'a Tool {
    catalog.tools.iter().find(|t| t.name.as_str() == name).unwrap_or_else(|| panic!("no tool {name}"))
}

fn open(catalog: &Arc<Catalog>, api: &str, seed: u64) -> World {
    let api = catalog.tools.iter().map(|t| &t.api).find(|a| a.as_str().ends_with(api)).unwrap().clone();
    Worlds::new(Models::new(Arc::clone(catalog))).open(&[api], seed)
}

/// Validates against a result schema, which may name an unknown draft's keywords.
struct Schemas(BTreeMap<String, Option<(boon::Schemas, boon::SchemaIndex)>>);

impl Schemas {
    fn fault(&mut self, tool: &Tool, body: &Value) -> Option<String> {
        let schema = tool.result.as_deref()?.clone();
        let compiled = self.0.entry(tool.id.to_string()).or_insert_with(|| {
            let mut schemas = boon::Schemas::new();
            let mut compiler = boon::Compiler::new();
            compiler.add_resource("result.json", schema).ok()?;
            let index = compiler.compile("result.json", &mut schemas).ok()?;
            Some((schemas, index))
        });
        let (schemas, index) = compiled.as_ref()?;
        schemas.validate(body, *index).err().map(|e| e.to_string())
    }
}

#[test]
fn every_observation_of_a_reference_conforms_to_its_spec_and_is_short() {
    let (plan, catalog) = (plan(), catalog());
    let environment = Environment::of_plan(&plan, &catalog, None, EnvironmentOptions::default());
    let instructor = Instructor::new(catalog.clone(), &plan, &environment);
    let llm = Llm::builtin(Arc::new(toolloom::internals::builtin::Builtin));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut schemas = Schemas(BTreeMap::new());
    let mut seen = 0;
    let mut faults = Vec::new();
    for ordinal in 0..250 {
        let made = runtime.block_on(instructor.make(ordinal, &llm, &mut AskPath::new(ordinal))).unwrap();
        let (Made::Task(task) | Made::Refused { task: Some(task), .. }) = made else { continue };
        for call in &task.reference.as_ref().unwrap().calls {
            let tool = catalog.get(&call.tool).unwrap();
            let text = call.observation.to_string();
            assert!(text.len() <= 8 * 1024, "{} answers {} bytes", tool.name, text.len());
            seen += 1;
            if call.observation.is_null() {
                continue;
            }
            if let Some(fault) = schemas.fault(tool, &call.observation) {
                faults.push(format!("{}: {fault}\n  {text:.300}", tool.name));
            }
        }
    }
    faults.sort();
    faults.dedup_by_key(|f| f.split(':').next().map(str::to_owned));
    assert!(seen > 300, "{seen} calls");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_same_seed_gives_the_same_world_and_another_seed_another() {
    let catalog = catalog();
    let list = tool(&catalog, "google_tasks_tasklists_list");
    let body = |seed| open(&catalog, "google-tasks", seed).call(list, &json!({})).body;
    assert_eq!(body(3), body(3));
    assert_ne!(body(3), body(4));
}

#[test]
fn a_fork_does_not_see_its_siblings_writes() {
    let catalog = catalog();
    let (list, insert) =
        (tool(&catalog, "google_tasks_tasklists_list"), tool(&catalog, "google_tasks_tasklists_insert"));
    let mut world = open(&catalog, "google-tasks", 5);
    let before = world.call(list, &json!({})).body;
    let mut fork = world.clone();
    let made = fork.call(insert, &json!({"title": "Balcony"}));
    assert_eq!(made.status, 200);
    assert_eq!(world.call(list, &json!({})).body, before);
    assert_ne!(fork.call(list, &json!({})).body, before);
    assert!(world.diff().changes.is_empty());
    let diff = fork.diff();
    let [StateChange::Created { id, fields, .. }] = diff.changes.as_slice() else { panic!("{diff:?}") };
    assert_eq!((id.as_str(), &fields["title"]), ("new-1", &json!("Balcony")));
}

#[test]
fn what_is_made_can_be_read_changed_and_removed() {
    let catalog = catalog();
    let mut world = open(&catalog, "google-tasks", 6);
    let id =
        world.call(tool(&catalog, "google_tasks_tasklists_insert"), &json!({"title": "Balcony"})).body["id"]
            .clone();
    let at = json!({"tasklist": id});
    let get = tool(&catalog, "google_tasks_tasklists_get");
    assert_eq!(world.call(get, &at).body["title"], "Balcony");
    world.call(tool(&catalog, "google_tasks_tasklists_patch"), &json!({"tasklist": id, "title": "Terrace"}));
    assert_eq!(world.call(get, &at).body["title"], "Terrace");
    world.call(tool(&catalog, "google_tasks_tasklists_delete"), &at);
    assert_eq!(world.call(get, &at).status, 404);
    assert!(world.diff().changes.is_empty(), "made and removed again is no change");
}

#[test]
fn an_action_shows_no_records_that_it_did_not_make() {
    let catalog = catalog();
    let send = tool(&catalog, "seven_sms_sms");
    for seed in 0..16 {
        let mut world = open(&catalog, "seven-sms", seed);
        let sent = world.call(send, &json!({"to": "+3247000000", "text": "The van is here."})).body;
        assert!(sent["messages"].is_null(), "another message than the one that was sent: {sent}");
    }
}

#[test]
fn errors_have_the_shape_of_the_spec() {
    let catalog = catalog();
    let mut world = open(&catalog, "apideck-issue-tracking", 2);
    let response = world
        .call(tool(&catalog, "apideck_issue_tracking_collections_one"), &json!({"collection_id": "nowhere"}));
    assert_eq!(response.status, 404);
    assert_eq!(response.body["status_code"], 404);
    assert!(response.body["message"].as_str().unwrap().contains("nowhere"), "{}", response.body);
}

#[test]
fn distances_are_those_of_the_real_world() {
    let catalog = catalog();
    let mut world = open(&catalog, "geodb-cities", 1);
    let find = tool(&catalog, "geodb_cities_find_cities");
    let mut id = |name: &str| {
        let body = world.call(find, &json!({"namePrefix": name})).body;
        body["data"][0]["id"].clone()
    };
    let (ghent, maastricht) = (id("Ghent"), id("Maastricht"));
    let arguments = json!({"cityId": ghent, "toCityId": maastricht, "distanceUnit": "KM"});
    let body = world.call(tool(&catalog, "geodb_cities_get_city_distance"), &arguments).body;
    let km = body["data"].as_f64().unwrap();
    assert!((135.0..145.0).contains(&km), "{km}");
}

#[test]
fn holidays_of_another_year_are_that_years() {
    let catalog = catalog();
    let mut world = open(&catalog, "canada-holidays", 1);
    let list = tool(&catalog, "canada_holidays_holidays");
    let body = world.call(list, &json!({"year": 2030})).body;
    let days = body["holidays"].as_array().unwrap();
    let canada_day = days.iter().find(|d| d["nameEn"] == "Canada Day").unwrap();
    assert_eq!(canada_day["date"], "2030-07-01");
}

#[test]
fn every_api_of_the_starter_specs_opens() {
    let catalog = catalog();
    let worlds = Worlds::new(Models::new(Arc::clone(&catalog)));
    let mut apis: Vec<ApiId> = catalog.tools.iter().map(|t| t.api.clone()).collect();
    apis.dedup();
    assert_eq!(apis.len(), 14);
    for api in &apis {
        for seed in 0..3 {
            let world = worlds.open(std::slice::from_ref(api), seed);
            assert_eq!(world.diff().changes.len(), 0);
        }
    }
}

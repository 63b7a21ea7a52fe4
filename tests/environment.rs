//! Sessions over the starter specs: forks are independent, and a tool of an API beside the task's answers as well.

use serde_json::json;
use toolloom::data::{Catalog, Effect, Tool, ToolOutcome, WorldRef};
use toolloom::environment::Environment;

fn catalog() -> Catalog {
    let sets = [String::from("crawl.sources=[apis/google-tasks.json, apis/petstore.json]")];
    let plan = toolloom::config::load(None, &sets, &|_| true).unwrap_or_else(|faults| panic!("{faults}"));
    toolloom::crawl::crawl(&plan.crawl, &plan.limits).expect("the starter specs are read")
}

fn tool<'a>(catalog: &'a Catalog, name: &str) -> &'a Tool {
    catalog.tools.iter().find(|tool| tool.name.as_str() == name).expect(name)
}

#[tokio::test]
async fn a_fork_and_its_original_do_not_see_each_others_writes() {
    let catalog = catalog();
    let environment = Environment::simulated(&catalog, 8192);
    let insert = tool(&catalog, "google_tasks_tasklists_insert");
    assert_eq!(insert.effect, Effect::Writes);
    let world = WorldRef { seed: 5, spec_hash: String::new(), today: String::new() };
    let mut one = environment.session(&world, std::slice::from_ref(&insert.api));
    let other = one.fork().unwrap();
    let before = one.state_key();
    let seen = one.call(insert, &json!({"title": "Allotment"})).await;
    assert_eq!(seen.outcome, ToolOutcome::Ok, "{}", seen.text);
    assert_ne!(one.state_key(), before);
    assert_eq!(other.state_key(), before);
    assert_eq!(one.diff().unwrap().changes.len(), 1);
    assert!(other.diff().unwrap().changes.is_empty());
}

#[tokio::test]
async fn a_tool_of_an_api_beside_the_tasks_answers_and_its_changes_are_seen() {
    let catalog = catalog();
    let environment = Environment::simulated(&catalog, 8192);
    let lists = tool(&catalog, "google_tasks_tasklists_list");
    let add = tool(&catalog, "petstore_add_pet");
    let world = WorldRef { seed: 5, spec_hash: String::new(), today: String::new() };
    let mut session = environment.session(&world, std::slice::from_ref(&lists.api));
    let seen = session.call(add, &json!({"name": "Rex", "photoUrls": []})).await;
    assert_eq!(seen.outcome, ToolOutcome::Ok, "{}", seen.text);
    assert_eq!(session.diff().unwrap().changes.len(), 1);
    assert_eq!(session.call(lists, &json!({})).await.outcome, ToolOutcome::Ok);
}

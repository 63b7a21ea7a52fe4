//! Sessions: those over the starter specs, whose forks are independent, and those outside, whose words are remembered.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use toolloom::config::Plan;
use toolloom::data::{
    ApiId, Catalog, Effect, Part, Stage, StateDiff, TaskContext, Tool, ToolOutcome, WorldRef,
};
use toolloom::internals::builtin::Builtin;
use toolloom::internals::environment::{
    Abilities, Environment, EnvironmentError, EnvironmentOptions, Later, Live, LiveSession, Observation,
    Opening, Session, Start,
};
use toolloom::internals::instruct::{Instructor, Made};
use toolloom::internals::journal::{Journal, Scope};
use toolloom::internals::llm::{AskPath, Llm};

fn plan() -> Plan {
    let sets = [String::from("crawl.sources=[apis/google-tasks.json, apis/petstore.json]")];
    toolloom::config::load(None, &sets, &|_| true).unwrap_or_else(|faults| panic!("{faults}"))
}

fn catalog() -> Arc<Catalog> {
    let plan = plan();
    Arc::new(
        toolloom::internals::crawl::crawl(&plan.crawl, &plan.limits).expect("the starter specs are read"),
    )
}

fn tool<'a>(catalog: &'a Catalog, name: &str) -> &'a Tool {
    catalog.tools.iter().find(|tool| tool.name.as_str() == name).expect(name)
}

async fn session(environment: &Environment, api: &ApiId) -> Session {
    let world = WorldRef { seed: 5, spec_hash: String::new(), today: String::new() };
    let opening = Opening {
        scope: &Scope::Task(5, Vec::new()),
        stage: Stage::Search,
        apis: std::slice::from_ref(api),
        start: Start::Again(Some(&world)),
    };
    environment.open(opening).await.unwrap()
}

#[tokio::test]
async fn a_fork_and_its_original_do_not_see_each_others_writes() {
    let catalog = catalog();
    let environment = Environment::simulated(&catalog, 8192);
    let insert = tool(&catalog, "google_tasks_tasklists_insert");
    assert_eq!(insert.effect, Effect::Writes);
    let mut one = session(&environment, &insert.api).await;
    let mut other = one.fork().await.unwrap();
    let before = one.state().await.unwrap();
    let seen = one.call(insert, &json!({"title": "Allotment"})).await.unwrap();
    assert_eq!(seen.outcome, ToolOutcome::Ok, "{}", seen.text);
    assert_ne!(one.state().await.unwrap(), before);
    assert_eq!(other.state().await.unwrap(), before);
    assert_eq!(one.changes().await.unwrap().changes.len(), 1);
    assert!(other.changes().await.unwrap().changes.is_empty());
}

#[tokio::test]
async fn a_tool_of_an_api_beside_the_tasks_answers_and_its_changes_are_seen() {
    let catalog = catalog();
    let environment = Environment::simulated(&catalog, 8192);
    let lists = tool(&catalog, "google_tasks_tasklists_list");
    let add = tool(&catalog, "petstore_add_pet");
    let mut session = session(&environment, &lists.api).await;
    let seen = session.call(add, &json!({"name": "Rex", "photoUrls": []})).await.unwrap();
    assert_eq!(seen.outcome, ToolOutcome::Ok, "{}", seen.text);
    assert_eq!(session.changes().await.unwrap().changes.len(), 1);
    assert_eq!(session.call(lists, &json!({})).await.unwrap().outcome, ToolOutcome::Ok);
}

#[tokio::test]
async fn a_world_is_the_same_whichever_api_is_needed_first() {
    let catalog = catalog();
    let lists = tool(&catalog, "google_tasks_tasklists_list");
    let find = tool(&catalog, "petstore_find_pets_by_status");
    let seen = async |first: &Tool, second: &Tool| {
        let environment = Environment::simulated(&catalog, 8192);
        let one = session(&environment, &first.api).await.call(first, &json!({})).await.unwrap();
        let other = session(&environment, &second.api).await.call(second, &json!({})).await.unwrap();
        (one, other)
    };
    let (a, b) = seen(lists, find).await;
    let (c, d) = seen(find, lists).await;
    assert_eq!((a, b), (d, c));
}

#[tokio::test]
async fn a_task_that_names_no_world_is_not_played_in_just_any() {
    let environment = Environment::simulated(&catalog(), 8192);
    let scope = Scope::Task(0, Vec::new());
    let opening = Opening { scope: &scope, stage: Stage::Search, apis: &[], start: Start::Again(None) };
    let error = environment.open(opening).await.unwrap_err();
    assert_eq!(error.to_string(), "environment `simulated` cannot play a task that names no world");
}

/// Sessions with pages of their own: a write adds one, a read tells how many there are.
#[derive(Clone, Debug, Default)]
struct Notebook {
    forks: bool,
    pages: usize,
    /// What was done outside, in order.
    log: Arc<Mutex<Vec<String>>>,
}

impl Notebook {
    fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.log.lock().unwrap())
    }
}

impl Live for Notebook {
    fn name(&self) -> String {
        String::from("notebook")
    }
    fn abilities(&self) -> Abilities {
        Abilities { forks: self.forks, tells_state: true, tells_changes: false }
    }
    fn open<'a>(&'a self, _: &'a [ApiId]) -> Later<'a, Box<dyn LiveSession>> {
        self.log.lock().unwrap().push(String::from("open"));
        Box::pin(async { Ok(Box::new(self.clone()) as Box<dyn LiveSession>) })
    }
}

impl LiveSession for Notebook {
    fn call<'a>(&'a mut self, tool: &'a Tool, _: &'a Value) -> Later<'a, Observation> {
        let reads = tool.effect == Effect::Reads;
        self.log.lock().unwrap().push(String::from(if reads { "read" } else { "write" }));
        self.pages += usize::from(!reads);
        let parts = vec![Part::Blob { hash: "ab".into(), media_type: "image/png".into(), bytes: 3 }];
        let text = format!("{} pages {}", self.pages, "and more ".repeat(2000));
        Box::pin(async { Ok(Observation { text, parts, outcome: ToolOutcome::Ok, status: 200 }) })
    }
    fn context(&mut self) -> Later<'_, TaskContext> {
        Box::pin(async { Ok(TaskContext { user: String::from("Ana Ruiz"), ..TaskContext::default() }) })
    }
    fn state(&mut self) -> Later<'_, u64> {
        Box::pin(async { Ok(self.pages as u64) })
    }
    fn fork(&mut self) -> Later<'_, Box<dyn LiveSession>> {
        self.log.lock().unwrap().push(String::from("fork"));
        Box::pin(async { Ok(Box::new(self.clone()) as Box<dyn LiveSession>) })
    }
    fn close(self: Box<Self>) -> Later<'static, ()> {
        self.log.lock().unwrap().push(String::from("close"));
        Box::pin(async { Ok(()) })
    }
}

fn outside(notebook: &Notebook, catalog: &Arc<Catalog>, options: EnvironmentOptions) -> Environment {
    Environment::live(Arc::new(notebook.clone()), catalog, &plan().limits, options)
}

fn remembering(journal: &Journal) -> EnvironmentOptions {
    EnvironmentOptions { journal: Some(journal.clone()), ..EnvironmentOptions::default() }
}

#[tokio::test]
async fn what_a_session_outside_said_is_not_asked_again_and_the_nth_equal_call_has_the_nth_result() {
    let (catalog, journal, notebook) = (catalog(), Journal::in_memory().unwrap(), Notebook::default());
    let list = tool(&catalog, "google_tasks_tasklists_list");
    let insert = tool(&catalog, "google_tasks_tasklists_insert");
    let arguments = json!({"title": "Allotment"});
    let play = async || {
        let mut session = session(&outside(&notebook, &catalog, remembering(&journal)), &list.api).await;
        let mut said = vec![session.context().await.unwrap().user];
        for tool in [list, insert, list, insert, list] {
            let seen = session.call(tool, &arguments).await.unwrap();
            assert!(seen.text.len() <= plan().limits.observation_bytes && !seen.parts.is_empty());
            said.push(seen.text[..7].to_owned());
            said.push(session.state().await.unwrap().to_string());
        }
        session.close().await.unwrap();
        said
    };
    let first = play().await;
    assert_eq!(notebook.take_log(), ["open", "read", "write", "read", "write", "read", "close"]);
    assert_eq!((first[1].as_str(), first[5].as_str(), first[9].as_str()), ("0 pages", "1 pages", "2 pages"));
    assert_eq!(play().await, first);
    assert!(notebook.take_log().is_empty(), "nothing is reached for what is remembered");
}

#[tokio::test]
async fn offline_what_is_remembered_answers_and_what_is_not_is_missing() {
    let (catalog, journal, notebook) = (catalog(), Journal::in_memory().unwrap(), Notebook::default());
    let list = tool(&catalog, "google_tasks_tasklists_list");
    let mut online = session(&outside(&notebook, &catalog, remembering(&journal)), &list.api).await;
    online.call(list, &json!({})).await.unwrap();
    notebook.take_log();
    let options = EnvironmentOptions { offline: true, ..remembering(&journal) };
    let mut offline = session(&outside(&notebook, &catalog, options), &list.api).await;
    assert!(offline.call(list, &json!({})).await.unwrap().text.starts_with("0 pages"));
    let error = offline.call(list, &json!({"maxResults": 3})).await.unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, EnvironmentError::Missing { .. }) && error.leaves_unfinished());
    assert!(text.starts_with("task/5: google_tasks_tasklists_list {\"maxResults\":3} was never"), "{text}");
    assert!(notebook.take_log().is_empty());
}

#[tokio::test]
async fn a_session_whose_state_is_its_own_is_brought_back_to_it_before_anything_new_is_called() {
    let (catalog, journal) = (catalog(), Journal::in_memory().unwrap());
    let list = tool(&catalog, "google_tasks_tasklists_list");
    let insert = tool(&catalog, "google_tasks_tasklists_insert");
    for (forks, log) in [(true, &["open", "write", "read"][..]), (false, &["open", "read"])] {
        let notebook = Notebook { forks, ..Notebook::default() };
        let mut first = session(&outside(&notebook, &catalog, remembering(&journal)), &list.api).await;
        first.call(list, &json!({})).await.unwrap();
        first.call(insert, &json!({})).await.unwrap();
        notebook.take_log();
        let mut again = session(&outside(&notebook, &catalog, remembering(&journal)), &list.api).await;
        again.call(list, &json!({})).await.unwrap();
        again.call(insert, &json!({})).await.unwrap();
        again.call(list, &json!({"new": forks})).await.unwrap();
        assert_eq!(notebook.take_log(), log);
    }
}

#[tokio::test]
async fn a_session_does_only_what_it_says_it_can() {
    let catalog = catalog();
    let notebook = Notebook::default();
    let list = tool(&catalog, "google_tasks_tasklists_list");
    let environment = outside(&notebook, &catalog, EnvironmentOptions::default());
    let mut session = session(&environment, &list.api).await;
    let error = session.fork().await.unwrap_err();
    assert_eq!(error.to_string(), "environment `notebook` cannot copy a session");
    assert!(!error.leaves_unfinished());
    let error: Result<StateDiff, _> = session.changes().await;
    assert!(matches!(error, Err(EnvironmentError::Unable { .. })));
    assert!(session.origin().is_none() && session.into_simulated().is_none());
}

#[tokio::test]
async fn chains_are_not_made_where_no_record_can_be_looked_at_and_the_reason_says_what_to_do() {
    let (plan, catalog) = (plan(), catalog());
    let environment = outside(&Notebook::default(), &catalog, EnvironmentOptions::default());
    let instructor = Instructor::new(catalog, &plan, &environment);
    let llm = Llm::builtin(Arc::new(Builtin));
    let made = instructor.make(0, &llm, &mut AskPath::new(0)).await.unwrap();
    let Made::Refused { task: None, reason } = made else { panic!("{made:?}") };
    assert_eq!(reason.rule, "no_chain");
    assert!(reason.reason.contains("`instruct.strategy: query_first`"), "{}", reason.reason);
}

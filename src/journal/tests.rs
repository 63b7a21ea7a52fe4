//! Tests of the journal.

use super::*;
use crate::data::{ModelRole, ModelUse};
use serde_json::json;

fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run/journal.redb");
    (folder, path)
}

fn key(n: u32) -> Key {
    Key::new(Kind::Reply, &Scope::Task(3, vec![]), "{}", n)
}

fn record(ordinal: u64) -> TaskRecord {
    TaskRecord { ordinal, ..TaskRecord::default() }
}

#[tokio::test]
async fn what_was_put_is_there_after_opening_again() {
    let (_folder, path) = place();
    let identity = json!({"seed": 7});
    let journal = Journal::open(&path, &identity).unwrap();
    assert_eq!(journal.get(&key(0)).unwrap(), None);
    journal.put(Stage::Search, key(0), b"hello").await.unwrap();
    journal.put_task(&record(5)).await.unwrap();
    drop(journal);
    let journal = Journal::open(&path, &identity).unwrap();
    assert_eq!(journal.get(&key(0)).unwrap().as_deref(), Some(&b"hello"[..]));
    assert_eq!(journal.task(5).unwrap(), Some(record(5)));
    assert_eq!(journal.task(4).unwrap(), None);
    assert_eq!(journal.finished().unwrap(), [(5, TaskMark::Unanswered)]);
    let stats = journal.stats().unwrap();
    assert_eq!((stats.effects, stats.tasks, stats.hits), (1, 1, 1));
}

#[tokio::test]
async fn many_writers_share_their_commits() {
    let (_folder, path) = place();
    let journal = Journal::open(&path, &json!({})).unwrap();
    let puts = (0..200).map(|n| journal.put(Stage::Search, key(n), &[0; 2048]));
    for put in futures_util::future::join_all(puts).await {
        put.unwrap();
    }
    let stats = journal.stats().unwrap();
    assert_eq!((stats.writes, stats.effects), (200, 200));
    assert!(stats.commits < 50, "{stats:?}");
}

#[test]
fn another_run_is_refused_and_the_message_names_the_first_difference() {
    let (_folder, path) = place();
    let ours =
        json!({"seed": 7, "search": {"width": 2, "max_depth": 12}, "instruct": {"strategy": "chain_first"}});
    drop(Journal::open(&path, &ours).unwrap());
    let other =
        json!({"instruct": {"strategy": "chain_first"}, "search": {"max_depth": 12, "width": 3}, "seed": 8});
    let error = Journal::open(&path, &other).err().unwrap().to_string();
    assert!(error.contains("`search.width` is 2, this one's is 3"), "{error}");
    assert!(error.contains("another `output`"), "{error}");
    drop(Journal::open(&path, &ours).unwrap());
}

#[test]
fn a_journal_in_use_says_so() {
    let (_folder, path) = place();
    let first = Journal::open(&path, &json!({})).unwrap();
    let error = Journal::open(&path, &json!({})).err().unwrap();
    assert!(matches!(error, JournalError::InUse { .. }), "{error:?}");
    drop(first);
}

#[test]
fn a_file_that_is_no_journal_is_an_error_and_no_panic() {
    let (_folder, path) = place();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, b"not a database, but long enough to look like one".repeat(200)).unwrap();
    let error = Journal::open(&path, &json!({})).err().unwrap();
    assert!(matches!(error, JournalError::Foreign { .. }), "{error:?}");
    std::fs::write(&path, b"").unwrap();
    assert!(matches!(Look::open(&path), Err(JournalError::Foreign { what: "an empty file", .. })));
    std::fs::remove_file(&path).unwrap();
    let other = TableDefinition::<u64, u64>::new("theirs");
    let database = Database::create(&path).unwrap();
    let tx = database.begin_write().unwrap();
    tx.open_table(other).unwrap();
    tx.commit().unwrap();
    drop(database);
    let error = Journal::open(&path, &json!({})).err().unwrap().to_string();
    assert!(error.contains("is no journal but another program's database"), "{error}");
}

#[tokio::test]
async fn forgetting_a_stage_forgets_tasks_and_what_came_later_and_keeps_what_came_before() {
    let (_folder, path) = place();
    let journal = Journal::open(&path, &json!({})).unwrap();
    for (n, stage) in [Stage::Instruct, Stage::Search, Stage::Filter].into_iter().enumerate() {
        journal.put(stage, key(n as u32), &[1]).await.unwrap();
    }
    journal.put_task(&record(0)).await.unwrap();
    journal.forget(Stage::Search).await.unwrap();
    assert!(journal.finished().unwrap().is_empty());
    let left = [0, 1, 2].map(|n| journal.get(&key(n)).unwrap().is_some());
    assert_eq!(left, [true, false, false]);
}

#[tokio::test]
async fn forgetting_what_comes_after_the_search_keeps_the_tasks() {
    let (_folder, path) = place();
    let journal = Journal::open(&path, &json!({})).unwrap();
    journal.put(Stage::Filter, key(0), &[1]).await.unwrap();
    journal.put_task(&record(4)).await.unwrap();
    for stage in [Stage::Shard, Stage::Filter] {
        journal.forget(stage).await.unwrap();
        assert_eq!(journal.finished().unwrap().len(), 1);
    }
    assert_eq!(journal.get(&key(0)).unwrap(), None);
}

#[test]
fn what_is_asked_about_rows_stands_behind_all_tasks_and_depends_on_the_row_alone() {
    let row = |byte| Key::new(Kind::Reply, &Scope::Row([byte; 32]), "{}", 0);
    let last = Key::new(Kind::Reply, &Scope::Task(u64::MAX, vec![]), "{}", 0);
    let run = Key::new(Kind::Page, &Scope::Run, "{}", 0);
    assert!(run < last && last < row(0) && last < row(255));
    assert_ne!(row(0), row(1));
    assert_eq!(row(7), row(7));
    assert_eq!(Scope::Row([0xab; 32]).to_string(), format!("row/{}", "ab".repeat(32)));
    assert_eq!((Key::task_of(row(0).as_bytes()), Key::task_of(run.as_bytes())), (None, None));
    assert_eq!(Key::task_of(key(0).as_bytes()), Some(3));
}

/// A copy of the file taken while it is being written is what a kill would leave.
#[tokio::test]
async fn a_torn_journal_opens_again_with_all_that_was_durable() {
    let (folder, path) = place();
    let journal = Journal::open(&path, &json!({})).unwrap();
    for n in 0..20 {
        journal.put(Stage::Search, key(n), &[7; 3000]).await.unwrap();
    }
    let torn = folder.path().join("torn.redb");
    std::fs::copy(&path, &torn).unwrap();
    drop(journal);
    let journal = Journal::open(&torn, &json!({})).unwrap();
    for n in 0..20 {
        assert!(journal.get(&key(n)).unwrap().is_some(), "{n}");
    }
}

#[test]
fn keys_differ_by_kind_scope_request_and_count() {
    let task = Scope::Task(1, vec![]);
    let base = Key::new(Kind::Reply, &task, "{}", 0);
    assert_eq!(base, Key::new(Kind::Reply, &Scope::Task(1, vec![]), "{}", 0));
    for other in [
        Key::new(Kind::ToolResult, &task, "{}", 0),
        Key::new(Kind::Reply, &Scope::Task(2, vec![]), "{}", 0),
        Key::new(Kind::Reply, &Scope::Task(1, vec![0]), "{}", 0),
        Key::new(Kind::Reply, &Scope::Run, "{}", 0),
        Key::new(Kind::Reply, &task, "{} ", 0),
        Key::new(Kind::Reply, &task, "{}", 1),
    ] {
        assert_ne!(base, other);
    }
}

fn note(task: u64, role: ModelRole, fault: bool) -> Note {
    let used = ModelUse { calls: 1, tokens_in: 100, tokens_out: 10, tokens_cached: 40 };
    Note { task: Some(task), model: "teacher".into(), role, used, fault }
}

#[tokio::test]
async fn a_look_counts_replies_by_role_and_tells_finished_tasks_from_others() {
    let (_folder, path) = place();
    let journal = Journal::open(&path, &json!({"seed": 7})).unwrap();
    journal.put_reply(key(0), &note(3, ModelRole::Writer, false), b"{}").await.unwrap();
    journal.put_reply(key(1), &note(3, ModelRole::Solver, true), b"{}").await.unwrap();
    journal.put_reply(key(2), &note(4, ModelRole::Solver, false), b"{}").await.unwrap();
    let page = Key::new(Kind::Page, &Scope::Run, "{}", 0);
    journal.put(Stage::Crawl, page, b"page").await.unwrap();
    journal.put_task(&record(3)).await.unwrap();
    assert_eq!(journal.get(&key(0)).unwrap().as_deref(), Some(&b"{}"[..]));
    let inside = journal.held().unwrap();
    assert!(matches!(Look::open(&path), Err(JournalError::InUse { .. })));
    drop(journal);

    let look = Look::open(&path).unwrap();
    let held = look.held().unwrap();
    assert!(held.bytes > 0);
    assert_eq!(Held { bytes: 0, ..held.clone() }, inside);
    assert_eq!((held.tasks, held.replies, held.faults, held.pages), (1, 3, 1, 1));
    assert_eq!(held.usage.total().tokens_in, 300);
    assert_eq!(held.unfinished.total().calls, 1);
    let roles: Vec<_> = held.usage.iter().map(|(_, role, used)| (role, used.calls)).collect();
    assert_eq!(roles, [(ModelRole::Writer, 1), (ModelRole::Solver, 2)]);
    assert_eq!(look.tasks().unwrap(), [record(3)]);
    // Two may look at once.
    assert_eq!(Look::open(&path).unwrap().held().unwrap(), held);
}

#[tokio::test]
async fn a_look_at_what_a_kill_left_and_at_nothing() {
    let (folder, path) = place();
    let journal = Journal::open(&path, &json!({})).unwrap();
    journal.put_reply(key(0), &note(0, ModelRole::Judge, false), b"{}").await.unwrap();
    let torn = folder.path().join("torn.redb");
    std::fs::copy(&path, &torn).unwrap();
    drop(journal);
    assert_eq!(Look::open(&torn).unwrap().held().unwrap().replies, 1);
    let nowhere = folder.path().join("nowhere.redb");
    assert!(matches!(Look::open(&nowhere), Err(JournalError::Open { .. })));
    assert!(!nowhere.exists());
}

#[tokio::test]
async fn a_journal_in_memory_remembers_while_it_lives() {
    let journal = Journal::in_memory().unwrap();
    journal.put(Stage::Search, key(0), b"hello").await.unwrap();
    assert_eq!(journal.get(&key(0)).unwrap().as_deref(), Some(&b"hello"[..]));
}

#[tokio::test]
async fn what_is_forgotten_stays_spent() {
    let (_folder, path) = place();
    let journal = Journal::open(&path, &json!({"seed": 7})).unwrap();
    journal.put_reply(key(0), &note(3, ModelRole::Writer, false), b"{}").await.unwrap();
    journal.put_reply(key(1), &note(3, ModelRole::Solver, false), b"{}").await.unwrap();
    journal.forget(Stage::Search).await.unwrap();
    journal.put_reply(key(1), &note(3, ModelRole::Solver, false), b"{}").await.unwrap();
    journal.forget(Stage::Search).await.unwrap();
    drop(journal);
    let held = Look::open(&path).unwrap().held().unwrap();
    assert_eq!((held.replies, held.usage.total().calls), (1, 1));
    assert_eq!((held.forgotten.total().calls, held.spent().total().calls), (2, 3));
    let roles: Vec<_> = held.spent().iter().map(|(_, role, used)| (role, used.calls)).collect();
    assert_eq!(roles, [(ModelRole::Writer, 1), (ModelRole::Solver, 2)]);
}

//! `toolloom journal stats`: what a journal holds, looked at from outside.

#![expect(clippy::unwrap_used, reason = "the helpers of tests may panic")]

use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};
use toolloom::data::{ModelRole, ModelUse, TaskRecord};
use toolloom::internals::journal::{Journal, Key, Kind, Note, Scope};

fn stats(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_toolloom"))
        .args(["journal", "stats"])
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Two replies of a finished task, one of another.
fn journal(folder: &Path) -> Journal {
    let journal = Journal::open(&folder.join("journal.redb"), &json!({"seed": 7})).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let asked = [(0, ModelRole::Writer, false), (0, ModelRole::Solver, true), (1, ModelRole::Solver, false)];
    for (n, (task, role, fault)) in (0..).zip(asked) {
        let used = ModelUse { calls: 1, tokens_in: 1_000_000, tokens_out: 1000, tokens_cached: 0 };
        let note = Note { task: Some(task), model: String::from("teacher"), role, used, fault };
        let key = Key::new(Kind::Reply, &Scope::Task(task, vec![]), "{}", n);
        runtime.block_on(journal.put_reply(key, &note, b"{}")).unwrap();
    }
    runtime.block_on(journal.put_task(&TaskRecord::default())).unwrap();
    journal
}

const PRICED: &str = "models.teacher={provider: openai, base_url: 'http://h/v1', model: m, price_in: 2, price_out: 10, api_key_env: NOT_SET_ANYWHERE}";

#[test]
fn replies_tokens_and_cost_are_told_by_model_role_and_stage() {
    let folder = tempfile::tempdir().unwrap();
    drop(journal(folder.path()));
    let dir = folder.path().display().to_string();

    let output = stats(&[&dir]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    for words in
        ["1 finished", "3, 1 of them of no use", "search", "writer", "teacher", "unfinished", "unknown"]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(said.contains("no price for `teacher`"), "{said}");

    // The pipeline has prices, and its key need not be there.
    let set = format!("output={dir}");
    let output = stats(&["--json", "--set", &set, "--set", PRICED]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&value["replies"], &value["faults"], &value["tasks"]), (&json!(3), &json!(1), &json!(1)));
    assert_eq!(value["spent"]["total"]["cost_usd"], json!(6.03));
    assert_eq!(value["spent"]["by_role"]["solver"]["calls"], json!(2));
    assert_eq!(value["spent"]["by_stage"]["instruct"]["cost_usd"], json!(2.01));
    assert_eq!((&value["finished"]["calls"], &value["unfinished"]["calls"]), (&json!(2), &json!(1)));
    assert!(value["bytes"].as_u64().unwrap() > 0);
}

#[test]
fn a_journal_that_is_not_there_is_not_made_and_one_in_use_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("out").display().to_string();
    let output = stats(&[&dir]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("no run was begun there"), "{}", text(&output.stderr));
    assert!(!folder.path().join("out").exists());

    let held = journal(folder.path());
    let output = stats(&[&folder.path().display().to_string()]);
    assert_eq!(output.status.code(), Some(5));
    assert!(text(&output.stderr).contains("by a run that is still going"), "{}", text(&output.stderr));
    drop(held);
}

//! A run on a priced server: its end, its folder and its journal tell the same spending, and it adds up.

use super::cast;
use super::support::{Answer, Server};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

/// A few small specs: a run of the test build takes a second.
const SPECS: &str = "crawl.sources=[apis/google-tasks.json, apis/petstore.json, apis/geodb-cities.json]";

fn toolloom(words: &[&str], output: &Path, server: &Server, sets: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_toolloom"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(words);
    let url = &server.base_url;
    let model = format!(
        "models.teacher={{provider: openai, base_url: \"{url}\", model: m, price_in: 2, price_out: 10}}"
    );
    for set in
        [SPECS, &model, &format!("output={}", output.display()), "instruct.tasks=16"].iter().chain(sets)
    {
        command.args(["--set", set]);
    }
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn manifest(folder: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join("manifest.json")).unwrap()).unwrap()
}

fn sum(parts: &Value, key: &str) -> u64 {
    parts.as_object().unwrap().values().map(|part| part[key].as_u64().unwrap()).sum()
}

#[test]
fn spending_is_told_at_the_end_and_of_the_folder_and_of_the_journal_alike() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(Duration::ZERO, cast::cast());
    let stopped = toolloom(&["run"], folder.path(), &server, &["limits.calls=30", "limits.open_tasks=8"]);
    assert_eq!(stopped.status.code(), Some(7), "{}", text(&stopped.stderr));

    let done = toolloom(&["run"], folder.path(), &server, &[]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let said = text(&done.stdout);
    assert!(said.contains("US dollars a kept row (") && said.contains("search "), "{said}");
    assert!(!said.contains("beside that"), "every task has its row: {said}");

    let spend = &manifest(folder.path())["spend"];
    let total = &spend["total"];
    for parts in ["by_stage", "by_role", "by_model", "by_outcome"] {
        for key in ["calls", "tokens_in", "tokens_out"] {
            assert_eq!(sum(&spend[parts], key), total[key].as_u64().unwrap(), "{parts}.{key}");
        }
    }
    assert_eq!(total["calls"], server.requests() as u64, "nothing is asked twice");

    let held = toolloom(&["journal", "stats", "--json"], folder.path(), &server, &[]);
    assert_eq!(held.status.code(), Some(0), "{}", text(&held.stderr));
    let held: Value = serde_json::from_slice(&held.stdout).unwrap();
    assert_eq!(held["spent"]["total"], *total);
    assert_eq!((&held["tasks"], &held["unfinished"]["calls"]), (&16.into(), &0.into()));

    let card = std::fs::read_to_string(folder.path().join("README.md")).unwrap();
    assert!(card.contains("## What it cost") && card.contains("| outcome | kept"), "{card}");
}

#[test]
fn attempts_that_were_repeated_are_counted_over_all_sessions() {
    let folder = tempfile::tempdir().unwrap();
    let (cast, asked) = (cast::cast(), std::sync::atomic::AtomicUsize::new(0));
    // Every fifth request is refused for now.
    let server = Server::start(
        Duration::ZERO,
        std::sync::Arc::new(move |body, before| {
            match asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) % 5 {
                4 => Answer::of(503, "busy"),
                _ => cast(body, before),
            }
        }),
    );
    let repeated = || {
        let held = toolloom(&["journal", "stats", "--json"], folder.path(), &server, &[]);
        let held: Value = serde_json::from_slice(&held.stdout).unwrap();
        held["repeated"].as_u64().unwrap()
    };
    let sets = ["limits.backoff_ms=1", "limits.attempts=20"];
    let preview = toolloom(&["preview"], folder.path(), &server, &sets);
    assert_eq!(preview.status.code(), Some(0), "{}", text(&preview.stderr));
    let first = repeated();
    assert!(first > 0);
    let done = toolloom(&["run"], folder.path(), &server, &sets);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    assert_eq!(repeated(), server.requests() as u64 / 5);
    assert!(repeated() > first);
    let told = toolloom(&["journal", "stats"], folder.path(), &server, &[]);
    assert!(text(&told.stdout).contains(&format!("repeated      {} attempts", repeated())));
}

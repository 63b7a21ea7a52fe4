//! `toolloom inspect` and `toolloom export` over a folder that was written by hand.

use crate::samples::Run;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use toolloom::shard;

fn toolloom(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_toolloom")).args(args).output().unwrap()
}

fn stdout(args: &[&str]) -> String {
    let output = toolloom(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn fails(args: &[&str], code: i32) -> String {
    let output = toolloom(args);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{args:?}: {message}");
    message
}

fn written() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    Run::new().write(dir.path()).unwrap();
    dir
}

/// Takes the test's own paths out of a text.
fn plain(dir: &Path, shown: &str) -> String {
    shown.replace(text(dir), "DIR").replace(env!("CARGO_BIN_EXE_toolloom"), "toolloom")
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn inspect_shows_a_run_with_its_funnel_and_reasons() {
    let dir = written();
    let shown = stdout(&["inspect", text(dir.path())])
        .replace(text(dir.path()), "DIR")
        .replace(env!("CARGO_BIN_EXE_toolloom"), "toolloom");
    insta::assert_snapshot!(shown.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}

#[test]
fn inspect_shows_what_was_rejected() {
    let dir = written();
    insta::assert_snapshot!(stdout(&["inspect", text(dir.path()), "--rejected"]));
    let row = stdout(&["inspect", text(dir.path()), "--rejected", "--row", "1"]);
    assert!(row.contains("rejected by filter: facts"), "{row}");
}

#[test]
fn inspect_finds_rows_by_position_and_by_the_beginning_of_their_id() {
    let dir = written();
    let all: Vec<String> =
        (0..4).map(|i| stdout(&["inspect", text(dir.path()), "--row", &i.to_string()])).collect();
    let by_id = stdout(&["inspect", text(dir.path()), "--id", "0000000000000001"]);
    assert!(all.contains(&by_id) && by_id.contains("Nibbles"));
    assert!(fails(&["inspect", text(dir.path()), "--row", "4"], 3).contains("there are 4"));
    assert!(fails(&["inspect", text(dir.path()), "--id", "0000"], 3).contains("4 rows"));
    assert!(fails(&["inspect", text(dir.path()), "--id", "zz"], 3).contains("no row whose id"));
}

#[test]
fn inspect_shows_every_other_table() {
    let dir = written();
    for file in ["catalog", "graph", "tasks", "trees"] {
        let path = dir.path().join(format!("{file}.parquet"));
        let shown = plain(dir.path(), &stdout(&["inspect", text(&path)]));
        insta::with_settings!({snapshot_suffix => file}, { insta::assert_snapshot!(shown) });
        let row = stdout(&["inspect", text(&path), "--row", "0"]);
        assert!(row.contains(if file == "graph" { "rule: " } else { "id: " }), "{row}");
    }
    let trees = dir.path().join("trees.parquet");
    insta::assert_snapshot!("a_tree", stdout(&["inspect", text(&trees), "--row", "1"]));
    let tool =
        stdout(&["inspect", text(&dir.path().join("catalog.parquet")), "--id", "npm/petstore/update_pet"]);
    assert!(tool.contains("method: PUT"), "{tool}");
}

#[test]
fn inspect_shows_an_api_and_a_tool_with_what_feeds_it_and_what_it_feeds() {
    let dir = written();
    let run = text(dir.path());
    insta::assert_snapshot!("an_api", stdout(&["inspect", run, "--api", "tracker"]));
    let catalog = dir.path().join("catalog.parquet");
    let tool = stdout(&["inspect", text(&catalog), "--tool", "tracker_list_tickets"]);
    insta::assert_snapshot!("a_tool", tool);
    let graph = dir.path().join("graph.parquet");
    assert_eq!(tool, stdout(&["inspect", text(&graph), "--tool", "apideck/tracker/list_tickets"]));
    assert!(fails(&["inspect", run, "--tool", "nothing"], 3).contains("no tool whose id or name"));
    assert!(fails(&["inspect", run, "--tool", "_"], 3).contains("give more of it"));
    assert!(fails(&["inspect", run, "--api", "nothing"], 3).contains("no API whose id or name"));
    fs::remove_file(graph).unwrap();
    let lone = stdout(&["inspect", text(&catalog), "--tool", "tracker_list_tickets"]);
    assert!(lone.contains("no graph.parquet beside the catalog"), "{lone}");
}

#[test]
fn inspect_says_what_is_wrong_with_a_path() {
    let dir = tempfile::tempdir().unwrap();
    assert!(fails(&["inspect", text(dir.path())], 3).contains("neither a manifest nor rows"));
    assert!(fails(&["inspect", text(&dir.path().join("nowhere"))], 3).contains("nowhere"));
    let other = dir.path().join("x.parquet");
    fs::write(&other, "no parquet at all").unwrap();
    assert!(fails(&["inspect", text(&other)], 3).contains("not a readable Parquet file"));
}

#[test]
fn inspect_says_that_a_folder_without_manifest_is_unfinished() {
    let dir = written();
    fs::remove_file(dir.path().join(shard::MANIFEST)).unwrap();
    let shown = stdout(&["inspect", text(dir.path())]);
    assert!(shown.starts_with("unfinished") && shown.contains("4 rows"), "{shown}");
}

#[test]
fn export_writes_a_line_a_row_to_a_file_or_to_standard_output() {
    let dir = written();
    let lines = stdout(&["export", text(dir.path()), "--format", "openai"]);
    let rows: Vec<Value> = lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(rows.len(), 4);
    for row in &rows {
        assert_eq!(row.as_object().unwrap().keys().collect::<Vec<_>>(), ["messages", "tools"]);
    }
    let file = dir.path().join("all.jsonl");
    stdout(&["export", text(dir.path()), "-o", text(&file)]);
    assert_eq!(fs::read_to_string(&file).unwrap(), lines);
    let train = stdout(&["export", text(dir.path()), "--split", "train"]);
    let test = stdout(&["export", text(dir.path()), "--split", "test"]);
    assert_eq!(train.lines().count() + test.lines().count(), 4);
}

#[test]
fn export_leaves_no_half_file_and_says_what_is_wrong() {
    let dir = written();
    let file = dir.path().join("out.jsonl");
    let message = fails(&["export", text(dir.path()), "--split", "dev", "-o", text(&file)], 3);
    assert!(message.contains("it has test, train"), "{message}");
    assert!(!file.exists() && !dir.path().join("out.jsonl.part").exists());
    let nowhere = dir.path().join("no/such/folder/out.jsonl");
    assert!(fails(&["export", text(dir.path()), "-o", text(&nowhere)], 6).contains("out.jsonl"));
    let catalog = dir.path().join("catalog.parquet");
    assert!(fails(&["export", text(&catalog)], 3).contains("no conversations"));
    let empty = tempfile::tempdir().unwrap();
    assert!(fails(&["export", text(empty.path())], 3).contains("no rows to export"));
}

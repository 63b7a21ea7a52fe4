//! `--offline` answers from the journal alone, and names the first call that is not there.

use super::cast;
use super::folder::{complete, tables, text, toolloom};
use super::support::{Server, brain};
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

const KEY: &str = "TOOLLOOM_TEST_OFFLINE_KEY";

fn run(folder: &Path, tasks: u32, server: &Server, args: &[&str]) -> Command {
    let model = format!(
        "models.teacher={{provider: openai, base_url: \"{}\", model: m, api_key_env: {KEY}}}",
        server.base_url
    );
    let mut command = toolloom("run", folder, &[&format!("instruct.tasks={tasks}"), &model]);
    command.args(args).env_remove(KEY);
    command
}

fn misses(mut command: Command) -> Output {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(9), "{}", text(&output.stderr));
    output
}

#[test]
fn a_finished_run_is_replayed_from_its_journal_without_server_or_key() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("run");
    let server = Server::start(Duration::ZERO, cast::cast());
    let mut first = run(&at, 10, &server, &[]);
    first.env(KEY, "sk-x");
    complete(first);
    let (asked, before) = (server.requests(), tables(&at));
    let refused = run(&at, 10, &server, &[]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2), "without --offline a key is needed");

    complete(run(&at, 10, &server, &["--offline"]));
    assert!(before == tables(&at));
    // Every task anew, every reply remembered.
    for stage in ["instruct", "search", "filter"] {
        complete(run(&at, 10, &server, &["--offline", "--redo", stage]));
        assert!(before == tables(&at), "--redo {stage}");
    }
    assert_eq!(server.requests(), asked, "nothing is ever sent");
}

#[test]
fn what_is_not_remembered_ends_an_offline_run_that_names_it_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("run");
    let server = Server::start(Duration::ZERO, cast::cast());
    let nothing = misses(run(&at, 10, &server, &["--offline"]));
    let complained = text(&nothing.stderr);
    assert!(complained.contains("task 0: the writer `teacher` was never asked this: "), "{complained}");
    assert_eq!(server.requests(), 0);

    let mut first = run(&at, 6, &server, &[]);
    first.env(KEY, "sk-x");
    complete(first);
    let (asked, before) = (server.requests(), tables(&at));
    for in_flight in ["limits.in_flight=1", "limits.in_flight=64"] {
        let more = misses(run(&at, 40, &server, &["--offline", "--set", in_flight]));
        let complained = text(&more.stderr);
        assert!(complained.contains("error: task 6: the writer `teacher`"), "{complained}");
    }
    assert!(before == tables(&at));
    assert_eq!(server.requests(), asked, "nothing is ever sent");
}

#[test]
fn a_reply_that_was_no_reply_is_replayed_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("run");
    let server = Server::start(Duration::ZERO, brain::always(200, "{\"choices\": []}"));
    let mut first = run(&at, 3, &server, &[]);
    first.env(KEY, "sk-x");
    complete(first);
    let before = tables(&at);
    complete(run(&at, 3, &server, &["--offline", "--redo", "instruct"]));
    assert!(before == tables(&at));
}

//! A target counts kept rows: it is met exactly, at any concurrency; and every ceiling names the command that goes on.

use super::cast;
use super::folder::{complete, tables, text, toolloom};
use super::support::{Answer, Server, brain};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use toolloom::shard::{read_samples, table_files};

/// The setting of a model behind a server.
fn teacher(base_url: &str) -> String {
    format!("models.teacher={{provider: openai, base_url: \"{base_url}\", model: m}}")
}

fn assert_same(one: &Path, other: &Path) {
    let (one, other) = (tables(one), tables(other));
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (path, bytes) in &one {
        assert!(*bytes == other[path], "{} differs", path.display());
    }
}

/// What the manifest counts.
fn counts(run: &Path) -> serde_json::Value {
    let manifest: serde_json::Value =
        serde_json::from_slice(&std::fs::read(run.join("manifest.json")).unwrap()).unwrap();
    manifest["counts"].clone()
}

/// The ids of the kept rows.
fn ids(run: &Path) -> Vec<String> {
    let files = table_files(run, "data").unwrap();
    files.iter().flat_map(|file| read_samples(&file.path).unwrap()).map(|row| row.unwrap().id).collect()
}

#[test]
fn a_target_is_met_exactly_whatever_runs_at_once_and_a_higher_one_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let target = |rows: u64| format!("target={{rows: {rows}}}");
    complete(toolloom("run", &at("one"), &[&target(20), "limits.in_flight=1"]));
    let output = complete(toolloom("run", &at("many"), &[&target(20), "limits.in_flight=32"]));
    assert_same(&at("one"), &at("many"));
    assert_eq!(counts(&at("one"))["rows"], 20);
    let said = text(&output.stdout);
    assert!(said.contains("the target of 20 kept rows is met by the first "), "{said}");

    // Waves hang on the target, the rows do not: what was made for a lower one is used for a higher one.
    let before = ids(&at("one"));
    assert_eq!(before.len(), 20);
    complete(toolloom("run", &at("one"), &[&target(33), "limits.in_flight=8"]));
    complete(toolloom("run", &at("more"), &[&target(33)]));
    assert_same(&at("one"), &at("more"));
    assert_eq!(counts(&at("one"))["rows"], 33);
    let after = ids(&at("one"));
    assert!(before.iter().all(|id| after.contains(id)), "a row is gone");
    // A lower target is a prefix again.
    complete(toolloom("run", &at("one"), &[&target(20)]));
    assert_same(&at("one"), &at("many"));
}

#[test]
fn a_yield_under_the_floor_gives_the_target_up_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let server = Server::start(Duration::ZERO, brain::always(200, "{\"choices\": []}"));
    let sets = ["target={rows: 60, yield_min: 0.1}", &teacher(&server.base_url)];
    let output = toolloom("run", &run, &sets).output().unwrap();
    let complained = text(&output.stderr);
    assert_eq!(output.status.code(), Some(8), "{complained}");
    assert!(
        complained.contains("0 rows kept of 60 tasks are fewer than `target.yield_min` (0.1 a task)"),
        "{complained}"
    );
    // Nothing is kept, so no floor would let the run end.
    assert!(complained.contains(" --rejected` says why rows were dropped: "), "{complained}");
    assert!(!complained.contains("to go on: "), "{complained}");
    assert_eq!(counts(&run)["rejected"], 60, "nothing is lost silently");
}

#[test]
fn a_run_until_the_search_makes_no_row_and_claims_none() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = toolloom("run", folder.path(), &["target={rows: 4}"]);
    command.args(["--until", "search"]);
    let complained = text(&complete(command).stderr);
    assert!(
        complained.contains("stopped after search, as asked: 16 of 16 tasks are finished"),
        "{complained}"
    );
    assert!(complained.contains("to go on: ") && !complained.contains("--until"), "{complained}");
}

#[test]
fn at_a_ceiling_the_printed_command_goes_on_and_asks_nothing_again() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let server = Server::start(Duration::ZERO, cast::cast());
    let model = teacher(&server.base_url);
    let sets = ["target={rows: 12}", "limits.in_flight=2", "limits.tokens=20000", &model];
    let output = toolloom("run", &run, &sets).output().unwrap();
    let complained = text(&output.stderr);
    assert_eq!(output.status.code(), Some(7), "{complained}");
    assert!(complained.contains(" of 12 rows are kept, "), "{complained}");
    let command = complained.lines().find_map(|line| line.strip_prefix("to go on: ")).unwrap();
    assert!(command.ends_with(" --set limits.tokens=40000"), "{command}");
    assert!(!command.contains("limits.tokens=20000"), "{command}");

    let raised = command.replace("limits.tokens=40000", "limits.tokens=4000000");
    let mut shell = Command::new("sh");
    shell.current_dir(env!("CARGO_MANIFEST_DIR")).args(["-c", &raised]);
    complete(shell);
    assert_eq!(counts(&run)["rows"], 12);
    assert!(server.seen().values().all(|count| *count == 1), "nothing is asked twice");

    let whole = folder.path().join("whole");
    complete(toolloom("run", &whole, &["target={rows: 12}", &model]));
    assert_same(&whole, &run);
}

#[test]
fn a_session_that_takes_too_long_ends_cleanly_and_the_same_command_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let server = Server::start(Duration::from_millis(100), cast::cast());
    let model = teacher(&server.base_url);
    let sets = ["instruct.tasks=100000", "limits.in_flight=2", "limits.wall_s=2", &model];
    let output = toolloom("run", &run, &sets).output().unwrap();
    let complained = text(&output.stderr);
    assert_eq!(output.status.code(), Some(7), "{complained}");
    assert!(complained.contains("`limits.wall_s` is reached: 2 seconds"), "{complained}");
    assert!(complained.contains("note: the time of `limits.wall_s` is up"), "{complained}");
    let command = complained.lines().find_map(|line| line.strip_prefix("to go on: ")).unwrap();
    assert!(command.contains("limits.wall_s=2"), "{command}");

    complete(toolloom("run", &run, &["instruct.tasks=4", &model]));
    assert!(server.seen().values().all(|count| *count == 1), "what was asked is remembered");
    assert!(tables(&run).len() >= 4);
}

#[test]
fn a_slow_model_never_blocks_tasks_that_wait_for_another() {
    let folder = tempfile::tempdir().unwrap();
    let cast = cast::cast();
    let worded = Arc::new(AtomicUsize::new(0));
    let (count, writes) = (Arc::clone(&worded), Arc::clone(&cast));
    let writer = Server::start(
        Duration::ZERO,
        Arc::new(move |body, before| {
            count.fetch_add(1, Ordering::SeqCst);
            writes(body, before)
        }),
    );
    // The solver says nothing until many more tasks are worded than may be worked on at once.
    let seen = Arc::clone(&worded);
    let solver = Server::start(
        Duration::ZERO,
        Arc::new(move |body, before| {
            for _ in 0..6000 {
                if seen.load(Ordering::SeqCst) >= 8 {
                    return cast(body, before);
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            Answer::of(400, "only two tasks were begun")
        }),
    );
    let slow = teacher(&solver.base_url).replace("models.teacher", "models.slow");
    let sets = [
        "instruct.tasks=12",
        "limits.in_flight=2",
        "limits.attempts=1",
        &teacher(&writer.base_url),
        &slow,
        "roles.solver=slow",
    ];
    complete(toolloom("run", &folder.path().join("run"), &sets));
    assert!(writer.most_in_flight() <= 2 && solver.most_in_flight() <= 2);
}

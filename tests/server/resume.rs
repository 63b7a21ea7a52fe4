//! Same bytes: whatever the concurrency, however often a run is killed; and nothing remembered is asked again.

use super::cast;
use super::folder::{complete, tables, toolloom};
use super::support::{Answer, Server, brain};
use std::hash::{BuildHasher, Hasher};
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

const KILLS: usize = 10;
const IN_FLIGHT: usize = 8;

fn command(output: &Path, tasks: u32, in_flight: usize, server: Option<&Server>) -> Command {
    let mut sets = vec![format!("instruct.tasks={tasks}"), format!("limits.in_flight={in_flight}")];
    sets.extend(server.map(|server| {
        format!("models.teacher={{provider: openai, base_url: \"{}\", model: m}}", server.base_url)
    }));
    let sets: Vec<&str> = sets.iter().map(String::as_str).collect();
    let mut command = toolloom("run", output, &sets);
    command.arg("--quiet");
    command
}

fn assert_same(one: &Path, other: &Path) {
    let (one, other) = (tables(one), tables(other));
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (path, bytes) in &one {
        assert!(*bytes == other[path], "{} differs", path.display());
    }
}

/// Lets a run go on for a random while, then kills it as `kill -9` does. Returns whether it had ended by itself.
fn kill_after(mut child: Child, most: Duration) -> bool {
    let chance = std::hash::RandomState::new().build_hasher().finish();
    std::thread::sleep(Duration::from_micros(chance % most.as_micros() as u64));
    let ended = child.try_wait().unwrap().is_some();
    child.kill().unwrap();
    child.wait().unwrap();
    ended
}

#[test]
fn concurrency_and_kills_change_no_byte_and_ask_nothing_twice_with_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (tasks, delay) = (24, Duration::from_millis(15));

    let server = Server::start(Duration::ZERO, cast::cast());
    complete(command(&at("one"), tasks, 1, Some(&server)));
    assert_eq!(server.most_in_flight(), 1);
    let asked = server.seen();
    assert!(asked.values().all(|count| *count == 1), "no request is made twice");

    complete(command(&at("many"), tasks, 64, Some(&server)));
    assert_same(&at("one"), &at("many"));
    assert_eq!(server.seen().keys().collect::<Vec<_>>(), asked.keys().collect::<Vec<_>>());

    // Runs are timed so that the kills fall all over one.
    let server = Server::start(delay, cast::cast());
    let begun = std::time::Instant::now();
    complete(command(&at("timed"), tasks, IN_FLIGHT, Some(&server)));
    let whole = begun.elapsed();
    let server = Server::start(delay, cast::cast());
    let mut again = 0;
    for _ in 0..KILLS {
        let before = server.seen();
        kill_after(command(&at("killed"), tasks, IN_FLIGHT, Some(&server)).spawn().unwrap(), whole);
        let repeated =
            server.seen().iter().filter(|(body, n)| before.get(*body).is_some_and(|m| m < n)).count();
        assert!(repeated <= IN_FLIGHT, "{repeated} requests were asked again after one kill");
        again += repeated;
    }
    complete(command(&at("killed"), tasks, IN_FLIGHT, Some(&server)));
    assert_same(&at("one"), &at("killed"));
    let seen = server.seen();
    assert_eq!(seen.keys().collect::<Vec<_>>(), asked.keys().collect::<Vec<_>>());
    assert!(server.requests() <= asked.len() + KILLS * IN_FLIGHT, "{again} asked again");

    // A finished run asks nothing and changes nothing.
    complete(command(&at("killed"), tasks, IN_FLIGHT, Some(&server)));
    assert_eq!(server.seen(), seen);
    assert_same(&at("one"), &at("killed"));
}

#[test]
fn concurrency_and_kills_change_no_byte_with_the_built_in_model() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let tasks = 24;
    let begun = std::time::Instant::now();
    complete(command(&at("one"), tasks, 1, None));
    let whole = begun.elapsed();
    complete(command(&at("many"), tasks, 64, None));
    assert_same(&at("one"), &at("many"));
    for _ in 0..KILLS {
        kill_after(command(&at("killed"), tasks, IN_FLIGHT, None).spawn().unwrap(), whole);
    }
    complete(command(&at("killed"), tasks, IN_FLIGHT, None));
    assert_same(&at("one"), &at("killed"));
}

#[test]
fn more_tasks_keep_the_finished_ones_and_ask_only_for_the_new() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let server = Server::start(Duration::ZERO, cast::cast());
    complete(command(&run, 10, 8, Some(&server)));
    let first = server.seen();
    complete(command(&run, 20, 8, Some(&server)));
    let seen = server.seen();
    assert!(seen.len() > first.len());
    assert!(seen.values().all(|count| *count == 1));
}

#[test]
fn a_server_that_dies_leaves_tasks_unfinished_and_the_next_run_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let whole = folder.path().join("whole");
    let good = Server::start(Duration::ZERO, cast::cast());
    complete(command(&whole, 12, 4, Some(&good)));

    // Serves a few requests, then fails for ever.
    let cast = cast::cast();
    let served = std::sync::atomic::AtomicUsize::new(0);
    let dying = Server::start(
        Duration::ZERO,
        std::sync::Arc::new(move |body, before| {
            match served.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
                0..9 => cast(body, before),
                _ => Answer::of(503, "going down"),
            }
        }),
    );
    let mut first = command(&run, 12, 4, Some(&dying));
    first.args(["--set", "limits.attempts=1"]);
    let output = first.output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("does not serve: status 503: going down"), "{text}");
    assert_eq!(text.matches("error:").count(), 1, "{text}");

    // Another server at another address is the same run.
    complete(command(&run, 12, 4, Some(&good)));
    assert_same(&whole, &run);
}

#[test]
fn a_wrong_key_is_one_error_and_leaves_nothing_behind_that_holds_it() {
    let folder = tempfile::tempdir().unwrap();
    let server =
        Server::start(Duration::ZERO, brain::always(401, r#"{"error": {"message": "no such key"}}"#));
    let mut run = command(&folder.path().join("run"), 12, 4, None);
    run.env("TOOLLOOM_TEST_KEY", "sk-very-secret");
    run.args([
        "--set",
        &format!(
            "models.teacher={{provider: openai, base_url: \"{}\", model: m, api_key_env: TOOLLOOM_TEST_KEY}}",
            server.base_url
        ),
    ]);
    let output = run.output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("no such key") && text.contains("TOOLLOOM_TEST_KEY"), "{text}");
    assert_eq!(text.matches("error:").count(), 1, "{text}");
    assert!(server.keys().iter().all(|key| key == "Bearer sk-very-secret"));
    let journal = std::fs::read(folder.path().join("run/journal.redb")).unwrap();
    assert!(!journal.windows(14).any(|window| window == b"sk-very-secret") && !text.contains("sk-very"));
}

#[test]
fn replies_that_hold_none_are_counted_rejections() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let server = Server::start(Duration::ZERO, brain::always(200, "{\"choices\": []}"));
    complete(command(&run, 6, 4, Some(&server)));
    let manifest: serde_json::Value =
        serde_json::from_slice(&std::fs::read(run.join("manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["counts"]["rows"], 0);
    let instruct = &manifest["funnel"]["stages"][1];
    assert_eq!(instruct["entered"], 6, "{instruct}");
    assert_eq!(instruct["kept"], 0, "{instruct}");
}

#[test]
fn ctrl_c_stops_cleanly_and_the_next_run_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let server = Server::start(Duration::from_millis(40), cast::cast());
    let child = command(&run, 30, 2, Some(&server)).spawn().unwrap();
    while server.requests() < 40 {
        std::thread::sleep(Duration::from_millis(5));
    }
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("to go on:"), "{text}");
    let rows = rows_of(&run);
    assert!((1..30).contains(&rows), "the finished prefix is written: {rows}");
    complete(command(&run, 30, 2, Some(&server)));
    assert!(server.seen().values().all(|count| *count == 1), "nothing was lost");
    let whole = folder.path().join("whole");
    complete(command(&whole, 30, 8, Some(&server)));
    assert_same(&whole, &run);
}

#[test]
fn a_ceiling_ends_the_run_with_the_rows_that_are_paid() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let server = Server::start(Duration::ZERO, cast::cast());
    let mut first = command(&run, 60, 1, Some(&server));
    // A call costs 110 tokens and may cost several thousand.
    first.args(["--set", "limits.tokens=16000"]);
    let output = first.output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(7), "{text}");
    assert!(text.contains("limits.tokens"), "{text}");
    assert!(server.requests() * 110 <= 16000);
    let rows = rows_of(&run);
    assert!((1..60).contains(&rows), "{rows}");
    // What is spent stays spent.
    let asked = server.requests();
    let mut second = command(&run, 60, 1, Some(&server));
    second.args(["--set", "limits.tokens=16000"]);
    assert_eq!(second.output().unwrap().status.code(), Some(7));
    assert!(server.requests() <= asked + 2);
    complete(command(&run, 30, 8, Some(&server)));
    assert!(server.seen().values().all(|count| *count == 1));
}

#[test]
fn until_ends_early_and_redo_asks_one_stage_again() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let server = Server::start(Duration::ZERO, cast::cast());
    let mut instruct = command(&run, 8, 4, Some(&server));
    instruct.args(["--until", "instruct"]);
    complete(instruct);
    let written = server.seen();
    assert!(!run.join("manifest.json").exists());
    complete(command(&run, 8, 4, Some(&server)));
    let before = tables(&run);
    let solved: Vec<String> = server.seen().into_keys().filter(|body| !written.contains_key(body)).collect();
    assert!(!solved.is_empty() && server.seen().values().all(|count| *count == 1));

    let mut redo = command(&run, 8, 4, Some(&server));
    redo.args(["--redo", "search"]);
    complete(redo);
    for (body, count) in server.seen() {
        assert_eq!(count, if written.contains_key(&body) { 1 } else { 2 });
    }
    assert!(before == tables(&run), "the same replies make the same rows");

    // What was forgotten is spent all the same: the ceiling holds it.
    let asked = server.requests();
    let mut capped = command(&run, 8, 4, Some(&server));
    capped.args(["--redo", "search", "--set", &format!("limits.calls={asked}")]);
    let output = capped.output().unwrap();
    assert_eq!(output.status.code(), Some(7), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(server.requests(), asked, "more is asked than may be");
}

#[test]
fn a_run_until_a_stage_that_ends_at_a_ceiling_says_so_and_writes_no_rows() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(Duration::ZERO, cast::cast());
    for (stage, calls) in [("instruct", "limits.calls=10"), ("search", "limits.calls=40")] {
        let run = folder.path().join(stage);
        let mut command = command(&run, 60, 4, Some(&server));
        command.args(["--until", stage, "--set", calls]);
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(7), "{text}");
        assert!(text.contains("`limits.calls` is reached") && text.contains("to go on: "), "{text}");
        assert!(!run.join("manifest.json").exists(), "{stage}");
    }
}

/// Kept and rejected rows together.
fn rows_of(run: &Path) -> u64 {
    let manifest: serde_json::Value =
        serde_json::from_slice(&std::fs::read(run.join("manifest.json")).unwrap()).unwrap();
    let counts = &manifest["counts"];
    counts["rows"].as_u64().unwrap() + counts["rejected"].as_u64().unwrap()
}

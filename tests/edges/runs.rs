//! Runs over tools outside: finished at once, broken off and gone on with, offline, and with tools that do not answer.

use super::outside::{Fault, Server};
use super::tables::tables;
use std::path::Path;
use toolloom::config::Plan;
use toolloom::data::Stage;
use toolloom::monitor::Monitor;
use toolloom::pipeline::{End, Options, Outcome, run};

const TASKS: u64 = 60;

fn plan(output: &Path, sets: &[&str]) -> Plan {
    let fixed = [
        String::from("crawl.sources=[apis/google-tasks.json, apis/petstore.json, apis/seven-sms.json]"),
        String::from("instruct.strategy=query_first"),
        format!("instruct.tasks={TASKS}"),
        format!("output={}", output.display()),
    ];
    let sets: Vec<String> = fixed.into_iter().chain(sets.iter().map(ToString::to_string)).collect();
    toolloom::config::load(None, &sets, &|_| true).unwrap_or_else(|faults| panic!("{faults}"))
}

fn play(output: &Path, server: &Server, fault: Fault, sets: &[&str]) -> Outcome {
    let options = Options { environment: Some(server.environment(fault)), ..Options::default() };
    play_with(output, options, sets)
}

fn play_with(output: &Path, options: Options, sets: &[&str]) -> Outcome {
    let (_stay, stop) = tokio::sync::watch::channel(false);
    run(&plan(output, sets), &options, &Monitor::silent(), stop).unwrap()
}

fn assert_same(one: &Path, other: &Path) {
    let (one, other) = (tables(one), tables(other));
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (path, bytes) in &one {
        assert!(*bytes == other[path], "{} differs", path.display());
    }
}

#[test]
fn an_environment_that_fails_in_the_middle_leaves_tasks_unfinished_and_no_call_is_made_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, broken) = (folder.path().join("whole"), folder.path().join("broken"));
    let first = Server::start();
    let outcome = play(&whole, &first, Fault::None, &[]);
    assert_eq!((outcome.end, outcome.finished), (End::Done, TASKS));
    assert!(first.calls() > 12, "{} calls", first.calls());

    let second = Server::start();
    let outcome = play(&broken, &second, Fault::GoneAfter(first.calls() / 2), &[]);
    let End::Unreachable(why) = outcome.end else { panic!("{:?}", outcome.end) };
    assert!(why.starts_with("environment `loopback` does not serve: "), "{why}");
    assert!(why.ends_with(": connection refused"), "{why}");
    assert!(outcome.finished > 0 && outcome.unfinished > 0);
    assert_eq!(outcome.finished + outcome.unfinished, TASKS);

    let outcome = play(&broken, &second, Fault::None, &["limits.in_flight=1"]);
    assert_eq!((outcome.end, outcome.finished, outcome.unfinished), (End::Done, TASKS, 0));
    assert_eq!(second.seen(), first.seen(), "what was called once is remembered");
    assert_same(&whole, &broken);
}

#[test]
fn a_finished_run_over_tools_outside_is_made_again_offline_without_them() {
    let folder = tempfile::tempdir().unwrap();
    let (one, again) = (folder.path().join("one"), folder.path().join("again"));
    let server = Server::start();
    play(&one, &server, Fault::None, &[]);
    play(&again, &server, Fault::None, &[]);
    let before = server.seen();
    let options = Options {
        offline: true,
        redo: Some(Stage::Search),
        environment: Some(server.environment(Fault::GoneAfter(0))),
        ..Options::default()
    };
    assert_eq!(play_with(&again, options, &[]).end, End::Done);
    assert_eq!(server.seen(), before);
    assert_same(&one, &again);
}

#[test]
fn a_call_that_is_never_answered_ends_with_its_time_and_holds_up_no_other_task() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, slow) = (folder.path().join("whole"), folder.path().join("slow"));
    let first = Server::start();
    play(&whole, &first, Fault::None, &[]);
    let second = Server::start();
    // Two of these tasks call in vain; four in a row would end the run.
    let outcome = play(&slow, &second, Fault::SilentFor(2), &["limits.timeout_ms=400"]);
    let End::Unreachable(why) = outcome.end else { panic!("{:?}", outcome.end) };
    assert!(why.ends_with("nothing was said within 400 ms (`limits.timeout_ms`)"), "{why}");
    assert!(matches!(outcome.unfinished, 1..=2), "{} unfinished", outcome.unfinished);
    assert_eq!(outcome.finished + outcome.unfinished, TASKS);
    let outcome = play(&slow, &second, Fault::None, &[]);
    assert_eq!((outcome.end, outcome.finished), (End::Done, TASKS));
    assert_eq!(second.seen(), first.seen());
    assert_same(&whole, &slow);
}

#[test]
fn a_run_is_not_gone_on_with_in_another_environment() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start();
    play(folder.path(), &server, Fault::None, &[]);
    let (_stay, stop) = tokio::sync::watch::channel(false);
    let simulated = run(&plan(folder.path(), &[]), &Options::default(), &Monitor::silent(), stop);
    let text = simulated.unwrap_err().to_string();
    assert!(text.contains("environment") && text.contains("loopback"), "{text}");
}

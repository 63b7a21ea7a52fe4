//! What asks a process to end ends a run and a preview cleanly: what was asked is received and remembered.
#![cfg(unix)]

use super::cast;
use super::folder::{complete, text, toolloom};
use super::support::Server;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

fn server() -> Server {
    Server::start(Duration::from_millis(40), cast::cast())
}

fn command(subcommand: &str, output: &Path, server: &Server) -> Command {
    let model = format!("models.teacher={{provider: openai, base_url: \"{}\", model: m}}", server.base_url);
    toolloom(subcommand, output, &["limits.in_flight=2", "instruct.tasks=12", &model])
}

/// Begins a command and sends it a signal once so many requests are made.
fn interrupted(mut command: Command, signal: &str, server: &Server, requests: usize) -> Output {
    let child = command.spawn().unwrap();
    while server.requests() < requests {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    child.wait_with_output().unwrap()
}

/// Tells whether these tests themselves run under something like `nohup`, which their children inherit.
fn ignores_hangups() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap_or_default();
    u64::from_str_radix(mask.trim(), 16).unwrap_or_default() & 1 == 1
}

#[test]
fn every_signal_that_asks_a_run_to_end_loses_no_reply() {
    let folder = tempfile::tempdir().unwrap();
    for signal in ["-TERM", "-HUP"] {
        if signal == "-HUP" && ignores_hangups() {
            continue;
        }
        let (at, server) = (folder.path().join(signal), server());
        let output = interrupted(command("run", &at, &server), signal, &server, 10);
        let complained = text(&output.stderr);
        assert_eq!(output.status.code(), Some(130), "{signal}: {complained}");
        assert!(complained.contains("stopping: ") && complained.contains("to go on: "), "{complained}");
        let paid = server.requests();
        complete(command("run", &at, &server));
        assert!(server.requests() > paid, "it was in the midst of it");
        assert!(server.seen().values().all(|count| *count == 1), "{signal}: a reply was lost");
    }
}

#[test]
fn a_second_signal_ends_a_run_at_once_but_for_a_terminal_that_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let slow = Server::start(Duration::from_secs(3600), cast::cast());
    let child = command("run", folder.path(), &slow).spawn().unwrap();
    while slow.most_in_flight() == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let kill = |signal: &str| Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    // The kernel and the shell may both send it.
    for signal in ["-TERM", "-HUP", "-HUP"] {
        kill(signal);
        std::thread::sleep(Duration::from_millis(200));
    }
    let is_there = kill("-0").success();
    kill("-TERM");
    let output = child.wait_with_output().unwrap();
    let complained = text(&output.stderr);
    assert!(is_there, "{complained}");
    assert_eq!(output.status.code(), Some(130), "{complained}");
    assert!(complained.contains("stopped at once"), "{complained}");
}

#[test]
fn a_run_that_is_to_outlive_its_terminal_does() {
    let folder = tempfile::tempdir().unwrap();
    let server = server();
    let plain = command("run", folder.path(), &server);
    let mut deaf = Command::new("sh");
    deaf.args(["-c", "trap '' HUP; exec \"$0\" \"$@\""]).arg(plain.get_program()).args(plain.get_args());
    deaf.current_dir(plain.get_current_dir().unwrap());
    deaf.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let output = interrupted(deaf, "-HUP", &server, 10);
    // Where the system does not say what is ignored, it is heard.
    if Path::new("/proc/self/status").exists() {
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    }
}

#[test]
fn a_preview_that_is_stopped_remembers_what_it_was_told_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    for signal in ["-INT", "-TERM"] {
        let (at, server) = (folder.path().join(signal), server());
        let output = interrupted(command("preview", &at, &server), signal, &server, 5);
        let (shown, complained) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(130), "{signal}: {complained}");
        assert!(complained.contains("stopping: ") && complained.contains("goes on"), "{complained}");
        assert!(shown.contains("left unfinished here") && shown.contains("what it cost"), "{shown}");
        let paid = server.requests();
        complete(command("preview", &at, &server));
        assert!(server.requests() > paid, "it was in the midst of it");
        assert!(server.seen().values().all(|count| *count == 1), "{signal}: a reply was lost");
    }
}

#[test]
fn a_previews_time_is_limited_as_a_runs_is() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(Duration::from_millis(400), cast::cast());
    let mut short = command("preview", folder.path(), &server);
    short.args(["--set", "limits.wall_s=1", "-n", "12"]);
    let output = short.output().unwrap();
    let complained = text(&output.stderr);
    assert_eq!(output.status.code(), Some(7), "{complained}");
    assert!(complained.contains("`limits.wall_s` is reached"), "{complained}");
    let paid = server.seen();
    assert!(!paid.is_empty(), "something was asked");
    complete(command("preview", folder.path(), &server));
    let again = server.seen();
    assert!(paid.keys().all(|body| again[body] == 1), "a reply was lost");
}

//! What is spent: never beyond a ceiling by more than the calls in flight, and never twice for the same.

use crate::binary::{Ended, KEY_ENV, assert_same, begin, complete, manifest, run, wait};
use crate::faults::{FAIR, Weather};
use crate::server::{Room, room};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const TASKS: &str = "instruct.tasks=24";
const IN_FLIGHT: u64 = 8;

fn spend(folder: &Path, room: &Room, ceiling: &str) -> Ended {
    let in_flight = format!("limits.in_flight={IN_FLIGHT}");
    // No more tasks than that are begun, so that some end before the ceiling is reached.
    complete(&mut run(folder, &room.base_url, &[TASKS, &in_flight, "limits.open_tasks=8", ceiling]))
}

/// Most tokens that the calls in flight can have cost.
fn in_flight(room: &Room) -> u64 {
    IN_FLIGHT * room.book().values().map(|asked| asked.tokens).max().unwrap_or_default()
}

/// Ends at a ceiling as it should: with its own exit code, rows of what is done, and how to go on.
fn assert_ended_at(ended: &Ended, folder: &Path, limit: &str) {
    assert_eq!(ended.code, Some(7), "{}", ended.err);
    assert!(ended.err.contains(limit), "{}", ended.err);
    let manifest = manifest(folder).expect("the rows of the finished prefix are written");
    manifest.funnel.check().unwrap();
    let counts = &manifest.counts;
    assert!((1..24).contains(&counts.tasks), "{counts:?}");
    assert_eq!(counts.rows + counts.rejected, counts.tasks);
}

/// Runs what a run printed, as a shell would, and what that prints in turn: each names a ceiling twice as high.
fn go_on(mut ended: Ended) {
    for _ in 0..8 {
        let line = ended.err.lines().find_map(|line| line.trim().strip_prefix("to go on: "));
        let mut shell = Command::new("sh");
        shell.current_dir(env!("CARGO_MANIFEST_DIR")).env(KEY_ENV, "sk-not-of-interest");
        ended = wait(begin(shell.args(["-c", line.expect("how to go on")])));
        match ended.code {
            Some(0) => return,
            code => assert_eq!(code, Some(7), "{}", ended.err),
        }
    }
    panic!("what it says to go on with ends at the ceiling again: {}", ended.err);
}

#[test]
fn a_ceiling_ends_a_run_cleanly_and_a_raised_one_goes_on_with_nothing_asked_twice() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let whole = room(FAIR);
    assert_eq!(spend(&at("whole"), &whole, "limits.tokens=null").code, Some(0));
    let half = whole.tokens() / 2;
    for (limit, of) in [("limits.tokens", 1.0), ("limits.cost_usd", 1e-6)] {
        let room = room(FAIR);
        let (run, ceiling) = (at(limit), format!("{limit}={}", half as f64 * of));
        let first = spend(&run, &room, &ceiling);
        assert_ended_at(&first, &run, limit);
        assert!(
            room.tokens() <= half,
            "{} of {half}: each call takes before it what it may cost",
            room.tokens()
        );
        // The same again spends no more than is left.
        for _ in 0..2 {
            assert_ended_at(&spend(&run, &room, &ceiling), &run, limit);
        }
        assert!(room.tokens() <= half, "{} of {half} after going on", room.tokens());
        go_on(first);
        assert!(room.book().values().all(|asked| asked.times == 1), "nothing is asked twice");
        assert_same(&at("whole"), &run);
    }
}

#[test]
fn a_server_that_counts_more_than_was_taken_exceeds_a_ceiling_by_the_calls_in_flight_at_most() {
    let folder = tempfile::tempdir().unwrap();
    let heavy = Weather { heaviness: 20, ..FAIR };
    for (name, weather) in [("fair", heavy), ("foul", Weather { passing: 10, lasting: 10, ..heavy })] {
        let (run, room) = (folder.path().join(name), room(weather));
        let ceiling = 1_000_000;
        let ended = spend(&run, &room, &format!("limits.tokens={ceiling}"));
        assert_eq!(ended.code, Some(7), "{}", ended.err);
        let (spent, most) = (room.tokens(), ceiling + in_flight(&room));
        assert!(spent <= most, "{spent} of {ceiling}, at most {most}");
    }
}

#[test]
fn calls_and_single_roles_have_ceilings_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let whole = room(FAIR);
    assert_eq!(spend(&at("whole"), &whole, "limits.calls=null").code, Some(0));
    let (calls, tokens) = (whole.requests() as u64 / 2, whole.tokens() / 2);
    for (name, ceiling) in [
        ("limits.calls", format!("limits.calls={calls}")),
        ("limits.roles.solver.tokens", format!("limits.roles.solver.tokens={tokens}")),
        ("limits.roles.writer.calls", String::from("limits.roles.writer.calls=12")),
    ] {
        let (run, room) = (at(name), room(FAIR));
        let first = spend(&run, &room, &ceiling);
        assert_ended_at(&first, &run, name);
        let book = room.book();
        let of = |solver: bool| book.values().filter(move |asked| asked.of_solver == solver);
        match name {
            "limits.calls" => assert!(book.len() as u64 <= calls, "{} of {calls}", book.len()),
            "limits.roles.writer.calls" => assert!(of(false).count() <= 12, "{}", of(false).count()),
            _ => {
                let spent: u64 = of(true).map(|asked| asked.tokens).sum();
                assert!(spent <= tokens, "{spent} of {tokens}");
            }
        }
        assert_ended_at(&spend(&run, &room, &ceiling), &run, name);
        go_on(first);
        assert!(room.book().values().all(|asked| asked.times == 1), "nothing is asked twice");
        assert_same(&at("whole"), &run);
    }
}

#[test]
fn a_run_that_may_take_no_time_ends_with_what_is_done_and_goes_on_later() {
    let folder = tempfile::tempdir().unwrap();
    let (run, room) =
        (folder.path().join("run"), room(Weather { delay: Duration::from_millis(100), ..FAIR }));
    let sessions = (1..200).find(|_| {
        let ended = spend(&run, &room, "limits.wall_s=1");
        match ended.code {
            Some(0) => true,
            Some(7) => {
                assert!(
                    ended.err.contains("limits.wall_s") && ended.err.contains("to go on: "),
                    "{}",
                    ended.err
                );
                false
            }
            code => panic!("{code:?}: {}", ended.err),
        }
    });
    assert!(sessions.expect("it comes to its end") > 1, "a session was cut");
    assert!(room.book().values().all(|asked| asked.times == 1), "nothing is asked twice");
}

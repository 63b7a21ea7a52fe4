//! Three requests in ten go wrong, and still every task ends, once, and the same way whatever runs at once.

use crate::binary::{assert_same, complete, manifest, rejected, run};
use crate::faults::{FAIR, FOUL, Mood, Passing, Weather};
use crate::server::{Room, room};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

pub const TASKS: u64 = 24;
/// As the commands of `binary` say.
const ATTEMPTS: usize = 3;
/// A request fails fewer times than it is asked, but the server may be given up for a while.
const RUNS_MAX: usize = 8;

/// Runs until a run is finished, holding each against what every run owes. Returns how many it took.
pub fn persist(folder: &Path, room: &Room, in_flight: usize) -> usize {
    let in_flight = format!("limits.in_flight={in_flight}");
    let tasks = format!("instruct.tasks={TASKS}");
    let mut before = room.book();
    for runs in 1..=RUNS_MAX {
        let ended = complete(run(folder, &room.base_url, &[&in_flight, &tasks]).arg("--quiet"));
        let after = room.book();
        for (hash, asked) in &after {
            let old = before.get(hash).copied().unwrap_or_default();
            // One that is told to wait may be asked again beyond its attempts.
            let bound = ATTEMPTS + (asked.too_many - old.too_many);
            assert!(asked.times - old.times <= bound, "a retry storm: {asked:?}, before {old:?}");
            assert!(asked.answered <= 1, "what was answered was asked again: {asked:?}");
        }
        before = after;
        accounted(folder, ended.code == Some(0));
        match ended.code {
            Some(0) => return runs,
            Some(4) => assert!(ended.err.contains("does not serve"), "{}", ended.err),
            code => panic!("{code:?}: {}", ended.err),
        }
        assert!(ended.err.contains("nothing is lost") && ended.err.contains("to go on: "), "{}", ended.err);
    }
    panic!("not finished after {RUNS_MAX} runs");
}

/// Every task of the prefix is a row, kept or rejected with its reason; of a finished run all are.
fn accounted(folder: &Path, finished: bool) {
    let Some(manifest) = manifest(folder) else {
        assert!(!finished, "a finished run has a manifest");
        return;
    };
    manifest.funnel.check().unwrap();
    let counts = &manifest.counts;
    assert_eq!(counts.rows + counts.rejected, counts.tasks, "{counts:?}");
    assert!(if finished { counts.tasks == TASKS } else { counts.tasks < TASKS }, "{counts:?}");
    let rejected = rejected(folder);
    assert_eq!(rejected.len() as u64, counts.rejected);
    for row in &rejected {
        for column in ["stage", "rule", "reason"] {
            assert!(row[column].as_str().is_some_and(|text| !text.is_empty()), "{column} of {row}");
        }
    }
}

#[test]
fn every_task_ends_the_same_way_at_any_concurrency_without_a_retry_storm() {
    let folder = tempfile::tempdir().unwrap();
    let mut rooms = Vec::new();
    for in_flight in [32, 4, 1] {
        let room = room(FOUL);
        let at = folder.path().join(in_flight.to_string());
        persist(&at, &room, in_flight);
        let (requests, distinct) = (room.requests(), room.book().len());
        assert!(requests <= 2 * distinct, "{requests} attempts at {distinct} requests");
        rooms.push(room);
    }
    assert_same(&folder.path().join("1"), &folder.path().join("4"));
    assert_same(&folder.path().join("1"), &folder.path().join("32"));
    let counts = manifest(&folder.path().join("1")).unwrap().counts;
    assert!(counts.rows > 0 && counts.rejected > 0, "some of each, or it shows little: {counts:?}");
    let asked = rooms[0].book();
    assert!(rooms.iter().all(|room| room.book().keys().eq(asked.keys())), "all ask the same");

    // What passes leaves no trace: a server without it makes the same rows.
    let calm = room(Weather { passing: 0, ..FOUL });
    assert_eq!(persist(&folder.path().join("calm"), &calm, 8), 1);
    assert_same(&folder.path().join("1"), &folder.path().join("calm"));
}

#[test]
fn requests_that_fail_for_good_cost_their_own_tasks_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let (lossy, whole) = (folder.path().join("lossy"), folder.path().join("whole"));
    let sets = ["instruct.tasks=80", "limits.in_flight=8", "limits.backoff_ms=100"];
    let delay = Duration::from_millis(10);
    let room = room(Weather { lost: 25, delay, ..FAIR });
    let ended = complete(run(&lossy, &room.base_url, &sets).arg("--quiet"));
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let counts = manifest(&lossy).unwrap().counts;
    assert_eq!((counts.tasks, counts.rows + counts.rejected), (80, 80), "{counts:?}");
    let lost: Vec<Value> = rejected(&lossy)
        .into_iter()
        .filter(|row| row["reason"].as_str().unwrap().contains("fails at this request at every attempt"))
        .collect();
    assert!(lost.len() >= 5, "too few to show anything: {lost:?}");
    for row in &lost {
        assert!(["instruct", "search"].contains(&row["stage"].as_str().unwrap()), "{row}");
    }
    assert!(room.book().values().all(|asked| asked.times <= ATTEMPTS && asked.answered <= 1));

    let ended = complete(run(&whole, &crate::server::room(FAIR).base_url, &sets).arg("--quiet"));
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let (all, left) = (ids(&whole), ids(&lossy));
    assert!(all.difference(&left).count() <= lost.len(), "rows of others are missing");

    // What is known to fail is not asked again.
    let asked = room.requests();
    let ended = complete(run(&lossy, &room.base_url, &sets).arg("--quiet"));
    assert_eq!((ended.code, room.requests()), (Some(0), asked), "{}", ended.err);
}

/// The ids of a folder's kept rows.
fn ids(folder: &Path) -> BTreeSet<String> {
    let files = toolloom::shard::table_files(folder, "data").unwrap();
    let rows = files.iter().flat_map(|file| toolloom::shard::read_values(&file.path).unwrap());
    rows.map(|row| row.unwrap()["id"].as_str().unwrap().to_owned()).collect()
}

/// Runs against a server that fails every request in one way, for good. Returns how many attempts it saw.
fn against(fault: Passing) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let down = room(Weather { always: Some(Mood::Passing(fault)), for_good: true, ..FAIR });
    let sets = ["instruct.tasks=40", "limits.in_flight=8"];
    let ended = complete(run(folder.path(), &down.base_url, &sets).arg("--quiet"));
    assert_eq!(ended.code, Some(4), "{}", ended.err);
    assert!(ended.err.contains("does not serve") && ended.err.contains("to go on: "), "{}", ended.err);
    down.requests()
}

#[test]
fn a_server_that_is_down_for_good_is_left_alone_soon() {
    for fault in [Passing::Unavailable, Passing::Broken, Passing::ClosedUnanswered] {
        // Eight failures open the circuit, what was in flight by then ends, and each pause is followed by one probe.
        let (attempts, bound) = (against(fault), 8 + 8 + 5);
        assert!(attempts <= bound, "{fault:?}: {attempts} attempts at a server that is down");
    }
}

#[test]
fn a_server_that_refuses_for_good_is_left_alone_in_the_end() {
    let attempts = against(Passing::TooManyWaitFraction);
    // A refusal says that it lives, so the circuit stays closed: each task that is open asks so often as it may.
    let bound = 40 * ATTEMPTS * 4;
    assert!(attempts <= bound, "{attempts} attempts at a server that refuses");
}

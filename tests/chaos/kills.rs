//! A run that is killed in the midst of a storm goes on where it was.

use crate::binary::{assert_same, begin, complete, run};
use crate::faults::{FOUL, Weather};
use crate::server::room;
use crate::storm::{TASKS, persist};
use std::time::Duration;

const KILLS: usize = 5;
const IN_FLIGHT: usize = 8;

#[test]
fn kills_in_the_midst_of_a_storm_lose_nothing_and_pay_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (killed, whole) = (folder.path().join("killed"), folder.path().join("whole"));
    let storm = room(Weather { seed: 2, delay: Duration::from_millis(10), ..FOUL });
    let sets = [format!("instruct.tasks={TASKS}"), format!("limits.in_flight={IN_FLIGHT}")];
    let sets = sets.each_ref().map(String::as_str);
    for kill in 0..KILLS {
        let before = storm.book();
        let mut child = begin(run(&killed, &storm.base_url, &sets).arg("--quiet"));
        // Each is killed somewhat later than the one before it, in the midst of its requests.
        let enough = storm.requests() + 10 + 7 * kill;
        while storm.requests() < enough && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        storm.settle();
        let again = storm.asked_again(&before);
        // What was answered and not yet durable when a run was killed is asked again by the next one.
        assert!(again <= IN_FLIGHT, "{again} requests were answered and asked again");
    }
    let before = storm.book();
    storm.forget_answers();
    persist(&killed, &storm, IN_FLIGHT);
    assert!(storm.asked_again(&before) <= IN_FLIGHT);

    let calm = room(Weather { seed: 2, passing: 0, ..FOUL });
    persist(&whole, &calm, IN_FLIGHT);
    assert_same(&whole, &killed);
    // Finished is finished.
    let asked = storm.requests();
    let ended = complete(run(&killed, &storm.base_url, &sets).arg("--quiet"));
    assert_eq!((ended.code, storm.requests()), (Some(0), asked), "{}", ended.err);
}

//! How many tasks are made: a fixed count, or waves until enough rows are kept.

use super::crew::Crew;
use super::tasks::Bench;
use super::{End, RunError, last};
use crate::config::plan::TargetPlan;
use crate::data::Stage;
use crate::monitor::Monitor;

/// Tasks of the smallest wave.
const LEAST: u64 = 16;
/// Tasks of the first wave at most, so that a yield which is too low costs little.
const FIRST_MOST: u64 = 256;
/// Tasks of a later wave at most.
const MOST: u64 = 4096;
/// No verdict on the yield over fewer tasks than this.
const JUDGED_LEAST: u64 = 50;
/// What a wave is larger than the yield so far asks for, so that few waves are needed.
const SPARE: f64 = 1.05;

/// What came of the tasks.
#[derive(Debug)]
pub(super) struct MadeTasks {
    pub end: End,
    /// K: rows are made of the tasks before this one.
    pub prefix: u64,
    pub finished: u64,
    pub count: u64,
}

/// Returns how many tasks there are at first.
pub(super) fn first(bench: &Bench) -> u64 {
    bench.plan.target.as_ref().map_or(bench.plan.instruct.tasks, |target| next_wave(target, 0, 0))
}

/// Has the tasks made, until the target is met, or the count of tasks is reached.
pub(super) async fn make(bench: &Bench, crew: &mut Crew<'_>) -> Result<MadeTasks, RunError> {
    let mut count = first(bench);
    loop {
        let mut end = crew.make(count).await?;
        let mut prefix = crew.prefix();
        if let (Some(target), true) = (&bench.plan.target, bench.until != Some(Stage::Instruct)) {
            let kept = kept(bench, prefix)?;
            let met = usize::try_from(target.rows).ok().and_then(|rows| kept.get(rows.checked_sub(1)?));
            let so_far = kept.len() as u64;
            if let Some(last) = met {
                (end, prefix) = (End::Done, last + 1);
            } else if end == End::Done {
                if is_hopeless(target, prefix, so_far) {
                    let floor = target.yield_min.to_string();
                    end = End::Yield { kept: so_far, tasks: prefix, floor };
                } else {
                    count = prefix + next_wave(target, prefix, so_far);
                    continue;
                }
            }
        }
        let (finished, count) = crew.counts();
        crew.close();
        return Ok(MadeTasks { end, prefix, finished, count });
    }
}

/// Returns the ordinals before `prefix` whose row is kept. Rules look at earlier rows only, so later tasks change none.
fn kept(bench: &Bench, prefix: u64) -> Result<Vec<u64>, RunError> {
    let records = last::records(&bench.journal, prefix, &bench.plan)?;
    let judged = last::judge(&records, &bench.catalog, &bench.plan, &Monitor::silent());
    Ok(judged.kept_tasks)
}

/// Returns the size of the next wave: a function of what came of the tasks before, and of nothing else.
fn next_wave(target: &TargetPlan, tasks: u64, kept: u64) -> u64 {
    let missing = target.rows.saturating_sub(kept);
    if tasks == 0 {
        return missing.clamp(LEAST, FIRST_MOST);
    }
    let share = (kept as f64 / tasks as f64).max(target.yield_min).max(f64::MIN_POSITIVE);
    let wanted = (missing as f64 / share * SPARE).ceil();
    // A yield that few tasks tell is not trusted with many.
    let most = (4 * tasks).clamp(JUDGED_LEAST, MOST);
    if wanted >= most as f64 { most } else { (wanted as u64).max(LEAST) }
}

fn is_hopeless(target: &TargetPlan, tasks: u64, kept: u64) -> bool {
    tasks >= JUDGED_LEAST && (kept as f64) < target.yield_min * tasks as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(rows: u64, yield_min: f64) -> TargetPlan {
        TargetPlan { rows, yield_min }
    }

    #[test]
    fn a_wave_asks_for_what_the_yield_so_far_promises_and_a_little_more() {
        assert_eq!(next_wave(&target(100, 0.05), 0, 0), 100);
        assert_eq!(next_wave(&target(100, 0.05), 100, 50), 105);
        assert_eq!(next_wave(&target(100, 0.05), 300, 99), LEAST);
    }

    #[test]
    fn waves_have_bounds_and_grow_with_what_is_known() {
        assert_eq!(next_wave(&target(1, 0.05), 0, 0), LEAST);
        assert_eq!(next_wave(&target(u64::MAX, 0.05), 0, 0), FIRST_MOST);
        assert_eq!(next_wave(&target(10_000, 0.0), 16, 0), 64);
        assert_eq!(next_wave(&target(1_000_000, 0.05), 100_000, 90_000), MOST);
    }

    #[test]
    fn a_yield_under_the_floor_ends_the_run_once_there_is_something_to_judge() {
        assert!(!is_hopeless(&target(100, 0.05), 16, 0));
        assert!(is_hopeless(&target(100, 0.05), 100, 4));
        assert!(!is_hopeless(&target(100, 0.05), 100, 5));
        assert!(!is_hopeless(&target(100, 0.0), 10_000, 0));
    }
}

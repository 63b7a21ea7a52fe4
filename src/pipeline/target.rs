//! How many tasks are made: a fixed count, or waves until enough rows are kept.

use super::crew::Crew;
use super::end::{End, MadeTasks};
use super::pass::Pass;
use super::tasks::Bench;
use super::{RunError, judging};
use crate::config::plan::TargetPlan;
use std::sync::Arc;
use tokio::runtime::Runtime;

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

/// Returns how many tasks there are at first.
pub(super) fn first(bench: &Bench) -> u64 {
    bench.plan.target.as_ref().map_or(bench.plan.instruct.tasks, |target| next_wave(target, 0, 0))
}

/// Has the tasks made, until the target is met, or the count of tasks is reached; and has `pass` take in those that are
/// finished, wave by wave.
pub(super) fn make(
    work: &Runtime,
    bench: &Arc<Bench>,
    crew: &mut Crew<'_>,
    pass: Option<&mut Pass>,
) -> Result<MadeTasks, RunError> {
    let mut count = first(bench);
    let mut end = work.block_on(crew.make(count))?;
    let mut bound = None;
    if let Some(pass) = pass {
        let mut fed = 0;
        loop {
            let fresh = crew.finished(fed..count);
            if end == End::Done && judging::is_needed(bench) {
                end = work.block_on(judging::ask(bench, &fresh, &mut crew.ending, crew.deadline))?;
            }
            let Some(target) = &bench.plan.target else {
                pass.feed(&fresh, None)?;
                break;
            };
            // K is told by the tasks before the first open one.
            let whole = fresh.iter().zip(fed..).take_while(|(ordinal, place)| *ordinal == place).count();
            let met = pass.feed(&fresh[..whole], Some(target.rows))?;
            if let Some(last) = met {
                (end, bound) = (End::Done, Some(last + 1));
                break;
            }
            if end != End::Done {
                pass.feed(&fresh[whole..], None)?;
                break;
            }
            let kept = pass.kept();
            if is_hopeless(target, count, kept) {
                end = End::Yield { kept, tasks: count, floor: target.yield_min.to_string() };
                break;
            }
            (fed, count) = (count, count + next_wave(target, count, kept));
            end = work.block_on(crew.make(count))?;
        }
    }
    crew.close();
    let (finished, count) = crew.counts();
    let bound = bound.unwrap_or(count);
    let within = crew.finished(0..bound);
    let beyond = finished - within.len() as u64;
    Ok(MadeTasks { end, finished, beyond, open: missing(&within, bound) })
}

/// Returns the numbers below `bound` that a sorted list does not hold.
fn missing(sorted: &[u64], bound: u64) -> Vec<u64> {
    let mut present = sorted.iter().copied().peekable();
    (0..bound).filter(|ordinal| present.next_if_eq(ordinal).is_none()).collect()
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

//! Quality and structural difficulty of a row, by formulas that are written here.

use crate::config::plan::FilterPlan;
use crate::data::{Difficulty, Level, Sample};

/// Returns a row's quality, 0–1:
///
/// - 0.35 by what it is verified (score `verified`: state and facts 1, a judge 0.8, nothing 0),
/// - 0.15 the share of argument values with a source (`argument_sources`),
/// - 0.20 the share of calls that are of use (`minimal`),
/// - 0.10 the share of addresses, ids and numbers in the answer that were said or observed (`grounded`),
/// - 0.10 the share of calls that succeeded (`not_all_errors`),
/// - 0.10 how concise the answer is (1 up to 80 words, 0 from 300 on).
///
/// A dropped row has at most half of it.
pub fn quality(sample: &Sample) -> f64 {
    let score = |name: &str| sample.scores.get(name).copied().unwrap_or(0.0);
    let words = crate::checks::length::words(&sample.answer) as f64;
    let concise = ((300.0 - words) / 220.0).clamp(0.0, 1.0);
    let quality = 0.35 * score("verified")
        + 0.15 * score("argument_sources")
        + 0.20 * score("minimal")
        + 0.10 * score("grounded")
        + 0.10 * score("not_all_errors")
        + 0.10 * concise;
    round(if sample.dropped.is_some() { quality / 2.0 } else { quality })
}

/// What difficulty is made of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Structure {
    /// Longest dependency path, in calls.
    pub depth: u32,
    /// Calls.
    pub calls: u32,
    /// Distinct tools.
    pub tools: u32,
    /// Similarity of the distractors to the needed tools, 0–1.
    pub similarity: f64,
    /// Turns on the path.
    pub turns: u32,
    /// Turns of the whole search.
    pub explored: u32,
}

/// Returns the structural difficulty, 0–1:
///
/// - 0.40 dependency depth: 1 call deep is 0, 4 and more are 1,
/// - 0.25 calls: 1 is 0, 6 and more are 1,
/// - 0.15 distinct tools: 1 is 0, 4 and more are 1,
/// - 0.10 similarity of the distractors to the needed tools,
/// - 0.10 search effort: the share of the search's turns that are not on the path.
pub fn difficulty_score(s: Structure) -> f64 {
    let part = |n: u32, full: u32| (f64::from(n.saturating_sub(1)) / f64::from(full - 1)).min(1.0);
    let effort =
        if s.explored == 0 { 0.0 } else { 1.0 - f64::from(s.turns.min(s.explored)) / f64::from(s.explored) };
    round(
        0.40 * part(s.depth, 4)
            + 0.25 * part(s.calls, 6)
            + 0.15 * part(s.tools, 4)
            + 0.10 * s.similarity.clamp(0.0, 1.0)
            + 0.10 * effort,
    )
}

/// Returns a score with its level, by the plan's thresholds.
pub fn difficulty(s: Structure, plan: &FilterPlan) -> Difficulty {
    let score = difficulty_score(s);
    let level = if score >= plan.hard_from {
        Level::Hard
    } else if score >= plan.medium_from {
        Level::Medium
    } else {
        Level::Easy
    };
    Difficulty { score, level }
}

/// Rounds to four digits, so that no row depends on the last bit of a sum.
fn round(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deeper_chains_are_harder_and_levels_follow_the_thresholds() {
        let of = |depth, calls, tools| Structure {
            depth,
            calls,
            tools,
            similarity: 0.3,
            turns: calls,
            explored: calls,
        };
        let plan = FilterPlan {
            disabled: vec![],
            keep_unverified: false,
            medium_from: 0.2,
            hard_from: 0.45,
            judges: std::collections::BTreeMap::default(),
        };
        assert_eq!(difficulty(of(1, 1, 1), &plan).level, Level::Easy);
        assert_eq!(difficulty(of(2, 2, 2), &plan).level, Level::Medium);
        assert_eq!(difficulty(of(3, 4, 3), &plan).level, Level::Hard);
        assert!(difficulty_score(of(3, 4, 3)) < difficulty_score(of(4, 6, 4)));
    }

    #[test]
    fn search_effort_makes_a_task_harder() {
        let direct = Structure { depth: 2, calls: 2, tools: 2, similarity: 0.0, turns: 3, explored: 3 };
        let winding = Structure { explored: 12, ..direct };
        assert!(difficulty_score(winding) > difficulty_score(direct));
    }
}

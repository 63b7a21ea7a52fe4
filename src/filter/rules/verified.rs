//! Something says that the row is right: the final state, the facts, or a judge.

use crate::data::Verified;
use crate::filter::Finding;
use crate::filter::case::Case;

/// Drops rows that nothing verified, unless they are asked for.
pub fn judge(case: &Case<'_>) -> Finding {
    match case.verified() {
        Verified::State | Verified::Facts => Finding::keep(1.0),
        Verified::Judge => Finding::keep(0.8),
        Verified::None if case.plan.filter.keep_unverified => Finding::keep(0.0),
        Verified::None => {
            let reason =
                case.record.judge.as_ref().map_or("nothing says that it is right", |j| j.reason.as_str());
            Finding::drop(0.0, reason)
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::data::{JudgeSaid, Verified};
    use crate::filter::testing::{Shop, dropped_by, judged};

    #[test]
    fn a_row_without_reference_needs_a_judge() {
        let free = Shop { referenced: false, ..Shop::solved() };
        assert_eq!(dropped_by(&free).as_deref(), Some("verified"));
        let said = JudgeSaid { solved: true, reason: String::new() };
        let free = Shop { referenced: false, judge: Some(said), ..Shop::solved() };
        assert_eq!(judged(&free).verified, Verified::Judge);
        assert_eq!(dropped_by(&free), None);
        assert_eq!(judged(&Shop::solved()).verified, Verified::State);
    }
}

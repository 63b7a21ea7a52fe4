//! At least one call succeeded.

use crate::filter::case::Case;
use crate::filter::finding::Finding;

/// Drops rows that call nothing, or nothing with success; the score is the share of calls that succeeded.
pub fn judge(case: &Case<'_>) -> Finding {
    let calls = case.view.calls.len();
    let ok = (0..calls).filter(|&i| case.ok(i)).count();
    match (calls, ok) {
        (0, _) => Finding::drop(0.0, "no call that is worth keeping was made"),
        (_, 0) => Finding::drop(0.0, format!("all {calls} observations are errors")),
        _ => Finding::keep(ok as f64 / calls as f64),
    }
}

#[cfg(test)]
mod tests {
    use crate::data::ToolOutcome;
    use crate::filter::testing::{Shop, dropped_by};

    #[test]
    fn a_row_of_errors_fails() {
        assert_eq!(dropped_by(&Shop::solved()), None);
        let mut shop = Shop::solved();
        for call in &mut shop.calls {
            call.outcome = ToolOutcome::Refused;
        }
        assert_eq!(dropped_by(&shop).as_deref(), Some("not_all_errors"));
    }
}

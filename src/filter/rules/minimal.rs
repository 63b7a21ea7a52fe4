//! No call is made for nothing.

use crate::data::Effect;
use crate::filter::case::Case;
use crate::filter::finding::Finding;

/// The least share of successful calls that are of use.
const USED_MIN: f64 = 0.5;

/// Scores the share of calls whose result is used; drops rows where it is less than half, and for pure repetitions:
/// an equal read with an equal result, where nothing was changed in between.
pub fn judge(case: &Case<'_>) -> Finding {
    // Errors that a later call answers are no padding.
    let successes = || (0..case.view.calls.len()).filter(|&i| case.ok(i));
    let score = successes().filter(|&i| case.used[i]).count() as f64 / successes().count().max(1) as f64;
    let calls = &case.view.calls;
    let writes = |name: &str| case.offered.get(name).is_some_and(|t| t.effect != Effect::Reads);
    for (i, call) in calls.iter().enumerate().filter(|(_, c)| !writes(&c.call.name)) {
        let unchanged = calls.iter().skip(i + 1).take_while(|later| !writes(&later.call.name));
        let again = unchanged.into_iter().find(|later| {
            later.call.name == call.call.name
                && later.call.arguments == call.call.arguments
                && later.observation == call.observation
        });
        if let Some(again) = again {
            let reason = format!("{} repeats {} `{}`", again.call.id, call.call.id, call.call.name);
            return Finding::drop(score, reason);
        }
    }
    if score < USED_MIN {
        return Finding::drop(score, "more than half of the calls are of no use");
    }
    Finding::keep(score)
}

#[cfg(test)]
mod tests {
    use crate::filter::testing::{Shop, dropped_by, judged};
    use serde_json::json;

    #[test]
    fn a_repetition_fails_where_no_reference_tells_it_apart() {
        let mut shop = Shop { referenced: false, ..Shop::solved() };
        assert_eq!(shop.row().dropped, None);
        shop.calls.insert(0, shop.calls[0].clone());
        assert_eq!(dropped_by(&shop).as_deref(), Some("minimal"));
    }

    #[test]
    fn reads_of_no_use_are_taken_out_where_the_reference_does_without_them() {
        let mut shop = Shop::solved();
        let mut idle = shop.calls[0].clone();
        idle.arguments = json!({});
        idle.observation = r#"{"total": 991}"#.into();
        shop.calls.push(idle);
        let sample = judged(&shop);
        assert_eq!((sample.dropped, sample.n_calls), (None, 2));
        assert_eq!(sample.provenance["cut_calls"], 1);
    }
}

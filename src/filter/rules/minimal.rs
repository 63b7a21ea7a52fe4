//! No call is made for nothing.

use crate::data::Effect;
use crate::filter::Finding;
use crate::filter::case::Case;

/// Scores the share of calls whose result is used; drops rows only for pure repetitions: an equal read with an equal
/// result, where nothing was changed in between.
pub fn judge(case: &Case<'_>) -> Finding {
    let used = case.used();
    let score = used.iter().filter(|u| **u).count() as f64 / used.len().max(1) as f64;
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
    Finding::keep(score)
}

#[cfg(test)]
mod tests {
    use crate::filter::testing::{Shop, dropped_by, judged};
    use serde_json::json;

    #[test]
    fn a_repetition_fails_and_an_unused_call_only_scores_less() {
        assert_eq!(dropped_by(&Shop::solved()), None);
        let mut shop = Shop::solved();
        shop.calls.insert(0, shop.calls[0].clone());
        assert_eq!(dropped_by(&shop).as_deref(), Some("minimal"));
        let mut shop = Shop::solved();
        let mut idle = shop.calls[0].clone();
        idle.arguments = json!({});
        idle.observation = r#"{"total": 991}"#.into();
        shop.calls.push(idle);
        let sample = judged(&shop);
        assert_eq!(sample.dropped, None);
        assert!(sample.scores["minimal"] < 1.0);
    }
}

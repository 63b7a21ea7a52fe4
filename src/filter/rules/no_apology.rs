//! No give-up, apology or error passes as an answer.

use crate::checks::apology::{error_payload, give_up};
use crate::data::Verified;
use crate::filter::case::Case;
use crate::filter::finding::Finding;

/// Drops rows whose answer gives up or apologises, unless the reference shows that all was done and said: then the words
/// only admit what could not be done beside it. An answer that is mainly an API's error never passes: it tells nobody that
/// anything was done.
pub fn judge(case: &Case<'_>) -> Finding {
    if let Some(error) = error_payload(case.answer()) {
        return Finding::drop(0.0, format!("the answer is an error: {error}"));
    }
    match give_up(case.answer()) {
        Some(words) if !matches!(case.verified(), Verified::State | Verified::Facts) => {
            Finding::drop(0.0, format!("the answer gives up: {words:?}"))
        }
        Some(_) => Finding::keep(0.5),
        None => Finding::keep(1.0),
    }
}

#[cfg(test)]
mod tests {
    use crate::data::ToolOutcome;
    use crate::filter::testing::{Shop, dropped_by};
    use serde_json::json;

    #[test]
    fn an_error_is_no_answer_even_where_all_was_done() {
        let mut shop = Shop::solved();
        let mut gone = shop.calls[0].clone();
        gone.outcome = ToolOutcome::Refused;
        gone.arguments = json!({"name": "a7"});
        gone.observation = r#"{"error":{"code":404,"message":"no pet with id 'a7', 25"}}"#.into();
        shop.calls.push(gone.clone());
        shop.answer = gone.observation;
        assert_eq!(dropped_by(&shop).as_deref(), Some("no_apology"));
    }

    #[test]
    fn an_apology_fails_unless_all_was_done() {
        let shop = Shop { answer: "I'm sorry, I couldn't find Biscuit.".into(), ..Shop::solved() };
        assert_eq!(dropped_by(&shop).as_deref(), Some("no_apology"));
        let shop = Shop {
            answer: "Biscuit is sold, for 25. I'm unable to text the owner.".into(),
            ..Shop::solved()
        };
        assert_eq!(dropped_by(&shop), None);
    }
}

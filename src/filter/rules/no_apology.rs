//! No give-up or apology passes as an answer.

use crate::checks::apology::give_up;
use crate::data::Verified;
use crate::filter::Finding;
use crate::filter::case::Case;

/// Drops rows whose answer gives up or apologises, unless the reference shows that all was done and said: then the words
/// only admit what could not be done beside it.
pub fn judge(case: &Case<'_>) -> Finding {
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
    use crate::filter::testing::{Shop, dropped_by};

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

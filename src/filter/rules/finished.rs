//! The search ended with an answer that says something, and the view holds no scaffolding.

use crate::checks::apology::hollow;
use crate::filter::case::Case;
use crate::filter::finding::Finding;
use crate::prompt::{FINISH, GIVE_UP};

/// Drops rows without an answer, with a hollow one, or with a tool of the search in them.
pub fn judge(case: &Case<'_>) -> Finding {
    let answer = case.answer();
    if answer.is_empty() {
        return Finding::drop(0.0, "the answer is empty");
    }
    if hollow(answer) {
        return Finding::drop(0.0, format!("the answer says nothing: {answer:?}"));
    }
    let scaffold = case.view.calls.iter().find(|r| r.call.name == FINISH || r.call.name == GIVE_UP);
    if let Some(record) = scaffold {
        return Finding::drop(
            0.0,
            format!("the view calls `{}`, which only the search offers", record.call.name),
        );
    }
    Finding::keep(1.0)
}

#[cfg(test)]
mod tests {
    use crate::filter::testing::{Shop, dropped_by};

    #[test]
    fn an_answer_passes_and_a_hollow_one_fails() {
        assert_eq!(dropped_by(&Shop::solved()), None);
        let hollow = Shop { answer: "I have successfully completed your request.".into(), ..Shop::solved() };
        assert_eq!(dropped_by(&hollow).as_deref(), Some("finished"));
    }
}

//! Give-ups and apologies that pass as answers.

use super::quotes::{is_error, json_literals};
use crate::words::fold;
use regex::Regex;
use std::sync::LazyLock;

static GIVE_UP: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"\b(?:i am|i'm) (?:unable|not able|sorry)|\bi apologi[sz]e|\bmy apologies|\bunfortunately,? (?:i|we|there)\b",
        r"|\bi (?:was not|wasn't|were not) able\b|\bi was unable\b|\bi (?:can't|cannot|can not|could not|couldn't) (?:find|do|complete|access|retrieve|get|help|locate|determine|perform|proceed|answer|fulfil)",
        r"|\b(?:do not|don't) have (?:access|the ability|enough information|any tool|a tool)|\bas an ai\b|\bi give up\b",
        r"|\bplease (?:try again later|provide (?:me with )?(?:more|the|a|your))|\bcould you (?:please )?provide\b|\bno (?:tool|function)s? (?:is|are|that)\b",
        r"|\b(?:request|task|operation) (?:failed|could not be completed|cannot be completed)",
    ))
    .expect("a valid expression")
});

/// Returns the words by which an answer gives up or apologises.
pub fn give_up(answer: &str) -> Option<String> {
    let folded = fold(answer);
    if folded.is_empty() {
        return Some("empty".to_owned());
    }
    GIVE_UP.find(&folded).map(|m| m.as_str().to_owned())
}

static STATUS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:(?:error|http(?:/[\d.]+)?|status)[: ]+)+(?:code[: ]+)?[45]\d\d\b|^[45]\d\d (?:not found|bad request|forbidden|unauthori[sz]ed|conflict|gone|unprocessable|too many requests|internal server error|bad gateway|service unavailable)")
        .expect("a valid expression")
});

/// Returns the beginning of an answer that is mainly the error of an API.
pub fn error_payload(answer: &str) -> Option<String> {
    let errors = json_literals(answer).into_iter().filter(|(_, value)| is_error(value));
    let length: usize = errors.map(|(span, _)| span.len()).sum();
    let mainly = length > 0 && 2 * length >= answer.trim().len();
    (mainly || STATUS.is_match(fold(answer).trim())).then(|| answer.trim().chars().take(80).collect())
}

static HOLLOW: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:i have |i've )?(?:successfully )?(?:completed|finished|done|processed|fulfilled)(?: (?:your|the) (?:request|task))?[.!]?$|^your request has been (?:successfully )?(?:completed|processed)[.!]?$|^(?:done|ok|okay|finished|success)[.!]?$")
        .expect("a valid expression")
});

/// Whether an answer says that all is done and nothing else.
pub fn hollow(answer: &str) -> bool {
    HOLLOW.is_match(&fold(answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn give_ups_are_recognised() {
        for text in [
            "I'm sorry, I couldn't find that.",
            "Unfortunately, I was unable to update it.",
            "I don’t have access to your calendar.",
            "",
            "Could you please provide the order id?",
        ] {
            assert!(give_up(text).is_some(), "{text}");
        }
    }

    #[test]
    fn an_answer_that_is_an_error_is_told_from_one_that_mentions_it() {
        let gone = r#"{"error":{"code":404,"message":"no listing with id 'a7'"}}"#;
        for text in [gone, &format!("The result: {gone}"), "Error 404: no such pet", "404 Not Found"] {
            assert!(error_payload(text).is_some(), "{text}");
        }
        for text in ["404 pets were found.", r#"{"id": 7}"#, "Biscuit is sold; the other one gave error 404."]
        {
            assert_eq!(error_payload(text), None, "{text}");
        }
    }

    #[test]
    fn answers_are_no_give_ups() {
        for text in [
            "Noted on 'Cookie banner ignores opt-out'. It's Marta Oliveira's.",
            "Van 1 is parked. Van 2 is doing 23.4 knots.",
            "There is no open ticket about it.",
            "The subject of the note is 'Sorry for the delay'.",
        ] {
            assert_eq!(give_up(text), None, "{text}");
        }
        assert!(hollow("I have successfully completed your request."));
        assert!(!hollow("Done: Biscuit is on sale again."));
    }
}

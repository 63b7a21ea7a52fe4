//! Give-ups and apologies that pass as answers.

use super::natural::fold;
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

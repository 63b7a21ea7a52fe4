//! What people say for values that schemas like to use.

use super::text::Text;

/// What people say for values that schemas like to use.
const GLOSSES: [(&[&str], &[&str]); 26] = [
    (
        &["completed", "complete", "done", "finished"],
        &["tick", "tick off", "done", "finished", "check off", "cross off", "complete"],
    ),
    (
        &["needs action", "todo", "to do", "not started", "pending", "open"],
        &["open", "to do", "undone", "left", "not done", "untick", "waiting", "outstanding", "not paid"],
    ),
    (&["closed", "resolved"], &["close", "resolve", "done with", "sorted", "fixed"]),
    (
        &["in progress", "active", "started"],
        &["working on", "underway", "in progress", "started", "running", "current"],
    ),
    (&["cancelled", "canceled"], &["cancel", "call off", "scrap"]),
    (&["shipped", "in transit"], &["on its way", "on the way", "sent", "shipped"]),
    (&["delivered"], &["arrived", "delivered"]),
    (
        &["available"],
        &["for sale", "on sale", "free", "still there", "in stock", "up for adoption", "available"],
    ),
    (&["sold"], &["bought", "sold", "gone", "found a home"]),
    (
        &["desc", "descending", "newest", "latest"],
        &[
            "newest",
            "latest",
            "most recent",
            "last",
            "highest",
            "biggest",
            "largest",
            "most",
            "most expensive",
            "longest",
            "first",
        ],
    ),
    (
        &["asc", "ascending", "oldest"],
        &[
            "oldest",
            "earliest",
            "lowest",
            "smallest",
            "least",
            "cheapest",
            "shortest",
            "first",
            "alphabetical",
        ],
    ),
    (
        &["high", "urgent", "critical", "highest"],
        &["urgent", "asap", "important", "high", "critical", "right away"],
    ),
    (&["low", "lowest"], &["no rush", "whenever", "low", "not urgent"]),
    (&["confidential", "private", "hidden"], &["private", "just for me", "secret", "only me", "between us"]),
    (&["public"], &["public", "everyone", "anybody"]),
    (&["out of office"], &["out of office", "away", "on holiday", "on vacation", "off work"]),
    (&["accepted", "accept"], &["accept", "i'll be there", "i'm coming", "say yes", "count me in"]),
    (&["declined", "decline", "rejected"], &["decline", "can't make it", "say no", "turn down", "reject"]),
    (&["tentative"], &["maybe", "not sure", "tentative"]),
    (&["daily"], &["every day", "daily", "each day"]),
    (&["weekly"], &["every week", "weekly", "each week"]),
    (&["monthly"], &["every month", "monthly", "each month"]),
    (&["metric"], &["celsius", "km", "metric", "kilometres", "kilometers"]),
    (&["imperial"], &["fahrenheit", "miles", "imperial"]),
    (&["km", "kilometers", "kilometres"], &["km", "kilometres", "kilometers"]),
    (&["mi", "miles"], &["mi", "miles"]),
];

/// Whether a text says what people say for a value (in words, folded).
pub(super) fn glossed(value: &str, text: &Text) -> bool {
    GLOSSES.iter().any(|(values, said)| values.contains(&value) && said.iter().any(|s| text.has_phrase(s)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_said_in_other_words() {
        let text = Text::new("I bought the paint, tick it off please", &jiff::Zoned::default());
        assert!(glossed("completed", &text));
        assert!(!glossed("cancelled", &text));
    }
}

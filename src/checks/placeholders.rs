//! Values that stand for a value: `an address`, `example.com`, `John Doe`, `<name>`.

use regex::Regex;
use std::sync::LazyLock;

static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)",
        r"\bexample\.(?:com|org|net)\b|\btest\.com\b|\bexample@|\bfoo\b|\bfoobar\b|\blorem ipsum\b|\bplaceholder\b",
        r"|\bjo(?:hn|e) (?:doe|smith)\b|\bjane (?:doe|smith)\b|\bacme\b|\bfull name\b.{0,3}\bhere\b",
        r#"|["'“](?:string|text|value|name|title|todo|tbd)["'”]"#,
        r"|<[a-z][a-z _-]*>|\{\{[^}]*\}\}|\{[a-z_]+\}|\[(?:your|insert|enter|the)? ?[a-z_]*(?:name|id|date|value|city|address|title|here)\]",
        r"|\byour_[a-z_]+|\b[a-z]+_here\b|\bx{3,}\b|\babc123\b|\bn/a\b",
        r"|(?:^|[^\d.,+])(?:123|1234|12345|123456|123456789|1234567890)(?:$|[^\d.,]|[.,](?:\D|$))",
        r"|\b(?:an?|some) (?:specific|certain|particular|given|valid|random) (?:\w+ )?(?:id|name|address|date|value|number|user|item|record|status|title|email)\b",
        r"|\b(?:the|a) (?:specified|given|provided|corresponding) (?:id|name|address|date|value|number|user|item|record|status|title)\b",
        r"|\b(?:to|for|at|with|from) (?:an? (?:address|id|identifier|email address|phone number)|some (?:id|address|date))[.?!,]?$",
    ))
    .expect("a valid expression")
});

/// Returns the first placeholder in a text.
pub fn placeholder(text: &str) -> Option<String> {
    PLACEHOLDER.find(text.trim()).map(|m| m.as_str().trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_found() {
        for text in [
            "Send it to john.doe@example.com",
            "Ask John Doe about it",
            "Rename it to \"string\"",
            "Set the name to <name>",
            "Weather in {{city}} please",
            "Delete the pet with id 123",
            "Look up a specific order id",
            "Show the provided user",
            "Book it for [your name]",
            "lorem ipsum dolor",
            "Send a parcel to an address",
        ] {
            assert!(placeholder(text).is_some(), "{text}");
        }
    }

    #[test]
    fn real_values_are_no_placeholders() {
        for text in [
            "Tick it off my 'Flat' list",
            "text +32 470 55 81 02 that i'm running late",
            "Order 1234567 went to an address in Ghent",
            "How far is it from Ghent to Maastricht?",
            "Is order 10023 paid?",
            "My son Joe needs a date for the dentist",
        ] {
            assert_eq!(placeholder(text), None, "{text}");
        }
    }
}

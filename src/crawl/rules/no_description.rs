//! Rule `no_description`: an operation that nothing describes. Where the spec has no words, a clear path is enough, for a
//! sentence can be made of it (`GET /pets/{id}`: "Get a pet."); where the path has none either, nobody knows what it does.

use super::Case;
use crate::crawl::prose::words;

/// What the rule drops.
pub const DROPS: &str = "what nothing describes: no words in the spec, and none in the path";

/// What people write where they should describe.
const EMPTY: [&str; 16] = [
    "todo",
    "tbd",
    "na",
    "none",
    "null",
    "undefined",
    "string",
    "description",
    "nodescription",
    "summary",
    "test",
    "nodescriptionprovided",
    "nodescriptionavailable",
    "adddescriptionhere",
    "nosummary",
    "emptydescription",
];

/// Returns why an operation is dropped.
pub fn check(case: &Case<'_>) -> Option<String> {
    let said = ["summary", "description", "operationId"]
        .iter()
        .any(|key| case.operation.text(key).is_some_and(says));
    let clear = case.literals().iter().filter(|s| !super::is_base(&s.concat())).flatten().any(|w| is_word(w));
    (!said && !clear).then(|| "neither its text nor its path says what it does".to_owned())
}

/// Tells whether a text has a word that means something.
fn says(text: &str) -> bool {
    if text.chars().filter(|c| c.is_alphabetic() && !c.is_ascii()).count() >= 2 {
        return true;
    }
    let all = words(text);
    let means = all.iter().filter(|w| is_word(w)).count();
    !EMPTY.contains(&all.concat().as_str()) && (means >= 2 || all.iter().any(|w| is_word(w) && !is_method(w)))
}

fn is_method(word: &str) -> bool {
    matches!(word, "get" | "post" | "put" | "patch" | "delete" | "api" | "http" | "https")
}

/// Shorter ones that everybody reads.
const SHORT: [&str; 8] = ["me", "my", "ip", "tv", "qr", "ai", "id", "pr"];

/// Tells a word or an abbreviation from a mark: three letters or more, and hardly any digits.
fn is_word(word: &str) -> bool {
    if SHORT.contains(&word) {
        return true;
    }
    let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
    letters >= 3 && letters * 2 > word.len()
}

#[cfg(test)]
mod tests {
    use super::super::testing::sample;
    use super::*;
    use crate::data::Method::{Get, Post};
    use serde_json::json;

    #[test]
    fn what_nothing_describes_goes() {
        for (path, text) in [("/", ""), ("/{id}", "TODO"), ("/v1/api", "GET"), ("/x1/{a}", "")] {
            assert!(sample(Get, path, text).drops(check), "{path}");
        }
    }

    #[test]
    fn a_clear_path_or_a_word_is_enough() {
        assert!(!sample(Get, "/pets/{id}", "").drops(check));
        assert!(!sample(Get, "/me", "").drops(check));
        assert!(!sample(Get, "/{owner}/{api}", "Delete an API").drops(check));
        assert!(!sample(Post, "/", "Sends a message.").drops(check));
        assert!(!sample(Get, "/{id}", "取得資料").drops(check));
        let mut named = sample(Get, "/", "");
        named.operation["operationId"] = json!("listPets");
        assert!(!named.drops(check));
    }
}

//! Rule `deprecated`: nobody should learn to call what its own provider advises against.

use super::Case;
use regex::Regex;
use std::sync::LazyLock;

/// What the rule drops.
pub const DROPS: &str = "what the spec marks `deprecated`, or begins to describe with that word";

/// The mark that people write before a summary or a description. "Lists deprecated models" is none.
static MARK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^(?:<[^>]*>|[\s\W_])*(?:deprecat(?:ed|ion)(?:\s*(?:notice|warning|endpoint|api|method|operation|call|since\b|as of\b|in (?:favou?r|version)\b|[-:.,;!\])*_<]|$)))|^[\s\W_]*(?:note|warning|important|attention)?[\s\W_]*this\s+(?:\w+\s+){0,3}(?:is|has been|was)\s+(?:now\s+|being\s+)?deprecated\b",
    )
    .expect("a valid pattern")
});

/// Returns why an operation is dropped.
pub fn check(case: &Case<'_>) -> Option<String> {
    if case.operation.flag("deprecated") || case.operation.flag("x-deprecated") {
        return Some("the spec says it is deprecated".to_owned());
    }
    let said = ["summary", "description"].iter().filter_map(|key| case.operation.text(key));
    said.into_iter()
        .any(|text| MARK.is_match(text))
        .then(|| "its description says it is deprecated".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::testing::sample;
    use super::*;
    use crate::data::Method::Get;
    use serde_json::json;

    #[test]
    fn the_flag_and_the_mark_in_words_drop() {
        let mut flagged = sample(Get, "/pets", "Lists pets.");
        flagged.operation["deprecated"] = json!(true);
        assert!(flagged.drops(check));
        for text in [
            "Deprecated. Use /v2/pets.",
            "**DEPRECATED**: lists pets",
            "[Deprecated] List pets",
            "(deprecated) List pets",
            "Deprecated",
            "<b>Deprecated since 2.1</b>",
            "This endpoint is deprecated, use pets instead.",
            "Warning: This API has been deprecated.",
        ] {
            assert!(sample(Get, "/pets", text).drops(check), "{text}");
        }
    }

    #[test]
    fn a_description_that_speaks_of_deprecated_things_stays() {
        for text in [
            "Lists deprecated models.",
            "Deprecated models are listed, too.",
            "Gets a pet. The field `kind` is deprecated.",
        ] {
            assert!(!sample(Get, "/pets", text).drops(check), "{text}");
        }
    }
}

//! One line of plain text, shortened to a number of bytes: what parameters, fields and errors say.

use super::plain::sentences;
use regex::Regex;
use std::sync::LazyLock;

macro_rules! pattern {
    ($name:ident, $regex:literal) => {
        static $name: LazyLock<Regex> = LazyLock::new(|| Regex::new($regex).expect("a valid pattern"));
    };
}

pattern!(STATUS, r"^Returns? (?:an? )?(?:HTTP )?[2-5]\d\d\b");
pattern!(
    POINTER,
    r"(?i)^(?:for (?:more|further|additional) (?:information|details?|info)|learn more|see also|read more|more (?:information|details|info)|(?:please )?(?:see|refer to|check) (?:the |our |this )?.*(?:https?://|documentation|guide|docs\b|below|link)|see )"
);

/// Shortens plain text to at most `max` bytes: sentences that only point elsewhere go first, then the cut is at a sentence end.
pub fn shorten(text: &str, max: usize) -> String {
    let kept: Vec<&str> = sentences(text).into_iter().filter(|s| !is_noise(s)).collect();
    let Some(first) = kept.first() else {
        return cut_words(text, max);
    };
    if first.len() > max {
        return cut_words(first, max);
    }
    let mut out = String::new();
    for sentence in kept {
        if out.len() + sentence.len() + usize::from(!out.is_empty()) > max {
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(sentence);
    }
    out
}

fn is_noise(sentence: &str) -> bool {
    let bare = sentence.trim_end_matches(['.', '!']).to_lowercase();
    matches!(
        bare.as_str(),
        "optional" | "required" | "(optional)" | "(required)" | "read-only" | "output only" | "todo"
    ) || (POINTER.is_match(sentence) && sentence.len() < 240)
        || bare.starts_with("by passing in the appropriate")
        || STATUS.is_match(sentence)
        || sentence.contains("https://")
        || sentence.contains("http://") && sentence.len() > 60
}

/// Cuts one over-long sentence at a clause or word end.
fn cut_words(text: &str, max: usize) -> String {
    if text.len() <= max {
        return text.to_owned();
    }
    let mut end = max.saturating_sub('…'.len_utf8());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = &text[..end];
    let balanced = |at: &usize| head[..*at].matches('(').count() == head[..*at].matches(')').count();
    let ends = ["; ", ", ", " ("].map(|mark| head.rfind(mark).filter(balanced));
    let clause = ends.into_iter().flatten().max().filter(|at| *at > max / 2);
    if let Some(at) = clause {
        return format!("{}.", head[..at].trim_end_matches([',', ';', ' ', ':', '.']));
    }
    let at = head.rfind(' ').unwrap_or(end);
    format!("{}…", head[..at].trim_end_matches([',', ';', ' ', ':']))
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use super::*;

    #[test]
    fn markup_is_stripped_and_names_survive() {
        assert_eq!(
            plain("_deviceId_ is optional, but requires the _from_ and _to_ parameters"),
            "deviceId is optional, but requires the from and to parameters"
        );
        assert_eq!(
            plain("<p>Use <b>snake_case_name</b> &amp; [docs](https://x.y/z).</p>"),
            "Use snake_case_name & docs."
        );
        assert_eq!(
            plain("Values are:  \n- \"a\" - First. \n- \"b\" - Second."),
            "Values are: \"a\" - First. \"b\" - Second."
        );
        assert_eq!(plain("paginated results.Range is 1 to 100."), "paginated results. Range is 1 to 100.");
    }

    #[test]
    fn cuts_fall_on_sentence_ends_and_pointers_elsewhere_go() {
        assert_eq!(
            shorten("One thing, e.g. this. Another thing. A third.", 40),
            "One thing, e.g. this. Another thing."
        );
        assert_eq!(shorten("The id. Optional. For more information, see the guide.", 200), "The id.");
    }
}

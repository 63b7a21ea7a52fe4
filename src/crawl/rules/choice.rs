//! What a list of names takes.

use crate::config::plan::Choice;

/// Returns why a choice refuses what `matches` tells of.
pub fn refuses(choice: &Choice, matches: impl Fn(&String) -> bool) -> Option<String> {
    if let Some(pattern) = choice.exclude.iter().find(|p| matches(p)) {
        return Some(format!("which `exclude` names: {pattern}"));
    }
    let taken = choice.only.is_empty() || choice.only.iter().any(matches);
    (!taken).then(|| format!("which `only` does not name: {}", choice.only.join(", ")))
}

/// Tells whether a text is what a pattern says, in which `*` stands for any text.
pub fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, is) in [
            ("mit", "mit", true),
            ("mit", "mitx", false),
            ("cc-by-*", "cc-by-4.0", true),
            ("*data*", "open data sets", true),
            ("a*b*c", "a-c-b", false),
            ("*", "", true),
        ] {
            assert_eq!(glob(pattern, text), is, "{pattern} {text}");
        }
    }
}

//! Allowed values that stand only in a field's description.

/// What leads a list of values.
const LEADS: &[&str] = &[
    "possible values are",
    "possible value is",
    "possible values can be",
    "possible values include",
    "valid values are",
    "valid values:",
    "allowed values",
    "either \"",
    "either `",
    "one of:",
    "can be one of",
    "valid reasons:",
    "must be one of",
    "supported values",
    "the allowed values",
];

/// Returns the values that a description allows, where it lists them: `Possible values are: - "none" - …`, `either "a" or "b"`,
/// `Possible values include: open, in_progress, closed`, `This is always "tasks#task"`, `String|Number|Boolean`.
pub(crate) fn allowed_values(description: &str) -> Vec<String> {
    let lower = description.to_lowercase();
    if let Some(at) = lower.find("is always \"") {
        return quoted(&description[at..]).into_iter().take(1).collect();
    }
    if is_bars(description) {
        return description.split('|').map(|s| s.trim().to_owned()).collect();
    }
    let Some(at) = LEADS.iter().filter_map(|lead| lower.find(lead)).min() else { return Vec::new() };
    if !description.is_char_boundary(at) {
        return Vec::new();
    }
    let rest = &description[at..];
    let bullets = bulleted(rest);
    if bullets.len() > 1 {
        return bullets;
    }
    let sentence = rest.split(". ").next().unwrap_or(rest);
    let found = quoted(sentence);
    if !found.is_empty() {
        return found;
    }
    let Some((_, list)) = sentence.split_once(':') else { return Vec::new() };
    plain_list(list)
}

fn is_bars(text: &str) -> bool {
    text.contains('|')
        && text
            .split('|')
            .all(|s| !s.trim().is_empty() && s.trim().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

fn bulleted(text: &str) -> Vec<String> {
    text.split("- \"")
        .skip(1)
        .filter_map(|part| part.split_once('"').map(|(value, _)| value.to_owned()))
        .filter(|v| is_value(v))
        .collect()
}

fn quoted(text: &str) -> Vec<String> {
    for quote in ['"', '`', '\''] {
        let parts: Vec<&str> = text.split(quote).collect();
        let found: Vec<String> =
            parts.iter().skip(1).step_by(2).map(|s| (*s).to_owned()).filter(|v| is_value(v)).collect();
        if !found.is_empty() && parts.len() % 2 == 1 {
            return found;
        }
    }
    Vec::new()
}

fn plain_list(list: &str) -> Vec<String> {
    let mut out = Vec::new();
    for part in list.split([',', ';']) {
        let word = part.trim().trim_start_matches("or ").trim_end_matches('.').trim();
        if word.is_empty() || word == "or" {
            continue;
        }
        if !is_value(word) || word.contains(' ') {
            break;
        }
        out.push(word.to_owned());
    }
    if out.len() > 1 { out } else { Vec::new() }
}

fn is_value(text: &str) -> bool {
    !text.is_empty() && text.len() <= 40 && text.chars().all(|c| c.is_alphanumeric() || "_-#/. ".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_in_prose_are_read() {
        let cases: &[(&str, &[&str])] = &[
            (
                "The role. Possible values are:  \n- \"none\" - Provides no access. \n- \"reader\" - Provides read access.",
                &["none", "reader"],
            ),
            (
                "Status of the task. This is either \"needsAction\" or \"completed\".",
                &["needsAction", "completed"],
            ),
            ("Type of the resource. This is always \"tasks#task\".", &["tasks#task"]),
            (
                "The current status of the ticket. Possible values include: open, in_progress, closed, or - in cases where there is no match",
                &["open", "in_progress", "closed"],
            ),
            (
                "The status of the function execution. Possible values can be: `waiting`, `processing`, `completed`, or `failed`.",
                &["waiting", "processing", "completed", "failed"],
            ),
            ("String|Number|Boolean", &["String", "Number", "Boolean"]),
            ("The name of the asset", &[]),
        ];
        for (text, values) in cases {
            assert_eq!(allowed_values(text), *values, "{text}");
        }
    }
}

//! Text as specs write it, made plain: markup stripped, cut at sentence ends, identifiers split into words.

use regex::Regex;
use std::sync::LazyLock;

macro_rules! pattern {
    ($name:ident, $regex:literal) => {
        static $name: LazyLock<Regex> = LazyLock::new(|| Regex::new($regex).expect("a valid pattern"));
    };
}

pattern!(TAG, r"(?s)<!--.*?-->|</?[A-Za-z][A-Za-z0-9]*(?:\s[^<>]*)?/?>");
pattern!(BREAK, r"(?i)<br\s*/?>|</(?:p|div|li|ul|ol|h[1-6]|t[rdh]|table|section)>|<li>");
pattern!(LINK, r"!?\[([^\[\]]*)\]\((?:[^()\s]|\([^()]*\))*(?:\s+[^)]*)?\)");
pattern!(REFERENCE_LINK, r"\[([^\[\]]+)\]\[[^\[\]]*\]");
pattern!(STRONG, r"\*\*([^*\n]+)\*\*|__([^_\n]+)__");
pattern!(
    EMPHASIS,
    r"(^|[\s(])[*_]([A-Za-z0-9](?:[A-Za-z0-9_.]*[A-Za-z0-9])?|[A-Za-z0-9][^*_\n]*)[*_]([\s).,;:!?s]|$)"
);
pattern!(HEADING, r"(?m)^\s{0,3}#{1,6}\s+");
pattern!(BULLET, r"(?m)^\s*(?:[-*+•]|\d+\.)\s+");
pattern!(FENCE, r"(?s)```.*?```");
pattern!(RULE, r"(?m)^\s*(?:-{3,}|={3,}|\*{3,})\s*$");
pattern!(ASIDE, r"(^|[\s;])\(?(?:Optional|Required)[.)]+(\s|$)");
pattern!(
    LEAD,
    r"(?i)^(?:you (?:can )?)?use (?:a|an|the|this) (?:(?:get|post|put|patch|delete) )?(?:request|endpoint|method|operation|api|call|route) to |^this (?:endpoint|method|operation|api|call|route) (?:allows|enables|lets|can be used by|permits) (?:you |users |a user |the user |clients )?(?:to )?|^this (?:endpoint|method|operation|route) (?:is|can be) used to "
);
pattern!(STATUS, r"^Returns? (?:an? )?(?:HTTP )?[2-5]\d\d\b");
pattern!(GLUED, r"\b([a-z]{3,})\.([A-Z][a-z])");
pattern!(
    POINTER,
    r"(?i)^(?:for (?:more|further|additional) (?:information|details?|info)|learn more|see also|read more|more (?:information|details|info)|(?:please )?(?:see|refer to|check) (?:the |our |this )?.*(?:https?://|documentation|guide|docs\b|below|link)|see )"
);

/// Makes text plain: no HTML, no Markdown, entities decoded, on one line.
pub fn plain(text: &str) -> String {
    let mut text = text.replace("\r\n", "\n");
    if text.contains("```") {
        text = FENCE.replace_all(&text, " ").into_owned();
    }
    if text.contains('<') {
        text = BREAK.replace_all(&text, "\n").into_owned();
        text = TAG.replace_all(&text, "").into_owned();
    }
    if text.contains('&') {
        text = decode_entities(&text);
    }
    if text.contains('[') {
        text = LINK.replace_all(&text, "$1").into_owned();
        text = REFERENCE_LINK.replace_all(&text, "$1").into_owned();
    }
    if text.contains('*') || text.contains('_') {
        text = STRONG.replace_all(&text, "$1$2").into_owned();
        text = EMPHASIS.replace_all(&text, "$1$2$3").into_owned();
        text = EMPHASIS.replace_all(&text, "$1$2$3").into_owned();
    }
    if text.contains('#') {
        text = HEADING.replace_all(&text, "").into_owned();
    }
    if text.contains('\n') || text.trim_start().starts_with(['-', '*', '+', '•']) {
        text = RULE.replace_all(&text, "").into_owned();
        text = BULLET.replace_all(&text, "; ").into_owned();
    }
    if text.contains('`') {
        text = text.replace('`', "");
    }
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let glue = out.is_empty() || word == ";";
        if !glue {
            out.push(' ');
        }
        out.push_str(word);
    }
    tidy(&out)
}

/// Removes the seams that stripping leaves.
fn tidy(text: &str) -> String {
    let mut text = GLUED.replace_all(text, "$1. $2").into_owned();
    if text.contains(". learn more") {
        text = text.replace(". learn more", ". Learn more");
    }
    if text.contains("ptional") || text.contains("equired") {
        text = ASIDE.replace_all(&text, "$1$2").split_whitespace().collect::<Vec<_>>().join(" ");
    }
    for (seam, mended) in [
        (".;", "."),
        (":;", ":"),
        (",;", ","),
        (";;", ";"),
        ("?;", "?"),
        ("!;", "!"),
        (" .", "."),
        (" ,", ","),
        ("()", ""),
    ] {
        // ` .5` and ` ...` keep their blank
        if seam == " ." {
            text = text.replace(" . ", ". ");
            if let Some(head) = text.strip_suffix(" .") {
                text = format!("{head}.");
            }
            continue;
        }
        while text.contains(seam) {
            text = text.replace(seam, mended);
        }
    }
    text.trim().trim_start_matches("; ").trim_start_matches(';').trim().to_owned()
}

fn decode_entities(text: &str) -> String {
    let mut out = text.to_owned();
    for (entity, char) in [
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&apos;", "'"),
        ("&rsquo;", "'"),
        ("&ldquo;", "\""),
        ("&rdquo;", "\""),
        ("&mdash;", "—"),
        ("&ndash;", "–"),
        ("&hellip;", "…"),
        ("&amp;", "&"),
    ] {
        if out.contains(entity) {
            out = out.replace(entity, char);
        }
    }
    out
}

/// Drops a beginning that says only that an endpoint is used, and starts with what it does.
pub fn without_lead(text: &str) -> String {
    match LEAD.find(text) {
        Some(lead) if lead.end() < text.len() => capital(&text[lead.end()..]),
        _ => text.to_owned(),
    }
}

/// Splits plain text into sentences, each with its final mark.
pub fn sentences(text: &str) -> Vec<&str> {
    const ABBREVIATIONS: [&str; 14] = [
        "e.g.", "i.e.", "eg.", "ie.", "etc.", "vs.", "approx.", "no.", "incl.", "excl.", "max.", "min.",
        "resp.", "cf.",
    ];
    let mut out = Vec::new();
    let mut start = 0;
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    for (i, &(at, c)) in chars.iter().enumerate() {
        if !matches!(c, '.' | '!' | '?') {
            continue;
        }
        let mut end = at + c.len_utf8();
        let mut j = i + 1;
        while j < chars.len() && matches!(chars[j].1, '"' | '\'' | ')' | '.' | '!' | '?') {
            end = chars[j].0 + chars[j].1.len_utf8();
            j += 1;
        }
        let blank = chars.get(j).is_none_or(|(_, c)| c.is_whitespace());
        let next = chars.get(j + 1).map(|(_, c)| *c);
        let opens = next.is_none_or(|c| !c.is_lowercase());
        let word = text[start..end].rsplit(' ').next().unwrap_or_default().to_lowercase();
        let abbreviated = ABBREVIATIONS.contains(&word.trim_start_matches('(')) && next.is_some();
        if blank && opens && !abbreviated && end > start {
            let sentence = text[start..end].trim();
            if !sentence.is_empty() {
                out.push(sentence);
            }
            start = end;
        }
    }
    if start < text.len() {
        let rest = text[start..].trim();
        if !rest.is_empty() {
            out.push(rest);
        }
    }
    out
}

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

/// Splits an identifier into lower-case words: `getPetById`, `get-pet_by.id` and `GET petByID` alike.
pub fn words(identifier: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut word = String::new();
    let chars: Vec<char> = identifier.chars().collect();
    for (i, &c) in chars.iter().enumerate() {
        if !c.is_ascii_alphanumeric() {
            flush(&mut word, &mut out);
            continue;
        }
        let before = i.checked_sub(1).map(|i| chars[i]);
        let after = chars.get(i + 1).copied();
        let starts = c.is_ascii_uppercase()
            && (before.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
                || before.is_some_and(|b| b.is_ascii_uppercase())
                    && after.is_some_and(|a| a.is_ascii_lowercase())
                    && !is_plural_acronym(&chars, i));
        if starts {
            flush(&mut word, &mut out);
        }
        word.push(c.to_ascii_lowercase());
    }
    flush(&mut word, &mut out);
    out
}

/// Tells `IDs` and `URLs` from `IDShort`.
fn is_plural_acronym(chars: &[char], i: usize) -> bool {
    chars.get(i + 1) == Some(&'s') && chars.get(i + 2).is_none_or(|c| !c.is_ascii_lowercase())
}

fn flush(word: &mut String, out: &mut Vec<String>) {
    if !word.is_empty() {
        out.push(std::mem::take(word));
    }
}

/// Returns the singular of an English noun, or the noun where it has none.
pub fn singular(noun: &str) -> String {
    const FIXED: [&str; 18] = [
        "analytics",
        "statistics",
        "status",
        "news",
        "series",
        "address",
        "process",
        "access",
        "business",
        "analysis",
        "sms",
        "gps",
        "dns",
        "css",
        "https",
        "canvas",
        "progress",
        "class",
    ];
    const IRREGULAR: [(&str, &str); 7] = [
        ("people", "person"),
        ("children", "child"),
        ("indices", "index"),
        ("aliases", "alias"),
        ("statuses", "status"),
        ("movies", "movie"),
        ("cookies", "cookie"),
    ];
    if let Some((_, one)) = IRREGULAR.iter().find(|(many, _)| *many == noun) {
        return (*one).to_owned();
    }
    if FIXED.contains(&noun)
        || noun.len() < 4
        || noun.ends_with("ss")
        || noun.ends_with("us")
        || noun.ends_with("is")
    {
        return noun.to_owned();
    }
    if let Some(stem) = noun.strip_suffix("ies") {
        return format!("{stem}y");
    }
    for suffix in ["ches", "shes", "xes", "sses", "zzes"] {
        if noun.ends_with(suffix) {
            return noun[..noun.len() - 2].to_owned();
        }
    }
    noun.strip_suffix('s').unwrap_or(noun).to_owned()
}

/// Returns the plural of an English noun; a plural stays as it is.
pub fn plural(noun: &str) -> String {
    if is_plural(noun) {
        return noun.to_owned();
    }
    match noun {
        "person" => return "people".to_owned(),
        "child" => return "children".to_owned(),
        "news" | "feedback" | "analytics" | "statistics" | "pricing" | "information" | "data"
        | "metadata" | "maintenance" | "inventory" | "lyrics" => {
            return noun.to_owned();
        }
        _ => {}
    }
    if let Some(stem) = noun.strip_suffix('y')
        && !stem.ends_with(['a', 'e', 'o', 'u'])
    {
        return format!("{stem}ies");
    }
    if noun.ends_with(['s', 'x']) || noun.ends_with("ch") || noun.ends_with("sh") {
        return format!("{noun}es");
    }
    format!("{noun}s")
}

/// Tells whether a noun is a plural.
pub fn is_plural(noun: &str) -> bool {
    singular(noun) != noun
}

/// Returns a noun with its indefinite article.
pub fn a(noun: &str) -> String {
    let lower = noun.to_lowercase();
    let vowel = lower.starts_with(['a', 'e', 'i', 'o'])
        || lower.starts_with('u')
            && !["uni", "use", "usa", "uu", "uti", "ur"].iter().any(|p| lower.starts_with(p))
        || lower.starts_with("sms");
    format!("{} {noun}", if vowel { "an" } else { "a" })
}

/// Makes the first letter a capital.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn identifiers_split_into_words_whatever_their_style() {
        assert_eq!(words("getPetById"), ["get", "pet", "by", "id"]);
        assert_eq!(words("listIDsForURLs"), ["list", "ids", "for", "urls"]);
        assert_eq!(words("calendar.events.quickAdd"), ["calendar", "events", "quick", "add"]);
        assert_eq!(words("accountCreateOAuth2Session"), ["account", "create", "o", "auth2", "session"]);
    }

    #[test]
    fn nouns_turn_between_singular_and_plural() {
        for (one, many) in
            [("category", "categories"), ("box", "boxes"), ("address", "addresses"), ("pet", "pets")]
        {
            assert_eq!(plural(one), many);
            assert_eq!(singular(many), one);
        }
        assert_eq!(singular("status"), "status");
    }
}

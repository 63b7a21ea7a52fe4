//! Words as specs write them: identifiers split into words, nouns turned between singular and plural. Whole texts are read in `docs`.

pub use super::docs::{plain, sentences, shorten, without_lead};

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

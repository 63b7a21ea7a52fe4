//! Words in identifiers: splitting, singular and plural, and how to say a field's name.

/// Splits an identifier into lower-case words: `lastUpdate` → `last update`, `HTMLPage_ids` → `html page ids`.
pub fn split(identifier: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let chars: Vec<char> = identifier.chars().collect();
    for (i, &c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            push(&mut words, &mut word);
            continue;
        }
        let before = i.checked_sub(1).map(|j| chars[j]);
        let after = chars.get(i + 1).copied();
        let starts = c.is_uppercase()
            && (before.is_some_and(|b| b.is_lowercase() || b.is_ascii_digit())
                || (before.is_some_and(char::is_uppercase) && after.is_some_and(char::is_lowercase)));
        if starts {
            push(&mut words, &mut word);
        }
        word.extend(c.to_lowercase());
    }
    push(&mut words, &mut word);
    words.iter().flat_map(|w| unglue(w)).collect()
}

fn push(words: &mut Vec<String>, word: &mut String) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

/// Identifiers that specs write as one word.
const GLUED: &[(&str, &[&str])] = &[
    ("tasklist", &["task", "list"]),
    ("tasklists", &["task", "lists"]),
    ("timezone", &["time", "zone"]),
    ("timezones", &["time", "zones"]),
    ("datetime", &["date", "time"]),
    ("userid", &["user", "id"]),
    ("username", &["username"]),
    ("firstname", &["first", "name"]),
    ("lastname", &["last", "name"]),
    ("zipcode", &["zip", "code"]),
    ("postalcode", &["postal", "code"]),
];

fn unglue(word: &str) -> Vec<String> {
    match GLUED.iter().find(|(glued, _)| *glued == word) {
        Some((_, parts)) => parts.iter().map(ToString::to_string).collect(),
        None => vec![word.to_owned()],
    }
}

const IRREGULAR: &[(&str, &str)] = &[
    ("people", "person"),
    ("children", "child"),
    ("men", "man"),
    ("women", "woman"),
    ("indices", "index"),
    ("vertices", "vertex"),
    ("matrices", "matrix"),
    ("statuses", "status"),
    ("addresses", "address"),
    ("aliases", "alias"),
    ("boxes", "box"),
    ("batches", "batch"),
    ("branches", "branch"),
    ("matches", "match"),
    ("wishes", "wish"),
    ("movies", "movie"),
    ("cookies", "cookie"),
    ("calories", "calorie"),
    ("series", "series"),
    ("news", "news"),
    ("lyrics", "lyrics"),
    ("data", "data"),
    ("analytics", "analytics"),
    ("statistics", "statistics"),
    ("settings", "setting"),
    ("media", "media"),
];

/// Returns the singular of an English noun.
pub fn singular(word: &str) -> String {
    if let Some((_, one)) = IRREGULAR.iter().find(|(many, _)| *many == word) {
        return (*one).to_owned();
    }
    if let Some(stem) = word.strip_suffix("ies")
        && stem.len() > 1
    {
        return format!("{stem}y");
    }
    for ending in ["sses", "shes", "ches", "xes", "zes"] {
        if word.ends_with(ending) {
            return word[..word.len() - 2].to_owned();
        }
    }
    if word.ends_with('s')
        && !word.ends_with("ss")
        && !word.ends_with("us")
        && !word.ends_with("is")
        && word.len() > 2
    {
        return word[..word.len() - 1].to_owned();
    }
    word.to_owned()
}

/// Returns the plural of an English noun or noun phrase (its last word).
pub fn plural(phrase: &str) -> String {
    let (head, last) = match phrase.rsplit_once(' ') {
        Some((head, last)) => (format!("{head} "), last),
        None => (String::new(), phrase),
    };
    let many = if let Some((many, _)) = IRREGULAR.iter().find(|(_, one)| *one == last) {
        (*many).to_owned()
    } else if last.ends_with('y') && !last.ends_with("ay") && !last.ends_with("ey") && !last.ends_with("oy") {
        format!("{}ies", &last[..last.len() - 1])
    } else if ["s", "sh", "ch", "x", "z"].iter().any(|e| last.ends_with(e)) {
        format!("{last}es")
    } else {
        format!("{last}s")
    };
    head + &many
}

/// Returns the words with the last one in the singular.
pub fn singular_words(words: &[String]) -> Vec<String> {
    let mut out = words.to_vec();
    if let Some(last) = out.last_mut() {
        *last = singular(last);
    }
    out
}

/// Words that say "this is an identifier".
const ID_WORDS: &[&str] =
    &["id", "ids", "uuid", "guid", "uid", "key", "slug", "identifier", "code", "number", "ref"];

/// Returns whether a word marks an identifier.
pub fn is_id_word(word: &str) -> bool {
    ID_WORDS.contains(&word)
}

/// Returns the noun of an id-like name: `petId` → `pet`, `f_artist_id` → `artist`, `assignee_ids` → `assignee`; empty for `id`.
/// `None` when the name does not end like an id.
pub fn id_noun(name: &str) -> Option<Vec<String>> {
    let mut words = split(name);
    let last = words.last()?;
    if !matches!(last.as_str(), "id" | "ids" | "uuid" | "guid" | "uuids") {
        return None;
    }
    words.pop();
    while words.first().is_some_and(|w| w.len() == 1) {
        words.remove(0);
    }
    Some(singular_words(&words))
}

/// Says a field's name as a person would: `lastUpdate` → `last update`, `created_at` → `created at`.
/// Words that repeat the resource are dropped (`artist_name` of an artist → `name`).
pub fn label(field: &str, resource_words: &[String]) -> String {
    let words: Vec<String> = split(field);
    let rest: Vec<String> = words.iter().skip_while(|w| resource_words.contains(w)).cloned().collect();
    let chosen = if rest.is_empty() { words } else { rest };
    match chosen.as_slice() {
        [what, language] if what == "name" && language == "en" => "name".to_owned(),
        [what, language] if what == "name" && language == "fr" => "French name".to_owned(),
        _ => chosen.join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_split_into_words() {
        assert_eq!(split("lastUpdate"), ["last", "update"]);
        assert_eq!(split("iCalUID"), ["i", "cal", "uid"]);
        assert_eq!(split("f_artist_id"), ["f", "artist", "id"]);
        assert_eq!(split("tasklists"), ["task", "lists"]);
    }

    #[test]
    fn nouns_go_both_ways() {
        for (one, many) in [
            ("pet", "pets"),
            ("category", "categories"),
            ("address", "addresses"),
            ("country", "countries"),
            ("box", "boxes"),
        ] {
            assert_eq!(singular(many), one);
            assert_eq!(plural(one), many);
        }
        assert_eq!(singular("status"), "status");
    }

    #[test]
    fn id_names_give_their_noun() {
        assert_eq!(id_noun("petId"), Some(vec!["pet".to_owned()]));
        assert_eq!(id_noun("f_artist_id"), Some(vec!["artist".to_owned()]));
        assert_eq!(id_noun("id"), Some(vec![]));
        assert_eq!(id_noun("name"), None);
    }
}

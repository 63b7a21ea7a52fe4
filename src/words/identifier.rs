//! Words in identifiers: one splitter, how to say a field's name, and the noun that an id names.

use super::noun::singular;

/// Splits an identifier into lower-case words where its writer marked them, by signs and case: `lastUpdate`, `last_update`,
/// `LAST-UPDATE` → `last update`; `HTMLPage` → `html page`; `listIDs` → `list ids`.
pub fn split_as_written(identifier: &str) -> Vec<String> {
    pieces(identifier, Digits::Within)
}

/// Splits an identifier into lower-case words as people would say them: as written, and digits apart (`address2` → `address 2`),
/// and what is usually written as one opened (`timezone` → `time zone`).
pub fn split(identifier: &str) -> Vec<String> {
    let words = pieces(identifier, Digits::Apart);
    words
        .into_iter()
        .flat_map(|word| match GLUED.iter().find(|(glued, _)| *glued == word) {
            Some((_, parts)) => parts.split(' ').map(str::to_owned).collect(),
            None => vec![word],
        })
        .collect()
}

/// Where digits belong that follow letters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Digits {
    /// To the word before them.
    Within,
    /// To a word of their own, after more than two letters (`v2` and `mp3` are names).
    Apart,
}

fn pieces(identifier: &str, digits: Digits) -> Vec<String> {
    let chars: Vec<char> = identifier.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for (i, &c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            push(&mut words, &mut word);
            continue;
        }
        let starts = i.checked_sub(1).is_some_and(|before| {
            let before = chars[before];
            let rises = c.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit());
            let number = digits == Digits::Apart
                && c.is_ascii_digit()
                && before.is_alphabetic()
                && word.chars().nth(2).is_some();
            rises || number || (c.is_uppercase() && before.is_uppercase() && ends_capitals(&chars, i))
        });
        if starts {
            push(&mut words, &mut word);
        }
        word.extend(c.to_lowercase());
    }
    push(&mut words, &mut word);
    words
}

fn push(words: &mut Vec<String>, word: &mut String) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

/// Whether a capital after capitals begins the next word (`IDShort`), and is not the last of several (`IDs`, `URLs`).
fn ends_capitals(chars: &[char], i: usize) -> bool {
    let lower = |at: usize| chars.get(at).is_some_and(|c| c.is_lowercase());
    lower(i + 1) && (chars[i + 1] != 's' || lower(i + 2))
}

/// What identifiers write as one word.
const GLUED: &[(&str, &str)] = &[
    ("tasklist", "task list"),
    ("tasklists", "task lists"),
    ("timezone", "time zone"),
    ("timezones", "time zones"),
    ("datetime", "date time"),
    ("userid", "user id"),
    ("firstname", "first name"),
    ("lastname", "last name"),
    ("zipcode", "zip code"),
    ("postalcode", "postal code"),
    ("freebusy", "free busy"),
];

/// Returns an identifier's words with the last one in the singular.
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

const ACRONYMS: [&str; 22] = [
    "id", "url", "uri", "api", "ip", "sms", "gps", "iso", "uuid", "vin", "sku", "vat", "iban", "utc", "pdf",
    "html", "isbn", "gtin", "upc", "ean", "faq", "usd",
];

/// Returns a field's name as it is written in prose, with its acronyms in capitals: `lastUpdate` → `last update`, `petId` → `pet ID`.
pub fn caption(identifier: &str) -> String {
    let words: Vec<String> = split(identifier)
        .into_iter()
        .map(|w| if ACRONYMS.contains(&w.as_str()) { w.to_uppercase() } else { w })
        .collect();
    words.join(" ")
}

/// Returns an enum's value in words: `outOfOffice` → `out of office`, `FINISHED_GOODS` → `finished goods`.
/// A value with spaces, or one that looks like a code (`EUR`, `3xl`), is left as it is.
pub fn enum_words(value: &str) -> String {
    let has_letters = value.chars().any(char::is_alphabetic);
    if !has_letters || value.contains(' ') || value.contains('/') {
        return value.to_owned();
    }
    let short_code = value.len() <= 3 && value.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    if short_code || value.chars().any(|c| c.is_ascii_digit()) {
        return value.to_owned();
    }
    split(value).join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_split_where_they_are_marked_whatever_their_style() {
        for (identifier, words) in [
            ("getPetById", "get pet by id"),
            ("get-pet_by.id", "get pet by id"),
            ("listIDsForURLs", "list ids for urls"),
            ("calendar.events.quickAdd", "calendar events quick add"),
            ("accountCreateOAuth2Session", "account create o auth2 session"),
            ("assetTypeName", "asset type name"),
            ("iCalUID", "i cal uid"),
            ("photoUrls", "photo urls"),
            ("$id", "id"),
            ("timezone", "timezone"),
        ] {
            assert_eq!(split_as_written(identifier).join(" "), words);
        }
    }

    #[test]
    fn identifiers_are_split_as_people_say_them() {
        for (identifier, words) in [
            ("lastUpdate", "last update"),
            ("HTMLPage_ids", "html page ids"),
            ("petIDs", "pet ids"),
            ("f_artist_id", "f artist id"),
            ("tasklists", "task lists"),
            ("defaultTimezone", "default time zone"),
            ("userid", "user id"),
            ("address2", "address 2"),
            ("v2", "v2"),
            ("mp3", "mp3"),
            ("Straße", "straße"),
        ] {
            assert_eq!(split(identifier).join(" "), words);
        }
    }

    #[test]
    fn id_names_give_their_noun() {
        assert_eq!(id_noun("petId"), Some(vec!["pet".to_owned()]));
        assert_eq!(id_noun("f_artist_id"), Some(vec!["artist".to_owned()]));
        assert_eq!(id_noun("assignee_ids"), Some(vec!["assignee".to_owned()]));
        assert_eq!(id_noun("id"), Some(vec![]));
        assert_eq!(id_noun("name"), None);
    }

    #[test]
    fn fields_become_the_words_people_write() {
        for (identifier, words) in [
            ("lastUpdate", "last update"),
            ("artist_country", "artist country"),
            ("petId", "pet ID"),
            ("HTTPServer", "http server"),
            ("due", "due"),
            ("X-Request-Type", "x request type"),
            ("address2", "address 2"),
        ] {
            assert_eq!(caption(identifier), words);
        }
        assert_eq!(label("artist_name", &["artist".to_owned()]), "name");
    }

    #[test]
    fn enum_values_become_words_and_codes_stay() {
        for (value, words) in [
            ("outOfOffice", "out of office"),
            ("FINISHED_GOODS", "finished goods"),
            ("available", "available"),
            ("EUR", "EUR"),
            ("needsAction", "needs action"),
            ("in-progress", "in progress"),
        ] {
            assert_eq!(enum_words(value), words);
        }
    }
}

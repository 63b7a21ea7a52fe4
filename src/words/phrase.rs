//! Small English around words: the indefinite article, capitals, lists.

/// Beginnings of words that are written with a vowel and spoken with a consonant: "a user", "a UUID", "a one-off".
const SPOKEN_HARD: [&str; 14] =
    ["uni", "use", "usa", "usu", "uti", "uuid", "uri", "url", "utc", "ukulele", "ubiq", "eu", "one", "once"];

/// Returns a phrase with its indefinite article, chosen by how it sounds: `an hour`, `a user`, `an SMS`, `an 8-day trip`.
pub fn a(phrase: &str) -> String {
    let word: String =
        phrase.chars().skip_while(|c| !c.is_alphanumeric()).take_while(|c| c.is_alphanumeric()).collect();
    format!("{} {phrase}", if sounds_open(&word) { "an" } else { "a" })
}

fn sounds_open(word: &str) -> bool {
    let lower = word.to_lowercase();
    let begins = |with: &[&str]| with.iter().any(|start| lower.starts_with(start));
    if is_spelled(word) {
        return lower.starts_with(['a', 'e', 'f', 'h', 'i', 'l', 'm', 'n', 'o', 'r', 's', 'x']);
    }
    if lower.starts_with(|c: char| c.is_ascii_digit()) {
        return lower.starts_with('8') || lower == "11" || lower == "18";
    }
    if begins(&["unin", "unim", "hour", "honest", "heir", "honour", "honor"]) {
        return true;
    }
    lower.starts_with(['a', 'e', 'i', 'o', 'u']) && !begins(&SPOKEN_HARD)
}

/// Whether a word is spoken letter by letter: capitals alone, or no vowel at all.
fn is_spelled(word: &str) -> bool {
    let letters = word.chars().all(|c| c.is_ascii_alphabetic());
    let capitals = word.chars().all(|c| c.is_ascii_uppercase());
    let mute = !word.contains(['a', 'e', 'i', 'o', 'u', 'y', 'A', 'E', 'I', 'O', 'U', 'Y']);
    word.len() > 1 && letters && (capitals || mute)
}

/// Makes the first letter a capital.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

/// Joins phrases as a list: `a, b and c`.
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [front @ .., last] => format!("{} and {last}", front.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_follow_the_sound() {
        for said in [
            "an order",
            "a user",
            "an SMS",
            "an sms",
            "an html page",
            "a gps device",
            "an hour",
            "a URL",
            "a url",
            "an urgent task",
            "an unassigned ticket",
            "an ugly dog",
            "an uninteresting song",
            "a unit",
            "a euro",
            "an 8-day trip",
            "a 7-day trip",
        ] {
            let (_, phrase) = said.split_once(' ').unwrap();
            assert_eq!(a(phrase), said);
        }
    }

    #[test]
    fn lists_and_capitals_are_made_as_in_prose() {
        let items = ["tea", "milk", "bread"].map(str::to_owned);
        assert_eq!(list(&items), "tea, milk and bread");
        assert_eq!(list(&items[..2]), "tea and milk");
        assert_eq!(capital("émile's list"), "Émile's list");
    }
}

//! Things that stand out of a text by their shape: quotations, addresses, phone numbers, ids, names.

use super::Found;
use crate::words::is_stopword;
use crate::words::{Token, TokenKind, tokens};
use regex::Regex;
use std::sync::LazyLock;

static QUOTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#""([^"]+)"|“([^”]+)”|„([^“”]+)[“”]|«\s*([^»]+?)\s*»|(?:^|[\s(:,])'([^'\n]+(?:'\w[^'\n]*)*)'|‘([^’\n]+(?:’\w[^’\n]*)*)’"#)
        .expect("a valid expression")
});
static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+").expect("a valid expression")
});
static URL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"https?://[^\s<>"')\]]+|www\.[^\s<>"')\]]+"#).expect("a valid expression"));
static PHONE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\+?\(?\d[\d\s().\-/\u{a0}\u{202f}]{5,}\d").expect("a valid expression"));
static ID: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[A-Za-z0-9]+(?:[-_.:][A-Za-z0-9]+)*").expect("a valid expression"));

/// Returns what stands in quotation marks, without them.
pub fn find_quoted(text: &str) -> Vec<Found<String>> {
    QUOTED
        .captures_iter(text)
        .filter_map(|c| c.iter().skip(1).flatten().next())
        .map(|m| Found::new(m.range(), m.as_str().to_owned()))
        .collect()
}

/// Returns the e-mail addresses.
pub fn find_emails(text: &str) -> Vec<Found<String>> {
    EMAIL.find_iter(text).map(|m| Found::new(m.range(), m.as_str().to_owned())).collect()
}

/// Returns the URLs, without a sentence's closing sign.
pub fn find_urls(text: &str) -> Vec<Found<String>> {
    URL.find_iter(text)
        .map(|m| {
            let url = m.as_str().trim_end_matches(['.', ',', ';', ':', '!', '?']);
            Found::new(m.start()..m.start() + url.len(), url.to_owned())
        })
        .collect()
}

/// Returns the phone numbers in the form they are dialled: digits, with a leading `+` where there is one.
pub fn find_phones(text: &str) -> Vec<Found<String>> {
    static DATE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^\d{4}-\d{2}-\d{2}|^\d{1,2}[/.]\d{1,2}[/.]\d{2,4}").expect("a valid expression")
    });
    PHONE
        .find_iter(text)
        .filter(|m| !DATE.is_match(m.as_str()))
        .filter(|m| !text[..m.start()].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '-'))
        .map(|m| {
            let dialled: String = m.as_str().chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
            Found::new(m.range(), dialled)
        })
        .filter(|f| (7..=16).contains(&f.value.len()))
        .collect()
}

/// Returns what looks like an identifier: letters mixed with digits, long numbers, `#12`, UUIDs, ticket keys.
pub fn find_ids(text: &str) -> Vec<Found<String>> {
    ID.find_iter(text)
        .filter(|m| {
            let id = m.as_str();
            let digits = id.chars().filter(char::is_ascii_digit).count();
            let letters = id.chars().filter(char::is_ascii_alphabetic).count();
            let hashed = text[..m.start()].ends_with('#');
            let ordinal =
                letters == 2 && ["st", "nd", "rd", "th", "am", "pm"].iter().any(|e| id.ends_with(e));
            (digits > 0 && letters > 0 && !ordinal && id.len() > 2)
                || (digits >= 4 && letters == 0)
                || (hashed && digits > 0)
                || (letters > 0 && id.contains('_'))
        })
        .map(|m| Found::new(m.range(), m.as_str().to_owned()))
        .collect()
}

const JOINERS: [&str; 16] =
    ["of", "de", "da", "del", "van", "von", "der", "la", "le", "the", "and", "&", "-", "/", "for", "du"];

/// Returns the runs of capitalised words: names of people, places, things. A sentence's first word counts only when the
/// run goes on after it or it is no ordinary opener.
pub fn find_names(text: &str) -> Vec<Found<String>> {
    let toks = tokens(text);
    let capital = |t: &Token| {
        t.kind == TokenKind::Word && text[t.start..t.end].chars().next().is_some_and(char::is_uppercase)
    };
    let opens =
        |i: usize| i == 0 || [".", "!", "?", ":", "\"", "“", "(", "\n"].contains(&toks[i - 1].text.as_str());
    let mut found = Vec::new();
    let mut at = 0;
    while at < toks.len() {
        if !capital(&toks[at]) || is_pronoun(&toks[at].text) || (opens(at) && is_stopword(&toks[at].text)) {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        while let Some(t) = toks.get(end) {
            if (capital(t) || t.kind == TokenKind::Digits) && !is_pronoun(&t.text) {
                end += 1;
            } else if JOINERS.contains(&t.text.as_str())
                && toks.get(end + 1).is_some_and(|n| capital(n) && !is_pronoun(&n.text))
            {
                end += 2;
            } else {
                break;
            }
        }
        let lone_opener = opens(at) && end == at + 1;
        let span = toks[at].start..toks[end - 1].end;
        let mut one = Found::new(span.clone(), text[span].to_owned());
        one.primary = !lone_opener;
        found.push(one);
        at = end;
    }
    found
}

fn is_pronoun(word: &str) -> bool {
    matches!(word, "i" | "i'm" | "i'd" | "i'll" | "i've")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(found: Vec<Found<String>>) -> Vec<String> {
        found.into_iter().map(|f| f.value).collect()
    }

    #[test]
    fn quotations_are_found_in_any_marks() {
        assert_eq!(
            texts(find_quoted("Tick it off my 'Flat' list, not “Mia's room”.")),
            ["Flat", "Mia's room"]
        );
        assert_eq!(texts(find_quoted("it's Tom's and don't")), Vec::<String>::new());
    }

    #[test]
    fn addresses_and_phones_are_found_by_shape() {
        assert_eq!(texts(find_emails("write to ana.r@lumen.pt, please")), ["ana.r@lumen.pt"]);
        assert_eq!(texts(find_urls("see https://lumen.pt/a?b=1.")), ["https://lumen.pt/a?b=1"]);
        assert_eq!(texts(find_phones("text +32 470 55 81 02 now")), ["+32470558102"]);
        assert_eq!(texts(find_phones("on 2026-04-03 at 14:30")), Vec::<String>::new());
    }

    #[test]
    fn ids_mix_letters_and_digits() {
        assert_eq!(texts(find_ids("ticket OPS-142 and order 100482, the 3rd")), ["OPS-142", "100482"]);
    }

    #[test]
    fn names_are_capitalised_runs() {
        assert_eq!(
            texts(find_names(
                "In the Website Relaunch project, ask Marta Oliveira or I lose Bank of England."
            )),
            ["Website Relaunch", "Marta Oliveira", "Bank of England"]
        );
    }
}

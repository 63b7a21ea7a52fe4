//! One and many: the number of English nouns and noun phrases.

use super::phrase::capital;
use super::table::rows;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// One and many of the nouns whose number is not made by rule, and whether the many is a word for one thing too; by either form,
/// empty where there is no such form.
static IRREGULAR: LazyLock<BTreeMap<&'static str, [&'static str; 3]>> = LazyLock::new(|| {
    let nouns = rows(include_str!("nouns.tsv"));
    nouns
        .flat_map(|noun| {
            noun.into_iter().take(2).filter(|form| !form.is_empty()).map(move |form| (form, noun))
        })
        .collect()
});

/// Returns the singular of an English noun phrase (`task lists` → `task list`, `points of interest` → `point of interest`);
/// a singular, and what has none, stays as it is.
pub fn singular(phrase: &str) -> String {
    in_phrase(phrase, |noun, lower| match IRREGULAR.get(lower) {
        Some([one, many, _]) => cased(noun, if one.is_empty() { many } else { one }),
        None => singular_by_rule(noun, lower),
    })
}

/// Returns the plural of an English noun phrase (`task list` → `task lists`); a plural, and what has none, stays as it is.
pub fn plural(phrase: &str) -> String {
    in_phrase(phrase, |noun, lower| match IRREGULAR.get(lower) {
        Some([one, many, _]) => cased(noun, if many.is_empty() { one } else { many }),
        None if singular_by_rule(noun, lower) != noun => noun.to_owned(),
        None => plural_by_rule(noun, lower),
    })
}

/// Tells whether an English noun phrase is a plural.
pub fn is_plural(phrase: &str) -> bool {
    let mut is = false;
    in_phrase(phrase, |noun, lower| {
        is = match IRREGULAR.get(lower) {
            Some([_, many, _]) => lower == *many,
            None => singular_by_rule(noun, lower) != noun,
        };
        String::new()
    });
    is
}

/// Tells whether an English noun phrase speaks of several things: it is a plural, and none that people use of one thing
/// (`my settings`).
pub fn is_several(phrase: &str) -> bool {
    let whole = |lower: &str| IRREGULAR.get(lower).is_some_and(|[_, _, whole]| !whole.is_empty());
    let mut is = is_plural(phrase);
    in_phrase(phrase, |_, lower| {
        is &= !whole(lower);
        String::new()
    });
    is
}

/// Changes the noun of a phrase: its last word, or the last before "of". The change is given the noun as it stands and in
/// lower case.
fn in_phrase(phrase: &str, change: impl FnOnce(&str, &str) -> String) -> String {
    let head = phrase.find(" of ").map_or(phrase, |at| &phrase[..at]);
    let at = head.rfind(' ').map_or(0, |space| space + 1);
    let noun = &head[at..];
    format!("{}{}{}", &phrase[..at], change(noun, &noun.to_lowercase()), &phrase[head.len()..])
}

/// Gives a noun of the table the capital of the noun that it stands for; one that is the same stays as it was written.
fn cased(noun: &str, form: &str) -> String {
    if noun.eq_ignore_ascii_case(form) {
        noun.to_owned()
    } else if noun.starts_with(char::is_uppercase) {
        capital(form)
    } else {
        form.to_owned()
    }
}

fn singular_by_rule(noun: &str, lower: &str) -> String {
    let ends = |endings: &[&str]| endings.iter().any(|ending| lower.ends_with(ending));
    if lower.len() < 3 || !lower.ends_with('s') || ends(&["ss", "us", "is", "'s"]) {
        noun.to_owned()
    } else if lower.ends_with("ies") && lower.len() > 4 {
        format!("{}y", &noun[..noun.len() - 3])
    } else if ends(&["sses", "xes", "zzes", "tzes", "ches", "shes"]) {
        noun[..noun.len() - 2].to_owned()
    } else {
        noun[..noun.len() - 1].to_owned()
    }
}

fn plural_by_rule(noun: &str, lower: &str) -> String {
    let vowel_before_y = ["ay", "ey", "iy", "oy", "uy"].iter().any(|ending| lower.ends_with(ending));
    if lower.len() > 1 && lower.ends_with('y') && !vowel_before_y {
        format!("{}ies", &noun[..noun.len() - 1])
    } else if ["s", "x", "z", "ch", "sh"].iter().any(|ending| lower.ends_with(ending)) {
        format!("{noun}es")
    } else {
        format!("{noun}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_go_both_ways_and_a_plural_stays_one() {
        for (one, many) in [
            ("pet", "pets"),
            ("task list", "task lists"),
            ("category", "categories"),
            ("country", "countries"),
            ("address", "addresses"),
            ("person", "people"),
            ("Person", "People"),
            ("box", "boxes"),
            ("branch", "branches"),
            ("cache", "caches"),
            ("status", "statuses"),
            ("bus", "buses"),
            ("size", "sizes"),
            ("quiz", "quizzes"),
            ("delivery", "deliveries"),
            ("tie", "ties"),
            ("day", "days"),
            ("key", "keys"),
            ("address key", "address keys"),
            ("schema", "schemas"),
            ("alias", "aliases"),
            ("setting", "settings"),
            ("id", "ids"),
            ("ID", "IDs"),
            ("movie", "movies"),
            ("house", "houses"),
            ("database", "databases"),
            ("point of interest", "points of interest"),
        ] {
            assert_eq!(plural(one), many);
            assert_eq!(singular(many), one);
            assert_eq!((plural(many).as_str(), singular(one).as_str()), (many, one));
            assert!(is_plural(many) && !is_plural(one), "{one}");
        }
    }

    #[test]
    fn what_is_not_counted_stays_as_it_is() {
        for noun in ["news", "SMS", "gps", "series", "metadata", "inventory", "statistics"] {
            assert_eq!((plural(noun).as_str(), singular(noun).as_str()), (noun, noun));
            assert!(!is_plural(noun), "{noun}");
        }
        assert_eq!((plural("lyrics").as_str(), singular("lyrics").as_str()), ("lyrics", "lyrics"));
        assert!(is_plural("song lyrics"));
        assert!(is_plural("asset settings") && !is_several("asset settings") && is_several("pets"));
    }
}

//! Codes that stand for words: ISO 3166 countries, ISO 4217 currencies and ISO 639-1 languages, one table each.

use super::table::rows;
use super::tokens::fold;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Countries, as tab-separated text; its first line names the columns.
pub const COUNTRIES: &str = include_str!("countries.tsv");
/// Currencies, as tab-separated text; its first line names the columns.
pub const CURRENCIES: &str = include_str!("currencies.tsv");
/// Languages, as tab-separated text; its first line names the columns.
pub const LANGUAGES: &str = include_str!("languages.tsv");

/// The codes with their names, the usual one first. No code stands for two things: capitals tell countries and currencies from
/// languages.
static NAMES: LazyLock<BTreeMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| all().collect());

/// The codes by folded name. A name that several things have is the country's before the currency's.
static CODES: LazyLock<BTreeMap<String, &'static str>> = LazyLock::new(|| {
    let mut out = BTreeMap::new();
    for (code, names) in all() {
        for name in names {
            out.entry(fold(name)).or_insert(code);
        }
    }
    out
});

fn all() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    let countries =
        rows(COUNTRIES).map(|[code, _, name, _, _, _, _, _, _, _, more]| (code, names(name, more)));
    let currencies = rows(CURRENCIES).map(|[code, name, _, _, _, more]| (code, names(name, more)));
    let languages = rows(LANGUAGES).map(|[code, name, _]| (code, names(name, "")));
    countries.chain(currencies).chain(languages)
}

fn names(name: &'static str, more: &'static str) -> Vec<&'static str> {
    std::iter::once(name).chain(more.split('|').filter(|other| !other.is_empty())).collect()
}

/// Returns the names of a code: of a country or a currency in capitals, of a language in small letters.
pub fn names_of_code(code: &str) -> &'static [&'static str] {
    NAMES.get(code).map_or(&[], Vec::as_slice)
}

/// Returns the code of a country's, a currency's or a language's name.
pub fn code_of(name: &str) -> Option<&'static str> {
    CODES.get(&fold(name)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_found_both_ways() {
        assert_eq!(names_of_code("BE"), ["Belgium"]);
        assert_eq!(code_of("euro"), Some("EUR"));
        assert_eq!(code_of("dutch"), Some("nl"));
        assert_eq!(code_of("€"), Some("EUR"));
        assert_eq!(code_of("Czechia"), code_of("Czech Republic"));
        assert!(names_of_code("XX").is_empty());
    }

    #[test]
    fn no_code_stands_twice_and_each_has_a_name() {
        assert_eq!(all().count(), NAMES.len());
        assert!(NAMES.values().flatten().all(|name| !name.is_empty()));
    }
}

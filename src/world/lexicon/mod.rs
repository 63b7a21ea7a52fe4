//! The embedded lexicon: lists of names and prose by domain, and tables of true facts. Sources and licence stand in `README.md` beside.
//!
//! A list file (`*.txt`) has sections led by `== name`; a line is an entry, its columns are parted by ` | `.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The tables of facts, as tab-separated text; `values::tables` parses them.
pub mod facts {
    /// Cities.
    pub const CITIES: &str = include_str!("cities.tsv");
    /// First-level subdivisions.
    pub const REGIONS: &str = include_str!("regions.tsv");
    /// Statutory holidays of Canada.
    pub const HOLIDAYS: &str = include_str!("holidays.tsv");
}

const BOOKS: &[(&str, &str)] = &[
    ("people", include_str!("people.txt")),
    ("places", include_str!("places.txt")),
    ("work", include_str!("work.txt")),
    ("pets", include_str!("pets.txt")),
    ("calendar", include_str!("calendar.txt")),
    ("tasks", include_str!("tasks.txt")),
    ("issues", include_str!("issues.txt")),
    ("gear", include_str!("gear.txt")),
    ("fleet", include_str!("fleet.txt")),
    ("music", include_str!("music.txt")),
    ("mail", include_str!("mail.txt")),
    ("sms", include_str!("sms.txt")),
    ("assets", include_str!("assets.txt")),
    ("backend", include_str!("backend.txt")),
    ("generic", include_str!("generic.txt")),
];

type Sections = BTreeMap<&'static str, Vec<&'static str>>;

static LEXICON: LazyLock<BTreeMap<&'static str, Sections>> =
    LazyLock::new(|| BOOKS.iter().map(|(book, text)| (*book, sections(text))).collect());

fn sections(text: &'static str) -> Sections {
    let mut out = Sections::new();
    let mut current = "";
    for line in text.lines() {
        let line = line.trim_end();
        if let Some(name) = line.strip_prefix("== ") {
            current = name.trim();
        } else if !line.is_empty() && !line.starts_with("# ") {
            out.entry(current).or_default().push(line);
        }
    }
    out
}

/// Returns the entries of a section, in file order. The section must exist.
pub fn list(book: &str, section: &str) -> &'static [&'static str] {
    find(book, section).expect("the lexicon has the section")
}

/// Returns the entries of a section, where there is such a section.
pub fn find(book: &str, section: &str) -> Option<&'static [&'static str]> {
    LEXICON.get(book)?.get(section).map(Vec::as_slice)
}

/// Returns an entry's `n`th column, trimmed; empty where it has none.
pub fn column(entry: &'static str, n: usize) -> &'static str {
    entry.split('|').nth(n).map_or("", str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_section_has_entries_and_no_entry_twice() {
        for (book, sections) in LEXICON.iter() {
            assert!(!sections.is_empty(), "{book} is empty");
            for (section, entries) in sections {
                let mut seen = BTreeSet::new();
                for entry in entries {
                    assert!(seen.insert(column(entry, 0)), "{book}.{section}: {entry:?} stands twice");
                }
            }
        }
    }

    #[test]
    fn no_entry_is_a_placeholder() {
        for (book, text) in BOOKS {
            let text = text.to_lowercase();
            for word in ["lorem", "john doe", "jane doe", "example.com", "foobar", "acme"] {
                assert!(!text.contains(word), "{book} has {word:?}");
            }
        }
    }
}

//! Rule `licence_not_allowed`: only specs under licences that the plan takes. Licences are compared as SPDX ids where their
//! names are known: "Apache 2.0", "Apache License, Version 2.0" and `Apache-2.0` are one.

use super::choice;
use crate::config::plan::Curation;
use crate::data::Tool;

/// What the rule drops.
pub const DROPS: &str =
    "specs whose licence `crawl.licences` does not take; a spec that names none is `unknown`";

/// Returns why a tool is dropped.
pub fn check(tool: &Tool, curation: &Curation) -> Option<String> {
    let choice = &curation.licences;
    if choice.only.is_empty() && choice.exclude.is_empty() {
        return None;
    }
    let licence = spdx(&tool.licence);
    let matches = |pattern: &String| choice::glob(&spdx(pattern), &licence);
    choice::refuses(choice, matches).map(|why| format!("its licence is {} ({licence}), {why}", tool.licence))
}

/// Returns a licence's SPDX id in lower case where its name is known, else its words joined.
pub fn spdx(name: &str) -> String {
    const FILLERS: [&str; 14] = [
        "the",
        "license",
        "licence",
        "licensed",
        "version",
        "under",
        "v",
        "public",
        "general",
        "international",
        "style",
        "software",
        "gnu",
        "generic",
    ];
    let mut words: Vec<String> = Vec::new();
    let lower = name.trim().to_lowercase().replace("creative commons", "cc").replace("attribution", "by");
    let lower =
        lower.replace("noncommercial", "nc").replace("non-commercial", "nc").replace("sharealike", "sa");
    let lower =
        lower.replace("share-alike", "sa").replace("noderivatives", "nd").replace("lesser gpl", "lgpl");
    for word in lower.split(|c: char| !(c.is_alphanumeric() || c == '.' || c == '*')) {
        let word = word.trim_matches('.');
        let word =
            word.strip_prefix('v').filter(|w| w.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(word);
        if word.is_empty() || FILLERS.contains(&word) {
            continue;
        }
        // `gplv3`, `apache2`
        let at = word.find(|c: char| c.is_ascii_digit()).filter(|at| *at > 0);
        let (stem, number) = at.map_or((word, ""), |at| word.split_at(at));
        let stem = stem.strip_suffix('v').filter(|_| !number.is_empty()).unwrap_or(stem);
        match stem {
            "cc" if number == "0" => words.push("cc0".into()),
            "apache" | "gpl" | "lgpl" | "agpl" | "mpl" | "cc" | "by" if !number.is_empty() => {
                words.extend([stem.to_owned(), number.to_owned()]);
            }
            _ => words.push(word.to_owned()),
        }
    }
    let has = |word: &str| words.iter().any(|w| w == word);
    let number = || words.iter().find(|w| w.starts_with(|c: char| c.is_ascii_digit())).cloned();
    let full = |number: String| if number.contains('.') { number } else { format!("{number}.0") };
    let family = ["apache", "agpl", "lgpl", "gpl", "mpl", "epl", "eupl", "osl"].into_iter().find(|f| has(f));
    if let Some(family) = family.filter(|_| !has("*")) {
        let known = number().map(full).or_else(|| (family == "apache").then(|| "2.0".to_owned()));
        return known.map_or_else(|| family.to_owned(), |number| format!("{family}-{number}"));
    }
    if has("mit") && words.len() <= 3 && !has("*") {
        return "mit".to_owned();
    }
    words.join("-")
}

#[cfg(test)]
mod tests {
    use super::super::testing::tool;
    use super::*;
    use crate::config::plan::Choice;
    use crate::data::Method::Get;

    #[test]
    fn names_of_one_licence_are_one() {
        for (names, id) in [
            (
                &[
                    "Apache 2.0",
                    "Apache-2.0",
                    "Apache License, Version 2.0",
                    "Apache2",
                    "The Apache 2 License",
                ][..],
                "apache-2.0",
            ),
            (&["MIT", "MIT License", "The MIT License (MIT)"], "mit"),
            (&["CC BY 4.0", "CC-BY-4.0", "Creative Commons Attribution 4.0 International"], "cc-by-4.0"),
            (&["GPLv3", "GPL-3.0", "GNU GPL v3"], "gpl-3.0"),
            (&["BSD-3-Clause", "BSD 3-Clause License"], "bsd-3-clause"),
            (&["unknown"], "unknown"),
            (&["CC0", "CC0 License"], "cc0"),
        ] {
            for name in names {
                assert_eq!(spdx(name), id, "{name}");
            }
        }
    }

    #[test]
    fn only_and_exclude_choose() {
        let mut pets = tool(Get, "/pets", "");
        pets.licence = "Apache License 2.0".to_owned();
        let asks = |only: &[&str], exclude: &[&str]| {
            let own = |list: &[&str]| list.iter().map(ToString::to_string).collect();
            let licences = Choice { only: own(only), exclude: own(exclude) };
            check(&pets, &Curation { licences, ..Curation::default() }).is_some()
        };
        assert!(!asks(&[], &[]));
        assert!(!asks(&["apache-2.0", "MIT"], &[]));
        assert!(asks(&["MIT"], &[]));
        assert!(asks(&[], &["Apache*"]));
        assert!(asks(&["Apache-2.0"], &["apache 2.0"]));
    }
}

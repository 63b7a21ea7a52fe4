//! The words by which a question asks for a field without naming it: "who", "how much", "deadline".

use crate::words;
use std::collections::BTreeMap;
use std::sync::LazyLock;

static CUES: LazyLock<BTreeMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let rows = words::rows(include_str!("cues.tsv"));
    rows.flat_map(|[said, stems]| {
        said.split(", ").map(move |word| (word, stems.split(' ').collect::<Vec<_>>()))
    })
    .collect()
});

/// Stems of fields that a question word or a common verb asks for.
pub fn cues(word: &str) -> &'static [&'static str] {
    CUES.get(word).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_word_asks_for_fields_and_other_words_for_none() {
        assert_eq!(cues("how far"), ["distanc", "data"]);
        assert_eq!(cues("costs"), cues("how much"));
        assert!(cues("calendar").is_empty());
    }

    #[test]
    fn no_word_stands_twice() {
        let said: Vec<&str> =
            words::rows(include_str!("cues.tsv")).flat_map(|[said, _]| said.split(", ")).collect();
        assert_eq!(said.len(), CUES.len());
    }
}

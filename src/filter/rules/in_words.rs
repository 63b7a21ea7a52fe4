//! The answer is words for a person, not the data that a tool gave back.

use crate::checks::quotes::json_literals;
use crate::filter::case::Case;
use crate::filter::finding::Finding;

/// Shorter JSON is a value in a sentence.
const BYTES: usize = 40;

/// Drops rows whose answer is mostly written-out JSON: it may hold every fact and still answers nobody. The score is the
/// share of the answer that is words.
pub fn judge(case: &Case<'_>) -> Finding {
    let answer = case.answer().trim();
    let data: usize = json_literals(answer).iter().map(|(span, _)| span.len()).sum();
    let words = 1.0 - data as f64 / answer.len().max(1) as f64;
    if data >= BYTES && words < 0.5 {
        return Finding::drop(words, format!("{data} of the answer's {} bytes are JSON", answer.len()));
    }
    Finding::keep(words)
}

#[cfg(test)]
mod tests {
    use crate::filter::testing::{Shop, dropped_by};

    #[test]
    fn a_dump_of_data_is_no_answer_and_a_value_in_a_sentence_is_none() {
        let solved = Shop::solved();
        let dump = format!("Here is what I found: {}", solved.calls[0].observation);
        let shop = Shop { answer: dump, ..Shop::solved() };
        assert_eq!(dropped_by(&shop).as_deref(), Some("in_words"), "{}", shop.answer);
        let shop =
            Shop { answer: format!("{} (That is [\"sold\"] in the list.)", solved.answer), ..Shop::solved() };
        assert_ne!(dropped_by(&shop).as_deref(), Some("in_words"));
    }
}

//! The reference's facts stand in the answer.

use crate::filter::case::Case;
use crate::filter::finding::Finding;

/// Drops rows whose answer misses a fact; the score is the share of facts stated.
pub fn judge(case: &Case<'_>) -> Finding {
    if case.facts.is_empty() {
        return Finding::silent();
    }
    let missing: Vec<String> = case
        .facts
        .iter()
        .filter(|(_, stands)| !stands)
        .map(|(f, _)| format!("{} = {}", f.name, f.value))
        .collect();
    let share = 1.0 - missing.len() as f64 / case.facts.len() as f64;
    if missing.is_empty() {
        Finding::keep(1.0)
    } else {
        let list: String = missing.join(", ").chars().take(300).collect();
        Finding::drop(share, format!("not in the answer: {list}"))
    }
}

#[cfg(test)]
mod tests {
    use crate::filter::testing::{Shop, dropped_by};

    #[test]
    fn an_answer_without_the_asked_fact_fails() {
        assert_eq!(dropped_by(&Shop::solved()), None);
        let shop = Shop { answer: "Biscuit is sold now.".into(), ..Shop::solved() };
        assert_eq!(dropped_by(&shop).as_deref(), Some("facts_stated"));
    }
}

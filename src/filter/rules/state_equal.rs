//! What the trajectory changed in its world is what the reference changed.

use crate::filter::case::Case;
use crate::filter::finding::Finding;

/// Drops rows whose final state differs from the reference's.
pub fn judge(case: &Case<'_>) -> Finding {
    match &case.state {
        None => Finding::silent(),
        Some(Ok(())) => Finding::keep(1.0),
        Some(Err(difference)) => Finding::drop(0.0, difference.clone()),
    }
}

#[cfg(test)]
mod tests {
    use crate::data::StateDiff;
    use crate::filter::testing::{Shop, dropped_by};

    #[test]
    fn another_final_state_fails() {
        assert_eq!(dropped_by(&Shop::solved()), None);
        let shop = Shop { changed: Some(StateDiff::default()), ..Shop::solved() };
        assert_eq!(dropped_by(&shop).as_deref(), Some("state_equal"));
        let shop = Shop { changed: None, ..Shop::solved() };
        assert_eq!(dropped_by(&shop).as_deref(), Some("state_equal"));
    }
}

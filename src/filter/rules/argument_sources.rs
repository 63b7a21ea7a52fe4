//! Every argument value has a source.

use crate::filter::case::Case;
use crate::filter::finding::Finding;

/// Drops rows with an argument out of nowhere in a call that succeeded; the score is the share of values with a source.
pub fn judge(case: &Case<'_>) -> Finding {
    let (mut total, mut unknown) = (0_u32, Vec::new());
    for (i, sources) in case.sources.iter().enumerate().filter(|(i, _)| case.ok(*i)) {
        total += sources.leaves.len() as u32;
        for leaf in sources.unknown() {
            let call = &case.view.calls[i].call;
            let value = call.arguments.pointer(&leaf.pointer).map(ToString::to_string).unwrap_or_default();
            let short: String = value.chars().take(80).collect();
            unknown.push(format!("{}{} = {short}", call.name, leaf.pointer));
        }
    }
    if unknown.is_empty() {
        return Finding::keep(1.0);
    }
    let share = 1.0 - unknown.len() as f64 / f64::from(total);
    Finding::drop(share, format!("no source: {}", unknown.join(", ")))
}

#[cfg(test)]
mod tests {
    use crate::filter::testing::{Shop, dropped_by};
    use serde_json::json;

    #[test]
    fn a_value_out_of_nowhere_fails() {
        assert_eq!(dropped_by(&Shop::solved()), None);
        let mut shop = Shop::solved();
        shop.calls[0].arguments = json!({"name": "Ziggy"});
        assert_eq!(dropped_by(&shop).as_deref(), Some("argument_sources"));
    }
}

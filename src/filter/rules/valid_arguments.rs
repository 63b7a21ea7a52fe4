//! Every call fits its tool's schema.

use crate::filter::case::Case;
use crate::filter::finding::Finding;

/// Drops rows with arguments that do not fit their tool's schema, calls that errors answer among them.
pub fn judge(case: &Case<'_>) -> Finding {
    for record in &case.view.calls {
        let Some(tool) = case.offered.get(record.call.name.as_str()) else { continue };
        if let Err(fault) = case.validators.check(tool, &record.call.arguments) {
            return Finding::drop(0.0, format!("{} `{}`: {fault}", record.call.id, record.call.name));
        }
    }
    Finding::keep(1.0)
}

#[cfg(test)]
mod tests {
    use crate::filter::testing::{Shop, dropped_by};
    use serde_json::json;

    #[test]
    fn arguments_that_do_not_fit_fail() {
        assert_eq!(dropped_by(&Shop::solved()), None);
        let mut shop = Shop::solved();
        shop.calls[1].arguments = json!({"petId": "seven", "status": "sold"});
        assert_eq!(dropped_by(&shop).as_deref(), Some("valid_arguments"));
    }
}

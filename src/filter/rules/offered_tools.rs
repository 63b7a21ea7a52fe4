//! Every call names an offered tool.

use crate::filter::case::Case;
use crate::filter::finding::Finding;

/// Drops rows that call a tool that was not offered.
pub fn judge(case: &Case<'_>) -> Finding {
    match case.view.calls.iter().find(|r| !case.offered.contains_key(r.call.name.as_str())) {
        Some(record) => Finding::drop(0.0, format!("`{}` is not offered", record.call.name)),
        None => Finding::keep(1.0),
    }
}

#[cfg(test)]
mod tests {
    use crate::filter::testing::{Shop, dropped_by};

    #[test]
    fn a_call_of_a_tool_that_is_not_offered_fails() {
        assert_eq!(dropped_by(&Shop::solved()), None);
        let mut shop = Shop::solved();
        shop.calls[0].name = "shop_unheard_of".into();
        assert_eq!(dropped_by(&shop).as_deref(), Some("offered_tools"));
    }
}

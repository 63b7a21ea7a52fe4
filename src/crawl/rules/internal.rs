//! Rule `internal`: what the provider marks as not for the public is none of a public assistant's tools.

use super::Case;

/// What the rule drops.
pub const DROPS: &str = "what the spec marks `x-internal`";

/// Returns why an operation is dropped.
pub fn check(case: &Case<'_>) -> Option<String> {
    case.operation.flag("x-internal").then(|| "the spec says it is internal".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::testing::sample;
    use super::*;
    use crate::data::Method::Get;
    use serde_json::json;

    #[test]
    fn the_mark_drops() {
        let mut pets = sample(Get, "/pets", "Lists pets.");
        assert!(!pets.drops(check));
        pets.operation["x-internal"] = json!(true);
        assert!(pets.drops(check));
    }
}

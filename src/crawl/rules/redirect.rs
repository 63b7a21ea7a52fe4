//! Rule `redirect`: an answer that only sends a browser elsewhere tells a model nothing.

use super::Case;

/// What the rule drops.
pub const DROPS: &str = "what answers with redirects only";

/// Returns why an operation is dropped.
pub fn check(case: &Case<'_>) -> Option<String> {
    let statuses = &case.outputs.statuses;
    let only = !statuses.is_empty() && statuses.iter().all(|s| (300..400).contains(s));
    only.then(|| "it answers with a redirect for a browser".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::testing::sample;
    use super::*;
    use crate::data::Method::Get;

    #[test]
    fn only_redirects_drop() {
        let mut link = sample(Get, "/go", "");
        link.outputs.statuses = vec![302];
        assert!(link.drops(check));
        link.outputs.statuses = vec![200, 304];
        assert!(!link.drops(check));
    }
}

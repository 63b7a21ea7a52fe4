//! Rule `redirect`: an answer that only sends a browser elsewhere tells a model nothing.

use super::Case;

/// What the rule drops.
pub const DROPS: &str = "what answers with redirects only, for a browser or to a download";

/// Returns why an operation is dropped.
pub fn check(case: &Case<'_>) -> Option<String> {
    let statuses = &case.outputs.statuses;
    let only = !statuses.is_empty() && statuses.iter().all(|s| (300..400).contains(s));
    // a redirect that leads to the same kind of answer is followed, and nobody notices
    let said = ["redirect", "download", "browser"].iter().any(|w| case.text.to_lowercase().contains(w))
        || case.path.to_lowercase().contains("redirect");
    (only && said).then(|| "it answers with a redirect for a browser".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::testing::sample;
    use super::*;
    use crate::data::Method::Get;

    #[test]
    fn only_redirects_drop() {
        let mut link = sample(Get, "/go", "Redirects to the page.");
        link.outputs.statuses = vec![302];
        assert!(link.drops(check));
        assert!(
            !{
                let mut alias = sample(Get, "/go", "Lists pets: an alias.");
                alias.outputs.statuses = vec![302];
                alias
            }
            .drops(check)
        );
        link.outputs.statuses = vec![200, 304];
        assert!(!link.drops(check));
    }
}

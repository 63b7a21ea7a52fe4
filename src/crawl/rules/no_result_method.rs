//! Rule `no_result_method`: HEAD, OPTIONS and TRACE answer with headers only, and a model reads none.

use super::Case;
use crate::data::Method;

/// What the rule drops.
pub const DROPS: &str = "HEAD, OPTIONS and TRACE: they return no content";

/// Returns why an operation is dropped.
pub fn check(case: &Case<'_>) -> Option<String> {
    let bare = matches!(case.method, Method::Head | Method::Options | Method::Trace);
    bare.then(|| format!("{} returns no content", case.method.as_str()))
}

#[cfg(test)]
mod tests {
    use super::super::testing::sample;
    use super::*;

    #[test]
    fn methods_without_content_go_and_others_stay() {
        assert!(sample(Method::Head, "/pets", "").drops(check));
        assert!(!sample(Method::Post, "/pets", "").drops(check));
    }
}

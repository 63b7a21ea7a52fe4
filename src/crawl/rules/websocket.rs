//! Rule `websocket`: a call has one answer; a socket stays open.

use super::Case;

/// What the rule drops.
pub const DROPS: &str = "what opens a websocket: by its path's last word or status 101";

/// Returns why an operation is dropped.
pub fn check(case: &Case<'_>) -> Option<String> {
    let last = case.literals().pop()?;
    let named = matches!(last.concat().as_str(), "websocket" | "ws" | "socket" | "websockets");
    let switches = case.outputs.statuses.contains(&101);
    (named || switches).then(|| "it opens a websocket".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::testing::sample;
    use super::*;
    use crate::data::Method::Get;

    #[test]
    fn sockets_go_by_name_and_by_status() {
        assert!(sample(Get, "/api/socket", "").drops(check));
        let mut feed = sample(Get, "/feed", "");
        assert!(!feed.drops(check));
        feed.outputs.statuses = vec![101];
        assert!(feed.drops(check));
    }
}

//! Rule `push_channel`: a channel of notifications needs somebody who listens, and a call has nobody.

use super::Case;
use crate::data::Method;

/// What the rule drops.
pub const DROPS: &str = "what opens or closes a channel of push notifications, and streams of events";

/// Returns why an operation is dropped.
pub fn check(case: &Case<'_>) -> Option<String> {
    let all = case.literals();
    let last = all.last()?;
    let watch = last.as_slice() == ["watch"] && case.method == Method::Post
        || last.as_slice() == ["stop"] && all.iter().any(|s| s.as_slice() == ["channels"]);
    let streams = |m: &String| m.contains("event-stream");
    // an answer that can be had whole as well is no stream
    let stream = !case.outputs.media_all.is_empty() && case.outputs.media_all.iter().all(streams);
    (watch || stream).then(|| "it opens or closes a channel of push notifications".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::testing::sample;
    use super::*;
    use crate::data::Method::{Get, Post};

    #[test]
    fn channels_and_streams_go() {
        assert!(sample(Post, "/calendars/{id}/events/watch", "").drops(check));
        assert!(sample(Post, "/channels/stop", "").drops(check));
        let mut feed = sample(Get, "/feed", "");
        feed.outputs.media_all = vec!["text/event-stream".to_owned()];
        assert!(feed.drops(check));
        feed.outputs.media_all.push("application/json".to_owned());
        assert!(!feed.drops(check));
    }
}

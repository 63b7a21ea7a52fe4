//! Rule `webhook`: what a server calls when something happened is not for a caller. Creating, listing and removing
//! subscriptions to webhooks are tools and stay.

use super::Case;
use crate::data::Method;

/// What the rule drops.
pub const DROPS: &str = "receivers of webhooks and callbacks (subscriptions to them stay)";

/// Words at a path's end under which callbacks arrive.
const ENDS: [&str; 8] =
    ["webhook", "webhooks", "callback", "callbacks", "hook", "ipn", "postback", "inbound"];
/// What descriptions of receivers say.
const RECEIVES: [&str; 15] = [
    "receive webhook",
    "receives webhook",
    "receive a webhook",
    "receives a webhook",
    "receiving webhook",
    "incoming webhook",
    "webhook receiver",
    "webhook handler",
    "handle webhook",
    "handles webhook",
    "callback url",
    "callback endpoint",
    "callback from",
    "webhook from",
    "called by",
];

/// Returns why an operation is dropped.
pub fn check(case: &Case<'_>) -> Option<String> {
    if !matches!(case.method, Method::Post | Method::Get | Method::Put) || case.path.ends_with('}') {
        return None;
    }
    let all = case.literals();
    let last = all.last()?;
    let word = last.last()?;
    if !ENDS.contains(&word.as_str()) {
        return None;
    }
    let text = case.text.to_lowercase();
    let said = RECEIVES.iter().any(|w| text.contains(w));
    let makes =
        ["create", "register", "subscri", "add a", "list", "new webhook", "configure", "update", "set "];
    let manages = makes.iter().any(|w| text.contains(w));
    (said && !manages).then(|| format!("`{}` is called by another service, not by a user", case.path))
}

#[cfg(test)]
mod tests {
    use super::super::testing::sample;
    use super::*;
    use crate::data::Method::{Get, Post};

    #[test]
    fn receivers_go_and_subscriptions_stay() {
        assert!(sample(Post, "/stripe/webhook", "Receives webhooks from Stripe.").drops(check));
        assert!(sample(Get, "/payments/callback", "Callback URL of the bank.").drops(check));
        assert!(
            !sample(Post, "/webhooks", "Create a webhook. Its callback URL must use HTTPS.").drops(check)
        );
        assert!(!sample(Get, "/webhooks", "List webhooks.").drops(check));
        assert!(!sample(Post, "/repos/{id}/hooks", "Makes a hook.").drops(check));
    }
}

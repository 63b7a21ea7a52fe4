//! Rule `auth_handshake`: signing in and out is the environment's; a model is given tools that work.

use super::Case;
use crate::crawl::prose::words;
use crate::data::Method;

/// What the rule drops.
pub const DROPS: &str = "steps of authentication: logins, tokens, OAuth, sessions, codes sent to a person";

/// Words at a path's end that are steps wherever they stand.
const STEPS: [&str; 14] = [
    "login",
    "logout",
    "signin",
    "signout",
    "oauth",
    "oauth2",
    "jwt",
    "sso",
    "refreshtoken",
    "accesstoken",
    "requesttoken",
    "authenticate",
    "logon",
    "logoff",
];
/// Words that are steps unless they are of something else: an identity provider, a payment.
const MAYBE: [&str; 4] = ["authorize", "authorization", "token", "saml"];
/// What those others are described by.
const OTHERS: [&str; 10] = [
    "payment",
    "card",
    "fund",
    "charge",
    "transaction",
    "identity provider",
    " idp",
    "nft",
    "contract",
    "crypto",
];
/// What steps are described by.
const SIGNS: [&str; 9] =
    ["login", "log in", "logged in", "sign in", "auth", "token", "credential", "password", "cookie"];
/// Things of OAuth that people manage as they manage others.
const MANAGED: [&str; 6] = ["application", "applications", "apps", "clients", "client", "consumers"];

/// Returns why an operation is dropped.
pub fn check(case: &Case<'_>) -> Option<String> {
    let all: Vec<String> = case.literals().iter().map(|s| s.concat()).collect();
    let last = all.last()?;
    let text = case.text.to_lowercase();
    let any = |words: &[&str]| words.iter().any(|w| text.contains(w));
    let oauth = |s: &String| matches!(s.as_str(), "oauth" | "oauth2" | "ooauth2");
    let managed = all.iter().any(|s| MANAGED.contains(&s.as_str())) && last != "token";
    let maybe = MAYBE.contains(&last.as_str()) && !any(&OTHERS) && (!case.has_placeholder() || any(&SIGNS));
    let sure = STEPS.contains(&last.as_str()) || all.iter().any(|s| s == "auth2" || s == "sso");
    let step = (sure || maybe) && !case.path.ends_with('}') || all.iter().any(oauth);
    if step && !managed {
        return Some(format!("`{last}` is a step of authentication, which the environment takes"));
    }
    if opens_session(case, &text) {
        return Some("it opens or closes the user's own session".to_owned());
    }
    let secret =
        case.inputs.required.iter().any(|r| matches!(r.as_str(), "secret" | "otp" | "verification_code"));
    secret.then(|| "it needs a secret that was sent to a person".to_owned())
}

/// Tells whether an operation opens or closes the session of whoever calls; sessions of training, payment or computation are
/// things like others.
fn opens_session(case: &Case<'_>, text: &str) -> bool {
    let mut route = case.route();
    if route.len() > 1 && route[route.len() - 2] == "sessions" && !case.has_placeholder() {
        // `/account/sessions/anonymous` opens one of a kind
        route.pop();
    }
    let Some((last, before)) = route.split_last() else { return false };
    let opens = matches!(case.method, Method::Post | Method::Put);
    let own = last == "session" && (opens || case.method == Method::Delete) && !case.has_placeholder();
    let one = last == "sessions" && opens;
    let of = ["auth", "user", "users", "account", "accounts", "me", "login", "identity"];
    if !(own || one) || before.len() > 2 || before.iter().any(|s| !of.contains(&s.as_str())) {
        return false;
    }
    let secret = |name: &String| {
        let flat = words(name).concat();
        ["password", "pin", "apikey", "token", "credentials"].iter().any(|w| flat.contains(w))
    };
    let said = SIGNS.iter().any(|w| text.contains(w));
    own || said || case.inputs.properties.keys().any(secret)
}

#[cfg(test)]
mod tests {
    use super::super::testing::sample;
    use super::*;
    use crate::data::Method::{Delete, Get, Post};

    #[test]
    fn steps_of_authentication_go() {
        assert!(sample(Post, "/account/sessions/anonymous", "Logs in without a name: log in.").drops(check));
        for (method, path) in [
            (Post, "/users/login"),
            (Post, "/oauth/token"),
            (Get, "/api/v1/authorize"),
            (Post, "/session"),
            (Delete, "/session"),
        ] {
            assert!(sample(method, path, "").drops(check), "{path}");
        }
        assert!(!sample(Get, "/users/{id}", "").drops(check));
    }

    #[test]
    fn what_only_sounds_like_a_step_stays() {
        for (method, path, text) in [
            (Post, "/v1/{parent}/sessions", "Create an interactive session."),
            (Post, "/payments/v1/sessions/{session_id}", "Update a payment session."),
            (Post, "/payment-methods/{id}/authorize", "Create authorization of a card."),
            (Post, "/silos/{name}/identity-providers/saml", "Create a SAML IdP"),
            (Get, "/user/applications/oauth2", "List the user's OAuth2 applications."),
        ] {
            assert!(!sample(method, path, text).drops(check), "{path}");
        }
    }
}

//! Rule `auth_handshake`: signing in and out is the environment's; a model is given tools that work.

use super::Case;
use crate::data::Method;

/// What the rule drops.
pub const DROPS: &str = "steps of authentication: logins, tokens, OAuth, sessions, codes sent to a person";

const STEPS: [&str; 18] = [
    "login",
    "logout",
    "signin",
    "signout",
    "oauth",
    "oauth2",
    "authorize",
    "authorization",
    "jwt",
    "sso",
    "saml",
    "refreshtoken",
    "accesstoken",
    "requesttoken",
    "authenticate",
    "token",
    "logon",
    "logoff",
];

/// Returns why an operation is dropped.
pub fn check(case: &Case<'_>) -> Option<String> {
    let all: Vec<String> = case.literals().iter().map(|s| s.concat()).collect();
    let last = all.last()?;
    let step = STEPS.contains(&last.as_str())
        || all.iter().any(|s| matches!(s.as_str(), "oauth" | "oauth2" | "auth2" | "sso" | "ooauth2"));
    if step && !case.path.ends_with('}') || all.iter().any(|s| matches!(s.as_str(), "oauth2" | "oauth")) {
        return Some(format!("`{last}` is a step of authentication, which the environment takes"));
    }
    let session = all.iter().rev().take(2).any(|s| matches!(s.as_str(), "session" | "sessions"));
    let opens = case.method == Method::Post || case.method == Method::Put;
    let closes = case.method == Method::Delete && last == "session";
    let own = all.len() <= 3;
    if session && own && (opens || closes) {
        return Some("it opens or closes the user's own session".to_owned());
    }
    let secret =
        case.inputs.required.iter().any(|r| matches!(r.as_str(), "secret" | "otp" | "verification_code"));
    secret.then(|| "it needs a secret that was sent to a person".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::testing::sample;
    use super::*;
    use crate::data::Method::{Delete, Get, Post};

    #[test]
    fn steps_of_authentication_go() {
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
}

//! Keys and other secrets of a run, and how they are taken out of whatever a server says.
//!
//! Servers echo what they were sent: in messages of errors, in pages of proxies, even in replies. Nothing of that may
//! reach the journal, so every body is cleaned before it is read or cut.

use regex::bytes::Regex as BytesRegex;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write;

/// A shorter secret is no secret, but a stand-in (`none`, `EMPTY`): taking it out would garble every reply.
const LEAST: usize = 8;
/// What stands where a secret stood.
const SHOWN: &str = "[key]";

/// Takes the secrets of a run out of texts. Its `Debug` shows none.
#[derive(Clone, Default)]
pub(crate) struct Secrets {
    forms: Option<BytesRegex>,
}

impl Secrets {
    /// Knows some secrets, in every form in which a server may echo them.
    pub(crate) fn new<'a>(secrets: impl Iterator<Item = &'a str>) -> Self {
        let mut forms: BTreeSet<String> = BTreeSet::new();
        for secret in secrets.filter(|secret| secret.len() >= LEAST) {
            forms.extend(spellings(secret));
        }
        // The longest first: a form may begin as a shorter one does.
        let mut forms: Vec<String> = forms.iter().map(|form| regex::escape(form)).collect();
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        let forms = (!forms.is_empty()).then(|| {
            BytesRegex::new(&forms.join("|")).expect("escaped texts, joined, are a regular expression")
        });
        Self { forms }
    }

    /// Tells whether there is nothing to take out.
    pub(crate) fn is_empty(&self) -> bool {
        self.forms.is_none()
    }

    /// Returns bytes without the secrets.
    pub(crate) fn clean<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        match &self.forms {
            Some(forms) => forms.replace_all(bytes, SHOWN.as_bytes()),
            None => Cow::Borrowed(bytes),
        }
    }

    /// Returns a text without the secrets.
    pub(crate) fn clean_text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.clean(text.as_bytes())).into_owned()
    }

    /// Takes the secrets out of a text, which stays as it is where it holds none.
    pub(crate) fn clean_in_place(&self, text: &mut String) {
        if let Some(forms) = &self.forms
            && forms.is_match(text.as_bytes())
        {
            *text = self.clean_text(text);
        }
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets")
    }
}

/// Returns the forms of a secret: plain, and as JSON, URLs, HTML and base64 have it.
fn spellings(secret: &str) -> Vec<String> {
    let json = serde_json::Value::from(secret).to_string();
    let json = json[1..json.len() - 1].to_owned();
    // Twice, as an error that holds a request's body has it.
    let nested = serde_json::Value::from(json.as_str()).to_string();
    let nested = nested[1..nested.len() - 1].to_owned();
    let escaped = |hex: fn(u32) -> String| -> String {
        secret
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_string() } else { hex(c as u32) })
            .collect()
    };
    let html = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let mut forms = vec![
        secret.to_owned(),
        json.replace('/', "\\/"),
        json,
        nested,
        escaped(|c| format!("\\u{c:04x}")),
        escaped(|c| format!("\\u{c:04X}")),
        html.replace('\'', "&#39;"),
        html.replace('\'', "&#x27;"),
        html.replace('\'', "&apos;"),
        html,
    ];
    for unreserved in ["-._~", "-._*", "-._~!$'()*,;:@/", ""] {
        let upper = percent(secret, unreserved);
        forms.push(lowercase_hex(&upper));
        forms.push(upper);
    }
    forms.extend((0..3).flat_map(|before| base64_heart(secret.as_bytes(), before)));
    forms.retain(|form| form.len() >= LEAST);
    forms
}

fn percent(text: &str, unreserved: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || unreserved.as_bytes().contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Returns a percent-encoded text with its hexadecimal digits in lower case.
fn lowercase_hex(text: &str) -> String {
    let mut out = String::new();
    let mut hex = 0;
    for c in text.chars() {
        out.push(if hex > 0 { c.to_ascii_lowercase() } else { c });
        hex = if c == '%' { 2 } else { hex - i32::from(hex > 0) };
    }
    out
}

/// Returns the letters that a secret has in base64, in both alphabets, where so many bytes (mod 3) stand before it. The
/// letters at its ends depend on its neighbours and are left out.
fn base64_heart(secret: &[u8], before: usize) -> [String; 2] {
    let standard = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits = secret.len() * 8;
    let skip = (6 - before * 8 % 6) % 6;
    let letter = |start: usize| {
        let value = (start..start + 6)
            .fold(0_usize, |value, bit| value << 1 | usize::from(secret[bit / 8] >> (7 - bit % 8) & 1));
        char::from(standard[value])
    };
    let plain: String = (skip..).step_by(6).take_while(|start| start + 6 <= bits).map(letter).collect();
    let url_safe = plain.replace('+', "-").replace('/', "_");
    [plain, url_safe]
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "sk-a+b/c='\"\\<&%Zz09";

    fn secrets() -> Secrets {
        Secrets::new([KEY, "EMPTY"].into_iter())
    }

    #[test]
    fn a_secret_is_found_in_every_form_that_servers_echo() {
        let json = serde_json::json!({ "error": KEY }).to_string();
        let nested = serde_json::json!({ "error": json }).to_string();
        let url = "x=sk-a%2Bb%2Fc%3D%27%22%5C%3C%26%25Zz09";
        for text in [
            KEY,
            json.as_str(),
            nested.as_str(),
            url,
            "x=sk-a%2bb%2fc%3d%27%22%5c%3c%26%25Zz09",
            "<p>sk-a+b/c=&#39;&quot;\\&lt;&amp;%Zz09</p>",
        ] {
            let clean = secrets().clean_text(text);
            assert!(clean.contains(SHOWN) && !clean.contains("Zz09"), "{text} became {clean}");
        }
    }

    #[test]
    fn base64_is_found_whatever_stands_before() {
        // base64 of `sk-secret-12345` after none, one and two other bytes.
        for text in ["c2stc2VjcmV0LTEyMzQ1", "OnNrLXNlY3JldC0xMjM0NQ==", "eDpzay1zZWNyZXQtMTIzNDU="] {
            let clean = Secrets::new(["sk-secret-12345"].into_iter()).clean_text(text);
            assert!(clean.contains(SHOWN), "{text} became {clean}");
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        let text = "{\"content\": \"the list is EMPTY\"}";
        assert_eq!(secrets().clean_text(text), text);
        assert_eq!(Secrets::default().clean_text(KEY), KEY);
        let mut text = String::from("plain");
        secrets().clean_in_place(&mut text);
        assert_eq!(text, "plain");
    }
}

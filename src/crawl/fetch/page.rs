//! What is remembered of a page: what came of asking for it, what to ask with next time, and its body, compressed.

use crate::journal::{Key, Kind, Scope};
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;

/// Speed before size: specs shrink tenfold at any level.
const LEVEL: i32 = 3;

/// What came of asking for a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Where it stood in the end, behind all redirects.
    pub at: String,
    /// The server's mark of this version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// When the server says that it was changed, as it wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// Bytes of the body.
    pub bytes: u64,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<PageFault>,
}

/// Why there is no page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{reason}")]
pub struct PageFault {
    /// What kind of reason.
    pub rule: PageRule,
    /// The reason, in words.
    pub reason: String,
}

/// The kinds of reasons why there is no page; also the rules that a dropped spec is left out by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageRule {
    /// Its server does not answer, or does not serve. It may later.
    Unreachable,
    /// Its server says that there is none, or not for us.
    NoPage,
    /// The server's robots.txt forbids it.
    Robots,
    /// It is larger than a spec may be.
    TooLarge,
    /// It stands in a private network.
    PrivateAddress,
    /// It redirects too often, or to where nothing is asked.
    Redirects,
    /// It is no address that can be asked.
    NoAddress,
    /// It is not remembered, and may not be asked for.
    NotAsked,
}

impl PageRule {
    /// Returns the rule's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::NoPage => "no_page",
            Self::Robots => "robots",
            Self::TooLarge => "too_large",
            Self::PrivateAddress => "private_address",
            Self::Redirects => "redirects",
            Self::NoAddress => "no_address",
            Self::NotAsked => "not_asked",
        }
    }

    /// Makes the fault of this kind.
    pub fn fault(self, reason: impl Into<String>) -> PageFault {
        PageFault { rule: self, reason: reason.into() }
    }
}

/// Returns the key under which a page is remembered.
pub fn key(url: &Url) -> Key {
    let request = crate::data::canonical_json(&json!({"url": url.as_str()}));
    Key::new(Kind::Page, &Scope::Run, &request, 0)
}

/// Puts a page into the form in which it is written: the length of what is said of it (4 bytes, little-endian), that, the body.
pub fn encode(page: &Page, body: &[u8]) -> Vec<u8> {
    let said = serde_json::to_vec(page).expect("a page is plain data");
    let packed =
        if body.is_empty() { Vec::new() } else { zstd::bulk::compress(body, LEVEL).unwrap_or_default() };
    let mut bytes = Vec::with_capacity(4 + said.len() + packed.len());
    bytes.extend_from_slice(&(said.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&said);
    bytes.extend_from_slice(&packed);
    bytes
}

/// Reads what is said of a page.
pub fn said(bytes: &[u8]) -> Option<Page> {
    serde_json::from_slice(split(bytes)?.0).ok()
}

/// Reads a page's body.
pub fn body(bytes: &[u8]) -> Option<Vec<u8>> {
    let page = said(bytes)?;
    let (_, packed) = split(bytes)?;
    if packed.is_empty() {
        return (page.bytes == 0).then(Vec::new);
    }
    zstd::bulk::decompress(packed, usize::try_from(page.bytes).ok()?).ok()
}

fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_of_a_page_is_read_and_damage_is_no_panic() {
        let text = b"{\"openapi\": \"3.0.0\"}".repeat(50);
        let page = Page {
            at: "https://a.b/c".into(),
            etag: Some("\"x\"".into()),
            bytes: text.len() as u64,
            ..Page::default()
        };
        let bytes = encode(&page, &text);
        assert!(bytes.len() < text.len() / 2);
        assert_eq!((said(&bytes), body(&bytes)), (Some(page), Some(text)));
        let fault = Page { fault: Some(PageRule::Robots.fault("no")), ..Page::default() };
        let bytes = encode(&fault, b"");
        assert_eq!((said(&bytes), body(&bytes)), (Some(fault), Some(Vec::new())));
        for cut in 0..bytes.len() {
            assert_eq!(said(&bytes[..cut]), None);
        }
        assert_eq!(body(&encode(&Page { bytes: 9, ..Page::default() }, b"")), None);
    }
}

//! What is written of an effect: a few bytes that say what it is, the note on a reply, the effect itself.
//!
//! `stage, kind, length of the note (2 bytes, little-endian), checksum of the head (8), checksum of the body (8), note
//! (JSON, replies only), body (packed)`. A look at what a journal holds reads the heads alone. An effect that was found
//! damaged, and whose head was not, is written anew as *lost*: a head without a body, so that what it took stays counted
//! and whoever may not ask again can say why there is none.

use super::{Key, Kind, pack, seal};
use crate::data::{ModelRole, ModelUse, Stage};
use serde::{Deserialize, Serialize};

const PREFIX: usize = 4;
const HEAD: usize = PREFIX + 2 * seal::LENGTH;
/// Set in the byte of the kind where the body is lost.
const LOST: u8 = 0x80;

/// What is noted of a model's reply beside the reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The task that it was asked for; `None` where it was the run.
    pub task: Option<u64>,
    /// The model's name in the plan.
    pub model: String,
    /// The role that the model played.
    pub role: ModelRole,
    /// What it took.
    #[serde(flatten)]
    pub used: ModelUse,
    /// Whether what the server said is no reply, or of no use.
    #[serde(default, skip_serializing_if = "is_false")]
    pub fault: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// A key as it is written.
pub(super) type RawKey = [u8; Key::LENGTH];

/// What is said of an effect.
pub(super) struct Head {
    pub stage: u8,
    pub kind: Kind,
    pub note: Option<Note>,
    /// Whether there is no body any more.
    pub is_lost: bool,
}

/// Puts an effect into the form in which it is written.
pub(super) fn encode(key: &Key, stage: Stage, note: Option<&Note>, effect: &[u8]) -> Vec<u8> {
    of_parts(key.as_bytes(), stage as u8, key.kind(), note, effect)
}

/// Puts an effect into the form in which it is written, under a key that was written before.
pub(super) fn of_parts(key: &RawKey, stage: u8, kind: Kind, note: Option<&Note>, effect: &[u8]) -> Vec<u8> {
    let mut bytes = head(stage, kind as u8, note, effect.len());
    let body = bytes.len();
    match kind {
        // They come compressed.
        Kind::Page => pack::plain(effect, &mut bytes),
        Kind::Reply | Kind::ToolResult => pack::pack(effect, &mut bytes),
    }
    sealed(key, bytes, body)
}

/// Puts an effect whose body is damaged into the form in which it is written; `None` where its head is damaged, too.
pub(super) fn lost(key: &RawKey, bytes: &[u8]) -> Option<Vec<u8>> {
    let Head { stage, kind, note, .. } = read(key, bytes)?;
    let bytes = head(stage, kind as u8 | LOST, note.as_ref(), 0);
    let body = bytes.len();
    Some(sealed(key, bytes, body))
}

fn head(stage: u8, kind: u8, note: Option<&Note>, length: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD + 160 + length);
    bytes.resize(HEAD, 0);
    bytes[..2].copy_from_slice(&[stage, kind]);
    if let Some(note) = note {
        serde_json::to_writer(&mut bytes, note).expect("a note is plain data");
        match u16::try_from(bytes.len() - HEAD) {
            Ok(length) => bytes[2..PREFIX].copy_from_slice(&length.to_le_bytes()),
            // A name of 64 KiB: the reply is remembered without its note.
            Err(_) => bytes.truncate(HEAD),
        }
    }
    bytes
}

fn sealed(key: &RawKey, mut bytes: Vec<u8>, body: usize) -> Vec<u8> {
    let sums = [head_sum(key, &bytes, body), seal::sum("body", key, &bytes[body..])].concat();
    bytes[PREFIX..HEAD].copy_from_slice(&sums);
    bytes
}

fn head_sum(key: &RawKey, bytes: &[u8], body: usize) -> [u8; seal::LENGTH] {
    seal::sum("head", key, &[&bytes[..PREFIX], &bytes[HEAD..body]].concat())
}

/// Returns the place where the body begins, where the head is as it was written.
fn body_of(key: &RawKey, bytes: &[u8]) -> Option<usize> {
    let length = u16::from_le_bytes([*bytes.get(2)?, *bytes.get(3)?]);
    let body = HEAD + usize::from(length);
    let sum = bytes.get(PREFIX..PREFIX + seal::LENGTH)?;
    (bytes.len() >= body && sum == head_sum(key, bytes, body)).then_some(body)
}

/// Reads what is said of an effect; `None` where that is not as it was written.
pub(super) fn read(key: &RawKey, bytes: &[u8]) -> Option<Head> {
    let body = body_of(key, bytes)?;
    let kind = Kind::ALL.get(usize::from(bytes[1] & !LOST)).copied()?;
    let note = serde_json::from_slice(&bytes[HEAD..body]).ok();
    Some(Head { stage: bytes[0], kind, note, is_lost: bytes[1] & LOST != 0 })
}

/// Tells whether an effect is as it was written, under this key.
pub(super) fn is_whole(key: &RawKey, bytes: &[u8]) -> bool {
    let sum = || bytes.get(PREFIX + seal::LENGTH..HEAD);
    body_of(key, bytes).is_some_and(|body| sum() == Some(&seal::sum("body", key, &bytes[body..])))
}

/// Returns the effect alone; `None` where it is lost, or not as it was written.
pub(super) fn effect(key: &RawKey, bytes: &[u8]) -> Option<Vec<u8>> {
    let body = body_of(key, bytes)?;
    is_whole(key, bytes).then(|| pack::unpack(&bytes[body..]))?
}

/// Tells whether an effect is remembered as lost.
pub(super) fn is_lost(bytes: &[u8]) -> bool {
    bytes.get(1).is_some_and(|kind| kind & LOST != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Scope;

    fn key_of(kind: Kind, n: u32) -> Key {
        Key::new(kind, &Scope::Task(7, vec![]), "{}", n)
    }

    fn note() -> Note {
        let used = ModelUse { calls: 1, tokens_in: 30, tokens_out: 4, tokens_cached: 20 };
        Note { task: Some(7), model: "teacher".into(), role: ModelRole::Judge, used, fault: false }
    }

    #[test]
    fn what_is_written_is_read_with_and_without_a_note() {
        let (key, raw) = (key_of(Kind::Reply, 0), *key_of(Kind::Reply, 0).as_bytes());
        let bytes = encode(&key, Stage::Filter, Some(&note()), b"{}");
        let head = read(&raw, &bytes).unwrap();
        assert_eq!((head.stage, head.kind, head.is_lost), (Stage::Filter as u8, Kind::Reply, false));
        assert_eq!((head.note, effect(&raw, &bytes).as_deref()), (Some(note()), Some(&b"{}"[..])));
        let page = key_of(Kind::Page, 0);
        let bytes = encode(&page, Stage::Crawl, None, b"page");
        let head = read(page.as_bytes(), &bytes).unwrap();
        assert_eq!((head.kind, head.note), (Kind::Page, None));
        assert_eq!(effect(page.as_bytes(), &bytes).as_deref(), Some(&b"page"[..]));
        let long = Note { model: "m".repeat(70_000), ..note() };
        let bytes = encode(&key, Stage::Filter, Some(&long), b"{}");
        assert_eq!(effect(&raw, &bytes).as_deref(), Some(&b"{}"[..]));
        assert!(read(&raw, &[]).is_none() && effect(&raw, &[1, 2]).is_none());
    }

    #[test]
    fn every_altered_bit_and_another_key_are_found_and_a_damaged_body_leaves_the_head() {
        let (key, other) = (key_of(Kind::Reply, 0), key_of(Kind::Reply, 1));
        let raw = key.as_bytes();
        let bytes = encode(&key, Stage::Search, Some(&note()), &b"{\"content\": \"Hello\"} ".repeat(20));
        assert!(is_whole(raw, &bytes) && !is_whole(other.as_bytes(), &bytes));
        assert!(read(other.as_bytes(), &bytes).is_none());
        let body = body_of(raw, &bytes).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut altered = bytes.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(!is_whole(raw, &altered) && effect(raw, &altered).is_none(), "bit {bit}");
            if bit >= body * 8 {
                let lost = lost(raw, &altered).unwrap();
                assert!(is_lost(&lost) && is_whole(raw, &lost) && effect(raw, &lost).is_none());
                assert_eq!(read(raw, &lost).unwrap().note, Some(note()));
            }
        }
    }
}

//! What is written of an effect: a few bytes that say what it is, the note on a reply, the effect itself.
//!
//! `stage, kind, length of the note (2 bytes, little-endian), note (JSON, replies only), effect`. A look at what a journal
//! holds reads the notes alone.

use super::Kind;
use crate::data::{ModelRole, ModelUse, Stage};
use serde::{Deserialize, Serialize};

const HEAD: usize = 4;

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

/// Puts an effect into the form in which it is written.
pub(super) fn encode(stage: Stage, kind: Kind, note: Option<&Note>, effect: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD + 160 + effect.len());
    bytes.extend_from_slice(&[stage as u8, kind as u8, 0, 0]);
    if let Some(note) = note {
        serde_json::to_writer(&mut bytes, note).expect("a note is plain data");
        match u16::try_from(bytes.len() - HEAD) {
            Ok(length) => bytes[2..HEAD].copy_from_slice(&length.to_le_bytes()),
            // A name of 64 KiB: the reply is remembered without its note.
            Err(_) => bytes.truncate(HEAD),
        }
    }
    bytes.extend_from_slice(effect);
    bytes
}

/// What is said of an effect.
pub(super) struct Said {
    pub kind: Option<Kind>,
    pub note: Option<Note>,
}

/// Returns the effect alone.
pub(super) fn effect(bytes: &[u8]) -> &[u8] {
    bytes.get(HEAD + note_length(bytes)..).unwrap_or_default()
}

/// Reads what is said of an effect.
pub(super) fn said(bytes: &[u8]) -> Said {
    let note = bytes.get(HEAD..HEAD + note_length(bytes)).filter(|note| !note.is_empty());
    Said {
        kind: bytes.get(1).and_then(|at| Kind::ALL.get(*at as usize).copied()),
        note: note.and_then(|note| serde_json::from_slice(note).ok()),
    }
}

/// Reads the note alone.
pub(super) fn note(bytes: &[u8]) -> Option<Note> {
    said(bytes).note
}

fn note_length(bytes: &[u8]) -> usize {
    bytes.get(2..HEAD).map_or(0, |b| u16::from_le_bytes([b[0], b[1]]) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_with_and_without_a_note() {
        let used = ModelUse { calls: 1, tokens_in: 30, tokens_out: 4, tokens_cached: 20 };
        let note =
            Note { task: Some(7), model: "teacher".into(), role: ModelRole::Judge, used, fault: false };
        let bytes = encode(Stage::Filter, Kind::Reply, Some(&note), b"{}");
        let head = said(&bytes);
        assert_eq!((bytes[0], head.kind), (Stage::Filter as u8, Some(Kind::Reply)));
        assert_eq!((head.note.as_ref(), effect(&bytes)), (Some(&note), &b"{}"[..]));
        let bytes = encode(Stage::Crawl, Kind::Page, None, b"page");
        let head = said(&bytes);
        assert_eq!((head.kind, head.note, effect(&bytes)), (Some(Kind::Page), None, &b"page"[..]));
        let long = Note { model: "m".repeat(70_000), ..note };
        assert_eq!(effect(&encode(Stage::Filter, Kind::Reply, Some(&long), b"{}")), b"{}");
        assert!(said(&[]).kind.is_none() && effect(&[1, 2]).is_empty());
    }
}

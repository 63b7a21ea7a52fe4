//! The key under which an effect is remembered.

use crate::data::FORMAT_VERSION;
use std::fmt;

/// blake3 of (format version, kind, scope, canonical request, n), behind the task's ordinal; it says its kind beside.
///
/// The ordinal tells nothing that the hash does not hold already. It keeps together in the file what a task asked, so that
/// a commit writes at the file's end instead of all over it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key([u8; Key::LENGTH], Kind);

/// What kind of effect is remembered. The places are persisted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A model's reply.
    Reply,
    /// The result of a live tool.
    ToolResult,
    /// A fetched page.
    Page,
}

/// Whose effect it is. Nothing is shared between tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The run's, as for pages.
    Run,
    /// One task's, with the branches taken to its program path.
    Task(u64, Vec<u32>),
    /// A row's, named by the hash of its content: what judges are asked about it, whichever task it was made of.
    Row([u8; 32]),
}

/// The place of what is asked about rows, behind that of every task.
const ROWS: u64 = u64::MAX;

impl Key {
    /// Bytes of a key as it is written: the place (big-endian: 0 for the run, one more than a task's ordinal, the highest
    /// for rows), the hash.
    pub(super) const LENGTH: usize = 8 + 32;

    /// Makes the key of the `n`-th (from 0) identical request of a scope. The request is in canonical form.
    pub fn new(kind: Kind, scope: &Scope, request: &str, n: u32) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&FORMAT_VERSION.to_le_bytes());
        hasher.update(match kind {
            Kind::Reply => b"reply\0",
            Kind::ToolResult => b"tool\0",
            Kind::Page => b"page\0",
        });
        hasher.update(scope.to_string().as_bytes());
        hasher.update(b"\0");
        hasher.update(&n.to_le_bytes());
        hasher.update(request.as_bytes());
        let place = match scope {
            Scope::Run => 0,
            Scope::Task(ordinal, _) => ordinal.saturating_add(1).min(ROWS - 1),
            Scope::Row(_) => ROWS,
        };
        let mut bytes = [0; Self::LENGTH];
        bytes[..8].copy_from_slice(&place.to_be_bytes());
        bytes[8..].copy_from_slice(hasher.finalize().as_bytes());
        Self(bytes, kind)
    }

    /// Returns what stands before the keys of all tasks and behind those of the run.
    pub(super) fn first_of_tasks() -> [u8; Self::LENGTH] {
        Self::first_of(1)
    }

    /// Returns the task that a key as it is written belongs to; `None` for the run's and for rows'.
    pub(super) fn task_of(raw: &[u8; Self::LENGTH]) -> Option<u64> {
        match Self::place_of(raw) {
            0 | ROWS => None,
            place => Some(place - 1),
        }
    }

    /// Returns the place that a key as it is written begins with.
    pub(super) fn place_of(raw: &[u8; Self::LENGTH]) -> u64 {
        let (place, _) = raw.split_first_chunk().expect("a key is longer than its place");
        u64::from_be_bytes(*place)
    }

    /// Returns what stands before all keys of a place.
    pub(super) fn first_of(place: u64) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        bytes[..8].copy_from_slice(&place.to_be_bytes());
        bytes
    }

    /// Returns the kind of the effect.
    pub fn kind(&self) -> Kind {
        self.1
    }

    /// Returns the key as it is written.
    pub(super) fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

impl Kind {
    /// Every kind, in the order of their places.
    pub const ALL: [Self; 3] = [Self::Reply, Self::ToolResult, Self::Page];

    /// Returns its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::ToolResult => "tool_result",
            Self::Page => "page",
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[8..].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run => f.write_str("run"),
            Self::Task(ordinal, branches) => {
                write!(f, "task/{ordinal}")?;
                branches.iter().try_for_each(|branch| write!(f, "/{branch}"))
            }
            Self::Row(hash) => {
                f.write_str("row/")?;
                hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}

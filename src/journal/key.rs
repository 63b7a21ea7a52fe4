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
}

impl Key {
    /// Bytes of a key as it is written: the ordinal (big-endian, 0 for the run, one more than a task's), the hash.
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
            Scope::Task(ordinal, _) => ordinal.saturating_add(1),
        };
        let mut bytes = [0; Self::LENGTH];
        bytes[..8].copy_from_slice(&place.to_be_bytes());
        bytes[8..].copy_from_slice(hasher.finalize().as_bytes());
        Self(bytes, kind)
    }

    /// Returns what stands before the keys of all tasks and behind those of the run.
    pub(super) fn first_of_tasks() -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        bytes[..8].copy_from_slice(&1_u64.to_be_bytes());
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
        }
    }
}

//! The key under which an effect is remembered.

use crate::data::FORMAT_VERSION;
use std::fmt;

/// blake3 of (format version, kind, scope, canonical request, n); it says its kind beside.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key([u8; 32], Kind);

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
        Self(*hasher.finalize().as_bytes(), kind)
    }

    /// Returns the kind of the effect.
    pub fn kind(&self) -> Kind {
        self.1
    }

    /// Returns the hash.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Kind {
    /// Every kind, in the order of their places.
    pub const ALL: [Self; 3] = [Self::Reply, Self::ToolResult, Self::Page];
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&blake3::Hash::from_bytes(self.0).to_hex())
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

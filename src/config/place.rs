//! Places in a configuration: which layer, which line.

use std::sync::Arc;

/// Where a layer's text came from.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    /// The embedded defaults.
    Defaults,
    /// A pipeline file.
    File(Arc<SourceFile>),
    /// A `--set` flag, as it was given.
    Set(Arc<str>),
}

impl Origin {
    /// Later layers rank higher.
    pub fn rank(&self) -> u8 {
        match self {
            Self::Defaults => 0,
            Self::File(_) => 1,
            Self::Set(_) => 2,
        }
    }
}

/// A pipeline file's name, as the user gave it, and text.
#[derive(Debug)]
pub(super) struct SourceFile {
    pub name: String,
    pub text: String,
}

/// A place: lines and columns from 1; the length in characters, 0 where it is not known.
#[derive(Clone, Debug)]
pub(super) struct At {
    pub origin: Origin,
    pub line: usize,
    pub column: usize,
    pub length: usize,
}

impl At {
    /// Tells whether two places stand on one line of one layer.
    pub fn same_line(&self, other: &Self) -> bool {
        let same_layer = match (&self.origin, &other.origin) {
            (Origin::Set(one), Origin::Set(other)) => one == other,
            (one, other) => one.rank() == other.rank(),
        };
        same_layer && self.line == other.line
    }
}

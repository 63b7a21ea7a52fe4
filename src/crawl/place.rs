//! Where a document stands: a file, or a page of the web.

use std::path::{Component, Path, PathBuf};
use url::Url;

/// Where a document stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A file, its path without `.` and `..`.
    File(PathBuf),
    /// A page, by the address that it was asked for under.
    Page(Url),
}

impl Place {
    /// Makes the place of a file.
    pub fn file(path: &Path) -> Self {
        Self::File(normal(path))
    }
}

/// Removes `.` and `..` from a path without asking the file system.
pub fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                if matches!(out.components().next_back(), Some(Component::Normal(_))) {
                    out.pop();
                } else {
                    out.push("..");
                }
            }
            other => out.push(other),
        }
    }
    out
}

/// Reads the address of a source or reference: http or https, with a host. What stands behind `#` is cut.
pub fn address(text: &str) -> Option<Url> {
    let mut url = Url::parse(text).ok()?;
    url.set_fragment(None);
    (matches!(url.scheme(), "http" | "https") && url.host().is_some()).then_some(url)
}

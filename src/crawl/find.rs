//! Sources of a plan → the files to read: files, folders and globs.

use super::CrawlError;
use super::document::normal;
use super::live::Listing;
use crate::config::plan::Source;
use std::path::{Path, PathBuf};

/// A file that may hold a spec.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Where it is.
    pub path: PathBuf,
    /// Its name relative to the source it was found under, with `/`.
    pub name: String,
    /// Which source it was found under.
    pub source: usize,
    /// Whether the plan names this very file, so that it must be a spec.
    pub named: bool,
    /// What an MCP server lists, where it is no file.
    pub listing: Option<Listing>,
}

impl Candidate {
    /// Makes one of what the MCP server of a source lists.
    pub fn listed(source: usize, listing: Listing) -> Self {
        let name = listing.name.clone();
        Self { path: PathBuf::from(&name), name, source, named: true, listing: Some(listing) }
    }
}

/// Folders that never hold specs.
const SKIPPED: [&str; 3] = ["node_modules", "target", "__pycache__"];

/// Finds the candidates of all sources, in the order of the sources, then by name.
pub fn find(sources: &[Source]) -> Result<Vec<Candidate>, CrawlError> {
    let mut out: Vec<Candidate> = Vec::new();
    for (source, text) in sources.iter().enumerate() {
        let Source::Path(text) = text else { continue };
        if text.contains("://") {
            return Err(CrawlError::Remote { source_name: text.clone() });
        }
        let path = Path::new(text);
        let mut found = Vec::new();
        if path.is_file() {
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            found.push(Candidate { path: path.to_owned(), name, source, named: true, listing: None });
        } else if path.is_dir() {
            walk(path, path, source, &mut found)?;
            if found.is_empty() {
                return Err(CrawlError::NoSpecs { path: path.to_owned() });
            }
        } else if text.contains(['*', '?', '[']) {
            glob(text, source, &mut found)?;
            if found.is_empty() {
                return Err(CrawlError::NoMatch { pattern: text.clone() });
            }
        } else {
            return Err(CrawlError::Missing { path: path.to_owned() });
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        for candidate in found {
            let known = normal(&candidate.path);
            match out.iter_mut().find(|c| normal(&c.path) == known) {
                Some(first) => first.named |= candidate.named,
                None => out.push(candidate),
            }
        }
    }
    Ok(out)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, CrawlError> {
    let unreadable = |cause| CrawlError::Unreadable { path: folder.to_owned(), cause };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        paths.push(entry.map_err(unreadable)?.path());
    }
    paths.sort();
    Ok(paths)
}

fn walk(folder: &Path, base: &Path, source: usize, out: &mut Vec<Candidate>) -> Result<(), CrawlError> {
    for path in entries(folder)? {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with('.') {
            continue;
        }
        let kind = std::fs::symlink_metadata(&path).map(|m| m.file_type());
        let linked_folder = kind.is_ok_and(|k| k.is_symlink()) && path.is_dir();
        if path.is_dir() && !linked_folder {
            if !SKIPPED.contains(&name.as_str()) {
                walk(&path, base, source, out)?;
            }
        } else if path.is_file() && has_spec_extension(&path) {
            out.push(Candidate { name: relative(&path, base), path, source, named: false, listing: None });
        }
    }
    Ok(())
}

fn has_spec_extension(path: &Path) -> bool {
    path.extension()
        .is_some_and(|e| ["json", "jsonl", "ndjson", "yaml", "yml"].iter().any(|k| e.eq_ignore_ascii_case(k)))
}

fn relative(path: &Path, base: &Path) -> String {
    let relative = path.strip_prefix(base).unwrap_or(path);
    relative.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Expands a glob: `*` and `?` within a name, `[…]` sets, `**` over folders.
fn glob(pattern: &str, source: usize, out: &mut Vec<Candidate>) -> Result<(), CrawlError> {
    let parts: Vec<&str> = pattern.split('/').collect();
    let fixed = parts.iter().take_while(|p| !p.contains(['*', '?', '['])).count();
    let mut base = parts[..fixed].join("/");
    if base.is_empty() {
        base = if pattern.starts_with('/') { "/".to_owned() } else { ".".to_owned() };
    }
    let base = PathBuf::from(base);
    if !base.is_dir() {
        return Err(CrawlError::Missing { path: base });
    }
    expand(&base, &parts[fixed..], &base, source, out)
}

fn expand(
    folder: &Path,
    parts: &[&str],
    base: &Path,
    source: usize,
    out: &mut Vec<Candidate>,
) -> Result<(), CrawlError> {
    let Some((part, rest)) = parts.split_first() else { return Ok(()) };
    if *part == "**" {
        expand(folder, rest, base, source, out)?;
    }
    for path in entries(folder)? {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with('.') {
            continue;
        }
        let real_folder = path.is_dir() && !path.is_symlink();
        if *part == "**" {
            if real_folder && !SKIPPED.contains(&name.as_str()) {
                expand(&path, parts, base, source, out)?;
            }
        } else if matches(part.as_bytes(), name.as_bytes()) {
            if rest.is_empty() && path.is_file() {
                let candidate =
                    Candidate { name: relative(&path, base), path, source, named: false, listing: None };
                if !out.contains(&candidate) {
                    out.push(candidate);
                }
            } else if path.is_dir() {
                expand(&path, rest, base, source, out)?;
            }
        }
    }
    Ok(())
}

/// Matches one path segment.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    match pattern.first() {
        None => name.is_empty(),
        Some(b'*') => matches(&pattern[1..], name) || !name.is_empty() && matches(pattern, &name[1..]),
        Some(b'?') => !name.is_empty() && matches(&pattern[1..], &name[1..]),
        Some(b'[') => {
            let (Some(close), Some(c)) = (pattern.iter().position(|b| *b == b']'), name.first()) else {
                return false;
            };
            let set = &pattern[1..close];
            let (negated, set) = match set.first() {
                Some(b'!' | b'^') => (true, &set[1..]),
                _ => (false, set),
            };
            let range = |w: &[u8]| w[1] == b'-' && w[0] <= *c && *c <= w[2];
            let within = set.contains(c) || set.windows(3).any(range);
            within != negated && matches(&pattern[close + 1..], &name[1..])
        }
        Some(c) => name.first() == Some(c) && matches(&pattern[1..], &name[1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_within_a_segment() {
        for (pattern, name, fits) in [
            ("*.json", "a.json", true),
            ("*.json", "a.yaml", false),
            ("v[0-9].y?ml", "v3.yaml", true),
            ("[!a]*", "abc", false),
        ] {
            assert_eq!(matches(pattern.as_bytes(), name.as_bytes()), fits, "{pattern} {name}");
        }
    }

    #[test]
    fn a_missing_path_and_an_empty_folder_are_errors_that_name_it() {
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().to_string_lossy().into_owned();
        let missing = format!("{empty}/none.json");
        assert!(find(&[missing.clone().into()]).unwrap_err().to_string().contains(&missing));
        assert!(find(&[empty.clone().into()]).unwrap_err().to_string().contains(&empty));
    }
}

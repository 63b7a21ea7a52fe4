//! Sources of a plan → the documents to read: files, folders, globs, pages, and what listings lead to.

pub mod listing;
pub mod read;

use super::error::CrawlError;
use crate::config::plan::Source;
use crate::crawl::fetch::{PageFault, PageRule, Pages};
use crate::crawl::live;
use crate::crawl::place::{Place, address};
use crate::data::Dropped;
use listing::{About, Listing};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use url::Url;

/// A document that may hold a spec.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Where it is; of a page the path in its address.
    pub path: PathBuf,
    /// Its name relative to the source it was found under, with `/`; of a page its address.
    pub name: String,
    /// Which source it was found under.
    pub source: usize,
    /// Whether the plan names this very document, so that it must be a spec.
    pub named: bool,
    /// The folder that its references may not leave; nothing for a page.
    pub root: Option<PathBuf>,
    /// The page, where it is one.
    pub page: Option<Page>,
    /// What an MCP server lists, where it is that.
    pub listed: Option<live::Listing>,
}

/// A page that may hold a spec.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Its address, under which it is remembered.
    pub url: Url,
    /// Where it stands in the end, which its references are relative to; or why it is not there.
    pub at: Result<Url, PageFault>,
    /// What the listing says of it that led here.
    pub about: About,
}

/// What sources lead to.
#[derive(Debug, Default)]
pub struct Found {
    /// Documents that may hold specs, in the order of the sources, then by name.
    pub candidates: Vec<Candidate>,
    /// What listings name and what is left out of them.
    pub dropped: Vec<Dropped>,
}

impl Candidate {
    fn file(path: PathBuf, name: String, source: usize, named: bool, root: &Path) -> Self {
        Self { path, name, source, named, root: Some(root.to_owned()), page: None, listed: None }
    }

    fn page(page: Page, source: usize, named: bool) -> Self {
        let (path, name) = (PathBuf::from(page.url.path()), page.url.to_string());
        Self { path, name, source, named, root: None, page: Some(page), listed: None }
    }

    /// Makes one of what the MCP server of a source lists.
    pub fn listed(source: usize, listing: live::Listing) -> Self {
        let (path, name) = (PathBuf::from(&listing.name), listing.name.clone());
        Self { path, name, source, named: true, root: None, page: None, listed: Some(listing) }
    }

    /// Returns the path after which its API may be named.
    pub fn naming(&self) -> &Path {
        if self.page.is_some() { &self.path } else { Path::new(&self.name) }
    }

    /// Returns how many bytes it has; 0 where that is not known, or where it has been read.
    pub fn bytes(&self, pages: &Pages) -> u64 {
        match (&self.page, &self.listed) {
            (Some(page), _) => pages.bytes(&page.url),
            // its path is no file's
            (None, Some(_)) => 0,
            (None, None) => std::fs::metadata(&self.path).map_or(0, |file| file.len()),
        }
    }

    /// Returns where it is.
    pub fn place(&self) -> Place {
        match &self.page {
            Some(page) => Place::Page(page.url.clone()),
            None => Place::file(&self.path),
        }
    }
}

/// Folders that never hold specs.
const SKIPPED: [&str; 3] = ["node_modules", "target", "__pycache__"];

/// Finds the candidates of all sources, in the order of the sources, then by name. Pages are fetched and remembered, and read
/// only to see whether they are listings.
pub fn find(sources: &[Source], pages: &Pages, bytes_max: u64) -> Result<Found, CrawlError> {
    let mut found = Found::default();
    let mut known: BTreeMap<Place, usize> = BTreeMap::new();
    let mut fetched = fetch(sources, pages)?;
    for (source, text) in sources.iter().enumerate() {
        let Source::Path(text) = text else { continue };
        let mut own = match fetched.remove(&source) {
            Some(page) => of_page(page, source, pages, &mut found.dropped)?,
            None => of_path(text, source, pages, bytes_max, &mut found.dropped)?,
        };
        own.sort_by(|a, b| a.name.cmp(&b.name));
        for candidate in own {
            if let Some(first) = known.get(&candidate.place()) {
                found.candidates[*first].named |= candidate.named;
            } else {
                known.insert(candidate.place(), found.candidates.len());
                found.candidates.push(candidate);
            }
        }
    }
    Ok(found)
}

/// Fetches the pages that the plan names, all at once. Who names one wants it: each that is not there is told.
fn fetch(sources: &[Source], pages: &Pages) -> Result<BTreeMap<usize, Page>, CrawlError> {
    let named = sources.iter().enumerate().filter_map(|(at, source)| match source {
        Source::Path(text) if text.contains("://") => Some((at, text)),
        _ => None,
    });
    let mut wanted = Vec::new();
    let mut missing = Vec::new();
    for (at, text) in named {
        match address(text) {
            Some(url) => wanted.push((at, url)),
            None => missing.push((text.clone(), PageRule::NoAddress.fault("no http or https address"))),
        }
    }
    let urls: Vec<Url> = wanted.iter().map(|(_, url)| url.clone()).collect();
    let answers = pages.fetch(&urls, &|| ());
    if let Some(error) = pages.failure() {
        return Err(error.into());
    }
    let mut found = BTreeMap::new();
    for ((source, url), at) in wanted.into_iter().zip(answers) {
        match at {
            // what was received is data, though it be too large
            Err(fault) if fault.rule != PageRule::TooLarge => missing.push((url.to_string(), fault)),
            at => drop(found.insert(source, Page { url, at, about: About::default() })),
        }
    }
    if missing.is_empty() { Ok(found) } else { Err(CrawlError::Pages { missing }) }
}

/// What a page leads to: itself, or what it lists.
fn of_page(
    page: Page,
    source: usize,
    pages: &Pages,
    dropped: &mut Vec<Dropped>,
) -> Result<Vec<Candidate>, CrawlError> {
    let listed = page.at.as_ref().ok().and_then(|at| {
        let bytes = pages.body(&page.url).ok().filter(|bytes| listing::may_be(bytes))?;
        listing::read(&read::parse(&bytes).ok()?, Some(at))
    });
    match listed {
        Some(listing) => of_listing(listing, page.url.as_str(), source, pages, dropped),
        None => Ok(vec![Candidate::page(page, source, true)]),
    }
}

fn of_path(
    text: &str,
    source: usize,
    pages: &Pages,
    bytes_max: u64,
    dropped: &mut Vec<Dropped>,
) -> Result<Vec<Candidate>, CrawlError> {
    let path = Path::new(text);
    let mut found = Vec::new();
    if path.is_file() {
        if let Some(listing) = listing_file(path, bytes_max) {
            return of_listing(listing, text, source, pages, dropped);
        }
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let root = root_of(path, std::env::home_dir().as_deref());
        found.push(Candidate::file(path.to_owned(), name, source, true, &root));
    } else if path.is_dir() {
        walk(path, path, source, &mut found)?;
        if found.is_empty() {
            return Err(CrawlError::NoSpecs { path: path.to_owned() });
        }
    } else if text.contains(['*', '?', '[']) {
        glob(text, source, &mut found)?;
        if found.is_empty() {
            return Err(CrawlError::NoMatch { pattern: text.to_owned() });
        }
    } else {
        return Err(CrawlError::Missing { path: path.to_owned() });
    }
    Ok(found)
}

/// Returns the folder that the references of a file that the plan names may not leave: what specs share often stands beside
/// the folder that holds them, but not where that is all of a home or more.
fn root_of(path: &Path, home: Option<&Path>) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    let home = home.and_then(real);
    let wide = real(&folder.join("..")).filter(|wide| wide.parent().is_some());
    let wide = wide.filter(|wide| home.is_none_or(|home| !home.starts_with(wide)));
    if wide.is_some() { folder.join("..") } else { folder.to_owned() }
}

/// Reads a file that the plan names, where it is a listing.
fn listing_file(path: &Path, bytes_max: u64) -> Option<Listing> {
    const HEAD: u64 = 4096;
    let mut head = Vec::new();
    std::fs::File::open(path).ok()?.take(HEAD).read_to_end(&mut head).ok()?;
    if !listing::may_be(&head) {
        return None;
    }
    listing::read(&read::file(path, bytes_max).ok()?.0, None)
}

/// Fetches what a listing leads to. Single members that are not there are left out with the reason; where none is there, that
/// is an error.
fn of_listing(
    mut listing: Listing,
    name: &str,
    source: usize,
    pages: &Pages,
    dropped: &mut Vec<Dropped>,
) -> Result<Vec<Candidate>, CrawlError> {
    let max = pages.listing_max();
    for member in listing.members.split_off(max.min(listing.members.len())) {
        let reason = format!("beyond the first {max} specs of {name} (crawl.fetch.pages)");
        listing.left_out.push((member.url.to_string(), "too_many", reason));
    }
    dropped.extend(listing.left_out.into_iter().map(|(id, rule, reason)| Dropped {
        id,
        rule: rule.to_owned(),
        reason,
        spec: name.to_owned(),
        operation: None,
        tool: None,
    }));
    let urls: Vec<Url> = listing.members.iter().map(|member| member.url.clone()).collect();
    let answers = pages.fetch(&urls, &|| ());
    if let Some(error) = pages.failure() {
        return Err(error.into());
    }
    if let Some(Err(first)) = answers.first()
        && answers.iter().all(Result::is_err)
    {
        let (count, first) = (answers.len(), format!("{}: {first}", urls[0]));
        return Err(CrawlError::Members { listing: name.to_owned(), count, first });
    }
    let page = |(member, at): (listing::Member, _)| {
        Candidate::page(Page { url: member.url, at, about: member.about }, source, false)
    };
    Ok(listing.members.into_iter().zip(answers).map(page).collect())
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
            let name = relative(&path, base);
            out.push(Candidate::file(path, name, source, false, base));
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
                let name = relative(&path, base);
                let candidate = Candidate::file(path, name, source, false, base);
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
    fn a_page_has_no_bytes_of_the_file_that_has_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.json");
        std::fs::write(&file, "{}").unwrap();
        let plan = crate::config::load(None, &[], &|_| true).unwrap();
        let pages = Pages::for_now(None, &plan.crawl, &plan.limits);
        let own = Candidate::file(file.clone(), "a.json".into(), 0, true, folder.path());
        assert_eq!(own.bytes(&pages), 2);
        let url = Url::parse(&format!("https://x.org{}", file.display())).unwrap();
        let page = Page { at: Ok(url.clone()), url, about: About::default() };
        assert_eq!(Candidate { page: Some(page), ..own }.bytes(&pages), 0);
    }

    #[test]
    fn references_of_a_file_reach_beside_its_folder_but_not_all_over_a_home() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("me");
        let deep = home.join("specs/api");
        std::fs::create_dir_all(&deep).unwrap();
        for (within, wide) in [(deep.clone(), true), (home.join("specs"), false), (home.clone(), false)] {
            let root = if wide { within.join("..") } else { within.clone() };
            assert_eq!(root_of(&within.join("a.json"), Some(&home)), root);
        }
        assert_eq!(root_of(&home.join("a.json"), None), home.join(".."));
        assert_eq!(root_of(Path::new("/a.json"), None), Path::new("/"));
        assert_eq!(root_of(Path::new("/tmp/a.json"), None), Path::new("/tmp"));
    }

    #[test]
    fn a_missing_path_and_an_empty_folder_are_errors_that_name_it() {
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().to_string_lossy().into_owned();
        let missing = format!("{empty}/none.json");
        let plan = crate::config::load(None, &[], &|_| true).unwrap();
        let pages = Pages::for_now(None, &plan.crawl, &plan.limits);
        for source in [missing, empty] {
            let error = find(&[source.clone().into()], &pages, 1000).unwrap_err().to_string();
            assert!(error.contains(&source), "{error}");
        }
    }
}

//! The files and pages that a spec refers to: found relative to where the reference stands, within bounds, and loaded.

use super::document::{Document, decode};
use crate::crawl::fetch::PageRule;
use crate::crawl::file::File;
use crate::crawl::find::read;
use crate::crawl::place::{Place, address, normal};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use url::Url;

/// How many files and pages one spec may have looked for, itself among them.
const PARTS_MAX: usize = 4000;

/// What one spec may pull in.
struct Loader<'a> {
    file: &'a File<'a>,
    /// The folder that no reference may leave, as the file system knows it.
    root: Option<PathBuf>,
    /// The folder that the spec stands in, as the file system knows it.
    folder: PathBuf,
    /// Bytes that all parts together may still have.
    budget: u64,
    /// Where each file of the document stands, for what it refers to.
    bases: Vec<Place>,
    known: BTreeMap<Place, Result<usize, String>>,
}

/// Why a reference leads nowhere.
enum Miss {
    /// For a reason of its own.
    Reason(String),
    /// So many were looked for that this one is not.
    Beyond,
}

/// Loads what a parsed spec refers to, transitively; what cannot be read stays a dangling reference, with the reason.
pub fn load(root: Value, file: &File<'_>) -> Document {
    let mut document = Document::alone(root);
    let candidate = file.candidate;
    let base = match candidate.page.as_ref().map(|page| &page.at) {
        Some(Ok(at)) => Place::Page(at.clone()),
        _ => Place::file(&candidate.path),
    };
    let own = std::fs::canonicalize(&candidate.path).unwrap_or_default();
    let mut loader = Loader {
        file,
        folder: own.parent().map(Path::to_owned).unwrap_or_default(),
        root: candidate.root.as_deref().and_then(|root| std::fs::canonicalize(root).ok()),
        budget: file.limits.spec_bytes,
        known: BTreeMap::from([(base.clone(), Ok(0)), (candidate.place(), Ok(0))]),
        bases: vec![base],
    };
    let (mut told, mut is_beyond) = (BTreeSet::new(), false);
    let mut at = 0;
    while at < document.len() {
        for link in document.links_of(at) {
            match loader.part(&mut document, at, &link) {
                Ok(to) => document.link(at, link, to),
                Err(Miss::Reason(reason)) => {
                    if told.insert(link.clone()) {
                        document.dangling.push((link, reason));
                    }
                }
                // one word for them all
                Err(Miss::Beyond) if is_beyond => {}
                Err(Miss::Beyond) => {
                    is_beyond = true;
                    let reason = format!(
                        "the spec refers to more than {PARTS_MAX} files and pages; from this one on no new one is looked for"
                    );
                    document.dangling.push((link, reason));
                }
            }
        }
        at += 1;
    }
    document
}

impl Loader<'_> {
    /// Returns the index of the file that a reference's file part means, which is loaded where it is not known.
    fn part(&mut self, document: &mut Document, from: usize, link: &str) -> Result<usize, Miss> {
        let place = self.place(&self.bases[from], link).map_err(Miss::Reason)?;
        if let Some(known) = self.known.get(&place) {
            return known.clone().map_err(Miss::Reason);
        }
        // what was looked for in vain counts: it costs a request too
        if self.known.len() >= PARTS_MAX {
            return Err(Miss::Beyond);
        }
        let index = self.load(&place).map(|(base, value, hash)| {
            self.bases.push(base);
            document.add(value, place.clone(), hash)
        });
        self.known.insert(place, index.clone());
        index.map_err(Miss::Reason)
    }

    /// Finds where a reference leads: relative to where it stands, a page to pages only, a file within its source's folder.
    fn place(&self, base: &Place, link: &str) -> Result<Place, String> {
        let link = link.trim();
        match base {
            Place::Page(url) => {
                let to = url.join(link).ok().and_then(|url| address(url.as_str()));
                to.map(Place::Page).ok_or_else(|| "no http or https address".to_owned())
            }
            Place::File(_) if link.contains("://") => {
                let Some(url) = address(link) else { return Err("no http or https address".to_owned()) };
                if self.file.pages.serves_files() {
                    Ok(Place::Page(url))
                } else {
                    Err("a file leads to a URL, which is asked for where `crawl.fetch.file_refs` is true"
                        .to_owned())
                }
            }
            Place::File(_) if link.starts_with(['/', '\\']) => {
                Err("an absolute path is not followed".to_owned())
            }
            Place::File(path) => {
                let folder = path.parent().unwrap_or(Path::new(""));
                Ok(Place::File(normal(&folder.join(decode(link)))))
            }
        }
    }

    /// Reads a part. Returns where it stands in the end with it.
    fn load(&mut self, place: &Place) -> Result<(Place, Value, blake3::Hash), String> {
        let (base, bytes) = match place {
            Place::File(path) => (place.clone(), self.file_bytes(path)?),
            Place::Page(url) => self.page_bytes(url)?,
        };
        let value = read::parse(&bytes).map_err(|why| why.reason)?;
        Ok((base, value, blake3::hash(&bytes)))
    }

    fn file_bytes(&mut self, path: &Path) -> Result<Vec<u8>, String> {
        let real = std::fs::canonicalize(path).map_err(|_| "there is no such file".to_owned())?;
        if self.root.as_ref().is_none_or(|root| !real.starts_with(root)) {
            return Err(
                "it leads out of the source's folder; name a folder that holds both as the source".to_owned()
            );
        }
        if !read::may_be_part(&real, &self.folder) {
            return Err("neither a .json nor a .yaml file that is not hidden".to_owned());
        }
        let size = std::fs::metadata(&real).map_err(|e| e.to_string())?;
        if !size.is_file() {
            return Err("no file".to_owned());
        }
        self.budget = self.budget.checked_sub(size.len()).ok_or_else(|| self.too_many_bytes())?;
        std::fs::read(&real).map_err(|e| e.to_string())
    }

    /// Has a page fetched, unless nothing is left of the budget. All that was received counts, whether it is of use or not.
    fn page_bytes(&mut self, url: &Url) -> Result<(Place, Vec<u8>), String> {
        if self.budget == 0 {
            return Err(self.too_many_bytes());
        }
        let pages = self.file.pages;
        let received = pages.fetch_one(url).and_then(|at| Ok((at, pages.body(url)?)));
        let (at, bytes) = received.map_err(|fault| {
            if fault.rule == PageRule::TooLarge {
                self.budget = 0;
            }
            fault.reason
        })?;
        let left = self.budget.checked_sub(bytes.len() as u64);
        self.budget = left.unwrap_or(0);
        left.map(|_| (Place::Page(at), bytes)).ok_or_else(|| self.too_many_bytes())
    }

    fn too_many_bytes(&self) -> String {
        let max = self.file.limits.spec_bytes;
        format!("with it the parts of the spec have more bytes than limits.spec_bytes ({max})")
    }
}

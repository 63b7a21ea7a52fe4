//! Where pages are remembered: in the run's journal, which is opened when the first page is asked for, or in memory over what
//! a journal holds.

use super::page::{self, Page};
use crate::data::Stage;
use crate::journal::{Journal, JournalError, Key, Look};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use url::Url;

/// Remembers pages.
pub struct Store {
    place: Place,
    journal: OnceLock<Journal>,
    behind: OnceLock<Option<Look>>,
}

enum Place {
    /// The journal of a run.
    Run(PathBuf),
    /// Memory, over the journal of a run where there is one.
    Memory(Option<PathBuf>),
}

impl Store {
    /// Remembers in the journal at a path.
    pub fn run(path: &Path) -> Self {
        Self::of(Place::Run(path.to_owned()))
    }

    /// Remembers nothing beyond its own life; knows what the journal at a path holds, if there is one.
    pub fn memory(path: Option<&Path>) -> Self {
        Self::of(Place::Memory(path.map(Path::to_owned)))
    }

    fn of(place: Place) -> Self {
        Self { place, journal: OnceLock::new(), behind: OnceLock::new() }
    }

    /// Opens what it needs. To be called once, before all else.
    pub fn open(&self) -> Result<(), JournalError> {
        let journal = match &self.place {
            Place::Run(path) => Journal::open_unclaimed(path)?,
            Place::Memory(path) => {
                // A journal that a run has open, or that cannot be read, is as good as none: pages are asked for anew.
                let look =
                    path.as_deref().filter(|path| path.exists()).and_then(|path| Look::open(path).ok());
                let _ = self.behind.set(look);
                Journal::in_memory()?
            }
        };
        let _ = self.journal.set(journal);
        Ok(())
    }

    /// Returns the journal, where one was opened that is the run's.
    pub fn journal(&self) -> Option<Journal> {
        self.journal.get().filter(|_| matches!(self.place, Place::Run(_))).cloned()
    }

    /// Tells whether the run has done anything with the pages that it began with.
    pub fn is_begun(&self) -> Result<bool, JournalError> {
        match self.behind.get() {
            Some(Some(look)) => look.is_begun(),
            _ => self.opened().is_begun(),
        }
    }

    /// Returns what is remembered of a page.
    pub fn get(&self, url: &Url) -> Result<Option<Page>, JournalError> {
        Ok(self.bytes(url)?.as_deref().and_then(page::said))
    }

    /// Returns the body of a remembered page.
    pub fn body(&self, url: &Url) -> Result<Option<Vec<u8>>, JournalError> {
        Ok(self.bytes(url)?.as_deref().and_then(page::body))
    }

    /// Remembers a page; it is durable when this resolves.
    pub async fn put(&self, url: &Url, bytes: &[u8]) -> Result<(), JournalError> {
        self.opened().put(Stage::Crawl, page::key(url), bytes).await
    }

    /// Remembers what is no page; it is durable when this resolves.
    pub async fn put_other(&self, key: Key, bytes: &[u8]) -> Result<(), JournalError> {
        self.opened().put(Stage::Crawl, key, bytes).await
    }

    /// Returns what is remembered under a key.
    pub fn other(&self, key: &Key) -> Result<Option<Vec<u8>>, JournalError> {
        let own = self.opened().get(key)?;
        match self.behind.get() {
            Some(Some(look)) if own.is_none() => look.get(key),
            _ => Ok(own),
        }
    }

    fn bytes(&self, url: &Url) -> Result<Option<Vec<u8>>, JournalError> {
        self.other(&page::key(url))
    }

    fn opened(&self) -> &Journal {
        self.journal.get().expect("it was opened before")
    }
}

//! What a crawl is told from outside beside pages (the lists of MCP servers): remembered in the same place, under the same
//! rules.

use super::Pages;
use crate::journal::{Key, Kind, Scope};

impl Pages {
    /// Tells whether anything may be asked for. Nothing where the journal cannot be opened, of which `failure` tells.
    pub fn is_asking(&self) -> Option<bool> {
        self.open()
    }

    /// Returns what is remembered of a request, which is in canonical form.
    pub fn remembered(&self, request: &str) -> Option<Vec<u8>> {
        self.open()?;
        match self.inner.store.other(&key(request)) {
            Ok(found) => found,
            Err(error) => {
                self.inner.broke(error);
                None
            }
        }
    }

    /// Remembers what came of a request; blocks until it is durable. Where it cannot be, `failure` tells.
    pub fn remember(&self, request: &str, bytes: &[u8]) {
        if self.open().is_some() {
            let stored = self.handle().block_on(self.inner.store.put_other(key(request), bytes));
            if let Err(error) = stored {
                self.inner.broke(error);
            }
        }
    }
}

fn key(request: &str) -> Key {
    Key::new(Kind::Page, &Scope::Run, request, 0)
}

//! Reading where the database may be damaged: redb trusts its pages, and a damaged one can make it panic.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// Whether a panic on this thread is caught here, and told as an error.
    static CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// Does something with a database; a panic in it is an error that says what panicked.
pub(super) fn guarded<T>(what: impl FnOnce() -> Result<T, redb::Error>) -> Result<T, redb::Error> {
    silence();
    let outer = CAUGHT.replace(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(what));
    CAUGHT.set(outer);
    outcome.unwrap_or_else(|panicked| {
        let said = panicked.downcast_ref::<String>().map(String::as_str);
        let said =
            said.or_else(|| panicked.downcast_ref::<&str>().copied()).unwrap_or("a page cannot be read");
        Err(redb::Error::Corrupted(said.lines().next().unwrap_or_default().to_owned()))
    })
}

/// Keeps the message of a panic that is caught here from being printed: it becomes an error's text.
fn silence() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !CAUGHT.get() {
                before(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_that_says_it() {
        let error = guarded(|| -> Result<(), redb::Error> { panic!("page {} is gone\nmore", 7) });
        assert!(matches!(error, Err(redb::Error::Corrupted(text)) if text == "page 7 is gone"));
        assert_eq!(guarded(|| Ok(3)).unwrap(), 3);
    }
}

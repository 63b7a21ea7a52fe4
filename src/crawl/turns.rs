//! Documents are lowered at once, a thread a processor. Next is the largest, so that none is left over when all others are
//! done, but not two large ones at once, which bounds the memory that trees of JSON values take.

use std::sync::{Mutex, PoisonError};

/// Bytes of documents that are lowered at once, beyond which only the smallest are begun.
const BYTES_AT_ONCE: u64 = 48 << 20;

/// Most threads.
const THREADS_MAX: usize = 8;

/// Lowering is recursive in the spec's own depth, which the parsers bound.
const STACK_BYTES: usize = 32 << 20;

/// Lowers every document, of which the sizes in bytes are told. One thread a processor takes the next, and what comes of them
/// is in the order of the documents. `lower` must not panic: the caller says what a fault costs.
pub fn each<T: Send>(sizes: impl ExactSizeIterator<Item = u64>, lower: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let slots: Vec<Mutex<Option<T>>> = (0..sizes.len()).map(|_| Mutex::new(None)).collect();
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let workers = processors.min(THREADS_MAX).min(slots.len());
    let turns = Turns::new(sizes);
    let work = || {
        turns.work(|index| {
            let lowered = lower(index);
            *slots[index].lock().unwrap_or_else(PoisonError::into_inner) = Some(lowered);
        });
    };
    std::thread::scope(|scope| {
        let started: Vec<_> = (0..workers)
            .filter_map(|_| {
                std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work).ok()
            })
            .collect();
        if started.is_empty() {
            work();
        }
    });
    let lowered = |slot: Mutex<Option<T>>| slot.into_inner().unwrap_or_else(PoisonError::into_inner);
    slots.into_iter().map(|slot| lowered(slot).expect("every document has its turn")).collect()
}

/// Hands out documents to be lowered.
struct Turns(Mutex<State>);

struct State {
    /// Sizes and indices of those that are not begun, the smallest first.
    waiting: Vec<(u64, usize)>,
    /// Bytes of those that are under way.
    under_way: u64,
}

impl Turns {
    /// Lines documents up by their sizes in bytes.
    fn new(sizes: impl Iterator<Item = u64>) -> Self {
        let mut waiting: Vec<(u64, usize)> = sizes.enumerate().map(|(index, bytes)| (bytes, index)).collect();
        waiting.sort_unstable();
        Self(Mutex::new(State { waiting, under_way: 0 }))
    }

    /// Lowers one document after the other, until all are begun.
    fn work(&self, lower: impl Fn(usize)) {
        while let Some((bytes, index)) = self.next() {
            lower(index);
            if let Ok(mut state) = self.0.lock() {
                state.under_way -= bytes;
            }
        }
    }

    fn next(&self) -> Option<(u64, usize)> {
        let mut state = self.0.lock().ok()?;
        let room = BYTES_AT_ONCE.saturating_sub(state.under_way);
        let fitting = state.waiting.partition_point(|(bytes, _)| *bytes <= room);
        let at = match (state.under_way, fitting) {
            // alone, the largest may be as large as it is
            (0, _) => state.waiting.len().checked_sub(1)?,
            // nobody waits: the smallest is begun where none fits
            (_, 0) if state.waiting.is_empty() => return None,
            (_, fitting) => fitting.saturating_sub(1),
        };
        let next = state.waiting.remove(at);
        state.under_way += next.0;
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_comes_first_and_no_second_large_one_beside_it() {
        const MB: u64 = 1 << 20;
        let turns = Turns::new([5, 40, 30, 1, 7].map(|mb| mb * MB).into_iter());
        let began: Vec<u64> = (0..5).map(|_| turns.next().unwrap().0 / MB).collect();
        assert_eq!(began, [40, 7, 1, 5, 30], "what fits beside the largest, then the smallest");
        assert!(turns.next().is_none());
    }

    #[test]
    fn every_document_is_lowered_once() {
        let turns = Turns::new([3, 1, 2].into_iter());
        let seen = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| turns.work(|index| seen.lock().unwrap().push(index)));
            }
        });
        let mut seen = seen.into_inner().unwrap();
        seen.sort_unstable();
        assert_eq!(seen, [0, 1, 2]);
    }
}

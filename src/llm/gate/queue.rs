//! Who waits at a gate: the lowest task first, and within a task the first to come.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use tokio::sync::Notify;

/// A place in the queue: the task's ordinal, then the order of arrival.
pub(super) type Place = (u64, u64);

/// All who wait. To come, to leave and to be the next costs O(log n).
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiters: BTreeMap<Place, Waiter>,
    arrivals: u64,
}

#[derive(Debug)]
pub(super) struct Waiter {
    /// The tokens that its request is thought to have.
    pub(super) tokens: u64,
    pub(super) ticket: Arc<Ticket>,
}

/// What a waiter holds and is woken through.
#[derive(Debug, Default)]
pub(super) struct Ticket {
    /// Set once, when the waiter leaves the queue. Read without any lock.
    pub(super) fate: OnceLock<Fate>,
    /// Told when there is a fate, or something to wait for with a clock.
    pub(super) news: Notify,
}

/// How waiting ends.
#[derive(Clone, Debug)]
pub(super) enum Fate {
    /// The request may go.
    Go(Grant),
    /// Nothing goes any more, for this reason.
    Shut(Arc<str>),
}

/// Leave to send one request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grant {
    /// When it was given, in seconds.
    pub(super) sent_s: f64,
    /// Whether it is the one request that is sent to see if the server serves again.
    pub(super) is_probe: bool,
}

impl Queue {
    pub(super) fn len(&self) -> usize {
        self.waiters.len()
    }

    /// Returns the place that a newcomer of a task would have.
    pub(super) fn place(&mut self, rank: u64) -> Place {
        self.arrivals += 1;
        (rank, self.arrivals)
    }

    /// Tells whether a place is before all who wait.
    pub(super) fn is_first(&self, place: Place) -> bool {
        self.waiters.first_key_value().is_none_or(|(first, _)| place < *first)
    }

    pub(super) fn insert(&mut self, place: Place, waiter: Waiter) {
        self.waiters.insert(place, waiter);
    }

    pub(super) fn remove(&mut self, place: Place) {
        self.waiters.remove(&place);
    }

    pub(super) fn first(&self) -> Option<(Place, &Waiter)> {
        self.waiters.first_key_value().map(|(place, waiter)| (*place, waiter))
    }

    /// Ends the waiting of the first.
    pub(super) fn end_first(&mut self, fate: Fate) {
        if let Some((_, waiter)) = self.waiters.pop_first() {
            waiter.ticket.fate.set(fate).expect("who has a fate is not in the queue");
            waiter.ticket.news.notify_one();
        }
    }
}

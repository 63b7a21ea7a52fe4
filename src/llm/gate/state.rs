//! What a gate knows, and whom it lets through. All of it is behind one lock.

use super::adapt::Adapt;
use super::breaker::{self, Breaker, Turn};
use super::queue::{Fate, Grant, Place, Queue, Ticket, Waiter};
use super::rate::Rates;
use super::{GateLimits, Notice, Signal};
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;
use std::time::Duration;

/// No refusal that names no time holds the gate shut for longer.
const HOLD_S_MAX: f64 = 60.0;
/// No refusal holds it shut for longer, whatever the server asks for.
const ASKED_S_MAX: f64 = 900.0;
/// The first wait after a refusal that names none is the usual latency, within these shares of a pause.
const HOLD: (f64, f64) = (0.05, 1.0);
/// A server that has no more for this account says "too many" for good: it is given up after so long a time, in first
/// pauses for each pause that it may take, in which it served nothing. More than a minute's allowance needs to return.
const REFUSING_PAUSES: f64 = 60.0;

/// Everything that decides who may send.
#[derive(Debug)]
pub(super) struct State {
    adapt: Adapt,
    rates: Rates,
    breaker: Breaker,
    queue: Queue,
    in_flight: usize,
    hold: Hold,
    limits: GateLimits,
    /// Since when everything is refused, in seconds.
    refusing_since_s: Option<f64>,
    /// Who sleeps until when, in seconds: the first in the queue, if time is what it waits for.
    alarm: Option<(Place, f64)>,
    /// Why the server was given up.
    shut: Option<Arc<str>>,
    notices: Vec<Notice>,
    chance: u64,
}

/// A refusal holds everything.
#[derive(Debug)]
struct Hold {
    since_s: f64,
    until_s: f64,
    /// Refusals in a row that named no time.
    fruitless: i32,
}

/// Whether the first in the queue may go.
enum Ready {
    Now(Grant),
    At(f64),
    /// When something comes back.
    Later,
}

impl State {
    pub(super) fn new(limits: GateLimits) -> Self {
        Self {
            adapt: Adapt::new(limits.max_in_flight),
            rates: Rates::new(limits.requests_per_minute, limits.tokens_per_minute),
            breaker: Breaker::new(limits.pauses, limits.pause.as_secs_f64()),
            queue: Queue::default(),
            in_flight: 0,
            hold: Hold { since_s: f64::NEG_INFINITY, until_s: 0.0, fruitless: 0 },
            limits,
            refusing_since_s: None,
            alarm: None,
            shut: None,
            notices: Vec::new(),
            chance: std::hash::RandomState::new().build_hasher().finish() | 1,
        }
    }

    /// Returns the fate of a newcomer, or else the place that it waits at.
    pub(super) fn enter(&mut self, now_s: f64, rank: u64, tokens: u64) -> Result<Fate, (Place, Arc<Ticket>)> {
        if let Some(reason) = &self.shut {
            return Ok(Fate::Shut(Arc::clone(reason)));
        }
        let place = self.queue.place(rank);
        let is_first = self.queue.is_first(place);
        if is_first && let Ready::Now(grant) = self.ready(now_s, tokens) {
            self.take(now_s, grant, tokens);
            return Ok(Fate::Go(grant));
        }
        let ticket = Arc::new(Ticket::default());
        self.queue.insert(place, Waiter { tokens, ticket: Arc::clone(&ticket) });
        if is_first {
            // Sets the alarm, if time is what it waits for.
            self.let_through(now_s);
        }
        Err((place, ticket))
    }

    /// Lets all through who may go, from the first on, and sets the alarm of the one who then is first.
    pub(super) fn let_through(&mut self, now_s: f64) {
        self.alarm = loop {
            let Some((place, waiter)) = self.queue.first() else { break None };
            let tokens = waiter.tokens;
            match self.ready(now_s, tokens) {
                Ready::Now(grant) => {
                    self.take(now_s, grant, tokens);
                    self.queue.end_first(Fate::Go(grant));
                }
                Ready::Later => break None,
                Ready::At(until_s) => {
                    let alarm = Some((place, until_s));
                    if self.alarm != alarm {
                        waiter.ticket.news.notify_one();
                    }
                    break alarm;
                }
            }
        };
    }

    /// Returns until when a waiter sleeps, in seconds; `None` when it is woken.
    pub(super) fn alarm_s(&self, place: Place) -> Option<f64> {
        self.alarm.filter(|(who, _)| *who == place).map(|(_, until_s)| until_s)
    }

    /// Somebody leaves the queue.
    pub(super) fn leave(&mut self, now_s: f64, place: Place) {
        self.queue.remove(place);
        self.let_through(now_s);
    }

    /// A request was never sent.
    pub(super) fn returned(&mut self, now_s: f64, grant: Grant, tokens: u64) {
        self.in_flight -= 1;
        self.rates.give_back(now_s, tokens);
        if grant.is_probe {
            self.breaker.probe_dropped(now_s);
        }
        self.let_through(now_s);
    }

    /// Corrects the estimate of an answered request's tokens, and lets others through.
    pub(super) fn settle(&mut self, now_s: f64, estimate: u64, actual: u64) {
        self.rates.settle(now_s, estimate, actual);
        self.let_through(now_s);
    }

    /// A request was answered.
    pub(super) fn served(&mut self, now_s: f64, grant: Grant, tokens_out: u64) {
        self.adapt.served(now_s, grant.sent_s, self.in_flight, tokens_out);
        self.in_flight -= 1;
        self.refusing_since_s = None;
        if grant.sent_s >= self.hold.until_s {
            self.hold.fruitless = 0;
        }
        if let Some(turn) = self.breaker.served(grant.is_probe) {
            self.turned(now_s, turn, "");
        }
    }

    /// A request was not answered.
    pub(super) fn refused(
        &mut self,
        now_s: f64,
        grant: Grant,
        retry_after: Option<Duration>,
        signal: Signal,
        reason: &str,
    ) {
        let is_for_load = signal != Signal::Failed && self.adapt.refused(now_s, grant.sent_s, self.in_flight);
        self.in_flight -= 1;
        let turn = match signal {
            // It lives.
            Signal::TooMany => {
                // Waits that the server asks for are no reason to give it up.
                if retry_after.is_some() {
                    self.refusing_since_s = None;
                }
                let since_s = *self.refusing_since_s.get_or_insert(now_s);
                let most_s = f64::from(self.limits.pauses.max(1)) * REFUSING_PAUSES * self.pause_s();
                if now_s - since_s > most_s {
                    self.breaker.give_up();
                    Some(Turn::GaveUp)
                } else {
                    self.breaker.served(grant.is_probe)
                }
            }
            Signal::Overloaded | Signal::Failed | Signal::TimedOut => {
                let chance = self.chance();
                self.breaker.failed(now_s, grant.is_probe, chance)
            }
        };
        // A timeout was wait enough. Where refusals come and go whatever the load, only the request itself waits.
        if retry_after.is_some() || (is_for_load && signal != Signal::TimedOut) {
            self.hold(now_s, grant.sent_s, retry_after, reason);
        }
        if let Some(turn) = turn {
            self.turned(now_s, turn, reason);
        }
    }

    /// Holds everything after a refusal: as long as the server asks, or else longer from time to time.
    fn hold(&mut self, now_s: f64, sent_s: f64, retry_after: Option<Duration>, reason: &str) {
        let wait_s = match retry_after {
            Some(asked) => asked.as_secs_f64().min(ASKED_S_MAX),
            // One of a burst that was answered already.
            None if sent_s <= self.hold.since_s => return,
            None => {
                let pause_s = self.pause_s();
                let first_s = self.adapt.latency_s().clamp(HOLD.0 * pause_s, HOLD.1 * pause_s);
                let most_s = HOLD_S_MAX.min(HOLD_S_MAX * pause_s);
                let full_s = (first_s * 2.0_f64.powi(self.hold.fruitless.min(16))).min(most_s);
                self.hold.fruitless += 1;
                full_s * (0.5 + 0.5 * self.chance())
            }
        };
        self.hold.since_s = now_s;
        let longer_s = now_s + wait_s - self.hold.until_s;
        self.hold.until_s = self.hold.until_s.max(now_s + wait_s);
        // Each of a burst prolongs it by the time between two of them: that is no news.
        if longer_s > 0.1 * wait_s {
            let wait = Duration::from_secs_f64(wait_s);
            self.notices.push(Notice::Held { reason: reason.to_owned(), wait });
        }
    }

    fn turned(&mut self, now_s: f64, turn: Turn, reason: &str) {
        let text = reason.to_owned();
        self.notices.push(match turn {
            Turn::Opened(wait_s) => Notice::Paused { reason: text, wait: Duration::from_secs_f64(wait_s) },
            Turn::Flows => {
                self.adapt.restart(now_s);
                Notice::Resumed
            }
            Turn::GaveUp => {
                let reason: Arc<str> = Arc::from(reason);
                while self.queue.len() > 0 {
                    self.queue.end_first(Fate::Shut(Arc::clone(&reason)));
                }
                self.shut = Some(reason);
                Notice::GaveUp { reason: text }
            }
        });
    }

    fn ready(&self, now_s: f64, tokens: u64) -> Ready {
        let (open_s, is_probe) = match self.breaker.state() {
            breaker::State::Flowing { .. } => (0.0, false),
            breaker::State::Open { until_s } => (until_s, true),
            breaker::State::Probing | breaker::State::GivenUp => return Ready::Later,
        };
        // The probe does not wait for answers that may never come.
        if self.in_flight >= self.adapt.limit() && !is_probe {
            return Ready::Later;
        }
        let ready_s = open_s.max(self.hold.until_s).max(self.rates.ready_s(tokens));
        if ready_s > now_s { Ready::At(ready_s) } else { Ready::Now(Grant { sent_s: now_s, is_probe }) }
    }

    fn take(&mut self, now_s: f64, grant: Grant, tokens: u64) {
        self.in_flight += 1;
        self.rates.take(now_s, tokens);
        if grant.is_probe {
            self.breaker.probe();
        }
    }

    fn pause_s(&self) -> f64 {
        self.limits.pause.as_secs_f64()
    }

    /// Returns a number from 0 to 1 (xorshift; Marsaglia, 2003). It reaches no result, only waits.
    fn chance(&mut self) -> f64 {
        self.chance ^= self.chance << 13;
        self.chance ^= self.chance >> 7;
        self.chance ^= self.chance << 17;
        (self.chance >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(super) fn is_idle(&self) -> bool {
        self.in_flight == 0 && self.queue.len() == 0
    }

    pub(super) fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.queue.len()
    }

    #[cfg(test)]
    pub(super) fn limit(&self) -> usize {
        self.adapt.limit()
    }

    #[cfg(test)]
    pub(super) fn in_flight(&self) -> usize {
        self.in_flight
    }
}

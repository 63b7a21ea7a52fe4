//! The circuit breaker: a server that does not serve is left alone for a while, then asked once (Nygard, "Release It!", 2007).
//!
//! Pure: instants come in as seconds, chance as a number from 0 to 1.

/// Failures in a row, without a success between them, that open the circuit.
const FAILURES: u32 = 8;
/// No pause is longer.
const PAUSE_S_MAX: f64 = 60.0;

/// Whether a server is asked at all.
#[derive(Debug)]
pub(super) struct Breaker {
    state: State,
    /// Pauses in a row whose probe failed.
    fruitless: u32,
    pauses_max: u32,
    /// The first pause; each further one doubles.
    pause_s: f64,
}

/// Nygard's states (his "closed" is `Flowing`), and the end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum State {
    /// Everything goes; so many failures since the last success.
    Flowing {
        /// Failures since the last success.
        failures: u32,
    },
    /// Nothing goes until an instant in seconds, and then one request.
    Open {
        /// When the pause ends.
        until_s: f64,
    },
    /// The one request is under way.
    Probing,
    /// Nothing goes any more.
    GivenUp,
}

/// What a failure or a success changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Turn {
    /// Nothing goes for so many seconds.
    Opened(f64),
    /// Everything goes again.
    Flows,
    /// Nothing goes any more.
    GaveUp,
}

impl Breaker {
    /// Makes a breaker that gives up after so many fruitless pauses in a row.
    pub(super) fn new(pauses_max: u32, pause_s: f64) -> Self {
        Self { state: State::Flowing { failures: 0 }, fruitless: 0, pauses_max, pause_s }
    }

    pub(super) fn state(&self) -> State {
        self.state
    }

    /// Ends it: nothing goes any more.
    pub(super) fn give_up(&mut self) {
        self.state = State::GivenUp;
    }

    /// Lets the one request through after a pause.
    pub(super) fn probe(&mut self) {
        self.state = State::Probing;
    }

    /// The one request came to nothing that tells anything: another may be sent at once.
    pub(super) fn probe_dropped(&mut self, now_s: f64) {
        self.state = State::Open { until_s: now_s };
    }

    /// Counts an answer. While the circuit is not closed only the probe's counts: the others were sent before.
    pub(super) fn served(&mut self, is_probe: bool) -> Option<Turn> {
        match self.state {
            State::Flowing { .. } => self.state = State::Flowing { failures: 0 },
            State::Probing if is_probe => {
                self.state = State::Flowing { failures: 0 };
                self.fruitless = 0;
                return Some(Turn::Flows);
            }
            _ => {}
        }
        None
    }

    /// Counts a failure that says that the server does not serve.
    pub(super) fn failed(&mut self, now_s: f64, is_probe: bool, chance: f64) -> Option<Turn> {
        match self.state {
            State::Flowing { failures } if failures + 1 < FAILURES => {
                self.state = State::Flowing { failures: failures + 1 };
                return None;
            }
            State::Flowing { .. } => {}
            State::Probing if is_probe => self.fruitless += 1,
            _ => return None,
        }
        if self.fruitless >= self.pauses_max {
            self.state = State::GivenUp;
            return Some(Turn::GaveUp);
        }
        let full = (self.pause_s * f64::from(1_u32 << self.fruitless.min(16))).min(PAUSE_S_MAX);
        // A quarter is left to chance, so that runs which failed together do not return together.
        let wait_s = full * (0.75 + 0.25 * chance);
        self.state = State::Open { until_s: now_s + wait_s };
        Some(Turn::Opened(wait_s))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(pauses_max: u32) -> Breaker {
        let mut breaker = Breaker::new(pauses_max, 1.0);
        for _ in 1..FAILURES {
            assert_eq!(breaker.failed(0.0, false, 1.0), None);
        }
        breaker.failed(0.0, false, 1.0);
        breaker
    }

    #[test]
    fn failures_among_successes_open_nothing() {
        let mut breaker = Breaker::new(5, 1.0);
        for _ in 0..100 {
            for _ in 1..FAILURES {
                assert_eq!(breaker.failed(0.0, false, 0.0), None);
            }
            assert_eq!(breaker.served(false), None);
        }
        assert_eq!(breaker.state(), State::Flowing { failures: 0 });
    }

    #[test]
    fn it_opens_and_a_probe_closes_it() {
        let mut breaker = opened(5);
        assert_eq!(breaker.state(), State::Open { until_s: 1.0 });
        // What was sent before it opened changes nothing.
        assert_eq!(breaker.failed(0.5, false, 1.0), None);
        assert_eq!(breaker.served(false), None);
        breaker.probe();
        assert_eq!(breaker.failed(1.5, false, 1.0), None);
        assert_eq!(breaker.served(true), Some(Turn::Flows));
        assert_eq!(breaker.state(), State::Flowing { failures: 0 });
    }

    #[test]
    fn pauses_grow_up_to_a_minute_and_begin_anew_after_a_success() {
        let mut breaker = opened(100);
        let mut waits = Vec::new();
        for _ in 0..8 {
            breaker.probe();
            let Some(Turn::Opened(wait_s)) = breaker.failed(0.0, true, 1.0) else { panic!("it opens again") };
            waits.push(wait_s);
        }
        assert_eq!(waits, [2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]);
        breaker.probe();
        breaker.served(true);
        for _ in 1..FAILURES {
            breaker.failed(0.0, false, 0.0);
        }
        assert_eq!(breaker.failed(0.0, false, 0.0), Some(Turn::Opened(0.75)));
    }

    #[test]
    fn it_gives_up_after_so_many_fruitless_pauses() {
        let mut breaker = opened(3);
        for pause in 1..=3 {
            breaker.probe();
            let turn = breaker.failed(0.0, true, 0.0);
            assert_eq!(turn == Some(Turn::GaveUp), pause == 3, "{turn:?}");
        }
        assert_eq!(breaker.state(), State::GivenUp);
        assert_eq!(breaker.served(true), None);
        assert_eq!(opened(0).state(), State::GivenUp);
    }

    #[test]
    fn a_probe_that_is_dropped_makes_room_for_another() {
        let mut breaker = opened(3);
        breaker.probe();
        breaker.probe_dropped(7.0);
        assert_eq!(breaker.state(), State::Open { until_s: 7.0 });
    }
}

//! How many requests may be in flight at a server: found out from how it answers.
//!
//! The limit starts small and doubles each round trip (slow start), then goes on by small steps, and is halved by a
//! refusal: additive increase, multiplicative decrease (Jacobson, "Congestion avoidance and control", 1988). A
//! server that batches refuses nothing when it is full: it only answers later. So, as in TCP Vegas (Brakmo & Peterson,
//! 1995), latency tells how full it is; but where Vegas holds it against the smallest ever seen, here the latencies
//! at different limits are held against each other: going from half of the limit to the limit must have brought more
//! throughput (by Little's law, requests in flight over latency). A server whose latency doubles because it does far
//! more at once is used in full; one that only makes requests wait is not.
//!
//! Pure: instants come in as seconds, and nothing is random.

/// Where the limit starts.
const START: f64 = 8.0;
/// Samples that a window has at least, while the limit doubles and afterwards.
const SAMPLES_MIN: (u64, u64) = (8, 16);
/// How often a window that looks bad is prolonged before it is believed.
const PROLONGED: u64 = 3;
/// The limit comes down when an increase brought less than this share of itself as throughput (twice the requests in
/// flight: less than a quarter more) …
const GAIN_DOWN: f64 = 0.3;
/// … stays when it brought less than this …
const GAIN_HOLD: f64 = 0.55;
/// … and picks up speed when it brought more than this.
const GAIN_CLEAR: f64 = 0.7;
/// Below this there was no gain at all: the lower limit may be too high as well.
const GAIN_NONE: f64 = 0.15;
/// Windows after which what was measured at another limit must be measured again before it is held against this one.
const FRESH: u64 = 50;
/// Windows without a refusal after which the limit at the last refusal is forgotten.
const CEILING_KEPT: u64 = 30;
/// Answers at one limit after which the old ones count half.
const TALLY_MAX: f64 = 2000.0;
/// A share of refusals that is never usual.
const USUAL_MAX: f64 = 0.5;
/// The weight of the newest request in the running averages over requests.
const NEWEST: f64 = 1.0 / 256.0;

/// The limit on requests in flight, and what it is derived from.
#[derive(Debug)]
pub(super) struct Adapt {
    limit: f64,
    max: f64,
    phase: Phase,
    window: Window,
    /// Windows that ended.
    windows: u64,
    /// What was measured at a limit, by twice its logarithm.
    curve: Vec<Option<Point>>,
    shape: Shape,
    /// By how much the limit grows next.
    step: f64,
    /// Whether the limit came down for latency and is not yet known to be low enough.
    is_falling: bool,
    /// Answers and refusals by the limit they came at, as `curve`; old ones are forgotten.
    tallies: Vec<Tally>,
    /// Those since the limit last changed.
    tally: Tally,
    /// The limit at the last refusal, and the window of it.
    ceiling: Option<(f64, u64)>,
    /// When the limit was last halved, in seconds.
    cut_s: f64,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    /// The limit doubles from window to window.
    Start,
    Steady,
    /// Measures at half of the limit whether the limit brought anything.
    Probe(Point),
}

/// The requests that were answered since the limit changed and the change took effect.
#[derive(Clone, Copy, Debug)]
struct Window {
    /// Those that were sent before are not counted.
    since_s: f64,
    /// How many to leave out yet. The first answers after a change are the quick ones; only when as many as the limit
    /// came is what comes, whenever it was sent, a fair sample.
    unsettled: u64,
    count: u64,
    /// How many of them were answered while the limit was in use.
    full: u64,
    latency_s: f64,
    tokens: f64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    answers: f64,
    refused: f64,
}

/// Averages over a window.
#[derive(Clone, Copy, Debug)]
struct Point {
    limit: f64,
    latency_s: f64,
    tokens: f64,
    /// The last window in which it is believed without being measured again.
    fresh_until: u64,
}

impl Window {
    const NEW: Self =
        Self { since_s: f64::NEG_INFINITY, unsettled: 0, count: 0, full: 0, latency_s: 0.0, tokens: 0.0 };
}

impl Adapt {
    /// Makes a limit that never exceeds `max`.
    pub(super) fn new(max: usize) -> Self {
        let max = (max as f64).max(1.0);
        Self {
            limit: START.min(max),
            max,
            phase: Phase::Start,
            window: Window::NEW,
            windows: 0,
            curve: vec![None; bucket(max) + 1],
            tallies: vec![Tally::default(); bucket(max) + 1],
            tally: Tally::default(),
            shape: Shape::default(),
            step: 1.0,
            is_falling: false,
            ceiling: None,
            cut_s: f64::NEG_INFINITY,
        }
    }

    /// Returns how many requests may be in flight, at least one.
    pub(super) fn limit(&self) -> usize {
        self.limit as usize
    }

    /// Returns the usual latency in seconds; 0 as long as it is not known.
    pub(super) fn latency_s(&self) -> f64 {
        self.shape.latency_s
    }

    /// Counts an answer: when it came and when its request was sent (seconds), how many requests were in flight with
    /// it, and how many tokens it has.
    pub(super) fn served(&mut self, now_s: f64, sent_s: f64, in_flight: usize, tokens: u64) {
        let (latency_s, tokens) = ((now_s - sent_s).max(1e-9), tokens as f64);
        self.shape.add(latency_s, tokens);
        if sent_s > self.cut_s {
            self.count(0.0);
        }
        let window = &mut self.window;
        if sent_s < window.since_s {
            return;
        }
        if window.unsettled > 0 {
            window.unsettled -= 1;
            if window.unsettled == 0 {
                window.since_s = f64::NEG_INFINITY;
            }
            return;
        }
        window.count += 1;
        window.latency_s += latency_s;
        window.tokens += tokens;
        if in_flight as f64 >= 0.8 * self.limit.floor() {
            window.full += 1;
        }
        if window.count >= self.samples() {
            self.judge(now_s);
        }
    }

    /// Counts a refusal or a timeout, and tells whether it seems to come from too many requests. Then it halves the limit;
    /// several of one burst halve it once. Refusals that were as frequent at half of the limit do not come from it.
    pub(super) fn refused(&mut self, now_s: f64, sent_s: f64, in_flight: usize) -> bool {
        if sent_s <= self.cut_s {
            return true;
        }
        self.count(1.0);
        if self.is_usual(in_flight) {
            return false;
        }
        self.ceiling = Some((self.limit, self.windows));
        self.cut_s = now_s;
        self.phase = Phase::Steady;
        self.is_falling = false;
        self.step = 1.0;
        self.turn(now_s, self.limit / 2.0);
        true
    }

    fn count(&mut self, refused: f64) {
        let place = &mut self.tallies[bucket(self.limit.floor())];
        if place.answers >= TALLY_MAX {
            *place = Tally { answers: place.answers / 2.0, refused: place.refused / 2.0 };
        }
        for tally in [place, &mut self.tally] {
            tally.answers += 1.0;
            tally.refused += refused;
        }
    }

    /// Tells whether refusals are about as frequent as they were at about half of the limit.
    fn is_usual(&self, in_flight: usize) -> bool {
        let here = bucket(self.limit.floor());
        let lower = &self.tallies[here.saturating_sub(4)..here.saturating_sub(1)];
        let (answers, refused) = lower.iter().fold((0.0, 0.0), |(a, r), t| (a + t.answers, r + t.refused));
        if refused < 1.0 || refused > USUAL_MAX * answers {
            return false;
        }
        // Refusals come sooner than answers: those still in flight count as well.
        let expected = (self.tally.answers + in_flight as f64) * refused / answers;
        self.tally.refused <= 2.0 + 1.5 * expected + 3.0 * expected.sqrt()
    }

    /// Returns how many samples make a window: a round trip's, and while the limit doubles those by which it grew.
    fn samples(&self) -> u64 {
        match self.phase {
            Phase::Start => SAMPLES_MIN.0.max((self.limit / 2.0) as u64),
            Phase::Steady | Phase::Probe(_) => SAMPLES_MIN.1.max(self.limit as u64),
        }
    }

    /// Begins small again, after a time in which the server did not serve.
    pub(super) fn restart(&mut self, now_s: f64) {
        self.phase = Phase::Start;
        self.is_falling = false;
        self.turn(now_s, self.limit.min(START));
    }

    /// Ends a window, or prolongs it when it looks bad and holds few samples yet.
    fn judge(&mut self, now_s: f64) {
        let window = self.window;
        let count = window.count as f64;
        // What is refused is sent again: a success takes so many attempts.
        let attempts = self.tally.answers.max(1.0) / (self.tally.answers - self.tally.refused).max(1.0);
        let here = Point {
            limit: self.limit.floor(),
            latency_s: window.latency_s / count * attempts,
            tokens: window.tokens / count,
            // While the limit doubles, only quick answers are seen: good for a comparison among themselves.
            fresh_until: if matches!(self.phase, Phase::Start) { 0 } else { self.windows + FRESH },
        };
        if window.full * 2 < window.count {
            // The limit was not in use: nothing is learnt of it.
            if let Phase::Probe(from) = self.phase {
                self.phase = Phase::Steady;
                self.turn(now_s, from.limit);
            } else {
                self.turn(now_s, self.limit);
            }
            return;
        }
        let lower = self.reference(here.limit);
        let gain = lower.map(|lower| self.gain(lower, here));
        let is_bad = !matches!(self.phase, Phase::Probe(_)) && gain.is_some_and(|gain| gain < GAIN_DOWN);
        if is_bad && window.count < PROLONGED * self.samples() {
            return;
        }
        self.learn(here);
        self.windows += 1;
        let next = match (self.phase, lower, gain) {
            (Phase::Probe(from), ..) => self.probed(here, from),
            (Phase::Steady, Some(lower), Some(gain)) if gain < GAIN_HOLD && !self.is_fresh(lower) => {
                self.probe(here)
            }
            (_, Some(lower), Some(gain)) if gain < GAIN_DOWN => self.come_down(here, lower),
            (_, _, Some(gain)) if gain < GAIN_HOLD => {
                self.phase = Phase::Steady;
                self.is_falling = false;
                self.step = 1.0;
                self.limit
            }
            (_, None, _) if self.is_falling && here.limit > 1.0 => self.probe(here),
            (Phase::Start, ..) => self.limit * 2.0,
            (_, _, gain) => self.grow(gain.is_none_or(|gain| gain > GAIN_CLEAR)),
        };
        self.turn(now_s, next);
    }

    /// Sets the limit and begins the next window.
    fn turn(&mut self, now_s: f64, limit: f64) {
        let before = std::mem::replace(&mut self.limit, limit.clamp(1.0, self.max));
        if self.limit >= self.max && matches!(self.phase, Phase::Start) {
            self.phase = Phase::Steady;
        }
        let is_start = matches!(self.phase, Phase::Start);
        let is_large = (self.limit / before).ln().abs() > 0.2;
        self.window = Window {
            since_s: if is_start || is_large { now_s } else { f64::NEG_INFINITY },
            // While it doubles, all windows have the same bias, and time is short.
            unsettled: if is_large && !is_start { self.limit as u64 } else { 0 },
            ..Window::NEW
        };
        self.tally = Tally::default();
    }

    /// Returns the next limit after a window in which all was well.
    fn grow(&mut self, is_clear: bool) -> f64 {
        self.is_falling = false;
        if self.ceiling.is_some_and(|(_, window)| self.windows > window + CEILING_KEPT) {
            self.ceiling = None;
        }
        let step = match self.ceiling {
            // Back to where it was refused in shrinking steps, and past it with care.
            Some((ceiling, _)) => ((ceiling - self.limit) / 4.0).max(1.0),
            None => self.step,
        };
        self.step = if is_clear { (self.step * 2.0).min((self.limit / 2.0).max(1.0)) } else { 1.0 };
        self.limit + step
    }

    /// Returns the next limit where the last increase brought nothing but waiting.
    fn come_down(&mut self, here: Point, lower: Point) -> f64 {
        self.phase = Phase::Steady;
        self.step = 1.0;
        self.is_falling = true;
        self.knee(lower, here)
    }

    fn is_fresh(&self, point: Point) -> bool {
        self.windows <= point.fresh_until
    }

    /// Goes to half of the limit, to measure there.
    fn probe(&mut self, here: Point) -> f64 {
        self.phase = Phase::Probe(here);
        here.limit / 2.0
    }

    /// Returns the next limit after that: the one it came from, unless that brought nothing.
    fn probed(&mut self, here: Point, from: Point) -> f64 {
        self.phase = Phase::Steady;
        self.step = 1.0;
        let gain = self.gain(here, from);
        self.is_falling = gain < GAIN_NONE;
        if gain < GAIN_DOWN { self.knee(here, from) } else { from.limit }
    }

    /// Returns how much of an increase of the limit came back as throughput: 1 all of it, 0 nothing.
    fn gain(&self, lower: Point, upper: Point) -> f64 {
        let slower = self.shape.slowness(upper) / self.shape.slowness(lower);
        1.0 - slower.ln() / (upper.limit / lower.limit).ln()
    }

    /// Returns the limit at which the throughput of the upper point is reached with the latency of the lower one.
    fn knee(&self, lower: Point, upper: Point) -> f64 {
        let knee = upper.limit * self.shape.slowness(lower) / self.shape.slowness(upper);
        knee.max(lower.limit).min(0.9 * upper.limit)
    }

    /// Returns what was measured at about half of a limit, but not below a quarter.
    fn reference(&self, limit: f64) -> Option<Point> {
        let points = self.curve.iter().flatten().rev();
        points.copied().find(|p| p.limit <= 0.6 * limit).filter(|p| p.limit >= 0.25 * limit)
    }

    fn learn(&mut self, here: Point) {
        let place = bucket(here.limit);
        self.curve[place] = Some(match self.curve[place] {
            Some(old) if self.is_fresh(old) => Point {
                limit: f64::midpoint(old.limit, here.limit),
                latency_s: f64::midpoint(old.latency_s, here.latency_s),
                tokens: f64::midpoint(old.tokens, here.tokens),
                fresh_until: here.fresh_until,
            },
            _ => here,
        });
    }
}

fn bucket(limit: f64) -> usize {
    (2.0 * limit.log2()).round() as usize
}

/// How latency depends on the length of replies: a part for each request and a part for each token, by least squares
/// over the last requests.
#[derive(Debug, Default)]
struct Shape {
    seen: f64,
    latency_s: f64,
    tokens: f64,
    /// Variance of the tokens.
    spread: f64,
    /// Covariance of tokens and latency.
    slope: f64,
}

impl Shape {
    fn add(&mut self, latency_s: f64, tokens: f64) {
        self.seen += 1.0;
        let weight = NEWEST.max(1.0 / self.seen);
        let (by_latency, by_tokens) = (latency_s - self.latency_s, tokens - self.tokens);
        self.latency_s += weight * by_latency;
        self.tokens += weight * by_tokens;
        let kept = 1.0 - weight;
        self.spread = kept * (self.spread + weight * by_tokens * by_tokens);
        self.slope = kept * (self.slope + weight * by_tokens * by_latency);
    }

    /// Returns a latency relative to what a reply of that length usually takes.
    fn slowness(&self, point: Point) -> f64 {
        if self.tokens <= 0.0 || self.spread <= 1e-6 * self.tokens * self.tokens {
            return point.latency_s;
        }
        let per_token = self.slope / self.spread;
        // The share of the usual latency that grows with the reply.
        let share = (per_token * self.tokens / self.latency_s).clamp(0.0, 1.0);
        point.latency_s / (1.0 - share + share * point.tokens / self.tokens).max(1e-3)
    }
}

#[cfg(test)]
mod tests;

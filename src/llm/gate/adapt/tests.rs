//! The limit against servers that are simulated: events in order, no clock, chance from a seed.

use super::*;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// A server that works on its requests at once, at a speed that depends on how many there are.
struct Server {
    /// The speed of each request when so many are worked on: 1 is that of a lone one.
    speed: Box<dyn Fn(f64) -> f64>,
    /// Requests above this many are refused at once.
    refuses_above: usize,
    /// Requests above this many wait in the server.
    slots: usize,
    /// Requests a second above which they are refused.
    rate: f64,
    /// Seconds until somebody is sent for a refused request.
    refusal_s: f64,
    /// The share of requests that are refused for no reason.
    flaky: f64,
    /// Seconds a request takes alone, besides its tokens.
    base_s: f64,
    per_token_s: f64,
    /// Lengths of replies, one of them a request.
    tokens: Vec<u64>,
    /// The standard deviation of the logarithm of the work.
    sigma: f64,
    /// Requests that there are at once to be sent.
    demand: usize,
}

impl Server {
    fn new(speed: impl Fn(f64) -> f64 + 'static) -> Self {
        Self {
            speed: Box::new(speed),
            refuses_above: usize::MAX,
            slots: usize::MAX,
            rate: f64::INFINITY,
            refusal_s: 0.02,
            flaky: 0.0,
            base_s: 0.5,
            per_token_s: 0.01,
            tokens: vec![100],
            sigma: 0.0,
            demand: usize::MAX,
        }
    }

    /// Full speed up to a capacity; beyond it the throughput stays the same.
    fn with_capacity(capacity: f64) -> Self {
        Self::new(move |n| (capacity / n).min(1.0))
    }
}

/// The generator of the simulation's chance (splitmix64; Steele, Lea & Flood, 2014).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn unit(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// A draw from the standard normal distribution (Box & Muller, 1958).
    fn normal(&mut self) -> f64 {
        (-2.0 * self.unit().ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }
}

/// Bits of a number from 0 on sort as it does.
type Bits = u64;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Sent {
    at: Bits,
    work: Bits,
    tokens: u64,
}

struct Simulation {
    adapt: Adapt,
    chance: Chance,
    now_s: f64,
    /// What each request in work has been given so far.
    given_s: f64,
    in_work: BinaryHeap<Reverse<(Bits, Sent)>>,
    in_line: VecDeque<Sent>,
    refused: BinaryHeap<Reverse<(Bits, Bits)>>,
    /// When the rate allows the next request.
    allowed_s: f64,
    counts: [u64; 2],
}

/// What came of a simulation.
#[derive(Debug)]
struct Outcome {
    /// The mean of the limit over the second half.
    mean: f64,
    lowest: usize,
    highest: usize,
    /// Requests a second over the second half.
    per_s: f64,
    /// Refusals in the second half.
    refused: u64,
    /// The limit at the end.
    last: usize,
}

impl Simulation {
    fn new(max: usize, seed: u64) -> Self {
        Self {
            adapt: Adapt::new(max),
            chance: Chance(seed),
            now_s: 0.0,
            given_s: 0.0,
            in_work: BinaryHeap::new(),
            in_line: VecDeque::new(),
            refused: BinaryHeap::new(),
            allowed_s: 0.0,
            counts: [0; 2],
        }
    }

    fn in_flight(&self) -> usize {
        self.in_work.len() + self.in_line.len() + self.refused.len()
    }

    fn send(&mut self, server: &Server) {
        let now = self.now_s.to_bits();
        let at_server = self.in_work.len() + self.in_line.len();
        let is_over_rate = self.now_s < self.allowed_s;
        let is_refused = at_server >= server.refuses_above || self.chance.unit() < server.flaky;
        if !is_over_rate && !is_refused {
            self.allowed_s = (self.now_s - 1.0).max(self.allowed_s) + 1.0 / server.rate;
        }
        if is_over_rate || is_refused {
            self.refused.push(Reverse(((self.now_s + server.refusal_s).to_bits(), now)));
            return;
        }
        let tokens = server.tokens[self.chance.next() as usize % server.tokens.len()];
        let noise = (server.sigma * self.chance.normal() - server.sigma * server.sigma / 2.0).exp();
        let work = (server.base_s + server.per_token_s * tokens as f64) * noise;
        let sent = Sent { at: now, work: work.to_bits(), tokens };
        if self.in_work.len() < server.slots {
            self.start(sent);
        } else {
            self.in_line.push_back(sent);
        }
    }

    fn start(&mut self, sent: Sent) {
        self.in_work.push(Reverse(((self.given_s + f64::from_bits(sent.work)).to_bits(), sent)));
    }

    /// Goes on to the next answer.
    fn step(&mut self, server: &Server) {
        while self.in_flight() < self.adapt.limit().min(server.demand) {
            self.send(server);
        }
        let speed = (server.speed)((self.in_work.len() as f64).max(1.0));
        let done = self.in_work.peek().map_or(f64::INFINITY, |Reverse((given, _))| {
            self.now_s + (f64::from_bits(*given) - self.given_s).max(0.0) / speed
        });
        let refused = self.refused.peek().map_or(f64::INFINITY, |Reverse((at, _))| f64::from_bits(*at));
        let next = done.min(refused);
        self.given_s += (next - self.now_s) * speed;
        self.now_s = next;
        let in_flight = self.in_flight();
        if done <= refused {
            let Reverse((_, sent)) = self.in_work.pop().unwrap();
            self.adapt.served(next, f64::from_bits(sent.at), in_flight, sent.tokens);
            self.counts[0] += 1;
            if let Some(sent) = self.in_line.pop_front() {
                self.start(sent);
            }
        } else {
            let Reverse((_, sent)) = self.refused.pop().unwrap();
            self.adapt.refused(next, f64::from_bits(sent), in_flight);
            self.counts[1] += 1;
        }
    }

    /// Goes on for so many answers.
    fn run(&mut self, server: &Server, answers: u64) -> Outcome {
        for _ in 0..answers / 2 {
            self.step(server);
        }
        let (start_s, start) = (self.now_s, self.counts);
        let (mut lowest, mut highest, mut sum) = (usize::MAX, 0, 0.0);
        for _ in 0..answers / 2 {
            let before_s = self.now_s;
            self.step(server);
            let limit = self.adapt.limit();
            sum += limit as f64 * (self.now_s - before_s);
            (lowest, highest) = (lowest.min(limit), highest.max(limit));
        }
        let passed_s = self.now_s - start_s;
        Outcome {
            mean: sum / passed_s,
            lowest,
            highest,
            per_s: (self.counts[0] - start[0]) as f64 / passed_s,
            refused: self.counts[1] - start[1],
            last: self.adapt.limit(),
        }
    }
}

fn run(server: &Server, max: usize, answers: u64, seed: u64) -> Outcome {
    Simulation::new(max, seed).run(server, answers)
}

/// Runs several seeds and says what is wrong with any of them.
fn check(name: &str, server: &Server, (max, answers): (usize, u64), is_right: impl Fn(&Outcome) -> bool) {
    for seed in 0..5 {
        let outcome = run(server, max, answers, seed);
        println!("{name}, seed {seed}: {outcome:?}");
        assert!(is_right(&outcome), "{name}, seed {seed}: {outcome:?}");
    }
}

/// Lengths of replies from a word to an essay.
const MIX: [u64; 4] = [10, 30, 300, 1000];

#[test]
fn a_server_that_only_slows_down_is_held_near_its_capacity() {
    for capacity in [8.0, 30.0, 100.0, 400.0] {
        for sigma in [0.05, 0.3] {
            let server = Server { sigma, ..Server::with_capacity(capacity) };
            let full = capacity / 1.5;
            check(&format!("capacity {capacity}, sigma {sigma}"), &server, (1000, 40_000), |o| {
                (0.6..2.0).contains(&(o.mean / capacity)) && o.per_s > 0.95 * full
            });
        }
    }
}

#[test]
fn a_server_with_a_queue_inside_is_held_near_its_capacity() {
    for slots in [8, 30, 100, 400] {
        for sigma in [0.05, 0.3] {
            let server = Server { slots, sigma, ..Server::new(|_| 1.0) };
            let full = slots as f64 / 1.5;
            check(&format!("slots {slots}, sigma {sigma}"), &server, (1000, 40_000), |o| {
                (0.6..2.2).contains(&(o.mean / slots as f64)) && o.per_s > 0.9 * full
            });
        }
    }
}

#[test]
fn a_capacity_below_the_start_is_found_too() {
    let server = Server { sigma: 0.2, ..Server::with_capacity(2.0) };
    check("capacity 2", &server, (1000, 10_000), |o| o.mean < 4.5 && o.per_s > 1.2);
}

#[test]
fn long_replies_among_short_ones_are_no_congestion() {
    for sigma in [0.05, 0.5] {
        let server = Server { sigma, tokens: MIX.to_vec(), ..Server::new(|_| 1.0) };
        check(&format!("mix, sigma {sigma}"), &server, (512, 40_000), |o| o.mean > 500.0);
        let server = Server { sigma: sigma / 2.0, tokens: MIX.to_vec(), ..Server::with_capacity(64.0) };
        check(&format!("mix at capacity 64, sigma {sigma}"), &server, (1000, 40_000), |o| {
            (0.6..2.2).contains(&(o.mean / 64.0))
        });
    }
}

#[test]
fn noise_alone_never_keeps_the_limit_from_its_ceiling() {
    for sigma in [0.3, 0.6, 1.0] {
        let server = Server { sigma, ..Server::new(|_| 1.0) };
        check(&format!("free, sigma {sigma}"), &server, (512, 40_000), |o| o.mean > 480.0 && o.last == 512);
    }
}

#[test]
fn a_server_that_slows_down_but_does_more_is_used() {
    // Twice the latency at 64 in flight, and half of what it can ever do.
    let server = Server { sigma: 0.2, ..Server::new(|n| 1.0 / (1.0 + n / 64.0)) };
    check("soft", &server, (1000, 40_000), |o| o.mean > 64.0 && o.per_s > 0.5 * 64.0 / 1.5);
}

#[test]
fn refusals_halve_the_limit_and_it_returns_to_where_they_began() {
    for refuses_above in [20, 100, 400] {
        let server = Server { refuses_above, sigma: 0.3, ..Server::new(|_| 1.0) };
        check(&format!("429 above {refuses_above}"), &server, (1000, 60_000), |o| {
            let share = o.mean / refuses_above as f64;
            let span = refuses_above / 4..=refuses_above + 2;
            (0.6..1.1).contains(&share)
                && span.contains(&o.lowest)
                && span.contains(&o.highest)
                && o.refused < 400
        });
    }
}

#[test]
fn refusals_that_come_whatever_the_load_do_not_collapse_the_limit() {
    for flaky in [0.001, 0.01, 0.1, 0.3] {
        let server = Server { sigma: 0.3, flaky, ..Server::new(|_| 1.0) };
        check(&format!("flaky {flaky}"), &server, (512, 60_000), |o| o.mean > 100.0);
    }
}

#[test]
fn a_server_that_refuses_above_a_rate_is_not_stormed() {
    for refusal_s in [0.02, 1.0] {
        for rate in [2.0, 20.0] {
            let server = Server { sigma: 0.3, rate, refusal_s, ..Server::new(|_| 1.0) };
            // 1.5 s a request: the rate is met with 1.5 times as many in flight.
            check(&format!("rate {rate}, {refusal_s} s"), &server, (512, 20_000), |o| {
                o.mean < 3.0 * 1.5 * rate && o.per_s > 0.4 * rate
            });
        }
    }
}

#[test]
fn a_burst_of_refusals_halves_once() {
    let mut adapt = Adapt::new(64);
    for i in 0..8 {
        adapt.refused(1.0 + f64::from(i) * 0.01, 0.5, 8);
    }
    assert_eq!(adapt.limit(), 4);
    adapt.refused(1.2, 1.1, 4);
    assert_eq!(adapt.limit(), 2);
    for i in 0..9 {
        adapt.refused(2.0 + f64::from(i), 1.5 + f64::from(i), 1);
    }
    assert_eq!(adapt.limit(), 1);
}

#[test]
fn a_limit_that_is_not_used_does_not_grow() {
    let server = Server { sigma: 0.3, demand: 20, ..Server::new(|_| 1.0) };
    check("demand 20", &server, (1000, 20_000), |o| o.highest <= 32);
}

#[test]
fn it_doubles_each_round_trip_at_first() {
    let mut simulation = Simulation::new(512, 1);
    let server = Server { sigma: 0.1, ..Server::new(|_| 1.0) };
    while simulation.adapt.limit() < 512 {
        simulation.step(&server);
    }
    println!("512 in flight after {} s", simulation.now_s);
    // Six doublings of 1.5 s; each waits for the requests that were sent after the one before.
    assert!(simulation.now_s <= 6.0 * 1.5 * 1.2, "{}", simulation.now_s);
}

#[test]
fn it_follows_a_capacity_that_changes() {
    let mut simulation = Simulation::new(1000, 1);
    for capacity in [200.0, 40.0, 200.0] {
        let server = Server { sigma: 0.2, ..Server::with_capacity(capacity) };
        let outcome = simulation.run(&server, 60_000);
        println!("capacity {capacity}: {outcome:?}");
        assert!((0.6..2.2).contains(&(outcome.mean / capacity)), "{capacity}: {outcome:?}");
    }
}

#[test]
fn replies_that_take_longer_at_any_load_do_not_keep_it_down() {
    let mut simulation = Simulation::new(256, 1);
    for base_s in [0.5, 4.0, 0.5] {
        let server = Server { sigma: 0.2, base_s, ..Server::new(|_| 1.0) };
        let outcome = simulation.run(&server, 40_000);
        println!("base {base_s}: {outcome:?}");
        assert!(outcome.mean > 200.0, "{base_s}: {outcome:?}");
    }
}

#[test]
fn the_limit_stays_between_one_and_its_ceiling() {
    for max in [0, 1, 3, 8] {
        let mut simulation = Simulation::new(max, 1);
        assert_eq!(simulation.adapt.limit(), max.max(1));
        let server = Server { flaky: 0.2, sigma: 0.5, ..Server::with_capacity(2.0) };
        for _ in 0..5_000 {
            simulation.step(&server);
            assert!((1..=max.max(1)).contains(&simulation.adapt.limit()));
        }
    }
}

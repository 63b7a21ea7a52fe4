//! So many requests and tokens a minute: two token buckets.
//!
//! Pure: instants come in as seconds.

/// The share of a minute's allowance that may be used at once.
const BURST: f64 = 1.0 / 20.0;

/// What a server allows a minute.
#[derive(Debug)]
pub(super) struct Rates {
    requests: Option<Bucket>,
    tokens: Option<Bucket>,
}

impl Rates {
    /// Makes full buckets for what is limited.
    pub(super) fn new(requests_per_minute: Option<u64>, tokens_per_minute: Option<u64>) -> Self {
        Self { requests: requests_per_minute.map(Bucket::new), tokens: tokens_per_minute.map(Bucket::new) }
    }

    /// Returns when a request of so many tokens may go, in seconds; an instant that is past means now.
    pub(super) fn ready_s(&self, tokens: u64) -> f64 {
        let ready = |bucket: &Option<Bucket>, amount| {
            bucket.as_ref().map_or(f64::NEG_INFINITY, |bucket| bucket.ready_s(amount))
        };
        ready(&self.requests, 1.0).max(ready(&self.tokens, tokens as f64))
    }

    /// Takes a request of so many tokens.
    pub(super) fn take(&mut self, now_s: f64, tokens: u64) {
        self.adjust(now_s, -1.0, -(tokens as f64));
    }

    /// Corrects an estimate by what the request really had.
    pub(super) fn settle(&mut self, now_s: f64, estimate: u64, actual: u64) {
        self.adjust(now_s, 0.0, estimate as f64 - actual as f64);
    }

    /// Gives a request back that was never sent.
    pub(super) fn give_back(&mut self, now_s: f64, tokens: u64) {
        self.adjust(now_s, 1.0, tokens as f64);
    }

    fn adjust(&mut self, now_s: f64, requests: f64, tokens: f64) {
        if let Some(bucket) = &mut self.requests {
            bucket.adjust(now_s, requests);
        }
        if let Some(bucket) = &mut self.tokens {
            bucket.adjust(now_s, tokens);
        }
    }
}

/// A token bucket. It may be overdrawn: a request that is larger than the bucket goes when it is full.
#[derive(Debug)]
struct Bucket {
    level: f64,
    size: f64,
    per_s: f64,
    at_s: f64,
}

impl Bucket {
    fn new(per_minute: u64) -> Self {
        let per_minute = (per_minute as f64).max(1.0);
        let size = (per_minute * BURST).max(1.0);
        Self { level: size, size, per_s: per_minute / 60.0, at_s: 0.0 }
    }

    fn ready_s(&self, amount: f64) -> f64 {
        self.at_s + (amount.min(self.size) - self.level) / self.per_s
    }

    fn adjust(&mut self, now_s: f64, amount: f64) {
        let passed = (now_s - self.at_s).max(0.0);
        self.level = (self.level + passed * self.per_s).min(self.size);
        self.level = (self.level + amount).min(self.size);
        self.at_s = self.at_s.max(now_s);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends as soon as may be, and returns when.
    fn sent_s(rates: &mut Rates, tokens: u64, count: usize) -> Vec<f64> {
        let mut now = 0.0_f64;
        let mut sent = Vec::new();
        for _ in 0..count {
            now = now.max(rates.ready_s(tokens));
            rates.take(now, tokens);
            sent.push(now);
        }
        sent
    }

    #[test]
    fn requests_go_in_a_short_burst_and_then_at_their_rate() {
        let sent = sent_s(&mut Rates::new(Some(120), None), 1_000_000, 126);
        assert!(sent[5] <= 0.0);
        assert!((sent[6] - 0.5).abs() < 1e-6, "{}", sent[6]);
        assert!((sent[125] - 60.0).abs() < 1e-6, "{}", sent[125]);
    }

    #[test]
    fn a_small_allowance_has_a_burst_of_one() {
        let sent = sent_s(&mut Rates::new(Some(2), None), 0, 3);
        assert!(sent[0] <= 0.0);
        assert!((sent[1] - 30.0).abs() < 1e-6 && (sent[2] - 60.0).abs() < 1e-6);
    }

    #[test]
    fn tokens_go_at_their_rate_also_when_one_request_is_larger_than_the_burst() {
        let sent = sent_s(&mut Rates::new(None, Some(60_000)), 10_000, 11);
        // 3,000 at once, then 1,000 a second: each request waits until its predecessor is paid off.
        assert!((sent[1] - 10.0).abs() < 1e-6, "{}", sent[1]);
        assert!((sent[10] - 100.0).abs() < 1e-6, "{}", sent[10]);
    }

    #[test]
    fn an_estimate_is_corrected_afterwards() {
        let mut rates = Rates::new(None, Some(60_000));
        rates.take(0.0, 3000);
        assert!((rates.ready_s(1000) - 1.0).abs() < 1e-6);
        rates.settle(0.0, 3000, 1000);
        assert!(rates.ready_s(1000) <= 0.0);
        rates.settle(0.0, 1000, 5000);
        assert!((rates.ready_s(1000) - 3.0).abs() < 1e-6);
    }

    #[test]
    fn what_was_never_sent_is_given_back_but_fills_nothing_over_the_brim() {
        let mut rates = Rates::new(Some(60), Some(600));
        for _ in 0..10 {
            rates.take(1.0, 30);
            rates.give_back(1.0, 30);
        }
        rates.give_back(1.0, 30);
        let burst = (0..).take_while(|_| {
            let is_ready = rates.ready_s(1) <= 1.0;
            rates.take(1.0, 1);
            is_ready
        });
        assert_eq!(burst.count(), 3);
    }

    #[test]
    fn no_limit_never_waits() {
        assert!(Rates::new(None, None).ready_s(u64::MAX) <= 0.0);
    }
}

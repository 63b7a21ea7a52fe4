//! One server as the fetcher sees it: how many requests at once, how far apart, what robots.txt says, whether it answers at all.

use super::page::PageFault;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use texting_robots::Robot;
use tokio::sync::{Mutex, OnceCell, Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// The longest `Crawl-delay` that is kept; a longer one is cut to this.
const CRAWL_DELAY_MAX: Duration = Duration::from_secs(10);
/// Attempts that fail in a row, in terms of what one page is allowed, after which a server is left alone for this crawl.
const FAILING_PAGES: u32 = 3;

/// How much of a robots.txt is read.
const ROBOTS_BYTES: usize = 500 << 10;

/// One server.
pub struct Host {
    slots: Semaphore,
    delay: Duration,
    next: Mutex<Instant>,
    failures: AtomicU32,
    failures_max: u32,
    /// What its robots.txt says, once that was asked for.
    pub robots: OnceCell<Robots>,
}

/// What a robots.txt says.
pub enum Robots {
    /// Rules.
    Rules(Box<Robot>),
    /// Nothing: there is none.
    Open,
    /// It cannot be had, so nothing may be asked.
    Closed(PageFault),
}

impl Host {
    /// Prepares for a server.
    pub fn new(per_host: usize, delay: Duration, attempts: u32) -> Self {
        Self {
            slots: Semaphore::new(per_host.max(1)),
            delay,
            next: Mutex::new(Instant::now()),
            failures: AtomicU32::new(0),
            failures_max: attempts.max(1).saturating_mul(FAILING_PAGES),
            robots: OnceCell::new(),
        }
    }

    /// Waits until one more request may be sent; none may where the server failed to answer so often that it is left
    /// alone.
    pub async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        let slot = self.slots.acquire().await.expect("it is never closed");
        if self.is_down() {
            return None;
        }
        let mut next = self.next.lock().await;
        tokio::time::sleep_until(*next).await;
        *next = Instant::now() + self.pace();
        drop(next);
        Some(slot)
    }

    /// Sends nothing for a while.
    pub async fn hold(&self, wait: Duration) {
        let mut next = self.next.lock().await;
        *next = (*next).max(Instant::now() + wait);
    }

    /// Notes whether it answered.
    pub fn note(&self, answered: bool) {
        if answered {
            self.failures.store(0, Ordering::Relaxed);
        } else {
            self.failures.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn is_down(&self) -> bool {
        self.failures.load(Ordering::Relaxed) >= self.failures_max
    }

    fn pace(&self) -> Duration {
        let wanted = match self.robots.get() {
            Some(Robots::Rules(robot)) => robot.delay.and_then(|s| Duration::try_from_secs_f32(s).ok()),
            _ => None,
        };
        self.delay.max(wanted.unwrap_or_default().min(CRAWL_DELAY_MAX))
    }
}

impl Robots {
    /// Reads a robots.txt. One that cannot be read forbids nothing. Of a long one the first lines count (RFC 9309, 2.5).
    pub fn read(text: &[u8]) -> Self {
        let text = text.get(..ROBOTS_BYTES).map_or(text, |head| {
            // half a path would forbid more than the whole one
            &head[..head.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1)]
        });
        Robot::new("toolloom", text).map_or(Self::Open, |robot| Self::Rules(Box::new(robot)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn requests_to_a_server_keep_their_distance_and_robots_may_widen_it() {
        let host = Host::new(2, Duration::from_millis(50), 3);
        let start = Instant::now();
        drop(host.turn().await.unwrap());
        drop(host.turn().await.unwrap());
        assert_eq!(start.elapsed().as_millis(), 50);
        host.robots.get_or_init(async || Robots::read(b"User-agent: *\nCrawl-delay: 2")).await;
        drop(host.turn().await.unwrap());
        drop(host.turn().await.unwrap());
        assert_eq!(start.elapsed().as_millis(), 2100);
        host.hold(Duration::from_secs(30)).await;
        drop(host.turn().await.unwrap());
        assert_eq!(start.elapsed().as_millis(), 32_100);
        let slow = Host::new(1, Duration::ZERO, 1);
        slow.robots.get_or_init(async || Robots::read(b"User-agent: toolloom\nCrawl-delay: 3600")).await;
        assert_eq!(slow.pace(), CRAWL_DELAY_MAX);
    }

    #[test]
    fn of_a_long_robots_txt_the_first_whole_lines_count() {
        let line = "Disallow: /private/of/nobody\n";
        let text =
            format!("User-agent: *\nDisallow: /a\n{}Disallow: /b\n", line.repeat(ROBOTS_BYTES / line.len()));
        let Robots::Rules(rules) = Robots::read(text.as_bytes()) else { panic!("no rules") };
        assert!(!rules.allowed("https://x.org/a"));
        assert!(rules.allowed("https://x.org/b"));
        assert!(matches!(Robots::read(&vec![b'x'; ROBOTS_BYTES + 1]), Robots::Rules(_) | Robots::Open));
    }

    #[test]
    fn a_server_that_fails_in_a_row_is_left_alone() {
        let host = Host::new(1, Duration::ZERO, 1);
        for answered in [false, false, true, false, false] {
            host.note(answered);
        }
        assert!(!host.is_down());
        host.note(false);
        assert!(host.is_down());
    }
}

//! Pages of the web, politely: few requests at once and apart, robots.txt kept, conditional where a page is known, redirects
//! followed hop by hop, no private address. A page is durable before anything is told of it, and read from where it is
//! remembered, so that no more are held than are worked on.

mod address;
mod client;
mod host;
mod other;
mod page;
mod store;

pub use page::{PageFault, PageRule};

use crate::config::plan::{CrawlPlan, FetchPlan, Limits};
use crate::crawl::place::address;
use crate::journal::{Journal, JournalError};
use client::{Failure, Fresh, Said, Sender};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use host::{Host, Robots};
use page::Page;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use store::Store;
use tokio::runtime::Runtime;
use tokio::sync::{OnceCell, Semaphore};
use url::{Position, Url};

/// The longest wait that a server may ask for (`Retry-After`) and be asked again.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// Where a server says what may be asked of it.
const ROBOTS: &str = "/robots.txt";

/// Which pages may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// All, conditionally where they are known. A run that has begun goes on with the pages it began with.
    Fresh,
    /// All, conditionally where they are known, though the run has begun.
    Anew,
    /// None.
    Offline,
}

/// What was asked and how it was answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PageStats {
    /// Pages that were received.
    pub fetched: u64,
    /// Pages of which the server said that they are as we know them.
    pub unchanged: u64,
    /// Known pages that could not be asked for, and are used as they are known.
    pub stale: u64,
    /// Pages that there are not.
    pub faults: u64,
}

/// The handle on pages; cheap to clone. It asks for nothing and opens nothing before the first page is wanted.
#[derive(Clone)]
pub struct Pages {
    inner: Arc<Inner>,
}

struct Inner {
    plan: FetchPlan,
    backoff: Duration,
    bytes_max: u64,
    asking: Asking,
    store: Store,
    sender: Sender,
    in_flight: Semaphore,
    hosts: Mutex<BTreeMap<String, Arc<Host>>>,
    asked: Mutex<BTreeMap<Url, Arc<OnceCell<Answer>>>>,
    /// Whether pages are only remembered; decided when the store is opened.
    opened: OnceLock<Option<bool>>,
    broken: Mutex<Option<JournalError>>,
    stale: Mutex<BTreeMap<Url, String>>,
    counts: [AtomicU64; 4],
    runtime: Mutex<Option<Runtime>>,
}

type Answer = Result<Url, PageFault>;

impl Pages {
    /// Remembers pages in the journal of a run.
    pub fn of_run(journal: &Path, plan: &CrawlPlan, limits: &Limits, asking: Asking) -> Self {
        Self::new(Store::run(journal), plan, limits, asking)
    }

    /// Remembers pages for its own life only; knows what the journal at a path holds, where there is one.
    pub fn for_now(journal: Option<&Path>, plan: &CrawlPlan, limits: &Limits) -> Self {
        Self::new(Store::memory(journal), plan, limits, Asking::Fresh)
    }

    /// Asks for nothing and remembers nothing.
    pub fn none(plan: &CrawlPlan, limits: &Limits) -> Self {
        Self::new(Store::memory(None), plan, limits, Asking::Offline)
    }

    fn new(store: Store, plan: &CrawlPlan, limits: &Limits, asking: Asking) -> Self {
        let plan = plan.fetch.clone();
        let inner = Inner {
            backoff: Duration::from_millis(limits.backoff_ms),
            bytes_max: limits.spec_bytes,
            asking,
            store,
            sender: Sender::new(&plan, limits.spec_bytes),
            in_flight: Semaphore::new(plan.in_flight.max(1)),
            hosts: Mutex::default(),
            asked: Mutex::default(),
            opened: OnceLock::new(),
            broken: Mutex::default(),
            stale: Mutex::default(),
            counts: Default::default(),
            runtime: Mutex::default(),
            plan,
        };
        Self { inner: Arc::new(inner) }
    }

    /// Has pages asked for, many at once; blocks. Each is told of as it comes. Returns where each stands in the end, in the
    /// order of the addresses.
    pub fn fetch(&self, urls: &[Url], told: &(dyn Fn() + Sync)) -> Vec<Answer> {
        if urls.is_empty() {
            return Vec::new();
        }
        let Some(is_asking) = self.open() else {
            return urls
                .iter()
                .map(|_| Err(PageRule::NotAsked.fault("the journal cannot be opened")))
                .collect();
        };
        if !is_asking {
            return urls.iter().map(|url| self.inner.recall(url)).collect();
        }
        let (tell, answers) = std::sync::mpsc::channel();
        let inner = Arc::clone(&self.inner);
        let wanted: Vec<(usize, Url)> = urls.iter().cloned().enumerate().collect();
        let at_once = self.inner.plan.in_flight.max(1) * 4;
        self.handle().spawn(async move {
            let one = |(index, url): (usize, Url)| {
                let (inner, tell) = (&inner, &tell);
                async move {
                    let answer = inner.page(&url, true).await;
                    let _ = tell.send((index, answer));
                }
            };
            let all = futures_util::stream::iter(wanted.into_iter().map(one));
            all.buffer_unordered(at_once).for_each(async |()| {}).await;
            // in this order: whoever hears the end may close the journal and open it again
            drop(inner);
            drop(tell);
        });
        let gone = || Err(PageRule::Unreachable.fault("the fetcher has ended"));
        let mut out: Vec<Answer> = urls.iter().map(|_| gone()).collect();
        for (index, answer) in answers {
            out[index] = answer;
            told();
        }
        out
    }

    /// Has one page asked for; blocks.
    pub fn fetch_one(&self, url: &Url) -> Answer {
        self.fetch(std::slice::from_ref(url), &|| ())
            .pop()
            .unwrap_or_else(|| Err(PageRule::NoAddress.fault("no address")))
    }

    /// Returns the body of a page that was fetched.
    pub fn body(&self, url: &Url) -> Result<Vec<u8>, PageFault> {
        let missing = || PageRule::NotAsked.fault("the page is not remembered");
        self.open().ok_or_else(missing)?;
        let body = self.inner.store.body(url).map_err(|error| self.inner.broke(error))?;
        let body = body.ok_or_else(missing)?;
        if body.len() as u64 > self.inner.bytes_max {
            let reason = format!(
                "{} bytes, more than limits.spec_bytes ({}); raise the limit to crawl it",
                body.len(),
                self.inner.bytes_max
            );
            return Err(PageRule::TooLarge.fault(reason));
        }
        Ok(body)
    }

    /// Returns how many bytes the body of a page that was fetched has; 0 where there is none.
    pub fn bytes(&self, url: &Url) -> u64 {
        let page = self.open().and_then(|_| self.inner.store.get(url).ok().flatten());
        page.map_or(0, |page| page.bytes)
    }

    /// Tells whether a reference in a file may lead to a page.
    pub fn serves_files(&self) -> bool {
        self.inner.plan.file_refs
    }

    /// Returns the most pages that a listing may lead to.
    pub fn listing_max(&self) -> usize {
        self.inner.plan.pages
    }

    /// Returns the run's journal where it was opened, for the stages to come.
    pub fn journal(&self) -> Option<Journal> {
        self.inner.store.journal()
    }

    /// Returns what kept pages from being remembered, once: then nothing of the crawl may be used.
    pub fn failure(&self) -> Option<JournalError> {
        lock(&self.inner.broken).take()
    }

    /// Returns the addresses that could not be asked and whose remembered pages are used, with the reason for each.
    pub fn stale(&self) -> Vec<(Url, String)> {
        lock(&self.inner.stale).iter().map(|(url, why)| (url.clone(), why.clone())).collect()
    }

    /// Returns what was asked and how it was answered; robots.txt files are among it.
    pub fn stats(&self) -> PageStats {
        let [fetched, unchanged, stale, faults] =
            [0, 1, 2, 3].map(|at: usize| self.inner.counts[at].load(Ordering::Relaxed));
        PageStats { fetched, unchanged, stale, faults }
    }

    /// Words what was asked and how it was answered; nothing where no page was asked for.
    pub fn told(&self) -> Option<String> {
        let PageStats { fetched, unchanged, stale, faults } = self.stats();
        let mut parts = Vec::new();
        for (count, what) in [
            (fetched, "fetched"),
            (unchanged, "unchanged"),
            (stale, "used as remembered"),
            (faults, "not there"),
        ] {
            if count > 0 {
                parts.push(format!("{count} {what}"));
            }
        }
        let first = self.stale().into_iter().next();
        let first = first.map_or_else(String::new, |(url, why)| {
            format!("; remembered pages stand in where a server cannot be reached: {url}: {why}")
        });
        (!parts.is_empty()).then(|| format!("pages: {}{first}", parts.join(", ")))
    }

    /// Opens the store. Returns whether pages may be asked for; nothing where it cannot be opened.
    fn open(&self) -> Option<bool> {
        let inner = &self.inner;
        *inner.opened.get_or_init(|| {
            let open = || -> Result<bool, JournalError> {
                inner.store.open()?;
                Ok(match inner.asking {
                    Asking::Offline => false,
                    Asking::Anew => true,
                    Asking::Fresh => !inner.store.is_begun()?,
                })
            };
            match open() {
                Ok(is_asking) => Some(is_asking),
                Err(error) => {
                    inner.broke(error);
                    None
                }
            }
        })
    }

    fn handle(&self) -> tokio::runtime::Handle {
        let mut runtime = lock(&self.inner.runtime);
        let runtime = runtime.get_or_insert_with(|| {
            tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .thread_name("pages")
                .enable_all()
                .build()
                .expect("a runtime can be started")
        });
        runtime.handle().clone()
    }
}

impl std::fmt::Debug for Pages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pages")
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(runtime) = lock(&self.runtime).take() {
            // whoever drops this may be a thread that must not wait
            runtime.shutdown_background();
        }
    }
}

impl Inner {
    /// Has a page asked for, once in this crawl. `is_guarded` says whether robots.txt has a word in it; in itself it never
    /// has, wherever it leads: to ask it would be to wait for oneself.
    async fn page(&self, url: &Url, is_guarded: bool) -> Answer {
        let is_guarded = is_guarded && url.path() != ROBOTS;
        let cell = Arc::clone(lock(&self.asked).entry(url.clone()).or_default());
        cell.get_or_init(|| self.renew(url, is_guarded)).await.clone()
    }

    /// Asks for a page and remembers what came of it. Boxed, because a page's robots.txt is a page.
    fn renew<'a>(&'a self, url: &'a Url, is_guarded: bool) -> BoxFuture<'a, Answer> {
        Box::pin(self.renew_unboxed(url, is_guarded))
    }

    async fn renew_unboxed(&self, url: &Url, is_guarded: bool) -> Answer {
        let known =
            self.store.get(url).map_err(|error| self.broke(error))?.filter(|page| page.fault.is_none());
        match self.walk(url, is_guarded, known.as_ref()).await {
            Ok((at, Some(fresh))) => {
                self.count(0);
                let Fresh { etag, last_modified, body } = fresh;
                let page =
                    Page { at: at.to_string(), etag, last_modified, bytes: body.len() as u64, fault: None };
                self.remember(url, page, body).await?;
                Ok(at)
            }
            Ok((at, None)) => {
                self.count(1);
                Ok(at)
            }
            Err(fault) => match known {
                Some(page) if fault.rule == PageRule::Unreachable => {
                    self.count(2);
                    lock(&self.stale).insert(url.clone(), fault.reason);
                    Ok(address(&page.at).unwrap_or_else(|| url.clone()))
                }
                _ => {
                    self.count(3);
                    let page = Page { at: url.to_string(), fault: Some(fault.clone()), ..Page::default() };
                    self.remember(url, page, Vec::new()).await?;
                    Err(fault)
                }
            },
        }
    }

    async fn remember(&self, url: &Url, page: Page, body: Vec<u8>) -> Result<(), PageFault> {
        let packed = tokio::task::spawn_blocking(move || page::encode(&page, &body)).await;
        let bytes = packed.map_err(|_| PageRule::Unreachable.fault("the fetcher has ended"))?;
        self.store.put(url, &bytes).await.map_err(|error| self.broke(error))
    }

    /// Answers from what is remembered.
    fn recall(&self, url: &Url) -> Answer {
        match self.store.get(url).map_err(|error| self.broke(error))? {
            Some(Page { fault: Some(fault), .. }) => Err(fault),
            Some(page) => Ok(address(&page.at).unwrap_or_else(|| url.clone())),
            None if self.asking == Asking::Offline => {
                Err(PageRule::NotAsked.fault("it is not in the run's journal, and --offline asks for nothing"))
            }
            None => Err(PageRule::NotAsked.fault(
                "the run has begun and goes on with the pages it began with, and this is none of them; `--redo crawl` asks for it",
            )),
        }
    }

    /// Follows redirects until there is a page. Returns where it stands, and the page unless it is the one that is known.
    async fn walk(
        &self,
        url: &Url,
        is_guarded: bool,
        known: Option<&Page>,
    ) -> Result<(Url, Option<Fresh>), PageFault> {
        let mut at = url.clone();
        for _ in 0..=self.plan.redirects {
            address::check(&at, self.plan.private_addresses)
                .map_err(|private| PageRule::PrivateAddress.fault(private.to_string()))?;
            if !at.username().is_empty() || at.password().is_some() {
                return Err(PageRule::NoAddress.fault("its address holds a user's name"));
            }
            let host = self.host(&at);
            if is_guarded && self.plan.robots {
                self.ask_robots(&host, &at).await?;
            }
            match self.attempt(&host, &at, known.filter(|page| page.at == at.as_str())).await? {
                Said::Body(fresh) => return Ok((at, Some(fresh))),
                Said::Unchanged => return Ok((at, None)),
                Said::Moved(location) => at = moved(&at, &location)?,
            }
        }
        Err(PageRule::Redirects
            .fault(format!("more than {} redirects (crawl.fetch.redirects)", self.plan.redirects)))
    }

    /// Asks a server until it answers, within limits.
    async fn attempt(&self, host: &Host, at: &Url, known: Option<&Page>) -> Result<Said, PageFault> {
        let mut attempt = 1;
        loop {
            let outcome = {
                let Some(_own) = host.turn().await else {
                    let reason = "its server failed to answer so often that it is left alone in this crawl";
                    return Err(PageRule::Unreachable.fault(reason));
                };
                let _all = self.in_flight.acquire().await.expect("it is never closed");
                self.sender.ask(at, known).await
            };
            match outcome {
                Ok(said) => {
                    host.note(true);
                    return Ok(said);
                }
                Err(Failure::Lasting(fault)) => {
                    host.note(true);
                    return Err(fault);
                }
                Err(Failure::Passing(reason, wait)) => {
                    host.note(false);
                    let backoff = self.backoff.saturating_mul(1 << (attempt - 1).min(10));
                    let wait = wait.unwrap_or_default().max(backoff);
                    if attempt >= self.plan.attempts || wait > WAIT_MAX {
                        return Err(PageRule::Unreachable.fault(reason));
                    }
                    host.hold(wait).await;
                    attempt += 1;
                }
            }
        }
    }

    /// Asks for a server's robots.txt, once, and refuses what that forbids.
    async fn ask_robots(&self, host: &Host, at: &Url) -> Result<(), PageFault> {
        let robots = host.robots.get_or_init(|| async {
            let mut place = at.clone();
            place.set_path(ROBOTS);
            place.set_query(None);
            match self.page(&place, false).await {
                Ok(_) => match self.store.body(&place) {
                    Ok(body) => Robots::read(&body.unwrap_or_default()),
                    Err(error) => Robots::Closed(self.broke(error)),
                },
                Err(fault) => match fault.rule {
                    PageRule::NoPage | PageRule::Redirects => Robots::Open,
                    _ => Robots::Closed(fault),
                },
            }
        });
        match robots.await {
            Robots::Open => Ok(()),
            Robots::Rules(rules) if rules.allowed(at.as_str()) => Ok(()),
            Robots::Rules(_) => {
                Err(PageRule::Robots.fault(format!("the robots.txt of {} forbids it", origin(at))))
            }
            Robots::Closed(fault) => {
                let reason = format!("the robots.txt of {} cannot be read: {}", origin(at), fault.reason);
                Err(fault.rule.fault(reason))
            }
        }
    }

    fn host(&self, url: &Url) -> Arc<Host> {
        let mut hosts = lock(&self.hosts);
        let delay = Duration::from_millis(self.plan.delay_ms);
        Arc::clone(
            hosts
                .entry(origin(url).to_owned())
                .or_insert_with(|| Arc::new(Host::new(self.plan.per_host, delay, self.plan.attempts))),
        )
    }

    /// Notes that the journal failed, which ends the crawl.
    fn broke(&self, error: JournalError) -> PageFault {
        let fault = PageRule::NotAsked.fault(error.to_string());
        lock(&self.broken).get_or_insert(error);
        fault
    }

    fn count(&self, at: usize) {
        self.counts[at].fetch_add(1, Ordering::Relaxed);
    }
}

/// Returns scheme, host and port.
fn origin(url: &Url) -> &str {
    &url[..Position::BeforePath]
}

/// Reads where a redirect leads.
fn moved(from: &Url, location: &str) -> Result<Url, PageFault> {
    let to = from.join(location).ok().and_then(|url| address(url.as_str()));
    let refused = |why: &str| PageRule::Redirects.fault(format!("it redirects to {location}, {why}"));
    match to {
        None => Err(refused("which is no http or https address")),
        Some(to) if from.scheme() == "https" && to.scheme() == "http" => {
            Err(refused("which is not encrypted"))
        }
        Some(to) => Ok(to),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

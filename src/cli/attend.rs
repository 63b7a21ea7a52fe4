//! Waits for work that whoever runs the process may end: with Ctrl-C, or with the signals that ask a process to end.

use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{self, Sender};
use std::thread;
use tokio::sync::watch;

/// How the wait ended.
pub(super) enum Attended<T> {
    /// The work came to its end, in its own time or because it was asked to.
    Ended(T),
    /// It was asked to stop a second time, and still goes on.
    Interrupted,
    /// It broke.
    Crashed,
}

/// What the main thread waits for.
enum News<T> {
    Said(String),
    Asked(Ask),
    Ended(Attended<T>),
}

/// How the process is asked to end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ask {
    /// By Ctrl-C or SIGTERM.
    Stop,
    /// By SIGHUP: its terminal is gone. Kernel and shell may both say so, so a second one is no second wish.
    HangUp,
}

/// Does work on a thread of its own and waits for it, and passes on what it says. The first wish that it should stop is
/// told to it and in words; at the second the wait is over, and the process ends with the work still going: the journal
/// bears that at any moment.
pub(super) fn attend<T: Send + 'static>(
    work: impl FnOnce(watch::Receiver<bool>, &mut dyn FnMut(String)) -> T + Send + 'static,
    say: &mut dyn FnMut(String),
    tell_stop: impl Fn(&str),
) -> Attended<T> {
    let (stop, stopped) = watch::channel(false);
    let (tell, news) = mpsc::channel();
    let (teller, asked) = (tell.clone(), tell);
    thread::spawn(move || {
        let speaker = teller.clone();
        // Nobody listens where the process ends already.
        let mut said = |text| drop(speaker.send(News::Said(text)));
        let result = panic::catch_unwind(AssertUnwindSafe(|| work(stopped, &mut said)));
        let _ = teller.send(News::Ended(result.map_or(Attended::Crashed, Attended::Ended)));
    });
    thread::spawn(move || listen(&asked));
    loop {
        match news.recv().expect("the work's thread sends before it ends") {
            News::Said(text) => say(text),
            News::Ended(ended) => return ended,
            News::Asked(_) if !*stop.borrow() => {
                tell_stop(
                    "stopping: what was asked is still received; Ctrl-C or SIGTERM again stops at once",
                );
                // Nobody hears it where the work has just ended.
                stop.send_replace(true);
            }
            News::Asked(Ask::HangUp) => {}
            News::Asked(Ask::Stop) => return Attended::Interrupted,
        }
    }
}

/// Passes on every wish to end. Where it cannot be listened for, the default stands: the process dies, the journal lives.
fn listen<T>(tell: &Sender<News<T>>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() else { return };
    runtime.block_on(asks(|ask| tell.send(News::Asked(ask)).is_ok()));
}

#[cfg(unix)]
async fn asks(tell: impl Fn(Ask) -> bool) {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    async fn next(signal: &mut Option<Signal>) -> Option<()> {
        signal.as_mut()?.recv().await
    }

    let hears_hangups = !is_ignored(SignalKind::hangup());
    let mut interrupts = signal(SignalKind::interrupt()).ok();
    let mut terminations = signal(SignalKind::terminate()).ok();
    let mut hangups = hears_hangups.then(|| signal(SignalKind::hangup()).ok()).flatten();
    loop {
        let ask = tokio::select! {
            Some(()) = next(&mut interrupts) => Ask::Stop,
            Some(()) = next(&mut terminations) => Ask::Stop,
            Some(()) = next(&mut hangups) => Ask::HangUp,
            else => return,
        };
        if !tell(ask) {
            return;
        }
    }
}

/// Tells whether whoever started the process has it ignore a signal, as `nohup` does: that stays so. Where the system
/// does not say, it is taken to be heard.
#[cfg(unix)]
fn is_ignored(signal: tokio::signal::unix::SignalKind) -> bool {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return false };
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    mask >> (signal.as_raw_value() - 1) & 1 == 1
}

#[cfg(not(unix))]
async fn asks(tell: impl Fn(Ask) -> bool) {
    while tokio::signal::ctrl_c().await.is_ok() {
        if !tell(Ask::Stop) {
            return;
        }
    }
}

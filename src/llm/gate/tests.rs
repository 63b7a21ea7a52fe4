//! The gate with callers, under a clock that only runs when everybody waits.

use super::*;
use std::future::poll_fn;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::Poll;

const OPEN: GateLimits = GateLimits {
    max_in_flight: 64,
    requests_per_minute: None,
    tokens_per_minute: None,
    pauses: 5,
    pause: Duration::from_secs(1),
};

fn gate(limits: GateLimits) -> (Arc<Gate>, Arc<Mutex<Vec<Notice>>>) {
    let notices = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&notices);
    (Gate::new(limits, move |notice| seen.lock().unwrap().push(notice)), notices)
}

/// Lets all other tasks run until they wait.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

async fn enter(gate: &Arc<Gate>) -> Pass {
    gate.enter(0, 0).await.unwrap()
}

/// Fails so often in a row that the circuit opens.
async fn break_it(gate: &Arc<Gate>) {
    for _ in 0..8 {
        enter(gate).await.refused(None, Signal::Failed, "connection refused");
    }
}

#[tokio::test(start_paused = true)]
async fn the_lowest_task_goes_first_and_within_a_task_the_first_to_come() {
    let (gate, _) = gate(GateLimits { max_in_flight: 1, ..OPEN });
    let first = enter(&gate).await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = Vec::new();
    for (i, rank) in [5, 3, 9, 3, 0, 7].into_iter().enumerate() {
        let (gate, order) = (Arc::clone(&gate), Arc::clone(&order));
        tasks.push(tokio::spawn(async move {
            let pass = gate.enter(rank, 0).await.unwrap();
            order.lock().unwrap().push((rank, i));
            pass.served(1, 1);
        }));
        settle().await;
    }
    assert_eq!((gate.waiting(), gate.in_flight(), gate.limit()), (6, 1, 1));
    first.served(1, 1);
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(*order.lock().unwrap(), [(0, 4), (3, 1), (3, 3), (5, 0), (7, 5), (9, 2)]);
    assert_eq!((gate.waiting(), gate.in_flight()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn whoever_is_dropped_leaves_and_everybody_else_is_served() {
    let (gate, _) = gate(GateLimits {
        max_in_flight: 7,
        requests_per_minute: Some(60_000),
        tokens_per_minute: Some(6_000_000),
        ..OPEN
    });
    let served = Arc::new(AtomicUsize::new(0));
    let mut chance: u64 = 7;
    let mut tasks = Vec::new();
    for i in 0..2000_u64 {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (rank, patience) = ((chance >> 33) % 50, (chance >> 40) % 400);
        let (gate, served) = (Arc::clone(&gate), Arc::clone(&served));
        tasks.push(tokio::spawn(async move {
            let work = async {
                let pass = gate.enter(rank, 100).await.unwrap();
                tokio::time::sleep(Duration::from_millis(1 + rank % 5)).await;
                pass.served(10, 100);
                served.fetch_add(1, Ordering::Relaxed);
            };
            if i % 2 == 0 {
                // Is dropped while it waits, just when it is let through, or while it is in flight.
                let _ = tokio::time::timeout(Duration::from_millis(patience), work).await;
            } else {
                work.await;
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert!((1000..2000).contains(&served.load(Ordering::Relaxed)), "{served:?}");
    assert_eq!((gate.waiting(), gate.in_flight()), (0, 0));
    // Nothing is stuck.
    enter(&gate).await.served(1, 1);
}

#[tokio::test(start_paused = true)]
async fn who_is_let_through_and_dropped_passes_it_on() {
    let (gate, _) = gate(GateLimits { max_in_flight: 1, ..OPEN });
    let first = enter(&gate).await;
    let mut second = Box::pin(gate.enter(1, 0));
    let mut third = Box::pin(gate.enter(2, 0));
    for waiter in [&mut second, &mut third] {
        assert!(poll_fn(|context| Poll::Ready(waiter.as_mut().poll(context).is_pending())).await);
    }
    first.served(1, 1);
    // The second has been let through, but never hears of it.
    drop(second);
    drop(third.await.unwrap());
    assert_eq!((gate.waiting(), gate.in_flight()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_holds_everybody_as_long_as_the_server_asks() {
    let (gate, notices) = gate(OPEN);
    let start = Instant::now();
    enter(&gate).await.refused(Some(Duration::from_secs(7)), Signal::TooMany, "slow down");
    enter(&gate).await.served(1, 1);
    assert_eq!(start.elapsed().as_secs(), 7);
    let wait = Duration::from_secs(7);
    assert_eq!(*notices.lock().unwrap(), [Notice::Held { reason: "slow down".into(), wait }]);
    // Nobody waits for longer than a quarter of an hour, whatever it says.
    let start = Instant::now();
    enter(&gate).await.refused(Some(Duration::from_secs(86_400)), Signal::Overloaded, "come tomorrow");
    enter(&gate).await.served(1, 1);
    assert_eq!(start.elapsed().as_secs(), 900);
}

#[tokio::test(start_paused = true)]
async fn refusals_that_name_no_time_hold_longer_from_time_to_time() {
    let (gate, notices) = gate(OPEN);
    let burst = [enter(&gate).await, enter(&gate).await, enter(&gate).await];
    for pass in burst {
        pass.refused(None, Signal::TooMany, "429");
    }
    assert_eq!(notices.lock().unwrap().len(), 1, "a burst is held once");
    for _ in 0..11 {
        enter(&gate).await.refused(None, Signal::TooMany, "429");
    }
    let mut waits = Vec::new();
    for notice in notices.lock().unwrap().iter() {
        let Notice::Held { wait, .. } = notice else { panic!("{notice:?}") };
        waits.push(wait.as_secs_f64());
    }
    assert_eq!(waits.len(), 12);
    assert!(waits[0] <= 0.05 && waits[5] > 5.0 * waits[0] && waits[11] > 29.0, "{waits:?}");
    assert!(waits.iter().all(|wait| *wait <= 60.0));
    // A success makes the next one short again.
    enter(&gate).await.served(1, 1);
    enter(&gate).await.refused(None, Signal::TooMany, "429");
    let Some(Notice::Held { wait, .. }) = notices.lock().unwrap().last().cloned() else { panic!("held") };
    assert!(wait <= Duration::from_secs(1), "{wait:?}");
}

#[tokio::test(start_paused = true)]
async fn a_dead_server_is_left_alone_and_then_asked_once() {
    let (gate, notices) = gate(OPEN);
    break_it(&gate).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let start = Instant::now();
    let mut tasks = Vec::new();
    for rank in 0..20 {
        let (gate, asked) = (Arc::clone(&gate), Arc::clone(&asked));
        tasks.push(tokio::spawn(async move {
            let pass = gate.enter(rank, 0).await.unwrap();
            let n = asked.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(10)).await;
            match n {
                // The first probe fails, the second succeeds.
                0 => pass.refused(None, Signal::TimedOut, "no reply in time"),
                _ => pass.served(1, 1),
            }
        }));
    }
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!((asked.load(Ordering::Relaxed), gate.waiting()), (0, 20));
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!((asked.load(Ordering::Relaxed), gate.waiting()), (1, 19));
    for task in tasks {
        task.await.unwrap();
    }
    assert!(start.elapsed() > Duration::from_millis(2250) && start.elapsed() < Duration::from_millis(3200));
    let notices = notices.lock().unwrap();
    let [Notice::Paused { reason, wait }, Notice::Paused { wait: longer, .. }, Notice::Resumed] =
        &notices[..]
    else {
        panic!("{notices:?}")
    };
    assert_eq!(reason, "connection refused");
    assert!(*longer > *wait + Duration::from_millis(400));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stays_dead_is_given_up_and_nobody_waits_for_it() {
    let (gate, notices) = gate(GateLimits { pauses: 3, ..OPEN });
    break_it(&gate).await;
    let start = Instant::now();
    let mut tasks = Vec::new();
    for rank in 0..10 {
        let gate = Arc::clone(&gate);
        tasks.push(tokio::spawn(async move {
            loop {
                match gate.enter(rank, 0).await {
                    Ok(pass) => pass.refused(None, Signal::Failed, "still dead"),
                    Err(shut) => return shut.to_string(),
                }
            }
        }));
    }
    for task in tasks {
        assert_eq!(task.await.unwrap(), "the server is given up: still dead");
    }
    // 1 + 2 + 4 seconds, up to a quarter less.
    assert!((5.25..7.1).contains(&start.elapsed().as_secs_f64()), "{:?}", start.elapsed());
    assert_eq!(&*gate.enter(0, 0).await.err().unwrap().reason, "still dead");
    assert_eq!(notices.lock().unwrap().len(), 4);
    assert_eq!(notices.lock().unwrap().last(), Some(&Notice::GaveUp { reason: "still dead".into() }));
    assert_eq!((gate.waiting(), gate.in_flight()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_only_refuses_is_given_up_after_minutes_and_not_within_one() {
    let (gate, notices) = gate(GateLimits { pauses: 3, ..OPEN });
    let start = Instant::now();
    let mut tasks = Vec::new();
    for rank in 0..10 {
        let gate = Arc::clone(&gate);
        tasks.push(tokio::spawn(async move {
            loop {
                match gate.enter(rank, 0).await {
                    Ok(pass) => pass.refused(None, Signal::TooMany, "no more for you"),
                    Err(shut) => return shut.to_string(),
                }
                tokio::time::sleep(Duration::from_secs(5)).await;
            }
        }));
    }
    for task in tasks {
        assert_eq!(task.await.unwrap(), "the server is given up: no more for you");
    }
    assert!((180.0..300.0).contains(&start.elapsed().as_secs_f64()), "{:?}", start.elapsed());
    assert_eq!(notices.lock().unwrap().last(), Some(&Notice::GaveUp { reason: "no more for you".into() }));
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_is_dropped_lets_another_through() {
    let (gate, _) = gate(OPEN);
    break_it(&gate).await;
    let probe = enter(&gate).await;
    let other = tokio::spawn({
        let gate = Arc::clone(&gate);
        async move { enter(&gate).await.served(1, 1) }
    });
    settle().await;
    assert!(!other.is_finished());
    drop(probe);
    other.await.unwrap();
    assert_eq!(gate.in_flight(), 0);
}

#[tokio::test(start_paused = true)]
async fn failures_among_successes_pause_nothing_and_429_never_does() {
    let (gate, notices) = gate(OPEN);
    for i in 0..200 {
        let pass = enter(&gate).await;
        match i % 5 {
            0 => pass.served(1, 1),
            _ => pass.refused(None, Signal::Failed, "500"),
        }
    }
    for _ in 0..11 {
        enter(&gate).await.refused(None, Signal::TooMany, "429");
    }
    assert!(notices.lock().unwrap().iter().all(|notice| matches!(notice, Notice::Held { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_minutes_allowance_is_kept_by_all_callers_together() {
    let (gate, _) = gate(GateLimits {
        max_in_flight: 500,
        requests_per_minute: Some(600),
        tokens_per_minute: Some(60_000),
        pauses: 5,
        pause: Duration::from_secs(1),
    });
    let start = Instant::now();
    let sent = Arc::new(AtomicU64::new(0));
    let mut tasks = Vec::new();
    for rank in 0..1000 {
        let (gate, sent) = (Arc::clone(&gate), Arc::clone(&sent));
        tasks.push(tokio::spawn(async move {
            // Thought to be 50 tokens, in fact 200: the tokens are what is scarce.
            let pass = gate.enter(rank, 50).await.unwrap();
            sent.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(100)).await;
            pass.served(100, 200);
        }));
    }
    tokio::time::sleep(Duration::from_secs(60)).await;
    let minute = sent.load(Ordering::Relaxed);
    assert!((290..=345).contains(&minute), "{minute} requests of 200 tokens in the first minute");
    for task in tasks {
        task.await.unwrap();
    }
    let passed_s = start.elapsed().as_secs();
    assert!((190..=202).contains(&passed_s), "{passed_s}");
}

#[tokio::test(start_paused = true)]
async fn a_lower_task_that_comes_later_takes_over_the_clock() {
    let (gate, _) = gate(GateLimits { requests_per_minute: Some(1), ..OPEN });
    enter(&gate).await.served(1, 1);
    let start = Instant::now();
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = Vec::new();
    for rank in [2, 1, 0] {
        let (gate, order) = (Arc::clone(&gate), Arc::clone(&order));
        tasks.push(tokio::spawn(async move {
            gate.enter(rank, 0).await.unwrap().served(1, 1);
            order.lock().unwrap().push((rank, start.elapsed().as_secs()));
        }));
        settle().await;
    }
    // The one who holds the clock goes away; another takes it.
    tasks.pop().unwrap().abort();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(*order.lock().unwrap(), [(1, 60), (2, 120)]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_fails_a_third_of_all_requests_gets_all_work_done_without_a_storm() {
    let (gate, notices) = gate(OPEN);
    let start = Instant::now();
    let attempts = Arc::new(AtomicUsize::new(0));
    let mut tasks = Vec::new();
    for rank in 0..600_u64 {
        let (gate, attempts) = (Arc::clone(&gate), Arc::clone(&attempts));
        tasks.push(tokio::spawn(async move {
            let mut chance = rank.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
            loop {
                let pass = gate.enter(rank, 0).await.unwrap();
                attempts.fetch_add(1, Ordering::Relaxed);
                chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                tokio::time::sleep(Duration::from_millis(20 + (chance >> 40) % 60)).await;
                match (chance >> 33) % 100 {
                    0..6 => pass.refused(None, Signal::TooMany, "429"),
                    6..9 => pass.refused(Some(Duration::from_secs(1)), Signal::TooMany, "429, wait"),
                    9..16 => pass.refused(None, Signal::Overloaded, "503"),
                    16..28 => pass.refused(None, Signal::Failed, "reset"),
                    28..30 => {
                        tokio::time::sleep(Duration::from_secs(2)).await;
                        pass.refused(None, Signal::TimedOut, "no reply in time");
                    }
                    _ => return pass.served(100, 200),
                }
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!((gate.waiting(), gate.in_flight()), (0, 0));
    let (attempts, passed_s) = (attempts.load(Ordering::Relaxed), start.elapsed().as_secs_f64());
    let notices = notices.lock().unwrap();
    println!("{attempts} attempts in {passed_s} s, limit {}, {} notices", gate.limit(), notices.len());
    // 600 / 0.7 attempts; 25 of them are told to wait a second.
    assert!(attempts < 1000, "{attempts}");
    assert!(passed_s < 90.0, "{passed_s}");
    assert!(notices.iter().all(|notice| matches!(notice, Notice::Held { .. })), "{notices:?}");
}

/// Prints what the gate costs a request.
#[test]
#[ignore = "a measurement"]
fn cost_of_a_request() {
    const CALLS: u64 = 2000;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for max_in_flight in [1000, 64] {
        let (gate, _) = gate(GateLimits { max_in_flight, tokens_per_minute: Some(u64::MAX / 2), ..OPEN });
        let start = std::time::Instant::now();
        runtime.block_on(async {
            let mut tasks = Vec::new();
            for rank in 0..512 {
                let gate = Arc::clone(&gate);
                tasks.push(tokio::spawn(async move {
                    for _ in 0..CALLS {
                        let pass = gate.enter(rank, 100).await.unwrap();
                        tokio::task::yield_now().await;
                        pass.served(50, 100);
                    }
                }));
            }
            for task in tasks {
                task.await.unwrap();
            }
        });
        let ns = start.elapsed().as_nanos() as u64 / (512 * CALLS);
        println!("512 callers, at most {max_in_flight} in flight: {ns} ns a request, limit {}", gate.limit());
    }
}

//! The full call path (render, journal, gate, send, decode, account, journal) against a server of fixed latency, beside
//! the plain client loop. Each measured part is a process of its own. `cargo bench --bench llm [-- quick]`

#![expect(clippy::print_stdout, reason = "a benchmark says what it found")]

mod support;

use std::process::{Command, ExitCode};
use support::mock::{Mock, Programs};
use support::parts;
use support::process::{Ran, can_measure, measure};
use support::table::{Table, heading, median};

/// Milliseconds that the server takes for each reply.
const LATENCY_MS: u32 = 50;
const ROUNDS: usize = 3;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "part") {
        parts::run(&arguments[1..]);
        return ExitCode::SUCCESS;
    }
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("skipped: `cargo bench` runs it");
        return ExitCode::SUCCESS;
    }
    if !can_measure() {
        println!("skipped: it measures processes by /proc");
        return ExitCode::SUCCESS;
    }
    let Some(programs) = Programs::build() else {
        println!("skipped: no mock-llm in ../shared/bench (or $TOOLLOOM_SHARED/bench)");
        return ExitCode::SUCCESS;
    };
    let share = if arguments.iter().any(|argument| argument == "quick") { 10 } else { 1 };
    let mut table = Table::default();
    speed(&mut table, &programs, 20_000 / share);
    cost(&mut table, &programs, 50_000 / share);
    trajectories(&mut table, &programs, 10_000 / share);
    table.exit()
}

/// Runs a part of this benchmark in a process of its own.
fn part(mock: &Mock, name: &str, numbers: [u64; 3]) -> Ran {
    let this = std::env::current_exe().expect("a program knows where it stands");
    let numbers = numbers.map(|number| number.to_string());
    measure(
        Command::new(this)
            .arg("part")
            .arg(name)
            .arg(&mock.base_url)
            .args(numbers)
            .env(parts::KEY_ENV, "sk-mock"),
    )
}

/// Calls a second at 128 in flight, with as many callers and with twice as many.
fn speed(table: &mut Table, programs: &Programs, calls: u64) {
    heading(&format!("{calls} calls at 128 in flight, {LATENCY_MS} ms latency, median of {ROUNDS} rounds"));
    let mock = programs.mock(LATENCY_MS, 0);
    let (mut raw, mut even, mut double) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let plain = measure(&mut programs.raw_loop(&mock, calls, 128, 0));
        raw.push(plain.number("rps"));
        for (callers, ratios) in [(128, &mut even), (256, &mut double)] {
            let ours = part(&mock, "calls", [calls, 128, callers]);
            ratios.push((ours.number("rps"), ours.number("rps") / plain.number("rps")));
        }
    }
    table.row("plain reqwest loop", median(raw), "calls/s", ..);
    for (callers, ours) in [(128, even), (256, double)] {
        let (rates, ratios) = ours.into_iter().unzip();
        table.row(&format!("full call path, {callers} callers"), median(rates), "calls/s", ..);
        let what = format!("  of the plain loop's, {callers} callers");
        table.row(&what, median(ratios), "of 1", 0.85..);
    }
}

/// Processor time and memory at 512 in flight.
fn cost(table: &mut Table, programs: &Programs, calls: u64) {
    heading(&format!("{calls} calls at 512 in flight, {LATENCY_MS} ms latency"));
    let mock = programs.mock(LATENCY_MS, 0);
    let plain = measure(&mut programs.raw_loop(&mock, calls, 512, 0));
    let ours = part(&mock, "calls", [calls, 512, 1024]);
    table.row("plain reqwest loop", plain.number("rps"), "calls/s", ..);
    table.row("plain reqwest loop", plain.cpu_per_thousand(calls), "CPU s per 1,000", ..);
    table.row("plain reqwest loop", plain.rss_mib, "MiB", ..);
    table.row("full call path, 1,024 callers", ours.number("rps"), "calls/s", ..);
    table.row("full call path", ours.cpu_per_thousand(calls), "CPU s per 1,000", ..=0.4);
    table.row("full call path", ours.rss_mib, "MiB", ..=150.0);
    table.row("replies a commit of the journal", ours.number("batch"), "replies", ..);
    let durable = ours.number("durable") / calls as f64;
    table.row("replies found in the journal when opened again", durable, "of 1", 1.0..);
    println!(
        "  peers (256 in flight): data-designer 10-12, distilabel 17, curator 5-9, openai-python 6-8 CPU s per 1,000"
    );
}

/// Tasks solved by the search stage in the simulated environment: three turns with a call each, and an answer.
fn trajectories(table: &mut Table, programs: &Programs, tasks: u64) {
    heading(&format!("{tasks} trajectories of 3 tool turns and an answer at 64 in flight"));
    let mock = programs.mock(LATENCY_MS, 3);
    let plain = measure(&mut programs.raw_loop(&mock, tasks, 64, 3));
    let ours = part(&mock, "tasks", [tasks, 64, 128]);
    table.row("plain reqwest loop", plain.number("rps"), "trajectories/s", ..);
    table.row("plain reqwest loop", plain.cpu_per_thousand(tasks), "CPU s per 1,000", ..);
    table.row("search stage, 128 tasks open", ours.number("rps"), "trajectories/s", ..);
    table.row("search stage", ours.cpu_per_thousand(tasks), "CPU s per 1,000", ..=1.5);
    table.row("search stage", ours.rss_mib, "MiB", ..);
    table.row("replies and records a commit of the journal", ours.number("batch"), "of them", ..);
    let durable = ours.number("durable") / (4 * tasks) as f64;
    table.row("replies found in the journal when opened again", durable, "of 1", 1.0..);
    println!("  peers: data-designer (tools over MCP) 49, openai-python loop 25 CPU s per 1,000");
}

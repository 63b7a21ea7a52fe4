//! Child processes, measured from outside: processor time and memory.

use serde_json::Value;
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Ticks a second of the times in `/proc/<pid>/stat`: a part of Linux's interface, whatever the kernel's own rate.
const TICKS: f64 = 100.0;

/// What a child process came to.
pub struct Ran {
    /// The line of JSON that it printed.
    pub line: Value,
    /// Its processor time in seconds, user and system, from its start to its end.
    pub cpu_s: f64,
    /// The most memory that it held, in MiB.
    pub rss_mib: f64,
}

/// Runs a program that prints one line of JSON, and measures it from outside.
pub fn measure(command: &mut Command) -> Ran {
    let before = children_cpu_s();
    let mut child = command.stdout(Stdio::piped()).spawn().expect("the program can be started");
    let mut rss_kib = 0;
    while child.try_wait().expect("a child can be waited for").is_none() {
        // The high-water mark only ever grows, so that the last look is the one that counts.
        rss_kib = peak_kib(child.id()).unwrap_or(rss_kib);
        std::thread::sleep(Duration::from_millis(10));
    }
    let mut text = String::new();
    child.stdout.take().expect("it was piped").read_to_string(&mut text).expect("the line is text");
    let line =
        serde_json::from_str(text.trim()).unwrap_or_else(|e| panic!("{command:?} printed {text:?}: {e}"));
    Ran { line, cpu_s: children_cpu_s() - before, rss_mib: f64::from(rss_kib) / 1024.0 }
}

impl Ran {
    /// Returns a number of the line.
    pub fn number(&self, key: &str) -> f64 {
        self.line[key].as_f64().unwrap_or_else(|| panic!("no `{key}` in {}", self.line))
    }

    /// Returns processor seconds for 1,000 of something of which there were so many.
    pub fn cpu_per_thousand(&self, count: u64) -> f64 {
        self.cpu_s / count as f64 * 1000.0
    }
}

/// Tells whether processes can be measured here at all.
pub fn can_measure() -> bool {
    std::path::Path::new("/proc/self/stat").exists()
}

/// Processor seconds of all children that have ended and were waited for.
fn children_cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("checked by `can_measure`");
    // The name stands in brackets and may hold anything; what follows the last one are numbers.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    // cutime and cstime are fields 16 and 17 of the line, the first here is field 3.
    fields[13..15].iter().filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / TICKS
}

fn peak_kib(pid: u32) -> Option<u32> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

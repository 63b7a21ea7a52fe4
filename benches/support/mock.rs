//! The server of fixed latency and the plain client loop: built from sources that stand beside the project, if they do.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Where the built programs are.
pub struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// Builds both programs in this project's target folder; `None` where their sources are not there.
    pub fn build() -> Option<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let shared =
            std::env::var_os("TOOLLOOM_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
        let sources = shared.join("bench/mock-llm");
        if !sources.join("Cargo.toml").exists() {
            return None;
        }
        // A copy, since the sources may be read-only and a build writes its lock file beside them.
        let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-mock");
        for file in ["Cargo.toml", "src/main.rs", "src/loop.rs"] {
            place(&sources.join(file), &copy.join(file));
        }
        let built = Command::new(option_env!("CARGO").unwrap_or("cargo"))
            .args(["build", "--release", "--quiet"])
            .current_dir(&copy)
            .env("CARGO_TARGET_DIR", copy.join("target"))
            .status()
            .expect("cargo can be started");
        assert!(built.success(), "mock-llm does not build");
        Some(Self { folder: copy.join("target/release") })
    }

    /// Returns the command of the plain loop: so many prompts, so many at once, and turns with tools before the answer.
    pub fn raw_loop(&self, mock: &Mock, calls: u64, at_once: usize, turns: u32) -> Command {
        let mut command = Command::new(self.folder.join("raw-loop"));
        let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("raw-loop.jsonl");
        command.arg(&mock.base_url).arg(calls.to_string()).arg(at_once.to_string()).arg(out);
        command.arg(turns.to_string());
        command
    }

    /// Starts a server on a free port.
    pub fn mock(&self, latency_ms: u32, turns: u32) -> Mock {
        let mut child = Command::new(self.folder.join("mock-llm"))
            .env("PORT", "0")
            .env("LATENCY_MS", latency_ms.to_string())
            .env("TOOLS_TURNS", turns.to_string())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server can be started");
        let mut line = String::new();
        let stderr = child.stderr.take().expect("it was piped");
        BufReader::new(stderr).read_line(&mut line).expect("it says where it listens");
        let address = line.trim().strip_prefix("mock on ").expect("it says where it listens");
        Mock { base_url: format!("http://{address}/v1"), child }
    }
}

/// Copies a file unless the copy is the same already, so that nothing is built anew.
fn place(from: &Path, to: &Path) {
    let text = std::fs::read(from).expect("the source can be read");
    if std::fs::read(to).is_ok_and(|there| there == text) {
        return;
    }
    std::fs::create_dir_all(to.parent().expect("a file stands in a folder")).expect("a folder can be made");
    std::fs::write(to, text).expect("the copy can be written");
}

/// A running server; it ends with this.
pub struct Mock {
    /// Where it is asked.
    pub base_url: String,
    child: Child,
}

impl Drop for Mock {
    fn drop(&mut self) {
        // Nothing is lost when it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! MCP servers that are started for the crawl and spoken to over their standard input and output. A server and whatever it
//! started is ended when it was asked.

use super::error::Fault;
use super::pages::{self, Bounds, Broken, Said, too_large};
use process_wrap::tokio::{ChildWrapper, CommandWrap};
use rmcp::service::RoleClient;
use rmcp::transport::async_rw::AsyncRwTransport;
use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;

/// The variables that a server gets without being told: the ones by which programs are found and speak. No key is among
/// them, as it would be if a server got all of them.
const INHERITED: [&str; 26] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "TERM",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "TEMP",
    "TMP",
    "APPDATA",
    "LOCALAPPDATA",
    "HOMEDRIVE",
    "HOMEPATH",
    "PATHEXT",
    "COMSPEC",
    "PROCESSOR_ARCHITECTURE",
    "PROGRAMDATA",
    "PROGRAMFILES",
    "SYSTEMDRIVE",
    "SYSTEMROOT",
    "USERNAME",
    "USERPROFILE",
    "WINDIR",
];

/// How long a server may take to end by itself once its input is closed.
const FAREWELL: Duration = Duration::from_secs(2);
/// How long it may take once it is told to end.
const NOTICE: Duration = Duration::from_secs(1);
/// Bytes of what a server writes for people that are kept, the last ones.
const TAIL_BYTES: usize = 16 << 10;
/// Lines of them that are shown.
const TAIL_LINES: usize = 12;
/// Bytes of a server's output that are kept, the first ones: to show where it speaks no MCP.
const START_BYTES: usize = 300;

/// Starts a server, asks it and ends it.
pub(super) async fn ask(
    command: &[String],
    env: &[(String, String)],
    cwd: Option<&Path>,
    bounds: &Bounds,
) -> Result<Said, Fault> {
    let output = Arc::new(Mutex::new(Output::default()));
    let (mut program, transport) = start(command, env, cwd, bounds.bytes, &output).map_err(|error| {
        let program = command.first().map_or("", String::as_str);
        Fault::new(format!("cannot be started: {error}"), format!("is `{program}` installed, and in PATH?"))
    })?;
    let answer = pages::ask(transport, bounds).await;
    let ended = program.end(answer.is_ok()).await;
    let broken = match answer {
        Ok(said) => return Ok(said),
        Err(broken) => broken,
    };
    let output = std::mem::take(&mut *output.lock().unwrap_or_else(PoisonError::into_inner));
    if output.is_too_much {
        return Ok(Said { left_out: Some(too_large(bounds.bytes)), ..Said::default() });
    }
    let (what, advice) = explain(&broken, ended.as_deref(), bounds);
    let mut said = program.last_words().await;
    if said.is_empty() && !output.start.is_empty() && !output.start.trim_ascii_start().starts_with(b"{") {
        let first = String::from_utf8_lossy(&output.start);
        let first = first.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        said.push(format!("(standard output) {first}"));
    }
    Err(Fault { what, said, advice: advice.to_owned() })
}

fn explain(broken: &Broken, ended: Option<&str>, bounds: &Bounds) -> (String, &'static str) {
    const RUN: &str = "the command has to be an MCP server that speaks over standard input and output";
    const SLOW: &str =
        "raise limits.timeout_ms where it only needs longer, as for a package that is fetched first";
    let during = match broken {
        Broken::Silent(what) => *what,
        Broken::Start(_) => "initialize",
        Broken::Page(_) | Broken::NoList => "tools/list",
    };
    let ended = ended.filter(|_| broken.is_cut_off());
    match (broken, ended) {
        (Broken::Silent(what), _) => {
            (format!("no answer to `{what}` within {} ms", bounds.wait.as_millis()), SLOW)
        }
        (Broken::NoList, _) => (format!("what it answers to `{during}` is no list of tools"), RUN),
        (_, Some(status)) => (format!("it ended before it answered `{during}` ({status})"), RUN),
        (Broken::Start(error), None) => (format!("`{during}` failed: {error}"), RUN),
        (Broken::Page(error), None) => (format!("`{during}` failed: {error}"), RUN),
    }
}

type Pipe = AsyncRwTransport<RoleClient, Metered, ChildStdin>;

fn start(
    command: &[String],
    env: &[(String, String)],
    cwd: Option<&Path>,
    bytes_max: usize,
    output: &Arc<Mutex<Output>>,
) -> io::Result<(Program, Pipe)> {
    let (program, arguments) = command.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    // a path is the pipeline's, not the started program's folder's
    let program = if program.contains('/') { std::path::absolute(program)? } else { program.into() };
    let mut command = Command::new(program);
    command.args(arguments).env_clear().kill_on_drop(true);
    command.envs(INHERITED.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    command.envs(env.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(folder) = cwd {
        command.current_dir(folder);
    }
    let mut wrapped = CommandWrap::from(command);
    #[cfg(unix)]
    wrapped.wrap(process_wrap::tokio::ProcessGroup::leader());
    #[cfg(windows)]
    wrapped.wrap(process_wrap::tokio::JobObject);
    let mut child = wrapped.spawn()?;
    let missing = || io::Error::other("it has no standard input or output");
    let stdin = child.stdin().take().ok_or_else(missing)?;
    let stdout = child.stdout().take().ok_or_else(missing)?;
    let stderr = child.stderr().take().ok_or_else(missing)?;
    let tail = Arc::new(Mutex::new(Tail::default()));
    let reader = tokio::spawn(read_tail(stderr, Arc::clone(&tail)));
    let metered = Metered { inner: stdout, left: bytes_max, output: Arc::clone(output) };
    // what is too long is seen by the meter, which knows the whole
    let transport = AsyncRwTransport::new_client(metered, stdin).with_max_line_length(usize::MAX);
    Ok((Program { child, tail, reader, is_over: false }, transport))
}

/// A started server with all that it started.
struct Program {
    child: Box<dyn ChildWrapper>,
    tail: Arc<Mutex<Tail>>,
    reader: JoinHandle<()>,
    is_over: bool,
}

impl Program {
    /// Ends it: by itself where its input is closed, else it is told, else killed; what it started is killed in any case.
    /// Returns how it ended where it did so before.
    async fn end(&mut self, is_done: bool) -> Option<String> {
        let own = if is_done { FAREWELL } else { Duration::from_millis(300) };
        let status = match tokio::time::timeout(own, self.child.wait()).await {
            Ok(status) => status.ok().map(|status| status.to_string()),
            Err(_) => None,
        };
        if status.is_none() {
            #[cfg(unix)]
            {
                const SIGTERM: i32 = 15;
                let _ = self.child.signal(SIGTERM);
                let _ = tokio::time::timeout(NOTICE, self.child.wait()).await;
            }
        }
        // the leader may be gone and others of its group not
        let _ = self.child.start_kill();
        let _ = tokio::time::timeout(NOTICE, self.child.wait()).await;
        self.is_over = true;
        status
    }

    /// Returns the last lines that it wrote for people.
    async fn last_words(&mut self) -> Vec<String> {
        let _ = tokio::time::timeout(NOTICE, &mut self.reader).await;
        self.tail.lock().unwrap_or_else(PoisonError::into_inner).lines()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if !self.is_over {
            let _ = self.child.start_kill();
        }
        self.reader.abort();
    }
}

/// The last bytes of what a server writes for people.
#[derive(Default)]
struct Tail {
    bytes: VecDeque<u8>,
    is_cut: bool,
}

impl Tail {
    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
        let over = self.bytes.len().saturating_sub(TAIL_BYTES);
        self.is_cut |= over > 0;
        self.bytes.drain(..over);
    }

    /// Returns the last lines. One whose start is lost is left out: it could hold a part of a secret, which nothing finds.
    fn lines(&self) -> Vec<String> {
        let bytes: Vec<u8> = self.bytes.iter().copied().collect();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().skip(usize::from(self.is_cut)).map(str::trim_end).collect();
        let lines: Vec<&str> = lines.into_iter().filter(|line| !line.is_empty()).collect();
        let from = lines.len().saturating_sub(TAIL_LINES);
        lines[from..].iter().map(|line| (*line).to_owned()).collect()
    }
}

async fn read_tail(mut stderr: ChildStderr, tail: Arc<Mutex<Tail>>) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = stderr.read(&mut buffer).await {
        tail.lock().unwrap_or_else(PoisonError::into_inner).push(&buffer[..length]);
    }
}

/// What is known of a server's output beside what it says in it.
#[derive(Default)]
struct Output {
    start: Vec<u8>,
    is_too_much: bool,
}

/// A server's output, which ends when it becomes too much.
struct Metered {
    inner: ChildStdout,
    left: usize,
    output: Arc<Mutex<Output>>,
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        let length = buf.filled().len() - before;
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        let start = START_BYTES.saturating_sub(output.start.len()).min(length);
        output.start.extend_from_slice(&buf.filled()[before..before + start]);
        if length > self.left {
            output.is_too_much = true;
            buf.set_filled(before);
        }
        drop(output);
        self.left = self.left.saturating_sub(length);
        Poll::Ready(Ok(()))
    }
}

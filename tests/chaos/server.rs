//! A server on loopback that plays every role, misbehaves by seed, and keeps book of what it was asked and what it said.
//! It speaks HTTP on the raw socket, so that it can break it anywhere.

use crate::cast;
use crate::faults::{Mood, Passing, Weather, said};
use crate::support::Brain;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// What a room answers instead of playing the cast: gets the key that came and the good reply; returns status, more
/// header lines and the body.
pub type Script = Arc<dyn Fn(&str, &Value) -> (u16, String, String) + Send + Sync>;

/// The one server of all tests; each talks to a room of its own.
struct Server {
    address: String,
    rooms: Mutex<HashMap<String, Arc<Room>>>,
    /// Good replies by request: the same whatever the room, so they are thought up once.
    thought: Mutex<HashMap<[u8; 32], Arc<Value>>>,
    brain: Brain,
}

/// One test's address at the server, with its weather and its book.
pub struct Room {
    pub base_url: String,
    weather: Weather,
    script: Option<Script>,
    book: Mutex<BTreeMap<[u8; 32], Asked>>,
    tokens: Mutex<u64>,
    busy: AtomicUsize,
}

/// What became of one request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// How often it was received whole.
    pub times: usize,
    /// How often it was answered in a way that is to be remembered, and the answer sent whole.
    pub answered: usize,
    /// How often it was told that there are too many.
    pub too_many: usize,
    /// Most tokens that one answer to it cost.
    pub tokens: u64,
    /// Whether it offers tools, as only a solver's does.
    pub of_solver: bool,
}

static SERVER: OnceLock<Server> = OnceLock::new();

/// Opens a room with a weather.
pub fn room(weather: Weather) -> Arc<Room> {
    open(weather, None)
}

/// Opens a room that says what a script says.
pub fn scripted(script: Script) -> Arc<Room> {
    open(crate::faults::FAIR, Some(script))
}

fn open(weather: Weather, script: Option<Script>) -> Arc<Room> {
    let server = SERVER.get_or_init(start);
    let mut rooms = server.rooms.lock().unwrap();
    let name = format!("room-{}", rooms.len());
    let room = Arc::new(Room {
        base_url: format!("http://{}/{name}/v1", server.address),
        weather,
        script,
        book: Mutex::default(),
        tokens: Mutex::default(),
        busy: AtomicUsize::new(0),
    });
    rooms.insert(name, Arc::clone(&room));
    room
}

impl Room {
    /// Returns what became of each request.
    pub fn book(&self) -> BTreeMap<[u8; 32], Asked> {
        self.book.lock().unwrap().clone()
    }

    /// Returns how many requests were received.
    pub fn requests(&self) -> usize {
        self.book().values().map(|asked| asked.times).sum()
    }

    /// Returns the tokens of all answers that were sent whole.
    pub fn tokens(&self) -> u64 {
        *self.tokens.lock().unwrap()
    }

    /// Waits until no request is being served, as after a caller was killed.
    pub fn settle(&self) {
        while self.busy.load(Ordering::SeqCst) > 0 {
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Begins the count of answers anew.
    pub fn forget_answers(&self) {
        self.book.lock().unwrap().values_mut().for_each(|asked| asked.answered = 0);
    }

    /// Returns how many requests that were answered in an earlier book were asked again since.
    pub fn asked_again(&self, earlier: &BTreeMap<[u8; 32], Asked>) -> usize {
        let book = self.book();
        earlier.iter().filter(|(hash, old)| old.answered > 0 && old.times < book[*hash].times).count()
    }

    fn note(&self, hash: [u8; 32], what: impl FnOnce(&mut Asked)) -> usize {
        let mut book = self.book.lock().unwrap();
        let asked = book.entry(hash).or_default();
        let before = asked.times;
        what(asked);
        before
    }
}

fn start() -> Server {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                // A caller that hangs up is no matter.
                tokio::spawn(async move { attend(stream).await.ok() });
            }
        });
    });
    Server { address, rooms: Mutex::default(), thought: Mutex::default(), brain: cast::cast() }
}

/// Counts a request out, also one that failed. A hang is over when its caller has gone.
struct Busy(Arc<Room>);

impl Busy {
    fn enter(room: &Arc<Room>) -> Self {
        room.busy.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(room))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::SeqCst);
    }
}

struct Request {
    room: Arc<Room>,
    key: String,
    body: Vec<u8>,
}

async fn attend(stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    while let Some(request) = receive(&mut stream).await? {
        let hash = *blake3::hash(&request.body).as_bytes();
        let _busy = Busy::enter(&request.room);
        let before = request.room.note(hash, |asked| {
            asked.times += 1;
            asked.of_solver = request.body.windows(8).any(|window| window == b"\"tools\":");
        });
        let weather = request.room.weather;
        tokio::time::sleep(weather.delay).await;
        let goes_on = match (&request.room.script, weather.mood(&request.body, before)) {
            (Some(script), _) => {
                let good = think(&request, hash).await;
                let (status, head, body) = script(&request.key, &good);
                send(stream.get_mut(), status, &head, body.as_bytes()).await?;
                true
            }
            (None, Mood::Passing(fault)) => {
                request.room.note(hash, |asked| asked.too_many += usize::from(fault.is_too_many()));
                fail(stream.get_mut(), fault).await?
            }
            (None, mood) => {
                answer(stream.get_mut(), &request, hash, mood, weather.heaviness).await?;
                true
            }
        };
        if !goes_on {
            return Ok(());
        }
    }
    Ok(())
}

/// Reads a request; `None` when the caller has hung up.
async fn receive(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<Request>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return Ok(None),
        }
    }
    let head = String::from_utf8(head).unwrap();
    let field = |name: &str| {
        head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let mut body = vec![0; field("content-length").unwrap().parse().unwrap()];
    stream.read_exact(&mut body).await?;
    let name = head.split('/').nth(1).unwrap();
    let room = Arc::clone(&SERVER.get().unwrap().rooms.lock().unwrap()[name]);
    let key = field("x-team").or_else(|| field("authorization")).unwrap_or_default();
    let key = key.trim_start_matches("Bearer ").to_owned();
    Ok(Some(Request { room, key, body }))
}

/// Thinks up the good reply to a request.
async fn think(request: &Request, hash: [u8; 32]) -> Arc<Value> {
    let server = SERVER.get().unwrap();
    let known = server.thought.lock().unwrap().get(&hash).cloned();
    if let Some(known) = known {
        return known;
    }
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let thought =
        tokio::task::spawn_blocking(move || (SERVER.get().unwrap().brain)(&body, 0)).await.unwrap().body;
    let thought = Arc::new(serde_json::from_str::<Value>(&thought).unwrap());
    server.thought.lock().unwrap().insert(hash, Arc::clone(&thought));
    thought
}

/// Says what it has to say, good or odd, whole.
async fn answer(
    stream: &mut TcpStream,
    request: &Request,
    hash: [u8; 32],
    mood: Mood,
    heaviness: u64,
) -> std::io::Result<()> {
    let mut good = think(request, hash).await.as_ref().clone();
    // About a token for eight bytes: less than a client expects, who counts four.
    let (read, written) = (request.body.len() as u64 / 8, good.to_string().len() as u64 / 8);
    let tokens = (read + written) * heaviness;
    good["usage"] = json!({"prompt_tokens": read * heaviness, "completion_tokens": written * heaviness});
    let (status, kind, body) = match mood {
        Mood::Lasting(fault) => said(fault, good),
        _ => (200, "application/json", good.to_string().into_bytes()),
    };
    let head = format!("content-type: {kind}\r\n");
    let sent = match mood {
        Mood::Lasting(crate::faults::Lasting::Dribbles) => dribble(stream, &body, 8, 5).await,
        _ => send(stream, status, &head, &body).await,
    };
    // Of what is too much the caller hears enough: that it is too much.
    if sent.is_ok() || body.len() > 1 << 20 {
        let tokens = if body.windows(7).any(|window| window == b"\"usage\"") { tokens } else { 0 };
        *request.room.tokens.lock().unwrap() += tokens;
        request.room.note(hash, |asked| {
            asked.answered += 1;
            asked.tokens = asked.tokens.max(tokens);
        });
    }
    sent
}

async fn send(stream: &mut TcpStream, status: u16, head: &str, body: &[u8]) -> std::io::Result<()> {
    let head = format!("HTTP/1.1 {status} So\r\n{head}content-length: {}\r\n\r\n", body.len());
    stream.write_all(&[head.as_bytes(), body].concat()).await?;
    stream.flush().await
}

/// Sends a body in so many chunks, with so many milliseconds between them.
async fn dribble(stream: &mut TcpStream, body: &[u8], chunks: usize, wait_ms: u64) -> std::io::Result<()> {
    let head = "HTTP/1.1 200 So\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await?;
    for chunk in body.chunks(body.len().div_ceil(chunks)) {
        stream.write_all(format!("{:x}\r\n", chunk.len()).as_bytes()).await?;
        stream.write_all(&[chunk, b"\r\n"].concat()).await?;
        stream.flush().await?;
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
    }
    stream.write_all(b"0\r\n\r\n").await
}

/// Fails in a way that passes. Returns whether the connection lives on.
async fn fail(stream: &mut TcpStream, fault: Passing) -> std::io::Result<bool> {
    const WHOLE: &[u8] =
        b"{\"choices\": [{\"index\": 0, \"message\": {\"role\": \"assistant\", \"content\": \"half";
    let html = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>".as_slice();
    match fault {
        Passing::TooMany => send(stream, 429, "", b"slow down").await?,
        Passing::TooManyWaitFraction => send(stream, 429, "retry-after: 0.03\r\n", b"{}").await?,
        Passing::TooManyWaitSeconds => send(stream, 429, "Retry-After: 1\r\n", b"slow down").await?,
        Passing::TooManyWaitDate => {
            let now =
                jiff::fmt::rfc2822::to_string(&jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC));
            let head = format!("retry-after: {}\r\n", now.unwrap().replace("+0000", "GMT"));
            send(stream, 429, &head, b"{\"error\": {\"message\": \"slow down\"}}").await?;
        }
        Passing::Broken => send(stream, 500, "", b"{\"error\": \"out of memory\"}").await?,
        Passing::Unavailable => send(stream, 503, "retry-after: 0\r\n", b"").await?,
        Passing::UnavailableHtml => send(stream, 502, "content-type: text/html\r\n", html).await?,
        Passing::EmptyReply => send(stream, 200, "", b"").await?,
        Passing::Page => send(stream, 200, "content-type: text/html\r\n", html).await?,
        Passing::CutReply => send(stream, 200, "content-type: application/json\r\n", WHOLE).await?,
        Passing::ClosedUnanswered => return Ok(false),
        Passing::ResetInHead => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-ty").await?;
            stream.set_zero_linger()?;
            return Ok(false);
        }
        Passing::ResetInBody => {
            let head = b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n".as_slice();
            stream.write_all(&[head, WHOLE].concat()).await?;
            stream.set_zero_linger()?;
            return Ok(false);
        }
        Passing::EndsTooEarly => {
            let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n800\r\n".as_slice();
            stream.write_all(&[head, WHOLE].concat()).await?;
            return Ok(false);
        }
        Passing::Hangs => {
            // Until the caller hangs up.
            stream.read_u8().await?;
        }
        Passing::DribblesTooLong => dribble(stream, &[b' '; 6000], 6000, 100).await?,
    }
    Ok(true)
}

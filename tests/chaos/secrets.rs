//! A key stays in its variable, also when the server echoes it everywhere: no byte that a run writes or says holds it.

use crate::binary::{Ended, KEY_ENV, begin, complete, files, manifest, run, wait};
use crate::server::{Script, scripted};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// What each key holds at its heart. It reads the same in JSON, in a URL and in HTML, so one search finds them all.
const HEART: &str = "Qx7Kd8RfVz2vT9mLw4Zb";
/// So much of the heart is a leak: a message may be cut in the midst of a key.
const LEAK: usize = 8;

/// Keys as they are, and one that needs care wherever it is written.
fn keys() -> [String; 2] {
    [format!("sk-{HEART}"), format!("+/=\"'\\<&%2B{HEART}%22+/==")]
}

/// What was found of the key, and where.
#[derive(Default)]
struct Leaks(BTreeMap<String, String>);

impl Leaks {
    /// Searches bytes for the key in the clear and in base64, wherever in its blocks it begins.
    fn search(&mut self, bytes: &[u8], place: &str) {
        let heart = HEART.as_bytes();
        let mut needles: Vec<Vec<u8>> = heart.windows(LEAK).map(<[u8]>::to_vec).collect();
        for skipped in 0..3 {
            let whole = &heart[skipped..skipped + (heart.len() - skipped) / 3 * 3];
            needles.push(base64(whole).into_bytes());
        }
        let found =
            needles.iter().find_map(|needle| bytes.windows(needle.len()).position(|window| window == needle));
        if let Some(at) = found {
            let around = String::from_utf8_lossy(&bytes[at.saturating_sub(60)..(at + 40).min(bytes.len())]);
            self.0.entry(place.to_owned()).or_insert_with(|| around.into_owned());
        }
    }

    /// Searches what a process said.
    fn heard(&mut self, ended: &Ended, place: &str) {
        self.search(ended.out.as_bytes(), &format!("{place}: stdout"));
        self.search(ended.err.as_bytes(), &format!("{place}: stderr"));
    }

    /// Searches all that a folder holds, also what its tables hold when they are read.
    fn left(&mut self, folder: &Path, place: &str) {
        for (path, bytes) in files(folder) {
            let place = format!("{place}: {}", path.display());
            self.search(&bytes, &place);
            if path.extension().is_some_and(|extension| extension == "parquet") {
                for row in toolloom::shard::read_values(&folder.join(&path)).unwrap() {
                    self.search(row.unwrap().to_string().as_bytes(), &place);
                }
            }
        }
    }
}

impl Drop for Leaks {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.0.is_empty(), "the key is in {} places: {:#?}", self.0.len(), self.0);
        }
    }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte))
            << (8 * (3 - three.len()));
        for place in 0..=three.len() {
            text.push(char::from(LETTERS[bits >> (18 - 6 * place) & 63]));
        }
    }
    text
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('\'', "&#39;").replace('<', "&lt;")
}

/// A JSON text with everything escaped that may be.
fn escaped(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_string() } else { format!("\\u{:04x}", c as u32) })
        .collect()
}

/// A good reply that holds the key wherever a reply can hold a text.
fn echoed(key: &str, good: &Value) -> String {
    let mut reply = good.clone();
    reply["id"] = json!(key);
    reply["model"] = json!(format!("m-{key}"));
    let message = &mut reply["choices"][0]["message"];
    message["reasoning_content"] = json!(format!("They sent me {key}, in base64 {}", base64(key.as_bytes())));
    let content = message["content"].as_str().unwrap_or_default().to_owned();
    // What is visible of a redacted text can drop a row, so it stands in every other reply only.
    message["content"] = match serde_json::from_str::<Value>(&content) {
        _ if good.to_string().len().is_multiple_of(2) => json!(content),
        Ok(mut form) if form["instruction"].is_string() => {
            form["instruction"] = json!(format!("{} Mine is {key}.", form["instruction"].as_str().unwrap()));
            json!(form.to_string())
        }
        _ => json!(format!("{content} {key} {}", percent(key))),
    };
    if let Some(Value::Array(calls)) = message.get_mut("tool_calls") {
        for (i, call) in calls.iter_mut().enumerate() {
            call["id"] = json!(format!("{key}-{i}"));
            let text = call["function"]["arguments"].as_str().unwrap().to_owned();
            let mut arguments: Value = serde_json::from_str(&text).unwrap();
            match arguments.get("answer").and_then(Value::as_str) {
                Some(answer) if text.len().is_multiple_of(2) => {
                    arguments["answer"] = json!(format!("{answer} ({key})"));
                }
                // Now and then, so that some tasks come to their end.
                _ if text.len().is_multiple_of(5) => arguments[key] = json!([key, {"deep": key}]),
                _ if text.len().is_multiple_of(7) => call["function"]["name"] = json!(key),
                _ => {}
            }
            call["function"]["arguments"] = json!(arguments.to_string());
        }
    }
    reply.to_string()
}

/// Each way to echo a key, by its name: status, more header lines, body.
fn echoes() -> Vec<(&'static str, Script)> {
    fn say(status: u16, what: impl Fn(&str) -> String + Send + Sync + 'static) -> Script {
        Arc::new(move |key, _| (status, String::new(), what(key)))
    }
    vec![
        ("success", Arc::new(|key, good| (200, format!("x-you-sent: {key}\r\n"), echoed(key, good)))),
        (
            "401",
            say(401, |key| json!({"error": {"message": format!("Incorrect API key: {key}")}}).to_string()),
        ),
        ("401 escaped", say(401, |key| format!("{{\"error\": {{\"message\": \"no: {}\"}}}}", escaped(key)))),
        ("403 text", say(403, |key| format!("{} {key}", "x".repeat(280)))),
        ("500 html", say(500, |key| format!("<html><p>Authorization: Bearer {}</p></html>", html(key)))),
        ("503 cut", say(503, |key| format!("{}{key}", "words and ".repeat(28)))),
        (
            "429",
            Arc::new(|key, _| (429, format!("retry-after: 0\r\nx-you-sent: {key}\r\n"), format!("[\"{key}"))),
        ),
        (
            "200 html",
            say(200, |key| format!("<html><a href=\"/?key={}\">{}</a></html>", percent(key), html(key))),
        ),
        (
            "200 error",
            say(200, |key| json!({"error": {"message": format!("bad {key}")}, "key": key}).to_string()),
        ),
        ("200 base64", say(200, |key| format!("Basic {}", base64(format!(":{key}").as_bytes())))),
        ("400 field", say(400, |key| json!({"detail": [{"loc": [key], "msg": key}]}).to_string())),
        (
            "307",
            Arc::new(|key, _| {
                (
                    307,
                    format!("location: http://127.0.0.1:9/{}?key={}\r\n", percent(key), percent(key)),
                    key.to_owned(),
                )
            }),
        ),
        // The first requests are served, so that the server is known to serve.
        (
            "400 later",
            Arc::new(|key, good| match good.to_string().len() % 3 {
                0 => {
                    (400, String::new(), json!({"error": {"message": key, "param": {key: key}}}).to_string())
                }
                _ => (200, String::new(), good.to_string()),
            }),
        ),
    ]
}

fn binary(key: &str, arguments: &[&str]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_toolloom"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).env(KEY_ENV, key).args(arguments);
    wait(begin(&mut command))
}

const SETS: [&str; 5] = [
    "crawl.sources=[apis/geodb-cities.json]",
    "instruct.tasks=6",
    "shard.compression=none",
    "filter.keep_unverified=true",
    "limits.attempts=2",
];

#[test]
fn a_key_that_the_server_echoes_is_nowhere() {
    let (folder, mut leaks) = (tempfile::tempdir().unwrap(), Leaks::default());
    let [plain, odd] = keys();
    for (i, (name, script)) in echoes().into_iter().enumerate() {
        let room = scripted(script);
        // Each with the odd key, some with the plain one too; half of them in words and half in events.
        let keys = if i < 3 { &[&odd, &plain][..] } else { &[&odd] };
        for (j, key) in keys.iter().enumerate() {
            let at = folder.path().join(format!("{name}{j}"));
            let mut command = run(&at, &room.base_url, &SETS);
            command.env(KEY_ENV, key).env("RUST_BACKTRACE", "1").args(((i + j) % 2 == 0).then_some("--json"));
            let ended = complete(&mut command);
            assert!(room.requests() > 0 && ended.code.is_some(), "{name}: {}", ended.err);
            leaks.heard(&ended, name);
            leaks.left(&at, name);
        }
    }
}

#[test]
fn a_run_against_an_echoing_server_comes_to_rows_that_can_be_looked_at() {
    let (folder, mut leaks) = (tempfile::tempdir().unwrap(), Leaks::default());
    let (_, script) = echoes().remove(0);
    let room = scripted(script);
    let [_, key] = keys();
    let ended = complete(run(folder.path(), &room.base_url, &SETS).env(KEY_ENV, &key));
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let counts = manifest(folder.path()).unwrap().counts;
    assert!(counts.rows > 0, "{counts:?}");
    let at = folder.path().to_str().unwrap();
    for arguments in [
        &["inspect", at][..],
        &["inspect", at, "--row", "0"],
        &["inspect", at, "--rejected"],
        &["export", at],
    ] {
        let ended = binary(&key, arguments);
        leaks.heard(&ended, &arguments.join(" "));
    }
    let model = format!(
        "models.teacher={{provider: openai, base_url: \"{}\", model: m, api_key_env: {KEY_ENV}}}",
        room.base_url
    );
    for sets in [&model, "models.teacher.api_key_env=7"] {
        let ended = binary(&key, &["check", "--set", sets]);
        leaks.heard(&ended, "check");
    }
}

#[test]
fn a_server_that_is_not_there_learns_no_key_and_tells_none() {
    let (folder, mut leaks) = (tempfile::tempdir().unwrap(), Leaks::default());
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (key, name) in keys().iter().zip(["plain", "odd"]) {
        let at = folder.path().join(name);
        let mut command = run(&at, &format!("http://127.0.0.1:{port}/v1"), &SETS);
        let ended = complete(command.env(KEY_ENV, key).arg("--json"));
        assert_eq!(ended.code, Some(4), "{}", ended.err);
        leaks.heard(&ended, name);
        leaks.left(&at, name);
    }
    // No header can hold it, and the message that says so does not either.
    let ended = complete(
        run(folder.path(), "http://127.0.0.1:9/v1", &SETS).env(KEY_ENV, format!("{HEART}\u{7}\n{HEART}")),
    );
    assert_eq!(ended.code, Some(2), "{}", ended.err);
    leaks.heard(&ended, "a key of a bell");
}

#[test]
fn a_header_whose_value_is_a_secret_is_nowhere_either() {
    let (folder, mut leaks) = (tempfile::tempdir().unwrap(), Leaks::default());
    let [_, key] = keys();
    let header = "models.teacher.extra_headers={X-Team: $TOOLLOOM_TEST_TEAM}";
    for (name, script) in echoes().into_iter().filter(|(name, _)| ["success", "500 html"].contains(name)) {
        let (at, room) = (folder.path().join(name), scripted(script));
        let mut command = run(&at, &room.base_url, &[&SETS[..], &[header]].concat());
        let ended = complete(command.env("TOOLLOOM_TEST_TEAM", &key));
        assert!(room.requests() > 0, "{name}: {}", ended.err);
        leaks.heard(&ended, name);
        leaks.left(&at, name);
    }
    let ended = complete(
        run(folder.path(), "http://127.0.0.1:9/v1", &[&SETS[..], &[header]].concat()).arg("--quiet"),
    );
    assert_eq!(ended.code, Some(2), "{}", ended.err);
    assert!(ended.err.contains("TOOLLOOM_TEST_TEAM") && ended.err.contains("is not set"), "{}", ended.err);
}

#[test]
fn an_address_that_holds_a_password_is_refused() {
    let (folder, mut leaks) = (tempfile::tempdir().unwrap(), Leaks::default());
    for address in [format!("http://me:{HEART}@127.0.0.1:9/v1"), format!("http://127.0.0.1:9/v1?key={HEART}")]
    {
        let ended = complete(run(folder.path(), &address, &SETS).arg("--quiet"));
        assert_eq!(ended.code, Some(2), "{}", ended.err);
        leaks.left(folder.path(), "refused");
        leaks.heard(&ended, "refused");
    }
}

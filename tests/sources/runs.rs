//! Whole runs of the binary over sources on the web: what is asked when, and what is said.

use crate::server::{Answer, Server};
use crate::{folder, spec};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

fn run(what: &str, folder: &Path, source: &str, further: &[&str]) -> Output {
    command(what, folder, source, further).output().unwrap()
}

fn command(what: &str, folder: &Path, source: &str, further: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_toolloom"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).arg(what);
    for set in [
        format!("output={}", folder.display()),
        format!("crawl.sources=[\"{source}\"]"),
        "crawl.fetch.private_addresses=true".to_owned(),
        "crawl.fetch.attempts=1".to_owned(),
        "instruct.tasks=3".to_owned(),
    ] {
        command.arg("--set").arg(set);
    }
    command.args(further).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Every file of a folder but the journal, by its name.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap().chain(std::fs::read_dir(folder.join("data")).unwrap()) {
        let path = entry.unwrap().path();
        if path.is_file() && path.extension().is_none_or(|e| e != "redb") {
            found.insert(path.display().to_string(), std::fs::read(&path).unwrap());
        }
    }
    found
}

/// The pet store as it ships, served.
fn served() -> Server {
    let server = Server::start();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("apis/petstore.json");
    server.set("/petstore.json", Answer::body(std::fs::read(path).unwrap()).etag("\"1\""));
    server
}

#[test]
fn a_run_goes_on_with_the_pages_it_began_with_and_crawl_can_be_done_anew() {
    let server = served();
    let (folder, _) = folder();
    let folder = folder.path().join("out");
    let source = server.url("/petstore.json");
    let first = run("run", &folder, &source, &["--until", "crawl"]);
    assert_eq!(first.status.code(), Some(0), "{}", said(&first));
    assert_eq!(server.paths(), ["/petstore.json"]);
    let second = run("run", &folder, &source, &[]);
    assert_eq!(second.status.code(), Some(0), "{}", said(&second));
    let asked = server.asked();
    assert_eq!((asked.len(), &asked[0].headers["if-none-match"]), (1, &"\"1\"".parse().unwrap()));
    let before = files(&folder);

    // finished: nothing is asked, whatever the server has now
    server.set("/petstore.json", Answer::body(spec("pets")).etag("\"2\""));
    for further in [&[][..], &["--offline"], &["--redo", "search"]] {
        let again = run("run", &folder, &source, further);
        assert_eq!(again.status.code(), Some(0), "{}", said(&again));
        assert_eq!(files(&folder), before);
        assert!(server.paths().is_empty());
    }
    let check = run("check", &folder, &source, &[]);
    assert_eq!(check.status.code(), Some(0), "{}", said(&check));
    assert!(server.paths().is_empty(), "a check takes what the run has");

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("apis/petstore.json");
    let changed = std::fs::read_to_string(path).unwrap().replacen("Pet", "Animal", 1);
    server.set("/petstore.json", Answer::body(changed).etag("\"3\""));
    let anew = run("run", &folder, &source, &["--redo", "crawl"]);
    assert_eq!(anew.status.code(), Some(0), "{}", said(&anew));
    assert_eq!(server.paths(), ["/petstore.json"]);
}

#[test]
fn a_crawl_that_was_killed_goes_on_and_asks_for_nothing_twice_but_conditionally() {
    let server = Server::start();
    let words = ["apples", "berries", "cherries"];
    let mut urls: Vec<String> = Vec::new();
    for word in words {
        server.set(&format!("/{word}.json"), Answer::body(spec(word)).etag("\"1\""));
        urls.push(server.url(&format!("/{word}.json")));
    }
    urls.push(server.url("/slow.json"));
    server.set("/slow.json", Answer::body(spec("plums")).slow(Duration::from_secs(600)));
    server.set("/list.json", Answer::body(serde_json::json!(urls).to_string()));
    let (folder, journal) = folder();
    let source = server.url("/list.json");
    let mut child =
        command("run", journal.parent().unwrap(), &source, &["--until", "crawl"]).spawn().unwrap();
    while server.seen("/slow.json") == 0
        || words.iter().any(|word| server.seen(&format!("/{word}.json")) == 0)
    {
        std::thread::sleep(Duration::from_millis(5));
    }
    // what was answered is durable soon after; what is not yet is asked for again
    std::thread::sleep(Duration::from_millis(300));
    child.kill().unwrap();
    child.wait().unwrap();

    server.set("/slow.json", Answer::body(spec("plums")));
    server.asked();
    let again = run("run", &folder.path().join("run"), &source, &["--until", "crawl"]);
    assert_eq!(again.status.code(), Some(0), "{}", said(&again));
    assert!(said(&again).contains("4 tools"), "{}", said(&again));
    for one in server.asked() {
        let is_known = words.iter().any(|word| one.path.contains(word));
        assert_eq!(one.headers.contains_key("if-none-match"), is_known, "{}", one.path);
    }
}

#[test]
fn who_is_offline_or_cannot_reach_a_server_is_told_which_page_is_missing() {
    let server = served();
    let (folder, _) = folder();
    let folder = folder.path().join("out");
    let offline = run("run", &folder, &server.url("/petstore.json"), &["--offline"]);
    assert_eq!(offline.status.code(), Some(9));
    assert!(said(&offline).contains("/petstore.json: it is not in the run's journal"), "{}", said(&offline));
    assert!(server.asked().is_empty());
    let missing = run("check", &folder, &server.url("/none.json"), &[]);
    assert_eq!(missing.status.code(), Some(3));
    assert!(said(&missing).contains("/none.json: the server answers with status 404"), "{}", said(&missing));
    let wrong = run("check", &folder, "ftp://a.b/c.json", &[]);
    assert_eq!(wrong.status.code(), Some(2));
    let secret = run("check", &folder, "https://user:hunter2@a.b/c.json", &[]);
    assert_eq!(secret.status.code(), Some(2));
    assert!(!said(&secret).contains("hunter2"), "{}", said(&secret));
}

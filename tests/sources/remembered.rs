//! What is remembered of pages, and what is asked again.

use crate::server::{Answer, Server};
use crate::{crawl, failure, folder, names, plan, spec, try_crawl, with_pets};
use toolloom::data::TaskRecord;
use toolloom::internals::crawl::{Asking, PageStats};
use toolloom::internals::journal::Journal;

#[test]
fn a_page_that_has_not_changed_is_asked_for_only_conditionally_and_gives_the_same_catalog() {
    let server = Server::start();
    server.set("/a.json", Answer::body(spec("apples")).etag("\"v1\""));
    server.set(
        "/b.json",
        Answer::body(spec("berries")).header("last-modified", "Wed, 21 Oct 2015 07:28:00 GMT"),
    );
    server.set("/robots.txt", Answer::body("User-agent: *\nDisallow: /private").etag("\"r\""));
    let (_folder, journal) = folder();
    let plan = plan(&[server.url("/a.json"), server.url("/b.json")]);
    let first = crawl(&plan, &journal);
    assert_eq!(names(&first), ["a_list_apples", "b_list_berries"].map(str::to_owned));
    let asked = server.asked();
    assert!(asked.iter().all(|a| !a.headers.contains_key("if-none-match")), "{asked:?}");
    assert!(asked.iter().all(|a| a.headers["user-agent"].to_str().unwrap().starts_with("toolloom/")));

    let (second, pages) = try_crawl(&plan, &journal, Asking::Fresh).unwrap();
    assert_eq!(second, first);
    // the robots.txt is a page like another
    assert_eq!(pages.stats(), PageStats { unchanged: 3, ..PageStats::default() });
    let asked = server.asked();
    assert_eq!(asked.len(), 2);
    for one in asked {
        match one.path.as_str() {
            "/a.json" => assert_eq!(one.headers["if-none-match"], "\"v1\""),
            _ => assert_eq!(one.headers["if-modified-since"], "Wed, 21 Oct 2015 07:28:00 GMT"),
        }
    }
}

#[test]
fn a_page_that_has_changed_is_taken_as_long_as_the_run_has_not_begun() {
    let server = with_pets();
    let (_folder, path) = folder();
    let plan = plan(&[server.url("/pets.json")]);
    let first = crawl(&plan, &path);
    server.set("/pets.json", Answer::body(spec("cats")).etag("\"2\""));
    let second = crawl(&plan, &path);
    assert_ne!(first.hash, second.hash);

    let journal = Journal::open_unclaimed(&path).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(journal.put_task(&TaskRecord::default())).unwrap();
    drop(journal);
    server.set("/pets.json", Answer::body(spec("dogs")).etag("\"3\""));
    server.paths();
    assert_eq!(crawl(&plan, &path), second);
    assert!(server.paths().is_empty(), "a run that has begun asks for nothing");
    let (anew, _) = try_crawl(&plan, &path, Asking::Anew).unwrap();
    assert_ne!(anew.hash, second.hash);
    assert_eq!(server.paths(), ["/pets.json"]);
}

#[test]
fn a_server_that_cannot_be_reached_leaves_what_is_remembered_and_that_is_told() {
    let server = with_pets();
    let (_folder, journal) = folder();
    let mut plan = plan(&[server.url("/pets.json")]);
    plan.fetch.attempts = 2;
    let first = crawl(&plan, &journal);
    server.set("/pets.json", Answer::status(503));
    server.paths();
    let (second, pages) = try_crawl(&plan, &journal, Asking::Fresh).unwrap();
    assert_eq!(second, first);
    assert_eq!(server.paths().len(), 2, "tried as often as the plan says");
    assert_eq!(pages.stats().stale, 1);
    let told = pages.told().unwrap();
    drop(pages);
    assert!(told.contains("/pets.json: the server answers with status 503"), "{told}");
    let said = failure(&plan);
    assert!(said.contains("/pets.json: the server answers with status 503; run again"), "{said}");
    // what the server says is gone is gone
    server.set("/pets.json", Answer::status(410));
    let said = try_crawl(&plan, &journal, Asking::Fresh).unwrap_err().to_string();
    assert!(said.contains("status 410"), "{said}");
}

#[test]
fn offline_pages_come_from_the_journal_and_one_that_is_not_there_is_named() {
    let server = with_pets();
    let (_folder, journal) = folder();
    let one = plan(&[server.url("/pets.json")]);
    let first = crawl(&one, &journal);
    server.paths();
    assert_eq!(try_crawl(&one, &journal, Asking::Offline).unwrap().0, first);
    let two = plan(&[server.url("/pets.json"), server.url("/other.json")]);
    let said = try_crawl(&two, &journal, Asking::Offline).unwrap_err().to_string();
    assert!(said.contains("/other.json: it is not in the run's journal, and --offline"), "{said}");
    assert!(server.paths().is_empty());
}

#[test]
fn the_same_page_is_asked_for_once_however_often_it_is_named() {
    let server = with_pets();
    let (_folder, journal) = folder();
    let url = server.url("/pets.json");
    crawl(&plan(&[url.clone(), url.clone(), format!("{url}#/paths")]), &journal);
    assert_eq!(server.paths(), ["/pets.json"]);
}

#[test]
fn a_passing_failure_is_tried_again_after_the_wait_that_the_server_asks_for() {
    let server = with_pets();
    let good = Answer::body(spec("pets"));
    server.set_all(
        "/pets.json",
        vec![Answer::status(429).header("retry-after", "0"), Answer::status(500), good],
    );
    let (_folder, journal) = folder();
    assert_eq!(crawl(&plan(&[server.url("/pets.json")]), &journal).tools.len(), 1);
    assert_eq!(server.paths().len(), 3);
    server.set("/pets.json", Answer::status(503).header("retry-after", "7200"));
    let said = failure(&plan(&[server.url("/pets.json")]));
    assert!(said.contains("status 503"), "{said}");
    assert_eq!(server.paths().len(), 1, "nobody waits for two hours");
}

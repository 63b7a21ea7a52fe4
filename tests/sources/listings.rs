//! Listings of specs: what they lead to, and what is left out of them.

use crate::server::{Answer, Server};
use crate::{crawl, failure, folder, left_out, names, plan, spec, try_crawl};
use serde_json::json;
use toolloom::internals::crawl::Asking;

/// A server with a listing of four APIs, of which two are there.
fn directory() -> Server {
    let server = Server::start();
    let one = |path: &str| {
        json!({"preferred": "2", "versions": {
        "1": {"swaggerUrl": server.url("/old.json")},
        "2": {"swaggerUrl": server.url(path), "info": {"x-providerName": "shop.example", "x-apisguru-categories": ["commerce"]}}}})
    };
    let listing = json!({
        "shop.example:apples": one("/apples.json"),
        "shop.example:berries": one("/berries.json"),
        "shop.example:gone": one("/gone.json"),
        "shop.example:broken": one("/broken.json"),
        "shop.example:down": one("/down.json")});
    server.set("/list.json", Answer::body(listing.to_string()).etag("\"l\""));
    for word in ["apples", "berries"] {
        server.set(&format!("/{word}.json"), Answer::body(spec(word)).etag("\"1\""));
    }
    server.set("/broken.json", Answer::body("{\"openapi\": "));
    server.set("/down.json", Answer::status(503));
    server
}

#[test]
fn of_a_listing_the_preferred_versions_are_crawled_and_what_is_not_there_is_left_out_with_its_reason() {
    let server = directory();
    let (_folder, journal) = folder();
    let plan = plan(&[server.url("/list.json")]);
    let catalog = crawl(&plan, &journal);
    assert_eq!(names(&catalog), ["apples_list_apples", "berries_list_berries"].map(str::to_owned));
    for (id, rule, says) in [
        ("/gone.json", "no_page", "status 404"),
        ("/down.json", "unreachable", "status 503"),
        ("/broken.json", "no_json", ""),
        ("shop.example:apples:1", "other_version", "prefers version 2"),
    ] {
        let (found, reason) = left_out(&catalog, id);
        assert_eq!(found, rule, "{id}");
        assert!(reason.contains(says), "{id}: {reason}");
    }
    let tool = &catalog.tools[0];
    assert_eq!((tool.category.as_str(), tool.collection.as_str()), ("ecommerce", "shop.example"));
    assert!(tool.api.to_string().starts_with("shop.example"), "{}", tool.api);

    let paths = server.paths();
    assert!(!paths.contains(&"/old.json".to_owned()), "{paths:?}");
    // what was not there is asked for again, what was there conditionally
    server.set("/down.json", Answer::body(spec("cherries")));
    let again = crawl(&plan, &journal);
    assert_eq!(again.tools.len(), 3);
    let asked = server.asked();
    for one in asked {
        let is_known = ["/list.json", "/apples.json", "/berries.json"].contains(&one.path.as_str());
        assert_eq!(one.headers.contains_key("if-none-match"), is_known, "{}", one.path);
    }
}

#[test]
fn a_listing_of_which_nothing_is_there_is_an_error() {
    let server = Server::start();
    let listing = json!([server.url("/a.json"), server.url("/b.json")]);
    server.set("/list.json", Answer::body(listing.to_string()));
    let said = failure(&plan(&[server.url("/list.json")]));
    assert!(said.contains("/list.json: none of its 2 specs can be fetched"), "{said}");
    assert!(said.contains("/a.json: the server answers with status 404"), "{said}");
}

#[test]
fn a_listing_may_be_a_file_and_its_length_is_limited() {
    let server = directory();
    let (folder, journal) = folder();
    let file = folder.path().join("list.json");
    let listing = json!([server.url("/berries.json"), server.url("/apples.json")]);
    std::fs::write(&file, listing.to_string()).unwrap();
    let source = file.to_string_lossy().into_owned();
    let mut plan = plan(&[source]);
    assert_eq!(crawl(&plan, &journal).tools.len(), 2);
    plan.fetch.pages = 1;
    let catalog = crawl(&plan, &journal);
    assert_eq!(names(&catalog), ["berries_list_berries"]);
    assert_eq!(left_out(&catalog, "/apples.json").0, "too_many");
}

#[test]
fn a_server_that_answers_for_nothing_is_left_alone() {
    let server = Server::start();
    let urls: Vec<String> = (0..50).map(|n| server.url(&format!("/{n}.json"))).collect();
    for n in 1..50 {
        server.set(&format!("/{n}.json"), Answer::status(503));
    }
    server.set("/0.json", Answer::body(spec("apples")));
    server.set("/list.json", Answer::body(json!(urls).to_string()));
    let mut plan = plan(&[server.url("/list.json")]);
    (plan.fetch.attempts, plan.fetch.per_host) = (2, 1);
    let (_folder, journal) = folder();
    let (catalog, pages) = try_crawl(&plan, &journal, Asking::Fresh).unwrap();
    assert_eq!(catalog.dropped.len(), 49);
    assert!(pages.stats().faults >= 49);
    let asked = server.paths().len();
    assert!(asked < 20, "{asked}");
}

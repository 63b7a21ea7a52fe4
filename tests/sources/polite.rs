//! What is kept to: robots.txt, limits, redirects, and addresses that nobody may be led to.

use crate::server::{Answer, Server};
use crate::{crawl, failure, folder, left_out, limits, plan, spec, with_pets};
use std::time::Duration;
use toolloom::config::plan::Limits;
use toolloom::internals::crawl::{Asking, Pages, crawl_from};

#[test]
fn what_robots_forbid_is_not_asked_for_unless_the_plan_says_so() {
    let server = with_pets();
    server.set("/robots.txt", Answer::body("User-agent: *\nDisallow: /pets"));
    let mut plan = plan(&[server.url("/pets.json")]);
    let said = failure(&plan);
    assert!(said.contains("the robots.txt of http://127.0.0.1:"), "{said}");
    assert!(said.contains("crawl.fetch.robots=false"), "{said}");
    assert!(server.paths().is_empty());
    plan.fetch.robots = false;
    let (_folder, journal) = folder();
    assert_eq!(crawl(&plan, &journal).tools.len(), 1);
    // rules for others are none for us, and those for us go before those for all
    plan.fetch.robots = true;
    let rules = "User-agent: *\nDisallow: /\n\nUser-agent: toolloom\nAllow: /";
    server.set("/robots.txt", Answer::body(rules));
    assert_eq!(crawl(&plan, &folder().1).tools.len(), 1);
}

#[test]
fn robots_that_cannot_be_had_forbid_all_and_missing_ones_nothing() {
    let server = with_pets();
    server.set("/robots.txt", Answer::status(500));
    let plan = plan(&[server.url("/pets.json")]);
    let said = failure(&plan);
    assert!(said.contains("the robots.txt of http://127.0.0.1:"), "{said}");
    assert!(said.contains("cannot be read: the server answers with status 500"), "{said}");
    assert!(server.paths().is_empty());
    server.set("/robots.txt", Answer::status(403));
    let (_folder, journal) = folder();
    assert_eq!(crawl(&plan, &journal).tools.len(), 1);
}

#[test]
fn a_robots_txt_that_is_itself_a_source_is_asked_for_once_and_ends() {
    let server = with_pets();
    server.set("/robots.txt", Answer::moved("/rules.json"));
    server.set("/rules.json", Answer::body(spec("rules")));
    let (_folder, journal) = folder();
    let catalog = crawl(&plan(&[server.url("/robots.txt"), server.url("/pets.json")]), &journal);
    assert_eq!(catalog.tools.len(), 2);
    assert_eq!(server.seen("/robots.txt"), 1);
}

#[test]
fn private_addresses_are_refused_written_out_by_name_and_behind_redirects() {
    let server = with_pets();
    let local = format!("http://localhost:{}/pets.json", server.port);
    for source in [server.url("/pets.json"), local.clone(), format!("http://[::1]:{}/x", server.port)] {
        let mut plan = plan(std::slice::from_ref(&source));
        plan.fetch.private_addresses = false;
        let said = failure(&plan);
        assert!(said.contains("leads to a private address"), "{source}: {said}");
        assert!(said.contains("crawl.fetch.private_addresses=true"), "{said}");
    }
    assert!(server.asked().is_empty(), "no byte was sent");
    let (_folder, journal) = folder();
    assert_eq!(crawl(&plan(&[local]), &journal).tools.len(), 1);
}

#[test]
fn redirects_are_followed_hop_by_hop_within_limits_and_only_to_addresses() {
    let server = with_pets();
    server.set("/one", Answer::moved("/two"));
    server.set("/two", Answer::moved(&server.url("/pets.json")));
    let mut one = plan(&[server.url("/one")]);
    let (_folder, journal) = folder();
    let first = crawl(&one, &journal);
    assert_eq!(first.tools.len(), 1);
    assert_eq!(server.paths(), ["/one", "/pets.json", "/two"]);
    // the last hop is the page, and is asked for conditionally
    assert_eq!(crawl(&one, &journal), first);
    let asked = server.asked();
    let last = asked.iter().find(|a| a.path == "/pets.json").unwrap();
    assert_eq!(last.headers["if-none-match"], "\"1\"");

    one.fetch.redirects = 1;
    assert!(failure(&one).contains("more than 1 redirects"));
    server.set("/one", Answer::moved("/one"));
    assert!(failure(&plan(&[server.url("/one")])).contains("more than 5 redirects"));
    server.set("/one", Answer::moved("file:///etc/passwd"));
    assert!(failure(&plan(&[server.url("/one")])).contains("no http or https address"));
    // what robots forbid is forbidden behind a redirect too
    server.set("/robots.txt", Answer::body("User-agent: *\nDisallow: /two"));
    server.set("/one", Answer::moved("/two"));
    assert!(failure(&plan(&[server.url("/one")])).contains("forbids it"));
}

#[test]
fn a_page_over_the_limit_is_cut_off_and_left_out_whether_its_length_is_told_or_not() {
    for answer in [Answer::body(spec("pets")), Answer::body(vec![b' '; 5_000_000]).chunked()] {
        let server = Server::start();
        server.set("/big.json", answer);
        server.set("/robots.txt", Answer::body(""));
        let plan = plan(&[server.url("/big.json")]);
        let limits = Limits { spec_bytes: 300, ..limits() };
        let (_folder, journal) = folder();
        let pages = Pages::of_run(&journal, &plan, &limits, Asking::Fresh);
        let catalog = crawl_from(&plan, &limits, &pages).unwrap();
        let (rule, reason) = left_out(&catalog, "/big.json");
        assert_eq!(rule, "too_large");
        assert!(reason.contains("limits.spec_bytes (300)"), "{reason}");
    }
}

#[test]
fn a_slow_server_is_given_up_after_the_time_limit() {
    let server = with_pets();
    server.set("/slow.json", Answer::body(spec("pets")).slow(Duration::from_secs(60)));
    let mut plan = plan(&[server.url("/slow.json")]);
    (plan.fetch.timeout_ms, plan.fetch.attempts) = (100, 2);
    let said = failure(&plan);
    assert!(said.contains("/slow.json: no reply in time"), "{said}");
    assert_eq!(server.paths().len(), 2);
}

#[test]
fn a_server_that_is_not_there_is_named_with_every_other_fault() {
    let server = with_pets();
    let nobody = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let gone = format!("http://127.0.0.1:{nobody}/a.json");
    let said = failure(&plan(&[gone.clone(), server.url("/pets.json"), server.url("/none.json")]));
    assert!(
        said.contains(&gone) && said.contains("/none.json: the server answers with status 404"),
        "{said}"
    );
    assert!(!said.contains("/pets.json"), "{said}");
}

#[test]
fn a_server_is_asked_for_few_pages_at_once() {
    let server = Server::start();
    let sources: Vec<String> = (0..12).map(|n| server.url(&format!("/{n}.json"))).collect();
    for n in 0..12 {
        let answer = Answer::body(spec(&format!("thing{n}"))).slow(Duration::from_millis(20));
        server.set(&format!("/{n}.json"), answer);
    }
    let (_folder, journal) = folder();
    assert_eq!(crawl(&plan(&sources), &journal).tools.len(), 12);
    assert!(server.most_at_once() <= 2, "{}", server.most_at_once());
}

#[test]
fn pages_that_are_packed_with_zstd_are_unpacked_up_to_the_limit() {
    let server = Server::start();
    let packed = zstd::bulk::compress(&spec("pets"), 3).unwrap();
    server.set("/pets.json", Answer::body(packed).header("content-encoding", "zstd"));
    let bomb = zstd::bulk::compress(&vec![b' '; 100 << 20], 3).unwrap();
    server.set("/bomb.json", Answer::body(bomb).header("content-encoding", "zstd"));
    let (_folder, journal) = folder();
    let catalog = crawl(&plan(&[server.url("/pets.json"), server.url("/bomb.json")]), &journal);
    assert_eq!(catalog.tools.len(), 1);
    assert_eq!(left_out(&catalog, "/bomb.json").0, "too_large");
}

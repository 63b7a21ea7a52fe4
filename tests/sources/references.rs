//! References across files and pages: what they are relative to, and where they may not lead.

use crate::server::{Answer, Server};
use crate::{crawl, folder, left_out, limits, plan};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use toolloom::config::plan::Limits;
use toolloom::data::Catalog;
use toolloom::internals::crawl::{Asking, Pages, crawl_from};

/// A spec whose only operation takes a body that stands elsewhere.
fn referring(reference: &str) -> String {
    json!({"openapi": "3.0.3", "info": {"title": "Orders", "version": "1"}, "servers": [{"url": "https://orders.example.net"}],
        "paths": {"/orders": {"post": {"operationId": "place_order", "summary": "Place an order for a customer of the shop",
            "requestBody": {"content": {"application/json": {"schema": {"$ref": reference}}}},
            "responses": {"201": {"description": "placed"}}}}}})
    .to_string()
}

fn order() -> Value {
    json!({"Order": {"type": "object", "required": ["item"], "properties": {
        "item": {"type": "string", "description": "what is ordered"}, "next": {"$ref": "more.json#/Note"}}}})
}

fn more() -> Value {
    // back to where we came from
    json!({"Note": {"type": "object", "properties": {"text": {"type": "string"}, "of": {"$ref": "order.json#/Order"}}}})
}

fn fields(catalog: &Catalog) -> Vec<String> {
    let properties = catalog.tools[0].parameters["properties"].as_object().unwrap();
    properties.keys().cloned().collect()
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn references_between_pages_are_relative_to_where_the_page_stands_in_the_end() {
    let server = Server::start();
    server.set("/latest", Answer::moved("/v1/spec.json"));
    server.set("/v1/spec.json", Answer::body(referring("schemas/order.json#/Order")));
    server.set("/v1/schemas/order.json", Answer::body(order().to_string()));
    server.set("/v1/schemas/more.json", Answer::body(more().to_string()));
    let (_folder, journal) = folder();
    let plan = plan(&[server.url("/latest")]);
    let catalog = crawl(&plan, &journal);
    assert_eq!(fields(&catalog), ["item", "next"]);
    assert_eq!(
        server.paths(),
        ["/latest", "/v1/schemas/more.json", "/v1/schemas/order.json", "/v1/spec.json"]
    );
    assert_eq!(crawl(&plan, &journal), catalog);
}

#[test]
fn files_refer_to_files_within_their_source_and_not_out_of_it() {
    let (folder, journal) = folder();
    let base = folder.path().join("specs");
    write(&base.join("api/spec.json"), &referring("../shared/order.json#/Order"));
    write(&base.join("shared/order.json"), &order().to_string());
    write(&base.join("shared/more.json"), &more().to_string());
    for source in [base.clone(), base.join("api/spec.json"), base.join("*/spec.json")] {
        let catalog = crawl(&plan(&[source.to_string_lossy().into_owned()]), &journal);
        assert_eq!(fields(&catalog), ["item", "next"], "{}", source.display());
    }
    let out = crawl(&plan(&[base.join("api").to_string_lossy().into_owned()]), &journal);
    let (rule, reason) = left_out(&out, "#../shared/order.json");
    assert_eq!(rule, "reference");
    assert!(reason.contains("leads out of the source's folder"), "{reason}");
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_out_of_the_source_is_not_followed_for_a_reference() {
    let (folder, journal) = folder();
    let base = folder.path().join("specs");
    write(&folder.path().join("secret/order.json"), &order().to_string());
    write(&base.join("spec.json"), &referring("linked/order.json#/Order"));
    std::os::unix::fs::symlink(folder.path().join("secret"), base.join("linked")).unwrap();
    let catalog = crawl(&plan(&[base.to_string_lossy().into_owned()]), &journal);
    assert!(left_out(&catalog, "#linked/order.json").1.contains("leads out of the source's folder"));
}

#[test]
fn a_file_leads_to_a_page_only_where_the_plan_says_so() {
    let server = Server::start();
    server.set("/order.json", Answer::body(order().to_string()));
    server.set("/more.json", Answer::body(more().to_string()));
    let (folder, journal) = folder();
    let file = folder.path().join("specs/spec.json");
    write(&file, &referring(&server.url("/order.json#/Order")));
    let mut plan = plan(&[file.to_string_lossy().into_owned()]);
    let catalog = crawl(&plan, &journal);
    assert!(left_out(&catalog, "/order.json").1.contains("crawl.fetch.file_refs"));
    assert!(server.asked().is_empty() && !journal.exists(), "nothing is asked and nothing opened");
    plan.fetch.file_refs = true;
    assert_eq!(fields(&crawl(&plan, &journal)), ["item", "next"]);
    // a page never leads to a file
    server.set("/order.json", Answer::body(referring("file:///etc/hosts.json")));
    plan.sources = vec![server.url("/order.json").into()];
    let catalog = crawl(&plan, &journal);
    assert!(left_out(&catalog, "hosts.json").1.contains("no http or https address"));
}

#[test]
fn a_reference_of_a_page_into_a_private_network_is_refused_like_any_other() {
    let server = Server::start();
    server.set("/spec.json", Answer::body(referring("http://localhost:1/order.json")));
    let (_folder, journal) = folder();
    let catalog = crawl(&plan(&[server.url("/spec.json")]), &journal);
    assert_eq!(left_out(&catalog, "localhost:1/order.json").0, "reference");
}

/// A spec whose only operation takes a body of which parts stand elsewhere.
fn referring_to_all(references: &[String]) -> String {
    let mut root: Value = serde_json::from_str(&referring("#/components/schemas/All")).unwrap();
    let all: Vec<Value> = references.iter().map(|reference| json!({"$ref": reference})).collect();
    root["components"] = json!({"schemas": {"All": {"allOf": all}}});
    root.to_string()
}

#[test]
fn references_in_vain_are_bounded_and_those_beyond_have_one_word() {
    let (folder, journal) = folder();
    let links: Vec<String> = (0..5000).map(|at| format!("none{at:04}.json")).collect();
    write(&folder.path().join("spec.json"), &referring_to_all(&links));
    let catalog = crawl(&plan(&[folder.path().join("spec.json").to_string_lossy().into_owned()]), &journal);
    assert!(left_out(&catalog, "#none0000.json").1.contains("there is no such file"));
    assert!(left_out(&catalog, "#none3999.json").1.contains("no new one is looked for"));
    assert_eq!(catalog.dropped.iter().filter(|d| d.rule == "reference").count(), 4000);
}

#[test]
fn no_page_is_asked_for_where_those_before_it_took_all_bytes() {
    let server = Server::start();
    let links = ["/a.json", "/b.json", "/c.json"].map(|path| server.url(path));
    server.set("/spec.json", Answer::body(referring_to_all(&links)));
    for path in ["/a.json", "/b.json", "/c.json"] {
        server.set(path, Answer::body("{ ".repeat(400)));
    }
    let (_folder, journal) = folder();
    let plan = plan(&[server.url("/spec.json")]);
    let limits = Limits { spec_bytes: 1000, ..limits() };
    let catalog =
        crawl_from(&plan, &limits, &Pages::of_run(&journal, &plan, &limits, Asking::Fresh)).unwrap();
    assert_eq!(server.paths(), ["/a.json", "/b.json", "/spec.json"]);
    for path in ["/b.json", "/c.json"] {
        assert!(left_out(&catalog, path).1.contains("limits.spec_bytes (1000)"), "{path}");
    }
}

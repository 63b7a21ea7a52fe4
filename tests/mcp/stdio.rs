//! Servers that are started for the crawl.

use super::{crawl_all, limits, started};
use std::collections::BTreeMap;
use std::time::Duration;
use toolloom::config::plan::{McpReach, Source};
use toolloom::data::{Call, Catalog, Effect};

fn crawl_one(behaviour: &str) -> Catalog {
    crawl_all(vec![started(behaviour, None)], &limits(30_000)).unwrap()
}

fn error_of(source: Source, wait_ms: u64) -> String {
    crawl_all(vec![source], &limits(wait_ms)).unwrap_err().to_string()
}

fn with_env(mut source: Source, name: &str, value: &str) -> Source {
    if let Source::Mcp(server) = &mut source
        && let McpReach::Stdio { env, .. } = &mut server.reach
    {
        env.insert(name.to_owned(), value.to_owned());
    }
    source
}

#[test]
fn all_pages_are_listed_with_hints_and_schemas_of_results() {
    let catalog = crawl_one("good");
    assert_eq!((catalog.tools.len(), catalog.dropped.len()), (8, 0), "{:?}", catalog.dropped);
    let source = &catalog.sources[0];
    assert_eq!((source.spec.as_str(), source.title.as_str()), ("mcp:garden-mcp-server", "The Garden"));
    assert_eq!((source.version.as_str(), source.operations, source.kept), ("1.2.3", 8, 8));
    let tool = |slug: &str| {
        let found = catalog.tools.iter().find(|t| t.id.as_str().ends_with(&format!("/{slug}")));
        found.unwrap_or_else(|| {
            panic!("no {slug}: {:?}", catalog.tools.iter().map(|t| &t.id).collect::<Vec<_>>())
        })
    };
    let get = tool("get_plant");
    let Call::Mcp { server, name, wire } = &get.call else { panic!("{:?}", get.call) };
    assert_eq!((server.as_str(), name.as_str()), ("garden-mcp-server", "get_plant"));
    let own = get.parameters["properties"].as_object().unwrap().keys().next().unwrap();
    assert!(own == "plantId" || wire.get(own).is_some_and(|wire| wire == "plantId"), "{own} {wire:?}");
    let result = get.result.as_ref().unwrap();
    assert_eq!(result["properties"]["id"]["type"], "integer");
    assert_eq!(result["properties"]["beds"]["items"]["properties"]["row"]["type"], "integer");
    assert_eq!(get.effect, Effect::Reads);
    assert_eq!(tool("process_bed").effect, Effect::Destroys);
    assert_eq!(tool("remove_note").effect, Effect::Writes, "the hint wins over the verb");
    assert_eq!(tool("untold").effect, Effect::Writes);
    assert!(tool("titled").description.contains("weather"), "a title stands in for a description");
}

#[test]
fn a_name_in_the_plan_names_the_tools_and_the_order_of_a_list_means_nothing() {
    let of = |behaviour| crawl_all(vec![started(behaviour, Some("beds"))], &limits(30_000)).unwrap();
    let (one, other) = (of("good"), of("backwards"));
    assert_eq!(serde_json::to_string(&one).unwrap(), serde_json::to_string(&other).unwrap());
    assert!(one.tools.iter().all(|t| t.name.as_str().starts_with("beds_")), "{:?}", one.tools[0].name);
    assert_eq!(one.sources[0].spec, "mcp:beds");
    assert!(matches!(&one.tools[0].call, Call::Mcp { server, .. } if server == "beds"));
}

#[test]
fn what_is_printed_beside_the_protocol_is_skipped() {
    assert_eq!(crawl_one("chatty").tools.len(), 8);
}

#[test]
fn one_tool_that_is_none_by_the_letter_takes_no_other_with_it() {
    let catalog = crawl_one("loose");
    assert_eq!(catalog.tools.len(), 2, "{:?}", catalog.dropped);
    assert_eq!(catalog.dropped.len(), 1, "{:?}", catalog.dropped);
    assert_eq!(catalog.sources[0].operations, 3);
}

#[test]
fn a_list_that_does_not_end_is_cut_with_a_reason() {
    let catalog = crawl_one("endless");
    assert_eq!(catalog.tools.len(), 8);
    assert_eq!(catalog.dropped[0].rule, "endless_list");
    let mut few = limits(30_000);
    few.listing_pages = 2;
    let catalog = crawl_all(vec![started("good", None)], &few).unwrap();
    assert_eq!((catalog.tools.len(), catalog.dropped[0].rule.as_str()), (6, "too_many"));
    few.listing_tools = 4;
    let catalog = crawl_all(vec![started("good", None)], &few).unwrap();
    assert_eq!((catalog.tools.len(), catalog.dropped[0].rule.as_str()), (4, "too_many"));
}

#[test]
fn a_server_that_says_too_much_or_has_no_tool_is_left_out_with_a_reason() {
    let mut small = limits(30_000);
    small.spec_bytes = 1_000_000;
    let catalog = crawl_all(vec![started("large", Some("big"))], &small).unwrap();
    let dropped = &catalog.dropped[0];
    assert_eq!(
        (catalog.tools.len(), dropped.id.as_str(), dropped.rule.as_str()),
        (0, "mcp:big", "too_large")
    );
    assert!(dropped.reason.contains("limits.spec_bytes (1000000)"), "{}", dropped.reason);
    let catalog = crawl_one("empty");
    assert_eq!((catalog.tools.len(), catalog.dropped[0].rule.as_str()), (0, "no_tools"));
}

#[test]
fn a_server_that_cannot_be_started_is_an_error_that_names_it_and_says_what_to_do() {
    let mut source = started("good", Some("garden"));
    if let Source::Mcp(server) = &mut source {
        server.reach = McpReach::Stdio {
            command: vec!["no-such-program-anywhere".into()],
            env: BTreeMap::new(),
            cwd: None,
        };
    }
    let error = error_of(source, 1000);
    assert!(error.starts_with("mcp: garden (a source of crawl.sources): cannot be started"), "{error}");
    assert!(error.contains("is `no-such-program-anywhere` installed"), "{error}");
}

#[test]
fn the_last_words_of_a_server_that_dies_are_shown_without_secrets() {
    // the value of any variable that is there; PATH is as good a secret as any
    let source = with_env(started("dead", Some("garden")), "SHED_KEY", "$PATH");
    let error = error_of(source, 30_000);
    assert!(error.contains("ended before it answered `initialize` (exit status: 3)"), "{error}");
    assert!(error.contains("\n  | line 40 of what went wrong\n"), "{error}");
    assert!(!error.contains("line 20 of"), "only the last lines: {error}");
    assert!(error.contains("the shed's key [key] does not fit"), "{error}");
    assert!(!error.contains(&std::env::var("PATH").unwrap()), "{error}");
    assert!(error.contains("to see it by hand: "), "{error}");
}

#[test]
fn a_secret_that_a_server_puts_into_its_list_is_in_no_catalog() {
    let source = with_env(started("secretive", None), "SHED_KEY", "$PATH");
    let catalog = crawl_all(vec![source], &limits(30_000)).unwrap();
    let text = serde_json::to_string(&catalog).unwrap();
    assert!(text.contains("[key]") && !text.contains(&std::env::var("PATH").unwrap()), "{text}");
}

#[test]
fn servers_that_answer_nothing_end_with_the_request_that_they_left_unanswered() {
    let error = error_of(started("deaf", Some("garden")), 300);
    assert!(error.contains("no answer to `initialize` within 300 ms"), "{error}");
    assert!(error.contains("limits.timeout_ms"), "{error}");
    let error = error_of(started("silent", Some("garden")), 3000);
    assert!(error.contains("no answer to `tools/list` within 3000 ms"), "{error}");
    let error = error_of(started("broken", Some("garden")), 30_000);
    assert!(error.contains("`tools/list` failed") && error.contains("the shed is locked"), "{error}");
}

#[test]
fn every_server_that_cannot_be_asked_is_told_of_at_once() {
    let error = crawl_all(
        vec![started("dead", Some("first")), started("good", None), started("broken", Some("second"))],
        &limits(30_000),
    );
    let error = error.unwrap_err().to_string();
    assert!(error.contains("mcp: first (") && error.contains("mcp: second ("), "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_server_is_ended_with_whatever_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pids");
    let source = with_env(started("lingering", None), "PIDS", &file.to_string_lossy());
    assert_eq!(crawl_all(vec![source], &limits(30_000)).unwrap().tools.len(), 8);
    let pids = std::fs::read_to_string(&file).unwrap();
    // a process that nobody waits for any more stays as a zombie until its new parent does
    let lives = |pid: &str| {
        let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        !state.is_empty() && !state.contains(") Z ")
    };
    for pid in pids.split(' ') {
        for _ in 0..100 {
            if !lives(pid) {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        assert!(!lives(pid), "{pid} of {pids} lives on");
    }
}

//! What is listed is remembered: a server that has gone since is not asked where nothing may be.

use super::list;
use crate::config::plan::{McpReach, McpSource, Source};
use crate::crawl::fetch::{Asking, Pages};
use std::collections::BTreeMap;

/// A server that knows two answers by heart, and only where a file is.
const BY_HEART: &str = r#"
test -f "$0" || { echo gone >&2; exit 1; }
read line
echo '{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2024-11-05","capabilities":{"tools":{}},"serverInfo":{"name":"heart","version":"1"}}}'
read line
read line
echo '{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"beat","inputSchema":{"type":"object"}}]}}'
read line
"#;

#[cfg(unix)]
#[test]
fn what_a_server_lists_is_remembered_where_nothing_may_be_asked() {
    let folder = tempfile::tempdir().unwrap();
    let there = folder.path().join("there");
    std::fs::write(&there, "").unwrap();
    let command = ["sh", "-c", BY_HEART, &there.to_string_lossy()].map(str::to_owned).to_vec();
    let reach = McpReach::Stdio { command, env: BTreeMap::new(), cwd: None };
    let sources = [Source::Mcp(McpSource { name: Some("heart".into()), reach })];
    let plan = crate::config::load(None, &[], &|_| true).unwrap();
    let journal = folder.path().join("journal.redb");
    let ask = |asking| {
        let pages = Pages::of_run(&journal, &plan.crawl, &plan.limits, asking);
        let listed = list(&sources, &plan.limits, &pages);
        assert!(pages.failure().is_none());
        listed
    };
    let missing = ask(Asking::Offline).unwrap_err();
    assert!(missing.is_missing() && missing.to_string().contains("without --offline"), "{missing}");
    let first = ask(Asking::Fresh).unwrap();
    assert_eq!((first.len(), first[0].1.name.as_str()), (1, "mcp:heart"));
    std::fs::remove_file(&there).unwrap();
    assert_eq!(ask(Asking::Offline).unwrap(), first);
    let gone = ask(Asking::Fresh).unwrap_err();
    assert!(!gone.is_missing() && gone.to_string().contains("| gone"), "{gone}");
}

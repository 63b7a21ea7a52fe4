//! What a function does to the state, as far as its annotations, its name and its description say.

use crate::crawl::prose::words;
use crate::data::Effect;
use serde_json::Value;

const READS: [&str; 50] = [
    "get",
    "list",
    "search",
    "find",
    "read",
    "fetch",
    "query",
    "lookup",
    "look",
    "show",
    "view",
    "check",
    "count",
    "describe",
    "retrieve",
    "browse",
    "research",
    "calculate",
    "compute",
    "convert",
    "translate",
    "validate",
    "verify",
    "estimate",
    "analyze",
    "analyse",
    "compare",
    "summarize",
    "detect",
    "predict",
    "recommend",
    "suggest",
    "filter",
    "sort",
    "parse",
    "extract",
    "inspect",
    "preview",
    "explain",
    "scan",
    "is",
    "has",
    "ping",
    "resolve",
    "return",
    "determine",
    "identify",
    "evaluate",
    "display",
    "crawl",
];
const WRITES: [&str; 50] = [
    "create", "add", "update", "set", "send", "post", "put", "write", "insert", "edit", "modify", "change",
    "upload", "move", "copy", "rename", "save", "store", "book", "order", "buy", "pay", "place", "schedule",
    "assign", "invite", "start", "stop", "run", "execute", "open", "close", "enable", "disable", "publish",
    "register", "append", "merge", "upsert", "patch", "replace", "reply", "submit", "push", "click",
    "navigate", "login", "activate", "join", "mark",
];
const DESTROYS: [&str; 13] = [
    "delete",
    "remove",
    "clear",
    "destroy",
    "drop",
    "purge",
    "erase",
    "wipe",
    "truncate",
    "uninstall",
    "revoke",
    "cancel",
    "kill",
];

/// Tells a function's effect. MCP's hints win where they are given; else the first word of name or description that is a
/// known verb; else it is taken to write.
pub fn of(name: &str, description: &str, annotations: Option<&Value>) -> Effect {
    let hint = |key: &str| annotations.and_then(|a| a.get(key)).and_then(Value::as_bool);
    match (hint("readOnlyHint"), hint("destructiveHint")) {
        (Some(true), _) => return Effect::Reads,
        (_, Some(true)) => return Effect::Destroys,
        (Some(false), Some(false)) => return Effect::Writes,
        _ => {}
    }
    let first = words(description).into_iter().take(1);
    let said = words(name).into_iter().chain(first).find_map(|word| verb(&word));
    match (said, hint("readOnlyHint")) {
        (Some(Effect::Reads), Some(false)) | (None, _) => Effect::Writes,
        (Some(effect), _) => effect,
    }
}

fn verb(word: &str) -> Option<Effect> {
    let known =
        [(Effect::Reads, &READS[..]), (Effect::Writes, &WRITES[..]), (Effect::Destroys, &DESTROYS[..])];
    // descriptions say what a function does in the third person: "Lists", "Searches"
    let bases = [Some(word), word.strip_suffix('s'), word.strip_suffix("es")];
    bases
        .into_iter()
        .flatten()
        .find_map(|base| known.into_iter().find(|(_, all)| all.contains(&base)).map(|(effect, _)| effect))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn hints_win_over_verbs_and_verbs_over_nothing() {
        let destructive = json!({"destructiveHint": true, "readOnlyHint": false});
        let harmless = json!({"readOnlyHint": true});
        assert_eq!(of("get_page", "Gets a page.", Some(&destructive)), Effect::Destroys);
        assert_eq!(of("frobnicate", "", Some(&harmless)), Effect::Reads);
        assert_eq!(of("redis_hdel_get", "", None), Effect::Reads);
        assert_eq!(of("files_remove", "", Some(&json!({"readOnlyHint": null}))), Effect::Destroys);
        assert_eq!(of("factorial", "Calculate a factorial.", None), Effect::Reads);
        assert_eq!(of("frobnicate", "", None), Effect::Writes);
    }
}

//! What a pipeline file may say: a table of fields, and the walk that holds a file against it.

use super::fault::{Fault, Faults};
use super::yaml::{Entry, Located, Yaml};

/// A field: its name, what it may hold, and what it is, in a few words.
pub(super) struct Field {
    pub name: &'static str,
    pub kind: Kind,
    pub what: &'static str,
}

/// What a field may hold.
pub(super) enum Kind {
    /// Any text that is not empty.
    Text,
    /// A name that may stand in a path.
    Name,
    /// `true` or `false`.
    Flag,
    /// A whole number in a range, both ends included.
    Integer(u64, u64),
    /// A number in a range, both ends included.
    Number(f64, f64),
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// A list of texts.
    Texts,
    /// A list of texts and of maps with these fields.
    TextsOr(&'static [Field]),
    /// A map with these fields.
    Section(&'static [Field]),
    /// A map from names of the user's choice.
    Named(&'static Self),
    /// The kind, or `null`.
    Optional(&'static Self),
    /// A text, or a map with these fields.
    TextOr(&'static [Field]),
    /// A map of anything.
    Free,
}

const fn field(name: &'static str, kind: Kind, what: &'static str) -> Field {
    Field { name, kind, what }
}

/// Counts that stay far below what any machine could do.
const MANY: u64 = 1_000_000_000;
const U32: u64 = u32::MAX as u64;

/// The whole pipeline.
pub(super) const PIPELINE: &[Field] = &[
    field("name", Kind::Name, "the run's name"),
    field("seed", Kind::Integer(0, u64::MAX), "the run's seed"),
    field("output", Kind::Text, "the run's folder"),
    field("crawl", Kind::Section(CRAWL), "what to crawl"),
    field("models", Kind::Named(&Kind::Section(MODEL)), "the models by name"),
    field(
        "roles",
        Kind::Section(&[
            field("writer", Kind::TextOr(ROLE), "the model that words instructions"),
            field("solver", Kind::TextOr(ROLE), "the model that solves tasks"),
            field("judge", Kind::TextOr(ROLE), "the model that judges what no rule can"),
            field("simulator", Kind::Optional(&Kind::TextOr(ROLE)), "the model that plays tools"),
            field("user", Kind::Optional(&Kind::TextOr(ROLE)), "the model that plays the user"),
            field("rewriter", Kind::Optional(&Kind::TextOr(ROLE)), "the model that rewords"),
            field("probe", Kind::Optional(&Kind::TextOr(ROLE)), "the model that difficulty is measured with"),
        ]),
        "which model plays which role",
    ),
    field("target", Kind::Optional(&Kind::Section(TARGET)), "how many kept rows are wanted"),
    field("instruct", Kind::Section(INSTRUCT), "how tasks are made"),
    field("environment", Kind::Choice(&["simulated"]), "where tool calls run"),
    field("search", Kind::Section(SEARCH), "how tasks are solved"),
    field("filter", Kind::Section(FILTER), "what is kept"),
    field("shard", Kind::Section(SHARD), "how rows are written"),
    field("templates", Kind::Optional(&Kind::Text), "a folder of prompts that replace the embedded ones"),
    field("limits", Kind::Section(LIMITS), "a limit on everything"),
];

const SOURCE: &[Field] = &[field("mcp", Kind::Section(MCP), "an MCP server")];

const MCP: &[Field] = &[
    field("name", Kind::Name, "what the server's tools are called by"),
    field("command", Kind::Texts, "the program that is the server, and its arguments"),
    field("env", Kind::Named(&Kind::Text), "further environment variables of the program"),
    field("cwd", Kind::Text, "the folder that the program is started in"),
    field("url", Kind::Text, "the address of a server that is there already"),
    field("headers", Kind::Named(&Kind::Text), "further headers of each request"),
];

const CHOICE: &[Field] = &[
    field("only", Kind::Texts, "the names that are taken; empty for all"),
    field("exclude", Kind::Texts, "the names that are left out"),
];

const CRAWL: &[Field] = &[
    field(
        "sources",
        Kind::TextsOr(SOURCE),
        "files, folders, globs and URLs of API specs, listings of such, and MCP servers as {mcp: {…}}",
    ),
    field("dialect", Kind::Choice(&["standard", "openai-strict"]), "what the schemas of parameters may say"),
    field(
        "documentation",
        Kind::Choice(&["full", "short", "medium", "long"]),
        "how much of its documentation a tool's description is",
    ),
    field("fetch", Kind::Section(FETCH), "how pages of the web are asked for"),
    field("disabled", Kind::Texts, "rules of the crawl that are switched off, by name"),
    field("quality_min", Kind::Number(0.0, 1.0), "the least quality of documentation"),
    field(
        "labels",
        Kind::Section(&[field("exclude", Kind::Texts, "labels of operations that are left out")]),
        "which labels are left out",
    ),
    field("licences", Kind::Section(CHOICE), "which licences are taken"),
    field("categories", Kind::Section(CHOICE), "which categories and collections are taken"),
];

const FETCH: &[Field] = &[
    field("in_flight", Kind::Integer(1, 1000), "most requests at once"),
    field("per_host", Kind::Integer(1, 100), "most requests at once to one server"),
    field("delay_ms", Kind::Integer(0, 3_600_000), "least milliseconds between two requests to one server"),
    field("timeout_ms", Kind::Integer(1, 86_400_000), "milliseconds until a request counts as failed"),
    field("attempts", Kind::Integer(1, 100), "attempts of one request"),
    field("redirects", Kind::Integer(0, 20), "redirects that are followed"),
    field("pages", Kind::Integer(1, 1_000_000), "most specs of one listing"),
    field("robots", Kind::Flag, "whether robots.txt is kept"),
    field("private_addresses", Kind::Flag, "whether addresses of private networks may be asked"),
    field("proxy", Kind::Flag, "whether requests go through the environment's proxy"),
    field("file_refs", Kind::Flag, "whether references in files may lead to pages"),
];

const MODEL: &[Field] = &[
    field("provider", Kind::Choice(&["builtin", "openai", "anthropic"]), "who answers"),
    field("model", Kind::Text, "the model's name as the server knows it"),
    field("base_url", Kind::Text, "the server, up to and without /chat/completions or /messages"),
    field("api_key_env", Kind::Optional(&Kind::Text), "the environment variable that holds the key"),
    TEMPERATURE,
    TOP_P,
    MAX_TOKENS,
    STOP,
    SEED,
    EXTRA_BODY,
    EXTRA_HEADERS,
    field(
        "tool_mode",
        Kind::Choice(&["native", "react", "hermes"]),
        "how the model is told of tools and calls them",
    ),
    field(
        "structured",
        Kind::Choice(&["auto", "json_schema", "guided_json", "structured_outputs", "json_object", "prompt"]),
        "how a reply is held to a JSON schema",
    ),
    field(
        "max_tokens_field",
        Kind::Choice(&["auto", "max_tokens", "max_completion_tokens"]),
        "what the server calls the most tokens of a reply",
    ),
    field("in_flight", Kind::Optional(&Kind::Integer(1, 100_000)), "most requests at once"),
    field("requests_per_minute", Kind::Optional(&Kind::Integer(1, MANY)), "most requests a minute"),
    field("tokens_per_minute", Kind::Optional(&Kind::Integer(1, U32 * 1000)), "most tokens a minute"),
    field(
        "price_in",
        Kind::Optional(&Kind::Number(0.0, 100_000.0)),
        "US dollars for a million prompt tokens",
    ),
    field(
        "price_out",
        Kind::Optional(&Kind::Number(0.0, 100_000.0)),
        "US dollars for a million reply tokens",
    ),
    field(
        "price_cached",
        Kind::Optional(&Kind::Number(0.0, 100_000.0)),
        "US dollars for a million prompt tokens that the server had cached",
    ),
];

const TEMPERATURE: Field =
    field("temperature", Kind::Optional(&Kind::Number(0.0, 2.0)), "sampling temperature");
const TOP_P: Field = field("top_p", Kind::Optional(&Kind::Number(0.0, 1.0)), "nucleus sampling");
const MAX_TOKENS: Field =
    field("max_tokens", Kind::Optional(&Kind::Integer(1, 10_000_000)), "most tokens of a reply");
const STOP: Field = field("stop", Kind::Optional(&Kind::Texts), "texts that end a reply");
const SEED: Field = field("seed", Kind::Optional(&Kind::Flag), "whether requests carry a seed of their own");
const EXTRA_BODY: Field =
    field("extra_body", Kind::Optional(&Kind::Free), "further fields of each request's body");
const EXTRA_HEADERS: Field =
    field("extra_headers", Kind::Optional(&Kind::Named(&Kind::Text)), "further headers of each request");

const ROLE: &[Field] = &[
    field("model", Kind::Text, "the model's name in `models`"),
    TEMPERATURE,
    TOP_P,
    MAX_TOKENS,
    STOP,
    SEED,
    EXTRA_BODY,
    EXTRA_HEADERS,
];

const TARGET: &[Field] = &[
    field("rows", Kind::Integer(1, MANY), "kept rows"),
    field("yield_min", Kind::Optional(&Kind::Number(0.0, 1.0)), "kept rows a task, under which the run ends"),
];

const INSTRUCT: &[Field] = &[
    field("strategy", Kind::Choice(&["chain_first", "query_first"]), "the direction in which tasks are made"),
    field("tasks", Kind::Integer(1, MANY), "how many tasks to make"),
    field("max_calls", Kind::Integer(1, 100), "most calls of a chain"),
    field("distractors_min", Kind::Integer(0, 1000), "fewest tools offered beside the needed ones"),
    field("distractors_max", Kind::Integer(0, 1000), "most tools offered beside the needed ones"),
    field("api_share_max", Kind::Number(0.001, 1.0), "the largest share of the tasks that one API may make"),
];

const SEARCH: &[Field] = &[
    field("strategy", Kind::Choice(&["dfsdt", "chain"]), "how solutions are searched"),
    field("width", Kind::Integer(1, 64), "next turns tried at a node"),
    field("max_depth", Kind::Integer(1, 200), "most turns from the start"),
    field("max_nodes", Kind::Integer(1, 100_000), "most turns of a whole search"),
    field("max_calls", Kind::Integer(1, 100_000), "most tool calls of a whole search"),
    field("attempts", Kind::Integer(1, 1000), "attempts of the strategy `chain`"),
];

const FILTER: &[Field] = &[
    field("disabled", Kind::Texts, "rules that are switched off, by name"),
    field("keep_unverified", Kind::Flag, "whether rows that nothing verified may be in data/"),
    field("medium_from", Kind::Number(0.0, 1.0), "the difficulty from which a row is medium"),
    field("hard_from", Kind::Number(0.0, 1.0), "the difficulty from which a row is hard"),
    field("judges", Kind::Named(&Kind::Optional(&Kind::Section(JUDGE))), "the models that are asked of rows"),
];

const JUDGE: &[Field] = &[
    field("rows", Kind::Choice(&["unreferenced", "all"]), "which rows it is asked of"),
    field("model", Kind::Optional(&Kind::Text), "the model's name in `models`"),
    field("rubric", Kind::Optional(&Kind::Text), "what must hold, in words"),
];

const SHARD: &[Field] = &[
    field("rows", Kind::Integer(1, MANY), "rows a file"),
    field("compression", Kind::Choice(&["zstd", "snappy", "none"]), "the codec"),
    field("splits", Kind::Named(&Kind::Number(0.0, 1.0)), "the splits with their shares"),
    field("split_by", Kind::Choice(&["tools", "api"]), "what a split keeps together"),
    field("system_message", Kind::Flag, "whether rows begin with a system message"),
];

const LIMITS: &[Field] = &[
    field("in_flight", Kind::Integer(1, 100_000), "most requests at once to a model"),
    field("open_tasks", Kind::Integer(1, 1_000_000), "most tasks that are begun and not finished"),
    field("timeout_ms", Kind::Integer(1, 86_400_000), "milliseconds until a request counts as failed"),
    field("attempts", Kind::Integer(1, 1000), "attempts of one request"),
    field("backoff_ms", Kind::Integer(1, 60_000), "milliseconds of the first wait between attempts"),
    field("pauses", Kind::Integer(0, 1000), "fruitless pauses of a model that does not serve"),
    field("window", Kind::Integer(1, 1_000_000), "finished tasks that are judged and held at once"),
    field("reply_bytes", Kind::Integer(256, U32), "bytes of a model's reply"),
    field("observation_bytes", Kind::Integer(256, U32), "bytes of a tool's result as the model sees it"),
    field("spec_bytes", Kind::Integer(1, U32), "bytes of a spec"),
    field("listing_pages", Kind::Integer(1, 1_000_000), "pages of an MCP server's list of tools"),
    field("listing_tools", Kind::Integer(1, 1_000_000), "tools of an MCP server"),
    field("ref_depth", Kind::Integer(1, 64), "levels of $ref that are followed"),
    field("tool_bytes", Kind::Integer(512, U32), "bytes of a tool's definition"),
    field("tokens", Kind::Optional(&Kind::Integer(1, u64::MAX)), "ceiling of the run's tokens"),
    field("cost_usd", Kind::Optional(&Kind::Number(0.0, 1e9)), "ceiling of the run's cost in US dollars"),
    field("calls", Kind::Optional(&Kind::Integer(1, u64::MAX)), "ceiling of the replies asked of servers"),
    field("wall_s", Kind::Optional(&Kind::Integer(1, MANY)), "ceiling of a session's seconds"),
    field(
        "roles",
        Kind::Section(&[
            field("writer", Kind::Section(CEILINGS), "what the writer may spend"),
            field("solver", Kind::Section(CEILINGS), "what the solver may spend"),
            field("judge", Kind::Section(CEILINGS), "what the judge may spend"),
            field("simulator", Kind::Section(CEILINGS), "what the simulator may spend"),
            field("user", Kind::Section(CEILINGS), "what the user may spend"),
            field("rewriter", Kind::Section(CEILINGS), "what the rewriter may spend"),
            field("probe", Kind::Section(CEILINGS), "what the probe may spend"),
        ]),
        "ceilings of single roles",
    ),
];

const CEILINGS: &[Field] = &[
    field("tokens", Kind::Optional(&Kind::Integer(1, u64::MAX)), "ceiling of the role's tokens"),
    field("cost_usd", Kind::Optional(&Kind::Number(0.0, 1e9)), "ceiling of the role's cost in US dollars"),
    field("calls", Kind::Optional(&Kind::Integer(1, u64::MAX)), "ceiling of the role's replies"),
];

/// Tells whether a model has a field of this name.
pub(super) fn is_model_field(name: &str) -> bool {
    MODEL.iter().any(|field| field.name == name)
}

/// Holds a tree against the table.
pub(super) fn check(tree: &Located, faults: &mut Faults) {
    section(tree, PIPELINE, "", faults);
}

fn section(value: &Located, fields: &'static [Field], path: &str, faults: &mut Faults) {
    for entry in value.entries() {
        match fields.iter().find(|field| field.name == entry.key) {
            Some(field) => {
                let path = join(path, field.name);
                one(&entry.value, &field.kind, &path, field.what, faults);
            }
            None => faults.push(unknown(entry, fields, path)),
        }
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn unknown(entry: &Entry, fields: &[Field], path: &str) -> Fault {
    let place = if path.is_empty() { "a pipeline".to_owned() } else { format!("`{path}`") };
    let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
    let fault = Fault::new(entry.key_at.clone(), format!("{place} has no field `{}`", entry.key));
    let fault = match elsewhere(&entry.key) {
        Some(home) if !names.contains(&entry.key.as_str()) => fault.help(format!("did you mean `{home}`?")),
        _ => fault.did_you_mean(&entry.key, names.iter().copied()),
    };
    fault.help(format!("its fields: {}", names.join(", ")))
}

/// Finds the only section that has a field of this name.
fn elsewhere(name: &str) -> Option<String> {
    let mut found = PIPELINE.iter().filter_map(|section| match &section.kind {
        Kind::Section(fields) => {
            fields.iter().any(|field| field.name == name).then(|| format!("{}.{name}", section.name))
        }
        _ => None,
    });
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// Checks one value against what its field may hold.
fn one(value: &Located, kind: &'static Kind, path: &str, what: &str, faults: &mut Faults) {
    if fits(kind, &value.value) {
        return;
    }
    let fault = |message: String| Fault::new(value.at.clone(), message).help(format!("`{path}` is {what}"));
    match (kind, &value.value) {
        (Kind::Optional(inner), _) => one(value, inner, path, what, faults),
        (Kind::Section(fields) | Kind::TextOr(fields), Yaml::Map(_)) => section(value, fields, path, faults),
        (Kind::Named(inner), Yaml::Map(entries)) => {
            for entry in entries {
                if !is_name(&entry.key) {
                    faults.push(bad_name(Fault::new(entry.key_at.clone(), "")));
                }
                one(&entry.value, inner, &join(path, &entry.key), what, faults);
            }
        }
        (Kind::Texts, Yaml::List(items)) => texts(items, path, what, faults),
        (Kind::TextsOr(fields), Yaml::List(items)) => {
            for item in items {
                match &item.value {
                    Yaml::Map(_) => section(item, fields, path, faults),
                    _ => texts(std::slice::from_ref(item), path, what, faults),
                }
            }
        }
        (Kind::Texts | Kind::TextsOr(_), Yaml::Text(text)) => {
            let message = format!("expected a list, found the text `{text}`");
            // a command and its arguments are words of their own
            let items = if path.ends_with("command") {
                text.split_whitespace().collect::<Vec<_>>().join(", ")
            } else {
                text.clone()
            };
            faults.push(fault(message).help(format!("write [{items}]")));
        }
        (Kind::Name, Yaml::Text(_)) => faults.push(bad_name(fault(String::new()))),
        (Kind::Text | Kind::Name, Yaml::Number(number)) => {
            let message = format!("expected a text, found {}", value.kind());
            faults.push(fault(message).help(format!("write \"{number}\"")));
        }
        (Kind::Flag, Yaml::Text(text)) if matches!(text.as_str(), "yes" | "on" | "no" | "off") => {
            let meant = matches!(text.as_str(), "yes" | "on");
            let message = format!("expected true or false, found {}", value.kind());
            faults.push(fault(message).help(format!("did you mean `{meant}`?")));
        }
        (Kind::Choice(words), Yaml::Text(text)) => {
            let message = format!("`{text}` is none of {}", words.join(", "));
            faults.push(fault(message).did_you_mean(text, words.iter().copied()));
        }
        (kind, _) => faults.push(fault(format!("expected {}, found {}", expected(kind), value.kind()))),
    }
}

/// Checks that the items of a list are texts.
fn texts(items: &[Located], path: &str, what: &str, faults: &mut Faults) {
    for item in items.iter().filter(|item| item.text().is_none_or(str::is_empty)) {
        let message = format!("expected a text, found {}", item.kind());
        faults.push(Fault::new(item.at.clone(), message).help(format!("`{path}` is a list: {what}")));
    }
}

/// Tells whether a value that holds no others is what its field may hold.
fn fits(kind: &Kind, value: &Yaml) -> bool {
    match (kind, value) {
        (Kind::Optional(_), Yaml::Null) | (Kind::Flag, Yaml::Bool(_)) => true,
        (Kind::Text | Kind::TextOr(_), Yaml::Text(text)) => !text.trim().is_empty(),
        (Kind::Free, Yaml::Map(_)) => true,
        (Kind::Name, Yaml::Text(text)) => is_name(text),
        (Kind::Integer(min, max), Yaml::Number(n)) => n.as_u64().is_some_and(|n| (*min..=*max).contains(&n)),
        (Kind::Number(min, max), Yaml::Number(n)) => n.as_f64().is_some_and(|n| (*min..=*max).contains(&n)),
        (Kind::Choice(words), Yaml::Text(text)) => words.contains(&text.as_str()),
        _ => false,
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.len() <= 100
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

fn bad_name(fault: Fault) -> Fault {
    fault.says("not a name: letters, digits, `_`, `-` and `.`, at most 100, a letter or digit first")
}

fn expected(kind: &Kind) -> String {
    match kind {
        Kind::Text | Kind::Name => "a text".into(),
        Kind::Flag => "true or false".into(),
        Kind::Integer(min, u64::MAX) => format!("a whole number from {min}"),
        Kind::Integer(min, max) => format!("a whole number from {min} to {max}"),
        Kind::Number(min, max) => format!("a number from {min} to {max}"),
        Kind::Choice(words) => format!("one of {}", words.join(", ")),
        Kind::Texts => "a list of texts".into(),
        Kind::TextsOr(_) => "a list of texts and maps".into(),
        Kind::Section(fields) => {
            let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
            format!("a map of {}", names.join(", "))
        }
        Kind::Named(_) | Kind::Free => "a map".into(),
        Kind::TextOr(_) => "a text or a map".into(),
        Kind::Optional(inner) => expected(inner),
    }
}

//! Faults that take more than one field to see. They look at what the schema has passed and skip the rest.

mod mcp;

use super::Known;
use super::fault::{Fault, Faults};
use super::plan::OWN_FIELDS;
use super::yaml::{Located, Yaml};
use crate::data::Label;

/// Checks what fields say of each other and of the world outside.
pub(super) fn check(tree: &Located, known: &Known, faults: &mut Faults) {
    roles(tree, known.is_set, faults);
    models(tree, known.is_set, faults);
    idle(tree, faults);
    target(tree, faults);
    words(tree, "filter.disabled", "rule", known.rules, faults);
    words(tree, "crawl.disabled", "rule", known.crawl_rules, faults);
    words(tree, "crawl.labels.exclude", "label", Some(&Label::ALL.map(Label::as_str)), faults);
    judges(tree, known.rubrics, faults);
    sources(tree, known.is_set, faults);
    splits(tree, faults);
    ordered(tree, "instruct.distractors_min", "instruct.distractors_max", faults);
    ordered(tree, "filter.medium_from", "filter.hard_from", faults);
    cost(tree, faults);
}

fn roles(tree: &Located, is_set: &dyn Fn(&str) -> bool, faults: &mut Faults) {
    for entry in tree.get("roles").map(Located::entries).unwrap_or_default() {
        if matches!(entry.value.value, Yaml::Map(_)) {
            if entry.value.get("model").is_none() {
                faults.push(
                    Fault::new(entry.key_at.clone(), format!("the role `{}` names no model", entry.key))
                        .help("write model: and a name that stands under `models`"),
                );
            }
            extras(&entry.value, true, is_set, faults);
        }
    }
    let Some(models) = tree.get("models") else { return };
    let names: Vec<&str> = models.entries().iter().map(|entry| entry.key.as_str()).collect();
    for (role, name, value) in used(tree) {
        if !names.contains(&name) {
            faults.push(
                Fault::new(
                    value.at.clone(),
                    format!("`roles.{role}` names the model `{name}`, and there is none"),
                )
                .did_you_mean(name, names.iter().copied())
                .help(format!("the models: {}", names.join(", "))),
            );
        }
    }
}

/// Returns each role with the name of its model.
fn used(tree: &Located) -> impl Iterator<Item = (&str, &str, &Located)> {
    let roles = tree.get("roles").map(Located::entries).unwrap_or_default();
    roles.iter().filter_map(|entry| {
        let value = entry.value.get("model").unwrap_or(&entry.value);
        Some((entry.key.as_str(), value.text()?, value))
    })
}

/// A judge asks something, of a model that is there.
fn judges(tree: &Located, rubrics: Option<&[&str]>, faults: &mut Faults) {
    let names: Vec<&str> =
        tree.get("models").map(Located::entries).unwrap_or_default().iter().map(|e| e.key.as_str()).collect();
    for entry in tree.get("filter.judges").map(Located::entries).unwrap_or_default() {
        let (judge, value) = (&entry.key, &entry.value);
        if !matches!(value.value, Yaml::Map(_)) {
            continue;
        }
        if let Some(model) = value.get("model")
            && let Some(name) = model.text().filter(|name| !names.contains(name))
        {
            faults.push(
                Fault::new(
                    model.at.clone(),
                    format!("the judge `{judge}` names the model `{name}`, and there is none"),
                )
                .did_you_mean(name, names.iter().copied())
                .help(format!("the models: {}", names.join(", "))),
            );
        }
        let is_worded = value.get("rubric").is_some_and(|rubric| rubric.text().is_some());
        if let Some(known) = rubrics.filter(|known| !is_worded && !known.contains(&judge.as_str())) {
            faults.push(
                Fault::new(entry.key_at.clone(), format!("the judge `{judge}` has no `rubric`"))
                    .help("write rubric: and what must hold of a row, in words")
                    .help(format!("judges that need none: {}", known.join(", "))),
            );
        }
    }
}

fn models(tree: &Located, is_set: &dyn Fn(&str) -> bool, faults: &mut Faults) {
    let Some(models) = tree.get("models") else { return };
    for entry in models.entries() {
        let (name, model) = (&entry.key, &entry.value);
        if !matches!(model.value, Yaml::Map(_)) {
            continue;
        }
        match model.entry("provider").map(|e| e.value.text()) {
            None => faults.push(
                Fault::new(entry.key_at.clone(), format!("the model `{name}` has no `provider`"))
                    .help("write provider: openai, anthropic or builtin"),
            ),
            Some(Some("openai")) => server(entry, &[BASE_URL, MODEL], "/chat/completions", faults),
            Some(Some("anthropic")) => {
                server(entry, &[("model", "claude-sonnet-4-5")], "/messages", faults);
            }
            Some(Some("builtin")) => builtin(name, model, faults),
            Some(_) => {}
        }
        extras(model, used(tree).any(|(_, used, _)| used == name), is_set, faults);
        if let Some(variable) = model.get("api_key_env")
            && let Some(word) = variable.text()
        {
            let is_used = used(tree).any(|(_, used, _)| used == name);
            key(name, word, variable, is_used && !is_set(word), faults);
        }
    }
}

fn key(model: &str, word: &str, variable: &Located, is_missing: bool, faults: &mut Faults) {
    let is_variable = word.len() <= 64
        && word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let at = variable.at.clone();
    if !is_variable {
        faults.push(
            Fault::new(at, "`api_key_env` names an environment variable, and this is no such name")
                .hide_line()
                .help("a key itself never stands in a pipeline: export LLM_API_KEY=… and write LLM_API_KEY here"),
        );
    } else if is_missing {
        faults.push(
            Fault::new(at, format!("the environment variable {word} is not set"))
                .help(format!("it holds the key of the model `{model}`: export {word}=…"))
                .help("a server that wants no key needs no `api_key_env`"),
        );
    }
}

const BASE_URL: (&str, &str) = ("base_url", "http://localhost:8000/v1");
const MODEL: (&str, &str) = ("model", "Qwen3-32B");

fn server(entry: &super::yaml::Entry, needed: &[(&str, &str)], path: &str, faults: &mut Faults) {
    let (name, model) = (&entry.key, &entry.value);
    let provider = model.get("provider").and_then(Located::text).unwrap_or_default();
    for (field, example) in needed {
        if model.entry(field).is_none() {
            faults.push(
                Fault::new(entry.key_at.clone(), format!("the model `{name}` has no `{field}`"))
                    .help(format!("provider {provider} needs it: {field}: {example}")),
            );
        }
    }
    let Some(url) = model.get("base_url") else { return };
    let Some(text) = url.text() else { return };
    let fault = |message: &str| Fault::new(url.at.clone(), message.to_owned());
    if !(text.starts_with("http://") || text.starts_with("https://")) {
        faults.push(fault("a `base_url` begins with http:// or https://"));
    } else if text.trim_end_matches('/').ends_with(path) {
        faults.push(fault(&format!("a `base_url` ends before {path}")));
    } else if text.split("://").nth(1).is_some_and(|rest| rest.split('/').next().unwrap_or("").contains('@'))
    {
        faults.push(
            fault("a `base_url` holds no user and password")
                .hide_line()
                .help("name the variable that holds the key: api_key_env: LLM_API_KEY"),
        );
    } else if text.contains('?') || text.contains('#') {
        faults.push(
            fault("a `base_url` holds no query")
                .hide_line()
                .help("a key goes into a header: api_key_env, or extra_headers: {NAME: $VARIABLE}"),
        );
    }
}

/// Headers whose value is a secret.
const SECRETS: &[&str] =
    &["authorization", "proxy-authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie"];

/// Checks the further fields and headers of a model or a role.
fn extras(section: &Located, is_used: bool, is_set: &dyn Fn(&str) -> bool, faults: &mut Faults) {
    for entry in section.get("extra_body").map(Located::entries).unwrap_or_default() {
        if OWN_FIELDS.contains(&entry.key.as_str()) {
            faults.push(
                Fault::new(entry.key_at.clone(), format!("`extra_body` cannot set `{}`", entry.key))
                    .help("toolloom fills it itself"),
            );
        }
    }
    headers(section.get("extra_headers"), is_used, is_set, faults);
}

/// Checks headers: their names, that no secret stands in one, and that the variables they name are set.
fn headers(given: Option<&Located>, is_used: bool, is_set: &dyn Fn(&str) -> bool, faults: &mut Faults) {
    for entry in given.map(Located::entries).unwrap_or_default() {
        let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if entry.key.is_empty() || !entry.key.chars().all(is_name) {
            faults.push(Fault::new(entry.key_at.clone(), "this is no name of an HTTP header"));
        }
        let Some((_, variable, _)) = entry.value.text().and_then(super::plan::in_header) else {
            if SECRETS.contains(&entry.key.to_lowercase().as_str()) {
                faults.push(
                    Fault::new(entry.value.at.clone(), format!("the header `{}` holds a secret", entry.key))
                        .hide_line()
                        .help(format!("name the variable that holds it: {}: $LLM_API_KEY", entry.key)),
                );
            }
            continue;
        };
        if is_used && !is_set(variable) {
            faults.push(
                Fault::new(entry.value.at.clone(), format!("the environment variable {variable} is not set"))
                    .help(format!("it holds the header `{}`: export {variable}=…", entry.key)),
            );
        }
    }
}

/// Whoever names a model and gives no role wants it asked, and the default's roles name another.
fn idle(tree: &Located, faults: &mut Faults) {
    let is_default = |at: &super::place::At| matches!(at.origin, super::place::Origin::Defaults);
    let all_default = used(tree).all(|(_, _, value)| is_default(&value.at));
    let Some(models) = tree.get("models").filter(|_| all_default) else { return };
    let own: Vec<_> = models.entries().iter().filter(|entry| !is_default(&entry.key_at)).collect();
    let is_used = |name: &str| used(tree).any(|(_, used, _)| used == name);
    if own.iter().any(|entry| is_used(&entry.key)) {
        return;
    }
    if let Some(entry) = own.first() {
        let name = &entry.key;
        faults.push(
            Fault::new(entry.key_at.clone(), format!("no role asks the model `{name}`"))
                .help(format!("write roles: {{writer: {name}, solver: {name}, judge: {name}}}"))
                .help("or name it teacher, which the default's roles name"),
        );
    }
}

/// Two numbers that both say when a run ends say it twice.
fn target(tree: &Located, faults: &mut Faults) {
    let Some(target) = tree.get("target") else { return };
    if !matches!(target.value, Yaml::Map(_)) {
        return;
    }
    if target.get("rows").is_none() {
        faults.push(
            Fault::new(target.at.clone(), "a `target` has no `rows`").help("write target: {rows: 10000}"),
        );
    }
    if let Some(tasks) = tree.get("instruct.tasks")
        && !matches!(tasks.at.origin, super::place::Origin::Defaults)
    {
        faults.push(
            Fault::new(tasks.at.clone(), "`instruct.tasks` and `target` both say when the run ends")
                .help("leave one of them out: a target makes as many tasks as it takes"),
        );
    }
}

fn builtin(name: &str, model: &Located, faults: &mut Faults) {
    let set = model.entries().iter().filter(|e| e.key != "provider" && !matches!(e.value.value, Yaml::Null));
    for entry in set.filter(|e| super::schema::is_model_field(&e.key)) {
        faults.push(
            Fault::new(entry.key_at.clone(), format!("the built-in model `{name}` takes no `{}`", entry.key))
                .help("is it a server? then write provider: openai"),
        );
    }
}

/// Checks that a list holds only words that are known.
fn words(tree: &Located, key: &str, what: &str, known: Option<&[&str]>, faults: &mut Faults) {
    let (Some(known), Some(list)) = (known, tree.get(key)) else { return };
    let Yaml::List(items) = &list.value else { return };
    for item in items {
        if let Some(name) = item.text()
            && !known.contains(&name)
        {
            faults.push(
                Fault::new(item.at.clone(), format!("there is no {what} `{name}`"))
                    .did_you_mean(name, known.iter().copied())
                    .help(format!("the {what}s: {}", known.join(", "))),
            );
        }
    }
}

fn sources(tree: &Located, is_set: &dyn Fn(&str) -> bool, faults: &mut Faults) {
    let Some(sources) = tree.get("crawl.sources") else { return };
    let Yaml::List(items) = &sources.value else { return };
    if items.is_empty() {
        faults.push(
            Fault::new(sources.at.clone(), "`crawl.sources` is empty")
                .help("name files, folders, globs or URLs of specs"),
        );
    }
    mcp::check(items, is_set, faults);
    for item in items {
        let Some(text) = item.text().filter(|text| text.contains("://")) else { continue };
        let fault = |message: &str| Fault::new(item.at.clone(), message.to_owned());
        match url::Url::parse(text) {
            Ok(url) if !matches!(url.scheme(), "http" | "https") || url.host().is_none() => faults.push(
                fault("a source is a file, a folder, a glob, or an address that begins with http:// or https://"),
            ),
            Ok(url) if !url.username().is_empty() || url.password().is_some() => faults.push(
                fault("the address of a source holds no user and password").hide_line().help(
                    "it is remembered and stands in the catalog; download what needs a login, and name the file",
                ),
            ),
            Ok(url) if url.query_pairs().any(|(name, value)| mcp::holds_secret(&name, &value)) => faults
                .push(fault("the address of a source holds a secret").hide_line().help(
                    "it is remembered and stands in the catalog; download what needs a key, and name the file",
                )),
            Ok(_) => {}
            Err(error) => faults.push(fault(&format!("this is no address: {error}"))),
        }
    }
}

fn splits(tree: &Located, faults: &mut Faults) {
    let Some(splits) = tree.get("shard.splits") else { return };
    let entries = splits.entries();
    let shares: Option<Vec<f64>> = entries.iter().map(|entry| entry.value.number()).collect();
    let Some(shares) = shares else { return };
    let sum: f64 = shares.iter().sum();
    if (sum - 1.0).abs() > 1e-6 && matches!(splits.value, Yaml::Map(_)) {
        let rounded = (sum * 1e6).round() / 1e6;
        let terms: Vec<String> = shares.iter().map(ToString::to_string).collect();
        faults.push(
            Fault::new(splits.at.clone(), format!("the splits add up to {rounded}, not to 1"))
                .help(format!("{} = {rounded}", terms.join(" + "))),
        );
    }
}

/// Checks that one number is at most another, and points at the one that was written last.
fn ordered(tree: &Located, low: &str, high: &str, faults: &mut Faults) {
    let (Some(a), Some(b)) = (tree.get(low), tree.get(high)) else { return };
    let (Some(x), Some(y)) = (a.number(), b.number()) else { return };
    if x > y {
        let at = if a.at.origin.rank() >= b.at.origin.rank() { &a.at } else { &b.at };
        faults.push(
            Fault::new(at.clone(), format!("`{low}` ({x}) is above `{high}` ({y})"))
                .help("one of them may be a default: give both"),
        );
    }
}

/// A ceiling on money needs the price of every server that it covers.
fn cost(tree: &Located, faults: &mut Faults) {
    for (role, ceiling) in ceilings(tree) {
        let Some(models) = tree.get("models") else { return };
        for entry in models.entries() {
            let text = |field: &str| entry.value.get(field).and_then(Located::text);
            let is_server = matches!(text("provider"), Some("openai" | "anthropic"));
            let is_used =
                used(tree).any(|(by, name, _)| name == entry.key && role.is_none_or(|role| role == by));
            let is_priced = ["price_in", "price_out"]
                .iter()
                .all(|field| entry.value.get(field).is_some_and(|price| price.number().is_some()));
            let url = text("base_url")
                .or((text("provider") == Some("anthropic")).then_some(super::spec::ANTHROPIC_URL));
            let is_listed = || {
                url.zip(text("model")).is_some_and(|(url, model)| super::prices::listed(url, model).is_some())
            };
            if is_server && is_used && !is_priced && !is_listed() {
                let key =
                    role.map_or("limits.cost_usd".to_owned(), |role| format!("limits.roles.{role}.cost_usd"));
                faults.push(
                    Fault::new(
                        ceiling.at.clone(),
                        format!("`{key}` cannot be kept: the model `{}` has no prices", entry.key),
                    )
                    .help("give it price_in and price_out, in US dollars for a million tokens"),
                );
            }
        }
    }
}

/// Returns the ceilings on money, each with the role it is for.
fn ceilings(tree: &Located) -> Vec<(Option<&str>, &Located)> {
    let roles = tree.get("limits.roles").map(Located::entries).unwrap_or_default();
    let run = tree.get("limits.cost_usd").map(|ceiling| (None, ceiling));
    let each = roles.iter().filter_map(|e| Some((Some(e.key.as_str()), e.value.get("cost_usd")?)));
    run.into_iter().chain(each).filter(|(_, ceiling)| ceiling.number().is_some()).collect()
}

//! Names that are legal everywhere, readable, and the same whatever else is crawled.

use crate::crawl::prose::{ascii_words as words, is_plural, singular};
use crate::data::Method;
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

/// Words of file names that say nothing about the API.
const GENERIC: [&str; 32] = [
    "openapi",
    "swagger",
    "oas",
    "oas2",
    "oas3",
    "oas30",
    "oas31",
    "spec",
    "specs",
    "specification",
    "api",
    "apis",
    "index",
    "schema",
    "schemas",
    "definition",
    "definitions",
    "reference",
    "doc",
    "docs",
    "main",
    "root",
    "primary",
    "latest",
    "public",
    "rest",
    "json",
    "yaml",
    "yml",
    "bundled",
    "unbundled",
    "com",
];

/// Longest short name of an API, so that operations keep most of the 64 characters.
const SHORT_MAX: usize = 28;
/// Longest function name.
const NAME_MAX: usize = 64;

/// What an API is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiName {
    /// Who provides it: `googleapis.com`.
    pub provider: String,
    /// The short name's words: `google`, `calendar`.
    pub words: Vec<String>,
}

impl ApiName {
    /// Names an API after its file, then its folder, then its title.
    pub fn new(path: &Path, title: &str, host: Option<&str>, declared: Option<&str>) -> Self {
        let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        let folder = path
            .parent()
            .and_then(Path::file_name)
            .map(|s| s.to_string_lossy().into_owned())
            .unwrap_or_default();
        let short = [stem.as_str(), title, folder.as_str()]
            .into_iter()
            .map(short_words)
            .find(|w| !w.is_empty())
            .unwrap_or_else(|| vec!["api".to_owned()]);
        let provider = declared.map(str::to_lowercase).filter(|d| !d.is_empty() && !d.contains('/'));
        let provider = provider.or_else(|| host.and_then(domain)).unwrap_or_else(|| short.join("-"));
        Self { provider, words: short }
    }

    /// Names an API after its title alone, where the title says anything.
    pub fn titled(title: &str, provider: Option<&str>) -> Option<Self> {
        let words = Some(short_words(title)).filter(|w| !w.is_empty())?;
        let provider = provider.map_or_else(|| words.join("-"), str::to_owned);
        Some(Self { provider, words })
    }

    /// Returns the short name as functions begin with it.
    pub fn short(&self) -> String {
        self.words.join("_")
    }

    /// Returns the short name as ids hold it.
    pub fn slug(&self) -> String {
        self.words.join("-")
    }
}

fn short_words(text: &str) -> Vec<String> {
    let ascii = text.chars().filter(char::is_ascii).count() == text.chars().count();
    if !ascii {
        return Vec::new();
    }
    let mut out: Vec<String> = Vec::new();
    for word in words(text) {
        let version = word.strip_prefix('v').unwrap_or(&word).chars().all(|c| c.is_ascii_digit());
        if GENERIC.contains(&word.as_str()) || version || out.contains(&word) {
            continue;
        }
        let length: usize = out.iter().map(|w| w.len() + 1).sum();
        if !out.is_empty() && length + word.len() > SHORT_MAX {
            break;
        }
        out.push(word.chars().take(SHORT_MAX).collect());
    }
    if out.first().is_some_and(|w| !w.starts_with(|c: char| c.is_ascii_lowercase())) {
        out.insert(0, "api".to_owned());
    }
    out
}

/// Returns the registered domain of a host, as far as that can be told without a list.
fn domain(host: &str) -> Option<String> {
    let host = host.split(':').next()?.to_lowercase();
    let labels: Vec<&str> = host.split('.').filter(|l| !l.is_empty()).collect();
    let numeric = labels.iter().all(|l| l.chars().all(|c| c.is_ascii_digit()));
    if labels.len() < 2 || numeric || host.contains('{') || host.ends_with("example.com") {
        return None;
    }
    let second = labels[labels.len() - 2];
    let wide = matches!(second, "co" | "com" | "gov" | "org" | "ac" | "net" | "edu")
        && labels[labels.len() - 1].len() == 2;
    let take = if wide { 3 } else { 2 };
    Some(labels[labels.len().saturating_sub(take)..].join("."))
}

/// One operation to be named.
pub struct Operation<'a> {
    /// Its id in the spec.
    pub id: Option<&'a str>,
    /// Its method.
    pub method: Method,
    /// Its path.
    pub path: &'a str,
}

/// Names all operations of one API: the part after the API's short name, unique within it.
pub fn operations(api: &ApiName, operations: &[Operation<'_>]) -> Vec<String> {
    let paths: BTreeSet<(&str, Method)> = operations.iter().map(|o| (o.path, o.method)).collect();
    let mut ids: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for operation in operations {
        *ids.entry(id_words(api, operation.id)).or_default() += 1;
    }
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut out = Vec::with_capacity(operations.len());
    for operation in operations {
        let by_id = id_words(api, operation.id);
        let usable = !by_id.is_empty() && ids[&by_id] == 1 && by_id.join("_").len() <= 80;
        let by_path = || path_words(api, operation, &paths);
        let mut name = fit(api, &if usable { by_id.clone() } else { by_path() });
        if taken.contains(&name) && usable {
            name = fit(api, &by_path());
        }
        if taken.contains(&name) {
            name = with_hash(api, &name, &format!("{} {}", operation.method.as_str(), operation.path));
        }
        taken.insert(name.clone());
        out.push(name);
    }
    out
}

static GENERATED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"Using(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)(?:_\d+)?$|(?:[a-z])(GET|POST|PUT|PATCH|DELETE)$",
    )
    .expect("a valid pattern")
});

fn id_words(api: &ApiName, id: Option<&str>) -> Vec<String> {
    let Some(id) = id else { return Vec::new() };
    let id = match GENERATED.captures(id) {
        Some(found) if found.get(1).is_none() => &id[..id.len() - found[0].len()],
        _ => id,
    };
    let mut segments: Vec<Vec<String>> =
        id.split(|c: char| !c.is_ascii_alphanumeric()).map(words).filter(|w| !w.is_empty()).collect();
    for segment in &mut segments {
        segment.retain(|w| w != "controller");
    }
    segments.retain(|s| !s.is_empty());
    segments.dedup();
    let found = if segments.len() > 1 {
        without_api_segments(api, segments)
    } else {
        without_repeats(api, segments.into_iter().flatten().collect())
    };
    if found.iter().all(|w| w.chars().all(|c| c.is_ascii_digit())) {
        return Vec::new();
    }
    found
}

/// Drops leading segments (`calendar` of `calendar.events.list`) that the API's own name says already.
fn without_api_segments(api: &ApiName, segments: Vec<Vec<String>>) -> Vec<String> {
    let whole = |s: &Vec<String>| api.words.ends_with(s) || api.words.starts_with(s);
    let skip = segments.iter().take(segments.len() - 1).take_while(|s| whole(s)).count();
    segments.into_iter().skip(skip).flatten().collect()
}

/// Drops what the API's own name says already, and words said twice in a row.
fn without_repeats(api: &ApiName, mut found: Vec<String>) -> Vec<String> {
    found.dedup();
    let most = api.words.len().min(found.len().saturating_sub(1));
    for k in (1..=most).rev() {
        if api.words.ends_with(&found[..k]) || api.words.starts_with(&found[..k]) {
            found.drain(..k);
            break;
        }
    }
    found
}

/// Names an operation after method and path: `get_my_orders_selling_all`, `update_listing_by_slug`, `listings_flag`.
fn path_words(api: &ApiName, operation: &Operation<'_>, paths: &BTreeSet<(&str, Method)>) -> Vec<String> {
    let path = operation.path.split('?').next().unwrap_or_default();
    let segments: Vec<&str> = path.split(['/', '#', '=']).filter(|s| !s.is_empty()).collect();
    let literals: Vec<Vec<String>> =
        segments.iter().filter(|s| !s.contains('{')).map(|s| words(s)).filter(|w| !is_version(w)).collect();
    let mut nouns: Vec<String> = literals.iter().flatten().cloned().collect();
    let trailing: Vec<&str> = segments
        .iter()
        .rev()
        .take_while(|s| s.contains('{'))
        .copied()
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect();
    let last_plural = nouns.last().is_some_and(|n| is_plural(n));
    let rpc = segments.last().is_some_and(|s| s.contains('.') && !s.contains('{'));
    let verb_last = nouns.last().is_some_and(|n| crate::crawl::docs::is_verb(n));
    let has_get = paths.contains(&(operation.path, Method::Get));
    let verb = match operation.method {
        _ if rpc => "",
        Method::Get => "get",
        Method::Head => "head",
        Method::Options => "options",
        Method::Trace => "trace",
        Method::Query => "query",
        Method::Delete => "delete",
        Method::Patch if paths.contains(&(operation.path, Method::Put)) => "patch",
        Method::Put | Method::Patch => "update",
        Method::Post if trailing.is_empty() && (last_plural || has_get && !verb_last) => "create",
        Method::Post if trailing.is_empty() => "",
        Method::Post => "post",
    };
    if (verb == "create" || !trailing.is_empty())
        && let Some(last) = nouns.last_mut()
    {
        *last = singular(last);
    }
    let mut out: Vec<String> = Vec::new();
    if !verb.is_empty() {
        out.push(verb.to_owned());
    }
    let repeats = !out.is_empty() && nouns.len() > 1 && api.words == nouns[..1];
    out.extend(nouns.into_iter().skip(usize::from(repeats)));
    if !trailing.is_empty() {
        let said = segments
            .iter()
            .rfind(|s| !s.contains('{'))
            .is_some_and(|s| words(s).first().is_some_and(|w| w == "by"));
        if !said {
            out.push("by".to_owned());
        }
        for parameter in trailing {
            out.extend(words(parameter));
        }
        out.dedup();
    }
    if out.is_empty() || out == ["get"] || out == ["create"] || out == ["post"] {
        out.push("root".to_owned());
    }
    without_repeats(api, out)
}

fn is_version(found: &[String]) -> bool {
    let [word] = found else { return false };
    word == "api"
        || word.strip_prefix('v').is_some_and(|v| !v.is_empty() && v.chars().all(|c| c.is_ascii_digit()))
}

/// Returns the operation's part of the name, shortened with a hash where the whole would be too long.
fn fit(api: &ApiName, found: &[String]) -> String {
    let name = found.join("_");
    if api.short().len() + 1 + name.len() <= NAME_MAX { name } else { with_hash(api, &name, &name) }
}

fn with_hash(api: &ApiName, name: &str, of: &str) -> String {
    let hash = &blake3::hash(of.as_bytes()).to_hex()[..6];
    let room = NAME_MAX - api.short().len() - 1 - 7;
    let mut head = name;
    while head.len() > room {
        head = head.rfind('_').map_or(&head[..room.min(head.len())], |at| &head[..at]);
    }
    format!("{head}_{hash}")
}

/// Makes a parameter's name a legal property: letters, digits and `_`, not beginning with a digit, at most 64.
pub fn property(wire: &str) -> String {
    let legal = !wire.is_empty()
        && wire.len() <= NAME_MAX
        && wire.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !wire.starts_with(|c: char| c.is_ascii_digit());
    if legal {
        return wire.to_owned();
    }
    let mut out = String::new();
    for c in wire.chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
    }
    let mut out = out.trim_end_matches('_').to_owned();
    if out.is_empty() || out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert_str(0, "p_");
    }
    out.truncate(NAME_MAX);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(file: &str) -> ApiName {
        ApiName::new(Path::new(file), "A Title", Some("api.example.org"), None)
    }

    fn name(file: &str, id: Option<&str>, method: Method, path: &str) -> String {
        let api = api(file);
        format!("{}_{}", api.short(), operations(&api, &[Operation { id, method, path }])[0])
    }

    #[test]
    fn names_lead_with_the_api_and_do_not_repeat_it() {
        use Method::{Get, Post};
        assert_eq!(
            name("google-calendar.json", Some("calendar.events.list"), Get, "/x"),
            "google_calendar_events_list"
        );
        assert_eq!(
            name("google-calendar.json", Some("calendar.calendarList.list"), Get, "/x"),
            "google_calendar_calendar_list_list"
        );
        assert_eq!(name("google-tasks.json", Some("tasks.tasks.list"), Get, "/x"), "google_tasks_list");
        assert_eq!(
            name("petstore.json", Some("findPetsByStatus"), Get, "/x"),
            "petstore_find_pets_by_status"
        );
        assert_eq!(
            name("geodb-cities.json", Some("getCityDistanceUsingGET"), Get, "/x"),
            "geodb_cities_get_city_distance"
        );
        assert_eq!(
            name("reverb.json", None, Get, "/my/orders/selling/all"),
            "reverb_get_my_orders_selling_all"
        );
        assert_eq!(name("musixmatch.json", None, Get, "/track.search"), "musixmatch_track_search");
        assert_eq!(name("reverb.json", None, Post, "/listings/{slug}/flag"), "reverb_listings_flag");
        assert_eq!(name("reverb.json", None, Get, "/listings/{slug}"), "reverb_get_listing_by_slug");
    }

    #[test]
    fn duplicated_and_endless_ids_still_give_unique_legal_names() {
        let api = api("openapi.yaml");
        let long = "x".repeat(100) + "GetEverythingThereIs";
        let all = [
            Operation { id: Some("list"), method: Method::Get, path: "/a" },
            Operation { id: Some("list"), method: Method::Get, path: "/b" },
            Operation { id: Some(&long), method: Method::Get, path: "/c" },
            Operation { id: Some("你好"), method: Method::Get, path: "/{a}/{b}" },
        ];
        let names = operations(&api, &all);
        let unique: BTreeSet<&String> = names.iter().collect();
        assert_eq!(unique.len(), names.len());
        for name in &names {
            let whole = format!("{}_{name}", api.short());
            assert!(
                whole.len() <= 64
                    && whole.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'),
                "{whole}"
            );
        }
    }

    #[test]
    fn parameter_names_become_legal_properties() {
        assert_eq!(property("petId"), "petId");
        assert_eq!(property("page[size]"), "page_size");
        assert_eq!(property("$filter"), "filter");
        assert_eq!(property("x-trace"), "x_trace");
        assert_eq!(property("2fa"), "p_2fa");
    }
}

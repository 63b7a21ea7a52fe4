//! Listings of specs: APIs.guru's `list.json`, APIs.json, and a plain JSON list of URLs, told apart by content.

use crate::crawl::place::address;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use url::Url;

/// A spec that a listing leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The spec's address.
    pub url: Url,
    /// What the listing says of it.
    pub about: About,
}

/// What a listing says of a spec.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Who provides the API: `googleapis.com`.
    pub provider: Option<String>,
    /// Its categories, the first one first.
    pub categories: Vec<String>,
}

/// What a listing holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Specs, in the listing's order, each address once.
    pub members: Vec<Member>,
    /// What is listed and left out: a name, the rule, the reason.
    pub left_out: Vec<(String, &'static str, String)>,
}

/// Tells at a glance whether a document may be a listing, so that specs need not be parsed twice.
pub fn may_be(bytes: &[u8]) -> bool {
    const HEAD: usize = 4096;
    let has = |bytes: &[u8], word: &[u8]| bytes.windows(word.len()).any(|window| window == word);
    let head = &bytes[..bytes.len().min(HEAD)];
    let first = head.iter().find(|b| !b.is_ascii_whitespace() && !matches!(b, 0xef | 0xbb | 0xbf));
    match first {
        Some(b'[') => has(head, b"\"http"),
        Some(b'{') => {
            has(head, b"\"swaggerUrl\"")
                || has(head, b"\"versions\"")
                || has(head, b"\"apis\"")
                || has(head, b"\"specificationVersion\"")
        }
        Some(_) => has(head, b"apis:") || has(head, b"specificationVersion"),
        None => false,
    }
}

/// Reads a listing; nothing where the document is none. Addresses may be relative to the listing's own.
pub fn read(root: &Value, base: Option<&Url>) -> Option<Listing> {
    let mut listing = Listing::default();
    match root {
        Value::Array(items) => urls(items, base, &mut listing)?,
        Value::Object(map)
            if ["openapi", "swagger", "swaggerVersion"].iter().any(|key| map.contains_key(*key)) =>
        {
            return None;
        }
        Value::Object(map) if map.get("apis").is_some_and(Value::is_array) => {
            apis_json(map, base, &mut listing)?;
        }
        Value::Object(map) => guru(map, base, &mut listing)?,
        _ => return None,
    }
    let Listing { members, left_out } = &mut listing;
    let mut seen = BTreeSet::new();
    members.retain(|Member { url, .. }| {
        let is_new = seen.insert(url.clone());
        if !is_new {
            let reason = "the listing leads to it more than once; the first entry counts";
            left_out.push((url.to_string(), "repeated", reason.to_owned()));
        }
        is_new
    });
    Some(listing)
}

/// Returns what a listing says of a spec, put into the spec where that does not say it itself.
pub fn put(about: &About, root: &mut Value) {
    let Some(info) = root.get_mut("info").and_then(Value::as_object_mut) else { return };
    if let Some(provider) = &about.provider {
        info.entry("x-providerName").or_insert_with(|| json!(provider));
    }
    if !about.categories.is_empty() {
        info.entry("x-apisguru-categories").or_insert_with(|| json!(about.categories));
    }
}

fn join(base: Option<&Url>, text: &str) -> Option<Url> {
    match base {
        Some(base) => base.join(text).ok().and_then(|url| address(url.as_str())),
        None => address(text),
    }
}

/// `[URL, …]`: every item is one.
fn urls(items: &[Value], base: Option<&Url>, listing: &mut Listing) -> Option<()> {
    let texts: Vec<&str> = items.iter().map(Value::as_str).collect::<Option<_>>()?;
    if texts.is_empty() || !texts.iter().any(|text| address(text).is_some()) {
        return None;
    }
    for text in texts {
        match join(base, text) {
            Some(url) => listing.members.push(Member { url, about: About::default() }),
            None => listing.no_address(text, text),
        }
    }
    Some(())
}

/// `{name: {preferred, versions: {version: {swaggerUrl, swaggerYamlUrl, info}}}}`: of each API the preferred version.
fn guru(map: &Map<String, Value>, base: Option<&Url>, listing: &mut Listing) -> Option<()> {
    let is_api = |api: &Value| {
        api.get("versions").and_then(Value::as_object).is_some_and(|versions| {
            versions.values().any(|v| v.get("swaggerUrl").is_some() || v.get("swaggerYamlUrl").is_some())
        })
    };
    if !map.values().any(is_api) {
        return None;
    }
    for (name, api) in map {
        let versions = api.get("versions").and_then(Value::as_object);
        let Some(versions) = versions.filter(|versions| !versions.is_empty()) else {
            listing.left_out.push((
                name.clone(),
                "no_address",
                "the listing names no version of it".to_owned(),
            ));
            continue;
        };
        let preferred = api.get("preferred").and_then(Value::as_str).filter(|v| versions.contains_key(*v));
        let Some(preferred) = preferred.or_else(|| versions.keys().next_back().map(String::as_str)) else {
            continue;
        };
        for (version, spec) in versions {
            let id = format!("{name}:{version}");
            if version != preferred {
                let reason = format!("the listing prefers version {preferred} of {name}");
                listing.left_out.push((id, "other_version", reason));
                continue;
            }
            let text = |key: &str| spec.get(key).and_then(Value::as_str);
            let link = text("swaggerUrl").or_else(|| text("swaggerYamlUrl")).unwrap_or_default();
            match join(base, link).filter(|_| !link.is_empty()) {
                Some(url) => listing.members.push(Member { url, about: said(name, spec) }),
                None => listing.no_address(&id, link),
            }
        }
    }
    Some(())
}

/// Reads what APIs.guru says of a spec.
fn said(name: &str, spec: &Value) -> About {
    let text = |pointer: &str| spec.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let categories = spec.pointer("/info/x-apisguru-categories").and_then(Value::as_array);
    let named = name.split(':').next().filter(|n| n.contains('.')).map(str::to_owned);
    About {
        provider: text("/info/x-providerName").or(named),
        categories: categories.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect(),
    }
}

/// APIs.json: `apis[]`, each with `properties[]` of which some are of a type that says OpenAPI or Swagger.
fn apis_json(map: &Map<String, Value>, base: Option<&Url>, listing: &mut Listing) -> Option<()> {
    let apis = map.get("apis").and_then(Value::as_array)?;
    let of = |api: &Value, key: &str| api.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    // Swagger 1.2 has a list of this name too, of paths
    if !apis.iter().any(|api| api.get("properties").is_some_and(Value::is_array)) {
        return None;
    }
    for (at, api) in apis.iter().enumerate() {
        let name = Some(of(api, "name")).filter(|n| !n.is_empty()).unwrap_or_else(|| format!("apis/{at}"));
        let tags = api.get("tags").and_then(Value::as_array).into_iter().flatten();
        let categories: Vec<String> = tags.filter_map(Value::as_str).map(str::to_owned).collect();
        let properties = api.get("properties").and_then(Value::as_array).into_iter().flatten();
        let specs: Vec<&Value> = properties.filter(|p| is_spec(&of(p, "type"))).collect();
        if specs.is_empty() {
            listing.left_out.push((
                name.clone(),
                "no_address",
                "the listing names no OpenAPI spec of it".to_owned(),
            ));
        }
        for spec in specs {
            let link = of(spec, "url");
            match join(base, &link).filter(|_| !link.is_empty()) {
                Some(url) => listing
                    .members
                    .push(Member { url, about: About { provider: None, categories: categories.clone() } }),
                None => listing.no_address(&name, &link),
            }
        }
    }
    Some(())
}

fn is_spec(kind: &str) -> bool {
    let kind = kind.to_lowercase();
    ["openapi", "swagger"].iter().any(|word| kind == *word || kind.strip_prefix("x-") == Some(word))
}

impl Listing {
    fn no_address(&mut self, name: &str, link: &str) {
        let reason = match link {
            "" => "the listing gives no address for it".to_owned(),
            link => format!("the listing gives {link} for it, which is no http or https address"),
        };
        self.left_out.push((name.to_owned(), "no_address", reason));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(listing: &Listing) -> Vec<&str> {
        listing.members.iter().map(|m| m.url.as_str()).collect()
    }

    #[test]
    fn of_a_directory_the_preferred_versions_are_taken_and_the_others_named() {
        let root = json!({
            "a.com:pets": {"preferred": "v2", "versions": {
                "v1": {"swaggerUrl": "https://x.org/a/v1.json"},
                "v2": {"swaggerUrl": "https://x.org/a/v2.json", "info": {"x-apisguru-categories": ["animals"]}}}},
            "b.com": {"preferred": "gone", "versions": {"1": {"swaggerYamlUrl": "b.yaml"}}},
            "c.com": {"preferred": "1", "versions": {"1": {"swaggerUrl": "ftp://c"}}},
            "d.com": {"preferred": "1", "versions": {}}});
        let base = Url::parse("https://x.org/dir/list.json").unwrap();
        let listing = read(&root, Some(&base)).unwrap();
        assert_eq!(addresses(&listing), ["https://x.org/a/v2.json", "https://x.org/dir/b.yaml"]);
        let about = &listing.members[0].about;
        assert_eq!(
            (about.provider.as_deref(), about.categories.as_slice()),
            (Some("a.com"), &["animals".to_owned()][..])
        );
        let rules: Vec<_> = listing.left_out.iter().map(|(name, rule, _)| (name.as_str(), *rule)).collect();
        assert_eq!(
            rules,
            [("a.com:pets:v1", "other_version"), ("c.com:1", "no_address"), ("d.com", "no_address")]
        );
        assert!(may_be(root.to_string().as_bytes()));
    }

    #[test]
    fn lists_of_urls_and_apis_json_are_listings_and_specs_and_other_lists_are_none() {
        let listing = read(&json!(["https://a/x.json", "https://a/x.json#y", "nowhere"]), None).unwrap();
        assert_eq!(addresses(&listing), ["https://a/x.json"]);
        let rules: Vec<_> = listing.left_out.iter().map(|(name, rule, _)| (name.as_str(), *rule)).collect();
        assert_eq!(rules, [("nowhere", "no_address"), ("https://a/x.json", "repeated")]);
        let root = json!({"name": "x", "apis": [
            {"name": "A", "tags": ["t"], "properties": [{"type": "OpenAPI", "url": "https://a/o.yaml"}, {"type": "Docs", "url": "https://a"}]},
            {"name": "B", "properties": []}]});
        let listing = read(&root, None).unwrap();
        assert_eq!(addresses(&listing), ["https://a/o.yaml"]);
        assert_eq!(listing.left_out[0].0, "B");
        for none in [
            json!({"openapi": "3.0.0", "versions": {"a": {"swaggerUrl": "x"}}}),
            json!({"swaggerVersion": "1.2", "apis": [{"path": "/x"}]}),
            json!({"apis": [{"path": "/x"}]}),
            json!(["a", "b"]),
            json!([{"name": "f"}]),
            json!({"paths": {}}),
            json!([]),
        ] {
            assert_eq!(read(&none, None), None, "{none}");
        }
    }

    #[test]
    fn what_a_listing_says_fills_gaps_and_overrides_nothing() {
        let about = About { provider: Some("a.com".into()), categories: vec!["x".into()] };
        let mut spec = json!({"info": {"x-providerName": "own.com"}});
        put(&about, &mut spec);
        assert_eq!(spec, json!({"info": {"x-providerName": "own.com", "x-apisguru-categories": ["x"]}}));
    }
}

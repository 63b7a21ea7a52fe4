//! A spec as its operations see it: its document, what it says of itself, and what holds for all of them.

use super::document::{Document, Node};
use super::names::ApiName;
use super::outputs::Shared;
use crate::config::plan::{CrawlPlan, Limits};
use crate::crawl::file::File;
use crate::data::Place;
use serde_json::Value;
use std::collections::BTreeMap;

/// A spec as its operations see it.
pub struct Spec<'a> {
    /// The document with the files it refers to.
    pub document: &'a Document,
    /// What the crawl is to do.
    pub plan: &'a CrawlPlan,
    /// The limits.
    pub limits: &'a Limits,
    /// Results and errors that were lowered before.
    pub shared: Shared,
    /// Parameters that carry credentials, by the security schemes.
    pub secured: Vec<(String, Place)>,
    /// What its API is called.
    pub api: ApiName,
    /// What it says of itself.
    pub head: Head,
    /// The parameter of the item path below a path, by the path: `petId` of `/pet`.
    items: BTreeMap<String, String>,
}

/// What a spec says of itself.
#[derive(Clone, Default)]
pub struct Head {
    /// Its name among the sources.
    pub spec: String,
    /// The hash of the spec with all its parts, in hexadecimal.
    pub hash: String,
    /// Its title, or its API's name.
    pub title: String,
    /// Its version, or nothing.
    pub version: String,
    /// Its licence, or `unknown`.
    pub licence: String,
    /// What its API is about.
    pub about: About,
    /// The address of its first server.
    pub server: Option<String>,
}

/// What a spec says of its API that tells what it is about.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Its title.
    pub title: String,
    /// Its description.
    pub description: String,
    /// The names of its tags.
    pub tags: Vec<String>,
    /// The categories that a directory files it under.
    pub filed: Vec<String>,
}

/// Where an operation stands in its file, in documents that were translated to OpenAPI from another kind.
pub const POINTER: &str = "x-toolloom-pointer";

impl<'a> Spec<'a> {
    /// Reads what a document says of itself.
    pub fn new(document: &'a Document, file: &File<'a>, hash: String) -> Self {
        let File { candidate, plan, limits, .. } = *file;
        let info = document.field("info").and_then(|i| document.follow(i));
        let text = |name: &str| info.and_then(|i| i.text(name)).unwrap_or_default().trim().to_owned();
        let server = server(document);
        let host = server.as_deref().and_then(host_of);
        let title = text("title");
        let declared = text("x-providerName");
        let declared = Some(declared.as_str()).filter(|d| !d.is_empty());
        let api = ApiName::new(candidate.naming(), &title, host.as_deref(), declared);
        let about = About {
            title: if title.is_empty() { api.slug() } else { title.clone() },
            description: text("description"),
            tags: document
                .root()
                .items("tags")
                .iter()
                .filter_map(|t| t.text("name").map(str::to_owned))
                .collect(),
            filed: filed(info),
        };
        let licence =
            info.and_then(|i| i.get("license")).and_then(|l| l.text("name")).unwrap_or("unknown").to_owned();
        let version = info.and_then(|i| i.get("version")).map(|v| match v.value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        let head = Head {
            spec: candidate.name.clone(),
            hash,
            title: if title.is_empty() { api.slug() } else { title },
            version: version.unwrap_or_default(),
            licence,
            about,
            server,
        };
        Self {
            document,
            plan,
            limits,
            shared: Shared::default(),
            secured: secured(document),
            api,
            head,
            items: items(document),
        }
    }

    /// Tells whether a collection's path has an item path below it.
    pub fn has_item(&self, path: &str) -> bool {
        self.items.contains_key(path.trim_end_matches('/'))
    }

    /// Returns the name of the parameter that picks one item of a collection: `petId` of `/pet`.
    pub fn item_key(&self, path: &str) -> Option<String> {
        self.items.get(path.trim_end_matches('/')).cloned()
    }

    /// Returns the media types that a 2.0 operation consumes.
    pub fn consumes(&self, operation: Node<'_>) -> Vec<String> {
        self.media(operation, "consumes")
    }

    /// Returns the media types that a 2.0 operation produces.
    pub fn produces(&self, operation: Node<'_>) -> Vec<String> {
        self.media(operation, "produces")
    }

    fn media(&self, operation: Node<'_>, key: &str) -> Vec<String> {
        let own = operation.items(key);
        let all = if own.is_empty() { self.document.root().items(key) } else { own };
        all.iter().filter_map(|m| m.value.as_str()).map(str::to_lowercase).collect()
    }

    /// Names the API otherwise than after its file.
    pub fn named(mut self, api: ApiName) -> Self {
        self.api = api;
        self
    }

    /// Returns the parameters of path and operation, resolved, as they stand.
    pub fn parameters(&self, item: Node<'a>, operation: Node<'a>) -> Vec<Node<'a>> {
        let all = item.items("parameters").into_iter().chain(operation.items("parameters"));
        all.filter_map(|p| self.document.follow(p)).collect()
    }
}

/// What directories file an API under.
fn filed(info: Option<Node<'_>>) -> Vec<String> {
    let Some(info) = info else { return Vec::new() };
    let listed = ["x-apisguru-categories", "x-categories"].iter().flat_map(|key| info.items(key));
    let mut all: Vec<String> = listed.filter_map(|c| c.value.as_str().map(str::to_owned)).collect();
    all.extend(info.text("x-category").filter(|c| !c.is_empty()).map(str::to_owned));
    all
}

/// Returns the parameter of each path's item path, of several the first by name.
fn items(document: &Document) -> BTreeMap<String, String> {
    let mut items: BTreeMap<String, String> = BTreeMap::new();
    for (path, _) in document.field("paths").into_iter().flat_map(Node::entries) {
        let Some((above, key)) = path.strip_suffix('}').and_then(|path| path.rsplit_once("/{")) else {
            continue;
        };
        if !key.contains('/') {
            let known = items.entry(above.to_owned()).or_insert_with(|| key.to_owned());
            if key < known.as_str() {
                key.clone_into(known);
            }
        }
    }
    items
}

/// Returns a server's URL with its variables' defaults, or their first choices where they have none.
pub fn server_url(server: Node<'_>) -> Option<String> {
    let mut url = server.text("url")?.to_owned();
    for (name, variable) in server.get("variables").into_iter().flat_map(Node::entries) {
        let value = variable.value.get("default").or_else(|| variable.value.get("enum")?.get(0));
        let value = match value {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => continue,
        };
        url = url.replace(&format!("{{{name}}}"), &value);
    }
    Some(url)
}

/// Reads the first server that is no template without defaults.
fn server(document: &Document) -> Option<String> {
    if let Some(first) = document.root().items("servers").first() {
        return server_url(*first);
    }
    let host = document.root().text("host")?;
    let scheme = document.root().items("schemes").iter().find_map(|s| s.value.as_str()).unwrap_or("https");
    Some(format!(
        "{scheme}://{host}{}",
        document.root().text("basePath").unwrap_or_default().trim_end_matches('/')
    ))
}

fn host_of(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    Some(rest.split(['/', '?', '#']).next()?.rsplit('@').next()?.to_owned())
}

/// Collects the parameters that the security schemes name.
fn secured(document: &Document) -> Vec<(String, Place)> {
    let schemes = document
        .field("components")
        .and_then(|c| c.get("securitySchemes"))
        .or_else(|| document.field("securityDefinitions"));
    schemes
        .into_iter()
        .flat_map(Node::entries)
        .filter_map(|(_, scheme)| {
            let scheme = document.follow(scheme)?;
            let place = match scheme.text("in")? {
                "query" => Place::Query,
                "header" => Place::Header,
                "cookie" => Place::Cookie,
                _ => return None,
            };
            Some((scheme.text("name")?.to_owned(), place))
        })
        .collect()
}

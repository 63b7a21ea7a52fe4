//! One spec → its tools and what was left out of it.

pub mod document;
pub mod names;
pub mod parts;

use crate::config::plan::{CrawlPlan, Dialect, Limits};
use crate::crawl::docs::{self, Facts, Said};
use crate::crawl::fetch::{PageFault, Pages};
use crate::crawl::find;
use crate::crawl::find::listing;
use crate::crawl::find::read;
use crate::crawl::kinds;
use crate::crawl::lower::category::{self, About};
use crate::crawl::lower::fit;
use crate::crawl::lower::infer;
use crate::crawl::lower::input::{self, Inputs, Route, placeholders};
use crate::crawl::lower::output::{self, Outputs};
use crate::crawl::lower::strict;
use crate::crawl::place::Place as Where;
use crate::crawl::rules::{self, Case};
use crate::crawl::schema::conditions;
use crate::crawl::settle::held::{Form, Lowered};
use crate::data::{
    ApiId, BodyEncoding, Call, Docs, Dropped, Effect, FunctionName, HttpCall, Method, Place, Source,
    SpecSource, Tool, ToolId,
};
use document::{Document, Node};
use names::ApiName;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A spec as its operations see it.
pub struct Spec<'a> {
    /// The document with the files it refers to.
    pub document: &'a Document,
    /// What the crawl is to do.
    pub plan: &'a CrawlPlan,
    /// The limits.
    pub limits: &'a Limits,
    /// Results and errors that were lowered before.
    pub shared: output::Shared,
    /// Parameters that carry credentials, by the security schemes.
    pub secured: Vec<(String, Place)>,
    api: ApiName,
    head: Head,
    /// The parameter of the item path below a path, by the path: `petId` of `/pet`.
    items: BTreeMap<String, String>,
}

/// What a spec says of itself.
#[derive(Clone, Default)]
struct Head {
    spec: String,
    hash: String,
    title: String,
    version: String,
    licence: String,
    about: About,
    server: Option<String>,
}

/// What came of one file.
#[derive(Default)]
pub struct Crawled {
    /// Tools, in the spec's order.
    pub tools: Vec<Tool>,
    /// What was left out.
    pub dropped: Vec<Dropped>,
    /// The spec itself, where it is one.
    pub source: Option<SpecSource>,
    /// The files and pages it refers to.
    pub parts: Vec<Where>,
    /// Whether the file is something else than a spec.
    pub foreign: bool,
}

/// What directories file an API under.
fn filed(info: Option<Node<'_>>) -> Vec<String> {
    let Some(info) = info else { return Vec::new() };
    let listed = ["x-apisguru-categories", "x-categories"].iter().flat_map(|key| info.items(key));
    let mut all: Vec<String> = listed.filter_map(|c| c.value.as_str().map(str::to_owned)).collect();
    all.extend(info.text("x-category").filter(|c| !c.is_empty()).map(str::to_owned));
    all
}

/// Where an operation stands in its file, in documents that were translated to OpenAPI from another kind.
pub const POINTER: &str = "x-toolloom-pointer";

const METHODS: [(&str, Method); 9] = [
    ("get", Method::Get),
    ("head", Method::Head),
    ("options", Method::Options),
    ("post", Method::Post),
    ("put", Method::Put),
    ("patch", Method::Patch),
    ("delete", Method::Delete),
    ("trace", Method::Trace),
    ("query", Method::Query),
];

/// Reads and lowers one file. Total: whatever is wrong with it becomes a dropped entry.
pub fn crawl(candidate: &find::Candidate, plan: &CrawlPlan, limits: &Limits, pages: &Pages) -> Crawled {
    if let Some(listing) = &candidate.listed {
        let file = kinds::File { candidate, plan, limits, pages, hash: listing.hash };
        return chosen(kinds::listing(listing, &file), plan, limits);
    }
    let read = match &candidate.page {
        None => read::file(&candidate.path, limits.spec_bytes),
        Some(page) => of_page(page, pages),
    };
    parsed(read, candidate, plan, limits, pages)
}

/// Lowers what was read of a file.
pub fn parsed(
    read: Result<(Value, blake3::Hash), read::Unreadable>,
    candidate: &find::Candidate,
    plan: &CrawlPlan,
    limits: &Limits,
    pages: &Pages,
) -> Crawled {
    match read {
        Ok((root, hash)) => {
            let file = kinds::File { candidate, plan, limits, pages, hash };
            chosen(kinds::lower(root, &file), plan, limits)
        }
        Err(unreadable) => Crawled::refused(&candidate.name, &unreadable),
    }
}

/// Leaves out what the plan does not want, and puts the rest into the dialect that it names.
fn chosen(mut crawled: Crawled, plan: &CrawlPlan, limits: &Limits) -> Crawled {
    rules::curate(&mut crawled, &plan.curation);
    for tool in &mut crawled.tools {
        docs::choose(tool, plan.documentation, limits.tool_bytes);
    }
    if plan.dialect == Dialect::OpenaiStrict {
        strict::speak(&mut crawled, limits);
    }
    crawled
}

/// Reads a page, and adds what the listing says of it that led here.
fn of_page(page: &find::Page, pages: &Pages) -> Result<(Value, blake3::Hash), read::Unreadable> {
    let unreadable = |fault: PageFault| read::Unreadable { rule: fault.rule.name(), reason: fault.reason };
    page.at.clone().map_err(unreadable)?;
    let bytes = pages.body(&page.url).map_err(unreadable)?;
    let mut root = read::parse(&bytes)?;
    listing::put(&page.about, &mut root);
    Ok((root, blake3::hash(&bytes)))
}

impl Crawled {
    /// Holds what came of the file.
    pub fn hold(self, form: Form) -> Lowered {
        let Self { tools, dropped, source, parts, foreign } = self;
        Lowered { parts, foreign, ..Lowered::new(tools, dropped, source, form) }
    }

    /// What comes of a file that is left out whole.
    pub fn refused(spec: &str, why: &read::Unreadable) -> Self {
        Self {
            foreign: why.rule == "not_a_spec",
            dropped: vec![Dropped {
                id: spec.to_owned(),
                rule: why.rule.to_owned(),
                reason: why.reason.clone(),
                spec: spec.to_owned(),
                operation: None,
                tool: None,
            }],
            ..Self::default()
        }
    }
}

impl<'a> Spec<'a> {
    /// Reads what a document says of itself.
    pub fn new(document: &'a Document, file: &kinds::File<'a>, hash: String) -> Self {
        let kinds::File { candidate, plan, limits, .. } = *file;
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
            shared: output::Shared::default(),
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

    /// Lowers all operations.
    pub fn lower(&self) -> Crawled {
        let operations = self.operations();
        let named: Vec<names::Operation<'_>> = operations
            .iter()
            .map(|o| names::Operation { id: o.node.text("operationId"), method: o.method, path: o.path })
            .collect();
        let slugs = names::operations(&self.api, &named);
        let mut out = Crawled::default();
        let mut shapes: BTreeSet<(String, Method)> = BTreeSet::new();
        for (operation, slug) in operations.iter().zip(&slugs) {
            let (tool, unfit) = self.operation(operation, slug);
            // one that is left out takes no other's place
            let first = unfit.is_some() || shapes.insert((shape(operation.path), operation.method));
            let unfit = unfit.or_else(|| {
                (!first).then(|| {
                    (
                        "duplicate",
                        "another operation has the same method and path but for a parameter's name"
                            .to_owned(),
                    )
                })
            });
            match unfit {
                Some((rule, reason)) => out.dropped.push(self.dropped(operation, tool, rule, reason)),
                None => out.tools.push(tool),
            }
        }
        infer::infer(&mut out.tools);
        let mut kept = Vec::with_capacity(out.tools.len());
        for mut tool in std::mem::take(&mut out.tools) {
            if fit::fit(&mut tool, self.limits.tool_bytes) {
                kept.push(tool);
            } else {
                let reason = format!("{} bytes even without anything optional", fit::size(&tool));
                out.dropped.push(Dropped {
                    id: tool.id.to_string(),
                    rule: "tool_too_large".to_owned(),
                    reason,
                    spec: self.head.spec.clone(),
                    operation: Some((tool.call.method(), tool.call.path().to_owned())),
                    tool: Some(Box::new(tool)),
                });
            }
        }
        out.tools = kept;
        let unusual = self.unusual();
        let all = operations.len() + unusual.len();
        out.dropped.extend(unusual);
        if all == 0 {
            out.dropped.push(self.no_operations());
        }
        category::assign(&self.head.about, &self.api.provider, &mut out);
        out.source = Some(SpecSource {
            spec: self.head.spec.clone(),
            hash: self.head.hash.clone(),
            title: self.head.title.clone(),
            version: self.head.version.clone(),
            licence: self.head.licence.clone(),
            operations: all,
            kept: out.tools.len(),
        });
        out
    }

    fn no_operations(&self) -> Dropped {
        let webhooks = self.document.field("webhooks").is_some();
        let reason = if webhooks {
            "it declares webhooks only, which are called by the server"
        } else {
            "it has no paths"
        };
        Dropped {
            id: self.head.spec.clone(),
            rule: "no_operations".to_owned(),
            reason: reason.to_owned(),
            spec: self.head.spec.clone(),
            operation: None,
            tool: None,
        }
    }

    fn dropped(&self, operation: &Operation<'_>, tool: Tool, rule: &str, reason: String) -> Dropped {
        Dropped {
            id: tool.id.to_string(),
            rule: rule.to_owned(),
            reason,
            spec: self.head.spec.clone(),
            operation: Some((Some(operation.method), operation.path.to_owned())),
            tool: Some(Box::new(tool)),
        }
    }

    /// Collects the operations, in the spec's order.
    fn operations(&self) -> Vec<Operation<'a>> {
        let mut out = Vec::new();
        for (path, item) in self.document.field("paths").into_iter().flat_map(Node::entries) {
            if path.starts_with("x-") {
                continue;
            }
            let Some(item) = self.document.follow(item) else { continue };
            let more = item.get("additionalOperations").into_iter().flat_map(Node::entries);
            for (additional, (key, node)) in item.entries().map(|e| (false, e)).chain(more.map(|e| (true, e)))
            {
                let Some(method) = method(key) else { continue };
                let Some(node) = self.document.follow(node).filter(|n| n.value.is_object()) else { continue };
                out.push(Operation { path, item, node, method, key, additional });
            }
        }
        out
    }

    /// Names the operations of 3.2 whose method is none that is called.
    fn unusual(&self) -> Vec<Dropped> {
        let mut out = Vec::new();
        for (path, item) in self.document.field("paths").into_iter().flat_map(Node::entries) {
            let Some(item) = self.document.follow(item) else { continue };
            for (key, _) in item.get("additionalOperations").into_iter().flat_map(Node::entries) {
                if method(key).is_none() {
                    out.push(Dropped {
                        id: format!("{}/{}{path}", self.api.provider, self.api.slug()),
                        rule: "unusual_method".to_owned(),
                        reason: format!("no client can be asked to send {key}"),
                        spec: self.head.spec.clone(),
                        operation: Some((None, format!("{key} {path}"))),
                        tool: None,
                    });
                }
            }
        }
        out
    }

    fn operation(&self, operation: &Operation<'a>, slug: &str) -> (Tool, Option<(&'static str, String)>) {
        let Operation { path, item, node, method, .. } = *operation;
        let text = format!(
            "{} {}",
            node.text("summary").unwrap_or_default(),
            node.text("description").unwrap_or_default()
        );
        let route = Route { method, path, text: &text };
        let mut inputs = input::lower(self, &route, item, node);
        let outputs = output::lower(self, node);
        let made = docs::from_path(method, path, self.has_item(path), &inputs.free());
        let summary = node.text("summary").unwrap_or_default();
        let said = node.text("description").unwrap_or_default();
        let description = docs::describe(summary, said).unwrap_or_else(|| made.clone());
        let facts = Facts {
            properties: &inputs.properties,
            required: &inputs.required,
            result: outputs.result.as_deref(),
        };
        let written = docs::write(&Said { summary, description: said, otherwise: &made }, &facts);
        conditions::mine(&text, &inputs.texts, &inputs.properties, &inputs.required, &mut inputs.mined);
        let case = Case {
            method,
            path,
            operation: node,
            text: &text,
            description: &description,
            inputs: &inputs,
            outputs: &outputs,
        };
        let unfit = rules::judge(&case, &self.plan.curation);
        for (name, unit) in &outputs.mined.units {
            inputs.mined.units.entry(name.clone()).or_insert_with(|| unit.clone());
        }
        let mut tool = self.tool(operation, slug, description, inputs, outputs);
        tool.docs = written;
        let is_written = text.chars().any(char::is_alphabetic);
        tool.docs.quality = rules::quality(&tool, is_written);
        (tool, unfit)
    }

    /// Makes the tool, without its documentation.
    fn tool(
        &self,
        operation: &Operation<'a>,
        slug: &str,
        description: String,
        inputs: Inputs,
        outputs: Outputs,
    ) -> Tool {
        let Operation { path, item, node, method, .. } = *operation;
        let server =
            node.items("servers").first().or(item.items("servers").first()).and_then(|s| server_url(*s));
        let api = ApiId::new(format!("{}/{}", self.api.provider, self.api.slug()));
        let call = HttpCall {
            method,
            path: path.to_owned(),
            server: server.or_else(|| self.head.server.clone()),
            places: inputs.places,
            body: inputs.encoding.unwrap_or(BodyEncoding::None),
            body_media: inputs.media,
            body_schema: inputs.body_schema,
            supplied: inputs.supplied,
            success: outputs.success,
            result_media: outputs.media,
        };
        Tool {
            docs: Docs::default(),
            labels: Vec::new(),
            id: ToolId::new(format!("{api}/{slug}")),
            name: FunctionName::new(format!("{}_{slug}", self.api.short())),
            api,
            api_title: self.head.title.clone(),
            parameters: parameters(inputs.properties, inputs.required),
            result: outputs.result,
            result_inferred: false,
            effect: effect(method, path, &description),
            mined: inputs.mined,
            errors: outputs.errors,
            category: node
                .items("tags")
                .first()
                .and_then(|t| t.value.as_str())
                .unwrap_or(&self.head.title)
                .to_owned(),
            collection: String::new(),
            source: Source {
                spec: self.head.spec.clone(),
                hash: self.head.hash.clone(),
                pointer: operation.pointer(),
            },
            licence: self.head.licence.clone(),
            pruned: inputs.pruned,
            description,
            call: Call::Http(call),
        }
    }
}

impl Operation<'_> {
    /// Returns its JSON pointer in its file.
    fn pointer(&self) -> String {
        let above = if self.additional { "additionalOperations/" } else { "" };
        let path = self.path.replace('~', "~0").replace('/', "~1");
        self.node.text(POINTER).map_or_else(|| format!("/paths/{path}/{above}{}", self.key), str::to_owned)
    }
}

/// One operation of a spec.
struct Operation<'a> {
    path: &'a str,
    item: Node<'a>,
    node: Node<'a>,
    method: Method,
    key: &'a str,
    /// Whether it stands under 3.2's `additionalOperations`.
    additional: bool,
}

/// Reads a method's name.
fn method(name: &str) -> Option<Method> {
    METHODS.iter().find(|(known, _)| name.eq_ignore_ascii_case(known)).map(|(_, method)| *method)
}

/// Closes the object schema of the arguments.
pub fn parameters(properties: Map<String, Value>, required: Vec<String>) -> Value {
    let mut out = Map::new();
    out.insert("type".into(), json!("object"));
    out.insert("properties".into(), properties.into());
    if !required.is_empty() {
        out.insert("required".into(), json!(required));
    }
    out.insert("additionalProperties".into(), json!(false));
    out.into()
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

/// A path without its parameters' names.
fn shape(path: &str) -> String {
    placeholders(path).iter().fold(path.to_owned(), |shape, name| shape.replace(&format!("{{{name}}}"), "{}"))
}

/// Tells what an operation does to the state.
fn effect(method: Method, path: &str, description: &str) -> Effect {
    match method {
        Method::Get | Method::Head | Method::Options | Method::Trace | Method::Query => Effect::Reads,
        Method::Delete => Effect::Destroys,
        Method::Put | Method::Patch => Effect::Writes,
        Method::Post => {
            const READS: [&str; 18] = [
                "search",
                "query",
                "lookup",
                "find",
                "freebusy",
                "validate",
                "calculate",
                "estimate",
                "preview",
                "check",
                "verify",
                "translate",
                "convert",
                "analyze",
                "count",
                "filter",
                "list",
                "quote",
            ];
            let segments: Vec<Vec<String>> = path
                .split(['/', '.'])
                .filter(|s| !s.is_empty() && !s.contains('{'))
                .map(crate::crawl::prose::words)
                .collect();
            let named = segments
                .iter()
                .any(|s| s.first().is_some_and(|w| matches!(w.as_str(), "lookup" | "search" | "query")))
                || segments.last().is_some_and(|s| {
                    s.first().is_some_and(|w| READS.contains(&w.as_str()))
                        || READS.contains(&s.concat().as_str())
                });
            let first = crate::crawl::prose::words(description).into_iter().next().unwrap_or_default();
            if matches!(
                first.as_str(),
                "delete" | "deletes" | "clear" | "clears" | "remove" | "removes" | "purge" | "destroys"
            ) {
                return Effect::Destroys;
            }
            let said = matches!(
                first.as_str(),
                "returns"
                    | "return"
                    | "search"
                    | "searches"
                    | "find"
                    | "finds"
                    | "retrieves"
                    | "retrieve"
                    | "lists"
                    | "calculates"
                    | "validates"
            );
            let follows = description.to_lowercase().starts_with("follow");
            if (named || said) && !follows { Effect::Reads } else { Effect::Writes }
        }
    }
}

/// Returns a server's URL with its variables' defaults, or their first choices where they have none.
fn server_url(server: Node<'_>) -> Option<String> {
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

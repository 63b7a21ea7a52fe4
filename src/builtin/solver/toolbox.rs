//! The offered tools, as the solver understands them: what each does to what, and what each parameter takes.

use super::verbs::{self, Class};
use crate::data::required_of;
use crate::prompt::ToolSpec;
use crate::words;
use serde_json::Value;

/// What a parameter takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Role {
    /// The id of a record: the stems of what it is called, empty for the tool's own.
    Id(Vec<String>),
    /// Words to look for.
    Search,
    /// One of a few values.
    Enum,
    /// Yes or no.
    Bool,
    /// A number.
    Number,
    /// A day.
    Day,
    /// An instant.
    Moment,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A URL.
    Url,
    /// Free text.
    Text,
    /// Which page.
    Page,
    /// How many a page.
    Limit,
    /// In which order.
    Sort,
    /// Several values; what each is.
    List(Box<Role>),
    /// An object that is no further understood.
    Other,
}

/// One parameter, or one field of an object that is one.
#[derive(Clone, Debug)]
pub struct Param<'a> {
    /// From the arguments' root.
    pub path: Vec<String>,
    /// Stems of its name's words.
    pub stems: Vec<String>,
    /// Stems of its description's first words.
    pub about: Vec<String>,
    /// Whether the schema demands it, with all that holds it.
    pub required: bool,
    /// What it takes.
    pub role: Role,
    /// Its schema.
    pub schema: &'a Value,
}

/// One tool.
#[derive(Debug)]
pub struct Tool<'a> {
    /// As it is shown.
    pub spec: &'a ToolSpec,
    /// What it does.
    pub class: Class,
    /// Whether it reads several records.
    pub lists: bool,
    /// Stems of what it is about; the last is the head.
    pub noun: Vec<String>,
    /// What it is about, as a person says it.
    pub noun_text: String,
    /// Stems of its name, without the API's.
    pub name: Vec<String>,
    /// Stems of its description's first words that carry meaning.
    pub about: Vec<String>,
    /// Its parameters, fields of objects included.
    pub params: Vec<Param<'a>>,
}

/// All offered tools.
#[derive(Debug)]
pub struct Toolbox<'a> {
    /// In the order offered.
    pub tools: Vec<Tool<'a>>,
}

impl<'a> Toolbox<'a> {
    /// Reads the offered tools.
    pub fn read(specs: &'a [ToolSpec]) -> Self {
        let names: Vec<Vec<String>> = specs.iter().map(|s| words::split_as_written(&s.name)).collect();
        let phrases: Vec<Vec<String>> =
            specs.iter().zip(&names).map(|(s, n)| noun(s, &own_words(n, &names))).collect();
        let nouns: Vec<Vec<String>> =
            phrases.iter().map(|p| p.iter().map(|w| words::stem(w)).collect()).collect();
        let tools = specs
            .iter()
            .enumerate()
            .map(|(i, spec)| {
                let own = own_words(&names[i], &names);
                let class = class(spec, &own);
                let mut params: Vec<Param<'_>> = Vec::new();
                collect(&spec.parameters, &mut Vec::new(), true, &mut params, (&nouns, &nouns[i], class));
                // What nothing here is called by is no reference to a record: an identifier that people give.
                for param in params.iter_mut().filter(|p| !p.required) {
                    let stray = matches!(&param.role, Role::Id(n) if !n.is_empty() && !nouns.iter().any(|o| super::names::alike(o, n) >= 0.6));
                    if stray && class != Class::Read {
                        param.role = Role::Text;
                    }
                }
                let lists = class == Class::Read && lists(spec, &own, &params, &nouns[i]);
                Tool {
                    spec,
                    class,
                    lists,
                    noun: nouns[i].clone(),
                    noun_text: phrases[i].join(" "),
                    name: own.iter().map(|w| words::stem(w)).collect(),
                    about: words::content_stems(clip(&spec.description, 400)),
                    params,
                }
            })
            .collect();
        Self { tools }
    }

    /// Returns a tool by its name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.tools.iter().position(|t| t.spec.name == name)
    }

    /// How much a word tells among these tools: 1 for one that a single tool has, near 0 for one that all have.
    pub fn weight(&self, stem: &str) -> f64 {
        let n = self.tools.len() as f64;
        let having =
            self.tools.iter().filter(|t| t.name.iter().chain(&t.about).any(|s| s == stem)).count() as f64;
        if having == 0.0 { 0.5 } else { ((1.0 + n / having).ln() / (1.0 + n).ln()).clamp(0.15, 1.0) }
    }
}

fn clip(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A name's words without those that name the API: the first, and what all its neighbours share after it.
fn own_words(name: &[String], all: &[Vec<String>]) -> Vec<String> {
    let mut shared = 1.min(name.len());
    while shared < name.len().saturating_sub(1) {
        let prefix = &name[..=shared];
        let kin: Vec<_> = all.iter().filter(|n| n.first() == name.first()).collect();
        if kin.len() < 2 || kin.iter().any(|n| !n.starts_with(prefix)) {
            break;
        }
        shared += 1;
    }
    name[shared..].to_vec()
}

fn class(spec: &ToolSpec, own: &[String]) -> Class {
    let words = first_words(&spec.description);
    let described = words.iter().take(2).find_map(|w| verbs::of_tool(w));
    if own
        .first()
        .is_some_and(|w| matches!(w.as_str(), "get" | "list" | "find" | "search" | "retrieve" | "fetch"))
    {
        return Class::Read;
    }
    // A name that is led or closed by a verb says it more plainly than prose does.
    let named =
        own.first().and_then(|w| verbs::of_tool(w)).or_else(|| own.last().and_then(|w| verbs::of_tool(w)));
    match (described, named) {
        (Some(Class::Read), Some(named)) if named != Class::Read && named != Class::Act => named,
        (Some(described), _) => described,
        (None, Some(named)) => named,
        (None, None) => own.iter().find_map(|w| verbs::of_tool(w)).unwrap_or(Class::Read),
    }
}

fn first_words(description: &str) -> Vec<String> {
    let first = description.split(['.', '\n', ';', '(']).next().unwrap_or("");
    let tokens = words::tokens(first).into_iter().take(24);
    tokens
        .flat_map(|t| {
            if first[t.start..t.end].chars().skip(1).any(char::is_uppercase) {
                super::names::split(&first[t.start..t.end])
            } else {
                vec![t.text]
            }
        })
        .collect()
}

const STOPS: &[&str] = &[
    "in",
    "on",
    "of",
    "by",
    "for",
    "to",
    "with",
    "from",
    "at",
    "that",
    "which",
    "within",
    "under",
    "using",
    "and",
    "based",
    "given",
    "as",
    "you",
    "into",
    "supported",
    "via",
    "whether",
    "if",
    "or",
    "between",
    "over",
    "when",
    "per",
    "has",
    "have",
    "matching",
    "used",
    "is",
    "near",
];
const SKIPS: &[&str] = &[
    "a",
    "an",
    "the",
    "all",
    "list",
    "lists",
    "single",
    "new",
    "existing",
    "specified",
    "available",
    "details",
    "detail",
    "metadata",
    "information",
    "info",
    "one",
    "saved",
    "current",
    "your",
    "user's",
    "authenticated",
    "this",
    "given",
    "set",
    "currently",
    "specific",
    "logged",
    "up",
    "what",
];

/// What a tool is about: the noun phrase after its description's verb, else what its name says beside verbs.
fn noun(spec: &ToolSpec, own: &[String]) -> Vec<String> {
    let words = first_words(&spec.description);
    let verb = words.iter().take(2).position(|w| verbs::of_tool(w).is_some());
    let mut phrase: Vec<String> = Vec::new();
    if let Some(verb) = verb {
        let mut i = verb + 1;
        while i < words.len() {
            let word = words[i].as_str();
            let joins = phrase.is_empty()
                && (matches!(word, "of" | "for" | "about" | "from" | "in")
                    || word.ends_with("ly")
                    || word.ends_with("'s"));
            if phrase.is_empty() && (SKIPS.contains(&word) || joins) {
                i += 1;
                continue;
            }
            let participle =
                !phrase.is_empty() && (word.ends_with("ed") || word.ends_with("ing")) && word.len() > 4;
            if participle
                || STOPS.contains(&word)
                || !word.chars().all(|c| c.is_alphanumeric() || c == '\'' || c == '-')
            {
                break;
            }
            if phrase.len() >= 3 {
                break;
            }
            phrase.push(words[i].trim_end_matches("'s").to_owned());
            i += 1;
        }
    }
    if phrase.is_empty() {
        phrase = own
            .iter()
            .take_while(|w| !matches!(w.as_str(), "by" | "using" | "id"))
            .filter(|w| verbs::of_tool(w).is_none() && w.len() > 1)
            .cloned()
            .collect();
    }
    let mut words: Vec<String> = phrase.iter().flat_map(|w| unglue(w)).collect();
    if let Some(last) = words.last_mut() {
        *last = super::names::one_of(last);
    }
    words
}

fn unglue(word: &str) -> Vec<String> {
    super::names::split(word)
}

fn lists(spec: &ToolSpec, own: &[String], params: &[Param<'_>], noun: &[String]) -> bool {
    let words = first_words(&spec.description);
    let wants_own = params
        .iter()
        .any(|p| p.required && matches!(&p.role, Role::Id(of) if of.is_empty() || of.last() == noun.last()));
    let many = |w: &String| words::is_several(w);
    let listed = words
        .first()
        .is_some_and(|w| matches!(w.as_str(), "find" | "finds" | "list" | "lists" | "search" | "get"))
        && words.get(1).is_some_and(many);
    if wants_own {
        return listed;
    }
    words.iter().take(4).any(|w| {
        matches!(
            w.as_str(),
            "list" | "lists" | "search" | "searches" | "finds" | "find" | "all" | "several" | "browse"
        )
    }) || own.iter().any(|w| matches!(w.as_str(), "list" | "search" | "all"))
        || words.iter().skip(1).take(6).take_while(|w| !STOPS.contains(&w.as_str())).any(many)
        || words.is_empty() && own.iter().any(many)
}

type Known<'n> = (&'n [Vec<String>], &'n [String], Class);

/// Most fields of a tool's arguments that are looked at.
const FIELDS_MAX: usize = 80;

fn collect<'a>(
    schema: &'a Value,
    path: &mut Vec<String>,
    required: bool,
    out: &mut Vec<Param<'a>>,
    known: Known<'_>,
) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    let demanded: Vec<&str> = required_of(schema).collect();
    for (name, field) in properties {
        if out.len() >= FIELDS_MAX {
            return;
        }
        let needed = required && demanded.contains(&name.as_str()) && !crate::data::is_nullable(field);
        path.push(name.clone());
        if field.get("properties").is_some() && path.len() < 4 {
            collect(field, path, needed, out, known);
        } else {
            let description = field.get("description").and_then(Value::as_str).unwrap_or("");
            let words: Vec<String> = super::names::split(name)
                .into_iter()
                .filter(|w| !matches!(w.as_str(), "path" | "query") || name.len() < 6)
                .collect();
            out.push(Param {
                path: path.clone(),
                stems: label_stems(path, &words),
                about: words::content_stems(clip(description, 120)),
                required: needed,
                role: role(&words, field, description, needed && path.len() == 1, known),
                schema: field,
            });
        }
        path.pop();
    }
}

/// Stems of what a field is called: of an object's field its object's too, and of one that is but its name, only that.
fn label_stems(path: &[String], own: &[String]) -> Vec<String> {
    let above = path[..path.len() - 1].iter().flat_map(|p| super::names::split(p));
    let bare = path.len() > 1 && matches!(own, [w] if matches!(w.as_str(), "name" | "value" | "title"));
    let words: Vec<String> = if bare { above.collect() } else { above.chain(own.iter().cloned()).collect() };
    words.iter().map(|w| words::stem(w)).collect()
}

fn role(words: &[String], schema: &Value, description: &str, needed: bool, known: Known<'_>) -> Role {
    let joined = words.join(" ");
    let text = |key: &str| schema.get(key).and_then(Value::as_str).unwrap_or("");
    let (kind, format) = (type_of(schema), text("format"));
    let last = words.last().map_or("", String::as_str);
    if kind == "array" {
        let item = schema.get("items").unwrap_or(&Value::Null);
        let one: Vec<String> = words
            .split_last()
            .map(|(l, rest)| rest.iter().cloned().chain([words::singular(l)]).collect())
            .unwrap_or_default();
        let inner = role(&one, item, description, false, known);
        return Role::List(Box::new(inner));
    }
    if kind == "object" {
        return Role::Other;
    }
    if is_paging(&joined) {
        return if matches!(
            joined.as_str(),
            "limit" | "max results" | "page size" | "per page" | "count" | "size"
        ) {
            Role::Limit
        } else {
            Role::Page
        };
    }
    if schema.get("enum").is_some() {
        let sorts = matches!(
            joined.as_str(),
            "sort" | "order" | "order by" | "sort by" | "sort direction" | "sort order" | "direction"
        );
        return if sorts { Role::Sort } else { Role::Enum };
    }
    if kind == "boolean" {
        return Role::Bool;
    }
    if matches!(last, "id" | "ids" | "uuid" | "guid" | "uid") || joined == "identifier" {
        let noun: Vec<&String> = words[..words.len() - 1].iter().filter(|w| w.len() > 1).collect();
        return Role::Id(noun.into_iter().map(|w| words::stem(w)).collect());
    }
    if matches!(joined.as_str(), "sort" | "order" | "order by" | "sort by" | "sort direction") {
        return Role::Sort;
    }
    let about = description.to_lowercase();
    if needed && let Some(role) = demanded_role(words, kind, &about, known) {
        return role;
    }
    if kind == "number" || kind == "integer" {
        return Role::Number;
    }
    shaped(&joined, last, format, &about, known.2)
}

/// What a demanded parameter takes, where its name or description says that it is an id.
fn demanded_role(words: &[String], kind: &str, about: &str, known: Known<'_>) -> Option<Role> {
    let last = words.last().map_or("", String::as_str);
    if matches!(last, "slug" | "handle" | "key") && known.2 != Class::Create {
        return Some(Role::Id(words[..words.len() - 1].iter().map(|w| words::stem(w)).collect()));
    }
    if matches!(kind, "string" | "integer") {
        let stems: Vec<String> = words.iter().map(|w| words::stem(&words::singular(w))).collect();
        let is_noun = known
            .0
            .iter()
            .any(|n| *n == stems || n.last() == stems.last() && stems.len() == 1 && n.len() == 1);
        let says_id =
            words::tokens(about).iter().any(|t| matches!(t.text.as_str(), "id" | "identifier" | "uuid"));
        let own = stems.iter().all(|s| known.1.contains(s)) || known.1.iter().all(|s| stems.contains(s));
        let plain = match known.2 {
            Class::Create | Class::Act => false,
            Class::Update => own,
            Class::Read | Class::Delete => true,
        };
        if is_noun && (says_id || plain) || own && says_id && !matches!(known.2, Class::Create | Class::Act) {
            return Some(Role::Id(stems));
        }
        if last == "code" && words.len() > 1 && known.2 == Class::Read {
            return Some(Role::Id(stems[..stems.len() - 1].to_vec()));
        }
        if let Some(noun) = identified(about, known.0) {
            return Some(Role::Id(noun));
        }
    }
    None
}

/// Returns the noun that a description says an identifier is of: "Calendar identifier of the target", "ID of the ticket".
fn identified(about: &str, nouns: &[Vec<String>]) -> Option<Vec<String>> {
    let words: Vec<String> = words::tokens(about).into_iter().map(|t| t.text).take(14).collect();
    let at = words.iter().position(|w| matches!(w.as_str(), "id" | "identifier"))?;
    let after = words[at + 1..].iter().find(|w| !matches!(w.as_str(), "of" | "the" | "a" | "an"));
    let before = at.checked_sub(1).map(|b| &words[b]);
    [before, after]
        .into_iter()
        .flatten()
        .map(|w| vec![words::stem(&words::singular(w))])
        .find(|n| nouns.iter().any(|o| o == n))
}

fn is_paging(name: &str) -> bool {
    matches!(
        name,
        "page"
            | "page token"
            | "cursor"
            | "offset"
            | "limit"
            | "max results"
            | "page size"
            | "per page"
            | "page index"
            | "next page token"
            | "sync token"
            | "start index"
            | "page number"
    )
}

fn shaped(joined: &str, last: &str, format: &str, about: &str, class: Class) -> Role {
    if class == Class::Read && joined.split(' ').any(|w| w == "has" || w == "is") {
        return Role::Bool;
    }
    match format {
        "date" => return Role::Day,
        "date-time" => return Role::Moment,
        "email" => return Role::Email,
        "uri" | "url" => return Role::Url,
        _ => {}
    }
    if about.contains("rfc3339")
        || about.contains("rfc 3339")
        || about.contains("iso 8601")
        || about.contains("iso8601")
    {
        return if about.contains("date-time") || about.contains("time") { Role::Moment } else { Role::Day };
    }
    match last {
        "email" | "mail" => Role::Email,
        "phone" | "mobile" | "msisdn" => Role::Phone,
        "url" | "uri" | "website" | "link" => Role::Url,
        "date" => Role::Day,
        "q" | "query" | "search" | "keyword" | "keywords" | "term" | "prefix" if class == Class::Read => {
            Role::Search
        }
        "name" | "title" | "text" | "track" | "artist" | "lyrics" if class == Class::Read => Role::Search,
        "number" if about.contains("phone") || about.contains("number") && class != Class::Create => {
            Role::Phone
        }
        "to" if about.contains("recipient") || about.contains("number") => Role::Phone,
        _ if joined.starts_with("q ") && class == Class::Read => Role::Search,
        _ => Role::Text,
    }
}

/// Returns a schema's type, the first that is not null.
pub fn type_of(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).find(|k| *k != "null").unwrap_or("")
        }
        _ if schema.get("properties").is_some() => "object",
        _ if schema.get("items").is_some() => "array",
        _ => "string",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Prints how the starter specs' tools are understood.
    #[test]
    #[ignore = "prints for a person"]
    fn show_how_tools_are_understood() {
        let plan = crate::config::load(None, &[], &|_| true).expect("the defaults are a plan");
        let catalog = crate::crawl::crawl(&plan.crawl, &plan.limits).expect("the starter specs");
        let mut apis: Vec<_> = catalog.tools.iter().map(|t| t.api.clone()).collect();
        apis.dedup();
        for api in apis {
            let specs: Vec<ToolSpec> = catalog
                .tools
                .iter()
                .filter(|t| t.api == api)
                .map(|t| ToolSpec {
                    name: t.name.to_string(),
                    description: t.description.clone(),
                    parameters: t.parameters.clone().into(),
                })
                .collect();
            println!("== {api}");
            for tool in Toolbox::read(&specs).tools {
                let many = if tool.lists { "*" } else { "" };
                let params: Vec<String> = tool
                    .params
                    .iter()
                    .filter(|p| p.required || matches!(p.role, Role::Id(_) | Role::Search))
                    .map(|p| {
                        format!("{}{}:{:?}", if p.required { "!" } else { "" }, p.path.join("."), p.role)
                    })
                    .collect();
                println!(
                    "  {} {:?}{many} '{}' {}",
                    tool.spec.name,
                    tool.class,
                    tool.noun_text,
                    params.join(" ")
                );
            }
        }
    }
}

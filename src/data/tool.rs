//! A callable operation, and how to call it.

use super::{ApiId, FunctionName, SharedSchema, ToolId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// One callable operation of an API.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// `provider/api/operation`.
    pub id: ToolId,
    /// The name a model calls it by; unique in the catalog and stable when other specs are added.
    pub name: FunctionName,
    /// The API it belongs to.
    pub api: ApiId,
    /// The API's title, as its spec gives it.
    pub api_title: String,
    /// What it does, in plain text.
    pub description: String,
    /// What its documentation comes to: three lengths, its language, how good it is.
    #[serde(default, skip_serializing_if = "Docs::is_default")]
    pub docs: Docs,
    /// What a careful caller should know before it is called, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Label>,
    /// JSON Schema (2020-12) of the arguments: an object, closed, without `$ref`.
    pub parameters: Value,
    /// JSON Schema of a successful result, without `$ref`, where the spec gives one or one could be inferred.
    /// Object schemas that came from a named component carry its name in `x-schema`.
    pub result: Option<SharedSchema>,
    /// Whether `result` was borrowed from the same resource's bodies.
    pub result_inferred: bool,
    /// How to call it.
    pub call: Call,
    /// Whether it reads, writes or destroys.
    pub effect: Effect,
    /// What stands only in the spec's prose.
    pub mined: Mined,
    /// The shapes of the errors that the spec declares, by status.
    pub errors: Vec<ErrorShape>,
    /// The API's category, of `data::CATEGORIES`.
    pub category: String,
    /// A group of related APIs: a provider's suite, a directory's shelf, or what shares a tag within a big API.
    pub collection: String,
    /// Where it was read.
    pub source: Source,
    /// The licence of the spec.
    pub licence: String,
    /// What was pruned to keep it within the size limit, one line each.
    pub pruned: Vec<String>,
}

/// What a tool's documentation comes to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Docs {
    /// In 10 to 20 tokens, or all there is where there is less.
    pub short: String,
    /// In 20 to 70 tokens, or all there is where there is less.
    pub medium: String,
    /// In 70 to 150 tokens, or all there is where there is less.
    pub long: String,
    /// The language it is written in (ISO 639-1), where there is enough of it to tell.
    pub lang: Option<String>,
    /// How well the operation is documented, 0 to 1.
    pub quality: f64,
}

impl Docs {
    /// Tells whether nothing was written yet.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What a careful caller should know of a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// It removes something, or cannot be taken back.
    Destructive,
    /// It moves money, or commits to paying.
    Payment,
    /// It shows, makes or changes secrets: keys, passwords, tokens.
    Credential,
}

impl Label {
    /// All labels.
    pub const ALL: [Self; 3] = [Self::Destructive, Self::Payment, Self::Credential];

    /// Returns the word that `catalog.parquet` holds.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Destructive => "destructive",
            Self::Payment => "payment",
            Self::Credential => "credential",
        }
    }
}

/// How a tool is called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// Over HTTP.
    Http(HttpCall),
    /// By an MCP server.
    Mcp {
        /// The server's name, as its dump or the plan gives it.
        server: String,
        /// The tool's name on the server.
        name: String,
        /// The arguments that the server calls otherwise than `Tool::parameters` does: its name by ours.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        wire: BTreeMap<String, String>,
    },
    /// By whoever holds the function: a list says only that it exists.
    Function {
        /// The function's name in its list.
        name: String,
        /// The arguments that it calls otherwise than `Tool::parameters` does: its name by ours.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        wire: BTreeMap<String, String>,
    },
}

impl Call {
    /// Returns the HTTP call, where it is one.
    pub fn http(&self) -> Option<&HttpCall> {
        match self {
            Self::Http(call) => Some(call),
            Self::Mcp { .. } | Self::Function { .. } => None,
        }
    }

    /// Returns the HTTP method, where it has one.
    pub fn method(&self) -> Option<Method> {
        self.http().map(|call| call.method)
    }

    /// Returns the path template; empty where there is none.
    pub fn path(&self) -> &str {
        self.http().map_or("", |call| &call.path)
    }

    /// Returns where each argument goes; nothing where all go by name.
    pub fn places(&self) -> &[ParamPlace] {
        self.http().map_or(&[], |call| &call.places)
    }

    /// Returns the status of success.
    pub fn success(&self) -> u16 {
        self.http().map_or(200, |call| call.success)
    }
}

/// An operation over HTTP.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HttpCall {
    /// The method.
    pub method: Method,
    /// The path template as the spec writes it: `/pet/{petId}`.
    pub path: String,
    /// The server's URL, where the spec names one.
    pub server: Option<String>,
    /// Where each property of `Tool::parameters` goes.
    pub places: Vec<ParamPlace>,
    /// How the body is encoded.
    pub body: BodyEncoding,
    /// The body's media type, where it is not its encoding's usual one (`application/vnd.api+json`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_media: Option<String>,
    /// The name of the component that is the body's schema (`Pet`), where it has one.
    pub body_schema: Option<String>,
    /// Credentials and transport parameters, which the environment supplies.
    pub supplied: Vec<Supplied>,
    /// The status of success that the spec declares first.
    pub success: u16,
    /// The media type of the successful result (`application/json`), where declared.
    pub result_media: Option<String>,
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the names say it all")]
pub enum Method {
    Get,
    Head,
    Options,
    Post,
    Put,
    Patch,
    Delete,
    Trace,
    Query,
}

impl Method {
    /// Returns the method as it goes over the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Trace => "TRACE",
            Self::Query => "QUERY",
        }
    }
}

/// Where one argument goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParamPlace {
    /// The property in `Tool::parameters`.
    pub name: String,
    /// The name on the wire: a parameter's name, or a body's field. Empty when the argument is the whole body.
    pub wire: String,
    /// The place.
    pub place: Place,
    /// How it is written there.
    #[serde(default, skip_serializing_if = "Written::is_default")]
    pub written: Written,
}

/// How an argument is written into its place, as far as that is not the usual way: `simple` in paths and headers,
/// exploded `form` in queries and cookies; a field of a form or of parts is written once for each item of a list, and as
/// JSON where it is an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// The style, where it is not the place's usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub style: Option<Style>,
    /// Whether the items of a list and the fields of an object are written apart, where that is not usual for the style.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explode: Option<bool>,
    /// Whether reserved characters stand as they are, where they cannot be misread.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reserved: bool,
    /// The media type of the value, where it has its own: with JSON the value is written as JSON text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<String>,
}

impl Written {
    /// Tells whether it is written the usual way.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// How lists and objects are written where there is only text. The names are OpenAPI 3's; 2.0's `csv` is `form` or
/// `simple`, its `multi` is exploded `form`, and its `tsv` has no other name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names say it all")]
pub enum Style {
    Simple,
    Label,
    Matrix,
    Form,
    SpaceDelimited,
    TabDelimited,
    PipeDelimited,
    DeepObject,
}

/// A place in an HTTP request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it all")]
pub enum Place {
    Path,
    Query,
    Header,
    Cookie,
    Body,
}

/// How a request's body is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it all")]
pub enum BodyEncoding {
    None,
    Json,
    Form,
    Multipart,
    Text,
    Binary,
}

/// A parameter that the environment supplies and no model sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supplied {
    /// The name on the wire.
    pub wire: String,
    /// The place.
    pub place: Place,
    /// Why it is the environment's.
    pub kind: SuppliedKind,
    /// The constant it is set to, where one is known (`format=json`).
    pub value: Option<Value>,
}

/// Why a parameter is the environment's to supply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuppliedKind {
    /// An API key, a token, an application's id.
    Credential,
    /// Formats, callbacks, field masks, cursors' plumbing.
    Transport,
}

/// Whether an operation reads, writes or destroys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it all")]
pub enum Effect {
    Reads,
    Writes,
    Destroys,
}

impl Effect {
    /// Returns the word that `catalog.parquet` holds.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Writes => "writes",
            Self::Destroys => "destroys",
        }
    }
}

/// What stands only in a spec's prose, mined from it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mined {
    /// Units by field name, of parameters and results: `speed` → `knots`.
    pub units: BTreeMap<String, String>,
    /// Parameters that need others, by name: `deviceId` → `["from", "to"]`; by name and value where it hangs on the
    /// value: `type=voice` → `["event_url"]`.
    pub requires: BTreeMap<String, Vec<String>>,
    /// Groups of parameters of which at least one must be given: `["deviceId", "groupId"]`.
    #[serde(default)]
    pub one_of: Vec<Vec<String>>,
    /// Allowed values found in prose, by parameter; they stand as `enum` in `parameters` too.
    pub allowed: BTreeMap<String, Vec<String>>,
    /// Conditions that could not be read, which keep the operation out of chains.
    pub unclear: Vec<String>,
}

/// The shape of an error that a spec declares.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ErrorShape {
    /// The HTTP status; 0 for `default`.
    pub status: u16,
    /// What the spec says of it.
    pub description: String,
    /// JSON Schema of the body, without `$ref`.
    pub schema: Option<SharedSchema>,
}

/// Where a tool was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The spec's file name or URL, relative to the source it was found under.
    pub spec: String,
    /// blake3 of the spec's bytes, in hexadecimal.
    pub hash: String,
    /// JSON pointer of the operation in its spec.
    pub pointer: String,
}

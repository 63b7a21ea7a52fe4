//! What an API is about: its resources, and what each operation does to them.

use super::shape::ResultShape;
use crate::data::{ApiId, ToolId};
use serde_json::Value;
use std::collections::BTreeMap;

/// The resources and operations of one API, inferred from its tools.
#[derive(Clone, Debug)]
pub struct ApiModel {
    /// The API.
    pub api: ApiId,
    /// Its title.
    pub title: String,
    /// Its resources; parents stand anywhere.
    pub resources: Vec<Resource>,
    /// Its operations, sorted by tool id.
    pub operations: Vec<Operation>,
}

/// A resource's position in its model.
pub type ResourceIndex = usize;

/// A kind of record that an API keeps.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its key in snake case (`task_list`).
    pub key: String,
    /// Its plain words, singular (`task list`).
    pub words: String,
    /// The merged schema of its records: an object schema.
    pub schema: Value,
    /// The field that identifies a record, where there is one.
    pub id_field: Option<String>,
    /// Whether people hold its ids (user names, country codes, e-mail addresses).
    pub human_id: bool,
    /// The resource that its records belong to, and the field of the record that says so.
    pub parent: Option<(ResourceIndex, Option<String>)>,
    /// Fields that name records of other resources.
    pub links: Vec<Link>,
    /// Whether there is exactly one record (`/account`).
    pub singleton: bool,
    /// Whether an operation lists it.
    pub listed: bool,
}

/// A field that names another record.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// The top-level field.
    pub field: String,
    /// How the field holds the id.
    pub form: LinkForm,
    /// The resource it names.
    pub target: ResourceIndex,
}

/// How a field holds another record's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkForm {
    /// The id itself.
    Id,
    /// A list of ids.
    Ids,
    /// An object with the id and some of the record's fields.
    Object,
    /// A list of such objects.
    Objects,
}

/// An operation's meaning.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The tool.
    pub tool: ToolId,
    /// What it does.
    pub kind: OpKind,
    /// The resource it does it to.
    pub resource: Option<ResourceIndex>,
    /// What each parameter means, by its name in the tool's schema.
    pub roles: BTreeMap<String, ParamRole>,
    /// Where its result holds records.
    pub shape: Option<ResultShape>,
    /// Whether it may stand in chains; if not, why.
    pub leaf_only: Option<String>,
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OpKind {
    /// Lists records, perhaps of one parent, perhaps filtered.
    List,
    /// Lists records near or like one of the same kind.
    Related,
    /// Reads one record by its id.
    Get,
    /// Reads the one record that matches what is given.
    Find,
    /// Reads the one record that belongs to a parent.
    GetByParent,
    /// Makes a record.
    Create,
    /// Sets fields of a record.
    Update,
    /// Removes a record.
    Delete,
    /// Reads the only record.
    SingletonGet,
    /// Sets fields of the only record.
    SingletonUpdate,
    /// Computes a value from records.
    Compute(Compute),
    /// Does something else to a record, or to the world outside.
    Act,
    /// Reads something of which no record is kept.
    Opaque,
}

/// What can be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Compute {
    /// The great-circle distance between two places.
    Distance,
    /// The local time of a place or zone.
    LocalTime,
    /// The local date and time of a place or zone.
    LocalDateTime,
    /// How many records there are by a field's values.
    Inventory,
}

/// What a parameter means.
#[derive(Clone, Debug, PartialEq)]
pub enum ParamRole {
    /// The id of the record that the operation is about.
    Id(ResourceIndex),
    /// The id of the record that the operation's records belong to.
    Parent(ResourceIndex),
    /// The id of another record: to be stored in (writes) or matched with (reads) a field.
    Link(ResourceIndex, String),
    /// A field of the record, to be stored.
    Field(String),
    /// A field of the record, to be matched.
    Filter(String, Match),
    /// Words to be looked for in the record's texts.
    Search,
    /// Most records of a page.
    Limit,
    /// Records to skip.
    Offset,
    /// The page's number and the first page's number.
    Page(u64),
    /// Where to go on.
    PageToken,
    /// The field to sort by.
    SortBy,
    /// The direction to sort in.
    SortDirection,
    /// An object whose properties have roles of their own.
    Object(BTreeMap<String, ParamRole>),
    /// A value that is only passed on.
    Given,
    /// No effect on the simulated world.
    Ignored,
}

/// How a filter matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// Equal, case folded; any of several when the argument is a list.
    Equal,
    /// Starts with.
    Prefix,
    /// Contains.
    Contains,
    /// At least.
    Min,
    /// At most.
    Max,
}

impl ApiModel {
    /// Returns an operation by its tool.
    pub fn operation(&self, tool: &ToolId) -> Option<&Operation> {
        self.operations.binary_search_by(|o| o.tool.cmp(tool)).ok().map(|i| &self.operations[i])
    }
}

impl Resource {
    /// Returns the properties of its records.
    pub fn properties(&self) -> &serde_json::Map<String, Value> {
        static EMPTY: std::sync::LazyLock<serde_json::Map<String, Value>> =
            std::sync::LazyLock::new(serde_json::Map::new);
        self.schema.get("properties").and_then(Value::as_object).unwrap_or(&EMPTY)
    }
}

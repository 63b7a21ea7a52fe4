//! The rules by which edges are found: their names, and how often each is right.

use std::fmt;

/// How an edge was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// A list at a path gives the ids that its item path takes: `GET /pets` → `/pets/{petId}`.
    CollectionItem,
    /// What is made at a path is named by its item path: `POST /pets` → `/pets/{petId}`.
    CreatedItem,
    /// A record of the resource that the parameter picks, from another path.
    RecordId,
    /// A record of the resource that the parameter refers to: `GET /owners` → `ownerId` of `POST /pets`.
    Reference,
    /// A field that names a record of the resource that the parameter picks or refers to: `pets[].ownerId` → `/owners/{id}`.
    LinkField,
    /// A field that is called as the parameter and ends like an identifier: `orderId` → `orderId`.
    SameName,
    /// The id of a named component: `Pet.id` → `petId`.
    ComponentId,
    /// The id within a field named after what the parameter picks: `pets[].id` → `petId`.
    ContainerId,
    /// The id in the result of a tool without a path that is named after what the parameter picks: `create_pet` → `petId`.
    ToolNoun,
    /// A field of the same name, type and form that is no identifier by its name: `ticker` → `ticker`.
    SameValue,
    /// A field that holds a value of the same well-known kind: `origin.iata` → `departure_iata`.
    TypedValue,
    /// Where a list goes on: `nextPageToken` → `pageToken` of the same tool.
    PageToken,
}

impl Rule {
    /// All rules, the surest kind first.
    pub const ALL: [Self; 12] = [
        Self::CollectionItem,
        Self::CreatedItem,
        Self::RecordId,
        Self::Reference,
        Self::LinkField,
        Self::SameName,
        Self::ComponentId,
        Self::ContainerId,
        Self::ToolNoun,
        Self::SameValue,
        Self::TypedValue,
        Self::PageToken,
    ];

    /// Returns the word that `graph.parquet` holds.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CollectionItem => "collection_item",
            Self::CreatedItem => "created_item",
            Self::RecordId => "record_id",
            Self::Reference => "reference",
            Self::LinkField => "link_field",
            Self::SameName => "same_name",
            Self::ComponentId => "component_id",
            Self::ContainerId => "container_id",
            Self::ToolNoun => "tool_noun",
            Self::SameValue => "same_value",
            Self::TypedValue => "typed_value",
            Self::PageToken => "page_token",
        }
    }

    /// Returns what the rule joins, in a line for a person.
    pub fn means(self) -> &'static str {
        match self {
            Self::CollectionItem => "a list's ids → the path of one of its items",
            Self::CreatedItem => "the id of what was made → its path",
            Self::RecordId => "a record from elsewhere → the parameter that picks it",
            Self::Reference => "a record → the parameter that refers to it",
            Self::LinkField => "a field that names a record → the parameter that picks it",
            Self::SameName => "an id → the parameter of the same name",
            Self::ComponentId => "a component's id → the parameter named after it",
            Self::ContainerId => "the id in a named field → the parameter named after it",
            Self::ToolNoun => "the id of a tool's result → the parameter named as the tool",
            Self::SameValue => "a value → the parameter of the same name and type",
            Self::TypedValue => "a value of a known kind → a parameter of that kind",
            Self::PageToken => "where a list goes on → the same tool's next call",
        }
    }

    /// Returns the confidence of an edge that nothing speaks against: the share of edges found right when some thirty of each
    /// rule, from as many APIs as there were, were read by hand, rounded down. `ToolNoun` was not among them.
    pub fn confidence(self) -> f64 {
        match self {
            Self::CollectionItem | Self::CreatedItem | Self::PageToken => 0.95,
            Self::RecordId | Self::Reference | Self::LinkField | Self::ComponentId => 0.85,
            Self::SameName => 0.8,
            Self::ContainerId => 0.7,
            Self::SameValue | Self::ToolNoun => 0.65,
            Self::TypedValue => 0.6,
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_rules_are_their_own() {
        let names: std::collections::BTreeSet<&str> = Rule::ALL.iter().map(|r| r.as_str()).collect();
        assert_eq!(names.len(), Rule::ALL.len());
        assert!(Rule::ALL.iter().all(|r| (0.0..=1.0).contains(&r.confidence())));
    }
}

//! The values that flow through the pipeline: plain records, no I/O.

mod catalog;
mod catalog_row;
mod category;
mod dropped;
mod funnel;
mod graph_row;
mod given;
mod ids;
mod manifest;
mod price;
mod record;
mod sample;
mod shared_schema;
mod spend;
mod split;
mod task;
mod tool;
mod tree;
mod verdict;

pub use catalog::{Catalog, SpecSource};
pub use catalog_row::CatalogRow;
pub use category::Category;
pub use dropped::Dropped;
pub use funnel::{Funnel, FunnelError, FunnelStage};
pub use graph_row::GraphRow;
pub use ids::{ApiId, FunctionName, TaskId, ToolId};
pub use manifest::{Counts, FileEntry, Manifest, Tally};
pub use price::{Money, Price, Prices};
pub use record::{Attempt, ModelRole, ModelUse, TaskRecord, Usages};
pub use sample::{Sample, Split};
pub use shared_schema::SharedSchema;
pub use spend::{OutcomeSpend, RowSpend, Spend, SpendParts, SpendTally, Spent, TaskOutcome};
pub use task::{
    ArgumentSource, Fact, FactKind, Reference, ReferenceCall, Scenario, StateChange, StateDiff, Strategy,
    Task, TaskContext, WorldRef,
};
pub use tool::{
    BodyEncoding, Call, Docs, Effect, ErrorShape, HttpCall, Label, Method, Mined, ParamPlace, Place, Source,
    Style, Supplied, SuppliedKind, Tool, Written,
};
pub use tree::{
    AnsweredLeaf, Backtrack, CallRecord, Message, Node, NodeId, Part, Role, SearchTree, ToolCall,
    ToolOutcome, Trajectory, TreeCost, TreeEnd,
};
pub use verdict::{Difficulty, Level, Reason, Stage, Verdict, Verified};

pub(crate) use category::{CATEGORIES, OTHER};
pub(crate) use given::{is_nullable, required_of};
pub(crate) use split::{api_splits, split_of_tools};
pub(crate) use verdict::CRASHED;

/// The version of every persisted format and of the algorithms that make rows; a part of a run's identity.
pub const FORMAT_VERSION: u32 = 3;

/// Serialises a JSON value with sorted keys and no whitespace: the canonical form that is hashed.
pub fn canonical_json(value: &serde_json::Value) -> String {
    let mut out = Vec::new();
    write_canonical(value, &mut out);
    String::from_utf8(out).expect("JSON is UTF-8")
}

/// Appends a JSON value's canonical form.
pub(crate) fn write_canonical(value: &serde_json::Value, out: &mut Vec<u8>) {
    use serde_json::Value;
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(&String, &Value)> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            out.push(b'{');
            for (i, (key, value)) in entries.into_iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                serde_json::to_writer(&mut *out, key).expect("a string is JSON");
                out.push(b':');
                write_canonical(value, out);
            }
            out.push(b'}');
        }
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write_canonical(item, out);
            }
            out.push(b']');
        }
        other => serde_json::to_writer(out, other).expect("a JSON value is JSON"),
    }
}

/// Returns the blake3 hash of a value's canonical form, in hexadecimal.
pub fn content_hash(value: &serde_json::Value) -> String {
    blake3::hash(canonical_json(value).as_bytes()).to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn canonical_form_does_not_depend_on_key_order() {
        let a = json!({"b": [1, {"y": 1, "x": "é\n"}], "a": null});
        let b = json!({"a": null, "b": [1, {"x": "é\n", "y": 1}]});
        assert_eq!(canonical_json(&a), canonical_json(&b));
        assert_eq!(canonical_json(&a), "{\"a\":null,\"b\":[1,{\"x\":\"é\\n\",\"y\":1}]}");
    }
}

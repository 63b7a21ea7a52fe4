//! The values that flow through the pipeline: plain records, no I/O.

mod catalog;
mod funnel;
mod ids;
mod manifest;
mod record;
mod sample;
mod split;
mod task;
mod tool;
mod tree;
mod verdict;

pub use catalog::{Catalog, Dropped, SpecSource};
pub use funnel::{Funnel, FunnelError, FunnelStage};
pub use ids::{ApiId, FunctionName, TaskId, ToolId};
pub use manifest::{Counts, FileEntry, Manifest, Tally};
pub use record::{JudgeSaid, ModelRole, ModelUse, TaskRecord, Usages};
pub use sample::{Sample, Split};
pub use split::{api_splits, split_of_tools};
pub use task::{
    ArgumentSource, Fact, FactKind, Reference, ReferenceCall, Scenario, StateChange, StateDiff, Strategy,
    Task, TaskContext, WorldRef,
};
pub use tool::{
    BodyEncoding, Call, Effect, ErrorShape, HttpCall, Method, Mined, ParamPlace, Place, Source, Supplied,
    SuppliedKind, Tool,
};
pub use tree::{
    Backtrack, CallRecord, Message, Node, NodeId, Role, SearchTree, ToolCall, ToolOutcome, Trajectory,
    TreeCost, TreeEnd,
};
pub use verdict::{Difficulty, Level, Reason, Stage, Verdict, Verified};

/// The version of every persisted format and of the algorithms that make rows; a part of a run's identity.
pub const FORMAT_VERSION: u32 = 2;

/// Serialises a JSON value with sorted keys and no whitespace: the canonical form that is hashed.
pub fn canonical_json(value: &serde_json::Value) -> String {
    let mut out = String::new();
    write_canonical(value, &mut out);
    out
}

fn write_canonical(value: &serde_json::Value, out: &mut String) {
    use serde_json::Value;
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_unstable();
            out.push('{');
            for (i, key) in keys.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                out.push_str(&Value::String(key.clone()).to_string());
                out.push(':');
                write_canonical(&map[key], out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_canonical(item, out);
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
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

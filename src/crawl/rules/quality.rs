//! How well an operation is documented, 0 to 1, and the rule `poor_documentation`.
//!
//! quality = 0.35 · text + 0.30 · parameters + 0.15 · values + 0.20 · result
//!
//! - *text*: words of the description over 12, at most 1; 0 where it was made from the path because the spec says nothing.
//! - *parameters*: the share of parameters with a description; 1 where there are none.
//! - *values*: the share of parameters that show what a value looks like: enum, example, default, format, pattern, bounds or
//!   a boolean; 1 where there are none.
//! - *result*: 1 where the spec declares the fields of the result, or that there is none (204); ½ where it declares a result
//!   without fields; 0 where it declares nothing.
//!
//! It is taken before anything is pruned to fit or borrowed from elsewhere: it judges the spec.

use crate::config::plan::Curation;
use crate::crawl::prose::words;
use crate::data::Tool;
use serde_json::Value;

/// What the rule drops.
pub const DROPS: &str = "what is documented worse than `crawl.quality_min`";

/// Words of a description that are enough.
const WORDS: f64 = 12.0;

/// Keywords that show what a value looks like.
const SHOWN: [&str; 10] = [
    "enum",
    "example",
    "examples",
    "default",
    "format",
    "pattern",
    "minimum",
    "maximum",
    "const",
    "maxLength",
];

/// Judges the documentation of an operation; `is_written` tells whether its description is the spec's own.
pub fn quality(tool: &Tool, is_written: bool) -> f64 {
    let said = if is_written { tool.description.split_whitespace().count() as f64 } else { 0.0 };
    let text = (said / WORDS).min(1.0);
    let (parameters, values) = parameters(&tool.parameters);
    let result = result(tool);
    let sum = 0.35 * text + 0.30 * parameters + 0.15 * values + 0.20 * result;
    // three digits: no more is meant, and no platform's last bit shows
    (sum * 1000.0).round() / 1000.0
}

/// Returns the shares of parameters that are described and that show a value.
fn parameters(schema: &Value) -> (f64, f64) {
    let properties = schema.get("properties").and_then(Value::as_object);
    let Some(properties) = properties.filter(|p| !p.is_empty()) else { return (1.0, 1.0) };
    let mut described = 0.0;
    let mut shown = 0.0;
    for (name, schema) in properties {
        let text = schema.get("description").and_then(Value::as_str).unwrap_or_default();
        if !text.is_empty() && words(text) != words(name) {
            described += 1.0;
        }
        let inner = schema.get("items").unwrap_or(schema);
        let fields = inner.get("properties").is_some();
        let boolean = schema.get("type").is_some_and(|t| t == "boolean");
        if boolean || fields || SHOWN.iter().any(|key| schema.get(*key).or_else(|| inner.get(*key)).is_some())
        {
            shown += 1.0;
        }
    }
    let all = properties.len() as f64;
    (described / all, shown / all)
}

fn result(tool: &Tool) -> f64 {
    if tool.call.success() == 204 {
        return 1.0;
    }
    let Some(result) = tool.result.as_ref().filter(|_| !tool.result_inferred) else { return 0.0 };
    let inner = result.get("items").unwrap_or(result);
    let fields = ["properties", "anyOf", "oneOf"].iter().any(|key| inner.get(*key).is_some());
    let plain = inner.get("type").is_some_and(|t| t != "object" && t != "array");
    if fields || plain { 1.0 } else { 0.5 }
}

/// Returns why a tool is dropped.
pub fn check(tool: &Tool, curation: &Curation) -> Option<String> {
    (tool.docs.quality < curation.quality_min).then(|| {
        format!(
            "its documentation is worth {}, less than crawl.quality_min = {}",
            tool.docs.quality, curation.quality_min
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::tool;
    use super::*;
    use crate::data::Method::Get;
    use serde_json::json;

    #[test]
    fn each_part_of_the_formula_counts() {
        let mut pets =
            tool(Get, "/pets", "Lists the pets of a shop by state and kind, the newest of them first.");
        pets.parameters = json!({"type": "object", "properties": {
            "kind": {"type": "string", "enum": ["cat"], "description": "Which kind."}, "n": {"type": "integer"}}});
        pets.result =
            Some(json!({"type": "array", "items": {"type": "object", "properties": {"id": {}}}}).into());
        let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
        assert!(near(quality(&pets, true), 0.35 + 0.15 + 0.075 + 0.2), "{}", quality(&pets, true));
        assert!(near(quality(&pets, false), 0.15 + 0.075 + 0.2));
        pets.result = None;
        assert!(near(quality(&pets, false), 0.225));
        pets.parameters = json!({"type": "object", "properties": {}});
        assert!(near(quality(&pets, false), 0.45));
    }

    #[test]
    fn the_least_quality_is_a_choice() {
        let mut pets = tool(Get, "/pets", "");
        pets.docs.quality = 0.3;
        assert_eq!(check(&pets, &Curation::default()), None);
        assert!(check(&pets, &Curation { quality_min: 0.4, ..Curation::default() }).is_some());
    }
}

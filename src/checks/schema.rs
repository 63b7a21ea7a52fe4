//! Arguments against a tool's schema: each compiled once.

use crate::data::{FunctionName, Tool};
use boon::{Compiler, ErrorKind, SchemaIndex, Schemas, ValidationError};
use serde_json::Value;
use std::collections::BTreeMap;

/// The compiled schemas of some tools, by function name.
pub struct Validators {
    schemas: Schemas,
    by_name: BTreeMap<FunctionName, SchemaIndex>,
}

impl Validators {
    /// Compiles the schemas of some tools.
    pub fn of<'a>(tools: impl IntoIterator<Item = &'a Tool>) -> Self {
        let mut schemas = Schemas::new();
        let mut by_name = BTreeMap::new();
        for tool in tools {
            let mut compiler = Compiler::new();
            let url = format!("mem:///{}", tool.name);
            if compiler.add_resource(&url, tool.parameters.clone()).is_ok()
                && let Ok(index) = compiler.compile(&url, &mut schemas)
            {
                by_name.insert(tool.name.clone(), index);
            }
        }
        Self { schemas, by_name }
    }

    /// Checks arguments; the error says in a sentence what is wrong.
    pub fn check(&self, tool: &Tool, arguments: &Value) -> Result<(), String> {
        if !arguments.is_object() {
            return Err("the arguments are no JSON object".to_owned());
        }
        let Some(index) = self.by_name.get(&tool.name) else { return Ok(()) };
        self.schemas.validate(arguments, *index).map_err(|error| {
            let mut faults = Vec::new();
            collect(&error, &mut faults);
            faults.dedup();
            faults.truncate(3);
            faults.join("; ")
        })
    }
}

fn collect(error: &ValidationError, faults: &mut Vec<String>) {
    if !error.causes.is_empty() && !matches!(error.kind, ErrorKind::AnyOf | ErrorKind::OneOf(_)) {
        for cause in &error.causes {
            collect(cause, faults);
        }
        return;
    }
    let place = error.instance_location.to_string();
    let name = place.trim_start_matches('/').replace('/', ".");
    let of = |text: String| if name.is_empty() { text } else { format!("`{name}` {text}") };
    let list = |names: Vec<String>| names.join(", ");
    faults.push(match &error.kind {
        ErrorKind::Required { want } => {
            of(format!("misses {}", list(want.iter().map(|w| format!("`{w}`")).collect())))
        }
        ErrorKind::AdditionalProperties { got } => {
            of(format!("has no parameter {}", list(got.iter().map(|g| format!("`{g}`")).collect())))
        }
        ErrorKind::Enum { want } => {
            of(format!("must be one of {}", list(want.iter().take(12).map(Value::to_string).collect())))
        }
        other => of(other.to_string()),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::tool;
    use serde_json::json;

    #[test]
    fn arguments_that_fit_pass_and_others_are_explained() {
        let get = tool(
            "get_pet",
            json!({"type": "object", "additionalProperties": false, "required": ["id"],
                "properties": {"id": {"type": "integer"}, "status": {"enum": ["open", "closed"]}}}),
        );
        let validators = Validators::of([&get]);
        assert_eq!(validators.check(&get, &json!({"id": 3, "status": "open"})), Ok(()));
        assert_eq!(validators.check(&get, &json!({})), Err("misses `id`".into()));
        assert_eq!(
            validators.check(&get, &json!({"id": 1, "status": "x"})),
            Err("`status` must be one of \"open\", \"closed\"".into())
        );
        assert!(validators.check(&get, &json!({"id": 1, "x": 1})).unwrap_err().contains("no parameter `x`"));
        assert!(validators.check(&get, &json!("id")).is_err());
    }
}

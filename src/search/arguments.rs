//! Checks a call's arguments against its tool's schema before it is made.

use boon::{Compiler, ErrorKind, SchemaIndex, Schemas, ValidationError};
use serde_json::Value;

/// One tool's compiled schema.
pub(super) struct Checker {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Checker {
    /// Compiles a tool's schema; `None` when it is no valid schema, which must not keep a call from being made.
    pub fn new(schema: &Value) -> Option<Self> {
        let mut schemas = Schemas::new();
        let mut compiler = Compiler::new();
        compiler.add_resource("mem:///arguments", schema.clone()).ok()?;
        let index = compiler.compile("mem:///arguments", &mut schemas).ok()?;
        Some(Self { schemas, index })
    }

    /// Returns what is wrong with the arguments, in a sentence or two that a model can act on.
    pub fn fault(&self, arguments: &Value) -> Option<String> {
        let error = self.schemas.validate(arguments, self.index).err()?;
        let mut faults = Vec::new();
        collect(&error, &mut faults);
        faults.dedup();
        faults.truncate(3);
        Some(format!("Invalid arguments: {}.", faults.join("; ")))
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
    faults.push(match &error.kind {
        ErrorKind::Required { want } => {
            let names: Vec<String> = want.iter().map(|w| format!("`{w}`")).collect();
            of(format!("misses {}", names.join(", ")))
        }
        ErrorKind::AdditionalProperties { got } => {
            let names: Vec<String> = got.iter().map(|g| format!("`{g}`")).collect();
            of(format!("has no parameter {}", names.join(", ")))
        }
        ErrorKind::Enum { want } => {
            let values: Vec<String> = want.iter().take(12).map(Value::to_string).collect();
            of(format!("must be one of {}", values.join(", ")))
        }
        other => of(other.to_string()),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn faults_name_the_parameter_and_what_it_takes() {
        let checker = Checker::new(&json!({
            "type": "object", "additionalProperties": false, "required": ["id"],
            "properties": {"id": {"type": "integer"}, "status": {"enum": ["open", "closed"]}}
        }))
        .unwrap();
        assert_eq!(checker.fault(&json!({"id": 3, "status": "open"})), None);
        assert_eq!(checker.fault(&json!({})).unwrap(), "Invalid arguments: misses `id`.");
        assert_eq!(
            checker.fault(&json!({"id": 1, "status": "x"})).unwrap(),
            "Invalid arguments: `status` must be one of \"open\", \"closed\"."
        );
        assert!(checker.fault(&json!({"id": "a"})).unwrap().contains("`id` want integer"));
        assert!(checker.fault(&json!("not an object")).is_some());
    }
}

//! Operations to try the rules on.

use super::Case;
use crate::crawl::values::{Inputs, Node, Outputs};
use crate::data::{ApiId, Call, Effect, HttpCall, Method, Tool, ToolId};
use serde_json::{Value, json};

/// An operation that answers with JSON, to be changed as a test needs it.
pub struct Sample {
    pub method: Method,
    pub path: String,
    pub operation: Value,
    pub inputs: Inputs,
    pub outputs: Outputs,
}

/// Makes `GET /pets` and the like.
pub fn sample(method: Method, path: &str, description: &str) -> Sample {
    let outputs = Outputs {
        success: 200,
        statuses: vec![200],
        media_all: vec!["application/json".to_owned()],
        result: Some(json!({"type": "object"}).into()),
        ..Outputs::default()
    };
    Sample {
        method,
        path: path.to_owned(),
        operation: json!({"description": description}),
        inputs: Inputs::default(),
        outputs,
    }
}

impl Sample {
    /// Asks a rule.
    pub fn ask(&self, check: fn(&Case<'_>) -> Option<String>) -> Option<String> {
        let text = self.operation["description"].as_str().unwrap_or_default();
        check(&Case {
            method: self.method,
            path: &self.path,
            operation: Node { value: &self.operation, file: 0 },
            text,
            description: text,
            inputs: &self.inputs,
            outputs: &self.outputs,
        })
    }

    /// Asks a rule whether it drops.
    pub fn drops(&self, check: fn(&Case<'_>) -> Option<String>) -> bool {
        self.ask(check).is_some()
    }
}

/// Makes a tool without parameters and without a result.
pub fn tool(method: Method, path: &str, description: &str) -> Tool {
    let base = crate::checks::testing::tool("shop_tool", json!({"type": "object", "properties": {}}));
    let call = base.call.http().expect("a tool over HTTP").clone();
    Tool {
        id: ToolId::new("shop.com/shop/tool".to_owned()),
        api: ApiId::new("shop.com/shop".to_owned()),
        description: description.to_owned(),
        call: Call::Http(HttpCall { method, path: path.to_owned(), ..call }),
        effect: match method {
            Method::Get => Effect::Reads,
            Method::Delete => Effect::Destroys,
            _ => Effect::Writes,
        },
        category: "pets".to_owned(),
        collection: "shops".to_owned(),
        licence: "unknown".to_owned(),
        ..base
    }
}

//! Small values for unit tests of checks and rules.

use crate::data::{
    ApiId, BodyEncoding, Call, Effect, FunctionName, HttpCall, Method, Mined, Source, Tool, ToolId,
};
use serde_json::Value;

/// Makes a reading tool of the API `shop` with a name and parameters.
pub(crate) fn tool(name: &str, parameters: Value) -> Tool {
    Tool {
        id: ToolId::new(format!("local/shop/{name}")),
        name: FunctionName::new(name),
        api: ApiId::new("local/shop"),
        api_title: "Shop".into(),
        description: String::new(),
        parameters,
        result: None,
        result_inferred: false,
        call: Call::Http(HttpCall {
            method: Method::Get,
            path: format!("/{}", name.replace('_', "/")),
            server: None,
            places: Vec::new(),
            body: BodyEncoding::None,
            body_schema: None,
            supplied: Vec::new(),
            success: 200,
            result_media: None,
        }),
        effect: Effect::Reads,
        mined: Mined::default(),
        errors: Vec::new(),
        category: "shop".into(),
        collection: "shop".into(),
        source: Source { spec: "shop.json".into(), hash: "0".into(), pointer: String::new() },
        licence: "MIT".into(),
        pruned: Vec::new(),
    }
}

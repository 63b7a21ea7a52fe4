//! Small values for unit tests of checks and rules.

use crate::data::{
    AnsweredLeaf, ApiId, BodyEncoding, Call, CallRecord, Docs, Effect, FunctionName, HttpCall, Method, Mined,
    Node, NodeId, SearchTree, Source, Tool, ToolCall, ToolId, ToolOutcome, TreeEnd,
};
use serde_json::Value;

/// Makes a reading tool of the API `shop` with a name and parameters.
pub(crate) fn tool(name: &str, parameters: Value) -> Tool {
    Tool {
        docs: Docs::default(),
        labels: Vec::new(),
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
            body_media: None,
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

/// Makes a turn with one call.
pub(crate) fn call_node(name: &str, arguments: Value, observation: &str, outcome: ToolOutcome) -> Node {
    let call = ToolCall { id: "x".into(), name: name.into(), arguments };
    let record = CallRecord { call, observation: observation.into(), parts: Vec::new(), outcome };
    Node { calls: vec![record], ..Node::default() }
}

/// Makes a turn that answers.
pub(crate) fn answer_node(answer: &str) -> Node {
    Node { answer: Some(answer.into()), ..Node::default() }
}

/// Makes a tree that is one path over some turns, answered at the last.
pub(crate) fn tree_of(turns: Vec<Node>) -> SearchTree {
    let mut nodes = vec![Node::default()];
    for (i, turn) in turns.into_iter().enumerate() {
        nodes.push(Node { parent: Some(NodeId(i as u32)), depth: i as u32 + 1, ..turn });
    }
    let leaf = AnsweredLeaf { node: NodeId(nodes.len() as u32 - 1), state: None };
    SearchTree { nodes, answers: vec![leaf], end: TreeEnd::Answered, ..SearchTree::default() }
}

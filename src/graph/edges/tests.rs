//! Tests of edges over small APIs.

use super::*;
use serde_json::{Value, json};

/// Makes a tool of the API `local/shop` whose path parameters are all required.
pub(super) fn tool(name: &str, path: &str) -> Tool {
    let (method, effect) = match name.split('_').next() {
        Some("create") => ("POST", "writes"),
        Some("update") => ("PATCH", "writes"),
        Some("delete") => ("DELETE", "destroys"),
        _ => ("GET", "reads"),
    };
    let wires: Vec<&str> =
        path.split('/').filter_map(|s| s.strip_prefix('{').and_then(|s| s.strip_suffix('}'))).collect();
    let properties: serde_json::Map<String, Value> =
        wires.iter().map(|w| ((*w).to_owned(), json!({"type": "string"}))).collect();
    let places: Vec<Value> = wires.iter().map(|w| json!({"name": w, "wire": w, "place": "path"})).collect();
    serde_json::from_value(json!({
        "id": format!("local/shop/{name}"), "name": name, "api": "local/shop", "api_title": "Shop",
        "description": "", "result": null, "result_inferred": false, "effect": effect,
        "parameters": {"type": "object", "properties": properties, "required": wires, "additionalProperties": false},
        "call": {"http": {"method": method, "path": path, "server": null, "places": places, "body": "none",
            "body_schema": null, "supplied": [], "success": 200, "result_media": null}},
        "mined": {"units": {}, "requires": {}, "allowed": {}, "unclear": []}, "errors": [], "category": "",
        "collection": "", "source": {"spec": "", "hash": "", "pointer": ""}, "licence": "", "pruned": [],
    }))
    .unwrap()
}

fn record(name: &str, fields: &[&str]) -> Value {
    let properties: serde_json::Map<String, Value> =
        fields.iter().map(|f| ((*f).to_owned(), json!({"type": "string"}))).collect();
    json!({"type": "object", "x-schema": name, "properties": properties})
}

fn giving(mut tool: Tool, result: Value) -> Tool {
    tool.result = Some(result.into());
    tool
}

fn wanting(mut tool: Tool, name: &str, schema: Value) -> Tool {
    tool.parameters["properties"][name] = schema;
    tool
}

/// A function of an MCP server.
fn function(name: &str) -> Tool {
    let mut tool = tool(name, "/");
    tool.call = crate::data::Call::Mcp {
        server: "s".to_owned(),
        name: name.to_owned(),
        wire: std::collections::BTreeMap::default(),
    };
    tool
}

fn lines(tools: &[Tool]) -> Vec<String> {
    let tools: Vec<&Tool> = tools.iter().collect();
    let short = |id: &ToolId| id.as_str().rsplit('/').next().unwrap().to_owned();
    edges(&ApiId::new("local/shop"), &tools)
        .iter()
        .map(|e| {
            format!(
                "{}:{} -> {}:{} {} {:.2}",
                short(&e.from),
                e.from_field,
                short(&e.to),
                e.to_parameter,
                e.rule,
                e.confidence
            )
        })
        .collect()
}

#[test]
fn lists_creations_and_links_feed_the_item_path() {
    let pet = || record("Pet", &["id", "name", "ownerId"]);
    let owner = || record("Owner", &["id", "name"]);
    let tools = [
        giving(
            tool("list_pets", "/pets"),
            json!({"type": "object", "properties": {"data": {"type": "array", "items": pet()}}}),
        ),
        giving(tool("create_pet", "/pets"), pet()),
        giving(tool("get_pet", "/pets/{petId}"), pet()),
        giving(tool("get_owner", "/owners/{ownerId}"), owner()),
        giving(tool("list_owners", "/owners"), json!({"type": "array", "items": owner()})),
    ];
    insta::assert_snapshot!(lines(&tools).join("\n"));
}

#[test]
fn what_a_tool_was_given_is_no_news() {
    let pet = || record("Pet", &["id", "petId"]);
    let tools = [giving(tool("get_pet", "/pets/{petId}"), pet()), tool("delete_pet", "/pets/{petId}")];
    assert!(lines(&tools).is_empty(), "{:?}", lines(&tools));
}

#[test]
fn functions_are_joined_by_names() {
    let search = giving(
        function("search_pets"),
        json!({"type": "object", "properties": {
            "pets": {"type": "array", "items": record("", &["id"])}, "nextCursor": {"type": "string"}}}),
    );
    let tools = [
        wanting(search, "cursor", json!({"type": "string"})),
        giving(function("create_order"), record("", &["id", "sku"])),
        wanting(function("get_pet"), "pet_id", json!({"type": "string"})),
        wanting(
            wanting(function("get_order"), "orderId", json!({"type": "string"})),
            "sku",
            json!({"type": "string"}),
        ),
    ];
    insta::assert_snapshot!(lines(&tools).join("\n"));
}

#[test]
fn values_of_a_known_kind_fit_whatever_their_names() {
    let tools = [
        giving(
            tool("list_airports", "/airports"),
            json!({"type": "array", "items": record("Airport", &["iata", "city"])}),
        ),
        wanting(tool("search_flights", "/flights/search"), "departure_iata", json!({"type": "string"})),
    ];
    assert_eq!(lines(&tools), ["list_airports:[].iata -> search_flights:departure_iata typed_value 0.60"]);
}

#[test]
fn each_parameter_keeps_a_few_sources_however_many_there_are() {
    let order = || record("Order", &["customerId"]);
    let mut tools: Vec<Tool> =
        (0..500).map(|n| giving(tool(&format!("list_x{n}"), &format!("/x{n}s")), order())).collect();
    tools.extend((0..500).map(|n| {
        wanting(tool(&format!("get_y{n}"), &format!("/y{n}")), "customerId", json!({"type": "string"}))
    }));
    assert_eq!(lines(&tools).len(), 500 * SOURCES_MAX);
}

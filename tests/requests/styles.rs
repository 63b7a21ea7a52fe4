//! What OpenAPI's own tables of styles say, against small specs.

use crate::crawl_path;
use serde_json::{Value, json};
use toolloom::internals::environment::request::request;

/// Makes the request of a spec's only operation.
fn made(spec: &Value, arguments: &Value) -> toolloom::internals::environment::request::HttpRequest {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("colours.json");
    std::fs::write(&path, spec.to_string()).unwrap();
    let catalog = crawl_path(&path);
    let tool = catalog.tools.first().unwrap_or_else(|| panic!("{:?}", catalog.dropped));
    request(tool, arguments).unwrap()
}

fn operation(version: (&str, &str), path: &str, method: &str, operation: &Value) -> Value {
    let mut operation = operation.clone();
    operation["summary"] = json!("Mix colours in a pot");
    operation["operationId"] = json!("mixColours");
    operation["responses"] = json!({"200": {"description": "Mixed"}});
    let mut spec = json!({"info": {"title": "Colours", "version": "1"}, "paths": {}});
    spec[version.0] = json!(version.1);
    spec["servers"] =
        json!([{"url": "https://{region}.colours.io/v1/", "variables": {"region": {"default": "eu"}}}]);
    spec["host"] = json!("eu.colours.io");
    spec["basePath"] = json!("/v1");
    spec["paths"][path] = json!({method: operation});
    spec
}

#[test]
fn the_styles_of_openapi_3_are_written_as_its_table_shows() {
    let list = json!({"type": "array", "items": {"type": "string"}});
    let object = json!({"type": "object", "properties": {"R": {"type": "integer"}, "G": {"type": "integer"}}, "additionalProperties": false});
    let (colours, rgb) = (json!(["blue", "black"]), json!({"R": 100, "G": 200}));
    let table = [
        ("query", "form", true, "?color=blue&color=black", "?R=100&G=200"),
        ("query", "form", false, "?color=blue,black", "?color=R,100,G,200"),
        ("query", "spaceDelimited", false, "?color=blue%20black", "?color=R%20100%20G%20200"),
        ("query", "pipeDelimited", false, "?color=blue%7Cblack", "?color=R%7C100%7CG%7C200"),
        (
            "query",
            "deepObject",
            true,
            "?color%5B0%5D=blue&color%5B1%5D=black",
            "?color%5BR%5D=100&color%5BG%5D=200",
        ),
        ("path", "simple", false, "/blue,black", "/R,100,G,200"),
        ("path", "simple", true, "/blue,black", "/R=100,G=200"),
        ("path", "label", false, "/.blue,black", "/.R,100,G,200"),
        ("path", "label", true, "/.blue.black", "/.R=100.G=200"),
        ("path", "matrix", false, "/;color=blue,black", "/;color=R,100,G,200"),
        ("path", "matrix", true, "/;color=blue;color=black", "/;R=100;G=200"),
    ];
    for (place, style, explode, of_list, of_object) in table {
        let path = if place == "path" { "/mix/{color}" } else { "/mix" };
        for (schema, value, expected) in [(&list, &colours, of_list), (&object, &rgb, of_object)] {
            let parameter = json!({"name": "color", "in": place, "required": true, "style": style, "explode": explode, "schema": schema});
            let spec = operation(("openapi", "3.0.3"), path, "get", &json!({"parameters": [parameter]}));
            let url = made(&spec, &json!({"color": value})).url;
            assert_eq!(url, format!("https://eu.colours.io/v1/mix{expected}"), "{place} {style} {explode}");
        }
    }
}

#[test]
fn the_collection_formats_of_swagger_2_are_written_as_it_names_them() {
    let table = [
        (None, "a,b"),
        (Some("csv"), "a,b"),
        (Some("ssv"), "a%20b"),
        (Some("tsv"), "a%09b"),
        (Some("pipes"), "a%7Cb"),
        (Some("multi"), "a&tags=b"),
    ];
    for (format, expected) in table {
        let mut parameter =
            json!({"name": "tags", "in": "query", "type": "array", "items": {"type": "string"}});
        if let Some(format) = format {
            parameter["collectionFormat"] = json!(format);
        }
        let spec = operation(("swagger", "2.0"), "/mix", "get", &json!({"parameters": [parameter]}));
        let url = made(&spec, &json!({"tags": ["a", "b"]})).url;
        assert!(url.ends_with(&format!("/v1/mix?tags={expected}")), "{format:?}: {url}");
    }
}

#[test]
fn the_fields_of_a_form_and_of_parts_are_written_by_their_encoding() {
    let fields = json!({"type": "object", "properties": {
        "name": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "shade": {"type": "object", "properties": {"depth": {"type": "integer"}}},
    }});
    let given = json!({"name": "a b&c", "tags": ["x", "y"], "shade": {"depth": 2}});
    let content = json!({"schema": fields, "encoding": {"shade": {"style": "deepObject", "explode": true}}});
    let body = json!({"requestBody": {"content": {"application/x-www-form-urlencoded": content}}});
    let form = made(&operation(("openapi", "3.0.3"), "/mix", "post", &body), &given);
    assert_eq!(form.body.as_deref(), Some("name=a+b%26c&tags=x&tags=y&shade%5Bdepth%5D=2"));
    let body = json!({"requestBody": {"content": {"multipart/form-data": {"schema": fields}}}});
    let parts = made(&operation(("openapi", "3.0.3"), "/mix", "post", &body), &given).body.unwrap();
    assert!(parts.contains("name=\"tags\"\r\n\r\nx\r\n"), "{parts}");
    assert!(
        parts.contains("name=\"shade\"\r\nContent-Type: application/json\r\n\r\n{\"depth\":2}\r\n"),
        "{parts}"
    );
}

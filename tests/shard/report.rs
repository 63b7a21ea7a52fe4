//! What people read of a run: the card, the conversation, and the rows as trainers take them.

use crate::samples::{self, Run};
use serde_json::Value;
use toolloom::internals::report::{self, Turns};
use toolloom::shard::Table;

#[test]
fn the_card_explains_every_column_in_the_order_of_the_schema() {
    let schema = Table::Data.schema();
    let names: Vec<&String> = schema.fields().iter().map(|f| f.name()).collect();
    let explained: Vec<&str> = report::COLUMNS.iter().map(|(name, ..)| *name).collect();
    assert_eq!(names, explained);
}

#[test]
fn the_card_is_as_expected() {
    let dir = tempfile::tempdir().unwrap();
    let mut manifest = Run::new().write(dir.path()).unwrap();
    manifest.toolloom = "VERSION".to_owned();
    insta::assert_snapshot!(report::card(&manifest));
}

#[test]
fn a_row_reads_as_a_conversation() {
    insta::assert_snapshot!(report::conversation(&samples::petstore()));
    assert!(report::conversation(&Run::new().rejected[1]).contains("rejected by filter: facts: the answer"));
}

#[test]
fn a_row_is_shown_in_a_few_lines() {
    insta::assert_snapshot!(report::brief(&samples::tracker()));
}

#[test]
fn the_funnel_reads_as_a_table() {
    insta::assert_snapshot!(report::funnel_text(&Run::new().funnel));
}

#[test]
fn exported_rows_have_objects_for_arguments_and_no_nulls() {
    fn no_null(value: &Value) -> bool {
        match value {
            Value::Null => false,
            Value::Array(items) => items.iter().all(no_null),
            Value::Object(map) => map.values().all(no_null),
            _ => true,
        }
    }
    for sample in Run::new().kept {
        let row = report::openai(&sample, Turns::Parallel);
        assert!(no_null(&row), "{row}");
        for message in row["messages"].as_array().unwrap() {
            assert!(message["content"].is_string());
            assert_eq!(message.get("tool_call_id").is_some(), message["role"] == "tool");
            assert!(message.get("loss").is_none());
            for call in message.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
                assert!(call["function"]["arguments"].is_object(), "{call}");
                assert_eq!(call["type"], "function");
                let id = call["id"].as_str().unwrap();
                assert!(id.len() == 9 && id.bytes().all(|b| b.is_ascii_alphanumeric()), "{id}");
            }
        }
    }
    insta::assert_snapshot!(
        serde_json::to_string_pretty(&report::openai(&samples::sms(), Turns::Parallel)).unwrap()
    );
}

#[test]
fn turns_of_several_calls_are_spread_out_where_asked() {
    let row = report::openai(&samples::tracker(), Turns::Single);
    let messages = row["messages"].as_array().unwrap();
    let shape: Vec<String> = messages
        .iter()
        .map(|m| match m["role"].as_str().unwrap() {
            "assistant" => m.get("tool_calls").map_or("answer".to_owned(), |c| {
                assert_eq!(c.as_array().unwrap().len(), 1);
                c[0]["id"].as_str().unwrap().to_owned()
            }),
            "tool" => format!("→{}", m["tool_call_id"].as_str().unwrap()),
            other => other.to_owned(),
        })
        .collect();
    assert_eq!(
        shape.join(" "),
        "system user call00000 →call00000 call00001 →call00001 call00002 →call00002 call00003 →call00003 answer"
    );
    let parallel = report::openai(&samples::sms(), Turns::Parallel);
    assert_eq!(parallel, report::openai(&samples::sms(), Turns::Single));
}

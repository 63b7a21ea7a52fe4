//! Tool calls as text: what is read out of the texts of `tests/prompted` (named by mode), what comes back of what is
//! written, and that no text whatever is too much.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

use proptest::prelude::*;
use serde_json::{Map, Value};
use std::fmt::Write;
use toolloom::config::plan::ToolMode;
use toolloom::data::{Message, Role, ToolCall};
use toolloom::internals::prompt::prompted::{Prompted, PromptedCall, read, stop};
use toolloom::internals::prompt::{Rendered, Templates};

const KNOWN: [&str; 6] = ["pets_list", "pets_get", "pets_update", "users_me", "finish", "give_up"];

fn shown(read: &Prompted) -> String {
    let mut out = format!("thought: {:?}\n", read.thought);
    for PromptedCall { name, arguments } in &read.calls {
        writeln!(out, "call: {name} {arguments}").unwrap();
    }
    if let Some(answer) = &read.answer {
        writeln!(out, "answer: {answer:?}").unwrap();
    }
    if let Some(fault) = &read.fault {
        writeln!(out, "fault: {fault}").unwrap();
    }
    out
}

fn mode_of(name: &str) -> ToolMode {
    if name.starts_with("react.") { ToolMode::React } else { ToolMode::Hermes }
}

#[test]
fn texts_of_all_kinds_are_read() {
    insta::glob!("prompted/*.txt", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        let mode = mode_of(path.file_name().unwrap().to_str().unwrap());
        insta::assert_snapshot!(shown(&read(mode, &text, &KNOWN)));
    });
}

#[test]
fn a_native_text_is_plain_and_what_stops_a_model_is_what_is_cut_off() {
    let text = "<tool_call>{\"name\": \"pets_get\", \"arguments\": {}}</tool_call>";
    assert_eq!(read(ToolMode::Native, text, &KNOWN).thought, text);
    assert!(stop(ToolMode::Native).is_empty());
    let react = "Action: pets_get\nAction Input: {\"id\": 7}";
    let whole = format!("{react}{} made up\nFinal Answer: 3", stop(ToolMode::React)[0]);
    assert_eq!(read(ToolMode::React, &whole, &KNOWN), read(ToolMode::React, react, &KNOWN));
}

#[test]
fn without_known_names_a_name_is_freed_of_quotes_only() {
    let text = "<tool_call>{\"name\": \"`functions.pets_get`\", \"arguments\": {}}</tool_call>";
    assert_eq!(read(ToolMode::Hermes, text, &[]).calls[0].name, "functions.pets_get");
}

#[test]
fn hostile_texts_end_with_a_bounded_number_of_calls() {
    for unit in [
        "<tool_call>",
        "<tool_call>{",
        "<tool_call>[\"",
        "<tool_call>{\"name\": \"",
        "<tool_response>",
        "</tool_call>",
        "[TOOL_CALLS]",
        "Action: a\n",
        "Action Input: {\n",
        "Action: a(",
        "Action: a\nAction Input: {\"a\": \"\n",
        "Thought: ",
        "Observation:\n",
        "{\"name\": ",
        "{\"name\": \"a\", \"arguments\": {}}",
        "<tool_call>{\"name\": \"a\", \"arguments\": {}}</tool_call>",
        "<function=a><parameter=b>",
    ] {
        let text = unit.repeat(5_000);
        for mode in [ToolMode::React, ToolMode::Hermes] {
            assert!(read(mode, &text, &KNOWN).calls.len() <= 64, "{unit}");
        }
    }
}

fn arguments() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,16}".prop_map(Value::from),
        prop::sample::select(
            &[
                "</tool_call>",
                "<tool_call>{",
                "\nObservation: x",
                "Action: b\nAction Input: {}",
                "```",
                "it's \"so\"",
                "{\"a\": 1}",
            ][..]
        )
        .prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a-z_ ]{0,6}", inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    prop::collection::vec(("[a-zA-Z_\\-]{1,12}", value), 0..4)
        .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>()))
}

fn calls() -> impl Strategy<Value = Vec<PromptedCall>> {
    let name = prop_oneof![prop::sample::select(&KNOWN[..]).prop_map(str::to_owned), "[a-z][a-z0-9_]{4,40}"];
    prop::collection::vec(
        (name, arguments()).prop_map(|(name, arguments)| PromptedCall { name, arguments }),
        1..5,
    )
}

/// The texts of `tests/prompted`, to be spoilt.
fn texts() -> Vec<String> {
    let mut paths: Vec<_> =
        std::fs::read_dir("tests/prompted").unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

fn spoilt() -> impl Strategy<Value = String> {
    let edit = (0..8_u8, any::<prop::sample::Index>(), ".{0,3}");
    (prop::sample::select(texts()), prop::collection::vec(edit, 0..6)).prop_map(|(text, edits)| {
        edits.into_iter().fold(text, |text, (kind, index, noise)| {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let (before, after) = text.split_at(*index.get(&places));
            match kind {
                0 => before.to_owned(),
                1 => after.to_owned(),
                2 => format!("{before}{}", after.replace('"', "'")),
                3 => format!("{before}{}", after.replace(',', ",,")),
                4 => format!("{before}```json\n{after}"),
                5 => format!("{before}{noise}{after}"),
                6 => format!("{before}{}", after.replacen(['"', '}', '<', ':', '\n'], "", 1)),
                _ => format!("{before}{after}{before}"),
            }
        })
    })
}

proptest! {
    #[test]
    fn calls_that_are_written_are_read_back(calls in calls(), thought in "([A-Za-z][a-z ,.']{0,40}[a-z.])?") {
        let tool_calls = calls.iter().map(|call| ToolCall {
            id: String::from("x"), name: call.name.clone(), arguments: call.arguments.clone(),
        });
        let turn = Message { tool_calls: tool_calls.collect(), ..Message::text(Role::Assistant, &thought) };
        for mode in [ToolMode::React, ToolMode::Hermes] {
            let rendered = Rendered { messages: vec![turn.clone()], ..Rendered::default() };
            let text = Templates::embedded().prompted(rendered, mode).unwrap().messages.remove(0).content;
            let read = read(mode, &text, &KNOWN);
            prop_assert_eq!(&read.calls, &calls, "{}", text);
            prop_assert_eq!(&read.thought, &thought, "{}", text);
            prop_assert_eq!(read.fault, None);
        }
    }

    #[test]
    fn spoilt_texts_are_read_without_panic(text in spoilt()) {
        for mode in [ToolMode::Native, ToolMode::React, ToolMode::Hermes] {
            for known in [&KNOWN[..], &[]] {
                let read = read(mode, &text, known);
                prop_assert!(read.answer.is_none() || (read.calls.is_empty() && read.fault.is_none()));
                // What is no object is text that could not be parsed, and a fault.
                prop_assert!(read.calls.iter().all(|call| call.arguments.is_object()
                    || (call.arguments.is_string() && read.fault.is_some())));
            }
        }
    }

    #[test]
    fn noise_is_read_without_panic(text in "(<tool_call>|</tool_call>|Action:|\nAction Input:|\nObservation:|Thought|\\{|\\}|\\[|\"name\"|: |'a'|arguments|.|\n){0,24}") {
        for mode in [ToolMode::React, ToolMode::Hermes] {
            let _ = read(mode, &text, &KNOWN);
        }
    }

    #[test]
    fn what_is_cut_off_anywhere_is_never_called_with_less(calls in calls(), index: prop::sample::Index) {
        let tool_calls = calls.iter().map(|call| ToolCall {
            id: String::from("x"), name: call.name.clone(), arguments: call.arguments.clone(),
        });
        let turn = Message { tool_calls: tool_calls.collect(), ..Message::text(Role::Assistant, "") };
        for mode in [ToolMode::React, ToolMode::Hermes] {
            let rendered = Rendered { messages: vec![turn.clone()], ..Rendered::default() };
            let text = Templates::embedded().prompted(rendered, mode).unwrap().messages.remove(0).content;
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            let text = &text[..*index.get(&places)];
            let read = read(mode, text, &KNOWN);
            // A call without its input's first bracket looks like one without arguments.
            let is_bare = mode == ToolMode::React && text.trim_end().ends_with("Action Input:");
            let sure = read.calls.len() - usize::from(is_bare && !read.calls.is_empty());
            for (read, written) in read.calls[..sure].iter().zip(&calls) {
                prop_assert_eq!(read, written, "{}", text);
            }
        }
    }
}

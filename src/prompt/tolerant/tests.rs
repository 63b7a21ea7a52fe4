//! What the tolerant reading makes of strict JSON, of what models really write, and of hostile texts.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn read(text: &str) -> (Form, Value) {
    let found = value_in(text).unwrap_or_else(|| panic!("no value in {text}"));
    (found.form, found.value)
}

#[test]
fn strict_json_is_taken_as_it_is_wherever_it_stands() {
    let value = json!({"a": [1, 2.5, -3e9, "x \" , ' \\ \n {", null, true], "": {"b": {}}, "n": 18_446_744_073_709_551_615_u64});
    for text in [
        format!("{value}"),
        format!("  {value:#}\n"),
        format!("Here it is:\n```json\n{value:#}\n```\nAnything else?"),
        format!("```\n{value}\n```"),
        format!("Sure! {value} and so on"),
        format!("I looked at {{it}} and [].\n\n{value}"),
        format!("{{'not': 'strict'}} {value}"),
    ] {
        assert_eq!(read(&text), (Form::Strict, value.clone()), "{text}");
    }
    for scalar in [json!("text"), json!(3), json!(null), json!([]), json!("not {json}")] {
        assert_eq!(read(&scalar.to_string()), (Form::Strict, scalar));
    }
}

#[test]
fn other_notations_are_mended() {
    let cases = [
        (r"{'a': 'b'}", json!({"a": "b"})),
        (r"{'a': 'it's fine', 'b': 'x'}", json!({"a": "it's fine", "b": "x"})),
        (r#"{"a": "he said "hi" to me", "b": 1}"#, json!({"a": "he said \"hi\" to me", "b": 1})),
        (r#"{"a": "he said "hi", then left"}"#, json!({"a": "he said \"hi\", then left"})),
        ("{'a': True, 'b': False, 'c': None}", json!({"a": true, "b": false, "c": null})),
        ("{\"a\": [1, 2, ], \"b\": {\"c\": 1,},}", json!({"a": [1, 2], "b": {"c": 1}})),
        ("{\"a\": 1,, \"b\": 2}", json!({"a": 1, "b": 2})),
        ("{\"a\": 1 // one\n, /* two */ \"b\": 2 # three\n}", json!({"a": 1, "b": 2})),
        ("{\"url\": \"http://x.org/#a\", // where\n\"b\": 2}", json!({"url": "http://x.org/#a", "b": 2})),
        ("{a: 1, b_c: \"x\", $d: null}", json!({"a": 1, "b_c": "x", "$d": null})),
        ("{city: Paris, day: 2024-05-01, n: 12}", json!({"city": "Paris", "day": "2024-05-01", "n": 12})),
        ("{\"a\": \"two\nlines\tand a tab\"}", json!({"a": "two\nlines\tand a tab"})),
        ("{\u{201c}a\u{201d}: \u{201c}b\u{201d}}", json!({"a": "b"})),
        ("{\u{2018}a\u{2019}: \u{2018}it\u{2019}s\u{2019}}", json!({"a": "it\u{2019}s"})),
        ("{\"a\": 1\n\"b\": 2}", json!({"a": 1, "b": 2})),
        ("{\"a\": \"x\"\n\"b\": \"y\"}", json!({"a": "x", "b": "y"})),
        ("[{\"a\": 1} {\"a\": 2}]", json!([{"a": 1}, {"a": 2}])),
        (
            "{\"a\": (1, 2), \"b\": +1, \"c\": .5, \"d\": 1_000, \"e\": NaN}",
            json!({"a": [1, 2], "b": 1, "c": 0.5, "d": 1000, "e": null}),
        ),
        ("{\"a\": [1, 2}", json!({"a": [1, 2]})),
        ("{\"a\": {\"b\": [\"x\"}}", json!({"a": {"b": ["x"]}})),
        (
            r#"{\"a\": \"b\", \"c\": {\"d\": \"say \\\"hi\\\"\n\\n\"}}"#,
            json!({"a": "b", "c": {"d": "say \"hi\"\n\n"}}),
        ),
        (r#""{\"a\": {\"b\": \"c\"}}""#, json!({"a": {"b": "c"}})),
        ("{\"a\" => 1, \"b\" = 2}", json!({"a": 1, "b": 2})),
        (
            "{\"re\": \"\\d+\\.\\w\", \"u\": '\\u00e9\\ud83d\\ude00\\x41'}",
            json!({"re": "\\d+\\.\\w", "u": "\u{e9}\u{1f600}A"}),
        ),
        ("{\"code\": \"\"\"print(\"a\")\nx = {}\"\"\"}", json!({"code": "print(\"a\")\nx = {}"})),
        ("{u'a': b'c', \"s\": `t`}", json!({"a": "c", "s": "t"})),
    ];
    for (text, value) in cases {
        assert_eq!(read(text), (Form::Mended, value), "{text}");
    }
}

#[test]
fn what_is_cut_off_is_closed_and_told() {
    let cases = [
        (r#"{"a": {"b": "c""#, Form::Closed, json!({"a": {"b": "c"}})),
        (r#"{"a": {"b": "c"}"#, Form::Closed, json!({"a": {"b": "c"}})),
        (r#"[{"a": "b"}, {"a": true"#, Form::Closed, json!([{"a": "b"}, {"a": true}])),
        (r#"{"a": "b", "c": "half a sent"#, Form::Cut, json!({"a": "b"})),
        (r#"{"a": "b", "c": 12"#, Form::Cut, json!({"a": "b"})),
        (r#"{"a": "b", "c":"#, Form::Cut, json!({"a": "b"})),
        (r#"{"a": "b", "c"#, Form::Cut, json!({"a": "b"})),
        (r#"{"a": "b","#, Form::Cut, json!({"a": "b"})),
        (r#"{"a": ["x", "y"#, Form::Cut, json!({"a": ["x"]})),
        (r#"{"a": "b", "c": tru"#, Form::Cut, json!({"a": "b"})),
    ];
    for (text, form, value) in cases {
        assert_eq!(read(text), (form, value), "{text}");
    }
    for none in ["", "{", "no json here {", "{\"", "}{", "{it} is", "a [link](to) it"] {
        assert_eq!(value_in(none), None, "{none}");
    }
}

#[test]
fn several_values_come_in_their_order_and_what_a_cut_swallowed_is_looked_through() {
    let values = |text: &str| values_in(text).into_iter().map(|found| found.value).collect::<Vec<_>>();
    assert_eq!(values("{\"a\":1}\n{'b':2} and [3]"), [json!({"a": 1}), json!({"b": 2}), json!([3])]);
    assert_eq!(read("Let me write {\"hello and then\n\n{\"a\": 1}"), (Form::Strict, json!({"a": 1})));
    assert_eq!(read("As in [1]:\n```json\n{\"a\": 1}\n```"), (Form::Strict, json!({"a": 1})));
}

#[test]
fn keywords_are_read_as_python_writes_them() {
    fn read(text: &str) -> Option<(Value, &str)> {
        keywords(text).map(|(map, end)| (Value::Object(map), &text[end..]))
    }
    assert_eq!(
        read("(a=1, b=\"x, y\", c=[True]) ok"),
        Some((json!({"a": 1, "b": "x, y", "c": [true]}), " ok"))
    );
    assert_eq!(read("()"), Some((json!({}), "")));
    assert_eq!(read("(1, 2)"), None);
    assert_eq!(read("a=1"), None);
    assert_eq!(read("(a=1"), None);
}

#[test]
fn the_fitting_value_is_found_or_the_fault_is_said() {
    let schema = json!({
        "type": "object", "required": ["solved", "reason"],
        "properties": {"solved": {"type": "boolean"}, "reason": {"type": "string"}},
    });
    let good = json!({"solved": true, "reason": "yes"});
    let text = format!("Draft: {{\"solved\": \"maybe\"}}\nFinal: {good}");
    assert_eq!(fitting(&text, &schema), Ok(good));
    let fault = |text: &str| fitting(text, &schema).unwrap_err();
    assert_eq!(fault("no"), "there is no JSON in it");
    assert_eq!(fault("{\"solved\": true}"), "`reason` is missing");
    assert_eq!(fault("{\"solved\": true, \"reason\": \"be"), "the JSON is cut off before its end");
    assert_eq!(fault("{\"solved\": \"yes\", \"reason\": \"\"}"), "`solved` is a string, not a boolean");
    assert_eq!(fault("[1]"), "the JSON value is a list, not an object");
}

#[test]
fn a_misfit_is_said_in_words_with_its_place() {
    let schema = json!({
        "type": "object", "required": ["list"], "additionalProperties": false,
        "properties": {
            "list": {"type": "array", "items": {"type": "object", "required": ["n"], "properties": {
                "n": {"type": ["integer", "null"]}, "level": {"enum": ["low", "high"]}}}},
        },
    });
    let wrong = |value: Value| misfit(&value, &schema);
    assert_eq!(wrong(json!({"list": [{"n": 1.0, "level": "low"}, {"n": null}], "more": 1})), None);
    assert_eq!(wrong(json!({"list": {}})).unwrap(), "`list` is an object, not a list");
    assert_eq!(wrong(json!({"list": [{"n": 1}, {}]})).unwrap(), "`n` is missing in `list[1]`");
    assert_eq!(
        wrong(json!({"list": [{"n": 1.5}]})).unwrap(),
        "`list[0].n` is a number, not an integer or null"
    );
    assert_eq!(
        wrong(json!({"list": [{"n": 1, "level": "mid"}]})).unwrap(),
        "`list[0].level` is none of \"low\", \"high\""
    );
    assert_eq!(misfit(&json!(1), &json!(true)), None);
}

#[test]
fn hostile_texts_end_and_take_no_more_steps_than_their_length_allows() {
    let n = 20_000;
    for unit in [
        "[",
        "{",
        "{\"a\":",
        "[\"",
        "{\"a",
        "{'a",
        "[1,",
        "\"",
        "[{",
        "{\\\"",
        "(",
        "[(",
        "{\"a\":[",
        "[//",
        "[#",
        "[/*",
        "{a:",
        "[\u{201c}",
        "{\"a\":\"b\",",
        "```",
        "[]",
        "{}",
        "[1]",
        "[\"\"\"",
        "{\"a\" , ",
        "{\"   ",
    ] {
        let text = unit.repeat(n);
        let mut steps = lenient::steps_for(&text);
        // One reading spends from the same store that all of them share.
        let mut reader = Reader::new(&text, 0, &mut steps);
        let _ = reader.collection();
        assert!(values_in(&text).len() <= VALUES_MAX);
    }
}

/// Any JSON value, a few levels deep.
pub(crate) fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i32>().prop_map(|n| Value::from(f64::from(n) / 8.0)),
        ".{0,12}".prop_map(Value::from),
        "[a-z\"'\\\\{}\\[\\]:,#/ \n\u{201c}`]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a-z\"'{: ]{0,6}", inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Replies as models write them, to be spoilt.
const REPLIES: [&str; 6] = [
    "Sure, here you go:\n```json\n{\"instruction\": \"Find \\\"Rex\\\" for me, he's lost.\", \"n\": [1, 2.5, null]}\n```",
    "{'name': 'pets_list', 'arguments': {'status': 'available', 'limit': 10, 'mine': True}}",
    "<tool_call>\n{\"name\": \"a_get\", \"arguments\": {\"id\": \"x-1\", \"deep\": {\"list\": [[1], [2, {\"z\": \"\\u00e9\"}]]}}}\n</tool_call>",
    "Thought: I should look.\nAction: pets_list\nAction Input: {\"status\": \"sold\"} // that one\nObservation: [\"x\"]",
    "{\\\"solved\\\": false, \\\"reason\\\": \\\"It did not \\\\\"end\\\\\".\\\"}",
    "[{\"instruction\": \"Go.\", \"tools\": [\"a\", \"b\"]}, {\"instruction\": \"\u{201c}Stay\u{201d}\", \"tools\": [],}]",
];

/// A reply, spoilt in several ways.
pub(crate) fn spoilt(replies: &'static [&'static str]) -> impl Strategy<Value = String> {
    let edit = (0..9_u8, any::<prop::sample::Index>(), ".{0,3}");
    (prop::sample::select(replies), prop::collection::vec(edit, 0..6)).prop_map(|(reply, edits)| {
        edits.into_iter().fold(reply.to_owned(), |text, (kind, index, noise)| {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let (before, after) = text.split_at(*index.get(&places));
            match kind {
                0 => before.to_owned(),
                1 => after.to_owned(),
                2 => format!("{before}{}", after.replace('"', "'")),
                3 => format!("{before}{}", after.replace(',', ",,")),
                4 => format!("{before}```json\n{after}"),
                5 => format!("{before}{noise}{after}"),
                6 => format!("{before}{}", after.replacen(['"', '}', ']', ':', '\\'], "", 1)),
                7 => format!("{before}{after}{before}"),
                _ => format!("{before}{}", after.replace('"', "\\\"")),
            }
        })
    })
}

proptest! {
    #[test]
    fn strict_json_comes_back_unchanged_alone_and_among_words(value in json_value(), is_pretty: bool) {
        let text = if is_pretty { format!("{value:#}") } else { value.to_string() };
        let whole = value_in(&text).unwrap();
        if whole.form == Form::Strict {
            prop_assert_eq!(&whole.value, &value);
        }
        if !(value.is_object() || value.is_array()) || is_empty(&value) {
            return Ok(());
        }
        let among = value_in(&format!("Here: {text}\nDone, that's \"all\".")).unwrap();
        prop_assert_eq!(among.form, Form::Strict);
        prop_assert_eq!(&among.value, &value);
    }

    #[test]
    fn any_beginning_of_strict_json_is_read_without_inventing_anything(value in json_value(), index: prop::sample::Index) {
        let text = value.to_string();
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let at = *index.get(&places);
        for found in values_in(&text[..at]) {
            prop_assert!(found.span.end <= at);
        }
    }

    #[test]
    fn spoilt_replies_are_read_without_panic(text in spoilt(&REPLIES)) {
        for found in values_in(&text) {
            prop_assert!(text.get(found.span.clone()).is_some());
            prop_assert!(found.form != Form::Strict || serde_json::from_str::<Value>(&text[found.span]).is_ok());
        }
        let _ = fitting(&text, &json!({"type": "object", "required": ["a"]}));
        let _ = keywords(&text);
    }

    #[test]
    fn noise_is_read_without_panic(text in "[\\[\\]{}()\"'`:,=\\\\/#*u0-9a\u{201c}\u{201d}\n -]{0,80}") {
        let _ = values_in(&text);
        let _ = keywords(&text);
    }
}

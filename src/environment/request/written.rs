//! Values as text, by style: what RFC 6570 and OpenAPI say, with each character escaped that could be misread.

use super::RequestError;
use crate::data::{Style, Written};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// What is escaped in values: all but the unreserved characters.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The same where reserved characters may stand: those that end or part a query's pairs are escaped still.
const RESERVED: &AsciiSet = &VALUE
    .remove(b':')
    .remove(b'/')
    .remove(b'?')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b',')
    .remove(b';');
/// What is escaped in a template's own text, in which `%` begins an escape already.
const KEPT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'#')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'|')
    .add(b'\\')
    .add(b'^');

/// A value as styles see it.
pub enum Parts {
    /// One text.
    Scalar(String),
    /// A list's items.
    List(Vec<String>),
    /// An object's fields.
    Pairs(Vec<(String, String)>),
}

impl Parts {
    /// Takes a value apart; what nests deeper is JSON text, and a value with a media type of its own is one text.
    pub fn of(value: &Value, written: &Written) -> Self {
        match value {
            _ if written.media.is_some() => Self::Scalar(typed(value, written)),
            Value::Array(items) => Self::List(items.iter().map(text).collect()),
            Value::Object(map) => Self::Pairs(map.iter().map(|(key, v)| (key.clone(), text(v))).collect()),
            scalar => Self::Scalar(text(scalar)),
        }
    }
}

/// Returns a value's text: a string as it is, all else as JSON.
pub fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Returns a value's text in its own media type, where it has one.
fn typed(value: &Value, written: &Written) -> String {
    let json = written.media.as_ref().is_some_and(|m| m.contains("json"));
    if json { value.to_string() } else { text(value) }
}

/// Returns what a form or parts hold for one field, each with whether it is JSON: an entry for each item of a list.
pub fn items(value: &Value, written: &Written) -> Vec<(String, bool)> {
    let one = |v: &Value| (typed(v, written), v.is_object() || v.is_array());
    match value {
        Value::Array(items) => items.iter().map(one).collect(),
        single => vec![one(single)],
    }
}

/// Escapes a value or a name.
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, VALUE).to_string()
}

/// Escapes what can stand in no URL, and nothing else.
pub fn kept(text: &str) -> String {
    utf8_percent_encode(text, KEPT).to_string()
}

/// Writes a path's parameter.
pub fn segment(wire: &str, written: &Written, value: &Value) -> String {
    let explode = written.explode == Some(true);
    let parts = Parts::of(value, written);
    match written.style {
        Some(Style::Label) => label(&parts, explode),
        Some(Style::Matrix) => matrix(&encoded(wire), &parts, explode),
        _ => match parts {
            Parts::Scalar(text) => encoded(&text),
            Parts::List(items) => each(&items, ","),
            Parts::Pairs(pairs) => fields(&pairs, explode, ","),
        },
    }
}

fn label(parts: &Parts, explode: bool) -> String {
    // a full stop parts values here
    let stop = |text: &str| text.replace('.', "%2E");
    let between = if explode { "." } else { "," };
    let inner = match parts {
        Parts::Scalar(text) => stop(&encoded(text)),
        Parts::List(items) => items.iter().map(|i| stop(&encoded(i))).collect::<Vec<_>>().join(between),
        Parts::Pairs(pairs) => {
            let equals = if explode { "=" } else { "," };
            let pair = |(key, value): &(String, String)| {
                format!("{}{equals}{}", stop(&encoded(key)), stop(&encoded(value)))
            };
            pairs.iter().map(pair).collect::<Vec<_>>().join(between)
        }
    };
    format!(".{inner}")
}

fn matrix(name: &str, parts: &Parts, explode: bool) -> String {
    match parts {
        Parts::Scalar(text) if text.is_empty() => format!(";{name}"),
        Parts::Scalar(text) => format!(";{name}={}", encoded(text)),
        Parts::List(items) if explode => {
            items.iter().flat_map(|i| [";", name, "=", &encoded(i)].map(str::to_owned)).collect()
        }
        Parts::List(items) => format!(";{name}={}", each(items, ",")),
        Parts::Pairs(pairs) if explode => format!(";{}", fields(pairs, true, ";")),
        Parts::Pairs(pairs) => format!(";{name}={}", fields(pairs, false, ",")),
    }
}

fn each(items: &[String], between: &str) -> String {
    items.iter().map(|i| encoded(i)).collect::<Vec<_>>().join(between)
}

fn fields(pairs: &[(String, String)], explode: bool, between: &str) -> String {
    let equals = if explode { "=" } else { between };
    let pair = |(key, value): &(String, String)| format!("{}{equals}{}", encoded(key), encoded(value));
    pairs.iter().map(pair).collect::<Vec<_>>().join(between)
}

/// Writes a parameter as the pairs of a query, a form or a cookie. Nothing stands for an empty list or object.
pub fn pairs(wire: &str, written: &Written, value: &Value) -> Result<Vec<(String, String)>, RequestError> {
    let name = encoded(wire);
    let style = written.style.unwrap_or(Style::Form);
    if style == Style::DeepObject && written.media.is_none() {
        let mut out = Vec::new();
        deep(&name, value, &mut out);
        return Ok(out);
    }
    let escape = |text: &str| {
        let set = if written.reserved { RESERVED } else { VALUE };
        utf8_percent_encode(text, set).to_string()
    };
    let explode = written.explode.unwrap_or(style == Style::Form);
    Ok(match Parts::of(value, written) {
        Parts::Scalar(text) => vec![(name, escape(&text))],
        Parts::List(items) if explode => items.iter().map(|i| (name.clone(), escape(i))).collect(),
        Parts::Pairs(pairs) if explode => {
            pairs.iter().map(|(key, value)| (encoded(key), escape(value))).collect()
        }
        Parts::List(items) if items.is_empty() => Vec::new(),
        Parts::Pairs(pairs) if pairs.is_empty() => Vec::new(),
        Parts::List(items) => vec![(name, delimited_words(wire, style, &items)?)],
        Parts::Pairs(pairs) => {
            let words: Vec<String> = pairs.into_iter().flat_map(|(key, value)| [key, value]).collect();
            vec![(name, delimited_words(wire, style, &words)?)]
        }
    })
}

/// Writes nested names: `filter[price][min]=1`, `tags[0]=a`.
fn deep(name: &str, value: &Value, out: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, value)| deep(&format!("{name}%5B{}%5D", encoded(key)), value, out));
        }
        Value::Array(items) => {
            // an empty item has no text, and leaves no gap
            let mut index = 0;
            for item in items {
                let before = out.len();
                deep(&format!("{name}%5B{index}%5D"), item, out);
                index += usize::from(out.len() > before);
            }
        }
        scalar => out.push((name.to_owned(), encoded(&text(scalar)))),
    }
}

/// Returns what separates a style's values.
fn delimiter(style: Style) -> char {
    match style {
        Style::SpaceDelimited => ' ',
        Style::TabDelimited => '\t',
        Style::PipeDelimited => '|',
        _ => ',',
    }
}

/// Joins words. A comma of their own is escaped; what the other styles separate by would be escaped itself.
fn delimited_words(wire: &str, style: Style, words: &[String]) -> Result<String, RequestError> {
    let delimiter = delimiter(style);
    if delimiter == ',' {
        return Ok(each(words, ","));
    }
    refuse(wire, words.iter(), delimiter)?;
    Ok(each(words, &encoded(&delimiter.to_string())))
}

/// Joins a list's items where nothing is escaped.
pub fn delimited(wire: &str, written: &Written, items: &[Value]) -> Result<String, RequestError> {
    let delimiter = delimiter(written.style.unwrap_or(Style::Form));
    let words: Vec<String> = items.iter().map(text).collect();
    refuse(wire, words.iter(), delimiter)?;
    Ok(words.join(&delimiter.to_string()))
}

/// Refuses words that hold what separates them.
pub fn refuse<'a>(
    wire: &str,
    mut words: impl Iterator<Item = &'a String>,
    delimiter: char,
) -> Result<(), RequestError> {
    if words.any(|word| word.contains(delimiter)) {
        return Err(RequestError::Delimiter { name: wire.to_owned(), delimiter });
    }
    Ok(())
}

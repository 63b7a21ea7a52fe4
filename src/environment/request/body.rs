//! Bodies: JSON, forms, parts, and texts.

use super::{RequestError, joined, written};
use crate::data::{BodyEncoding, HttpCall, Method, Place, Written};
use serde_json::Value;
use std::fmt::Write as _;

/// A body's field: its name on the wire, the way it is written, its value.
pub type Field<'a> = (&'a str, &'a Written, &'a Value);

/// Makes the body with its media type.
pub fn of(call: &HttpCall, fields: &[Field<'_>]) -> Result<Option<(String, String)>, RequestError> {
    let media = |usual: &str| call.body_media.clone().unwrap_or_else(|| usual.to_owned());
    let whole = fields.iter().find(|(wire, ..)| wire.is_empty()).map(|(_, _, value)| *value);
    let demanded = matches!(call.method, Method::Post | Method::Put | Method::Patch);
    let declared = call.places.iter().any(|p| p.place == Place::Body && !p.wire.is_empty());
    if fields.is_empty() && !(demanded && declared && call.body == BodyEncoding::Json) {
        return Ok(None);
    }
    let usual = Written::default();
    // a whole object is its fields
    let spread: Vec<Field<'_>> = match whole {
        Some(Value::Object(map)) => map.iter().map(|(key, value)| (key.as_str(), &usual, value)).collect(),
        _ => fields.to_vec(),
    };
    let object = || -> Value {
        whole.cloned().unwrap_or_else(|| {
            fields.iter().map(|(wire, _, value)| ((*wire).to_owned(), (*value).clone())).collect()
        })
    };
    let text = whole.filter(|w| !w.is_object());
    Ok(Some(match call.body {
        BodyEncoding::None => return Ok(None),
        BodyEncoding::Json => (media("application/json"), object().to_string()),
        BodyEncoding::Form => {
            let text = match text {
                Some(text) => written::text(text),
                None => form(&spread)?,
            };
            if text.is_empty() {
                return Ok(None);
            }
            (media("application/x-www-form-urlencoded"), text)
        }
        BodyEncoding::Multipart => {
            let Some((boundary, text)) = multipart(&spread)? else { return Ok(None) };
            (format!("{}; boundary={boundary}", media("multipart/form-data")), text)
        }
        BodyEncoding::Text | BodyEncoding::Binary => {
            let media = media("text/plain");
            match whole {
                Some(whole) => (media, written::text(whole)),
                // JSON is YAML too
                None if media.contains("yaml") => (media, object().to_string()),
                None => return Err(RequestError::Body(media)),
            }
        }
    }))
}

/// Tells whether a field is written as a query's parameter would be.
fn styled(written: &Written) -> bool {
    written.style.is_some() || written.explode.is_some()
}

/// Writes fields as `a=1&b=2`.
fn form(fields: &[Field<'_>]) -> Result<String, RequestError> {
    let mut pairs = Vec::new();
    for (wire, written, value) in fields {
        if styled(written) {
            pairs.extend(written::pairs(wire, written, value)?);
        } else {
            let items = written::items(value, written);
            pairs.extend(items.iter().map(|(item, _)| (written::encoded(wire), written::encoded(item))));
        }
    }
    Ok(joined(&pairs, "&").replace("%20", "+"))
}

/// Writes fields as parts, if any; returns the boundary between them too, which none of them holds.
fn multipart(fields: &[Field<'_>]) -> Result<Option<(String, String)>, RequestError> {
    let mut parts = Vec::new();
    for (wire, written, value) in fields {
        let items = match value {
            Value::Array(list) if styled(written) && written.explode != Some(true) && !list.is_empty() => {
                vec![(written::delimited(wire, written, list)?, false)]
            }
            _ => written::items(value, written),
        };
        let name = wire.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
        for (item, json) in items {
            let mut part = format!("Content-Disposition: form-data; name=\"{name}\"\r\n");
            if let Some(media) = written.media.as_deref().or(json.then_some("application/json")) {
                let _ = write!(part, "Content-Type: {media}\r\n");
            }
            let _ = write!(part, "\r\n{item}\r\n");
            parts.push(part);
        }
    }
    if parts.is_empty() {
        return Ok(None);
    }
    // made of the content, so that the same call has the same bytes
    let mut boundary = blake3::hash(parts.concat().as_bytes()).to_hex().to_string();
    boundary.truncate(32);
    while parts.iter().any(|p| p.contains(&boundary)) {
        boundary = blake3::hash(boundary.as_bytes()).to_hex().to_string();
    }
    let mut out = String::new();
    for part in &parts {
        let _ = write!(out, "--{boundary}\r\n{part}");
    }
    let _ = write!(out, "--{boundary}--\r\n");
    Ok(Some((boundary, out)))
}

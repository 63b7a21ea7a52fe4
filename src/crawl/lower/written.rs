//! How each argument is written on the wire: styles of OpenAPI 3, collection formats of 2.0, encodings of body fields.

use crate::crawl::values::{Node, Spec};
use crate::data::{BodyEncoding, ParamPlace, Place, Style, Written};
use serde_json::Value;

/// Returns the way a parameter is written, without what is usual in its place.
pub fn parameter(node: Node<'_>, place: Place, schema: &Value) -> Written {
    if let Some((media, _)) = node.get("content").and_then(|c| c.entries().next()) {
        return Written { media: Some(media.to_lowercase()), ..Written::default() };
    }
    if node.get("schema").is_none() {
        return collection(node, place, schema);
    }
    let usual = usual_style(place);
    let style = node.text("style").and_then(style_of).filter(|style| fits(*style, place)).unwrap_or(usual);
    let explode = node.value.get("explode").and_then(Value::as_bool);
    Written {
        style: (style != usual).then_some(style),
        explode: explode.filter(|e| !is_scalar(schema) && *e != exploded(style)),
        reserved: node.flag("allowReserved") && place == Place::Query,
        media: None,
    }
}

/// Reads 2.0's `collectionFormat`, which says `csv` where it says nothing.
fn collection(node: Node<'_>, place: Place, schema: &Value) -> Written {
    if is_scalar(schema) {
        return Written::default();
    }
    let apart = matches!(place, Place::Query | Place::Cookie | Place::Body);
    let style = match node.text("collectionFormat").unwrap_or("csv") {
        "multi" if apart => return Written::default(),
        "ssv" => Some(Style::SpaceDelimited),
        "tsv" => Some(Style::TabDelimited),
        "pipes" => Some(Style::PipeDelimited),
        _ => None,
    };
    Written { style, explode: (apart && style.is_none()).then_some(false), ..Written::default() }
}

/// Takes over what a 3.x body's media type says of single fields.
pub fn fields(spec: &Spec<'_>, operation: Node<'_>, media: &str, places: &mut [ParamPlace]) {
    let request = operation.get("requestBody").and_then(|r| spec.document.follow(r));
    let content = request.and_then(|r| r.get("content"));
    let chosen =
        content.into_iter().flat_map(Node::entries).find(|(name, _)| name.eq_ignore_ascii_case(media));
    let Some(encodings) = chosen.and_then(|(_, node)| node.get("encoding")) else { return };
    for place in places.iter_mut().filter(|p| p.place == Place::Body) {
        let Some(encoding) = encodings.get(&place.wire).and_then(|e| spec.document.follow(e)) else {
            continue;
        };
        let style = encoding.text("style").and_then(style_of).filter(|s| fits(*s, Place::Query));
        let explode = encoding.value.get("explode").and_then(Value::as_bool);
        let reserved = encoding.flag("allowReserved");
        // a style that is named wins over a media type
        let named = style.is_some() || explode.is_some() || reserved;
        let style = if named { Some(style.unwrap_or(Style::Form)) } else { None };
        place.written = Written {
            style,
            explode: explode.filter(|e| *e != style.is_none_or(exploded)),
            reserved,
            media: if named { None } else { encoding.text("contentType").and_then(first_media) },
        };
    }
}

/// Returns a body's media type where it is not the one that its encoding means anyway.
pub fn media(encoding: BodyEncoding, media: &str) -> Option<String> {
    let usual = match encoding {
        BodyEncoding::None | BodyEncoding::Json => "application/json",
        BodyEncoding::Form => "application/x-www-form-urlencoded",
        BodyEncoding::Multipart => "multipart/form-data",
        BodyEncoding::Text => "text/plain",
        BodyEncoding::Binary => "application/octet-stream",
    };
    (media != usual && !media.contains('*')).then(|| media.to_owned())
}

/// Returns the first media type of a list that is a single one.
fn first_media(list: &str) -> Option<String> {
    let first = list.split(',').map(str::trim).find(|m| !m.is_empty() && !m.contains('*'))?;
    Some(first.to_lowercase())
}

fn usual_style(place: Place) -> Style {
    match place {
        Place::Path | Place::Header => Style::Simple,
        Place::Query | Place::Cookie | Place::Body => Style::Form,
    }
}

/// Tells whether a style writes items apart where nothing is said of it.
fn exploded(style: Style) -> bool {
    matches!(style, Style::Form | Style::DeepObject)
}

fn style_of(name: &str) -> Option<Style> {
    Some(match name {
        "simple" => Style::Simple,
        "label" => Style::Label,
        "matrix" => Style::Matrix,
        "form" => Style::Form,
        "spaceDelimited" => Style::SpaceDelimited,
        "pipeDelimited" => Style::PipeDelimited,
        "deepObject" => Style::DeepObject,
        _ => return None,
    })
}

/// Tells whether a style may stand in a place; specs name others, which then mean the usual one.
fn fits(style: Style, place: Place) -> bool {
    match place {
        Place::Path => matches!(style, Style::Simple | Style::Label | Style::Matrix),
        Place::Header => style == Style::Simple,
        Place::Cookie => style == Style::Form,
        Place::Query | Place::Body => {
            matches!(style, Style::Form | Style::SpaceDelimited | Style::PipeDelimited | Style::DeepObject)
        }
    }
}

fn is_scalar(schema: &Value) -> bool {
    schema
        .get("type")
        .and_then(Value::as_str)
        .is_some_and(|t| matches!(t, "string" | "integer" | "number" | "boolean"))
}

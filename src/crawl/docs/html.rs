//! HTML → text whose lines Markdown's rules can read on: tags become line breaks and list marks, entities characters.

/// What a tag does to the text.
enum Does {
    /// Nothing: its content stands in the line.
    Inline,
    /// Begins another line.
    Line,
    /// Begins or ends a paragraph.
    Block,
    /// Begins a list's item.
    Item,
    /// Begins or ends a heading.
    Heading,
    /// Begins a table's row.
    Row,
    /// Ends a table's cell.
    Cell,
    /// Begins or ends code.
    Code,
    /// Its content is for browsers.
    Hidden,
}

fn does(tag: &str) -> Option<Does> {
    Some(match tag {
        "a" | "abbr" | "acronym" | "b" | "big" | "bdi" | "bdo" | "center" | "cite" | "code" | "del"
        | "dfn" | "em" | "font" | "i" | "img" | "ins" | "kbd" | "label" | "mark" | "q" | "s" | "samp"
        | "small" | "span" | "strike" | "strong" | "sub" | "sup" | "time" | "tt" | "u" | "var" | "wbr"
        | "input" | "button" | "replaceable" | "tbody" | "thead" | "tfoot" | "col" | "colgroup" => {
            Does::Inline
        }
        "br" => Does::Line,
        "p" | "div" | "ul" | "ol" | "dl" | "dd" | "section" | "article" | "header" | "footer" | "main"
        | "nav" | "aside" | "table" | "blockquote" | "note" | "important" | "caution" | "warning" | "tip"
        | "details" | "summary" | "figure" | "figcaption" | "hr" | "body" | "html" | "head" | "form"
        | "fieldset" | "para" | "caption" | "address" => Does::Block,
        "li" | "dt" => Does::Item,
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "fullname" | "title" => Does::Heading,
        "tr" => Does::Row,
        "td" | "th" => Does::Cell,
        "pre" | "programlisting" => Does::Code,
        "script" | "style" | "svg" | "iframe" | "object" | "video" | "audio" => Does::Hidden,
        _ => return None,
    })
}

/// Longest tag, in bytes.
const TAG_MAX: usize = 2000;

/// A tag or what looks like one, from its `<` on.
struct Tag<'a> {
    name: String,
    inner: &'a str,
    closes: bool,
    bytes: usize,
}

/// Reads a tag; `None` where `<` only means "less than".
fn tag(rest: &str) -> Option<Tag<'_>> {
    let body = &rest[1..];
    let end = body.bytes().take(TAG_MAX).position(|b| b == b'>' || b == b'<')?;
    if body.as_bytes()[end] == b'<' || end == 0 {
        return None;
    }
    let inner = &body[..end];
    let closes = inner.starts_with('/');
    let inner = inner.trim_matches('/');
    if !inner.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let name_end = inner.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inner.len());
    Some(Tag { name: inner[..name_end].to_ascii_lowercase(), inner, closes, bytes: end + 2 })
}

/// Turns HTML into lines. Placeholders in angle brackets (`<your-id>`) lose the brackets; `List<String>` stays.
pub fn lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    // an item's mark waits for its text, whatever paragraphs begin in between
    let mut fresh = false;
    let mut ends = Ends { comment: true, hidden: true };
    while let Some(found) = text[at..].find('<') {
        let piece = &text[at..at + found];
        fresh &= piece.trim().is_empty();
        out.push_str(piece);
        at += found;
        let rest = &text[at..];
        if rest.starts_with("<!--") && ends.comment {
            match rest.find("-->") {
                Some(end) => at += end + 3,
                None => ends.comment = false,
            }
            if ends.comment {
                continue;
            }
        }
        let Some(tag) = tag(rest) else {
            out.push('<');
            at += 1;
            continue;
        };
        let Some(does) = does(&tag.name).filter(|_| !tag.inner.contains("://") || tag.inner.contains('='))
        else {
            if out.ends_with(|c: char| c.is_alphanumeric()) {
                out.push('<');
                at += 1;
                continue;
            }
            if !tag.closes && !tag.inner.contains('=') {
                out.push_str(tag.inner);
            }
            at += tag.bytes;
            continue;
        };
        at += tag.bytes;
        if matches!(does, Does::Hidden) && !tag.closes && ends.hidden {
            let close = format!("</{}", tag.name);
            match find_close(&text[at..], &close) {
                Some(end) => at += end,
                None => ends.hidden = false,
            }
            continue;
        }
        mark(&does, tag.closes, &mut fresh, &mut out);
    }
    out.push_str(&text[at..]);
    out
}

/// Whether ends of what was opened are still to be found, so that a text without any is searched once.
struct Ends {
    comment: bool,
    hidden: bool,
}

fn find_close(text: &str, close: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    (0..bytes.len().saturating_sub(close.len() - 1))
        .find(|&i| bytes[i] == b'<' && bytes[i..i + close.len()].eq_ignore_ascii_case(close.as_bytes()))
}

fn mark(does: &Does, closes: bool, fresh: &mut bool, out: &mut String) {
    let mark = match (does, closes) {
        (Does::Line, _) | (Does::Item | Does::Row, true) => "\n",
        (Does::Block, _) | (Does::Heading, true) => "\n\n",
        (Does::Item, false) => "\n- ",
        (Does::Heading, false) => "\n\n## ",
        (Does::Row, false) => "\n| ",
        (Does::Cell, true) => " | ",
        (Does::Code, _) => "\n```\n",
        (Does::Inline | Does::Hidden, _) | (Does::Cell, false) => return,
    };
    if !(*fresh && matches!(does, Does::Line | Does::Block)) {
        out.push_str(mark);
    }
    *fresh = matches!(does, Does::Item) && !closes;
}

/// Decodes entities, also those that were encoded twice.
pub fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let mut last = '&';
        // what comes of `&amp;` may begin another entity
        while let Some((char, bytes)) = entity(rest) {
            last = char;
            rest = &rest[bytes..];
            if char != '&' {
                break;
            }
        }
        out.push(last);
    }
    out.push_str(rest);
    out
}

/// Reads an entity after its `&`: the character and how many bytes it took.
fn entity(rest: &str) -> Option<(char, usize)> {
    const NAMED: [(&str, char); 46] = [
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("nbsp", ' '),
        ("ensp", ' '),
        ("emsp", ' '),
        ("thinsp", ' '),
        ("rsquo", '\''),
        ("lsquo", '\''),
        ("sbquo", '\''),
        ("ldquo", '"'),
        ("rdquo", '"'),
        ("laquo", '«'),
        ("raquo", '»'),
        ("mdash", '—'),
        ("ndash", '–'),
        ("minus", '-'),
        ("hellip", '…'),
        ("bull", '•'),
        ("middot", '·'),
        ("copy", '©'),
        ("reg", '®'),
        ("trade", '™'),
        ("times", '×'),
        ("deg", '°'),
        ("plusmn", '±'),
        ("le", '≤'),
        ("ge", '≥'),
        ("ne", '≠'),
        ("rarr", '→'),
        ("larr", '←'),
        ("euro", '€'),
        ("pound", '£'),
        ("yen", '¥'),
        ("sect", '§'),
        ("auml", 'ä'),
        ("ouml", 'ö'),
        ("uuml", 'ü'),
        ("szlig", 'ß'),
        ("eacute", 'é'),
        ("egrave", 'è'),
        ("agrave", 'à'),
        ("ccedil", 'ç'),
        ("ntilde", 'ñ'),
    ];
    let end = rest.bytes().take(10).position(|b| b == b';')?;
    let name = &rest[..end];
    let char = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            match code {
                0x2018 | 0x2019 => '\'',
                0x201C | 0x201D => '"',
                _ => char::from_u32(code).filter(|c| !c.is_control() || c.is_whitespace())?,
            }
        }
        None => NAMED.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((char, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_become_lines_and_placeholders_lose_their_brackets() {
        assert_eq!(lines("<ul> <li> <p>One</p> </li></ul>").trim(), "-  One");
        assert_eq!(lines("gs://<bucket>/<file name>"), "gs://bucket/file name");
        assert_eq!(lines("a < b, List<String> and <https://x.y>"), "a < b, List<String> and https://x.y");
        assert_eq!(lines("x<!-- gone -->y<script>if (a<b) {}</script>z").replace('\n', ""), "xyz");
    }

    #[test]
    fn entities_are_decoded_however_often_they_were_encoded() {
        assert_eq!(decode("a &amp;amp;lt; b &#39;c&#x27; &unknown; & d"), "a < b 'c' &unknown; & d");
    }
}

//! Markdown → blocks of plain text: headings, paragraphs, list items, table rows and code.

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A heading, with its level (1 to 6).
    Heading(u8),
    /// A paragraph.
    Text,
    /// An item of a list.
    Item,
    /// A row of a table.
    Row,
    /// Code, without its text.
    Code,
}

/// A piece of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What it is.
    pub kind: Kind,
    /// Its text, on one line, without marks.
    pub text: String,
}

/// A heading that is longer is a text.
const HEADING_MAX: usize = 120;
/// How far the end of a link's or an emphasis' text is looked for, in bytes.
const SPAN_MAX: usize = 300;
/// How far the end of a link's address is looked for, in bytes.
const ADDRESS_MAX: usize = 1200;

/// Collects blocks.
#[derive(Default)]
struct Blocks {
    out: Vec<Block>,
    open: String,
    kind: Option<Kind>,
}

impl Blocks {
    fn end(&mut self) {
        let kind = self.kind.take().unwrap_or(Kind::Text);
        if !self.open.trim().is_empty() {
            self.out.push(Block { kind, text: inline(&self.open) });
        }
        self.open.clear();
    }

    fn begin(&mut self, kind: Kind, text: &str) {
        self.end();
        self.kind = Some(kind);
        self.open.push_str(text);
    }

    fn add(&mut self, text: &str) {
        if !self.open.is_empty() {
            self.open.push(' ');
        }
        self.open.push_str(text);
    }

    /// Drops the row that names a table's columns.
    fn head_row(&mut self) {
        if self.open.contains('|') {
            self.open.clear();
        }
        self.end();
        if self.out.last().is_some_and(|b| b.kind == Kind::Row) {
            self.out.pop();
        }
    }

    fn code(&mut self) {
        self.end();
        self.out.push(Block { kind: Kind::Code, text: String::new() });
    }
}

/// Splits a text into blocks.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Blocks::default();
    let mut until: Option<&str> = None;
    let mut table = false;
    // how far the last paragraph was indented, and whether it has ended
    let (mut indent, mut ended) = (0, true);
    for whole in text.lines() {
        let line = whole.trim();
        if let Some(end) = until {
            if line.starts_with(end) {
                until = None;
            }
            continue;
        }
        if let Some(end) = opens(line) {
            blocks.code();
            until = Some(end);
            continue;
        }
        if line.is_empty() {
            table = false;
            ended = true;
            blocks.end();
            continue;
        }
        let own = whole.len() - whole.trim_start().len();
        if ended
            && own >= indent + 4
            && blocks.out.last().is_some_and(|b| matches!(b.kind, Kind::Text | Kind::Code))
        {
            blocks.code();
            continue;
        }
        (indent, ended) = (own, false);
        let line = quoted(line);
        if is_rule(line) {
            if line.starts_with('=') && blocks.open.len() <= HEADING_MAX && blocks.kind.is_none() {
                blocks.kind = Some(Kind::Heading(1));
            }
            blocks.end();
        } else if is_delimiter(line) {
            table = true;
            blocks.head_row();
        } else if line.starts_with('|') && line[1..].contains('|') || table && line.contains('|') {
            blocks.begin(Kind::Row, &row(line));
            blocks.end();
        } else if let Some((level, title)) = heading(line) {
            blocks.begin(Kind::Heading(level), title);
            blocks.end();
        } else if let Some(item) = bullet(line) {
            blocks.begin(Kind::Item, item);
        } else if !is_directive(line) {
            blocks.add(line);
        }
    }
    blocks.end();
    blocks.out
}

/// Tells what ends the code that a line opens.
fn opens(line: &str) -> Option<&'static str> {
    if line.starts_with("[block:") {
        return (!line.contains("[/block]")).then_some("[/block]");
    }
    ["```", "~~~"].into_iter().find(|mark| line.starts_with(mark) && !line[3..].contains(mark))
}

/// Takes the marks of quotations off.
fn quoted(mut line: &str) -> &str {
    while let Some(rest) =
        line.strip_prefix('>').filter(|r| r.starts_with(|c: char| c == ' ' || c.is_alphabetic()))
    {
        line = rest.trim_start();
    }
    line
}

fn is_rule(line: &str) -> bool {
    line.len() >= 3 && ['-', '=', '*', '_'].iter().any(|mark| line.bytes().all(|b| b == *mark as u8))
}

fn is_delimiter(line: &str) -> bool {
    line.contains('-') && line.contains('|') && line.bytes().all(|b| matches!(b, b'|' | b'-' | b':' | b' '))
}

fn row(line: &str) -> String {
    let cells: Vec<&str> = line.split('|').map(str::trim).filter(|c| !c.is_empty()).collect();
    match cells.split_first() {
        Some((first, rest)) if !rest.is_empty() => format!("{first}: {}", rest.join(", ")),
        Some((first, _)) => (*first).to_owned(),
        None => String::new(),
    }
}

fn heading(line: &str) -> Option<(u8, &str)> {
    let level = line.bytes().take_while(|b| *b == b'#').count();
    if is_section(line) {
        return Some((6, line));
    }
    let title = line[level..].trim().trim_end_matches('#').trim_end();
    let marked = level >= 1 && line[level..].starts_with(' ')
        || level >= 2 && line[level..].starts_with(|c: char| c.is_alphabetic());
    (level <= 6 && marked && line.len() <= HEADING_MAX).then_some((level as u8, title))
}

/// Lines that head a part of a Python docstring.
fn is_section(line: &str) -> bool {
    let word = line.strip_suffix(':').unwrap_or_default();
    matches!(
        word,
        "Args"
            | "Arguments"
            | "Parameters"
            | "Params"
            | "Returns"
            | "Return"
            | "Raises"
            | "Yields"
            | "Example"
            | "Examples"
            | "Inputs"
            | "Outputs"
            | "Input"
            | "Output"
            | "Throws"
    )
}

/// Takes an item's marks off.
fn bullet(line: &str) -> Option<&str> {
    let mut rest = line;
    loop {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let mark = if (1..=3).contains(&digits) {
            rest[digits..].starts_with(['.', ')']).then_some(digits + 1)
        } else {
            rest.chars()
                .next()
                .filter(|c| matches!(c, '-' | '*' | '+' | '•' | '·' | '●' | '▪'))
                .map(char::len_utf8)
        };
        let Some(mark) = mark else { break };
        let after = &rest[mark..];
        if !after.is_empty() && !after.starts_with(char::is_whitespace) {
            break;
        }
        rest = after.trim_start();
    }
    (rest.len() < line.len()).then_some(rest)
}

/// Lines that are for a renderer only: `:::note`, `{% endhint %}`, `[id]: https://…`.
fn is_directive(line: &str) -> bool {
    line.starts_with(":::")
        || line.starts_with("{%") && line.ends_with("%}")
        || line.starts_with("[block:")
        || line.starts_with('[') && line.find("]: ").is_some_and(|at| line[at + 3..].starts_with("http"))
}

/// Takes the marks within a line off, and collapses its blanks.
pub fn inline(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text[at..];
        let used = match bytes[at] {
            b'\\' if bytes.get(at + 1).is_some_and(|b| b"_*#[]<>`|~".contains(b)) => {
                out.push(char::from(bytes[at + 1]));
                2
            }
            b'!' if rest.starts_with("![") => {
                link(&rest[1..]).map_or_else(|| keep(rest, &mut out), |(_, n)| n + 1)
            }
            b'[' if !out.ends_with(|c: char| c.is_alphanumeric() || c == ']')
                || head(rest, SPAN_MAX).contains("](") =>
            {
                bracket(rest, &mut out)
            }
            b'`' => code(rest, &mut out),
            b'*' | b'_' => emphasis(rest, &mut out),
            _ => {
                let next = bytes[at + 1..].iter().position(|b| b"\\![`*_".contains(b));
                let end = next.map_or(bytes.len(), |n| at + 1 + n);
                out.push_str(&text[at..end]);
                end - at
            }
        };
        at += used;
    }
    collapse(&out)
}

/// Keeps one character.
fn keep(rest: &str, out: &mut String) -> usize {
    rest.chars().next().map_or(1, |c| {
        out.push(c);
        c.len_utf8()
    })
}

/// Cuts a text at a byte, or before it where that is within a character.
pub fn head(text: &str, max: usize) -> &str {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn bracket(rest: &str, out: &mut String) -> usize {
    if rest.starts_with("[!")
        && let Some(end) = head(rest, 16).find(']')
    {
        return end + 1;
    }
    match link(rest) {
        Some((text, used)) => {
            out.push_str(text);
            used
        }
        None => keep(rest, out),
    }
}

/// Reads `[text](address)` or `[text][id]`: the text and how many bytes it all took.
fn link(rest: &str) -> Option<(&str, usize)> {
    let near = head(rest, SPAN_MAX);
    let close = near[1..].find(['[', ']']).map(|i| i + 1).filter(|i| near.as_bytes()[*i] == b']')?;
    let text = &rest[1..close];
    let after = &rest[close + 1..];
    if after.starts_with('(') {
        let end = address(head(after, ADDRESS_MAX))?;
        return Some((text, close + 1 + end));
    }
    if after.starts_with('[') && !text.is_empty() {
        let end = head(after, 80)[1..].find(['[', ']']).map(|i| i + 1)?;
        let named = after.as_bytes()[end] == b']' && !after[1..end].contains(' ');
        return named.then_some((text, close + 1 + end + 1));
    }
    None
}

/// Measures `(address "title")`, with one level of brackets in the address.
fn address(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut title = false;
    for (i, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => {
                depth -= 1;
                if depth == 0 {
                    return Some(i + 1);
                }
            }
            b' ' if !title => {
                let rest = text[i..].trim_start();
                if rest.starts_with(['"', '\'', '(']) {
                    title = true;
                } else if !rest.starts_with(')') && i > 1 {
                    return None;
                }
            }
            _ => {}
        }
    }
    None
}

/// Reads code in backticks: what is in it stays as it is.
fn code(rest: &str, out: &mut String) -> usize {
    let ticks = rest.bytes().take_while(|b| *b == b'`').count();
    let body = &rest[ticks..];
    let near = head(body, SPAN_MAX);
    let mark = &rest[..ticks.min(3)];
    match near.find(mark).filter(|_| ticks <= 3) {
        Some(end) => {
            out.push_str(&body[..end]);
            ticks + end + ticks
        }
        None => ticks,
    }
}

/// Reads `*text*`, `__text__` and the like.
fn emphasis(rest: &str, out: &mut String) -> usize {
    let mark = rest.as_bytes()[0];
    let run = rest.bytes().take_while(|b| *b == mark).count();
    let before = out.chars().next_back();
    let body = &rest[run..];
    let next = body.chars().next();
    let at_word = before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '/');
    let opens = run <= 3 && next.is_some_and(|c| !c.is_whitespace()) && (at_word || mark == b'*' && run == 2);
    if opens && let Some(end) = closing(head(body, SPAN_MAX), &rest[..run]) {
        out.push_str(&body[..end]);
        return run * 2 + end;
    }
    // half of a pair whose other half stands in another block
    let letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    let blank = |c: Option<char>| c.is_none_or(char::is_whitespace);
    let half = mark == b'*'
        && run == 2
        && (blank(before) && letter(next) || blank(next) && before.is_some_and(|c| !c.is_whitespace()));
    if !half {
        out.push_str(&rest[..run]);
    }
    run
}

/// Finds the end of an emphasis.
fn closing(body: &str, mark: &str) -> Option<usize> {
    let mut from = 0;
    let same = mark.as_bytes()[0];
    while let Some(found) = body[from..].find(mark) {
        let at = from + found;
        let before = body[..at].chars().next_back();
        let after = body[at + mark.len()..].chars().next();
        let inside = before.is_some_and(|c| !c.is_whitespace() && c != char::from(same));
        let alone = after != Some(char::from(same));
        let ends = after.is_none_or(|c| !c.is_alphanumeric() && c != '/') || mark == "**";
        if inside && alone && ends {
            return Some(at);
        }
        from = at + mark.len();
        while body.as_bytes().get(from) == Some(&same) {
            from += 1;
        }
    }
    None
}

/// Makes every run of blanks one, and drops characters that show nothing.
pub fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        if c.is_whitespace() {
            gap = true;
        } else if !c.is_control()
            && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
        {
            if gap && !out.is_empty() {
                out.push(' ');
            }
            gap = false;
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_within_a_line_go_and_names_stay() {
        for (text, plain) in [
            ("Use **bold**, *it* and `snake_case_name`.", "Use bold, it and snake_case_name."),
            ("See [the guide](https://x.y/a_(b) \"Title\") now", "See the guide now"),
            ("![badge](https://x.y/b.svg) Text [ref][1].", "Text ref."),
            ("items[0][1] and *.example.com or a * b", "items[0][1] and *.example.com or a * b"),
            ("_deviceId_ needs my_own_name", "deviceId needs my_own_name"),
            ("**Note:**text and **/*.js", "Note:text and **/*.js"),
            ("user\\_id", "user_id"),
        ] {
            assert_eq!(inline(text), plain, "{text}");
        }
    }

    #[test]
    fn blocks_are_told_apart() {
        let found = blocks(
            "# Title\nText on\ntwo lines\n\n- one\n- two\n\n```\ncode\n```\n| a | b |\n|---|---|\n| c | d |\n",
        );
        let shown: Vec<(Kind, &str)> = found.iter().map(|b| (b.kind, b.text.as_str())).collect();
        assert_eq!(
            shown,
            [
                (Kind::Heading(1), "Title"),
                (Kind::Text, "Text on two lines"),
                (Kind::Item, "one"),
                (Kind::Item, "two"),
                (Kind::Code, ""),
                (Kind::Row, "c: d"),
            ]
        );
    }
}

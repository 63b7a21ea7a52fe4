//! Reads one value of what is nearly JSON, byte by byte, from where it begins.

use super::Form;
use serde_json::{Map, Value};

/// Most levels of nesting.
const DEPTH_MAX: usize = 100;

/// Most bytes of a value or a key without quotes.
const WORD_MAX: usize = 200;

/// What may open a string, and what then closes it.
#[derive(Clone, Copy, PartialEq)]
enum Quote {
    Double,
    Single,
    Back,
    /// `"""`
    Triple,
    /// Typographic ones, which come in several shapes.
    Smart,
    /// `\"`: the whole value was escaped once too often.
    Escaped,
}

/// Where a string stands, which says what may follow it.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Key,
    Member,
    Item,
}

/// Why there is no value.
enum Stop {
    /// This is not JSON however one looks at it, or the steps are spent.
    Bad,
    /// The text ends inside it.
    Cut,
}

/// Returns how many steps the reading of a text may take in all, whatever is tried.
pub fn steps_for(text: &str) -> usize {
    text.len().saturating_mul(16).saturating_add(4096)
}

/// A reading from one place of a text.
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
    steps: &'a mut usize,
    /// The closing brackets of what is open.
    open: Vec<u8>,
    form: Form,
    cut_at: usize,
}

impl<'a> Reader<'a> {
    /// Begins at a byte, which begins a character.
    pub fn new(text: &'a str, at: usize, steps: &'a mut usize) -> Self {
        Self { text, at, steps, open: Vec::new(), form: Form::Mended, cut_at: at }
    }

    /// Reads an object or a list.
    pub fn collection(&mut self) -> Option<Value> {
        self.value(Place::Item).ok()
    }

    /// Reads `(name=value, ...)`.
    pub fn keywords(&mut self) -> Option<Map<String, Value>> {
        self.text[self.at..].starts_with('(').then_some(())?;
        self.members(b')').ok()
    }

    /// Whether the steps are spent.
    pub fn is_spent(&self) -> bool {
        *self.steps == 0
    }

    /// How well the value stood in the text, if it was not strict.
    pub fn form(&self) -> Form {
        self.form
    }

    /// Where the value ended.
    pub fn end(&self) -> usize {
        self.at
    }

    /// Where the part begins in which the text ended.
    pub fn cut_at(&self) -> usize {
        self.cut_at
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    /// Spends steps; those that do not suffice end the reading.
    fn spend(&mut self, steps: usize) -> Result<(), Stop> {
        *self.steps = self.steps.saturating_sub(steps);
        if *self.steps == 0 { Err(Stop::Bad) } else { Ok(()) }
    }

    fn enter(&mut self, closer: u8) -> Result<(), Stop> {
        if self.open.len() == DEPTH_MAX {
            return Err(Stop::Bad);
        }
        self.open.push(closer);
        self.at += 1;
        self.spend(1)
    }

    /// The text ended in a collection, after a whole part or before one that was to come.
    fn ended(&mut self, is_after_part: bool) {
        let form = if is_after_part { Form::Closed } else { Form::Cut };
        if form > self.form {
            self.form = form;
            self.cut_at = self.at;
        }
    }

    /// Takes a part of a collection. Where the text ends inside it, the part is left out and the collection ends.
    fn part<T>(&mut self, part: Result<T, Stop>, start: usize) -> Result<Option<T>, Stop> {
        match part {
            Ok(part) => Ok(Some(part)),
            Err(Stop::Cut) => {
                self.form = Form::Cut;
                self.cut_at = start;
                self.at = self.text.len();
                Ok(None)
            }
            Err(Stop::Bad) => Err(Stop::Bad),
        }
    }

    /// Goes to the next part of a collection; false where the collection ends.
    fn next_part(&mut self, closer: u8, is_first: bool) -> Result<bool, Stop> {
        let mut has_comma = is_first;
        loop {
            self.gap()?;
            match self.byte(0) {
                None => {
                    self.ended(!has_comma);
                    break;
                }
                Some(byte) if byte == closer => {
                    self.at += 1;
                    break;
                }
                Some(b',') => {
                    has_comma = true;
                    self.at += 1;
                    self.spend(1)?;
                }
                // A closing bracket of something further out: this one's own was forgotten.
                Some(byte @ (b'}' | b']' | b')')) if self.open.contains(&byte) => break,
                Some(_) if has_comma || self.quote().is_some() || matches!(self.byte(0), Some(b'{')) => {
                    return Ok(true);
                }
                Some(_) => return Err(Stop::Bad),
            }
        }
        self.open.pop();
        Ok(false)
    }

    fn members(&mut self, closer: u8) -> Result<Map<String, Value>, Stop> {
        self.enter(closer)?;
        let mut map = Map::new();
        while self.next_part(closer, map.is_empty())? {
            let start = self.at;
            let member = self.member();
            let Some((key, value)) = self.part(member, start)? else {
                self.open.pop();
                break;
            };
            map.insert(key, value);
        }
        Ok(map)
    }

    fn items(&mut self, closer: u8) -> Result<Vec<Value>, Stop> {
        self.enter(closer)?;
        let mut items = Vec::new();
        while self.next_part(closer, items.is_empty())? {
            let start = self.at;
            let item = self.value(Place::Item);
            let Some(item) = self.part(item, start)? else {
                self.open.pop();
                break;
            };
            items.push(item);
        }
        Ok(items)
    }

    fn member(&mut self) -> Result<(String, Value), Stop> {
        self.pass_prefix();
        let key = if self.quote().is_some() { self.string(Place::Key)? } else { self.bare_key()? };
        self.gap()?;
        match self.byte(0) {
            None => return Err(Stop::Cut),
            Some(b':') => self.at += 1,
            Some(b'=') => self.at += 1 + usize::from(self.byte(1) == Some(b'>')),
            Some(_) => return Err(Stop::Bad),
        }
        self.gap()?;
        Ok((key, self.value(Place::Member)?))
    }

    /// Passes the letter that Python sets before some strings.
    fn pass_prefix(&mut self) {
        if let [b'u' | b'b' | b'r' | b'f', b'\'' | b'"', ..] = self.rest().as_bytes() {
            self.at += 1;
        }
    }

    fn bare_key(&mut self) -> Result<String, Stop> {
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '-' | '.');
        let rest = self.rest();
        let end = rest.char_indices().find(|(_, c)| !is_part(*c)).map_or(rest.len(), |(at, _)| at);
        self.spend(end + 1)?;
        if end == 0 || end > WORD_MAX {
            return Err(Stop::Bad);
        }
        self.at += end;
        Ok(rest[..end].to_owned())
    }

    fn value(&mut self, place: Place) -> Result<Value, Stop> {
        self.spend(1)?;
        match self.byte(0) {
            None => Err(Stop::Cut),
            Some(b'{') => self.members(b'}').map(Value::Object),
            Some(b'[') => self.items(b']').map(Value::Array),
            // A tuple.
            Some(b'(') => self.items(b')').map(Value::Array),
            Some(_) => {
                self.pass_prefix();
                if self.quote().is_some() { self.string(place).map(Value::String) } else { self.word(place) }
            }
        }
    }

    /// Reads what stands without quotes: a number, `true`, `None`; in an object any short text.
    fn word(&mut self, place: Place) -> Result<Value, Stop> {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let has_round = self.open.contains(&b')');
        let is_end = |i: &usize| match bytes[*i] {
            b',' | b'}' | b']' | b'\n' | b'"' | b'{' | b'[' => true,
            b')' => has_round,
            b'/' | b'#' => *i > 0 && bytes[*i - 1].is_ascii_whitespace(),
            _ => false,
        };
        let end = (0..bytes.len().min(WORD_MAX)).find(is_end).unwrap_or(bytes.len());
        self.spend(end.min(WORD_MAX) + 1)?;
        if end > WORD_MAX {
            return Err(Stop::Bad);
        }
        let word = rest[..end].trim();
        self.at += end;
        let value = literal(word);
        if end == bytes.len() && !matches!(value, Some(Value::Null | Value::Bool(_))) {
            return Err(Stop::Cut);
        }
        match value {
            Some(value) => Ok(value),
            None if place == Place::Member && !word.is_empty() => Ok(Value::String(word.to_owned())),
            None => Err(Stop::Bad),
        }
    }

    /// Passes white space and comments.
    fn gap(&mut self) -> Result<(), Stop> {
        loop {
            let rest = self.rest();
            let bytes = rest.as_bytes();
            let length = match bytes {
                [b' ' | b'\t' | b'\n' | b'\r', ..] => 1,
                [b'\\', b'n' | b't' | b'r', ..] => 2,
                [b'#', ..] | [b'/', b'/', ..] => rest.find('\n').unwrap_or(rest.len()),
                [b'/', b'*', ..] => rest.find("*/").map_or(rest.len(), |end| end + 2),
                [first, ..] if !first.is_ascii() => {
                    let first = rest.chars().next().expect("there is a byte");
                    if !first.is_whitespace() && first != '\u{feff}' {
                        return Ok(());
                    }
                    first.len_utf8()
                }
                _ => return Ok(()),
            };
            self.at += length;
            self.spend(length)?;
        }
    }

    /// Returns the quotation mark that stands here.
    fn quote(&self) -> Option<Quote> {
        let bytes = self.rest().as_bytes();
        match bytes {
            [b'"', b'"', b'"', ..] => Some(Quote::Triple),
            [b'"', ..] => Some(Quote::Double),
            [b'\'', ..] => Some(Quote::Single),
            [b'`', ..] => Some(Quote::Back),
            [b'\\', b'"', ..] => Some(Quote::Escaped),
            [first, ..] if !first.is_ascii() => self.rest().starts_with(is_smart).then_some(Quote::Smart),
            _ => None,
        }
    }

    /// Returns how long the mark is that stands here, if it could close a string opened by `quote`.
    fn mark(&self, quote: Quote) -> Option<usize> {
        let rest = self.rest();
        match quote {
            Quote::Double => rest.starts_with('"').then_some(1),
            Quote::Single => rest.starts_with('\'').then_some(1),
            Quote::Back => rest.starts_with('`').then_some(1),
            Quote::Triple => rest.starts_with("\"\"\"").then_some(3),
            Quote::Escaped => rest.starts_with("\\\"").then_some(2),
            Quote::Smart => {
                rest.chars().next().filter(|c| is_smart(*c) || matches!(c, '"' | '\'')).map(char::len_utf8)
            }
        }
    }

    fn string(&mut self, place: Place) -> Result<String, Stop> {
        let quote = self.quote().ok_or(Stop::Bad)?;
        self.at += if quote == Quote::Smart {
            self.rest().chars().next().map_or(0, char::len_utf8)
        } else {
            self.mark(quote).ok_or(Stop::Bad)?
        };
        let mut out = String::new();
        loop {
            self.spend(1)?;
            let Some(c) = self.rest().chars().next() else { return Err(Stop::Cut) };
            if let Some(length) = self.mark(quote)
                && (quote == Quote::Triple || self.closes(length, place)?)
            {
                self.at += length;
                return Ok(out);
            }
            // A key goes over no line, so this is none.
            if c == '\n' && place == Place::Key {
                return Err(Stop::Bad);
            }
            if c != '\\' {
                self.at += c.len_utf8();
                out.push(c);
                continue;
            }
            self.at += 1;
            // One level of escapes was added around the real one.
            if quote == Quote::Escaped {
                match self.byte(0) {
                    Some(b'\\') => {
                        self.at += 1;
                        if self.byte(0) == Some(b'\\') && matches!(self.byte(1), Some(b'"' | b'\\')) {
                            self.at += 1;
                        }
                    }
                    Some(b'"') => {
                        self.at += 1;
                        out.push('"');
                        continue;
                    }
                    _ => {}
                }
            }
            self.escape(&mut out)?;
        }
    }

    /// Reads what follows a backslash.
    fn escape(&mut self, out: &mut String) -> Result<(), Stop> {
        let c = self.rest().chars().next().ok_or(Stop::Cut)?;
        self.at += c.len_utf8();
        match c {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            '"' | '\'' | '`' | '\\' | '/' => out.push(c),
            // A line that goes on.
            '\n' => {}
            'u' => {
                let Some(first) = self.hex(4) else {
                    out.push_str("\\u");
                    return Ok(());
                };
                let pair = (0xd800..0xdc00).contains(&first) && self.rest().starts_with("\\u");
                let second = if pair {
                    self.at += 2;
                    self.hex(4)
                } else {
                    None
                };
                let code = match second {
                    Some(low @ 0xdc00..0xe000) => 0x10000 + ((first - 0xd800) << 10) + (low - 0xdc00),
                    _ => first,
                };
                out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            'x' => match self.hex(2) {
                Some(code) => out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)),
                None => out.push_str("\\x"),
            },
            // No escape, so the backslash was meant.
            other => out.extend(['\\', other]),
        }
        Ok(())
    }

    fn hex(&mut self, digits: usize) -> Option<u32> {
        let text = self.rest().get(..digits).filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()))?;
        self.at += digits;
        u32::from_str_radix(text, 16).ok()
    }

    /// Whether a mark ends its string, by what follows: marks inside a text are often left unescaped.
    fn closes(&mut self, length: usize, place: Place) -> Result<bool, Stop> {
        let (mut at, has_line) = after_space(self.text, self.at + length);
        self.spend(at - self.at)?;
        let byte = self.text.as_bytes().get(at).copied();
        let is_closer = |byte| self.open.contains(&byte);
        Ok(match (byte, place) {
            (None, _) => true,
            (Some(b':' | b'=' | b',' | b'}'), Place::Key) => true,
            (Some(_), Place::Key) => false,
            (Some(b @ (b'}' | b']' | b')')), _) => is_closer(b),
            (Some(b'/'), _) => matches!(self.text.as_bytes().get(at + 1), Some(b'/' | b'*')),
            (Some(b'#'), _) => true,
            (Some(b'"' | b'\''), _) => has_line,
            (Some(b','), _) => {
                let comma = at;
                (at, _) = after_space(self.text, at + 1);
                self.spend(at - comma)?;
                self.begins(at, place)
            }
            _ => false,
        })
    }

    /// Whether what stands here, after a comma, looks like the next part of a collection.
    fn begins(&self, at: usize, place: Place) -> bool {
        let rest = &self.text[at..];
        let Some(first) = rest.chars().next() else { return true };
        if matches!(first, '"' | '\'' | '`' | '\\' | '}' | ']' | ')' | '/' | '#' | ',') || is_smart(first) {
            return true;
        }
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '-' | '.' | '+');
        // Enough to tell, and little enough to look at for every comma.
        let end = rest.char_indices().take(64).find(|(_, c)| !is_part(*c)).map_or(0, |(at, _)| at);
        let (word, after) = rest.split_at(end);
        match place {
            Place::Item => matches!(first, '{' | '[' | '(') || literal(word).is_some(),
            _ => !word.is_empty() && after.trim_start_matches(' ').starts_with([':', '=']),
        }
    }
}

/// Returns where white space ends, and whether a line ended in it.
fn after_space(text: &str, mut at: usize) -> (usize, bool) {
    let mut has_line = false;
    loop {
        match &text.as_bytes()[at..] {
            [b'\n', ..] => {
                has_line = true;
                at += 1;
            }
            [b' ' | b'\t' | b'\r', ..] => at += 1,
            [b'\\', b'n' | b'r' | b't', ..] => at += 2,
            _ => return (at, has_line),
        }
    }
}

fn is_smart(c: char) -> bool {
    matches!(c, '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{2018}' | '\u{2019}' | '\u{ab}' | '\u{bb}')
}

/// Reads a word of JSON, Python or JavaScript, or a number in any of their notations.
fn literal(word: &str) -> Option<Value> {
    match word {
        "true" | "True" | "TRUE" => return Some(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Some(Value::Bool(false)),
        "null" | "None" | "NULL" | "undefined" | "NaN" | "nan" | "Infinity" | "-Infinity" => {
            return Some(Value::Null);
        }
        _ => {}
    }
    if !word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) {
        return None;
    }
    if let Ok(number) = serde_json::from_str::<serde_json::Number>(word) {
        return Some(Value::Number(number));
    }
    // `+1`, `.5`, `1.`, `1_000`
    let plain: String = word.strip_prefix('+').unwrap_or(word).chars().filter(|c| *c != '_').collect();
    if !plain.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E')) {
        return None;
    }
    let whole = plain.parse::<i64>().ok().map(Value::from);
    whole.or_else(|| serde_json::Number::from_f64(plain.parse().ok()?).map(Value::Number))
}

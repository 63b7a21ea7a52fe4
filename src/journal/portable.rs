//! A journal as lines of JSON, to be looked at, kept or carried elsewhere, and read back.
//!
//! The first line is the journal itself (format, identity), each further one an effect or a finished task. Texts stand as text,
//! other bytes as base64. Each line ends with a checksum over what it says.

use super::effect::{self, RawKey};
use super::file::{self, beside};
use super::rebuild::{Batch, read_known};
use super::repair::is_free;
use super::salvage::{Found, Value, Wreck};
use super::task::{self, TaskMark};
use super::{JournalError, Key, Kind, Note, meta, seal};
use crate::data::{FORMAT_VERSION, Stage, TaskRecord, Usages};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

/// One line.
#[derive(Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case", deny_unknown_fields)]
enum Line {
    /// The journal itself. The identity is the text whose hash the manifest holds.
    Journal { format: u32, identity: String, forgotten: Usages, repeated: u64 },
    Effect {
        key: String,
        stage: Stage,
        kind: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Note>,
        /// `None` where it was found damaged, and not asked again since.
        #[serde(flatten)]
        body: Body,
    },
    Task {
        ordinal: u64,
        #[serde(flatten)]
        body: Body,
    },
}

/// A text, or bytes that are none; neither where they are lost.
#[derive(Default, Serialize, Deserialize)]
struct Body {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

/// Writes a journal as lines. What is damaged is left out, and told.
pub fn export(path: &Path, out: &mut dyn Write) -> Result<Found, JournalError> {
    is_free(path)?;
    let wreck = Wreck::open(path).map_err(|error| file::error_of(path, error))?;
    let mut texts = BTreeMap::new();
    // The texts come first: once the first value comes they are all there.
    let mut written: std::io::Result<()> = Ok(());
    let mut is_begun = false;
    let found = read_known(path, &wreck, &mut |value| {
        if let Value::Text(name, text) = value {
            texts.insert(name.to_owned(), text.to_owned());
            return;
        }
        if written.is_err() {
            return;
        }
        if !is_begun {
            is_begun = true;
            written = write_line(out, &head(&texts));
        }
        if let (Ok(()), Some(line)) = (&written, line(&value)) {
            written = write_line(out, &line);
        }
    })?;
    if written.is_ok() && !is_begun {
        written = write_line(out, &head(&texts));
    }
    written.and_then(|()| out.flush()).map_err(|error| JournalError::Write {
        path: path.with_extension("jsonl"),
        cause: error.to_string(),
    })?;
    Ok(found)
}

/// Makes a journal of lines: all of them, or none where one cannot be taken. Returns finished tasks and effects.
pub fn import(lines: &Path, path: &Path) -> Result<(u64, u64), JournalError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)
        .map_err(|source| JournalError::Create { path: path.to_owned(), source })?;
    let unborn = beside(path, "imported");
    let counts = take_in(lines, &unborn).inspect_err(|_| drop(std::fs::remove_file(&unborn)))?;
    file::put(&unborn, path)?;
    Ok(counts)
}

fn take_in(lines: &Path, to: &Path) -> Result<(u64, u64), JournalError> {
    let open =
        |source| JournalError::Open { path: lines.to_owned(), source: Box::new(redb::Error::Io(source)) };
    let reader = BufReader::new(File::open(lines).map_err(open)?);
    let database = file::make(to, &Json::Null)?;
    let mut batch = Batch::new(&database);
    let (mut tasks, mut effects) = (0, 0);
    let mut count = 0;
    for (at, text) in reader.lines().enumerate() {
        count = at + 1;
        let refused = |cause: String| JournalError::Import { path: lines.to_owned(), line: at + 1, cause };
        let line = read_line(&text.map_err(|error| refused(error.to_string()))?).map_err(refused)?;
        match (at, line) {
            (0, Line::Journal { format, .. }) if format != FORMAT_VERSION => {
                return Err(refused(format!(
                    "it is of journal format {format}, this version reads {FORMAT_VERSION}"
                )));
            }
            (0, Line::Journal { identity, forgotten, repeated, .. }) => {
                batch.take(Value::Text(meta::IDENTITY, &identity));
                let forgotten = serde_json::to_string(&forgotten).expect("sums are plain data");
                batch.take(Value::Text(meta::FORGOTTEN, &forgotten));
                batch.take(Value::Text(meta::REPEATED, &repeated.to_string()));
            }
            (0, _) => return Err(refused(String::from("the first line must say what journal it is"))),
            (_, Line::Journal { .. }) => return Err(refused(String::from("a second journal begins here"))),
            (_, Line::Effect { key, stage, kind, note, body }) => {
                let (raw, bytes) = effect_of(&key, stage, &kind, note.as_ref(), &body).map_err(refused)?;
                batch.take(Value::Effect(&raw, &bytes));
                effects += 1;
            }
            (_, Line::Task { ordinal, body }) => {
                let bytes = task_of(ordinal, &body).map_err(refused)?;
                batch.take(Value::Task(ordinal, &bytes));
                tasks += 1;
            }
        }
    }
    if count == 0 {
        let cause = String::from("the file is empty");
        return Err(JournalError::Import { path: lines.to_owned(), line: 1, cause });
    }
    batch.end(to)?;
    Ok((tasks, effects))
}

fn head(texts: &BTreeMap<String, String>) -> Line {
    let text = |name: &str| texts.get(name).map(String::as_str).unwrap_or_default();
    Line::Journal {
        format: FORMAT_VERSION,
        identity: text(meta::IDENTITY).to_owned(),
        forgotten: serde_json::from_str(text(meta::FORGOTTEN)).unwrap_or_default(),
        repeated: text(meta::REPEATED).parse().unwrap_or_default(),
    }
}

fn line(value: &Value<'_>) -> Option<Line> {
    match value {
        Value::Effect(key, bytes) => {
            let head = effect::read(key, bytes)?;
            let stage = Stage::ALL.into_iter().find(|stage| *stage as u8 == head.stage)?;
            let body = if head.is_lost { Body::default() } else { body(effect::effect(key, bytes)?) };
            let kind = head.kind.as_str().to_owned();
            Some(Line::Effect { key: hex(&key[..]), stage, kind, note: head.note, body })
        }
        Value::Task(ordinal, bytes) => {
            Some(Line::Task { ordinal: *ordinal, body: body(task::text(*ordinal, bytes)?) })
        }
        Value::Text(..) | Value::Lost(..) => None,
    }
}

fn body(bytes: Vec<u8>) -> Body {
    match String::from_utf8(bytes) {
        Ok(text) => Body { text: Some(text), base64: None },
        Err(error) => Body { text: None, base64: Some(BASE64_STANDARD.encode(error.as_bytes())) },
    }
}

fn bytes_of(body: &Body) -> Result<Option<Vec<u8>>, String> {
    match (&body.text, &body.base64) {
        (Some(text), None) => Ok(Some(text.clone().into_bytes())),
        (None, Some(text)) => BASE64_STANDARD.decode(text).map(Some).map_err(|error| error.to_string()),
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(String::from("it has both `text` and `base64`")),
    }
}

fn effect_of(
    key: &str,
    stage: Stage,
    kind: &str,
    note: Option<&Note>,
    body: &Body,
) -> Result<(RawKey, Vec<u8>), String> {
    let raw = unhex(key).ok_or_else(|| format!("`{key}` is no key"))?;
    let kind = Kind::ALL.into_iter().find(|known| known.as_str() == kind);
    let kind = kind.ok_or_else(|| String::from("its `kind` is none"))?;
    let bytes = bytes_of(body)?;
    let whole = effect::of_parts(&raw, stage as u8, kind, note, bytes.as_deref().unwrap_or_default());
    match bytes {
        Some(_) => Ok((raw, whole)),
        None => Ok((raw, effect::lost(&raw, &whole).expect("it was just written"))),
    }
}

fn task_of(ordinal: u64, body: &Body) -> Result<Vec<u8>, String> {
    let text = bytes_of(body)?.ok_or("a task has no text")?;
    let record: TaskRecord = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    if record.ordinal != ordinal {
        return Err(format!("its record is that of task {}", record.ordinal));
    }
    Ok(task::of_text(ordinal, TaskMark::of(&record), &text))
}

fn write_line(out: &mut dyn Write, line: &Line) -> std::io::Result<()> {
    let mut value = serde_json::to_value(line).expect("a line is plain data");
    value["sum"] = Json::from(sum(line));
    writeln!(out, "{value}")
}

/// Reads a line, where it says what was written.
fn read_line(text: &str) -> Result<Line, String> {
    let mut value: Json = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let theirs = value.as_object_mut().and_then(|object| object.remove("sum")).ok_or("it has no `sum`")?;
    let line: Line = serde_json::from_value(value).map_err(|error| error.to_string())?;
    if theirs == sum(&line) {
        return Ok(line);
    }
    Err(String::from("it is not as it was exported: its `sum` is another"))
}

fn sum(line: &Line) -> String {
    let text = serde_json::to_vec(line).expect("a line is plain data");
    hex(&seal::sum("line", b"", &text))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<RawKey> {
    let mut raw = [0; Key::LENGTH];
    if text.len() != 2 * raw.len() || !text.is_ascii() {
        return None;
    }
    for (at, byte) in raw.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(raw)
}

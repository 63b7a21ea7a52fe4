//! Bytes to JSON values, whatever they are written in, within limits.

use serde_json::Value;
use serde_saphyr::options::DuplicateKeyPolicy;
use std::path::Path;

/// Why a file gave no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The rule (`too_large`, `unreadable`, `no_json`, `no_yaml`).
    pub rule: &'static str,
    /// What was wrong.
    pub reason: String,
}

/// The specification that a document follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// Swagger 2.0.
    V2,
    /// OpenAPI 3.0, 3.1 and later.
    V3,
}

/// Reads and parses a file.
pub fn file(path: &Path, bytes_max: u64) -> Result<(Value, blake3::Hash), Unreadable> {
    let unreadable = |reason: String| Unreadable { rule: "unreadable", reason };
    let size = std::fs::metadata(path).map_err(|e| unreadable(e.to_string()))?.len();
    if size > bytes_max {
        let reason =
            format!("{size} bytes, more than limits.spec_bytes ({bytes_max}); raise the limit to crawl it");
        return Err(Unreadable { rule: "too_large", reason });
    }
    let bytes = std::fs::read(path).map_err(|e| unreadable(e.to_string()))?;
    let value = parse(&bytes)?;
    Ok((value, blake3::hash(&bytes)))
}

/// Parses what a file of these bytes would hold.
pub fn bytes(bytes: &[u8], bytes_max: u64) -> Result<(Value, blake3::Hash), Unreadable> {
    if bytes.len() as u64 > bytes_max {
        let reason = format!("{} bytes, more than limits.spec_bytes ({bytes_max})", bytes.len());
        return Err(Unreadable { rule: "too_large", reason });
    }
    Ok((parse(bytes)?, blake3::hash(bytes)))
}

/// Tells whether a file has a name that what specs refer to has, and is not hidden from the folder that the spec stands in:
/// others are never read.
pub fn may_be_part(path: &Path, folder: &Path) -> bool {
    let is_named =
        path.extension().is_some_and(|e| ["json", "yaml", "yml"].iter().any(|k| e.eq_ignore_ascii_case(k)));
    let shared = path.components().zip(folder.components()).take_while(|(a, b)| a == b).count();
    let mut own = path.components().skip(shared);
    is_named && !own.any(|part| part.as_os_str().as_encoded_bytes().starts_with(b"."))
}

/// Parses JSON or YAML, told apart by content.
pub fn parse(bytes: &[u8]) -> Result<Value, Unreadable> {
    let text = text(bytes);
    // leading blanks are indentation in YAML
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with(['{', '[']) {
        return match serde_json::from_str(text) {
            Ok(value) => Ok(value),
            // YAML's flow style looks like JSON and is not; nothing that is really JSON gets here for its size
            Err(error) => match lines(text).map_or_else(|| yaml(text), Ok) {
                Ok(value @ (Value::Object(_) | Value::Array(_))) => Ok(value),
                _ => Err(Unreadable { rule: "no_json", reason: error.to_string() }),
            },
        };
    }
    yaml(text)
}

/// Reads JSON Lines, whatever the file is called: a list with null for each line that is broken.
fn lines(text: &str) -> Option<Value> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut read: Vec<Value> = Vec::new();
    for line in lines.by_ref().take(2) {
        read.push(serde_json::from_str(line).ok().filter(|v: &Value| v.is_object() || v.is_array())?);
    }
    if read.len() < 2 {
        return None;
    }
    read.extend(lines.map(|line| serde_json::from_str(line).unwrap_or_default()));
    Some(read.into())
}

fn yaml(text: &str) -> Result<Value, Unreadable> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 40_000_000,
            max_nodes: 20_000_000,
            max_total_scalar_bytes: 512 << 20,
            max_depth: 200,
            max_documents: 1,
            max_aliases: 50_000,
            max_anchors: 50_000,
        },
        duplicate_keys: DuplicateKeyPolicy::LastWins,
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 2_000_000,
            max_replay_stack_depth: 32,
        },
    };
    serde_saphyr::from_str_with_options::<Value>(text, options).map_err(|error| {
        let reason = error.to_string();
        Unreadable { rule: "no_yaml", reason: reason.lines().next().unwrap_or("cannot be parsed").to_owned() }
    })
}

/// Decodes UTF-8, or ISO-8859-1 where it is none.
fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|b| char::from(*b)).collect(),
    }
}

/// What to do with specs that are too old.
const CONVERT: &str =
    "2.0 and 3.x are read: convert it, for example with swagger-converter or api-spec-converter";

/// Tells which specification a document follows, wherever its version key stands and whatever its type.
pub fn version(value: &Value) -> Result<Version, Unreadable> {
    let fault = |rule, reason: String| Err(Unreadable { rule, reason });
    let version = |key: &str| {
        value.get(key).and_then(|v| match v {
            Value::String(text) => Some(text.trim().to_owned()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
    };
    if let Some(found) = version("openapi") {
        return match found.chars().next() {
            Some('3') => Ok(Version::V3),
            _ => fault("unknown_version", format!("openapi: {found}; 2.0 and 3.x are read")),
        };
    }
    if let Some(found) = version("swagger") {
        return match found.as_str() {
            "2" | "2.0" => Ok(Version::V2),
            _ => fault("unknown_version", format!("swagger: {found}; {CONVERT}")),
        };
    }
    if let Some(found) = version("swaggerVersion") {
        return fault("unknown_version", format!("Swagger {found}; {CONVERT}"));
    }
    fault("not_a_spec", "neither an `openapi` nor a `swagger` key".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_the_names_of_documents_and_are_not_hidden_from_the_spec() {
        let folder = Path::new("/home/me/.cache/specs/api");
        for (path, fits) in [
            ("/home/me/.cache/specs/api/a.json", true),
            ("/home/me/.cache/specs/shared/a.YML", true),
            ("/home/me/.cache/specs/shared/a", false),
            ("/home/me/.cache/specs/.secret/a.json", false),
            ("/home/me/.cache/specs/api/.env.json", false),
            ("/home/me/.docker/config.json", false),
            ("/home/me/.cache/specs/a.json.pem", false),
        ] {
            assert_eq!(may_be_part(Path::new(path), folder), fits, "{path}");
        }
    }
}

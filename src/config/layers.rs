//! The defaults, the user's file laid over them, and `--set` over both.

use super::DEFAULTS;
use super::fault::{Fault, Faults};
use super::place::{At, Origin, SourceFile};
use super::yaml::{Entry, Located, Yaml, parse};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A pipeline file is a page; more is a mistake (a spec given as a pipeline).
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Maps that a file replaces as a whole: shares that add up make no sense merged.
const WHOLE: &[&str] = &["shard.splits"];

/// The merged tree and what relative paths in a file are relative to.
pub(super) struct Layers {
    pub tree: Located,
    /// The pipeline file's folder; empty without a file.
    folder: PathBuf,
}

impl Layers {
    pub fn read(file: Option<&Path>, sets: &[String], faults: &mut Faults) -> Self {
        let mut tree = parse(DEFAULTS, &Origin::Defaults).expect("the defaults are YAML: a test parses them");
        if let Some(path) = file {
            match read_file(path) {
                Ok(over) if matches!(over.value, Yaml::Map(_) | Yaml::Null) => lay(&mut tree, over, ""),
                Ok(other) => faults.push(
                    Fault::new(
                        other.at.clone(),
                        format!("a pipeline is a map, and this is {}", other.kind()),
                    )
                    .help("`toolloom init pipeline.yaml` writes one to start from"),
                ),
                Err(fault) => faults.push(fault),
            }
        }
        for flag in sets {
            match set(flag) {
                Ok(over) => lay(&mut tree, over, ""),
                Err(fault) => faults.push(fault),
            }
        }
        Self { tree, folder: file.and_then(Path::parent).map(Path::to_owned).unwrap_or_default() }
    }

    /// Resolves a path: one in the file is relative to the file's folder, a default or a flag's to the current one.
    pub fn resolve(&self, located: &Located, path: &str) -> PathBuf {
        match located.at.origin {
            Origin::File(_) => self.folder.join(path),
            Origin::Defaults | Origin::Set(_) => PathBuf::from(path),
        }
    }
}

fn read_file(path: &Path) -> Result<Located, Fault> {
    let name = path.display().to_string();
    let problem = |error: std::io::Error| {
        let help =
            "`toolloom init pipeline.yaml` writes a file to start from; without a file the defaults run";
        match error.kind() {
            std::io::ErrorKind::NotFound => {
                Fault::general(format!("{name}: there is no such file")).help(help)
            }
            _ => Fault::general(format!("{name}: cannot be read: {error}")),
        }
    };
    let about = std::fs::metadata(path).map_err(problem)?;
    if about.is_dir() {
        return Err(Fault::general(format!("{name}: this is a folder, and a pipeline is one YAML file"))
            .help("to use the specs of a folder: toolloom run --set crawl.sources='[FOLDER]'"));
    }
    if about.len() > FILE_BYTES_MAX {
        return Err(Fault::general(format!("{name}: {} bytes is too large for a pipeline", about.len()))
            .help("is it a spec? specs go under `crawl.sources`"));
    }
    let bytes = std::fs::read(path).map_err(problem)?;
    let text =
        String::from_utf8(bytes).map_err(|_| Fault::general(format!("{name}: this is not UTF-8 text")))?;
    let source = Arc::new(SourceFile { name, text });
    parse(&source.text, &Origin::File(Arc::clone(&source)))
}

/// Reads `a.b=value` as the tree `{a: {b: value}}`.
fn set(flag: &str) -> Result<Located, Fault> {
    let origin = Origin::Set(flag.into());
    let at = At { origin: origin.clone(), line: 1, column: 1, length: 0 };
    let help = "the form is --set key=value, as in --set instruct.tasks=200";
    let Some((path, value)) = flag.split_once('=') else {
        return Err(Fault::new(at, "there is no `=`").help(help));
    };
    let keys: Vec<&str> = path.trim().split('.').collect();
    if keys.iter().any(|key| key.is_empty()) {
        return Err(Fault::new(at, "there is no key before the `=`, or a part of it is empty").help(help));
    }
    let mut tree = parse(value, &origin)?;
    for key in keys.iter().rev() {
        let entry = Entry { key: (*key).to_owned(), key_at: at.clone(), value: tree };
        tree = Located { at: at.clone(), value: Yaml::Map(vec![entry]) };
    }
    Ok(tree)
}

/// Lays a tree over another: maps merge, everything else is replaced. A section that says nothing changes nothing.
fn lay(under: &mut Located, over: Located, path: &str) {
    let whole = WHOLE.contains(&path) && matches!(over.at.origin, Origin::File(_));
    // A role is a model's name, or a map that may leave the name as it was.
    if let (Yaml::Text(_), Yaml::Map(_)) = (&under.value, &over.value)
        && path.strip_prefix("roles.").is_some_and(|role| !role.contains('.'))
    {
        let name = under.clone();
        let entry = Entry { key: "model".into(), key_at: name.at.clone(), value: name };
        under.value = Yaml::Map(vec![entry]);
    }
    match (&mut under.value, over.value) {
        (Yaml::Map(_), Yaml::Null) => {}
        (Yaml::Map(below), Yaml::Map(above)) if !whole => {
            for entry in above {
                match below.iter_mut().find(|e| e.key == entry.key) {
                    Some(found) => {
                        let path =
                            if path.is_empty() { entry.key.clone() } else { format!("{path}.{}", entry.key) };
                        found.key_at = entry.key_at;
                        lay(&mut found.value, entry.value, &path);
                    }
                    None => below.push(entry),
                }
            }
            under.at = over.at;
        }
        (_, value) => *under = Located { at: over.at, value },
    }
}

//! One spec as a tree of JSON values, with the files that it refers to.

use super::{prose, read};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// A spec and the files that its references lead to. Immutable once loaded, so lowering only borrows.
pub struct Document {
    files: Vec<Value>,
    /// Which file a reference's file part means, by the file it stands in.
    links: BTreeMap<(usize, String), usize>,
    /// The files read beside the spec itself.
    pub parts: Vec<PathBuf>,
    /// Hashes of those files, for the spec's own.
    pub part_hashes: Vec<blake3::Hash>,
    /// Texts made plain, by where they stand: components are lowered for every operation that uses them.
    texts: RefCell<BTreeMap<(usize, usize), String>>,
}

/// A value and the file it stands in.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    /// The value.
    pub value: &'a Value,
    /// The file's index.
    pub file: usize,
}

/// What a chain of references led to.
pub struct Resolved<'a> {
    /// The value, or `None` where the reference dangles.
    pub node: Option<Node<'a>>,
    /// The component's name, where it is a named schema.
    pub name: Option<String>,
    /// File and pointer, by which cycles are seen. `None` where there was no reference.
    pub key: Option<String>,
}

/// How many files one spec may pull in.
const FILES_MAX: usize = 4000;

impl Document {
    /// Loads the files that a parsed spec refers to, transitively; those that cannot be read stay dangling references.
    pub fn load(root: Value, path: &Path, bytes_max: u64) -> Self {
        let mut document = Self {
            files: vec![root],
            links: BTreeMap::new(),
            parts: Vec::new(),
            part_hashes: Vec::new(),
            texts: RefCell::default(),
        };
        let mut paths = vec![normal(path)];
        let mut budget = bytes_max;
        let mut at = 0;
        while at < document.files.len() {
            let mut wanted = Vec::new();
            collect_links(&document.files[at], &mut wanted);
            let folder = paths[at].parent().unwrap_or(Path::new("")).to_owned();
            for link in wanted {
                if document.links.contains_key(&(at, link.clone())) || document.files.len() >= FILES_MAX {
                    continue;
                }
                let target = normal(&folder.join(decode(&link)));
                let known = paths.iter().position(|p| *p == target);
                let index = known.or_else(|| {
                    let (value, hash, size) = read::part(&target, budget)?;
                    budget = budget.saturating_sub(size);
                    document.files.push(value);
                    document.parts.push(target.clone());
                    document.part_hashes.push(hash);
                    paths.push(target);
                    Some(document.files.len() - 1)
                });
                if let Some(index) = index {
                    document.links.insert((at, link), index);
                }
            }
            at += 1;
        }
        document
    }

    /// Makes one of this document's texts plain and short.
    pub fn plain(&self, text: &str, max: usize) -> String {
        let key = (text.as_ptr() as usize, max);
        if let Some(known) = self.texts.borrow().get(&key) {
            return known.clone();
        }
        let made = prose::shorten(&prose::plain(text), max);
        self.texts.borrow_mut().insert(key, made.clone());
        made
    }

    /// Returns the hash of the spec with all its parts.
    pub fn hash(&self, own: blake3::Hash) -> String {
        if self.part_hashes.is_empty() {
            return own.to_hex().to_string();
        }
        let mut hasher = blake3::Hasher::new();
        hasher.update(own.as_bytes());
        self.part_hashes.iter().for_each(|h| {
            hasher.update(h.as_bytes());
        });
        hasher.finalize().to_hex().to_string()
    }

    /// Returns the spec itself.
    pub fn root(&self) -> Node<'_> {
        Node { value: &self.files[0], file: 0 }
    }

    /// Returns a field of the spec itself.
    pub fn field(&self, name: &str) -> Option<Node<'_>> {
        self.root().get(name)
    }

    /// Follows references until a value is reached.
    pub fn resolve<'a>(&'a self, node: Node<'a>) -> Resolved<'a> {
        let mut node = node;
        let mut name = None;
        let mut key = None;
        for _ in 0..16 {
            let Some(reference) = node.reference() else {
                return Resolved { node: Some(node), name, key };
            };
            let (link, pointer) = reference.split_once('#').unwrap_or((reference, ""));
            let file = if link.is_empty() {
                Some(node.file)
            } else {
                self.links.get(&(node.file, link.to_owned())).copied()
            };
            if name.is_none() {
                name = component_name(link, pointer);
            }
            let Some(file) = file else {
                return Resolved { node: None, name, key: None };
            };
            let target = self.at(file, &decode(pointer));
            key = Some(format!("{file}#{pointer}"));
            match target {
                Some(value) => node = Node { value, file },
                None => return Resolved { node: None, name, key },
            }
        }
        Resolved { node: None, name, key }
    }

    /// Returns what a chain of references leads to.
    pub fn follow<'a>(&'a self, node: Node<'a>) -> Option<Node<'a>> {
        self.resolve(node).node
    }

    fn at(&self, file: usize, pointer: &str) -> Option<&Value> {
        let root = &self.files[file];
        if pointer.is_empty() || pointer == "/" {
            return Some(root);
        }
        if let Some(value) = root.pointer(pointer) {
            return Some(value);
        }
        // Specs that were converted halfway point into the other version's roots.
        let last = pointer.rsplit('/').next()?;
        let roots: &[&str] = match pointer.rsplit('/').nth(1)? {
            "schemas" | "definitions" => &["/components/schemas/", "/definitions/"],
            "parameters" => &["/components/parameters/", "/parameters/"],
            "responses" => &["/components/responses/", "/responses/"],
            _ => &[],
        };
        roots.iter().find_map(|prefix| root.pointer(&format!("{prefix}{last}")))
    }
}

impl<'a> Node<'a> {
    /// Returns a field of an object.
    pub fn get(self, name: &str) -> Option<Self> {
        self.value.get(name).map(|value| Self { value, file: self.file })
    }

    /// Returns the text of a field.
    pub fn text(self, name: &str) -> Option<&'a str> {
        self.value.get(name).and_then(Value::as_str)
    }

    /// Returns the items of an array field.
    pub fn items(self, name: &str) -> Vec<Self> {
        let items = self.value.get(name).and_then(Value::as_array);
        items
            .map(|items| items.iter().map(|value| Self { value, file: self.file }).collect())
            .unwrap_or_default()
    }

    /// Returns the entries of an object.
    pub fn entries(self) -> impl Iterator<Item = (&'a String, Self)> {
        self.value
            .as_object()
            .into_iter()
            .flat_map(|map| map.iter())
            .map(move |(key, value)| (key, Self { value, file: self.file }))
    }

    /// Returns the reference that this value is. A schema *property* named `$ref` holds no text, so it is none.
    pub fn reference(self) -> Option<&'a str> {
        self.value.get("$ref").and_then(Value::as_str)
    }

    /// Tells whether a field is literally true.
    pub fn flag(self, name: &str) -> bool {
        self.value.get(name).and_then(Value::as_bool) == Some(true)
    }
}

/// Returns the name of the schema component that a pointer means.
fn component_name(link: &str, pointer: &str) -> Option<String> {
    let parts: Vec<&str> = pointer.split('/').collect();
    let name = match parts.as_slice() {
        ["", "components", "schemas", name] | ["", "definitions" | "$defs", name] => decode(name),
        [] | [""] if !link.is_empty() => Path::new(link).file_stem()?.to_string_lossy().into_owned(),
        ["", name] if !link.is_empty() => decode(name),
        _ => return None,
    };
    Some(name.replace("~1", "/").replace("~0", "~"))
}

fn collect_links(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
                let link = reference.split('#').next().unwrap_or_default();
                let remote = link.contains("://") || link.starts_with('/');
                if !link.is_empty() && !remote && !out.iter().any(|l| l == link) {
                    out.push(link.to_owned());
                }
            }
            map.values().for_each(|v| collect_links(v, out));
        }
        Value::Array(items) => items.iter().for_each(|v| collect_links(v, out)),
        _ => {}
    }
}

/// Decodes percent escapes.
fn decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let hex = (bytes[i] == b'%').then(|| text.get(i + 1..i + 3)).flatten();
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            out.push(byte);
            i += 3;
        } else {
            out.push(bytes[i]);
            i += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Removes `.` and `..` from a path without asking the file system.
pub fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                if matches!(out.components().next_back(), Some(Component::Normal(_))) {
                    out.pop();
                } else {
                    out.push("..");
                }
            }
            other => out.push(other),
        }
    }
    out
}

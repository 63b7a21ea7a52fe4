//! One spec as a tree of JSON values, with the files that it refers to.

use crate::crawl::place::Place;
use crate::crawl::prose;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A spec and the files that its references lead to. Immutable once loaded, so lowering only borrows.
pub struct Document {
    files: Vec<Value>,
    /// Which file a reference's file part means, by the file it stands in.
    links: BTreeMap<(usize, String), usize>,
    /// The files and pages read beside the spec itself.
    pub parts: Vec<Place>,
    /// Hashes of those, for the spec's own.
    pub part_hashes: Vec<blake3::Hash>,
    /// References to other files and pages that lead nowhere, each once, with the reason.
    pub dangling: Vec<(String, String)>,
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

/// Where components stand in the one version and in the other.
const ROOTS: [(&str, &str); 3] = [
    ("/components/schemas/", "/definitions/"),
    ("/components/parameters/", "/parameters/"),
    ("/components/responses/", "/responses/"),
];

/// Most references that lead to one another.
const CHAIN_MAX: usize = 16;

impl Document {
    /// Makes a document of one value, whose references to other files lead nowhere.
    pub fn alone(root: Value) -> Self {
        Self {
            files: vec![root],
            links: BTreeMap::new(),
            parts: Vec::new(),
            part_hashes: Vec::new(),
            dangling: Vec::new(),
            texts: RefCell::default(),
        }
    }

    /// Returns the files parts of other files that one refers to, each once, in their order.
    pub fn links_of(&self, file: usize) -> Vec<String> {
        let (mut seen, mut out) = (BTreeSet::new(), Vec::new());
        collect_links(&self.files[file], &mut seen, &mut out);
        // 3.2's `$self` is the file's own name
        let own = self.files[file].get("$self").and_then(Value::as_str);
        out.into_iter().filter(|link| Some(*link) != own).map(str::to_owned).collect()
    }

    /// Returns how many files it consists of.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Adds a file that others refer to, and returns its index.
    pub fn add(&mut self, value: Value, place: Place, hash: blake3::Hash) -> usize {
        self.files.push(value);
        self.parts.push(place);
        self.part_hashes.push(hash);
        self.files.len() - 1
    }

    /// Says which file a reference's file part means.
    pub fn link(&mut self, from: usize, link: String, to: usize) {
        self.links.insert((from, link), to);
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
        for _ in 0..CHAIN_MAX {
            let Some(reference) = node.reference() else {
                return Resolved { node: Some(node), name, key };
            };
            let (link, pointer) = reference.split_once('#').unwrap_or((reference, ""));
            let file = self.file(node.file, link);
            if name.is_none() {
                name = component_name(link, pointer);
            }
            let Some(file) = file else {
                return Resolved { node: None, name, key: None };
            };
            let target = self.at(file, pointer);
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
        let mut node = node;
        for _ in 0..CHAIN_MAX {
            let Some(reference) = node.reference() else { return Some(node) };
            let (link, pointer) = reference.split_once('#').unwrap_or((reference, ""));
            let file = self.file(node.file, link)?;
            node = Node { value: self.at(file, pointer)?, file };
        }
        None
    }

    /// Returns the file that a reference's file part means.
    fn file(&self, from: usize, link: &str) -> Option<usize> {
        if link.is_empty() {
            return Some(from);
        }
        // 3.2's `$self` is the name of the file that it stands in
        let own = self.files[from].get("$self").and_then(Value::as_str) == Some(link);
        if own { Some(from) } else { self.links.get(&(from, link.to_owned())).copied() }
    }

    fn at(&self, file: usize, pointer: &str) -> Option<&Value> {
        let root = &self.files[file];
        if pointer.is_empty() || pointer == "/" {
            return Some(root);
        }
        if !pointer.contains(['%', '~']) {
            // nearly all are so: nothing is copied to follow them
            let keys = pointer.strip_prefix('/').map(|keys| keys.split('/'));
            if let Some(value) = keys.and_then(|mut keys| keys.try_fold(root, child)) {
                return Some(value);
            }
        }
        let pointer = &decode(pointer);
        if let Some(value) = root.pointer(pointer) {
            return Some(value);
        }
        // Specs that were converted halfway point into the other version's roots.
        let moved = ROOTS.iter().flat_map(|(new, old)| [(new, old), (old, new)]);
        for (from, to) in moved {
            let rest = pointer.strip_prefix(from);
            if let Some(value) = rest.and_then(|rest| root.pointer(&format!("{to}{rest}"))) {
                return Some(value);
            }
        }
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

/// Returns an entry of an object by its key, or an item of a list by its place.
fn child<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    match value {
        Value::Object(map) => map.get(key),
        Value::Array(items) => items.get(key.parse::<usize>().ok()?),
        _ => None,
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

fn collect_links<'a>(value: &'a Value, seen: &mut BTreeSet<&'a str>, out: &mut Vec<&'a str>) {
    match value {
        Value::Object(map) => {
            if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
                let link = reference.split('#').next().unwrap_or_default();
                if !link.is_empty() && seen.insert(link) {
                    out.push(link);
                }
            }
            map.values().for_each(|v| collect_links(v, seen, out));
        }
        Value::Array(items) => items.iter().for_each(|v| collect_links(v, seen, out)),
        _ => {}
    }
}

/// Decodes percent escapes; what is none stays as it stands.
pub fn decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_two_hexadecimal_digits_are_an_escape() {
        for (text, decoded) in [
            ("a%2Fb%20c", "a/b c"),
            ("caf%C3%A9", "café"),
            ("%+A", "%+A"),
            ("%-1%", "%-1%"),
            ("100%", "100%"),
            ("%é", "%é"),
        ] {
            assert_eq!(decode(text), decoded, "{text}");
        }
    }

    #[test]
    fn a_reference_finds_a_component_whose_name_looks_like_an_escape() {
        let schemas = json!({"a%+Ab": {"type": "string"}});
        let document = Document::alone(
            json!({"components": {"schemas": schemas}, "of": {"$ref": "#/components/schemas/a%+Ab"}}),
        );
        let resolved = document.resolve(document.field("of").unwrap());
        assert_eq!(resolved.name.as_deref(), Some("a%+Ab"));
        assert_eq!(resolved.node.unwrap().text("type"), Some("string"));
    }
}

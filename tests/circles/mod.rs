//! Circles of files: files of one module that need each other's names in a loop, so that none can be read before the rest.
//!
//! A name counts for the file that defines it, through whatever re-exports it came. What a file that declares others defines
//! is looked at name by name: it may use its children, and they what stands in it, as long as no name leads back to itself.

use std::collections::{BTreeMap, BTreeSet};
use syn::visit::{self, Visit};

/// The words of a path: `crate`, `super`, modules, and a name.
type Path = Vec<String>;

/// What can need and be needed: a module's file as a whole (no name), or one name of a file that declares others.
type Node = (Path, String);

/// The files of a crate, by the module that each is.
pub struct Crate {
    modules: BTreeMap<Path, Module>,
}

/// What a file holds, without what only tests see.
#[derive(Default)]
struct Module {
    file: String,
    /// The modules that it declares.
    children: BTreeSet<String>,
    /// What it imports: the name that it is known by here, the path, and whether it is passed on.
    uses: Vec<Use>,
    /// What it defines, and the paths that stand there.
    items: BTreeMap<String, BTreeSet<Path>>,
}

struct Use {
    name: String,
    path: Path,
    is_public: bool,
}

/// Files that need each other, and for what.
pub struct Circle {
    /// The files, as they stand under `src`.
    pub files: BTreeSet<String>,
    /// Which file needs which names of which, a line each.
    pub ties: Vec<String>,
}

impl Crate {
    /// Reads files by their paths under `src`.
    pub fn new<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut modules = BTreeMap::new();
        let mut only_tests = BTreeSet::new();
        for (file, text) in files {
            let path = module_of(file);
            let parsed = syn::parse_file(text).unwrap_or_else(|error| panic!("{file}: {error}"));
            let mut module = Module { file: file.to_owned(), ..Module::default() };
            for item in &parsed.items {
                match item {
                    syn::Item::Mod(child) if child.content.is_none() && is_test(&child.attrs) => {
                        only_tests.insert([path.as_slice(), &[child.ident.to_string()]].concat());
                    }
                    item => module.take(item),
                }
            }
            modules.insert(path, module);
        }
        modules.retain(|path, _| !only_tests.iter().any(|test| path.starts_with(test)));
        Self { modules }
    }

    /// Returns the circles of each module of the crate that has any.
    pub fn circles(&self) -> BTreeMap<String, Vec<Circle>> {
        let needs = self.needs();
        let mut found: BTreeMap<String, Vec<Circle>> = BTreeMap::new();
        let mut known: BTreeSet<&Node> = BTreeSet::new();
        let reached: BTreeMap<&Node, BTreeSet<&Node>> =
            needs.keys().map(|node| (node, reach(node, &needs))).collect();
        for (node, reach) in &reached {
            let circle: BTreeSet<&Node> =
                reach.iter().copied().filter(|other| reached[other].contains(node)).collect();
            let files: BTreeSet<String> = circle.iter().map(|(path, _)| self.file(path)).collect();
            if files.len() > 1 && known.is_disjoint(&circle) {
                let ties = self.ties(&circle, &needs);
                known.extend(circle);
                found.entry(node.0[0].clone()).or_default().push(Circle { files, ties });
            }
        }
        found
    }

    fn file(&self, module: &Path) -> String {
        self.modules[module].file.clone()
    }

    fn ties(
        &self,
        circle: &BTreeSet<&Node>,
        needs: &BTreeMap<Node, BTreeSet<(Node, String)>>,
    ) -> Vec<String> {
        let mut ties: BTreeMap<(String, String), BTreeSet<&str>> = BTreeMap::new();
        for node in circle {
            for (other, name) in needs[node].iter().filter(|(other, _)| circle.contains(other)) {
                if other.0 != node.0 {
                    ties.entry((self.file(&node.0), self.file(&other.0))).or_default().insert(name);
                }
            }
        }
        let line = |((from, to), names): ((String, String), BTreeSet<&str>)| {
            format!("{from} needs of {to}: {}", names.into_iter().collect::<Vec<_>>().join(", "))
        };
        ties.into_iter().map(line).collect()
    }

    /// Returns what each file, or name, needs of others of the same module of the crate.
    fn needs(&self) -> BTreeMap<Node, BTreeSet<(Node, String)>> {
        let mut all = BTreeMap::new();
        for (path, module) in self.modules.iter().filter(|(path, _)| !path.is_empty()) {
            for (item, paths) in &module.items {
                let imported = module.uses.iter().filter(|one| module.is_leaf() && !one.is_public);
                let found = all.entry(self.node(path, item)).or_insert_with(BTreeSet::new);
                for mentioned in paths.iter().chain(imported.map(|one| &one.path)) {
                    let Some((other, name)) = self.resolve(path, mentioned, 0) else { continue };
                    let node = self.node(&other, &name);
                    if other.first() == path.first() && node != self.node(path, item) {
                        found.insert((node, name));
                    }
                }
            }
        }
        // what is named and not seen defined (a macro made it) needs nothing
        let named: Vec<Node> = all.values().flatten().map(|(node, _)| node.clone()).collect();
        for node in named {
            all.entry(node).or_default();
        }
        all
    }

    fn node(&self, module: &Path, name: &str) -> Node {
        let is_leaf = self.modules[module].is_leaf();
        (module.clone(), if is_leaf { String::new() } else { name.to_owned() })
    }

    /// Finds the module that defines what a path in a module means, and its name there; `None` for a module, and for what
    /// stands in no file of the crate.
    fn resolve(&self, from: &Path, path: &[String], depth: usize) -> Option<(Path, String)> {
        const DEPTH_MAX: usize = 16;
        let (first, rest) = path.split_first().filter(|_| depth < DEPTH_MAX)?;
        let module = self.modules.get(from)?;
        match first.as_str() {
            "crate" => self.walk(&[], rest, depth),
            "self" => self.walk(from, rest, depth),
            "super" => match rest.first().map(String::as_str) {
                Some("super") => self.resolve(&from[..from.len().checked_sub(1)?].to_vec(), rest, depth + 1),
                _ => self.walk(&from[..from.len().checked_sub(1)?], rest, depth),
            },
            first if module.children.contains(first) => self.walk(from, path, depth),
            first => match module.uses.iter().find(|one| one.name == first && one.path != path) {
                Some(one) => self.resolve(from, &[one.path.as_slice(), rest].concat(), depth + 1),
                None => module.items.contains_key(first).then(|| (from.clone(), first.to_owned())),
            },
        }
    }

    /// Goes down a path from a module of the crate, and on through re-exports.
    fn walk(&self, from: &[String], path: &[String], depth: usize) -> Option<(Path, String)> {
        let (name, rest) = path.split_first()?;
        let below = [from, std::slice::from_ref(name)].concat();
        if self.modules.contains_key(&below) {
            return self.walk(&below, rest, depth);
        }
        let from = from.to_vec();
        let module = self.modules.get(&from)?;
        if let Some(one) = module.uses.iter().find(|one| one.name == *name) {
            return self.resolve(&from, &[one.path.as_slice(), rest].concat(), depth + 1);
        }
        let globs = module.uses.iter().filter(|one| one.name == "*" && one.is_public);
        let mut behind = globs.filter_map(|one| {
            self.resolve(&from, &[one.path.as_slice(), std::slice::from_ref(name)].concat(), depth + 1)
        });
        let found = behind.find(|(other, name)| self.modules[other].items.contains_key(name));
        found.or_else(|| Some((from.clone(), name.clone())))
    }
}

impl Module {
    fn is_leaf(&self) -> bool {
        self.children.is_empty()
    }

    fn take(&mut self, item: &syn::Item) {
        if is_test(attributes(item)) {
            return;
        }
        match item {
            syn::Item::Mod(child) if child.content.is_none() => {
                self.children.insert(child.ident.to_string());
            }
            syn::Item::Use(one) => {
                let is_public = !matches!(one.vis, syn::Visibility::Inherited);
                flatten(&one.tree, &[], &mut |name, path| {
                    self.uses.push(Use { name, path, is_public });
                });
            }
            item => {
                let mut seen = Seen::default();
                seen.visit_item(item);
                for (name, path) in seen.uses {
                    self.uses.push(Use { name, path, is_public: false });
                }
                // a name that is bound here is no import's
                let is_foreign = |path: &Path| path.len() > 1 || !seen.bound.contains(&path[0]);
                self.items.entry(name(item)).or_default().extend(seen.paths.into_iter().filter(is_foreign));
            }
        }
    }
}

/// Returns the module that a file is.
fn module_of(file: &str) -> Path {
    let mut path: Path = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if path.last().is_some_and(|last| last == "mod") || path == ["lib"] {
        path.pop();
    }
    path
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|one| {
        let syn::Meta::List(list) = &one.meta else { return false };
        list.path.is_ident("cfg") && list.tokens.to_string() == "test"
    })
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Returns the name that an item defines, or of the type that it adds to.
fn name(item: &syn::Item) -> String {
    let name = match item {
        syn::Item::Const(item) => Some(&item.ident),
        syn::Item::Enum(item) => Some(&item.ident),
        syn::Item::Fn(item) => Some(&item.sig.ident),
        syn::Item::Mod(item) => Some(&item.ident),
        syn::Item::Static(item) => Some(&item.ident),
        syn::Item::Struct(item) => Some(&item.ident),
        syn::Item::Trait(item) => Some(&item.ident),
        syn::Item::Type(item) => Some(&item.ident),
        syn::Item::Macro(item) => item.ident.as_ref(),
        syn::Item::Impl(item) => match item.self_ty.as_ref() {
            syn::Type::Path(of) => of.path.segments.last().map(|segment| &segment.ident),
            _ => None,
        },
        _ => None,
    };
    name.map_or_else(String::new, ToString::to_string)
}

/// Tells every import of a tree: its name here and its path. A glob's name is `*`, and its path the module's.
fn flatten(tree: &syn::UseTree, above: &[String], tell: &mut impl FnMut(String, Path)) {
    let to = |ident: &syn::Ident| {
        let word = ident.to_string();
        if word == "self" { above.to_vec() } else { [above, &[word]].concat() }
    };
    match tree {
        syn::UseTree::Path(one) => flatten(&one.tree, &to(&one.ident), tell),
        syn::UseTree::Group(all) => all.items.iter().for_each(|one| flatten(one, above, tell)),
        syn::UseTree::Name(one) => {
            let path = to(&one.ident);
            tell(path.last().cloned().unwrap_or_default(), path);
        }
        syn::UseTree::Rename(one) => tell(one.rename.to_string(), to(&one.ident)),
        syn::UseTree::Glob(_) => tell("*".to_owned(), above.to_vec()),
    }
}

/// What stands in an item: paths, imports, and the names that patterns bind.
#[derive(Default)]
struct Seen {
    paths: BTreeSet<Path>,
    uses: Vec<(String, Path)>,
    bound: BTreeSet<String>,
}

impl<'a> Visit<'a> for Seen {
    fn visit_attribute(&mut self, _: &'a syn::Attribute) {}

    fn visit_path(&mut self, path: &'a syn::Path) {
        self.paths.insert(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_pat_ident(&mut self, pattern: &'a syn::PatIdent) {
        self.bound.insert(pattern.ident.to_string());
        visit::visit_pat_ident(self, pattern);
    }

    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        flatten(&item.tree, &[], &mut |name, path| self.uses.push((name, path)));
    }

    fn visit_macro(&mut self, one: &'a syn::Macro) {
        self.visit_path(&one.path);
        // tokens are no syntax yet: words between `::` are taken for paths, literals for nothing
        let text = one.tokens.to_string().replace(" :: ", "::");
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        let words = text.split('"').step_by(2).flat_map(|part| part.split(|c: char| !is_word(c)));
        let paths = words.map(|word| word.split("::").map(str::to_owned).collect::<Path>());
        self.paths
            .extend(paths.filter(|path| path.iter().all(|word| !word.is_empty() && !word.contains(':'))));
    }
}

/// Returns all that a node leads to.
fn reach<'a>(from: &'a Node, needs: &'a BTreeMap<Node, BTreeSet<(Node, String)>>) -> BTreeSet<&'a Node> {
    let (mut found, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(node) = open.pop() {
        let next = needs[node].iter().map(|(other, _)| other);
        open.extend(next.filter(|other| found.insert(*other)));
    }
    found
}

//! The shape of the source: import directions, no circles of files, a purpose line in every file, a thin main, no stray printing.

#![expect(clippy::unwrap_used, reason = "the helpers of tests may panic")]

mod circles;

use circles::Crate;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The stages know nothing of each other; what they share stands in `data` and `checks`.
const STAGES: [&str; 5] = ["crawl", "instruct", "search", "filter", "shard"];

struct Source {
    path: PathBuf,
    module: String,
    text: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            walk(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn sources() -> Vec<Source> {
    let src = root().join("src");
    let mut paths = Vec::new();
    walk(&src, &mut paths);
    paths.retain(|path| path.extension().is_some_and(|e| e == "rs"));
    let source = |path: PathBuf| {
        let relative = path.strip_prefix(&src).unwrap().to_owned();
        let first = relative.components().next().unwrap().as_os_str().to_str().unwrap();
        let module = first.trim_end_matches(".rs").to_owned();
        Source { text: fs::read_to_string(&path).unwrap(), path: relative, module }
    };
    paths.into_iter().map(source).collect()
}

fn is_of_tests(path: &Path) -> bool {
    path.components().any(|c| c.as_os_str().to_string_lossy().trim_end_matches(".rs").contains("tests"))
}

/// The code without comments and without what only tests see.
fn code(source: &Source) -> String {
    if is_of_tests(&source.path) {
        return String::new();
    }
    let code = source.text.split("#[cfg(test)]\nmod ").next().unwrap();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The modules that code names behind `crate::`, alone or in braces.
fn imports(code: &str) -> BTreeSet<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        if rest.starts_with('$') {
            continue;
        }
        let Some(inner) = rest.strip_prefix('{') else {
            found.insert(word(rest));
            continue;
        };
        let mut depth = 0;
        let mut is_start = true;
        for (i, c) in inner.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => is_start = true,
                c if is_start && c.is_alphabetic() => {
                    found.insert(word(&inner[i..]));
                    is_start = false;
                }
                _ => {}
            }
        }
    }
    found
}

/// The modules in the order in which `lib.rs` lists them.
fn order() -> Vec<String> {
    let lib = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    lib.lines()
        .filter_map(|line| line.strip_prefix("pub ").unwrap_or(line).strip_prefix("mod "))
        .map(|line| line.split(';').next().unwrap().to_owned())
        .collect()
}

#[test]
fn imports_go_one_way_and_no_stage_imports_a_stage() {
    let order = order();
    let rank: BTreeMap<&str, usize> = order.iter().enumerate().map(|(i, m)| (m.as_str(), i)).collect();
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|s| s.module != "lib" && s.module != "main") {
        let own =
            *rank.get(source.module.as_str()).unwrap_or_else(|| panic!("lib.rs lists {}", source.module));
        for import in imports(&code(source)) {
            let Some(&other) = rank.get(import.as_str()) else {
                wrong.push(format!("{}: crate::{import} is no module of lib.rs", source.path.display()));
                continue;
            };
            let is_sideways = STAGES.contains(&source.module.as_str())
                && STAGES.contains(&import.as_str())
                && source.module != import;
            if other > own || is_sideways {
                wrong.push(format!("{} imports crate::{import}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "imports against the order of lib.rs:\n{}", wrong.join("\n"));
}

#[test]
fn imports_are_read_in_every_form() {
    let code = "use crate::data::{A, B};\nuse crate::{config::{self, Plan}, llm};\nlet x = crate::world::f();\n$crate::no!()";
    let expected = ["config", "data", "llm", "world"].map(str::to_owned);
    assert_eq!(imports(code), BTreeSet::from(expected));
}

#[test]
fn no_files_of_a_module_stand_in_a_circle() {
    let sources = sources();
    let is_read = |source: &&Source| !is_of_tests(&source.path) && source.path != Path::new("main.rs");
    let files: Vec<(String, &str)> = sources
        .iter()
        .filter(is_read)
        .map(|source| (source.path.to_string_lossy().replace('\\', "/"), source.text.as_str()))
        .collect();
    let circles = Crate::new(files.iter().map(|(path, text)| (path.as_str(), *text))).circles();
    let mut wrong = Vec::new();
    for (module, circles) in &circles {
        for circle in circles {
            let files: Vec<&str> = circle.files.iter().map(String::as_str).collect();
            wrong.push(format!("{module}: {}\n  {}", files.join(", "), circle.ties.join("\n  ")));
        }
    }
    assert!(wrong.is_empty(), "files that need each other's names in a loop:\n{}", wrong.join("\n"));
}

/// Names the files of each circle of made-up sources.
fn found(files: &[(&str, &str)]) -> Vec<Vec<String>> {
    let circles = Crate::new(files.iter().copied()).circles();
    circles.into_values().flatten().map(|circle| circle.files.into_iter().collect()).collect()
}

#[test]
fn a_circle_is_found_through_re_exports_and_paths_in_code() {
    let top = ("a/mod.rs", "mod b;\nmod c;\nmod d;\npub use c::C;");
    let b = ("a/b.rs", "use super::C;\npub struct B(C);");
    let c = ("a/c.rs", "pub struct C;\nfn f() { let _ = vec![crate::a::d::g()]; }");
    let d = ("a/d.rs", "use super::b;\npub fn g() -> usize { size_of::<b::B>() }");
    assert_eq!(found(&[top, b, c, d]), [["a/b.rs", "a/c.rs", "a/d.rs"]]);
    let d = ("a/d.rs", "pub fn g() {}\n#[cfg(test)]\nmod tests { use super::super::b::B; }");
    assert!(found(&[top, b, c, d]).is_empty());
}

#[test]
fn a_file_and_those_that_it_declares_are_in_a_circle_where_a_name_leads_back_to_itself() {
    let child = ("a/b.rs", "use super::Value;\npub fn made() -> Value { Value }");
    let plain = ("a/mod.rs", "mod b;\npub struct Value;\npub fn all() -> Value { b::made() }");
    assert!(found(&[plain, child]).is_empty());
    let led_back = ("a/mod.rs", "mod b;\npub struct Value;\nimpl Value { fn new() -> Self { b::made() } }");
    assert_eq!(found(&[led_back, child]), [["a/b.rs", "a/mod.rs"]]);
}

#[test]
fn every_file_says_first_what_it_is_for() {
    let wrong: Vec<String> = sources()
        .iter()
        .filter(|s| {
            let line = s.text.lines().next().unwrap_or_default();
            !line.starts_with("//! ") || line.len() < 12
        })
        .map(|s| s.path.display().to_string())
        .collect();
    assert!(wrong.is_empty(), "no `//!` sentence on the first line: {}", wrong.join(", "));
}

#[test]
fn main_is_thin() {
    let main = fs::read_to_string(root().join("src/main.rs")).unwrap();
    assert!(main.lines().count() <= 60);
}

#[test]
fn nothing_prints_or_exits_outside_cli_and_monitor() {
    let mut wrong = Vec::new();
    for source in sources() {
        let code = code(&source);
        let prints = ["println!", "eprintln!", "print!(", "dbg!", "io::stdout", "io::stderr"];
        let is_allowed = ["cli", "monitor"].contains(&source.module.as_str());
        if !is_allowed && prints.iter().any(|word| code.contains(word)) {
            wrong.push(format!("{} prints", source.path.display()));
        }
        if code.contains("process::exit") {
            wrong.push(format!("{} exits", source.path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_committed_file_names_a_machine_or_a_registry() {
    // Put together here so that this file does not name them itself.
    let words: Vec<String> = [
        ["/work", "/wt"],
        ["/work", "/main"],
        ["/work", "/shared"],
        ["/ro", "ot/"],
        ["/Us", "ers/"],
        ["index.crates", ".io"],
        ["static.crates", ".io"],
        ["files.python", "hosted.org"],
        ["registry.npm", "js.org"],
    ]
    .map(|parts| parts.concat())
    .to_vec();
    let mut paths = Vec::new();
    for name in ["src", "tests", "templates", ".ci"] {
        let folder = root().join(name);
        if folder.is_dir() {
            walk(&folder, &mut paths);
        }
    }
    paths.extend(
        ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "Cargo.toml", "clippy.toml", "rustfmt.toml"]
            .map(|name| root().join(name)),
    );
    let mut wrong = Vec::new();
    for path in paths.iter().filter(|p| !p.components().any(|c| c.as_os_str() == "fixtures")) {
        // A file that is not there or is no text names nothing.
        let Ok(text) = fs::read_to_string(path) else { continue };
        for word in words.iter().filter(|word| text.contains(*word)) {
            wrong.push(format!("{}: {word}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

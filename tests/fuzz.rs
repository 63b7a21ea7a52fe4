//! Fuzzing of the crawl: real specs, changed in their structure and in their bytes, must neither stop it nor swell it.
//!
//! `CASES=100000 cargo test --test fuzz -- --nocapture` runs more than the default; `CASE=n` runs one again. What fails is
//! written to the target's folder for temporary files.

#![expect(clippy::unwrap_used, reason = "a test, and a way to look")]

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use toolloom::config::plan::{CrawlPlan, Dialect, Limits};
use toolloom::internals::crawl::{crawl_bytes, definition_bytes};

/// Cases of a usual run.
const CASES: u64 = 300;
/// Bytes of a slice of a spec that is changed; larger ones only cost time.
const SLICE_MAX: usize = 40_000;
/// Slices taken of one file.
const SLICES: usize = 12;
/// A case that takes longer than this hangs, on any machine.
const HANGS_SECONDS: u64 = 120;
/// Bytes that all schemas of one case may come to.
const OUTPUT_MAX: usize = 64 << 20;

/// A slice of a real spec that the cases begin with.
struct Seed {
    value: Value,
    bytes: Vec<u8>,
    yaml: bool,
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut entries: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, out);
        } else if path.metadata().is_ok_and(|m| m.len() < 3_000_000) {
            out.push(path);
        }
    }
}

fn seeds() -> Vec<Seed> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut all = Vec::new();
    files(&root.join("apis"), &mut all);
    files(&root.join("tests/fixtures/crawl"), &mut all);
    if std::env::var_os("CASES").is_some() {
        let shared =
            std::env::var_os("TOOLLOOM_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
        files(&shared.join("apis"), &mut all);
    }
    let mut out = Vec::new();
    for path in all {
        let Ok(bytes) = std::fs::read(&path) else { continue };
        match serde_json::from_slice::<Value>(&bytes) {
            Ok(value) => out.extend(slices(&value)),
            Err(_) if bytes.len() <= SLICE_MAX => out.push(Seed { value: Value::Null, bytes, yaml: true }),
            Err(_) => {}
        }
    }
    out
}

/// Cuts a spec into single paths with the components that they lead to, a list into single entries.
fn slices(whole: &Value) -> Vec<Seed> {
    let mut out = Vec::new();
    let mut add = |value: Value| {
        let bytes = value.to_string().into_bytes();
        if bytes.len() <= SLICE_MAX {
            out.push(Seed { value, bytes, yaml: false });
        }
    };
    match whole {
        Value::Object(map) if map.get("paths").is_some_and(Value::is_object) => {
            let paths = map["paths"].as_object().unwrap();
            for (path, item) in paths.iter().step_by((paths.len() / SLICES).max(1)) {
                let mut slice = Map::new();
                for (key, value) in map {
                    if !matches!(key.as_str(), "paths" | "components" | "definitions") {
                        slice.insert(key.clone(), value.clone());
                    }
                }
                let mut slice = Value::Object(slice);
                slice["paths"] = json!({});
                slice["paths"][path] = item.clone();
                take_components(whole, &mut slice);
                add(slice);
            }
        }
        Value::Array(items) if items.len() > 3 => {
            items.chunks(2).take(SLICES).for_each(|chunk| add(Value::Array(chunk.to_vec())));
        }
        _ => add(whole.clone()),
    }
    out
}

/// Copies the components that a slice refers to, and those that they refer to.
fn take_components(whole: &Value, slice: &mut Value) {
    let mut known: BTreeSet<String> = BTreeSet::new();
    let mut wanted = Vec::new();
    references(slice, &mut wanted);
    while let Some(pointer) = wanted.pop() {
        if known.len() > 60 || !known.insert(pointer.clone()) {
            continue;
        }
        let parts: Vec<&str> = pointer.trim_start_matches("#/").split('/').collect();
        let Some(found) = whole.pointer(pointer.trim_start_matches('#')) else { continue };
        references(found, &mut wanted);
        match parts.as_slice() {
            ["components", kind, name] => slice["components"][*kind][*name] = found.clone(),
            ["definitions", name] => slice["definitions"][*name] = found.clone(),
            _ => {}
        }
    }
}

fn references(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            out.extend(
                map.get("$ref").and_then(Value::as_str).filter(|r| r.starts_with("#/")).map(str::to_owned),
            );
            map.values().for_each(|v| references(v, out));
        }
        Value::Array(items) => items.iter().for_each(|v| references(v, out)),
        _ => {}
    }
}

/// Goes down at random; returns a node that is seldom the root.
fn node<'a>(root: &'a mut Value, rng: &mut ChaCha8Rng) -> &'a mut Value {
    let mut at = root;
    for _ in 0..rng.random_range(1..14_u32) {
        let count = match &*at {
            Value::Object(map) => map.len(),
            Value::Array(items) => items.len(),
            _ => 0,
        };
        if count == 0 {
            break;
        }
        let index = rng.random_range(0..count);
        at = match at {
            Value::Object(map) => map.values_mut().nth(index).unwrap(),
            Value::Array(items) => &mut items[index],
            _ => unreachable!("only containers have a count"),
        };
    }
    at
}

fn text(rng: &mut ChaCha8Rng) -> String {
    const TEXTS: [&str; 24] = [
        "",
        " ",
        "\u{0}",
        "ü",
        "日本語のテキスト",
        "👩‍👩‍👧‍👦",
        "\u{202e}abc",
        "a\u{301}\u{301}",
        "\r\n",
        "{",
        "}",
        "{id}",
        "[Enum]: [\"",
        "Possible values: a, b, c",
        "between 3 and 1",
        "%",
        "%zz",
        "~1~0",
        "#/",
        "/a/{b}/{b}",
        "null",
        "İı",
        "true",
        "1e999",
    ];
    match rng.random_range(0..12_u32) {
        0 => "é{".repeat(rng.random_range(1..3000)),
        1 => "a".repeat(rng.random_range(60..5000)),
        2 => (0..rng.random_range(1..40_u32))
            .map(|_| char::from_u32(rng.random_range(1..0x3000)).unwrap_or('x'))
            .collect(),
        _ => TEXTS[rng.random_range(0..TEXTS.len())].to_owned(),
    }
}

fn odd(rng: &mut ChaCha8Rng) -> Value {
    match rng.random_range(0..16_u32) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(u64::MAX),
        3 => json!(i64::MIN),
        4 => json!(1e308),
        5 => json!(-0.0),
        6 => json!(5e-324),
        7 => json!([]),
        8 => json!({}),
        9 => json!([[], {}, null, 1]),
        10 => {
            json!({"type": "object", "properties": {"": {}, "$ref": {"type": "string"}}, "required": ["", ""]})
        }
        11 => (0..rng.random_range(1..80_u32)).fold(json!({}), |v, i| match i % 3 {
            0 => json!({"items": v, "type": "array"}),
            1 => json!({"properties": {"a": v}, "required": ["a"]}),
            _ => json!({"anyOf": [v, {"type": "object", "properties": {"b": {}}}], "properties": {"c": {}}}),
        }),
        12 => (0..rng.random_range(1..400_u32)).map(|i| json!(i % 50)).collect(),
        13 => json!(rng.random_range(-1_000_000..1_000_000_i64)),
        _ => text(rng).into(),
    }
}

/// Keywords that a schema may get, with values that it should not have.
fn keyword(rng: &mut ChaCha8Rng) -> (&'static str, Value) {
    const KEYS: [&str; 34] = [
        "type",
        "format",
        "enum",
        "const",
        "default",
        "example",
        "examples",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "pattern",
        "minLength",
        "maxItems",
        "uniqueItems",
        "required",
        "properties",
        "additionalProperties",
        "items",
        "allOf",
        "oneOf",
        "anyOf",
        "not",
        "nullable",
        "readOnly",
        "deprecated",
        "$ref",
        "description",
        "name",
        "in",
        "parameters",
        "requestBody",
        "content",
        "schema",
        "operationId",
    ];
    const TYPES: [&str; 9] =
        ["string", "integer", "number", "boolean", "array", "object", "null", "file", "HashMap"];
    const PATTERNS: [&str; 8] =
        ["(a+)+$", "[", "(?=x)", "\\p{L}", "^[\\w-.]+$", "\\u12", "a{1,99999}", "[^]"];
    let key = KEYS[rng.random_range(0..KEYS.len())];
    let value = match (key, rng.random_range(0..3_u32)) {
        ("type", 0 | 1) => TYPES[rng.random_range(0..TYPES.len())].into(),
        ("type", _) => {
            json!([TYPES[rng.random_range(0..TYPES.len())], TYPES[rng.random_range(0..TYPES.len())]])
        }
        ("pattern", 0 | 1) => PATTERNS[rng.random_range(0..PATTERNS.len())].into(),
        ("$ref", 0 | 1) => "#".into(),
        _ => odd(rng),
    };
    (key, value)
}

fn change(root: &mut Value, donor: &Value, pointers: &[String], rng: &mut ChaCha8Rng) {
    let choice = rng.random_range(0..12_u32);
    let foreign = (choice == 0).then(|| node(&mut donor.clone(), rng).clone());
    let own = matches!(choice, 1 | 2).then(|| node(root, rng).clone());
    let at = node(root, rng);
    match choice {
        0 => *at = foreign.unwrap_or_default(),
        // a copy elsewhere, below itself at times
        1 | 2 => *at = own.unwrap_or_default(),
        3 => match at {
            Value::Object(map) if !map.is_empty() => {
                let key = map.keys().nth(rng.random_range(0..map.len())).unwrap().clone();
                map.shift_remove(&key);
            }
            Value::Array(items) if !items.is_empty() => {
                items.remove(rng.random_range(0..items.len()));
            }
            _ => *at = odd(rng),
        },
        4 => {
            if let Value::Object(map) = at
                && !map.is_empty()
            {
                let (_, value) = map.iter().nth(rng.random_range(0..map.len())).unwrap();
                let (value, key) = (value.clone(), text(rng));
                map.insert(key, value);
            }
        }
        // cycles and references that dangle
        5 | 6 if !pointers.is_empty() => *at = json!({"$ref": pointers[rng.random_range(0..pointers.len())]}),
        7 => *at = json!({"$ref": format!("#/{}", text(rng))}),
        8 => {
            if let Value::Array(items) = at {
                let copies = items.clone();
                (0..rng.random_range(1..20_u32)).for_each(|_| items.extend(copies.iter().take(20).cloned()));
            } else {
                *at = odd(rng);
            }
        }
        9 => *at = odd(rng),
        _ => {
            if let Value::Object(map) = at {
                let (key, value) = keyword(rng);
                map.insert(key.to_owned(), value);
            }
        }
    }
}

fn garble(bytes: &mut Vec<u8>, rng: &mut ChaCha8Rng) {
    for _ in 0..rng.random_range(1..6_u32) {
        if bytes.is_empty() {
            return;
        }
        let at = rng.random_range(0..bytes.len());
        match rng.random_range(0..5_u32) {
            0 => bytes[at] = rng.random_range(0..=255_u8),
            1 => bytes.truncate(at),
            2 => {
                let end = (at + rng.random_range(1..200)).min(bytes.len());
                bytes.drain(at..end);
            }
            3 => {
                let end = (at + rng.random_range(1..400)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            _ => {
                bytes.splice(at..at, text(rng).into_bytes());
            }
        }
    }
}

/// Makes the input of a case, the same each time.
fn input(seeds: &[Seed], case: u64) -> Vec<u8> {
    let mut rng = ChaCha8Rng::seed_from_u64(case);
    let seed = &seeds[rng.random_range(0..seeds.len())];
    if seed.yaml || rng.random_range(0..4_u32) == 0 {
        let mut bytes = seed.bytes.clone();
        garble(&mut bytes, &mut rng);
        return bytes;
    }
    let donor = &seeds[rng.random_range(0..seeds.len())].value;
    let mut pointers = Vec::new();
    references(&seed.value, &mut pointers);
    pointers.truncate(200);
    let mut value = seed.value.clone();
    for _ in 0..rng.random_range(1..9_u32) {
        change(&mut value, donor, &pointers, &mut rng);
    }
    let mut bytes = value.to_string().into_bytes();
    if rng.random_range(0..20_u32) == 0 {
        garble(&mut bytes, &mut rng);
    }
    bytes
}

/// Crawls an input; returns the kept tools and how many bytes their schemas have.
fn check(bytes: &[u8], case: u64, limits: &Limits) -> usize {
    let dialect = if case.is_multiple_of(5) { Dialect::OpenaiStrict } else { Dialect::Standard };
    let plan = CrawlPlan { dialect, ..CrawlPlan::default() };
    let catalog = crawl_bytes("fuzz/spec.json", bytes, &plan, limits);
    if case.is_multiple_of(4) {
        let again = crawl_bytes("fuzz/spec.json", bytes, &plan, limits);
        assert_eq!(
            serde_json::to_string(&catalog).unwrap(),
            serde_json::to_string(&again).unwrap(),
            "the same twice"
        );
    }
    assert!(!catalog.tools.is_empty() || !catalog.dropped.is_empty(), "neither tools nor a reason");
    let mut written = 0;
    for tool in &catalog.tools {
        assert!(definition_bytes(tool) <= limits.tool_bytes, "{}: too large", tool.name);
        assert_eq!(tool.parameters["additionalProperties"], false);
        compile(&tool.parameters);
        written += tool.parameters.to_string().len();
        if let Some(result) = &tool.result {
            compile(result);
            written += result.to_string().len();
        }
    }
    assert!(written <= OUTPUT_MAX, "{written} bytes of schemas");
    catalog.tools.len()
}

fn compile(schema: &Value) {
    let mut compiler = boon::Compiler::new();
    let mut schemas = boon::Schemas::new();
    compiler.set_default_draft(boon::Draft::V2020_12);
    compiler.add_resource("mem:tool", schema.clone()).unwrap();
    compiler.compile("mem:tool", &mut schemas).unwrap_or_else(|error| panic!("{error:#}\n{schema}"));
}

/// The most memory that the process ever held, in MiB, where the system tells.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
}

#[test]
fn changed_specs_end_in_tools_or_reasons_within_bounds() {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let seeds = seeds();
    let cases: Vec<u64> = match number("CASE") {
        Some(case) => vec![case],
        None => (0..number("CASES").unwrap_or(CASES)).collect(),
    };
    let limits = toolloom::config::load(None, &[], &|_| true).unwrap_or_else(|f| panic!("{f:?}")).limits;
    let begun = Instant::now();
    let next = AtomicU64::new(0);
    let (tools, with, slowest) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let failed = std::sync::Mutex::new(Vec::<String>::new());
    let work = || {
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed) as usize) {
            let bytes = input(&seeds, *case);
            let started = Instant::now();
            let done = catch_unwind(AssertUnwindSafe(|| check(&bytes, *case, &limits)));
            let took = started.elapsed();
            slowest.fetch_max(took.as_millis() as u64, Ordering::Relaxed);
            if took.as_secs() >= 2 {
                let _ = std::fs::write(
                    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("slow-{case}.json")),
                    &bytes,
                );
                println!("case {case}: {took:.1?} for {} bytes", bytes.len());
            }
            if let Ok(n) = &done {
                tools.fetch_add(*n as u64, Ordering::Relaxed);
                with.fetch_add(u64::from(*n > 0), Ordering::Relaxed);
            }
            if done.is_err() || took.as_secs() > HANGS_SECONDS {
                let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{case}.json"));
                std::fs::write(&path, &bytes).unwrap();
                failed.lock().unwrap().push(format!("case {case}: {} ({took:?})", path.display()));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from).min(8) {
            std::thread::Builder::new().stack_size(32 << 20).spawn_scoped(scope, work).unwrap();
        }
    });
    println!(
        "{} cases of {} slices in {:.0} s: {} with tools, {} tools in all; slowest {} ms; at most {} MiB held",
        cases.len(),
        seeds.len(),
        begun.elapsed().as_secs_f64(),
        with.load(Ordering::Relaxed),
        tools.load(Ordering::Relaxed),
        slowest.load(Ordering::Relaxed),
        peak().unwrap_or_default()
    );
    let failed = failed.into_inner().unwrap();
    assert!(
        failed.is_empty(),
        "{} of {} failed: {:#?}",
        failed.len(),
        cases.len(),
        &failed[..failed.len().min(20)]
    );
    assert!(peak().is_none_or(|mib| mib <= 2048), "{:?} MiB", peak());
}

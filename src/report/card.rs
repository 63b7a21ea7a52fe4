//! The dataset card: the `README.md` of a run's folder.

use super::columns::COLUMNS;
use super::funnel::{by_count, funnel_markdown};
use super::spend::spend_markdown;
use crate::data::Manifest;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Renders the card of a run from its manifest (whose list of files need not hold the card itself).
pub fn card(manifest: &Manifest) -> String {
    let mut out = front_matter(manifest);
    let counts = &manifest.counts;
    let _ = writeln!(out, "# {}\n", manifest.name);
    let _ = writeln!(
        out,
        "Conversations in which an assistant uses tools: {} rows with {} calls of {} distinct tools over {} APIs, \
         woven by toolloom {} from API specs. Every call was executed, and what each row is known to be right by \
         stands in `verified`.\n",
        counts.rows,
        counts.calls,
        counts.tools_called,
        counts.api.len(),
        manifest.toolloom,
    );
    out.push_str(&before_you_train(manifest));
    out.push_str(&loading(manifest));
    out.push_str(&making(manifest));
    out.push_str(&spend_markdown(&manifest.spend));
    out.push_str("## Counts\n\n");
    for (title, map) in [
        ("split", &counts.split),
        ("level", &counts.level),
        ("scenario", &counts.scenario),
        ("verified by", &counts.verified),
        ("language", &counts.lang),
        ("API (a row may call several)", &counts.api),
    ] {
        out.push_str(&counted(title, map));
    }
    out.push_str("## Columns\n\n| column | type | what it holds |\n|---|---|---|\n");
    for (name, kind, meaning) in COLUMNS {
        let _ = writeln!(out, "| `{name}` | {kind} | {meaning} |");
    }
    out.push_str(
        "\n`rejected/` has the same columns, plus `stage`, `rule` and `reason`. Columns of type JSON are strings of \
         JSON: tools differ in their schemas, and nested columns would give every tool the fields of all others.\n\n",
    );
    out.push_str(&sources(manifest));
    out
}

fn front_matter(manifest: &Manifest) -> String {
    let mut out =
        "---\nlicense: other\ntask_categories:\n- text-generation\ntags:\n- tool-use\n- function-calling\n\
                   - agent\n- synthetic\n"
            .to_owned();
    let _ = writeln!(out, "pretty_name: {}", Value::String(manifest.name.clone()));
    let langs: BTreeSet<&str> =
        manifest.counts.lang.keys().map(|l| l.split('-').next().unwrap_or(l)).collect();
    list(&mut out, "language", langs.into_iter());
    let size = match manifest.counts.rows {
        0..1_000 => "n<1K",
        1_000..10_000 => "1K<n<10K",
        10_000..100_000 => "10K<n<100K",
        100_000..1_000_000 => "100K<n<1M",
        _ => "n>1M",
    };
    list(&mut out, "size_categories", std::iter::once(size));
    // Without this block `load_dataset` would take every Parquet file of the folder for rows.
    if !manifest.counts.split.is_empty() {
        out.push_str("configs:\n- config_name: default\n  data_files:\n");
        for split in splits(manifest) {
            let _ = writeln!(out, "  - split: {split}\n    path: data/{split}-*.parquet");
        }
    }
    out.push_str("---\n\n");
    out
}

fn list<'a>(out: &mut String, key: &str, items: impl Iterator<Item = &'a str>) {
    let lines: String = items.fold(String::new(), |all, item| all + "- " + item + "\n");
    if !lines.is_empty() {
        let _ = write!(out, "{key}:\n{lines}");
    }
}

/// Returns the splits that have rows, in the plan's order.
fn splits(manifest: &Manifest) -> Vec<&String> {
    let planned = manifest.plan["shard"]["splits"].as_array();
    let place = |name: &String| planned.and_then(|list| list.iter().position(|pair| pair[0] == **name));
    let mut names: Vec<&String> = manifest.counts.split.keys().collect();
    names.sort_by_key(|name| place(name).unwrap_or(usize::MAX));
    names
}

fn before_you_train(manifest: &Manifest) -> String {
    let mut out = "## Before you train on it\n\n\
        - **`decision` is always `call`.** No row shows when to answer directly, to ask first or to refuse. A model \
        trained on these rows alone learns to call a tool whatever it is asked: mix in rows that do not.\n"
        .to_owned();
    let builtin = builtin_roles(&manifest.plan);
    if !builtin.is_empty() {
        let _ = writeln!(
            out,
            "- **{} here: `builtin`, and that is no language model.** It is toolloom's offline planner: it words \
             instructions through a grammar and solves tasks by matching words, observations and schemas. Its rows \
             show sound calls; its prose is plainer than people's. Name a real model for prose to learn from.",
            builtin.join(", "),
        );
    }
    if manifest.plan["environment"] == "simulated" {
        out.push_str(
            "- **The tool results are simulated** by worlds built from the specs: people, records and prices are \
             invented. Cities, countries, currencies and holidays are true.\n",
        );
    }
    out.push_str(
        "- **Learn only the turns with `loss` set**: the wrong turns that teach, before a corrected one, are there \
         to be read.\n",
    );
    out.push_str(
        "- **`arguments` is a JSON string in these tables**, and what a message does not have is null. Trainers and \
         chat templates want objects and absent keys: `toolloom export --format openai` writes them.\n\n",
    );
    out
}

/// Returns the roles that the built-in model plays.
fn builtin_roles(plan: &Value) -> Vec<&str> {
    let is_builtin =
        |model: &Value| model.as_str().is_some_and(|name| plan["models"][name]["provider"] == "builtin");
    let roles = [("Writer", "writer"), ("solver", "solver"), ("judge", "judge")];
    roles
        .into_iter()
        .filter(|(_, role)| is_builtin(&plan["roles"][*role]["model"]))
        .map(|(word, _)| word)
        .collect()
}

fn loading(manifest: &Manifest) -> String {
    let split = splits(manifest).first().map_or("train", |s| s.as_str()).to_owned();
    format!(
        "## Loading\n\n```python\nimport json\nfrom datasets import load_dataset\n\n\
         rows = load_dataset(\"path/to/this/folder\", split=\"{split}\")   # takes data/ only\n\
         tools = json.loads(rows[0][\"tools\"])\n```\n\n```sh\n\
         toolloom inspect path/to/this/folder --row 0\n\
         toolloom export path/to/this/folder --format openai --split {split} -o {split}.jsonl\n```\n\n"
    )
}

fn making(manifest: &Manifest) -> String {
    let plan = &manifest.plan;
    let models: BTreeSet<String> = ["writer", "solver", "judge"]
        .iter()
        .filter_map(|role| {
            let name = plan["roles"][*role]["model"].as_str()?;
            Some(format!("{role}: `{}`", plan["models"][name]["model"].as_str().unwrap_or(name)))
        })
        .collect();
    let word = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    format!(
        "## How it was made\n\n```sh\n{}\n```\n\nSeed {}, tasks by `{}`, solved by `{}`, in the environment `{}`; {}. The \
         resolved plan and the hashes of all files stand in `manifest.json`; every tool, task and search tree in \
         `catalog.parquet`, `tasks.parquet` and `trees.parquet`; which result feeds which parameter in `graph.parquet`; what was rejected, with its reason, in \
         `rejected/`.\n\n{}\n",
        manifest.command,
        plan["seed"],
        word(&plan["instruct"]["strategy"]),
        word(&plan["search"]["strategy"]),
        word(&plan["environment"]),
        models.into_iter().collect::<Vec<_>>().join(", "),
        funnel_markdown(&manifest.funnel),
    )
}

fn counted(title: &str, counts: &BTreeMap<String, u64>) -> String {
    if counts.is_empty() {
        return String::new();
    }
    let mut out = format!("| {title} | rows |\n|---|--:|\n");
    for (name, count) in by_count(counts) {
        let _ = writeln!(out, "| {} | {count} |", cell(name));
    }
    out.push('\n');
    out
}

fn sources(manifest: &Manifest) -> String {
    let mut out = "## Sources and licences\n\n\
        Tool names, descriptions and schemas come from these specs, each under its own licence. The instructions, \
        results and conversations are synthetic. Text that a model wrote may be under its provider's terms too.\n\n\
        | spec | title | version | licence | operations | kept | blake3 |\n|---|---|---|---|--:|--:|---|\n"
        .to_owned();
    for s in &manifest.sources {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | `{}` |",
            cell(&s.spec),
            cell(&s.title),
            cell(&s.version),
            cell(&s.licence),
            s.operations,
            s.kept,
            s.hash.get(..16).unwrap_or(&s.hash),
        );
    }
    out
}

/// Makes text safe in a cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace(['\n', '\r'], " ").replace('|', "\\|")
}

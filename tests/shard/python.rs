//! Python's readers over a folder that was written by hand. Runs where TOOLLOOM_PYTHON names an interpreter with
//! pyarrow, duckdb, polars, datasets, jsonschema and jinja2 (see tests/python/README.md), and says so where not.

use crate::samples::Run;
use std::path::Path;
use std::process::Command;

#[test]
fn pythons_readers_find_nothing_wrong() {
    let Some(python) = std::env::var_os("TOOLLOOM_PYTHON") else {
        println!("skipped: TOOLLOOM_PYTHON is not set");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let mut run = Run::of_rows(300);
    for (i, sample) in run.kept.iter_mut().enumerate() {
        sample.group_id = format!("task-{i}");
    }
    run.tasks =
        (0..302).map(|ordinal| toolloom::data::TaskRecord { ordinal, ..run.tasks[0].clone() }).collect();
    run.funnel = crate::samples::funnel(&run.catalog, &run.tasks, &[&run.kept, &run.rejected]);
    run.plan.shard.rows = 100;
    let out = dir.path().join("run");
    run.write(&out).unwrap();

    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python");
    let (rows, single) = (dir.path().join("rows.jsonl"), dir.path().join("single.jsonl"));
    for (target, flags) in [(&rows, &[][..]), (&single, &["--single-calls"][..])] {
        let export = Command::new(env!("CARGO_BIN_EXE_toolloom"))
            .args(["export", "--format", "openai"])
            .args(flags)
            .arg(&out)
            .arg("-o")
            .arg(target)
            .status();
        assert!(export.unwrap().success());
    }
    let check = |script: &str, args: &[&Path]| {
        let output = Command::new(&python).arg(scripts.join(script)).args(args).output().unwrap();
        let (said, complained) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        println!("{script}\n{said}{complained}");
        assert!(output.status.success(), "{script}");
    };
    check("check_shards.py", &[&out]);
    check("readers.py", &[&out]);
    check("chat_templates.py", &[&rows, Path::new("--single"), &single]);
}

//! Runs of the binary: arguments in, exit code and words out. No run of the pipeline.

#![expect(clippy::unwrap_used, reason = "the helpers of tests may panic")]

use std::path::Path;
use std::process::{Command, Output};

fn toolloom(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_toolloom"))
        .args(args)
        .current_dir(folder)
        .env_remove("LLM_API_KEY")
        .output()
        .unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn init_writes_the_default_and_never_over_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let first = toolloom(folder.path(), &["init"]);
    assert_eq!(code(&first), 0, "{}", stderr(&first));
    let written = std::fs::read_to_string(folder.path().join("pipeline.yaml")).unwrap();
    assert_eq!(written, toolloom::config::DEFAULTS);
    std::fs::write(folder.path().join("pipeline.yaml"), "mine").unwrap();
    let second = toolloom(folder.path(), &["init"]);
    assert_eq!(code(&second), 5);
    assert!(stderr(&second).contains("pipeline.yaml exists already"), "{}", stderr(&second));
    assert_eq!(std::fs::read_to_string(folder.path().join("pipeline.yaml")).unwrap(), "mine");
}

#[test]
fn faults_of_a_pipeline_end_with_code_2_before_anything_is_run() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("p.yaml"), "instruct: {taks: 5}\nsede: 1\n").unwrap();
    for command in ["run", "check"] {
        let output = toolloom(folder.path(), &[command, "p.yaml", "--set", "search.width=0"]);
        assert_eq!(code(&output), 2);
        let text = stderr(&output);
        assert!(text.contains("p.yaml:1:12: `instruct` has no field `taks`"), "{text}");
        assert!(text.contains("p.yaml:2:1: a pipeline has no field `sede`"), "{text}");
        assert!(text.contains("--set search.width=0: expected a whole number"), "{text}");
        assert!(text.contains("error: 3 faults in the configuration; nothing was run"), "{text}");
    }
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing else is written");
}

#[test]
fn a_missing_pipeline_ends_with_code_2() {
    let folder = tempfile::tempdir().unwrap();
    let output = toolloom(folder.path(), &["run", "nowhere.yaml"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("nowhere.yaml: there is no such file"), "{}", stderr(&output));
}

#[test]
fn a_key_that_is_not_set_is_a_fault_that_names_its_variable() {
    let folder = tempfile::tempdir().unwrap();
    let model =
        "models.teacher={provider: openai, base_url: http://h/v1, model: m, api_key_env: LLM_API_KEY}";
    let output = toolloom(folder.path(), &["check", "--set", model]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("environment variable LLM_API_KEY is not set"), "{}", stderr(&output));
}

#[test]
fn wrong_arguments_end_with_code_2_and_help_with_0() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(code(&toolloom(folder.path(), &["run", "--until", "lunch"])), 2);
    assert_eq!(code(&toolloom(folder.path(), &[])), 2);
    assert_eq!(code(&toolloom(folder.path(), &["--help"])), 0);
    assert_eq!(code(&toolloom(folder.path(), &["--version"])), 0);
}

#[test]
fn sources_that_give_no_tool_end_with_code_3() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    std::fs::write(folder.path().join("broken.json"), "{\"openapi\": \"3.0.0\", ").unwrap();
    for (source, words) in [
        ("nowhere/", "nowhere/: no such file or folder"),
        ("empty/", "nothing in this folder describes an API"),
        ("*.yaml", "no file matches"),
        ("broken.json", "gives a tool"),
    ] {
        for command in ["check", "run"] {
            let output = toolloom(folder.path(), &[command, "--set", &format!("crawl.sources=['{source}']")]);
            assert_eq!(code(&output), 3, "{command} {source}: {}", stderr(&output));
            assert!(stderr(&output).contains(words), "{}", stderr(&output));
        }
    }
}

#[test]
fn check_prints_the_plan() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = toolloom(root, &["check"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    for words in
        ["specs        14 in apis/", "of 14 APIs", "tasks        1000", "built-in: free", "no fault found"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
}

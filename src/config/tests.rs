//! The configuration's tests: what it accepts, and how every kind of fault reads.

use super::plan::{Compression, McpReach, Provider, Source};
use super::{DEFAULTS, Known, Plan, load, load_knowing};
use crate::data::Strategy;
use std::fmt::Write;
use std::path::Path;

fn sets(flags: &[&str]) -> Vec<String> {
    flags.iter().map(ToString::to_string).collect()
}

fn plan_of(text: &str, flags: &[&str]) -> Result<Plan, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pipeline.yaml");
    std::fs::write(&file, text).unwrap();
    let prefix = format!("{}/", folder.path().display());
    load(Some(&file), &sets(flags), &|name| name == "SET_KEY")
        .map_err(|faults| faults.to_string().replace(&prefix, ""))
}

fn faults_of(text: &str) -> String {
    plan_of(text, &[]).unwrap_err()
}

#[test]
fn the_defaults_are_a_plan() {
    let plan = load(None, &[], &|_| false).unwrap();
    assert_eq!(plan.name, "quickstart");
    assert_eq!(plan.output, Path::new("output/quickstart"));
    assert_eq!(plan.crawl.sources, [Source::Path("apis/".into())]);
    assert_eq!(plan.models["teacher"].provider, Provider::Builtin);
    assert_eq!(plan.instruct.strategy, Strategy::ChainFirst);
    assert_eq!(plan.shard.compression, Compression::Zstd);
    assert_eq!(plan.shard.splits, [("train".to_owned(), 0.95), ("test".to_owned(), 0.05)]);
}

#[test]
fn the_defaults_written_to_a_file_say_the_same_but_for_the_folder() {
    let written = plan_of(DEFAULTS, &[]).unwrap();
    let embedded = load(None, &[], &|_| false).unwrap();
    assert!(Path::new(&written.crawl.sources[0].to_string()).is_absolute());
    assert!(written.output.ends_with("output/quickstart"));
    let rest = |plan: &Plan| {
        let mut value = serde_json::to_value(plan).unwrap();
        value["output"] = serde_json::Value::Null;
        value["crawl"] = serde_json::Value::Null;
        value
    };
    assert_eq!(rest(&written), rest(&embedded));
}

#[test]
fn an_empty_file_and_an_empty_section_change_nothing() {
    let expected = serde_json::to_value(load(None, &[], &|_| false).unwrap()).unwrap();
    for text in ["", "# nothing\n", "instruct:\nlimits:\n"] {
        assert_eq!(serde_json::to_value(plan_of(text, &[]).unwrap()).unwrap(), expected, "{text:?}");
    }
}

#[test]
fn maps_merge_and_lists_and_splits_are_replaced() {
    let plan = plan_of(
        "instruct: {tasks: 20}\ncrawl: {sources: [a, b]}\nshard: {splits: {train: 0.5, valid: 0.5}}\n",
        &["instruct.tasks=30", "shard.rows=7", "crawl.sources=[c.json]"],
    )
    .unwrap();
    assert_eq!(plan.instruct.tasks, 30);
    assert_eq!(plan.instruct.max_calls, 6);
    assert_eq!(plan.shard.rows, 7);
    assert_eq!(plan.shard.splits.len(), 2);
    assert_eq!(plan.crawl.sources, [Source::Path("c.json".into())]);
}

#[test]
fn two_lines_make_a_real_model() {
    let text =
        "models:\n  teacher: {provider: openai, base_url: 'http://localhost:8000/v1/', model: Qwen3-32B}\n";
    let plan = plan_of(text, &[]).unwrap();
    assert_eq!(plan.models["teacher"].base_url.as_deref(), Some("http://localhost:8000/v1"));
}

#[test]
fn a_name_of_ones_own_names_the_folder() {
    assert!(plan_of("name: crm\n", &[]).unwrap().output.ends_with("output/crm"));
    assert!(plan_of("name: crm\noutput: here\n", &[]).unwrap().output.ends_with("here"));
}

#[test]
fn models_that_play_no_role_are_left_out() {
    let text = "models:\n  big: {provider: openai, base_url: http://h/v1, model: m, api_key_env: UNSET}\n";
    let with_roles = format!("{text}roles: {{writer: teacher}}\n");
    assert_eq!(plan_of(&with_roles, &[]).unwrap().models.len(), 1);
    // Whoever gives no role at all means the model to be asked.
    let faults = faults_of(text);
    assert!(faults.contains("no role asks the model `big`") && faults.contains("{writer: big,"), "{faults}");
}

#[test]
fn a_secret_stands_in_no_header_and_a_variable_anywhere_in_one() {
    let model = |headers: &str| {
        format!(
            "models:\n  teacher: {{provider: openai, base_url: 'http://h/v1', model: m, extra_headers: {headers}}}\n"
        )
    };
    let faults = faults_of(&model("{Authorization: Bearer sk-1234}"));
    assert!(faults.contains("holds a secret") && !faults.contains("sk-1234"), "{faults}");
    let faults = faults_of(&model("{X-Team: Bearer $UNSET_KEY}"));
    assert!(faults.contains("UNSET_KEY is not set"), "{faults}");
    assert!(plan_of(&model("{Authorization: Bearer $SET_KEY, X-Plain: y}"), &[]).is_ok());
}

#[test]
fn every_fault_is_reported_at_once_with_its_place() {
    let text = "\
name: my run
tasks: 200
instruct:
  strategy: chain_frist
  taks: 5
  distractors_min: 9
search: {width: 0, max_depth: deep}
crawl:
  sources: apis/
roles: {writer: techer}
filter:
  keep_unverified: yes
shard:
  splits: {train: 0.9, test: 0.2}
models:
  big: {base_url: localhost:8000}
";
    insta::assert_snapshot!(faults_of(text));
}

#[test]
fn faults_of_models_say_what_to_write() {
    let text = "\
models:
  teacher: {base_url: http://h/v1, model: m}
  a: {provider: openai, model: m}
  b: {provider: openai, model: 4, base_url: http://h/v1/chat/completions, api_key_env: NOT_SET}
  c: {provider: openai, model: m, base_url: 'http://me:secret@h/v1', api_key_env: SET_KEY}
  d: {provider: openai, model: m, base_url: http://h/v1, api_key_env: sk-very-secret}
roles: {writer: a, solver: b, judge: c}
limits: {cost_usd: 5}
";
    assert!(!faults_of(text).contains("secret"));
    insta::assert_snapshot!(faults_of(text));
}

#[test]
fn yaml_that_is_none_is_one_fault_with_its_place() {
    insta::assert_snapshot!(
        [
            "instruct:\n  tasks 200\n  max_calls: 3\n",
            "search: {width: 2\n",
            "search:\n\twidth: 2\n",
            "a: &loop {b: *loop}\n",
            "a: *nothing\n",
            "seed: 1\nseed: 2\n",
            "- a\n- b\n",
            "a: 1\n---\nb: 2\n",
        ]
        .map(faults_of)
        .join("\n----\n")
    );
}

#[test]
fn aliases_that_multiply_end_in_a_fault() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for i in 1..12 {
        let before = vec![format!("*a{}", i - 1); 10].join(", ");
        writeln!(text, "a{i}: &a{i} [{before}]").unwrap();
    }
    assert!(faults_of(&text).contains("too much YAML"), "{}", faults_of(&text));
}

#[test]
fn faults_of_flags_name_the_flag() {
    let flags = ["instruct.taks=3", "instruct.tasks=many", "seed", "=3", "search=[", "instruct.tasks.x=1"];
    insta::assert_snapshot!(plan_of("", &flags).unwrap_err());
}

#[test]
fn a_missing_file_and_a_folder_are_told_apart() {
    let missing = load(Some(Path::new("nowhere.yaml")), &[], &|_| false).unwrap_err().to_string();
    assert!(missing.starts_with("nowhere.yaml: there is no such file"), "{missing}");
    let folder = load(Some(Path::new("src")), &[], &|_| false).unwrap_err().to_string();
    assert!(folder.starts_with("src: this is a folder"), "{folder}");
}

#[test]
fn a_rule_that_is_none_is_a_fault() {
    let known = Known {
        is_set: &|_| true,
        rules: Some(&["finished", "duplicates"]),
        crawl_rules: None,
        rubrics: Some(&["solved"]),
    };
    let faults = load_knowing(None, &sets(&["filter.disabled=[duplicate, finished]"]), &known).unwrap_err();
    assert_eq!(
        faults.to_string(),
        "--set filter.disabled=[duplicate, finished]: there is no rule `duplicate`\n  \
         = did you mean `duplicates`?\n  = the rules: finished, duplicates"
    );
}

#[test]
fn an_mcp_server_is_a_source_by_command_or_by_address() {
    let text = "\
crawl:
  sources:
    - specs/
    - {mcp: {name: files, command: [npx, -y, server, /tmp], env: {TOKEN: $SET_KEY, PLAIN: x}, cwd: here}}
    - {mcp: {command: [./server.sh]}}
    - {mcp: {url: 'https://host/mcp?key=$SET_KEY', headers: {Authorization: Bearer $SET_KEY}}}
";
    let plan = plan_of(text, &[]).unwrap();
    let [Source::Path(_), Source::Mcp(files), Source::Mcp(script), Source::Mcp(remote)] =
        &plan.crawl.sources[..]
    else {
        panic!("{:?}", plan.crawl.sources)
    };
    let McpReach::Stdio { command, env, cwd } = &files.reach else { panic!("{files:?}") };
    assert_eq!((files.name.as_deref(), command[0].as_str()), (Some("files"), "npx"));
    assert_eq!(env["TOKEN"], "$SET_KEY");
    assert!(cwd.as_ref().is_some_and(|cwd| cwd.is_absolute() && cwd.ends_with("here")));
    let McpReach::Stdio { command, .. } = &script.reach else { panic!("{script:?}") };
    assert!(Path::new(&command[0]).is_absolute(), "a path is relative to the pipeline: {command:?}");
    assert_eq!(remote.to_string(), "mcp: https://host/mcp");
    let written = serde_json::to_string(&plan.crawl).unwrap();
    assert!(
        written.contains(r#"{"mcp":{"name":"files","command":["npx","#) && !written.contains("Bearer"),
        "{written}"
    );
    let set = plan_of("", &["crawl.sources=[{mcp: {url: 'http://localhost:1/mcp'}}]"]).unwrap();
    assert_eq!(set.crawl.sources.len(), 1);
}

#[test]
fn the_address_of_a_source_holds_no_key() {
    let text = "crawl: {sources: ['https://h/spec.json?api_key=hunter22', 'https://h/spec.json?page=2']}";
    let faults = faults_of(text);
    assert!(faults.contains("the address of a source holds a secret"), "{faults}");
    assert!(!faults.contains("hunter22") && faults.matches("secret").count() == 1, "{faults}");
}

#[test]
fn faults_of_mcp_servers_say_what_to_write_and_show_no_secret() {
    let text = "\
crawl:
  sources:
    - {mcp: {}}
    - {}
    - {mpc: {url: http://h/mcp}}
    - {mcp: {command: [], headers: {X: y}}}
    - {mcp: {command: [a], url: http://h/mcp}}
    - {mcp: {url: ftp://h}}
    - {mcp: {url: 'https://me:hunter22@h/mcp'}}
    - {mcp: {url: 'https://h/mcp?api_key=hunter22&x=$UNSET_KEY', env: {A: b}}}
    - {mcp: {url: http://h/mcp, headers: {Authorization: Bearer hunter22, X-Y: $UNSET_KEY}}}
    - {mcp: {command: [npx, --api-key=hunter22], env: {MY_TOKEN: hunter22, OTHER: sk-hunter22hunter22, C: $UNSET_KEY, D: 4}}}
    - 7
";
    let faults = faults_of(text);
    assert!(!faults.contains("hunter22"), "{faults}");
    insta::assert_snapshot!(faults);
}

#[test]
fn what_the_crawl_is_to_leave_out_is_checked_by_name() {
    let known = Known {
        is_set: &|_| true,
        rules: None,
        crawl_rules: Some(&["deprecated", "health_check"]),
        rubrics: None,
    };
    let flags =
        sets(&["crawl.disabled=[healthcheck]", "crawl.labels.exclude=[payments]", "crawl.quality_min=2"]);
    let faults = load_knowing(None, &flags, &known).unwrap_err().to_string();
    for said in [
        "there is no rule `healthcheck`",
        "did you mean `health_check`?",
        "there is no label `payments`",
        "the labels: destructive, payment, credential",
        "expected a number from 0 to 1",
    ] {
        assert!(faults.contains(said), "{said}: {faults}");
    }
    let plan = load(None, &sets(&["crawl.labels.exclude=[payment]", "crawl.licences.only=[MIT]"]), &|_| true);
    let curation = plan.unwrap().crawl.curation;
    assert_eq!(curation.labels.exclude, [crate::data::Label::Payment]);
    assert_eq!(curation.licences.only, ["MIT"]);
    assert!(curation.categories.only.is_empty());
}

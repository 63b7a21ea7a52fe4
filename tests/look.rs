//! Ways to look at what the stages make, for a person: `cargo test --test look NAME -- --ignored --nocapture`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic anywhere in its file")]

use std::sync::{Arc, Mutex};
use toolloom::data::Catalog;
use toolloom::internals::environment::Environment;
use toolloom::internals::graph;
use toolloom::internals::instruct::{Instructor, Made};
use toolloom::internals::llm::{AskPath, Llm, LocalModel, Reply};
use toolloom::internals::prompt::Prompt;

fn plan() -> toolloom::config::Plan {
    toolloom::config::load(None, &[], &|_| true).expect("the defaults are a plan")
}

fn catalog() -> Catalog {
    let plan = plan();
    toolloom::internals::crawl::crawl(&plan.crawl, &plan.limits).expect("the starter specs")
}

#[test]
#[ignore = "prints for a person"]
fn models() {
    let catalog = catalog();
    let only = std::env::var("API").unwrap_or_default();
    let mut apis: Vec<_> = catalog.tools.iter().map(|t| t.api.clone()).collect();
    apis.dedup();
    for api in apis.into_iter().filter(|a| a.as_str().contains(&only)) {
        let tools: Vec<_> = catalog.tools.iter().filter(|t| t.api == api).collect();
        let model = graph::model(&api, &tools);
        println!("== {api}");
        for (i, r) in model.resources.iter().enumerate() {
            let links: Vec<String> =
                r.links.iter().map(|l| format!("{}→{}", l.field, model.resources[l.target].key)).collect();
            println!(
                "  [{i}] {} '{}' id={:?}{} parent={:?} singleton={} listed={} fields={} links={links:?}",
                r.key,
                r.words,
                r.id_field,
                if r.human_id { "(human)" } else { "" },
                r.parent.as_ref().map(|(p, f)| (&model.resources[*p].key, f)),
                r.singleton,
                r.listed,
                r.properties().len()
            );
        }
        for o in &model.operations {
            let tool = tools.iter().find(|t| t.id == o.tool).unwrap();
            println!(
                "  {:?} {} {} -> {:?} {:?} roles={:?} shape={:?} leaf={:?}",
                o.kind,
                tool.call.http().unwrap().method.as_str(),
                tool.call.http().unwrap().path,
                tool.name.as_str(),
                o.resource.map(|r| &model.resources[r].key),
                o.roles,
                o.shape.as_ref().map(|s| (s.path.len(), s.many, s.schema_name.clone())),
                o.leaf_only
            );
        }
    }
}

struct Spy(Mutex<Vec<String>>);

impl LocalModel for Spy {
    fn reply(&self, prompt: &Prompt, _seed: u64) -> Reply {
        if let Prompt::WriteInstruction(brief) = prompt {
            self.0.lock().unwrap().push(serde_json::to_string_pretty(&brief.wants).unwrap());
        }
        Reply { content: "nothing".into(), ..Reply::default() }
    }
}

#[test]
#[ignore = "prints for a person"]
fn chains() {
    let plan = plan();
    let catalog = Arc::new(catalog());
    let environment = Environment::simulated(&catalog, plan.limits.observation_bytes);
    let instructor = Instructor::new(catalog.clone(), &plan, &environment);
    let spy = Arc::new(Spy(Mutex::new(Vec::new())));
    let llm = Llm::builtin(spy.clone());
    let n: u64 = std::env::var("N").ok().and_then(|n| n.parse().ok()).unwrap_or(20);
    let only = std::env::var("API").unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut refused = 0;
    for ordinal in 0..n {
        let made = runtime.block_on(instructor.make(ordinal, &llm, &mut AskPath::new(ordinal))).unwrap();
        match made {
            Made::Refused { task: Some(task), .. } | Made::Task(task) => {
                if !task.apis[0].as_str().contains(&only) {
                    continue;
                }
                let r = task.reference.as_ref().unwrap();
                println!(
                    "#{ordinal} {} {:?} depth {} width {} session {:?}",
                    task.apis[0], task.scenario, r.depth, r.width, task.context.facts
                );
                for c in &r.calls {
                    println!(
                        "   {} {} needs {:?}\n      -> {}",
                        c.tool,
                        c.arguments,
                        c.needs,
                        c.observation.to_string().chars().take(300).collect::<String>()
                    );
                }
                println!(
                    "   facts {:?}",
                    r.facts.iter().map(|f| format!("{}={}", f.name, f.value)).collect::<Vec<_>>()
                );
                println!(
                    "   state {}",
                    serde_json::to_string(&r.state.changes).unwrap().chars().take(300).collect::<String>()
                );
                if std::env::var("WANTS").is_ok() {
                    println!("{}", spy.0.lock().unwrap().last().unwrap());
                }
            }
            Made::Refused { reason, .. } => {
                refused += 1;
                println!("#{ordinal} refused {}: {}", reason.rule, reason.reason);
            }
        }
    }
    println!("refused {refused} of {n}");
}

#[test]
#[ignore = "prints for a person"]
fn instructions() {
    let plan = plan();
    let catalog = Arc::new(catalog());
    let environment = Environment::simulated(&catalog, plan.limits.observation_bytes);
    let instructor = Instructor::new(catalog.clone(), &plan, &environment);
    let llm = Llm::builtin(Arc::new(toolloom::internals::builtin::Builtin));
    let n: u64 = std::env::var("N").ok().and_then(|n| n.parse().ok()).unwrap_or(50);
    let only = std::env::var("API").unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut apis = std::collections::BTreeMap::<String, [u32; 2]>::new();
    let mut tools = std::collections::BTreeSet::new();
    let mut depths = [0_u32; 9];
    let mut calls = [0_u32; 12];
    let mut rules = std::collections::BTreeMap::<String, u32>::new();
    for ordinal in 0..n {
        let made = runtime.block_on(instructor.make(ordinal, &llm, &mut AskPath::new(ordinal))).unwrap();
        match made {
            Made::Task(task) => {
                apis.entry(task.apis[0].to_string()).or_default()[0] += 1;
                let r = task.reference.as_ref().unwrap();
                depths[r.depth.min(8) as usize] += 1;
                calls[r.calls.len().min(11)] += 1;
                tools.extend(r.calls.iter().map(|c| c.tool.clone()));
                if task.apis[0].as_str().contains(&only) {
                    let names: Vec<&str> =
                        r.calls.iter().map(|c| c.tool.as_str().rsplit('/').next().unwrap()).collect();
                    println!(
                        "#{ordinal} [{}] {}\n      {} | facts {:?}",
                        task.apis[0].as_str().rsplit('/').next().unwrap(),
                        task.instruction,
                        names.join(", "),
                        r.facts.iter().map(|f| format!("{}={}", f.name, f.value)).collect::<Vec<_>>()
                    );
                }
            }
            Made::Refused { task, reason } => {
                *rules.entry(reason.rule.clone()).or_default() += 1;
                if let Some(task) = &task {
                    apis.entry(task.apis[0].to_string()).or_default()[1] += 1;
                }
                println!(
                    "#{ordinal} REFUSED {}: {} | {}",
                    reason.rule,
                    reason.reason,
                    task.map(|t| format!("[{}] {}", t.apis[0], t.instruction)).unwrap_or_default()
                );
            }
        }
    }
    println!("{apis:#?}\ntools {} depths {depths:?} calls {calls:?} refused {rules:?}", tools.len());
}

/// Words as the built-in model does, and remembers the briefs.
struct Listening(Mutex<Vec<toolloom::internals::prompt::Brief>>);

impl LocalModel for Listening {
    fn reply(&self, prompt: &Prompt, seed: u64) -> Reply {
        if let Prompt::WriteInstruction(brief) = prompt {
            self.0.lock().unwrap().push(brief.clone());
        }
        toolloom::internals::builtin::Builtin.reply(prompt, seed)
    }
}

#[test]
#[ignore = "prints for a person"]
fn words() {
    let plan = plan();
    let catalog = Arc::new(catalog());
    let environment = Environment::simulated(&catalog, plan.limits.observation_bytes);
    let instructor = Instructor::new(catalog, &plan, &environment);
    let ear = Arc::new(Listening(Mutex::new(Vec::new())));
    let llm = Llm::builtin(ear.clone());
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let from = number("FROM").unwrap_or(0);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for ordinal in from..from + number("N").unwrap_or(60) {
        let made = runtime.block_on(instructor.make(ordinal, &llm, &mut AskPath::new(ordinal))).unwrap();
        match made {
            Made::Task(task) => println!("#{ordinal} {} | {}", task.apis[0], task.instruction),
            Made::Refused { task: Some(task), reason } => {
                println!(
                    "#{ordinal} {} REFUSED {}: {} | {}",
                    task.apis[0], reason.rule, reason.reason, task.instruction
                );
            }
            Made::Refused { task: None, .. } => {}
        }
        if std::env::var("WANTS").is_ok()
            && let Some(brief) = ear.0.lock().unwrap().last()
        {
            println!("    {} {}", brief.register, serde_json::to_string(&brief.wants).unwrap());
        }
    }
}

//! A small corpus written by hand: what the shard, report and export tests write, read and look at.
#![expect(clippy::too_many_lines, reason = "tables of test data, and no test function around them")]

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use toolloom::config::Plan;
use toolloom::data::*;
use toolloom::internals::shard::{Batch, Facts, Writer};
use toolloom::shard::ShardError;

/// Everything a run's folder is made of.
pub struct Run {
    pub kept: Vec<Sample>,
    pub rejected: Vec<Sample>,
    pub catalog: Catalog,
    pub tasks: Vec<TaskRecord>,
    pub plan: Plan,
    pub funnel: Funnel,
}

impl Run {
    /// Four kept rows, two rejected ones, a refused task and two dropped operations.
    pub fn new() -> Self {
        let catalog = catalog();
        let kept = vec![geodb(), petstore(), tracker(), sms()];
        let rejected = vec![
            dropped(tracker(), 4, Reason::new(Stage::Search, "unanswered", "every branch was left")),
            dropped(
                geodb(),
                5,
                Reason::new(Stage::Filter, "facts", "the answer does not state distance = 97.64"),
            ),
        ];
        let mut tasks: Vec<TaskRecord> = kept.iter().chain(&rejected).zip(0..).map(record).collect();
        tasks.push(TaskRecord {
            ordinal: 6,
            refused: Some(Reason::new(Stage::Instruct, "names_a_tool", "the instruction says getPetById")),
            ..TaskRecord::default()
        });
        let funnel = funnel(&catalog, &tasks, &[&kept, &rejected]);
        Self { kept, rejected, catalog, tasks, plan: plan(), funnel }
    }

    /// As many rows as asked for, each with an id of its own.
    pub fn of_rows(count: usize) -> Self {
        let mut run = Self::new();
        let base = run.kept.clone();
        run.kept = (0..count)
            .map(|i| {
                let mut sample = base[i % base.len()].clone();
                sample.id = format!("row-{i:05}");
                sample
            })
            .collect();
        run
    }

    /// Writes the folder, so many rows and tasks at a time.
    pub fn write_by(&self, dir: &Path, size: usize) -> Result<Manifest, ShardError> {
        let (catalog, plan) = (Arc::new(self.catalog.clone()), Arc::new(self.plan.clone()));
        let mut writer = Writer::begin(dir, &catalog, &plan)?;
        let rows: Vec<&Sample> = self.kept.iter().chain(&self.rejected).collect();
        for at in (0..rows.len().max(self.tasks.len())).step_by(size) {
            let rows = rows.iter().skip(at).take(size).map(|row| (*row).clone()).collect();
            let records = self.tasks.iter().skip(at).take(size).cloned().collect();
            writer.add(Batch { records, rows })?;
        }
        let mut spend = SpendTally::default();
        for record in &self.tasks {
            let id = record.task.as_ref().map(|task| task.id.as_str()).unwrap_or_default();
            let kept = self.kept.iter().filter(|row| row.group_id == id).count() as u64;
            spend.add(record, &Usages::default(), kept);
        }
        let (identity, command) = ("handmade".to_owned(), "toolloom run handmade.yaml".to_owned());
        writer.end(Facts { funnel: self.funnel.clone(), spend, open: vec![], identity, command })
    }

    /// Writes the folder.
    pub fn write(&self, dir: &Path) -> Result<Manifest, ShardError> {
        self.write_by(dir, 100)
    }
}

/// Counts tasks and rows, of which each task has one.
pub fn funnel(catalog: &Catalog, tasks: &[TaskRecord], rows: &[&[Sample]]) -> Funnel {
    let mut funnel = Funnel::new(catalog);
    let mut rows = rows.iter().flat_map(|rows| rows.iter());
    for task in tasks {
        let row = rows.next().cloned();
        funnel.add(task, row.as_slice());
    }
    funnel
}

/// The default plan, but for the name and the splits.
pub fn plan() -> Plan {
    let sets = ["name=handmade", "shard.splits={train: 0.8, test: 0.2}"].map(str::to_owned);
    toolloom::config::load(None, &sets, &|_| false).unwrap()
}

fn tool(api: &str, title: &str, operation: &str, method: Method, path: &str, properties: Value) -> Tool {
    let slug = api.rsplit('/').next().unwrap().replace('-', "_");
    let required: Vec<&String> = properties.as_object().unwrap().keys().take(1).collect();
    Tool {
        docs: Docs::default(),
        labels: Vec::new(),
        id: ToolId::new(format!("{api}/{operation}")),
        name: FunctionName::new(format!("{slug}_{operation}")),
        api: ApiId::new(api),
        api_title: title.to_owned(),
        description: format!("{title}: {}.", operation.replace('_', " ")),
        parameters: json!({
            "type": "object", "properties": properties, "required": required, "additionalProperties": false
        }),
        result: Some(json!({"type": "object"}).into()),
        result_inferred: false,
        call: Call::Http(HttpCall {
            method,
            path: path.to_owned(),
            server: None,
            places: vec![],
            body: BodyEncoding::None,
            body_media: None,
            body_schema: None,
            supplied: vec![],
            success: 200,
            result_media: Some("application/json".to_owned()),
        }),
        effect: if method == Method::Get { Effect::Reads } else { Effect::Writes },
        mined: Mined::default(),
        errors: vec![],
        category: title.to_owned(),
        collection: "handmade".to_owned(),
        source: Source {
            spec: format!("{slug}.json"),
            hash: "00".repeat(32),
            pointer: format!("/paths/{}/{}", path.replace('/', "~1"), method.as_str().to_lowercase()),
        },
        licence: "Apache-2.0".to_owned(),
        pruned: vec![],
    }
}

pub fn catalog() -> Catalog {
    let (geo, pet, sms, track) = ("mashape/geodb", "npm/petstore", "sms77/seven-sms", "apideck/tracker");
    let text = json!({"type": "string"});
    let mut tools = vec![
        tool(
            geo,
            "GeoDB Cities",
            "find_cities",
            Method::Get,
            "/cities",
            json!({"namePrefix": text, "limit": {"type": "integer", "minimum": 1, "maximum": 10}}),
        ),
        tool(
            geo,
            "GeoDB Cities",
            "get_distance",
            Method::Get,
            "/cities/{id}/distance",
            json!({"cityId": text, "fromCityId": text}),
        ),
        tool(
            pet,
            "Petstore",
            "find_by_status",
            Method::Get,
            "/pet/findByStatus",
            json!({"status": {"type": "string", "enum": ["available", "pending", "sold"]}}),
        ),
        tool(
            pet,
            "Petstore",
            "update_pet",
            Method::Put,
            "/pet",
            json!({"id": {"type": "integer"}, "status": text, "tags": {"type": "array", "items": {"type": "object", "properties": {"name": text}}}}),
        ),
        tool(sms, "seven.io", "get_balance", Method::Get, "/balance", json!({"currency": text})),
        tool(sms, "seven.io", "send_sms", Method::Post, "/sms", json!({"to": text, "text": text})),
        tool(
            track,
            "Issue Tracking",
            "list_collections",
            Method::Get,
            "/collections",
            json!({"filter": text}),
        ),
        tool(
            track,
            "Issue Tracking",
            "list_tickets",
            Method::Get,
            "/collections/{id}/tickets",
            json!({"collection_id": text, "status": text}),
        ),
        tool(
            track,
            "Issue Tracking",
            "add_comment",
            Method::Post,
            "/collections/{id}/tickets/{tid}/comments",
            json!({"ticket_id": text, "body": text}),
        ),
        tool(track, "Issue Tracking", "get_user", Method::Get, "/users/{id}", json!({"user_id": text})),
    ];
    tools.sort_by(|a, b| a.id.cmp(&b.id));
    let records = |component: &str, link: &str| {
        let item = json!({"type": "object", "x-schema": component, "properties": {"id": text, "title": text, link: text}});
        json!({"type": "object", "properties": {"data": {"type": "array", "items": item}}})
    };
    for (id, component, link) in
        [("list_collections", "Collection", "teamId"), ("list_tickets", "Ticket", "userId")]
    {
        let tool = tools.iter_mut().find(|t| t.id.as_str().ends_with(id)).expect("it stands above");
        tool.result = Some(records(component, link).into());
    }
    let source = |spec: &str, title: &str, operations, kept| SpecSource {
        spec: spec.to_owned(),
        hash: "00".repeat(32),
        title: title.to_owned(),
        version: "1.0".to_owned(),
        licence: "Apache-2.0".to_owned(),
        operations,
        kept,
    };
    Catalog {
        tools,
        dropped: vec![
            Dropped {
                id: "npm/petstore/upload_file".to_owned(),
                rule: "binary_body".to_owned(),
                reason: "the body is application/octet-stream".to_owned(),
                spec: "petstore.json".to_owned(),
                operation: Some((Some(Method::Post), "/pet/{petId}/uploadImage".to_owned())),
                tool: None,
            },
            Dropped {
                id: "broken.yaml".to_owned(),
                rule: "no_yaml".to_owned(),
                reason: "line 3: mapping values are not allowed here".to_owned(),
                spec: "broken.yaml".to_owned(),
                operation: None,
                tool: None,
            },
        ],
        sources: vec![
            source("geodb.json", "GeoDB Cities", 2, 2),
            source("petstore.json", "Petstore", 3, 2),
            source("seven_sms.json", "seven.io", 2, 2),
            source("tracker.json", "Issue Tracking", 4, 4),
        ],
        hash: "11".repeat(32),
    }
}

/// One assistant turn: what it says, its calls with their observations, and whether it is to be learned.
type Turn<'a> = (&'a str, Vec<(&'a str, Value, Value)>, bool);

fn sample(ordinal: u64, scenario: &str, level: Level, user: &str, turns: Vec<Turn>, answer: &str) -> Sample {
    let catalog = catalog();
    let mut messages = vec![
        Message::text(
            Role::System,
            "It is Thursday, 12 March 2026, 09:15 in Europe/Brussels. The user is Marta Oliveira.",
        ),
        Message::text(Role::User, user),
    ];
    let (mut called, mut references, mut width) = (Vec::new(), Vec::new(), 0);
    for (thought, calls, loss) in turns {
        let first = called.len();
        width = width.max(calls.len());
        let mut turn = Message { loss, ..Message::text(Role::Assistant, thought) };
        let mut answers = Vec::new();
        for (i, (name, arguments, observation)) in calls.into_iter().enumerate() {
            let id = format!("call_{}", first + i);
            turn.tool_calls.push(ToolCall {
                id: id.clone(),
                name: name.to_owned(),
                arguments: arguments.clone(),
            });
            answers.push(Message {
                tool_call_id: Some(id),
                name: Some(name.to_owned()),
                ..Message::text(Role::Tool, observation.to_string())
            });
            let tool = catalog.tools.iter().find(|t| t.name.as_str() == name).unwrap();
            called.push(tool.clone());
            if loss {
                references.push(ReferenceCall {
                    tool: tool.id.clone(),
                    arguments,
                    observation,
                    needs: vec![],
                    sources: vec![],
                });
            }
        }
        messages.push(turn);
        messages.extend(answers);
    }
    messages.push(Message { loss: true, ..Message::text(Role::Assistant, answer) });
    let mut apis: Vec<String> = called.iter().map(|t| t.api.to_string()).collect();
    apis.sort();
    apis.dedup();
    let offered =
        catalog.tools.iter().filter(|t| apis.contains(&t.api.to_string()) || t.effect == Effect::Reads);
    let definition = |t: &Tool| {
        json!({"type": "function", "function": {
            "name": t.name.as_str(), "description": t.description, "parameters": t.parameters
        }})
    };
    let depth = references.len() as u32;
    Sample {
        id: format!("{ordinal:016x}"),
        group_id: format!("task-{ordinal}"),
        split: Split(String::new()),
        instruction: user.to_owned(),
        messages,
        tools: offered.map(definition).collect(),
        answer: answer.to_owned(),
        scenario: scenario.to_owned(),
        decision: "call".to_owned(),
        lang: "en".to_owned(),
        apis,
        n_calls: called.len() as u32,
        n_tools: called.iter().map(|t| &t.id).collect::<BTreeSet<_>>().len() as u32,
        depth,
        width: width as u32,
        n_errors: called.len() as u32 - depth,
        est_tokens: 800,
        quality: 0.875,
        scores: BTreeMap::from([("arguments".to_owned(), 1.0), ("facts".to_owned(), 1.0 / 3.0)]),
        difficulty: Difficulty { score: f64::from(depth) / 10.0, level },
        verified: Verified::Facts,
        reference: Some(Reference {
            calls: references,
            facts: vec![Fact {
                name: "status".into(),
                value: json!("open"),
                kind: FactKind::Text,
                unit: None,
            }],
            state: StateDiff::default(),
            depth: 0,
            width: 0,
        }),
        state: StateDiff::default(),
        persona: String::new(),
        skeleton: String::new(),
        world: json!({"seed": 18_446_744_073_709_551_615_u64, "spec_hash": "ab", "today": "2026-03-12"}),
        strategy: "chain_first".to_owned(),
        llm_calls: 5,
        tool_calls: 4,
        tokens_in: 5_000_000_000,
        tokens_out: 120,
        cost_usd: None,
        provenance: json!({"models": {"solver": "builtin"}, "seed": 7, "version": "0.1.0"}),
        dropped: None,
    }
}

/// Two independent calls in one turn, then one that needs both.
pub fn geodb() -> Sample {
    let city = |id: &str, name: &str| json!({"data": [{"wikiDataId": id, "name": name}]});
    sample(
        0,
        "compute",
        Level::Medium,
        "How far is it from Ghent to Maastricht as the crow flies, in km?",
        vec![
            (
                "I need both cities' ids first.",
                vec![
                    ("geodb_find_cities", json!({"namePrefix": "Ghent", "limit": 1}), city("Q1296", "Ghent")),
                    (
                        "geodb_find_cities",
                        json!({"namePrefix": "Maastricht", "limit": 1}),
                        city("Q1309", "Maastricht"),
                    ),
                ],
                true,
            ),
            (
                "",
                vec![(
                    "geodb_get_distance",
                    json!({"cityId": "Q1296", "fromCityId": "Q1309"}),
                    json!({"data": 138.42}),
                )],
                true,
            ),
        ],
        "It's 138.42 km from Ghent to Maastricht as the crow flies.",
    )
}

/// A wrong turn that teaches (not learned), its error, and the corrected call.
pub fn petstore() -> Sample {
    sample(
        1,
        "update",
        Level::Hard,
        "The hamster nobody came back for can go on sale again. « à bientôt, Nibbles » 🐹",
        vec![
            (
                "",
                vec![(
                    "petstore_update_pet",
                    json!({"id": 12, "status": "on sale"}),
                    json!({"code": 400, "message": "status must be one of available, pending, sold"}),
                )],
                false,
            ),
            (
                "The pet has to be found first.",
                vec![(
                    "petstore_find_by_status",
                    json!({"status": "pending"}),
                    json!([{"id": 41, "name": "Nibbles", "category": {"name": "hamster"}}]),
                )],
                true,
            ),
            (
                "",
                vec![(
                    "petstore_update_pet",
                    json!({"id": 41, "status": "available", "tags": [{"name": "a \"quoted\" <tag>\n"}]}),
                    json!({"id": 41, "status": "available"}),
                )],
                true,
            ),
        ],
        "Nibbles is on sale again.",
    )
}

/// A chain of four, each of which needs the one before.
pub fn tracker() -> Sample {
    sample(
        2,
        "mixed",
        Level::Hard,
        "In the Website Relaunch project there's one ticket about the cookie banner that's still open. Please leave a note on it that legal signed off this morning, and tell me who it's assigned to.",
        vec![
            (
                "I'll find the project.",
                vec![(
                    "tracker_list_collections",
                    json!({"filter": "Website Relaunch"}),
                    json!({"data": [{"id": "c-71", "name": "Website Relaunch"}]}),
                )],
                true,
            ),
            (
                "",
                vec![(
                    "tracker_list_tickets",
                    json!({"collection_id": "c-71", "status": "open"}),
                    json!({"data": [{"id": "t-9", "subject": "Cookie banner ignores opt-out", "assignee": "u-3"}]}),
                )],
                true,
            ),
            (
                "",
                vec![
                    (
                        "tracker_add_comment",
                        json!({"ticket_id": "t-9", "body": "Legal signed off this morning."}),
                        json!({"id": "k-1"}),
                    ),
                    ("tracker_get_user", json!({"user_id": "u-3"}), json!({"name": "Marta Oliveira"})),
                ],
                true,
            ),
        ],
        "Noted on 'Cookie banner ignores opt-out'. It's Marta Oliveira's.",
    )
}

/// One call without arguments of substance and an empty result.
pub fn sms() -> Sample {
    sample(
        3,
        "lookup",
        Level::Easy,
        "still any credit left for texts?",
        vec![(
            "",
            vec![("seven_sms_get_balance", json!({"currency": "EUR"}), json!({"amount": 12.5}))],
            true,
        )],
        "Yes: 12.5 EUR.",
    )
}

fn dropped(mut sample: Sample, ordinal: u64, reason: Reason) -> Sample {
    sample.id = format!("{ordinal:016x}");
    sample.group_id = format!("task-{ordinal}");
    sample.dropped = Some(reason);
    sample
}

fn record((sample, ordinal): (&Sample, u64)) -> TaskRecord {
    let mut nodes = vec![Node::default()];
    let results = |call: &ToolCall| {
        let answer = sample.messages.iter().find(|m| m.tool_call_id.as_ref() == Some(&call.id)).unwrap();
        let refused = answer.content.contains("\"code\":400");
        let outcome = if refused { ToolOutcome::Refused } else { ToolOutcome::Ok };
        let observation = answer.content.clone();
        CallRecord { call: call.clone(), observation, parts: answer.parts.clone(), outcome }
    };
    for message in sample.messages.iter().filter(|m| m.role == Role::Assistant) {
        let depth = nodes.len() as u32;
        nodes.push(Node {
            parent: Some(NodeId(depth - 1)),
            depth,
            thought: message.content.clone(),
            calls: message.tool_calls.iter().map(results).collect(),
            answer: message.tool_calls.is_empty().then(|| message.content.clone()),
            ..Node::default()
        });
    }
    let left =
        Node { parent: Some(NodeId(1)), depth: 2, backtrack: Some(Backtrack::GaveUp), ..Node::default() };
    nodes.insert(nodes.len() - 1, left);
    let leaf = nodes.len() - 1;
    nodes[leaf].parent = Some(NodeId(leaf as u32 - 2));
    let answered = sample.dropped.as_ref().is_none_or(|d| d.stage != Stage::Search);
    let end = if answered { TreeEnd::Answered } else { TreeEnd::Exhausted };
    let answer = AnsweredLeaf { node: NodeId(nodes.len() as u32 - 1), state: None };
    let tree = SearchTree {
        nodes,
        answers: answered.then_some(answer).into_iter().collect(),
        end,
        cost: TreeCost { llm_calls: 5, tool_calls: 4, ..TreeCost::default() },
    };
    TaskRecord {
        ordinal,
        task: Some(Task {
            ordinal,
            id: TaskId::new(&sample.group_id),
            instruction: sample.instruction.clone(),
            context: TaskContext::default(),
            offered: vec![],
            needed: sample.reference.iter().flat_map(|r| &r.calls).map(|c| c.tool.clone()).collect(),
            apis: sample.apis.iter().map(ApiId::new).collect(),
            strategy: Strategy::ChainFirst,
            scenario: Scenario::Lookup,
            persona: "a purchasing manager".to_owned(),
            lang: "en".to_owned(),
            world: Some(WorldRef { seed: 1, spec_hash: "ab".to_owned(), today: "2026-03-12".to_owned() }),
            reference: sample.reference.clone(),
            distractor_similarity: 0.25,
        }),
        trees: vec![Attempt { role: ModelRole::Solver, model: "teacher".to_owned(), tree }],
        ..TaskRecord::default()
    }
}

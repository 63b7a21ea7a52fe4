//! The templates, and each typed prompt as the chat messages that a model is sent.
//!
//! One file, one message. What was said and called earlier is never templated: it goes out as chat messages.

use super::prompted::Repair;
use super::{Brief, FINISH, GIVE_UP, Prompt, Proposal, Rubric, Scene, ToolSpec, Trial};
use crate::config::plan::ToolMode;
use crate::data::{Message, Role, TaskContext, ToolCall};
use minijinja::{Environment, UndefinedBehavior, value::Serde};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        /// The embedded templates by name, sorted.
        const EMBEDDED: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../templates/", $name, ".txt")))),*];
    };
}

embedded!(
    "diversity",
    "finish",
    "give_up",
    "judge.system",
    "judge.user",
    "propose_instructions.system",
    "propose_instructions.user",
    "repair.call",
    "repair.reply",
    "rubric.solved",
    "reply_schema",
    "system",
    "tools.hermes",
    "tools.react",
    "write_instruction.system",
    "write_instruction.user",
);

/// Builds that a writer is nudged to, so that a corpus does not fall into one.
const SHAPES: [&str; 10] = [
    "a question, straight to the point",
    "a fragment, as typed on a phone",
    "what happened, then what is wanted",
    "the want first, then why it matters",
    "two short sentences",
    "one longer sentence with an aside",
    "a want with a correction in the same breath",
    "an offhand request to someone they work with every day",
    "thinking aloud, ending in the want",
    "brisk, no reasons given",
];

/// The resolved set of templates; cheap to clone.
#[derive(Clone, Debug)]
pub struct Templates {
    environment: Arc<Environment<'static>>,
    hash: Arc<str>,
    /// The functions that end a search, rendered once.
    ends: Arc<OnceLock<[ToolSpec; 2]>>,
}

/// A prompt as a model is sent it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rendered {
    /// The messages.
    pub messages: Vec<Message>,
    /// What the provider wants sent back with a message (`Turn::kept`), by the message's place.
    pub kept: BTreeMap<usize, Vec<Value>>,
    /// The tools that may be called.
    pub tools: Vec<ToolSpec>,
    /// The JSON Schema that the reply's text must meet, with its name.
    pub reply: Option<(&'static str, Value)>,
}

/// Why templates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The folder or a file in it cannot be read.
    #[error("cannot read the templates in {}", path.display())]
    Read {
        /// The folder or file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A file of the folder replaces nothing.
    #[error("{} replaces no template; those there are: {known}", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The names of all templates.
        known: String,
    },
    /// A template is not well-formed, or uses what its prompt does not hold.
    #[error("template {name}.txt: {cause}")]
    Broken {
        /// The template's name.
        name: String,
        /// What is wrong, with the line.
        cause: String,
    },
}

impl Templates {
    /// Returns the embedded set.
    pub fn embedded() -> Self {
        let sources = EMBEDDED.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Self::of(sources).expect("the embedded templates are well-formed, a test says so")
    }

    /// Returns the embedded set, with those replaced that a folder holds under the same name (`judge.user.txt`).
    pub fn load(folder: Option<&Path>) -> Result<Self, TemplateError> {
        let mut sources: BTreeMap<String, String> =
            EMBEDDED.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        let Some(folder) = folder else { return Self::of(sources) };
        let read = |path: &Path, source| TemplateError::Read { path: path.to_owned(), source };
        for entry in std::fs::read_dir(folder).map_err(|e| read(folder, e))? {
            let path = entry.map_err(|e| read(folder, e))?.path();
            if path.extension().is_none_or(|extension| extension != "txt") {
                continue;
            }
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let Some(text) = sources.get_mut(&name) else {
                let known = EMBEDDED.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
                return Err(TemplateError::Unknown { path, known });
            };
            *text = std::fs::read_to_string(&path).map_err(|e| read(&path, e))?;
        }
        let templates = Self::of(sources)?;
        templates.try_all()?;
        Ok(templates)
    }

    fn of(sources: BTreeMap<String, String>) -> Result<Self, TemplateError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // Prompts are plain text, whatever a template's name looks like.
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        let mut hasher = blake3::Hasher::new();
        for (name, text) in sources {
            for part in [&name, &text] {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part.as_bytes());
            }
            environment.add_template_owned(name.clone(), text).map_err(|e| broken(&name, &e))?;
        }
        let hash = hasher.finalize().to_hex().to_string().into();
        Ok(Self { environment: Arc::new(environment), hash, ends: Arc::default() })
    }

    /// Returns the hash of the resolved set, a part of a run's identity.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Renders one template over a context.
    pub fn text(&self, name: &str, context: &Value) -> Result<String, TemplateError> {
        let template = self.environment.get_template(name).map_err(|e| broken(name, &e))?;
        let text = template.render(Serde(context)).map_err(|e| broken(name, &e))?;
        Ok(text.trim().to_owned())
    }

    /// Renders the system message of a training row.
    pub fn system(&self, context: &TaskContext) -> Result<String, TemplateError> {
        let context = json!({
            "today": in_words(&context.now, &context.time_zone),
            "time_zone": context.time_zone,
            "user": context.user,
            "facts": context.facts,
        });
        self.text("system", &context)
    }

    /// Renders a prompt.
    pub fn render(&self, prompt: &Prompt) -> Result<Rendered, TemplateError> {
        match prompt {
            Prompt::WriteInstruction(brief) => self.asking(
                "write_instruction",
                &brief_context(brief),
                ("instruction", object(&[("instruction", json!({"type": "string"}))])),
            ),
            Prompt::ProposeInstructions(proposal) => {
                let item = object(&[
                    ("instruction", json!({"type": "string"})),
                    ("tools", json!({"type": "array", "items": {"type": "string"}})),
                ]);
                let schema = object(&[("instructions", json!({"type": "array", "items": item}))]);
                self.asking("propose_instructions", &proposal_context(proposal), ("instructions", schema))
            }
            Prompt::Act(scene) => self.act(scene),
            Prompt::Judge(trial) => {
                let fields = [("solved", json!({"type": "boolean"})), ("reason", json!({"type": "string"}))];
                let rubric = match &trial.rubric {
                    Rubric::Named(name) => self.text(&format!("rubric.{name}"), &json!({}))?,
                    Rubric::Text(text) => text.trim().to_owned(),
                };
                self.asking("judge", &trial_context(trial, &rubric), ("judgement", object(&fields)))
            }
        }
    }

    fn asking(
        &self,
        name: &str,
        context: &Value,
        reply: (&'static str, Value),
    ) -> Result<Rendered, TemplateError> {
        let message = |role: Role| {
            let text = self.text(&format!("{name}.{}", role.as_str()), context)?;
            Ok(Message::text(role, text))
        };
        let messages = vec![message(Role::System)?, message(Role::User)?];
        Ok(Rendered { messages, reply: Some(reply), ..Rendered::default() })
    }

    fn act(&self, scene: &Scene) -> Result<Rendered, TemplateError> {
        let mut messages =
            vec![Message::text(Role::System, &scene.system), Message::text(Role::User, &scene.instruction)];
        let mut kept = BTreeMap::new();
        for turn in &scene.history {
            if !turn.kept.is_empty() {
                kept.insert(messages.len(), turn.kept.clone());
            }
            messages.push(Message {
                tool_calls: turn.calls.iter().map(|(call, _)| call.clone()).collect(),
                ..Message::text(Role::Assistant, &turn.thought)
            });
            messages.extend(turn.calls.iter().map(|(call, observation)| Message {
                tool_call_id: Some(call.id.clone()),
                name: Some(call.name.clone()),
                ..Message::text(Role::Tool, observation)
            }));
            messages.extend(turn.user.iter().map(|said| Message::text(Role::User, said)));
        }
        if !scene.tried.is_empty() {
            let tried: Vec<Vec<Value>> =
                scene.tried.iter().map(|calls| calls.iter().map(call_context).collect()).collect();
            messages.push(Message::text(Role::User, self.text("diversity", &json!({"tried": tried}))?));
        }
        let tools = scene.tools.iter().chain(self.ends()?).cloned().collect();
        Ok(Rendered { messages, kept, tools, reply: None })
    }

    /// Returns the functions that end a search.
    fn ends(&self) -> Result<&[ToolSpec; 2], TemplateError> {
        if self.ends.get().is_none() {
            let end = |name: &str, argument| {
                let description = self.text(name, &json!({}))?;
                let parameters = object(&[(argument, json!({"type": "string"}))]).into();
                Ok(ToolSpec { name: name.to_owned(), description, parameters })
            };
            let _ = self.ends.set([end(FINISH, "answer")?, end(GIVE_UP, "reason")?]);
        }
        Ok(self.ends.get().expect("it was just set"))
    }

    /// Renders every template once over a made-up prompt, so that a broken one is found before any call is paid.
    fn try_all(&self) -> Result<(), TemplateError> {
        self.system(&TaskContext::default())?;
        let tried = vec![Vec::new()];
        for prompt in [
            Prompt::WriteInstruction(Brief::default()),
            Prompt::ProposeInstructions(Proposal::default()),
            Prompt::Act(Scene { tried, ..Scene::default() }),
            Prompt::Judge(Trial::default()),
        ] {
            let rendered = self.render(&prompt)?;
            for mode in [ToolMode::React, ToolMode::Hermes] {
                self.prompted(rendered.clone(), mode)?;
            }
            self.schema_in_prompt(rendered)?;
        }
        self.repair(Repair::Reply, "")?;
        for mode in [ToolMode::Native, ToolMode::React, ToolMode::Hermes] {
            self.repair(Repair::Call(mode), "")?;
        }
        Ok(())
    }
}

fn broken(name: &str, error: &minijinja::Error) -> TemplateError {
    let mut cause = error.to_string();
    let mut deeper = std::error::Error::source(error);
    while let Some(source) = deeper {
        cause = format!("{cause}: {source}");
        deeper = source.source();
    }
    TemplateError::Broken { name: name.to_owned(), cause }
}

/// A closed object schema of which every property is required, as strict JSON-schema replies need it.
fn object(properties: &[(&str, Value)]) -> Value {
    let names: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
    let properties: serde_json::Map<String, Value> =
        properties.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({"type": "object", "properties": properties, "required": names, "additionalProperties": false})
}

fn brief_context(brief: &Brief) -> Value {
    let mut context = serde_json::to_value(brief).expect("a brief is plain data");
    context["today"] = json!(in_words(&brief.now, ""));
    context["shape"] = json!(SHAPES[(brief.seed % SHAPES.len() as u64) as usize]);
    context
}

fn proposal_context(proposal: &Proposal) -> Value {
    let tool = |tool: &ToolSpec| json!({"name": tool.name, "description": tool.description, "parameters": tool.parameters.to_string()});
    json!({
        "today": in_words(&proposal.now, ""),
        "user": proposal.user,
        "facts": proposal.facts,
        "tools": proposal.tools.iter().map(tool).collect::<Vec<_>>(),
        "count": proposal.count,
    })
}

fn trial_context(trial: &Trial, rubric: &str) -> Value {
    let message = |message: &Message| {
        json!({
            "role": message.role.as_str(),
            "content": message.content,
            "calls": message.tool_calls.iter().map(call_context).collect::<Vec<_>>(),
        })
    };
    let (system, shown): (Vec<&Message>, Vec<&Message>) =
        trial.messages.iter().partition(|message| message.role == Role::System);
    let tool = |tool: &Value| {
        let function = &tool["function"];
        json!({"name": function["name"], "description": function["description"]})
    };
    json!({
        "rubric": rubric,
        "system": system.iter().map(|message| message.content.as_str()).collect::<Vec<_>>().join("\n"),
        "tools": trial.tools.iter().map(tool).collect::<Vec<_>>(),
        "messages": shown.into_iter().map(message).collect::<Vec<_>>(),
    })
}

/// Arguments go in as JSON text, in the order in which they were made.
fn call_context(call: &ToolCall) -> Value {
    json!({"name": call.name, "arguments": call.arguments.to_string()})
}

/// Says an instant as people do: `Tuesday, 17 March 2026, 09:40`. What is no instant stays as it is.
fn in_words(now: &str, time_zone: &str) -> String {
    let format = "%A, %-d %B %Y, %H:%M";
    let zoned = || {
        let instant: jiff::Timestamp = now.parse().ok()?;
        let zone = jiff::tz::TimeZone::get(time_zone).ok()?;
        Some(instant.to_zoned(zone).strftime(format).to_string())
    };
    // Without a zone, the wall clock that the text itself shows.
    let civil = || now.parse::<jiff::civil::DateTime>().ok().map(|at| at.strftime(format).to_string());
    let utc = || now.parse::<jiff::Timestamp>().ok().map(|at| at.strftime(format).to_string());
    zoned().or_else(civil).or_else(utc).unwrap_or_else(|| now.to_owned())
}

//! The typed prompts. HTTP dialects send them rendered through `templates/`; the built-in model reads them as they are.

pub mod parse;
pub mod prompted;
mod render;
pub mod tolerant;

pub use render::{Rendered, TemplateError, Templates};

use crate::data::{Message, Role, ToolCall};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::sync::Arc;

/// The function that ends a search with an answer: `{answer}`. Offered in the search only, never in a training view.
pub const FINISH: &str = "finish";

/// The function that ends a branch of a search without an answer: `{reason}`.
pub const GIVE_UP: &str = "give_up";

/// One question to a model.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Prompt {
    /// Word an instruction for an executed chain.
    WriteInstruction(Brief),
    /// Propose instructions for a set of tools (ToolLLM's direction).
    ProposeInstructions(Proposal),
    /// Choose the next action.
    Act(Scene),
    /// Judge whether an answer does what was asked.
    Judge(Trial),
}

/// What a writer needs to word an instruction: the wants, never the procedure.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Brief {
    /// The world's now: RFC 3339 with offset.
    pub now: String,
    /// The user's full name.
    pub user: String,
    /// Who asks, in a few words (`a fleet manager`).
    pub persona: String,
    /// How they write (`brisk`, `polite`, `thumb-typed`, `rambling`, `worried`, `plain`).
    pub register: String,
    /// What the API is about (`pets`, `calendar`), in plain words.
    pub domain: String,
    /// What the user wants, in order.
    pub wants: Vec<Want>,
    /// Strings that must not appear: tool and parameter names, observed values that would give the answer away.
    pub forbidden: Vec<String>,
    /// Seeds the writer's choices.
    pub seed: u64,
}

/// One want.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "want")]
pub enum Want {
    /// Facts of a record.
    Know {
        /// The record.
        subject: Subject,
        /// What is asked of it.
        facts: Vec<Asked>,
    },
    /// Something over several records.
    Survey {
        /// The records' kind and the conditions they meet.
        subject: Subject,
        /// What is asked over them (`how many`, `list names`, `newest`).
        ask: SurveyAsk,
    },
    /// A computed value (a distance, a local time).
    Compute {
        /// What is asked, as a noun phrase (`distance`).
        what: Asked,
        /// The subjects it is asked between or of.
        subjects: Vec<Subject>,
        /// Further values that the user gives.
        values: Vec<Given>,
    },
    /// Make a record.
    Create {
        /// The kind (`pet`).
        kind: String,
        /// Where it belongs, if anywhere.
        under: Vec<Subject>,
        /// Its values.
        values: Vec<Given>,
        /// Facts asked of the result.
        facts: Vec<Asked>,
    },
    /// Change a record.
    Update {
        /// The record.
        subject: Subject,
        /// The new values.
        values: Vec<Given>,
        /// Facts asked of the result.
        facts: Vec<Asked>,
    },
    /// Remove a record.
    Delete {
        /// The record.
        subject: Subject,
    },
    /// Do something else with or to a record.
    Act {
        /// The verb phrase from the operation's own text (`send`, `follow`, `move`).
        verb: String,
        /// What it is done to, if anything.
        subject: Option<Subject>,
        /// Other records it involves, each with the role it plays (`to`, `in`).
        others: Vec<(String, Subject)>,
        /// Values that the user gives.
        values: Vec<Given>,
        /// Facts asked of the result.
        facts: Vec<Asked>,
    },
}

/// A record as a person refers to it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    /// The kind in plain words, singular (`task list`, `pet`).
    pub kind: String,
    /// What it is called, where it has a name or title that people use.
    pub name: Option<String>,
    /// What else picks it out, with values in natural form.
    pub traits: Vec<Trait>,
    /// The record it belongs to, where that must be said.
    pub within: Option<Box<Subject>>,
    /// `newest`, `oldest`, `cheapest`…: picked out by an extreme of a field, with the field's words.
    pub extreme: Option<(String, String)>,
    /// Whether it is the user's own (`my account`).
    pub own: bool,
}

/// One attribute that helps to pick a record out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trait {
    /// The field in plain words (`status`).
    pub label: String,
    /// Its value in natural form.
    pub value: String,
    /// The exact value.
    pub exact: Value,
}

/// A fact that is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// The field in plain words (`last update`).
    pub label: String,
    /// The value's kind, so that a question can be worded (`number`, `text`, `instant`, `boolean`, `id`, `list`).
    pub kind: String,
    /// The unit asked for, where one is.
    pub unit: Option<String>,
}

/// A value that the user gives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Given {
    /// The field in plain words (`due date`).
    pub label: String,
    /// The value in natural form (`next Friday at 3 pm`).
    pub value: String,
    /// The exact value that the call needs.
    pub exact: Value,
    /// Whether the value is prose to be set down as it is (a message, a title, a name).
    pub quoted: bool,
}

/// What is asked over several records.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurveyAsk {
    /// How many there are.
    Count,
    /// A fact of each.
    Each(Asked),
    /// A fact of the one with the extreme of a field: (extreme word, field's words, fact).
    Extreme(String, String, Asked),
    /// The sum of a field.
    Total(Asked),
}

/// What a writer needs to propose instructions.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Proposal {
    /// The world's now.
    pub now: String,
    /// The user's full name.
    pub user: String,
    /// What the session knows, a sentence each.
    pub facts: Vec<String>,
    /// The sampled tools.
    pub tools: Vec<ToolSpec>,
    /// How many instructions to propose.
    pub count: u32,
    /// Seeds the writer's choices.
    pub seed: u64,
}

/// A tool as a model is shown it: an OpenAI function definition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolSpec {
    /// The function's name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// JSON Schema of the arguments; shared, since every turn's prompt holds it.
    #[serde(serialize_with = "shared", deserialize_with = "unshared")]
    pub parameters: Arc<Value>,
}

fn shared<S: Serializer>(value: &Arc<Value>, to: S) -> Result<S::Ok, S::Error> {
    value.as_ref().serialize(to)
}

fn unshared<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<Value>, D::Error> {
    Value::deserialize(from).map(Arc::new)
}

/// What a solver is shown, and nothing else.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Scene {
    /// The system message.
    pub system: String,
    /// What the user says first.
    pub instruction: String,
    /// The offered tools, without those for finishing.
    pub tools: Vec<ToolSpec>,
    /// The turns so far, with what the user said between them.
    pub history: Vec<Turn>,
    /// Turns already tried from here, which the next must differ from. Never in a training view.
    pub tried: Vec<Vec<ToolCall>>,
}

/// One earlier turn of a scene.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Turn {
    /// What the model said.
    pub thought: String,
    /// Its calls, each with its observation.
    pub calls: Vec<(ToolCall, String)>,
    /// What the user said after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// What the model's provider wants sent back with the turn, as it came (signed thinking). In no training view.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<Value>,
}

/// What a judge is shown: a row as it is trained on.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Trial {
    /// What must hold.
    pub rubric: Rubric,
    /// The offered tools, as OpenAI function definitions.
    pub tools: Vec<Value>,
    /// The conversation, from the system message to the answer.
    pub messages: Vec<Message>,
}

/// What must hold of a row for a judge to pass it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rubric {
    /// The template of this name, `rubric.NAME`.
    Named(String),
    /// These words.
    Text(String),
}

impl Default for Rubric {
    fn default() -> Self {
        Self::Named(RUBRICS[0].to_owned())
    }
}

/// The rubrics that are there as templates.
pub const RUBRICS: [&str; 1] = ["solved"];

impl Trial {
    /// Returns what the messages of one role say, in order.
    pub fn said(&self, role: Role) -> impl Iterator<Item = &str> {
        self.messages
            .iter()
            .filter(move |message| message.role == role)
            .map(|message| message.content.as_str())
    }

    /// Returns the last words of the assistant.
    pub fn answer(&self) -> &str {
        self.said(Role::Assistant).last().unwrap_or_default()
    }
}

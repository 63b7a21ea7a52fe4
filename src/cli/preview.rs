//! `toolloom preview`: runs a few tasks and shows every prompt, every reply, the tree and the verdict.

use super::args::PreviewArgs;
use super::attend::{Attended, attend};
use super::exit::Exit;
use super::{CliError, output, program, run, summary};
use crate::config::Plan;
use crate::data::{Message, Role, Sample, SearchTree, TaskRecord, ToolCall, Usages};
use crate::llm::{Finish, cost_usd};
use crate::monitor::Monitor;
use crate::pipeline::{Asked, End, PreviewOutcome, Previewed, preview};
use crate::report::{tree, wrap};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write;

/// How a preview goes on that was cut short.
const AGAIN: &str = "the same command goes on: what was asked is remembered";

/// Shows the first tasks of a pipeline. What is printed is the same whether replies were asked now or before.
pub fn run(args: &PreviewArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let plan = super::load_to_run(&args.plan, args.offline)?;
    let mut say = |text: String| {
        let _ = out.write_all(text.as_bytes());
        let _ = out.flush();
    };
    let (previewed, is_full, asked) = (plan.clone(), args.full, (args.tasks, args.offline));
    let attended = attend(
        move |stop, say| {
            let mut show = |task: &Previewed| say(task_text(task, &previewed, is_full));
            preview(&previewed, asked, &Monitor::silent(), stop, &mut show)
        },
        &mut say,
        output::complain,
    );
    let command = run::command(&args.plan, true);
    let arguments = command.trim_start_matches("toolloom");
    let done = match attended {
        Attended::Ended(result) => result?,
        Attended::Interrupted => return Ok(run::cut_short(Exit::Stopped, AGAIN)),
        Attended::Crashed => return Ok(run::cut_short(Exit::Failed, AGAIN)),
    };
    say(end_text(&done, &plan));
    say(format!("\nthe run, which reuses these: {}{arguments}\n", program()));
    let asked = summary::asked(&done.llm);
    if !asked.is_empty() {
        output::complain(asked.trim());
    }
    match &done.end {
        End::Ceiling(ceiling) => output::complain(&format!("stopped: {}\n{AGAIN}", ceiling.text)),
        End::Stopped => output::complain(&format!("stopped\n{AGAIN}")),
        _ => {}
    }
    Ok(run::exit(&done.end))
}

fn task_text(task: &Previewed, plan: &Plan, is_full: bool) -> String {
    let mut text = heading(&format!("task {}", task.ordinal));
    let mut shown = Shown::default();
    for (at, asked) in task.asked.iter().enumerate() {
        text.push_str(&shown.exchange(at, asked, plan, is_full));
    }
    let Some(record) = &task.record else {
        text.push_str("\nleft unfinished here\n");
        return text;
    };
    text.push_str(&search_text(record));
    if let Some(sample) = &task.sample {
        text.push_str(&verdict_text(sample));
    }
    text
}

fn heading(text: &str) -> String {
    format!("\n━━━ {text} {}\n", "━".repeat(90_usize.saturating_sub(text.len())))
}

/// What of a task's prompts was shown already.
#[derive(Default)]
struct Shown {
    /// The messages of the prompts so far.
    prompts: Vec<Vec<Message>>,
    tools: BTreeSet<String>,
}

impl Shown {
    fn exchange(&mut self, at: usize, asked: &Asked, plan: &Plan, is_full: bool) -> String {
        let mut text = format!("\n[{}] {} · model {}", at + 1, asked.role.as_str(), asked.model);
        if let Some(model) = plan.models.get(&asked.model).filter(|_| !asked.is_local) {
            let _ = write!(text, " ({})", model.model);
        }
        text.push_str(if asked.is_local {
            " · not sent: the built-in model reads the typed prompt, a server would get this\n"
        } else {
            " · as sent\n"
        });
        text.push_str(&self.tools(asked, is_full));
        text.push_str(&self.messages(&asked.sent.messages, is_full));
        if let Some((name, schema)) = &asked.sent.reply {
            let shown = if is_full { format!("{name} {schema}") } else { (*name).to_owned() };
            text.push_str(&wrap(&format!("the reply must be JSON of the schema: {shown}"), 4));
        }
        text.push_str(&reply_text(asked, plan));
        text
    }

    /// Shows definitions once a task, and only where they are asked for.
    fn tools(&mut self, asked: &Asked, is_full: bool) -> String {
        let tools = &asked.sent.tools;
        if tools.is_empty() {
            return String::new();
        }
        let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
        let mut text = String::new();
        if names.iter().any(|name| !self.tools.contains(*name)) {
            text.push_str(&wrap(&format!("{} tools: {}", tools.len(), names.join(", ")), 4));
        } else {
            let _ = writeln!(text, "    {} tools, as before", tools.len());
        }
        for tool in tools {
            if self.tools.insert(tool.name.clone()) && is_full {
                text.push_str(&wrap(&format!("{}: {}", tool.name, tool.description), 6));
                text.push_str(&wrap(&tool.parameters.to_string(), 8));
            }
        }
        text
    }

    /// Leaves out what an earlier prompt of the task began with.
    fn messages(&mut self, messages: &[Message], is_full: bool) -> String {
        let common = |(at, prompt): (usize, &Vec<Message>)| {
            (prompt.iter().zip(messages).take_while(|(one, other)| one == other).count(), at)
        };
        let (same, of) = self.prompts.iter().enumerate().map(common).max().unwrap_or_default();
        let same = if is_full { 0 } else { same };
        let mut text = String::new();
        if same > 0 {
            let _ = writeln!(text, "    … {same} messages as in [{}]", of + 1);
        }
        for message in &messages[same..] {
            text.push_str(&message_text(message));
        }
        self.prompts.push(messages.to_vec());
        text
    }
}

fn message_text(message: &Message) -> String {
    let mut text = format!("    {}", message.role.as_str());
    if message.role == Role::Tool {
        for part in message.name.iter().chain(&message.tool_call_id) {
            let _ = write!(text, " {part}");
        }
    }
    text.push('\n');
    text.push_str(&said(
        message.reasoning.as_deref().unwrap_or_default(),
        &message.content,
        &message.tool_calls,
    ));
    text
}

/// What a model says: its reasoning apart from its words.
fn said(reasoning: &str, content: &str, calls: &[ToolCall]) -> String {
    let mut text = String::new();
    if !reasoning.is_empty() {
        text.push_str(&wrap(&format!("(reasoning) {reasoning}"), 8));
    }
    if !content.is_empty() {
        text.push_str(&wrap(content, 8));
    }
    for call in calls {
        text.push_str(&wrap(&format!("→ {} {}", call.name, call.arguments), 8));
    }
    text
}

fn reply_text(asked: &Asked, plan: &Plan) -> String {
    let (reply, used) = (&asked.reply, asked.reply.usage);
    let mut text = String::from("  ⇒ reply");
    if !asked.is_local {
        let mut usage = Usages::default();
        usage.add(&asked.model, asked.role, &used.once());
        let cost = cost_usd(&plan.models, &usage).map_or(String::new(), |usd| format!(", ${usd:.6}"));
        let _ = write!(text, " · {} tokens in, {} out{cost}", used.tokens_in, used.tokens_out);
    }
    match reply.finish {
        Finish::Stop => {}
        Finish::Length => text.push_str(" · cut at a limit"),
        Finish::Filtered => text.push_str(" · withheld by the server"),
    }
    text.push('\n');
    if !reply.fault.is_empty() {
        text.push_str(&wrap(&format!("no reply: {}", reply.fault), 8));
    }
    text.push_str(&said(&reply.reasoning, &reply.content, &reply.tool_calls));
    text
}

fn search_text(record: &TaskRecord) -> String {
    let of = |search: &SearchTree| {
        let leaf = search.answers.first().map(|leaf| leaf.node.0 as usize);
        format!("\n  the search, with a star on the way to the answer\n{}", tree(search.nodes.clone(), leaf))
    };
    record.trees.iter().map(|attempt| of(&attempt.tree)).collect()
}

fn verdict_text(sample: &Sample) -> String {
    let mut text = match &sample.dropped {
        Some(reason) => {
            wrap(&format!("dropped by {} · {}: {}", reason.stage.as_str(), reason.rule, reason.reason), 2)
        }
        None => format!(
            "  kept · verified by {} · {} ({:.2}) · quality {:.2}\n",
            sample.verified.as_str(),
            sample.difficulty.level.as_str(),
            sample.difficulty.score,
            sample.quality
        ),
    };
    if !sample.scores.is_empty() {
        let scores: Vec<String> =
            sample.scores.iter().map(|(name, score)| format!("{name} {score:.2}")).collect();
        text.push_str(&wrap(&format!("scores: {}", scores.join(", ")), 2));
    }
    format!("\n{text}")
}

/// What the tasks cost, and what the whole run would at this rate.
fn end_text(done: &PreviewOutcome, plan: &Plan) -> String {
    let mut text = heading("what it cost");
    let spent = done.usage.total();
    let usd = cost_usd(&plan.models, &done.usage);
    let is_server = done.llm.asked + done.llm.remembered > 0;
    let _ = writeln!(text, "{} tasks finished, {} rows kept, {} calls", done.tasks, done.kept, spent.calls);
    if !is_server {
        text.push_str("nothing was sent: the built-in model costs nothing\n");
        return text;
    }
    let _ = writeln!(
        text,
        "{} tokens in, {} out, {}",
        spent.tokens_in,
        spent.tokens_out,
        money(usd, "of unknown price")
    );
    let (what, tasks) = match &plan.target {
        None => (format!("{} tasks", plan.instruct.tasks), Some(plan.instruct.tasks as f64)),
        Some(target) => {
            let tasks = (done.kept > 0).then(|| target.rows as f64 * done.tasks as f64 / done.kept as f64);
            (format!("{} kept rows", target.rows), tasks)
        }
    };
    match tasks.filter(|_| done.tasks > 0) {
        Some(tasks) => {
            let times = tasks / done.tasks as f64;
            let tokens = (spent.tokens_in + spent.tokens_out) as f64 * times;
            let _ = writeln!(
                text,
                "at this rate {what} take about {tokens:.0} tokens, {}",
                money(usd.map(|usd| usd * times), "of unknown price")
            );
        }
        None => {
            let _ = writeln!(text, "no row is kept yet, so what {what} would take cannot be told");
        }
    }
    text
}

fn money(usd: Option<f64>, unknown: &str) -> String {
    usd.map_or_else(|| unknown.to_owned(), |usd| format!("${usd:.4}"))
}

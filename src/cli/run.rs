//! `toolloom run`: runs a pipeline, shows how it goes, and says what came of it.

use super::args::{PlanArgs, RunArgs};
use super::exit::Exit;
use super::{CliError, describe, output, program, summary};
use crate::config::Plan;
use crate::monitor::{Event, Monitor};
use crate::pipeline::{self, End, Options, Outcome, RunError};
use std::io::Write;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use tokio::sync::watch;

/// Runs a pipeline.
pub fn run(args: &RunArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let plan = super::load(&args.plan)?;
    let monitor = monitor(args);
    let options = Options { until: args.until, redo: args.redo, command: command(&args.plan, false) };
    let folder = plan.output.clone();
    let (exit_code, text) = match attend(plan, options, &monitor) {
        News::Ended(result) => return close(args, out, &monitor, &folder, (*result).map_err(CliError::from)),
        News::Interrupted => (Exit::Stopped, "stopped at once; what was finished is remembered"),
        News::Crashed => {
            (Exit::Failed, "error: this is a fault in toolloom; what was finished is remembered")
        }
    };
    output::complain(&format!("{text}\n{}", go_on(&args.plan)));
    Ok(exit_code)
}

/// Says what came of a run.
fn close(
    args: &RunArgs,
    out: &mut dyn Write,
    monitor: &Monitor,
    folder: &Path,
    result: Result<Outcome, CliError>,
) -> Result<Exit, CliError> {
    monitor.emit(ended(folder, &result));
    let outcome = result?;
    let is_spoken = !args.quiet && !args.json;
    if is_spoken {
        if let Some(manifest) = &outcome.manifest {
            let _ = out.write_all(summary::finished(folder, manifest, &outcome.kept).as_bytes());
        }
        let _ = out.write_all(summary::asked(&outcome.llm).as_bytes());
        let _ = out.flush();
    }
    match how(&outcome) {
        Some(text) if is_spoken || exit(&outcome.end) != Exit::Done => {
            output::complain(&format!("\n{text}\n{}", go_on(&args.plan)));
        }
        _ => {}
    }
    Ok(exit(&outcome.end))
}

fn monitor(args: &RunArgs) -> Monitor {
    if args.json {
        Monitor::json()
    } else if args.quiet {
        Monitor::silent()
    } else {
        Monitor::people()
    }
}

/// What the main thread waits for.
enum News {
    Ended(Box<Result<Outcome, RunError>>),
    Interrupted,
    Crashed,
}

/// Runs the pipeline on a thread of its own and waits for it. The first Ctrl-C asks it to stop; at the second the wait
/// is over, and the process ends with the run still going: the journal bears that at any moment.
fn attend(plan: Plan, options: Options, monitor: &Monitor) -> News {
    let (stop, stopped) = watch::channel(false);
    let (tell, news) = mpsc::channel();
    let (worker, teller) = (monitor.clone(), tell.clone());
    thread::spawn(move || {
        let result =
            panic::catch_unwind(AssertUnwindSafe(|| pipeline::run(&plan, &options, &worker, stopped)));
        let _ = teller.send(result.map_or(News::Crashed, |result| News::Ended(Box::new(result))));
    });
    thread::spawn(move || listen(&tell));
    let first = news.recv().expect("the run's thread sends before it ends");
    if !matches!(first, News::Interrupted) {
        return first;
    }
    monitor.note("stopping: what was asked is still received; Ctrl-C again stops at once");
    let _ = stop.send(true);
    news.recv().expect("the run's thread sends before it ends")
}

/// Passes on every Ctrl-C. Where it cannot be listened for, the default stands: the process dies, the journal lives.
fn listen(tell: &mpsc::Sender<News>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() else { return };
    runtime.block_on(async {
        while tokio::signal::ctrl_c().await.is_ok() {
            if tell.send(News::Interrupted).is_err() {
                return;
            }
        }
    });
}

/// Returns the exit code of a run that came to an outcome.
fn exit(end: &End) -> Exit {
    match end {
        End::Done | End::Until(_) => Exit::Done,
        End::Stopped => Exit::Stopped,
        End::Ceiling(_) => Exit::Ceiling,
        End::Unreachable(_) => Exit::Model,
    }
}

/// Words how a run ended that did not go to its end; `None` where it did.
fn how(outcome: &Outcome) -> Option<String> {
    let total = outcome.finished + outcome.unfinished;
    let done = format!("{} of {total} tasks are finished", outcome.finished);
    let beyond = match outcome.beyond {
        0 => String::new(),
        n => format!("; {n} of them wait behind an unfinished one for their rows"),
    };
    match &outcome.end {
        End::Done => None,
        End::Until(stage) => {
            let tasks = if total == 0 { format!("{} tools", outcome.tools) } else { done };
            Some(format!("stopped after {}, as asked: {tasks}", stage.as_str()))
        }
        End::Stopped => Some(format!("stopped: {done}{beyond}")),
        End::Ceiling(which) => Some(format!("stopped at a ceiling: {which}\n{done}{beyond}")),
        End::Unreachable(why) => Some(format!("error: {why}\n{done}{beyond}; nothing is lost")),
    }
}

/// The last event.
fn ended(folder: &Path, result: &Result<Outcome, CliError>) -> Event {
    let output = folder.display().to_string();
    match result {
        Ok(outcome) => {
            let counts = outcome.manifest.as_ref().map(|manifest| &manifest.counts);
            Event::RunEnded {
                output,
                exit_code: exit(&outcome.end).code(),
                kept: counts.map_or(0, |counts| counts.rows),
                rejected: counts.map_or(0, |counts| counts.rejected),
                unfinished: outcome.unfinished,
                error: how(outcome),
            }
        }
        Err(error) => Event::RunEnded {
            output,
            exit_code: Exit::of(error).code(),
            kept: 0,
            rejected: 0,
            unfinished: 0,
            error: Some(describe(error)),
        },
    }
}

fn go_on(args: &PlanArgs) -> String {
    let command = command(args, true);
    format!("to go on: {}{}", program(), command.trim_start_matches("toolloom"))
}

/// Words the command again. Without the folder it is the same wherever the rows were written.
fn command(args: &PlanArgs, with_folder: bool) -> String {
    let mut words = vec!["toolloom run".to_owned()];
    words.extend(args.pipeline.iter().map(|path| quote(&path.display().to_string())));
    for set in args.set.iter().filter(|set| with_folder || !set.starts_with("output=")) {
        words.push(format!("--set {}", quote(set)));
    }
    words.join(" ")
}

/// Quotes a word for a POSIX shell where it needs it.
fn quote(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_can_be_pasted_and_names_no_folder_for_the_card() {
        let args = PlanArgs {
            pipeline: Some("my pipes/p.yaml".into()),
            set: vec!["output=/tmp/x".into(), "instruct.tasks=5".into(), "crawl.sources=[a's]".into()],
        };
        assert_eq!(
            command(&args, false),
            r"toolloom run 'my pipes/p.yaml' --set instruct.tasks=5 --set 'crawl.sources=[a'\''s]'"
        );
        assert!(command(&args, true).contains("--set output=/tmp/x"));
    }
}

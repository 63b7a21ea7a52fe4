//! `toolloom run`: runs a pipeline, shows how it goes, and says what came of it.

use super::args::{PlanArgs, RunArgs};
use super::attend::{Attended, attend};
use super::exit::Exit;
use super::{CliError, describe, output, program, summary};
use crate::monitor::{Event, Monitor};
use crate::pipeline::{self, End, Options, Outcome};
use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

/// Runs a pipeline.
pub fn run(args: &RunArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let plan = super::load_to_run(&args.plan, args.offline)?;
    let monitor = monitor(args);
    let options = Options {
        until: args.until,
        redo: args.redo,
        offline: args.offline,
        environment: None,
        command: command(&args.plan, false),
    };
    let folder = plan.output.clone();
    let worker = monitor.clone();
    let attended = attend(
        move |stop, _| pipeline::run(&plan, &options, &worker, stop),
        &mut |_| {},
        |text| monitor.note(text),
    );
    match attended {
        Attended::Ended(result) => close(args, out, &monitor, &folder, result.map_err(CliError::from)),
        Attended::Interrupted => Ok(cut_short(Exit::Stopped, &go_on(args, None))),
        Attended::Crashed => Ok(cut_short(Exit::Failed, &go_on(args, None))),
    }
}

/// Says that work did not come to its end, and what is done about that.
pub(super) fn cut_short(exit: Exit, advice: &str) -> Exit {
    let text = match exit {
        Exit::Stopped => "stopped at once; what was finished is remembered",
        _ => "error: this is a fault in toolloom; what was finished is remembered",
    };
    output::complain(&format!("{text}\n{advice}"));
    exit
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
            let _ = out.write_all(summary::finished(folder, manifest, &outcome.examples).as_bytes());
        }
        if let Some(text) = met(&outcome) {
            let _ = writeln!(out, "\n{text}");
        }
        let _ = out.write_all(summary::asked(&outcome.llm).as_bytes());
        let _ = out.flush();
    }
    match how(folder, &outcome) {
        Some(text) if is_spoken || exit(&outcome.end) != Exit::Done => {
            let next = next(args, &outcome.end).map_or_else(String::new, |next| format!("\n{next}"));
            output::complain(&format!("\n{text}{next}"));
        }
        _ => {}
    }
    if let Some(text) = faults(&outcome.faults) {
        output::complain(&format!("\n{text}"));
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

/// Returns the exit code of a run that came to an outcome.
pub(super) fn exit(end: &End) -> Exit {
    match end {
        End::Done | End::Until(_) => Exit::Done,
        End::Stopped => Exit::Stopped,
        End::Ceiling(_) => Exit::Ceiling,
        End::Yield { .. } => Exit::Yield,
        End::Unreachable(_) => Exit::Model,
    }
}

/// Words how a run ended that did not go to its end; `None` where it did.
fn how(folder: &Path, outcome: &Outcome) -> Option<String> {
    let total = outcome.finished + outcome.unfinished;
    let mut done = format!("{} of {total} tasks are finished", outcome.finished);
    if let Some(wanted) = outcome.wanted {
        done = format!("{} of {wanted} rows are kept, {done}", outcome.kept);
    }
    match &outcome.end {
        End::Done => None,
        End::Until(stage) => {
            let tasks = if total == 0 { format!("{} tools", outcome.tools) } else { done };
            Some(format!("stopped after {}, as asked: {tasks}", stage.as_str()))
        }
        End::Stopped => Some(format!("stopped: {done}")),
        End::Ceiling(ceiling) => Some(format!("stopped: {}\n{done}", ceiling.text)),
        End::Yield { kept, tasks, floor } => Some(format!(
            "the target is given up: {kept} rows kept of {tasks} tasks are fewer than `target.yield_min` \
             ({floor} a task)\n{done}; `{} inspect {} --rejected` says why rows were dropped{}",
            program(),
            folder.display(),
            if *kept == 0 { ": until that is mended more tasks would be paid for nothing" } else { "" },
        )),
        End::Unreachable(why) => Some(format!("error: {why}\n{done}; nothing is lost")),
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
                error: how(folder, outcome),
            }
        }
        Err(error) => Event::RunEnded {
            output,
            exit_code: error.exit().code(),
            kept: 0,
            rejected: 0,
            unfinished: 0,
            error: Some(describe(error)),
        },
    }
}

/// Words that the target of kept rows is met, where the plan has one.
fn met(outcome: &Outcome) -> Option<String> {
    let wanted = outcome.wanted.filter(|_| outcome.end == End::Done)?;
    let beyond = match outcome.beyond {
        0 => String::new(),
        n => format!("; {n} more were made beyond the target and are remembered"),
    };
    Some(format!(
        "the target of {wanted} kept rows is met by the first {} tasks{beyond}",
        outcome.finished - outcome.beyond
    ))
}

/// Words what faults of ours left out, and asks for a report; `None` where there was none.
fn faults(faults: &[(String, String)]) -> Option<String> {
    let lines: Vec<String> = faults.iter().map(|(id, text)| format!("\n  {id}: {text}")).collect();
    let text = "left out by a fault in toolloom; please report it, with the file where that may be shared:";
    (!lines.is_empty()).then(|| format!("{text}{}", lines.concat()))
}

/// Words how a run goes on that ended so; `None` where it would only end so again.
fn next(args: &RunArgs, end: &End) -> Option<String> {
    match end {
        End::Yield { kept: 0, .. } => None,
        // The same command would end after that stage once more.
        End::Until(_) => Some(go_on(&RunArgs { until: None, ..args.clone() }, None)),
        end => Some(go_on(args, raise(end))),
    }
}

/// Returns what must be set differently for a run to go on.
fn raise(end: &End) -> Option<String> {
    match end {
        End::Ceiling(ceiling) => Some(format!("{}={}", ceiling.key, ceiling.raised.as_ref()?)),
        // A floor still, or a yield that drops to nothing would be paid for without end.
        End::Yield { kept, tasks, .. } => Some(format!("target.yield_min={}", half(*kept, *tasks))),
        End::Done | End::Until(_) | End::Stopped | End::Unreachable(_) => None,
    }
}

/// Returns half of a yield, to two digits.
fn half(kept: u64, tasks: u64) -> f64 {
    let half = kept as f64 / tasks as f64 / 2.0;
    format!("{half:.1e}").parse().expect("a number that was just written")
}

/// Words the command that goes on, with a setting that takes the place of an older one of the same key.
fn go_on(args: &RunArgs, set: Option<String>) -> String {
    let key = set.as_ref().and_then(|set| set.split_once('=')).map(|(key, _)| key.to_owned());
    let is_older = |old: &String| key.as_ref().is_some_and(|key| old.split('=').next() == Some(key));
    let sets = args.plan.set.iter().filter(|old| !is_older(old)).cloned().chain(set.clone()).collect();
    let plan = PlanArgs { pipeline: args.plan.pipeline.clone(), set: sets };
    let command = command(&plan, true);
    let mut flags = String::new();
    // Not `--redo`: what was done anew is done.
    if let Some(stage) = args.until {
        let _ = write!(flags, " --until {}", stage.as_str());
    }
    for (is_set, flag) in [(args.offline, "--offline"), (args.quiet, "--quiet"), (args.json, "--json")] {
        if is_set {
            let _ = write!(flags, " {flag}");
        }
    }
    format!("to go on: {} run{flags}{}", program(), command.trim_start_matches("toolloom run"))
}

/// Words the command again. Without the folder it is the same wherever the rows were written.
pub(super) fn command(args: &PlanArgs, with_folder: bool) -> String {
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
    use crate::data::Stage;

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

    #[test]
    fn the_command_to_go_on_names_a_raised_ceiling_once() {
        let plan = PlanArgs {
            pipeline: Some("p.yaml".into()),
            set: vec!["limits.tokens=5".into(), "limits.tokens_x=1".into(), "seed=3".into()],
        };
        let words = go_on(&of(plan), Some("limits.tokens=10".into()));
        assert!(
            words.ends_with("run p.yaml --set limits.tokens_x=1 --set seed=3 --set limits.tokens=10"),
            "{words}"
        );
    }

    #[test]
    fn the_command_to_go_on_says_all_that_was_said_but_what_is_done() {
        let plan = PlanArgs { pipeline: Some("p.yaml".into()), set: vec!["seed=3".into()] };
        let args = RunArgs {
            until: Some(Stage::Search),
            redo: Some(Stage::Search),
            offline: true,
            json: true,
            ..of(plan)
        };
        let words = next(&args, &End::Stopped).unwrap();
        assert!(words.ends_with(" run --until search --offline --json p.yaml --set seed=3"), "{words}");
        let words = next(&args, &End::Until(Stage::Search)).unwrap();
        assert!(words.ends_with(" run --offline --json p.yaml --set seed=3"), "{words}");
    }

    #[test]
    fn what_faults_of_ours_left_out_is_named_with_the_fault_and_a_report_is_asked_for() {
        assert_eq!(faults(&[]), None);
        let one = |id: &str| (id.to_owned(), format!("a fault in toolloom: {id} broke in two"));
        let text = faults(&[one("a.json"), one("b.json")]).unwrap();
        assert!(text.contains("please report it"), "{text}");
        assert!(text.ends_with("\n  b.json: a fault in toolloom: b.json broke in two"), "{text}");
    }

    #[test]
    fn after_a_missed_yield_a_floor_under_it_is_proposed_and_none_where_nothing_was_kept() {
        let args = of(PlanArgs { pipeline: None, set: vec!["target.yield_min=0.2".into()] });
        let missed = |kept, tasks| End::Yield { kept, tasks, floor: String::from("0.2") };
        let words = next(&args, &missed(7, 60)).unwrap();
        assert!(words.ends_with(" run --set target.yield_min=0.058"), "{words}");
        assert_eq!(next(&args, &missed(0, 60)), None);
    }

    fn of(plan: PlanArgs) -> RunArgs {
        RunArgs { plan, until: None, redo: None, offline: false, quiet: false, json: false }
    }
}

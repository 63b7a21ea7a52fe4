//! The command line: one file a subcommand. With `monitor`, the only place that prints.

mod args;
mod attend;
mod check;
mod error;
mod estimate;
mod exit;
mod export;
mod init;
mod inspect;
mod inspect_tools;
mod journal;
mod journal_care;
mod look;
mod output;
mod place;
mod preview;
mod run;
mod summary;

pub use exit::Exit;

use crate::config::Known;
use args::{Args, Command, PlanArgs};
use clap::Parser;
use clap::error::ErrorKind;
use error::CliError;
use output::Stdout;
use std::error::Error;

/// Runs the subcommand that the process's arguments name, and says how it ended.
pub fn main() -> Exit {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version are no faults; clap prints each to where it belongs.
            let _ = error.print();
            return match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Done,
                _ => Exit::Usage,
            };
        }
    };
    let out = &mut Stdout::new();
    let result = match &args.command {
        Command::Run(args) => run::run(args, out),
        Command::Preview(args) => preview::run(args, out),
        Command::Init(args) => init::run(args, out).map(|()| Exit::Done).map_err(CliError::from),
        Command::Check(args) => check::run(args, out).map(|()| Exit::Done),
        Command::Inspect(args) => inspect::run(args, out).map(|()| Exit::Done).map_err(CliError::from),
        Command::Journal(command) => journal::run(command, out).map(|()| Exit::Done),
        Command::Export(args) => export::run(args, out).map(|()| Exit::Done).map_err(CliError::from),
    };
    result.unwrap_or_else(|error| {
        output::complain(&describe(&error));
        error.exit()
    })
}

/// Words an error and its causes; configuration faults stand each on their own.
fn describe(error: &CliError) -> String {
    if let CliError::Config(faults) = error {
        let count = faults.count();
        let nouns = if count == 1 { "fault" } else { "faults" };
        return format!("{faults}\n\nerror: {count} {nouns} in the configuration; nothing was run");
    }
    let mut text = format!("error: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str("\n  because: ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Makes the plan that arguments name.
fn load(args: &PlanArgs) -> Result<crate::config::Plan, crate::config::Faults> {
    load_to_run(args, false)
}

/// Makes the plan that arguments name. Who is offline needs no key.
fn load_to_run(args: &PlanArgs, is_offline: bool) -> Result<crate::config::Plan, crate::config::Faults> {
    let is_set = |name: &str| is_offline || std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let rules = crate::filter::rule_names();
    let crawl_rules = crate::crawl::rules::names();
    let known = Known {
        is_set: &is_set,
        rules: Some(&rules),
        crawl_rules: Some(&crawl_rules),
        rubrics: Some(&crate::prompt::RUBRICS),
    };
    crate::config::load_knowing(args.pipeline.as_deref(), &args.set, &known)
}

/// Makes the plan that arguments name for who asks no model: keys need not be there.
fn load_without_keys(args: &PlanArgs) -> Result<crate::config::Plan, crate::config::Faults> {
    let rules = crate::filter::rule_names();
    let crawl_rules = crate::crawl::rules::names();
    let known = Known {
        is_set: &|_| true,
        rules: Some(&rules),
        crawl_rules: Some(&crawl_rules),
        rubrics: Some(&crate::prompt::RUBRICS),
    };
    crate::config::load_knowing(args.pipeline.as_deref(), &args.set, &known)
}

/// The program as it was called, so that a printed command can be pasted.
fn program() -> String {
    std::env::args().next().unwrap_or_else(|| "toolloom".to_owned())
}

//! The command line: arguments, messages, exit codes. Everything else is the library's.

mod archive;
mod args;
mod assembly;
mod clean;
mod compare;
mod config;
mod diff;
mod exit;
mod explain;
mod flip;
mod inputs;
mod learn;
mod markdown;
mod names;
mod new_rule;
mod outputs;
mod parquet;
mod paths;
mod reading;
mod records;
mod report;
mod reports;
mod restore;
mod resume;
mod rules;
mod screen;
mod signals;
mod sink;
mod sites;
mod stream;
mod together;
mod train;
mod weights;
mod worker;

use std::ffi::OsString;
use std::path::Path;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use dehusk::io::Escaped;

use args::{Cli, Command, RuleArgs};
use config::Config;
use exit::{Exit, Failure, Outcome};
use screen::Screen;

/// Runs the command that was typed in, its name first, and says what the process is to end with: the binary and the
/// Python wheel call it.
pub fn main(typed: Vec<OsString>) -> u8 {
    signals::outlive_file_size_limit();
    // Panics of documents are caught and told with the document's name.
    std::panic::set_hook(Box::new(|_| ()));
    let mut screen = Screen::new(false, false, args::When::Auto);
    let outcome = match Cli::try_parse_from(&typed) {
        Ok(cli) => {
            screen = Screen::new(cli.shown.quiet, cli.shown.verbose, cli.shown.color.unwrap_or_default());
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(cli, &mut screen))).unwrap_or_else(|_| {
                Err(Failure::Told(
                    Exit::Internal,
                    "internal error (please report): the run was given up; inputs are untouched".into(),
                ))
            })
        }
        Err(e) => misread(&e, typed.get(1)),
    };
    screen.finish();
    match outcome {
        Ok(exit) => exit.code(),
        Err(Failure::ClosedPipe) => Exit::Done.code(),
        Err(Failure::Told(exit, message)) => {
            screen.error(message);
            exit.code()
        }
    }
}

fn run(cli: Cli, screen: &mut Screen) -> Outcome {
    let mut shown = cli.shown;
    match cli.command {
        Command::Clean(mut typed) => {
            Config::load(&shown, &typed.input.paths)?.fill_clean(&mut typed, &mut shown);
            *screen = Screen::new(shown.quiet, shown.verbose, shown.color.unwrap_or_default());
            clean::clean(&typed, screen)
        }
        Command::Check(mut typed) => {
            Config::load(&shown, &typed.input.paths)?.fill_check(&mut typed, &mut shown);
            *screen = Screen::new(shown.quiet, shown.verbose, shown.color.unwrap_or_default());
            clean::check(&typed, screen)
        }
        Command::Explain(mut typed) => {
            fill_rules(&mut shown, &mut typed.rules)?;
            explain::run(&typed)
        }
        Command::Restore(typed) => restore::run(&typed, screen),
        Command::Rules(args::Rules::List { mut rules, json }) => {
            fill_rules(&mut shown, &mut rules)?;
            rules::list(&rules, json)
        }
        Command::Rules(args::Rules::Show { id, mut rules }) => {
            fill_rules(&mut shown, &mut rules)?;
            rules::show(&id, &rules)
        }
        Command::Rules(args::Rules::Test { files }) => rules::test(&files, screen),
        Command::Rules(args::Rules::New(typed)) => new_rule::run(&typed, screen),
        Command::Learn(typed) => learn::run(&typed, screen),
        Command::Train(typed) => train::run(&typed, screen),
        Command::Report(typed) => report::run(&typed),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "dehusk", &mut script);
            screen::out_bytes(&script).map(|()| Exit::Done)
        }
        Command::Man { command } => man(command.as_deref()),
    }
}

/// Prints the manual page of the whole, or of a command.
fn man(command: Option<&str>) -> Outcome {
    let mut whole = Cli::command();
    whole.build();
    let of = match command {
        None => whole,
        Some(name) => match whole.find_subcommand(name) {
            Some(found) => found.clone(),
            None => return Err(Failure::usage(format!("no command {}", Escaped::argument(name.as_ref())))),
        },
    };
    let mut page = Vec::new();
    // Writing to memory cannot fail.
    let _ = clap_mangen::Man::new(of).render(&mut page);
    screen::out_bytes(&page).map(|()| Exit::Done)
}

fn fill_rules(shown: &mut args::Shown, rules: &mut RuleArgs) -> Outcome<()> {
    Config::load(shown, &[])?.fill_rules(rules, shown);
    Ok(())
}

/// What was typed in is no command line, or asks for help.
fn misread(error: &clap::Error, first: Option<&OsString>) -> Outcome {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            return screen::out(error.render().ansi()).map(|()| Exit::Done);
        }
        ErrorKind::InvalidSubcommand => {
            if let Some(path) = first.filter(|a| Path::new(a).exists()) {
                let out = if Path::new(path).is_dir() { " -o OUT" } else { "" };
                let path = Escaped::argument(path);
                return Err(Failure::usage(format!("{path} is no command: did you mean `dehusk clean {path}{out}`?")));
            }
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            return Err(Failure::usage(format!(
                "name a command, as in `dehusk clean PAGES -o OUT`\n\n{}",
                error.render()
            )));
        }
        _ => {}
    }
    let text = error.render().to_string();
    Err(Failure::usage(Escaped::lines(text.trim_start_matches("error: ").trim_end())))
}

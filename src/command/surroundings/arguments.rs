//! The command line as it was typed, and what to say where it makes no sense.

use std::env;
use std::ffi::OsString;
use std::path::Path;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, ValueEnum};

use super::{choose_colors, meant};
use crate::cli::{Cli, ColorChoice};
use crate::untrusted::printable;

/// Reads the arguments of the process.
///
/// # Errors
/// What is to be printed in place of an audit: what is wrong with them, or the help or version that they ask for.
pub fn arguments() -> Result<Cli, clap::Error> {
    let given: Vec<OsString> = env::args_os().collect();
    // Help and errors come before there are options to look at.
    if let Some(choice) = color(&given) {
        choose_colors(choice);
    }
    let cli = read(&given)?;
    choose_colors(cli.color);
    Ok(cli)
}

fn read(given: &[OsString]) -> Result<Cli, clap::Error> {
    let read = Cli::try_parse_from(given).or_else(|error| match command_first(given, &error) {
        Some(moved) => Cli::try_parse_from(&moved).map_err(|error| advised(error, &moved)),
        None => Err(advised(error, given)),
    });
    read.map_err(inert)
}

/// The error with arguments that steer nothing: clap prints them as they came.
fn inert(mut error: clap::Error) -> clap::Error {
    let said = |text: &str| printable(text).into_owned();
    let texts = error.context().filter_map(|(kind, value)| {
        let inert = match value {
            ContextValue::String(text) => ContextValue::String(said(text)),
            ContextValue::Strings(texts) => {
                ContextValue::Strings(texts.iter().map(|text| said(text)).collect())
            }
            _ => return None,
        };
        Some((kind, inert))
    });
    for (kind, text) in texts.collect::<Vec<_>>() {
        error.insert(kind, text);
    }
    error
}

/// What `--color` says, wherever it stands.
fn color(given: &[OsString]) -> Option<ColorChoice> {
    let given: Vec<_> = given.iter().map(|argument| argument.to_string_lossy()).collect();
    given.iter().enumerate().find_map(|(index, argument)| {
        let value = match argument.strip_prefix("--color")? {
            "" => given.get(index + 1)?,
            value => value.strip_prefix('=')?,
        };
        ColorChoice::from_str(value, false).ok()
    })
}

/// The command line with the command in front of its options, where it comes behind some: `audit --config ci.toml check`.
fn command_first(given: &[OsString], error: &clap::Error) -> Option<Vec<OsString>> {
    let command = behind_options(error)?;
    // A value may have the name of a command: what the error is about is the first that is none.
    let is_it = |at: usize| {
        given[at].to_str() == Some(command)
            && Cli::try_parse_from(&given[..=at]).is_err_and(|error| behind_options(&error).is_some())
    };
    let at = (2..given.len()).find(|at| is_it(*at))?;
    let mut moved = given.to_vec();
    if command == "help" {
        moved.drain(1..at);
    } else {
        moved[1..=at].rotate_right(1);
    }
    Some(moved)
}

/// The command that clap refuses, because options are in front of it.
fn behind_options(error: &clap::Error) -> Option<&str> {
    match (error.kind(), error.get(ContextKind::InvalidSubcommand)) {
        (ErrorKind::ArgumentConflict, Some(ContextValue::String(command))) => Some(command),
        _ => None,
    }
}

/// The error, with better tips than clap has.
fn advised(mut error: clap::Error, given: &[OsString]) -> clap::Error {
    let mut program = Cli::command();
    program.build();
    let command = given.get(1).and_then(|name| program.find_subcommand(name)).unwrap_or(&program);
    let said = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.as_str(),
        _ => "",
    };
    let (kind, tips) = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let word = said(ContextKind::InvalidSubcommand);
            let tips = configuration(word).map_or_else(|| meant::command(&program, word), |tip| vec![tip]);
            (ContextKind::SuggestedSubcommand, tips)
        }
        ErrorKind::UnknownArgument => {
            let word = said(ContextKind::InvalidArg);
            let tip = configuration(word).or_else(|| meant::option(&program, command, word)).or_else(|| {
                let is_known = error.get(ContextKind::SuggestedArg).is_some();
                let misspelt = if is_known { None } else { meant::misspelt(&program, word) };
                meant::option(&program, command, &misspelt?)
            });
            (ContextKind::SuggestedArg, tip.into_iter().collect())
        }
        ErrorKind::InvalidValue => {
            let Some(ContextValue::Strings(known)) = error.get(ContextKind::ValidValue) else { return error };
            let tip = meant::value(known, said(ContextKind::InvalidValue));
            let tip = tip.map(|value| format!("a similar value exists: '{value}'"));
            (ContextKind::SuggestedValue, tip.into_iter().collect())
        }
        _ => return error,
    };
    if !tips.is_empty() {
        let usage = command.clone().render_usage();
        error.remove(kind);
        error.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(tips.iter().map(StyledStr::from).collect()),
        );
        if error.get(ContextKind::Usage).is_some() {
            // Clap's has the option that it takes for the right one.
            error.insert(ContextKind::Usage, ContextValue::StyledStr(usage));
        }
    }
    error
}

/// How to name the configuration, or what is audited, where a word is one.
fn configuration(word: &str) -> Option<String> {
    let path = Path::new(word);
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")) {
        Some(format!("a configuration is named with '--config {}'", printable(word)))
    } else if path.exists() {
        Some("what is audited stands in audit.toml, as a [[source]]; --target narrows it".to_owned())
    } else {
        None
    }
}

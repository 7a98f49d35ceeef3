//! The command line as it was typed, and what to say where it makes no sense.

use std::env;
use std::ffi::OsString;
use std::path::Path;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Parser, ValueEnum};

use super::choose_colors;
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
    let cli = Cli::try_parse_from(given).map_err(advised)?;
    choose_colors(cli.color);
    Ok(cli)
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

/// The error with a tip where clap has none.
fn advised(mut error: clap::Error) -> clap::Error {
    let misplaced = match error.kind() {
        ErrorKind::InvalidSubcommand => ContextKind::InvalidSubcommand,
        ErrorKind::UnknownArgument => ContextKind::InvalidArg,
        ErrorKind::ArgumentConflict => {
            if let Some(ContextValue::String(command)) = error.get(ContextKind::InvalidSubcommand) {
                let tip =
                    format!("options of '{command}' come behind it; 'audit {command} --help' lists them");
                suggest(&mut error, tip);
            }
            return error;
        }
        _ => return error,
    };
    if let Some(ContextValue::String(given)) = error.get(misplaced)
        && Path::new(given).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"))
    {
        let tip = format!("a configuration is named with '--config {}'", printable(given));
        suggest(&mut error, tip);
    }
    error
}

fn suggest(error: &mut clap::Error, tip: String) {
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(tip)]));
}

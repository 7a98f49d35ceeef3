//! The clock, the environment and the terminal: read here, and handed on as arguments.
#![expect(clippy::disallowed_methods, reason = "this is where the surroundings come in")]

mod interrupt;
mod stack;
mod watched;

use std::env;
use std::io::{self, IsTerminal};
use std::path::PathBuf;

use jiff::Timestamp;

pub use stack::with_room;
pub(super) use watched::watched;

use crate::cli::ColorChoice;
use crate::progress::{Display, Verbosity};

/// Columns of a report that no terminal shows.
pub(super) const DEFAULT_WIDTH: usize = 100;

/// The time.
pub(super) fn now() -> Timestamp {
    Timestamp::now()
}

/// The current folder.
pub(super) fn folder() -> io::Result<PathBuf> {
    env::current_dir()
}

/// What `AWS_PROFILE` names, unless keys of the environment come before it, as in every SDK.
pub(super) fn named_profile() -> Option<String> {
    let set = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    set("AWS_PROFILE").filter(|_| set("AWS_ACCESS_KEY_ID").is_none())
}

/// Whether a stream gets colours: by the user's word, else where it is a terminal and `NO_COLOR`
/// (<https://no-color.org>) is not set.
#[must_use]
pub fn colors(choice: ColorChoice, stream: &impl IsTerminal) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            stream.is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        }
    }
}

/// How progress is shown: on a terminal as one line, in a log with `--verbose` as some.
pub(super) fn display(verbosity: Verbosity, no_progress: bool, color: ColorChoice) -> Display {
    let stderr = io::stderr();
    // A dumb terminal (an editor's, say) cannot go back in a line.
    let dumb = env::var_os("TERM").map_or(cfg!(unix), |term| term == "dumb");
    if no_progress || verbosity == Verbosity::Quiet {
        Display::Nothing
    } else if stderr.is_terminal() && !dumb {
        Display::Bar { color: colors(color, &stderr), width: stderr_width }
    } else if verbosity >= Verbosity::Verbose {
        Display::Lines
    } else {
        Display::Nothing
    }
}

fn stderr_width() -> usize {
    const USUAL: usize = 80;
    terminal_size::terminal_size_of(io::stderr()).map_or(USUAL, |(width, _)| width.0.into())
}

/// The terminal's columns, but no fewer than a report needs.
pub(super) fn width() -> usize {
    const NARROWEST: u16 = 40;
    terminal_size::terminal_size().map_or(DEFAULT_WIDTH, |(width, _)| usize::from(width.0.max(NARROWEST)))
}

//! The clock, the environment and the terminal: read here, and handed on as arguments.
#![expect(clippy::disallowed_methods, reason = "this is where the surroundings come in")]

use std::env;
use std::io::{self, IsTerminal};
use std::path::PathBuf;

use jiff::Timestamp;

use crate::cli::ColorChoice;

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

/// The terminal's columns, but no fewer than a report needs.
pub(super) fn width() -> usize {
    const NARROWEST: u16 = 40;
    terminal_size::terminal_size().map_or(DEFAULT_WIDTH, |(width, _)| usize::from(width.0.max(NARROWEST)))
}

//! The clock, the environment and the terminal: read here, and handed on as arguments.
#![expect(clippy::disallowed_methods, reason = "this is where the surroundings come in")]

mod arguments;
mod interrupt;
pub(super) mod meant;
mod stack;
mod streams;
mod watched;

use std::env;
use std::io::{self, IsTerminal};
use std::path::PathBuf;

use anstream::AutoStream;
use anstream::stream::RawStream;
use jiff::Timestamp;

pub use arguments::arguments;
pub use stack::with_room;
pub(super) use streams::written_to;
pub(super) use watched::{afterwards, watched};

use crate::cli::ColorChoice;
use crate::progress::{Display, Verbosity};
use crate::report::Style;

/// Columns of a report that no terminal shows.
pub(super) const DEFAULT_WIDTH: usize = 100;

/// Columns that nobody has more of.
const WIDEST: usize = 10_000;

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

/// Takes the user's word on colours: for what is written from now on, clap's messages too.
fn choose_colors(choice: ColorChoice) {
    let choice = match choice {
        ColorChoice::Auto => anstream::ColorChoice::Auto,
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
}

/// Whether a stream gets colours: by the user's word, else by `NO_COLOR` (<https://no-color.org>), `CLICOLOR_FORCE`
/// and `CLICOLOR` (<https://bixense.com/clicolors>) in this order, else where it is a terminal.
#[must_use]
pub fn colors(stream: &impl RawStream) -> bool {
    AutoStream::choice(stream) != anstream::ColorChoice::Never
}

/// How progress is shown: on a terminal as one line, in a log with `--verbose` as some.
pub(super) fn display(verbosity: Verbosity, no_progress: bool) -> Display {
    let stderr = io::stderr();
    // A dumb terminal (an editor's, say) cannot go back in a line.
    let dumb = env::var_os("TERM").map_or(cfg!(unix), |term| term == "dumb");
    if no_progress || verbosity == Verbosity::Quiet {
        Display::Nothing
    } else if stderr.is_terminal() && !dumb {
        Display::Bar { color: colors(&stderr), width: stderr_width }
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

/// How standard output is written: in colours or not.
pub(super) fn style(color: bool) -> Style {
    // Links where there are no colours would be the only escapes in a file.
    let links = color && supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout);
    Style { color, links, width: width(), include_waived: false }
}

/// The terminal's columns, but no fewer than a report needs. Where there is no terminal, or one without a size
/// (a container's, say), `COLUMNS` may tell, as it does for the help of the command line.
fn width() -> usize {
    const NARROWEST: usize = 40;
    let columns = || env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    terminal.or_else(columns).map_or(DEFAULT_WIDTH, |width| width.clamp(NARROWEST, WIDEST))
}

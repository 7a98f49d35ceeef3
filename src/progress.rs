//! What is said on stderr while a run is under way, fed by events.

use std::io::{self, Write as _};

use crate::target::{TargetId, Unaudited};
use crate::untrusted::printable;

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Verbosity {
    /// Only errors.
    Quiet,
    /// Errors and what the user must know.
    #[default]
    Normal,
    /// A line a target.
    Verbose,
    /// A line a call.
    Trace,
}

/// Something that happened.
#[derive(Debug)]
pub enum Event<'e> {
    /// A recording was read.
    Read {
        /// Its name in reports.
        file: &'e str,
    },
    /// More targets are known.
    Discovered {
        /// How many more.
        targets: usize,
    },
    /// An attempt of a call is over.
    Attempt {
        /// Which call.
        what: &'e str,
        /// Of this call, from 1.
        number: u32,
        /// HTTP status; `None` where no answer came.
        status: Option<u16>,
    },
    /// Calls of one account and region are slowed down, or not any more.
    Pace {
        /// Which.
        place: &'e str,
        /// Calls a second; `None` where only concurrency limits them.
        rate: Option<f64>,
    },
    /// A target is done.
    Fetched {
        /// Which.
        target: &'e TargetId,
        /// Why there is no answer, if so.
        failure: Option<&'e Unaudited>,
    },
}

/// Writes events to stderr.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    verbosity: Verbosity,
}

impl Progress {
    /// Says as much as `verbosity` allows.
    #[must_use]
    pub fn new(verbosity: Verbosity) -> Self {
        Self { verbosity }
    }

    /// Takes note of an event.
    pub fn event(&self, event: &Event<'_>) {
        let (from, line) = match event {
            Event::Read { file } => (Verbosity::Verbose, format!("read {file}")),
            Event::Discovered { .. } => return,
            Event::Attempt { what, number, status: Some(status) } => {
                (Verbosity::Trace, format!("{what}: attempt {number} answered {status}"))
            }
            Event::Attempt { what, number, status: None } => {
                (Verbosity::Trace, format!("{what}: attempt {number} got no answer"))
            }
            Event::Pace { place, rate: Some(rate) } => {
                (Verbosity::Trace, format!("{place}: throttled, {rate:.1} calls a second"))
            }
            Event::Pace { place, rate: None } => (Verbosity::Trace, format!("{place}: at full speed")),
            Event::Fetched { target, failure: None } => (Verbosity::Verbose, format!("fetched {target}")),
            Event::Fetched { target, failure: Some(failure) } => {
                (Verbosity::Verbose, format!("failed {target}: {}", failure.message))
            }
        };
        if self.verbosity >= from {
            print(&line);
        }
    }

    /// Tells what the user must know.
    pub fn say(&self, line: &str) {
        if self.verbosity >= Verbosity::Normal {
            print(line);
        }
    }
}

fn print(line: &str) {
    // A closed stderr must not end the run.
    let _ = writeln!(io::stderr(), "{}", printable(line));
}

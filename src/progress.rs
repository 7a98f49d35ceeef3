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
    /// A call was answered.
    Attempt {
        /// For whom.
        target: &'e TargetId,
        /// Of this call, from 1.
        number: u32,
        /// HTTP status.
        status: u16,
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
            Event::Attempt { target, number, status } => {
                (Verbosity::Trace, format!("{target}: attempt {number} answered {status}"))
            }
            Event::Fetched { target, failure: None } => (Verbosity::Verbose, format!("fetched {target}")),
            Event::Fetched { target, failure: Some(failure) } => {
                (Verbosity::Verbose, format!("failed {target}: {}", failure.message))
            }
        };
        if self.verbosity >= from {
            // A closed stderr must not end the run.
            let _ = writeln!(io::stderr(), "{}", printable(&line));
        }
    }
}

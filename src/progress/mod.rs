//! What is said on stderr while a run is under way, fed by events: a line an event, as verbose as asked,
//! and how far the run is. On a terminal that is one line at its foot; elsewhere, a line now and then.

mod bar;
mod lines;
mod tally;
mod text;

use std::io::{self, Write as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::target::{TargetId, Unaudited};
use crate::untrusted::printable;
use bar::Bar;
use lines::Lines;
use tally::{Snapshot, Tally};

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
    /// A line an attempt.
    Trace,
}

/// How it is shown how far the run is.
#[derive(Debug, Clone, Copy, Default)]
pub enum Display {
    /// Not at all.
    #[default]
    Nothing,
    /// On a terminal: one line that is always up to date.
    Bar {
        /// With ANSI colours.
        color: bool,
        /// Columns of the terminal; asked for each time, because windows change.
        width: fn() -> usize,
    },
    /// In a log: a line now and then.
    Lines,
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
        /// Operation and subject: `GetBackendAuth d1/prod/auth`.
        what: &'e str,
        /// Of this call, from 1.
        number: u32,
        /// HTTP status; `None` where no answer came.
        status: Option<u16>,
        /// Why the answer is of no use, in a few words.
        failure: Option<&'e str>,
    },
    /// A call of discovery is to be made, or is over: as long as there is one, more targets may come.
    Looking {
        /// Whether it is to be made.
        begun: bool,
    },
    /// A target is done.
    Fetched {
        /// Which.
        target: &'e TargetId,
        /// Why there is no answer, if so.
        failure: Option<&'e Unaudited>,
    },
    /// A policy printed something about a target.
    Printed {
        /// Which target.
        target: &'e TargetId,
        /// With the place of the `print`: `FILE:LINE: TEXT`.
        line: &'e str,
    },
    /// A place throttles, or has stopped to.
    Pace {
        /// Account and region: `111122223333/eu-west-1`.
        place: &'e str,
        /// Calls per second that it is slowed down to; `None` at full speed again.
        rate: Option<f64>,
    },
}

/// Takes events, and writes to stderr. Clones share one display.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    verbosity: Verbosity,
    run: Arc<Run>,
    shown: Shown,
}

#[derive(Debug, Default)]
enum Shown {
    #[default]
    Nothing,
    Bar(Bar),
    Lines(Lines),
}

/// The run so far, shared with whoever shows it.
#[derive(Debug)]
struct Run {
    started: Instant,
    tally: Mutex<Tally>,
}

impl Progress {
    /// Says as much as `verbosity` allows, and shows how far the run is.
    #[must_use]
    pub fn new(verbosity: Verbosity, display: Display) -> Self {
        let run = Arc::new(Run::default());
        let shown = match display {
            Display::Nothing => Shown::Nothing,
            Display::Bar { color, width } => Shown::Bar(Bar::new(Arc::clone(&run), color, width)),
            Display::Lines => {
                let run = Arc::clone(&run);
                Shown::Lines(Lines::every(lines::PERIOD, move || print(&text::line(&run.snapshot()))))
            }
        };
        Self(Arc::new(Inner { verbosity, run, shown }))
    }

    /// Takes note of an event.
    pub fn event(&self, event: &Event<'_>) {
        self.0.run.note(event);
        if let Some(line) = text::event(event, self.0.verbosity) {
            self.print(&line);
        }
    }

    /// Tells what the user must know.
    pub fn say(&self, line: &str) {
        if self.0.verbosity >= Verbosity::Normal {
            self.print(line);
        }
    }

    /// The run is over: what is at the terminal's foot goes away, and no line comes any more.
    pub fn finish(&self) {
        match &self.0.shown {
            Shown::Nothing => {}
            Shown::Bar(bar) => bar.clear(),
            Shown::Lines(lines) => lines.end(),
        }
    }

    fn print(&self, line: &str) {
        match &self.0.shown {
            Shown::Nothing | Shown::Lines(_) => print(line),
            Shown::Bar(bar) => bar.above(|| print(line)),
        }
    }
}

impl Default for Run {
    fn default() -> Self {
        Self { started: Instant::now(), tally: Mutex::default() }
    }
}

impl Run {
    fn note(&self, event: &Event<'_>) {
        self.tally().note(event, self.elapsed());
    }

    fn snapshot(&self) -> Snapshot {
        self.tally().snapshot(self.elapsed())
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn tally(&self) -> std::sync::MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn print(line: &str) {
    // A closed stderr must not end the run.
    let _ = writeln!(io::stderr(), "{}", printable(line));
}

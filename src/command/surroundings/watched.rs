//! A run that takes time: it shows how far it is, and a signal brings it to an early end.

use std::io;

use super::{display, interrupt};
use crate::cli::TalkArgs;
use crate::command::CommandError;
use crate::progress::{Display, Progress, Verbosity};
use crate::stop::Stop;

/// How much is said.
fn verbosity(talk: &TalkArgs) -> Verbosity {
    match (talk.quiet, talk.verbose) {
        (true, _) => Verbosity::Quiet,
        (false, 0) => Verbosity::Normal,
        (false, 1) => Verbosity::Verbose,
        (false, _) => Verbosity::Trace,
    }
}

/// Where to say something when the work is done.
pub(in crate::command) fn afterwards(talk: &TalkArgs) -> Progress {
    Progress::new(verbosity(talk), Display::Nothing)
}

/// What came of it, and whether it was stopped.
pub(in crate::command) fn watched<T>(
    talk: &TalkArgs,
    work: impl FnOnce(&Stop, &Progress) -> io::Result<T>,
) -> Result<(T, bool), CommandError> {
    let verbosity = verbosity(talk);
    let progress = Progress::new(verbosity, display(verbosity, talk.no_progress));
    // Before, and where it is not this work that takes time, a signal ends the process as ever.
    let stop = Stop::default();
    let said = progress.clone();
    interrupt::listen(stop.clone(), move || {
        said.say("interrupted: finishing the report; once more to end at once");
    })
    .map_err(|source| CommandError::Runtime { source })?;
    let done = work(&stop, &progress);
    let interrupted = stop.finish();
    progress.finish();
    done.map(|done| (done, interrupted)).map_err(|source| CommandError::Runtime { source })
}

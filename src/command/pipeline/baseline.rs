//! The folder of the baseline, and what is wrong with it before a document is read.

use super::DriftRules;
use crate::baseline::Folder;
use crate::command::CommandError;
use crate::config::{Baseline, Config};
use crate::finding::{Notice, NoticeKind};
use crate::location::Repository;
use crate::untrusted::printable;

/// The folder of the baseline, which must be there where something is to be compared with it.
pub(in crate::command) fn folder(
    config: &Config,
    repository: &Repository,
) -> Result<Option<Folder>, CommandError> {
    let Some(baseline) = &config.baseline else { return Ok(None) };
    let folder = Folder::new(baseline.path.clone(), repository);
    if folder.is_there() {
        return Ok(Some(folder));
    }
    if !DriftRules::of(config).need_the_baseline() {
        return Ok(None);
    }
    if let Some(refusal) = not_a_folder(baseline, &folder) {
        return Err(refusal);
    }
    Err(refused_baseline(
        baseline,
        "there is no folder",
        "see whether it is written as it should be; `audit snapshot` writes a new one, from what is there now",
    ))
}

/// Where something else than a folder is in its place.
pub(in crate::command) fn not_a_folder(baseline: &Baseline, folder: &Folder) -> Option<CommandError> {
    let is_something_else = !folder.is_there() && folder.path().symlink_metadata().is_ok();
    is_something_else
        .then(|| refused_baseline(baseline, "it is no folder:", "name a folder of its own for the baseline"))
}

/// Where the baseline holds no document, nothing can be compared with it.
pub(in crate::command) fn empty_baseline(config: &Config, folder: &Folder) -> Option<Notice> {
    let message = || format!("{} holds no document: nothing is compared with it", folder.name("".as_ref()));
    let place = &config.baseline.as_ref().filter(|_| folder.holds_nothing())?.location;
    Some(Notice::new(NoticeKind::EmptyBaseline, message()).at(place.clone()))
}

fn refused_baseline(baseline: &Baseline, what: &str, help: &str) -> CommandError {
    let place = &baseline.location;
    let message = format!("{}:{}: {what} `{}`", place.file, place.region.line, baseline.written);
    CommandError::Usage { message: printable(&message).into_owned(), help: Some(help.to_owned()) }
}

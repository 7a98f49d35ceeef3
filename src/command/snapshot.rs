//! `audit snapshot`: what is becomes what was agreed.
//!
//! Nothing is written before everything has been fetched: an interrupted run changes nothing. Then each file is
//! replaced as a whole, and what could not be read this time is left as it was agreed.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::CommandError;
use super::configuration::{self, Loaded};
use super::output::{self, notices};
use super::pipeline::{self, Audited, Orphans, Work, not_a_folder, selection, unmatched};
use super::surroundings::{self, watched};
use crate::baseline::{BaselineError, Folder, file_of};
use crate::cli::SnapshotArgs;
use crate::document::{Document, Stored};
use crate::drift::{Change, compare};
use crate::source::{Depth, Request};
use crate::target::{TargetId, Unaudited};
use crate::untrusted::printable;

/// The most new files that are named.
const MOST_NEW: usize = 20;
/// The most changes that are shown of one file.
const MOST_CHANGES: usize = 10;

/// Writes the baseline, or says whether it differs, and returns the exit code.
pub(super) fn snapshot(args: &SnapshotArgs) -> Result<u8, CommandError> {
    let Loaded { config, repository, .. } = configuration::load(args.config.as_deref())?;
    let Some(baseline) = &config.baseline else {
        return Err(CommandError::Usage {
            message: "the configuration names no folder for the baseline".to_owned(),
            help: Some("add `baseline = \"baseline\"` to [audit]".to_owned()),
        });
    };
    let folder = Folder::new(baseline.path.clone(), &repository);
    if let Some(refusal) = not_a_folder(baseline, &folder) {
        return Err(refusal);
    }
    let selection = selection(&args.target, None)?;
    let profile = surroundings::named_profile();
    let ((mut audited, taken), interrupted) = watched(&args.talk, |stop, progress| {
        let request = Request {
            config: &config,
            repository: &repository,
            selection: &selection,
            depth: Depth::Settings,
            profile: profile.as_deref(),
            stop,
            progress,
        };
        pipeline::stream(&request, &Taking { folder: &folder })
    })?;
    if interrupted {
        output::print("Interrupted: nothing was written.\n")?;
        return Ok(130);
    }
    let unmatched = unmatched(&args.target, &selection, &audited, &config);
    audited.notices.extend(unmatched);
    let orphans = Orphans::of(&folder, &audited, &selection);
    let mut shot = Shot::new(taken)?;
    if !args.check {
        let _lock = lock(&folder)?;
        shot.write(&folder)?;
        if args.prune {
            shot.prune(&folder, &orphans)?;
        }
    }
    output::print(&shot.text(&folder, &audited, &orphans, args))?;
    Ok(shot.exit_code(&audited, &orphans, args))
}

/// Two that write at once would sweep away each other's unfinished files.
fn lock(folder: &Folder) -> Result<File, CommandError> {
    let locked = folder.lock().map_err(|source| unwritable(folder, Path::new(""), source))?;
    locked.ok_or_else(|| CommandError::Usage {
        message: format!("another `audit snapshot` writes to {}", shown(&folder.name(Path::new("")))),
        help: Some("try again when it has ended".to_owned()),
    })
}

/// The name of the folder, which is empty for the root of the repository.
fn shown(name: &str) -> Cow<'_, str> {
    if name.is_empty() { Cow::Borrowed(".") } else { printable(name) }
}

/// Documents next to what the folder holds of them.
struct Taking<'f> {
    folder: &'f Folder,
}

/// A document that is to be in the folder.
struct Taken {
    id: TargetId,
    state: State,
}

enum State {
    /// It is there.
    Equal,
    /// There is no file.
    New(String),
    /// The file holds another document; with the differences, unless only its writing differs.
    Changed(String, Vec<Change>),
    /// What the file holds is no document.
    Broken(String, String),
}

impl Work for Taking<'_> {
    type Worker = ();
    /// Or what is in the way: a file that must not be replaced, or cannot be.
    type Made = Result<Taken, BaselineError>;

    fn worker(&self) {}

    fn make(&self, (): &mut (), document: Document) -> (Self::Made, Option<Unaudited>) {
        (self.take(&document), None)
    }
}

impl Taking<'_> {
    fn take(&self, document: &Document) -> Result<Taken, BaselineError> {
        let id = document.target().id.clone();
        let file = file_of(&id);
        let name = || self.folder.name(&file);
        let text = document.to_pretty();
        let there = self.folder.bytes(&file);
        let state = match there.map_err(|source| BaselineError::Unreadable { file: name(), source })? {
            None => State::New(text),
            Some(bytes) if bytes == text.as_bytes() => State::Equal,
            Some(bytes) => match Stored::read(&bytes, name()) {
                Ok(stored) if stored.id != id => {
                    State::Broken(text, format!("it is the document of {}", stored.id))
                }
                Ok(stored) => State::Changed(text, compare(stored.value(), document.value())),
                // Whoever wrote it knew more.
                Err(source) if source.is_newer => {
                    return Err(BaselineError::Unusable { file: name(), source });
                }
                Err(error) => State::Broken(text, format!("line {}: {error}", error.region.line)),
            },
        };
        Ok(Taken { id, state })
    }
}

/// A file of the baseline that must not be replaced, or cannot be.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("{message}")]
pub struct InTheWay {
    message: String,
    #[help]
    help: Option<String>,
}

impl From<BaselineError> for InTheWay {
    fn from(error: BaselineError) -> Self {
        let message = printable(&error.to_string()).into_owned();
        let help = match error {
            BaselineError::Unusable { source, .. } => source.help,
            BaselineError::Unreadable { .. } | BaselineError::Misplaced { .. } => {
                Some("remove it: a regular file is written in its place".to_owned())
            }
        };
        Self { message, help }
    }
}

/// What is to be written, and what was.
struct Shot {
    taken: Vec<Taken>,
    /// Files without a target that were removed.
    pruned: usize,
}

impl Shot {
    /// Nothing is written where something is in the way: half a baseline would be agreed to.
    fn new(taken: Vec<Result<Taken, BaselineError>>) -> Result<Self, CommandError> {
        let mut problems = Vec::new();
        let taken = taken.into_iter().filter_map(|one| one.map_err(|error| problems.push(error.into())).ok());
        let taken = taken.collect();
        if problems.is_empty() {
            Ok(Self { taken, pruned: 0 })
        } else {
            Err(CommandError::Baseline { problems })
        }
    }

    fn write(&self, folder: &Folder) -> Result<(), CommandError> {
        folder.sweep();
        for Taken { id, state } in &self.taken {
            if let State::New(text) | State::Changed(text, _) | State::Broken(text, _) = state {
                folder
                    .write(id, text.as_bytes())
                    .map_err(|source| unwritable(folder, &file_of(id), source))?;
            }
        }
        Ok(())
    }

    fn prune(&mut self, folder: &Folder, orphans: &Orphans) -> Result<(), CommandError> {
        for file in &orphans.gone {
            folder.remove(file).map_err(|source| unwritable(folder, file, source))?;
            self.pruned += 1;
        }
        Ok(())
    }

    /// What is not as it was: nothing of it is written where it was only asked.
    fn differs(&self, orphans: &Orphans) -> bool {
        self.taken.iter().any(|taken| !matches!(taken.state, State::Equal))
            || !orphans.gone.is_empty()
            || !orphans.strays.is_empty()
    }

    /// How many changes weaken security.
    fn weakening(&self) -> usize {
        let changes = self.taken.iter().map(|taken| match &taken.state {
            State::Changed(_, changes) => changes.iter().filter(|change| change.weakens).count(),
            State::Equal | State::New(_) | State::Broken(..) => 0,
        });
        changes.sum()
    }

    fn exit_code(&self, audited: &Audited, orphans: &Orphans, args: &SnapshotArgs) -> u8 {
        if audited.is_incomplete() && !args.allow_incomplete {
            3
        } else {
            u8::from(args.check && self.differs(orphans))
        }
    }

    fn text(&self, folder: &Folder, audited: &Audited, orphans: &Orphans, args: &SnapshotArgs) -> String {
        let mut text = notices::text(&audited.notices);
        let mut counts = [0; 4];
        for Taken { id, state } in &self.taken {
            match state {
                State::Equal => counts[0] += 1,
                State::New(_) => {
                    counts[1] += 1;
                    if counts[1] <= MOST_NEW {
                        let _ = writeln!(text, "new        {id}");
                    }
                }
                State::Changed(_, changes) => {
                    counts[2] += 1;
                    let _ = writeln!(text, "changed    {id}");
                    write_changes(&mut text, changes);
                }
                State::Broken(_, why) => {
                    counts[3] += 1;
                    let _ = writeln!(text, "broken     {id}\n             {}", printable(why));
                }
            }
        }
        if counts[1] > MOST_NEW {
            let _ = writeln!(text, "new        and {} more", counts[1] - MOST_NEW);
        }
        let name = |file: &PathBuf| printable(&folder.name(file)).into_owned();
        for file in &orphans.gone {
            let what = if self.pruned > 0 { "removed" } else { "no target" };
            let _ = writeln!(text, "{what:<10} {}", name(file));
        }
        for (what, _) in &orphans.strays {
            let _ = writeln!(text, "stray      {}", printable(what));
        }
        for outcome in &audited.targets {
            let Some(why) = &outcome.unaudited else { continue };
            let _ =
                writeln!(text, "unaudited  {}\n             {}", outcome.target.id, printable(&why.message));
            if let Some(help) = &why.help {
                let _ = writeln!(text, "             help: {}", printable(help));
            }
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&self.summary(folder, counts, audited, orphans, args));
        text
    }

    fn summary(
        &self,
        folder: &Folder,
        [equal, new, changed, broken]: [usize; 4],
        audited: &Audited,
        orphans: &Orphans,
        args: &SnapshotArgs,
    ) -> String {
        let name = folder.name("".as_ref());
        let unaudited = audited.targets.iter().filter(|outcome| outcome.unaudited.is_some()).count();
        let parts = [
            (new, "new"),
            (changed, "changed"),
            (broken, "broken"),
            (equal, "unchanged"),
            (self.pruned, "removed"),
            (orphans.gone.len() - self.pruned, "without a target"),
            (unaudited, "unaudited"),
        ];
        let parts = parts.iter().filter(|(count, what)| *count > 0 || *what == "unchanged");
        let parts: Vec<String> = parts.map(|(count, what)| format!("{count} {what}")).collect();
        let mut text = format!("{}: {}\n", shown(&name), parts.join(", "));
        // This is the moment at which they are agreed to.
        match self.weakening() {
            0 => {}
            1 => text.push_str("1 change weakens security.\n"),
            many => {
                let _ = writeln!(text, "{many} changes weaken security.");
            }
        }
        if args.check {
            let is_written = changed + new + broken > 0;
            text.push_str(match (is_written, self.differs(orphans), audited.is_incomplete()) {
                (true, _, _) => "The baseline differs from what is there. `audit snapshot` writes it.\n",
                (false, true, _) => "The baseline differs from what is there.\n",
                (false, false, true) => "What could be read is as in the baseline.\n",
                (false, false, false) => "The baseline is as `audit snapshot` would write it.\n",
            });
        }
        if orphans.gone.len() > self.pruned {
            text.push_str("`audit snapshot --prune` removes files without a target.\n");
        }
        if unaudited > 0 {
            text.push_str("The files of unaudited targets are left as they were.\n");
        }
        match orphans.hidden.len() {
            0 => {}
            1 => text.push_str("1 file more may be without a target: that may be what could not be read.\n"),
            more => {
                let _ = writeln!(
                    text,
                    "{more} files more may be without a target: theirs may be what could not be read."
                );
            }
        }
        text
    }
}

fn write_changes(text: &mut String, changes: &[Change]) {
    for change in changes.iter().take(MOST_CHANGES) {
        let _ = writeln!(text, "             {}: {}", printable(&change.path), change.message());
    }
    match changes.len() {
        0 => text.push_str("             nothing that drift compares\n"),
        many if many > MOST_CHANGES => {
            let _ = writeln!(text, "             and {} more changes", many - MOST_CHANGES);
        }
        _ => {}
    }
}

fn unwritable(folder: &Folder, file: &Path, source: std::io::Error) -> CommandError {
    CommandError::Unwritable { name: Arc::clone(&folder.name(file)), source }
}

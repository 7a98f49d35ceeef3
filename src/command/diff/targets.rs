//! The targets that LEFT and RIGHT mean, and their settings.

use std::collections::BTreeSet;

use super::side::{Kind, Side};
use super::{Settings, hidden, unaudited};
use crate::cli::DiffArgs;
use crate::command::configuration::{self, Loaded};
use crate::command::pipeline::{self, Audited, Work};
use crate::command::surroundings::watched;
use crate::command::{CommandError, surroundings};
use crate::config::TargetGlob;
use crate::document::Document;
use crate::report::{Diff, Outcome};
use crate::source::{Depth, Request, Selection};
use crate::suggestion::nearest;
use crate::target::{TargetId, Unaudited};
use crate::untrusted::printable;

/// The most targets that are named.
const MOST: usize = 10;

/// What came of the targets that are asked for.
#[derive(Default)]
pub(super) struct Fetched {
    audited: Audited,
    documents: Vec<Document>,
    /// All targets there are, where none is one that was asked for.
    others: Vec<TargetId>,
    interrupted: bool,
}

/// Documents are kept as they came.
struct Keeping;

impl Work for Keeping {
    type Worker = ();
    type Made = Document;

    fn worker(&self) {}

    fn make(&self, (): &mut (), document: Document) -> (Document, Option<Unaudited>) {
        (document, None)
    }
}

impl Fetched {
    /// Fetches the targets of both sides at once; nothing, where neither is one.
    pub(super) fn of(args: &DiffArgs, sides: [&Side; 2]) -> Result<Self, CommandError> {
        let globs: Vec<TargetGlob> = sides.into_iter().filter_map(glob).cloned().collect();
        if globs.is_empty() {
            return Ok(Self::default());
        }
        let Loaded { config, repository, .. } =
            configuration::load(args.config.as_deref()).map_err(|error| without_config(error, sides))?;
        let selection = Selection { globs, shard: None };
        let profile = surroundings::named_profile();
        let (mut fetched, interrupted) = watched(&args.talk, |stop, progress| {
            let request = |selection, depth| Request {
                config: &config,
                repository: &repository,
                selection,
                depth,
                profile: profile.as_deref(),
                stop,
                progress,
            };
            let (audited, documents) = pipeline::stream(&request(&selection, Depth::Settings), &Keeping)?;
            let mut fetched = Self { audited, documents, others: Vec::new(), interrupted: false };
            let is_there = |glob: &TargetGlob| fetched.matching(glob).next().is_some();
            if !stop.is_stopped() && !fetched.audited.is_incomplete() && !selection.globs.iter().all(is_there)
            {
                let all = pipeline::list(&request(&Selection::default(), Depth::Targets))?.targets;
                fetched.others = all.into_iter().map(|outcome| outcome.target.id.clone()).collect();
            }
            Ok(fetched)
        })?;
        fetched.interrupted = interrupted;
        Ok(fetched)
    }

    /// The one target that a side means; `None` where it is none, or may be one that could not be read.
    pub(super) fn target_of(&self, side: &Side) -> Result<Option<&TargetId>, CommandError> {
        let Some(glob) = glob(side) else { return Ok(None) };
        let matching: BTreeSet<&TargetId> = self.matching(glob).map(|outcome| &outcome.target.id).collect();
        match (matching.first(), matching.len()) {
            (Some(id), 1) => Ok(Some(id)),
            (Some(_), _) => Err(many(side, &matching)),
            (None, _) if self.interrupted || self.audited.is_incomplete() => Ok(None),
            (None, _) => Err(none(side, &self.others)),
        }
    }

    /// The settings of a target; `None` where they could not be read.
    pub(super) fn settings(&self, id: &TargetId) -> Option<Settings> {
        let document = self.documents.iter().find(|document| document.target().id == *id)?;
        Some(Settings { id: id.clone(), name: id.as_str().to_owned(), value: document.value().clone() })
    }

    /// What could not be read, and what else happened.
    pub(super) fn say(self, sides: [&Side; 2], diff: &mut Diff) {
        let lacking = sides
            .into_iter()
            .filter(|side| glob(side).is_some_and(|glob| self.matching(glob).next().is_none()));
        diff.uncompared.extend(lacking.map(hidden));
        let whys = self.audited.targets.iter().filter_map(|outcome| outcome.unaudited.as_ref());
        diff.uncompared.extend(whys.map(unaudited));
        diff.notices = self.audited.notices;
        diff.interrupted = self.interrupted;
    }

    /// The targets that a glob means. One that does not say whose it is in full is none of them.
    fn matching(&self, glob: &TargetGlob) -> impl Iterator<Item = &Outcome> {
        self.audited.targets.iter().filter(move |Outcome { target, .. }| {
            !target.app_id.is_empty() && !target.resource.is_empty() && glob.is_match(&target.id)
        })
    }
}

fn glob(side: &Side) -> Option<&TargetGlob> {
    match &side.kind {
        Kind::Target(glob) => Some(glob),
        Kind::Folder(_) | Kind::File { .. } => None,
    }
}

/// Without a configuration there are no targets: then what was meant may be a path.
fn without_config(error: CommandError, sides: [&Side; 2]) -> CommandError {
    let CommandError::NoConfig { folder } = error else { return error };
    let named = sides.into_iter().find(|side| glob(side).is_some());
    CommandError::Usage {
        message: format!(
            "there is no file or folder `{}`, and no audit.toml in {} or above it that would have such a target",
            printable(named.map_or("", |side| &side.given)),
            printable(&folder.to_string_lossy())
        ),
        help: Some(
            "name a file or folder that is there, or the configuration of the target with --config"
                .to_owned(),
        ),
    }
}

fn many(side: &Side, matching: &BTreeSet<&TargetId>) -> CommandError {
    let named: Vec<_> = matching.iter().take(MOST).map(|id| printable(id.as_str())).collect();
    let more = match matching.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(" or one of {more} more"),
    };
    CommandError::Usage {
        message: format!("`{}` means {} targets", printable(&side.given), matching.len()),
        help: Some(format!("name one of them: {}{more}", named.join(", "))),
    }
}

fn none(side: &Side, others: &[TargetId]) -> CommandError {
    let parts = side.given.split('/').count();
    let beginning = |id: &TargetId| id.as_str().split('/').take(parts).collect::<Vec<_>>().join("/");
    let beginnings: BTreeSet<String> = others.iter().map(beginning).collect();
    let help = match nearest(&side.given, beginnings.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{}`?", printable(near)),
        None => "`audit targets` lists the targets".to_owned(),
    };
    CommandError::Usage {
        message: format!("there is no file, folder or target `{}`", printable(&side.given)),
        help: Some(help),
    }
}

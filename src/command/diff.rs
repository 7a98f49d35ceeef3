//! `audit diff`: two targets, documents or folders of documents next to each other.
//!
//! What could not be compared is said and makes the diff incomplete: no difference that nobody looked for passes for
//! none.

mod folders;
mod side;
mod targets;

use std::path::PathBuf;

use serde_json::Value;

use self::side::{Kind, Side};
use self::targets::Fetched;
use super::{CommandError, output, surroundings};
use crate::baseline::{BaselineError, file_of, read_document};
use crate::cli::DiffArgs;
use crate::config::PointerGlob;
use crate::document::Stored;
use crate::drift::{self, Difference};
use crate::location::{Location, Repository};
use crate::report::{self, Apart, Changed, Comparison, Diff, Extent, Obstacle, Uncompared};
use crate::target::{Cause, TargetId, Unaudited};
use crate::untrusted::printable;

/// Compares, and returns the exit code.
pub(super) fn diff(args: &DiffArgs) -> Result<u8, CommandError> {
    let ignore = Ignore::parse(&args.ignore)?;
    let here = surroundings::folder()
        .map_err(|source| CommandError::Unreadable { path: PathBuf::from("."), source })?;
    // Names are for whoever gave some of this folder, and is in it.
    let repository = Repository::at(&here);
    let left = Side::of(&args.left, &here, &repository)?;
    let right = Side::of(&args.right, &here, &repository)?;
    side::are_comparable(&left, &right)?;
    let mut diff = Diff {
        left: left.given.clone(),
        right: right.given.clone(),
        extent: Extent::Documents,
        comparisons: Vec::new(),
        uncompared: Vec::new(),
        notices: Vec::new(),
        ignored: 0,
        interrupted: false,
    };
    if let (Kind::Folder(left), Kind::Folder(right)) = (&left.kind, &right.kind) {
        diff.extent = Extent::Folders;
        folders::compare(left, right, &ignore, &mut diff);
    } else {
        documents(args, [&left, &right], &ignore, &mut diff)?;
    }
    let written = output::to_stdout(|style, out| args.format.write(&diff, style, out));
    written.map_err(|source| CommandError::Unwritable { name: "standard output".into(), source })?;
    Ok(diff.exit_code(args.allow_incomplete))
}

/// What may differ.
struct Ignore(Vec<PointerGlob>);

impl Ignore {
    fn parse(given: &[String]) -> Result<Self, CommandError> {
        let parse = |given: &String| {
            PointerGlob::parse(given).map_err(|what| CommandError::Usage {
                message: format!("--ignore {}: {}", printable(given), printable(&what)),
                help: None,
            })
        };
        let globs: Vec<PointerGlob> = given.iter().map(parse).collect::<Result<_, _>>()?;
        if PointerGlob::cover_everything(&globs) {
            return Err(CommandError::Usage {
                message: "--ignore leaves nothing to compare".to_owned(),
                help: Some(
                    "name what may differ, for example /ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs"
                        .to_owned(),
                ),
            });
        }
        Ok(Self(globs))
    }
}

/// The settings in a document of one side.
struct Settings {
    id: TargetId,
    name: String,
    value: Value,
}

impl Settings {
    fn stored(stored: &Stored, name: String) -> Self {
        Self { id: stored.id.clone(), name, value: stored.value().clone() }
    }

    fn side(self) -> report::Side {
        report::Side { id: self.id, name: self.name }
    }
}

/// Compares two documents, of which targets are fetched.
fn documents(
    args: &DiffArgs,
    sides: [&Side; 2],
    ignore: &Ignore,
    diff: &mut Diff,
) -> Result<(), CommandError> {
    let fetched = Fetched::of(args, sides)?;
    let [left, right] = sides;
    let (is_left, is_right) = (fetched.target_of(left)?, fetched.target_of(right)?);
    if let (Some(is_left), Some(is_right)) = (is_left, is_right)
        && is_left == is_right
    {
        return Err(CommandError::Usage {
            message: format!("LEFT and RIGHT are the same target: {}", printable(is_left.as_str())),
            help: Some("to compare a target with what was agreed, name the baseline as LEFT".to_owned()),
        });
    }
    let left = settings(left, &fetched, [is_left, is_right], &mut diff.uncompared)?;
    let right = settings(right, &fetched, [is_right, is_left], &mut diff.uncompared)?;
    if let (Some(left), Some(right)) = (left, right) {
        let comparison = compared(left, right, ignore, &mut diff.ignored);
        diff.comparisons.push(comparison);
    }
    fetched.say(sides, diff);
    Ok(())
}

/// The settings of one side, which is the target `own` or is compared with the target `other`; `None` where they cannot
/// be read, and that is said.
fn settings(
    side: &Side,
    fetched: &Fetched,
    [own, other]: [Option<&TargetId>; 2],
    uncompared: &mut Vec<Uncompared>,
) -> Result<Option<Settings>, CommandError> {
    let (name, read) = match (&side.kind, other) {
        (Kind::Target(_), _) => return Ok(own.and_then(|id| fetched.settings(id))),
        (Kind::File { path, name }, _) => (side.given.clone(), read_document(path, name.clone())),
        // Whose document is asked for is not known, and that is said of the target.
        (Kind::Folder(_), None) => return Ok(None),
        (Kind::Folder(folder), Some(id)) => {
            let read = folder.read(id).transpose().ok_or_else(|| side::has_no_document(side, id))?;
            (folder.name(&file_of(id)).to_string(), read)
        }
    };
    match read {
        Ok(stored) => Ok(Some(Settings::stored(&stored, name))),
        Err(error) => {
            uncompared.push(unusable(error));
            Ok(None)
        }
    }
}

/// The comparison of two documents; what may differ is counted.
fn compared(left: Settings, right: Settings, ignore: &Ignore, ignored: &mut usize) -> Comparison {
    let mut changes = drift::compare(&left.value, &right.value);
    let all = changes.len();
    changes.retain(|change| !ignore.0.iter().any(|glob| glob.covers(&change.path)));
    *ignored += all - changes.len();
    let changes = changes.into_iter().map(|change| {
        let message = change.message();
        let apart = match change.difference {
            Difference::Value { expected, actual } => Apart::Value { expected, actual },
            Difference::Members { missing, added } => Apart::Members { missing, added },
        };
        Changed { path: change.path, weakens: change.weakens, message, apart }
    });
    Comparison::Both { changes: changes.collect(), left: left.side(), right: right.side() }
}

/// A file that is no document.
fn unusable(error: BaselineError) -> Uncompared {
    let message = error.to_string();
    let (help, location) = match error {
        BaselineError::Unreadable { .. } => (None, None),
        BaselineError::Unusable { file, source } => (
            Some(source.help.unwrap_or_else(|| "write the file anew with `audit snapshot`".to_owned())),
            Some(Location { file, region: source.region }),
        ),
        BaselineError::Misplaced { place, .. } => (
            Some("move the file to where it belongs, or write it anew with `audit snapshot`".to_owned()),
            Some(place),
        ),
    };
    Uncompared { obstacle: Obstacle::Unusable, message, help, location }
}

/// A target that could not be read.
fn unaudited(why: &Unaudited) -> Uncompared {
    Uncompared {
        obstacle: Obstacle::Unaudited(why.kind),
        message: why.message.clone(),
        help: why.help.clone(),
        location: why.location.clone(),
    }
}

/// A target that did not come, and may be one of those that could not be read.
fn hidden(side: &Side) -> Uncompared {
    Uncompared {
        obstacle: Obstacle::Unaudited(Cause::NotFound),
        message: format!("no target that could be read is `{}`; it may be among what could not", side.given),
        help: None,
        location: None,
    }
}

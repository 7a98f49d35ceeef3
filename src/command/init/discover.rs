//! `audit init --discover`: looks where the credentials lead, and writes what it found.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{Found, FoundApp, starter, write};
use crate::cli::InitArgs;
use crate::command::pipeline::{self, Audited};
use crate::command::surroundings::watched;
use crate::command::{CommandError, configuration, output, surroundings};
use crate::finding::{Notice, NoticeKind, Unread};
use crate::report::{Listing, ListingFormat};
use crate::source::{Depth, REGIONS, Request, Selection};
use crate::target::{Cause, Target};
use crate::untrusted::printable;

/// Discovers, writes the configuration, and shows what is in it.
pub(super) fn discover(args: &InitArgs, path: &Path) -> Result<u8, CommandError> {
    // Before minutes of calls.
    if path.exists() && !args.force {
        return Err(CommandError::Exists { path: path.to_path_buf() });
    }
    let regions: Vec<String> =
        if args.region.is_empty() { REGIONS.map(str::to_owned).to_vec() } else { args.region.clone() };
    let look = Found { regions, profile: args.profile.clone(), ..Found::default() };
    let loaded = configuration::of_text(&look.to_string())?;
    let profile = surroundings::named_profile();
    let (audited, interrupted) = watched(&args.talk, |stop, progress| {
        pipeline::list(&Request {
            config: &loaded.config,
            repository: &loaded.repository,
            selection: &Selection::default(),
            depth: Depth::Targets,
            profile: profile.as_deref(),
            stop,
            progress,
        })
    })?;
    let Audited { targets, notices, inhabited, .. } = audited;
    // That nothing was found is said here, once. Nothing of this file is at any line of another one.
    let notices = notices.into_iter().filter(|notice| notice.kind != NoticeKind::EmptySource);
    let notices: Vec<Notice> = notices.map(|notice| Notice { location: None, ..notice }).collect();
    let found = found(args, targets.iter().map(|outcome| &*outcome.target), &notices, inhabited);
    let listing = Listing::new(targets, Vec::new(), notices, interrupted);
    let shown = output::to_stdout(|style, out| ListingFormat::Table.write(&listing, style, out));
    shown.map_err(|source| CommandError::Unwritable { name: "standard output".into(), source })?;
    if listing.targets.is_empty() || interrupted {
        let next = "other credentials (AWS_PROFILE, --profile) or another --region may see more; `audit init` writes a starter";
        output::print(&format!("nothing was written\n{next}\n"))?;
        return Ok(if interrupted { 130 } else { 3 });
    }
    write(path, &starter(Some(&found)), args.force)?;
    let whole =
        listing.notices.iter().all(|notice| !notice.kind.makes_incomplete() || is_not_enabled(notice));
    let (next, code) = if whole {
        ("next: look through it, then run `audit`", 0)
    } else {
        ("next: see to what was not seen (it stands in the file, too), then run `audit`", 3)
    };
    output::print(&format!("wrote {}\n{next}\n", printable(&path.to_string_lossy())))?;
    Ok(code)
}

/// Whether it is about a region that refuses good credentials: one that is not enabled for the account.
fn is_not_enabled(notice: &Notice) -> bool {
    let refused = |unread: &Unread| unread.why.kind == Cause::Credentials && unread.scope.region.is_some();
    notice.unread.as_ref().is_some_and(refused)
}

fn found<'t>(
    args: &InitArgs,
    targets: impl Iterator<Item = &'t Target>,
    notices: &[Notice],
    mut regions: BTreeSet<String>,
) -> Found {
    // A region that could not be read stays in: left out, nobody would miss it again.
    let unread = notices.iter().filter(|notice| !is_not_enabled(notice));
    regions.extend(unread.filter_map(|notice| notice.unread.as_ref()?.scope.region.clone()));
    let mut apps: BTreeMap<&str, (&Target, BTreeSet<&str>)> = BTreeMap::new();
    for target in targets {
        let app = apps.entry(&target.app_id).or_insert_with(|| (target, BTreeSet::new()));
        app.1.insert(&target.environment);
    }
    let apps = apps.into_iter().map(|(id, (target, environments))| FoundApp {
        id: id.to_owned(),
        name: target.app_name.clone(),
        place: [target.account.as_deref(), target.region.as_deref()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("/"),
        environments: environments.into_iter().map(str::to_owned).collect(),
    });
    let unseen = notices.iter().filter(|notice| notice.kind.makes_incomplete());
    Found {
        regions: regions.into_iter().collect(),
        profile: args.profile.clone(),
        apps: apps.collect(),
        unread: unseen.map(|notice| notice.message.clone()).collect(),
    }
}

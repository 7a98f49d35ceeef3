//! `audit init --discover`: looks where the credentials lead, and writes what it found.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{Found, FoundApp, starter, write};
use crate::cli::{ColorChoice, InitArgs};
use crate::command::pipeline::{self, Audited};
use crate::command::watched::watched;
use crate::command::{CommandError, configuration, output, surroundings};
use crate::finding::{Notice, NoticeKind};
use crate::report::{Listing, ListingFormat, Style};
use crate::source::{Depth, REGIONS, Request, Selection};
use crate::target::Target;

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
    let (audited, interrupted) = watched(&args.talk, ColorChoice::Auto, |stop, progress| {
        pipeline::list(&Request {
            config: &loaded.config,
            repository: &loaded.repository,
            selection: &Selection::default(),
            depth: Depth::Targets,
            stop,
            progress,
        })
    })?;
    let Audited { targets, notices, .. } = audited;
    // That nothing was found is said here, once. Nothing of this file is at any line of another one.
    let notices = notices.into_iter().filter(|notice| notice.kind != NoticeKind::EmptySource);
    let notices: Vec<Notice> = notices.map(|notice| Notice { location: None, ..notice }).collect();
    let found = found(args, targets.iter().map(|outcome| &*outcome.target), &notices);
    let listing = Listing::new(targets, notices, interrupted);
    let shown = output::to_stdout(ColorChoice::Auto, |color, out| {
        let style = Style { color, width: surroundings::width(), include_waived: false };
        ListingFormat::Table.write(&listing, &style, out)
    });
    shown.map_err(|source| CommandError::Unwritable { name: "standard output".into(), source })?;
    if listing.targets.is_empty() || interrupted {
        output::print("nothing was written\n")?;
        return Ok(if interrupted { 130 } else { 3 });
    }
    write(path, &starter(Some(&found)), args.force)?;
    let next = "next: look through it, then run `audit`";
    output::print(&format!("wrote {}\n{next}\n", path.display()))?;
    Ok(0)
}

fn found<'t>(args: &InitArgs, targets: impl Iterator<Item = &'t Target>, notices: &[Notice]) -> Found {
    let mut regions = BTreeSet::new();
    let mut apps: BTreeMap<&str, (&Target, BTreeSet<&str>)> = BTreeMap::new();
    for target in targets {
        regions.extend(target.region.clone());
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
    let unread = notices.iter().filter(|notice| notice.kind.makes_incomplete());
    Found {
        regions: regions.into_iter().collect(),
        profile: args.profile.clone(),
        apps: apps.collect(),
        unread: unread.map(|notice| notice.message.clone()).collect(),
    }
}

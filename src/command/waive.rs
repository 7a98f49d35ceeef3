//! `audit waive`: one waiver more in audit.toml, and every byte that was there kept.

mod append;

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::Path;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use self::append::{Entry, appended};
use super::configuration::{self, Loaded};
use super::{CommandError, output, pipeline, surroundings};
use crate::cli::WaiveArgs;
use crate::config::{Amplify, SourceKind, TargetGlob, Waiver, Wanted, path_glob};
use crate::report::unaudited_rule;
use crate::target::TargetId;
use crate::untrusted::printable;

/// Appends a waiver, and prints it with its place.
///
/// # Errors
/// Where the configuration cannot be used or written, where it has the waiver, and where the waiver could not hold.
pub(super) fn waive(args: &WaiveArgs) -> Result<u8, CommandError> {
    let today = surroundings::now().to_zoned(TimeZone::UTC).date();
    let (text, path) = configuration::read(args.config.as_deref())?;
    let loaded = configuration::of_file(&text, &path)?;
    let entry = entry(args, &loaded, today)?;
    let before = text;
    let text = appended(&before, &entry);
    // Not written before it has been read as what was asked for.
    let loaded = configuration::of_file(&text, &path)?;
    let Some(waiver) = loaded.config.waivers.iter().find(|waiver| entry.is(waiver)) else {
        return Err(CommandError::Usage {
            message: format!("{} would not say what was asked for, and is as it was", path.display()),
            help: Some(format!("write it by hand:\n{}", entry.table("\n"))),
        });
    };
    save(&path, &before, &text)?;
    let place = &waiver.location;
    let table = entry.table("\n");
    let lines: Vec<_> = table.lines().map(printable).collect();
    output::print(&format!(
        "appended to {}:{}\n\n{}\n{}",
        printable(&place.file),
        place.region.line,
        lines.join("\n"),
        covered(waiver, known(&loaded).as_deref())
    ))?;
    Ok(0)
}

/// Replaces the file, unless it is no longer what was read: another one may have been appended meanwhile.
fn save(path: &Path, before: &str, text: &str) -> Result<(), CommandError> {
    let unwritable = |source| CommandError::Unwritable { name: path.to_string_lossy().into(), source };
    let locked = File::open(path).map_err(unwritable)?;
    // A file system without locks has none.
    let _ = locked.lock();
    if fs::read_to_string(path).map_err(unwritable)? != before {
        return Err(CommandError::Usage {
            message: format!("{} was changed meanwhile, and is as it was changed", path.display()),
            help: Some("run the command again".to_owned()),
        });
    }
    output::save(path, text.as_bytes(), true).map_err(unwritable)
}

/// What a new waiver accepts, as far as that is known: nothing is fetched to know it.
fn covered(waiver: &Waiver, known: Option<&[TargetId]>) -> String {
    let mut text = String::new();
    let count = known.map(|known| known.iter().filter(|id| waiver.target.is_match(id)).count());
    if waiver.path.is_none() {
        let targets = match count {
            Some(1) => " (1 target now)".to_owned(),
            Some(count) => format!(" ({count} targets now)"),
            None => String::new(),
        };
        let _ = writeln!(
            text,
            "\nit accepts every finding of {} in `{}`{targets}, present and future; --path narrows it",
            waiver.rule,
            printable(&waiver.target_pattern)
        );
    }
    if let (Some(0), Some(known)) = (count, known) {
        let meant = waiver.target.nearest(known).map(|id| format!("; did you mean `{id}`?"));
        let _ = writeln!(
            text,
            "\nnote: no target matches `{}`{}",
            printable(&waiver.target_pattern),
            meant.unwrap_or_default()
        );
    }
    text
}

/// The ids of all targets, where the configuration and its recordings tell them without a call.
fn known(loaded: &Loaded) -> Option<Vec<TargetId>> {
    let mut ids = Vec::new();
    for source in &loaded.config.sources {
        match &source.kind {
            SourceKind::Recordings(_) => {}
            SourceKind::Amplify(Amplify { wanted: Wanted::Targets(targets), .. }) => {
                for target in targets {
                    let resource = target.resource.as_ref()?;
                    ids.push(TargetId::new(&target.app, &target.environment, resource));
                }
            }
            SourceKind::Amplify(_) => return None,
        }
    }
    let recorded = pipeline::recorded(&loaded.config, &loaded.repository).ok()?;
    // A file that names no target may hold the one that is meant.
    let named = recorded.targets.iter().all(|outcome| !outcome.target.app_id.is_empty());
    ids.extend(recorded.targets.into_iter().map(|outcome| outcome.target.id.clone()));
    named.then_some(ids)
}

/// The waiver that the arguments ask for.
fn entry<'a>(args: &'a WaiveArgs, loaded: &Loaded, today: Date) -> Result<Entry<'a>, CommandError> {
    let refused = |message: String, help: Option<String>| Err(CommandError::Usage { message, help });
    let WaiveArgs { rule, target, until, .. } = args;
    if *rule == unaudited_rule().id {
        let help = "leave its target out (`exclude` of its source), or let the run be green all the same: --allow-incomplete";
        return refused("what was not audited cannot be waived".to_owned(), Some(help.to_owned()));
    }
    if !loaded.catalogue.rules.contains(rule) {
        let help = loaded.catalogue.nearest_rule(rule);
        let help = help.unwrap_or_else(|| "`audit rules` lists them".to_owned());
        return refused(format!("there is no rule `{}`", printable(rule)), Some(help));
    }
    let targets = match TargetGlob::parse(target) {
        Ok(targets) => targets,
        Err(what) => return refused(format!("`{}`: {}", printable(target), printable(&what)), None),
    };
    if let Some(Err(what)) = args.path.as_deref().map(path_glob) {
        return refused(format!("--path: {}", printable(&what)), None);
    }
    for (option, text) in [("--reason", Some(&args.reason)), ("--owner", args.owner.as_ref())] {
        if text.is_some_and(|text| text.trim().is_empty()) {
            return refused(format!("{option} is empty"), None);
        }
    }
    // Reports print the command with a `…` in its place.
    if !args.reason.contains(char::is_alphanumeric) {
        let help = "write why the finding is accepted, for who reviews it";
        return refused(
            format!("--reason `{}` gives no reason", printable(&args.reason)),
            Some(help.to_owned()),
        );
    }
    if *until < today {
        let help = format!("today is {today}; a waiver holds until the end of its last day");
        return refused(format!("--until {until}: that day has passed"), Some(help));
    }
    let entry = Entry {
        rule,
        target,
        path: args.path.as_deref(),
        reason: &args.reason,
        owner: args.owner.as_deref(),
        until: *until,
    };
    let is_same = |waiver: &&Waiver| {
        waiver.rule == *rule && waiver.target == targets && append::path_of(waiver) == entry.path
    };
    if let Some(there) = loaded.config.waivers.iter().find(is_same) {
        let place = format!("{}:{}", printable(&there.location.file), there.location.region.line);
        let holds = if there.expires < today { "expired on" } else { "holds until" };
        let message = format!(
            "there is a waiver of {rule} for `{}` already: that of {place} {holds} {}",
            printable(&there.target_pattern),
            there.expires
        );
        return refused(message, Some("change its `expires` and its `reason` there".to_owned()));
    }
    Ok(entry)
}

#[cfg(test)]
mod tests;

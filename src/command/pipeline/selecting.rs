//! `--target` and `--shard`: which targets are wanted, and what to say where none of them is there.

use std::sync::Arc;

use super::Audited;
use crate::command::CommandError;
use crate::config::{Config, TargetGlob};
use crate::finding::{Notice, NoticeKind, Rule};
use crate::location::{Location, Region};
use crate::policy::Pack;
use crate::source::Selection;
use crate::target::Shard;
use crate::untrusted::printable;

/// The selection of a command line.
pub(in crate::command) fn selection(
    globs: &[String],
    shard: Option<Shard>,
) -> Result<Selection, CommandError> {
    globs
        .iter()
        .map(|glob| {
            TargetGlob::parse(glob).map_err(|what| CommandError::Usage {
                message: printable(&format!("--target {glob}: {what}")).into_owned(),
                help: None,
            })
        })
        .collect::<Result<_, _>>()
        .map(|globs| Selection { globs, shard })
}

/// What was asked for and is not there, in this shard or another one: any target, or one for each
/// `--target`. A file that names no target may hold the one that was meant.
pub(in crate::command) fn unmatched(
    given: &[String],
    selection: &Selection,
    audited: &Audited,
    config: &Config,
) -> Vec<Notice> {
    let here = audited.targets.iter().map(|outcome| &outcome.target.id);
    let all: Vec<_> = here.chain(&audited.elsewhere).collect();
    let mut notices = Vec::new();
    if given.is_empty() && all.is_empty() {
        let message = "there is no target: nothing was audited";
        notices.push(Notice::new(NoticeKind::NoTarget, message).at(first_source(config)));
    } else if let (Some(shard), true, false) =
        (selection.shard, audited.targets.is_empty(), audited.elsewhere.is_empty())
    {
        let message = format!("shard {shard} has none of the {} targets", audited.elsewhere.len());
        notices.push(Notice::new(NoticeKind::EmptyShard, message));
    }
    let unmatched = given.iter().zip(&selection.globs);
    let unmatched = unmatched.filter(|(_, glob)| !all.iter().any(|id| glob.is_match(id)));
    notices.extend(unmatched.map(|(given, glob)| {
        let known = all.iter().copied().chain(&audited.unasked);
        let meant = glob.nearest(known).map(|id| id.as_str().trim_end_matches('/'));
        let meant = meant.map(|id| format!("; did you mean `{id}`?")).unwrap_or_default();
        let message = format!("no target matches --target {given}{meant}");
        Notice::new(NoticeKind::NoTarget, message).at(first_source(config))
    }));
    notices
}

/// Where it is said which targets there are.
fn first_source(config: &Config) -> Location {
    // INVARIANT: a valid configuration has a source; without a place, a notice is no result of SARIF.
    config.sources[0].location.clone()
}

/// That rules which compare the environments of an app saw only some of them.
pub(in crate::command) fn part_of_apps(given: &[String], pack: &Pack) -> Option<Notice> {
    let narrows = |glob: &String| glob.split('/').skip(1).any(|part| part.chars().any(|c| c != '*'));
    let rules: Vec<&str> = pack.of_apps().map(|rule| rule.id.as_str()).collect();
    (given.iter().any(narrows) && !rules.is_empty()).then(|| {
        let message =
            format!("because of --target, these rules saw only a part of each app: {}", rules.join(", "));
        Notice::new(NoticeKind::PartOfApp, message)
    })
}

/// Where no rule is enabled, a run without findings says nothing.
pub(in crate::command) fn no_rules(rules: &[Arc<Rule>], config: &Config) -> Option<Notice> {
    let message = "no rule is enabled: nothing can be found";
    let place = || Location { region: Region::START, ..first_source(config) };
    rules.is_empty().then(|| Notice::new(NoticeKind::NoRules, message).at(place()))
}

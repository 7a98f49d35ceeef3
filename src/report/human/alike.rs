//! What failed alike is said once, with the names of all that it holds for: one missing permission is
//! one paragraph, whether it hides one app or three hundred.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use owo_colors::Style as Paint;

use super::{Page, one_line, place};
use crate::finding::{Notice, NoticeKind, Unread};
use crate::location::Location;
use crate::report::Outcome;
use crate::target::{Cause, Scope, Unaudited};
use crate::untrusted::shortened;

/// The most names in one paragraph; the JSON report has all.
const MOST_NAMED: usize = 20;

/// The most characters of each of several messages in one paragraph.
const LONGEST: usize = 100;

/// The unaudited targets, by what is wrong and where.
pub(super) fn unaudited(page: &mut Page<'_>, targets: &[Outcome]) -> io::Result<()> {
    let mut groups: BTreeMap<_, Vec<(&Outcome, &Unaudited)>> = BTreeMap::new();
    for outcome in targets {
        if let Some(why) = &outcome.unaudited {
            let target = &outcome.target;
            let key = (why.kind, &target.account, &target.region, &why.gist, &why.help);
            groups.entry(key).or_default().push((outcome, why));
        }
    }
    groups.into_values().try_for_each(|group| unaudited_alike(page, &group))
}

fn unaudited_alike(page: &mut Page<'_>, group: &[(&Outcome, &Unaudited)]) -> io::Result<()> {
    let Some((first, why)) = group.first() else { return Ok(()) };
    let (text, example) = said(group.iter().map(|(_, why)| *why), why);
    let text = if group.len() == 1 {
        text.to_owned()
    } else {
        let part = [first.target.account.as_deref(), first.target.region.as_deref()];
        let part: Vec<&str> = part.into_iter().flatten().collect();
        let part = if part.is_empty() { String::new() } else { format!(" in {}", part.join("/")) };
        format!("{} targets{part}: {text}", group.len())
    };
    let head = page.paint(&format!("unaudited[{}]", why.kind.as_str()), Paint::new().red().bold());
    page.wrapped(&format!("  {head}: "), "  ", &one_line(&text))?;
    let mut places: BTreeMap<&Location, Vec<&str>> = BTreeMap::new();
    for (Outcome { target, .. }, why) in group {
        let at = why.location.as_ref().unwrap_or(&target.declared);
        places.entry(at).or_default().push(target.id.as_str());
    }
    let mut left = MOST_NAMED;
    for (at, ids) in places {
        let ids = &ids[..ids.len().min(left)];
        if !ids.is_empty() {
            page.part("at", &format!("{} ({})", place(at), ids.join(", ")))?;
            left -= ids.len();
        }
    }
    more(page, group.len())?;
    ending(page, example, why)
}

/// The notices; those that say the same of many are one.
pub(super) fn notices(page: &mut Page<'_>, notices: &[Notice]) -> io::Result<()> {
    let mut index = BTreeMap::new();
    let mut groups: Vec<Vec<&Notice>> = Vec::new();
    for notice in notices {
        let next = groups.len();
        let group = Alike::of(notice).map_or(next, |alike| *index.entry(alike).or_insert(next));
        match groups.get_mut(group) {
            Some(group) => group.push(notice),
            None => groups.push(vec![notice]),
        }
    }
    groups.iter().try_for_each(|group| notices_alike(page, group))
}

/// What notices of one paragraph have in common.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Alike<'r> {
    Unread(Cause, &'r str, Option<&'r str>),
    Kind(NoticeKind),
}

impl<'r> Alike<'r> {
    /// `None` for a notice that stands alone.
    fn of(notice: &'r Notice) -> Option<Self> {
        match &notice.unread {
            Some(Unread { why, .. }) => Some(Self::Unread(why.kind, &why.gist, why.help.as_deref())),
            None => many(notice.kind).map(|_| Self::Kind(notice.kind)),
        }
    }
}

/// What is said of many notices of a kind that is no failure; `None` for a kind whose notices have
/// nothing in common.
fn many(kind: NoticeKind) -> Option<&'static str> {
    match kind {
        NoticeKind::DuplicateTarget => {
            Some("targets come twice: the source that stands first counts, the other is left out")
        }
        NoticeKind::Gen2App => Some(
            "branches are of Amplify Gen 2: GetBackendAuth does not have their settings, and nothing of them was audited",
        ),
        NoticeKind::NoAuth => Some("apps or environments have no auth resource"),
        NoticeKind::ImportedAuth => Some("auth resources are imported: their pools are managed elsewhere"),
        NoticeKind::BaselineOrphan => Some("files of the baseline are no target's"),
        NoticeKind::DriftUnpaired => {
            Some("targets of [[drift]] have no counterpart: they were compared with none")
        }
        NoticeKind::Unreadable
        | NoticeKind::EmptyBaseline
        | NoticeKind::EmptyDrift
        | NoticeKind::FilterUnused
        | NoticeKind::WaiverExpired
        | NoticeKind::WaiverExpiring
        | NoticeKind::WaiverUnused
        | NoticeKind::EmptyShard
        | NoticeKind::Carried
        | NoticeKind::PartOfApp
        | NoticeKind::EmptySource
        | NoticeKind::NoTarget
        | NoticeKind::NoRules => None,
    }
}

fn notices_alike(page: &mut Page<'_>, group: &[&Notice]) -> io::Result<()> {
    let Some(first) = group.first() else { return Ok(()) };
    let kind = first.kind.as_str();
    let head = if first.kind.makes_incomplete() {
        page.paint(&format!("incomplete[{kind}]"), Paint::new().red().bold())
    } else {
        page.paint(&format!("notice[{kind}]"), Paint::new().yellow())
    };
    let unread: Vec<&Unread> = group.iter().filter_map(|notice| notice.unread.as_ref()).collect();
    let text = match (&unread[..], many(first.kind)) {
        _ if group.len() == 1 => first.message.clone(),
        ([Unread { why, .. }, ..], _) => {
            let (text, _) = said(unread.iter().map(|unread| &unread.why), why);
            format!("{} {} could not be read: {text}", group.len(), noun(&unread))
        }
        ([], what) => format!("{} {}", group.len(), what.unwrap_or_default()),
    };
    page.wrapped(&format!("  {head}: "), "  ", &one_line(&text))?;
    if group.len() > 1 {
        let names: Vec<String> = unread.iter().take(MOST_NAMED).map(|unread| name(&unread.scope)).collect();
        if names.is_empty() {
            for notice in group.iter().take(MOST_NAMED) {
                // What they have in common has been said, and they begin with what they do not.
                page.wrapped("        ", "          ", &one_line(&shortened(&notice.message, LONGEST)))?;
            }
        } else {
            page.part("of", &names.join(", "))?;
        }
        more(page, group.len())?;
    }
    let places: BTreeSet<&Location> = group.iter().filter_map(|notice| notice.location.as_ref()).collect();
    if !places.is_empty() {
        let places: Vec<String> = places.into_iter().take(MOST_NAMED).map(place).collect();
        page.part("at", &places.join(", "))?;
    }
    if first.kind == NoticeKind::Gen2App && group.len() > 1 {
        page.part(
            "help",
            "where that is agreed, leave them out: exclude = [\"APP/BRANCH\", …] in their source",
        )?;
    }
    match unread.first() {
        Some(Unread { why, .. }) => {
            let (_, example) = said(unread.iter().map(|unread| &unread.why), why);
            ending(page, example, why)
        }
        None => page.line(""),
    }
}

/// What is said of all, and an example where the service said it in different words: the message where
/// it is one, else what they have in common.
fn said<'r>(
    mut all: impl Iterator<Item = &'r Unaudited>,
    first: &'r Unaudited,
) -> (&'r str, Option<&'r str>) {
    if all.all(|why| why.message == first.message) {
        (&first.message, None)
    } else {
        (&first.gist, Some(&first.message))
    }
}

fn more(page: &mut Page<'_>, all: usize) -> io::Result<()> {
    match all.saturating_sub(MOST_NAMED) {
        0 => Ok(()),
        more => page.wrapped("        ", "        ", &format!("and {more} more; the JSON report has all")),
    }
}

fn ending(page: &mut Page<'_>, example: Option<&str>, why: &Unaudited) -> io::Result<()> {
    if let Some(example) = example {
        page.part("e.g.", example)?;
    }
    if let Some(help) = &why.help {
        page.part("help", help)?;
    }
    page.line("")
}

fn noun(all: &[&Unread]) -> &'static str {
    let whole = |part: fn(&Scope) -> bool| all.iter().all(|unread| part(&unread.scope));
    if whole(|scope| scope.environment.is_some()) {
        "environments"
    } else if whole(|scope| scope.app_id.is_some() && scope.environment.is_none()) {
        "apps"
    } else if whole(|scope| scope.app_id.is_none() && scope.region.is_some()) {
        "regions"
    } else if whole(|scope| scope.app_id.is_none() && scope.region.is_none() && scope.account.is_some()) {
        "accounts"
    } else {
        "parts of the fleet"
    }
}

fn name(scope: &Scope) -> String {
    let Scope { account, region, app_id, environment } = scope;
    let parts: Vec<&str> =
        [account, region, app_id, environment].into_iter().filter_map(|part| part.as_deref()).collect();
    if parts.is_empty() { "everything".to_owned() } else { parts.join("/") }
}

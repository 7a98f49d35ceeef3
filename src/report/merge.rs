//! One report from those of the shards of one run: no finding lost, none twice.
//!
//! Shards that do not belong together, or are not all there, would make a report that is silent about
//! a part of the fleet. They are refused, with every problem at once.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;

use super::{Leniency, Report, Stored};
use crate::finding::{Notice, NoticeKind, Severity};
use crate::location::Location;
use crate::target::{Cause, Scope, Shard, TargetId};
use crate::untrusted::{printable, shortened};

/// Why reports cannot be merged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("{message}")]
pub struct MergeError {
    /// What is wrong, with the names of the files.
    pub message: String,
    /// What to do.
    #[help]
    pub help: Option<String>,
}

impl MergeError {
    fn new(message: &str, help: &str) -> Self {
        Self { message: printable(message).into_owned(), help: Some(help.to_owned()) }
    }
}

/// The longest time between the beginnings of two shards of one run: so long may a job wait for a machine, and runs of a
/// daily schedule are further apart.
const LONGEST_APART: SignedDuration = SignedDuration::from_hours(12);

/// The most targets that are named of those that two files have.
const MOST_NAMED: usize = 5;

/// Joins all shards of one run. One whole report alone stays as it is.
///
/// # Errors
/// Everything that keeps the files from being one run.
pub fn merge(files: Vec<Stored>, leniency: Leniency) -> Result<Report, Vec<MergeError>> {
    let mut problems = together(&files);
    if problems.is_empty() {
        problems = foreign(&files);
    }
    problems.extend(overlaps(&files));
    problems.extend(alike(&files));
    problems.extend(apart(&files));
    if !problems.is_empty() {
        return Err(problems);
    }
    let whole = files.iter().all(|file| file.report.shard.is_none());
    let lost = lost(&files);
    let mut reports: Vec<Report> = files.into_iter().map(|file| file.report).collect();
    let seen: BTreeSet<(String, String)> = reports
        .iter()
        .flat_map(|report| &report.targets)
        .map(|outcome| (outcome.target.app_id.clone(), outcome.target.environment.clone()))
        .collect();
    let all_notices: Vec<_> = reports.iter_mut().map(|report| notices_of(report, &seen)).collect();
    let Some(mut merged) = reports.pop() else {
        return Err(vec![MergeError::new("there is no report to merge", "name the reports of all shards")]);
    };
    for report in reports {
        merged.started_at = merged.started_at.min(report.started_at);
        merged.duration = merged.duration.max(report.duration);
        merged.interrupted |= report.interrupted;
        merged.targets.extend(report.targets);
        merged.findings.extend(report.findings);
    }
    merged.notices = joined(all_notices);
    if !whole {
        merged.notices.retain(|notice| notice.kind != NoticeKind::EmptyShard);
        let said = merged.notices.iter().any(|notice| notice.kind == NoticeKind::NoTarget);
        if merged.targets.is_empty() && !said {
            let message = "no shard has a target: nothing was audited";
            merged.notices.push(Notice::new(NoticeKind::NoTarget, message));
        }
    }
    merged.notices.extend(lost);
    merged.elsewhere.clear();
    merged.shard = None;
    merged.leniency = leniency;
    merged.sort();
    Ok(merged)
}

/// Whether the files are all shards of one run, each once.
fn together(files: &[Stored]) -> Vec<MergeError> {
    let mut by_shard: BTreeMap<Shard, Vec<&str>> = BTreeMap::new();
    let mut problems = Vec::new();
    for file in files {
        match file.report.shard {
            Some(shard) => by_shard.entry(shard).or_default().push(&file.file),
            None if files.len() == 1 => return problems,
            None => problems.push(MergeError::new(
                &format!("{} is the report of a whole run, not of a shard", file.file),
                "a whole report is given alone; a shard is written by `audit --shard I/N --output json=PATH`",
            )),
        }
    }
    for (shard, names) in by_shard.iter().filter(|(_, names)| names.len() > 1) {
        problems.push(MergeError::new(
            &format!("shard {shard} is there {} times: {}", names.len(), names.join(", ")),
            "give one report of each shard",
        ));
    }
    let mut counts: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for (shard, names) in &by_shard {
        counts.entry(shard.count).or_default().extend(names.iter().map(|name| format!("{name} ({shard})")));
    }
    if counts.len() > 1 {
        let all: Vec<String> = counts.into_values().flatten().collect();
        problems.push(MergeError::new(
            &format!("the runs were split differently: {}", all.join(", ")),
            "give the reports of one run, all with the same N of --shard I/N",
        ));
    } else if let Some(count) = counts.into_keys().next() {
        let shards = (1..=count).map(|index| Shard { index, count });
        let missing: Vec<_> =
            shards.filter(|shard| !by_shard.contains_key(shard)).map(|shard| shard.to_string()).collect();
        if !missing.is_empty() {
            problems.push(MergeError::new(
                &format!("not all shards are there, missing: {}", first_of(&missing, 20)),
                "give the reports of all shards: without one, its targets would pass unseen",
            ));
        }
    }
    problems
}

/// Targets that are of another shard than their file.
fn foreign(files: &[Stored]) -> Vec<MergeError> {
    let mut problems = Vec::new();
    for file in files {
        let Some(shard) = file.report.shard else { continue };
        // A file that does not say who it is stands in the shard of the target that it was read for.
        let foreign = file.report.targets.iter().map(|outcome| &outcome.target);
        let foreign = foreign.filter(|target| !target.app_id.is_empty() && !shard.includes(&target.id));
        let foreign: Vec<&str> = foreign.map(|target| target.id.as_str()).collect();
        if !foreign.is_empty() {
            let ids = first_of(&foreign, MOST_NAMED);
            problems.push(MergeError::new(
                &format!("{} is of shard {shard}, and has targets of others: {ids}", file.file),
                "give the reports as `audit --shard` wrote them",
            ));
        }
    }
    problems
}

/// Targets that two shards have.
fn overlaps(files: &[Stored]) -> Vec<MergeError> {
    let mut first: BTreeMap<&TargetId, usize> = BTreeMap::new();
    let mut twice: BTreeMap<(usize, usize), Vec<&str>> = BTreeMap::new();
    for (index, file) in files.iter().enumerate() {
        for outcome in &file.report.targets {
            let id = &outcome.target.id;
            match first.get(id) {
                // Of one shard given twice, everything is there twice; that is said already.
                Some(other) if files[*other].report.shard == file.report.shard => {}
                Some(other) => twice.entry((*other, index)).or_default().push(id.as_str()),
                None => {
                    first.insert(id, index);
                }
            }
        }
    }
    let problem = |((first, second), ids): ((usize, usize), Vec<&str>)| {
        let ids = first_of(&ids, MOST_NAMED);
        MergeError::new(
            &format!("{} and {} have the same targets: {ids}", files[first].file, files[second].file),
            "give the reports of one run: each target is in one shard",
        )
    };
    twice.into_iter().map(problem).collect()
}

/// The names, but not all of very many.
fn first_of<N: AsRef<str>>(names: &[N], most: usize) -> String {
    let text = names.iter().take(most).map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(most) {
        0 => text,
        more => format!("{text} and {more} more"),
    }
}

/// Whether the shards judged alike.
fn alike(files: &[Stored]) -> Vec<MergeError> {
    let rules = |file: &Stored| -> BTreeMap<String, Severity> {
        file.report.rules.iter().map(|rule| (rule.id.clone(), rule.severity)).collect()
    };
    let Some((first, others)) = files.split_first() else { return Vec::new() };
    let first_rules = rules(first);
    let mut problems = Vec::new();
    for other in others {
        let (a, b) = (&first.file, &other.file);
        if first.tool != other.tool {
            let versions = [&first.tool, &other.tool].map(|version| shortened(version, 40));
            problems.push(MergeError::new(
                &format!("{a} was written by audit {}, and {b} by {}", versions[0], versions[1]),
                "run all shards with one version",
            ));
        }
        let its_rules = rules(other);
        if first_rules != its_rules {
            let differ = first_rules.iter().filter(|(id, severity)| its_rules.get(*id) != Some(severity));
            let added = its_rules.iter().filter(|(id, _)| !first_rules.contains_key(*id));
            let differ: Vec<_> =
                differ.chain(added).map(|(id, _)| shortened(id, 60)).take(MOST_NAMED).collect();
            problems.push(MergeError::new(
                &format!("{a} and {b} were judged by different rules or severities: {}", differ.join(", ")),
                "run all shards with one configuration and the same --rule",
            ));
        }
        if first.report.asked != other.report.asked {
            problems.push(MergeError::new(
                &format!("{a} and {b} were asked for other targets, or by another configuration"),
                "run all shards with one audit.toml and the same --target",
            ));
        }
        if first.report.asked == other.report.asked
            && first_rules == its_rules
            && first.report.selection != other.report.selection
        {
            problems.push(MergeError::new(
                &format!("{a} and {b} were asked for other targets or rules"),
                "run all shards with the same --target and --rule",
            ));
        }
        if first.report.fail_on != other.report.fail_on {
            let name = |file: &Stored| file.report.fail_on.map_or("none", Severity::as_str);
            problems.push(MergeError::new(
                &format!("the threshold of {a} is {}, and that of {b} is {}", name(first), name(other)),
                "run all shards with the same --fail-on",
            ));
        }
    }
    problems
}

/// Whether the shards were audited at one time: a report that an earlier run left would pass for today's.
fn apart(files: &[Stored]) -> Option<MergeError> {
    let began = |file: &&Stored| file.report.started_at;
    let (first, last) = (files.iter().min_by_key(began)?, files.iter().max_by_key(began)?);
    let apart = began(&last).duration_since(began(&first));
    (apart > LONGEST_APART).then(|| {
        let [a, b] = [first, last].map(|file| format!("{} on {:.0}", file.file, file.report.started_at));
        MergeError::new(
            &format!("the shards are not of one run: {a}, and {b}"),
            "give the reports of one run; a file that an earlier one left is none of it",
        )
    })
}

/// Targets that a shard saw and left to another one, in whose report they are not: it saw less than this one did.
fn lost(files: &[Stored]) -> Vec<Notice> {
    let audited: BTreeSet<&str> = files
        .iter()
        .flat_map(|file| &file.report.targets)
        .map(|outcome| outcome.target.id.as_str())
        .collect();
    // Where the resource was not looked up, the id ends early, here or there.
    let is_there = |id: &str| {
        let beginning = id.rfind('/').map_or(id, |end| &id[..=end]);
        audited.contains(id)
            || audited.contains(beginning)
            || (beginning == id && audited.range(id..).next().is_some_and(|next| next.starts_with(id)))
    };
    let mut lost: BTreeMap<&str, Shard> = BTreeMap::new();
    for file in files {
        let Some(shard) = file.report.shard else { continue };
        for id in file.report.elsewhere.iter().map(TargetId::as_str).filter(|id| !is_there(id)) {
            lost.entry(id).or_insert(shard);
        }
    }
    let said = |(id, shard): (&str, Shard)| {
        let message =
            format!("{id} was seen by shard {shard}, and is in no report of the shard that it falls to");
        Notice::new(NoticeKind::LostTarget, message)
    };
    lost.into_iter().map(said).collect()
}

/// The notices of a shard, with those that are only true if all shards have them. `seen`: the apps and environments that
/// any shard has targets of.
fn notices_of(report: &mut Report, seen: &BTreeSet<(String, String)>) -> Vec<Notice> {
    let unused_here = std::mem::take(&mut report.unused_here);
    let shard = report.shard;
    // Of an app that falls to another shard, and that this one has seen, it says itself what it could not read: here
    // nothing is missing.
    let is_of_another = |notice: &Notice| {
        let scope = notice.unread.as_ref().map(|unread| &unread.scope);
        let of_app =
            shard.zip(scope).and_then(|(shard, scope)| Some((shard, scope, scope.app_id.as_deref()?)));
        of_app.is_some_and(|(shard, scope, app)| {
            let is_it = |environment: &str| scope.environment.as_deref().is_none_or(|of| of == environment);
            !shard.includes(&TargetId::new(app, "", ""))
                && seen.iter().any(|(of, environment)| of == app && is_it(environment))
        })
    };
    let notices = std::mem::take(&mut report.notices).into_iter().filter(|notice| !is_of_another(notice));
    notices.chain(unused_here).collect()
}

/// The notices of all shards, each once.
fn joined(shards: Vec<Vec<Notice>>) -> Vec<Notice> {
    let all = shards.len();
    let mut notices: BTreeMap<Key, (Notice, usize, usize)> = BTreeMap::new();
    for (shard, notice) in shards
        .into_iter()
        .enumerate()
        .flat_map(|(shard, notices)| notices.into_iter().map(move |n| (shard, n)))
    {
        let (_, last, count) = notices.entry(Key::of(&notice)).or_insert((notice, shard, 1));
        if *last != shard {
            (*last, *count) = (shard, *count + 1);
        }
    }
    notices
        .into_values()
        .filter(|(notice, _, count)| *count == all || !is_about_the_whole(notice.kind))
        .map(|(notice, ..)| notice)
        .collect()
}

/// What two notices that say the same have in common: of one that could not read something not what the
/// service said, which may be different words every time; of one about a waiver its place, because what is nearest to
/// it, and how many days it has left, may be different in every shard.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    kind: NoticeKind,
    location: Option<Location>,
    text: String,
    unread: Option<(Scope, Cause)>,
}

impl Key {
    fn of(notice: &Notice) -> Self {
        let unread = notice.unread.as_ref();
        Self {
            kind: notice.kind,
            location: notice.location.clone(),
            text: match (unread, notice.kind) {
                (Some(unread), _) => unread.why.gist.to_string(),
                (None, NoticeKind::WaiverExpired | NoticeKind::WaiverExpiring | NoticeKind::WaiverUnused)
                    if notice.location.is_some() =>
                {
                    String::new()
                }
                (None, _) => notice.message.clone(),
            },
            unread: unread.map(|unread| (unread.scope.clone(), unread.why.kind)),
        }
    }
}

/// Whether a notice is only true if it is true of every shard: what one did not meet, another may have.
fn is_about_the_whole(kind: NoticeKind) -> bool {
    match kind {
        NoticeKind::FilterUnused | NoticeKind::WaiverUnused | NoticeKind::EmptyShard => true,
        // Every shard walks all of the fleet before it takes its part: where one saw nothing, its part is missing.
        NoticeKind::EmptyDrift
        | NoticeKind::EmptySource
        | NoticeKind::NoTarget
        | NoticeKind::LostTarget
        | NoticeKind::DuplicateTarget
        | NoticeKind::Unreadable
        | NoticeKind::Gen2App
        | NoticeKind::NoAuth
        | NoticeKind::ImportedAuth
        | NoticeKind::WaiverExpired
        | NoticeKind::WaiverExpiring
        | NoticeKind::Carried
        | NoticeKind::PartOfApp
        | NoticeKind::BaselineOrphan
        | NoticeKind::EmptyBaseline
        | NoticeKind::DriftUnpaired
        | NoticeKind::NoRules => false,
    }
}

#[cfg(test)]
mod tests;

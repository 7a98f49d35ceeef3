//! Waivers and the threshold: what becomes of each finding. Annotates, never deletes.

use jiff::civil::Date;

use crate::config::Waiver;
use crate::finding::{AcceptedBy, Disposition, Finding, Notice, NoticeKind, Severity};
use crate::suggestion;
use crate::target::{Scope, Shard, Target, TargetId};

/// What triage decides by.
#[derive(Debug)]
pub struct Terms<'t> {
    /// Accepted findings.
    pub waivers: &'t [Waiver],
    /// The severity from which a finding is open; `None` means that none is.
    pub fail_on: Option<Severity>,
    /// The day it is.
    pub today: Date,
}

/// What a run did not see, where a waiver may yet match.
#[derive(Debug, Default)]
pub struct Unseen<'t> {
    /// The rules that were asked for; no other was judged. All were where there is none.
    pub asked: &'t [String],
    /// Targets that were not judged, or not by every rule.
    pub targets: Vec<&'t Target>,
    /// What could not be listed.
    pub scopes: Vec<&'t Scope>,
    /// The part of the targets that was asked for.
    pub shard: Option<Shard>,
    /// Targets of other parts, as far as they are known.
    pub elsewhere: &'t [TargetId],
}

/// The waivers that match nothing.
#[derive(Debug, Default)]
pub struct Unused {
    /// Those that can match nowhere else.
    pub anywhere: Vec<Notice>,
    /// Those that may match in another shard: true of all targets where every shard says so.
    pub here: Vec<Notice>,
}

/// Gives every finding its disposition, and tells for each waiver whether it matched a finding.
pub fn triage(findings: &mut [Finding], terms: &Terms<'_>) -> Vec<bool> {
    let mut used = vec![false; terms.waivers.len()];
    for finding in findings.iter_mut() {
        let mut accepted = None;
        for (waiver, used) in
            terms.waivers.iter().zip(&mut used).filter(|(waiver, _)| covers(waiver, finding))
        {
            *used = true;
            if accepted.is_none() && terms.today <= waiver.expires {
                accepted = Some(AcceptedBy {
                    reason: waiver.reason.clone(),
                    owner: waiver.owner.clone(),
                    expires: waiver.expires,
                });
            }
        }
        finding.disposition = if accepted.is_some() {
            Disposition::Waived
        } else if terms.fail_on.is_some_and(|threshold| finding.severity >= threshold) {
            Disposition::Open
        } else {
            Disposition::BelowThreshold
        };
        finding.waiver = accepted;
    }
    used
}

/// The waivers whose day has passed, and those whose day is near.
#[must_use]
pub fn ending(waivers: &[Waiver], today: Date) -> Vec<Notice> {
    /// From so many days before its last one it is said that a waiver ends.
    const NEAR: i32 = 30;
    let said = waivers.iter().filter_map(|waiver| {
        let (named, expires) = (named(waiver), waiver.expires);
        let (kind, message) = match (expires - today).get_days() {
            ..0 => {
                (NoticeKind::WaiverExpired, format!("{named} expired on {expires}: its findings count again"))
            }
            0 => {
                (NoticeKind::WaiverExpiring, format!("{named} holds until {expires}: today is its last day"))
            }
            1 => (NoticeKind::WaiverExpiring, format!("{named} holds until {expires}: 1 day left")),
            left @ 2..=NEAR => {
                (NoticeKind::WaiverExpiring, format!("{named} holds until {expires}: {left} days left"))
            }
            _ => return None,
        };
        Some(Notice::new(kind, message).at(waiver.location.clone()))
    });
    said.collect()
}

/// The waivers that match nothing, by what [`triage`] told of each, with the finding that may have been meant. An
/// expired one has been said to be, and one that may match what was not seen is in nobody's way.
#[must_use]
pub fn unused(terms: &Terms<'_>, used: &[bool], findings: &[Finding], unseen: &Unseen<'_>) -> Unused {
    let unused = terms
        .waivers
        .iter()
        .zip(used)
        .filter(|(waiver, used)| !**used && terms.today <= waiver.expires && !may_match(waiver, unseen));
    let mut said = Unused::default();
    for (waiver, _) in unused {
        let place = waiver.path.as_ref().map(|path| format!(" at `{}`", path.glob())).unwrap_or_default();
        let nearest = nearest(waiver, findings).map(|finding| {
            let place = if finding.path.is_empty() { String::new() } else { format!(" {}", finding.path) };
            format!("; the nearest is {} at {}{place}", finding.rule.id, finding.target.id)
        });
        let message = format!("{}{place} matches no finding{}", named(waiver), nearest.unwrap_or_default());
        let notice = Notice::new(NoticeKind::WaiverUnused, message).at(waiver.location.clone());
        let kind = if may_match_elsewhere(waiver, unseen) { &mut said.here } else { &mut said.anywhere };
        kind.push(notice);
    }
    said
}

/// Whether another shard has, or may have, targets that a waiver is for.
fn may_match_elsewhere(waiver: &Waiver, unseen: &Unseen<'_>) -> bool {
    let is_of_another =
        |shard: Shard| waiver.target.app().is_some_and(|app| !shard.includes(&TargetId::new(app, "", "")));
    unseen.shard.is_some_and(is_of_another) || unseen.elsewhere.iter().any(|id| waiver.target.is_match(id))
}

fn covers(waiver: &Waiver, finding: &Finding) -> bool {
    waiver.rule == finding.rule.id
        && waiver.target.is_match(&finding.target.id)
        && covers_path(waiver, &finding.path)
}

fn covers_path(waiver: &Waiver, path: &str) -> bool {
    waiver.path.as_ref().is_none_or(|glob| glob.is_match(path))
}

fn named(waiver: &Waiver) -> String {
    format!("the waiver of {} for `{}`", waiver.rule, waiver.target_pattern)
}

fn may_match(waiver: &Waiver, unseen: &Unseen<'_>) -> bool {
    let may_be_in = |scope: &Scope| {
        scope.app_id.as_ref().is_none_or(|app| {
            waiver.target.may_match(&TargetId::beginning(app, scope.environment.as_deref()))
        })
    };
    (!unseen.asked.is_empty() && !unseen.asked.contains(&waiver.rule))
        || unseen.targets.iter().any(|target| waiver.target.may_be(target))
        || unseen.scopes.iter().any(|scope| may_be_in(scope))
}

/// The finding that a waiver may have meant, if any is near: of its rule in its targets at another place, then of its
/// rule in a target with a similar id, then of a rule with a similar id, or at the very path. What another waiver
/// accepts was not meant.
fn nearest<'f>(waiver: &Waiver, findings: &'f [Finding]) -> Option<&'f Finding> {
    let likeness = |finding: &Finding| {
        let is_of_rule = waiver.rule == finding.rule.id;
        let is_of_target = waiver.target.is_match(&finding.target.id);
        match (&waiver.path, is_of_rule, is_of_target) {
            (Some(path), true, true) => Some((2, likeness_of_paths(path.glob().glob(), &finding.path))),
            (_, true, false) if covers_path(waiver, &finding.path) => {
                Some((1, waiver.target.likeness(&finding.target.id)?))
            }
            (path, false, true) if covers_path(waiver, &finding.path) => {
                let likeness = suggestion::likeness(&waiver.rule, &finding.rule.id);
                Some((0, likeness.or_else(|| path.is_some().then_some(0.0))?))
            }
            _ => None,
        }
    };
    findings
        .iter()
        .filter(|finding| finding.disposition != Disposition::Waived)
        .filter_map(|finding| Some((likeness(finding)?, finding)))
        .max_by(|((a, by_a), first), ((b, by_b), second)| {
            // Of equally near ones the first in the order of reports.
            a.cmp(b).then(by_a.total_cmp(by_b)).then_with(|| second.order().cmp(&first.order()))
        })
        .map(|(_, finding)| finding)
}

/// How near a pointer is to a glob of pointers: by the members that both name, then by their spelling.
fn likeness_of_paths(glob: &str, path: &str) -> f64 {
    let shared = glob.split('/').filter(|part| path.split('/').any(|member| member == *part));
    shared.map(|_| 1.0).sum::<f64>() + strsim::jaro_winkler(glob, path)
}

#[cfg(test)]
mod tests;

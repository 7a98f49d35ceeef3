//! `--previous`: findings of an earlier report whose targets could not be read this time.
//!
//! Code scanning closes an alert that is in no report any more. A target that cannot be read must not
//! look mended, so what is known of it stands until it is read again. Of what was read this time, only
//! what was found this time is said: nothing is hidden, and no finding is there twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{hidden_by, is_any_target_unseen};
use crate::command::pipeline::Audited;
use crate::finding::{Finding, Notice, NoticeKind, Rule, Severity};
use crate::location::Location;
use crate::report::{Outcome, Stored};
use crate::source::Selection;
use crate::target::{Target, TargetId, Unaudited};

/// What this run was asked for.
pub(in crate::command) struct Wanted<'w> {
    /// The rules that are judged today.
    pub(in crate::command) rules: &'w [Arc<Rule>],
    /// The configuration's severities, over everything that a rule says.
    pub(in crate::command) severities: &'w BTreeMap<String, Severity>,
    pub(in crate::command) selection: &'w Selection,
    /// Ids of the rules that judge all environments of an app together.
    pub(in crate::command) of_apps: &'w BTreeSet<&'w str>,
}

impl Wanted<'_> {
    fn includes(&self, target: &Target) -> bool {
        self.selection.wants(&target.id) && self.selection.is_in_shard(&target.id)
    }

    fn rule(&self, id: &str) -> Option<&Arc<Rule>> {
        self.rules.iter().find(|rule| rule.id == id)
    }
}

/// Adds to what was audited the targets that were lost from sight, and what was found in them and in
/// those that are unaudited.
pub(in crate::command) fn carry(audited: &mut Audited, previous: Stored, wanted: &Wanted<'_>) {
    let Stored { file, report: previous, .. } = previous;
    let date = previous.started_at;
    let mut known: BTreeMap<TargetId, Vec<Finding>> = BTreeMap::new();
    for finding in previous.findings {
        known.entry(finding.target.id.clone()).or_default().push(finding);
    }
    let present: BTreeMap<TargetId, usize> = audited
        .targets
        .iter()
        .enumerate()
        .map(|(index, outcome)| (outcome.target.id.clone(), index))
        .collect();
    let mut found: BTreeSet<String> = audited.findings.iter().map(Finding::fingerprint).collect();
    let mut lost = Vec::new();
    let (mut targets, mut findings) = (0, 0);
    let seen_in_part = seen_in_part(audited);
    for Outcome { target: old, .. } in previous.targets {
        if !wanted.includes(&old) {
            continue;
        }
        let outcome = match present.get(&old.id) {
            Some(index) => &audited.targets[*index],
            None => match lost_from_sight(&old, audited, &date) {
                Some(outcome) => {
                    lost.push(outcome);
                    &lost[lost.len() - 1]
                }
                // It is simply gone.
                None => continue,
            },
        };
        let why = outcome.unaudited.as_ref();
        let is_app_whole = !seen_in_part(&old.app_id);
        if why.is_none() && is_app_whole {
            continue;
        }
        let before = findings;
        for finding in known.remove(&old.id).unwrap_or_default() {
            // What a rule says of a document today replaces what it said. Where it is not known which
            // rules failed, all of them may have. A rule of scope `app` needs all of the app.
            let is_evaluated =
                |why: &Unaudited| !why.rules.is_empty() && !why.rules.contains(&finding.rule.id);
            let judged = why.is_none_or(is_evaluated)
                && (is_app_whole || !wanted.of_apps.contains(finding.rule.id.as_str()));
            let Some(rule) = wanted.rule(&finding.rule.id).filter(|_| !judged) else { continue };
            if found.insert(finding.fingerprint()) {
                audited.findings.push(carried(finding, &old, rule, &outcome.target, wanted));
                findings += 1;
            }
        }
        targets += usize::from(findings > before);
    }
    audited.targets.append(&mut lost);
    if findings > 0 {
        let of = wanted.selection.shard.map(|shard| format!(" of shard {shard}")).unwrap_or_default();
        let message = format!(
            "{findings} finding{} of {targets} target{}{of} that could not be audited in full this time: carried over from \
             {file}, the report of {date:.0}",
            if findings == 1 { "" } else { "s" },
            if targets == 1 { "" } else { "s" },
        );
        audited.notices.push(Notice::new(NoticeKind::Carried, message));
    }
}

/// Whether some environment of an app may be there unseen, or could not be audited.
fn seen_in_part(audited: &Audited) -> impl Fn(&str) -> bool + use<> {
    let is_any =
        is_any_target_unseen(audited) || audited.notices.iter().any(|notice| notice.unread.is_some());
    let unaudited = audited.targets.iter().filter(|outcome| outcome.unaudited.is_some());
    let apps: BTreeSet<String> = unaudited.map(|outcome| outcome.target.app_id.clone()).collect();
    move |app| is_any || apps.contains(app)
}

/// A target of the earlier report that did not come this time though it may still be there, because a
/// part of the fleet that it belongs to could not be read. `None` where nothing hides it.
fn lost_from_sight(old: &Arc<Target>, audited: &Audited, date: &jiff::Timestamp) -> Option<Outcome> {
    let (why, place) = hidden_by(old, audited)?;
    let message = format!(
        "cannot look up {}, which was there at the audit of {}: {}",
        old.id,
        date.strftime("%Y-%m-%d"),
        why.gist
    );
    let why = Unaudited {
        attempts: why.attempts,
        help: why.help.clone(),
        ..Unaudited::new(why.kind, message).with_gist(&*why.gist)
    };
    let declared = place.unwrap_or(&old.declared).clone();
    let target = Target { declared, ..(**old).clone() };
    Some(Outcome { target: Arc::new(target), unaudited: Some(why) })
}

/// The finding as it would stand in this report: of today's rule and target.
fn carried(
    finding: Finding,
    old: &Target,
    rule: &Arc<Rule>,
    target: &Arc<Target>,
    wanted: &Wanted<'_>,
) -> Finding {
    let own = (finding.severity != finding.rule.severity).then_some(finding.severity);
    let severity = wanted.severities.get(&rule.id).copied().or(own).unwrap_or(rule.severity);
    let mut finding =
        Finding { rule: Arc::clone(rule), severity, target: Arc::clone(target), carried: true, ..finding };
    let place: &mut Location = &mut finding.evidence.location;
    if *place == old.declared {
        *place = target.declared.clone();
    }
    finding
}

#[cfg(test)]
mod tests;

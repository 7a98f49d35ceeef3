//! Environments next to each other, where the configuration says that they must agree.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde_json::Value;

use super::unseen::is_any_target_unseen;
use super::{Audited, both};
use crate::config::{Drift, Pattern, PointerGlob, TargetGlob};
use crate::document::Folded;
use crate::drift::{self, Alone, DriftRule, Pair, Pairing};
use crate::finding::{Finding, Notice, NoticeKind};
use crate::source::Selection;
use crate::target::{Cause, TargetId, Unaudited};

/// Compares the targets that the configuration pairs, and counts them. One whose counterpart was not audited is
/// unaudited for that.
pub(super) fn compare(
    audited: &mut Audited,
    documents: &[Folded],
    drift: &[Drift],
    selection: &Selection,
    rule: &DriftRule,
) -> usize {
    let Pairing { pairs, alone, empty } = pairing(audited, drift, selection);
    let documents: BTreeMap<&TargetId, &Folded> =
        documents.iter().map(|document| (&document.target().id, document)).collect();
    let mut by_target: BTreeMap<&TargetId, Vec<&Pair>> = BTreeMap::new();
    for pair in pairs.iter().filter(|pair| documents.contains_key(&pair.actual)) {
        by_target.entry(&pair.actual).or_default().push(pair);
    }
    let compared: Vec<(TargetId, Vec<Finding>, Option<Unaudited>)> = by_target
        .into_par_iter()
        .map(|(target, pairs)| {
            let (findings, why) = one(documents[target], &pairs, &documents, drift, rule, &audited.elsewhere);
            (target.clone(), findings, why)
        })
        .collect();
    let count = compared.len();
    let mut failed: BTreeMap<TargetId, Unaudited> = BTreeMap::new();
    for (target, findings, why) in compared {
        audited.findings.extend(findings);
        failed.extend(why.map(|why| (target, why)));
    }
    let mut said: BTreeSet<TargetId> = BTreeSet::new();
    for alone in alone {
        match standing(&alone, audited, drift, selection) {
            Standing::Doubtful(why) => {
                let why = Unaudited { rules: Arc::new(vec![rule.rule.id.clone()]), ..why };
                let before = failed.remove(&alone.actual);
                failed.extend(both(before, Some(why)).map(|why| (alone.actual, why)));
            }
            Standing::Alone if !empty.contains(&alone.drift) => {
                // Several tables may leave it alone.
                let is_new = said.insert(alone.actual.clone());
                if let Some(document) = documents.get(&alone.actual).filter(|_| is_new) {
                    let document = (*document).clone().unfold();
                    let expected = &drift[alone.drift].expected.written;
                    audited.findings.push(drift::without_counterpart(rule, &document, expected));
                }
            }
            Standing::Alone | Standing::Unasked => {}
        }
    }
    for outcome in &mut audited.targets {
        outcome.unaudited = both(outcome.unaudited.take(), failed.remove(&outcome.target.id));
    }
    let said = notices(audited, &empty, drift, selection);
    audited.notices.extend(said);
    count
}

/// Which targets would be compared with which: the target, and what is expected of it. What keeps others from that is
/// said of them.
pub(in crate::command) fn pairs(
    audited: &mut Audited,
    drift: &[Drift],
    selection: &Selection,
) -> Vec<(TargetId, TargetId)> {
    if drift.is_empty() {
        return Vec::new();
    }
    let Pairing { pairs, alone, empty } = pairing(audited, drift, selection);
    for alone in alone {
        match standing(&alone, audited, drift, selection) {
            Standing::Doubtful(why) => {
                let targets = audited.targets.iter_mut();
                for outcome in targets.filter(|outcome| outcome.target.id == alone.actual) {
                    outcome.unaudited = both(outcome.unaudited.take(), Some(why.clone()));
                }
            }
            Standing::Alone if !empty.contains(&alone.drift) => {
                let Drift { expected, location, .. } = &drift[alone.drift];
                let message = format!("{} has no counterpart in `{}`", alone.actual, expected.written);
                audited.notices.push(Notice::new(NoticeKind::DriftUnpaired, message).at(location.clone()));
            }
            Standing::Alone | Standing::Unasked => {}
        }
    }
    let said = notices(audited, &empty, drift, selection);
    audited.notices.extend(said);
    pairs.into_iter().map(|pair| (pair.actual, pair.expected)).collect()
}

/// Which targets are compared with which, of all that are known.
fn pairing(audited: &Audited, drift: &[Drift], selection: &Selection) -> Pairing {
    let here = audited.targets.iter().map(|outcome| &outcome.target.id);
    let are_whole = selection.globs.iter().all(TargetGlob::takes_whole_environments);
    drift::pair(drift, here.chain(&audited.elsewhere), are_whole)
}

/// What it means that a target has no counterpart.
enum Standing {
    /// There is none.
    Alone,
    /// There may be one: several, or one that was not seen.
    Doubtful(Unaudited),
    /// There may be one that was not asked for.
    Unasked,
}

fn standing(alone: &Alone, audited: &Audited, drift: &[Drift], selection: &Selection) -> Standing {
    let expected = &drift[alone.drift].expected;
    if !alone.candidates.is_empty() {
        return Standing::Doubtful(ambiguous(alone, drift));
    }
    let is_unseen =
        audited.notices.iter().any(|notice| notice.unread.is_some()) || is_any_target_unseen(audited);
    if is_unseen {
        let message = format!(
            "cannot compare {} with one of `{}`, which may be among what could not be read",
            alone.actual, expected.written
        );
        let why = Unaudited::new(Cause::Policy, message)
            .with_gist("cannot compare with a target that may be among what could not be read")
            .with_help("see what could not be read");
        return Standing::Doubtful(Unaudited { location: Some(drift[alone.drift].location.clone()), ..why });
    }
    if are_all_asked_for(expected, selection) { Standing::Alone } else { Standing::Unasked }
}

/// Whether all targets that may be expected were asked for, as far as those that were tell.
fn are_all_asked_for(expected: &Pattern<TargetGlob>, selection: &Selection) -> bool {
    selection.globs.is_empty()
        || (selection.globs.iter().all(TargetGlob::takes_whole_apps) && !expected.glob.names_one_app())
}

/// What is to be said of a pairing as a whole.
fn notices(audited: &Audited, empty: &[usize], drift: &[Drift], selection: &Selection) -> Vec<Notice> {
    let is_met = |pattern: &Pattern<TargetGlob>| {
        audited.targets.iter().any(|outcome| pattern.glob.is_match(&outcome.target.id))
    };
    let mut notices = Vec::new();
    if !drift.iter().all(|drift| are_all_asked_for(&drift.expected, selection)) {
        let message =
            "with --target only pairs of [[drift]] were compared of which both targets were asked for";
        notices.push(Notice::new(NoticeKind::PartOfApp, message));
    }
    for place in empty {
        let Drift { expected, actual, location, .. } = &drift[*place];
        // Of a table that is about others, nothing was asked.
        let is_asked_for = selection.globs.is_empty()
            || (are_all_asked_for(expected, selection) && (is_met(expected) || is_met(actual)));
        if is_asked_for {
            let message = format!(
                "[[drift]] pairs no target of `{}` with one of `{}`: nothing was compared",
                actual.written, expected.written
            );
            notices.push(Notice::new(NoticeKind::EmptyDrift, message).at(location.clone()));
        }
    }
    notices
}

/// Why a target that may be compared with several is compared with none.
fn ambiguous(alone: &Alone, drift: &[Drift]) -> Unaudited {
    let candidates: Vec<&str> = alone.candidates.iter().map(TargetId::as_str).collect();
    let message =
        format!("cannot compare {}: it may be meant to agree with {}", alone.actual, candidates.join(" or "));
    Unaudited {
        location: Some(drift[alone.drift].location.clone()),
        ..Unaudited::new(Cause::Policy, message)
            .with_gist("cannot compare: several targets may be meant as the expected one")
            .with_help("narrow `expected` of this [[drift]] to one environment")
    }
}

/// One target next to its counterparts.
fn one(
    document: &Folded,
    pairs: &[&Pair],
    documents: &BTreeMap<&TargetId, &Folded>,
    drift: &[Drift],
    rule: &DriftRule,
    elsewhere: &[TargetId],
) -> (Vec<Finding>, Option<Unaudited>) {
    let target = &document.target().id;
    let mut why = None;
    let mut others: Vec<(&TargetId, Value, &[PointerGlob])> = Vec::new();
    for pair in pairs {
        match documents.get(&pair.expected) {
            Some(other) => others.push((&pair.expected, other.value(), &drift[pair.drift].ignore)),
            None => {
                let (what, help) = if elsewhere.contains(&pair.expected) {
                    ("is in another shard", "compare apps with each other in a run without --shard")
                } else {
                    ("was not audited", "see why the other target was not audited")
                };
                let message = format!("cannot compare {target} with {}, which {what}", pair.expected);
                let unaudited = Unaudited::new(Cause::Policy, message)
                    .with_gist(format!("cannot compare with a target that {what}"))
                    .with_help(help);
                why = both(why, Some(Unaudited { rules: Arc::new(vec![rule.rule.id.clone()]), ..unaudited }));
            }
        }
    }
    let others: Vec<_> = others.iter().map(|(id, value, ignore)| (*id, value, *ignore)).collect();
    (drift::between_environments(rule, &document.clone().unfold(), &others), why)
}

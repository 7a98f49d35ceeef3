//! Environments next to each other, where the configuration says that they must agree.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde_json::Value;

use super::{Audited, both};
use crate::config::{Drift, PointerGlob};
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
    let Pairing { pairs, alone, empty } = pairing(audited, drift);
    let documents: BTreeMap<&TargetId, &Folded> =
        documents.iter().map(|document| (&document.target().id, document)).collect();
    let mut by_target: BTreeMap<&TargetId, Vec<&Pair>> = BTreeMap::new();
    for pair in pairs.iter().filter(|pair| documents.contains_key(&pair.actual)) {
        by_target.entry(&pair.actual).or_default().push(pair);
    }
    let compared: Vec<(TargetId, Vec<Finding>, Option<Unaudited>)> = by_target
        .into_par_iter()
        .map(|(target, pairs)| {
            let (findings, why) = one(documents[target], &pairs, &documents, drift, rule);
            (target.clone(), findings, why)
        })
        .collect();
    let count = compared.len();
    let mut failed: BTreeMap<TargetId, Unaudited> = BTreeMap::new();
    for (target, findings, why) in compared {
        audited.findings.extend(findings);
        failed.extend(why.map(|why| (target, why)));
    }
    for alone in alone.iter().filter(|alone| !alone.candidates.is_empty()) {
        let why = Unaudited { rules: Arc::new(vec![rule.rule.id.clone()]), ..ambiguous(alone, drift) };
        let before = failed.remove(&alone.actual);
        failed.extend(both(before, Some(why)).map(|why| (alone.actual.clone(), why)));
    }
    for outcome in &mut audited.targets {
        outcome.unaudited = both(outcome.unaudited.take(), failed.remove(&outcome.target.id));
    }
    audited.notices.extend(notices(&alone, &empty, drift, selection));
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
    let Pairing { pairs, alone, empty } = pairing(audited, drift);
    for alone in alone.iter().filter(|alone| !alone.candidates.is_empty()) {
        let targets = audited.targets.iter_mut();
        for outcome in targets.filter(|outcome| outcome.target.id == alone.actual) {
            outcome.unaudited = both(outcome.unaudited.take(), Some(ambiguous(alone, drift)));
        }
    }
    audited.notices.extend(notices(&alone, &empty, drift, selection));
    pairs.into_iter().map(|pair| (pair.actual, pair.expected)).collect()
}

/// Which targets are compared with which, of all that are known.
fn pairing(audited: &Audited, drift: &[Drift]) -> Pairing {
    let here = audited.targets.iter().map(|outcome| &outcome.target.id);
    drift::pair(drift, here.chain(&audited.elsewhere))
}

/// What is to be said of a pairing. Where only some targets were asked for, the others may be the counterparts.
fn notices(alone: &[Alone], empty: &[usize], drift: &[Drift], selection: &Selection) -> Vec<Notice> {
    if !selection.globs.is_empty() {
        let message =
            "with --target only pairs of [[drift]] were compared of which both targets were asked for";
        return vec![Notice::new(NoticeKind::PartOfApp, message)];
    }
    let alone = alone.iter().filter(|alone| alone.candidates.is_empty()).map(|alone| {
        let Drift { expected, location, .. } = &drift[alone.drift];
        let message = format!(
            "{} has no counterpart in `{}`: it was compared with none",
            alone.actual, expected.written
        );
        Notice::new(NoticeKind::DriftUnpaired, message).at(location.clone())
    });
    let empty = empty.iter().map(|place| {
        let Drift { expected, actual, location, .. } = &drift[*place];
        let message = format!(
            "[[drift]] pairs no target of `{}` with one of `{}`: nothing was compared",
            actual.written, expected.written
        );
        Notice::new(NoticeKind::EmptyDrift, message).at(location.clone())
    });
    alone.chain(empty).collect()
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
) -> (Vec<Finding>, Option<Unaudited>) {
    let target = &document.target().id;
    let mut why = None;
    let mut others: Vec<(&TargetId, Value, &[PointerGlob])> = Vec::new();
    for pair in pairs {
        match documents.get(&pair.expected) {
            Some(other) => others.push((&pair.expected, other.value(), &drift[pair.drift].ignore)),
            None => {
                let message =
                    format!("cannot compare {target} with {}, which was not audited", pair.expected);
                let unaudited = Unaudited::new(Cause::Policy, message)
                    .with_gist("cannot compare with a target that was not audited")
                    .with_help("see why the other target was not audited; one of another shard is compared in a run without --shard");
                why = both(why, Some(Unaudited { rules: Arc::new(vec![rule.rule.id.clone()]), ..unaudited }));
            }
        }
    }
    let others: Vec<_> = others.iter().map(|(id, value, ignore)| (*id, value, *ignore)).collect();
    (drift::between_environments(rule, &document.clone().unfold(), &others), why)
}

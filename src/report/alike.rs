//! What is alike is said once, with the names of all that it holds for: one mistake is one diagnostic, and one
//! missing permission one paragraph, whether it is in one app or in three hundred.
//!
//! Only reports for people group; those for programs have every finding, target and notice by itself.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Outcome;
use super::facts::whereabouts;
use crate::finding::{Finding, Notice, NoticeKind, Unread};
use crate::location::Location;
use crate::target::{Cause, Scope, Target, Unaudited};

/// Findings that differ in nothing but their target, and in what follows from it.
#[derive(Debug)]
pub(super) struct Alike<'r> {
    /// The first one, in the order of reports.
    pub(super) first: &'r Finding,
    /// All of them, the first one too.
    pub(super) all: Vec<&'r Finding>,
}

/// The findings in groups, in the order of the first of each.
pub(super) fn findings<'r>(findings: impl IntoIterator<Item = &'r Finding>) -> Vec<Alike<'r>> {
    let mut index = HashMap::new();
    let mut groups: Vec<Alike<'r>> = Vec::new();
    for finding in findings {
        let Finding { rule, severity, message, path, expected, actual, disposition, carried, .. } = finding;
        let terms = finding.waiver.as_ref().map(|waiver| (&waiver.reason, &waiver.owner, waiver.expires));
        let next = groups.len();
        let what = (&rule.id, severity, message, path, expected, actual, disposition, carried, terms);
        match groups.get_mut(*index.entry(what).or_insert(next)) {
            Some(group) => group.all.push(finding),
            None => groups.push(Alike { first: finding, all: vec![finding] }),
        }
    }
    groups
}

/// Targets of one account and region that could not be judged, for the same reason.
#[derive(Debug)]
pub(super) struct Unjudged<'r> {
    /// The kind of reason.
    pub(super) cause: Cause,
    /// Account and region, as far as they are known.
    pub(super) within: Vec<&'r str>,
    /// What is said of all: the message where it is one, else what the messages have in common.
    pub(super) text: &'r str,
    /// One of the messages, where they differ.
    pub(super) example: Option<&'r str>,
    /// What to do.
    pub(super) help: Option<&'r str>,
    /// The rules that could not be evaluated; empty where none was.
    pub(super) rules: &'r [String],
    /// The targets, each with its reason, by the place where they came in, or the one at fault.
    pub(super) places: BTreeMap<&'r Location, Vec<(&'r Target, &'r Unaudited)>>,
}

impl Unjudged<'_> {
    /// How many targets they are.
    pub(super) fn count(&self) -> usize {
        self.places.values().map(Vec::len).sum()
    }
}

/// The targets that could not be judged in groups, by reason.
pub(super) fn unaudited(targets: &[Outcome]) -> Vec<Unjudged<'_>> {
    let mut groups: BTreeMap<_, Vec<(&Target, &Unaudited)>> = BTreeMap::new();
    for Outcome { target, unaudited } in targets {
        if let Some(why) = unaudited {
            let key =
                (why.kind, &target.account, &target.region, &*why.gist, why.help.as_deref(), &why.rules[..]);
            groups.entry(key).or_default().push((target, why));
        }
    }
    let groups = groups.into_iter().map(|((cause, _, _, gist, help, rules), group)| {
        let (text, example) = said(gist, group.iter().map(|(_, why)| *why));
        let within = group.first().map(|(target, _)| whereabouts(target)).unwrap_or_default();
        let mut places: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (target, why) in group {
            places.entry(why.location.as_ref().unwrap_or(&target.declared)).or_default().push((target, why));
        }
        Unjudged { cause, within, text, example, help, rules, places }
    });
    groups.collect()
}

/// Notices that say the same.
#[derive(Debug)]
pub(super) struct Said<'r> {
    /// Their kind.
    pub(super) kind: NoticeKind,
    /// What is said of all.
    pub(super) text: String,
    /// What they are about, where they are several.
    pub(super) about: About<'r>,
    /// How many they are.
    pub(super) count: usize,
    /// All of them.
    pub(super) all: Vec<&'r Notice>,
    /// Where to look.
    pub(super) places: BTreeSet<&'r Location>,
    /// One of the messages, where they differ in what the service said.
    pub(super) example: Option<&'r str>,
    /// What to do.
    pub(super) help: Option<&'r str>,
}

/// What several notices are about.
#[derive(Debug)]
pub(super) enum About<'r> {
    /// Nothing to add: it is one notice.
    Itself,
    /// Parts of the fleet, by name.
    Parts(Vec<String>),
    /// Each by its own message, which begins with what it does not have in common with the others.
    Messages(Vec<&'r str>),
}

/// The notices in groups, in the order of the first of each.
pub(super) fn notices(notices: &[Notice]) -> Vec<Said<'_>> {
    let mut index = BTreeMap::new();
    let mut groups: Vec<(&Notice, Vec<&Notice>)> = Vec::new();
    for notice in notices {
        let next = groups.len();
        let group = Common::of(notice).map_or(next, |common| *index.entry(common).or_insert(next));
        match groups.get_mut(group) {
            Some((_, group)) => group.push(notice),
            None => groups.push((notice, vec![notice])),
        }
    }
    groups.iter().map(|(first, all)| said_alike(first, all)).collect()
}

/// What notices of one group have in common.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Common<'r> {
    Unread(Cause, &'r str, Option<&'r str>),
    Kind(NoticeKind),
}

impl<'r> Common<'r> {
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
        NoticeKind::LostTarget => {
            Some("targets that one shard saw are not in the report of the shard they fall to")
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

fn said_alike<'r>(first: &'r Notice, all: &[&'r Notice]) -> Said<'r> {
    let (kind, count) = (first.kind, all.len());
    let unread: Vec<&Unread> = all.iter().filter_map(|notice| notice.unread.as_ref()).collect();
    let (common, example) = match &first.unread {
        Some(Unread { why, .. }) => said(&why.gist, unread.iter().map(|unread| &unread.why)),
        None => (many(kind).unwrap_or_default(), None),
    };
    let (text, about) = match &unread[..] {
        _ if count == 1 => (first.message.clone(), About::Itself),
        [] => (
            format!("{count} {common}"),
            About::Messages(all.iter().map(|notice| notice.message.as_str()).collect()),
        ),
        unread => (
            format!("{count} {} could not be read: {common}", noun(unread)),
            About::Parts(unread.iter().map(|unread| name(&unread.scope)).collect()),
        ),
    };
    let help = match &first.unread {
        Some(Unread { why, .. }) => why.help.as_deref(),
        None if kind == NoticeKind::Gen2App && count > 1 => {
            Some("where that is agreed, leave them out: exclude = [\"APP/BRANCH\", …] in their source")
        }
        None => None,
    };
    let places = all.iter().filter_map(|notice| notice.location.as_ref()).collect();
    Said { kind, text, about, count, all: all.to_vec(), places, example, help }
}

/// What is said of all, and an example where the service said it in different words: the message where
/// it is one, else what they have in common.
fn said<'r>(gist: &'r str, mut all: impl Iterator<Item = &'r Unaudited>) -> (&'r str, Option<&'r str>) {
    match all.next() {
        Some(first) if all.all(|why| why.message == first.message) => (&first.message, None),
        Some(first) => (gist, Some(&first.message)),
        None => (gist, None),
    }
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::finding::Disposition;
    use crate::report::fixture;
    use crate::target::TargetId;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

        #[test]
        fn every_finding_is_in_one_group_with_its_like(
            picked in prop::collection::vec((0_usize..8, 0_u8..4, any::<bool>()), 0..40),
        ) {
            let model = fixture::report();
            let findings: Vec<Finding> = picked
                .iter()
                .map(|(index, place, other)| {
                    let mut finding = model.findings[*index].clone();
                    let target = Arc::make_mut(&mut finding.target);
                    target.id = TargetId::new(&format!("d{place}"), "prod", "auth");
                    finding.evidence.location.region.line = u32::from(*place);
                    if *other {
                        finding.actual = None;
                    }
                    finding
                })
                .collect();
            let groups = super::findings(&findings);
            let what = |finding: &Finding| {
                (finding.rule.id.clone(), finding.disposition == Disposition::Waived, finding.actual.is_some())
            };
            prop_assert_eq!(groups.iter().map(|group| group.all.len()).sum::<usize>(), findings.len());
            for group in &groups {
                prop_assert!(group.all.iter().all(|finding| what(finding) == what(group.first)));
            }
            let kinds: BTreeSet<_> = findings.iter().map(what).collect();
            prop_assert_eq!(groups.len(), kinds.len());
        }
    }

    #[test]
    fn targets_that_other_rules_could_not_judge_stay_apart() {
        let model = fixture::report();
        let outcome = |rules: &[&str]| {
            let rules = rules.iter().map(|rule| (*rule).to_owned()).collect();
            let why = Unaudited { rules: Arc::new(rules), ..Unaudited::new(Cause::Policy, "too slow") };
            Outcome { target: Arc::clone(&model.targets[0].target), unaudited: Some(why) }
        };
        let targets = [outcome(&["a/b"]), outcome(&[]), outcome(&["a/b", "c/d"]), outcome(&["a/b"])];
        let groups = unaudited(&targets);
        let counted: Vec<_> = groups.iter().map(|group| (group.rules.len(), group.count())).collect();
        assert_eq!(counted, [(0, 1), (1, 2), (2, 1)]);
    }

    #[test]
    fn findings_accepted_on_other_terms_stay_apart() {
        let mut report = fixture::report();
        report.findings.retain(|finding| finding.disposition == Disposition::Waived);
        assert_eq!(findings(&report.findings).len(), 1);
        report.findings[0].waiver.as_mut().expect("a waiver").owner = None;
        assert_eq!(findings(&report.findings).len(), 2);
    }
}

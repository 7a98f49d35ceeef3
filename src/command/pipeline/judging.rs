//! Each document through the rules, and next to what was agreed.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Audited, Work, apps, both, environments};
use crate::baseline::{Folder, file_of};
use crate::config::{Config, Drift};
use crate::document::{Document, Folded};
use crate::drift::{self, DriftRule};
use crate::finding::{Finding, Notice, NoticeKind, Rule};
use crate::location::Location;
use crate::policy::{Evaluator, Pack};
use crate::progress::{Event, Progress};
use crate::source::Selection;
use crate::target::{Cause, TargetId, Unaudited};

/// What documents are judged by.
pub struct Judging<'j> {
    pack: &'j Pack,
    agreed: Option<Agreed<'j>>,
    /// Environments that must agree.
    drift: &'j [Drift],
    rules: DriftRules,
    selection: &'j Selection,
    /// Who is told what rules print.
    progress: &'j Progress,
}

/// What was agreed.
#[derive(Clone, Copy)]
struct Agreed<'j> {
    folder: &'j Folder,
    /// The place in the configuration.
    declared: &'j Location,
}

/// The rules of drift that the configuration gives something to compare with, and does not disable.
pub(in crate::command) struct DriftRules {
    /// Differences from what was agreed.
    differing: Option<DriftRule>,
    /// Targets for which nothing was agreed.
    untracked: Option<DriftRule>,
    /// Differences between environments.
    environments: Option<DriftRule>,
}

impl DriftRules {
    pub(in crate::command) fn of(config: &Config) -> Self {
        let rule = |rule: Arc<Rule>, is_needed: bool| {
            is_needed.then(|| DriftRule::enabled(&rule, &config.policies)).flatten()
        };
        let (has_baseline, has_pairs) = (config.baseline.is_some(), !config.drift.is_empty());
        Self {
            differing: rule(drift::rules::baseline(), has_baseline),
            untracked: rule(drift::rules::untracked(), has_baseline),
            environments: rule(drift::rules::environment(), has_pairs),
        }
    }

    /// Each of them.
    pub(in crate::command) fn iter(&self) -> impl Iterator<Item = &Arc<Rule>> {
        [&self.differing, &self.untracked, &self.environments].into_iter().flatten().map(|rule| &rule.rule)
    }

    /// Whether anything is compared with the baseline.
    pub(in crate::command) fn need_the_baseline(&self) -> bool {
        self.differing.is_some() || self.untracked.is_some()
    }
}

/// What came of one document.
pub(in crate::command) struct Judged {
    target: TargetId,
    findings: Vec<Finding>,
    /// Whether the baseline has no file of its target.
    is_untracked: bool,
    /// What it was judged by, where it is to be judged again with others.
    document: Option<Folded>,
}

impl<'j> Judging<'j> {
    /// By the rules of a pack, and those of drift that the configuration gives something to compare with.
    #[must_use]
    pub fn new(
        pack: &'j Pack,
        config: &'j Config,
        baseline: Option<&'j Folder>,
        selection: &'j Selection,
        progress: &'j Progress,
    ) -> Self {
        let declared = config.baseline.as_ref().map(|baseline| &baseline.location);
        let agreed = baseline.zip(declared).map(|(folder, declared)| Agreed { folder, declared });
        Self { pack, agreed, drift: &config.drift, rules: DriftRules::of(config), selection, progress }
    }

    /// Every rule that is judged.
    pub fn rules(&self) -> impl Iterator<Item = &Arc<Rule>> {
        self.pack.rules().chain(self.rules.iter())
    }

    /// Compares a document with what was agreed, and says where its values are there.
    /// With whether it is not there.
    fn compare(
        &self,
        document: Document,
        findings: &mut Vec<Finding>,
    ) -> (Document, Option<Unaudited>, bool) {
        let Some(Agreed { folder, .. }) = self.agreed else { return (document, None, false) };
        let id = &document.target().id;
        match folder.read(id) {
            Ok(Some(agreed)) => {
                let is_shown = folder.is_in_repository();
                let document = if is_shown { document.located_in(&agreed) } else { document };
                let found = self.rules.differing.as_ref();
                let found =
                    found.map(|rule| drift::against_baseline(rule, &agreed, &document)).unwrap_or_default();
                findings.extend(found.into_iter().map(|mut finding| {
                    if !is_shown {
                        finding.evidence.location = document.location(&finding.path);
                    }
                    finding
                }));
                (document, None, false)
            }
            Ok(None) => {
                let file = folder.name(&file_of(id));
                let found =
                    self.rules.untracked.as_ref().map(|rule| drift::without_baseline(rule, &document, &file));
                findings.extend(found);
                (document, None, true)
            }
            Err(error) => {
                let rules = [&self.rules.differing, &self.rules.untracked].into_iter().flatten();
                let rules: Vec<String> = rules.map(|rule| rule.rule.id.clone()).collect();
                let why = (!rules.is_empty()).then(|| Unaudited { rules: Arc::new(rules), ..error.why(id) });
                (document, why, false)
            }
        }
    }
}

impl<'j> Work for Judging<'j> {
    type Worker = Evaluator<'j>;
    type Made = Judged;

    fn worker(&self) -> Self::Worker {
        self.pack.evaluator()
    }

    fn make(&self, evaluator: &mut Self::Worker, document: Document) -> (Judged, Option<Unaudited>) {
        let mut findings = Vec::new();
        let (document, uncompared, is_untracked) = self.compare(document, &mut findings);
        let evaluation = evaluator.evaluate(&document);
        for line in &evaluation.prints {
            self.progress.event(&Event::Printed { target: &document.target().id, line });
        }
        findings.extend(evaluation.findings);
        let id = &document.target().id;
        let is_paired = self.rules.environments.is_some()
            && self
                .drift
                .iter()
                .any(|drift| drift.expected.glob.is_match(id) || drift.actual.glob.is_match(id));
        let is_kept = is_paired || self.pack.of_apps().next().is_some();
        let target = id.clone();
        let judged = Judged { target, findings, is_untracked, document: is_kept.then(|| document.fold()) };
        (judged, both(evaluation.unaudited, uncompared))
    }
}

impl Judging<'_> {
    /// Judges what no document shows by itself.
    pub(super) fn finish(&self, audited: &mut Audited, judged: Vec<Judged>) {
        let mut documents = Vec::new();
        self.compared_with_nothing(audited, &judged);
        for one in judged {
            audited.findings.extend(one.findings);
            documents.extend(one.document);
        }
        if let Some(rule) = &self.rules.environments {
            let compared = environments::compare(audited, &documents, self.drift, self.selection, rule);
            // Where nothing else was asked for, nothing at all was seen.
            let is_the_only_rule = self.rules().count() == 1;
            if compared == 0 && !self.selection.globs.is_empty() && is_the_only_rule {
                let message = "no pair of [[drift]] is among the targets of --target: nothing was compared";
                let place = self.drift.first().map(|drift| drift.location.clone());
                audited
                    .notices
                    .push(Notice { location: place, ..Notice::new(NoticeKind::EmptyDrift, message) });
            }
        }
        if self.pack.of_apps().next().is_some() {
            apps::judge(audited, documents, self.pack, self.progress);
        }
    }

    /// Where the baseline has nothing for any target, its rule was evaluated for none: what it found before
    /// is not mended.
    fn compared_with_nothing(&self, audited: &mut Audited, judged: &[Judged]) {
        let (Some(agreed), Some(rule)) = (&self.agreed, &self.rules.differing) else { return };
        if !judged.iter().any(|one| one.is_untracked) {
            return;
        }
        let (gist, help) = if agreed.folder.holds_nothing() {
            let help =
                "`audit snapshot` writes it, from what is there now; where it was there once, bring it back";
            ("cannot compare with the baseline, which holds no document", help)
        } else if self.rules.untracked.is_none() && judged.iter().all(|one| one.is_untracked) {
            // Where a rule says of each target that it has no file, it is said already.
            let message = "no target has a document in the baseline: nothing was compared with it";
            audited.notices.push(Notice::new(NoticeKind::EmptyBaseline, message).at(agreed.declared.clone()));
            let help = "`audit snapshot` writes a document of each, from what is there now";
            ("cannot compare with the baseline, which holds no document of any target", help)
        } else {
            return;
        };
        let rules = Arc::new(vec![rule.rule.id.clone()]);
        let untracked: BTreeSet<&TargetId> =
            judged.iter().filter(|one| one.is_untracked).map(|one| &one.target).collect();
        for outcome in &mut audited.targets {
            if untracked.contains(&outcome.target.id) {
                let message = gist.replacen("compare", &format!("compare {}", outcome.target.id), 1);
                let why = Unaudited {
                    rules: Arc::clone(&rules),
                    location: Some(agreed.declared.clone()),
                    ..Unaudited::new(Cause::Policy, message).with_gist(gist).with_help(help)
                };
                outcome.unaudited = both(outcome.unaudited.take(), Some(why));
            }
        }
    }
}

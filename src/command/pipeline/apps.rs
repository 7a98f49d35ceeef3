//! Judged again, all environments of an app together: what no document shows by itself.

use std::collections::BTreeMap;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::{Audited, both};
use crate::document::{Document, Folded};
use crate::policy::{Evaluation, Pack};
use crate::progress::{Event, Progress};
use crate::target::{TargetId, Unaudited};

/// Judges the documents by the rules of scope `app`. Where one cannot be evaluated, every target of the app is
/// unaudited for it.
pub(super) fn judge(audited: &mut Audited, documents: Vec<Folded>, pack: &Pack, progress: &Progress) {
    let mut apps: BTreeMap<String, Vec<Folded>> = BTreeMap::new();
    for document in documents {
        apps.entry(document.target().app_id.clone()).or_default().push(document);
    }
    let apps: Vec<Vec<Folded>> = apps.into_values().collect();
    let judged: Vec<(Vec<TargetId>, Evaluation)> = apps
        .into_par_iter()
        .map_init(
            || pack.evaluator(),
            |evaluator, app| {
                let mut documents: Vec<Document> = app.into_iter().map(Folded::unfold).collect();
                documents.sort_by(|a, b| a.target().id.cmp(&b.target().id));
                let targets = documents.iter().map(|document| document.target().id.clone()).collect();
                (targets, evaluator.evaluate_app(&documents))
            },
        )
        .collect();
    let mut failed: BTreeMap<TargetId, Unaudited> = BTreeMap::new();
    for (targets, evaluation) in judged {
        for line in &evaluation.prints {
            progress.event(&Event::Printed { target: &targets[0], line });
        }
        audited.findings.extend(evaluation.findings);
        if let Some(why) = evaluation.unaudited {
            failed.extend(targets.into_iter().map(|target| (target, why.clone())));
        }
    }
    for outcome in &mut audited.targets {
        outcome.unaudited = both(outcome.unaudited.take(), failed.remove(&outcome.target.id));
    }
}

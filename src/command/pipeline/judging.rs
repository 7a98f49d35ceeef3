//! Each document through the rules.

use super::{Audited, Work, apps};
use crate::document::{Document, Folded};
use crate::finding::Finding;
use crate::policy::{Evaluator, Pack};
use crate::progress::{Event, Progress};
use crate::target::Unaudited;

/// What documents are judged by.
pub struct Judging<'j> {
    /// The rules.
    pub pack: &'j Pack,
    /// Who is told what rules print.
    pub progress: &'j Progress,
}

/// What came of one document.
pub(in crate::command) struct Judged {
    findings: Vec<Finding>,
    /// What it was judged by, where it is to be judged again with the others of its app.
    document: Option<Folded>,
}

impl<'j> Work for Judging<'j> {
    type Worker = Evaluator<'j>;
    type Made = Judged;

    fn worker(&self) -> Self::Worker {
        self.pack.evaluator()
    }

    fn make(&self, evaluator: &mut Self::Worker, document: Document) -> (Judged, Option<Unaudited>) {
        let evaluation = evaluator.evaluate(&document);
        for line in &evaluation.prints {
            self.progress.event(&Event::Printed { target: &document.target().id, line });
        }
        let is_kept = self.pack.of_apps().next().is_some();
        let judged = Judged { findings: evaluation.findings, document: is_kept.then(|| document.fold()) };
        (judged, evaluation.unaudited)
    }
}

impl Judging<'_> {
    /// Judges what no document shows by itself.
    pub(super) fn finish(&self, audited: &mut Audited, judged: Vec<Judged>) {
        let mut documents = Vec::new();
        for one in judged {
            audited.findings.extend(one.findings);
            documents.extend(one.document);
        }
        apps::judge(audited, documents, self.pack, self.progress);
    }
}

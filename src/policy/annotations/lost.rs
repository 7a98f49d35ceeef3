//! Comments that are meant as metadata and are in no block: `# metadata`, and what an empty line cut off. What they say,
//! a severity above all, would be lost without a word.

use std::collections::BTreeSet;
use std::ops::Range;

use super::{Written, comments};
use crate::finding::Severity;
use crate::policy::analysis::makes_findings;
use crate::policy::module::Module;
use crate::policy::problem::PolicyError;
use crate::policy::tree;

const OPENING: &str = "METADATA";

/// What is wrong with the comments that `blocks` leave.
pub(super) fn problems(module: &Module, blocks: &[Written]) -> Vec<PolicyError> {
    if module.is_test() {
        return Vec::new();
    }
    let text = &*module.text;
    let taken: BTreeSet<usize> = blocks
        .iter()
        .flat_map(|block| block.line..=block.line + text[block.body.clone()].lines().count())
        .collect();
    let free: Vec<(usize, Range<usize>)> = comments(text)
        .into_iter()
        .filter(|(line, at)| !taken.contains(line) && (at.start == 0 || text[..at.start].ends_with('\n')))
        .collect();
    let problem = |at: &Range<usize>, what: &str, help: &str| {
        PolicyError::new(&module.file, text, at.start..at.start + text[at.clone()].trim_end().len(), what)
            .with_help(help)
    };
    let mut found = Vec::new();
    let mut told = BTreeSet::new();
    for pair in free.windows(2) {
        let [(line, at), (next, below)] = pair else { continue };
        // Prose has no keys below it.
        if *next == line + 1 && is_nearly_opening(said(&text[at.clone()])) && is_key(&text[below.clone()]) {
            // One mistake is told once: what is below is lost because of it.
            told.extend((*line..).take_while(|line| free.iter().any(|(other, _)| other == line)));
            found.push(problem(
                at,
                "this opens no METADATA block, so what is below it is lost",
                "did you mean `# METADATA`? Case counts",
            ));
        }
    }
    for rule in &module.tree.policy {
        let is_set = tree::head_path(rule).first().is_some_and(|name| makes_findings(name));
        let Some(line) = usize::try_from(rule.span().line).ok().filter(|_| is_set) else { continue };
        let directly = (1..line).rev().take_while(|line| free.iter().any(|(other, _)| other == line));
        let lost = directly.filter(|line| !told.contains(line)).filter_map(|line| {
            let (_, at) = free.iter().find(|(other, _)| *other == line)?;
            speaks(&text[at.clone()]).then_some(at)
        });
        if let Some(at) = lost.last() {
            found.push(problem(
                at,
                "this is in no METADATA block, so it is lost",
                "the lines of a block follow `# METADATA`, with no line between them",
            ));
        }
    }
    found
}

/// A comment without its `#`.
fn said(comment: &str) -> &str {
    comment.trim_start_matches('#').trim()
}

/// The opening of a block in another casing, or with a slip.
fn is_nearly_opening(said: &str) -> bool {
    let word = said.trim_end_matches(':').to_ascii_uppercase();
    !said.starts_with(OPENING) && strsim::osa_distance(&word, OPENING) <= 1
}

/// Whether a comment begins with a key of METADATA.
fn is_key(comment: &str) -> bool {
    let key = said(comment).split_once(':').map(|(key, _)| key.trim());
    key.is_some_and(|key| super::KEYS.contains(&key) || crate::policy::metadata::KEYS.contains(&key))
}

/// Whether a comment says what only a block can: prose has more behind the colon.
fn speaks(comment: &str) -> bool {
    match said(comment).split_once(':') {
        Some(("custom", rest)) => rest.trim().is_empty(),
        Some(("severity", rest)) => Severity::parse(rest.trim().trim_matches(['"', '\''])).is_some(),
        _ => false,
    }
}

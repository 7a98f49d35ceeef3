//! What is known of policies before any of them runs: that every name means something, that no rule needs itself,
//! that the sets of findings have their form, and which places of the document each rule reads.
//!
//! A mistake that would make a rule silently never fire is an error here, at its line.

mod form;
mod names;
mod reads;
mod recursion;
mod scopes;

use serde_json::Value;

pub(super) use form::makes_findings;
pub(super) use reads::{Place, Reads};

use super::module::Module;
use super::problem::PolicyError;
use crate::document::Outline;
use names::Program;
use reads::Reader;

/// A set of findings.
pub(super) struct Root<'r> {
    /// Its package and its name.
    pub(super) place: &'r [String],
    /// What it gets as `input`.
    pub(super) input: &'r Outline,
}

/// What each of `roots` can read of its input.
///
/// `modules` are all of the run, tests included; `data` is what the policies find below `data`.
///
/// # Errors
/// Everything that is wrong, in the order of files and lines.
pub(super) fn analyse(
    modules: &[&Module],
    data: &Value,
    roots: &[Root<'_>],
) -> Result<Vec<Reads>, Vec<PolicyError>> {
    let program = Program::new(modules, data);
    let mut problems: Vec<PolicyError> =
        modules.iter().flat_map(|module| scopes::imported(&program, module)).collect();
    let mut links = recursion::Links::new();
    for (place, definition) in program.definitions() {
        problems.extend(form::problem(definition));
        let uses = scopes::uses(&program, definition);
        links.entry(place.clone()).or_default().extend(uses.data);
        problems.extend(uses.problems);
    }
    let circles = recursion::circles(&program, &links);
    // Whoever goes round in circles reads no end.
    let reads = if circles.is_empty() { read(&program, roots, &mut problems) } else { Vec::new() };
    problems.extend(circles);
    if problems.is_empty() {
        return Ok(reads);
    }
    problems.sort_by(|a, b| a.order().cmp(&b.order()));
    problems.dedup_by(|a, b| a.order() == b.order());
    Err(problems)
}

fn read(program: &Program<'_>, roots: &[Root<'_>], problems: &mut Vec<PolicyError>) -> Vec<Reads> {
    let document = Outline::document();
    let mut reads = Vec::new();
    let mut outlines = vec![&document];
    for root in roots {
        if !outlines.contains(&root.input) {
            outlines.push(root.input);
        }
    }
    let mut readers: Vec<_> =
        outlines.iter().map(|outline| (*outline, Reader::new(program, outline))).collect();
    for root in roots {
        let definitions: Vec<_> = program
            .definitions()
            .filter(|(place, _)| *place == root.place)
            .map(|(_, definition)| definition)
            .collect();
        if let Some((_, reader)) = readers.iter_mut().find(|(outline, _)| *outline == root.input) {
            reads.push(reader.read(&definitions));
        }
    }
    // What no rule uses may be meant for one that is yet to come, of either scope.
    let app = Outline::app();
    for (_, definition) in program.definitions() {
        let is_seen = readers.iter().any(|(_, reader)| reader.has_seen(definition));
        if !is_seen && !definition.module.is_test() {
            let [as_document, as_app] = [&document, &app].map(|outline| {
                let mut reader = Reader::new(program, outline);
                reader.read(&[definition]);
                reader.problems().collect::<Vec<_>>()
            });
            if !as_app.is_empty() {
                problems.extend(as_document);
            }
        }
    }
    problems.extend(readers.into_iter().flat_map(|(_, reader)| reader.problems()));
    reads
}

#[cfg(test)]
mod tests;

//! What is known of policies before any of them runs: that every name means something, that no rule needs itself,
//! that the sets of findings have their form, and which places of the document each rule reads.
//!
//! A mistake that would make a rule silently never fire is an error here, at its line.

mod constants;
mod form;
mod names;
mod reads;
mod recursion;
mod replaced;
mod scopes;
mod types;

use std::collections::BTreeSet;

use serde_json::Value;

pub(super) use form::makes_findings;
pub(super) use reads::{Place, Reads};

use super::module::Module;
use super::problem::PolicyError;
use crate::document::Outline;
use constants::Constants;
use names::Program;
use reads::{Beside, Reader};

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
    let mut asked = BTreeSet::new();
    let mut constants = Constants::default();
    for (place, definition) in program.definitions() {
        problems.extend(form::problem(definition));
        problems.extend(form::always_true(definition));
        let uses = scopes::uses(&program, definition);
        if !definition.module.is_test() {
            asked.extend(uses.data.clone());
        }
        links.entry(place.clone()).or_default().extend(uses.data);
        problems.extend(uses.problems);
        problems.extend(replaced::problems(&program, definition));
        problems.extend(types::problems(&program, &mut constants, definition));
    }
    problems.extend(form::second_defaults(&program));
    problems.extend(form::misnamed(&program, &asked));
    let circles = recursion::problems(&program, &links);
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
    let (document, app) = (Outline::document(), Outline::app());
    let mut reads = Vec::new();
    let mut outlines: Vec<&Outline> = Vec::new();
    for root in roots {
        if !outlines.contains(&root.input) {
            outlines.push(root.input);
        }
    }
    let mut readers: Vec<_> =
        outlines.iter().map(|outline| (*outline, Reader::new(program, outline))).collect();
    for root in roots {
        if let Some((_, reader)) = readers.iter_mut().find(|(outline, _)| *outline == root.input) {
            reads.push(reader.read(program.at(root.place)));
        }
    }
    // Only documents are many: what is said of apps is not remembered.
    if let Some((_, reader)) = readers.iter().find(|(outline, _)| **outline == document) {
        let of_documents = || roots.iter().map(|root| *root.input == document);
        let read =
            reads.iter().zip(of_documents()).filter_map(|(reads, is_document)| is_document.then_some(reads));
        let beside = Beside::of(program, &document, read);
        let mut with_helpers = reader.with_helpers(&beside);
        for ((root, reads), _) in
            roots.iter().zip(&mut reads).zip(of_documents()).filter(|(_, is_document)| *is_document)
        {
            *reads = beside.with(std::mem::take(reads));
            if let Some(reader) = with_helpers.as_mut().filter(|reader| reader.may_help(reads)) {
                let by_helpers = beside.with(reader.read(program.at(root.place)));
                if !by_helpers.unbounded && !by_helpers.helpers.is_empty() {
                    *reads = by_helpers;
                }
            }
        }
    }
    // What no rule uses may be meant for one that is yet to come, of either scope; what neither has is a mistake.
    let packages: BTreeSet<&[String]> = roots
        .iter()
        .filter(|root| *root.input == app)
        .filter_map(|root| root.place.split_last().map(|(_, package)| package))
        .collect();
    for (_, definition) in program.definitions() {
        let is_seen = readers.iter().any(|(_, reader)| reader.has_seen(definition));
        if is_seen || definition.module.is_test() {
            continue;
        }
        let wrong = |input| {
            let mut reader = Reader::new(program, input);
            reader.read(&[definition]);
            reader.problems().collect::<Vec<_>>()
        };
        let is_of_apps = packages.contains(&definition.module.package[..]);
        let (likely, other) = if is_of_apps { (&app, &document) } else { (&document, &app) };
        let found = wrong(likely);
        if !found.is_empty() && !wrong(other).is_empty() {
            problems.extend(found);
        }
    }
    problems.extend(readers.into_iter().flat_map(|(_, reader)| reader.problems()));
    reads
}

#[cfg(test)]
mod tests;

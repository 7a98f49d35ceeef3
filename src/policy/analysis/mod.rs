//! What is known of policies before any of them runs: that every name means something, that no rule needs itself,
//! that the sets of findings have their form, and which places of the document each rule reads.
//!
//! A mistake that would make a rule silently never fire is an error here, at its line.

mod constants;
mod form;
mod meant;
mod names;
mod overlap;
mod reading;
mod reads;
mod recursion;
mod replaced;
mod scopes;
mod types;

use std::collections::BTreeSet;

use serde_json::Value;

pub(super) use form::makes_findings;
pub(super) use reads::{Place, Reads};

use super::metadata::Scope;
use super::module::Module;
use super::problem::PolicyError;
use constants::Constants;
use names::Program;
use reading::{Inputs, Reading};

/// A set of findings.
pub(super) struct Root<'r> {
    /// Its package and its name.
    pub(super) place: &'r [String],
    /// What it gets as `input`.
    pub(super) scope: Scope,
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
    let mut asked_by_tests = BTreeSet::new();
    let mut constants = Constants::default();
    for (place, definition) in program.definitions() {
        problems.extend(form::problem(definition));
        problems.extend(form::always_true(definition));
        let uses = scopes::uses(&program, definition);
        let asked = if definition.module.is_test() { &mut asked_by_tests } else { &mut asked };
        asked.extend(uses.data.clone());
        links.entry(place.clone()).or_default().extend(uses.data);
        problems.extend(uses.problems);
        problems.extend(replaced::problems(&program, definition));
        problems.extend(types::problems(&program, &mut constants, definition));
    }
    problems.extend(form::second_defaults(&program));
    problems.extend(overlap::problems(&program));
    problems.extend(form::misnamed(&program, &asked));
    problems.extend(form::misnamed_tests(&program, &asked_by_tests));
    let circles = recursion::problems(&program, &links);
    let inputs = Inputs::new();
    let mut reads = Vec::new();
    // Whoever goes round in circles reads no end.
    if circles.is_empty() {
        let mut reading = Reading::new(&program, &inputs, roots);
        reads = reading.reads();
        problems.extend(reading.problems());
    }
    problems.extend(circles);
    if problems.is_empty() {
        return Ok(reads);
    }
    problems.sort_by(|a, b| a.order().cmp(&b.order()));
    problems.dedup_by(|a, b| a.order() == b.order());
    Err(problems)
}

/// The same for policies of which it is known that nothing is wrong with them.
pub(super) fn reads(modules: &[&Module], data: &Value, roots: &[Root<'_>]) -> Vec<Reads> {
    Reading::new(&Program::new(modules, data), &Inputs::new(), roots).reads()
}

#[cfg(test)]
mod tests;

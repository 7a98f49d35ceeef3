//! What all rules read, each with the input of its scope.

use std::collections::BTreeSet;

use super::Root;
use super::names::{Definition, Program};
use super::reads::{Beside, Reader, Reads};
use crate::document::Outline;
use crate::policy::metadata::Scope;
use crate::policy::problem::PolicyError;

/// What rules get as `input`, by their scope.
pub(super) struct Inputs {
    document: Outline,
    app: Outline,
}

impl Inputs {
    pub(super) fn new() -> Self {
        Self { document: Outline::document(), app: Outline::app() }
    }

    fn of(&self, scope: Scope) -> &Outline {
        match scope {
            Scope::Document => &self.document,
            Scope::App => &self.app,
        }
    }
}

/// Goes through the rules of a program.
pub(super) struct Reading<'p, 'm> {
    program: &'p Program<'m>,
    inputs: &'p Inputs,
    roots: &'p [Root<'p>],
    documents: Reader<'p, 'm>,
    apps: Reader<'p, 'm>,
}

impl<'p, 'm> Reading<'p, 'm> {
    /// `program` must be free of recursion.
    pub(super) fn new(program: &'p Program<'m>, inputs: &'p Inputs, roots: &'p [Root<'p>]) -> Self {
        let reader = |scope| Reader::new(program, inputs.of(scope));
        Self { program, inputs, roots, documents: reader(Scope::Document), apps: reader(Scope::App) }
    }

    /// What each rule can read. Of apps nothing is remembered, since they are few.
    pub(super) fn reads(&mut self) -> Vec<Reads> {
        let mut reads: Vec<Reads> = self
            .roots
            .iter()
            .map(|root| if root.scope == Scope::Document { self.read(root) } else { Reads::default() })
            .collect();
        let beside = Beside::of(self.program, &self.inputs.document, &reads);
        let mut with_helpers = self.documents.with_helpers(&beside);
        for (root, reads) in self.roots.iter().zip(&mut reads) {
            if root.scope == Scope::App {
                reads.unbounded = true;
                continue;
            }
            *reads = beside.with(std::mem::take(reads));
            if let Some(reader) = with_helpers.as_mut().filter(|reader| reader.may_help(reads)) {
                let by_helpers = beside.with(reader.read(self.program.at(root.place)));
                if !by_helpers.unbounded && !by_helpers.helpers.is_empty() {
                    *reads = by_helpers;
                }
            }
        }
        reads
    }

    fn read(&mut self, root: &Root<'_>) -> Reads {
        let reader = match root.scope {
            Scope::Document => &mut self.documents,
            Scope::App => &mut self.apps,
        };
        reader.read(self.program.at(root.place))
    }

    /// References to places that no input has.
    pub(super) fn problems(mut self) -> Vec<PolicyError> {
        for root in self.roots.iter().filter(|root| root.scope == Scope::App) {
            self.read(root);
        }
        let mut problems: Vec<PolicyError> = self.of_what_no_rule_uses();
        problems.extend(self.documents.problems());
        problems.extend(self.apps.problems());
        problems
    }

    /// What no rule uses may be meant for one that is yet to come, of either scope; what neither has is a mistake.
    fn of_what_no_rule_uses(&self) -> Vec<PolicyError> {
        let packages: BTreeSet<&[String]> = self
            .roots
            .iter()
            .filter(|root| root.scope == Scope::App)
            .filter_map(|root| root.place.split_last().map(|(_, package)| package))
            .collect();
        let wrong = |scope, definition: Definition<'m>| {
            let mut reader = Reader::new(self.program, self.inputs.of(scope));
            reader.read(&[definition]);
            reader.problems().collect::<Vec<_>>()
        };
        let mut problems = Vec::new();
        for (_, definition) in self.program.definitions() {
            let is_seen = self.documents.has_seen(definition) || self.apps.has_seen(definition);
            if is_seen || definition.module.is_test() {
                continue;
            }
            let is_of_apps = packages.contains(&definition.module.package[..]);
            let (likely, other) =
                if is_of_apps { (Scope::App, Scope::Document) } else { (Scope::Document, Scope::App) };
            let found = wrong(likely, definition);
            if !found.is_empty() && !wrong(other, definition).is_empty() {
                problems.extend(found);
            }
        }
        problems
    }
}

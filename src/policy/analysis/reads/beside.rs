//! What the engine evaluates beside what a rule refers to: all rules of a package that a name was imported for. One of
//! them that fails makes the rule fail, so that its answer depends on what they read, too.

use std::collections::{BTreeMap, BTreeSet};

use super::{Reader, Reads, has_value};
use crate::document::Outline;
use crate::policy::analysis::names::Program;

/// What the rules of packages read, by the packages, or parts of the way to some.
pub(in crate::policy::analysis) struct Beside {
    packages: BTreeMap<Vec<String>, Reads>,
}

impl Beside {
    /// For the packages that `reads` names, and all that these do.
    pub(in crate::policy::analysis) fn of<'r>(
        program: &Program<'_>,
        outline: &Outline,
        reads: impl IntoIterator<Item = &'r Reads>,
    ) -> Self {
        // What is wrong with them is said where a rule uses it: they may be meant for another scope.
        let mut reader = Reader::new(program, outline);
        let mut packages = BTreeMap::new();
        let mut waiting: Vec<Vec<String>> =
            reads.into_iter().flat_map(|reads| reads.packages.iter().cloned()).collect();
        while let Some(package) = waiting.pop() {
            if packages.contains_key(&package) {
                continue;
            }
            // Tests are not there when documents are judged.
            let definitions = program.below(&package).into_iter().filter(|one| !one.module.is_test());
            let definitions: Vec<_> = definitions.filter(|one| has_value(one.rule)).collect();
            let reads = reader.evaluated(&definitions);
            waiting.extend(reads.packages.iter().cloned());
            packages.insert(package, reads);
        }
        Self { packages }
    }

    /// What was read, and what is read beside it.
    pub(in crate::policy::analysis) fn with(&self, mut reads: Reads) -> Reads {
        let mut done = BTreeSet::new();
        let mut waiting = std::mem::take(&mut reads.packages);
        while let Some(package) = waiting.pop_first() {
            if let Some(beside) = self.packages.get(&package)
                && done.insert(package)
            {
                waiting.extend(beside.packages.iter().cloned());
                reads.extend(beside);
            }
        }
        reads.packages.clear();
        reads.minimal()
    }
}

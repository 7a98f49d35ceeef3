//! The only room that knows the Rego engine: policies are loaded once, and evaluated on clones.
//!
//! A rule that cannot be loaded stops the run before anything is audited; one that cannot be
//! evaluated makes its target unaudited. Neither is ever a pass.
//!
//! A [`Library`] is all that was read, with everything that is wrong with it; a [`Pack`] is what a configuration
//! enables of it, in an engine that is ready.

mod analysis;
mod annotations;
mod answers;
mod builtin;
mod data;
mod depth;
mod evaluate;
mod files;
mod functions;
mod library;
mod member;
mod metadata;
mod module;
mod parameters;
mod place;
mod pointer;
mod problem;
mod reflection;
mod rule_sets;
mod spelling;
mod syntax;
mod tree;
pub mod unit_tests;

use std::sync::{Arc, LazyLock};

use regorus::Engine;

use answers::Answers;
pub use evaluate::{Evaluation, Evaluator};
pub use library::Library;
use member::Member;
pub use metadata::Scope;
pub use parameters::{leaves, profiles, read_by};
pub use problem::PolicyError;
use spelling::near;

use crate::finding::{Rule, Severity};

/// The name of the embedded pack.
pub const BUILTIN: &str = "builtin";

/// The loaded rules, ready to be evaluated.
pub struct Pack {
    engine: Engine,
    rules: Vec<LoadedRule>,
    /// What the rules said, by what they read.
    answers: Option<LazyAnswers>,
}

/// Answers that are set up for the first document that is judged: most commands judge none.
type LazyAnswers = LazyLock<Answers<Vec<Member>>, Box<dyn FnOnce() -> Answers<Vec<Member>> + Send>>;

/// A rule, and how it is asked.
#[derive(Debug, Clone)]
struct LoadedRule {
    rule: Arc<Rule>,
    /// `data.audit.area.name.deny`.
    query: Arc<str>,
    /// Where a member that names no path points.
    path: Arc<str>,
    /// The configuration's severity, over everything that the rule says.
    severity: Option<Severity>,
    /// What its input is.
    scope: Scope,
}

impl Pack {
    /// The enabled rules, in the order of their ids.
    #[must_use]
    pub fn rules(&self) -> impl ExactSizeIterator<Item = &Arc<Rule>> {
        self.rules.iter().map(|loaded| &loaded.rule)
    }

    /// The rules that see all documents of an app.
    pub fn of_apps(&self) -> impl Iterator<Item = &Arc<Rule>> {
        self.rules.iter().filter(|loaded| loaded.scope == Scope::App).map(|loaded| &loaded.rule)
    }

    /// The same without a memory: every rule is evaluated for every document.
    #[must_use]
    pub fn forgetful(self) -> Self {
        Self { answers: None, ..self }
    }

    /// An evaluator for one thread.
    #[must_use]
    pub fn evaluator(&self) -> Evaluator<'_> {
        Evaluator::new(self)
    }
}

#[cfg(test)]
mod tests;

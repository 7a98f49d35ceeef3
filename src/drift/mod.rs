//! What changed between what was agreed and what is: one engine for the baseline and for pairs of environments.
//!
//! Two documents are compared along their outline: objects member by member, documented lists as sets, everything
//! else by value. A shape that no document has is a difference, never a panic, and equal documents cost no
//! allocation. No change holds a secret, whatever somebody wrote into a file of the baseline.

mod comparison;
mod findings;
mod message;
mod order;
mod pairs;
pub mod rules;
mod secret;
mod weakening;

use serde_json::Value;

pub use findings::{
    DriftRule, against_baseline, between_environments, without_baseline, without_counterpart,
};
pub use pairs::{Alone, Pair, Pairing, pair};
pub use weakening::table;

use crate::finding::Severity;

/// One difference between two documents, at one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// JSON pointer of the member; of the list where members of a set changed, `""` for the whole document.
    pub path: String,
    /// What differs there.
    pub difference: Difference,
    /// Whether what is there is less secure than what was expected.
    pub weakens: bool,
}

/// What differs at a place. The word `REDACTED` stands for every secret.
#[derive(Debug, Clone, PartialEq)]
pub enum Difference {
    /// A scalar, or the whole of what AWS does not document; `null` where there is nothing.
    Value {
        /// What was agreed.
        expected: Value,
        /// What is there.
        actual: Value,
    },
    /// Members of a list that is a set, sorted.
    Members {
        /// Those that are expected and not there.
        missing: Vec<Value>,
        /// Those that are there and not expected.
        added: Vec<Value>,
    },
}

/// What changed from `expected` to `actual`, two whole documents as [`Document::value`] gives them: in the order of
/// the document, each place once.
///
/// What says how a document came to be (`SchemaVersion`, `Origin`, `Unrecognised`) is never compared. Two documents
/// of one target agree on whose they are, too: on account, region and name of the app where both know them, on the
/// stage and on every label. Of two targets those are not compared, and the names of the user pool, the identity pool
/// and the domain are equal where nothing but the name of its own environment at its end tells each from the other.
///
/// A member that is `null` is one that is absent. Secrets are told apart by whether there is one, never by value.
///
/// [`Document::value`]: crate::document::Document::value
#[must_use]
pub fn compare(expected: &Value, actual: &Value) -> Vec<Change> {
    comparison::changes(expected, actual)
}

impl Change {
    /// What changed, in one printable line without the place: ``weaker: `IMPLICIT` replaced `CODE` ``. Long texts and
    /// lists are shortened.
    #[must_use]
    pub fn message(&self) -> String {
        message::describe(self)
    }

    /// What a finding expects: never `null`. Of a set, the members that are not there.
    #[must_use]
    pub fn expected(&self) -> Option<Value> {
        match &self.difference {
            Difference::Value { expected, .. } => some(expected),
            Difference::Members { missing, .. } => some_of(missing),
        }
    }

    /// What a finding found: never `null`. Of a set, the members that were added.
    #[must_use]
    pub fn actual(&self) -> Option<Value> {
        match &self.difference {
            Difference::Value { actual, .. } => some(actual),
            Difference::Members { added, .. } => some_of(added),
        }
    }

    /// How bad it is: `high` where it weakens, else `low`.
    #[must_use]
    pub fn severity(&self) -> Severity {
        if self.weakens { Severity::High } else { Severity::Low }
    }
}

fn some(value: &Value) -> Option<Value> {
    (!value.is_null()).then(|| value.clone())
}

fn some_of(members: &[Value]) -> Option<Value> {
    (!members.is_empty()).then(|| Value::Array(members.to_vec()))
}

#[cfg(test)]
mod tests;

//! Rules that other rules refer to by an import of their package.
//!
//! The engine evaluates all rules of a package that a name was imported for, so that one that fails makes whoever uses
//! another one fail. To ask for the value of such a helper, a rule of our own imports its package in the same way.

use std::fmt::Write as _;

use super::tree::dotted;

/// Where they lie below `data`; nobody else's.
pub(super) const ROOT: &str = "__helpers";

/// A rule whose value others depend on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Helper {
    /// Its package and its name.
    pub(super) place: Vec<String>,
    /// How many parts of it were imported; none where it is referred to by its full path.
    pub(super) imported: Option<usize>,
}

impl Helper {
    /// What the engine is asked for, where this is the one at `index`.
    pub(super) fn query(&self, index: usize) -> String {
        match self.imported {
            Some(_) => format!("data.{ROOT}.h{index}"),
            None => path(&self.place),
        }
    }
}

/// The policy that has the rules that are asked for; `None` where none is needed.
pub(super) fn policy<'h>(helpers: impl Iterator<Item = &'h Helper>) -> Option<String> {
    let mut text = String::new();
    for (index, helper) in helpers.enumerate() {
        if let Some(imported) = helper.imported {
            let (package, rest) = helper.place.split_at(imported);
            // Writing to a String cannot fail.
            let _ = write!(
                text,
                "\nh{index} := value if {{\n\tpackage_ := {}\n\tvalue := package_",
                path(package)
            );
            for step in rest {
                let _ = write!(text, "[{}]", serde_json::Value::from(step.as_str()));
            }
            text.push_str("\n}\n");
        }
    }
    (!text.is_empty()).then(|| format!("package {ROOT}\n{text}"))
}

fn path(place: &[String]) -> String {
    dotted(std::iter::once("data").chain(place.iter().map(String::as_str)))
}

//! Definitions that lie within one another, or at one place in different ways, and names that stand twice among
//! arguments: OPA joins them, or refuses them; the engine takes the one or the other.

use std::collections::BTreeSet;

use regorus::unstable::{Rule, RuleHead};

use super::names::{Definition, Program};
use crate::policy::problem::PolicyError;
use crate::policy::tree::{Reference, Step, head, pattern};

/// How a rule makes its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Value,
    Members,
    Set,
    Function,
}

impl Kind {
    fn of(rule: &Rule) -> Self {
        match rule {
            Rule::Spec { head: RuleHead::Set { .. }, .. } => Self::Set,
            Rule::Spec { head: RuleHead::Func { .. }, .. } => Self::Function,
            Rule::Default { args, .. } if !args.is_empty() => Self::Function,
            Rule::Spec { .. } | Rule::Default { .. } => {
                let steps = Reference::of(head(rule)).steps;
                if steps.iter().all(|step| matches!(step, Step::Key(..))) {
                    Self::Value
                } else {
                    Self::Members
                }
            }
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Value => "a value",
            Self::Members => "an object with members of any name",
            Self::Set => "a set",
            Self::Function => "a function",
        }
    }
}

/// Everything of the kind.
pub(super) fn problems(program: &Program<'_>) -> Vec<PolicyError> {
    let mut problems = Vec::new();
    // In the order of places, so that what lies within one follows it.
    let mut around: Vec<(&Vec<String>, Kind)> = Vec::new();
    for (place, definition) in program.definitions() {
        problems.extend(repeated(definition));
        let module = definition.module;
        let at = head(definition.rule).span();
        while around.last().is_some_and(|(outer, _)| !place.starts_with(outer)) {
            around.pop();
        }
        let kind = Kind::of(definition.rule);
        match around.last() {
            Some((outer, first)) if *outer == place => {
                if *first != kind {
                    let name = place[module.package.len()..].join(".");
                    let what = format!("`{name}` is {} here, and {} elsewhere", kind.name(), first.name());
                    problems
                        .push(module.problem(at, what).with_help("give the one or the other another name"));
                }
                continue;
            }
            // A package within a rule is said of the package.
            Some((outer, _)) if outer.len() > module.package.len() => {
                let name = |place: &[String]| place[module.package.len()..].join(".");
                let what = format!(
                    "`{}` lies within `{}`, which has definitions of its own: the engine takes the one or the other",
                    name(place),
                    name(outer),
                );
                let help = "write all members in one way: each with a constant name, or all with a variable";
                problems.push(module.problem(at, what).with_help(help));
            }
            _ => {}
        }
        around.push((place, kind));
        let package =
            (module.package.len() + 1..=place.len()).find(|end| program.has_package(&place[..*end]));
        if let Some(end) = package {
            let what = format!(
                "`{}` lies in the package `{}`: the engine does not join them",
                place[module.package.len()..].join("."),
                place[..end].join("."),
            );
            problems.push(
                module.problem(at, what).with_help("write it in that package, or give it another name"),
            );
        }
    }
    problems
}

/// A name that stands twice among the arguments of a function.
fn repeated(definition: Definition<'_>) -> Option<PolicyError> {
    let Rule::Spec { head: RuleHead::Func { args, .. }, .. } = definition.rule else { return None };
    let mut seen = BTreeSet::new();
    args.iter().find_map(|argument| {
        let twice = pattern(argument).into_iter().find(|name| *name != "_" && !seen.insert(*name))?;
        let what = format!(
            "`{twice}` stands twice among the arguments: here the last one counts, in OPA they are equal"
        );
        let help = format!("give them different names, and compare them in the body: `{twice} == other`");
        Some(definition.module.problem(argument.span(), what).with_help(help))
    })
}

//! The form of the sets that make findings. conftest passes silently over a `deny` that is none, and over members of
//! another form: here they are refused.

use std::collections::BTreeSet;

use regorus::unstable::{AssignOp, Expr, Literal, Rule, RuleBody, RuleHead, Span};

use super::names::{Definition, Program};
use crate::policy::pointer::leads_somewhere;
use crate::policy::problem::PolicyError;
use crate::policy::tree::{Reference, head, variable};
use crate::policy::{metadata, near};
use crate::suggestion::nearest;

/// What a member that is an object may say.
const MEMBERS: [&str; 6] = ["msg", "path", "expected", "actual", "severity", "target"];

/// What is wrong with the form of a definition, if it is one of a set that makes findings.
pub(super) fn problem(definition: Definition<'_>) -> Option<PolicyError> {
    let head = head(definition.rule);
    let name = variable(Reference::of(head).root)?;
    if definition.module.is_test() || !makes_findings(name) {
        return None;
    }
    let (steps, key) = match definition.rule {
        Rule::Spec { head: RuleHead::Set { key, refr, .. }, .. } => (Reference::of(refr).steps, key.as_ref()),
        Rule::Spec { .. } | Rule::Default { .. } => (Reference::of(head).steps, None),
    };
    let Some(key) = key.filter(|_| steps.is_empty()) else {
        let is = if steps.is_empty() { "no set" } else { "no set but an object" };
        let what = format!("`{name}` is {is}, so it would make no finding");
        let help = format!("write `{name} contains msg if {{ … }}`");
        return Some(definition.module.problem(head.span(), what).with_help(help));
    };
    // `deny contains finding if { finding := {…} }` says what its members are, too.
    let said = match (definition.rule, variable(key)) {
        (Rule::Spec { bodies, .. }, Some(local)) => assigned(bodies, local),
        _ => Vec::new(),
    };
    std::iter::once(key.as_ref()).chain(said).find_map(|said| member(definition, name, said))
}

/// What is assigned to a variable of these bodies.
fn assigned<'m>(bodies: &'m [RuleBody], local: &str) -> Vec<&'m Expr> {
    let statements = bodies.iter().flat_map(|body| &body.query.stmts);
    let assigned = statements.filter_map(|statement| match &statement.literal {
        Literal::Expr { expr, .. } => match expr.as_ref() {
            Expr::AssignExpr { op: AssignOp::ColEq, lhs, rhs, .. } if variable(lhs) == Some(local) => {
                Some(rhs.as_ref())
            }
            _ => None,
        },
        _ => None,
    });
    assigned.collect()
}

/// Bodies that are a collection: `{ a == 1, b == 2 }` is a set of two truths, and true whatever they are.
pub(super) fn always_true(definition: Definition<'_>) -> Option<PolicyError> {
    let Rule::Spec { bodies, .. } = definition.rule else { return None };
    let statements = bodies.iter().flat_map(|body| &body.query.stmts);
    let collection = statements.filter_map(|statement| match &statement.literal {
        Literal::Expr { expr, .. } => Some(expr),
        _ => None,
    });
    let collection = collection
        .map(AsRef::as_ref)
        .find(|expr| matches!(expr, Expr::Set { .. } | Expr::Array { .. } | Expr::Object { .. }))?;
    let what = "this is a collection, so it is always true";
    let help =
        "the expressions of a body stand on lines of their own, or with `;` between them, without commas";
    Some(definition.module.problem(collection.span(), what).with_help(help))
}

/// Sets that are named as if they made findings, and that nothing but a test asks for: `violations contains …`.
pub(super) fn misnamed(
    program: &Program<'_>,
    asked: &BTreeSet<Vec<String>>,
) -> impl Iterator<Item = PolicyError> {
    program.definitions().filter_map(|(place, definition)| {
        let Rule::Spec { head: RuleHead::Set { refr, .. }, .. } = definition.rule else { return None };
        let name = variable(Reference::of(refr).root)?;
        let is_used = asked.iter().any(|asked| place.starts_with(asked) || asked.starts_with(place));
        if is_used || definition.module.is_test() {
            return None;
        }
        if name.split('_').next() == Some("exception") {
            let what = format!("`{name}` excepts nothing: audit has no exceptions in policies");
            let help = "accept a finding with a [[waiver]] in audit.toml, which has a reason and an end: audit waive RULE TARGET";
            return Some(definition.module.problem(refr.span(), what).with_help(help));
        }
        let meant = meant(name)?;
        let what = format!("`{name}` makes no finding, and nothing asks for it");
        let help = format!("did you mean `{meant}`? Sets named `deny`, `violation` or `warn` make findings, with `_name` behind it, too");
        Some(definition.module.problem(refr.span(), what).with_help(help))
    })
}

/// Rules of files of tests that are named nearly as tests, and that nothing asks for: `tset_off if …` never runs.
pub(super) fn misnamed_tests(
    program: &Program<'_>,
    asked: &BTreeSet<Vec<String>>,
) -> impl Iterator<Item = PolicyError> {
    program.definitions().filter_map(|(place, definition)| {
        let Rule::Spec { head: RuleHead::Compr { refr, assign: None, .. }, bodies, .. } = definition.rule
        else {
            return None;
        };
        let name = variable(refr)?;
        let is_used = asked.iter().any(|asked| place.starts_with(asked) || asked.starts_with(place));
        if bodies.is_empty() || is_used || !definition.module.is_test() || !is_nearly_a_test(name) {
            return None;
        }
        let what = format!("`{name}` is no test, and nothing asks for it: it never runs");
        let help = "the names of tests begin with `test_`, and with `todo_test_` those of tests to skip";
        Some(definition.module.problem(refr.span(), what).with_help(help))
    })
}

fn is_nearly_a_test(name: &str) -> bool {
    if name.starts_with("test_") || name.starts_with("todo_test_") {
        return false;
    }
    let first = name.split('_').next().unwrap_or(name).to_lowercase();
    first.starts_with("test") || near(&first, ["test"]).is_some()
}

/// The name of a set of findings that another name was meant for.
fn meant(name: &str) -> Option<&'static str> {
    if makes_findings(name) {
        return None;
    }
    let first = name.split(['_', '-']).next().unwrap_or(name).to_lowercase();
    let forms = [
        ("deny", &["deny", "denies", "denied"][..]),
        ("violation", &["violation", "violates", "violate"]),
        ("warn", &["warn", "warning", "warnings"]),
    ];
    let form = forms.iter().find(|(_, forms)| forms.contains(&first.as_str())).map(|(meant, _)| *meant);
    form.or_else(|| near(&first, forms.map(|(meant, _)| meant)))
}

/// Defaults of what has one already: one of the two is never taken.
pub(super) fn second_defaults(program: &Program<'_>) -> Vec<PolicyError> {
    let mut seen = BTreeSet::new();
    let defaults =
        program.definitions().filter(|(_, definition)| matches!(definition.rule, Rule::Default { .. }));
    let second = defaults.filter(|(place, _)| !seen.insert(*place));
    second
        .map(|(_, definition)| {
            let head = head(definition.rule);
            let name = variable(Reference::of(head).root).unwrap_or_default();
            let what = format!("`{name}` has a default already");
            definition.module.problem(head.span(), what).with_help("keep one of the two")
        })
        .collect()
}

/// Whether a rule of this name makes findings: conftest's `^(deny|violation|warn)(_[a-zA-Z0-9]+)*$`.
pub(in crate::policy) fn makes_findings(name: &str) -> bool {
    let mut parts = name.split('_');
    matches!(parts.next(), Some("deny" | "violation" | "warn"))
        && parts.all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric()))
}

fn member(definition: Definition<'_>, name: &str, member: &Expr) -> Option<PolicyError> {
    let module = definition.module;
    match member {
        Expr::Object { fields, .. } => {
            let mut keys = Vec::new();
            for (_, key, value) in fields {
                // Who knows what it is called.
                let (name, at) = text(key)?;
                if let Some(problem) = constant(definition, &name, value) {
                    return Some(problem);
                }
                keys.push((name, at));
            }
            for (key, at) in &keys {
                if !MEMBERS.contains(&key.as_str())
                    && let Some(near) = nearest(key, MEMBERS)
                {
                    let what = format!("a finding has no member `{key}`");
                    return Some(module.problem(at, what).with_help(format!("did you mean `{near}`?")));
                }
            }
            (!keys.iter().any(|(key, _)| key == "msg")).then(|| {
                module
                    .problem(member.span(), "this member has no `msg`, so it says nothing")
                    .with_help("add `\"msg\": \"what is wrong\"`")
            })
        }
        Expr::Number { .. }
        | Expr::Bool { .. }
        | Expr::Null { .. }
        | Expr::Array { .. }
        | Expr::Set { .. }
        | Expr::ArrayCompr { .. }
        | Expr::SetCompr { .. } => Some(
            module
                .problem(member.span(), format!("a member of `{name}` is a string or an object with `msg`"))
                .with_help(format!("write `{name} contains \"what is wrong\" if {{ … }}`")),
        ),
        _ => None,
    }
}

/// What is wrong with the value of a member's key, where it is a constant.
fn constant(definition: Definition<'_>, key: &str, value: &Expr) -> Option<PolicyError> {
    let (value, at) = text(value)?;
    let wrong = match key {
        "severity" => metadata::severity(&value.into()).err(),
        "path" => leads_somewhere(&value).err(),
        _ => None,
    };
    wrong.map(|(what, help)| definition.module.problem(at, what).with_help(help))
}

/// A text, and its place.
fn text(expression: &Expr) -> Option<(String, &Span)> {
    match expression {
        Expr::String { value, span, .. } | Expr::RawString { value, span, .. } => {
            Some((value.as_string().ok()?.to_string(), span))
        }
        _ => None,
    }
}

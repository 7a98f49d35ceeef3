//! The form of the sets that make findings. conftest passes silently over a `deny` that is none, and over members of
//! another form: here they are refused.

use regorus::unstable::{Expr, Rule, RuleHead};

use super::names::{Definition, Reference, head, variable};
use crate::policy::problem::PolicyError;
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
    member(definition, name, key)
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
            for (_, key, _) in fields {
                match key.as_ref() {
                    Expr::String { value, .. } | Expr::RawString { value, .. } => {
                        keys.push((value.as_string().ok()?.to_string(), key.span()));
                    }
                    // Who knows what it is called.
                    _ => return None,
                }
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

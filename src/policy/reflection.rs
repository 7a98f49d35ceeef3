//! `rego.metadata.rule()` and `rego.metadata.chain()`: what a rule knows of its own metadata.
//!
//! OPA puts the value in the place of the call when it compiles; the engine has neither function. So the text that
//! the engine gets has a reference in the place of the call, of the same length, so that every line and column
//! stays where it is; the values stand in `data`, below a name that no policy and no data may use.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use regorus::unstable::Expr;
use serde_json::{Map, Value, json};

use super::annotations::{Block, Reach};
use super::module::{self, Module};
use super::problem::PolicyError;
use super::tree::{self, Reference, Step};
use crate::suggestion::nearest;

/// Where the values are, below `data`.
pub(super) const ROOT: &str = "__meta";

/// A call in a rule.
struct Call {
    /// Index of the rule.
    rule: usize,
    asked: Asked,
    at: Range<usize>,
}

#[derive(Clone, Copy)]
enum Asked {
    Rule,
    Chain,
}

/// The text for the engine, and the values that it refers to, which are appended to `values`.
pub(super) fn resolved<'m>(
    module: &'m Module,
    annotated: &[(&Module, &[Block])],
    values: &mut Vec<Value>,
) -> Cow<'m, str> {
    let calls = calls(module);
    if calls.is_empty() {
        return Cow::Borrowed(&module.text);
    }
    let mut text = module.text.to_string();
    for Call { rule, asked, at } in calls {
        text.replace_range(at.clone(), &reference(values.len(), &module.text[at]));
        values.push(value(module, rule, asked, annotated));
    }
    Cow::Owned(text)
}

/// What a call answers.
fn value(module: &Module, rule: usize, asked: Asked, annotated: &[(&Module, &[Block])]) -> Value {
    let chain = chain(module, rule, annotated);
    match asked {
        Asked::Chain => Value::Array(chain),
        // Of a rule without a block of its own OPA gives an empty object.
        Asked::Rule => chain
            .into_iter()
            .next()
            .and_then(|link| link.get("annotations").cloned())
            .filter(|own| own["scope"] == "rule")
            .unwrap_or_else(|| Value::Object(Map::new())),
    }
}

/// Keys directly behind a call that the answer does not have: what is known before anything runs is never there.
pub(super) fn never(module: &Module, annotated: &[(&Module, &[Block])]) -> Vec<PolicyError> {
    if !module.text.contains("rego.metadata.") {
        return Vec::new();
    }
    let mut problems = Vec::new();
    for (rule, tree) in module.tree.policy.iter().enumerate() {
        tree::expressions(tree, &mut |expression| {
            let reference = Reference::of(expression);
            let Some(asked) = asked(reference.root).filter(|_| !reference.steps.is_empty()) else { return };
            let value = value(module, rule, asked, annotated);
            let mut here = vec![&value];
            for step in &reference.steps {
                let next: Vec<&Value> = here.iter().copied().flat_map(|value| below(value, step)).collect();
                if next.is_empty() {
                    if let Step::Key(key, at) = step {
                        let what = format!("the metadata of this rule has no `{key}`, so this is never true");
                        problems.push(module.problem(at, what).with_help(advice(key, &here)));
                    }
                    return;
                }
                here = next;
            }
        });
    }
    problems
}

/// What a step leads to; any index to all there are.
fn below<'v>(value: &'v Value, step: &Step<'_>) -> Vec<&'v Value> {
    match (value, step) {
        (Value::Object(members), Step::Key(key, _)) => members.get(*key).into_iter().collect(),
        (Value::Object(members), Step::Index(_)) => members.values().collect(),
        (Value::Array(items), Step::Index(_)) => items.iter().collect(),
        _ => Vec::new(),
    }
}

/// What to do about a key that none of `here` has.
fn advice(key: &str, here: &[&Value]) -> String {
    let known: BTreeSet<&str> =
        here.iter().filter_map(|value| value.as_object()).flat_map(Map::keys).map(String::as_str).collect();
    match nearest(key, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => format!("say `{key}` in a METADATA block above the rule"),
        None => {
            let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            format!("there is {}", known.join(", "))
        }
    }
}

/// Whether a rule asks for its metadata.
pub(super) fn asks(module: &Module, rule: usize) -> bool {
    calls(module).iter().any(|call| call.rule == rule)
}

fn calls(module: &Module) -> Vec<Call> {
    // Few policies ask, and all are looked through.
    if !module.text.contains("rego.metadata.") {
        return Vec::new();
    }
    let mut calls = Vec::new();
    for (rule, tree) in module.tree.policy.iter().enumerate() {
        tree::expressions(tree, &mut |expression| {
            let Expr::Call { span, fcn, .. } = expression else { return };
            let Some(asked) = asked(expression) else { return };
            let at = module::bytes(fcn.span()).start..module::bytes(span).end;
            let Some(open) = module.text.get(at.start..).and_then(|rest| rest.find('(')) else { return };
            let Some(close) = module.text[at.start + open..].find(')') else { return };
            calls.push(Call { rule, asked, at: at.start..at.start + open + close + 1 });
        });
    }
    // From the last to the first: a replacement moves nothing, but each is seen once.
    calls.sort_by_key(|call| call.at.start);
    calls.dedup_by_key(|call| call.at.start);
    calls
}

/// What an expression asks for, if it is a call.
fn asked(expression: &Expr) -> Option<Asked> {
    let Expr::Call { fcn, params, .. } = expression else { return None };
    match tree::path(fcn)?.as_slice() {
        [rego, metadata, name] if rego == "rego" && metadata == "metadata" && params.is_empty() => {
            match name.as_str() {
                "rule" => Some(Asked::Rule),
                "chain" => Some(Asked::Chain),
                _ => None,
            }
        }
        _ => None,
    }
}

/// `data.__meta[     7]`, as long as what it replaces, with the line breaks where they were.
fn reference(index: usize, replaced: &str) -> String {
    let open = format!("data.{ROOT}[{index}");
    // INVARIANT: the shortest call, `rego.metadata.rule()`, leaves seven digits.
    let inside: String = replaced
        .get(open.len()..replaced.len().saturating_sub(1))
        .unwrap_or_default()
        .chars()
        .flat_map(|c| {
            std::iter::repeat_n(
                if c.is_whitespace() { c } else { ' ' },
                if c.is_whitespace() { 1 } else { c.len_utf8() },
            )
        })
        .collect();
    format!("{open}{inside}]")
}

/// OPA's chain: the rule's own blocks, then what is said of all its definitions, of its package, and of the
/// packages above it. The first is always the rule, with annotations or without.
fn chain(module: &Module, rule: usize, annotated: &[(&Module, &[Block])]) -> Vec<Value> {
    let name = module.tree.policy.get(rule).map(|rule| tree::head_path(rule)).unwrap_or_default();
    let path: Vec<&String> = module.package.iter().chain(&name).collect();
    let own = annotated.iter().find(|(other, _)| std::ptr::eq(*other, module)).and_then(|(_, blocks)| {
        blocks.iter().find(|block| (block.reach, block.rule) == (Reach::Rule, Some(rule)))
    });
    let mut chain = vec![match own {
        Some(block) => json!({"path": path, "annotations": block.to_opa()}),
        None => json!({"path": path}),
    }];
    let blocks =
        || annotated.iter().flat_map(|(module, blocks)| blocks.iter().map(move |block| (*module, block)));
    let document = blocks().find(|(other, block)| {
        block.reach == Reach::Document
            && other.package == module.package
            && block.rule.and_then(|rule| Some(tree::head_path(other.tree.policy.get(rule)?))).as_ref()
                == Some(&name)
    });
    chain.extend(document.map(|(_, block)| json!({"path": path, "annotations": block.to_opa()})));
    let of_package = |package: &[String], reach: Reach| {
        let block = blocks().find(|(other, block)| block.reach == reach && other.package == package);
        block.map(|(_, block)| json!({"path": package, "annotations": block.to_opa()}))
    };
    chain.extend(of_package(&module.package, Reach::Package));
    let above = (1..=module.package.len()).rev().map(|end| &module.package[..end]);
    chain.extend(above.filter_map(|package| of_package(package, Reach::Subpackages)));
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_becomes_a_reference_of_the_same_length() {
        let text = "package a\n\nx := rego.metadata.rule( ) # rego.metadata.rule()\ny := [\"rego.metadata.chain()\", rego.metadata.chain(\n)]\n";
        let module = Module::parse("a.rego", text).expect("parses");
        let mut values = Vec::new();
        let resolved = resolved(&module, &[(&module, &[])], &mut values);
        assert_eq!(
            resolved,
            "package a\n\nx := data.__meta[0       ] # rego.metadata.rule()\ny := [\"rego.metadata.chain()\", data.__meta[1       \n]]\n"
        );
        assert_eq!(resolved.len(), text.len());
        assert_eq!(values, [json!({}), json!([{"path": ["a", "y"]}])]);
    }
}

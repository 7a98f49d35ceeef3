//! Which rules are tests, and which cannot be one: a test that would pass unseen is refused.

use std::collections::BTreeMap;

use regorus::unstable::{Expr, Ref, Rule, RuleHead, Span};

use crate::policy::module::Module;
use crate::policy::problem::PolicyError;
use crate::policy::tree::{self, Reference, Step, dotted};

const PREFIX: &str = "test_";
const SKIPPED_PREFIX: &str = "todo_test_";

/// A `test_` rule.
pub(super) struct Test {
    /// The module that it stands in: an index.
    pub(super) module: usize,
    pub(super) rule: Ref<Rule>,
    /// `data.package`.
    pub(super) package: String,
    /// `test_name`.
    pub(super) name: String,
    /// `todo_test_name`.
    pub(super) is_skipped: bool,
}

impl Test {
    /// `data.package.test_name`.
    pub(super) fn full_name(&self) -> String {
        format!("{}.{}", self.package, self.name)
    }

    /// The head of the rule.
    pub(super) fn head(&self) -> &Span {
        match self.rule.as_ref() {
            Rule::Spec {
                head: RuleHead::Compr { span, .. } | RuleHead::Set { span, .. } | RuleHead::Func { span, .. },
                ..
            }
            | Rule::Default { span, .. } => span,
        }
    }

    /// What comes behind the name, in brackets: a case for each value.
    pub(super) fn keys(&self) -> impl Iterator<Item = &Expr> {
        Reference::of(tree::head(&self.rule)).steps.into_iter().filter_map(|step| match step {
            Step::Index(key) => Some(key),
            Step::Key(..) => None,
        })
    }
}

/// Every test, in the order of files and lines.
///
/// # Errors
/// Every rule that is named as a test and cannot be one.
pub(super) fn tests(modules: &[&Module]) -> Result<Vec<Test>, Vec<PolicyError>> {
    let mut tests: Vec<Test> = Vec::new();
    let mut problems = Vec::new();
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    for (index, module) in modules.iter().enumerate() {
        let package = dotted(std::iter::once("data").chain(module.package.iter().map(String::as_str)));
        for rule in &module.tree.policy {
            match test(module, rule) {
                Ok(None) => {}
                Err(problem) => problems.push(problem),
                Ok(Some((name, is_skipped))) => {
                    let package = package.clone();
                    let test = Test { module: index, rule: rule.clone(), package, name, is_skipped };
                    if let Some(first) = first.get(&test.full_name()) {
                        let first = &tests[*first];
                        let place = format!("{}:{}", modules[first.module].file, first.rule.span().line);
                        let message = format!("there is another `{}` at {place}", test.name);
                        problems.push(module.problem(test.head(), message).with_help(
                            "two tests of one name are one rule, and one may fail unseen: give each its own",
                        ));
                    } else {
                        first.insert(test.full_name(), tests.len());
                        tests.push(test);
                    }
                }
            }
        }
    }
    if problems.is_empty() { Ok(tests) } else { Err(problems) }
}

/// Whether a rule is named as a test.
pub(in crate::policy) fn is_test(rule: &Rule) -> bool {
    name(&tree::head_path(rule)).is_some()
}

/// The name of the test that a rule is, if it is one, and whether it is skipped.
fn test(module: &Module, rule: &Rule) -> Result<Option<(String, bool)>, PolicyError> {
    let parts = tree::head_path(rule);
    let Some(name) = name(&parts) else { return Ok(None) };
    let no_test =
        |span, what: &str, help: &str| Err(module.problem(span, format!("`{name}` {what}")).with_help(help));
    match rule {
        Rule::Default { value, .. } if matches!(value.as_ref(), Expr::Bool { value, .. } if *value == false.into()) => {
            Ok(None)
        }
        Rule::Default { span, .. } => no_test(
            span,
            "has a default, and passes or fails by that alone",
            "leave the default out: a test that is undefined fails",
        ),
        Rule::Spec { head: RuleHead::Func { span, .. }, .. } => no_test(
            span,
            "is a function, and no test: it would never run",
            "give it a name that does not begin with `test_`, or leave the parameters out",
        ),
        Rule::Spec { head: RuleHead::Set { span, .. }, .. } => no_test(
            span,
            "is a set, which is never `true`",
            "write it as `test_name if { … }`, or with cases as `test_name[case] if { … }`",
        ),
        Rule::Spec { head: RuleHead::Compr { refr, span, .. }, .. } => {
            let behind = Reference::of(refr).steps.split_off(parts.len() - 1);
            if behind.iter().any(|step| matches!(step, Step::Key(..))) {
                return no_test(
                    span,
                    "has a name of several parts",
                    "`test_` must begin the last part of the name; write a case in brackets: `test_name[case] if { … }`",
                );
            }
            let is_skipped = parts.iter().any(|part| part.starts_with(SKIPPED_PREFIX));
            Ok(Some((name, is_skipped)))
        }
    }
}

/// The name of a test: a constant behind the part that makes it one belongs to it, `test_name.one`.
fn name(parts: &[String]) -> Option<String> {
    let is_test = |part: &String| part.starts_with(PREFIX) || part.starts_with(SKIPPED_PREFIX);
    parts.iter().any(is_test).then(|| dotted(parts.iter().map(String::as_str)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Result<Vec<(String, usize, bool)>, Vec<String>> {
        let module = Module::parse("a_test.rego", &format!("package a[\"b-c\"]\n{text}\n")).expect("parses");
        tests(&[&module])
            .map(|tests| tests.iter().map(|t| (t.full_name(), t.keys().count(), t.is_skipped)).collect())
            .map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn tests_are_rules_whose_name_begins_with_test() {
        for (text, name, keys, is_skipped) in [
            ("test_x if true", "data.a[\"b-c\"].test_x", 0, false),
            ("test_x := true", "data.a[\"b-c\"].test_x", 0, false),
            ("todo_test_x if false", "data.a[\"b-c\"].todo_test_x", 0, true),
            ("group.test_x if true", "data.a[\"b-c\"].group.test_x", 0, false),
            ("test_x.one if true", "data.a[\"b-c\"].test_x.one", 0, false),
            ("test_x[note] if some note in [1]", "data.a[\"b-c\"].test_x", 1, false),
            ("test_x[a][b] if some a, b in [1]", "data.a[\"b-c\"].test_x", 2, false),
            ("default test_x := false\ntest_x if true", "data.a[\"b-c\"].test_x", 0, false),
        ] {
            assert_eq!(found(text), Ok(vec![(name.to_owned(), keys, is_skipped)]), "{text}");
        }
        assert_eq!(found("x if true\nmy_test_x if true\ntests := 1"), Ok(Vec::new()));
    }

    #[test]
    fn what_could_pass_unseen_is_refused() {
        for (text, message) in [
            ("test_x contains 1", "is a set"),
            ("test_x(a) if a", "is a function"),
            ("default test_x := true", "has a default"),
            ("test_x if true\ntest_x if false", "another `test_x` at a_test.rego:2"),
            ("test_x[a].b if some a in [1]", "several parts"),
        ] {
            let problems = found(text).expect_err(text);
            assert!(problems.len() == 1 && problems[0].contains(message), "{text}: {problems:?}");
        }
    }
}

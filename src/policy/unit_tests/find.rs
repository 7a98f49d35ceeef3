//! Which rules are tests, and which cannot be one: a test that would pass unseen is refused.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use regorus::unstable::{Expr, Ref, Rule, RuleHead, Span};

use crate::policy::module::{self, Module};
use crate::policy::problem::PolicyError;

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
    /// What comes behind the name, in brackets: a case for each value.
    pub(super) keys: Vec<Ref<Expr>>,
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
            Rule::Spec { head, .. } => head_parts(head).1,
            Rule::Default { span, .. } => span,
        }
    }
}

/// Every test, in the order of files and lines.
///
/// # Errors
/// Every rule that is named as a test and cannot be one.
pub(super) fn tests(modules: &[Module]) -> Result<Vec<Test>, Vec<PolicyError>> {
    let mut tests: Vec<Test> = Vec::new();
    let mut problems = Vec::new();
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    for (index, module) in modules.iter().enumerate() {
        let package = dotted(std::iter::once("data").chain(module.package.iter().map(String::as_str)));
        for rule in &module.tree.policy {
            match test(module, rule) {
                Ok(None) => {}
                Err(problem) => problems.push(problem),
                Ok(Some((name, keys, is_skipped))) => {
                    let package = package.clone();
                    let test = Test { module: index, rule: rule.clone(), package, name, keys, is_skipped };
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
pub(super) fn is_test(rule: &Rule) -> bool {
    let refr = match rule {
        Rule::Spec { head, .. } => head_parts(head).0,
        Rule::Default { refr, .. } => refr,
    };
    name(&steps(refr)).is_some()
}

type Named = (String, Vec<Ref<Expr>>, bool);

fn test(module: &Module, rule: &Rule) -> Result<Option<Named>, PolicyError> {
    let (head, refr, span) = match rule {
        Rule::Default { span, refr, value, .. } => {
            let is_false = matches!(value.as_ref(), Expr::Bool { value, .. } if *value == false.into());
            return match name(&steps(refr)) {
                Some((name, _)) if !is_false => Err(module
                    .problem(span, format!("`{name}` has a default, and passes or fails by that alone"))
                    .with_help("leave the default out: a test that is undefined fails")),
                _ => Ok(None),
            };
        }
        Rule::Spec { head, .. } => {
            let (refr, span) = head_parts(head);
            (head, refr, span)
        }
    };
    let steps = steps(refr);
    let Some((name, length)) = name(&steps) else { return Ok(None) };
    let no_test =
        |what: &str, help: &str| Err(module.problem(span, format!("`{name}` {what}")).with_help(help));
    match head {
        RuleHead::Func { .. } => no_test(
            "is a function, and no test: it would never run",
            "give it a name that does not begin with `test_`, or leave the parameters out",
        ),
        RuleHead::Set { .. } => no_test(
            "is a set, which is never `true`",
            "write it as `test_name if { … }`, or with cases as `test_name[case] if { … }`",
        ),
        RuleHead::Compr { .. } => {
            let keys = steps[length..].iter().map(Step::key);
            match keys.collect::<Option<Vec<_>>>() {
                Some(keys) => {
                    let is_skipped = steps.iter().any(|step| step.begins_with(SKIPPED_PREFIX));
                    Ok(Some((name, keys, is_skipped)))
                }
                None => no_test(
                    "has a name of several parts",
                    "`test_` must begin the last part of the name; write a case in brackets: `test_name[case] if { … }`",
                ),
            }
        }
    }
}

fn head_parts(head: &RuleHead) -> (&Ref<Expr>, &Span) {
    match head {
        RuleHead::Compr { refr, span, .. }
        | RuleHead::Set { refr, span, .. }
        | RuleHead::Func { refr, span, .. } => (refr, span),
    }
}

/// A part of a rule's name.
enum Step {
    Constant(String),
    Key(Ref<Expr>),
}

impl Step {
    fn begins_with(&self, prefix: &str) -> bool {
        matches!(self, Self::Constant(text) if text.starts_with(prefix))
    }

    fn key(&self) -> Option<Ref<Expr>> {
        match self {
            Self::Key(key) => Some(key.clone()),
            Self::Constant(_) => None,
        }
    }
}

/// The parts of a rule's name: constants, then keys.
fn steps(refr: &Ref<Expr>) -> Vec<Step> {
    if let Some(parts) = module::path(refr) {
        return parts.into_iter().map(Step::Constant).collect();
    }
    match refr.as_ref() {
        Expr::RefBrack { refr, index, .. } => {
            let mut steps = steps(refr);
            steps.push(Step::Key(index.clone()));
            steps
        }
        Expr::RefDot { refr, field, .. } => {
            let mut steps = steps(refr);
            steps.push(Step::Constant(field.1.as_string().map(ToString::to_string).unwrap_or_default()));
            steps
        }
        _ => Vec::new(),
    }
}

/// The name of a test up to the part that makes it one, and the number of its parts. A constant behind that
/// part belongs to the name: `test_name.one`.
fn name(steps: &[Step]) -> Option<(String, usize)> {
    let constants: Vec<&str> = steps
        .iter()
        .map_while(|step| match step {
            Step::Constant(text) => Some(text.as_str()),
            Step::Key(_) => None,
        })
        .collect();
    let is_test = |part: &&str| part.starts_with(PREFIX) || part.starts_with(SKIPPED_PREFIX);
    constants.iter().any(is_test).then(|| (dotted(constants.iter().copied()), constants.len()))
}

/// Parts of a path as Rego writes them.
pub(super) fn dotted<'p>(parts: impl Iterator<Item = &'p str>) -> String {
    let mut text = String::new();
    for part in parts {
        let is_plain = part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !is_plain {
            // Writing to a String cannot fail.
            let _ = write!(text, "[{}]", serde_json::Value::from(part));
        } else if text.is_empty() {
            text.push_str(part);
        } else {
            text.push('.');
            text.push_str(part);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Result<Vec<(String, usize, bool)>, Vec<String>> {
        let module = Module::parse("a_test.rego", &format!("package a[\"b-c\"]\n{text}\n")).expect("parses");
        tests(&[module])
            .map(|tests| tests.iter().map(|t| (t.full_name(), t.keys.len(), t.is_skipped)).collect())
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

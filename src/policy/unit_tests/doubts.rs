//! Tests that can never fail, or never pass: said, with what to write in their place.
//!
//! Only what is certain from the text is said. A rule that a test replaces (`with data.x as …`) may be anything.

use std::collections::{BTreeMap, BTreeSet};

use regorus::unstable::{BoolOp, Expr, Literal, LiteralStmt, Query, Rule, RuleHead, Span};

use super::find::Test;
use crate::policy::module::Module;
use crate::policy::problem::PolicyError;
use crate::policy::tree;

/// Something to say of a test or its file.
#[derive(Debug, Clone)]
pub struct Doubt {
    /// What kind.
    pub kind: DoubtKind,
    /// What, where, and what to do.
    pub problem: PolicyError,
}

/// The kinds of doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoubtKind {
    /// An expression that is never true: its test can never pass.
    NeverTrue,
    /// An expression that is always true: it tests nothing.
    AlwaysTrue,
    /// A test that depends on no rule.
    TestsNothing,
    /// A file of tests without a test.
    NoTests,
}

impl DoubtKind {
    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NeverTrue => "never_true",
            Self::AlwaysTrue => "always_true",
            Self::TestsNothing => "tests_nothing",
            Self::NoTests => "no_tests",
        }
    }
}

/// Everything that is doubtful, in the order of files and lines.
pub(super) fn doubts(modules: &[&Module], tests: &[Test], is_wanted: impl Fn(&Test) -> bool) -> Vec<Doubt> {
    let rules = Rules::of(modules);
    let mut doubts = Vec::new();
    for test in tests.iter().filter(|test| is_wanted(test) && !test.is_skipped) {
        let module = &modules[test.module];
        let names = Names { module, rules: &rules, locals: locals(&test.rule) };
        if !names.depend_on_a_rule(&test.rule) {
            let problem = module
                .problem(test.head(), format!("`{}` tests nothing: no rule stands in it", test.name))
                .with_help("import the rule that it is about, and say what it must be");
            doubts.push(Doubt { kind: DoubtKind::TestsNothing, problem });
            continue;
        }
        if let Rule::Spec { bodies, .. } = test.rule.as_ref() {
            for body in bodies {
                names.query(&body.query, false, &mut doubts);
            }
        }
    }
    let tested: BTreeSet<usize> = tests.iter().map(|test| test.module).collect();
    for (index, module) in modules.iter().enumerate() {
        if module.is_test() && !tested.contains(&index) && !is_imported(module, modules) {
            let problem = module
                .problem(module.tree.package.refr.span(), "there is no test in this file")
                .with_help("the name of a test begins with `test_`");
            doubts.push(Doubt { kind: DoubtKind::NoTests, problem });
        }
    }
    doubts.sort_by(|a, b| a.problem.order().cmp(&b.problem.order()));
    doubts
}

/// Whether other files use this one: what tests share is no test.
fn is_imported(module: &Module, modules: &[&Module]) -> bool {
    let mut imports = modules.iter().flat_map(|other| tree::imports(other));
    imports.any(|(_, path, _)| path[0] == "data" && path[1..].starts_with(&module.package))
}

/// What is known of a rule, by `package.name`.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    /// It is a set or an object that is there even where it is empty.
    is_collection: bool,
    /// It has a default, and none of its values is `false`.
    is_never_false: bool,
}

struct Rules(BTreeMap<Vec<String>, Known>);

impl Rules {
    fn of(modules: &[&Module]) -> Self {
        let mut kinds: BTreeMap<Vec<String>, Vec<Definition>> = BTreeMap::new();
        for module in modules {
            for rule in &module.tree.policy {
                if let Some((name, definition)) = Definition::of(rule) {
                    let path = module.package.iter().cloned().chain(name).collect();
                    kinds.entry(path).or_default().push(definition);
                }
            }
        }
        let known = kinds.into_iter().map(|(path, definitions)| {
            let is_collection = definitions.contains(&Definition::Collection);
            let has_default = definitions.iter().any(|d| matches!(d, Definition::Default { .. }));
            let is_never_false = has_default
                && definitions.iter().all(|definition| {
                    matches!(
                        definition,
                        Definition::Default { is_truthy: true } | Definition::Value { is_truthy: true }
                    )
                });
            (path, Known { is_collection, is_never_false })
        });
        Self(known.collect())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Definition {
    /// `contains`, or a key in brackets.
    Collection,
    Default {
        is_truthy: bool,
    },
    /// `is_truthy`: surely neither `false` nor undefined once its body is true.
    Value {
        is_truthy: bool,
    },
    Function,
}

impl Definition {
    /// The name of a rule, and what the definition makes of it.
    fn of(rule: &Rule) -> Option<(Vec<String>, Self)> {
        let (refr, definition) = match rule {
            Rule::Default { refr, value, .. } => (refr, Self::Default { is_truthy: is_truthy(value) }),
            Rule::Spec { head, bodies, .. } => match head {
                RuleHead::Set { refr, .. } => (refr, Self::Collection),
                RuleHead::Func { refr, .. } => (refr, Self::Function),
                RuleHead::Compr { refr, assign, .. } => {
                    if let Expr::RefBrack { refr, .. } = refr.as_ref()
                        && tree::path(refr).is_some()
                    {
                        return Some((tree::path(refr)?, Self::Collection));
                    }
                    let values = assign.iter().chain(bodies.iter().filter_map(|body| body.assign.as_ref()));
                    let is_truthy = values.into_iter().all(|assign| is_truthy(&assign.value));
                    (refr, Self::Value { is_truthy })
                }
            },
        };
        Some((tree::path(refr)?, definition))
    }
}

fn is_truthy(value: &Expr) -> bool {
    match value {
        Expr::Bool { value, .. } => *value == true.into(),
        Expr::String { .. }
        | Expr::RawString { .. }
        | Expr::Number { .. }
        | Expr::Null { .. }
        | Expr::SetCompr { .. }
        | Expr::ArrayCompr { .. }
        | Expr::ObjectCompr { .. } => true,
        _ => false,
    }
}

/// What the names in a test stand for.
struct Names<'a> {
    module: &'a Module,
    rules: &'a Rules,
    /// Variables of the test, which hide rules of their name.
    locals: BTreeSet<String>,
}

impl Names<'_> {
    /// Whether anything in the rule is a rule's or data's.
    fn depend_on_a_rule(&self, rule: &Rule) -> bool {
        let mut depends = false;
        tree::expressions(rule, &mut |expr| {
            depends |= tree::root(expr).is_some_and(|name| {
                let is_own = || {
                    let package = &self.module.package;
                    self.rules.0.keys().any(|path| {
                        path.starts_with(package) && path.get(package.len()).is_some_and(|p| p == name)
                    })
                };
                name == "data" || imported(self.module, name).is_some() || is_own()
            });
        });
        depends
    }

    /// Looks at the statements of a body; `is_replaced`: under a `with` that puts something else in a rule's place.
    fn query(&self, query: &Query, is_replaced: bool, doubts: &mut Vec<Doubt>) {
        for stmt in &query.stmts {
            let is_replaced = is_replaced || replaces_rules(stmt);
            match &stmt.literal {
                Literal::Every { query, .. } => self.query(query, is_replaced, doubts),
                Literal::NotExpr { span, expr } if !is_replaced => self.negated(span, expr, doubts),
                Literal::Expr { span, expr } if !is_replaced => self.affirmed(span, expr, doubts),
                _ => {}
            }
        }
    }

    fn negated(&self, span: &Span, expr: &Expr, doubts: &mut Vec<Doubt>) {
        let Some((text, known)) = self.rule(expr) else { return };
        if known.is_collection {
            let message =
                format!("`not {text}` is never true: a set or an object is there even where it is empty");
            let help = format!("write `count({text}) == 0`");
            self.doubt(DoubtKind::NeverTrue, span, message, help, doubts);
        } else if known.is_never_false {
            let message =
                format!("`not {text}` is never true: it has a default, and no value of it is `false`");
            self.doubt(DoubtKind::NeverTrue, span, message, format!("write `{text} == …`"), doubts);
        }
    }

    fn affirmed(&self, span: &Span, expr: &Expr, doubts: &mut Vec<Doubt>) {
        if let Some((text, known)) = self.rule(expr) {
            if known.is_collection {
                let message =
                    format!("`{text}` is always true: a set or an object is there even where it is empty");
                let help = format!("write `count({text}) > 0`, or what must be in it");
                self.doubt(DoubtKind::AlwaysTrue, span, message, help, doubts);
            }
            return;
        }
        let Expr::BoolExpr { op, lhs, rhs, .. } = expr else { return };
        let (op, counted, limit) = match (counted(lhs), counted(rhs)) {
            (Some(counted), None) => (op.clone(), counted, rhs),
            (None, Some(counted)) => (mirrored(op), counted, lhs),
            _ => return,
        };
        let Expr::Number { value, .. } = limit.as_ref() else { return };
        let below_zero = *value < 0.into();
        let zero = *value == 0.into();
        let verdict = match op {
            BoolOp::Ge if zero || below_zero => DoubtKind::AlwaysTrue,
            BoolOp::Gt | BoolOp::Ne if below_zero => DoubtKind::AlwaysTrue,
            BoolOp::Lt if zero || below_zero => DoubtKind::NeverTrue,
            BoolOp::Le | BoolOp::Eq if below_zero => DoubtKind::NeverTrue,
            _ => return,
        };
        let (message, help) = match verdict {
            DoubtKind::NeverTrue => ("this is never true: a count is zero or more", "== 0"),
            _ => ("this is always true: a count is zero or more", "> 0"),
        };
        let help = format!("write `count({}) {help}`", self.text(counted));
        self.doubt(verdict, span, message.to_owned(), help, doubts);
    }

    /// The rule that an expression is, whole and as it stands.
    fn rule(&self, expr: &Expr) -> Option<(String, Known)> {
        let path = tree::path(expr)?;
        let root = path.first()?;
        let path: Vec<String> = if root == "data" {
            path[1..].to_vec()
        } else if self.locals.contains(root) {
            return None;
        } else if let Some(target) = imported(self.module, root) {
            target.get(1..)?.iter().chain(&path[1..]).cloned().collect()
        } else {
            self.module.package.iter().chain(&path).cloned().collect()
        };
        let known = self.rules.0.get(&path)?;
        Some((self.text(expr.span()).to_owned(), *known))
    }

    fn text(&self, span: &Span) -> &str {
        self.module.text_of(span)
    }

    fn doubt(&self, kind: DoubtKind, at: &Span, message: String, help: String, doubts: &mut Vec<Doubt>) {
        doubts.push(Doubt { kind, problem: self.module.problem(at, message).with_help(help) });
    }
}

/// What an imported name stands for: `data.audit.mfa.off`, in parts.
pub(super) fn imported(module: &Module, name: &str) -> Option<Vec<String>> {
    tree::imports(module).find_map(|(alias, path, _)| (alias == name && path[0] == "data").then_some(path))
}

/// Whether something other than `input` is replaced.
fn replaces_rules(stmt: &LiteralStmt) -> bool {
    stmt.with_mods.iter().any(|with| tree::path(&with.refr).is_none_or(|path| path[0] != "input"))
}

/// What is counted in `count(…)`.
fn counted(expr: &Expr) -> Option<&Span> {
    match expr {
        Expr::Call { fcn, params, .. } if tree::variable(fcn) == Some("count") => match params.as_slice() {
            [counted] => Some(counted.span()),
            _ => None,
        },
        _ => None,
    }
}

/// The comparison with its sides exchanged.
fn mirrored(op: &BoolOp) -> BoolOp {
    match op {
        BoolOp::Lt => BoolOp::Gt,
        BoolOp::Le => BoolOp::Ge,
        BoolOp::Ge => BoolOp::Le,
        BoolOp::Gt => BoolOp::Lt,
        BoolOp::Eq => BoolOp::Eq,
        BoolOp::Ne => BoolOp::Ne,
    }
}

/// Variables that a rule binds anywhere.
fn locals(rule: &Rule) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let Rule::Spec { bodies, .. } = rule else { return names };
    for body in bodies {
        bind(&body.query, &mut names);
    }
    names
}

/// The variables that a statement binds outside of an `every`.
pub(super) fn bound(stmt: &LiteralStmt) -> Vec<&str> {
    match &stmt.literal {
        Literal::SomeVars { vars, .. } => vars.iter().map(Span::text).collect(),
        Literal::SomeIn { key, value, .. } => {
            key.iter().chain([value]).flat_map(|part| variables(part)).collect()
        }
        Literal::Expr { expr, .. } => match expr.as_ref() {
            Expr::AssignExpr { lhs, .. } => variables(lhs),
            _ => Vec::new(),
        },
        Literal::NotExpr { .. } | Literal::Every { .. } => Vec::new(),
    }
}

/// The names of the variables in an expression.
pub(super) fn variables(expr: &Expr) -> Vec<&str> {
    let mut names = Vec::new();
    tree::expressions_within(expr, &mut |part| names.extend(tree::root(part)));
    names
}

fn bind(query: &Query, names: &mut BTreeSet<String>) {
    for stmt in &query.stmts {
        names.extend(bound(stmt).into_iter().map(str::to_owned));
        if let Literal::Every { key, value, query, .. } = &stmt.literal {
            names.extend(key.iter().chain([value]).map(|name| name.text().to_owned()));
            bind(query, names);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::find;
    use super::*;

    const POLICY: &str = "package p\n\ndeny contains 1 if input.x\n\nnames[k] := 1 if some k in [1]\n\n\
                          default level := \"low\"\n\nlevel := \"high\" if input.x\n\n\
                          default allow := false\n\nallow if input.x\n\nplain if input.x\n\nf(x) := x\n";

    fn found(body: &str) -> Vec<(&'static str, Option<usize>)> {
        let test = format!(
            "package p_test\n\nimport data.p\nimport data.p.deny as refused\n\nhelper if p.plain\n\n{body}\n"
        );
        let modules = [("p.rego", POLICY), ("p_test.rego", &test)]
            .map(|(file, text)| Module::parse(file, text).expect(body));
        let modules: Vec<&Module> = modules.iter().collect();
        let tests = find::tests(&modules).unwrap_or_else(|problems| panic!("{body}: {problems:?}"));
        doubts(&modules, &tests, |_| true)
            .iter()
            .map(|doubt| (doubt.kind.name(), doubt.problem.line()))
            .collect()
    }

    #[test]
    fn what_can_never_fail_or_never_pass_is_found_at_its_line() {
        for (body, kind) in [
            ("not p.deny with input as {}", "never_true"),
            ("not data.p.deny", "never_true"),
            ("not refused", "never_true"),
            ("not p.names", "never_true"),
            ("not p.level", "never_true"),
            ("every x in [1] { not p.deny with input as x }", "never_true"),
            ("p.deny with input as {}", "always_true"),
            ("refused", "always_true"),
            ("count(p.deny) >= 0", "always_true"),
            ("0 <= count(p.deny)", "always_true"),
            ("count(p.deny) > -1", "always_true"),
            ("count(p.deny) < 0", "never_true"),
            ("1 == 1", "tests_nothing"),
            ("input.x", "tests_nothing"),
            ("upper(\"a\") == \"A\"", "tests_nothing"),
        ] {
            let line = if kind == "tests_nothing" { 8 } else { 9 };
            assert_eq!(found(&format!("test_x if {{\n\t{body}\n}}")), [(kind, Some(line))], "{body}");
        }
        assert_eq!(found("test_x := true"), [("tests_nothing", Some(8))]);
        assert_eq!(found(""), [("no_tests", Some(1))]);
    }

    #[test]
    fn what_may_be_either_is_left_alone() {
        for body in [
            "not p.allow with input as {}",
            "not p.plain",
            "not p.deny[2]",
            "not p.deny with data.p.deny as false",
            "p.deny with data.p.deny as false",
            "count(p.deny) == 0",
            "count(p.deny) >= 1",
            "count(p.deny) > 0",
            "1 in p.deny",
            "p.level == \"low\"",
            "not helper",
            "p.f(1) == 1",
            "refused := p.plain\n\tnot refused",
            "some p in [data.p.plain]\n\tnot p.deny",
        ] {
            assert_eq!(found(&format!("test_x if {{\n\t{body}\n}}")), [], "{body}");
        }
    }

    #[test]
    fn what_tests_share_needs_no_test() {
        let modules = [
            ("shared_test.rego", "package shared_test\n\ngood := 1\n"),
            ("p.rego", POLICY),
            ("p_test.rego", "package p_test\n\nimport data.p\nimport data.shared_test\n\ntest_x if p.plain with input as shared_test.good\n"),
        ]
        .map(|(file, text)| Module::parse(file, text).expect("parses"));
        let modules: Vec<&Module> = modules.iter().collect();
        let tests = find::tests(&modules).expect("tests");
        assert!(doubts(&modules, &tests, |_| true).is_empty());
    }
}

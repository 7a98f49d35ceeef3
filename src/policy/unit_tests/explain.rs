//! Why a test failed: the first expression of its body that was not true, and the values in it.
//!
//! The engine does not tell. So longer and longer beginnings of the body are asked for, as rules of the test's
//! own package, until one has no solution: the last expression of it is the one. A question that the engine
//! cannot answer (an expression that needs a variable which is bound further down, say) gives no reason, never
//! a wrong one.

use regorus::unstable::{AssignOp, Expr, Literal, LiteralStmt, Query, Rule, Span};
use regorus::{Engine, Value};

use super::doubts::{bound, variables};
use super::find::Test;
use super::shown::{is_scalar, shown};
use crate::policy::module::Module;
use crate::policy::tree;

/// A name that no policy uses.
const PROBE: &str = "__audit_probe";

/// Why a test failed.
pub(super) struct Reason {
    /// The expression that was not true.
    pub(super) at: Span,
    /// What it was.
    pub(super) what: &'static str,
    /// Expressions in it, and their values.
    pub(super) values: Vec<(String, String)>,
}

/// One case of a test with cases.
pub(super) struct Case {
    /// Its keys.
    pub(super) keys: Vec<Value>,
}

/// Asks an engine about the body of one test.
pub(super) struct Inquiry<'a> {
    engine: &'a Engine,
    module: &'a Module,
    /// The module as the engine has it: every span is in it what it is in the module.
    asked: &'a str,
    test: &'a Test,
}

/// What holds where a statement is looked at.
#[derive(Clone, Default)]
struct Context {
    /// Statements that are true.
    given: Vec<String>,
    /// The modifiers of the `every` around it.
    with: String,
    /// Variables that have a value.
    locals: Vec<String>,
    /// Variables of the `every` around it: they tell which element failed.
    elements: Vec<String>,
}

impl<'a> Inquiry<'a> {
    pub(super) fn new(engine: &'a Engine, module: &'a Module, asked: &'a str, test: &'a Test) -> Self {
        Self { engine, module, asked, test }
    }

    /// The first expression that was not true; for a test with cases, in one of them.
    pub(super) fn reason(&self, case: Option<&Case>) -> Option<Reason> {
        let query = self.body()?;
        let mut context = Context::default();
        let mut rest = query.stmts.as_slice();
        if let Some(case) = case {
            let binding = self.binding(query);
            for stmt in &rest[..binding] {
                context.locals.extend(bound(stmt).into_iter().map(str::to_owned));
                context.given.push(self.stmt(stmt, ""));
            }
            for (key, value) in self.test.keys().zip(&case.keys) {
                if !is_scalar(value) {
                    return None;
                }
                context.given.push(format!("{} == {}", self.text(key.span()), shown(value)));
            }
            rest = &rest[binding..];
        }
        self.first_untrue(context, rest)
    }

    /// The cases of a test: one for every solution of the beginning of its body that binds the keys.
    pub(super) fn cases(&self) -> Option<Vec<Case>> {
        let query = self.body()?;
        let given: Vec<String> =
            query.stmts[..self.binding(query)].iter().map(|stmt| self.stmt(stmt, "")).collect();
        let keys: Vec<&str> = self.test.keys().map(|key| self.text(key.span())).collect();
        let solutions = self.ask(&given, &format!("[{}]", keys.join(", ")))?;
        solutions.into_iter().map(|keys| Some(Case { keys: keys.as_array().ok()?.to_vec() })).collect()
    }

    /// The only body; where there are several (`else`), none of them alone is the reason.
    fn body(&self) -> Option<&'a Query> {
        match self.test.rule.as_ref() {
            Rule::Spec { bodies, .. } => match bodies.as_slice() {
                [body] => Some(&body.query),
                _ => None,
            },
            Rule::Default { .. } => None,
        }
    }

    /// How many statements it takes until every variable of the keys was mentioned.
    fn binding(&self, query: &Query) -> usize {
        let keys = self.test.keys().flat_map(|key| variables(key));
        let first = |name: &str| {
            query.stmts.iter().position(|stmt| {
                let mut is_mentioned = false;
                tree::expressions_of_statement(stmt, &mut |expr| {
                    is_mentioned |= tree::root(expr) == Some(name);
                });
                is_mentioned
            })
        };
        keys.filter_map(|name| first(name).map(|index| index + 1)).max().unwrap_or(0)
    }

    fn first_untrue(&self, mut context: Context, stmts: &'a [LiteralStmt]) -> Option<Reason> {
        for stmt in stmts {
            let before = context.clone();
            context.given.push(self.stmt(stmt, &context.with));
            context.locals.extend(bound(stmt).into_iter().map(str::to_owned));
            if self.ask(&context.given, "true")?.is_empty() {
                let inner = match &stmt.literal {
                    Literal::Every { .. } => self.inside(&before, stmt),
                    _ => None,
                };
                return Some(inner.unwrap_or_else(|| self.told(&before, stmt)));
            }
        }
        None
    }

    /// The first expression inside an `every` that was not true, for the first element that it was not true for.
    fn inside(&self, before: &Context, stmt: &'a LiteralStmt) -> Option<Reason> {
        let Literal::Every { key, value, domain, query, .. } = &stmt.literal else { return None };
        let with = joined(&before.with, &self.with(stmt));
        let names = [key.as_ref().map_or("__audit_key", |key| key.text()), value.text()];
        let mut context = before.clone();
        let element = format!("some {}, {} in {}", names[0], names[1], self.text(domain.span()));
        context.given.push(joined(&element, &with));
        let body: Vec<String> = query.stmts.iter().map(|stmt| self.stmt(stmt, &with)).collect();
        let mut failing = context.given.clone();
        failing.push(format!("count([1 | {}]) == 0", body.join("\n")));
        let first = self.ask(&failing, names[0])?.into_iter().next().filter(is_scalar)?;
        context.given.push(format!("{} == {}", names[0], shown(&first)));
        context.with = with;
        context.elements.extend(key.iter().chain([value]).map(|name| name.text().to_owned()));
        context.locals.extend(context.elements.clone());
        self.first_untrue(context, &query.stmts)
    }

    /// What is to be said of the expression that was not true.
    fn told(&self, before: &Context, stmt: &LiteralStmt) -> Reason {
        let with = joined(&before.with, &self.with(stmt));
        let value_of = |expr: &Expr| {
            let mut given = before.given.clone();
            given.push(joined(&format!("{PROBE}_value := {}", self.text(expr.span())), &with));
            let values = self.ask(&given, &format!("{PROBE}_value"))?;
            Some(values.first().map_or_else(|| "undefined".to_owned(), shown))
        };
        let mut values = Vec::new();
        let mut names = before.elements.clone();
        tree::expressions_of_statement(stmt, &mut |expr| {
            names.extend(
                tree::root(expr).filter(|name| before.locals.iter().any(|l| l == name)).map(str::to_owned),
            );
        });
        let mut seen = Vec::new();
        for name in names {
            if !seen.contains(&name) && name != "_" {
                let value = self.ask(&before.given, &name).and_then(|values| values.into_iter().next());
                values.extend(value.map(|value| (name.clone(), shown(&value))));
                seen.push(name);
            }
        }
        let (what, parts): (_, Vec<&Expr>) = match &stmt.literal {
            Literal::NotExpr { expr, .. } => ("this is true, and must not be", vec![expr]),
            Literal::Expr { expr, .. } => match expr.as_ref() {
                Expr::BoolExpr { lhs, rhs, .. } => ("this is not true", vec![lhs, rhs]),
                Expr::AssignExpr { op: AssignOp::Eq, lhs, rhs, .. } => {
                    ("these are not equal", vec![lhs, rhs])
                }
                Expr::AssignExpr { op: AssignOp::ColEq, .. } => ("this is undefined", Vec::new()),
                Expr::Membership { value, collection, .. } => ("this is not true", vec![value, collection]),
                _ => ("this is not true", vec![expr]),
            },
            Literal::SomeIn { collection, .. } => ("there is no such element", vec![collection]),
            Literal::Every { domain, .. } => ("this is not true of every element", vec![domain]),
            Literal::SomeVars { .. } => ("this is not true", Vec::new()),
        };
        for part in parts.into_iter().filter(|part| is_worth_telling(part)) {
            let text = one_line(self.module.text_of(part.span()));
            values.extend(value_of(part).map(|value| (text, value)));
        }
        Reason { at: stmt.span.clone(), what, values }
    }

    /// The solutions of some statements: the value of an expression in each. `None` where the engine has no answer.
    fn ask(&self, given: &[String], value: &str) -> Option<Vec<Value>> {
        let module = self.module;
        let imports = module.tree.imports.iter().map(|import| self.text(&import.span));
        let imports = imports.collect::<Vec<_>>().join("\n");
        let given = if given.is_empty() { "true".to_owned() } else { given.join("\n") };
        let package = self.text(module.tree.package.refr.span());
        let text = format!("package {package}\n{imports}\n{PROBE} := [{value} | {given}\n]\n");
        let mut engine = self.engine.clone();
        engine.add_policy(PROBE.to_owned(), text).ok()?;
        let query = format!("{}.{PROBE}", self.test.package);
        Some(engine.eval_rule(query).ok()?.as_array().ok()?.to_vec())
    }

    fn text(&self, span: &Span) -> &'a str {
        self.asked.get(self.module.whole(span)).unwrap_or_default()
    }

    /// A statement under the modifiers of the `every` around it, over which its own win.
    fn stmt(&self, stmt: &LiteralStmt, around: &str) -> String {
        let all = self.module.whole(&stmt.span);
        let end = stmt.with_mods.first().map_or(all.end, |with| self.module.whole(&with.span).start);
        let literal = self.asked.get(all.start..end).unwrap_or_default().trim_end();
        joined(&joined(literal, around), &self.with(stmt))
    }

    fn with(&self, stmt: &LiteralStmt) -> String {
        stmt.with_mods.iter().map(|with| self.text(&with.span)).collect::<Vec<_>>().join(" ")
    }
}

fn joined(left: &str, right: &str) -> String {
    [left, right].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether the value of an expression says more than the expression.
fn is_worth_telling(expr: &Expr) -> bool {
    let mut depends = false;
    tree::expressions_within(expr, &mut |part| {
        depends |= tree::root(part).is_some() || matches!(part, Expr::Call { .. });
    });
    depends && !matches!(expr, Expr::Var { .. })
}

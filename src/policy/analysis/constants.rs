//! Constants that a policy gives names to: `mode := "OFF"`, `some mode in ["OFF", "ON"]`, `modes := {"OFF"}` beside the
//! rules. What holds of a constant where it is written holds of its name.
//!
//! Only what is certain counts as one: a name that something else may bind has no constant.

use std::collections::BTreeMap;

use regorus::unstable::{AssignOp, Expr, Literal, LiteralStmt, Query, Rule, RuleHead, Span};

use super::names::{Meaning, Program};
use crate::policy::module::Module;
use crate::policy::tree::{self, Reference, variable};

/// The names of rules that were asked for, by rule.
#[derive(Default)]
pub(super) struct Constants<'m> {
    known: BTreeMap<usize, BTreeMap<&'m str, Vec<Bound<'m>>>>,
}

/// A name that is bound in a part of a rule.
struct Bound<'m> {
    from: u32,
    to: u32,
    value: Value<'m>,
}

#[derive(Clone, Copy)]
enum Value<'m> {
    /// `x := …`
    Is(&'m Expr),
    /// `some x in …`
    In(&'m Expr),
    Unknown,
}

impl<'m> Constants<'m> {
    /// The constants that an expression of a rule may stand for: it is one of these, and nothing else.
    pub(super) fn options(
        &mut self,
        program: &Program<'m>,
        module: &'m Module,
        rule: &'m Rule,
        expression: &'m Expr,
    ) -> Option<Vec<&'m Expr>> {
        match expression {
            Expr::Var { span, .. } => {
                let Some(bound) = self.of(rule).get(variable(expression)?) else {
                    return global(program, module, expression).map(|value| vec![value]);
                };
                let mut here = bound
                    .iter()
                    .filter(|bound| (bound.from..bound.to).contains(&span.start))
                    .map(|b| b.value);
                // In a head, or where one hides another, nobody looks closer.
                let (Some(value), None) = (here.next(), here.next()) else { return None };
                match value {
                    Value::Is(value) => is_constant(value).then(|| vec![value]),
                    Value::In(collection) => members(self.single(program, module, rule, collection)?),
                    Value::Unknown => None,
                }
            }
            _ => self.single(program, module, rule, expression).map(|value| vec![value]),
        }
    }

    /// The constant that is written, or that a rule gives a name to.
    fn single(
        &mut self,
        program: &Program<'m>,
        module: &'m Module,
        rule: &'m Rule,
        expression: &'m Expr,
    ) -> Option<&'m Expr> {
        if is_constant(expression) {
            return Some(expression);
        }
        let is_local = self.of(rule).contains_key(tree::root(expression)?);
        global(program, module, expression).filter(|_| !is_local)
    }

    fn of(&mut self, rule: &'m Rule) -> &BTreeMap<&'m str, Vec<Bound<'m>>> {
        self.known.entry(std::ptr::from_ref(rule).addr()).or_insert_with(|| {
            let mut names = Names::default();
            names.rule(rule);
            names.0
        })
    }
}

/// The constant that a rule, of this package or another, gives a name to.
fn global<'m>(program: &Program<'m>, module: &'m Module, expression: &'m Expr) -> Option<&'m Expr> {
    let reference = Reference::of(expression);
    let mut path = program.global(module, variable(reference.root)?)?;
    path.extend(reference.keys().map(|(key, _)| key.to_owned()));
    if path.first().is_none_or(|root| root != "data") || reference.keys().count() < reference.steps.len() {
        return None;
    }
    let Meaning::Rule(definitions, length) = program.meaning(&path[1..]) else { return None };
    let [definition] = definitions[..] else { return None };
    let Rule::Spec { head: RuleHead::Compr { assign: Some(assign), .. }, bodies, .. } = definition.rule
    else {
        return None;
    };
    (length + 1 == path.len() && bodies.is_empty() && is_constant(&assign.value)).then_some(&*assign.value)
}

/// Whether an expression is written out: a text, a number, a truth, or a collection of these.
pub(super) fn is_constant(expression: &Expr) -> bool {
    match expression {
        Expr::String { .. }
        | Expr::RawString { .. }
        | Expr::Number { .. }
        | Expr::Bool { .. }
        | Expr::Null { .. } => true,
        Expr::Array { items, .. } | Expr::Set { items, .. } => items.iter().all(|item| is_constant(item)),
        // What its values are does not matter to whoever looks something up in it.
        Expr::Object { fields, .. } => fields.iter().all(|(_, key, _)| is_constant(key)),
        _ => false,
    }
}

/// What is in a collection that is written out.
pub(super) fn members(collection: &Expr) -> Option<Vec<&Expr>> {
    match collection {
        Expr::Array { items, .. } | Expr::Set { items, .. } => {
            items.iter().map(|item| is_constant(item).then_some(&**item)).collect()
        }
        _ => None,
    }
}

#[derive(Default)]
struct Names<'m>(BTreeMap<&'m str, Vec<Bound<'m>>>);

impl<'m> Names<'m> {
    fn bind(&mut self, name: &'m str, (from, to): (u32, u32), value: Value<'m>) {
        self.0.entry(name).or_default().push(Bound { from, to, value });
    }

    fn unknown(&mut self, target: &'m Expr, within: (u32, u32)) {
        for name in tree::pattern(target) {
            self.bind(name, within, Value::Unknown);
        }
    }

    fn rule(&mut self, rule: &'m Rule) {
        let Rule::Spec { head, bodies, .. } = rule else { return };
        match head {
            RuleHead::Func { args, assign, .. } => {
                for argument in args {
                    self.unknown(argument, (0, u32::MAX));
                }
                if let Some(assign) = assign {
                    self.within(&assign.value);
                }
            }
            RuleHead::Compr { assign, .. } => assign.iter().for_each(|assign| self.within(&assign.value)),
            RuleHead::Set { key, .. } => key.iter().for_each(|key| self.within(key)),
        }
        for body in bodies {
            self.query(&body.query);
            body.assign.iter().for_each(|assign| self.within(&assign.value));
        }
    }

    fn query(&mut self, query: &'m Query) {
        let (Some(first), Some(last)) = (query.stmts.first(), query.stmts.last()) else { return };
        let within = (first.span.start.min(query.span.start), last.span.end.max(query.span.end));
        for statement in &query.stmts {
            self.statement(statement, within);
        }
    }

    fn statement(&mut self, statement: &'m LiteralStmt, within: (u32, u32)) {
        match &statement.literal {
            Literal::SomeVars { vars, .. } => {
                vars.iter().map(Span::text).for_each(|name| self.bind(name, within, Value::Unknown));
            }
            Literal::SomeIn { key, value, collection, .. } => {
                if let Some(key) = key {
                    self.unknown(key, within);
                }
                match variable(value) {
                    Some(name) => self.bind(name, within, Value::In(collection)),
                    None => self.unknown(value, within),
                }
                self.within(collection);
            }
            Literal::Expr { expr, .. } => {
                if let Expr::AssignExpr { op: AssignOp::ColEq, lhs, rhs, .. } = expr.as_ref() {
                    match variable(lhs) {
                        Some(name) => self.bind(name, within, Value::Is(rhs)),
                        None => self.unknown(lhs, within),
                    }
                }
                self.within(expr);
            }
            Literal::NotExpr { expr, .. } => self.within(expr),
            Literal::Every { key, value, domain, query, .. } => {
                let inner = (query.span.start, query.span.end);
                key.iter()
                    .chain([value])
                    .map(Span::text)
                    .for_each(|name| self.bind(name, inner, Value::Unknown));
                self.within(domain);
                self.query(query);
            }
        }
        statement.with_mods.iter().for_each(|with| self.within(&with.r#as));
    }

    /// The comprehensions of an expression, which are queries of their own.
    fn within(&mut self, expression: &'m Expr) {
        match expression {
            Expr::ArrayCompr { term, query, .. } | Expr::SetCompr { term, query, .. } => {
                self.comprehension(&[term], query);
            }
            Expr::ObjectCompr { key, value, query, .. } => self.comprehension(&[key, value], query),
            _ => tree::children(expression, &mut |child| self.within(child)),
        }
    }

    fn comprehension(&mut self, terms: &[&'m Expr], query: &'m Query) {
        for term in terms {
            self.within(term);
        }
        self.query(query);
    }
}

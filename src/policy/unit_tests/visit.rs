//! A walk over every expression of a syntax tree, in the order of the text.

use std::ops::Range;

use regorus::unstable::{Expr, Literal, LiteralStmt, Query, Rule, RuleHead, Span};

use crate::policy::module::{self, Module};

/// Every expression of a rule but its name: values, bodies, `with` modifiers.
pub(super) fn rule<'t>(rule: &'t Rule, see: &mut dyn FnMut(&'t Expr)) {
    match rule {
        Rule::Default { value, .. } => expression(value, see),
        Rule::Spec { head, bodies, .. } => {
            match head {
                RuleHead::Compr { assign, .. } | RuleHead::Func { assign, .. } => {
                    if let Some(assign) = assign {
                        expression(&assign.value, see);
                    }
                }
                RuleHead::Set { key, .. } => key.iter().for_each(|key| expression(key, see)),
            }
            for body in bodies {
                if let Some(assign) = &body.assign {
                    expression(&assign.value, see);
                }
                query(&body.query, see);
            }
        }
    }
}

/// Every expression of a query.
pub(super) fn query<'t>(query: &'t Query, see: &mut dyn FnMut(&'t Expr)) {
    for stmt in &query.stmts {
        statement(stmt, see);
    }
}

/// Every expression of a statement.
pub(super) fn statement<'t>(stmt: &'t LiteralStmt, see: &mut dyn FnMut(&'t Expr)) {
    match &stmt.literal {
        Literal::SomeVars { .. } => {}
        Literal::SomeIn { key, value, collection, .. } => {
            if let Some(key) = key {
                expression(key, see);
            }
            expression(value, see);
            expression(collection, see);
        }
        Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => expression(expr, see),
        Literal::Every { domain, query: body, .. } => {
            expression(domain, see);
            query(body, see);
        }
    }
    for with in &stmt.with_mods {
        expression(&with.refr, see);
        expression(&with.r#as, see);
    }
}

/// An expression and all that it is made of.
pub(super) fn expression<'t>(expr: &'t Expr, see: &mut dyn FnMut(&'t Expr)) {
    see(expr);
    match expr {
        Expr::String { .. }
        | Expr::RawString { .. }
        | Expr::Number { .. }
        | Expr::Bool { .. }
        | Expr::Null { .. }
        | Expr::Var { .. } => {}
        Expr::Array { items, .. } | Expr::Set { items, .. } => {
            for item in items {
                expression(item, see);
            }
        }
        Expr::Object { fields, .. } => {
            for (_, key, value) in fields {
                expression(key, see);
                expression(value, see);
            }
        }
        Expr::ArrayCompr { term, query: body, .. } | Expr::SetCompr { term, query: body, .. } => {
            expression(term, see);
            query(body, see);
        }
        Expr::ObjectCompr { key, value, query: body, .. } => {
            expression(key, see);
            expression(value, see);
            query(body, see);
        }
        Expr::Call { fcn, params, .. } => {
            expression(fcn, see);
            for param in params {
                expression(param, see);
            }
        }
        Expr::UnaryExpr { expr, .. } => expression(expr, see),
        Expr::RefDot { refr, .. } => expression(refr, see),
        Expr::RefBrack { refr, index, .. } => {
            expression(refr, see);
            expression(index, see);
        }
        Expr::BinExpr { lhs, rhs, .. }
        | Expr::BoolExpr { lhs, rhs, .. }
        | Expr::ArithExpr { lhs, rhs, .. }
        | Expr::AssignExpr { lhs, rhs, .. } => {
            expression(lhs, see);
            expression(rhs, see);
        }
        Expr::Membership { key, value, collection, .. } => {
            if let Some(key) = key {
                expression(key, see);
            }
            expression(value, see);
            expression(collection, see);
        }
    }
}

/// The names of the variables in an expression.
pub(super) fn variables(expr: &Expr) -> Vec<&str> {
    let mut names = Vec::new();
    expression(expr, &mut |part| names.extend(variable(part)));
    names
}

/// The name, if it is a variable.
pub(super) fn variable(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Var { value, .. } => value.as_string().ok().map(AsRef::as_ref),
        _ => None,
    }
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

/// The text of a span.
pub(super) fn text<'m>(module: &'m Module, span: &Span) -> &'m str {
    module.text.get(whole(module, span)).unwrap_or_default()
}

/// The byte range of a span. The engine leaves the quotes out where a string begins or ends it.
pub(super) fn whole(module: &Module, span: &Span) -> Range<usize> {
    let range = module::bytes(span);
    let text = module.text.as_bytes();
    let is_quote =
        |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(|byte| b"\"`".contains(byte));
    let before = range.start.checked_sub(1);
    let start = if is_quote(before) { range.start - 1 } else { range.start };
    let end = if is_quote(Some(range.end)) { range.end + 1 } else { range.end };
    start..end
}

//! The syntax tree, as everybody who looks at it takes it apart: the head of a rule, the names that a module imports,
//! the parts of a reference, and every expression of a rule.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use regorus::unstable::{Expr, Literal, LiteralStmt, Query, Rule, RuleAssign, RuleHead, Span};

use super::module::Module;

/// A reference, taken apart.
pub(super) struct Reference<'m> {
    /// What it begins with: a variable, or any other expression.
    pub(super) root: &'m Expr,
    pub(super) steps: Vec<Step<'m>>,
}

/// A step of a reference.
#[derive(Clone, Copy)]
pub(super) enum Step<'m> {
    /// `.name` or `["name"]`, with its place.
    Key(&'m str, &'m Span),
    /// `[…]` with anything else.
    Index(&'m Expr),
}

impl<'m> Reference<'m> {
    /// Takes an expression apart; one that is no reference has no steps.
    pub(super) fn of(mut expression: &'m Expr) -> Self {
        let mut steps = Vec::new();
        loop {
            match expression {
                Expr::RefDot { refr, field, .. } => {
                    steps.push(
                        field.1.as_string().map_or(Step::Index(expression), |name| Step::Key(name, &field.0)),
                    );
                    expression = refr;
                }
                Expr::RefBrack { refr, index, .. } => {
                    let step = match index.as_ref() {
                        Expr::String { value, span, .. } | Expr::RawString { value, span, .. } => {
                            value.as_string().map_or(Step::Index(index), |name| Step::Key(name, span))
                        }
                        _ => Step::Index(index),
                    };
                    steps.push(step);
                    expression = refr;
                }
                _ => break,
            }
        }
        steps.reverse();
        Self { root: expression, steps }
    }

    /// The keys before the first step that is none.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&'m str, &'m Span)> {
        self.steps.iter().map_while(|step| match step {
            Step::Key(name, at) => Some((*name, *at)),
            Step::Index(_) => None,
        })
    }
}

/// The parts of a constant reference: `a.b["c"]`. `None` where a part is no constant.
pub(super) fn path(expression: &Expr) -> Option<Vec<String>> {
    let reference = Reference::of(expression);
    let parts = constant_of(&reference)?;
    (parts.len() == reference.steps.len() + 1).then_some(parts)
}

/// The constant parts at the beginning of a reference: of `a.b[i].c`, `a.b`. `None` where it is no reference.
pub(super) fn constant(expression: &Expr) -> Option<Vec<String>> {
    constant_of(&Reference::of(expression))
}

fn constant_of(reference: &Reference<'_>) -> Option<Vec<String>> {
    let root = variable(reference.root)?;
    Some(std::iter::once(root).chain(reference.keys().map(|(key, _)| key)).map(str::to_owned).collect())
}

/// The name of a variable.
pub(super) fn variable(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Var { value, .. } => value.as_string().ok().map(AsRef::as_ref),
        _ => None,
    }
}

/// Parts of a path as Rego writes them: what is no name stands in brackets.
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

/// The variables that a pattern binds: a variable, or an array or object of patterns.
pub(super) fn pattern(expression: &Expr) -> Vec<&str> {
    match expression {
        Expr::Var { .. } => variable(expression).into_iter().collect(),
        Expr::Array { items, .. } => items.iter().flat_map(|item| pattern(item)).collect(),
        Expr::Object { fields, .. } => fields.iter().flat_map(|(_, _, value)| pattern(value)).collect(),
        _ => Vec::new(),
    }
}

/// The variable that a reference begins with, or that an expression is.
pub(super) fn root(expression: &Expr) -> Option<&str> {
    variable(Reference::of(expression).root)
}

/// The reference of a rule's head.
pub(super) fn head(rule: &Rule) -> &Expr {
    match rule {
        Rule::Default { refr, .. }
        | Rule::Spec {
            head: RuleHead::Compr { refr, .. } | RuleHead::Set { refr, .. } | RuleHead::Func { refr, .. },
            ..
        } => refr,
    }
}

/// The constant parts at the beginning of a rule's head: its name, and more. Of `a.b[x]`, `a.b`.
pub(super) fn head_path(rule: &Rule) -> Vec<String> {
    constant(head(rule)).unwrap_or_default()
}

/// The imports that give a name: alias, path with `data` or `input`, and the place.
pub(super) fn imports(module: &Module) -> impl Iterator<Item = (String, Vec<String>, &Span)> {
    module.tree.imports.iter().filter_map(|import| {
        let path = self::path(&import.refr)?;
        if !matches!(path.first().map(String::as_str), Some("data" | "input")) {
            return None;
        }
        let alias =
            import.r#as.as_ref().map_or_else(|| path.last().cloned(), |name| Some(name.text().to_owned()))?;
        Some((alias, path, import.refr.span()))
    })
}

/// The places in `data` that the rules of a module name, each as far as it is constant, and where they do.
pub(super) fn data_references(module: &Module) -> Vec<(Vec<String>, &Span)> {
    let imports: Vec<_> = imports(module).collect();
    let mut named = Vec::new();
    for rule in &module.tree.policy {
        expressions(rule, &mut |expression| {
            let Some(place) = constant(expression) else { return };
            let imported = imports.iter().find(|(alias, ..)| *alias == place[0]);
            let place = match imported {
                Some((_, path, _)) => [path, &place[1..]].concat(),
                None => place,
            };
            if place[0] == "data" {
                named.push((place[1..].to_vec(), expression.span()));
            }
        });
    }
    named
}

/// The same with what `object.get` looks up in them, as far as that is constant.
pub(super) fn data_read(module: &Module) -> Vec<Vec<String>> {
    let mut looked_up: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    // An import may be called `object`, too.
    let is_engines = imports(module).all(|(alias, ..)| alias != "object");
    for rule in module.tree.policy.iter().filter(|_| is_engines) {
        expressions(rule, &mut |expression| {
            let Expr::Call { fcn, params, .. } = expression else { return };
            let ([object, key, _], Some(["object", "get"])) = (
                params.as_slice(),
                path(fcn)
                    .as_deref()
                    .map(|path| path.iter().map(String::as_str).collect::<Vec<_>>())
                    .as_deref(),
            ) else {
                return;
            };
            if path(object).is_some() {
                looked_up.insert(object.span().start, key_of(key));
            }
        });
    }
    let references = data_references(module).into_iter();
    references
        .map(|(place, at)| [place, looked_up.get(&at.start).cloned().unwrap_or_default()].concat())
        .collect()
}

/// The constants at the beginning of a key of `object.get`: a text, or a list that is a path.
fn key_of(key: &Expr) -> Vec<String> {
    let text = |part: &Expr| match part {
        Expr::String { value, .. } | Expr::RawString { value, .. } => {
            value.as_string().ok().map(ToString::to_string)
        }
        _ => None,
    };
    match key {
        Expr::Array { items, .. } => items.iter().map_while(|item| text(item)).collect(),
        one => text(one).into_iter().collect(),
    }
}

/// Calls `seen` with every expression of a rule, in the order of the text. Of a reference it is called with the
/// whole, not with its beginnings: with `input.a[i]` and `i`, not with `input.a`.
pub(super) fn expressions<'a>(rule: &'a Rule, seen: &mut impl FnMut(&'a Expr)) {
    let mut parts = Vec::new();
    match rule {
        Rule::Spec { head, bodies, .. } => {
            match head {
                RuleHead::Compr { refr, assign, .. } => {
                    below_reference(refr, &mut parts);
                    assigned(assign.as_ref(), &mut parts);
                }
                RuleHead::Set { refr, key, .. } => {
                    below_reference(refr, &mut parts);
                    parts.extend(key.as_deref().map(Part::Expr));
                }
                RuleHead::Func { args, assign, .. } => {
                    parts.extend(args.iter().map(|arg| Part::Expr(arg)));
                    assigned(assign.as_ref(), &mut parts);
                }
            }
            for body in bodies {
                assigned(body.assign.as_ref(), &mut parts);
                parts.push(Part::Query(&body.query));
            }
        }
        Rule::Default { args, value, .. } => {
            parts.extend(args.iter().map(|arg| Part::Expr(arg)));
            parts.push(Part::Expr(value));
        }
    }
    walk(parts, seen);
}

/// The same of one statement.
pub(super) fn expressions_of_statement<'a>(statement: &'a LiteralStmt, seen: &mut impl FnMut(&'a Expr)) {
    let mut parts = Vec::new();
    parts_of_statement(statement, &mut parts);
    walk(parts, seen);
}

/// The same of one expression, which is the first.
pub(super) fn expressions_within<'a>(expression: &'a Expr, seen: &mut impl FnMut(&'a Expr)) {
    walk(vec![Part::Expr(expression)], seen);
}

enum Part<'a> {
    Expr(&'a Expr),
    Query(&'a Query),
}

/// It keeps its own stack: how deep expressions are is up to who writes them.
fn walk<'a>(mut todo: Vec<Part<'a>>, seen: &mut impl FnMut(&'a Expr)) {
    todo.reverse();
    let mut parts = Vec::new();
    while let Some(next) = todo.pop() {
        match next {
            Part::Query(query) => {
                query.stmts.iter().for_each(|statement| parts_of_statement(statement, &mut parts));
            }
            Part::Expr(expression) => {
                seen(expression);
                parts_of(expression, &mut parts);
            }
        }
        todo.extend(parts.drain(..).rev());
    }
}

fn assigned<'a>(assign: Option<&'a RuleAssign>, parts: &mut Vec<Part<'a>>) {
    parts.extend(assign.map(|assign| Part::Expr(&assign.value)));
}

fn parts_of_statement<'a>(statement: &'a LiteralStmt, parts: &mut Vec<Part<'a>>) {
    match &statement.literal {
        Literal::SomeVars { .. } => {}
        Literal::SomeIn { key, value, collection, .. } => {
            parts.extend(key.as_deref().map(Part::Expr));
            parts.extend([Part::Expr(value), Part::Expr(collection)]);
        }
        Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => parts.push(Part::Expr(expr)),
        Literal::Every { domain, query, .. } => parts.extend([Part::Expr(domain), Part::Query(query)]),
    }
    for with in &statement.with_mods {
        parts.extend([Part::Expr(&with.refr), Part::Expr(&with.r#as)]);
    }
}

fn parts_of<'a>(expression: &'a Expr, parts: &mut Vec<Part<'a>>) {
    match expression {
        Expr::ArrayCompr { term, query, .. } | Expr::SetCompr { term, query, .. } => {
            parts.extend([Part::Expr(term), Part::Query(query)]);
        }
        Expr::ObjectCompr { key, value, query, .. } => {
            parts.extend([Part::Expr(key), Part::Expr(value), Part::Query(query)]);
        }
        Expr::RefDot { .. } | Expr::RefBrack { .. } => below_reference(expression, parts),
        _ => {
            if let Expr::Call { fcn, .. } = expression {
                parts.push(Part::Expr(fcn));
            }
            children(expression, &mut |child| parts.push(Part::Expr(child)));
        }
    }
}

/// What a reference begins with where that is no name, and what is in its brackets.
fn below_reference<'a>(expression: &'a Expr, parts: &mut Vec<Part<'a>>) {
    let reference = Reference::of(expression);
    if variable(reference.root).is_none() {
        parts.push(Part::Expr(reference.root));
    }
    parts.extend(reference.steps.into_iter().filter_map(|step| match step {
        Step::Key(..) => None,
        Step::Index(index) => Some(Part::Expr(index)),
    }));
}

/// The expressions directly in one, without those of a comprehension, which has a scope of its own.
pub(super) fn children<'m>(expression: &'m Expr, visit: &mut dyn FnMut(&'m Expr)) {
    match expression {
        Expr::String { .. }
        | Expr::RawString { .. }
        | Expr::Number { .. }
        | Expr::Bool { .. }
        | Expr::Null { .. }
        | Expr::Var { .. }
        | Expr::ArrayCompr { .. }
        | Expr::SetCompr { .. }
        | Expr::ObjectCompr { .. } => {}
        Expr::Array { items, .. } | Expr::Set { items, .. } => items.iter().for_each(|item| visit(item)),
        Expr::Object { fields, .. } => fields.iter().for_each(|(_, key, value)| {
            visit(key);
            visit(value);
        }),
        Expr::Call { params, .. } => params.iter().for_each(|parameter| visit(parameter)),
        Expr::UnaryExpr { expr, .. } => visit(expr),
        Expr::RefDot { refr, .. } => visit(refr),
        Expr::RefBrack { refr, index, .. } => {
            visit(refr);
            visit(index);
        }
        Expr::BinExpr { lhs, rhs, .. }
        | Expr::BoolExpr { lhs, rhs, .. }
        | Expr::ArithExpr { lhs, rhs, .. }
        | Expr::AssignExpr { lhs, rhs, .. } => {
            visit(lhs);
            visit(rhs);
        }
        Expr::Membership { key, value, collection, .. } => {
            if let Some(key) = key {
                visit(key);
            }
            visit(value);
            visit(collection);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_wherever_they_stand() {
        let imports = "import data.audit.params\nimport data.audit.params.acme as mine\n";
        for (rule, expected) in [
            ("x := data.a.b.c", &["a/b/c"][..]),
            ("x := data.a[\"b c\"].d", &["a/b c/d"]),
            ("x := data.a[input.i].c", &["a"]),
            ("x contains params.one.two if input.a", &["audit/params/one/two"]),
            ("x if every u in data.list { u == mine.x }", &["audit/params/acme/x", "list"]),
            ("x := [y | some y in data.a]", &["a"]),
            ("x := {data.k: data.v | true}", &["k", "v"]),
            ("x if not data.a.b with data.c as data.d", &["a/b", "c", "d"]),
            ("x := data.lib.f(data.y)[0]", &["lib/f", "y"]),
            ("x := 1 if false else := data.z", &["z"]),
            ("default x := data.q", &["q"]),
            ("f(params) := params.x", &["audit/params", "audit/params/x"]),
            ("x := count(params) + 1", &["audit/params"]),
            ("x := input.data.audit", &[]),
        ] {
            let module = Module::parse("a.rego", &format!("package a\n\n{imports}\n{rule}\n"));
            let Ok(module) = module else {
                assert_eq!(rule, "default x := data.q", "{rule}");
                continue;
            };
            let mut found: Vec<String> =
                data_references(&module).iter().map(|(place, _)| place.join("/")).collect();
            found.sort();
            assert_eq!(found, expected, "{rule}");
        }
    }
}

//! Every expression of a module, and what its references name.

use std::collections::BTreeMap;

use regorus::unstable::{Expr, Literal, LiteralStmt, Query, Rule, RuleAssign, RuleHead};

use super::module::{self, Module};

/// Calls `seen` with every expression of a rule. Of a reference it is called with the whole, not with its
/// beginnings: with `input.a[i]` and `i`, not with `input.a`.
///
/// It keeps its own stack: how deep expressions are is up to who writes them.
pub(super) fn expressions<'a>(rule: &'a Rule, seen: &mut impl FnMut(&'a Expr)) {
    let mut todo = Vec::new();
    match rule {
        Rule::Spec { head, bodies, .. } => {
            match head {
                RuleHead::Compr { refr, assign, .. } => {
                    below_reference(refr, &mut todo);
                    assigned(assign.as_ref(), &mut todo);
                }
                RuleHead::Set { refr, key, .. } => {
                    below_reference(refr, &mut todo);
                    todo.extend(key.as_deref().map(Todo::Expr));
                }
                RuleHead::Func { args, assign, .. } => {
                    todo.extend(args.iter().map(|arg| Todo::Expr(arg)));
                    assigned(assign.as_ref(), &mut todo);
                }
            }
            for body in bodies {
                assigned(body.assign.as_ref(), &mut todo);
                todo.push(Todo::Query(&body.query));
            }
        }
        Rule::Default { args, value, .. } => {
            todo.extend(args.iter().map(|arg| Todo::Expr(arg)));
            todo.push(Todo::Expr(value));
        }
    }
    while let Some(next) = todo.pop() {
        match next {
            Todo::Query(query) => query.stmts.iter().for_each(|statement| literal(statement, &mut todo)),
            Todo::Expr(expression) => {
                seen(expression);
                parts(expression, &mut todo);
            }
        }
    }
}

enum Todo<'a> {
    Expr(&'a Expr),
    Query(&'a Query),
}

fn assigned<'a>(assign: Option<&'a RuleAssign>, todo: &mut Vec<Todo<'a>>) {
    todo.extend(assign.map(|assign| Todo::Expr(&assign.value)));
}

fn literal<'a>(statement: &'a LiteralStmt, todo: &mut Vec<Todo<'a>>) {
    match &statement.literal {
        Literal::SomeVars { .. } => {}
        Literal::SomeIn { key, value, collection, .. } => {
            todo.extend(key.as_deref().map(Todo::Expr));
            todo.extend([Todo::Expr(value), Todo::Expr(collection)]);
        }
        Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => todo.push(Todo::Expr(expr)),
        Literal::Every { domain, query, .. } => todo.extend([Todo::Expr(domain), Todo::Query(query)]),
    }
    for with in &statement.with_mods {
        todo.extend([Todo::Expr(&with.refr), Todo::Expr(&with.r#as)]);
    }
}

fn parts<'a>(expression: &'a Expr, todo: &mut Vec<Todo<'a>>) {
    match expression {
        Expr::String { .. }
        | Expr::RawString { .. }
        | Expr::Number { .. }
        | Expr::Bool { .. }
        | Expr::Null { .. }
        | Expr::Var { .. } => {}
        Expr::Array { items, .. } | Expr::Set { items, .. } => {
            todo.extend(items.iter().map(|item| Todo::Expr(item)));
        }
        Expr::Object { fields, .. } => {
            for (_, key, value) in fields {
                todo.extend([Todo::Expr(key), Todo::Expr(value)]);
            }
        }
        Expr::ArrayCompr { term, query, .. } | Expr::SetCompr { term, query, .. } => {
            todo.extend([Todo::Expr(term), Todo::Query(query)]);
        }
        Expr::ObjectCompr { key, value, query, .. } => {
            todo.extend([Todo::Expr(key), Todo::Expr(value), Todo::Query(query)]);
        }
        Expr::Call { fcn, params, .. } => {
            todo.push(Todo::Expr(fcn));
            todo.extend(params.iter().map(|param| Todo::Expr(param)));
        }
        Expr::UnaryExpr { expr, .. } => todo.push(Todo::Expr(expr)),
        Expr::RefDot { .. } | Expr::RefBrack { .. } => below_reference(expression, todo),
        Expr::BinExpr { lhs, rhs, .. }
        | Expr::BoolExpr { lhs, rhs, .. }
        | Expr::ArithExpr { lhs, rhs, .. }
        | Expr::AssignExpr { lhs, rhs, .. } => todo.extend([Todo::Expr(lhs), Todo::Expr(rhs)]),
        Expr::Membership { key, value, collection, .. } => {
            todo.extend(key.as_deref().map(Todo::Expr));
            todo.extend([Todo::Expr(value), Todo::Expr(collection)]);
        }
    }
}

/// What is in the brackets of a reference, and what it begins with where that is no name.
fn below_reference<'a>(mut expression: &'a Expr, todo: &mut Vec<Todo<'a>>) {
    loop {
        match expression {
            Expr::RefDot { refr, .. } => expression = refr,
            Expr::RefBrack { refr, index, .. } => {
                todo.push(Todo::Expr(index));
                expression = refr;
            }
            Expr::Var { .. } => return,
            other => return todo.push(Todo::Expr(other)),
        }
    }
}

/// The names that a module gives to other places: `import data.a.b as c` is `c` → `data.a.b`.
pub(super) fn imports(module: &Module) -> BTreeMap<String, Vec<String>> {
    let named = |import: &regorus::unstable::Import| {
        let path = module::path(&import.refr)?;
        let name = import.r#as.as_ref().map(|name| name.text().to_owned()).or_else(|| path.last().cloned());
        Some((name?, path))
    };
    module.tree.imports.iter().filter_map(named).collect()
}

/// The constant beginning of what an expression names, imports resolved: `params.acme[i]` is
/// `data.audit.params.acme`. `None` where it is no reference.
pub(super) fn reference(
    mut expression: &Expr,
    imports: &BTreeMap<String, Vec<String>>,
) -> Option<Vec<String>> {
    let mut behind: Vec<String> = Vec::new();
    loop {
        match expression {
            Expr::Var { value, .. } => {
                let name = value.as_string().ok()?.to_string();
                let mut whole = imports.get(&name).cloned().unwrap_or_else(|| vec![name]);
                whole.extend(behind.into_iter().rev());
                return Some(whole);
            }
            Expr::RefDot { refr, field, .. } => {
                behind.push(field.1.as_string().ok()?.to_string());
                expression = refr;
            }
            Expr::RefBrack { refr, index, .. } => {
                match index.as_ref() {
                    Expr::String { value, .. } | Expr::RawString { value, .. } => {
                        behind.push(value.as_string().ok()?.to_string());
                    }
                    // What stands behind a part that is not constant may be anything.
                    _ => behind.clear(),
                }
                expression = refr;
            }
            _ => return None,
        }
    }
}

/// The places in `data` that the rules of a module name, each as far as it is constant.
pub(super) fn data_references(module: &Module) -> Vec<Vec<String>> {
    let imports = imports(module);
    let mut named = Vec::new();
    for rule in &module.tree.policy {
        expressions(rule, &mut |expression| {
            if let Some(place) = reference(expression, &imports).filter(|place| place[0] == "data") {
                named.push(place[1..].to_vec());
            }
        });
    }
    named
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
                data_references(&module).iter().map(|place| place.join("/")).collect();
            found.sort();
            assert_eq!(found, expected, "{rule}");
        }
    }

    #[test]
    fn a_long_chain_does_not_end_the_program() {
        let sum = vec!["1"; 2_000].join(" +\n");
        let module = Module::parse("a.rego", &format!("package a\nx := {sum}\n")).expect("parses");
        let mut seen = 0;
        expressions(&module.tree.policy[0], &mut |_| seen += 1);
        assert!(seen >= 2_000);
    }
}

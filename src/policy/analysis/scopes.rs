//! Every name of a policy: bound where it is used, a function where it is called, defined where it is referred to.
//!
//! The engine finds some of this when it prepares a policy, some when a rule runs, and some never: an unbound
//! variable in a head or inside `not` makes a rule that silently never fires.

use std::collections::BTreeSet;

use regorus::unstable::{AssignOp, Expr, Literal, LiteralStmt, Query, Rule, RuleHead, Span};

use super::meant;
use super::names::{Definition, Meaning, Program};
use crate::policy::functions;
use crate::policy::module::Module;
use crate::policy::problem::PolicyError;
use crate::policy::tree::{self, Reference, Step, children, imports, pattern, variable};
use crate::suggestion::nearest;

type Names<'m> = BTreeSet<&'m str>;

/// What a definition refers to below `data`, and what is wrong with its names.
pub(super) struct Uses {
    pub(super) data: BTreeSet<Vec<String>>,
    pub(super) problems: Vec<PolicyError>,
}

/// The names of one definition.
pub(super) fn uses<'m>(program: &Program<'m>, definition: Definition<'m>) -> Uses {
    let mut walk = Walk::new(program, definition.module);
    walk.rule(definition.rule);
    walk.uses
}

/// Imports of what is nowhere defined.
pub(super) fn imported<'m>(program: &Program<'m>, module: &'m Module) -> Vec<PolicyError> {
    let mut walk = Walk::new(program, module);
    for (_, path, at) in imports(module) {
        if path[0] == "data" {
            walk.defined(&path, at, false);
        }
    }
    walk.uses.problems
}

struct Walk<'p, 'm> {
    program: &'p Program<'m>,
    module: &'m Module,
    /// Data that a test replaces: it need not be defined.
    replaced: Vec<Vec<String>>,
    uses: Uses,
}

/// Where an expression stands.
#[derive(Clone, Copy)]
struct At<'s, 'm> {
    bound: &'s Names<'m>,
    /// Inside `not`, where nothing is bound, not even `_`.
    negated: bool,
}

impl<'p, 'm> Walk<'p, 'm> {
    fn new(program: &'p Program<'m>, module: &'m Module) -> Self {
        let mut replaced = Vec::new();
        if module.is_test() {
            for rule in &module.tree.policy {
                if let Rule::Spec { bodies, .. } = rule.as_ref() {
                    for statement in bodies.iter().flat_map(|body| &body.query.stmts) {
                        replaced_by(program, module, statement, &mut replaced);
                    }
                }
            }
        }
        Self { program, module, replaced, uses: Uses { data: BTreeSet::new(), problems: Vec::new() } }
    }

    fn rule(&mut self, rule: &'m Rule) {
        let (head, bodies) = match rule {
            Rule::Default { value, args, .. } => {
                let bound = args.iter().flat_map(|argument| pattern(argument)).collect();
                return self.expression(value, At { bound: &bound, negated: false });
            }
            Rule::Spec { head, bodies, .. } => (head, bodies),
        };
        let arguments = match head {
            RuleHead::Func { args, .. } => {
                for argument in args {
                    self.object_pattern(argument);
                }
                args.iter().flat_map(|argument| pattern(argument)).collect()
            }
            RuleHead::Compr { .. } | RuleHead::Set { .. } => Names::new(),
        };
        if bodies.is_empty() {
            self.head(head, &arguments);
        }
        for body in bodies {
            let bound = self.query(&body.query, &arguments);
            if !body.is_else {
                self.head(head, &bound);
            }
            if let Some(assigned) = &body.assign {
                self.expression(&assigned.value, At { bound: &bound, negated: false });
            }
        }
    }

    /// The expressions of a head, where the variables of its body are bound.
    fn head(&mut self, head: &'m RuleHead, bound: &Names<'m>) {
        let at = At { bound, negated: false };
        let (refr, value) = match head {
            RuleHead::Compr { refr, assign, .. } | RuleHead::Func { refr, assign, .. } => {
                (refr, assign.as_ref().map(|assign| &assign.value))
            }
            RuleHead::Set { refr, key, .. } => (refr, key.as_ref()),
        };
        for step in Reference::of(refr).steps {
            if let Step::Index(index) = step {
                self.expression(index, at);
            }
        }
        if let Some(value) = value {
            self.expression(value, at);
        }
    }

    /// Checks a query, and returns what is bound in it, what is bound around it included.
    fn query(&mut self, query: &'m Query, outer: &Names<'m>) -> Names<'m> {
        let mut declared = Names::new();
        let mut bound = Names::new();
        let mut assigned = Names::new();
        for statement in &query.stmts {
            match &statement.literal {
                Literal::SomeVars { vars, .. } => declared.extend(vars.iter().map(Span::text)),
                Literal::SomeIn { key, value, collection, .. } => {
                    key.iter().chain([value]).for_each(|variable| self.taken(variable));
                    let variables: Vec<_> =
                        key.iter().chain([value]).flat_map(|variable| pattern(variable)).collect();
                    declared.extend(&variables);
                    bound.extend(variables);
                    self.bindings(collection, &declared, &mut bound);
                }
                Literal::Expr { expr, .. } => {
                    if let Expr::AssignExpr { op: AssignOp::ColEq, lhs, .. } = expr.as_ref() {
                        self.assigned_once(lhs, &mut assigned);
                        declared.extend(pattern(lhs));
                    }
                    self.bindings(expr, &declared, &mut bound);
                }
                Literal::Every { domain, .. } => self.bindings(domain, &declared, &mut bound),
                Literal::NotExpr { .. } => {}
            }
        }
        bound.extend(outer.difference(&declared));
        for statement in &query.stmts {
            self.statement(statement, &bound);
        }
        bound
    }

    /// A variable of `some … in` that has the name of a rule or an import: the engine does not take it.
    fn taken(&mut self, target: &'m Expr) {
        let taken = pattern(target)
            .into_iter()
            .find(|name| *name != "_" && self.program.global(self.module, name).is_some());
        if let Some(name) = taken {
            let what = format!("`{name}` is the name of a rule or an import, and of a variable here");
            let problem = self.module.problem(target.span(), what);
            self.uses.problems.push(problem.with_help("give the variable another name: OPA would hide the one by the other, and this engine refuses it"));
        }
    }

    fn assigned_once(&mut self, left: &'m Expr, assigned: &mut Names<'m>) {
        for name in pattern(left) {
            if name != "_" && !assigned.insert(name) {
                let problem = self.module.problem(left.span(), format!("`{name}` is assigned a second time"));
                self.uses
                    .problems
                    .push(problem.with_help("a variable has one value: give the second one another name"));
            }
        }
    }

    /// An object pattern that binds: OPA takes only objects with exactly its keys, this engine any with them.
    fn object_pattern(&mut self, target: &'m Expr) {
        match target {
            Expr::Object { span, fields, .. }
                if fields.iter().any(|(_, _, value)| !pattern(value).is_empty()) =>
            {
                let what =
                    "an object pattern does not mean here what it does in OPA: more members are no mismatch";
                let help = "give the object a name, and its members theirs: `x := …`, `mode := x.MFAMode`";
                self.uses.problems.push(self.module.problem(span, what).with_help(help));
            }
            Expr::Array { items, .. } => items.iter().for_each(|item| self.object_pattern(item)),
            _ => {}
        }
    }

    fn statement(&mut self, statement: &'m LiteralStmt, bound: &Names<'m>) {
        let at = At { bound, negated: false };
        match &statement.literal {
            Literal::SomeVars { .. } => {}
            Literal::SomeIn { key, value, collection, .. } => {
                key.iter().chain([value]).for_each(|target| self.object_pattern(target));
                self.expression(collection, at);
            }
            Literal::Expr { expr, .. } => {
                if let Expr::AssignExpr { op, lhs, rhs, .. } = expr.as_ref() {
                    self.object_pattern(lhs);
                    if *op == AssignOp::Eq {
                        self.object_pattern(rhs);
                    }
                }
                self.expression(expr, at);
            }
            Literal::NotExpr { expr, .. } => self.expression(expr, At { bound, negated: true }),
            Literal::Every { key, value, domain, query, .. } => {
                self.expression(domain, at);
                let mut inner = bound.clone();
                inner.extend(key.iter().chain([value]).map(Span::text));
                self.query(query, &inner);
            }
        }
        for with in &statement.with_mods {
            let names_a_function = tree::path(&with.r#as)
                .is_some_and(|path| functions::arity(&path.join(".")).is_some() || self.is_function(&path));
            if !names_a_function {
                self.expression(&with.r#as, at);
            }
        }
    }

    /// Adds the variables that an expression binds where it is not negated.
    fn bindings(&self, expression: &'m Expr, declared: &Names<'m>, bound: &mut Names<'m>) {
        let bind = |names: Vec<&'m str>, bound: &mut Names<'m>| {
            // A name that is not declared and means a rule or an import is that.
            let local =
                |name: &&str| declared.contains(*name) || self.program.global(self.module, name).is_none();
            bound.extend(names.into_iter().filter(local));
        };
        match expression {
            Expr::AssignExpr { lhs, rhs, op, .. } => {
                bind(pattern(lhs), bound);
                if *op == AssignOp::Eq {
                    bind(pattern(rhs), bound);
                }
            }
            Expr::RefBrack { index, .. } => bind(pattern(index), bound),
            Expr::Call { fcn, params, .. } => {
                if let (Some(arity), Some(output)) =
                    (builtin(fcn).and_then(|(_, arity)| arity), params.last())
                    && arity.checked_add(1) == Some(params.len())
                {
                    bind(pattern(output), bound);
                }
            }
            _ => {}
        }
        children(expression, &mut |child| self.bindings(child, declared, bound));
    }

    fn expression(&mut self, expression: &'m Expr, at: At<'_, 'm>) {
        match expression {
            Expr::Var { .. } | Expr::RefDot { .. } | Expr::RefBrack { .. } => self.reference(expression, at),
            Expr::Call { fcn, params, .. } => {
                self.call(fcn, params.len(), at.bound);
                for parameter in params {
                    self.expression(parameter, at);
                }
            }
            Expr::AssignExpr { rhs, op: AssignOp::ColEq, .. } => self.expression(rhs, at),
            Expr::ArrayCompr { term, query, .. } | Expr::SetCompr { term, query, .. } => {
                let bound = self.query(query, at.bound);
                self.expression(term, At { bound: &bound, negated: false });
            }
            Expr::ObjectCompr { key, value, query, .. } => {
                let bound = self.query(query, at.bound);
                self.expression(key, At { bound: &bound, negated: false });
                self.expression(value, At { bound: &bound, negated: false });
            }
            _ => children(expression, &mut |child| self.expression(child, at)),
        }
    }

    fn reference(&mut self, expression: &'m Expr, at: At<'_, 'm>) {
        let reference = Reference::of(expression);
        for step in &reference.steps {
            if let Step::Index(index) = step {
                self.expression(index, at);
            }
        }
        let Some(name) = variable(reference.root) else {
            return self.expression(reference.root, at);
        };
        if at.bound.contains(name) || (name == "_" && !at.negated) {
            return;
        }
        match self.program.global(self.module, name) {
            // An import of nothing is a problem where it stands.
            Some(path) if self.is_dangling(name, &path) => {}
            Some(mut path) => {
                path.extend(reference.keys().map(|(key, _)| key.to_owned()));
                if path[0] == "data" {
                    self.defined(&path, expression.span(), true);
                }
            }
            None => self.unbound(reference.root, name, expression, at),
        }
    }

    fn is_dangling(&self, name: &str, path: &[String]) -> bool {
        path.len() > 1
            && path[0] == "data"
            && self.program.import(self.module, name).is_some()
            && matches!(self.program.meaning(&path[1..]), Meaning::Nothing)
    }

    fn unbound(&mut self, root: &'m Expr, name: &'m str, whole: &'m Expr, at: At<'_, 'm>) {
        if let Some((function, Some(_))) = builtin(whole) {
            let problem =
                self.module.problem(whole.span(), format!("the function `{function}` is not called"));
            return self.uses.problems.push(problem.with_help("write its arguments in parentheses"));
        }
        let problem =
            self.module.problem(root.span(), format!("the variable `{name}` is unsafe: nothing binds it"));
        let names = Program::names(self.module);
        let known = names.iter().map(String::as_str).chain(at.bound.iter().copied()).chain(["input", "data"]);
        if let Some(meant) = meant::by_variable(self.program, self.module, name) {
            return self.uses.problems.push(problem.with_help(meant));
        }
        let help = match nearest(name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None if at.negated && name == "_" => {
                "inside `not` nothing is looked for: move the search into a helper rule, and say `not helper`"
                    .to_owned()
            }
            None if at.negated => {
                format!("inside `not` nothing is bound: bind `{name}` in another expression")
            }
            None => format!("bind it in the body, as in `some {name} in …` or `{name} := …`"),
        };
        self.uses.problems.push(problem.with_help(help));
    }

    /// Sees to it that a path, `data` first, means something.
    fn defined(&mut self, path: &[String], at: &Span, is_value: bool) {
        let below = &path[1..];
        match self.program.meaning(below) {
            Meaning::Rule(definitions, _) => {
                self.uses.data.insert(below.to_vec());
                if is_value && definitions.iter().all(|definition| arity(definition.rule).is_some()) {
                    let what = format!("the function `{}` is not called", path.join("."));
                    let problem =
                        self.module.problem(at, what).with_help("write its arguments in parentheses");
                    self.uses.problems.push(problem);
                }
            }
            Meaning::Below(_) => {
                self.uses.data.insert(below.to_vec());
            }
            Meaning::Data => {}
            Meaning::Nothing => {
                let replaced = |other: &Vec<String>| other.starts_with(below) || below.starts_with(other);
                if !self.replaced.iter().any(replaced) {
                    self.undefined(path, at);
                }
            }
        }
    }

    fn undefined(&mut self, path: &[String], at: &Span) {
        let is_there = |length: &usize| !matches!(self.program.meaning(&path[1..=*length]), Meaning::Nothing);
        let known = (1..path.len()).take_while(is_there).last().unwrap_or(0);
        let what = format!("nothing defines `{}`, so this is never true", path[..known + 2].join("."));
        let siblings = self.program.children(&path[1..=known]);
        let near = || nearest(&path[known + 1], siblings.iter().map(String::as_str));
        let help = match meant::by_path(self.program, path, known) {
            Some(meant) => meant,
            None => near().map_or_else(
                || "give it a value: a rule, or a data file under `paths` of [policies]".to_owned(),
                |near| format!("did you mean `{}.{near}`?", path[..=known].join(".")),
            ),
        };
        self.uses.problems.push(self.module.problem(at, what).with_help(help));
    }

    fn call(&mut self, function: &'m Expr, given: usize, bound: &Names<'m>) {
        let Some(path) = tree::path(function) else {
            let problem = self.module.problem(function.span(), "a function is called by its name alone");
            return self.uses.problems.push(problem);
        };
        let own =
            (!bound.contains(path[0].as_str())).then(|| self.program.global(self.module, &path[0])).flatten();
        let Some(mut place) = own else { return self.builtin(function, given) };
        place.extend_from_slice(&path[1..]);
        let arities: BTreeSet<usize> = match self.program.meaning(&place[1..]) {
            Meaning::Rule(definitions, length) if length + 1 == place.len() => {
                definitions.iter().filter_map(|definition| arity(definition.rule)).collect()
            }
            Meaning::Rule(..) | Meaning::Below(_) | Meaning::Data | Meaning::Nothing => BTreeSet::new(),
        };
        self.uses.data.insert(place[1..].to_vec());
        let is_rule = matches!(self.program.meaning(&place[1..]), Meaning::Rule(_, length) if length + 1 == place.len());
        if arities.is_empty() && is_rule {
            let problem = self
                .module
                .problem(function.span(), format!("`{}` is a rule and no function", path.join(".")));
            self.uses
                .problems
                .push(problem.with_help("leave the parentheses out, or define it with its arguments"));
        } else if arities.is_empty() {
            let siblings = self.program.children(&place[1..place.len() - 1]);
            self.no_function(function.span(), &path.join("."), siblings.iter().map(String::as_str));
        } else if !arities.contains(&given) {
            let wanted = arities.iter().map(usize::to_string).collect::<Vec<_>>().join(" or ");
            let noun = if wanted == "1" { "argument" } else { "arguments" };
            let what = format!("`{}` takes {wanted} {noun}, not {given}", path.join("."));
            self.uses.problems.push(self.module.problem(function.span(), what));
        }
    }

    fn builtin(&mut self, function: &'m Expr, given: usize) {
        let Some((name, arity)) = builtin(function) else { return };
        match arity {
            // One more is the result, in the older way to write it.
            Some(arity) if given == arity || arity.checked_add(1).is_none_or(|more| given == more) => {}
            Some(arity) => {
                let noun = if arity == 1 { "argument" } else { "arguments" };
                let what = format!("`{name}` takes {arity} {noun}, not {given}");
                self.uses.problems.push(self.module.problem(function.span(), what));
            }
            None if functions::in_opa_only(&name) => {
                let what = format!("this engine has no function `{name}`");
                let problem = self.module.problem(function.span(), what);
                let help = if functions::is_of_the_world(&name) {
                    "OPA has it; `audit` judges without network, clock and chance"
                } else {
                    "OPA has it, and the engine of `audit` does not: docs/policies.md lists what is missing"
                };
                self.uses.problems.push(problem.with_help(help));
            }
            None => {
                let own = Program::names(self.module);
                let known: Vec<&str> = functions::known().collect();
                let known = known.into_iter().chain(own.iter().map(String::as_str));
                self.no_function(function.span(), &name, known);
            }
        }
    }

    fn no_function<'k>(&mut self, at: &Span, name: &str, known: impl Iterator<Item = &'k str>) {
        let problem = self.module.problem(at, format!("there is no function `{name}`"));
        let last = name.rsplit('.').next().unwrap_or(name);
        let known: Vec<_> = known.collect();
        let near = nearest(name, known.iter().copied()).or_else(|| nearest(last, known));
        self.uses.problems.push(match near {
            Some(near) => problem.with_help(format!("did you mean `{near}`?")),
            None => problem.with_help("a call of it would be an error in the middle of a run"),
        });
    }

    fn is_function(&self, path: &[String]) -> bool {
        let Some(mut place) = self.program.global(self.module, &path[0]) else { return false };
        place.extend_from_slice(&path[1..]);
        matches!(self.program.meaning(&place[1..]), Meaning::Rule(definitions, _)
            if definitions.iter().any(|definition| arity(definition.rule).is_some()))
    }
}

/// Paths below `data` that a statement replaces for itself.
fn replaced_by<'m>(
    program: &Program<'m>,
    module: &'m Module,
    statement: &'m LiteralStmt,
    replaced: &mut Vec<Vec<String>>,
) {
    for with in &statement.with_mods {
        if let Some(path) = tree::path(&with.refr)
            && let Some(mut place) = program.global(module, &path[0])
            && place[0] == "data"
        {
            place.extend_from_slice(&path[1..]);
            replaced.push(place.split_off(1));
        }
    }
    if let Literal::Every { query, .. } = &statement.literal {
        for inner in &query.stmts {
            replaced_by(program, module, inner, replaced);
        }
    }
}

/// How many arguments a function takes; `None` for a rule that is none.
fn arity(rule: &Rule) -> Option<usize> {
    match rule {
        Rule::Spec { head: RuleHead::Func { args, .. }, .. } => Some(args.len()),
        Rule::Default { args, .. } if !args.is_empty() => Some(args.len()),
        Rule::Spec { head: RuleHead::Compr { .. } | RuleHead::Set { .. }, .. } | Rule::Default { .. } => None,
    }
}

/// The dotted name of what is called, and its arity where it is built in.
pub(super) fn builtin(function: &Expr) -> Option<(String, Option<usize>)> {
    let name = tree::path(function)?.join(".");
    let arity = functions::arity(&name);
    Some((name, arity))
}

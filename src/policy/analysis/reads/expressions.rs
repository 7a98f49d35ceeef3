//! What expressions may stand for.

use std::sync::Arc;

use regorus::unstable::{BoolOp, Expr};

use super::fit::{constant_text, constants};
use super::never::Comparison;
use super::sense::Sense;
use super::{Locals, Reader, has_value};
use crate::policy::analysis::names::Meaning;
use crate::policy::analysis::scopes::builtin;
use crate::policy::functions;
use crate::policy::module::Module;
use crate::policy::tree::{Reference, Step, children, variable};

impl<'m> Reader<'_, 'm> {
    pub(super) fn expression(
        &mut self,
        module: &'m Module,
        expression: &'m Expr,
        locals: &Locals<'m>,
    ) -> Sense {
        let is_negated = std::mem::take(&mut self.is_negated);
        match expression {
            Expr::String { .. }
            | Expr::RawString { .. }
            | Expr::Number { .. }
            | Expr::Bool { .. }
            | Expr::Null { .. } => Sense::scalar(),
            Expr::Var { .. } | Expr::RefDot { .. } | Expr::RefBrack { .. } => {
                self.reference(module, expression, locals)
            }
            Expr::Call { fcn, params, .. } => {
                if !is_negated
                    && let [argument] = params.as_slice()
                    && self.is_engines(module, fcn, "is_null")
                {
                    let sense = self.expression(module, argument, locals);
                    self.may_be_null(module, argument, &sense);
                }
                self.call(module, fcn, params, locals)
            }
            Expr::Array { .. } | Expr::Set { .. } | Expr::Object { .. } => {
                let mut members = Sense::default();
                let mut parts = Vec::new();
                children(expression, &mut |child| parts.push(child));
                for part in parts {
                    members.join(self.consumed(module, part, locals));
                }
                Sense::of_members(members)
            }
            Expr::ArrayCompr { term, query, .. } | Expr::SetCompr { term, query, .. } => {
                let inner = self.query(module, query, locals);
                Sense::of_members(self.consumed(module, term, &inner))
            }
            Expr::ObjectCompr { key, value, query, .. } => {
                let inner = self.query(module, query, locals);
                self.consumed(module, key, &inner);
                Sense::of_members(self.consumed(module, value, &inner))
            }
            // A union or intersection of sets has the members of both.
            Expr::BinExpr { lhs, rhs, .. } => {
                let mut sense = self.consumed(module, lhs, locals);
                sense.join(self.consumed(module, rhs, locals));
                Sense::of_members(sense.any())
            }
            Expr::BoolExpr { op: op @ (BoolOp::Eq | BoolOp::Ne), lhs, rhs, .. } => {
                let (left, right) = match (constant_text(lhs), constant_text(rhs)) {
                    (Some(constant), _) => (Sense::scalar(), self.compared(module, rhs, &[constant], locals)),
                    (None, Some(constant)) => {
                        (self.compared(module, lhs, &[constant], locals), Sense::scalar())
                    }
                    (None, None) => (self.consumed(module, lhs, locals), self.consumed(module, rhs, locals)),
                };
                let comparison = if matches!(op, BoolOp::Eq) == is_negated {
                    Comparison::Unequal
                } else {
                    Comparison::Equal
                };
                self.meet(module, comparison, (lhs, &left), (rhs, &right));
                Sense::scalar()
            }
            Expr::BoolExpr { lhs, rhs, .. } => {
                let (left, right) = (self.consumed(module, lhs, locals), self.consumed(module, rhs, locals));
                self.meet(module, Comparison::Order, (lhs, &left), (rhs, &right));
                Sense::scalar()
            }
            Expr::Membership { key: None, value, collection, .. } => {
                let (of_value, of_collection) = match constants(collection) {
                    Some(constants) => (self.compared(module, value, &constants, locals), Sense::scalar()),
                    None => (self.consumed(module, value, locals), self.consumed(module, collection, locals)),
                };
                let comparison = if is_negated { Comparison::Unequal } else { Comparison::Equal };
                self.is_in(module, comparison, (value, &of_value), (collection, &of_collection));
                Sense::scalar()
            }
            Expr::UnaryExpr { .. }
            | Expr::ArithExpr { .. }
            | Expr::AssignExpr { .. }
            | Expr::Membership { .. } => {
                let mut parts = Vec::new();
                children(expression, &mut |child| parts.push(child));
                let mut senses: Vec<Sense> =
                    parts.into_iter().map(|part| self.consumed(module, part, locals)).collect();
                match expression {
                    // `-` is of sets as well.
                    Expr::ArithExpr { .. } => Sense::of_members(senses.swap_remove(0).any()),
                    _ => Sense::scalar(),
                }
            }
        }
    }

    fn reference(&mut self, module: &'m Module, expression: &'m Expr, locals: &Locals<'m>) -> Sense {
        let reference = Reference::of(expression);
        self.look_up(module, expression, locals);
        let local = variable(reference.root).and_then(|name| {
            self.asked.insert(name);
            locals.get(name)
        });
        let (mut sense, mut steps) = match (local, variable(reference.root)) {
            (Some(sense), _) => (sense.clone(), &reference.steps[..]),
            (None, None) => (self.consumed(module, reference.root, locals), &reference.steps[..]),
            (None, Some(name)) => match self.program.global(module, name) {
                // Bound in a way that is not followed.
                None => (Sense::open(), &reference.steps[..]),
                Some(path) if path[0] == "input" => {
                    let mut sense = Sense::place(Vec::new());
                    for part in &path[1..] {
                        sense = self.member(module, &sense, part, reference.root.span());
                    }
                    (sense, &reference.steps[..])
                }
                Some(path) => self.data(module, path, &reference),
            },
        };
        while let Some((step, rest)) = steps.split_first() {
            steps = rest;
            sense = match step {
                Step::Key(name, at) => self.member(module, &sense, name, at),
                Step::Index(index) => {
                    self.consumed(module, index, locals);
                    // Which one, and whether there is one, depends on all of them.
                    self.consume(&sense);
                    self.one_of(module, &sense, index)
                }
            };
        }
        sense
    }

    /// What a path below `data` stands for, and the steps that are left.
    fn data<'r>(
        &mut self,
        module: &'m Module,
        mut path: Vec<String>,
        reference: &'r Reference<'m>,
    ) -> (Sense, &'r [Step<'m>]) {
        let named = path.len();
        path.extend(reference.keys().map(|(key, _)| key.to_owned()));
        let meaning = self.program.meaning(&path[1..]);
        if named > 1 && self.program.is_package(&path[1..named]) {
            self.reads.packages.insert(path[1..named].to_vec());
        } else if let Meaning::Rule(_, length) = meaning
            && !path[1..=length].starts_with(&module.package)
        {
            let helper = path[1..=length].to_vec();
            if let Some(reads) = self.helpers.get(&helper) {
                self.reads.helpers.insert(helper, Arc::clone(reads));
                return (Sense::open(), &reference.steps[(length + 1).saturating_sub(named)..]);
            }
            self.crossed.insert(helper);
        }
        match meaning {
            Meaning::Rule(definitions, length) => {
                let mut sense = Sense::default();
                for definition in definitions {
                    sense.join(self.definition(definition, &[]));
                }
                if length + 1 < named {
                    // An alias of a part of what the rule makes.
                    self.consume(&sense);
                    sense = Sense::open();
                }
                (sense, &reference.steps[(length + 1).saturating_sub(named)..])
            }
            Meaning::Below(definitions) => {
                let mut members = Sense::default();
                for definition in definitions {
                    // A function has no value that an object could show.
                    if has_value(definition.rule) {
                        members.join(self.definition(definition, &[]));
                    }
                }
                self.consume(&members);
                // Which of them the other steps lead to is not followed.
                let taken = path.len() - named;
                let mut sense = Sense::of_members(members);
                sense.open = taken > 0 || reference.steps.len() > taken + 1;
                (sense, &reference.steps[taken..])
            }
            // Data is the same for every document.
            Meaning::Data | Meaning::Nothing => (Sense::open(), &reference.steps[path.len() - named..]),
        }
    }

    fn call(
        &mut self,
        module: &'m Module,
        function: &'m Expr,
        parameters: &'m [regorus::unstable::ExprRef],
        locals: &Locals<'m>,
    ) -> Sense {
        let reference = Reference::of(function);
        let own = variable(reference.root).and_then(|name| self.program.global(module, name));
        if let Some(mut path) = own {
            path.extend(reference.keys().map(|(key, _)| key.to_owned()));
            if let Meaning::Rule(definitions, _) = self.program.meaning(&path[1..]) {
                let arguments: Vec<Sense> =
                    parameters.iter().map(|parameter| self.alias(module, parameter, locals)).collect();
                let mut sense = Sense::default();
                for definition in definitions {
                    sense.join(self.definition(definition, &arguments));
                }
                return sense;
            }
        }
        let arguments: Vec<Sense> =
            parameters.iter().map(|parameter| self.consumed(module, parameter, locals)).collect();
        let name = builtin(function).map(|(name, _)| name).unwrap_or_default();
        if !functions::is_pure(&name) {
            self.reads.unbounded = true;
        }
        self.takes(module, &name, parameters, &arguments);
        self.result(module, &name, parameters, &arguments)
    }

    /// Whether a call is of this function of the engine, and of none of the policy's own.
    fn is_engines(&self, module: &'m Module, function: &'m Expr, name: &str) -> bool {
        variable(function) == Some(name) && self.program.global(module, name).is_none()
    }

    /// What a function of the engine makes of its arguments.
    fn result(
        &mut self,
        module: &'m Module,
        name: &str,
        parameters: &'m [regorus::unstable::ExprRef],
        arguments: &[Sense],
    ) -> Sense {
        match (name, arguments) {
            ("object.get", [object, key, default]) => {
                self.looked_up(module, &parameters[0], &parameters[1], key);
                let path = match parameters[1].as_ref() {
                    Expr::Array { items, .. } => items.iter().map(AsRef::as_ref).collect(),
                    one => match self.options(module, one).as_deref() {
                        Some([Expr::Array { items, .. }]) => items.iter().map(AsRef::as_ref).collect(),
                        _ => vec![one],
                    },
                };
                let mut sense = object.clone();
                for part in path {
                    sense = self.one_of(module, &sense, part);
                }
                sense.join(default.clone());
                sense
            }
            ("sort" | "array.reverse" | "array.slice" | "array.concat" | "union" | "intersection", _) => {
                let mut members = Sense::default();
                for argument in arguments {
                    members.join(argument.any());
                }
                Sense::of_members(members)
            }
            _ => Sense::open(),
        }
    }
}

//! What a rule can read of its input: found by going through it and all that it uses, with the places of the input
//! that every expression may stand for.
//!
//! Two things come of it. A reference to a place that no document has is a problem: it would never be true. And the
//! places that a rule reads bound what its answer can depend on: two documents that agree there get the same one.
//! `Reads` may name more than a rule really reads, never less.

mod beside;
mod expressions;
mod fit;
mod never;
mod sense;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use regorus::unstable::{AssignOp, Expr, Literal, LiteralStmt, Query, Rule, RuleHead, Span};

pub(super) use beside::Beside;
use never::{Comparison, Verdict};
pub(in crate::policy) use sense::{Place, Reads};
use sense::{Sense, constant};

use super::constants::Constants;
use super::names::{Definition, Program};
use crate::document::Outline;
use crate::policy::module::Module;
use crate::policy::problem::PolicyError;
use crate::policy::tree::{Reference, Step, head_path, pattern, variable};

/// Calls of own functions that are gone through for one rule. What is behind more of them is not bounded.
const CALLS: usize = 5_000;

type Locals<'m> = BTreeMap<&'m str, Sense>;

/// A definition, and what its arguments stand for: what an answer depends on.
type Call = (usize, Vec<Sense>);

/// Goes through rules with one kind of input.
pub(super) struct Reader<'p, 'm> {
    program: &'p Program<'m>,
    outline: &'p Outline,
    known: BTreeMap<Call, Rc<(Sense, Reads)>>,
    reads: Reads,
    /// Rules that are referred to from another package.
    crossed: BTreeSet<Place>,
    /// Rules whose value counts instead of what they read.
    helpers: BTreeMap<Place, Arc<Reads>>,
    calls: usize,
    /// Variables that were asked for in the queries that are being gone through.
    asked: BTreeSet<&'m str>,
    /// Whether one of them came to stand for more after that: the query has to be gone through again.
    again: bool,
    /// The rule that is being gone through.
    rule: Option<&'m Rule>,
    /// Whether the next expression stands behind `not`.
    is_negated: bool,
    constants: Constants<'m>,
    /// Comparisons, by module and place.
    verdicts: BTreeMap<(usize, u32), Verdict>,
    /// By file and place, so that a helper that is used twice is reported once.
    problems: BTreeMap<(String, usize, String), PolicyError>,
}

impl<'p, 'm> Reader<'p, 'm> {
    /// `program` must be free of recursion.
    pub(super) fn new(program: &'p Program<'m>, outline: &'p Outline) -> Self {
        Self {
            program,
            outline,
            known: BTreeMap::new(),
            reads: Reads::default(),
            crossed: BTreeSet::new(),
            helpers: BTreeMap::new(),
            calls: 0,
            asked: BTreeSet::new(),
            again: false,
            rule: None,
            is_negated: false,
            constants: Constants::default(),
            verdicts: BTreeMap::new(),
            problems: BTreeMap::new(),
        }
    }

    /// What the definitions of one rule can read, and whoever uses its value.
    pub(super) fn read(&mut self, definitions: &[Definition<'m>]) -> Reads {
        self.gone_through(definitions, true)
    }

    /// What the definitions of some rules can read, whatever their values are.
    fn evaluated(&mut self, definitions: &[Definition<'m>]) -> Reads {
        self.gone_through(definitions, false)
    }

    fn gone_through(&mut self, definitions: &[Definition<'m>], is_used: bool) -> Reads {
        self.calls = 0;
        let before = std::mem::take(&mut self.reads);
        for definition in definitions {
            let arguments = match definition.rule {
                Rule::Spec { head: RuleHead::Func { args, .. }, .. } | Rule::Default { args, .. } => {
                    args.len()
                }
                Rule::Spec { .. } => 0,
            };
            let sense = self.definition(*definition, &vec![Sense::open(); arguments]);
            if is_used {
                self.consume(&sense);
            }
        }
        std::mem::replace(&mut self.reads, before).minimal()
    }

    /// A reader for which the values of helpers count, where this one found some that tell less than what they read:
    /// entries of a list that are worth a look, say. It is for [`Reads`] alone, and knows too little for problems.
    pub(super) fn with_helpers(&self, beside: &Beside) -> Option<Self> {
        let helpers: BTreeMap<_, _> = self
            .crossed
            .iter()
            .filter_map(|helper| Some((helper.clone(), Arc::new(self.read_by(helper, beside)?))))
            .collect();
        (!helpers.is_empty()).then(|| Self { helpers, ..Self::new(self.program, self.outline) })
    }

    /// Whether what was read may come by way of a helper.
    pub(super) fn may_help(&self, reads: &Reads) -> bool {
        !reads.unbounded && self.helpers.values().any(|read| reads.cover(read))
    }

    /// What a rule reads whose value may tell less than that.
    fn read_by(&self, helper: &[String], beside: &Beside) -> Option<Reads> {
        let known = |definition: &Definition<'m>| {
            self.known.get(&(std::ptr::from_ref(definition.rule).addr(), Vec::new()))
        };
        let own = self.program.at(helper);
        // What only gives a name to a place is better followed.
        if own.iter().any(|definition| known(definition).is_none_or(|known| !known.0.places.is_empty())) {
            return None;
        }
        let mut reads = Reads::default();
        for definition in own {
            reads.extend(&known(definition)?.1);
        }
        let reads = beside.with(reads);
        // Of what a document does not usually have, there are not many values.
        let is_usual = |place: &Place| place.first().is_none_or(|name| self.outline.has(name));
        let tells_less = !own.is_empty() && !reads.unbounded && reads.values.iter().any(is_usual);
        tells_less.then_some(reads)
    }

    /// Whether a definition was gone through.
    pub(super) fn has_seen(&self, definition: Definition<'_>) -> bool {
        let address = std::ptr::from_ref(definition.rule).addr();
        self.known.range((address, Vec::new())..).next().is_some_and(|((at, _), _)| *at == address)
    }

    /// References to places that no document has, and comparisons that none meets.
    pub(super) fn problems(self) -> impl Iterator<Item = PolicyError> {
        let never = self.verdicts.into_values().filter_map(|verdict| match verdict {
            Verdict::Never(problem) => Some(problem),
            Verdict::Possible => None,
        });
        self.problems.into_values().chain(never)
    }

    /// What a rule or a function stands for; what it reads is added to what is read.
    fn definition(&mut self, definition: Definition<'m>, arguments: &[Sense]) -> Sense {
        let call = (std::ptr::from_ref(definition.rule).addr(), arguments.to_vec());
        if let Some(known) = self.known.get(&call) {
            let known = Rc::clone(known);
            self.reads.extend(&known.1);
            return known.0.clone();
        }
        self.calls += 1;
        if self.calls > CALLS {
            self.reads.unbounded = true;
            return Sense::open();
        }
        let before = std::mem::take(&mut self.reads);
        let asked = std::mem::take(&mut self.asked);
        let around = self.rule.replace(definition.rule);
        let sense = self.rule(definition.module, definition.rule, arguments);
        self.rule = around;
        self.asked = asked;
        let reads = std::mem::replace(&mut self.reads, before);
        self.reads.extend(&reads);
        self.known.insert(call, Rc::new((sense.clone(), reads)));
        sense
    }

    fn rule(&mut self, module: &'m Module, rule: &'m Rule, given: &[Sense]) -> Sense {
        let (head, bodies) = match rule {
            Rule::Default { value, .. } => return self.expression(module, value, &Locals::new()),
            Rule::Spec { head, bodies, .. } => (head, bodies),
        };
        let mut arguments = Locals::new();
        if let RuleHead::Func { args, .. } = head {
            for (argument, sense) in args.iter().zip(given) {
                // An argument that is a constant or a pattern is compared with.
                if variable(argument).is_none() {
                    self.consume(sense);
                    if let Some(options) = self.options(module, argument) {
                        self.fits(module, Comparison::Equal, argument, (argument, sense), &options);
                    }
                }
                self.bind(argument, sense, &mut arguments);
            }
        }
        let mut sense = Sense::default();
        if bodies.is_empty() {
            sense.join(self.head(module, head, &arguments));
        }
        for body in bodies {
            let locals = self.query(module, &body.query, &arguments);
            if !body.is_else {
                sense.join(self.head(module, head, &locals));
            }
            if let Some(assigned) = &body.assign {
                sense.join(self.alias(module, &assigned.value, &locals));
            }
        }
        if self.may_conflict(module, rule) {
            self.consume(&sense);
        }
        sense
    }

    /// Whether another definition may give another value, which is an error: then what the values are counts, whoever
    /// uses them.
    fn may_conflict(&self, module: &'m Module, rule: &'m Rule) -> bool {
        if matches!(rule, Rule::Spec { head: RuleHead::Set { .. }, .. }) {
            return false;
        }
        let place: Place = module.package.iter().cloned().chain(head_path(rule)).collect();
        let ways = self.program.at(&place).iter().map(|definition| match definition.rule {
            Rule::Spec { bodies, .. } => bodies.iter().filter(|body| !body.is_else).count().max(1),
            Rule::Default { .. } => 0,
        });
        ways.sum::<usize>() > 1
    }

    fn head(&mut self, module: &'m Module, head: &'m RuleHead, locals: &Locals<'m>) -> Sense {
        match head {
            RuleHead::Set { refr, key, .. } => {
                let members = key.as_ref().map(|key| self.consumed(module, key, locals)).unwrap_or_default();
                let mut sense = Sense::of_members(members);
                for _ in 0..self.steps_of_head(module, refr, locals) {
                    sense = Sense::of_members(sense);
                }
                sense
            }
            RuleHead::Compr { refr, assign, .. } | RuleHead::Func { refr, assign, .. } => {
                let depth = self.steps_of_head(module, refr, locals);
                let Some(assign) = assign else { return Sense::scalar() };
                let mut sense = self.alias(module, &assign.value, locals);
                if !Reference::of(refr).steps.is_empty() {
                    self.consume(&sense);
                }
                for _ in 0..depth {
                    sense = Sense::of_members(sense);
                }
                sense
            }
        }
    }

    /// How deep below the place of a rule its head puts a value: `o[k].x` two levels. Constant steps at the beginning
    /// are the place.
    fn steps_of_head(&mut self, module: &'m Module, head: &'m Expr, locals: &Locals<'m>) -> usize {
        let reference = Reference::of(head);
        for step in &reference.steps {
            if let Step::Index(index) = step {
                self.consumed(module, index, locals);
            }
        }
        reference.steps.len() - reference.keys().count()
    }

    /// What the variables of a query stand for, those around it included.
    fn query(&mut self, module: &'m Module, query: &'m Query, outer: &Locals<'m>) -> Locals<'m> {
        let mut locals = outer.clone();
        for statement in &query.stmts {
            for name in declared(statement) {
                locals.insert(name, Sense::default());
            }
        }
        // The order of a query says nothing: until nothing is known that was asked for before.
        let around = self.again;
        for _ in 0..8 {
            self.again = false;
            for statement in &query.stmts {
                self.statement(module, statement, &mut locals);
            }
            if !self.again {
                self.again = around;
                return locals;
            }
        }
        self.again = around;
        self.reads.unbounded = true;
        locals
    }

    fn statement(&mut self, module: &'m Module, statement: &'m LiteralStmt, locals: &mut Locals<'m>) {
        if !statement.with_mods.is_empty() {
            // What is replaced is not followed, so that the rule is evaluated for every document.
            self.reads.unbounded = true;
            for with in &statement.with_mods {
                self.consumed(module, &with.r#as, locals);
            }
            return;
        }
        match &statement.literal {
            Literal::SomeVars { .. } => {}
            Literal::SomeIn { key, value, collection, .. } => {
                let sense = self.consumed(module, collection, locals);
                if variable(value).is_none()
                    && let Some(options) = self.options(module, value)
                {
                    self.fits(module, Comparison::Equal, value, (collection, &sense.any()), &options);
                }
                if let Some(key) = key {
                    self.bind(key, &Sense::scalar(), locals);
                }
                self.bind(value, &sense.any(), locals);
            }
            Literal::Expr { expr, .. } => match expr.as_ref() {
                Expr::AssignExpr { op: AssignOp::ColEq, lhs, rhs, .. } => {
                    let sense = match variable(lhs) {
                        Some(_) => self.alias(module, rhs, locals),
                        None => self.consumed(module, rhs, locals),
                    };
                    self.bind(lhs, &sense, locals);
                }
                Expr::AssignExpr { op: AssignOp::Eq, lhs, rhs, .. } => {
                    let right = self.consumed(module, rhs, locals);
                    let left = self.consumed(module, lhs, locals);
                    self.meet(module, Comparison::Equal, (lhs, &left), (rhs, &right));
                    for (target, value) in [(lhs, rhs), (rhs, lhs)] {
                        let sense = self.consumed(module, value, locals);
                        // A name that is not declared and means a rule or an import is that.
                        let is_local = |name: &str| {
                            locals.contains_key(name) || self.program.global(module, name).is_none()
                        };
                        if pattern(target).into_iter().all(is_local) {
                            self.bind(target, &sense, locals);
                        }
                    }
                }
                _ => {
                    self.consumed(module, expr, locals);
                }
            },
            Literal::NotExpr { expr, .. } => {
                self.never_undefined(module, expr);
                self.is_negated = true;
                self.consumed(module, expr, locals);
            }
            Literal::Every { key, value, domain, query, .. } => {
                let sense = self.consumed(module, domain, locals);
                let mut inner = locals.clone();
                inner.extend(key.iter().map(|key| (key.text(), Sense::scalar())));
                inner.insert(value.text(), sense.any());
                self.query(module, query, &inner);
            }
        }
    }

    /// Lets the variables of a pattern stand for a value too.
    fn bind(&mut self, target: &'m Expr, sense: &Sense, locals: &mut Locals<'m>) {
        match target {
            Expr::Var { .. } => {
                let Some(name) = variable(target) else { return };
                let known = locals.entry(name).or_default();
                if !self.asked.contains(name) {
                    known.join(sense.clone());
                    return;
                }
                let before = known.clone();
                known.join(sense.clone());
                self.again |= *known != before;
            }
            Expr::Array { items, .. } => {
                for item in items {
                    self.bind(item, &sense.any(), locals);
                }
            }
            Expr::Object { fields, .. } => {
                for (_, _, value) in fields {
                    self.bind(value, &sense.any(), locals);
                }
            }
            _ => {}
        }
    }

    /// An expression whose value counts.
    fn consumed(&mut self, module: &'m Module, expression: &'m Expr, locals: &Locals<'m>) -> Sense {
        let sense = self.expression(module, expression, locals);
        self.consume(&sense);
        sense
    }

    /// An expression that another name is given to: until that is used, it only counts whether there is a value.
    fn alias(&mut self, module: &'m Module, expression: &'m Expr, locals: &Locals<'m>) -> Sense {
        let sense = self.expression(module, expression, locals);
        for place in &sense.places {
            let (names, whole) = constant(place);
            if whole {
                self.reads.presences.insert(names);
            } else {
                self.reads.values.insert(names);
            }
        }
        sense
    }

    fn consume(&mut self, sense: &Sense) {
        self.reads.values.extend(sense.places.iter().map(|place| constant(place).0));
    }
}

/// Whether a definition is no function's.
fn has_value(rule: &Rule) -> bool {
    match rule {
        Rule::Spec { head, .. } => !matches!(head, RuleHead::Func { .. }),
        Rule::Default { args, .. } => args.is_empty(),
    }
}

/// Variables that a statement declares: they are others than those of the same name around the query.
fn declared(statement: &LiteralStmt) -> Vec<&str> {
    match &statement.literal {
        Literal::SomeVars { vars, .. } => vars.iter().map(Span::text).collect(),
        Literal::SomeIn { key, value, .. } => {
            key.iter().chain([value]).flat_map(|name| pattern(name)).collect()
        }
        Literal::Expr { expr, .. } => match expr.as_ref() {
            Expr::AssignExpr { op: AssignOp::ColEq, lhs, .. } => pattern(lhs),
            _ => Vec::new(),
        },
        Literal::NotExpr { .. } | Literal::Every { .. } => Vec::new(),
    }
}

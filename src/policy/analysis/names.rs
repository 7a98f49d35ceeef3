//! Which rule, function or data a reference means, over all modules of a run.

use std::collections::{BTreeMap, BTreeSet};

use regorus::unstable::{Expr, Rule, RuleHead, Span};
use serde_json::Value;

use crate::policy::module::{self, Module};

/// Where own data and parameters lie that nobody has to define.
const PARAMS: [&str; 2] = ["audit", "params"];

/// All modules of a run, and what they define.
pub(super) struct Program<'m> {
    /// Definitions by their place below `data`: package, name, and the constant parts of the head behind it.
    rules: BTreeMap<Vec<String>, Vec<Definition<'m>>>,
    packages: BTreeSet<Vec<String>>,
    data: &'m Value,
}

/// One definition of a rule or a function.
#[derive(Clone, Copy)]
pub(super) struct Definition<'m> {
    pub(super) module: &'m Module,
    pub(super) rule: &'m Rule,
}

/// A step of a reference.
#[derive(Clone, Copy)]
pub(super) enum Step<'m> {
    /// `.name` or `["name"]`, with its place.
    Key(&'m str, &'m Span),
    /// `[…]` with anything else.
    Index(&'m Expr),
}

/// A reference, taken apart.
pub(super) struct Reference<'m> {
    /// What it begins with: a variable, or any other expression.
    pub(super) root: &'m Expr,
    pub(super) steps: Vec<Step<'m>>,
}

/// What a place below `data` means.
pub(super) enum Meaning<'m> {
    /// The definitions of one rule or function, and how many parts of the reference name it.
    Rule(Vec<Definition<'m>>, usize),
    /// A package, or an object that rules make up: everything below.
    Below(Vec<Definition<'m>>),
    /// Data that was given.
    Data,
    /// Nothing.
    Nothing,
}

impl<'m> Program<'m> {
    pub(super) fn new(modules: &[&'m Module], data: &'m Value) -> Self {
        let mut rules: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for &module in modules {
            for rule in &module.tree.policy {
                let rule = rule.as_ref();
                let mut place = module.package.clone();
                place.extend(head_path(rule));
                rules.entry(place).or_default().push(Definition { module, rule });
            }
        }
        let packages = modules.iter().map(|module| module.package.clone()).collect();
        Self { rules, packages, data }
    }

    /// What a variable of this module means below `data`, if it is neither local nor built in: the path that it
    /// stands for. `input` is a path, too, for an alias of a part of it.
    pub(super) fn global(&self, module: &'m Module, name: &str) -> Option<Vec<String>> {
        if name == "data" || name == "input" {
            return Some(vec![name.to_owned()]);
        }
        if let Some(path) = imports(module).find_map(|(alias, path, _)| (alias == name).then_some(path)) {
            return Some(path);
        }
        let mut place = module.package.clone();
        place.push(name.to_owned());
        let defined = self.rules.range(place.clone()..).next().is_some_and(|(at, _)| at.starts_with(&place));
        defined.then(|| std::iter::once("data".to_owned()).chain(place).collect())
    }

    /// What a path below `data` means; without its first part, `data`.
    pub(super) fn meaning(&self, path: &[String]) -> Meaning<'m> {
        let named: Vec<_> =
            (1..=path.len()).filter_map(|length| Some((self.rules.get(&path[..length])?, length))).collect();
        match named[..] {
            [] => {}
            [(definitions, length)] => return Meaning::Rule(definitions.clone(), length),
            // An object whose members come from heads of several lengths.
            _ => return Meaning::Below(named.iter().flat_map(|(all, _)| all.iter().copied()).collect()),
        }
        let below: Vec<_> = self
            .rules
            .range(path.to_vec()..)
            .take_while(|(place, _)| place.starts_with(path))
            .flat_map(|(_, definitions)| definitions.iter().copied())
            .collect();
        if !below.is_empty() || self.packages.iter().any(|package| package.starts_with(path)) {
            return Meaning::Below(below);
        }
        let pointer: String =
            path.iter().map(|part| format!("/{}", part.replace('~', "~0").replace('/', "~1"))).collect();
        if self.data.pointer(&pointer).is_some() || path.iter().zip(PARAMS).all(|(part, ours)| part == ours) {
            return Meaning::Data;
        }
        // Below a value that is no object, whatever is asked for is asked of the value.
        Meaning::Nothing
    }

    /// Places of rules that a path names or lies above, or that lie above it.
    pub(super) fn related(&self, path: &[String]) -> Vec<&Vec<String>> {
        let mut related: Vec<_> = (1..path.len())
            .filter_map(|length| self.rules.get_key_value(&path[..length]))
            .map(|(place, _)| place)
            .collect();
        related.extend(
            self.rules
                .range(path.to_vec()..)
                .map(|(place, _)| place)
                .take_while(|place| place.starts_with(path)),
        );
        related
    }

    /// Every definition, with its place.
    pub(super) fn definitions(&self) -> impl Iterator<Item = (&Vec<String>, Definition<'m>)> {
        self.rules.iter().flat_map(|(place, all)| all.iter().map(move |one| (place, *one)))
    }

    /// Everything that has a name here, for suggestions: what the module defines and imports.
    pub(super) fn names(&self, module: &'m Module) -> BTreeSet<String> {
        let own = module.tree.policy.iter().filter_map(|rule| head_path(rule).into_iter().next());
        own.chain(imports(module).map(|(alias, ..)| alias)).collect()
    }

    /// Everything that may follow a path below `data`, for suggestions.
    pub(super) fn children(&self, path: &[String]) -> BTreeSet<String> {
        let next = |place: &Vec<String>| place.get(path.len()).filter(|_| place.starts_with(path)).cloned();
        let pointer: String = path.iter().map(|part| format!("/{part}")).collect();
        let data = self.data.pointer(&pointer).and_then(Value::as_object);
        self.rules
            .keys()
            .chain(&self.packages)
            .filter_map(next)
            .chain(data.into_iter().flat_map(|object| object.keys().cloned()))
            .collect()
    }
}

/// The imports that give a name: alias, path with `data` or `input`, and the place.
pub(super) fn imports(module: &Module) -> impl Iterator<Item = (String, Vec<String>, &Span)> {
    module.tree.imports.iter().filter_map(|import| {
        let path = module::path(&import.refr)?;
        if !matches!(path.first().map(String::as_str), Some("data" | "input")) {
            return None;
        }
        let alias =
            import.r#as.as_ref().map_or_else(|| path.last().cloned(), |name| Some(name.text().to_owned()))?;
        Some((alias, path, import.refr.span()))
    })
}

/// The reference of a rule's head.
pub(super) fn head(rule: &Rule) -> &Expr {
    match rule {
        Rule::Default { refr, .. } => refr,
        Rule::Spec {
            head: RuleHead::Compr { refr, .. } | RuleHead::Set { refr, .. } | RuleHead::Func { refr, .. },
            ..
        } => refr,
    }
}

/// The constant parts at the beginning of a rule's head: its name, and more.
fn head_path(rule: &Rule) -> Vec<String> {
    let reference = Reference::of(head(rule));
    let name = variable(reference.root).unwrap_or_default().to_owned();
    let constant = reference.steps.iter().map_while(|step| match step {
        Step::Key(name, _) => Some((*name).to_owned()),
        Step::Index(_) => None,
    });
    std::iter::once(name).chain(constant).collect()
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

/// The name of a variable.
pub(super) fn variable(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Var { value, .. } => value.as_string().ok().map(AsRef::as_ref),
        _ => None,
    }
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

//! Which rule, function or data a reference means, over all modules of a run.

use std::collections::{BTreeMap, BTreeSet};

use regorus::unstable::Rule;
use serde_json::Value;

use crate::policy::module::Module;
use crate::policy::tree::{head_path, imports};

/// Where own data and parameters lie that nobody has to define.
const PARAMS: [&str; 2] = ["audit", "params"];

/// All modules of a run, and what they define.
pub(super) struct Program<'m> {
    /// Definitions by their place below `data`: package, name, and the constant parts of the head behind it.
    rules: BTreeMap<Vec<String>, Vec<Definition<'m>>>,
    packages: BTreeSet<Vec<String>>,
    /// What each module imports, by the address of the module and the name that it gives: all names are asked for.
    imported: BTreeMap<usize, BTreeMap<String, Vec<String>>>,
    pub(super) data: &'m Value,
}

/// One definition of a rule or a function.
#[derive(Clone, Copy)]
pub(super) struct Definition<'m> {
    pub(super) module: &'m Module,
    pub(super) rule: &'m Rule,
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
        let mut imported: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for module in modules {
            let names = imported.entry(std::ptr::from_ref(*module).addr()).or_default();
            for (alias, path, _) in imports(module) {
                names.entry(alias).or_insert(path);
            }
        }
        Self { rules, packages, imported, data }
    }

    /// What a name that a module imports stands for: a path with `data` or `input`.
    pub(super) fn import(&self, module: &Module, name: &str) -> Option<&Vec<String>> {
        self.imported.get(&std::ptr::from_ref(module).addr())?.get(name)
    }

    /// What a variable of this module means below `data`, if it is neither local nor built in: the path that it
    /// stands for. `input` is a path, too, for an alias of a part of it.
    pub(super) fn global(&self, module: &'m Module, name: &str) -> Option<Vec<String>> {
        if name == "data" || name == "input" {
            return Some(vec![name.to_owned()]);
        }
        if let Some(path) = self.import(module, name) {
            return Some(path.clone());
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
        let below = self.below(path);
        if !below.is_empty() || self.packages.iter().any(|package| package.starts_with(path)) {
            return Meaning::Below(below);
        }
        if self.given(path).is_some() || path.iter().zip(PARAMS).all(|(part, ours)| part == ours) {
            return Meaning::Data;
        }
        // Below a value that is no object, whatever is asked for is asked of the value.
        Meaning::Nothing
    }

    /// Whether a path below `data` leads to rules, and is none.
    pub(super) fn is_package(&self, path: &[String]) -> bool {
        let mut below = self.rules.range(path.to_vec()..).map(|(place, _)| place);
        below.next().is_some_and(|place| place.starts_with(path) && place.len() > path.len())
    }

    /// The definitions below a package, or a part of the way to one; none for a rule.
    pub(super) fn below(&self, path: &[String]) -> Vec<Definition<'m>> {
        self.rules
            .range(path.to_vec()..)
            .take_while(|(place, _)| place.starts_with(path))
            .filter(|(place, _)| place.len() > path.len())
            .flat_map(|(_, definitions)| definitions.iter().copied())
            .collect()
    }

    /// The data that was given at a path.
    fn given(&self, path: &[String]) -> Option<&'m Value> {
        path.iter().try_fold(self.data, |value, part| value.get(part))
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

    /// Whether a module has this package.
    pub(super) fn has_package(&self, path: &[String]) -> bool {
        self.packages.contains(path)
    }

    /// The definitions at a place.
    pub(super) fn at(&self, place: &[String]) -> &[Definition<'m>] {
        self.rules.get(place).map_or(&[], Vec::as_slice)
    }

    /// Every definition, with its place.
    pub(super) fn definitions(&self) -> impl Iterator<Item = (&Vec<String>, Definition<'m>)> {
        self.rules.iter().flat_map(|(place, all)| all.iter().map(move |one| (place, *one)))
    }

    /// Everything that has a name here, for suggestions: what the module defines and imports.
    pub(super) fn names(module: &'m Module) -> BTreeSet<String> {
        let own = module.tree.policy.iter().filter_map(|rule| head_path(rule).into_iter().next());
        own.chain(imports(module).map(|(alias, ..)| alias)).collect()
    }

    /// Everything that may follow a path below `data`, for suggestions.
    pub(super) fn children(&self, path: &[String]) -> BTreeSet<String> {
        let next = |place: &Vec<String>| place.get(path.len()).filter(|_| place.starts_with(path)).cloned();
        let data = self.given(path).and_then(Value::as_object);
        self.rules
            .keys()
            .chain(&self.packages)
            .filter_map(next)
            .chain(data.into_iter().flat_map(|object| object.keys().cloned()))
            .collect()
    }
}

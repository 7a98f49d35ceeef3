//! What is wrong with packs as a whole: files that are each in order, and not together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use crate::config::UnusablePath;
use crate::policy::module::Module;
use crate::policy::problem::PolicyError;
use crate::policy::rule_sets::{self, Origin, RuleSet, Source};
use crate::policy::{builtin, metadata, reflection, tree};

/// Packages that cannot be where they are.
pub(super) fn places(sources: &[Source]) -> Vec<PolicyError> {
    let embedded: BTreeMap<&[String], &Arc<str>> = sources
        .iter()
        .filter(|source| source.origin == Origin::Embedded)
        .map(|source| (source.module.package.as_slice(), &source.module.file))
        .collect();
    let mut defined: BTreeMap<Vec<String>, (usize, usize)> = BTreeMap::new();
    for (index, source) in sources.iter().enumerate() {
        for (rule, definition) in source.module.tree.policy.iter().enumerate() {
            let path = source.module.package.iter().cloned().chain(tree::head_path(definition)).collect();
            defined.entry(path).or_insert((index, rule));
        }
    }
    let mut problems = Vec::new();
    for source in sources {
        let module = &source.module;
        let package = module.package.as_slice();
        let problem = |what: String| module.problem(module.tree.package.refr.span(), what);
        let rule = (1..=package.len()).find_map(|end| defined.get(&package[..end]));
        if let Some(rule) = rule {
            let help =
                format!("the rule is at {}: rename the one or the other", rule_sets::place(sources, *rule));
            problems.push(
                problem(format!("the package `{}` is a rule as well", package.join("."))).with_help(help),
            );
        }
        let is_own = source.origin != Origin::Embedded;
        if is_own && embedded.contains_key(package) {
            let help = "name the package after what is yours, for example `acme.mfa`; with `builtin = false` a package of yours takes the place of the embedded one";
            problems.push(
                problem(format!("the package `{}` is in the embedded pack", package.join(".")))
                    .with_help(help),
            );
        }
        let reserved = match package {
            [audit, params, ..] => audit == "audit" && params == "params",
            _ => false,
        };
        if is_own && (reserved || package.first().is_some_and(|root| root == reflection::ROOT)) {
            let help = "name the package after what is yours, for example `acme.mfa`";
            problems.push(
                problem(format!("the place `data.{}` is audit's own", package.join("."))).with_help(help),
            );
        }
        let secret = tree::data_references(module)
            .into_iter()
            .any(|(place, _)| place.first().is_some_and(|root| root == reflection::ROOT));
        if secret {
            let at = module.text.find(reflection::ROOT).unwrap_or_default();
            let what = format!("`data.{}` is audit's own, and may change", reflection::ROOT);
            let problem = PolicyError::new(&module.file, &module.text, at..at + reflection::ROOT.len(), what);
            problems.push(problem.with_help("`rego.metadata.rule()` gives a rule its metadata"));
        }
    }
    problems
}

/// What the embedded pack promises of each of its files: the rule of its name, with all that is to be said of it.
pub(super) fn embedded_rules(sources: &[Source], rules: &[RuleSet]) -> Vec<PolicyError> {
    let mut problems = Vec::new();
    let files = sources.iter().enumerate().filter(|(_, source)| source.origin == Origin::Embedded);
    for (index, Source { module, blocks, .. }) in
        files.filter(|(_, source)| !builtin::is_library(&source.module.file))
    {
        let whole = |what: String| PolicyError::whole(&module.file, &module.text, what);
        let id = module.file.strip_suffix(".rego").unwrap_or(&module.file);
        if module.data_path() != format!("data.audit.{}", id.replace('/', ".")) {
            problems.push(whole(format!("it is not in the package of its place: {}", module.data_path())));
            continue;
        }
        let Some(rule) = rules.iter().find(|rule| rule.id == id && rule.first.0 == index) else {
            problems.push(whole(format!("it has no rule `{id}`")));
            continue;
        };
        let said = &rule.metadata;
        let missing: Vec<&str> = [
            ("`title`", said.title.is_none()),
            ("`description`", said.description.is_none()),
            ("`severity`", said.severity.is_none()),
            ("`remediation`", said.remediation.is_none()),
        ]
        .into_iter()
        .filter_map(|(key, is_missing)| is_missing.then_some(key))
        .collect();
        if !missing.is_empty() {
            let what = format!("the METADATA of the rule has no {}", missing.join(", "));
            problems.push(module.problem(rule_sets::head(sources, rule.first), what));
        }
        for block in blocks {
            let strangers = block.custom.keys().filter(|key| !metadata::KEYS.contains(&key.as_str()));
            problems.extend(strangers.map(|key| {
                let what = format!("`custom` has no `{key}`");
                PolicyError::new(&module.file, &module.text, block.place(&module.text, key), what)
            }));
        }
    }
    problems
}

/// Paths of audit.toml that bring policies and no rule: their author thinks that something is judged. Helpers that
/// another policy refers to are well in a folder of their own.
pub(super) fn without_rules(
    sources: &[Source],
    rules: &[RuleSet],
    with_data: &BTreeSet<usize>,
) -> Vec<UnusablePath> {
    let path_of = |source: &Source| match source.origin {
        Origin::Own(path) => Some(path),
        Origin::Embedded => None,
    };
    let judging: BTreeSet<usize> = rules.iter().filter_map(|rule| path_of(&sources[rule.first.0])).collect();
    // A set may be defined in several places, of which the first counts.
    let defining = sources.iter().filter(|source| rules.iter().any(|rule| defines(source, rule)));
    let judging: BTreeSet<usize> = judging.into_iter().chain(defining.filter_map(path_of)).collect();
    let silent: BTreeSet<usize> = sources.iter().filter_map(path_of).collect();
    silent
        .into_iter()
        .filter(|path| !judging.contains(path) && !with_data.contains(path))
        .filter(|path| {
            let here: Vec<&Source> = sources.iter().filter(|source| path_of(source) == Some(*path)).collect();
            let elsewhere =
                sources.iter().filter(|source| path_of(source).is_some_and(|other| other != *path));
            !elsewhere.flat_map(|source| referred(&source.module)).any(|place| {
                here.iter().any(|source| place.starts_with(&source.module.package))
            })
        })
        .map(|index| UnusablePath {
            index,
            message: "there is no rule here: nothing would be judged".to_owned(),
            help: "a rule is a set named `deny`, `violation` or `warn`, or one of these with `_name` behind it: deny contains msg if { … }".to_owned(),
        })
        .collect()
}

fn defines(source: &Source, rule: &RuleSet) -> bool {
    let module = &source.module;
    let mut definitions = module.tree.policy.iter();
    !module.is_test()
        && module.package == rule.package
        && definitions.any(|definition| tree::head_path(definition).first() == Some(&rule.name))
}

/// Parameters that the user's policies read and nothing sets: what reads one would silently never be true.
pub(super) fn unset(sources: &[Source], params: &Value) -> Vec<PolicyError> {
    let is_own = |source: &&Source| source.origin != Origin::Embedded && !source.module.is_test();
    let mut problems = Vec::new();
    for source in sources.iter().filter(is_own) {
        for (place, at) in tree::data_references(&source.module) {
            let [audit, kind, names @ ..] = place.as_slice() else { continue };
            if audit == "audit" && kind == "params" && !is_set(params, names) {
                let what = format!("nothing sets the parameter `{}`, so this is never true", names.join("."));
                let help = format!(
                    "set it below [policies.params] of audit.toml; what may be left out is read with object.get(data.audit.params, {}, DEFAULT)",
                    Value::from(names)
                );
                problems.push(source.module.problem(at, what).with_help(help));
            }
        }
    }
    problems.sort_by(|a, b| a.order().cmp(&b.order()));
    problems
}

/// Whether there is a value. What lies below one that is no table is asked of the value.
fn is_set(params: &Value, names: &[String]) -> bool {
    let mut at = params;
    for name in names {
        match at {
            Value::Object(table) => match table.get(name) {
                Some(value) => at = value,
                None => return false,
            },
            _ => return true,
        }
    }
    true
}

/// Keys that rules ask their metadata for and that are not there. Where a block of `unread` files may have them, nobody
/// knows.
pub(super) fn unsaid(sources: &[Source], unread: &BTreeSet<String>) -> Vec<PolicyError> {
    let annotated: Vec<_> = sources.iter().map(|source| (&source.module, source.blocks.as_slice())).collect();
    let unread: Vec<&[String]> = sources
        .iter()
        .filter(|source| unread.contains(&*source.module.file))
        .map(|source| source.module.package.as_slice())
        .collect();
    let known = sources.iter().map(|source| &source.module);
    let known = known.filter(|module| !unread.iter().any(|package| module.package.starts_with(package)));
    known.flat_map(|module| reflection::never(module, &annotated)).collect()
}

/// What a module refers to in `data`, imports that it does not use included.
pub(super) fn referred(module: &Module) -> Vec<Vec<String>> {
    let imported = tree::imports(module).filter(|(_, path, _)| path[0] == "data");
    imported
        .map(|(_, path, _)| path[1..].to_vec())
        .chain(tree::data_references(module).into_iter().map(|(place, _)| place))
        .collect()
}

//! The rules of packs: sets that are named `deny`, `violation` or `warn`, with the id and the metadata of each.
//!
//! The definitions of one set are one rule: the engine merges them, and a member does not say which of them it is of.

use std::collections::BTreeMap;
use std::sync::Arc;

use regorus::unstable::Span;

use super::analysis::{Reads, makes_findings};
use super::annotations::{Block, Reach};
use super::metadata::{Metadata, Scope};
use super::module::Module;
use super::problem::PolicyError;
use super::{reflection, tree};

/// The first parts of ids that are the program's own: `audit/unaudited`, `drift/changed`.
const RESERVED: [&str; 2] = ["audit", "drift"];

/// A module, where it is from, and what it says of itself.
pub(super) struct Source {
    pub(super) module: Module,
    /// `builtin`, or the path of audit.toml.
    pub(super) pack: Arc<str>,
    pub(super) origin: Origin,
    pub(super) blocks: Vec<Block>,
}

/// Who wrote a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// It is compiled into the program.
    Embedded,
    /// A user did: index of the path of audit.toml.
    Own(usize),
}

/// A rule of a pack.
#[derive(Debug)]
pub(super) struct RuleSet {
    pub(super) id: String,
    pub(super) pack: Arc<str>,
    pub(super) package: Vec<String>,
    /// The set: `deny_sms`.
    pub(super) name: String,
    /// `data.acme.mfa.deny_sms`.
    pub(super) query: String,
    /// Whether it is a `warn`, whose findings are of little weight unless it says otherwise.
    pub(super) is_warning: bool,
    pub(super) metadata: Metadata,
    /// Where it is first defined: index of the source, index of the rule in it.
    pub(super) first: (usize, usize),
    /// The places of its input that it depends on, once that is known.
    pub(super) reads: Option<Reads>,
}

impl RuleSet {
    /// Its package and its name, and what its input is.
    pub(super) fn root(&self) -> (Vec<String>, Scope) {
        let place = self.package.iter().chain([&self.name]).cloned().collect();
        (place, self.metadata.scope.unwrap_or_default())
    }
}

/// What only a rule that makes findings can say of itself, above something else: it would be lost.
fn misplaced(module: &Module, block: &Block) -> Option<PolicyError> {
    let lost = ["severity", "remediation", "path", "scope", "id"];
    let key = lost.into_iter().find(|key| block.custom.contains_key(*key))?;
    // One that asks for its metadata has a use for it.
    let asks = block.rule.is_some_and(|rule| reflection::asks(module, rule));
    if module.is_test() || block.reach != Reach::Rule || asks {
        return None;
    }
    let what = format!("`{key}` is said of a rule that makes no finding, so it is lost");
    let problem = PolicyError::new(&module.file, &module.text, block.place(&module.text, key), what);
    Some(problem.with_help(
        "move the METADATA block to the line above the `deny`, `violation` or `warn` that it is about",
    ))
}

/// Package and name of a set.
type Set<'s> = (&'s [String], String);

/// The rules of all sources, by id, and what is wrong with them.
pub(super) fn collect(sources: &[Source]) -> (Vec<RuleSet>, Vec<PolicyError>) {
    let (said, mut problems) = Said::read(sources);
    let mut sets: BTreeMap<Set<'_>, Vec<(usize, usize)>> = BTreeMap::new();
    for (index, source) in sources.iter().enumerate() {
        for (rule, definition) in source.module.tree.policy.iter().enumerate() {
            let Some(name) = tree::head_path(definition).into_iter().next() else { continue };
            if !makes_findings(&name) {
                continue;
            }
            if source.module.is_test() {
                let what = format!("`{name}` stands in a file of tests, so nothing judges by it");
                let problem = source.module.problem(tree::head(definition).span(), what);
                problems.push(problem.with_help("give the file a name that does not end in `_test.rego`"));
            } else {
                sets.entry((&source.module.package, name)).or_default().push((index, rule));
            }
        }
    }
    let mut rules: BTreeMap<String, RuleSet> = BTreeMap::new();
    for ((package, name), definitions) in sets {
        let at = definitions[0];
        let problem = |what: String| sources[at.0].module.problem(head(sources, at), what);
        let metadata = match said.of(sources, package, &name, &definitions) {
            Ok(metadata) => metadata,
            Err(contradiction) => {
                problems.push(contradiction);
                continue;
            }
        };
        let id = metadata.id.clone().unwrap_or_else(|| id(package, &name));
        if !is_id(&id) {
            let help = "an id is made of lower-case letters, digits, `_` and `-`, with `/` between its parts: rename the package or the rule, or set `id` below `custom` of its METADATA";
            problems.push(problem(format!("`{id}` cannot be the id of a rule")).with_help(help));
            continue;
        }
        if let Some(reserved) = RESERVED.iter().find(|reserved| id.split('/').next() == Some(**reserved)) {
            let help = format!(
                "ids that begin with `{reserved}` are audit's own: choose another package, or set `id` below `custom` of its METADATA"
            );
            problems.push(problem(format!("`{id}` cannot be the id of a rule of yours")).with_help(help));
            continue;
        }
        if let Some(other) = rules.get(&id) {
            let first = place(sources, other.first);
            let form = name.split('_').next().unwrap_or(&name);
            let help = format!(
                "the other one is at {first}: name one of them `{form}_NAME`, or set `id` below `custom` of its METADATA"
            );
            problems.push(problem(format!("two rules of one id: `{id}`")).with_help(help));
            continue;
        }
        let place: Vec<String> = package.iter().chain([&name]).cloned().collect();
        let set = RuleSet {
            id: id.clone(),
            pack: Arc::clone(&sources[at.0].pack),
            query: tree::dotted(["data"].into_iter().chain(place.iter().map(String::as_str))),
            is_warning: name.starts_with("warn"),
            package: package.to_vec(),
            name,
            metadata,
            first: at,
            reads: None,
        };
        rules.insert(id, set);
    }
    (rules.into_values().collect(), problems)
}

/// `FILE:LINE` of a definition.
pub(super) fn place(sources: &[Source], at: (usize, usize)) -> String {
    format!("{}:{}", sources[at.0].module.file, head(sources, at).line)
}

/// Where the name of a definition stands.
pub(super) fn head(sources: &[Source], (source, rule): (usize, usize)) -> &Span {
    tree::head(&sources[source].module.tree.policy[rule]).span()
}

/// The package, dots as slashes, and what stands behind `deny_`. A leading `audit` is left out: the embedded pack
/// has it, and a copy of one of its rules keeps its id.
fn id(package: &[String], name: &str) -> String {
    let package = match package {
        [first, rest @ ..] if first == "audit" && !rest.is_empty() => rest,
        whole => whole,
    };
    let named = name.split_once('_').map(|(_, named)| named);
    package.iter().map(String::as_str).chain(named).collect::<Vec<_>>().join("/")
}

fn is_id(id: &str) -> bool {
    id.split('/').all(|part| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte))
    })
}

/// What all blocks say.
struct Said {
    /// Of one definition: source and rule.
    own: BTreeMap<(usize, usize), Metadata>,
    /// Of all definitions of a rule, of a package, of the packages below it.
    wide: BTreeMap<(Reach, Vec<String>), Metadata>,
}

impl Said {
    fn read(sources: &[Source]) -> (Self, Vec<PolicyError>) {
        let mut said = Self { own: BTreeMap::new(), wide: BTreeMap::new() };
        let mut first: BTreeMap<(Reach, Vec<String>), (usize, usize)> = BTreeMap::new();
        let mut problems = Vec::new();
        for (index, source) in sources.iter().enumerate() {
            let module = &source.module;
            for block in &source.blocks {
                let name = block.rule.map(|rule| tree::head_path(&module.tree.policy[rule]));
                // What is said of helpers and tests is for people: it may have any form.
                let is_judged = !module.is_test()
                    && name.as_ref().is_none_or(|name| name.first().is_some_and(|name| makes_findings(name)));
                let path: Vec<String> = module.package.iter().chain(name.iter().flatten()).cloned().collect();
                let key = (block.reach, path);
                if block.reach != Reach::Rule {
                    let at = (index, block.at.start);
                    if let Some((other, start)) = first.insert(key.clone(), at) {
                        let other = &sources[other].module;
                        let line = other.text[..start].bytes().filter(|byte| *byte == b'\n').count();
                        let what = "this has a METADATA block of the same scope already".to_owned();
                        problems.push(
                            PolicyError::new(&module.file, &module.text, block.at.clone(), what).with_help(
                                format!("the other one is at {}:{line}: keep one of the two", other.file),
                            ),
                        );
                        continue;
                    }
                }
                if !is_judged {
                    problems.extend(misplaced(module, block));
                    continue;
                }
                let (metadata, troubles) = Metadata::of(block, &module.text);
                problems.extend(troubles.into_iter().map(|(at, what, help)| {
                    PolicyError::new(&module.file, &module.text, at, what).with_help(help)
                }));
                if let (Some(rule), Reach::Rule) = (block.rule, block.reach) {
                    said.own.insert((index, rule), metadata);
                } else {
                    said.wide.insert(key, metadata);
                }
            }
        }
        (said, problems)
    }

    /// What is said of a rule: by its definitions, which agree, then by what is wider and wider.
    fn of(
        &self,
        sources: &[Source],
        package: &[String],
        name: &str,
        definitions: &[(usize, usize)],
    ) -> Result<Metadata, PolicyError> {
        let mut metadata = Metadata::default();
        let mut spoken: Option<(usize, usize)> = None;
        for at in definitions {
            let Some(own) = self.own.get(at) else { continue };
            // One that asks for its metadata gives it to its members itself.
            if !reflection::asks(&sources[at.0].module, at.1) {
                if let (Some(other), Some(key)) = (spoken, metadata.contradiction(own)) {
                    let what = format!("two definitions of `{name}` have a different `{key}`");
                    let help = format!(
                        "they are one rule, with {}: name one of them `{name}_OTHER`, or write one block with `scope: document`",
                        place(sources, other)
                    );
                    return Err(sources[at.0].module.problem(head(sources, *at), what).with_help(help));
                }
                spoken = spoken.or(Some(*at));
            }
            let severity = metadata.severity.max(own.severity);
            metadata = Metadata { severity, ..metadata.or(own.clone()) };
        }
        let mut wider = |reach, path: &[String], as_it_is: bool| {
            let Some(said) = self.wide.get(&(reach, path.to_vec())) else { return };
            let said = said.clone();
            // The title of a family of packages is no title of a rule.
            let said = if as_it_is { said } else { Metadata { title: None, description: None, ..said } };
            metadata = std::mem::take(&mut metadata).or(said);
        };
        let rule: Vec<String> = package.iter().cloned().chain([name.to_owned()]).collect();
        wider(Reach::Document, &rule, true);
        wider(Reach::Package, package, true);
        (1..=package.len()).rev().for_each(|end| wider(Reach::Subpackages, &package[..end], false));
        Ok(metadata)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_the_place() {
        for (package, name, expected) in [
            ("acme/mfa", "deny", "acme/mfa"),
            ("acme/mfa", "deny_no_sms", "acme/mfa/no_sms"),
            ("acme/mfa", "warn_2", "acme/mfa/2"),
            ("main", "violation", "main"),
            ("main", "violation_x", "main/x"),
            ("audit/mfa/off", "deny", "mfa/off"),
            ("audit", "deny", "audit"),
            ("audit/audit/x", "deny", "audit/x"),
        ] {
            let package: Vec<String> = package.split('/').map(str::to_owned).collect();
            assert_eq!(id(&package, name), expected);
        }
        for (id, valid) in [
            ("a", true),
            ("a/b-1_c", true),
            ("", false),
            ("a/", false),
            ("/a", false),
            ("A", false),
            ("a b", false),
            ("ä", false),
        ] {
            assert_eq!(is_id(id), valid, "{id}");
        }
    }

    #[test]
    fn conftests_names_are_judged_and_no_others() {
        for (name, is_set) in [
            ("deny", true),
            ("violation", true),
            ("warn_a_1", true),
            ("deny_", false),
            ("denied", false),
            ("_deny", false),
            ("allow", false),
        ] {
            assert_eq!(makes_findings(name), is_set, "{name}");
        }
    }
}

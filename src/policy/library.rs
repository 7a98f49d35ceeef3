//! All policies of a run, read and checked: the embedded pack, the user's own, their data.
//!
//! Everything that can be known before the engine sees a policy is found here, and all of it at once. Tests are read
//! in the same way, so that they are of what a run would judge by.

mod ahead;
mod checks;
mod engine;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;

use serde_json::{Value, json};

use super::analysis::{self, Root};
use super::data::Data;
use super::files::{self, Kind, PackFile};
use super::metadata::Scope;
use super::module::Module;
use super::parameters::of_profile;
use super::problem::PolicyError;
use super::rule_sets::{self, Origin, RuleSet, Source};
use super::{BUILTIN, builtin, reflection, tree, unit_tests};
use crate::config::{Catalogue, Packs, UnusablePath};
use crate::finding::fingerprint;
use crate::location::Repository;
use ahead::{Ahead, Parsed, Sources};
pub(super) use engine::Assembled;
#[cfg(test)]
pub(super) use engine::TIME_LIMIT;

/// The policies of a run.
pub struct Library {
    sources: Arc<Vec<Source>>,
    ahead: Parsed,
    rules: Vec<RuleSet>,
    data: Data,
    data_files: usize,
    /// The parameters of the profile.
    params: Value,
    unusable: Vec<UnusablePath>,
    /// Paths that bring policies and no rule.
    without_rules: Vec<UnusablePath>,
    problems: Vec<PolicyError>,
    digest: Option<String>,
}

/// What policies are read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// To judge: with the embedded rules, or with the embedded helpers alone.
    Run { builtin: bool },
    /// To be tested: with what is embedded as far as they refer to it.
    Test,
}

/// What the names of embedded files begin with beside files that are tested: those may have the same.
const EMBEDDED: &str = "builtin:";

impl Library {
    /// Reads what the configuration asks for.
    #[must_use]
    pub fn read(packs: &Packs, repository: &Repository) -> Self {
        let (files, unusable) = files::read(packs, "the folder of audit.toml", repository);
        let given = Given { unusable, ..Given::of(packs, files) };
        let embedded: Vec<(Cow<'_, str>, &str)> = builtin::policies()
            .filter(|(name, _)| packs.builtin || builtin::is_library(name))
            .map(|(name, text)| (name.into(), text))
            .collect();
        Self::of(&embedded, given, profile(packs), Purpose::Run { builtin: packs.builtin })
    }

    /// Reads what is to be tested. It may be a newer state of what is embedded, and takes its place; it need not have
    /// a rule.
    #[must_use]
    pub fn of_tests(packs: &Packs, repository: &Repository) -> Self {
        let (files, unusable) = files::read(packs, "the current folder", repository);
        let mut given = Given::of(packs, files);
        given.problems.extend(unusable.into_iter().map(|UnusablePath { index, message, help }| {
            PolicyError::whole(&packs.paths[index].written, "", message).with_help(help)
        }));
        let embedded: Vec<(Cow<'_, str>, &str)> = builtin::policies()
            .filter(|(name, _)| packs.builtin || builtin::is_library(name))
            .map(|(name, text)| (format!("{EMBEDDED}{name}").into(), text))
            .collect();
        Self::of(&embedded, given, profile(packs), Purpose::Test)
    }

    fn of(
        embedded: &[(Cow<'_, str>, &str)],
        given: Given,
        profile: Option<(&str, &str)>,
        purpose: Purpose,
    ) -> Self {
        let params = profile.map(|(name, text)| of_profile(name, text)).transpose();
        let (params, wrong) = match params {
            Ok(params) => (params.unwrap_or_else(|| json!({})), None),
            Err(problem) => (json!({}), Some(problem)),
        };
        // What nobody has checked yet is not let into an engine. The embedded pack is known to be sound: a test of
        // ours analyses it.
        let embedded_texts = embedded.iter().map(|(_, text)| *text);
        let is_sound = given.own.is_empty()
            && given.data_files == 0
            && purpose != Purpose::Test
            && embedded_texts.eq(builtin::policies().map(|(_, text)| text));
        let data = is_sound.then(|| given.data.with_params(&params));
        thread::scope(|scope| {
            let (modules, ahead) = Ahead::start(scope, embedded, data);
            let mut read = Sources::default();
            read.problems.extend(wrong);
            for module in modules {
                read.take(module, BUILTIN.into(), Origin::Embedded);
            }
            if given.own.is_empty() {
                let library = Self::checked(read, given, params, purpose, is_sound);
                return Self { ahead: ahead.join(), ..library };
            }
            let mut ahead = ahead.join();
            for (name, text, pack, path) in &given.own {
                let module = ahead.parse(name, text);
                read.take(module, Arc::clone(pack), Origin::Own(*path));
            }
            Self { ahead, ..Self::checked(read, given, params, purpose, false) }
        })
    }

    /// All that is wrong with what was read, and all rules.
    fn checked(read: Sources, given: Given, params: Value, purpose: Purpose, is_sound: bool) -> Self {
        let Given { own: _, data, data_files, with_data, unusable, mut problems, digested } = given;
        let Sources { read: mut sources, problems: wrong, is_broken } = read;
        // A data file that cannot be used brings nothing, either.
        let is_broken = is_broken || !problems.is_empty();
        let unread: BTreeSet<String> = wrong.iter().map(|problem| problem.file().to_owned()).collect();
        problems.extend(wrong);
        if purpose != (Purpose::Run { builtin: true }) {
            // Whoever keeps a copy of the pack keeps its helpers, too.
            leave_out_defined(&mut sources);
        }
        if purpose == Purpose::Test {
            leave_out_unused(&mut sources);
        }
        if !is_sound {
            problems.extend(checks::places(&sources));
        }
        // What stands in a package of the embedded pack has been refused; the rest is judged as if it took its place.
        let displaced = leave_out_defined(&mut sources);
        let (mut rules, wrong) = rule_sets::collect(&sources);
        problems.extend(wrong);
        if purpose != Purpose::Test {
            problems.extend(checks::embedded_rules(&sources, &rules));
        }
        problems.extend(data.hidden(sources.iter().map(|source| &source.module)));
        if !is_broken {
            problems.extend(checks::unsaid(&sources, &unread));
        }
        let without_rules = checks::without_rules(&sources, &rules, &with_data);
        // Every module of the run, parsed, the tests of the user's packs included. What a broken file would define
        // is missing everywhere else.
        if !is_broken && !is_sound {
            let wrong = analysed(&sources, &displaced, &data, &params, &mut rules);
            // Beside those that have its package, nobody knows what is wrong in a file.
            let beside: BTreeSet<&[String]> =
                displaced.iter().map(|source| source.module.package.as_slice()).collect();
            let files: BTreeSet<&str> = sources
                .iter()
                .chain(&displaced)
                .filter(|source| beside.contains(source.module.package.as_slice()))
                .map(|source| &*source.module.file)
                .collect();
            problems.extend(wrong.into_iter().filter(|problem| !files.contains(problem.file())));
        }
        problems.sort_by(|a, b| a.order().cmp(&b.order()));
        let digest = (!digested.is_empty()).then(|| {
            let parts: Vec<&str> = digested.iter().map(String::as_str).collect();
            fingerprint(&parts)
        });
        let ahead = Parsed::default();
        let sources = Arc::new(sources);
        Self { sources, ahead, rules, data, data_files, params, unusable, without_rules, problems, digest }
    }

    /// What a configuration may refer to.
    #[must_use]
    pub fn catalogue(&self) -> Catalogue {
        let mut catalogue = self.catalogue_of_tests();
        // What is wrong with the files may be why there is no rule.
        if self.problems.is_empty() {
            catalogue.unusable.extend(self.without_rules.iter().cloned());
        }
        catalogue.is_partial |= !self.without_rules.is_empty();
        catalogue
    }

    /// The same for whoever runs the tests: where there is no rule yet, a test of it may be.
    #[must_use]
    pub fn catalogue_of_tests(&self) -> Catalogue {
        Catalogue {
            rules: self.rules.iter().map(|rule| rule.id.clone()).collect(),
            params: self.params.clone(),
            read: self.parameters_read(),
            profiles: builtin::profiles().map(str::to_owned).collect(),
            unusable: self.unusable.clone(),
            is_partial: !self.problems.is_empty() || !self.unusable.is_empty(),
        }
    }

    /// Everything that is wrong with the policies themselves, by file and place.
    #[must_use]
    pub fn problems(&self) -> &[PolicyError] {
        &self.problems
    }

    /// A digest of the user's own files; `None` where there are none.
    #[must_use]
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }

    /// How many unit tests the user's packs have.
    #[must_use]
    pub fn tests(&self) -> usize {
        let rules = |source: &Source| {
            source.module.tree.policy.iter().filter(|rule| unit_tests::is_test(rule)).count()
        };
        self.sources.iter().filter(|source| source.module.is_test()).map(rules).sum()
    }

    /// How many files of data they have.
    #[must_use]
    pub fn data_files(&self) -> usize {
        self.data_files
    }

    /// All modules.
    pub(super) fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The parameters that the user's policies read, each as far as it is constant.
    fn parameters_read(&self) -> BTreeSet<Vec<String>> {
        let own = self.sources.iter().filter(|source| source.origin != Origin::Embedded);
        own.flat_map(|source| tree::data_read(&source.module))
            .filter_map(|place| match place.as_slice() {
                [audit, params, rest @ ..] if audit == "audit" && params == "params" => Some(rest.to_vec()),
                [] => Some(Vec::new()),
                [audit] if audit == "audit" => Some(Vec::new()),
                _ => None,
            })
            .collect()
    }
}

/// What the paths of audit.toml brought.
#[derive(Default)]
struct Given {
    /// Name, text, pack, and the index of the path.
    own: Vec<(Arc<str>, String, Arc<str>, usize)>,
    data: Data,
    data_files: usize,
    with_data: BTreeSet<usize>,
    unusable: Vec<UnusablePath>,
    problems: Vec<PolicyError>,
    digested: Vec<String>,
}

impl Given {
    fn of(packs: &Packs, files: Vec<PackFile>) -> Self {
        let written: Vec<Arc<str>> = packs.paths.iter().map(|path| path.written.as_str().into()).collect();
        let mut given = Self::default();
        for file in files {
            let pack = Arc::clone(&written[file.path]);
            given.add(file, pack);
        }
        given
    }

    fn add(&mut self, file: PackFile, pack: Arc<str>) {
        self.digested.extend([file.name.to_string(), file.text.clone()]);
        if file.kind == Kind::Rego {
            self.own.push((file.name, file.text, pack, file.path));
        } else {
            self.data_files += 1;
            self.with_data.insert(file.path);
            if let Err(problems) = self.data.add(&file) {
                self.problems.extend(problems);
            }
        }
    }
}

/// The profile, name and text. One that is not there is a problem of audit.toml, and is said there.
fn profile(packs: &Packs) -> Option<(&str, &'static str)> {
    let named = |name| builtin::profile(name).map(|text| (name, text));
    named(packs.profile.as_str()).or_else(|| named(Packs::PROFILE))
}

/// Leaves out what is embedded where a file of the user's own is in its package, and returns it.
fn leave_out_defined(sources: &mut Vec<Source>) -> Vec<Source> {
    let own = sources.iter().filter(|source| source.origin != Origin::Embedded);
    let own: BTreeSet<Vec<String>> = own.map(|source| source.module.package.clone()).collect();
    let displaced =
        |source: &mut Source| source.origin == Origin::Embedded && own.contains(&source.module.package);
    sources.extract_if(.., displaced).collect()
}

/// Leaves out what is embedded and nothing leads to: it may not go with a newer state of the rest.
fn leave_out_unused(sources: &mut Vec<Source>) {
    let mut used: Vec<bool> = sources.iter().map(|source| source.origin != Origin::Embedded).collect();
    let mut waiting: Vec<usize> = (0..sources.len()).filter(|index| used[*index]).collect();
    while let Some(index) = waiting.pop() {
        for place in checks::referred(&sources[index].module) {
            for (other, source) in sources.iter().enumerate() {
                let package = &source.module.package;
                if !used[other] && (place.starts_with(package) || package.starts_with(&place)) {
                    used[other] = true;
                    waiting.push(other);
                }
            }
        }
    }
    let mut used = used.into_iter();
    sources.retain(|_| used.next().unwrap_or(true));
}

/// Everything that is wrong with what the policies refer to; where nothing is, the rules know what they read.
/// `displaced` is what has been left out and may yet be referred to.
fn analysed(
    sources: &[Source],
    displaced: &[Source],
    data: &Data,
    params: &Value,
    rules: &mut [RuleSet],
) -> Vec<PolicyError> {
    let modules: Vec<&Module> = modules(sources).into_iter().chain(modules(displaced)).collect();
    let places: Vec<(Vec<String>, Scope)> = rules.iter().map(RuleSet::root).collect();
    match analysis::analyse(&modules, &known_data(data, params), &roots(&places)) {
        Ok(reads) => {
            for (rule, reads) in rules.iter_mut().zip(reads) {
                rule.reads = Some(reads);
            }
            Vec::new()
        }
        Err(problems) => problems,
    }
}

fn modules(sources: &[Source]) -> Vec<&Module> {
    sources.iter().map(|source| &source.module).collect()
}

fn roots(places: &[(Vec<String>, Scope)]) -> Vec<Root<'_>> {
    places.iter().map(|(place, scope)| Root { place, scope: *scope }).collect()
}

/// What policies find below `data`. What is audit's own is refused where it is named, by itself.
fn known_data(data: &Data, params: &Value) -> Value {
    let mut data = data.with_params(params);
    data[reflection::ROOT] = Value::Null;
    data
}

#[cfg(test)]
impl Library {
    pub(super) fn metadata(&self, id: &str) -> Option<&super::metadata::Metadata> {
        self.rules.iter().find(|rule| rule.id == id).map(|rule| &rule.metadata)
    }

    /// A library of these files alone, for tests: embedded ones and the user's.
    pub(super) fn of_files(embedded: &[(&str, &str)], own: &[(&str, &str)]) -> Self {
        let mut given = Given::default();
        for (name, text) in own {
            let kind = match name.rsplit_once('.').map(|(_, kind)| kind) {
                Some("rego") => Kind::Rego,
                Some("json") => Kind::Json,
                Some("toml") => Kind::Toml,
                _ => Kind::Yaml,
            };
            let folders: Vec<String> = name.split('/').map(str::to_owned).collect();
            let folders = folders[..folders.len() - 1].to_vec();
            let file = PackFile { name: (*name).into(), text: (*text).to_owned(), kind, folders, path: 0 };
            given.add(file, "policies".into());
        }
        let profile = builtin::profile(Packs::PROFILE).map(|text| (Packs::PROFILE, text));
        let embedded: Vec<(Cow<'_, str>, &str)> =
            embedded.iter().map(|(name, text)| (Cow::Borrowed(*name), *text)).collect();
        Self::of(&embedded, given, profile, Purpose::Run { builtin: true })
    }
}

#[cfg(test)]
mod tests;

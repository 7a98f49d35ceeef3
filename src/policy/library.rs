//! All policies of a run, read and checked: the embedded pack, the user's own, their data.
//!
//! Everything that can be known before the engine sees a policy is found here, and all of it at once.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use regorus::Engine;
use regorus::utils::limits::ExecutionTimerConfig;
use serde_json::{Value, json};

use super::analysis::{self, Root};
use super::answers::Answers;
use super::data::Data;
use super::files::{self, Kind};
use super::metadata::{self, Scope};
use super::module::{self, Module};
use super::parameters::of_profile;
use super::problem::PolicyError;
use super::rule_sets::{self, Origin, RuleSet, Source};
use super::{BUILTIN, LoadedRule, Pack, annotations, builtin, functions, reflection, walk};
use crate::config::{Catalogue, Packs, Policies, UnusablePath};
use crate::document::Outline;
use crate::finding::{Rule, Severity, fingerprint};
use crate::location::Repository;

/// How long one rule may take over one document. Rules take microseconds; this bounds a mistake.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(5);

/// The policies of a run.
pub struct Library {
    sources: Vec<Source>,
    rules: Vec<RuleSet>,
    data: Data,
    data_files: usize,
    /// The parameters of the profile.
    params: Value,
    unusable: Vec<UnusablePath>,
    problems: Vec<PolicyError>,
    digest: Option<String>,
}

impl Library {
    /// Reads what the configuration asks for.
    #[must_use]
    pub fn read(packs: &Packs, repository: &Repository) -> Self {
        let (files, unusable) = files::read(packs, repository);
        let written: Vec<Arc<str>> = packs.paths.iter().map(|path| path.written.as_str().into()).collect();
        let mut given = Given { unusable, ..Given::default() };
        for file in files {
            given.digested.extend([file.name.to_string(), file.text.clone()]);
            if file.kind == Kind::Rego {
                let pack = Arc::clone(&written[file.path]);
                given.own.push((file.name, file.text, pack, file.path));
            } else {
                given.data_files += 1;
                given.with_data.insert(file.path);
                if let Err(problems) = given.data.add(&file) {
                    given.problems.extend(problems);
                }
            }
        }
        let embedded: Vec<(&str, &str)> =
            builtin::policies().filter(|(name, _)| packs.builtin || builtin::is_library(name)).collect();
        let profile = builtin::profile(&packs.profile).map(|text| (packs.profile.as_str(), text));
        // A profile that is not there is a problem of audit.toml, and is said there.
        let profile = profile.or_else(|| builtin::profile(Packs::PROFILE).map(|text| (Packs::PROFILE, text)));
        Self::of(&embedded, given, profile, packs.builtin)
    }

    fn of(embedded: &[(&str, &str)], given: Given, profile: Option<(&str, &str)>, builtin: bool) -> Self {
        let Given { own, data, data_files, with_data, mut unusable, mut problems, digested } = given;
        let mut sources: Vec<Source> = Vec::new();
        let mut unparsed = false;
        let mut read =
            |name: &str, text: &str, pack: Arc<str>, origin: Origin| match Module::parse(name, text) {
                Ok(module) => {
                    let (blocks, wrong) = annotations::read(&module);
                    problems.extend(wrong);
                    sources.push(Source { module, pack, origin, blocks });
                }
                Err(problem) => {
                    unparsed = true;
                    problems.push(problem);
                }
            };
        for (name, text) in embedded {
            read(name, text, BUILTIN.into(), Origin::Embedded);
        }
        for (name, text, pack, path) in &own {
            read(name, text, Arc::clone(pack), Origin::Own(*path));
        }
        let own_packages: BTreeSet<Vec<String>> = sources
            .iter()
            .filter(|source| source.origin != Origin::Embedded)
            .map(|source| source.module.package.clone())
            .collect();
        if !builtin {
            // Whoever keeps a copy of the pack keeps its helpers, too.
            sources.retain(|source| {
                source.origin != Origin::Embedded || !own_packages.contains(&source.module.package)
            });
        }
        problems.extend(places(&sources));
        let (mut rules, wrong) = rule_sets::collect(&sources);
        problems.extend(wrong);
        problems.extend(embedded_rules(&sources, &rules));
        problems.extend(sources.iter().flat_map(|source| data.hidden(&source.module)));
        unusable.extend(without_rules(&sources, &rules, &with_data));
        // Every module of the run, parsed, the tests of the user's packs included; the engine has none of them yet.
        let params = match profile.map(|(name, text)| of_profile(name, text)).transpose() {
            Ok(params) => params.unwrap_or_else(|| json!({})),
            Err(problem) => {
                problems.push(problem);
                json!({})
            }
        };
        // What a broken file would define is missing everywhere else.
        if !unparsed {
            problems.extend(analysed(&sources, &data, &params, &mut rules));
        }
        problems.sort_by(|a, b| a.order().cmp(&b.order()));
        let digest = (!digested.is_empty()).then(|| {
            let parts: Vec<&str> = digested.iter().map(String::as_str).collect();
            fingerprint(&parts)
        });
        Self { sources, rules, data, data_files, params, unusable, problems, digest }
    }

    /// What a configuration may refer to.
    #[must_use]
    pub fn catalogue(&self) -> Catalogue {
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
        let is_test = |rule: &regorus::unstable::Rule| {
            let name =
                rule_sets::head_path(rule).and_then(|path| path.into_iter().next()).unwrap_or_default();
            name.starts_with("test_") || name.starts_with("todo_test_")
        };
        let rules = |source: &Source| source.module.tree.policy.iter().filter(|rule| is_test(rule)).count();
        self.sources.iter().filter(|source| source.module.is_test()).map(rules).sum()
    }

    /// How many files of data they have.
    #[must_use]
    pub fn data_files(&self) -> usize {
        self.data_files
    }

    /// The rules that the configuration enables, ready to be evaluated.
    ///
    /// # Errors
    /// Every problem of the policies, by file and place.
    pub fn pack(&self, policies: &Policies) -> Result<Pack, Vec<PolicyError>> {
        let mut engine = self.engine(&policies.params)?;
        // Prepares the engine once, so that a clone is cheap and no document pays for it; a disabled rule will do.
        if let Some(first) = self.rules.first() {
            engine
                .compile_with_entrypoint(&first.query.as_str().into())
                .map_err(|error| vec![self.located(&error.to_string())])?;
        }
        let rules = self.rules.iter().filter(|rule| !policies.disable.contains(&rule.id));
        let rules: Vec<LoadedRule> = rules.map(|rule| loaded(rule, policies)).collect();
        let of_documents = |loaded: &LoadedRule| loaded.scope == Scope::Document;
        let answers = Answers::new(rules.iter().map(|loaded| of_documents(loaded).then_some(&loaded.reads)));
        Ok(Pack { engine, rules, answers: Some(answers) })
    }

    /// An engine with all modules but the tests, and with all data, not prepared.
    ///
    /// # Errors
    /// Every problem of the policies, by file and place.
    pub(super) fn engine(&self, params: &Value) -> Result<Engine, Vec<PolicyError>> {
        if !self.problems.is_empty() {
            return Err(self.problems.clone());
        }
        let mut engine = Engine::new();
        functions::register(&mut engine);
        engine.set_execution_timer_config(ExecutionTimerConfig {
            limit: TIME_LIMIT,
            check_interval: NonZeroU32::MIN,
        });
        // The engine would print to stderr by itself.
        engine.set_gather_prints(true);
        let annotated: Vec<_> =
            self.sources.iter().map(|source| (&source.module, source.blocks.as_slice())).collect();
        let mut values = Vec::new();
        let mut problems = Vec::new();
        for Source { module, .. } in &self.sources {
            if module.is_test() {
                continue;
            }
            let text = reflection::resolved(module, &annotated, &mut values);
            if let Err(error) = engine.add_policy(module.file.to_string(), text.into_owned()) {
                problems.push(module::of_engine(&module.file, &module.text, &error.to_string()));
            }
        }
        let mut data = self.data.with_params(params);
        if !values.is_empty() {
            data[reflection::ROOT] = values.into();
        }
        let added = regorus::Value::from_json_str(&data.to_string()).and_then(|data| engine.add_data(data));
        if let Err(error) = added {
            problems.push(self.located(&error.to_string()));
        }
        if problems.is_empty() { Ok(engine) } else { Err(problems) }
    }

    /// A problem that the engine has with all modules, in the file that it names.
    fn located(&self, error: &str) -> PolicyError {
        let named = |source: &&Source| error.contains(&format!("--> {}:", source.module.file));
        match self.sources.iter().find(named) {
            Some(Source { module, .. }) => module::of_engine(&module.file, &module.text, error),
            None => module::of_engine("policies", "", error),
        }
    }

    /// The parameters that the user's policies read, each as far as it is constant.
    fn parameters_read(&self) -> BTreeSet<Vec<String>> {
        let own = self.sources.iter().filter(|source| source.origin != Origin::Embedded);
        own.flat_map(|source| walk::data_references(&source.module))
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

/// Everything that is wrong with what the policies refer to; where nothing is, the rules know what they read.
fn analysed(sources: &[Source], data: &Data, params: &Value, rules: &mut [RuleSet]) -> Vec<PolicyError> {
    let modules: Vec<&Module> = sources.iter().map(|source| &source.module).collect();
    let (document, app) = (Outline::document(), Outline::app());
    let places: Vec<Vec<String>> = rules.iter().map(RuleSet::place).collect();
    let roots: Vec<Root<'_>> = rules
        .iter()
        .zip(&places)
        .map(|(rule, place)| {
            let input = match rule.metadata.scope.unwrap_or(Scope::Document) {
                Scope::Document => &document,
                Scope::App => &app,
            };
            Root { place, input }
        })
        .collect();
    // What is audit's own is refused where it is named, by itself.
    let mut data = data.with_params(params);
    data[reflection::ROOT] = Value::Null;
    match analysis::analyse(&modules, &data, &roots) {
        Ok(reads) => {
            for (rule, reads) in rules.iter_mut().zip(reads) {
                rule.reads = reads;
            }
            Vec::new()
        }
        Err(problems) => problems,
    }
}

fn loaded(set: &RuleSet, policies: &Policies) -> LoadedRule {
    let metadata = set.metadata.clone();
    let severity = policies.severity.get(&set.id).copied();
    let usual = if set.is_warning { Severity::Low } else { Severity::Medium };
    let rule = Rule {
        id: set.id.clone(),
        pack: Arc::clone(&set.pack),
        title: metadata.title.unwrap_or_else(|| title(&set.id)),
        severity: severity.or(metadata.severity).unwrap_or(usual),
        description: metadata.description.unwrap_or_default(),
        remediation: metadata.remediation.unwrap_or_default(),
        references: metadata.references.unwrap_or_default(),
        links: metadata.links.unwrap_or_default(),
        tags: metadata.tags.unwrap_or_default(),
    };
    LoadedRule {
        rule: Arc::new(rule),
        query: set.query.as_str().into(),
        path: metadata.path.unwrap_or_default().into(),
        severity,
        scope: metadata.scope.unwrap_or(Scope::Document),
        reads: set.reads.clone(),
    }
}

/// Of a rule that has no title: `acme/mfa/no_sms` is `acme mfa: no sms`.
fn title(id: &str) -> String {
    let words = id.replace(['_', '-'], " ");
    match words.rsplit_once('/') {
        Some((area, name)) => format!("{}: {name}", area.replace('/', " ")),
        None => words,
    }
}

/// Packages that cannot be where they are.
fn places(sources: &[Source]) -> Vec<PolicyError> {
    let embedded: BTreeMap<&[String], &Arc<str>> = sources
        .iter()
        .filter(|source| source.origin == Origin::Embedded)
        .map(|source| (source.module.package.as_slice(), &source.module.file))
        .collect();
    let mut defined: BTreeMap<Vec<String>, (usize, usize)> = BTreeMap::new();
    for (index, source) in sources.iter().enumerate() {
        for (rule, tree) in source.module.tree.policy.iter().enumerate() {
            let path = rule_sets::head_path(tree).into_iter().flatten();
            let path = source.module.package.iter().cloned().chain(path).collect();
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
        let secret = walk::data_references(module)
            .into_iter()
            .any(|place| place.first().is_some_and(|root| root == reflection::ROOT));
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
fn embedded_rules(sources: &[Source], rules: &[RuleSet]) -> Vec<PolicyError> {
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
fn without_rules(sources: &[Source], rules: &[RuleSet], with_data: &BTreeSet<usize>) -> Vec<UnusablePath> {
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
    let is_set = |tree: &regorus::unstable::Rule| {
        rule_sets::head_path(tree).is_some_and(|path| path.first() == Some(&rule.name))
    };
    let module = &source.module;
    !module.is_test() && module.package == rule.package && module.tree.policy.iter().any(|tree| is_set(tree))
}

/// What a module refers to in `data`, imports that it does not use included.
fn referred(module: &Module) -> Vec<Vec<String>> {
    let imported = walk::imports(module).into_values().filter(|path| path[0] == "data");
    imported.map(|path| path[1..].to_vec()).chain(walk::data_references(module)).collect()
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
            if kind == Kind::Rego {
                given.own.push(((*name).into(), (*text).to_owned(), "policies".into(), 0));
            } else {
                let folders: Vec<String> = name.split('/').map(str::to_owned).collect();
                let folders = folders[..folders.len() - 1].to_vec();
                let file = files::PackFile {
                    name: (*name).into(),
                    text: (*text).to_owned(),
                    kind,
                    folders,
                    path: 0,
                };
                given.with_data.insert(0);
                if let Err(problems) = given.data.add(&file) {
                    given.problems.extend(problems);
                }
            }
        }
        let profile = builtin::profile(Packs::PROFILE).map(|text| (Packs::PROFILE, text));
        Self::of(embedded, given, profile, true)
    }
}

#[cfg(test)]
mod tests;

//! From policies that were read to an engine that has them.

use std::borrow::Cow;
use std::num::NonZeroU32;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use regorus::Engine;
use regorus::unstable::{self, Parser, Ref};
use regorus::utils::limits::ExecutionTimerConfig;
use serde_json::Value;

use super::{Library, checks};
use crate::config::Policies;
use crate::finding::{Rule, Severity};
use crate::policy::analysis::{self, Reads};
use crate::policy::answers::Answers;
use crate::policy::metadata::Scope;
use crate::policy::module::{self, Module};
use crate::policy::problem::PolicyError;
use crate::policy::rule_sets::{RuleSet, Source};
use crate::policy::{LazyAnswers, LoadedRule, Pack, functions, reflection};

/// How long one rule may take over one document. Rules take microseconds; this bounds a mistake.
pub(in crate::policy) const TIME_LIMIT: Duration = Duration::from_secs(5);

/// An engine with modules and data, not prepared.
pub(in crate::policy) struct Assembled<'l> {
    pub(in crate::policy) engine: Engine,
    /// Of each module, in their order: of the same length as the module's own, with other calls of `rego.metadata`.
    pub(in crate::policy) texts: Vec<Cow<'l, str>>,
}

impl Library {
    /// The rules that the configuration enables, ready to be evaluated.
    ///
    /// # Errors
    /// Every problem of the policies, by file and place.
    pub fn pack(&self, policies: &Policies) -> Result<Pack, Vec<PolicyError>> {
        let mut engine = self.engine(&policies.params)?;
        let unset = checks::unset(self.sources(), &policies.params);
        if !unset.is_empty() {
            return Err(unset);
        }
        self.prepare(&mut engine)?;
        let rules = self.enabled(policies).map(|rule| loaded(rule, policies)).collect();
        Ok(Pack { engine, rules, answers: Some(self.answers(policies)) })
    }

    /// A memory for the rules that the configuration enables.
    fn answers(&self, policies: &Policies) -> LazyAnswers {
        let enabled: Vec<&RuleSet> = self.enabled(policies).collect();
        let known: Option<Vec<Reads>> = enabled.iter().map(|rule| rule.reads.clone()).collect();
        let places: Vec<(Vec<String>, Scope)> = enabled.into_iter().map(RuleSet::root).collect();
        let sources = Arc::clone(&self.sources);
        let data = super::known_data(&self.data, &policies.params);
        LazyLock::new(Box::new(move || {
            let reads = known
                .unwrap_or_else(|| analysis::reads(&super::modules(&sources), &data, &super::roots(&places)));
            Answers::new(&reads)
        }))
    }

    fn enabled(&self, policies: &Policies) -> impl Iterator<Item = &RuleSet> {
        self.rules.iter().filter(|rule| !policies.disable.contains(&rule.id))
    }

    /// An engine with all modules but the tests, and with all data, not prepared.
    ///
    /// # Errors
    /// Every problem of the policies, by file and place.
    pub(in crate::policy) fn engine(&self, params: &Value) -> Result<Engine, Vec<PolicyError>> {
        Ok(self.assemble(params, |module| !module.is_test())?.engine)
    }

    /// An engine with the tests, too, and the text of each module as it has it.
    ///
    /// # Errors
    /// Every problem of the policies, by file and place.
    pub(in crate::policy) fn engine_of_tests(
        &self,
        params: &Value,
    ) -> Result<Assembled<'_>, Vec<PolicyError>> {
        self.assemble(params, |_| true)
    }

    fn assemble(
        &self,
        params: &Value,
        is_wanted: impl Fn(&Module) -> bool,
    ) -> Result<Assembled<'_>, Vec<PolicyError>> {
        if !self.problems.is_empty() {
            return Err(self.problems.clone());
        }
        let annotated: Vec<_> =
            self.sources.iter().map(|source| (&source.module, source.blocks.as_slice())).collect();
        let mut values = Vec::new();
        let modules: Vec<&Module> =
            self.sources.iter().map(|source| &source.module).filter(|module| is_wanted(module)).collect();
        let texts: Vec<Cow<'_, str>> =
            modules.iter().map(|module| reflection::resolved(module, &annotated, &mut values)).collect();
        let mut data = self.data.with_params(params);
        if !values.is_empty() {
            data[reflection::ROOT] = values.into();
        }
        let ready = self.ahead.ready.as_ref().filter(|(given, _)| *given == data).map(|(_, engine)| engine);
        let mut engine = ready.unwrap_or(&self.ahead.engine).clone();
        let has_these = engine.get_modules().iter().eq(modules.iter().map(|module| &module.tree))
            && texts.iter().all(|text| matches!(text, Cow::Borrowed(_)));
        if has_these && ready.is_some() {
            return Ok(Assembled { engine, texts });
        }
        let mut problems = Vec::new();
        if !has_these {
            engine = Engine::new();
            for (module, text) in modules.iter().zip(&texts) {
                if let Err(error) = engine.add_policy(module.file.to_string(), text.to_string()) {
                    problems.push(module::of_engine(&module.file, &module.text, &error.to_string()));
                }
            }
        }
        if let Err(error) = furnish(&mut engine, &data) {
            problems.push(self.located(&error.to_string()));
        }
        if problems.is_empty() { Ok(Assembled { engine, texts }) } else { Err(problems) }
    }

    /// Prepares an engine once, so that a clone is cheap and nothing that is judged pays for it.
    ///
    /// # Errors
    /// What the engine has against the modules together.
    pub(in crate::policy) fn prepare(&self, engine: &mut Engine) -> Result<(), Vec<PolicyError>> {
        prepare(engine).map_err(|error| vec![self.located(&error.to_string())])
    }

    /// A problem that the engine has with all modules, in the file that it names.
    pub(in crate::policy) fn located(&self, error: &str) -> PolicyError {
        let named = |source: &&Source| error.contains(&format!("--> {}:", source.module.file));
        match self.sources.iter().find(named) {
            Some(Source { module, .. }) => module::of_engine(&module.file, &module.text, error),
            None => module::of_engine("policies", "", error),
        }
    }
}

/// Gives an engine all that it needs beside the modules.
///
/// # Errors
/// What the engine has against the data.
pub(super) fn furnish(engine: &mut Engine, data: &Value) -> anyhow::Result<()> {
    functions::register(engine);
    engine.set_execution_timer_config(ExecutionTimerConfig {
        limit: TIME_LIMIT,
        check_interval: NonZeroU32::MIN,
    });
    // The engine would print to stderr by itself.
    engine.set_gather_prints(true);
    engine.add_data(regorus::Value::from_json_str(&data.to_string())?)
}

/// Lets an engine prepare itself, which it does once, for its first evaluation. To compile it would go through the
/// loops of all rules a second time; a default, as it is evaluated here, it passes over.
///
/// # Errors
/// What the engine has against the modules together.
pub(super) fn prepare(engine: &mut Engine) -> anyhow::Result<()> {
    let nothing = "package nothing\n\ndefault nothing := 0\n".to_owned();
    let source = unstable::Source::from_contents("nothing.rego".to_owned(), nothing)?;
    let nothing = Ref::new(Parser::new(&source)?.parse()?);
    nothing.policy.iter().try_for_each(|rule| engine.eval_rule_in_module(&nothing, rule, false).map(drop))
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
        scope: metadata.scope.unwrap_or_default(),
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

//! The only room that knows the Rego engine: policies are loaded once, and evaluated on clones.
//!
//! A rule that cannot be loaded stops the run before anything is audited; one that cannot be
//! evaluated makes its target unaudited. Neither is ever a pass.

mod analysis;
mod builtin;
mod evaluate;
mod functions;
mod metadata;
mod module;
mod parameters;
mod problem;
pub mod unit_tests;

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use module::Module;
use regorus::Engine;
use regorus::utils::limits::ExecutionTimerConfig;
use serde_json::{Value, json};

pub use evaluate::{Evaluation, Evaluator};
pub use parameters::{leaves, profiles, read_by};
pub use problem::PolicyError;

use crate::config::{Catalogue, Policies};
use crate::finding::{Rule, Severity};

/// The name of the embedded pack.
const BUILTIN: &str = "builtin";
/// The profile of the embedded pack.
const PROFILE: &str = "recommended";
/// How long one rule may take over one document. Rules take microseconds; this bounds a mistake.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// The loaded rules, ready to be evaluated.
pub struct Pack {
    engine: Engine,
    rules: Vec<LoadedRule>,
}

/// A rule, and how it is asked.
#[derive(Debug, Clone)]
struct LoadedRule {
    rule: Arc<Rule>,
    /// `data.audit.area.name.deny`.
    query: Arc<str>,
    /// Where a member that names no path points.
    path: Arc<str>,
    /// The configuration's severity, over everything that the rule says.
    severity: Option<Severity>,
}

/// What a configuration may refer to.
///
/// # Errors
/// A [`PolicyError`] where the embedded pack cannot be read.
pub fn catalogue() -> Result<Catalogue, PolicyError> {
    let rules = builtin::policies().filter_map(|(file, _)| rule_id(file)).collect();
    Ok(Catalogue { rules, params: profile_params(PROFILE)? })
}

impl Pack {
    /// Loads the rules that the configuration enables.
    ///
    /// # Errors
    /// Every file that cannot be loaded.
    pub fn load(policies: &Policies) -> Result<Self, Vec<PolicyError>> {
        let files: Vec<(&str, &str)> =
            if policies.builtin { builtin::policies().collect() } else { Vec::new() };
        Self::load_files(&files, policies)
    }

    fn load_files(files: &[(&str, &str)], policies: &Policies) -> Result<Self, Vec<PolicyError>> {
        let mut engine = Engine::new();
        functions::register(&mut engine);
        engine.set_execution_timer_config(ExecutionTimerConfig {
            limit: TIME_LIMIT,
            check_interval: NonZeroU32::MIN,
        });
        let mut problems = Vec::new();
        let mut rules = BTreeMap::new();
        for (file, text) in files {
            let problem = |message: String| PolicyError::whole(file, text, message);
            let module = match Module::parse(file, text) {
                Ok(module) => module,
                Err(error) => {
                    problems.push(error);
                    continue;
                }
            };
            if let Err(error) = engine.add_policy((*file).to_owned(), (*text).to_owned()) {
                problems.push(module::of_engine(file, text, &error.to_string()));
                continue;
            }
            let Some(id) = rule_id(file) else { continue };
            if module.data_path() != format!("data.audit.{}", id.replace('/', ".")) {
                problems
                    .push(problem(format!("it is not in the package of its place: {}", module.data_path())));
            }
            // A disabled rule is read all the same, so that a mistake in it is not hidden.
            match metadata::parse(text) {
                Ok(_) if policies.disable.contains(&id) => {}
                Ok(metadata) => {
                    rules.insert(id.clone(), loaded(id, metadata, policies));
                }
                Err((line, message)) => problems.push(problem(format!("line {line}: {message}"))),
            }
        }
        let params = json!({"audit": {"params": policies.params}});
        if let Err(error) = engine.add_data(regorus::Value::from(params)) {
            problems.push(PolicyError::whole("params", "", error.to_string()));
        }
        let rules: Vec<LoadedRule> = rules.into_values().collect();
        if let (Some(first), true) = (rules.first(), problems.is_empty()) {
            // Prepares the engine once, so that a clone is cheap and no document pays for it.
            if let Err(error) = engine.compile_with_entrypoint(&first.query.as_ref().into()) {
                problems.push(PolicyError::whole(&first.rule.id, "", error.to_string()));
            }
        }
        if problems.is_empty() { Ok(Self { engine, rules }) } else { Err(problems) }
    }

    /// The enabled rules, in the order of their ids.
    #[must_use]
    pub fn rules(&self) -> impl ExactSizeIterator<Item = &Arc<Rule>> {
        self.rules.iter().map(|loaded| &loaded.rule)
    }

    /// An evaluator for one thread.
    #[must_use]
    pub fn evaluator(&self) -> Evaluator<'_> {
        Evaluator::new(self.engine.clone(), &self.rules)
    }
}

/// The id of the rule in a file of the pack; `None` for helpers in `lib/`.
fn rule_id(file: &str) -> Option<String> {
    file.strip_suffix(".rego").filter(|id| !id.starts_with("lib/")).map(str::to_owned)
}

fn loaded(id: String, metadata: metadata::Metadata, policies: &Policies) -> LoadedRule {
    let query = format!("data.audit.{}.deny", id.replace('/', ".")).into();
    let severity = policies.severity.get(&id).copied();
    let custom = metadata.custom;
    let rule = Rule {
        id,
        pack: BUILTIN.into(),
        title: metadata.title.trim().to_owned(),
        severity: severity.unwrap_or(custom.severity),
        description: metadata.description.trim().to_owned(),
        remediation: custom.remediation.trim().to_owned(),
        references: custom.references,
        links: metadata.related_resources.into_iter().map(|link| link.url).collect(),
        tags: custom.tags,
    };
    LoadedRule { rule: Arc::new(rule), query, path: custom.path.into(), severity }
}

fn profile_params(name: &str) -> Result<Value, PolicyError> {
    let text = builtin::profile(name).unwrap_or_default();
    let problem = |message: String| PolicyError::whole(&format!("profiles/{name}.toml"), text, message);
    let table: toml::Table = toml::from_str(text).map_err(|error| problem(error.message().to_owned()))?;
    let params = table.get("params").ok_or_else(|| problem("it has no table [params]".to_owned()))?;
    serde_json::to_value(params).map_err(|error| problem(error.to_string()))
}

#[cfg(test)]
mod tests;

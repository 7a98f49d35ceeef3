//! `audit rules`: which rules there are, and what the configuration makes of them.

use std::mem;
use std::path::Path;

use super::configuration::{self, Loaded};
use super::{CommandError, output};
use crate::cli::RulesArgs;
use crate::config::Catalogue;
use crate::drift;
use crate::policy;
use crate::report::{Entry, Parameter, Profile, Rulebook, Standing};

/// Lists the rules.
pub(super) fn rules(args: &RulesArgs) -> Result<u8, CommandError> {
    let (book, _) = load(args.config.as_deref())?;
    let written = output::to_stdout(|style, out| args.format.write(&book, style, out));
    written.map_err(|source| CommandError::Unwritable { name: "standard output".into(), source })?;
    Ok(0)
}

/// Every rule that the given configuration loads, or the nearest audit.toml, disabled ones too; those of the
/// embedded pack where there is none. With what the configuration may refer to.
pub(super) fn load(given: Option<&Path>) -> Result<(Rulebook, Catalogue), CommandError> {
    let Loaded { mut config, catalogue, library, .. } = configuration::load_or_default(given)?;
    // Loaded as if nothing were overruled, the rules are all there and of their own severity.
    let disabled = mem::take(&mut config.policies.disable);
    let severities = mem::take(&mut config.policies.severity);
    let unusable = |problems| CommandError::unusable(None, problems);
    let pack = library.pack(&config.policies).map_err(unusable)?;
    let parameters = policy::leaves(&config.policies.params);
    let rules = pack.rules().map(|rule| Entry {
        severity: severities.get(&rule.id).copied(),
        standing: if disabled.contains(&rule.id) { Standing::Disabled } else { Standing::Judged },
        parameters: policy::read_by(rule, parameters.keys())
            .into_iter()
            .filter_map(|name| {
                Some(Parameter { name: name.to_owned(), value: parameters.get(name)?.clone() })
            })
            .collect(),
        rule: rule.clone(),
    });
    let of_drift = drift::rules::all().map(|rule| {
        let is_set_up = match rule.id.as_str() {
            "drift/environment" => !config.drift.is_empty(),
            _ => config.baseline.is_some(),
        };
        let standing = match (disabled.contains(&rule.id), is_set_up) {
            (true, _) => Standing::Disabled,
            (false, false) => Standing::Idle,
            (false, true) => Standing::Judged,
        };
        Entry { severity: severities.get(&rule.id).copied(), standing, parameters: Vec::new(), rule }
    });
    let mut rules: Vec<Entry> = rules.chain(of_drift).collect();
    rules.sort_by(|a, b| a.rule.id.cmp(&b.rule.id));
    let profiles = policy::profiles().map_err(|problem| unusable(vec![problem]))?;
    let profiles = profiles.into_iter().map(|(name, parameters)| Profile { name, parameters });
    Ok((Rulebook { rules, profiles: profiles.collect() }, catalogue))
}

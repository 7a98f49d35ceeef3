//! What is wrong with the configuration and the policies, in one list that a person can read.

use miette::Diagnostic;

use crate::command::CommandError;
use crate::config::ConfigError;
use crate::policy::PolicyError;

/// How many problems are shown: who has more mends these first.
const SHOWN: usize = 50;

/// One entry of the list.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum Mistake {
    /// In audit.toml, with all of its problems.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Config(ConfigError),
    /// In a policy or in data.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Policy(PolicyError),
    /// Not shown.
    #[error("{} not shown", if *.0 == 1 { "1 more problem is".to_owned() } else { format!("{} more problems are", .0) })]
    #[diagnostic(help("mend these first, then run `audit check` again"))]
    More(usize),
}

impl CommandError {
    /// Everything that is wrong with the configuration and its policies.
    pub(in crate::command) fn unusable(config: Option<ConfigError>, policies: Vec<PolicyError>) -> Self {
        let more = policies.len().saturating_sub(SHOWN);
        let problems = config
            .map(Mistake::Config)
            .into_iter()
            .chain(policies.into_iter().take(SHOWN).map(Mistake::Policy))
            .chain((more > 0).then_some(Mistake::More(more)));
        Self::Policies { problems: problems.collect() }
    }
}

/// What the problems are about.
pub(in crate::command) fn unusable(problems: &[Mistake]) -> &'static str {
    let config = problems.iter().any(|problem| matches!(problem, Mistake::Config(_)));
    let policy = problems.iter().any(|problem| matches!(problem, Mistake::Policy(_)));
    match (config, policy) {
        (true, true) => "the configuration and its policies cannot be used",
        (true, false) => "the configuration cannot be used",
        (false, _) => "the policies cannot be used",
    }
}

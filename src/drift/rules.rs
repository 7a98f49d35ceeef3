//! The rules of drift. They are in no pack: the program has them, and they are always there.

use std::sync::{Arc, LazyLock};

use crate::finding::{Rule, Severity};

/// All of them, by id.
pub fn all() -> impl Iterator<Item = Arc<Rule>> {
    [baseline(), environment(), untracked()].into_iter()
}

/// A setting is not what the target's file of the baseline says; a change that weakens is `high`.
#[must_use]
pub fn baseline() -> Arc<Rule> {
    static RULE: LazyLock<Arc<Rule>> = LazyLock::new(|| {
        rule(
            "drift/baseline",
            "A setting is not what was agreed",
            "The baseline in the repository holds the settings that were agreed and reviewed. A difference means that \
             somebody changed them elsewhere, in the console or by a push from another branch, and that nobody may have \
             looked. A change that weakens security is high, any other one low.",
            "If the change is wanted, agree to it: run `audit snapshot` and have the change of the baseline reviewed. If \
             it is not, bring the agreed setting back, with `amplify push` from the branch that holds it or where it was \
             changed by hand; stage and labels come from audit.toml.",
        )
    });
    Arc::clone(&RULE)
}

/// A setting is not what another environment has, which must agree; a change that weakens is `high`.
#[must_use]
pub fn environment() -> Arc<Rule> {
    static RULE: LazyLock<Arc<Rule>> = LazyLock::new(|| {
        rule(
            "drift/environment",
            "Two environments that must agree do not",
            "What is tried in one environment says little about another one that is set up differently: a fault that \
             testing should find shows up in production, and what is hardened in one stays open in the other. Here a \
             setting differs between two environments that a `[[drift]]` of audit.toml pairs. A change that weakens \
             security is high, any other one low.",
            "Decide which of the two is right and push it to the other one with `amplify push`. A setting that has to \
             differ is left out by `ignore` of that `[[drift]]`.",
        )
    });
    Arc::clone(&RULE)
}

/// A target has no file in the baseline.
#[must_use]
pub fn untracked() -> Arc<Rule> {
    static RULE: LazyLock<Arc<Rule>> = LazyLock::new(|| {
        rule(
            "drift/untracked",
            "Nothing was agreed for this target",
            "The baseline has no file for this target, so a change of its settings cannot be told from what was \
             agreed: it drifts unseen. New environments often begin like this.",
            "Review its settings, run `audit snapshot`, and commit the file that it writes. A target that need not be \
             audited is left out in audit.toml.",
        )
    });
    Arc::clone(&RULE)
}

fn rule(id: &str, title: &str, description: &str, remediation: &str) -> Arc<Rule> {
    Arc::new(Rule {
        id: id.to_owned(),
        pack: "builtin".into(),
        title: title.to_owned(),
        severity: Severity::Low,
        description: description.to_owned(),
        remediation: remediation.to_owned(),
        references: Vec::new(),
        links: vec!["https://docs.amplify.aws/gen1/react/tools/cli/teams/".to_owned()],
        tags: vec!["drift".to_owned()],
    })
}

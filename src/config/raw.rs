//! audit.toml as it is written: one struct a table, every value with its span, nothing decided yet.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use crate::finding::Threshold;
use crate::target::Stage;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawConfig {
    pub(super) audit: RawAudit,
    pub(super) stages: RawStages,
    pub(super) source: Vec<Spanned<RawSource>>,
    pub(super) policies: RawPolicies,
    pub(super) drift: Vec<Spanned<RawDrift>>,
    pub(super) waiver: Vec<Spanned<RawWaiver>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(super) struct RawAudit {
    pub(super) fail_on: Option<Threshold>,
    pub(super) concurrency: Option<Spanned<i64>>,
    pub(super) concurrency_per_region: Option<Spanned<i64>>,
    pub(super) timeout: Option<Spanned<String>>,
    pub(super) max_attempts: Option<Spanned<i64>>,
    pub(super) target_timeout: Option<Spanned<String>>,
    pub(super) baseline: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawStages {
    pub(super) production: Option<Vec<Spanned<String>>>,
    pub(super) staging: Option<Vec<Spanned<String>>>,
    pub(super) development: Option<Vec<Spanned<String>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RawKind {
    Amplify,
    Recordings,
    AmplifyProject,
    Cognito,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(super) struct RawSource {
    pub(super) kind: Option<Spanned<RawKind>>,
    pub(super) name: Option<Spanned<String>>,
    pub(super) regions: Option<Spanned<Vec<Spanned<String>>>>,
    pub(super) accounts: Option<Spanned<Vec<Spanned<String>>>>,
    pub(super) role_arn: Option<Spanned<String>>,
    pub(super) external_id: Option<Spanned<String>>,
    pub(super) profile: Option<Spanned<String>>,
    pub(super) apps: Option<Spanned<Vec<Spanned<String>>>>,
    pub(super) environments: Option<Spanned<Vec<Spanned<String>>>>,
    pub(super) exclude: Option<Spanned<Vec<Spanned<String>>>>,
    pub(super) target: Option<Spanned<Vec<Spanned<RawTarget>>>>,
    pub(super) paths: Option<Spanned<Vec<Spanned<String>>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawTarget {
    pub(super) app: Option<Spanned<String>>,
    pub(super) environment: Option<Spanned<String>>,
    pub(super) resource: Option<Spanned<String>>,
    pub(super) stage: Option<Stage>,
    pub(super) labels: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawPolicies {
    pub(super) profile: Option<Spanned<String>>,
    pub(super) builtin: Option<bool>,
    pub(super) paths: Option<Spanned<Vec<Spanned<String>>>>,
    pub(super) disable: Vec<Spanned<String>>,
    pub(super) severity: BTreeMap<Spanned<String>, Spanned<String>>,
    /// Checked against the profile in the parsed tree, which knows the place of each nested key.
    pub(super) params: toml::Table,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawDrift {
    pub(super) expected: Option<Spanned<String>>,
    pub(super) actual: Option<Spanned<String>>,
    pub(super) ignore: Vec<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawWaiver {
    pub(super) rule: Option<Spanned<String>>,
    pub(super) target: Option<Spanned<String>>,
    pub(super) path: Option<Spanned<String>>,
    pub(super) reason: Option<Spanned<String>>,
    pub(super) owner: Option<Spanned<String>>,
    pub(super) expires: Option<Spanned<Datetime>>,
}

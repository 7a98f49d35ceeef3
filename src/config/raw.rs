//! audit.toml as it is written: one struct a table, every value with its span, nothing decided yet.
//!
//! Its JSON Schema follows from these structs (`audit schema config`): a comment on a field is what an editor
//! shows, and `with` is the type behind the spans. What this version refuses is not in the schema.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use crate::finding::{Severity, Threshold};
use crate::target::Stage;

/// What `audit` audits, and by which measure. Relative paths are relative to this file.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "audit.toml", extend("required" = ["source"]))]
pub(super) struct RawConfig {
    /// How a run goes, and when it fails.
    pub(super) audit: RawAudit,
    /// Which environment is for what, by globs of its name: rules are stricter in production. The first match counts,
    /// in the order production, staging, development; a name without a match is judged as strictly as production.
    pub(super) stages: RawStages,
    /// Where settings come from; at least one.
    #[schemars(with = "Vec<RawSource>", length(min = 1))]
    pub(super) source: Vec<Spanned<RawSource>>,
    /// Which rules are judged, and how.
    pub(super) policies: RawPolicies,
    /// Environments that must agree, beside the baseline.
    #[schemars(with = "Vec<RawDrift>")]
    pub(super) drift: Vec<Spanned<RawDrift>>,
    /// Accepted findings: they stay in the report, and come back when they expire.
    #[schemars(with = "Vec<RawWaiver>")]
    pub(super) waiver: Vec<Spanned<RawWaiver>>,
}

/// How a run goes, and when it fails.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(super) struct RawAudit {
    /// The severity from which an open finding fails the run (exit 1); `high` by default. What is below is still
    /// reported.
    #[schemars(with = "Threshold", extend("default" = "high"))]
    pub(super) fail_on: Option<Threshold>,
    /// Calls in flight, over everything, from 1 to 1024; 32 by default.
    #[schemars(with = "i64", range(min = 1, max = 1024), extend("default" = 32))]
    pub(super) concurrency: Option<Spanned<i64>>,
    /// Calls in flight for one account and region, from 1 to 1024; 8 by default, and fewer by themselves where AWS
    /// throttles.
    #[schemars(with = "i64", range(min = 1, max = 1024), extend("default" = 8))]
    pub(super) concurrency_per_region: Option<Spanned<i64>>,
    /// How long one attempt of one call may take, its body included, from 1 ms to 24 h; `30s` by default.
    #[schemars(with = "String", extend("default" = "30s", "examples" = ["500ms", "30s", "1m 30s"]))]
    pub(super) timeout: Option<Spanned<String>>,
    /// Attempts of one call, from 1 to 100; 8 by default. Throttling is retried.
    #[schemars(with = "i64", range(min = 1, max = 100), extend("default" = 8))]
    pub(super) max_attempts: Option<Spanned<i64>>,
    /// How long one target may take, with retries and waiting, from 1 ms to 24 h; `5m` by default.
    #[schemars(with = "String", extend("default" = "5m", "examples" = ["30s", "5m"]))]
    pub(super) target_timeout: Option<Spanned<String>>,
    /// The folder of documents that tell what was agreed, relative to this file; none by default. `audit snapshot` writes
    /// it, and every difference from it is a finding.
    #[schemars(with = "String", length(min = 1), extend("examples" = ["baseline"]))]
    pub(super) baseline: Option<Spanned<String>>,
}

/// Which environment is for what, by globs of its name.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawStages {
    /// Environments in which real users sign in; `prod`, `prod-*`, `production`, `main` and `live` by default.
    #[schemars(with = "Vec<String>", extend("default" = ["prod", "prod-*", "production", "main", "live"]))]
    pub(super) production: Option<Vec<Spanned<String>>>,
    /// Environments that rehearse production; `stag*`, `uat` and `preprod` by default.
    #[schemars(with = "Vec<String>", extend("default" = ["stag*", "uat", "preprod"]))]
    pub(super) staging: Option<Vec<Spanned<String>>>,
    /// Environments of developers; `dev*`, `test*`, `sandbox*` and `feature-*` by default.
    #[schemars(with = "Vec<String>", extend("default" = ["dev*", "test*", "sandbox*", "feature-*"]))]
    pub(super) development: Option<Vec<Spanned<String>>>,
}

/// What a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RawKind {
    Amplify,
    Recordings,
    #[schemars(skip)]
    AmplifyProject,
    #[schemars(skip)]
    Cognito,
}

/// Where settings come from: the live API, or recorded answers.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
#[schemars(extend(
    "required" = ["kind"],
    "if" = {"properties": {"kind": {"const": "recordings"}}},
    "then" = {"required": ["paths"]},
    "else" = {"required": ["regions"]},
))]
pub(super) struct RawSource {
    /// `amplify` asks AWS; `recordings` reads files that hold what `aws amplifybackend get-backend-auth` printed.
    #[schemars(with = "RawKind")]
    pub(super) kind: Option<Spanned<RawKind>>,
    /// A name for messages; `source N` by default, by its place in this file.
    #[schemars(with = "String", length(min = 1))]
    pub(super) name: Option<Spanned<String>>,
    /// AWS regions to look in; needed by kind `amplify`.
    #[schemars(
        with = "Vec<String>",
        length(min = 1),
        inner(regex(pattern = "^[a-z]{2,}(-[a-z]{2,})+-[0-9]+$")),
        extend("uniqueItems" = true, "examples" = [["eu-west-1"]])
    )]
    pub(super) regions: Option<Spanned<Vec<Spanned<String>>>>,
    /// AWS account numbers, in quotes, whose role `role-arn` is assumed; that of the credentials by default.
    #[schemars(
        with = "Vec<String>",
        length(min = 1),
        inner(regex(pattern = "^[0-9]{12}$")),
        extend("uniqueItems" = true, "examples" = [["111122223333"]])
    )]
    pub(super) accounts: Option<Spanned<Vec<Spanned<String>>>>,
    /// The role to assume from the credentials of the environment, `{account}` standing for each of `accounts`;
    /// none by default.
    #[schemars(with = "String", regex(pattern = "^arn:aws[a-z-]*:iam::([0-9]{12}|\\{account\\}):role/.+$"), extend("examples" = ["arn:aws:iam::{account}:role/auditor"]))]
    pub(super) role_arn: Option<Spanned<String>>,
    /// The external id that the role's trust policy asks for; none by default.
    #[schemars(with = "String", length(min = 1))]
    pub(super) external_id: Option<Spanned<String>>,
    /// A profile of the AWS configuration files; the ambient credentials by default.
    #[schemars(with = "String", length(min = 1))]
    pub(super) profile: Option<Spanned<String>>,
    /// Only these apps, by id or by a glob of their name; every app by default.
    #[schemars(with = "Vec<String>", length(min = 1))]
    pub(super) apps: Option<Spanned<Vec<Spanned<String>>>>,
    /// Only these environments, by globs of their name; every environment by default.
    #[schemars(with = "Vec<String>", length(min = 1))]
    pub(super) environments: Option<Spanned<Vec<Spanned<String>>>>,
    /// Targets to leave out, as globs APP/ENVIRONMENT/RESOURCE whose parts at the end may be left out; none by
    /// default.
    #[schemars(with = "Vec<String>", extend("examples" = [["*/sandbox-*"]]))]
    pub(super) exclude: Option<Spanned<Vec<Spanned<String>>>>,
    /// Targets by name, with nothing discovered: one call each. The source then has one region, and at most one
    /// account.
    #[schemars(with = "Vec<RawTarget>", length(min = 1))]
    pub(super) target: Option<Spanned<Vec<Spanned<RawTarget>>>>,
    /// Globs of recorded answers, a file each, relative to this file; needed by kind `recordings`.
    #[schemars(with = "Vec<String>", length(min = 1), extend("examples" = [["recordings/**/*.json"]]))]
    pub(super) paths: Option<Spanned<Vec<Spanned<String>>>>,
}

/// One auth resource of one environment of one app.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["app", "environment"]))]
pub(super) struct RawTarget {
    /// The id of the Amplify app.
    #[schemars(with = "String", length(min = 1), extend("examples" = ["d1a2b3c4d5e6f7"]))]
    pub(super) app: Option<Spanned<String>>,
    /// The name of the backend environment.
    #[schemars(with = "String", length(min = 1), extend("examples" = ["prod"]))]
    pub(super) environment: Option<Spanned<String>>,
    /// The name of the auth resource, the key under `auth` in amplify-meta.json; looked up where it is left out.
    #[schemars(with = "String", length(min = 1))]
    pub(super) resource: Option<Spanned<String>>,
    /// What the environment is for; told by `[stages]` where it is left out.
    #[schemars(with = "Stage")]
    pub(super) stage: Option<Stage>,
    /// Free labels, which policies may read; none by default.
    pub(super) labels: BTreeMap<String, String>,
}

/// Which rules are judged, and how.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawPolicies {
    /// The thresholds of the built-in rules, by name; `recommended` by default.
    #[schemars(with = "String", extend("default" = "recommended"))]
    pub(super) profile: Option<Spanned<String>>,
    /// Whether the built-in rules are judged; `true` by default.
    #[schemars(with = "bool", extend("default" = true))]
    pub(super) builtin: Option<bool>,
    /// Folders of your own policies, relative to this file; none by default.
    #[schemars(with = "Vec<String>")]
    pub(super) paths: Option<Spanned<Vec<Spanned<String>>>>,
    /// Rules that are not judged, by id; none by default. `audit rules` lists the ids.
    #[schemars(with = "Vec<String>", extend("examples" = [["mfa/sms_only"]]))]
    pub(super) disable: Vec<Spanned<String>>,
    /// Other severities than the rules' own, by id; none by default.
    #[schemars(with = "BTreeMap<String, Severity>", extend("examples" = [{"mfa/optional": "high"}]))]
    pub(super) severity: BTreeMap<Spanned<String>, Spanned<String>>,
    /// Other thresholds than the profile's, read by policies as `data.audit.params`; the profile's by default.
    ///
    // Checked against the profile in the parsed tree, which knows the place of each nested key.
    #[schemars(with = "BTreeMap<String, serde_json::Value>", extend("examples" = [{"password": {"min_length": 14}}]))]
    pub(super) params: toml::Table,
}

/// Targets that must agree with others: of one app with each other, by resource.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["expected", "actual"]))]
pub(super) struct RawDrift {
    /// The targets that are as they should be, as a glob APP/ENVIRONMENT/RESOURCE whose parts at the end may be left out.
    #[schemars(with = "String", length(min = 1), extend("examples" = ["*/prod/*"]))]
    pub(super) expected: Option<Spanned<String>>,
    /// The targets that are compared with them, as such a glob.
    #[schemars(with = "String", length(min = 1), extend("examples" = ["*/staging/*"]))]
    pub(super) actual: Option<Spanned<String>>,
    /// What may differ, as globs of JSON pointers: a pointer stands for everything below it, too; nothing by default.
    #[schemars(with = "Vec<String>", inner(regex(pattern = "^/")), extend("examples" = [["/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs"]]))]
    pub(super) ignore: Vec<Spanned<String>>,
}

/// An accepted finding.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["rule", "target", "reason", "expires"]))]
pub(super) struct RawWaiver {
    /// The id of the rule; `audit rules` lists them.
    #[schemars(with = "String", extend("examples" = ["oauth/loopback_redirect"]))]
    pub(super) rule: Option<Spanned<String>>,
    /// The targets, as a glob APP/ENVIRONMENT/RESOURCE whose parts at the end may be left out.
    #[schemars(with = "String", length(min = 1), extend("examples" = ["d1a2b3c4d5e6f7/dev/*"]))]
    pub(super) target: Option<Spanned<String>>,
    /// Only at this place of the document, a glob of JSON pointers; everywhere by default.
    #[schemars(with = "String", regex(pattern = "^(/|$)"), extend("examples" = ["/ResourceConfig/**"]))]
    pub(super) path: Option<Spanned<String>>,
    /// Why the finding is accepted.
    #[schemars(with = "String", length(min = 1))]
    pub(super) reason: Option<Spanned<String>>,
    /// Who accepted it; nobody by default.
    #[schemars(with = "String")]
    pub(super) owner: Option<Spanned<String>>,
    /// The last day on which it holds: a TOML date, without quotes.
    // Editors hand a date of TOML to a schema as a string; none can tell it from a string of TOML.
    #[schemars(with = "String", regex(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), extend("format" = "date", "examples" = ["2027-03-31"]))]
    pub(super) expires: Option<Spanned<Datetime>>,
}

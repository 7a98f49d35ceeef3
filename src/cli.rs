//! The command line, as clap types and nothing else.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use crate::finding::Threshold;
use crate::report::{Format, Leniency, ListingFormat};
use crate::target::Shard;

/// Audits the authentication settings of AWS Amplify backends.
///
/// Without a command it runs the audit: it reads audit.toml, gets the settings of every target, judges
/// them with policies and reports what it found.
#[derive(Debug, Parser)]
#[command(name = "audit", version, max_term_width = 100, after_help = EXIT_CODES, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// The command; the audit itself where none is given.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Options of the audit.
    #[command(flatten)]
    pub run: RunArgs,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    everything was audited, and no open finding is at or above the threshold
  1    at least one open finding is at or above the threshold
  2    wrong usage, a configuration or policy that cannot be used, or a report
       that cannot be written
  3    incomplete: something could not be audited, or there was no target;
       outranks 1
  130  interrupted: what was finished is reported, the rest is unaudited

Examples:
  audit                               with ./audit.toml, or one further up
  audit --config examples/audit.toml  with this configuration
  audit --output sarif=audit.sarif    a file for code scanning as well
  audit --fail-on medium --target '*/prod'";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a commented audit.toml to start from.
    Init(InitArgs),
    /// Print the least-privilege IAM policy that this configuration needs.
    ///
    /// The JSON is what `aws iam create-policy --policy-document file://policy.json` takes: everything that the
    /// audit calls, and nothing else. It is for the credentials that read: those of the caller, or the roles that
    /// the configuration assumes. AWS's own `ReadOnlyAccess` and `SecurityAudit` are not enough: neither grants
    /// anything of `amplifybackend`.
    IamPolicy(IamPolicyArgs),
    /// List what would be audited, after discovery.
    Targets(TargetsArgs),
    /// Run the audit (the default command).
    Run(RunArgs),
    /// Make one report from the JSON reports of the shards of one run.
    Merge(MergeArgs),
}

/// Options of the audit.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Configuration; searched upwards from the current folder where it is left out.
    #[arg(long, value_name = "PATH")]
    pub config: Option<PathBuf>,
    /// What becomes of the report.
    #[command(flatten)]
    pub report: ReportArgs,
    /// The severity from which an open finding fails the run.
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub fail_on: Option<Threshold>,
    /// Only these targets: APP/ENVIRONMENT/RESOURCE, parts at the end may be left out; repeatable.
    #[arg(long, value_name = "GLOB")]
    pub target: Vec<String>,
    /// Only these rules; repeatable.
    #[arg(long, value_name = "ID")]
    pub rule: Vec<String>,
    /// Only one of N parts of the apps, the same on every machine; `audit merge` joins the JSON reports of all.
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
    /// The JSON report of an earlier run: what it found in targets that cannot be audited this time stands on.
    #[arg(long, value_name = "REPORT.json")]
    pub previous: Option<PathBuf>,
    /// What is said meanwhile.
    #[command(flatten)]
    pub talk: TalkArgs,
}

/// What is said on standard error.
#[derive(Debug, Args)]
pub struct TalkArgs {
    /// Say nothing on standard error but errors.
    #[arg(long, short, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more on standard error: a line a target, and with -vv a line an attempt.
    #[arg(long, short, action = ArgAction::Count)]
    pub verbose: u8,
    /// Show neither the line of progress on a terminal nor, with --verbose, the one every ten seconds elsewhere.
    #[arg(long)]
    pub no_progress: bool,
}

/// Options of `targets`.
#[derive(Debug, Args)]
pub struct TargetsArgs {
    /// Configuration; searched upwards from the current folder where it is left out.
    #[arg(long, value_name = "PATH")]
    pub config: Option<PathBuf>,
    /// What goes to standard output.
    #[arg(long, value_enum, default_value_t = ListingFormat::Table)]
    pub format: ListingFormat,
    /// Only these targets: APP/ENVIRONMENT/RESOURCE, parts at the end may be left out; repeatable.
    #[arg(long, value_name = "GLOB")]
    pub target: Vec<String>,
    /// Only one of N parts of the apps.
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
    /// Do not exit with 3 where something could not be read.
    #[arg(long)]
    pub allow_incomplete: bool,
    /// Colours.
    #[arg(long, value_enum, default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,
    /// What is said meanwhile.
    #[command(flatten)]
    pub talk: TalkArgs,
}

/// Options of `audit merge`.
#[derive(Debug, Args)]
pub struct MergeArgs {
    /// The JSON reports of all shards of one run, or one whole report.
    #[arg(value_name = "REPORT.json", required = true)]
    pub reports: Vec<PathBuf>,
    /// What becomes of the report.
    #[command(flatten)]
    pub report: ReportArgs,
}

/// What becomes of a report.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// What goes to standard output.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// A file besides standard output, written atomically; repeatable.
    #[arg(long, value_name = "FORMAT=PATH", value_parser = output)]
    pub output: Vec<(Format, PathBuf)>,
    /// Do not exit with 3 where something could not be audited.
    #[arg(long)]
    pub allow_incomplete: bool,
    /// Exit with 0 in place of 1.
    #[arg(long)]
    pub exit_zero: bool,
    /// SARIF: with waived findings, suppressed.
    #[arg(long)]
    pub include_waived: bool,
    /// Colours.
    #[arg(long, value_enum, default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,
}

impl ReportArgs {
    /// What the exit code forgives.
    #[must_use]
    pub fn leniency(&self) -> Leniency {
        Leniency { allow_incomplete: self.allow_incomplete, exit_zero: self.exit_zero }
    }
}

/// Options of `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The file to write; audit.toml in the current folder where it is left out.
    #[arg(long, value_name = "PATH")]
    pub config: Option<PathBuf>,
    /// Replace a file that is there already.
    #[arg(long)]
    pub force: bool,
    /// Look for apps with the credentials of the environment, and write a source for what is there.
    #[arg(long)]
    pub discover: bool,
    /// Only in this region; in all that offer Amplify backends where it is left out; repeatable.
    #[arg(long, value_name = "REGION", requires = "discover")]
    pub region: Vec<String>,
    /// With this profile of the AWS configuration files.
    #[arg(long, value_name = "NAME", requires = "discover")]
    pub profile: Option<String>,
    /// What is said meanwhile.
    #[command(flatten)]
    pub talk: TalkArgs,
}

/// Options of `iam-policy`.
#[derive(Debug, Args)]
pub struct IamPolicyArgs {
    /// Configuration; searched upwards from the current folder where it is left out.
    #[arg(long, value_name = "PATH")]
    pub config: Option<PathBuf>,
    /// Only for this account, by its number; needed with --trust-github, unless the configuration has exactly one.
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<String>,
    /// The policy of the credentials that assume the configuration's roles.
    #[arg(long, group = "document")]
    pub caller: bool,
    /// The trust policy of the configuration's roles, by which this principal may assume them.
    #[arg(long, value_name = "ARN", group = "document")]
    pub trust: Option<String>,
    /// The trust policy of a role that GitHub Actions assumes (OpenID Connect), from this repository.
    ///
    /// It needs --account, unless the configuration has exactly one account.
    /// REF is a branch, or refs/tags/NAME. Without it every branch, tag, pull request and environment of the
    /// repository may assume the role. A job with an `environment` is not of its branch, for GitHub.
    #[arg(long, value_name = "OWNER/REPO[:REF]", group = "document")]
    pub trust_github: Option<String>,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

fn output(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, path) =
        text.split_once('=').ok_or("write it as FORMAT=PATH, for example sarif=audit.sarif")?;
    if path.is_empty() || path == "-" {
        return Err("the path is missing; what goes to standard output is chosen with --format".to_owned());
    }
    let format = Format::from_str(format, false).map_err(|_| {
        let known = Format::value_variants().iter().filter_map(Format::to_possible_value);
        let known: Vec<String> = known.map(|format| format.get_name().to_owned()).collect();
        format!("`{format}` is not a format; use one of {}", known.join(", "))
    })?;
    Ok((format, path.into()))
}

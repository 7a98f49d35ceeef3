//! The command line, as clap types and nothing else.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use jiff::civil::Date;
use regex::Regex;

use crate::finding::Threshold;
use crate::report::{DiffFormat, ExplanationFormat, Format, Leniency, ListingFormat, RulebookFormat};
use crate::target::Shard;

/// Audits the authentication settings of AWS Amplify backends.
///
/// Without a command it runs the audit: it reads audit.toml, gets the settings of every target, judges
/// them with policies and reports what it found.
#[derive(Debug, Parser)]
#[command(name = "audit", version, long_version = env!("AUDIT_VERSION"), max_term_width = 100, after_long_help = EXIT_CODES, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// The command; the audit itself where none is given.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Options of the audit.
    #[command(flatten)]
    pub run: RunArgs,
    /// Colours, of reports, messages and errors.
    ///
    /// Its word comes first. Then, in this order: no colours where `NO_COLOR` is set; colours where `CLICOLOR_FORCE` is;
    /// none where CLICOLOR is 0, TERM is dumb, or what is written to is no terminal.
    #[arg(long, value_enum, default_value_t = ColorChoice::Auto, value_name = "WHEN", global = true, help_heading = DISPLAY)]
    pub color: ColorChoice,
}

const SELECTION: &str = "Selection";
const REPORT: &str = "Report";
const EXIT_CODE: &str = "Exit code";
const DISPLAY: &str = "Display";

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
  audit --fail-on medium --target '*/prod'
  audit --shard 1/4 --output json=shard-1.json  one of four jobs
  audit --previous last.json --output json=last.json
                                      keep what was known of lost targets
  audit explain mfa/off               what a rule means, and how to fix it
  audit init --discover               a first audit.toml, from what there is";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Validate the configuration, policies and waivers, with no network.
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckArgs),
    /// Write a commented audit.toml to start from.
    #[command(after_help = INIT_EXAMPLES)]
    Init(InitArgs),
    /// Print the least-privilege IAM policy for the configuration.
    ///
    /// The JSON is what `aws iam create-policy --policy-document file://policy.json` takes: everything that the
    /// audit calls, and nothing else. It is for the credentials that read: those of the caller, or the roles that
    /// the configuration assumes. AWS's own `ReadOnlyAccess` and `SecurityAudit` are not enough: neither grants
    /// anything of `amplifybackend`.
    #[command(after_help = IAM_POLICY_EXAMPLES)]
    IamPolicy(IamPolicyArgs),
    /// List what would be audited, after discovery.
    #[command(after_help = TARGETS_EXAMPLES)]
    Targets(TargetsArgs),
    /// Write what is there as the baseline: what was agreed.
    ///
    /// Fetches the settings of every target and writes each as a document to the folder that `baseline` in `[audit]`
    /// names, as APPID/ENVIRONMENT/RESOURCE.json. The documents are for version control: with them there, `audit`
    /// reports every difference from them. Targets that cannot be read keep their files.
    #[command(after_help = SNAPSHOT_EXIT_CODES)]
    Snapshot(SnapshotArgs),
    /// Compare two targets, or two folders of documents.
    ///
    /// LEFT is what is expected, RIGHT what is. Each is a target of the configuration, a folder of documents as
    /// `audit snapshot` writes it, or one document of such a folder. What is there as a file or folder is one; anything
    /// else is a target, whose settings are fetched: APP/ENVIRONMENT/RESOURCE, parts at the end may be left out, as long
    /// as one target alone is meant. ./d1/prod is always a path, 'd1/prod/*' always a target.
    ///
    /// Two folders are compared file by file; a folder and a target by the target's file. Where no target is named,
    /// neither a configuration nor a network is needed.
    #[command(after_help = DIFF_EXIT_CODES)]
    Diff(DiffArgs),
    /// List the rules.
    ///
    /// Those that the configuration loads, disabled ones too; the built-in ones where there is no audit.toml.
    #[command(after_help = RULES_EXAMPLES)]
    Rules(RulesArgs),
    /// Explain a rule: what it means, and how to fix what it finds.
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(ExplainArgs),
    /// Print a JSON Schema, for editors and for other programs.
    ///
    /// For audit.toml: `audit schema config > audit.schema.json`, and `#:schema ./audit.schema.json` as the first line of
    /// audit.toml. Editors with a TOML language server (taplo, Even Better TOML) then complete and check the file.
    #[command(after_help = SCHEMA_EXAMPLES)]
    Schema(SchemaArgs),
    /// Run the audit (the default command).
    #[command(after_long_help = EXIT_CODES)]
    Run(RunArgs),
    /// Make one report from the JSON reports of several shards.
    ///
    /// It is the report of the whole run, in any format and with its exit code. Where a shard is missing, nothing is
    /// written.
    #[command(after_help = MERGE_EXAMPLES)]
    Merge(MergeArgs),
    /// Run the unit tests of policies.
    ///
    /// They are the `test_` rules of Rego files. Takes `.rego` files, data files (`.json`, `.yaml`, `.toml`) and folders that hold them, as `opa test` does. The
    /// helper packages `data.audit.lib.*` and the parameters `data.audit.params` are there. A test passes only if
    /// its value is `true`; `todo_test_` rules are skipped.
    #[command(after_help = TEST_EXIT_CODES)]
    Test(TestArgs),
    /// Append a waiver to audit.toml: an accepted finding, with its end.
    ///
    /// Its findings stay in every report, as waived, and do not fail the run. They count again when it ends; from thirty
    /// days before, every run says so. Everything else in the file stays as it is, comments and layout too.
    #[command(after_help = WAIVE_EXAMPLES)]
    Waive(WaiveArgs),
    /// Print a script by which a shell completes command lines.
    ///
    /// It knows commands, options and their values, and the ids of the built-in rules.
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions(CompletionsArgs),
    /// Print a page of the manual, or write all of them.
    #[command(after_help = MAN_EXAMPLES)]
    Man(ManArgs),
}

const CHECK_EXAMPLES: &str = "\
Exit codes:
  0  the configuration and its policies can be used
  2  they cannot, or wrong usage
  3  a run could find nothing: no rule is enabled, or the baseline is empty

Examples:
  audit check                         before a commit, say
  audit check --config ci/audit.toml";

const INIT_EXAMPLES: &str = "\
Examples:
  audit init                               a commented audit.toml, to be filled in
  audit init --discover                    one for what the credentials can see
  audit init --discover --region eu-west-1 --profile audit
  audit init --config ci/audit.toml --force";

const IAM_POLICY_EXAMPLES: &str = "\
Examples:
  audit iam-policy > policy.json           for the credentials that read
  audit iam-policy --account 111122223333  for one of several accounts
  audit iam-policy --caller                for those that assume the roles
  audit iam-policy --trust arn:aws:iam::444455556666:role/ci
  audit iam-policy --trust-github example/shop:main";

const TARGETS_EXAMPLES: &str = "\
Exit codes:
  0    every target is listed
  2    wrong usage, or a configuration that cannot be used
  3    incomplete: something could not be read, or there is no target
  130  interrupted

Examples:
  audit targets
  audit targets --target '*/prod'
  audit targets --format json | jq -r '.targets[].id'";

const RULES_EXAMPLES: &str = "\
Examples:
  audit rules
  audit rules --format json | jq -r '.rules[].id'";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  audit explain mfa/off
  audit explain drift/baseline";

const SCHEMA_EXAMPLES: &str = "\
Examples:
  audit schema config > audit.schema.json
  audit schema report";

const MERGE_EXAMPLES: &str = "\
Exit codes:
  those of the run, of all shards together; 2 where one is missing or unreadable

Examples:
  audit merge shard-*.json --output sarif=audit.sarif
  audit merge report.json --format human   the same report in another format";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  audit completions bash > ~/.local/share/bash-completion/completions/audit
  audit completions zsh > ~/.zfunc/_audit    with ~/.zfunc in $fpath
  audit completions fish > ~/.config/fish/completions/audit.fish";

const MAN_EXAMPLES: &str = "\
Examples:
  audit man | man -l -
  audit man snapshot | man -l -
  audit man --folder /usr/local/share/man/man1";

const SNAPSHOT_EXIT_CODES: &str = "\
Exit codes:
  0    the baseline is written; with --check: it is as it would be written
  1    with --check: it differs, or files have no target any more
  2    wrong usage, or a file that cannot be written
  3    incomplete: something could not be read; the rest is written
  130  interrupted: nothing is written

Examples:
  audit snapshot                       agree to what is there
  audit snapshot --target d1a2b3/prod  to one environment alone
  audit snapshot --check               in CI: is the baseline up to date?";

const WAIVE_EXAMPLES: &str = "\
Exit codes:
  0  the waiver was appended
  2  wrong usage, a configuration that cannot be used or written, or one that has
     this waiver already (nothing was changed)

Examples:
  audit waive oauth/loopback_redirect 'd9z8y7x6w5v4u3/dev/*' \\
    --reason 'developers sign in from localhost' --owner shop-team --until 2027-03-31
  audit waive oauth/admin_scope d1a2b3c4d5e6f7/prod --until 2027-03-31 \\
    --path '/ResourceConfig/**/OAuthScopes' --reason 'the profile page needs it'";

const DIFF_EXIT_CODES: &str = "\
Exit codes:
  0    equal
  1    different
  2    wrong usage: no such target, file or folder, or a configuration that cannot
       be used (nothing was compared)
  3    incomplete: a target or file could not be read; the rest is compared
  130  interrupted

Examples:
  audit diff d1a2b3/prod d1a2b3/staging       two environments
  audit diff baseline d1a2b3/prod             what was agreed, and what is
  audit diff main/baseline branch/baseline    two checkouts
  audit diff <(git show HEAD~1:baseline/d1a2b3/prod/auth.json) d1a2b3/prod
  audit diff baseline d1a2b3/prod --ignore '/ResourceConfig/**/RedirectSign*URIs'";

const TEST_EXIT_CODES: &str = "\
Exit codes:
  0  every test passed, and the coverage is not below --threshold
  1  a test failed or could not be evaluated, or the coverage is below --threshold
  2  wrong usage, or policies that cannot be loaded (nothing was run)
  3  nothing was tested: there is no test, --run matches none, or all are skipped

Examples:
  audit test policies
  audit test policies --run 'mfa.*test_absent' -v
  audit test policies --threshold 100 --format junit > tests.xml";

/// Options of the audit.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The configuration; the nearest audit.toml where it is left out.
    ///
    /// It is searched upwards from the current folder.
    #[arg(long, value_name = "PATH")]
    pub config: Option<PathBuf>,
    /// Only these targets; repeatable.
    ///
    /// APP/ENVIRONMENT/RESOURCE, with globs; parts at the end may be left out.
    #[arg(long, value_name = "GLOB", help_heading = SELECTION)]
    pub target: Vec<String>,
    /// Only these rules; repeatable.
    #[arg(long, value_name = "ID", help_heading = SELECTION)]
    pub rule: Vec<String>,
    /// Only one of N parts of the apps, the same on every machine.
    ///
    /// `audit merge` makes one report of the JSON reports of all parts.
    #[arg(long, value_name = "I/N", help_heading = SELECTION)]
    pub shard: Option<Shard>,
    /// What becomes of the report.
    #[command(flatten)]
    pub report: ReportArgs,
    /// The JSON report of an earlier run, to carry over from.
    ///
    /// What it found in targets that cannot be audited this time stands on, marked `carried`: code scanning does not
    /// close their alerts.
    #[arg(long, value_name = "REPORT.json", help_heading = REPORT)]
    pub previous: Option<PathBuf>,
    /// The severity that fails the run; high by default.
    ///
    /// An open finding at or above it makes the exit code 1. It wins over `fail-on` of audit.toml.
    #[arg(long, value_enum, value_name = "SEVERITY", help_heading = EXIT_CODE)]
    pub fail_on: Option<Threshold>,
    /// What is said meanwhile.
    #[command(flatten)]
    pub talk: TalkArgs,
}

/// What is said on standard error.
#[derive(Debug, Args)]
pub struct TalkArgs {
    /// Say nothing on standard error but errors.
    #[arg(long, short, conflicts_with = "verbose", help_heading = DISPLAY)]
    pub quiet: bool,
    /// Say more on standard error; -vv still more.
    ///
    /// A line a target, and with -vv a line an attempt.
    #[arg(long, short, action = ArgAction::Count, help_heading = DISPLAY)]
    pub verbose: u8,
    /// Do not show how far the run is.
    ///
    /// Neither in a line on a terminal nor, with --verbose, in one every ten seconds elsewhere.
    #[arg(long, help_heading = DISPLAY)]
    pub no_progress: bool,
}

/// Options of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The configuration; the nearest audit.toml where it is left out.
    ///
    /// It is searched upwards from the current folder.
    #[arg(long, value_name = "PATH")]
    pub config: Option<PathBuf>,
}

/// Options of `targets`.
#[derive(Debug, Args)]
pub struct TargetsArgs {
    /// The configuration; the nearest audit.toml where it is left out.
    ///
    /// It is searched upwards from the current folder.
    #[arg(long, value_name = "PATH")]
    pub config: Option<PathBuf>,
    /// What goes to standard output.
    #[arg(long, value_enum, default_value_t = ListingFormat::Table)]
    pub format: ListingFormat,
    /// Only these targets; repeatable.
    ///
    /// APP/ENVIRONMENT/RESOURCE, with globs; parts at the end may be left out.
    #[arg(long, value_name = "GLOB", help_heading = SELECTION)]
    pub target: Vec<String>,
    /// Only one of N parts of the apps, the same on every machine.
    #[arg(long, value_name = "I/N", help_heading = SELECTION)]
    pub shard: Option<Shard>,
    /// Do not exit with 3 where something could not be read.
    #[arg(long, help_heading = EXIT_CODE)]
    pub allow_incomplete: bool,
    /// What is said meanwhile.
    #[command(flatten)]
    pub talk: TalkArgs,
}

/// Options of `snapshot`.
#[derive(Debug, Args)]
pub struct SnapshotArgs {
    /// The configuration; the nearest audit.toml where it is left out.
    ///
    /// It is searched upwards from the current folder.
    #[arg(long, value_name = "PATH")]
    pub config: Option<PathBuf>,
    /// Write nothing, and exit with 1 where the baseline differs from what is there.
    #[arg(long, conflicts_with = "prune")]
    pub check: bool,
    /// Remove files whose target is gone.
    #[arg(long)]
    pub prune: bool,
    /// Only these targets; repeatable.
    ///
    /// APP/ENVIRONMENT/RESOURCE, with globs; parts at the end may be left out.
    #[arg(long, value_name = "GLOB", help_heading = SELECTION)]
    pub target: Vec<String>,
    /// Do not exit with 3 where something could not be read.
    #[arg(long, help_heading = EXIT_CODE)]
    pub allow_incomplete: bool,
    /// What is said meanwhile.
    #[command(flatten)]
    pub talk: TalkArgs,
}

/// Options of `diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// What is expected: a target, a folder of documents, or a document.
    #[arg(value_name = "LEFT")]
    pub left: OsString,
    /// What is: a target, a folder of documents, or a document.
    #[arg(value_name = "RIGHT")]
    pub right: OsString,
    /// The configuration of the targets; the nearest audit.toml where it is left out.
    #[arg(long, value_name = "PATH")]
    pub config: Option<PathBuf>,
    /// What may differ: a JSON pointer, with everything below it; globs; repeatable.
    #[arg(long, value_name = "POINTER-GLOB")]
    pub ignore: Vec<String>,
    /// What goes to standard output.
    #[arg(long, value_enum, default_value_t = DiffFormat::Human)]
    pub format: DiffFormat,
    /// Do not exit with 3 where something could not be read, unless nothing could be compared.
    #[arg(long, help_heading = EXIT_CODE)]
    pub allow_incomplete: bool,
    /// What is said meanwhile.
    #[command(flatten)]
    pub talk: TalkArgs,
}

/// Options of `rules`.
#[derive(Debug, Args)]
pub struct RulesArgs {
    /// The configuration; the nearest audit.toml where it is left out.
    ///
    /// It is searched upwards from the current folder.
    #[arg(long, value_name = "PATH")]
    pub config: Option<PathBuf>,
    /// What goes to standard output.
    #[arg(long, value_enum, default_value_t = RulebookFormat::Table)]
    pub format: RulebookFormat,
}

/// Options of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The id of the rule, for example mfa/off; `audit rules` lists them.
    #[arg(value_name = "RULE")]
    pub rule: String,
    /// The configuration; the nearest audit.toml where it is left out.
    ///
    /// It is searched upwards from the current folder.
    #[arg(long, value_name = "PATH")]
    pub config: Option<PathBuf>,
    /// What goes to standard output.
    #[arg(long, value_enum, default_value_t = ExplanationFormat::Human)]
    pub format: ExplanationFormat,
}

/// Options of `schema`.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Of what.
    #[arg(value_enum, value_name = "WHAT")]
    pub of: Described,
    /// What goes to standard output; Markdown of the configuration alone.
    #[arg(long, value_enum, default_value_t = SchemaFormat::Json)]
    pub format: SchemaFormat,
}

/// The formats of schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaFormat {
    /// JSON Schema.
    Json,
    /// A page that explains every key.
    Markdown,
}

/// What there is a JSON Schema of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Described {
    /// audit.toml.
    Config,
    /// The document of a target, which policies read as `input`.
    Document,
    /// The report of `--format json`.
    Report,
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
    #[arg(long, value_enum, default_value_t = Format::Human, help_heading = REPORT)]
    pub format: Format,
    /// A file besides standard output; repeatable.
    ///
    /// Each is written whole or not at all. Folders of it that are missing are made. The format may be left out where
    /// the name of the file tells it: `--output audit.sarif`.
    #[arg(long, value_name = "FORMAT=PATH", value_parser = output, help_heading = REPORT)]
    pub output: Vec<ReportFile>,
    /// Do not exit with 3 where something is unaudited.
    #[arg(long, help_heading = EXIT_CODE)]
    pub allow_incomplete: bool,
    /// Exit with 0 in place of 1.
    #[arg(long, help_heading = EXIT_CODE)]
    pub exit_zero: bool,
    /// SARIF: with waived findings, suppressed.
    #[arg(long, help_heading = REPORT)]
    pub include_waived: bool,
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
    /// The configuration; the nearest audit.toml where it is left out.
    ///
    /// It is searched upwards from the current folder.
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

/// Options of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// Of which shell.
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: Shell,
}

/// Options of `man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Of this command; of the program where it is left out.
    #[arg(value_name = "COMMAND", conflicts_with = "folder")]
    pub command: Option<String>,
    /// Write all pages to this folder: audit.1, audit-check.1 and so on.
    #[arg(long, value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

/// Options of `test`.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// Rego and data files, or folders that hold them; the `paths` of `[policies]` where none is given.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The configuration whose parameters the tests see; the nearest audit.toml where it is left out.
    ///
    /// It is searched upwards from the current folder. Without any the tests see those of the profile `recommended`.
    #[arg(long, value_name = "PATH")]
    pub config: Option<PathBuf>,
    /// Show every test, with its duration and what it prints.
    #[arg(long, short)]
    pub verbose: bool,
    /// Only tests whose name (`data.package.test_name`) this matches.
    #[arg(long, short, value_name = "REGEX")]
    pub run: Option<Regex>,
    /// Show which lines of the policies the tests reach.
    #[arg(long)]
    pub coverage: bool,
    /// Fail where the tests reach less than this of all lines; turns --coverage on.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub threshold: Option<f64>,
    /// How long one test may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
    /// What goes to standard output.
    #[arg(long, value_enum, default_value_t = TestFormat::Human)]
    pub format: TestFormat,
}

/// Options of `waive`.
#[derive(Debug, Args)]
pub struct WaiveArgs {
    /// The id of the rule, for example mfa/off; `audit rules` lists them.
    #[arg(value_name = "RULE")]
    pub rule: String,
    /// The targets: a glob APP/ENVIRONMENT/RESOURCE, parts at the end may be left out.
    #[arg(value_name = "TARGET")]
    pub target: String,
    /// Why the finding is accepted.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub reason: String,
    /// The last day on which it holds, for example 2027-03-31.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub until: Date,
    /// Who accepts it.
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,
    /// Only at this place of the document: a glob of JSON pointers.
    #[arg(long, value_name = "GLOB")]
    pub path: Option<String>,
    /// The configuration; the nearest audit.toml where it is left out.
    ///
    /// It is searched upwards from the current folder.
    #[arg(long, value_name = "PATH")]
    pub config: Option<PathBuf>,
}

/// The formats of test results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TestFormat {
    /// For people.
    Human,
    /// Everything, for programs.
    Json,
    /// For CI servers: `JUnit`'s XML.
    Junit,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless the environment says otherwise.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// A report besides that of standard output.
#[derive(Debug, Clone)]
pub struct ReportFile {
    /// What it is.
    pub format: Format,
    /// Where it goes.
    pub path: PathBuf,
    /// Whether the format was not given, and is what the name of the file tells.
    pub is_inferred: bool,
}

fn output(text: &str) -> Result<ReportFile, String> {
    let format_of = |name: &str| Format::from_str(name, false);
    let given = text.split_once('=');
    if let (None, Some((format, path))) = (given, text.split_once(':'))
        && format_of(format).is_ok()
    {
        return Err(format!("write it as FORMAT=PATH: {format}={path}"));
    }
    let (format, path) = given
        .or_else(|| Some((named_by(text)?, text)))
        .ok_or("write it as FORMAT=PATH, for example sarif=audit.sarif")?;
    if path.is_empty() || path == "-" {
        return Err("the path is missing; what goes to standard output is chosen with --format".to_owned());
    }
    let format = format_of(format).map_err(|_| {
        let known = Format::value_variants().iter().filter_map(Format::to_possible_value);
        let known: Vec<String> = known.map(|format| format.get_name().to_owned()).collect();
        format!("`{format}` is not a format; use one of {}", known.join(", "))
    })?;
    Ok(ReportFile { format, path: path.into(), is_inferred: given.is_none() })
}

/// The format that the name of a file tells.
fn named_by(path: &str) -> Option<&'static str> {
    let (_, extension) = path.rsplit_once('.')?;
    match extension.to_ascii_lowercase().as_str() {
        "sarif" => Some("sarif"),
        "json" if path.to_ascii_lowercase().ends_with(".sarif.json") => Some("sarif"),
        "json" => Some("json"),
        "xml" => Some("junit"),
        "md" => Some("markdown"),
        "html" => Some("html"),
        _ => None,
    }
}

/// A date as TOML writes it; jiff reads other spellings, and dates with a time, too.
fn day(text: &str) -> Result<Date, String> {
    text.parse()
        .ok()
        .filter(|date: &Date| date.to_string() == text && date.year() >= 0)
        .ok_or_else(|| "it must be a day, written like 2027-03-31".to_owned())
}

fn percent(text: &str) -> Result<f64, String> {
    let percent: f64 =
        text.strip_suffix('%').unwrap_or(text).parse().map_err(|_| "not a number".to_owned())?;
    if (0.0..=100.0).contains(&percent) {
        Ok(percent)
    } else {
        Err("it must be between 0 and 100".to_owned())
    }
}

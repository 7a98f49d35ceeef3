//! The command line, as clap types and nothing else; what `--help` adds and how values are read stand beside them.

mod help;
mod value;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
use jiff::civil::Date;
use regex::Regex;

pub use self::value::ReportFile;
use crate::finding::Threshold;
use crate::report::{DiffFormat, ExplanationFormat, Format, Leniency, ListingFormat, RulebookFormat};
use crate::target::Shard;

/// Audits the authentication settings of AWS Amplify backends.
///
/// Without a command it runs the audit: it reads audit.toml, gets the settings of every target, judges
/// them with policies and reports what it found.
#[derive(Debug, Parser)]
#[command(name = "audit", version, long_version = env!("AUDIT_VERSION"), max_term_width = 100, after_long_help = help::RUN, args_conflicts_with_subcommands = true)]
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
    /// none where `CLICOLOR` is 0, `TERM` is dumb, or what is written to is no terminal.
    #[arg(long, value_enum, default_value_t = ColorChoice::Auto, value_name = "WHEN", global = true, help_heading = DISPLAY)]
    pub color: ColorChoice,
}

const SELECTION: &str = "Selection";
const REPORT: &str = "Report";
const EXIT_CODE: &str = "Exit code";
const DISPLAY: &str = "Display";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Validate the configuration, policies and waivers, with no network.
    #[command(after_help = help::CHECK)]
    Check(CheckArgs),
    /// Write a commented audit.toml to start from.
    #[command(after_help = help::INIT)]
    Init(InitArgs),
    /// Print the least-privilege IAM policy for the configuration.
    ///
    /// The JSON is what `aws iam create-policy --policy-document file://policy.json` takes: everything that the
    /// audit calls, and nothing else. It is for the credentials that read: those of the caller, or the roles that
    /// the configuration assumes. AWS's own `ReadOnlyAccess` and `SecurityAudit` are not enough: neither grants
    /// anything of `amplifybackend`.
    #[command(after_help = help::IAM_POLICY)]
    IamPolicy(IamPolicyArgs),
    /// List what would be audited, after discovery.
    #[command(after_help = help::TARGETS)]
    Targets(TargetsArgs),
    /// Write what is there as the baseline: what was agreed.
    ///
    /// Fetches the settings of every target and writes each as a document to the folder that `baseline` in `[audit]`
    /// names, as APPID/ENVIRONMENT/RESOURCE.json. The documents are for version control: with them there, `audit`
    /// reports every difference from them. Targets that cannot be read keep their files.
    #[command(after_help = help::SNAPSHOT)]
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
    #[command(after_help = help::DIFF)]
    Diff(DiffArgs),
    /// List the rules.
    ///
    /// Those that the configuration loads, disabled ones too; the built-in ones where there is no audit.toml.
    #[command(after_help = help::RULES)]
    Rules(RulesArgs),
    /// Explain a rule: what it means, and how to fix what it finds.
    #[command(after_help = help::EXPLAIN)]
    Explain(ExplainArgs),
    /// Print a JSON Schema, for editors and for other programs.
    ///
    /// For audit.toml: `audit schema config > audit.schema.json`, and `#:schema ./audit.schema.json` as the first line of
    /// audit.toml. Editors with a TOML language server (taplo, Even Better TOML) then complete and check the file.
    #[command(after_help = help::SCHEMA)]
    Schema(SchemaArgs),
    /// Run the audit (the default command).
    #[command(after_long_help = help::RUN)]
    Run(RunArgs),
    /// Make one report from the JSON reports of several shards.
    ///
    /// It is the report of the whole run, in any format and with its exit code. Where a shard is missing, nothing is
    /// written.
    #[command(after_help = help::MERGE)]
    Merge(MergeArgs),
    /// Run the unit tests of policies.
    ///
    /// They are the `test_` rules of Rego files. Takes `.rego` files, data files (`.json`, `.yaml`, `.toml`) and folders that hold them, as `opa test` does. The
    /// helper packages `data.audit.lib.*` and the parameters `data.audit.params` are there. A test passes only if
    /// its value is `true`; `todo_test_` rules are skipped.
    #[command(after_help = help::TEST)]
    Test(TestArgs),
    /// Append a waiver to audit.toml: an accepted finding, with its end.
    ///
    /// Its findings stay in every report, as waived, and do not fail the run. They count again when it ends; from thirty
    /// days before, every run says so. Everything else in the file stays as it is, comments and layout too.
    #[command(after_help = help::WAIVE)]
    Waive(WaiveArgs),
    /// Print a script by which a shell completes command lines.
    ///
    /// It knows commands, options and their values, and the ids of the built-in rules.
    #[command(after_help = help::COMPLETIONS)]
    Completions(CompletionsArgs),
    /// Print a page of the manual, or write all of them.
    #[command(after_help = help::MAN)]
    Man(ManArgs),
}

/// Options of the audit.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The configuration; the nearest audit.toml where it is left out.
    ///
    /// It is searched upwards from the current folder.
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
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
    #[arg(long, value_name = "REPORT.json", value_hint = ValueHint::FilePath, help_heading = REPORT)]
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
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
}

/// Options of `targets`.
#[derive(Debug, Args)]
pub struct TargetsArgs {
    /// The configuration; the nearest audit.toml where it is left out.
    ///
    /// It is searched upwards from the current folder.
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
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
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
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
    #[arg(value_name = "LEFT", value_hint = ValueHint::AnyPath)]
    pub left: OsString,
    /// What is: a target, a folder of documents, or a document.
    #[arg(value_name = "RIGHT", value_hint = ValueHint::AnyPath)]
    pub right: OsString,
    /// The configuration of the targets; the nearest audit.toml where it is left out.
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
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
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
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
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
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
    #[arg(value_name = "REPORT.json", value_hint = ValueHint::FilePath, required = true)]
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
    #[arg(long, value_name = "FORMAT=PATH", value_hint = ValueHint::FilePath, value_parser = value::output, help_heading = REPORT)]
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
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
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
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
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
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
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
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
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
    #[arg(long, value_name = "PERCENT", value_parser = value::percent)]
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
    #[arg(long, value_name = "DATE", value_parser = value::day)]
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
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
}

/// The formats of test results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TestFormat {
    /// For people.
    Human,
    /// Everything, for programs.
    Json,
    /// For CI servers: JUnit's XML.
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

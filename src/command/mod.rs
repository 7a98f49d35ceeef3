//! One file a subcommand, and the rooms that they share:
//!
//! - `configuration`: audit.toml and the policies, found and read, with every mistake in them.
//! - `pipeline`: from sources to what became of all targets.
//! - `output`: what is written and printed.
//! - `surroundings`: clock, environment, terminal, signals and threads, which enter here and in `main`.

mod check;
mod completions;
mod configuration;
mod diff;
mod explain;
mod iam_policy;
pub mod init;
mod man;
mod merge;
mod output;
pub mod pipeline;
mod rules;
mod run;
mod schema;
mod snapshot;
mod surroundings;
mod targets;
mod test;
mod waive;

use std::path::PathBuf;
use std::process::{ExitCode, Termination};
use std::sync::Arc;

use miette::{Diagnostic, Report};

pub use configuration::Mistake;
pub use output::Problems;
pub use run::run;
pub use snapshot::InTheWay;
pub use surroundings::{arguments, colors, with_room};

use crate::cli::{Cli, Command};
use crate::config::ConfigError;
use crate::report::{MergeError, ReadError};

/// How the program ends. The codes are the contract's; see `audit --help`.
#[derive(Debug)]
pub enum Exit {
    /// A run came to its end; the code is the report's.
    Reported(u8),
    /// Nothing was audited, or its report could not be written.
    Unusable(Report),
    /// The command line asked for its own description, or made no sense; the code is clap's.
    Said(i32),
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        match self {
            Self::Reported(code) => ExitCode::from(code),
            Self::Unusable(_) => ExitCode::from(2),
            // Clap has 0 and 2.
            Self::Said(code) => ExitCode::from(u8::from(code != 0) * 2),
        }
    }
}

/// Runs the command that was asked for.
#[must_use]
pub fn dispatch(cli: Cli) -> Exit {
    let ended = match cli.command {
        Some(Command::Check(args)) => check::check(&args),
        Some(Command::IamPolicy(args)) => iam_policy::iam_policy(&args),
        Some(Command::Init(args)) => init::init(&args),
        Some(Command::Targets(args)) => targets::targets(&args),
        Some(Command::Rules(args)) => rules::rules(&args),
        Some(Command::Explain(args)) => explain::explain(&args),
        Some(Command::Schema(args)) => schema::schema(&args),
        Some(Command::Run(args)) => run(&args),
        Some(Command::Merge(args)) => merge::merge(&args),
        Some(Command::Snapshot(args)) => snapshot::snapshot(&args),
        Some(Command::Diff(args)) => diff::diff(&args),
        Some(Command::Test(args)) => test::test(&args),
        Some(Command::Waive(args)) => waive::waive(&args),
        Some(Command::Completions(args)) => completions::completions(&args),
        Some(Command::Man(args)) => man::man(&args),
        None => run(&cli.run),
    };
    match ended {
        Ok(code) => Exit::Reported(code),
        Err(error) => Exit::Unusable(error.into()),
    }
}

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum CommandError {
    /// There is no configuration.
    #[error("there is no audit.toml in {} or above it", folder.display())]
    #[diagnostic(help(
        "`audit init` writes one to start from, `audit init --discover` one for what your credentials can see; --config names one elsewhere"
    ))]
    NoConfig {
        /// Where the search began.
        folder: PathBuf,
    },
    /// The configuration cannot be read.
    #[error("cannot read {}", path.display())]
    #[diagnostic(help(
        "name a readable audit.toml with --config, or let `audit init` or `audit init --discover` write one"
    ))]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The configuration cannot be used.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Config(#[from] ConfigError),
    /// The policies cannot be used, and it may be that the configuration cannot either.
    #[error("{}", configuration::mistake::unusable(problems))]
    Policies {
        /// The problems, as many as one reads.
        #[related]
        problems: Vec<Mistake>,
    },
    /// Reports cannot be read.
    #[error("{}", if problems.len() == 1 { "a report cannot be used" } else { "some reports cannot be used" })]
    Reports {
        /// Every problem.
        #[related]
        problems: Vec<ReadError>,
    },
    /// Reports are not those of one run.
    #[error("the reports cannot be merged")]
    Unmergeable {
        /// Every problem.
        #[related]
        problems: Vec<MergeError>,
    },
    /// An argument of the command line is wrong.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// A report cannot be written.
    #[error("cannot write {name}")]
    #[diagnostic(help("the report is lost: this run says nothing about the targets"))]
    Output {
        /// The file, or standard output.
        name: Arc<str>,
        /// Why.
        source: std::io::Error,
    },
    /// Files of the baseline are in the way of others.
    #[error("the baseline cannot be written: nothing was")]
    Baseline {
        /// Every one.
        #[related]
        problems: Vec<InTheWay>,
    },
    /// A file that must not be replaced is there.
    #[error("{} is there already", path.display())]
    #[diagnostic(help("--force replaces it, --config names another place"))]
    Exists {
        /// Which file.
        path: PathBuf,
    },
    /// What a command has to say cannot be written.
    #[error("cannot write {name}")]
    Unwritable {
        /// The file, or standard output.
        name: Arc<str>,
        /// Why.
        source: std::io::Error,
    },
    /// The asynchronous runtime cannot be started.
    #[error("cannot start fetching")]
    Runtime {
        /// Why.
        source: std::io::Error,
    },
}

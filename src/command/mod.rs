//! One file a subcommand. Clock, environment and terminal enter here and in `main`.

mod interrupt;
mod output;
pub mod pipeline;
mod run;
mod surroundings;

use std::path::PathBuf;
use std::process::{ExitCode, Termination};
use std::sync::Arc;

use miette::{Diagnostic, Report};

pub use run::run;
pub use surroundings::colors;

use crate::cli::{Cli, Command};
use crate::config::ConfigError;
use crate::policy::PolicyError;

/// How the program ends. The codes are the contract's; see `audit --help`.
#[derive(Debug)]
pub enum Exit {
    /// A run came to its end; the code is the report's.
    Reported(u8),
    /// Nothing was audited, or its report could not be written.
    Unusable(Report),
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        match self {
            Self::Reported(code) => ExitCode::from(code),
            Self::Unusable(_) => ExitCode::from(2),
        }
    }
}

/// Runs the command that was asked for.
#[must_use]
pub fn dispatch(cli: Cli) -> Exit {
    let run_args = match cli.command {
        Some(Command::Run(args)) => args,
        None => cli.run,
    };
    match run(&run_args) {
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
        "name one with --config, or try `audit --config examples/audit.toml` in the repository of audit"
    ))]
    NoConfig {
        /// Where the search began.
        folder: PathBuf,
    },
    /// The configuration cannot be read.
    #[error("cannot read {}", path.display())]
    #[diagnostic(help("name a readable audit.toml with --config"))]
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
    /// The policies cannot be used.
    #[error("the policies cannot be used")]
    Policies {
        /// Every problem.
        #[related]
        problems: Vec<PolicyError>,
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
    /// The asynchronous runtime cannot be started.
    #[error("cannot start fetching")]
    Runtime {
        /// Why.
        source: std::io::Error,
    },
}

//! `audit test`: the unit tests of policies, and what came of them.

mod human;
mod json;
mod junit;
mod verdict;

use std::path::PathBuf;
use std::time::Duration;

use super::configuration::{self, Loaded};
use super::{CommandError, output, surroundings};
use crate::cli::{TestArgs, TestFormat};
use crate::config::PolicyPath;
use crate::policy::Library;
use crate::policy::unit_tests::{self, TestRequest};
use crate::progress::{Display, Progress, Verbosity};
use verdict::Verdict;

/// Runs the tests, says how they ended, and returns the exit code.
///
/// # Errors
/// Where there is nothing to test, or the policies cannot be loaded.
pub(super) fn test(args: &TestArgs) -> Result<u8, CommandError> {
    let Loaded { config, repository, .. } = configuration::load_to_test(args.config.as_deref())?;
    let mut packs = config.policies.packs;
    if !args.paths.is_empty() {
        packs.paths = given(&args.paths)?;
    }
    if packs.paths.is_empty() {
        return Err(CommandError::Usage {
            message: "there is nothing to test".to_owned(),
            help: Some(
                "give the files or folders of your policies, `audit test policies`, or name them in audit.toml: paths = [\"policies\"] in [policies]"
                    .to_owned(),
            ),
        });
    }
    let library = Library::of_tests(&packs, &repository);
    let run = unit_tests::test(
        &library,
        &TestRequest {
            params: &config.policies.params,
            only: args.run.as_ref(),
            time_limit: Duration::from_secs(args.timeout),
            with_coverage: args.coverage || args.threshold.is_some(),
        },
    )
    .map_err(|problems| CommandError::unusable(None, problems))?;
    let places: Vec<&str> = packs.paths.iter().map(|path| path.written.as_str()).collect();
    let verdict = Verdict::new(&run, args, &places);
    let written = output::to_stdout(|style, out| match args.format {
        TestFormat::Human => human::write(&verdict, args.verbose, style, out),
        TestFormat::Json => json::write(&verdict, out),
        TestFormat::Junit => junit::write(&verdict, out),
    });
    written.map_err(|source| CommandError::Unwritable { name: "standard output".into(), source })?;
    if args.format != TestFormat::Human {
        // Whoever reads the log of a job should see why it failed, and not only the code.
        let notice = Progress::new(Verbosity::Normal, Display::Nothing);
        for complaint in verdict.complaints() {
            notice.say(complaint);
        }
    }
    Ok(verdict.exit_code())
}

/// Paths of the command line.
fn given(paths: &[PathBuf]) -> Result<Vec<PolicyPath>, CommandError> {
    let folder = surroundings::folder()
        .map_err(|source| CommandError::Unreadable { path: PathBuf::from("."), source })?;
    let of =
        |path: &PathBuf| PolicyPath { written: path.to_string_lossy().into_owned(), path: folder.join(path) };
    Ok(paths.iter().map(of).collect())
}

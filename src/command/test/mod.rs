//! `audit test`: the unit tests of policies, and what came of them.

mod human;
mod json;
mod junit;
mod verdict;

use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use super::configuration;
use super::{CommandError, output, surroundings};
use crate::cli::{TestArgs, TestFormat};
use crate::policy::unit_tests::{self, TestRequest};
use crate::progress::{Display, Progress, Verbosity};
use crate::report::Style;
use verdict::Verdict;

/// Runs the tests, says how they ended, and returns the exit code.
///
/// # Errors
/// Where there is nothing to test, or the policies cannot be loaded.
pub(super) fn test(args: &TestArgs) -> Result<u8, CommandError> {
    if args.paths.is_empty() {
        return Err(CommandError::Usage {
            message: "there is nothing to test".to_owned(),
            help: Some("give the files or folders of your policies: `audit test policies`".to_owned()),
        });
    }
    let run = unit_tests::test(&TestRequest {
        paths: &args.paths,
        params: &params(args.config.as_ref())?,
        only: args.run.as_ref(),
        time_limit: Duration::from_secs(args.timeout),
        with_coverage: args.coverage || args.threshold.is_some(),
    })
    .map_err(|problems| CommandError::unusable(None, problems))?;
    let verdict = Verdict::new(&run, args);
    let written = output::to_stdout(args.color, |color, out| {
        let style = Style { color, width: surroundings::width(), include_waived: false };
        match args.format {
            TestFormat::Human => human::write(&verdict, args.verbose, &style, out),
            TestFormat::Json => json::write(&verdict, out),
            TestFormat::Junit => junit::write(&verdict, out),
        }
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

/// The parameters of the configuration, if there is one, else those of the default profile.
fn params(config: Option<&PathBuf>) -> Result<Value, CommandError> {
    Ok(configuration::load_or_default(config.map(PathBuf::as_path))?.config.policies.params)
}

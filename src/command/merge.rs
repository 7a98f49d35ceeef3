//! `audit merge`: one report from the JSON reports of the shards of one run.

use std::fs;
use std::path::Path;

use super::CommandError;
use super::output::{Outputs, place};
use crate::cli::MergeArgs;
use crate::progress::Progress;
use crate::report::{self, ReadError, Stored};

/// Merges the reports, writes the whole and returns its exit code.
///
/// # Errors
/// Every report that cannot be used, or everything that keeps them from being one run.
pub(super) fn merge(args: &MergeArgs) -> Result<u8, CommandError> {
    let read_from: Vec<_> = args.reports.iter().map(|path| place(path)).collect();
    let outputs = Outputs::open(&args.report, |path, _| {
        read_from.iter().any(|report| report == path).then(|| "it is one of the reports to merge".to_owned())
    })?;
    let mut files = Vec::new();
    let mut problems = Vec::new();
    for path in &args.reports {
        match read(path) {
            Ok(file) => files.push(file),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(CommandError::Reports { problems });
    }
    let report = report::merge(files, args.report.leniency())
        .map_err(|problems| CommandError::Unmergeable { problems })?;
    outputs.write(&report, &Progress::default())?;
    Ok(report.summary().exit_code)
}

/// Reads a JSON report.
pub(super) fn read(path: &Path) -> Result<Stored, ReadError> {
    let file = path.to_string_lossy();
    let bytes = fs::read(path).map_err(|error| ReadError::new(&file, &error))?;
    Stored::parse(&file, &bytes)
}

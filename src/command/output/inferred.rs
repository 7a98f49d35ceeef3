//! `--output FILE`, whose name tells the format: it replaces a report, and nothing that somebody wrote.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use clap::ValueEnum;
use regex::Regex;

use crate::cli::ReportFile;
use crate::command::CommandError;
use crate::report::Format;
use crate::untrusted::printable;

/// Where a file is there that is no report, and no format was given that says it is meant.
pub(super) fn not_ours(file: &ReportFile) -> Option<CommandError> {
    let ReportFile { format, path, is_inferred } = file;
    if !is_inferred || !path.is_file() || is_report(*format, path) {
        return None;
    }
    let format = format.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    let path = path.display().to_string();
    let path = printable(&path);
    Some(CommandError::Usage {
        message: format!("{path} is there already, and does not look like a report of audit"),
        help: Some(format!(
            "give the report a place of its own; `--output {format}={path}` replaces the file"
        )),
    })
}

/// Whether a file is empty, or begins as a report of this format does, with whatever blanks. One that cannot be read is
/// not.
fn is_report(format: Format, path: &Path) -> bool {
    let beginning = match format {
        Format::Sarif => {
            r#"\A\{\s*"\$schema":\s*"[^"]*",\s*"version":\s*"2.1.0",\s*"runs":\s*\[\s*\{\s*"tool":\s*\{\s*"driver":\s*\{\s*"name":\s*"audit","#
        }
        Format::Json => {
            r#"\A\{\s*"version":\s*\d+,\s*"tool":\s*\{\s*"name":\s*"audit",\s*"version":\s*"[^"]*"\s*\},\s*"started_at":"#
        }
        Format::Junit => {
            r#"\A<\?xml[^>]*>\s*<testsuites name="audit"[^>]*>\s*<testsuite name="audit"[^>]*>\s*<testcase classname="audit" name="the run as a whole""#
        }
        Format::Markdown => r"\A## audit: (?:passed|failed|incomplete|interrupted)\s",
        Format::Html => {
            r"(?s)\A<!DOCTYPE html>.{0,2000}<title>(?:passed|failed|incomplete|interrupted) – audit: "
        }
        // No name tells these.
        Format::Human | Format::Github => return false,
    };
    let mut text = Vec::new();
    let read = File::open(path).and_then(|file| file.take(4096).read_to_end(&mut text));
    let text = String::from_utf8_lossy(&text);
    read.is_ok() && (text.is_empty() || Regex::new(beginning).is_ok_and(|sign| sign.is_match(&text)))
}

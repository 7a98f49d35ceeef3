//! `--output FILE`, whose name tells the format: it replaces a report, and nothing that somebody wrote.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use clap::ValueEnum;

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

/// Whether a file is empty, or begins as a report of this format does. One that cannot be read is not.
fn is_report(format: Format, path: &Path) -> bool {
    let mut beginning = Vec::new();
    let read = File::open(path).and_then(|file| file.take(4096).read_to_end(&mut beginning));
    let text = String::from_utf8_lossy(&beginning);
    let sign = match format {
        // No one writes these by hand, and another tool's is named for that tool.
        Format::Sarif => "sarif",
        Format::Json => "\"tool\": {\n    \"name\": \"audit\"",
        Format::Junit => "<testsuites name=\"audit\"",
        Format::Markdown => "## audit: ",
        Format::Html => " – audit: ",
        // No name tells these.
        Format::Human | Format::Github => return false,
    };
    read.is_ok() && (text.is_empty() || text.contains(sign))
}

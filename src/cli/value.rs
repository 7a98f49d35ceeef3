//! What values of options are read into, and how.

use std::path::PathBuf;

use clap::ValueEnum;
use jiff::civil::Date;

use crate::report::Format;
use crate::untrusted::printable;

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

pub(super) fn output(text: &str) -> Result<ReportFile, String> {
    let format_of = |name: &str| Format::from_str(name, false);
    let given = text.split_once('=');
    if let (None, Some((format, path))) = (given, text.split_once(':'))
        && format_of(format).is_ok()
    {
        return Err(printable(&format!("write it as FORMAT=PATH: {format}={path}")).into_owned());
    }
    let (format, path) = given
        .or_else(|| Some((named_by(text)?, text)))
        .ok_or("write it as FORMAT=PATH, for example sarif=audit.sarif")?;
    if path.is_empty() || path == "-" {
        return Err("the path is missing; what goes to standard output is chosen with --format".to_owned());
    }
    if let Some(rest) = path.strip_prefix("~/") {
        let rest = printable(rest);
        return Err(format!(
            "the shell did not expand `~`: write $HOME/{rest}, or ./~/{rest} where it is a folder"
        ));
    }
    let format = format_of(format).map_err(|_| {
        let known = Format::value_variants().iter().filter_map(Format::to_possible_value);
        let known: Vec<String> = known.map(|format| format.get_name().to_owned()).collect();
        format!("`{}` is not a format; use one of {}", printable(format), known.join(", "))
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
pub(super) fn day(text: &str) -> Result<Date, String> {
    text.parse()
        .ok()
        .filter(|date: &Date| date.to_string() == text && date.year() >= 0)
        .ok_or_else(|| "it must be a day, written like 2027-03-31".to_owned())
}

pub(super) fn percent(text: &str) -> Result<f64, String> {
    let percent: f64 =
        text.strip_suffix('%').unwrap_or(text).parse().map_err(|_| "not a number".to_owned())?;
    if (0.0..=100.0).contains(&percent) {
        Ok(percent)
    } else {
        Err("it must be between 0 and 100".to_owned())
    }
}

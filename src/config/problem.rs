//! Problems of audit.toml: each at its place, all at once.

use std::ops::Range;
use std::sync::Arc;

use jiff::civil::Date;
use miette::{Diagnostic, NamedSource, SourceSpan};
use regex::Regex;

use super::masked::masked;
use crate::suggestion::nearest;
use crate::untrusted::printable;

/// How a date is written.
pub(super) const DATE: &str = "for example: expires = 2027-03-31";

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{file} cannot be used")]
pub struct ConfigError {
    file: Arc<str>,
    #[source_code]
    text: NamedSource<String>,
    #[related]
    problems: Vec<Problem>,
}

impl ConfigError {
    /// The problems of `text`, in the order of the file. Values that look like secrets are masked in
    /// what is kept of the text.
    pub(super) fn new(file: Arc<str>, text: &str, mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|problem| (problem.at.offset(), problem.at.len()));
        problems.dedup_by(|a, b| a.at == b.at && a.message == b.message);
        let text = NamedSource::new(&file, masked(text)).with_language("toml");
        Self { file, text, problems }
    }

    /// The messages, in the order of the file.
    #[must_use]
    pub fn messages(&self) -> Vec<&str> {
        self.problems.iter().map(|problem| problem.message.as_str()).collect()
    }
}

/// One problem at one place.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{message}")]
pub(super) struct Problem {
    message: String,
    #[help]
    help: Option<String>,
    #[label]
    at: SourceSpan,
}

impl Problem {
    pub(super) fn new(at: Range<usize>, message: impl Into<String>) -> Self {
        Self { message: printable(&message.into()).into_owned(), help: None, at: at.into() }
    }

    pub(super) fn is_within(&self, span: &Range<usize>) -> bool {
        span.start <= self.at.offset() && self.at.offset() + self.at.len() <= span.end
    }

    /// Whether it is that something is missing in the file.
    pub(super) fn is_of_file(&self) -> bool {
        (self.at.offset(), self.at.len()) == (0, 0)
    }

    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The best of `known` that `given` may have meant.
pub(super) fn suggestion<'k>(given: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    nearest(given, known).map(|name| format!("did you mean `{name}`?"))
}

/// The problem that serde reports of what is `written`, in our words: without the value, and with a suggestion.
pub(super) fn from_serde(message: &str, at: Range<usize>, written: &str) -> Problem {
    // serde's fixed wordings (serde::de::Error::{unknown_field, unknown_variant, invalid_type}).
    let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    for (prefix, what) in [("unknown field", "unknown key"), ("unknown variant", "unknown value")] {
        if let (true, Some((given, known))) = (message.starts_with(prefix), names.split_first()) {
            let help = suggestion(given, known.iter().copied())
                .unwrap_or_else(|| format!("one of {}", known.join(", ")));
            return Problem::new(at, format!("{what} `{given}`")).with_help(help);
        }
    }
    let problem = Problem::new(at, in_words_of_toml(&value_pattern().replace_all(message, "$1")));
    if problem.message == NO_DATE { problem.with_help(quoted_date(written)) } else { problem }
}

const NO_DATE: &str = "wrong type: string, expected a date";

/// How to write the date of a waiver, the only one there is.
fn quoted_date(written: &str) -> String {
    let within = written.trim_matches(['"', '\'']);
    match within.parse::<Date>() {
        Ok(date) if date.to_string() == within => format!("write it without quotes: expires = {date}"),
        Ok(_) | Err(_) => DATE.to_owned(),
    }
}

/// serde's words for types, and ours, in the order in which they are replaced.
const TYPES: [(&str, &str); 9] = [
    ("invalid type: ", "wrong type: "),
    ("wanted string or table", "wrong type: expected a string"),
    ("integer as i128", "integer beyond 64 bits"),
    ("expected i64", "expected an integer"),
    ("a TOML datetime", "a date"),
    ("a sequence", "a list"),
    ("a map", "a table"),
    (": sequence", ": list"),
    (": map", ": table"),
];

fn in_words_of_toml(message: &str) -> String {
    let message = TYPES.iter().fold(message.to_owned(), |text, (theirs, ours)| text.replace(theirs, ours));
    match message.split_once("expected struct ") {
        Some((found, _)) => format!("{found}expected a table"),
        None => message,
    }
}

/// The values that serde repeats in its messages: a mistyped line may hold a secret.
fn value_pattern() -> Regex {
    #[expect(clippy::expect_used, reason = "a constant pattern, compiled by a test")]
    Regex::new(r#"\b(string|character|integer|floating point|boolean) ("(?:[^"\\]|\\.)*"|`[^`]*`)"#)
        .expect("a valid pattern")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serde_messages_lose_the_value() {
        let problem = from_serde("invalid type: string \"hunter\\\"2\", expected i64", 0..1, "");
        assert_eq!(problem.message, "wrong type: string, expected an integer");
        let problem = from_serde("unknown field `fial-on`, expected one of `fail-on`, `timeout`", 0..1, "");
        assert_eq!(problem.message, "unknown key `fial-on`");
        assert_eq!(problem.help.as_deref(), Some("did you mean `fail-on`?"));
    }
}

//! Problems of audit.toml: each at its place, all at once.

use std::ops::Range;
use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};
use regex::Regex;

use crate::untrusted::{is_unprintable, printable};

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

    pub(super) fn is_in(&self, span: &Range<usize>) -> bool {
        span.start <= self.at.offset() && self.at.offset() < span.end
    }

    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The best of `known` that `given` may have meant.
pub(super) fn suggestion<'k>(given: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(given, name), name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| format!("did you mean `{name}`?"))
}

/// The problem that serde reports, in our words: without the value, and with a suggestion.
pub(super) fn from_serde(message: &str, at: Range<usize>) -> Problem {
    // serde's fixed wordings (serde::de::Error::{unknown_field, unknown_variant, invalid_type}).
    let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    for (prefix, what) in [("unknown field", "unknown key"), ("unknown variant", "unknown value")] {
        if let (true, Some((given, known))) = (message.starts_with(prefix), names.split_first()) {
            let help = suggestion(given, known.iter().copied())
                .unwrap_or_else(|| format!("one of {}", known.join(", ")));
            return Problem::new(at, format!("{what} `{given}`")).with_help(help);
        }
    }
    let without_value = value_pattern().replace_all(message, "$1");
    Problem::new(at, without_value.replace("invalid type: ", "wrong type: "))
}

/// The values that serde repeats in its messages: a mistyped line may hold a secret.
fn value_pattern() -> Regex {
    #[expect(clippy::expect_used, reason = "a constant pattern, compiled by a test")]
    Regex::new(r#"\b(string|character|integer|floating point|boolean) ("(?:[^"\\]|\\.)*"|`[^`]*`)"#)
        .expect("a valid pattern")
}

/// The text with every value masked whose key speaks of a secret, and nothing that steers a terminal, at
/// the same length and on the same lines.
fn masked(text: &str) -> String {
    #[expect(clippy::expect_used, reason = "a constant pattern, compiled by a test")]
    let assignments = Regex::new(
        r#"(?i)([\w-]*(?:secret|private[_-]?key|password|passwd|token|credential|access[_-]?key|external-id)[\w-]*["']?[ \t]*=[ \t]*)("""[\s\S]*?(?:"""|\z)|'''[\s\S]*?(?:'''|\z)|"(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|\[[^\]]*\]?|[^\s#,}]+)"#,
    )
    .expect("a valid pattern");
    let hidden = assignments.replace_all(text, |found: &regex::Captures<'_>| {
        format!("{}{}", &found[1], replace_in_place(&found[2], '*', |c| !matches!(c, '\n' | '\r')))
    });
    replace_in_place(&hidden, '?', |c| is_unprintable(c) && !matches!(c, '\n' | '\r' | '\t'))
}

/// The text with some characters replaced, at the same length in bytes.
fn replace_in_place(text: &str, with: char, which: impl Fn(char) -> bool) -> String {
    text.chars()
        .flat_map(
            |c| if which(c) { std::iter::repeat_n(with, c.len_utf8()) } else { std::iter::repeat_n(c, 1) },
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_in_place() {
        let text = "a = 1\nsecret-access-key = \"hunter2\" # c\nlabels = { api_token = 'hunter2' }\nx.password = \"\"\"\nhunter2\n\"\"\"\nexternal-id = [\"hunter2\"]\npassword.min_length = 14\nsecret = \"hunter2";
        let masked = masked(text);
        assert!(!masked.contains("hunter2"), "{masked}");
        assert_eq!(masked.len(), text.len());
        assert_eq!(masked.lines().count(), text.lines().count());
        assert!(masked.contains("password.min_length = 14") && masked.contains("# c"));
    }

    #[test]
    fn serde_messages_lose_the_value() {
        let problem = from_serde("invalid type: string \"hunter\\\"2\", expected i64", 0..1);
        assert_eq!(problem.message, "wrong type: string, expected i64");
        let problem = from_serde("unknown field `fial-on`, expected one of `fail-on`, `timeout`", 0..1);
        assert_eq!(problem.message, "unknown key `fial-on`");
        assert_eq!(problem.help.as_deref(), Some("did you mean `fail-on`?"));
    }
}

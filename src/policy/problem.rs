//! Problems of policies: each at its place in its file, all at once.

use std::ops::Range;
use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};

use crate::untrusted::{is_unprintable, printable};

/// Why a policy cannot be used.
#[derive(Debug, Clone, thiserror::Error, Diagnostic)]
#[error("{message}")]
pub struct PolicyError {
    // Boxed: an error that is larger than 128 bytes is moved about with every result.
    message: Box<str>,
    #[help]
    help: Option<Box<str>>,
    #[source_code]
    text: NamedSource<Arc<str>>,
    #[label]
    at: Option<SourceSpan>,
}

impl PolicyError {
    /// A problem at a byte range of the file `name`, whose text this is.
    pub(super) fn new(name: &str, text: &str, at: Range<usize>, message: impl Into<String>) -> Self {
        Self { at: Some(at.into()), ..Self::whole(name, text, message) }
    }

    /// A problem of the file as a whole.
    pub(super) fn whole(name: &str, text: &str, message: impl Into<String>) -> Self {
        let text = NamedSource::new(printable(name), harmless(text).into()).with_language("rego");
        Self { message: printable(&message.into()).into(), help: None, text, at: None }
    }

    /// What to do about it.
    #[must_use]
    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(printable(&help.into()).into());
        self
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> &str {
        self.text.name()
    }

    /// The line, from 1; `None` for a problem of the whole file.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        let at = self.at?.offset();
        Some(self.text.inner().bytes().take(at).filter(|byte| *byte == b'\n').count() + 1)
    }

    /// What to do about it, if there is something to say.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// The order of reports: by file, then by place.
    pub(super) fn order(&self) -> (&str, usize, &str) {
        (self.file(), self.at.map_or(0, |at| at.offset()), &self.message)
    }
}

/// The text with a `?` for every byte that could steer a terminal: every offset stays where it is.
fn harmless(text: &str) -> String {
    let shown = |character: char| character == '\n' || character == '\t' || !is_unprintable(character);
    text.chars()
        .flat_map(|character| {
            let (first, times) = if shown(character) { (character, 1) } else { ('?', character.len_utf8()) };
            std::iter::repeat_n(first, times)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_not_shown_and_moves_nothing() {
        let text = "package a\u{1b}[31m\u{202e}b\r\n\tc";
        let shown = harmless(text);
        assert_eq!(shown, "package a?[31m???b?\n\tc");
        assert_eq!(shown.len(), text.len());
        assert_eq!(PolicyError::new("a.rego", text, 20..21, "x").line(), Some(2));
    }
}

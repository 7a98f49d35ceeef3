//! Problems of policies: each at its place in its file, all at once.

use std::borrow::Cow;
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

/// The text of a file, without what could steer a terminal. A thousand problems of one file share it.
#[derive(Clone)]
pub(super) struct Shown(Arc<str>);

impl Shown {
    pub(super) fn of(text: &str) -> Self {
        Self(harmless(text).into())
    }
}

impl PolicyError {
    /// A problem at a byte range of the file `name`, whose text this is.
    pub(super) fn new(name: &str, text: &str, at: Range<usize>, message: impl Into<String>) -> Self {
        Self::shown(name, Shown::of(text), at, message)
    }

    /// The same, where the text is there as it is shown.
    pub(super) fn shown(name: &str, text: Shown, at: Range<usize>, message: impl Into<String>) -> Self {
        let (text, at) = match cut(&text.0, at.clone()) {
            (Cow::Borrowed(_), _) => (text, at),
            (Cow::Owned(cut), at) => (Shown(cut.into()), at),
        };
        Self { at: Some(at.into()), ..Self::somewhere(name, text, message) }
    }

    /// A problem of the file as a whole.
    pub(super) fn whole(name: &str, text: &str, message: impl Into<String>) -> Self {
        Self::somewhere(name, Shown::of(text), message)
    }

    fn somewhere(name: &str, Shown(text): Shown, message: impl Into<String>) -> Self {
        let text = NamedSource::new(printable(name), text).with_language("rego");
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

/// The longest line that an excerpt shows whole, in bytes, and what is shown of longer ones before a place and from
/// there on.
const LONGEST_LINE: usize = 500;
const BEFORE: usize = 40;
const BEHIND: usize = 120;

/// The text with its giant lines cut to what is around a place, and where that is then.
fn cut(text: &str, at: Range<usize>) -> (Cow<'_, str>, Range<usize>) {
    if text.lines().all(|line| line.len() <= LONGEST_LINE) {
        return (text.into(), at);
    }
    let mut shown = String::new();
    let mut offset = 0;
    let mut moved = at.clone();
    for line in text.split_inclusive('\n') {
        let whole = offset..offset + line.len();
        if whole.contains(&at.start) {
            moved.start = shown.len() + at.start - offset;
        }
        if line.len() <= LONGEST_LINE {
            shown.push_str(line);
        } else {
            let place = if whole.contains(&at.start) { at.start - offset } else { 0 };
            let from = line.floor_char_boundary(place.saturating_sub(BEFORE));
            let to = line.ceil_char_boundary((place + BEHIND).min(line.trim_end().len()));
            if from > 0 {
                shown.push('…');
            }
            if whole.contains(&at.start) {
                moved.start = shown.len() + place - from;
            }
            shown.push_str(&line[from..to]);
            shown.push('…');
            shown.push_str(&line[line.trim_end().len()..]);
        }
        if whole.contains(&at.start) {
            let end = shown.trim_end_matches(['\n', '\r', '…']).len();
            moved.end = (moved.start + at.len()).min(end).max(moved.start);
        }
        offset = whole.end;
    }
    (shown.into(), moved)
}

/// The text with a `?` for every byte that could steer a terminal: every offset stays where it is.
fn harmless(text: &str) -> Cow<'_, str> {
    let steers = |character: char| character != '\n' && character != '\t' && is_unprintable(character);
    if !text.contains(steers) {
        return text.into();
    }
    let shown = text.chars().flat_map(|character| {
        let (first, times) = if steers(character) { ('?', character.len_utf8()) } else { (character, 1) };
        std::iter::repeat_n(first, times)
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn giant_lines_are_cut_to_the_place() {
        let text =
            format!("a: 1\nb: {}KEY{}\nc: {}\nd: 2\n", "ä".repeat(400), "x".repeat(100_000), "y".repeat(600));
        for word in ["KEY", "d: 2", "a: 1"] {
            let at = text.find(word).expect("there");
            let (shown, moved) = cut(&text, at..at + word.len());
            assert_eq!(&shown[moved], word, "{shown}");
            assert!(shown.len() < 800 && shown.lines().count() == 4, "{shown}");
        }
        let at = text.find("KEY").expect("there");
        assert_eq!(PolicyError::new("a.yaml", &text, at..text.len() - 6, "x").line(), Some(2));
        assert_eq!(cut("short\n", 1..3).0, "short\n");
    }

    #[test]
    fn what_steers_a_terminal_is_not_shown_and_moves_nothing() {
        let text = "package a\u{1b}[31m\u{202e}b\r\n\tc";
        let shown = harmless(text);
        assert_eq!(shown, "package a?[31m???b?\n\tc");
        assert_eq!(shown.len(), text.len());
        assert_eq!(PolicyError::new("a.rego", text, 20..21, "x").line(), Some(2));
    }
}

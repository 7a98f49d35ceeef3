//! One Rego file: its text, and the syntax tree that the engine's own parser makes of it.
//!
//! The tree is the engine's (`regorus::unstable`, not under its promise of stability: the version is pinned).
//! What the engine does not find until a rule runs, or never, is found on this tree before anything runs.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use regorus::Engine;
use regorus::unstable::{Parser, Ref, Source, Span};

use super::depth::too_deep;
use super::problem::{PolicyError, Shown};
use super::{syntax, tree};

/// One parsed Rego file.
pub(super) struct Module {
    /// Its name in messages.
    pub(super) file: Arc<str>,
    pub(super) text: Arc<str>,
    /// The package, without `data`: `["audit", "mfa", "off"]`.
    pub(super) package: Vec<String>,
    /// Shared with an engine that parsed it.
    pub(super) tree: Ref<regorus::unstable::Module>,
    /// Its text, where a problem shows it.
    shown: OnceLock<Shown>,
}

impl Module {
    /// Parses a file, whose `text` has no byte order mark.
    ///
    /// # Errors
    /// The first syntax error, at its place.
    pub(super) fn parse(file: &str, text: &str) -> Result<Self, PolicyError> {
        Self::of(file, text, || None)
    }

    /// The same by an engine, which has the module then. What the engine has against it beyond its syntax is said
    /// when it is assembled.
    ///
    /// # Errors
    /// The first syntax error, at its place.
    pub(super) fn parse_into(engine: &mut Engine, file: &str, text: &str) -> Result<Self, PolicyError> {
        Self::of(file, text, || {
            engine.add_policy(file.to_owned(), text.to_owned()).ok()?;
            engine.get_modules().last().cloned()
        })
    }

    fn of(
        file: &str,
        text: &str,
        by_engine: impl FnOnce() -> Option<Ref<regorus::unstable::Module>>,
    ) -> Result<Self, PolicyError> {
        if let Some(deep) = too_deep(text) {
            let (at, what, help) = deep.explain();
            return Err(PolicyError::new(file, text, at..at + 1, what).with_help(help));
        }
        let tree = match by_engine() {
            Some(tree) => tree,
            None => Ref::new(parsed(file, text).map_err(|error| of_engine(file, text, &error))?),
        };
        let package = tree::path(&tree.package.refr).unwrap_or_default();
        Ok(Self { file: file.into(), text: text.into(), package, tree, shown: OnceLock::new() })
    }

    /// A problem at a place of this file.
    pub(super) fn problem(&self, at: &Span, message: impl Into<String>) -> PolicyError {
        let shown = self.shown.get_or_init(|| Shown::of(&self.text));
        PolicyError::shown(&self.file, shown.clone(), bytes(at), message)
    }

    /// The byte range of a span. The engine leaves the quotes out where a string begins or ends it.
    pub(super) fn whole(&self, span: &Span) -> Range<usize> {
        let range = bytes(span);
        let text = self.text.as_bytes();
        let is_quote =
            |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(|byte| b"\"`".contains(byte));
        let before = range.start.checked_sub(1);
        let start = if is_quote(before) { range.start - 1 } else { range.start };
        let end = if is_quote(Some(range.end)) { range.end + 1 } else { range.end };
        start..end
    }

    /// The text of a span.
    pub(super) fn text_of(&self, span: &Span) -> &str {
        self.text.get(self.whole(span)).unwrap_or_default()
    }

    /// Whether it holds unit tests.
    pub(super) fn is_test(&self) -> bool {
        is_test(&self.file)
    }

    /// `data.` and the package, as queries name it.
    pub(super) fn data_path(&self) -> String {
        format!("data.{}", self.package.join("."))
    }
}

/// Whether a file of this name holds unit tests: `*_test.rego`.
pub(super) fn is_test(file: &str) -> bool {
    file.ends_with("_test.rego")
}

fn parsed(file: &str, text: &str) -> Result<regorus::unstable::Module, String> {
    let source =
        Source::from_contents(file.to_owned(), text.to_owned()).map_err(|error| error.to_string())?;
    let mut parser = Parser::new(&source).map_err(|error| error.to_string())?;
    parser.enable_rego_v1().map_err(|error| error.to_string())?;
    parser.parse().map_err(|error| error.to_string())
}

/// The byte range of a span.
pub(super) fn bytes(span: &Span) -> Range<usize> {
    let end = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
    end(span.start)..end(span.end).max(end(span.start))
}

/// A problem that the engine reports, with its place: its text is `\n--> FILE:LINE:COLUMN\n…\nerror: MESSAGE`,
/// and a tab counts as four columns.
pub(super) fn of_engine(file: &str, text: &str, error: &str) -> PolicyError {
    let message = error
        .lines()
        .find_map(|line| line.trim_start().strip_prefix("error: "))
        .or_else(|| error.lines().find(|line| !line.trim().is_empty()))
        .unwrap_or("it cannot be parsed")
        .trim();
    let place = error.lines().find_map(|line| line.trim_start().strip_prefix("--> ")).and_then(|place| {
        let mut numbers = place.rsplitn(3, ':').map(str::parse::<usize>);
        let (column, line) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
        Some((line, column))
    });
    match place {
        Some((line, column)) => {
            let at = at(text, line, column);
            let advice = syntax::advice(message, text, &at);
            let problem = PolicyError::new(file, text, at, message);
            match advice {
                Some(advice) => problem.with_help(advice),
                None => problem,
            }
        }
        None => PolicyError::whole(file, text, message),
    }
}

/// The byte range of the word at a line and a column of the engine, both from 1.
fn at(text: &str, line: usize, column: usize) -> Range<usize> {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default().lines().next().unwrap_or_default();
    let mut seen = 1;
    let mut offset = rest.len();
    for (index, character) in rest.char_indices() {
        if seen >= column {
            offset = index;
            break;
        }
        seen += if character == '\t' { 4 } else { 1 };
    }
    let word = rest[offset..].chars().take_while(|c| c.is_alphanumeric() || *c == '_');
    let length = word.map(char::len_utf8).sum::<usize>().max(usize::from(offset < rest.len()));
    // The first character may be of several bytes: the end stays on a boundary.
    let end = text.ceil_char_boundary(start + offset + length);
    start + offset..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_syntax_error_is_at_its_place() {
        let text = "package a.b\n\ndeny contains msg if {\n\tmsg := := 1\n}\n";
        let error = Module::parse("a/b.rego", text).err().expect("no Rego");
        assert_eq!((error.file(), error.line()), ("a/b.rego", Some(4)));
    }

    #[test]
    fn a_module_knows_its_package() {
        let module = Module::parse("a.rego", "package audit.mfa[\"off\"]\n\nx := 1\n").expect("parses");
        assert_eq!(
            (module.package.join("/"), module.data_path()),
            ("audit/mfa/off".to_owned(), "data.audit.mfa.off".to_owned())
        );
        assert!(!module.is_test());
    }
}

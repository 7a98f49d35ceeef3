//! Strict JSON with the place of every value.
//!
//! `serde_json` decides what JSON is (it refuses what RFC 8259 refuses); `jsonc-parser` then gives a
//! tree with byte ranges, duplicate members included. Neither error repeats a piece of the text, which
//! may hold secrets.

use std::collections::HashSet;
use std::ops::Range;

use jsonc_parser::ast::Value as Node;
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::ParseErrorKind;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde::de::IgnoredAny;

use crate::location::{LineIndex, Region};

/// The deepest nesting. Answers have 6 levels; the policy engine reads 127.
const DEEPEST: usize = 100;

/// Why a text is no JSON, without a piece of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// What is wrong, in a few words.
    pub what: &'static str,
    /// Where.
    pub region: Region,
}

/// Parses `text`, without a byte order mark, as one JSON value.
///
/// # Errors
/// A [`SyntaxError`] where it is not JSON, names one member of an object twice, or is nested too deep.
pub fn parse(text: &str) -> Result<Node<'_>, SyntaxError> {
    if text.trim().is_empty() {
        return Err(SyntaxError { what: "it is empty", region: Region::START });
    }
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        return Err(SyntaxError { what: describe(&error, text), region: point(&error, text) });
    }
    let strict = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let unreadable =
        |range| SyntaxError { what: "it is not JSON", region: LineIndex::new(text).region(range) };
    let root = parse_to_ast(text, &CollectOptions::default(), &strict)
        .map_err(|error| match error.kind() {
            ParseErrorKind::NestingDepthExceeded => too_deep(text, error.range().start..error.range().end),
            _ => unreadable(error.range().start..error.range().end),
        })?
        .value
        .ok_or_else(|| unreadable(0..0))?;
    check(&root, DEEPEST).map_err(|error| match error {
        Odd::Twice(range) => {
            SyntaxError { what: "it names one member twice", region: LineIndex::new(text).region(range) }
        }
        Odd::Deep(range) => too_deep(text, range),
    })?;
    Ok(root)
}

fn too_deep(text: &str, range: Range<usize>) -> SyntaxError {
    SyntaxError { what: "it is nested too deep", region: LineIndex::new(text).region(range) }
}

/// The byte range of a value.
#[must_use]
pub fn range(node: &Node<'_>) -> Range<usize> {
    let range = node.range();
    range.start..range.end
}

/// What kind of value it is, for messages.
#[must_use]
pub fn kind(node: &Node<'_>) -> &'static str {
    match node {
        Node::StringLit(_) => "a string",
        Node::NumberLit(_) => "a number",
        Node::BooleanLit(_) => "a boolean",
        Node::Object(_) => "an object",
        Node::Array(_) => "a list",
        Node::NullKeyword(_) => "null",
    }
}

/// What JSON allows and we do not, with its place.
enum Odd {
    Twice(Range<usize>),
    Deep(Range<usize>),
}

fn check(node: &Node<'_>, levels: usize) -> Result<(), Odd> {
    let below = || levels.checked_sub(1).ok_or_else(|| Odd::Deep(range(node)));
    match node {
        Node::Object(object) => {
            let levels = below()?;
            let mut seen = HashSet::with_capacity(object.properties.len());
            object.properties.iter().try_for_each(|member| {
                if seen.insert(member.name.as_str()) {
                    check(&member.value, levels)
                } else {
                    Err(Odd::Twice(member.range.start..member.range.end))
                }
            })
        }
        Node::Array(list) => {
            let levels = below()?;
            list.elements.iter().try_for_each(|element| check(element, levels))
        }
        Node::StringLit(_) | Node::NumberLit(_) | Node::BooleanLit(_) | Node::NullKeyword(_) => Ok(()),
    }
}

fn describe(error: &serde_json::Error, text: &str) -> &'static str {
    if text.trim_start().starts_with('<') {
        "it is HTML or XML, not JSON"
    } else if error.is_eof() {
        "it ends in the middle of the JSON"
    } else {
        "it is not JSON"
    }
}

/// `serde_json` counts lines from 1 and, in a line, bytes up to and with the one at fault.
fn point(error: &serde_json::Error, text: &str) -> Region {
    let line = error.line().saturating_sub(1);
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let at = start + error.column().saturating_sub(1);
    LineIndex::new(text).region(at..at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_strict_json_is_refused_with_its_place() {
        for (text, what, line) in [
            ("", "it is empty", 1),
            (" \n ", "it is empty", 1),
            ("{\n\"a\": 1", "it ends in the middle of the JSON", 2),
            ("<html>", "it is HTML or XML, not JSON", 1),
            ("{\"a\": 1,}", "it is not JSON", 1),
            ("{'a': 1}", "it is not JSON", 1),
            ("// c\n{}", "it is not JSON", 1),
            ("{\"a\": NaN}", "it is not JSON", 1),
            ("{\"a\": 1}\n{}", "it is not JSON", 2),
            ("{\"a\":\n{\"b\": 1, \"b\": 2}}", "it names one member twice", 2),
            ("{\"a\": \"\t\"}", "it is not JSON", 1),
        ] {
            let error = parse(text).expect_err(text);
            assert_eq!((error.what, error.region.line), (what, line), "{text:?}");
        }
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert!(parse(&deep).is_err());
    }
}

//! From text to the raw configuration, past the first mistake.
//!
//! serde stops at the first error. So the parsed tree is read again and again, each time without the
//! entry that was wrong, until what is left is right: every mistake is found, each with its span.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Problem, from_serde};
use super::raw::RawConfig;

/// What could be read of a text, and what could not.
pub(super) struct Reading<'t> {
    /// The text without tables whose headers are mistyped: of which table it is what stands in them, nobody knows.
    /// Everything else has its place.
    pub(super) text: Cow<'t, str>,
    pub(super) raw: RawConfig,
    pub(super) problems: Vec<Problem>,
}

impl Reading<'_> {
    /// Whether there are tables of which nothing is known.
    pub(super) fn is_partial(&self) -> bool {
        matches!(self.text, Cow::Owned(_))
    }
}

/// The tree of a text, as far as it is TOML.
pub(super) fn parse(text: &str) -> Spanned<DeTable<'_>> {
    DeTable::parse_recoverable(text).0
}

/// Reads past every mistake.
pub(super) fn read(text: &str) -> Reading<'_> {
    let (text, mut syntax_errors) = without_headless_tables(text);
    let (tree, errors) = DeTable::parse_recoverable(&text);
    syntax_errors.extend(errors);
    let mut problems: Vec<Problem> = syntax_errors
        .iter()
        .map(|error| Problem::new(error.span().unwrap_or(0..0), error.message().to_owned()))
        .collect();
    let mut rest = tree;
    let raw = loop {
        match RawConfig::deserialize(toml::de::Deserializer::from(rest.clone())) {
            Ok(raw) => break raw,
            Err(error) => {
                let span = error.span().unwrap_or(0..text.len());
                // What is no TOML is also no date or number: once is enough.
                if !syntax_errors.iter().any(|syntax| syntax.span() == Some(span.clone())) {
                    let written = text.get(span.clone()).unwrap_or_default();
                    problems.push(from_serde(error.message(), span.clone(), written));
                }
                if !remove(rest.get_mut(), &span) {
                    break RawConfig::default();
                }
            }
        }
    };
    drop(rest);
    Reading { text, raw, problems }
}

/// The text with blanks in place of tables whose headers are mistyped, and what is wrong with them. The parser would take
/// what stands in them for a part of others.
fn without_headless_tables(text: &str) -> (Cow<'_, str>, Vec<toml::de::Error>) {
    let mut text = Cow::Borrowed(text);
    let mut said = Vec::new();
    loop {
        let (_, errors) = DeTable::parse_recoverable(&text);
        let tables: Vec<_> = errors.iter().filter_map(|error| headless(&text, error)).collect();
        if tables.is_empty() {
            return (text, said);
        }
        let is_inside = |error: &toml::de::Error| {
            error.span().is_some_and(|span| tables.iter().any(|table| table.contains(&span.start)))
        };
        said.extend(errors.into_iter().filter(is_inside));
        let blank = |(at, character): (usize, char)| {
            let is_kept = matches!(character, '\n' | '\r') || !tables.iter().any(|table| table.contains(&at));
            let blanks = if is_kept { 0 } else { character.len_utf8() };
            std::iter::repeat_n(' ', blanks).chain(is_kept.then_some(character))
        };
        text = text.char_indices().flat_map(blank).collect::<String>().into();
    }
}

/// The table whose header an error is about, with those below it.
fn headless(text: &str, error: &toml::de::Error) -> Option<Range<usize>> {
    if error.message() == "duplicate key" {
        return None;
    }
    let at = error.span()?.start;
    let start = text.get(..at)?.rfind('\n').map_or(0, |newline| newline + 1);
    let mut lines = text[start..].split_inclusive('\n');
    let header = lines.next()?;
    let name = name(header)?;
    let is_below = |line: &&str| {
        self::name(line).is_none_or(|other| {
            other.strip_prefix(name).is_some_and(|below| below.trim_start().starts_with('.'))
        })
    };
    let length = header.len() + lines.take_while(is_below).map(str::len).sum::<usize>();
    Some(start..start + length)
}

/// What a header names, closed or not.
fn name(line: &str) -> Option<&str> {
    let inside = line.trim_start().strip_prefix('[')?;
    let inside = inside.strip_prefix('[').unwrap_or(inside);
    Some(inside.split([']', '#', '\n', '\r']).next().unwrap_or(inside).trim())
}

/// Removes the innermost entry that holds `span`; false where there is none.
fn remove(table: &mut DeTable<'_>, span: &Range<usize>) -> bool {
    let holder = table.iter_mut().find_map(|(key, value)| {
        if holds(&key.span(), span) {
            return Some((key.clone(), false));
        }
        holds_within(value, span).then(|| (key.clone(), remove_inside(value, span)))
    });
    match holder {
        Some((_, true)) => true,
        Some((key, false)) => table.remove(&key).is_some(),
        None => false,
    }
}

fn remove_inside(value: &mut Spanned<DeValue<'_>>, span: &Range<usize>) -> bool {
    match value.get_mut() {
        DeValue::Table(table) => remove(table, span),
        DeValue::Array(list) => {
            let Some(index) = list.iter().position(|element| holds_within(element, span)) else {
                return false;
            };
            if !list.get_mut(index).is_some_and(|element| remove_inside(element, span)) {
                *list = list
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| *at != index)
                    .map(|(_, kept)| kept.clone())
                    .collect();
            }
            true
        }
        _ => false,
    }
}

/// A table written in several places has a span that does not hold its entries, so these are asked too.
fn holds_within(value: &Spanned<DeValue<'_>>, span: &Range<usize>) -> bool {
    holds(&value.span(), span)
        || match value.get_ref() {
            DeValue::Table(table) => {
                table.iter().any(|(key, value)| holds(&key.span(), span) || holds_within(value, span))
            }
            DeValue::Array(list) => list.iter().any(|element| holds_within(element, span)),
            _ => false,
        }
}

fn holds(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// The keys that each table was written with, by where the table begins.
pub(super) fn written(tree: &Spanned<DeTable<'_>>) -> BTreeMap<usize, BTreeSet<String>> {
    let mut written = BTreeMap::new();
    for value in tree.get_ref().values() {
        keys(value, &mut written);
    }
    written
}

fn keys(value: &Spanned<DeValue<'_>>, written: &mut BTreeMap<usize, BTreeSet<String>>) {
    match value.get_ref() {
        DeValue::Table(table) => {
            let names = table.keys().map(|key| key.get_ref().to_string());
            written.entry(value.span().start).or_default().extend(names);
            table.values().for_each(|below| keys(below, written));
        }
        DeValue::Array(list) => list.iter().for_each(|element| keys(element, written)),
        _ => {}
    }
}

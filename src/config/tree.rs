//! From text to the raw configuration, past the first mistake.
//!
//! serde stops at the first error. So the parsed tree is read again and again, each time without the
//! entry that was wrong, until what is left is right: every mistake is found, each with its span.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Problem, from_serde};
use super::raw::RawConfig;

/// The tree, what could be read of it, and what could not.
pub(super) fn read(text: &str) -> (Spanned<DeTable<'_>>, RawConfig, Vec<Problem>) {
    let (tree, syntax_errors) = DeTable::parse_recoverable(text);
    let mut problems: Vec<Problem> = syntax_errors
        .iter()
        .map(|error| Problem::new(error.span().unwrap_or(0..0), error.message().to_owned()))
        .collect();
    let mut rest = tree.clone();
    loop {
        match RawConfig::deserialize(toml::de::Deserializer::from(rest.clone())) {
            Ok(raw) => return (tree, raw, problems),
            Err(error) => {
                let span = error.span().unwrap_or(0..text.len());
                // What is no TOML is also no date or number: once is enough.
                if !syntax_errors.iter().any(|syntax| syntax.span() == Some(span.clone())) {
                    problems.push(from_serde(error.message(), span.clone()));
                }
                if !remove(rest.get_mut(), &span) {
                    return (tree, RawConfig::default(), problems);
                }
            }
        }
    }
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

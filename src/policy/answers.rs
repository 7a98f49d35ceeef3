//! What rules said, remembered by the values that they read: a rule is a pure function of those, and a fleet has few
//! distinct ones, so the engine runs only on what is new.
//!
//! Values are compared as the JSON that the engine would get, never by a hash alone. A rule that mostly meets new
//! values is no longer remembered, and all together stay within [`BYTES`].

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::analysis::{Place, Reads};
use crate::document::Document;

/// What all keys together may take, in bytes.
const BYTES: usize = 16 << 20;
/// A longer key is not worth its memory.
const LONGEST_KEY: usize = 4 << 10;
/// New values after which a rule is asked whether remembering is worth it: it is where at least one answer in
/// [`WORTH`] was known. To look for one costs a small part of what it costs to evaluate a rule.
const TRIAL: u32 = 256;
const WORTH: u32 = 16;

/// Answers of all rules of a pack, shared by the workers.
#[derive(Debug)]
pub(super) struct Answers<T> {
    /// Every place that some rule reads.
    places: Vec<(Place, Kind)>,
    rules: Vec<Remembered<T>>,
    bytes: AtomicUsize,
}

/// What of a place counts.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Value,
    /// Which of these it is.
    Choice(BTreeSet<String>),
    Presence,
}

#[derive(Debug)]
struct Remembered<T> {
    /// Indices of the places it reads.
    reads: Vec<usize>,
    answers: RwLock<HashMap<Box<[u8]>, Arc<T>>>,
    is_worth_it: AtomicBool,
    known: AtomicU32,
    new: AtomicU32,
}

/// The values of one document at the places of all rules, as far as they were asked for.
#[derive(Debug, Default)]
pub(super) struct Values {
    text: Vec<u8>,
    at: Vec<Option<Range<usize>>>,
    key: Vec<u8>,
}

/// What is remembered for a rule and a document.
pub(super) enum Memory<T> {
    /// The answer.
    Known(Arc<T>),
    /// Nothing yet: the answer is to be kept.
    New,
    /// The rule is evaluated for every document.
    Never,
}

impl<T> Answers<T> {
    /// For rules that read these places, in their order; `None` is evaluated for every document.
    pub(super) fn new<'r>(rules: impl IntoIterator<Item = Option<&'r Reads>>) -> Self {
        let mut places: Vec<(Place, Kind)> = Vec::new();
        let rules = rules
            .into_iter()
            .map(|reads| {
                let reads = reads.filter(|reads| !reads.unbounded);
                let read = reads.map(|reads| {
                    let values = reads.values.iter().map(|place| (place.clone(), Kind::Value));
                    let choices =
                        reads.choices.iter().map(|(place, of)| (place.clone(), Kind::Choice(of.clone())));
                    let presences = reads.presences.iter().map(|place| (place.clone(), Kind::Presence));
                    values.chain(choices).chain(presences).map(|place| index_of(&mut places, place)).collect()
                });
                Remembered {
                    is_worth_it: AtomicBool::new(read.is_some()),
                    reads: read.unwrap_or_default(),
                    answers: RwLock::default(),
                    known: AtomicU32::new(0),
                    new: AtomicU32::new(0),
                }
            })
            .collect();
        Self { places, rules, bytes: AtomicUsize::new(0) }
    }

    /// What the rule at this index said of a document with the same values.
    pub(super) fn recall(&self, rule: usize, document: &Document, values: &mut Values) -> Memory<T> {
        let rule = &self.rules[rule];
        if !rule.is_worth_it.load(Ordering::Relaxed) {
            return Memory::Never;
        }
        self.make_key(rule, document, values);
        if values.key.len() > LONGEST_KEY {
            return Memory::Never;
        }
        let answers = rule.answers.read().unwrap_or_else(PoisonError::into_inner);
        let Some(answer) = answers.get(&values.key[..]) else { return Memory::New };
        rule.known.fetch_add(1, Ordering::Relaxed);
        Memory::Known(Arc::clone(answer))
    }

    /// Keeps what the rule said of the document that was asked for last.
    pub(super) fn keep(&self, rule: usize, values: &Values, answer: &Arc<T>) {
        let rule = &self.rules[rule];
        let new = rule.new.fetch_add(1, Ordering::Relaxed) + 1;
        if new.is_multiple_of(TRIAL) && rule.known.swap(0, Ordering::Relaxed) < TRIAL / WORTH {
            rule.is_worth_it.store(false, Ordering::Relaxed);
            let mut answers = rule.answers.write().unwrap_or_else(PoisonError::into_inner);
            self.bytes.fetch_sub(answers.keys().map(|key| key.len()).sum(), Ordering::Relaxed);
            answers.clear();
            answers.shrink_to_fit();
            return;
        }
        if self.bytes.load(Ordering::Relaxed) + values.key.len() > BYTES {
            return;
        }
        let mut answers = rule.answers.write().unwrap_or_else(PoisonError::into_inner);
        if answers.insert(values.key.as_slice().into(), Arc::clone(answer)).is_none() {
            self.bytes.fetch_add(values.key.len(), Ordering::Relaxed);
        }
    }

    /// The values that a rule reads, each as JSON and separated by what JSON does not have.
    fn make_key(&self, rule: &Remembered<T>, document: &Document, values: &mut Values) {
        let Values { text, at, key } = values;
        key.clear();
        at.resize(self.places.len(), None);
        for &index in &rule.reads {
            let range = at[index].get_or_insert_with(|| {
                let start = text.len();
                let (place, kind) = &self.places[index];
                write(document, place, kind, text);
                start..text.len()
            });
            key.extend_from_slice(&text[range.clone()]);
            key.push(0);
        }
    }
}

impl Values {
    /// Forgets a document.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.at.clear();
    }
}

fn index_of(places: &mut Vec<(Place, Kind)>, place: (Place, Kind)) -> usize {
    places.iter().position(|known| *known == place).unwrap_or_else(|| {
        places.push(place);
        places.len() - 1
    })
}

fn write(document: &Document, place: &Place, kind: &Kind, text: &mut Vec<u8>) {
    // No JSON is empty.
    let Some(value) = document.member(place) else { return };
    let start = text.len();
    match kind {
        Kind::Presence => text.push(1),
        Kind::Value | Kind::Choice(_) => {
            // Writing JSON into memory cannot fail; if it did, a part of it would be no key of another value.
            if serde_json::to_writer(&mut *text, value).is_err() {
                text.push(2);
            }
        }
    }
    if let Kind::Choice(of) = kind
        && !of.iter().any(|constant| constant.as_bytes() == &text[start..])
    {
        text.truncate(start);
        text.push(3);
    }
}

#[cfg(test)]
mod tests;

//! What rules said, remembered by the values that they read: a rule is a pure function of those, and a fleet has few
//! distinct ones, so the engine runs only on what is new.
//!
//! Values are compared as the JSON that the engine would get, never by a hash alone. A rule that mostly meets new
//! values is no longer remembered, and all together stay within [`BYTES`].

mod values;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::analysis::{Place, Reads};
use super::tree::dotted;
use crate::document::Document;
use values::Kind;
pub(super) use values::{Values, written};

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
    /// Every place that some rule or helper reads.
    places: Vec<(Place, Kind)>,
    rules: Vec<Remembered<T>>,
    /// Rules of other packages that some rule refers to, and whose value tells less than what they read.
    helpers: Vec<Helper>,
    bytes: AtomicUsize,
}

#[derive(Debug)]
struct Helper {
    /// How the engine is asked for it.
    query: String,
    /// Its values, [`written`].
    values: Remembered<Box<[u8]>>,
}

#[derive(Debug)]
struct Remembered<T> {
    /// Indices of the places it reads.
    reads: Vec<usize>,
    /// Indices of the helpers whose values count.
    helpers: Vec<usize>,
    answers: RwLock<HashMap<Box<[u8]>, Arc<T>>>,
    is_worth_it: AtomicBool,
    known: AtomicU32,
    new: AtomicU32,
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
    /// For rules that read these places, in their order. One whose reads are not bounded is evaluated for every
    /// document.
    pub(super) fn new<'r>(rules: impl IntoIterator<Item = &'r Reads>) -> Self {
        let mut answers =
            Self { places: Vec::new(), rules: Vec::new(), helpers: Vec::new(), bytes: AtomicUsize::new(0) };
        for reads in rules {
            let reads = Some(reads).filter(|reads| !reads.unbounded);
            let helpers = reads.map(|reads| answers.helpers(reads)).unwrap_or_default();
            let rule = Remembered::new(reads, helpers, &mut answers.places);
            answers.rules.push(rule);
        }
        answers
    }

    fn helpers(&mut self, reads: &Reads) -> Vec<usize> {
        reads
            .helpers
            .iter()
            .map(|(place, reads)| {
                let query = dotted(["data"].into_iter().chain(place.iter().map(String::as_str)));
                self.helpers.iter().position(|known| known.query == query).unwrap_or_else(|| {
                    let values = Remembered::new(Some(&**reads), Vec::new(), &mut self.places);
                    self.helpers.push(Helper { query: query.clone(), values });
                    self.helpers.len() - 1
                })
            })
            .collect()
    }

    /// The helpers whose values have to be known before the rule at this index is asked for.
    pub(super) fn helpers_of(&self, rule: usize) -> &[usize] {
        let rule = &self.rules[rule];
        if rule.is_worth_it.load(Ordering::Relaxed) { &rule.helpers } else { &[] }
    }

    /// How the engine is asked for a helper.
    pub(super) fn query(&self, helper: usize) -> &str {
        &self.helpers[helper].query
    }

    /// What the rule at this index said of a document with the same values.
    pub(super) fn recall(&self, rule: usize, document: &Document, values: &mut Values) -> Memory<T> {
        self.rules[rule].recall(&self.places, document, values)
    }

    /// The value of a helper for a document with the same values.
    pub(super) fn recall_helper(
        &self,
        helper: usize,
        document: &Document,
        values: &mut Values,
    ) -> Memory<Box<[u8]>> {
        self.helpers[helper].values.recall(&self.places, document, values)
    }

    /// Keeps what the rule said of the document that was asked for last.
    pub(super) fn keep(&self, rule: usize, values: &Values, answer: &Arc<T>) {
        self.rules[rule].keep(&values.key, answer, &self.bytes);
    }

    /// Keeps the value of a helper that was asked for last.
    pub(super) fn keep_helper(&self, helper: usize, values: &Values, value: &Arc<Box<[u8]>>) {
        self.helpers[helper].values.keep(&values.key, value, &self.bytes);
    }
}

impl<T> Remembered<T> {
    fn new(reads: Option<&Reads>, helpers: Vec<usize>, places: &mut Vec<(Place, Kind)>) -> Self {
        let read = reads.map(|reads| {
            let values = reads.values.iter().map(|place| (place.clone(), Kind::Value));
            let choices = reads.choices.iter().map(|(place, of)| (place.clone(), Kind::Choice(of.clone())));
            let presences = reads.presences.iter().map(|place| (place.clone(), Kind::Presence));
            values.chain(choices).chain(presences).map(|place| index_of(places, place)).collect()
        });
        Self {
            is_worth_it: AtomicBool::new(read.is_some()),
            reads: read.unwrap_or_default(),
            helpers,
            answers: RwLock::default(),
            known: AtomicU32::new(0),
            new: AtomicU32::new(0),
        }
    }

    fn recall(&self, places: &[(Place, Kind)], document: &Document, values: &mut Values) -> Memory<T> {
        if !self.is_worth_it.load(Ordering::Relaxed)
            || !values.make_key(places, &self.reads, &self.helpers, document)
            || values.key.len() > LONGEST_KEY
        {
            return Memory::Never;
        }
        let answers = self.answers.read().unwrap_or_else(PoisonError::into_inner);
        let Some(answer) = answers.get(&values.key[..]) else { return Memory::New };
        self.known.fetch_add(1, Ordering::Relaxed);
        Memory::Known(Arc::clone(answer))
    }

    fn keep(&self, key: &[u8], answer: &Arc<T>, bytes: &AtomicUsize) {
        let new = self.new.fetch_add(1, Ordering::Relaxed) + 1;
        if new.is_multiple_of(TRIAL) && self.known.swap(0, Ordering::Relaxed) < TRIAL / WORTH {
            self.is_worth_it.store(false, Ordering::Relaxed);
            let mut answers = self.answers.write().unwrap_or_else(PoisonError::into_inner);
            bytes.fetch_sub(answers.keys().map(|key| key.len()).sum(), Ordering::Relaxed);
            answers.clear();
            answers.shrink_to_fit();
            return;
        }
        if bytes.load(Ordering::Relaxed) + key.len() > BYTES {
            return;
        }
        let mut answers = self.answers.write().unwrap_or_else(PoisonError::into_inner);
        if answers.insert(key.into(), Arc::clone(answer)).is_none() {
            bytes.fetch_add(key.len(), Ordering::Relaxed);
        }
    }
}

fn index_of(places: &mut Vec<(Place, Kind)>, place: (Place, Kind)) -> usize {
    places.iter().position(|known| *known == place).unwrap_or_else(|| {
        places.push(place);
        places.len() - 1
    })
}

#[cfg(test)]
mod tests;

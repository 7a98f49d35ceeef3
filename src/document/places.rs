//! Where each value of a document stands in a file.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, LazyLock};

use super::schema::{Member, RESOURCE_CONFIG, Shape};
use crate::location::{Location, Region};

/// Indices of lists whose pointers are kept once for all documents.
const INDICES: usize = 16;

/// The place of each value, by its pointer.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Places(BTreeMap<Cow<'static, str>, Region>);

impl Places {
    pub(super) fn insert(&mut self, pointer: &str, region: Region) {
        self.0.insert(kept(pointer), region);
    }

    pub(super) fn remove(&mut self, pointer: &str) {
        self.0.remove(pointer);
    }

    pub(super) fn append(&mut self, other: &mut Self) {
        self.0.append(&mut other.0);
    }

    pub(super) fn get(&self, pointer: &str) -> Option<Region> {
        self.0.get(pointer).copied()
    }

    /// The place of a pointer, or of its nearest ancestor that has one; else the beginning of the file.
    pub(super) fn nearest(&self, file: &Arc<str>, pointer: &str) -> Location {
        let mut at = pointer;
        let region = loop {
            if let Some(region) = self.get(at) {
                break region;
            }
            match at.rfind('/') {
                Some(end) => at = &at[..end],
                None => break Region::START,
            }
        };
        Location { file: Arc::clone(file), region }
    }
}

/// A pointer as a key. Those of documented members are the same in every document: thousands of documents that wait
/// for each other share them.
fn kept(pointer: &str) -> Cow<'static, str> {
    static DOCUMENTED: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let mut pointers = HashSet::new();
        documented(RESOURCE_CONFIG, "/ResourceConfig", &mut pointers);
        pointers
    });
    DOCUMENTED
        .get(pointer)
        .map_or_else(|| Cow::Owned(pointer.to_owned()), |known| Cow::Borrowed(known.as_str()))
}

fn documented(members: &[Member], at: &str, pointers: &mut HashSet<String>) {
    for member in members {
        let pointer = format!("{at}/{}", member.name);
        match &member.shape {
            Shape::Object(members) => documented(members, &pointer, pointers),
            Shape::SetOf(_) | Shape::TextSet => {
                pointers.extend((0..INDICES).map(|index| format!("{pointer}/{index}")));
            }
            Shape::Text | Shape::Secret | Shape::Flag | Shape::Length | Shape::OneOf(_) => {}
        }
        pointers.insert(pointer);
    }
}

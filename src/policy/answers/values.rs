//! The values that answers depend on, of one document, as bytes that are equal only where the values are.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::document::Document;
use crate::policy::analysis::Place;

/// What of a place counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Value,
    /// Which of these it is.
    Choice(BTreeSet<String>),
    Presence,
}

/// The values of one document at the places of all rules, and of helpers, as far as they were asked for.
#[derive(Debug, Default)]
pub(in crate::policy) struct Values {
    text: Vec<u8>,
    places: Vec<Option<Range<usize>>>,
    helpers: Vec<Option<Outcome>>,
    pub(super) key: Vec<u8>,
}

/// What became of a helper.
#[derive(Debug, Clone)]
enum Outcome {
    Value(Range<usize>),
    /// It cannot be evaluated, so nothing that needs it is remembered.
    Failed,
}

impl Values {
    /// Forgets a document.
    pub(in crate::policy) fn clear(&mut self) {
        self.text.clear();
        self.places.clear();
        self.helpers.clear();
    }

    /// Whether it is known what became of a helper.
    pub(in crate::policy) fn has_helper(&self, helper: usize) -> bool {
        self.helpers.get(helper).is_some_and(Option::is_some)
    }

    /// Takes the value of a helper as [`written`]; `None` where it cannot be evaluated.
    pub(in crate::policy) fn set_helper(&mut self, helper: usize, value: Option<&[u8]>) {
        if self.helpers.len() <= helper {
            self.helpers.resize(helper + 1, None);
        }
        let start = self.text.len();
        self.helpers[helper] = Some(match value {
            Some(value) => {
                self.text.extend_from_slice(value);
                Outcome::Value(start..self.text.len())
            }
            None => Outcome::Failed,
        });
    }

    /// Makes a key of places, by their indices among `all`, and of helpers; each separated by what JSON does not have.
    /// Returns whether it can be one.
    pub(super) fn make_key(
        &mut self,
        all: &[(Place, Kind)],
        places: &[usize],
        helpers: &[usize],
        document: &Document,
    ) -> bool {
        self.key.clear();
        self.places.resize(all.len(), None);
        for &index in places {
            let range = self.places[index].get_or_insert_with(|| {
                let start = self.text.len();
                let (place, kind) = &all[index];
                write_place(document, place, kind, &mut self.text);
                start..self.text.len()
            });
            self.key.extend_from_slice(&self.text[range.clone()]);
            self.key.push(0);
        }
        for &helper in helpers {
            let Some(Some(Outcome::Value(range))) = self.helpers.get(helper) else { return false };
            self.key.extend_from_slice(&self.text[range.clone()]);
            self.key.push(0);
        }
        true
    }
}

/// A value of the engine: JSON in which a set is no array, and nothing where it is undefined.
pub(in crate::policy) fn written(value: &regorus::Value) -> Vec<u8> {
    let mut text = Vec::new();
    write_value(value, &mut text);
    text
}

fn write_value(value: &regorus::Value, text: &mut Vec<u8>) {
    match value {
        regorus::Value::Undefined => {}
        regorus::Value::Array(elements) => write_all(b'[', elements.iter(), text),
        regorus::Value::Set(members) => write_all(b'<', members.iter(), text),
        regorus::Value::Object(members) => {
            write_all(b'{', members.iter().flat_map(|(key, value)| [key, value]), text);
        }
        scalar => write_json(scalar, text),
    }
}

fn write_all<'v>(open: u8, values: impl Iterator<Item = &'v regorus::Value>, text: &mut Vec<u8>) {
    text.push(open);
    for value in values {
        write_value(value, text);
        text.push(b',');
    }
    // Every opening mark has the same closing one: what is inside ends with a comma, or is nothing.
    text.push(b']');
}

fn write_json(value: &impl serde::Serialize, text: &mut Vec<u8>) {
    // Writing JSON into memory cannot fail; if it did, a part of it would be no key of another value.
    if serde_json::to_writer(&mut *text, value).is_err() {
        text.push(2);
    }
}

fn write_place(document: &Document, place: &Place, kind: &Kind, text: &mut Vec<u8>) {
    // No JSON is empty.
    let Some(value) = document.member(place) else { return };
    let start = text.len();
    match kind {
        Kind::Presence => text.push(1),
        Kind::Value | Kind::Choice(_) => write_json(value, text),
    }
    if let Kind::Choice(of) = kind
        && !of.iter().any(|constant| constant.as_bytes() == &text[start..])
    {
        text.truncate(start);
        text.push(3);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use regorus::Value;

    use super::*;

    #[test]
    fn different_values_are_written_differently() {
        let one = || Value::from("a");
        let set = |members: Vec<Value>| Value::from(members.into_iter().collect::<BTreeSet<_>>());
        let object = |members: Vec<(Value, Value)>| {
            Value::from(members.into_iter().collect::<BTreeMap<Value, Value>>())
        };
        let values = [
            Value::Undefined,
            Value::Null,
            Value::from(true),
            Value::from(1_u64),
            Value::from("1"),
            Value::from(""),
            Value::from("a,"),
            one(),
            Value::from(Vec::<Value>::new()),
            Value::from(vec![one()]),
            Value::from(vec![one(), one()]),
            Value::from(vec![Value::from(vec![one()])]),
            Value::from(vec![Value::from(vec![]), one()]),
            set(vec![]),
            set(vec![one()]),
            Value::from(vec![set(vec![one()])]),
            object(vec![]),
            object(vec![(one(), one())]),
            object(vec![(set(vec![one()]), one())]),
            object(vec![(Value::from(vec![one()]), one())]),
        ];
        for (index, value) in values.iter().enumerate() {
            for (other, different) in values.iter().enumerate() {
                assert_eq!(index == other, written(value) == written(different), "{value:?} {different:?}");
            }
            assert!(!written(value).contains(&0));
        }
    }
}

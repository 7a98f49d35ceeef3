//! What an expression may stand for, and what a rule reads of its input.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A place of the input: names of members, as far as they are constant.
pub(in crate::policy) type Place = Vec<String>;

/// What a rule can read of its input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::policy) struct Reads {
    /// Places whose whole value counts.
    pub(in crate::policy) values: BTreeSet<Place>,
    /// Places of which only counts which of these it is, as JSON, or none of them.
    pub(in crate::policy) choices: BTreeMap<Place, BTreeSet<String>>,
    /// Places of which only counts whether they are there.
    pub(in crate::policy) presences: BTreeSet<Place>,
    /// Rules of other packages whose value counts, by their places below `data`, and what they read. The other places
    /// are what is read beside them.
    pub(in crate::policy) helpers: BTreeMap<Place, Arc<Reads>>,
    /// Packages that names were imported for.
    pub(in crate::policy) packages: BTreeSet<Vec<String>>,
    /// Whether the answer may depend on something else: on what is printed, drawn, or replaced by `with`.
    pub(in crate::policy) unbounded: bool,
}

impl Reads {
    pub(super) fn extend(&mut self, other: &Self) {
        self.values.extend(other.values.iter().cloned());
        for (place, constants) in &other.choices {
            self.choices.entry(place.clone()).or_default().extend(constants.iter().cloned());
        }
        self.presences.extend(other.presences.iter().cloned());
        for (helper, reads) in &other.helpers {
            self.helpers.entry(helper.clone()).or_insert_with(|| Arc::clone(reads));
        }
        self.packages.extend(other.packages.iter().cloned());
        self.unbounded |= other.unbounded;
    }

    /// Whether these places tell all that those of `other` do.
    pub(super) fn cover(&self, other: &Self) -> bool {
        let covered = |place: &Place| (0..=place.len()).any(|length| self.values.contains(&place[..length]));
        other.values.iter().all(covered)
    }

    /// The same without what another place covers.
    pub(super) fn minimal(mut self) -> Self {
        let all = self.values.clone();
        let covered = |place: &Place, up_to: usize| (0..up_to).any(|length| all.contains(&place[..length]));
        self.values.retain(|place| !covered(place, place.len()));
        self.choices.retain(|place, _| !covered(place, place.len() + 1));
        let choices = &self.choices;
        self.presences.retain(|place| !covered(place, place.len() + 1) && !choices.contains_key(place));
        self
    }
}

/// A step into the input.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Name(String),
    /// Any member or element.
    Any,
}

/// What an expression may stand for.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sense {
    /// Places of the input.
    pub(super) places: BTreeSet<Vec<Part>>,
    /// What its members stand for, where it is put together in the policy.
    pub(super) members: Option<Box<Sense>>,
    /// Something of which nothing is known.
    pub(super) open: bool,
    /// A number, a text, true or false that the policy makes itself.
    pub(super) made: bool,
}

impl Sense {
    pub(super) fn place(parts: Vec<Part>) -> Self {
        Self { places: BTreeSet::from([parts]), ..Self::default() }
    }

    /// A number, a text, true or false.
    pub(super) fn scalar() -> Self {
        Self { made: true, ..Self::default() }
    }

    pub(super) fn open() -> Self {
        Self { open: true, ..Self::default() }
    }

    pub(super) fn of_members(members: Self) -> Self {
        Self { members: Some(Box::new(members)), ..Self::default() }
    }

    pub(super) fn join(&mut self, other: Self) {
        self.places.extend(other.places);
        self.open |= other.open;
        self.made |= other.made;
        if let Some(members) = other.members {
            self.members.get_or_insert_default().join(*members);
        }
    }

    /// What any member or element stands for.
    pub(super) fn any(&self) -> Self {
        let mut any = self.members.as_deref().cloned().unwrap_or_default();
        any.open |= self.open;
        any.places.extend(self.places.iter().map(|place| {
            let mut place = place.clone();
            place.push(Part::Any);
            place
        }));
        any
    }
}

/// The constant names at the beginning of a place, and whether that is all of it.
pub(super) fn constant(place: &[Part]) -> (Place, bool) {
    let names: Place = place
        .iter()
        .map_while(|part| match part {
            Part::Name(name) => Some(name.clone()),
            Part::Any => None,
        })
        .collect();
    let whole = names.len() == place.len();
    (names, whole)
}

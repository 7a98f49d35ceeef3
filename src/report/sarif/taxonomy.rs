//! The standards that rules refer to, as taxonomies (§3.14.8), and how rules relate to their clauses.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::rule::Rules;
use super::text::Text;
use crate::finding::Rule;
use crate::report::reference::{Reference, Standard};

/// Every clause that some rule refers to, by standard.
pub(super) struct Taxonomies<'r>(Vec<(Standard<'r>, Vec<Reference<'r>>)>);

impl<'r> Taxonomies<'r> {
    pub(super) fn of(rules: &Rules<'r>) -> Self {
        let mut standards: BTreeMap<Standard<'r>, BTreeSet<Reference<'r>>> = BTreeMap::new();
        for reference in rules.0.iter().flat_map(|(rule, _)| references(rule)) {
            standards.entry(reference.standard.clone()).or_default().insert(reference);
        }
        Self(
            standards
                .into_iter()
                .map(|(standard, clauses)| (standard, clauses.into_iter().collect()))
                .collect(),
        )
    }

    pub(super) fn components(&self) -> Vec<Taxonomy<'r>> {
        self.0.iter().map(|(standard, clauses)| Taxonomy::of(standard, clauses)).collect()
    }

    pub(super) fn names(&self) -> Vec<Component> {
        let standards = self.0.iter().enumerate();
        standards.map(|(index, (standard, _))| Component { name: standard.name.clone(), index }).collect()
    }

    /// How a rule relates to the clauses it refers to, each once.
    pub(super) fn relationships(&self, rule: &'r Rule) -> Vec<Relationship<'r>> {
        let clauses: BTreeSet<_> = references(rule).collect();
        clauses.iter().filter_map(|clause| self.relationship(clause)).collect()
    }

    fn relationship(&self, reference: &Reference<'r>) -> Option<Relationship<'r>> {
        let index = self.0.binary_search_by(|(standard, _)| standard.cmp(&reference.standard)).ok()?;
        let clause = self.0[index].1.binary_search(reference).ok()?;
        Some(Relationship {
            target: Taxon {
                id: reference.clause,
                index: clause,
                tool_component: Component { name: reference.standard.name.clone(), index },
            },
            // A weakness takes in what the rule finds (§3.53.3). A clause may ask for more, or for less.
            kinds: [if reference.cwe().is_some() { "superset" } else { "relevant" }],
        })
    }
}

fn references(rule: &Rule) -> impl Iterator<Item = Reference<'_>> {
    rule.references.iter().filter_map(|text| Reference::parse(text))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Taxonomy<'r> {
    name: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'r str>,
    organization: &'static str,
    short_description: Text,
    information_uri: String,
    taxa: Vec<Descriptor<'r>>,
}

impl<'r> Taxonomy<'r> {
    fn of(standard: &Standard<'r>, clauses: &[Reference<'r>]) -> Self {
        Self {
            name: standard.name.clone(),
            version: standard.version,
            organization: standard.organization,
            short_description: Text::plain(standard.title.to_owned()),
            information_uri: standard.uri.clone(),
            taxa: clauses.iter().map(Descriptor::of).collect(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor<'r> {
    id: &'r str,
    help_uri: String,
}

impl<'r> Descriptor<'r> {
    fn of(reference: &Reference<'r>) -> Self {
        Self { id: reference.clause, help_uri: reference.uri.clone() }
    }
}

#[derive(Serialize)]
pub(super) struct Component {
    name: Cow<'static, str>,
    index: usize,
}

#[derive(Serialize)]
pub(super) struct Relationship<'r> {
    target: Taxon<'r>,
    kinds: [&'static str; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Taxon<'r> {
    id: &'r str,
    index: usize,
    tool_component: Component,
}

//! Rules that need themselves: the engine would overflow its stack on a recursive function.

use std::collections::{BTreeMap, BTreeSet};

use super::names::{Definition, Program};
use crate::policy::problem::PolicyError;
use crate::policy::tree::head;

/// What each definition refers to, by the place of the rule.
pub(super) type Links = BTreeMap<Vec<String>, BTreeSet<Vec<String>>>;

/// One problem for each circle of rules, at the first of them.
pub(super) fn circles(program: &Program<'_>, uses: &Links) -> Vec<PolicyError> {
    let links: BTreeMap<&Vec<String>, BTreeSet<&Vec<String>>> = uses
        .iter()
        .map(|(place, used)| (place, used.iter().flat_map(|path| program.related(path)).collect()))
        .collect();
    let definitions: BTreeMap<&Vec<String>, Definition<'_>> =
        program.definitions().fold(BTreeMap::new(), |mut first, (place, definition)| {
            first.entry(place).or_insert(definition);
            first
        });
    let mut reported: BTreeSet<&Vec<String>> = BTreeSet::new();
    let mut problems = Vec::new();
    for place in links.keys() {
        if reported.contains(place) {
            continue;
        }
        let Some(circle) = circle(place, &links) else { continue };
        reported.extend(&circle);
        let Some(definition) = definitions.get(place) else { continue };
        let names: Vec<String> = circle
            .iter()
            .chain([place])
            .map(|place| format!("`{}`", place.last().map_or("", String::as_str)))
            .collect();
        let what = format!("recursion, which Rego does not have: {}", names.join(" needs "));
        let problem = definition.module.problem(head(definition.rule).span(), what);
        problems.push(
            problem
                .with_help("`walk`, `graph.reachable` and comprehensions go through nested data without it"),
        );
    }
    problems
}

/// The shortest way from a place back to itself, the place first.
fn circle<'l>(
    start: &'l Vec<String>,
    links: &BTreeMap<&'l Vec<String>, BTreeSet<&'l Vec<String>>>,
) -> Option<Vec<&'l Vec<String>>> {
    let mut came_from: BTreeMap<&Vec<String>, &Vec<String>> = BTreeMap::new();
    let mut next = std::collections::VecDeque::from([start]);
    while let Some(place) = next.pop_front() {
        for used in links.get(place).into_iter().flatten() {
            if *used == start {
                let mut way = vec![place];
                while let Some(before) = came_from.get(way[way.len() - 1]) {
                    way.push(before);
                }
                way.reverse();
                return Some(way);
            }
            if !came_from.contains_key(used) {
                came_from.insert(used, place);
                next.push_back(used);
            }
        }
    }
    None
}

//! Rules that need themselves, or too many others one behind the other: the engine would overflow its stack on them.

use std::collections::{BTreeMap, BTreeSet};

use super::names::{Definition, Program};
use crate::policy::problem::PolicyError;
use crate::policy::tree::head;

/// What each definition refers to, by the place of the rule.
pub(super) type Links = BTreeMap<Vec<String>, BTreeSet<Vec<String>>>;

/// How many rules may stand one behind the other. The engine goes through 500; nobody writes 20.
const LONGEST: usize = 200;

type Needs<'l> = BTreeMap<&'l Vec<String>, BTreeSet<&'l Vec<String>>>;

/// One problem for each circle of rules, at the first of them, and for each chain that is too long.
pub(super) fn problems(program: &Program<'_>, uses: &Links) -> Vec<PolicyError> {
    let links: Needs<'_> = uses
        .iter()
        .map(|(place, used)| (place, used.iter().flat_map(|path| program.related(path)).collect()))
        .collect();
    let definitions: BTreeMap<&Vec<String>, Definition<'_>> =
        program.definitions().fold(BTreeMap::new(), |mut first, (place, definition)| {
            first.entry(place).or_insert(definition);
            first
        });
    let depths = depths(&links);
    let mut reported: BTreeSet<&Vec<String>> = BTreeSet::new();
    let mut problems = Vec::new();
    for place in links.keys() {
        if let Some(depth) = depths.get(place) {
            if let (true, Some(definition)) = (*depth == LONGEST + 1, definitions.get(place)) {
                let what = format!("this stands on a chain of more than {LONGEST} rules");
                let problem = definition.module.problem(head(definition.rule).span(), what);
                problems.push(problem.with_help("write a comprehension, or data, in place of so many rules"));
            }
            continue;
        }
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

/// The length of the longest chain that each place stands on; nothing for a place that leads into a circle.
fn depths<'l>(links: &Needs<'l>) -> BTreeMap<&'l Vec<String>, usize> {
    let mut used_by: BTreeMap<&Vec<String>, Vec<&'l Vec<String>>> = BTreeMap::new();
    let mut open: BTreeMap<&Vec<String>, usize> = BTreeMap::new();
    for (place, used) in links {
        let known = used.iter().filter(|used| links.contains_key(*used));
        open.insert(place, known.clone().count());
        for used in known {
            used_by.entry(used).or_default().push(place);
        }
    }
    let mut ready: Vec<&'l Vec<String>> =
        links.keys().copied().filter(|place| open.get(place) == Some(&0)).collect();
    let mut depths: BTreeMap<&'l Vec<String>, usize> = ready.iter().map(|place| (*place, 1)).collect();
    let mut next = 0;
    while let Some(place) = ready.get(next).copied() {
        next += 1;
        let below = depths.get(place).copied().unwrap_or(1);
        for user in used_by.get(place).into_iter().flatten() {
            let depth = depths.entry(user).or_insert(1);
            *depth = (*depth).max(below + 1);
            if let Some(left) = open.get_mut(user) {
                *left -= 1;
                if *left == 0 {
                    ready.push(user);
                }
            }
        }
    }
    // What was reached but is never ready leads into a circle.
    depths.retain(|place, _| open.get(place) == Some(&0));
    depths
}

/// The shortest way from a place back to itself, the place first.
fn circle<'l>(start: &'l Vec<String>, links: &Needs<'l>) -> Option<Vec<&'l Vec<String>>> {
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

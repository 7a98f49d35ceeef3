//! Rules that need themselves, or too many others one behind the other: the engine would overflow its stack on them.

use std::collections::{BTreeMap, BTreeSet};

use super::names::{Definition, Program};
use crate::policy::problem::PolicyError;
use crate::policy::tree::head;

/// What each definition refers to, by the place of the rule.
pub(super) type Links = BTreeMap<Vec<String>, BTreeSet<Vec<String>>>;

/// How many rules may stand one behind the other, each as deep as `policy::depth` lets it be. Nobody writes 20.
const LONGEST: usize = 100;

/// The rules that each rule needs, by their numbers in the order of their places.
type Needs = Vec<BTreeSet<usize>>;

/// One problem for each circle of rules, at the first of them, and for each chain that is too long.
pub(super) fn problems(program: &Program<'_>, uses: &Links) -> Vec<PolicyError> {
    let mut rules: Vec<(&Vec<String>, Definition<'_>)> = program.definitions().collect();
    rules.dedup_by_key(|(place, _)| *place);
    // The program has each place once, so that its address says which one it is.
    let address = |place: &Vec<String>| std::ptr::from_ref(place).addr();
    let numbers: BTreeMap<usize, usize> =
        rules.iter().enumerate().map(|(number, (place, _))| (address(place), number)).collect();
    let links: Needs = rules
        .iter()
        .map(|(place, _)| {
            let related = uses.get(*place).into_iter().flatten().flat_map(|path| program.related(path));
            related.filter_map(|place| numbers.get(&address(place)).copied()).collect()
        })
        .collect();
    let depths = depths(&links);
    let mut reported: BTreeSet<usize> = BTreeSet::new();
    let mut problems = Vec::new();
    for (number, (_, definition)) in rules.iter().enumerate() {
        if let Some(depth) = depths[number] {
            if depth == LONGEST + 1 {
                let what = format!("this stands on a chain of more than {LONGEST} rules");
                let problem = definition.module.problem(head(definition.rule).span(), what);
                problems.push(problem.with_help("write a comprehension, or data, in place of so many rules"));
            }
            continue;
        }
        if reported.contains(&number) {
            continue;
        }
        let Some(circle) = circle(number, &links) else { continue };
        reported.extend(&circle);
        let names: Vec<String> = circle
            .iter()
            .chain([&number])
            .map(|number| format!("`{}`", rules[*number].0.last().map_or("", String::as_str)))
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

/// The length of the longest chain that each rule stands on; nothing for one that leads into a circle.
fn depths(links: &Needs) -> Vec<Option<usize>> {
    let mut used_by: Vec<Vec<usize>> = vec![Vec::new(); links.len()];
    for (user, used) in links.iter().enumerate() {
        for used in used {
            used_by[*used].push(user);
        }
    }
    let mut open: Vec<usize> = links.iter().map(BTreeSet::len).collect();
    let mut ready: Vec<usize> = (0..links.len()).filter(|rule| open[*rule] == 0).collect();
    let mut depths = vec![1; links.len()];
    let mut next = 0;
    while let Some(rule) = ready.get(next).copied() {
        next += 1;
        for user in &used_by[rule] {
            depths[*user] = depths[*user].max(depths[rule] + 1);
            open[*user] -= 1;
            if open[*user] == 0 {
                ready.push(*user);
            }
        }
    }
    // What is never ready leads into a circle.
    depths.into_iter().zip(open).map(|(depth, open)| (open == 0).then_some(depth)).collect()
}

/// The shortest way from a rule back to itself, the rule first.
fn circle(start: usize, links: &Needs) -> Option<Vec<usize>> {
    let mut came_from: BTreeMap<usize, usize> = BTreeMap::new();
    let mut next = std::collections::VecDeque::from([start]);
    while let Some(rule) = next.pop_front() {
        for used in &links[rule] {
            if *used == start {
                let mut way = vec![rule];
                while let Some(before) = came_from.get(&way[way.len() - 1]) {
                    way.push(*before);
                }
                way.reverse();
                return Some(way);
            }
            if let std::collections::btree_map::Entry::Vacant(entry) = came_from.entry(*used) {
                entry.insert(rule);
                next.push_back(*used);
            }
        }
    }
    None
}

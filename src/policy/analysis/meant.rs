//! What a name may have meant that nothing defines or binds, beyond a name that is nearly the same: a word of another
//! language, a rule that is not imported, data that is at another place, a policy that a test is given without.

use std::collections::VecDeque;

use super::form::makes_findings;
use super::names::{Meaning, Program};
use crate::policy::module::Module;
use crate::policy::reflection;
use crate::policy::tree::dotted;

/// Advice on a variable that nothing binds.
pub(super) fn by_variable(program: &Program<'_>, module: &Module, name: &str) -> Option<String> {
    let literal = match name {
        "True" | "TRUE" => "true",
        "False" | "FALSE" => "false",
        "None" | "nil" | "Nil" | "NULL" | "Null" | "undefined" => "null",
        _ => return by_test(program, module, name),
    };
    Some(format!("write `{literal}`"))
}

/// A test names a rule as if it stood in its package.
fn by_test(program: &Program<'_>, module: &Module, name: &str) -> Option<String> {
    let (last, above) = module.package.split_last().filter(|_| module.is_test())?;
    let tested = last.strip_suffix("_test");
    let package: Vec<String> = above.iter().cloned().chain([tested.unwrap_or(last).to_owned()]).collect();
    let place: Vec<String> = package.iter().cloned().chain([name.to_owned()]).collect();
    let is_there = tested.is_some() && matches!(program.meaning(&place), Meaning::Rule(..));
    if !is_there && !makes_findings(name) {
        return None;
    }
    if tested.is_none() {
        return Some(format!(
            "no rule `{name}` of this package is here: give the file or the folder of the policy, too"
        ));
    }
    let (short, path) = (package.last()?, reference(&package));
    Some(format!("it is a rule of another package: `import {path}`, and write `{short}.{name}`"))
}

/// Advice on a path, `data` first, of which nothing defines what follows its first `known` parts behind `data`.
pub(super) fn by_path(program: &Program<'_>, path: &[String], known: usize) -> Option<String> {
    let missing = &path[1..known + 2];
    let test = format!("{}_test", path[known + 1]);
    if program.children(&path[1..=known]).contains(&test) {
        let there = reference(&[&path[1..=known], &[test]].concat());
        return Some(format!(
            "of `{}` only the test is here, `{there}`: give the file or the folder of the policy, too",
            reference(missing)
        ));
    }
    let (wanted, there) =
        [&path[1..], missing].into_iter().find_map(|wanted| Some((wanted, elsewhere(program, wanted)?)))?;
    let counts = format!(
        "`{}` is there, from a data file: its folder counts, and its name does not",
        reference(&there)
    );
    Some(match wanted.strip_suffix(there.as_slice()) {
        Some(folders) => format!("{counts}; put it into a folder `{}`", folders.join("/")),
        None => counts,
    })
}

/// The place of data that has some parts more or fewer than what is wanted, and otherwise the same ones.
fn elsewhere(program: &Program<'_>, wanted: &[String]) -> Option<Vec<String>> {
    let mut waiting = VecDeque::from([(Vec::new(), program.data)]);
    while let Some((place, value)) = waiting.pop_front() {
        if place.last() == wanted.last() && (is_within(&place, wanted) || is_within(wanted, &place)) {
            return Some(place);
        }
        let ours = |name: &str| place.is_empty() && (name == "audit" || name == reflection::ROOT);
        for (name, below) in value.as_object().into_iter().flatten().filter(|(name, _)| !ours(name)) {
            waiting.push_back((place.iter().cloned().chain([name.clone()]).collect(), below));
        }
    }
    None
}

/// Whether the parts of one path are all in another one, in their order.
fn is_within(few: &[String], many: &[String]) -> bool {
    let mut many = many.iter();
    !few.is_empty() && few.iter().all(|part| many.any(|other| other == part))
}

fn reference(place: &[String]) -> String {
    dotted(std::iter::once("data").chain(place.iter().map(String::as_str)))
}

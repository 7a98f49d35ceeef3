//! Which targets a `[[drift]]` compares with which: by app and resource, from the ids alone.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Drift;
use crate::target::TargetId;

/// What the `[[drift]]` tables of a configuration come to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Pairing {
    /// Targets and what each is to agree with, in the order of the configuration, then of the targets.
    pub pairs: Vec<Pair>,
    /// Targets without a counterpart.
    pub alone: Vec<Alone>,
    /// Tables that pair nothing, and are not in doubt about any: by their place.
    pub empty: Vec<usize>,
}

/// A target and what it is to agree with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The place of the `[[drift]]` in the configuration.
    pub drift: usize,
    /// As it should be.
    pub expected: TargetId,
    /// What is compared with it.
    pub actual: TargetId,
}

/// A target that cannot be paired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alone {
    /// The place of the `[[drift]]` in the configuration.
    pub drift: usize,
    /// The target.
    pub actual: TargetId,
    /// What it may be compared with: none, or several of which nobody says which one.
    pub candidates: Vec<TargetId>,
}

/// The parts of an id.
#[derive(Clone, Copy)]
struct Named<'t> {
    id: &'t TargetId,
    app: &'t str,
    environment: &'t str,
    /// Empty where it could not be looked up.
    resource: &'t str,
}

impl<'t> Named<'t> {
    /// `None` for a file that names no target.
    fn of(id: &'t TargetId) -> Option<Self> {
        let mut parts = id.as_str().split('/');
        let (app, environment, resource) = (parts.next()?, parts.next()?, parts.next()?);
        (!app.contains(':')).then_some(Self { id, app, environment, resource })
    }
}

/// Pairs all targets that there are.
///
/// A target that is to agree with others is compared with the one of its own app that is expected: the one of its
/// resource, or the only one where both environments have one resource. Where `expected` names one app, targets of other
/// apps are compared with that app's. One that is itself expected is compared with nothing.
///
/// `are_whole` tells whether all resources of the environments are there: else which is the only one is not known.
#[must_use]
pub fn pair<'t>(
    drift: &[Drift],
    targets: impl IntoIterator<Item = &'t TargetId>,
    are_whole: bool,
) -> Pairing {
    let targets: BTreeSet<&TargetId> = targets.into_iter().collect();
    let targets: Vec<Named<'t>> = targets.into_iter().filter_map(Named::of).collect();
    let mut pairing = Pairing::default();
    for (place, drift) in drift.iter().enumerate() {
        let mut expected: BTreeMap<&str, Vec<Named<'t>>> = BTreeMap::new();
        for target in targets.iter().filter(|target| drift.expected.glob.is_match(target.id)) {
            expected.entry(target.app).or_default().push(*target);
        }
        let is_actual = |target: &&Named<'t>| {
            drift.actual.glob.is_match(target.id) && !drift.expected.glob.is_match(target.id)
        };
        let actual: Vec<Named<'t>> = targets.iter().filter(is_actual).copied().collect();
        let mut alike: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for target in &actual {
            *alike.entry((target.app, target.environment)).or_default() += 1;
        }
        for target in &actual {
            let own = expected.get(target.app);
            let other = || drift.expected.glob.names_one_app().then(|| expected.values().next()).flatten();
            let candidates = own.or_else(other).map_or(&[][..], Vec::as_slice);
            let is_only_one = are_whole && alike[&(target.app, target.environment)] == 1;
            match counterparts(target, candidates, is_only_one)[..] {
                [one] => pairing.pairs.push(Pair {
                    drift: place,
                    expected: one.id.clone(),
                    actual: target.id.clone(),
                }),
                ref several => pairing.alone.push(Alone {
                    drift: place,
                    actual: target.id.clone(),
                    candidates: several.iter().map(|candidate| candidate.id.clone()).collect(),
                }),
            }
        }
        if !pairing.pairs.iter().any(|pair| pair.drift == place)
            && pairing.alone.iter().all(|alone| alone.drift != place || alone.candidates.is_empty())
        {
            pairing.empty.push(place);
        }
    }
    pairing
}

/// Those of the candidates that a target may be meant to agree with.
fn counterparts<'t>(target: &Named<'t>, candidates: &[Named<'t>], is_only_one: bool) -> Vec<Named<'t>> {
    let of_resource: Vec<Named<'t>> =
        candidates.iter().filter(|candidate| candidate.resource == target.resource).copied().collect();
    if !of_resource.is_empty() {
        return of_resource;
    }
    // Names of resources are chosen anew with each environment that was not cloned.
    let environments: BTreeSet<(&str, &str)> =
        candidates.iter().map(|candidate| (candidate.app, candidate.environment)).collect();
    let is_unknown =
        target.resource.is_empty() || candidates.iter().any(|candidate| candidate.resource.is_empty());
    if (is_only_one && environments.len() == candidates.len()) || is_unknown {
        candidates.to_vec()
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Pattern, TargetGlob};
    use crate::location::{Location, Region};

    fn drift(expected: &str, actual: &str) -> Drift {
        let location = || Location { file: "audit.toml".into(), region: Region::START };
        let pattern = |written: &str| Pattern {
            written: written.to_owned(),
            glob: TargetGlob::parse(written).expect("a glob"),
            location: location(),
        };
        Drift {
            expected: pattern(expected),
            actual: pattern(actual),
            ignore: Vec::new(),
            location: location(),
        }
    }

    /// What is said of these targets: `ACTUAL = EXPECTED`, `ACTUAL ? CANDIDATES`, `empty`.
    fn paired(expected: &str, actual: &str, targets: &[&str]) -> Vec<String> {
        let ids: Vec<TargetId> = targets.iter().map(|id| TargetId::parse(id).expect("an id")).collect();
        let Pairing { pairs, alone, empty } = pair(&[drift(expected, actual)], &ids, true);
        let pairs = pairs.iter().map(|pair| format!("{} = {}", pair.actual, pair.expected));
        let alone = alone.iter().map(|alone| {
            let candidates: Vec<_> = alone.candidates.iter().map(TargetId::as_str).collect();
            format!("{} ? {}", alone.actual, candidates.join(" "))
        });
        pairs.chain(alone).chain(empty.iter().map(|_| "empty".to_owned())).collect()
    }

    #[test]
    fn targets_are_paired_by_app_and_resource() {
        for (expected, actual, targets, said) in [
            (
                "*/prod",
                "*/staging",
                &["a/prod/r", "a/staging/r", "b/prod/s", "b/staging/s"][..],
                &["a/staging/r = a/prod/r", "b/staging/s = b/prod/s"][..],
            ),
            // The only resource of both environments, whatever its name.
            ("*/prod", "*/staging", &["a/prod/r1", "a/staging/r2"], &["a/staging/r2 = a/prod/r1"]),
            // Several resources: by their names alone.
            (
                "*/prod",
                "*/staging",
                &["a/prod/r", "a/staging/r", "a/staging/s"],
                &["a/staging/r = a/prod/r", "a/staging/s ? "],
            ),
            (
                "*/prod",
                "*/staging",
                &["a/prod/r", "a/prod/s", "a/staging/t", "a/staging/r"],
                &["a/staging/r = a/prod/r", "a/staging/t ? "],
            ),
            // An app without the environment, beside one that has it.
            (
                "*/prod",
                "*/staging",
                &["a/prod/r", "a/staging/r", "b/staging/r"],
                &["a/staging/r = a/prod/r", "b/staging/r ? "],
            ),
            // Two that are expected: nobody knows which.
            (
                "*/prod*",
                "*/staging",
                &["a/prod/r", "a/prod-eu/r", "a/staging/r"],
                &["a/staging/r ? a/prod-eu/r a/prod/r"],
            ),
            (
                "*/prod*",
                "*/staging",
                &["a/prod/r", "a/prod-eu/s", "a/staging/t"],
                &["a/staging/t ? a/prod-eu/s a/prod/r"],
            ),
            // What is expected is compared with nothing.
            (
                "*/prod",
                "*",
                &["a/prod/r", "a/dev/r", "a/staging/r"],
                &["a/dev/r = a/prod/r", "a/staging/r = a/prod/r"],
            ),
            // One app is the measure of others.
            (
                "a/prod",
                "*/prod",
                &["a/prod/r", "b/prod/s", "c/prod/r"],
                &["b/prod/s = a/prod/r", "c/prod/r = a/prod/r"],
            ),
            ("a/prod", "b/prod", &["a/prod/r", "a/prod/s", "b/prod/s"], &["b/prod/s = a/prod/s"]),
            // A resource that could not be looked up may be the one.
            (
                "*/prod",
                "*/staging",
                &["a/prod/", "a/staging/r", "a/staging/s"],
                &["a/staging/r = a/prod/", "a/staging/s = a/prod/"],
            ),
            // Nothing at all.
            ("*/prod", "*/staging", &["a/dev/r"], &["empty"]),
            ("*/prod", "*/staging", &["a/staging/r"], &["a/staging/r ? ", "empty"]),
            ("*/prod", "*/staging", &["a/prod/r", "b/staging/r"], &["b/staging/r ? ", "empty"]),
            ("*/prod", "*/prod", &["a/prod/r", "b/prod/r"], &["empty"]),
            ("*", "*", &["file:a/b/c"], &["empty"]),
        ] {
            assert_eq!(paired(expected, actual, targets), said, "{expected} {actual} {targets:?}");
        }
    }
}

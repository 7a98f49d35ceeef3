//! The apps of a report: what was found in each, and what could not be seen.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::Report;
use super::verdict::plural;
use crate::finding::{Disposition, Severity};

/// One row in so many is for the worst apps in any case.
const WORST: usize = 4;

/// One app.
#[derive(Debug, Default)]
pub(super) struct App<'r> {
    /// Its id; empty for files that name no app.
    pub(super) id: &'r str,
    /// Its name, where a target tells it.
    pub(super) name: Option<&'r str>,
    /// How many targets it has.
    pub(super) targets: usize,
    /// How many of them could not be audited.
    pub(super) unaudited: usize,
    /// How many findings of each severity it has that nobody accepted.
    pub(super) found: BTreeMap<Severity, usize>,
    /// How many that somebody accepted.
    pub(super) waived: usize,
    affected: BTreeSet<&'r str>,
}

impl App<'_> {
    /// The severity of its worst finding that nobody accepted.
    pub(super) fn worst(&self) -> Option<Severity> {
        self.found.keys().max().copied()
    }

    /// How many targets such findings are in.
    pub(super) fn affected(&self) -> usize {
        self.affected.len()
    }

    fn is_clean(&self) -> bool {
        self.found.is_empty() && self.unaudited == 0
    }
}

/// All apps.
#[derive(Debug)]
pub(super) struct Apps<'r> {
    /// Those with findings that nobody accepted, or with unaudited targets; the worst first.
    pub(super) bad: Vec<App<'r>>,
    /// The others.
    pub(super) clean: Vec<App<'r>>,
}

impl<'r> Apps<'r> {
    pub(super) fn of(report: &'r Report) -> Self {
        let mut apps: BTreeMap<&str, App<'_>> = BTreeMap::new();
        for outcome in &report.targets {
            let target = &outcome.target;
            let app = apps.entry(&target.app_id).or_default();
            app.name = app.name.or(target.app_name.as_deref());
            app.targets += 1;
            app.unaudited += usize::from(outcome.unaudited.is_some());
        }
        for finding in &report.findings {
            let app = apps.entry(&finding.target.app_id).or_default();
            if finding.disposition == Disposition::Waived {
                app.waived += 1;
            } else {
                app.affected.insert(finding.target.id.as_str());
                *app.found.entry(finding.severity).or_default() += 1;
            }
        }
        let apps = apps.into_iter().map(|(id, app)| App { id, ..app });
        let (clean, mut bad): (Vec<_>, Vec<_>) = apps.partition(App::is_clean);
        // Those that are alike stay in the order of their ids.
        bad.sort_by_cached_key(|app| {
            let counts = Severity::ALL.map(|severity| app.found.get(&severity).copied());
            Reverse((counts, app.unaudited))
        });
        Self { bad, clean }
    }

    /// So many of the bad ones at most, and the others: the worst in any case, and before what else was found those
    /// with unaudited targets, because nobody knows how bad they are.
    pub(super) fn shown(&self, most: usize) -> (Vec<&App<'r>>, Vec<&App<'r>>) {
        let worst = most.div_ceil(WORST);
        let mut order: Vec<usize> = (0..self.bad.len()).collect();
        order.sort_by_key(|index| (*index >= worst, self.bad[*index].unaudited == 0, *index));
        let shown: BTreeSet<usize> = order.into_iter().take(most).collect();
        let (mut rows, mut others) = (Vec::new(), Vec::new());
        for (index, app) in self.bad.iter().enumerate() {
            if shown.contains(&index) { rows.push(app) } else { others.push(app) }
        }
        (rows, others)
    }

    /// How many the others are; `None` where there is none.
    pub(super) fn clean_said(&self) -> Option<String> {
        let aside = if self.clean.iter().any(|app| app.waived > 0) { " that are not waived" } else { "" };
        let count = self.clean.len();
        (count > 0).then(|| format!("{} without findings{aside}", plural(count, "app")))
    }
}

/// What is said of apps that are not shown.
pub(super) fn others(apps: &[&App<'_>]) -> Option<String> {
    let worst = apps.iter().filter_map(|app| app.worst()).max();
    let worst = worst.map_or(String::new(), |worst| format!(", at worst {worst}"));
    let unaudited = match apps.iter().filter(|app| app.unaudited > 0).count() {
        0 => String::new(),
        some => format!(", {some} with unaudited targets"),
    };
    (!apps.is_empty()).then(|| format!("{}{worst}{unaudited}", plural(apps.len(), "more app")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apps_with_unaudited_targets_are_not_what_is_cut() {
        let app =
            |unaudited| App { unaudited, found: BTreeMap::from([(Severity::High, 1)]), ..App::default() };
        // Which of a hundred are blind, and which of them are shown in ten rows.
        for (blind, expected) in [
            (90..100, vec![0, 1, 2, 90, 91, 92, 93, 94, 95, 96]),
            (98..100, vec![0, 1, 2, 3, 4, 5, 6, 7, 98, 99]),
            (0..2, (0..10).collect()),
            (0..0, (0..10).collect()),
        ] {
            let bad: Vec<_> = (0..100).map(|index| app(usize::from(blind.contains(&index)))).collect();
            let apps = Apps { bad, clean: Vec::new() };
            let (shown, more) = apps.shown(10);
            let is_same =
                |index: &usize| shown.iter().any(|app| std::ptr::eq(*app, &raw const apps.bad[*index]));
            assert!(shown.len() == 10 && expected.iter().all(is_same), "{blind:?}");
            let cut = blind.len() - shown.iter().filter(|app| app.unaudited > 0).count();
            let said = if cut == 0 { String::new() } else { format!(", {cut} with unaudited targets") };
            assert_eq!(others(&more), Some(format!("90 more apps, at worst high{said}")));
        }
        let apps = Apps { bad: vec![app(1)], clean: Vec::new() };
        assert_eq!(others(&apps.shown(10).1), None);
    }
}

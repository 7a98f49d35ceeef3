//! The apps of a report: what was found in each, and what could not be seen.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::Report;
use crate::finding::{Disposition, Severity};

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
}

//! What a source brought, and which of its filters took part: a pattern that matches nothing is said.

use std::cell::Cell;

use crate::config::{Filter, Pattern, Source, Wanted};
use crate::finding::{Notice, NoticeKind};

/// What happened to one source.
#[derive(Debug)]
pub(super) struct Tally {
    targets: Cell<usize>,
    partial: Cell<bool>,
    apps: Vec<Cell<bool>>,
    environments: Vec<Cell<bool>>,
    exclude: Vec<Cell<bool>>,
}

impl Tally {
    pub(super) fn new(wanted: &Wanted) -> Self {
        let cells = |count: usize| (0..count).map(|_| Cell::new(false)).collect();
        let count = |patterns: &Option<Vec<_>>| patterns.as_ref().map_or(0, Vec::len);
        let (apps, environments, exclude) = match wanted {
            Wanted::Targets(_) => (0, 0, 0),
            Wanted::Discovered(filter) => {
                (count(&filter.apps), count(&filter.environments), filter.exclude.len())
            }
        };
        Self {
            targets: Cell::new(0),
            partial: Cell::new(false),
            apps: cells(apps),
            environments: cells(environments),
            exclude: cells(exclude),
        }
    }

    /// A target was found.
    pub(super) fn found(&self) {
        self.targets.set(self.targets.get() + 1);
    }

    /// A part of the source could not be read: what seems to be missing may be there.
    pub(super) fn is_partial(&self) {
        self.partial.set(true);
    }

    /// Whether the filter takes an app, by id or by name.
    pub(super) fn takes_app(&self, filter: &Filter, id: &str, name: Option<&str>) -> bool {
        takes(filter.apps.as_deref(), &self.apps, |glob| {
            glob.is_match(id) || name.is_some_and(|name| glob.is_match(name))
        })
    }

    /// Whether the filter takes an environment.
    pub(super) fn takes_environment(&self, filter: &Filter, name: &str) -> bool {
        takes(filter.environments.as_deref(), &self.environments, |glob| glob.is_match(name))
    }

    /// Whether all targets whose ids begin so are left out.
    pub(super) fn leaves_out(&self, filter: &Filter, beginning: &str) -> bool {
        any(&filter.exclude, &self.exclude, |glob| glob.covers(beginning))
    }

    /// What is to be said of the source when all of it has been visited.
    pub(super) fn notices(&self, source: &Source, wanted: &Wanted) -> Vec<Notice> {
        let Wanted::Discovered(filter) = wanted else { return Vec::new() };
        if self.partial.get() {
            return Vec::new();
        }
        let mut notices = Vec::new();
        let mut unused = |kind, what: &str, pattern: &Pattern<_>| {
            let message = format!("`{}` in `{what}` of {} matches nothing", pattern.written, source.name);
            notices.push(Notice::new(kind, message).at(pattern.location.clone()));
        };
        for (pattern, _) in filter.apps.iter().flatten().zip(&self.apps).filter(|(_, used)| !used.get()) {
            unused(NoticeKind::EmptySource, "apps", pattern);
        }
        let environments = filter.environments.iter().flatten().zip(&self.environments);
        for (pattern, _) in environments.filter(|(_, used)| !used.get()) {
            unused(NoticeKind::EmptySource, "environments", pattern);
        }
        for (pattern, _) in filter.exclude.iter().zip(&self.exclude).filter(|(_, used)| !used.get()) {
            let message = format!(
                "`{}` in `exclude` of {} leaves nothing out; it is matched against ids, APP/ENVIRONMENT/RESOURCE, as `audit targets` lists them",
                pattern.written, source.name
            );
            notices.push(Notice::new(NoticeKind::FilterUnused, message).at(pattern.location.clone()));
        }
        if self.targets.get() == 0 {
            let message = format!("{} has no target: nothing was read from it", source.name);
            notices.push(Notice::new(NoticeKind::EmptySource, message).at(source.location.clone()));
        }
        notices
    }
}

/// Whether any pattern matches, where there are patterns; all that do have been of use.
fn takes<G>(patterns: Option<&[Pattern<G>]>, used: &[Cell<bool>], matches: impl Fn(&G) -> bool) -> bool {
    patterns.is_none_or(|patterns| any(patterns, used, matches))
}

fn any<G>(patterns: &[Pattern<G>], used: &[Cell<bool>], matches: impl Fn(&G) -> bool) -> bool {
    let mut taken = false;
    for (_, used) in patterns.iter().zip(used).filter(|(pattern, _)| matches(&pattern.glob)) {
        used.set(true);
        taken = true;
    }
    taken
}

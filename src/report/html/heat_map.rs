//! Targets × areas: the worst finding of each, and where nobody could look.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use super::{Subject, area};
use crate::finding::{Disposition, Finding, Severity};
use crate::report::{Outcome, Report};
use crate::target::{TargetId, Unaudited};

/// The table.
pub(super) struct HeatMap<'r> {
    pub(super) areas: Vec<&'r str>,
    /// Unaudited targets first, then those with the worst findings.
    pub(super) rows: Vec<Row<'r>>,
}

impl<'r> HeatMap<'r> {
    /// `ids` are the anchors of the findings.
    pub(super) fn of(report: &'r Report, ids: &[String]) -> Self {
        let judged = report.rules.iter().map(|rule| rule.id.as_str());
        let found = report.findings.iter().map(|finding| finding.rule.id.as_str());
        let unjudged = report.targets.iter().filter_map(|outcome| outcome.unaudited.as_ref());
        let unjudged = unjudged.flat_map(|why| why.rules.iter().map(String::as_str));
        let areas: BTreeSet<&str> = judged.chain(found).chain(unjudged).map(area).collect();
        let areas: Vec<&str> = areas.into_iter().collect();
        let columns: HashMap<&str, usize> = areas.iter().copied().zip(0..).collect();
        let row = |outcome| Row::of(outcome, report.is_judged(outcome), &areas);
        let mut rows: Vec<Row<'r>> = report.targets.iter().map(row).collect();
        let index: HashMap<&TargetId, usize> =
            report.targets.iter().map(|outcome| &outcome.target.id).zip(0..).collect();
        for (finding, id) in report.findings.iter().zip(ids) {
            let row = index.get(&finding.target.id).and_then(|row| rows.get_mut(*row));
            if let (Some(row), Some(column)) = (row, columns.get(area(&finding.rule.id))) {
                row.whole.add(finding, id);
                row.cells[*column].add(finding, id);
            }
        }
        rows.sort_by_key(Row::order);
        Self { areas, rows }
    }
}

/// One target.
pub(super) struct Row<'r> {
    pub(super) subject: Subject<'r>,
    pub(super) unaudited: Option<&'r Unaudited>,
    /// Whether any rule judged it.
    pub(super) is_judged: bool,
    pub(super) whole: Cell,
    pub(super) cells: Vec<Cell>,
}

impl<'r> Row<'r> {
    fn of(outcome: &'r Outcome, is_judged: bool, areas: &[&str]) -> Self {
        let why = outcome.unaudited.as_ref();
        let unseen = |area_of: &str| {
            why.is_some_and(|why| why.rules.is_empty() || why.rules.iter().any(|rule| area(rule) == area_of))
        };
        Self {
            subject: Subject(&outcome.target),
            unaudited: why,
            is_judged,
            whole: Cell { unaudited: why.is_some(), ..Cell::default() },
            cells: areas.iter().map(|area| Cell { unaudited: unseen(area), ..Cell::default() }).collect(),
        }
    }

    fn order(&self) -> impl Ord + use<> {
        let Cell { unaudited, open, below, .. } = &self.whole;
        Reverse((*unaudited, open.worst, open.count, below.worst, below.count))
    }
}

/// What is known of one area of one target, or of all of them.
#[derive(Default)]
pub(super) struct Cell {
    unaudited: bool,
    open: Tally,
    below: Tally,
    waived: usize,
    carried: usize,
    /// Anchor of its first finding, the worst.
    pub(super) first: Option<String>,
}

#[derive(Default)]
struct Tally {
    worst: Option<Severity>,
    count: usize,
}

impl Tally {
    fn add(&mut self, severity: Severity) {
        self.worst = self.worst.max(Some(severity));
        self.count += 1;
    }

    /// The severity that a cell shows, with how often there is one of whatever severity.
    fn shown(&self) -> Option<(Severity, usize)> {
        self.worst.map(|worst| (worst, self.count))
    }
}

impl Cell {
    fn add(&mut self, finding: &Finding, id: &str) {
        match finding.disposition {
            Disposition::Open => self.open.add(finding.severity),
            Disposition::BelowThreshold => self.below.add(finding.severity),
            Disposition::Waived => self.waived += 1,
        }
        self.carried += usize::from(finding.carried);
        self.first.get_or_insert_with(|| id.to_owned());
    }

    /// Look: `unaudited`, beside it `open SEVERITY`, `below SEVERITY`, `waived` or `clean`.
    pub(super) fn class(&self) -> String {
        let found = match (self.open.worst, self.below.worst) {
            (Some(worst), _) => format!("open {worst}"),
            (None, Some(worst)) => format!("below {worst}"),
            (None, None) if self.waived > 0 => "waived".to_owned(),
            (None, None) if self.unaudited => String::new(),
            (None, None) => "clean".to_owned(),
        };
        let unaudited = if self.unaudited { "unseen " } else { "" };
        format!("{unaudited}{found}").trim_end().to_owned()
    }

    /// A letter and a number, so that nothing is said by colour alone.
    pub(super) fn mark(&self) -> String {
        let found = match self.open.shown().or(self.below.shown()) {
            Some((worst, count)) => format!("{} {count}", letter(worst)),
            None if self.waived > 0 => format!("w {}", self.waived),
            None if self.unaudited => String::new(),
            None => "✓".to_owned(),
        };
        let unaudited = if self.unaudited { "?" } else { "" };
        format!("{found} {unaudited}").trim().to_owned()
    }

    /// The same in words.
    pub(super) fn said(&self) -> String {
        let mut parts = Vec::new();
        if self.unaudited {
            parts.push("not audited".to_owned());
        }
        if let Some((worst, count)) = self.open.shown() {
            parts.push(format!("{count} open, worst {worst}"));
        }
        if let Some((worst, count)) = self.below.shown() {
            parts.push(format!("{count} below the threshold, worst {worst}"));
        }
        if self.waived > 0 {
            parts.push(format!("{} waived", self.waived));
        }
        if self.carried > 0 {
            parts.push(format!("{} carried over", self.carried));
        }
        if parts.is_empty() { "no findings".to_owned() } else { parts.join("; ") }
    }
}

/// What stands for a severity where there is no room for the word.
fn letter(severity: Severity) -> char {
    match severity {
        Severity::Critical => 'C',
        Severity::High => 'H',
        Severity::Medium => 'M',
        Severity::Low => 'L',
        Severity::Info => 'I',
    }
}

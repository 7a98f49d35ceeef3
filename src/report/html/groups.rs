//! What belongs under one heading: findings of a rule, targets that failed alike, notices of a kind.

use std::collections::{BTreeMap, BTreeSet};

use super::{Item, Subject, anchor, counted, place, words};
use crate::finding::{Disposition, Notice, Rule, Severity};
use crate::report::{Outcome, Report};
use crate::target::Unaudited;

/// More than so many are folded.
const MOST_LISTED: usize = 10;

/// The findings of one rule and severity, in the order of reports.
pub(super) struct Group<'r> {
    pub(super) rule: &'r Rule,
    pub(super) severity: Severity,
    /// Whether the rule is explained here: once, where it comes first.
    pub(super) explained: bool,
    pub(super) items: Vec<Item<'r>>,
}

impl Group<'_> {
    pub(super) fn anchor(&self) -> String {
        anchor("r", &self.rule.id)
    }

    pub(super) fn is_below_threshold(&self) -> bool {
        self.items.iter().all(Item::is_below_threshold)
    }

    /// How many findings, and of how many targets where that is another number.
    pub(super) fn said(&self) -> String {
        let targets: BTreeSet<_> = self.items.iter().map(|item| &item.finding.target.id).collect();
        let findings = counted(self.items.len(), "finding");
        let targets = match targets.len() {
            all if all == self.items.len() => String::new(),
            some => format!(" in {}", counted(some, "target")),
        };
        let aside = if self.is_below_threshold() { ", below the threshold" } else { "" };
        format!("{findings}{targets}{aside}")
    }
}

/// Findings that stand together in the order of reports. `explained` are the rules that need no explanation any more.
pub(super) fn by_rule<'r>(items: Vec<Item<'r>>, explained: &mut BTreeSet<&'r str>) -> Vec<Group<'r>> {
    let mut groups: Vec<Group<'r>> = Vec::new();
    for item in items {
        let (rule, severity): (&'r Rule, _) = (&item.finding.rule, item.finding.severity);
        match groups.last_mut() {
            Some(last) if last.rule.id == rule.id && last.severity == severity => last.items.push(item),
            _ => {
                let explained = explained.insert(&rule.id);
                groups.push(Group { rule, severity, explained, items: vec![item] });
            }
        }
    }
    groups
}

/// A rule of the run, and what it found.
pub(super) struct RuleRow<'r> {
    pub(super) rule: &'r Rule,
    /// Whether it is explained where its findings are.
    pub(super) found: bool,
    pub(super) open: usize,
    pub(super) below: usize,
    pub(super) waived: usize,
}

impl RuleRow<'_> {
    pub(super) fn anchor(&self) -> String {
        anchor("r", &self.rule.id)
    }
}

/// Every rule that was judged, or found something, by id.
pub(super) fn rules<'r>(report: &'r Report, explained: &BTreeSet<&str>) -> Vec<RuleRow<'r>> {
    let judged = report.rules.iter().map(AsRef::as_ref);
    let found = report.findings.iter().map(|finding| finding.rule.as_ref());
    let rules: BTreeMap<&str, &Rule> =
        found.chain(judged).map(|rule: &Rule| (rule.id.as_str(), rule)).collect();
    let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for finding in &report.findings {
        let [open, below, waived] = counts.entry(&finding.rule.id).or_default();
        *match finding.disposition {
            Disposition::Open => open,
            Disposition::BelowThreshold => below,
            Disposition::Waived => waived,
        } += 1;
    }
    let row = |(id, rule)| {
        let [open, below, waived] = counts.get(id).copied().unwrap_or_default();
        RuleRow { rule, found: explained.contains(id), open, below, waived }
    };
    rules.into_iter().map(row).collect()
}

/// What is to be said of several in the same words.
pub(super) struct Alike<'r> {
    pub(super) kind: &'static str,
    pub(super) title: String,
    pub(super) help: Option<&'r str>,
    pub(super) members: Vec<Member<'r>>,
}

impl Alike<'_> {
    pub(super) fn kind_in_words(&self) -> String {
        words(self.kind)
    }

    pub(super) fn count(&self) -> String {
        let noun =
            if self.members.iter().any(|member| member.subject.is_some()) { "target" } else { "notice" };
        counted(self.members.len(), noun)
    }

    pub(super) fn is_long(&self) -> bool {
        self.members.len() > MOST_LISTED
    }
}

/// One of them.
pub(super) struct Member<'r> {
    /// The target; `None` for a notice.
    pub(super) subject: Option<Subject<'r>>,
    pub(super) message: &'r str,
    pub(super) at: Option<String>,
    pub(super) attempts: u32,
    /// The rules that were not judged; all of them where it is empty.
    pub(super) rules: &'r [String],
}

impl Member<'_> {
    pub(super) fn rules_in_words(&self) -> String {
        self.rules.join(", ")
    }
}

/// The unaudited targets, by what is wrong and where.
pub(super) fn unaudited(targets: &[Outcome]) -> Vec<Alike<'_>> {
    let mut groups: BTreeMap<_, Vec<(&Outcome, &Unaudited)>> = BTreeMap::new();
    for outcome in targets {
        if let Some(why) = &outcome.unaudited {
            let target = &outcome.target;
            let key = (why.kind, &target.account, &target.region, &why.gist, &why.help);
            groups.entry(key).or_default().push((outcome, why));
        }
    }
    groups.into_values().filter_map(|members| unaudited_alike(&members)).collect()
}

fn unaudited_alike<'r>(members: &[(&'r Outcome, &'r Unaudited)]) -> Option<Alike<'r>> {
    let (first, why) = *members.first()?;
    let same = members.iter().all(|(_, other)| other.message == why.message);
    let said = if same { why.message.as_str() } else { &why.gist };
    let part = Subject(&first.target).place().map(|place| format!(" in {place}")).unwrap_or_default();
    let member = |(outcome, why): &(&'r Outcome, &'r Unaudited)| Member {
        subject: Some(Subject(&outcome.target)),
        message: if same { "" } else { &why.message },
        at: Some(place(why.location.as_ref().unwrap_or(&outcome.target.declared))),
        attempts: why.attempts,
        rules: &why.rules,
    };
    Some(Alike {
        kind: why.kind.as_str(),
        title: format!("{}{part}: {said}", counted(members.len(), "target")),
        help: why.help.as_deref(),
        members: members.iter().map(member).collect(),
    })
}

/// The notices by kind and cause: first those that make the run incomplete, then the others.
pub(super) fn notices(notices: &[Notice]) -> (Vec<Alike<'_>>, Vec<Alike<'_>>) {
    let mut groups: BTreeMap<_, Vec<&Notice>> = BTreeMap::new();
    for notice in notices {
        let why = notice.unread.as_ref().map(|unread| (unread.why.kind, &unread.why.gist, &unread.why.help));
        groups.entry((!notice.kind.makes_incomplete(), notice.kind, why)).or_default().push(notice);
    }
    let (incomplete, others): (Vec<_>, Vec<_>) = groups
        .into_values()
        .partition(|group| group.first().is_some_and(|first| first.kind.makes_incomplete()));
    (alike(&incomplete), alike(&others))
}

fn alike<'r>(groups: &[Vec<&'r Notice>]) -> Vec<Alike<'r>> {
    groups.iter().filter_map(|group| notices_alike(group)).collect()
}

fn notices_alike<'r>(group: &[&'r Notice]) -> Option<Alike<'r>> {
    let first = *group.first()?;
    let member = |notice: &&'r Notice| Member {
        subject: None,
        message: &notice.message,
        at: notice.location.as_ref().map(place),
        attempts: notice.unread.as_ref().map_or(0, |unread| unread.why.attempts),
        rules: &[],
    };
    Some(Alike {
        kind: first.kind.as_str(),
        title: first.unread.as_ref().map_or_else(String::new, |unread| {
            format!("{} of the fleet: {}", counted(group.len(), "part"), unread.why.gist)
        }),
        help: first.unread.as_ref().and_then(|unread| unread.why.help.as_deref()),
        members: group.iter().map(member).collect(),
    })
}

//! From changes to findings: against the baseline, and between environments.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde_json::Value;

use super::{Change, Difference, compare};
use crate::config::{PointerGlob, Policies};
use crate::document::{Document, Outline, Stored};
use crate::finding::{Disposition, Evidence, Finding, Rule, Severity};
use crate::location::Location;
use crate::target::{Target, TargetId};
use crate::untrusted::{printable, shortened};

/// A rule of drift as the configuration has it.
#[derive(Debug, Clone)]
pub struct DriftRule {
    /// With the configuration's severity.
    pub rule: Arc<Rule>,
    /// The configuration's, over what a change would have.
    severity: Option<Severity>,
}

impl DriftRule {
    /// `None` where the configuration disables it.
    #[must_use]
    pub fn enabled(rule: &Arc<Rule>, policies: &Policies) -> Option<Self> {
        if policies.disable.contains(&rule.id) {
            return None;
        }
        let severity = policies.severity.get(&rule.id).copied();
        let rule = match severity {
            Some(severity) => Arc::new(Rule { severity, ..(**rule).clone() }),
            None => Arc::clone(rule),
        };
        Some(Self { rule, severity })
    }

    fn finding(&self, change: &Change, target: &Arc<Target>, message: String) -> Unlocated {
        Unlocated {
            rule: Arc::clone(&self.rule),
            severity: self.severity.unwrap_or_else(|| change.severity()),
            target: Arc::clone(target),
            message,
            path: change.path.clone(),
            expected: change.expected(),
            actual: change.actual(),
        }
    }
}

/// What differs from what was agreed, at its lines of the baseline's file.
#[must_use]
pub fn against_baseline(rule: &DriftRule, agreed: &Stored, document: &Document) -> Vec<Finding> {
    let changes = compare(agreed.value(), document.value());
    let found = changes.iter().map(|change| {
        let message = format!("{} differs from the baseline: {}", name(change), change.message());
        let place = match &change.difference {
            Difference::Members { missing, .. } => agreed.location_of(&change.path, missing),
            Difference::Value { .. } => agreed.location(&change.path),
        };
        (rule.finding(change, document.target(), message), Some(place))
    });
    located(document, found.collect())
}

/// That nothing was agreed for a target, whose file would be `file`.
#[must_use]
pub fn without_baseline(rule: &DriftRule, document: &Document, file: &str) -> Finding {
    whole(rule, document, format!("the baseline has no {}", printable(file)))
}

/// A finding about a whole document.
fn whole(rule: &DriftRule, document: &Document, message: String) -> Finding {
    Finding {
        rule: Arc::clone(&rule.rule),
        severity: rule.rule.severity,
        target: Arc::clone(document.target()),
        message,
        path: String::new(),
        expected: None,
        actual: None,
        disposition: Disposition::Open,
        waiver: None,
        carried: false,
        evidence: Evidence { location: document.location(""), excerpt: None },
    }
}

/// That a target which is to agree with one of `expected` has no counterpart there.
#[must_use]
pub fn without_counterpart(rule: &DriftRule, document: &Document, expected: &str) -> Finding {
    whole(
        rule,
        document,
        format!("it has no counterpart in `{}`: it was compared with none", printable(expected)),
    )
}

/// What differs from other environments, each with what may differ. One that differs from several at one place is one
/// finding.
#[must_use]
pub fn between_environments(
    rule: &DriftRule,
    document: &Document,
    others: &[(&TargetId, &Value, &[PointerGlob])],
) -> Vec<Finding> {
    let mut found: BTreeMap<String, Unlocated> = BTreeMap::new();
    for (other, expected, ignore) in others {
        let changes = compare(expected, document.value());
        for change in changes.iter().filter(|change| !ignore.iter().any(|glob| glob.covers(&change.path))) {
            let what = format!("{other}: {}", change.message());
            // Two tables may pair the same two.
            if found.get(&change.path).is_some_and(|first| first.message.contains(&format!("from {what}"))) {
                continue;
            }
            match found.get_mut(&change.path) {
                None => {
                    let message = format!("{} differs from {what}", name(change));
                    found.insert(change.path.clone(), rule.finding(change, document.target(), message));
                }
                Some(first) => {
                    first.message = format!("{}; from {what}", first.message);
                    let severity = rule.severity.unwrap_or_else(|| change.severity());
                    // What is shown is what is worst.
                    if severity > first.severity {
                        first.severity = severity;
                        first.expected = change.expected();
                        first.actual = change.actual();
                    }
                }
            }
        }
    }
    located(document, found.into_values().map(|finding| (finding, None)).collect())
}

/// A finding before it is known where.
struct Unlocated {
    rule: Arc<Rule>,
    severity: Severity,
    target: Arc<Target>,
    message: String,
    path: String,
    expected: Option<Value>,
    actual: Option<Value>,
}

/// The findings, at the given places or at the document's own.
fn located(document: &Document, found: Vec<(Unlocated, Option<Location>)>) -> Vec<Finding> {
    let places: Vec<_> = found.iter().map(|(one, _)| (one.path.as_str(), one.actual.as_ref())).collect();
    let evidence = document.evidence(&places);
    found
        .into_iter()
        .zip(evidence)
        .map(|((one, place), evidence)| Finding {
            rule: one.rule,
            severity: one.severity,
            target: one.target,
            message: one.message,
            path: one.path,
            expected: one.expected,
            actual: one.actual,
            disposition: Disposition::Open,
            waiver: None,
            carried: false,
            evidence: match place {
                Some(location) => Evidence { location, ..evidence },
                None => evidence,
            },
        })
        .collect()
}

/// The member that changed, by as much of the end of its path as tells it from other documented ones.
fn name(change: &Change) -> String {
    static DOCUMENTED: LazyLock<Vec<String>> = LazyLock::new(|| {
        let mut pointers = Vec::new();
        leaves(&Outline::document(), "", &mut pointers);
        pointers
    });
    if change.path.is_empty() {
        return "the document".to_owned();
    }
    let is_unique = |end: &&str| DOCUMENTED.iter().filter(|pointer| pointer.ends_with(*end)).count() <= 1;
    let ends = change.path.rmatch_indices('/').map(|(at, _)| &change.path[at..]);
    let end = ends.into_iter().find(is_unique).unwrap_or(&change.path);
    let name = end[1..].replace("~1", "/").replace("~0", "~");
    format!("`{}`", printable(&shortened(&name, 80)))
}

/// The members of a document that hold no further members.
fn leaves(outline: &Outline, at: &str, pointers: &mut Vec<String>) {
    match outline {
        Outline::Object(members) => {
            for (name, member) in members {
                leaves(member, &format!("{at}/{name}"), pointers);
            }
        }
        Outline::Map(_)
        | Outline::List(_)
        | Outline::Text
        | Outline::Number
        | Outline::Flag
        | Outline::Named(_)
        | Outline::OneOf(_) => pointers.push(at.to_owned()),
    }
}

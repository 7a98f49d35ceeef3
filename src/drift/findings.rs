//! From changes to findings: against the baseline, and between environments.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::{Change, Difference, compare};
use crate::config::{PointerGlob, Policies};
use crate::document::{Document, Stored};
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
    let target = document.target();
    let evidence = document.evidence(&[("", None)]).pop();
    Finding {
        rule: Arc::clone(&rule.rule),
        severity: rule.rule.severity,
        target: Arc::clone(target),
        message: format!("the baseline has no {}", printable(file)),
        path: String::new(),
        expected: None,
        actual: None,
        disposition: Disposition::Open,
        waiver: None,
        carried: false,
        evidence: Evidence {
            location: evidence.map_or_else(|| target.declared.clone(), |evidence| evidence.location),
            excerpt: None,
        },
    }
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

/// The member that changed, by the last part of its path.
fn name(change: &Change) -> String {
    let last = change.path.rsplit('/').next().unwrap_or_default().replace("~1", "/").replace("~0", "~");
    match last.as_str() {
        "" => "the document".to_owned(),
        name => format!("`{}`", printable(&shortened(name, 80))),
    }
}

//! What tells two sides apart, for programs: every comparison that was made, the equal ones too.

use serde::Serialize;
use serde_json::Value;

use super::VERSION;
use super::wire::{JsonLocation, JsonNotice, Text, Tool};
use crate::report::diff::{Apart, Changed, Comparison, Diff, Uncompared};

#[derive(Serialize)]
pub(super) struct JsonDiff<'r> {
    version: u32,
    tool: Tool<'r>,
    /// As they were named.
    left: &'r str,
    right: &'r str,
    interrupted: bool,
    summary: JsonSummary,
    comparisons: Vec<JsonComparison<'r>>,
    uncompared: Vec<JsonUncompared<'r>>,
    notices: Vec<JsonNotice<'r>>,
}

#[derive(Serialize)]
struct JsonSummary {
    equal: usize,
    changed: usize,
    only_left: usize,
    only_right: usize,
    uncompared: usize,
    changes: usize,
    weakening: usize,
    ignored: usize,
    /// Whether something that was to be compared was not.
    incomplete: bool,
}

#[derive(Serialize)]
struct JsonComparison<'r> {
    /// Ids of the targets; `null` on the side that has no document.
    left: Option<&'r str>,
    right: Option<&'r str>,
    status: Status,
    changes: Vec<JsonChanged<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Equal,
    Changed,
    OnlyLeft,
    OnlyRight,
}

#[derive(Serialize)]
struct JsonChanged<'r> {
    path: &'r str,
    weakens: bool,
    message: &'r str,
    #[serde(flatten)]
    apart: JsonApart<'r>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum JsonApart<'r> {
    /// `null` is what is absent.
    Value {
        expected: &'r Value,
        actual: &'r Value,
    },
    Members {
        missing: &'r [Value],
        added: &'r [Value],
    },
}

#[derive(Serialize)]
struct JsonUncompared<'r> {
    kind: &'static str,
    message: &'r str,
    help: Option<Text<'r>>,
    location: Option<JsonLocation<'r>>,
}

impl<'r> JsonDiff<'r> {
    pub(super) fn of(diff: &'r Diff) -> Self {
        let summary = diff.summary();
        Self {
            version: VERSION,
            tool: Tool::this(),
            left: &diff.left,
            right: &diff.right,
            interrupted: diff.interrupted,
            summary: JsonSummary {
                equal: summary.equal,
                changed: summary.changed,
                only_left: summary.only_left,
                only_right: summary.only_right,
                uncompared: diff.uncompared.len(),
                changes: summary.changes,
                weakening: summary.weakening,
                ignored: diff.ignored,
                incomplete: diff.is_incomplete(),
            },
            comparisons: diff.comparisons.iter().map(JsonComparison::of).collect(),
            uncompared: diff.uncompared.iter().map(JsonUncompared::of).collect(),
            notices: diff.notices.iter().map(JsonNotice::of).collect(),
        }
    }
}

impl<'r> JsonComparison<'r> {
    fn of(comparison: &'r Comparison) -> Self {
        match comparison {
            Comparison::Both { left, right, changes } => Self {
                left: Some(left.id.as_str()),
                right: Some(right.id.as_str()),
                status: if changes.is_empty() { Status::Equal } else { Status::Changed },
                changes: changes.iter().map(JsonChanged::of).collect(),
            },
            Comparison::OnlyLeft(left) => Self {
                left: Some(left.id.as_str()),
                right: None,
                status: Status::OnlyLeft,
                changes: Vec::new(),
            },
            Comparison::OnlyRight(right) => Self {
                left: None,
                right: Some(right.id.as_str()),
                status: Status::OnlyRight,
                changes: Vec::new(),
            },
        }
    }
}

impl<'r> JsonChanged<'r> {
    fn of(change: &'r Changed) -> Self {
        let apart = match &change.apart {
            Apart::Value { expected, actual } => JsonApart::Value { expected, actual },
            Apart::Members { missing, added } => JsonApart::Members { missing, added },
        };
        Self { path: &change.path, weakens: change.weakens, message: &change.message, apart }
    }
}

impl<'r> JsonUncompared<'r> {
    fn of(uncompared: &'r Uncompared) -> Self {
        Self {
            kind: uncompared.obstacle.as_str(),
            message: &uncompared.message,
            help: uncompared.help.as_deref().map(Text::Borrowed),
            location: uncompared.location.as_ref().map(JsonLocation::of),
        }
    }
}

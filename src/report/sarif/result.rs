//! A result: a finding, a target that could not be audited, or a part of the fleet that could not be
//! read.

use std::borrow::Cow;

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;

use super::rule::{Level, Rules, UNAUDITED};
use super::text::{Message, first_of, lines, with_target};
use super::{PhysicalLocation, Place};
use crate::finding::{Disposition, Finding, Notice, NoticeKind, Severity, Unread, fingerprint};
use crate::location::Location;
use crate::report::Style;
use crate::report::facts::carried;
use crate::target::{Cause, Scope, Stage, Target, Unaudited};
use crate::untrusted::shortened;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SarifResult<'r> {
    rule_id: &'r str,
    rule_index: usize,
    level: Level,
    message: Message,
    locations: [Place<'r>; 1],
    partial_fingerprints: Fingerprints,
    /// On all results or on none (§3.27.23).
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressions: Option<Vec<Suppression<'r>>>,
    properties: ResultProperties<'r>,
}

impl<'r> SarifResult<'r> {
    pub(super) fn of(finding: &'r Finding, rules: &Rules<'r>, style: &Style) -> Self {
        let rule = &finding.rule;
        let target = &finding.target;
        let message = first_of([&finding.message, &rule.title, &rule.id]);
        Self {
            rule_id: &rule.id,
            rule_index: rules.index(&rule.id),
            level: Level::of(finding.severity),
            message: Message::of(&format!("{}{}", with_target(message, target), carried(finding))),
            locations: [Place::of(Some(&finding.evidence.location), target)],
            partial_fingerprints: Fingerprints::of(finding.fingerprint()),
            suppressions: style.include_waived.then(|| Suppression::of(finding).into_iter().collect()),
            properties: ResultProperties::Finding {
                severity: finding.severity,
                disposition: finding.disposition,
                target: target.id.as_str(),
                stage: target.stage,
                path: shortened(&finding.path, LONGEST_TEXT),
                expected: finding.expected.as_ref().map(bounded),
                actual: finding.actual.as_ref().map(bounded),
                carried: finding.carried,
            },
        }
    }

    pub(super) fn of_notice(
        notice: &'r Notice,
        location: &Location,
        rules: &Rules<'r>,
        style: &Style,
    ) -> Self {
        let (rule, _) = rules.0[rules.index(UNAUDITED)];
        Self {
            rule_id: &rule.id,
            rule_index: rules.index(UNAUDITED),
            level: Level::Error,
            message: Message::of_notice(notice),
            locations: [Place { physical_location: PhysicalLocation::of(location), logical_locations: None }],
            partial_fingerprints: Fingerprints::of(notice_fingerprint(notice)),
            suppressions: style.include_waived.then(Vec::new),
            properties: ResultProperties::Notice {
                notice: notice.kind,
                cause: notice.unread.as_ref().map(|unread| unread.why.kind),
            },
        }
    }

    pub(super) fn of_unaudited(
        target: &'r Target,
        why: &'r Unaudited,
        rules: &Rules<'r>,
        style: &Style,
    ) -> Self {
        let (rule, _) = rules.0[rules.index(UNAUDITED)];
        Self {
            rule_id: &rule.id,
            rule_index: rules.index(UNAUDITED),
            level: Level::Error,
            message: Message::of_unaudited(target, why),
            locations: [Place::of(why.location.as_ref(), target)],
            partial_fingerprints: Fingerprints::of(fingerprint(&[UNAUDITED, target.id.as_str(), ""])),
            suppressions: style.include_waived.then(Vec::new),
            properties: ResultProperties::Unaudited {
                cause: why.kind,
                attempts: why.attempts,
                target: target.id.as_str(),
                stage: target.stage,
            },
        }
    }
}

/// Of something unreadable, not what the service said: that may be different words every time. Of one without a place
/// not the one that it is shown at.
fn notice_fingerprint(notice: &Notice) -> String {
    let kind = notice.kind.as_str();
    let file = notice.location.as_ref().map(|location| &*location.file).unwrap_or_default();
    let Some(Unread { scope, why }) = &notice.unread else {
        return fingerprint(&[UNAUDITED, kind, file, &notice.message]);
    };
    let Scope { account, region, app_id, environment } = scope;
    let [account, region, app_id, environment] =
        [account, region, app_id, environment].map(|part| part.as_deref().unwrap_or_default());
    fingerprint(&[UNAUDITED, kind, file, account, region, app_id, environment, &why.gist])
}

/// The longest text in a property, in characters.
const LONGEST_TEXT: usize = 1000;
/// The most characters of all texts of a value.
const LONGEST_VALUE: usize = 10_000;
/// The most members of a list or of an object in a property.
const MOST_MEMBERS: usize = 100;

/// A value with `…` for what is too much of it: code scanning refuses a file of more than 10 MB, compressed, and a
/// document may hold as much. The report as JSON has all.
fn bounded(value: &Value) -> Value {
    let mut room = LONGEST_VALUE;
    cut(value, &mut room)
}

fn cut(value: &Value, room: &mut usize) -> Value {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            *room = room.saturating_sub(1);
            value.clone()
        }
        Value::String(text) => Value::String(cut_text(text, room)),
        Value::Array(elements) => {
            let mut some: Vec<Value> = Vec::new();
            for element in elements {
                if some.len() == MOST_MEMBERS || *room == 0 {
                    some.push(Value::String(more(elements.len() - some.len())));
                    break;
                }
                some.push(cut(element, room));
            }
            Value::Array(some)
        }
        Value::Object(members) => {
            let mut some = serde_json::Map::new();
            for (at, (name, member)) in members.iter().enumerate() {
                if at == MOST_MEMBERS || *room == 0 {
                    some.insert("…".to_owned(), Value::String(more(members.len() - at)));
                    break;
                }
                let name = cut_text(name, room);
                some.insert(name, cut(member, room));
            }
            Value::Object(some)
        }
    }
}

fn cut_text(text: &str, room: &mut usize) -> String {
    let short = shortened(text, LONGEST_TEXT.min(*room)).into_owned();
    // An empty text takes room, too.
    *room = room.saturating_sub(1 + short.chars().count());
    short
}

fn more(members: usize) -> String {
    format!("… {members} more")
}

/// For readers that know us: text from outside stands here as it is, up to a length.
#[derive(Serialize)]
#[serde(untagged)]
enum ResultProperties<'r> {
    Finding {
        severity: Severity,
        disposition: Disposition,
        target: &'r str,
        stage: Stage,
        path: Cow<'r, str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        expected: Option<Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        actual: Option<Value>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        carried: bool,
    },
    Notice {
        notice: NoticeKind,
        #[serde(skip_serializing_if = "Option::is_none")]
        cause: Option<Cause>,
    },
    Unaudited {
        cause: Cause,
        attempts: u32,
        target: &'r str,
        stage: Stage,
    },
}

#[derive(Serialize)]
struct Fingerprints {
    /// The one that code scanning reads; the number tells equal ones apart, and ours are never equal.
    #[serde(rename = "primaryLocationLineHash")]
    line: String,
    #[serde(rename = "auditFinding/v1")]
    finding: String,
}

impl Fingerprints {
    fn of(finding: String) -> Self {
        Self { line: format!("{finding}:1"), finding }
    }
}

#[derive(Serialize)]
struct Suppression<'r> {
    kind: &'static str,
    status: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    justification: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<WaiverProperties<'r>>,
}

#[derive(Serialize)]
struct WaiverProperties<'r> {
    owner: Option<&'r str>,
    expires: Date,
}

impl<'r> Suppression<'r> {
    /// `None` for a finding that nobody accepted.
    fn of(finding: &'r Finding) -> Option<Self> {
        let waiver = finding.waiver.as_ref();
        (finding.disposition == Disposition::Waived).then(|| Self {
            kind: "external",
            status: "accepted",
            justification: waiver.map_or_else(String::new, |waiver| lines(&waiver.reason)),
            properties: waiver
                .map(|waiver| WaiverProperties { owner: waiver.owner.as_deref(), expires: waiver.expires }),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_whole_or_says_that_it_is_not() {
        let long = |length| "ä".repeat(length);
        let cut = format!("{}…", long(1000));
        let numbers = |most: usize| (0..most).map(Value::from).collect::<Vec<_>>();
        for (value, expected) in [
            (json!(null), json!(null)),
            (json!(8.5), json!(8.5)),
            (json!({"a": ["b", {}, ""]}), json!({"a": ["b", {}, ""]})),
            (json!(long(1000)), json!(long(1000))),
            (json!(long(1001)), json!(cut)),
            (json!({ long(1001): long(1001) }), json!({ cut.clone(): cut })),
            (json!(numbers(100)), json!(numbers(100))),
            (json!(numbers(102)), json!([numbers(100), vec![json!("… 2 more")]].concat())),
        ] {
            assert_eq!(bounded(&value), expected);
        }
        let members: serde_json::Map<_, _> = (0..102).map(|at| (at.to_string(), json!(at))).collect();
        let some = bounded(&Value::Object(members));
        assert_eq!((some.as_object().map(serde_json::Map::len), &some["…"]), (Some(101), &json!("… 2 more")));
    }

    #[test]
    fn no_value_is_endless() {
        let mut value = json!("ä".repeat(65_536));
        for _ in 0..3 {
            value = json!(vec![value; 30]);
        }
        assert!(serde_json::to_string(&bounded(&value)).expect("JSON").chars().count() < 12_000);
        let names: serde_json::Map<_, _> =
            (0..20).map(|at| (format!("{at}{}", "n".repeat(65_536)), json!(at))).collect();
        assert!(serde_json::to_string(&bounded(&Value::Object(names))).expect("JSON").len() < 12_000);
    }
}

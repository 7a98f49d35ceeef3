//! A result: a finding, a target that could not be audited, or a part of the fleet that could not be
//! read.

use std::borrow::Cow;

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;

use super::rule::Rules;
use super::text::{LONGEST_APP, Message, at_most, first_of, lines, with_target};
use super::value::{LONGEST_TEXT, MOST_MEMBERS, bounded};
use super::{PhysicalLocation, Place};
use crate::finding::{Disposition, Finding, Notice, NoticeKind, Severity, Unread, fingerprint};
use crate::location::Location;
use crate::report::facts::{app, carried};
use crate::report::level::Level;
use crate::report::{Style, UNAUDITED};
use crate::target::{Cause, Scope, Stage, Target, Unaudited};
use crate::untrusted::{printable, shortened};

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
    /// `room`: how many characters of a value there is room for.
    pub(super) fn of(finding: &'r Finding, rules: &Rules<'r>, room: usize, style: &Style) -> Self {
        let value = |value: &Option<Value>| value.as_ref().map(|value| bounded(value, room));
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
                app_name: app(target, LONGEST_APP).map(|app| printable(&app).into_owned()),
                stage: target.stage,
                path: shortened(&finding.path, LONGEST_TEXT),
                expected: value(&finding.expected),
                actual: value(&finding.actual),
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
                app_name: app(target, LONGEST_APP).map(|app| printable(&app).into_owned()),
                stage: target.stage,
                rules: why
                    .rules
                    .iter()
                    .take(MOST_MEMBERS)
                    .map(|rule| shortened(rule, LONGEST_TEXT))
                    .collect(),
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

/// For readers that know us: text from outside stands here as it is, up to a length.
#[derive(Serialize)]
#[serde(untagged)]
enum ResultProperties<'r> {
    Finding {
        severity: Severity,
        disposition: Disposition,
        target: &'r str,
        #[serde(skip_serializing_if = "Option::is_none")]
        app_name: Option<String>,
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
        #[serde(skip_serializing_if = "Option::is_none")]
        app_name: Option<String>,
        stage: Stage,
        /// Those that could not be evaluated, where others were.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        rules: Vec<Cow<'r, str>>,
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
    owner: Option<Cow<'r, str>>,
    expires: Date,
}

impl<'r> Suppression<'r> {
    /// `None` for a finding that nobody accepted.
    fn of(finding: &'r Finding) -> Option<Self> {
        let waiver = finding.waiver.as_ref();
        (finding.disposition == Disposition::Waived).then(|| Self {
            kind: "external",
            status: "accepted",
            justification: waiver
                .map_or_else(String::new, |waiver| at_most(&lines(&waiver.reason), LONGEST_TEXT)),
            properties: waiver.map(|waiver| WaiverProperties {
                owner: waiver.owner.as_deref().map(|owner| shortened(owner, LONGEST_TEXT)),
                expires: waiver.expires,
            }),
        })
    }
}

//! The rules of a run, described as code scanning shows them.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::Serialize;

use super::taxonomy::{Relationship, Taxonomies};
use super::text::{Text, at_most, first_of, lines, one_line, without_html};
use crate::finding::{Rule, Severity};
use crate::report::level::Level;
use crate::report::reference::Reference;
use crate::report::{Report, UNAUDITED};

/// Code scanning keeps no more tags of a rule.
const MOST_TAGS: usize = 10;
/// The longest name of a rule that code scanning takes, in characters.
const LONGEST_NAME: usize = 255;
/// The longest description of a rule that code scanning takes, in characters.
const LONGEST_DESCRIPTION: usize = 1024;

/// Every rule that was loaded, by id, each once, with the worst severity that it may have: its own, or that of one of
/// its findings. Code scanning knows one for all alerts of a rule, and what is worse must not pass for less.
pub(super) struct Rules<'r>(pub(super) Vec<(&'r Rule, Severity)>);

impl<'r> Rules<'r> {
    /// The rules of findings too, so that no result is without its rule whatever a report holds.
    pub(super) fn of(report: &'r Report, unaudited: &'r Rule) -> Self {
        let found = report.findings.iter().map(|finding| (&*finding.rule, finding.severity));
        let loaded = report.rules.iter().map(|rule| (&**rule, rule.severity));
        let mut rules: Vec<_> = loaded.chain(found).chain([(unaudited, unaudited.severity)]).collect();
        rules.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
        rules.dedup_by(|(again, worse), (rule, worst)| {
            let is_same = rule.id == again.id;
            if is_same {
                *worst = (*worst).max(*worse);
            }
            is_same
        });
        Self(rules)
    }

    /// INVARIANT: `id` is one of [`Rules::of`], so the place where it would stand is its own.
    pub(super) fn index(&self, id: &str) -> usize {
        self.0.partition_point(|(rule, _)| rule.id.as_str() < id)
    }
}

/// The rule of the results that stand for targets that could not be audited. No pack has it.
#[must_use]
pub fn unaudited_rule() -> Rule {
    Rule {
        id: UNAUDITED.to_owned(),
        pack: "".into(),
        title: "Target could not be audited".to_owned(),
        // Nobody knows how bad it is, so it ranks with what fails a run.
        severity: Severity::High,
        description:
            "The settings of this target could not be fetched or read, or not be judged by every rule. What \
            no rule judged is no pass: findings of an earlier run may still be there, and new ones go unseen."
                .to_owned(),
        remediation:
            "Each result says what failed and what to do about it. Mend that, and run the audit again. \
            A target that should not be audited any more is taken out of audit.toml."
                .to_owned(),
        references: Vec::new(),
        links: Vec::new(),
        tags: Vec::new(),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor<'r> {
    id: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    short_description: Text,
    full_description: Text,
    help: Text,
    default_configuration: Configuration,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    relationships: Vec<Relationship<'r>>,
    properties: RuleProperties<'r>,
}

impl<'r> Descriptor<'r> {
    pub(super) fn of(rule: &'r Rule, worst: Severity, taxonomies: &Taxonomies<'r>) -> Self {
        let title = one_line(first_of([&rule.title, &rule.id]));
        let description = lines(first_of([&rule.description, &title]));
        Self {
            id: &rule.id,
            name: name(&rule.id),
            short_description: Text::plain(at_most(&title, LONGEST_DESCRIPTION)),
            full_description: Text::plain(at_most(&description, LONGEST_DESCRIPTION)),
            help: help(rule, &title, &description),
            default_configuration: Configuration { level: Level::of(rule.severity) },
            relationships: taxonomies.relationships(rule),
            properties: RuleProperties::of(rule, worst),
        }
    }
}

/// The id in Pascal case; `None` where that is the id, because §3.49.7 wants another name or none.
fn name(id: &str) -> Option<String> {
    let mut name = String::new();
    for word in id.split(|c: char| !c.is_alphanumeric()) {
        let mut rest = word.chars();
        name.extend(rest.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(rest.as_str());
    }
    (!name.is_empty() && name != id).then(|| at_most(&name, LONGEST_NAME))
}

/// Rule text is the pack's own and is taken for Markdown, as the backticks in it are meant. Braces stay
/// single, other than in messages: no arguments go in here, and readers of help show it as it stands.
fn help(rule: &Rule, title: &str, description: &str) -> Text {
    let remediation = lines(&rule.remediation);
    let further = rule.references.iter().chain(&rule.links).map(|further| one_line(further));
    let further: Vec<String> = further.filter(|further| !further.is_empty()).collect();
    let linked = further.iter().map(|further| match Reference::parse(further) {
        Some(Reference { uri, .. }) => Cow::Owned(format!("[{further}]({uri})")),
        None => Cow::Borrowed(further.as_str()),
    });
    let mut text = format!("{title}\n\n{description}");
    let mut markdown = format!("# {title}\n\n{description}");
    if !remediation.is_empty() {
        let _ = write!(text, "\n\nHow to fix: {remediation}");
        let _ = write!(markdown, "\n\n## How to fix\n\n{remediation}");
    }
    if !further.is_empty() {
        let _ = write!(text, "\n\nReferences: {}", further.join("; "));
        let _ = write!(markdown, "\n\n## References\n\n- {}", linked.collect::<Vec<_>>().join("\n- "));
    }
    Text { text, markdown: Some(without_html(&markdown)) }
}

#[derive(Serialize)]
struct Configuration {
    level: Level,
}

#[derive(Serialize)]
struct RuleProperties<'r> {
    tags: Vec<Cow<'r, str>>,
    precision: &'static str,
    #[serde(rename = "problem.severity")]
    problem_severity: &'static str,
    #[serde(rename = "security-severity", skip_serializing_if = "Option::is_none")]
    security_severity: Option<&'static str>,
}

impl<'r> RuleProperties<'r> {
    fn of(rule: &'r Rule, worst: Severity) -> Self {
        // A tag of this form is what code scanning takes for a weakness, and shows as such.
        let weaknesses = rule.references.iter().filter_map(|text| Reference::parse(text)?.cwe());
        let weaknesses = weaknesses.map(|number| format!("external/cwe/cwe-{number:0>3}").into());
        let own = rule.tags.iter().map(|tag| Cow::Borrowed(tag.trim()));
        let mut tags = vec![Cow::Borrowed("security")];
        for tag in weaknesses.chain(own) {
            if !tag.is_empty() && !tags.contains(&tag) && tags.len() < MOST_TAGS {
                tags.push(tag);
            }
        }
        Self {
            tags,
            // A setting is what it is; but a rule may not know why it is so.
            precision: "high",
            problem_severity: match Level::of(worst) {
                Level::Error => "error",
                Level::Warning => "warning",
                Level::Note => "recommendation",
            },
            security_severity: security_severity(worst),
        }
    }
}

/// The middle of the range that code scanning gives the same name. There is none for `info`: 0.0
/// is taken for "no security severity", and everything above it for `low` at least.
fn security_severity(severity: Severity) -> Option<&'static str> {
    match severity {
        Severity::Critical => Some("9.5"),
        Severity::High => Some("8.0"),
        Severity::Medium => Some("5.5"),
        Severity::Low => Some("2.0"),
        Severity::Info => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severities_are_those_of_code_scanning() {
        for severity in Severity::ALL {
            let name = match security_severity(severity).map(|score| score.parse::<f64>().expect("a number"))
            {
                Some(score) if score > 9.0 && score <= 10.0 => "critical",
                Some(score) if (7.0..=8.9).contains(&score) => "high",
                Some(score) if (4.0..=6.9).contains(&score) => "medium",
                Some(score) if (0.1..=3.9).contains(&score) => "low",
                Some(score) => panic!("{score} has no name"),
                None => "info",
            };
            assert_eq!(name, severity.as_str());
        }
    }

    #[test]
    fn a_name_is_never_the_id() {
        assert_eq!(name("guest_access/sms-only").as_deref(), Some("GuestAccessSmsOnly"));
        assert_eq!(name("Lone"), None);
        assert_eq!(name("//"), None);
    }
}

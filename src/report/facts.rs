//! What is known of a finding beside its message, in the words of every format that shows it as text.

use std::borrow::Cow;

use crate::finding::{Finding, Notice};
use crate::target::{Target, Unaudited};

/// A label, and text from outside that nothing is escaped in.
pub(super) type Fact<'f> = (&'static str, Cow<'f, str>);

/// The place and the values, and who accepted it.
pub(super) fn facts(finding: &Finding) -> Vec<Fact<'_>> {
    let json = |value: &serde_json::Value| Cow::Owned(value.to_string());
    let path = if finding.path.is_empty() { WHOLE } else { &finding.path };
    let mut facts = vec![("path", Cow::Borrowed(path))];
    facts.extend(finding.expected.as_ref().map(|value| ("expected", json(value))));
    facts.extend(finding.actual.as_ref().map(|value| ("actual", json(value))));
    facts.push(("at", Cow::Owned(finding.evidence.location.to_string())));
    facts.extend(finding.waiver.as_ref().map(|waiver| {
        let owner = waiver.owner.as_ref().map(|owner| format!(", {owner}")).unwrap_or_default();
        ("waived", Cow::Owned(format!("{} (until {}{owner})", waiver.reason, waiver.expires)))
    }));
    facts
}

/// What stands for the path of a finding about no member in particular.
pub(super) const WHOLE: &str = "the whole document";

/// Where the reason lies that a target could not be audited, and what to do about it.
pub(super) fn facts_of_unaudited<'f>(target: &'f Target, why: &'f Unaudited) -> Vec<Fact<'f>> {
    let mut facts = Vec::new();
    if !why.rules.is_empty() {
        facts.push(("rules", Cow::Owned(why.rules.join(", "))));
    }
    facts.push(("at", Cow::Owned(why.location.as_ref().unwrap_or(&target.declared).to_string())));
    facts.extend(why.help.as_ref().map(|help| ("help", Cow::Borrowed(help.as_str()))));
    facts
}

/// Where a notice belongs, and what to do about it.
pub(super) fn facts_of_notice(notice: &Notice) -> Vec<Fact<'_>> {
    let at = notice.location.as_ref().map(|location| ("at", Cow::Owned(location.to_string())));
    let help = notice.unread.as_ref().and_then(|unread| unread.why.help.as_deref());
    at.into_iter().chain(help.map(|help| ("help", Cow::Borrowed(help)))).collect()
}

/// What follows a message that is not of this run.
pub(super) fn carried(finding: &Finding) -> &'static str {
    if finding.carried { " (carried over)" } else { "" }
}

/// On one line, whatever blanks and line breaks stand between the words.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

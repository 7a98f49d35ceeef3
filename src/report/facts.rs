//! What is known of a finding beside its message, in the words of the formats that list it (`github`, `junit`,
//! `markdown`), and what all formats for people have in common: places, names, and what the two values are called.

use std::borrow::Cow;

use serde_json::Value;

use crate::finding::{Finding, Notice};
use crate::location::Location;
use crate::target::{Target, Unaudited};
use crate::untrusted::shortened;

/// A label, and text from outside that nothing is escaped in.
pub(super) type Fact<'f> = (&'static str, Cow<'f, str>);

/// The place and the values, and who accepted it.
pub(super) fn facts(finding: &Finding) -> Vec<Fact<'_>> {
    let json = |value: &Value| Cow::Owned(value.to_string());
    let path = if finding.path.is_empty() { WHOLE } else { &finding.path };
    let mut facts = vec![("path", Cow::Borrowed(path))];
    let values = Values::of(finding);
    facts.extend(finding.expected.as_ref().map(|value| (values.expected(), json(value))));
    facts.extend(finding.actual.as_ref().map(|value| (values.actual(), json(value))));
    facts.push(("at", Cow::Owned(place(&finding.evidence.location, LONGEST_PLACE))));
    facts.extend(finding.waiver.as_ref().map(|waiver| {
        let owner = waiver.owner.as_ref().map(|owner| format!(", {owner}")).unwrap_or_default();
        ("waived", Cow::Owned(format!("{} (until {}{owner})", waiver.reason, waiver.expires)))
    }));
    facts
}

/// Account and region, as far as they are known.
pub(super) fn whereabouts(target: &Target) -> Vec<&str> {
    [&target.account, &target.region].into_iter().filter_map(|part| part.as_deref()).collect()
}

/// The name of a target's app, where it says more than the id: ids of apps are random letters.
pub(super) fn app(target: &Target, longest: usize) -> Option<String> {
    let name = one_line(target.app_name.as_deref()?);
    (!name.is_empty() && name != target.app_id).then(|| shortened(&name, longest).into_owned())
}

/// The longest place, so that no format cuts it behind.
const LONGEST_PLACE: usize = 280;

/// `FILE:LINE:COLUMN` of about so many characters: the name of a long file has `…` in its middle. Line and column are
/// never cut, because what is left of a number is another number.
pub(super) fn place(location: &Location, longest: usize) -> String {
    let Location { file, region } = location;
    let count = file.chars().count();
    if count <= longest {
        return location.to_string();
    }
    let start: String = file.chars().take(longest / 2).collect();
    let end: String = file.chars().skip(count - longest / 2).collect();
    format!("{start}…{end}:{}:{}", region.line, region.column)
}

/// What the two values of a finding are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Values {
    /// What should stand at the path, and what does.
    Whole,
    /// The members that a list lacks, and those that it has beside: whoever took the first for all that is expected
    /// would remove the others.
    Members,
}

impl Values {
    /// The rules that compare two documents.
    const COMPARING: [&str; 2] = ["drift/baseline", "drift/environment"];

    /// Members of a list are lists that share none: what AWS does not document is compared as a whole, and shown so.
    pub(super) fn of(finding: &Finding) -> Self {
        let Finding { rule, expected, actual, .. } = finding;
        let [missing, added] = [expected, actual].map(|value| match value {
            None => Some(&[][..]),
            Some(Value::Array(members)) if !members.is_empty() => Some(members.as_slice()),
            Some(_) => None,
        });
        match (missing, added) {
            (Some(missing), Some(added))
                if Self::COMPARING.contains(&rule.id.as_str())
                    && !(missing.is_empty() && added.is_empty())
                    && !missing.iter().any(|member| added.contains(member)) =>
            {
                Self::Members
            }
            _ => Self::Whole,
        }
    }

    /// What [`Finding::expected`] is called.
    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::Whole => "expected",
            Self::Members => "missing",
        }
    }

    /// What [`Finding::actual`] is called.
    pub(super) fn actual(self) -> &'static str {
        match self {
            Self::Whole => "actual",
            Self::Members => "added",
        }
    }
}

/// What stands for the path of a finding about no member in particular.
pub(super) const WHOLE: &str = "the whole document";

/// Where the reason lies that a target could not be audited, and what to do about it.
pub(super) fn facts_of_unaudited<'f>(target: &'f Target, why: &'f Unaudited) -> Vec<Fact<'f>> {
    let mut facts = Vec::new();
    facts.extend(not_judged(&why.rules).map(|rules| ("not judged", Cow::Owned(rules))));
    facts.push(("at", Cow::Owned(place(why.location.as_ref().unwrap_or(&target.declared), LONGEST_PLACE))));
    facts.extend(why.help.as_ref().map(|help| ("help", Cow::Borrowed(help.as_str()))));
    facts
}

/// The most rules that are named, and the longest name of one.
const MOST_RULES: usize = 20;
const LONGEST_RULE: usize = 100;

/// Which rules could not be evaluated, where others were; `None` where none was.
pub(super) fn not_judged(rules: &[String]) -> Option<String> {
    let named = rules.iter().take(MOST_RULES).map(|rule| shortened(rule, LONGEST_RULE));
    let named = named.collect::<Vec<_>>().join(", ");
    match rules.len().saturating_sub(MOST_RULES) {
        _ if rules.is_empty() => None,
        0 => Some(named),
        more => Some(format!("{named} and {more} more")),
    }
}

/// Where a notice belongs, and what to do about it.
pub(super) fn facts_of_notice(notice: &Notice) -> Vec<Fact<'_>> {
    let at = notice.location.as_ref().map(|location| ("at", Cow::Owned(place(location, LONGEST_PLACE))));
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::drift::rules;
    use crate::location::Region;
    use crate::report::fixture;

    #[test]
    fn what_a_list_lacks_is_not_called_what_is_expected() {
        let compared = [rules::baseline(), rules::environment()].map(|rule| rule.id.clone());
        assert_eq!(compared, Values::COMPARING);
        let ruled = "mfa/off".to_owned();
        for (rule, expected, actual, values) in [
            (&compared[0], Some(json!(["a"])), Some(json!(["b"])), Values::Members),
            (&compared[1], Some(json!(["a"])), None, Values::Members),
            (&compared[1], None, Some(json!(["b", "c"])), Values::Members),
            (&compared[0], Some(json!(["a", "b"])), Some(json!(["b"])), Values::Whole),
            (&compared[0], Some(json!([])), Some(json!(["b"])), Values::Whole),
            (&compared[0], Some(json!(["a"])), Some(json!("a")), Values::Whole),
            (&compared[0], Some(json!(12)), Some(json!(8)), Values::Whole),
            (&compared[0], None, None, Values::Whole),
            (&ruled, Some(json!(["a"])), Some(json!(["b"])), Values::Whole),
        ] {
            let mut finding = fixture::report().findings.swap_remove(0);
            Arc::make_mut(&mut finding.rule).id.clone_from(rule);
            (finding.expected, finding.actual) = (expected, actual);
            assert_eq!(Values::of(&finding), values, "{rule} {:?} {:?}", finding.expected, finding.actual);
        }
    }

    #[test]
    fn line_and_column_of_a_place_are_never_cut() {
        let region = Region { line: 51, column: 11, ..Region::START };
        for (file, expected) in [
            ("a/b.json", "a/b.json:51:11"),
            ("0123456789", "0123456789:51:11"),
            ("0123456789a", "01234…6789a:51:11"),
            ("ä/öööö/öööö/üü.json", "ä/ööö….json:51:11"),
        ] {
            assert_eq!(place(&Location { file: file.into(), region }, 10), expected);
        }
    }
}

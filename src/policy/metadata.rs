//! `# METADATA` above a rule: OPA's annotations, which the engine takes for comments.

use serde::Deserialize;

use crate::finding::Severity;

/// What a rule says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Metadata {
    /// OPA's scope: in a file of one rule, `rule` and `document` are the same.
    #[serde(default, rename = "scope")]
    _scope: Option<String>,
    pub(super) title: String,
    pub(super) description: String,
    #[serde(default)]
    pub(super) related_resources: Vec<Link>,
    pub(super) custom: Custom,
}

/// A page to read on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Link {
    #[serde(rename = "ref")]
    pub(super) url: String,
    /// OPA's member, for readers of the policy.
    #[serde(default, rename = "description")]
    _description: Option<String>,
}

/// Ours, beside OPA's.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Custom {
    pub(super) severity: Severity,
    pub(super) remediation: String,
    #[serde(default)]
    pub(super) references: Vec<String>,
    #[serde(default)]
    pub(super) tags: Vec<String>,
    /// Where a member that is a string, or names no path, points.
    #[serde(default)]
    pub(super) path: String,
}

/// The metadata of the only rule of a file, and the line (from 1) at which it begins.
///
/// # Errors
/// A line and what is wrong there.
pub(super) fn parse(text: &str) -> Result<Metadata, (usize, String)> {
    let first = text
        .lines()
        .position(|line| line.trim_end() == "# METADATA")
        .ok_or_else(|| (1, "there is no `# METADATA` above the rule".to_owned()))?;
    let comment: Vec<&str> = text
        .lines()
        .skip(first + 1)
        .map_while(|line| line.strip_prefix('#'))
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect();
    let yaml = comment.join("\n");
    serde_saphyr::from_str(&yaml).map_err(|error| {
        let line = error.location().map_or(0, |place| usize::try_from(place.line()).unwrap_or(0));
        (first + 1 + line, error.to_string().lines().next().unwrap_or_default().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_parse_is_said_at_its_line() {
        let text = "package a.b\n\n# METADATA\n# title: T\n# description: D\n# custom:\n#   severity: hihg\n#   remediation: R\ndeny contains 1 if true\n";
        let (line, _) = parse(text).expect_err("no such severity");
        assert_eq!(line, 7);
        assert!(parse("package a.b\n").is_err());
        let metadata = parse(&text.replace("hihg", "high")).expect("parses");
        assert_eq!((metadata.title.as_str(), metadata.custom.severity), ("T", Severity::High));
    }
}

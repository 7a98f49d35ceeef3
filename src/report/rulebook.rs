//! The rules themselves, explained: a table for people, JSON for programs, Markdown for a page of documentation.
//! Nothing was judged.

mod markdown;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use serde_json::Value;

use super::facts::one_line;
use super::{Style, human, json};
use crate::finding::{Rule, Severity};

/// The rules that there are, and the thresholds that they read.
#[derive(Debug)]
pub struct Rulebook {
    /// The rules, by id.
    pub rules: Vec<Entry>,
    /// The profiles, by name.
    pub profiles: Vec<Profile>,
}

/// A rule, and what the configuration says of it.
#[derive(Debug)]
pub struct Entry {
    /// The rule, with its own severity.
    pub rule: Arc<Rule>,
    /// The configuration's severity, over the rule's own.
    pub severity: Option<Severity>,
    /// Whether it is judged.
    pub standing: Standing,
    /// The parameters that it reads, as far as that is known.
    pub parameters: Vec<Parameter>,
}

/// Whether a rule is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is.
    Judged,
    /// The configuration disables it.
    Disabled,
    /// The configuration gives it nothing to compare with.
    Idle,
    /// It is the program's own, of no pack: it can neither be disabled nor waived.
    Fixed,
}

/// A threshold that policies read as `data.audit.params`.
#[derive(Debug)]
pub struct Parameter {
    /// `password.min_length`
    pub name: String,
    /// Its value, by the profile or the configuration.
    pub value: Value,
}

/// Named thresholds.
#[derive(Debug)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Its parameters, by their dotted names.
    pub parameters: BTreeMap<String, Value>,
}

/// The formats of all rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum RulebookFormat {
    /// For people.
    Table,
    /// For programs.
    Json,
    /// A page with all that there is to say.
    Markdown,
}

/// The formats of one rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ExplanationFormat {
    /// For people.
    Human,
    /// For programs.
    Json,
    /// For a page.
    Markdown,
}

impl Entry {
    /// The severity that counts.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.severity.unwrap_or(self.rule.severity)
    }

    /// The configuration's severity, where it is another than the rule's own.
    pub(super) fn overruled(&self) -> Option<Severity> {
        self.severity.filter(|severity| *severity != self.rule.severity)
    }

    /// The pack, and the file in it where the id tells.
    pub(super) fn origin(&self) -> Option<String> {
        match &*self.rule.pack {
            "" => None,
            _ if self.rule.id.starts_with("drift/") => {
                Some("audit itself: it compares, and is no policy".to_owned())
            }
            "builtin" => Some(format!("the built-in pack, policies/{}.rego", self.rule.id)),
            pack => Some(format!("the pack {pack}")),
        }
    }
}

/// Paragraphs of a text of METADATA, each on one line.
pub(super) fn paragraphs(text: &str) -> impl Iterator<Item = String> {
    text.lines().map(one_line).filter(|line| !line.is_empty())
}

impl RulebookFormat {
    /// Writes all rules.
    ///
    /// # Errors
    /// What writing to `out` ends in.
    pub fn write(self, rules: &Rulebook, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Table => human::rulebook(rules, style, out),
            Self::Json => json::rulebook(rules, out),
            Self::Markdown => markdown::rulebook(rules, out),
        }
    }
}

impl ExplanationFormat {
    /// Writes one rule.
    ///
    /// # Errors
    /// What writing to `out` ends in.
    pub fn write(self, rule: &Entry, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Human => human::explanation(rule, style, out),
            Self::Json => json::explanation(rule, out),
            Self::Markdown => markdown::explanation(rule, out),
        }
    }
}

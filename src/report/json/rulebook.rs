//! The rules, for programs: as in a report, with what the configuration says of them.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::VERSION;
use super::wire::{JsonRule, Tool};
use crate::finding::Severity;
use crate::report::rulebook::{Entry, Rulebook, Standing};

#[derive(Serialize)]
pub(super) struct JsonRulebook<'r> {
    version: u32,
    tool: Tool<'r>,
    rules: Vec<JsonEntry<'r>>,
    /// The thresholds of each profile, by its name.
    profiles: BTreeMap<&'r str, &'r BTreeMap<String, Value>>,
}

#[derive(Serialize)]
pub(super) struct JsonExplanation<'r> {
    version: u32,
    tool: Tool<'r>,
    rule: JsonEntry<'r>,
}

#[derive(Serialize)]
struct JsonEntry<'r> {
    #[serde(flatten)]
    rule: JsonRule<'r>,
    own_severity: Severity,
    pack: Option<&'r str>,
    enabled: bool,
    /// As far as they are known.
    parameters: BTreeMap<&'r str, &'r Value>,
}

impl<'r> JsonRulebook<'r> {
    pub(super) fn of(book: &'r Rulebook) -> Self {
        Self {
            version: VERSION,
            tool: Tool::this(),
            rules: book.rules.iter().map(JsonEntry::of).collect(),
            profiles: book.profiles.iter().map(|profile| (&*profile.name, &profile.parameters)).collect(),
        }
    }
}

impl<'r> JsonExplanation<'r> {
    pub(super) fn of(entry: &'r Entry) -> Self {
        Self { version: VERSION, tool: Tool::this(), rule: JsonEntry::of(entry) }
    }
}

impl<'r> JsonEntry<'r> {
    fn of(entry: &'r Entry) -> Self {
        let parameters = entry.parameters.iter();
        Self {
            rule: JsonRule { severity: entry.severity(), ..JsonRule::of(&entry.rule) },
            own_severity: entry.rule.severity,
            pack: Some(&*entry.rule.pack).filter(|pack| !pack.is_empty()),
            enabled: !matches!(entry.standing, Standing::Disabled | Standing::Idle),
            parameters: parameters.map(|parameter| (&*parameter.name, &parameter.value)).collect(),
        }
    }
}

//! One document through all rules.

use std::collections::BTreeMap;

use regorus::Engine;
use serde::Deserialize;
use serde_json::Value;

use super::LoadedRule;
use super::metadata::Scope;
use crate::document::Document;
use crate::finding::{Disposition, Finding, Severity};
use crate::target::{Cause, Unaudited};

/// What the rules say of one document.
#[derive(Debug, Default)]
pub struct Evaluation {
    /// What was found; one finding for a rule and a path.
    pub findings: Vec<Finding>,
    /// Set where a rule could not be evaluated: the target is unaudited, whatever the others found.
    pub unaudited: Option<Unaudited>,
    /// What the rules printed, each line with the place of its `print`: `FILE:LINE: TEXT`.
    pub prints: Vec<String>,
}

/// Evaluates the rules of a pack, on one thread.
pub struct Evaluator<'p> {
    engine: Engine,
    rules: &'p [LoadedRule],
}

/// A member of a rule's set that is an object.
#[derive(Debug, Deserialize)]
struct Member {
    msg: String,
    path: Option<String>,
    expected: Option<Value>,
    actual: Option<Value>,
    severity: Option<Severity>,
}

impl<'p> Evaluator<'p> {
    pub(super) fn new(engine: Engine, rules: &'p [LoadedRule]) -> Self {
        Self { engine, rules }
    }

    /// Judges a document.
    #[must_use]
    pub fn evaluate(&mut self, document: &Document) -> Evaluation {
        let input = match regorus::Value::from_json_str(&document.to_json()) {
            Ok(input) => input,
            Err(error) => {
                let message =
                    format!("the policy engine cannot read the document: {}", first_line(&error.to_string()));
                let rules: Vec<_> = self.rules.iter().map(|loaded| loaded.rule.id.clone()).collect();
                return Evaluation {
                    unaudited: Some(Unaudited {
                        rules: rules.into(),
                        ..Unaudited::new(Cause::Policy, message)
                    }),
                    ..Default::default()
                };
            }
        };
        self.engine.set_input(input);
        let mut violations = Vec::new();
        let mut failures = Vec::new();
        let mut failed = Vec::new();
        for loaded in self.rules.iter().filter(|loaded| loaded.scope == Scope::Document) {
            match self.members(loaded).and_then(|members| by_path(loaded, members, document)) {
                Ok(members) => {
                    violations.extend(members.into_iter().map(|(path, member)| (loaded, path, member)));
                }
                Err(reason) => {
                    failed.push(loaded.rule.id.clone());
                    failures.push(format!("rule {} cannot be evaluated: {reason}", loaded.rule.id));
                }
            }
        }
        let places: Vec<_> =
            violations.iter().map(|(_, path, member)| (path.as_str(), member.actual.as_ref())).collect();
        let evidence = document.evidence(&places);
        let findings = violations
            .into_iter()
            .zip(evidence)
            .map(|((loaded, path, member), evidence)| Finding {
                rule: loaded.rule.clone(),
                severity: loaded.severity.or(member.severity).unwrap_or(loaded.rule.severity),
                target: document.target().clone(),
                message: member.msg,
                path,
                expected: member.expected,
                actual: member.actual,
                disposition: Disposition::Open,
                waiver: None,
                carried: false,
                evidence,
            })
            .collect();
        let unaudited = (!failures.is_empty()).then(|| {
            Unaudited { rules: failed.into(), ..Unaudited::new(Cause::Policy, failures.join("; ")) }
                .with_help("correct the rule, or disable it in [policies]")
        });
        // The engine gathers them without an end, and its clones share none.
        let prints = self.engine.take_prints().unwrap_or_default();
        Evaluation { findings, unaudited, prints }
    }

    fn members(&mut self, loaded: &LoadedRule) -> Result<Vec<Member>, String> {
        let value = self
            .engine
            .eval_rule(loaded.query.to_string())
            .map_err(|error| engine_message(&error.to_string()))?;
        let set = value.as_set().map_err(|_| format!("`{}` is not a set", loaded.set()))?;
        set.iter()
            .map(|member| match member {
                regorus::Value::String(text) => Ok(Member {
                    msg: text.to_string(),
                    path: None,
                    expected: None,
                    actual: None,
                    severity: None,
                }),
                object @ regorus::Value::Object(_) => serde_json::to_value(object)
                    .and_then(serde_json::from_value)
                    .map_err(|error| format!("a member of `{}` is not usable: {error}", loaded.set())),
                _ => Err(format!("a member of `{}` is neither a string nor an object", loaded.set())),
            })
            .collect()
    }
}

impl LoadedRule {
    /// The name of its set: `deny`.
    fn set(&self) -> &str {
        self.query.rsplit('.').next().unwrap_or_default()
    }
}

/// One member for a path. Several members at one place become one finding that says all they say.
fn by_path(
    loaded: &LoadedRule,
    members: Vec<Member>,
    document: &Document,
) -> Result<BTreeMap<String, Member>, String> {
    let mut merged: BTreeMap<String, Member> = BTreeMap::new();
    for mut member in members {
        let mut path = member.path.take().unwrap_or_else(|| loaded.path.to_string());
        // An index moves when the list changes: the finding is about the list.
        while let Some((list, index)) = path.rsplit_once('/') {
            let (Some(Value::Array(_)), Some(element)) = (document.get(list), document.get(&path)) else {
                break;
            };
            if index.parse::<usize>().is_err() {
                break;
            }
            member.actual = Some(Value::Array(vec![element.clone()]));
            path.truncate(list.len());
        }
        if document.get(&path).is_none() {
            return Err(format!("it points at `{path}`, which the document does not have"));
        }
        match merged.get_mut(&path) {
            None => {
                merged.insert(path, member);
            }
            Some(first) => {
                first.msg = format!("{}; {}", first.msg, member.msg);
                first.severity = match (first.severity, member.severity) {
                    (Some(a), Some(b)) => Some(a.max(b)),
                    (Some(own), None) | (None, Some(own)) => Some(own.max(loaded.rule.severity)),
                    (None, None) => None,
                };
                first.expected = first.expected.take().or(member.expected);
                first.actual = match (first.actual.take(), member.actual) {
                    (Some(Value::Array(mut all)), Some(Value::Array(more))) => {
                        for member in more {
                            if !all.contains(&member) {
                                all.push(member);
                            }
                        }
                        Some(Value::Array(all))
                    }
                    (first, second) => first.or(second),
                };
            }
        }
    }
    Ok(merged)
}

/// The engine's text is `\n--> file:LINE:COL\n…\nerror: MESSAGE`: the place and the message, on one line.
fn engine_message(text: &str) -> String {
    let place = text.lines().find_map(|line| line.trim_start().strip_prefix("--> "));
    let message = text.lines().find_map(|line| line.trim_start().strip_prefix("error: "));
    match (place, message) {
        (Some(place), Some(message)) => format!("{place}: {message}"),
        (None, Some(message)) => message.to_owned(),
        _ => first_line(text),
    }
}

fn first_line(text: &str) -> String {
    text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned()
}

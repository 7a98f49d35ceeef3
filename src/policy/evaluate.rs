//! One document, or all documents of an app, through the rules.

use std::collections::BTreeMap;
use std::sync::Arc;

use regorus::Engine;
use serde::Deserialize as _;

use super::answers::{Answers, Memory, Values, written};
use super::member::{Member, by_path, members};
use super::metadata::Scope;
use super::{LazyAnswers, LoadedRule, Pack};
use crate::document::Document;
use crate::finding::{Disposition, Finding};
use crate::target::{Cause, Unaudited};

/// What the rules say of one document, or of all documents of one app.
#[derive(Debug, Default)]
pub struct Evaluation {
    /// What was found; one finding for a rule, a target and a path.
    pub findings: Vec<Finding>,
    /// Set where a rule could not be evaluated: the target is unaudited, or all those of the app, whatever the others
    /// found.
    pub unaudited: Option<Unaudited>,
    /// What the rules printed, each line with the place of its `print`: `FILE:LINE: TEXT`.
    pub prints: Vec<String>,
}

/// Evaluates the rules of a pack, on one thread.
pub struct Evaluator<'p> {
    engine: Engine,
    rules: &'p [LoadedRule],
    answers: Option<&'p LazyAnswers>,
    values: Values,
}

/// Rules that could not be evaluated, and why.
#[derive(Default)]
struct Failures {
    rules: Vec<String>,
    reasons: Vec<String>,
}

impl<'p> Evaluator<'p> {
    pub(super) fn new(pack: &'p Pack) -> Self {
        Self {
            engine: pack.engine.clone(),
            rules: &pack.rules,
            answers: pack.answers.as_ref(),
            values: Values::default(),
        }
    }

    /// Judges a document by the rules of scope `document`.
    #[must_use]
    pub fn evaluate(&mut self, document: &Document) -> Evaluation {
        self.values.clear();
        let mut has_input = false;
        let mut violations = Vec::new();
        let mut failures = Failures::default();
        for (index, loaded) in of_scope(self.rules, Scope::Document) {
            let answer = self.answer(index, loaded, document, &mut has_input);
            match answer.and_then(|members| by_path(loaded, members.iter(), document)) {
                Ok(members) => {
                    violations.extend(members.into_iter().map(|(path, member)| (loaded, path, member)));
                }
                Err(reason) => failures.add(loaded, &reason),
            }
        }
        self.evaluation(findings(violations, document), failures)
    }

    /// Judges all documents of one app, in the order of their targets, by the rules of scope `app`.
    #[must_use]
    pub fn evaluate_app(&mut self, documents: &[Document]) -> Evaluation {
        let mut failures = Failures::default();
        let mut violations: Vec<Vec<_>> = documents.iter().map(|_| Vec::new()).collect();
        let mut has_input = false;
        for (_, loaded) in of_scope(self.rules, Scope::App) {
            let judged = self
                .input(&mut has_input, || app_input(documents))
                .and_then(|()| self.ask(loaded))
                .and_then(|members| by_document(loaded, &members, documents));
            match judged {
                Ok(judged) => {
                    for (violations, members) in violations.iter_mut().zip(judged) {
                        violations.extend(members.into_iter().map(|(path, member)| (loaded, path, member)));
                    }
                }
                Err(reason) => failures.add(loaded, &reason),
            }
        }
        let found = violations
            .into_iter()
            .zip(documents)
            .flat_map(|(violations, document)| findings(violations, document))
            .collect();
        self.evaluation(found, failures)
    }

    /// What a rule says of a document: remembered, or asked of the engine.
    fn answer(
        &mut self,
        index: usize,
        loaded: &LoadedRule,
        document: &Document,
        has_input: &mut bool,
    ) -> Result<Arc<Vec<Member>>, String> {
        let answers = self.answers.map(|answers| &**answers);
        let memory = match answers {
            Some(answers) => {
                for helper in answers.helpers_of(index) {
                    self.help(answers, *helper, document, has_input);
                }
                answers.recall(index, document, &mut self.values)
            }
            None => Memory::Never,
        };
        if let Memory::Known(answer) = memory {
            return Ok(answer);
        }
        self.input(has_input, || engine_value(document))?;
        let answer = Arc::new(self.ask(loaded)?);
        if let (Memory::New, Some(answers)) = (memory, answers) {
            answers.keep(index, &self.values, &answer);
        }
        Ok(answer)
    }

    /// Gets the value of a helper for a document: remembered, or asked of the engine. Where it has none because it
    /// fails, the rules that need it say so themselves.
    fn help(
        &mut self,
        answers: &Answers<Vec<Member>>,
        helper: usize,
        document: &Document,
        has_input: &mut bool,
    ) {
        if self.values.has_helper(helper) {
            return;
        }
        let memory = answers.recall_helper(helper, document, &mut self.values);
        if let Memory::Known(value) = &memory {
            self.values.set_helper(helper, Some(value.as_ref()));
            return;
        }
        let value = self.input(has_input, || engine_value(document)).ok().and_then(|()| {
            let value = self.engine.eval_rule(answers.query(helper).to_owned()).ok()?;
            Some(Arc::new(written(&value).into_boxed_slice()))
        });
        if let (Memory::New, Some(value)) = (memory, &value) {
            answers.keep_helper(helper, &self.values, value);
        }
        self.values.set_helper(helper, value.as_deref().map(AsRef::as_ref));
    }

    /// Gives the engine its input, once.
    fn input(
        &mut self,
        has_input: &mut bool,
        input: impl FnOnce() -> Result<regorus::Value, String>,
    ) -> Result<(), String> {
        if !*has_input {
            self.engine.set_input(input()?);
            *has_input = true;
        }
        Ok(())
    }

    fn ask(&mut self, loaded: &LoadedRule) -> Result<Vec<Member>, String> {
        let set = self
            .engine
            .eval_rule(loaded.query.to_string())
            .map_err(|error| engine_message(&error.to_string()))?;
        members(&set, loaded.set())
    }

    fn evaluation(&mut self, findings: Vec<Finding>, failures: Failures) -> Evaluation {
        let unaudited = (!failures.rules.is_empty()).then(|| {
            let why = Unaudited::new(Cause::Policy, failures.reasons.join("; "));
            Unaudited { rules: failures.rules.into(), ..why }
                .with_help("correct the rule, or disable it in [policies]")
        });
        // The engine gathers them without an end, and its clones share none.
        let prints = self.engine.take_prints().unwrap_or_default();
        Evaluation { findings, unaudited, prints }
    }
}

impl Failures {
    fn add(&mut self, loaded: &LoadedRule, reason: &str) {
        self.rules.push(loaded.rule.id.clone());
        self.reasons.push(format!("rule {} cannot be evaluated: {reason}", loaded.rule.id));
    }
}

impl LoadedRule {
    /// The name of its set: `deny`.
    fn set(&self) -> &str {
        self.query.rsplit('.').next().unwrap_or_default()
    }
}

/// The rules of a scope, with their places among all.
fn of_scope(rules: &[LoadedRule], scope: Scope) -> impl Iterator<Item = (usize, &LoadedRule)> {
    rules.iter().enumerate().filter(move |(_, loaded)| loaded.scope == scope)
}

/// The input of rules of scope `document`.
fn engine_value(document: &Document) -> Result<regorus::Value, String> {
    regorus::Value::deserialize(document.value()).map_err(|error| {
        format!("the policy engine cannot read the document: {}", first_line(&error.to_string()))
    })
}

/// The input of rules of scope `app`.
fn app_input(documents: &[Document]) -> Result<regorus::Value, String> {
    let target = documents.first().map(Document::target);
    let text = |text: Option<&String>| text.map_or(regorus::Value::Null, |text| text.as_str().into());
    let object = |members: Vec<(&str, regorus::Value)>| {
        let members = members.into_iter().map(|(name, value)| (name.into(), value));
        regorus::Value::from(members.collect::<BTreeMap<regorus::Value, regorus::Value>>())
    };
    let app = object(vec![
        ("AppId", text(target.map(|target| &target.app_id))),
        ("AppName", text(target.and_then(|target| target.app_name.as_ref()))),
        ("Account", text(target.and_then(|target| target.account.as_ref()))),
        ("Region", text(target.and_then(|target| target.region.as_ref()))),
    ]);
    let documents: Vec<regorus::Value> = documents.iter().map(engine_value).collect::<Result<_, _>>()?;
    Ok(object(vec![("App", app), ("Documents", documents.into())]))
}

/// The members of a rule of scope `app`, for each document. One that names no target is about the only one.
fn by_document(
    loaded: &LoadedRule,
    members: &[Member],
    documents: &[Document],
) -> Result<Vec<BTreeMap<String, Member>>, String> {
    let of = |member: &Member| match &member.target {
        None if documents.len() == 1 => Ok(0),
        None => {
            Err("a member names no `target`, and the app has several: add `\"target\": doc.Target.Id`"
                .to_owned())
        }
        Some(target) => documents
            .iter()
            .position(|document| document.target().id.as_str() == target)
            .ok_or_else(|| format!("it names the target `{target}`, which the app does not have")),
    };
    let places: Vec<usize> = members.iter().map(of).collect::<Result<_, _>>()?;
    documents
        .iter()
        .enumerate()
        .map(|(index, document)| {
            let own = members.iter().zip(&places).filter(|(_, place)| **place == index);
            by_path(loaded, own.map(|(member, _)| member), document)
        })
        .collect()
}

fn findings(violations: Vec<(&LoadedRule, String, Member)>, document: &Document) -> Vec<Finding> {
    let places: Vec<_> =
        violations.iter().map(|(_, path, member)| (path.as_str(), member.actual.as_ref())).collect();
    let evidence = document.evidence(&places);
    violations
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
        .collect()
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

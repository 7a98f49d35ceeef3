//! `JUnit`'s XML, for CI servers: a suite a target, a case a rule. What was not judged has not passed: an unaudited
//! target, and whatever else makes a run incomplete, are errors, also where the exit code forgives them.

pub(crate) mod xml;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use xml::{Bad, Case, Document, Kind, Suite, Totals};

use super::facts::{Fact, app, carried, facts, facts_of_notice, facts_of_unaudited, one_line};
use super::verdict::{self, Verdict, plural};
use super::{Outcome, Report, Style, UNAUDITED};
use crate::finding::{Disposition, Finding, Notice};
use crate::target::{Target, TargetId, Unaudited};
use crate::untrusted::{printable, shortened};

/// The longest message of a case; its text has the whole of it.
const LONGEST: usize = 400;

/// The longest name of an app.
const LONGEST_APP: usize = 60;

/// The suite of what no target can tell.
const RUN: &str = "audit";

pub(super) fn write(report: &Report, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let of_the_run = of_the_run(report);
    let targets = judged(report);
    let mut totals = Totals::of(&of_the_run.cases);
    for judgement in targets.iter().flat_map(|judged| &judged.judgements) {
        totals.add(judgement.kind());
    }
    totals.time = report.duration;
    let mut document = Document::begin(RUN, &totals, out)?;
    document.suite(&of_the_run)?;
    targets.iter().try_for_each(|judged| document.suite(&suite(judged)))?;
    document.end()
}

/// How the run went as a whole, and everything that could not be seen. It has a case of its own: most servers take a
/// file without any for a mistake.
fn of_the_run(report: &Report) -> Suite {
    let summary = report.summary();
    let verdict = format!("{} (exit {})", Verdict::of(report, &summary), summary.exit_code);
    let is_whole = !report.interrupted && !report.is_incomplete();
    let whole = Case {
        class: RUN.to_owned(),
        name: "the run as a whole".to_owned(),
        result: (!is_whole).then(|| Bad { kind: Kind::Error, message: verdict.clone(), text: String::new() }),
        output: vec![verdict, verdict::targets(report, &summary), verdict::findings(report, &summary)],
        ..Case::default()
    };
    let (bad, other): (Vec<&Notice>, Vec<_>) =
        report.notices.iter().partition(|notice| notice.kind.makes_incomplete());
    let bad = bad.into_iter().map(|notice| Case {
        class: RUN.to_owned(),
        name: format!("{}: {}", notice.kind.as_str(), shortened(&notice.message, LONGEST)),
        result: Some(Bad {
            kind: Kind::Error,
            message: shortened(&notice.message, LONGEST).into_owned(),
            text: format!("\n{}", said(notice)),
        }),
        ..Case::default()
    });
    Suite {
        name: RUN.to_owned(),
        cases: std::iter::once(whole).chain(bad).collect(),
        output: other.into_iter().map(said).collect(),
        ..Suite::default()
    }
}

fn said(notice: &Notice) -> String {
    let mut text = String::new();
    line(&format!("{}: {}", notice.kind.as_str(), notice.message), &mut text);
    lines(&facts_of_notice(notice), &mut text);
    text
}

/// What became of one target.
struct Judged<'r> {
    target: &'r Target,
    unaudited: Option<&'r Unaudited>,
    judgements: Vec<Judgement<'r>>,
}

/// One rule at one target.
struct Judgement<'r> {
    rule: &'r str,
    findings: Vec<&'r Finding>,
    /// Why it could not be judged, if so.
    unaudited: Option<&'r Unaudited>,
}

impl Judgement<'_> {
    /// `None` where the case passes.
    fn kind(&self) -> Option<Kind> {
        let any = |disposition| self.findings.iter().any(|finding| finding.disposition == disposition);
        if self.unaudited.is_some() {
            Some(Kind::Error)
        } else if any(Disposition::Open) {
            Some(Kind::Failure)
        } else {
            any(Disposition::Waived).then_some(Kind::Skipped)
        }
    }
}

/// Every rule at every target; also a rule that only a finding or a reason names, and a target that only a finding does.
fn judged(report: &Report) -> Vec<Judged<'_>> {
    let mut found: BTreeMap<&TargetId, BTreeMap<&str, Vec<&Finding>>> = BTreeMap::new();
    let mut targets: BTreeMap<&TargetId, (&Target, Option<&Unaudited>)> = BTreeMap::new();
    for finding in &report.findings {
        let of_target = found.entry(&finding.target.id).or_default();
        of_target.entry(&finding.rule.id).or_default().push(finding);
        targets.insert(&finding.target.id, (&finding.target, None));
    }
    for Outcome { target, unaudited } in &report.targets {
        targets.insert(&target.id, (target, unaudited.as_ref()));
    }
    let judged = targets.into_iter().map(|(id, (target, unaudited))| {
        let mut found = found.remove(id).unwrap_or_default();
        let named = unaudited.iter().flat_map(|why| why.rules.iter());
        let mut rules: BTreeSet<&str> = report.rules.iter().map(|rule| rule.id.as_str()).collect();
        rules.extend(found.keys().copied().chain(named.map(String::as_str)));
        if rules.is_empty() && unaudited.is_some() {
            // No rule was to judge it, and yet it did not pass.
            rules.insert(UNAUDITED);
        }
        let judgements = rules.into_iter().map(|rule| Judgement {
            rule,
            findings: found.remove(rule).unwrap_or_default(),
            unaudited: unaudited
                .filter(|why| why.rules.is_empty() || why.rules.iter().any(|named| named == rule)),
        });
        Judged { target, unaudited, judgements: judgements.collect() }
    });
    judged.collect()
}

fn suite(judged: &Judged<'_>) -> Suite {
    let target = judged.target.id.as_str();
    // All rules that a reason keeps from judging have it: at full length it stands in the first case.
    let mut why = judged.unaudited;
    let cases = judged.judgements.iter().map(|judgement| {
        let why = if judgement.unaudited.is_some() { why.take() } else { None };
        Case {
            class: target.to_owned(),
            name: judgement.rule.to_owned(),
            output: output(judgement, judged.target),
            result: judgement.kind().map(|kind| Bad {
                kind,
                message: message(judgement),
                text: text(judgement, judged.target, why),
            }),
            ..Case::default()
        }
    });
    Suite { name: target.to_owned(), cases: cases.collect(), ..Suite::default() }
}

/// Of a case that passes: what was found all the same.
fn output(judgement: &Judgement<'_>, target: &Target) -> Vec<String> {
    if judgement.kind().is_some() || judgement.findings.is_empty() {
        return Vec::new();
    }
    let below = format!("{} below the threshold", plural(judgement.findings.len(), "finding"));
    vec![below, text(judgement, target, None)]
}

fn message(judgement: &Judgement<'_>) -> String {
    let Judgement { findings, unaudited, .. } = judgement;
    let waiver = findings.iter().find_map(|finding| finding.waiver.as_ref());
    let message = match (unaudited, &findings[..]) {
        (Some(why), _) => format!("unaudited: {}", why.message),
        _ if let Some(waiver) = waiver.filter(|_| judgement.kind() == Some(Kind::Skipped)) => {
            format!("waived until {}: {}", waiver.expires, waiver.reason)
        }
        (None, []) => String::new(),
        (None, [finding]) => finding.message.clone(),
        (None, [finding, ..]) => format!("{} findings: {}", findings.len(), finding.message),
    };
    shortened(&message, LONGEST).into_owned()
}

fn text(judgement: &Judgement<'_>, target: &Target, why: Option<&Unaudited>) -> String {
    let mut text = String::from("\n");
    if let Some(why) = why {
        line(&format!("unaudited[{}]: {}", why.kind.as_str(), why.message), &mut text);
        lines(&facts_of_unaudited(target, why), &mut text);
    }
    for finding in &judgement.findings {
        let (disposition, severity) = (finding.disposition.as_str(), finding.severity);
        line(&format!("{disposition} {severity}: {}{}", finding.message, carried(finding)), &mut text);
        lines(&facts(finding), &mut text);
        lines(&[("fingerprint", finding.fingerprint().into())], &mut text);
    }
    if let Some(app) = app(target, LONGEST_APP).filter(|_| why.is_some() || !judgement.findings.is_empty()) {
        line(&format!("app: {app}"), &mut text);
    }
    if let Some(finding) = judgement.findings.first() {
        line(&format!("help: {}", one_line(&finding.rule.remediation)), &mut text);
    }
    text
}

fn lines(facts: &[Fact<'_>], text: &mut String) {
    for (label, fact) in facts {
        line(&format!("  {label}: {fact}"), text);
    }
}

/// One line, whatever is in it.
fn line(line: &str, text: &mut String) {
    text.push_str(&printable(line));
    text.push('\n');
}

#[cfg(test)]
mod tests;

//! One self-contained file for a browser: a heat map of targets × areas, what could not be audited, and every finding
//! with excerpt, remedy and references. All of it is static HTML, so that it reads and prints without its script; the
//! script filters.
//!
//! Nothing is fetched: the content security policy of the page allows its own style and script, by hash, and nothing
//! else. Every value passes [`Printable`], in text and in attributes; no value is in the script.
//!
//! What programs (and tests) may rely on, values as [`printable`] makes them:
//! - `<article class="finding" id="f-FINGERPRINT" data-rule data-target data-path data-severity data-disposition
//!   data-account data-stage>`, with `data-carried` on a carried one; in it the message as the text of `.message`,
//!   the lines of the document as `.excerpt`, `.expected`, `.actual` and `.location`. Of findings that share a
//!   fingerprint the second has `-2` behind its id.
//! - `<li class="unaudited" id="u-TARGET" data-target>`: a target that could not be audited, below a heading that says
//!   why; in it `.why`, its own message, where the messages of the group differ.
//! - `<li class="notice" data-kind>`: a notice, its message as `.message`.
//! - `<section class="rule" id="r-RULE" data-rule>`: a rule, once, with its remedy and references.
//! - `<tr data-target>`: a target's row of the heat map.

mod excerpt;
mod groups;
mod heat_map;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::fmt::{self, Display};
use std::io::{self, Write};

use askama::Template;
use askama::filters::{Escaper, Html};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use sha2::{Digest, Sha256};

use self::excerpt::{Line, lines};
use self::groups::{Group, RuleRow, Topic};
use self::heat_map::HeatMap;
use super::facts::{self, Values};
use super::reference::Reference;
use super::verdict::{Ending, Verdict};
use super::{Report, Seen, Style, Summary};
use crate::finding::{Disposition, Finding, Severity};
use crate::target::{Stage, Target};
use crate::untrusted::{printable, printable_json, shortened};

pub(super) fn write(report: &Report, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
    Page::of(report).write_into(out)?;
    out.write_all(b"\n")
}

/// A text of more characters than this is cut off by a scroll bar.
const LONG: usize = 600;

/// The longest name of an app, an account or a region shown.
const LONGEST_NAME: usize = 80;

/// More findings than so many are first shown by rule alone.
const MOST_UNFOLDED: usize = 40;

const STYLE: &str = include_str!("html/report.css");
const SCRIPT: &str = include_str!("html/report.js");

/// Escapes every value of the template.
#[derive(Clone, Copy)]
struct Printable;

impl Escaper for Printable {
    fn write_escaped_str<W: fmt::Write>(&self, dest: W, string: &str) -> fmt::Result {
        Html.write_escaped_str(dest, &printable(string))
    }
}

#[derive(Template)]
#[template(path = "report.html", config = "src/report/html/askama.toml")]
struct Page<'r> {
    policy: String,
    style: &'static str,
    script: &'static str,
    version: &'static str,
    report: &'r Report,
    summary: Summary,
    word: Ending,
    /// What was seen and found.
    sentence: String,
    heat_map: HeatMap<'r>,
    unaudited: Vec<Topic<'r>>,
    incomplete: Vec<Topic<'r>>,
    notices: Vec<Topic<'r>>,
    lists: [List<'r>; 2],
    rules: Vec<RuleRow<'r>>,
    choices: Choices<'r>,
}

impl<'r> Page<'r> {
    fn of(report: &'r Report) -> Self {
        let ids = ids(&report.findings);
        let items = |waived: bool| {
            let findings = report.findings.iter().zip(&ids);
            let findings =
                findings.filter(|(finding, _)| (finding.disposition == Disposition::Waived) == waived);
            findings.map(|(finding, id)| Item { finding, id: id.clone() }).collect::<Vec<_>>()
        };
        let mut explained = BTreeSet::new();
        let open = groups::by_rule(items(false), &mut explained);
        let waived = groups::by_rule(items(true), &mut explained);
        let (incomplete, notices) = groups::notices(&report.notices);
        let summary = report.summary();
        let Verdict { ending, found } = Verdict::of(report, &summary);
        Self {
            policy: policy(),
            style: STYLE,
            script: SCRIPT,
            version: env!("CARGO_PKG_VERSION"),
            report,
            word: ending,
            sentence: capitalised(&found),
            summary,
            heat_map: HeatMap::of(report, &ids),
            unaudited: groups::unaudited(&report.targets),
            incomplete,
            notices,
            lists: [
                List { id: "findings", title: "Findings", groups: open },
                List { id: "waived", title: "Waived", groups: waived },
            ],
            rules: groups::rules(report, &explained),
            choices: Choices::of(report),
        }
    }

    /// The tiles of open findings, the worst first.
    fn open(&self) -> impl Iterator<Item = (Severity, usize)> {
        self.summary.open.iter().rev().map(|(severity, count)| (*severity, *count))
    }

    fn below_threshold(&self) -> usize {
        self.summary.below_threshold.values().sum()
    }

    fn threshold(&self) -> &'static str {
        self.report.fail_on.map_or("none", Severity::as_str)
    }

    fn started(&self) -> String {
        self.report.started_at.strftime("%-d %B %Y, %H:%M UTC").to_string()
    }

    fn seconds(&self) -> String {
        format!("{:.1} s", self.report.duration.as_secs_f64())
    }
}

/// Everything that the page may run, by hash: a value that became markup would still be dead.
fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

/// An anchor for each finding: its fingerprint, with a number where findings share it.
fn ids(findings: &[Finding]) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let ids = findings.iter().map(|finding| {
        let id = format!("f-{}", finding.fingerprint());
        let count = seen.entry(id.clone()).and_modify(|count| *count += 1).or_insert(1);
        if *count == 1 { id } else { format!("{id}-{count}") }
    });
    ids.collect()
}

/// Findings under one heading.
struct List<'r> {
    id: &'static str,
    title: &'static str,
    groups: Vec<Group<'r>>,
}

impl List<'_> {
    fn count(&self) -> usize {
        self.groups.iter().map(|group| group.items.len()).sum()
    }

    fn is_long(&self) -> bool {
        self.count() > MOST_UNFOLDED
    }
}

/// One finding, as the template asks for it.
struct Item<'r> {
    finding: &'r Finding,
    id: String,
}

impl<'r> Item<'r> {
    fn subject(&self) -> Subject<'r> {
        Subject(&self.finding.target)
    }

    fn lines(&self) -> Vec<Line<'r>> {
        self.finding.evidence.excerpt.as_ref().map(lines).unwrap_or_default()
    }

    fn is_long(&self) -> bool {
        is_long(&self.finding.message)
    }

    fn is_long_excerpt(&self) -> bool {
        self.finding.evidence.excerpt.as_ref().is_some_and(|excerpt| is_long(&excerpt.text))
    }

    fn expected(&self) -> Option<String> {
        self.finding.expected.as_ref().map(json)
    }

    fn actual(&self) -> Option<String> {
        self.finding.actual.as_ref().map(json)
    }

    fn actual_label(&self) -> String {
        capitalised(Values::of(self.finding).actual())
    }

    fn expected_label(&self) -> String {
        capitalised(Values::of(self.finding).expected())
    }

    fn place(&self) -> String {
        self.finding.evidence.location.to_string()
    }

    fn is_below_threshold(&self) -> bool {
        self.finding.disposition == Disposition::BelowThreshold
    }
}

/// A target, as the template asks for it.
struct Subject<'r>(&'r Target);

impl<'r> Subject<'r> {
    fn id(&self) -> &'r str {
        self.0.id.as_str()
    }

    /// The name of the app, where it says more than the id.
    fn name(&self) -> Option<Cow<'r, str>> {
        facts::app(self.0, LONGEST_NAME).map(Cow::Owned)
    }

    /// The name of the app, else its id; `None` for a file that names no app.
    fn app(&self) -> Option<Cow<'r, str>> {
        let id = Some(&self.0.app_id).filter(|id| !id.is_empty());
        self.name().or_else(|| id.map(|id| shortened(id, LONGEST_NAME)))
    }

    fn account(&self) -> &'r str {
        self.0.account.as_deref().unwrap_or("unknown")
    }

    fn stage(&self) -> &'static str {
        self.0.stage.as_str()
    }

    /// For people, who would not know what is unknown.
    fn stage_in_words(&self) -> &'static str {
        match self.0.stage {
            Stage::Unknown => "stage unknown",
            known @ (Stage::Production | Stage::Staging | Stage::Development) => known.as_str(),
        }
    }

    /// Account and region, as far as they are known.
    fn place(&self) -> Option<String> {
        let parts = facts::whereabouts(self.0);
        (!parts.is_empty()).then(|| shortened(&parts.join(" / "), LONGEST_NAME).into_owned())
    }

    fn anchor(&self) -> String {
        anchor("u", self.id())
    }
}

/// What the filters offer.
struct Choices<'r> {
    rules: Vec<&'r str>,
    accounts: Vec<&'r str>,
    stages: Vec<&'static str>,
}

impl<'r> Choices<'r> {
    fn of(report: &'r Report) -> Self {
        let rules: BTreeSet<_> = report.findings.iter().map(|finding| finding.rule.id.as_str()).collect();
        let targets = || report.targets.iter().map(|outcome| Subject(&outcome.target));
        let accounts: BTreeSet<_> = targets().map(|target| target.account()).collect();
        let stages: BTreeSet<_> = report.targets.iter().map(|outcome| outcome.target.stage).collect();
        Self {
            rules: rules.into_iter().collect(),
            accounts: accounts.into_iter().collect(),
            stages: stages.into_iter().map(crate::target::Stage::as_str).collect(),
        }
    }
}

/// What stays as it is in an anchor; rules are `area/name`.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.');

fn anchor(kind: &str, name: &str) -> String {
    format!("{kind}-{}", utf8_percent_encode(name, PLAIN))
}

/// The part of a rule's id before its name.
fn area(rule: &str) -> &str {
    rule.split('/').next().unwrap_or_default()
}

fn is_long(text: &str) -> bool {
    text.len() > LONG
}

fn json(value: &Value) -> String {
    printable_json(value.to_string())
}

/// A part of a text about a rule.
struct Prose<'r> {
    text: &'r str,
    /// Whether it stood between backticks.
    code: bool,
}

/// What stands between two backticks is code; a backtick without another one is a character.
fn prose(line: &str) -> Vec<Prose<'_>> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some((text, (code, after))) =
        rest.split_once('`').and_then(|(text, after)| Some((text, after.split_once('`')?)))
    {
        pieces.extend([Prose { text, code: false }, Prose { text: code, code: true }]);
        rest = after;
    }
    pieces.push(Prose { text: rest, code: false });
    pieces
}

/// A number with its noun, thousands apart.
fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{} {noun}s", number(count)) }
}

fn number(count: impl Display) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn capitalised(sentence: &str) -> String {
    let mut characters = sentence.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// The words of a name of the report: `bad_response`.
fn words(name: &str) -> String {
    name.replace('_', " ")
}

#[cfg(test)]
mod tests;

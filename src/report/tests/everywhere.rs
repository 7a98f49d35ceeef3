//! The same findings are in every format, whatever text comes from outside: each format is read back by a parser that
//! is not ours, as those who get the file would read it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use clap::ValueEnum;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use roxmltree::Document;
use scraper::{ElementRef, Html, Selector};
use serde_json::{Value, json};

use crate::finding::{AcceptedBy, Disposition, Finding, Notice, NoticeKind, Rule, Severity};
use crate::report::facts::app;
use crate::report::fixture::{self, endless, hostile_text, render};
use crate::report::github::tests::Command;
use crate::report::markdown::tests::{findings, github as gfm, lists};
use crate::report::{Format, Outcome, Report, Style, verdict};
use crate::target::{Cause, Target, TargetId, Unaudited};
use crate::untrusted::{is_unprintable, printable};

/// So much of a message and of a path is in every format; some cut them behind it.
const SHOWN: usize = 100;

/// What a reader learns from a report.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    findings: Vec<Found>,
    unaudited: BTreeSet<String>,
    exit_code: u8,
}

/// A finding as it is shown.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    rule: String,
    target: String,
    path: String,
    message: String,
}

impl Found {
    fn new(rule: &str, target: &str, path: &str, message: &str) -> Self {
        let cut = |text: &str| printable(text).chars().take(SHOWN).collect();
        Self { rule: rule.to_owned(), target: target.to_owned(), path: cut(path), message: cut(message) }
    }
}

/// What must be seen.
fn expected(report: &Report, format: Format) -> Seen {
    let show = |text: &str| -> String {
        let text = printable(text);
        match format {
            Format::Json | Format::Sarif | Format::Github | Format::Human | Format::Html => text.into_owned(),
            // XML cannot hold these two.
            Format::Junit => text.replace('\u{fffe}', "\\u{fffe}").replace('\u{ffff}', "\\u{ffff}"),
            // No spelling of a pipe means itself everywhere, and backticks make code.
            Format::Markdown => text.replace('|', "\\u{7c}").replace('`', ""),
        }
    };
    let is_data = matches!(format, Format::Json | Format::Sarif | Format::Html);
    let whole = |path: &str| {
        if path.is_empty() && !is_data { "the whole document".to_owned() } else { path.to_owned() }
    };
    let findings = report.findings.iter().map(|finding| {
        let Finding { rule, target, path, message, .. } = finding;
        let message = if format == Format::Sarif { message.trim().trim_end_matches('.') } else { message };
        Found::new(&show(&rule.id), &show(target.id.as_str()), &show(&whole(path)), &show(message))
    });
    let mut findings: Vec<Found> = findings.collect();
    findings.sort();
    let unaudited = report.targets.iter().filter(|outcome| outcome.unaudited.is_some());
    Seen {
        findings,
        unaudited: unaudited.map(|outcome| show(outcome.target.id.as_str())).collect(),
        exit_code: report.summary().exit_code,
    }
}

/// What is seen.
fn read(text: &str, format: Format, report: &Report) -> Seen {
    let mut seen = match format {
        Format::Json => json(text),
        Format::Sarif => sarif(text),
        Format::Junit => junit(text),
        Format::Github => github(text, report),
        Format::Markdown => markdown(text, report),
        Format::Human => human(text, report),
        Format::Html => html(text),
    };
    seen.findings.sort();
    seen
}

fn texts<const N: usize>(of: &Value, members: [&str; N]) -> [String; N] {
    members.map(|member| printable(of[member].as_str().expect(member)).into_owned())
}

fn array<'v>(of: &'v Value, member: &str) -> &'v [Value] {
    of[member].as_array().expect(member)
}

fn number(of: &Value) -> u8 {
    u8::try_from(of.as_u64().expect("a number")).expect("an exit code")
}

fn json(text: &str) -> Seen {
    let report: Value = serde_json::from_str(text).expect("JSON");
    let findings = array(&report, "findings").iter().map(|finding| {
        let [rule, target, path, message] = texts(finding, ["rule", "target", "path", "message"]);
        Found::new(&rule, &target, &path, &message)
    });
    let unaudited = array(&report, "targets").iter().filter(|target| target["status"] == "unaudited");
    Seen {
        findings: findings.collect(),
        unaudited: unaudited.map(|target| texts(target, ["id"]).concat()).collect(),
        exit_code: number(&report["summary"]["exit_code"]),
    }
}

fn html(text: &str) -> Seen {
    let page = Html::parse_document(text);
    let all = |selector: &str| -> Vec<ElementRef<'_>> {
        page.select(&Selector::parse(selector).expect("a selector")).collect()
    };
    let attribute = |element: &ElementRef<'_>, name: &str| element.attr(name).expect(name).to_owned();
    let message = Selector::parse(".message").expect("a selector");
    let findings = all("article.finding").into_iter().map(|finding| {
        let message: String = finding.select(&message).flat_map(|message| message.text()).collect();
        let [rule, target, path] =
            ["data-rule", "data-target", "data-path"].map(|name| attribute(&finding, name));
        Found::new(&rule, &target, &path, &message)
    });
    let head: String = all("header").into_iter().flat_map(|head| head.text()).collect();
    let code = head.split("Exit code ").nth(1).and_then(|rest| rest.split(' ').next()).expect("an exit code");
    Seen {
        findings: findings.collect(),
        unaudited: all("li.unaudited").iter().map(|target| attribute(target, "data-target")).collect(),
        exit_code: code.parse().expect("a number"),
    }
}

fn sarif(text: &str) -> Seen {
    let log: Value = serde_json::from_str(text).expect("JSON");
    let run = &log["runs"][0];
    let (unaudited, found): (Vec<&Value>, Vec<_>) =
        array(run, "results").iter().partition(|result| result["ruleId"] == "audit/unaudited");
    let findings = found.into_iter().map(|result| {
        let [rule] = texts(result, ["ruleId"]);
        let [target, path] = texts(&result["properties"], ["target", "path"]);
        let [message] = texts(&result["message"], ["text"]);
        let message = plain(&message);
        let app = result["properties"]["app_name"].as_str();
        let app = app.map_or(String::new(), |app| format!("{} · ", printable(app)));
        let message = message.rsplit_once(&format!(" ({app}{target}")).expect("whose it is").0;
        Found::new(&rule, &target, &path, message)
    });
    Seen {
        findings: findings.collect(),
        unaudited: unaudited
            .into_iter()
            .filter(|result| !result["properties"]["target"].is_null())
            .map(|result| texts(&result["properties"], ["target"]).concat())
            .collect(),
        exit_code: number(&run["invocations"][0]["exitCode"]),
    }
}

/// A message as its readers take it: §3.11.5 and §3.11.6.
fn plain(message: &str) -> String {
    let mut plain = String::new();
    let mut characters = message.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' | '{' | '}' => plain.extend(characters.next()),
            other => plain.push(other),
        }
    }
    plain
}

fn junit(text: &str) -> Seen {
    let document = Document::parse(text).expect("XML");
    let mut seen = Seen { findings: Vec::new(), unaudited: BTreeSet::new(), exit_code: exit_code(text) };
    for case in document.descendants().filter(|node| node.has_tag_name("testcase")) {
        let [target, rule] = ["classname", "name"].map(|name| case.attribute(name).expect(name));
        if target == "audit" {
            continue;
        }
        for child in case.children().filter(roxmltree::Node::is_element) {
            if child.has_tag_name("error") {
                seen.unaudited.insert(target.to_owned());
            }
            let lines: Vec<&str> = child.text().unwrap_or_default().lines().collect();
            for (line, next) in lines.iter().zip(lines.iter().skip(1)) {
                if let Some(path) = next.strip_prefix("  path: ") {
                    let message = of_this_run(line.split_once(": ").expect("a message").1);
                    seen.findings.push(Found::new(rule, target, path, message));
                }
            }
        }
    }
    seen
}

/// A target as it is named to people: `ID (APP)`.
fn in_app(target: &Target) -> String {
    let app = app(target, 60).map_or(String::new(), |app| format!(" ({app})"));
    printable(&format!("{}{app}", target.id)).into_owned()
}

fn github(text: &str, report: &Report) -> Seen {
    let targets: BTreeMap<String, &str> =
        report.targets.iter().map(|outcome| (in_app(&outcome.target), outcome.target.id.as_str())).collect();
    let mut seen = Seen { findings: Vec::new(), unaudited: BTreeSet::new(), exit_code: exit_code(text) };
    for line in text.lines() {
        let (kind, target, said) = match Command::parse(line) {
            Some(command) if command.is_annotation() => {
                let Some((kind, target)) = command.properties["title"].split_once("] ") else { continue };
                (kind.to_owned(), targets.get(target).copied(), command.data)
            }
            Some(command) => {
                assert!(["group", "endgroup"].contains(&command.name.as_str()), "a command: {line}");
                continue;
            }
            None => {
                let Some((kind, rest)) = line.split_once("] ") else { continue };
                let behind = |name: &str| rest.strip_prefix(name)?.strip_prefix(": ");
                let known = targets.iter().filter_map(|(name, id)| Some((*id, behind(name)?)));
                let Some((target, said)) = known.min_by_key(|(_, said)| said.len()) else { continue };
                (kind.to_owned(), Some(target), said.to_owned())
            }
        };
        let target = &*printable(target.expect("a target and its app"));
        let (kind, rule) = kind.split_once('[').expect("a kind");
        if kind == "unaudited" {
            seen.unaudited.insert(target.to_owned());
            continue;
        }
        let facts = ["\npath: ", " · path: "].iter().find_map(|label| said.split_once(*label));
        let (message, facts) = facts.expect("a path");
        let path =
            facts.split("\nat: ").next().and_then(|facts| facts.split(" · at: ").next()).unwrap_or_default();
        let path = path.split("\nexpected: ").next().and_then(|path| path.split(" · expected: ").next());
        seen.findings.push(Found::new(rule, target, path.unwrap_or_default(), of_this_run(message)));
    }
    seen
}

fn markdown(text: &str, report: &Report) -> Seen {
    let mut seen = Seen { findings: Vec::new(), unaudited: BTreeSet::new(), exit_code: exit_code(text) };
    let bare = |text: &str| text.replace('`', "");
    let apps = report.targets.iter().filter_map(|outcome| app(&outcome.target, 60));
    let apps: BTreeSet<String> = apps.map(|app| bare(&printable(&app).replace('|', "\\u{7c}"))).collect();
    for (title, _, items) in lists(text) {
        for item in items.iter().filter(|_| title == "Not audited") {
            let places = item
                .items
                .iter()
                .filter(|place| place.text.starts_with("at ") && !item.text.starts_with("incomplete"));
            let names = places.flat_map(|place| place.code.iter().skip(1)).map(|name| bare(name));
            seen.unaudited.extend(names.filter(|name| !apps.contains(name)));
        }
    }
    for (group, targets) in findings(text) {
        let rule = &group.code[0];
        let (_, message) = group.text.split_once(rule.as_str()).expect("a rule");
        let message = message.strip_prefix(" (carried over)").unwrap_or(message);
        let message = message.strip_prefix(": ").expect("a message");
        let path = group.items[0].text.strip_prefix("path: ").expect("a path");
        seen.findings.extend(
            targets
                .iter()
                .map(|target| Found::new(&bare(rule), &bare(&target.code[0]), &bare(path), &bare(message))),
        );
    }
    seen
}

/// On screen, findings that are alike are one paragraph, and long ones are cut: each is looked for in a paragraph of its
/// rule that names its target. Ids that no finding accounts for are findings of their own here.
fn human(text: &str, report: &Report) -> Seen {
    let text = of_terminal(text);
    let all = words(&text);
    let summary = report.summary();
    for line in [verdict::targets(report, &summary), verdict::findings(report, &summary)] {
        assert!(all.contains(&line), "no {line}");
    }
    let known = report.targets.iter().map(|outcome| {
        let target = &outcome.target;
        (words(target.id.as_str()), app(target, 30).map_or(String::new(), |app| words(&app)))
    });
    let known: Vec<(String, String)> = known.collect();
    let mut paragraphs = paragraphs(&text, &known);
    let mut findings = Vec::new();
    for finding in &report.findings {
        let id = words(finding.target.id.as_str());
        if let Some(paragraph) = paragraphs.iter_mut().find(|paragraph| paragraph.is_of(finding)) {
            let place = paragraph.ids.iter().position(|name| *name == id).expect("it names the target");
            paragraph.ids.remove(place);
            let path = if finding.path.is_empty() { "the whole document" } else { &finding.path };
            findings.push(Found::new(
                &printable(&finding.rule.id),
                &printable(finding.target.id.as_str()),
                &printable(path),
                &printable(&finding.message),
            ));
        }
    }
    let (unaudited, others): (Vec<_>, Vec<_>) =
        paragraphs.into_iter().partition(|paragraph| paragraph.head.starts_with("unaudited["));
    for Paragraph { head, ids, .. } in others {
        findings.extend(ids.iter().map(|id| Found::new(&head, id, "", "nobody found it")));
    }
    let whole = |name: &String| {
        let ids = report.targets.iter().map(|outcome| outcome.target.id.as_str());
        ids.map(printable).find(|id| words(id) == *name).map_or(name.clone(), std::borrow::Cow::into_owned)
    };
    let unaudited: Vec<String> = unaudited.iter().flat_map(|paragraph| &paragraph.ids).map(whole).collect();
    let names: BTreeSet<String> = unaudited.iter().cloned().collect();
    assert_eq!(names.len(), unaudited.len(), "an unaudited target is named once");
    Seen { findings, unaudited: names, exit_code: exit_code(&all) }
}

/// A paragraph of the report for people: all that is alike.
struct Paragraph {
    /// `severity[rule]`, `waived[rule]` or `unaudited[cause]`.
    head: String,
    /// What follows, a blank between words.
    text: String,
    /// The targets that it names.
    ids: Vec<String>,
}

impl Paragraph {
    /// Of lines that begin with a head.
    fn of(lines: &[&str], known: &[(String, String)]) -> Self {
        let bare: Vec<&str> = lines.iter().map(|line| line.trim_start_matches("  │ ")).collect();
        let text = words(&bare.join(" "));
        let start = text.find(|character: char| character.is_ascii_lowercase()).expect("a kind");
        // Ids and counts hold no colon, and ids of rules no blank.
        let (head, text) = text[start..].split_once(": ").expect("what is wrong");
        let (head, after) = head.split_once(' ').unwrap_or((head, ""));
        let mut ids = Vec::new();
        if lines[0].trim_start().starts_with(['×', '⚠', '☞']) {
            let excerpt = lines.iter().find_map(|line| line.trim_start().strip_prefix("╭─["));
            // `ID:LINE:COLUMN]`
            ids.extend(excerpt.and_then(|place| place.rsplitn(3, ':').nth(2)).map(words));
            for label in ["    of: ", "  also: "] {
                ids.extend(named(&listed(lines, label), known));
            }
        } else if head.starts_with("unaudited[") {
            ids.extend(named(&listed(lines, "    of: "), known));
        } else if after.starts_with("in ") {
            let list: Vec<&str> = lines.iter().filter(|line| line.starts_with("        ")).copied().collect();
            ids.extend(named(&list.join(" "), known));
        } else {
            ids.push(after.to_owned());
        }
        let count = after.strip_prefix("in ").and_then(|after| after.strip_suffix(" targets"));
        if let Some(count) = count {
            assert_eq!(count.parse(), Ok(ids.len()), "{head}: {ids:?}");
        }
        Self { head: head.to_owned(), text: text.to_owned(), ids }
    }

    /// Whether it says this finding, of its target.
    fn is_of(&self, finding: &Finding) -> bool {
        let waived = finding.disposition == Disposition::Waived;
        let kind = if waived { "waived" } else { finding.severity.as_str() };
        let start = |text: &str| words(&text.chars().take(SHOWN).collect::<String>());
        let Some(behind) = self.text.strip_prefix(&start(&finding.message)) else { return false };
        let path: String = finding.path.chars().take(SHOWN).collect();
        let path = words(&printable(&path));
        let is_there = if path.is_empty() {
            !behind.contains(" path: /")
        } else {
            behind.contains(&format!("path: {path}")) || behind.contains(&format!("({path}"))
        };
        let is_carried = finding.message.chars().count() > SHOWN || behind.starts_with(" (carried over)");
        self.head == format!("{kind}[{}]", printable(&finding.rule.id))
            && self.ids.contains(&words(finding.target.id.as_str()))
            && is_there
            && (is_carried || !finding.carried)
    }
}

/// The paragraphs: where one begins, the kind follows two blanks and what miette draws.
fn paragraphs(text: &str, known: &[(String, String)]) -> Vec<Paragraph> {
    let kinds = Severity::ALL.map(Severity::as_str).into_iter().chain(["waived"]);
    let heads: Vec<String> = kinds.map(|kind| format!("{kind}[r")).chain(["unaudited[".to_owned()]).collect();
    let is_head = |line: &str| {
        let line = line.strip_prefix("  ").unwrap_or_default();
        let line = ["× ", "⚠ ", "☞ "].iter().find_map(|icon| line.strip_prefix(icon)).unwrap_or(line);
        heads.iter().any(|head| line.starts_with(head))
    };
    let mut found: Vec<Vec<&str>> = Vec::new();
    let mut is_open = false;
    for line in text.lines() {
        if is_head(line) {
            found.push(vec![line]);
            is_open = true;
        } else if line.is_empty() {
            is_open = false;
        } else if let Some(lines) = found.last_mut().filter(|_| is_open) {
            lines.push(line);
        }
    }
    found.iter().map(|lines| Paragraph::of(lines, known)).collect()
}

/// A labelled list.
fn listed(lines: &[&str], label: &str) -> String {
    let Some(start) = lines.iter().position(|line| line.starts_with(label)) else { return String::new() };
    let more = lines[start + 1..].iter().take_while(|line| line.starts_with("        "));
    let list: Vec<&str> = std::iter::once(&lines[start][label.len()..]).chain(more.copied()).collect();
    list.join(" ")
}

/// The ids of a list, which may hold blanks, commas and parentheses, without the names of their apps and their places;
/// all that is none, as one.
fn named(list: &str, known: &[(String, String)]) -> Vec<String> {
    let list = words(list);
    let mut rest = list.as_str();
    let mut names = Vec::new();
    while !rest.is_empty() {
        let after = |id: &str, app: &str| {
            let rest = rest.strip_prefix(id)?;
            let rest = match rest.strip_prefix(" (") {
                Some(aside) => aside.strip_prefix(app).unwrap_or(aside).split_once(')')?.1,
                None => rest,
            };
            if rest.is_empty() { Some(rest) } else { rest.strip_prefix(", ") }
        };
        let found = known.iter().filter_map(|(id, app)| Some((id, after(id, app)?)));
        let (name, next) =
            found.max_by_key(|(id, _)| id.len()).map_or((rest, ""), |(id, next)| (id.as_str(), next));
        names.push(name.to_owned());
        rest = next;
    }
    names
}

/// A blank between words, whatever stood there, and only what is printable.
fn words(text: &str) -> String {
    printable(&text.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned()
}

/// What a terminal shows: no colours, no links. And where a line was broken before it, a command is not left as it was.
fn of_terminal(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        shown.push_str(before);
        let end = if after.starts_with(']') { "\u{1b}\\" } else { "m" };
        rest = after.split_once(end).expect("the end of a sequence").1;
    }
    shown.push_str(rest);
    shown.replace("\\u{3a}:", "::")
}

/// A message without the mark of one that was carried over.
fn of_this_run(message: &str) -> &str {
    message.strip_suffix(" (carried over)").unwrap_or(message)
}

/// What every text format ends a verdict with.
fn exit_code(text: &str) -> u8 {
    let (_, code) = text.rsplit_once("(exit ").expect("an exit code");
    code.split(')').next().and_then(|code| code.parse().ok()).expect("a number")
}

/// A report without anything in it.
fn bare() -> Report {
    Report {
        rules: Vec::new(),
        targets: Vec::new(),
        findings: Vec::new(),
        notices: Vec::new(),
        ..fixture::report()
    }
}

/// What a finding is made of: its rule, its target, message, path, disposition; whether it was carried over, has values,
/// is about the whole document, has an excerpt, is in all targets.
type Seed = (Index, Index, String, String, u8, [bool; 5]);

/// Reports with few rules, targets, findings and notices, and text that would like to be something else in each of them.
fn reports() -> impl Strategy<Value = Report> {
    let name = || hostile_text(4).prop_map(|text| text.chars().take(8).collect::<String>());
    let text =
        || prop_oneof![60 => hostile_text(30), 1 => Just(endless())].prop_map(|text| format!("m{text}"));
    let rules = vec((name(), text(), prop::sample::select(&Severity::ALL[..])), 1..4);
    let targets = vec((name(), name(), text(), 0_u8..5), 0..5);
    let flags = any::<[bool; 5]>();
    let seed = (any::<Index>(), any::<Index>(), text(), hostile_text(6), 0_u8..3, flags);
    let notices = vec((text(), 0_usize..4), 0..4);
    (rules, targets, vec(seed, 0..8), notices, any::<[bool; 3]>()).prop_map(
        |(rules, targets, seeds, notices, flags)| {
            let model = fixture::report();
            let rules = rules.into_iter().enumerate().map(|(index, of)| rule(&model, index, of));
            let mut report = Report { rules: rules.collect(), ..bare() };
            let first = report.rules[0].id.clone();
            let targets = targets.into_iter().enumerate();
            report.targets = targets.map(|(index, of)| outcome(&model, index, of, &first)).collect();
            for (number, seed) in seeds.into_iter().enumerate().filter(|_| !report.targets.is_empty()) {
                let [.., is_everywhere] = seed.5;
                let finding = finding(&model, &report, number, seed);
                let others = report.targets.iter().map(|outcome| &outcome.target);
                let others = others.filter(|target| {
                    let is_there = |other: &Finding| {
                        (&other.rule.id, &other.target.id, &other.path)
                            == (&finding.rule.id, &target.id, &finding.path)
                    };
                    is_everywhere && target.id != finding.target.id && !report.findings.iter().any(is_there)
                });
                let others: Vec<Finding> =
                    others.map(|target| Finding { target: Arc::clone(target), ..finding.clone() }).collect();
                report.findings.push(finding);
                report.findings.extend(others);
            }
            for (message, kind) in notices {
                let kinds = [
                    NoticeKind::EmptySource,
                    NoticeKind::WaiverUnused,
                    NoticeKind::Gen2App,
                    NoticeKind::NoAuth,
                ];
                report.notices.push(Notice::new(kinds[kind], message));
            }
            [report.interrupted, report.leniency.allow_incomplete, report.leniency.exit_zero] = flags;
            report.sort();
            report
        },
    )
}

fn rule(
    model: &Report,
    index: usize,
    (name, remediation, severity): (String, String, Severity),
) -> Arc<Rule> {
    let name: String = name.chars().filter(|character| !character.is_whitespace()).collect();
    let rule = (*model.rules[0]).clone();
    Arc::new(Rule {
        id: format!("r{index}/{name}"),
        title: remediation.clone(),
        remediation,
        severity,
        ..rule
    })
}

fn outcome(
    model: &Report,
    index: usize,
    (environment, app_name, message, how): (String, String, String, u8),
    rule: &str,
) -> Outcome {
    let target = (*model.targets[0].target).clone();
    let id = TargetId::new(&format!("d{index}"), &environment, "auth");
    let target = Target { id, app_id: format!("d{index}"), app_name: Some(app_name), environment, ..target };
    let why = Unaudited { attempts: 3, ..Unaudited::new(Cause::Denied, message.clone()).with_help(message) };
    let unaudited = match how {
        0 => Some(why),
        1 => Some(Unaudited { rules: Arc::new(vec![rule.to_owned()]), ..why }),
        // Nothing but the message tells these apart.
        2 => Some(why.with_gist("alike").with_help("alike")),
        _ => None,
    };
    Outcome { target: Arc::new(target), unaudited }
}

fn finding(model: &Report, report: &Report, number: usize, seed: Seed) -> Finding {
    let (rule, target, message, path, disposition, [carried, valued, whole, excerpt, _]) = seed;
    let rule = Arc::clone(rule.get(&report.rules));
    let target = Arc::clone(&target.get(&report.targets).target);
    let disposition =
        [Disposition::Open, Disposition::BelowThreshold, Disposition::Waived][usize::from(disposition)];
    let value = valued.then(|| json!({ message.clone(): [message.clone()] }));
    let waiver = (disposition == Disposition::Waived).then(|| AcceptedBy {
        reason: message.clone(),
        owner: Some(path.clone()),
        expires: jiff::civil::date(2027, 3, 31),
    });
    // There is one finding for a rule, a target and a path.
    let is_first =
        !report.findings.iter().any(|other| other.rule.id == rule.id && other.target.id == target.id);
    let path = if whole && is_first { String::new() } else { format!("/{number}{path}") };
    let mut finding = Finding {
        severity: rule.severity,
        rule,
        target,
        message,
        path,
        expected: value.clone(),
        actual: value,
        disposition,
        waiver,
        carried,
        ..model.findings[0].clone()
    };
    finding.evidence.excerpt = finding.evidence.excerpt.filter(|_| excerpt);
    finding
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn every_finding_is_in_every_format_and_nothing_else(report in reports()) {
        for format in Format::value_variants() {
            let text = render(&report, *format);
            let hidden = text.chars().find(|character| is_unprintable(*character) && *character != '\n');
            prop_assert_eq!(hidden, None, "{:?} holds it", format);
            prop_assert!(!text.contains("##["), "{:?} holds a command", format);
            if *format != Format::Github {
                let command = text.lines().find(|line| line.trim_start().starts_with("::"));
                prop_assert_eq!(command, None, "{:?} holds it", format);
            }
            let page = match format {
                Format::Junit => text.clone(),
                Format::Html => text.replacen("<script>", "", 1),
                Format::Markdown => comrak::markdown_to_html(&text, &gfm()),
                Format::Human | Format::Sarif | Format::Json | Format::Github => String::new(),
            };
            prop_assert!(!page.contains("<script"), "{:?} holds a script", format);
            let (seen, expected) = (read(&text, *format, &report), expected(&report, *format));
            prop_assert_eq!(seen, expected, "{:?}", format);
        }
    }
}

proptest! {
    // Each case is written five times.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn every_finding_is_on_screen_at_any_width_and_in_colours(report in reports()) {
        for (width, color) in [(40, false), (40, true), (80, false), (80, true), (10_000, true)] {
            let style = Style { color, links: color, width, include_waived: false };
            let mut text = Vec::new();
            Format::Human.write(&report, &style, &mut text).expect("writing to memory");
            let text = String::from_utf8(text).expect("UTF-8");
            let (seen, expected) = (read(&text, Format::Human, &report), expected(&report, Format::Human));
            prop_assert_eq!(seen, expected, "{} {}\n{}", width, color, text);
        }
    }
}

#[test]
fn every_reason_and_notice_is_in_every_format() {
    let report = fixture::everything();
    for format in Format::value_variants() {
        let text = render(&report, *format);
        for piece in
            ["denied", "timeout", "policy", "matches nothing", "111122223333", "444455556666", "expired on"]
        {
            assert!(text.contains(piece), "no {piece} as {format:?}");
        }
    }
}

#[test]
fn what_a_list_lacks_is_told_from_what_was_added_to_it() {
    let mut report = fixture::report();
    report.findings.truncate(1);
    let finding = &mut report.findings[0];
    Arc::make_mut(&mut finding.rule).id = "drift/baseline".to_owned();
    (finding.expected, finding.actual) = (Some(json!(["https://gone.example"])), Some(json!(["x"])));
    finding.evidence.excerpt = None;
    for (format, missing, added) in [
        (Format::Human, " lacks: [\"https://gone.example\"]", ""),
        (Format::Markdown, "missing: `[\"https://gone.example\"]`", "added: `[\"x\"]`"),
        (Format::Github, "%0Amissing: [\"https://gone.example\"]", "%0Aadded: [\"x\"]"),
        (Format::Junit, "  missing: [&quot;https://gone.example&quot;]", "  added: [&quot;x&quot;]"),
        (Format::Html, "<dt>Missing</dt>", "<dt>Added</dt>"),
    ] {
        let text = render(&report, format);
        assert!(text.contains(missing) && text.contains(added), "{format:?}: {text}");
        assert!(!text.contains("<dt>Expected") && !text.contains("expected: "), "{format:?}: {text}");
    }
}

#[test]
fn the_place_of_every_finding_is_in_every_format() {
    let mut report = fixture::everything();
    let folder = "drift/baseline/d5m2p8r4w7k1qa/prod";
    for (number, finding) in (1001..).zip(&mut report.findings) {
        let location = &mut finding.evidence.location;
        location.file = format!("{folder}/tickets3a9d70e2-of-the-shop-{number}.json").into();
        (location.region.line, location.region.column) = (number, number + 1000);
    }
    for format in Format::value_variants() {
        let text = render(&report, *format);
        let data: Value = serde_json::from_str(&text).unwrap_or_default();
        for Finding { evidence, .. } in &report.findings {
            let (file, region) = (&evidence.location.file, evidence.location.region);
            let is_there = match format {
                Format::Sarif => array(&data["runs"][0], "results").iter().any(|result| {
                    let place = &result["locations"][0]["physicalLocation"];
                    place["artifactLocation"]["uri"] == **file
                        && place["region"]["startLine"] == region.line
                        && place["region"]["startColumn"] == region.column
                }),
                Format::Json => array(&data, "findings").iter().any(|finding| {
                    let place = &finding["location"];
                    place["file"] == **file
                        && place["line"] == region.line
                        && place["column"] == region.column
                }),
                Format::Human | Format::Junit | Format::Github | Format::Markdown | Format::Html => {
                    let place = evidence.location.to_string();
                    text.match_indices(&place).any(|(at, _)| {
                        !text[at + place.len()..].starts_with(|next: char| next.is_ascii_digit())
                    })
                }
            };
            assert!(is_there, "{format:?} lacks {}", evidence.location);
        }
    }
}

#[test]
fn the_rules_that_could_not_be_judged_are_named_in_every_format() {
    let mut report = fixture::everything();
    report.findings.clear();
    let why = report.targets.iter_mut().find_map(|outcome| outcome.unaudited.as_mut()).expect("unaudited");
    why.rules = Arc::new(vec!["unheard/of".to_owned(), "unseen/too".to_owned()]);
    for format in Format::value_variants() {
        let text = render(&report, *format);
        assert!(text.contains("unheard/of") && text.contains("unseen/too"), "{format:?}: {text}");
    }
}

//! Markdown as GitHub has it: the summary of a job. The verdict comes first, then what could not be audited, and the
//! worst findings; all others are folded away.
//!
//! GitHub refuses a summary of more than 1 MiB, all of it. Where the findings would not fit, the least severe are left
//! out, and it is said how many.

mod inert;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};

use inert::{code, inert};

use super::alike::{self, About, Alike, Said, Unjudged};
use super::apps::{self, App, Apps};
use super::facts::{self, carried, facts, one_line};
use super::reference::Reference;
use super::verdict::{self, Verdict, by_severity, plural};
use super::{Report, Style};
use crate::finding::{Disposition, Finding, Rule, Severity};
use crate::location::Location;
use crate::target::Target;
use crate::untrusted::shortened;

/// What a summary may hold (1 MiB), but for what other programs write to the one of the same step.
const MOST_BYTES: usize = 1_000_000;

/// Names of unaudited targets and other parts end here, so that there is room for findings.
const MOST_BYTES_UNSEEN: usize = 400_000;

/// The worst findings that are not folded away: so many, those that differ in their target alone as one.
const WORST: usize = 10;

/// The targets of one of the worst findings: where there are more, they are below.
const MOST_TARGETS: usize = 10;

/// The worst findings end here.
const MOST_BYTES_WORST: usize = 200_000;

/// The rows of the table of apps.
const MOST_APPS: usize = 50;

/// The places of notices that say the same.
const MOST_PLACES: usize = 20;

/// What is to be said beside ends here.
const MOST_BYTES_NOTICES: usize = 50_000;

/// The references and links of a rule.
const MOST_REFERENCES: usize = 20;

/// The longest text, fact and name.
const LONGEST: usize = 400;
const LONGEST_FACT: usize = 200;
const LONGEST_NAME: usize = 60;
const LONGEST_PLACE: usize = 120;

/// The longest remedy, as long as there is much room: it may end in a warning.
const LONGEST_REMEDY: usize = 4000;

/// What it takes to say that findings are left out.
const BYTES_LEFT_OUT: usize = 600;

/// Says how many findings there is no room for.
pub(super) fn write(report: &Report, _style: &Style, out: &mut dyn Write) -> io::Result<usize> {
    let (page, left_out) = page(report, MOST_BYTES);
    out.write_all(page.as_bytes())?;
    Ok(left_out)
}

/// The page, which never has more than so many bytes, and how many findings there is no room for in it.
fn page(report: &Report, most: usize) -> (String, usize) {
    let head = head(report);
    let unseen = unseen(report);
    let open = alike::findings(with(report, Disposition::Open));
    let mut explained = Explained::new();
    let (worst, further) = worst(&open, &mut explained);
    let before = unseen.clone() + &apps(report) + &worst;
    let after = notices(report);
    let taken = head.len() + before.len() + after.len() + BYTES_LEFT_OUT;
    let Some(room) = most.checked_sub(taken) else { return bare(report, head, &unseen, most) };
    let Details { text, left_out, .. } = Details::of(report, &further, explained, room);
    let said = left_out_said(&left_out);
    let page = format!("{head}{said}{before}{text}{after}").trim_end().to_owned() + "\n";
    (page, left_out.values().sum())
}

/// What is left of a page that has no room for more: the verdict, the counts, and the lines about what was not audited
/// that fit.
fn bare(report: &Report, head: String, unseen: &str, most: usize) -> (String, usize) {
    const CUT: &str = "\n**There is no room for the rest: the report as JSON has all of it.**\n";
    let mut left_out: BTreeMap<Severity, usize> = BTreeMap::new();
    for finding in &report.findings {
        *left_out.entry(finding.severity).or_default() += 1;
    }
    let mut page = head + &left_out_said(&left_out);
    for line in unseen.split_inclusive('\n') {
        if page.len() + line.len() + CUT.len() > most {
            break;
        }
        page.push_str(line);
    }
    page.push_str(CUT);
    (page, report.findings.len())
}

fn head(report: &Report) -> String {
    let summary = report.summary();
    let Verdict { ending, found } = Verdict::of(report, &summary);
    let carried = verdict::carried(&summary).map_or(String::new(), |carried| format!("- {carried}\n"));
    let unreadable = match summary.unreadable {
        0 => String::new(),
        parts => format!("- not read: {}, whose targets nobody counted\n", plural(parts, "part")),
    };
    format!(
        "## audit: {ending}\n\n**{found}** (exit {})\n\n- {}\n{unreadable}- {}\n{carried}\n",
        summary.exit_code,
        verdict::targets(report, &summary),
        verdict::findings(report, &summary)
    )
}

fn left_out_said(left_out: &BTreeMap<Severity, usize>) -> String {
    let count: usize = left_out.values().sum();
    if count == 0 {
        return String::new();
    }
    format!(
        "**{} not listed below, the waived and then the least severe ones: {}.** A summary may hold 1 MiB; the report \
         as JSON has all of them.\n\n",
        if count == 1 { "1 finding is".to_owned() } else { format!("{count} findings are") },
        by_severity(left_out)
    )
}

/// What could not be audited, or not even be listed.
fn unseen(report: &Report) -> String {
    let targets = alike::unaudited(&report.targets);
    let notices = alike::notices(&report.notices);
    let notices: Vec<&Said<'_>> = notices.iter().filter(|said| said.kind.makes_incomplete()).collect();
    if targets.is_empty() && notices.is_empty() {
        return String::new();
    }
    let mut page = String::from("### Not audited\n\n");
    let mut more = 0;
    for group in &targets {
        if page.len() > MOST_BYTES_UNSEEN {
            more += group.count();
            continue;
        }
        let Unjudged { cause, within, text, example, help, rules, places } = group;
        let within =
            if within.is_empty() { String::new() } else { format!(" in {}", name(&within.join("/"))) };
        let targets = plural(group.count(), "target");
        let _ = writeln!(page, "- **{}**, {targets}{within}: {}", cause.as_str(), line(text));
        fact("e.g.", *example, &mut page);
        fact("help", *help, &mut page);
        if !rules.is_empty() {
            page.push_str("  - not judged: ");
            names(rules.iter().map(|rule| id(rule)), MOST_BYTES_UNSEEN, &mut page);
        }
        // The name of an app is said once.
        let mut told: BTreeSet<&str> = BTreeSet::new();
        for (at, targets) in places {
            if page.len() > MOST_BYTES_UNSEEN {
                more += targets.len();
                continue;
            }
            let _ = write!(page, "  - at {}: ", place(at));
            let targets = targets.iter().map(|(target, _)| {
                if told.insert(&target.app_id) { named(target) } else { id(target.id.as_str()) }
            });
            names(targets, MOST_BYTES_UNSEEN, &mut page);
        }
    }
    if more > 0 {
        let _ = writeln!(page, "- and {}", plural(more, "more target"));
    }
    let mut more = 0;
    for said in notices {
        if page.len() > MOST_BYTES_UNSEEN {
            more += said.count;
        } else {
            notice("incomplete", said, MOST_BYTES_UNSEEN, &mut page);
        }
    }
    if more > 0 {
        let _ = writeln!(page, "- and {more} more that make the run incomplete");
    }
    page.push('\n');
    page
}

/// As many names as there is room for on a page of so many bytes.
fn names(names: impl Iterator<Item = String>, most: usize, page: &mut String) {
    let mut names = names.peekable();
    let mut before = "";
    while page.len() < most
        && let Some(name) = names.next()
    {
        let _ = write!(page, "{before}{name}");
        before = ", ";
    }
    match names.count() {
        0 => page.push('\n'),
        more => {
            let _ = writeln!(page, "{before}and {more} more");
        }
    }
}

fn notice(label: &str, said: &Said<'_>, most: usize, page: &mut String) {
    let Said { kind, text, about, places, example, help, .. } = said;
    let _ = writeln!(page, "- **{label}: {}**: {}", code(kind.as_str()), line(text));
    let about: Vec<&str> = match about {
        About::Itself => Vec::new(),
        About::Parts(parts) => parts.iter().map(String::as_str).collect(),
        About::Messages(messages) => messages.clone(),
    };
    if !about.is_empty() {
        page.push_str("  - of: ");
        names(about.into_iter().map(id), most, page);
    }
    fact("e.g.", *example, page);
    fact("help", *help, page);
    if !places.is_empty() {
        let places: Vec<String> = places.iter().take(MOST_PLACES).map(|at| place(at)).collect();
        let _ = writeln!(page, "  - at: {}", places.join(", "));
    }
}

/// Apps with findings or unaudited targets, the worst first: what was found in each that nobody accepted.
fn apps(report: &Report) -> String {
    let apps = Apps::of(report);
    if apps.bad.is_empty() {
        return String::new();
    }
    let (shown, more) = apps.shown(MOST_APPS);
    let mut page = String::from("### Apps\n\n| app | unaudited |");
    for severity in Severity::ALL {
        let _ = write!(page, " {severity} |");
    }
    page.push_str("\n|---|--:|--:|--:|--:|--:|--:|\n");
    let count = |count: usize| if count == 0 { "·".to_owned() } else { count.to_string() };
    for App { id, name: known, unaudited, found, .. } in shown {
        let id = if id.is_empty() {
            "files that name no app".to_owned()
        } else {
            code(&shortened(id, LONGEST_NAME))
        };
        let known = known.map(|known| format!(" {}", name(known))).unwrap_or_default();
        let _ = write!(page, "| {id}{known} | {} |", count(*unaudited));
        for severity in Severity::ALL {
            let _ = write!(page, " {} |", count(found.get(&severity).copied().unwrap_or_default()));
        }
        page.push('\n');
    }
    page.push('\n');
    let more: Vec<String> = apps::others(&more).into_iter().chain(apps.clean_said()).collect();
    if !more.is_empty() {
        let _ = writeln!(page, "And {}.\n", more.join("; "));
    }
    page
}

/// The rules whose remedy stands above.
type Explained<'r> = BTreeSet<&'r str>;

/// The worst open findings, and those whose targets are still to be listed.
fn worst<'g, 'r>(groups: &'g [Alike<'r>], explained: &mut Explained<'r>) -> (String, Vec<&'g Alike<'r>>) {
    let mut further = Vec::new();
    if groups.is_empty() {
        return (String::new(), further);
    }
    let mut page = String::from("### Worst findings\n\n");
    for (index, group) in groups.iter().enumerate() {
        if index >= WORST || page.len() > MOST_BYTES_WORST {
            further.push(group);
            continue;
        }
        let Alike { first, all } = group;
        headline(first, &mut page);
        values(first, &mut page);
        if all.len() > MOST_TARGETS {
            let more = all.len() - 1;
            let _ = writeln!(page, "{}, and {more} more below", place_of(first));
            further.push(group);
        } else {
            for finding in all {
                let _ = writeln!(page, "{}", place_of(finding));
            }
        }
        remedy(&first.rule, LONGEST_REMEDY, explained, &mut page);
    }
    page.push('\n');
    (page, further)
}

fn with(report: &Report, disposition: Disposition) -> impl Iterator<Item = &Finding> {
    report.findings.iter().filter(move |finding| finding.disposition == disposition)
}

/// Every finding that does not stand further up, folded away.
struct Details<'r> {
    text: String,
    left_out: BTreeMap<Severity, usize>,
    explained: Explained<'r>,
    room: usize,
}

impl<'r> Details<'r> {
    /// As many as there is room for, the worst of those that nobody accepted first.
    fn of(report: &'r Report, open: &[&Alike<'r>], explained: Explained<'r>, room: usize) -> Self {
        let mut details = Self { text: String::new(), left_out: BTreeMap::new(), explained, room };
        details.folded("open", open);
        for (disposition, label) in
            [(Disposition::BelowThreshold, "below the threshold"), (Disposition::Waived, "waived")]
        {
            let groups = alike::findings(with(report, disposition));
            details.folded(label, &groups.iter().collect::<Vec<_>>());
        }
        details
    }

    /// The findings of each severity.
    fn folded(&mut self, label: &str, groups: &[&Alike<'r>]) {
        for severity in Severity::ALL {
            let of_severity = groups.iter().copied().filter(|group| group.first.severity == severity);
            self.fold(&format!("{label}, {severity}"), severity, &of_severity.collect::<Vec<_>>());
        }
    }

    fn fold(&mut self, label: &str, severity: Severity, groups: &[&Alike<'r>]) {
        const END: &str = "\n</details>\n\n";
        let count: usize = groups.iter().map(|group| group.all.len()).sum();
        let head = format!("<details>\n<summary>{label}: {}</summary>\n\n", plural(count, "finding"));
        let mut listed = String::new();
        let mut shown = 0;
        // Nothing that is less severe stands where something worse was left out.
        let room = if self.left_out.is_empty() { self.room } else { 0 };
        'groups: for Alike { first, all } in groups {
            let taken = self.text.len() + head.len() + END.len();
            let mut group = String::new();
            headline(first, &mut group);
            values(first, &mut group);
            let longest = if taken + listed.len() > room / 2 { LONGEST } else { LONGEST_REMEDY };
            remedy(&first.rule, longest, &mut self.explained, &mut group);
            for finding in all {
                let _ = writeln!(group, "{}", place_of(finding));
                if taken + listed.len() + group.len() > room {
                    break 'groups;
                }
                listed.push_str(&std::mem::take(&mut group));
                shown += 1;
            }
        }
        if shown > 0 {
            let _ = write!(self.text, "{head}{listed}{END}");
        }
        if shown < count {
            *self.left_out.entry(severity).or_default() += count - shown;
        }
    }
}

fn headline(finding: &Finding, page: &mut String) {
    let Finding { severity, rule, message, .. } = finding;
    let _ =
        writeln!(page, "- **{severity}** {}{}: {}", id(&rule.id), carried(finding), inert(message, LONGEST));
}

/// What findings that are alike have in common.
fn values(finding: &Finding, page: &mut String) {
    for (label, value) in facts(finding).into_iter().filter(|(label, _)| *label != "at") {
        let _ = writeln!(page, "  - {label}: {}", code(&shortened(&value, LONGEST_FACT)));
    }
}

/// Whose a finding is, and where.
fn place_of(finding: &Finding) -> String {
    format!("  - {} at {}", named(&finding.target), place(&finding.evidence.location))
}

/// How to mend what a rule finds, and where to read on; once on a page.
fn remedy<'r>(rule: &'r Rule, longest: usize, explained: &mut Explained<'r>, page: &mut String) {
    if !explained.insert(&rule.id) {
        return;
    }
    let text = one_line(&rule.remediation);
    if !text.is_empty() {
        let _ = writeln!(page, "  - help: {}", inert(&text, longest));
    }
    let further = rule.references.iter().chain(&rule.links).take(MOST_REFERENCES);
    let further: Vec<String> = further.map(|text| reference(&one_line(text))).collect();
    if !further.is_empty() {
        let _ = writeln!(page, "  - references: {}", further.join(", "));
    }
}

/// A clause of a known standard, or a page, is a link, and everything else is text.
fn reference(text: &str) -> String {
    // What is parsed has no character that means anything in a link.
    match Reference::parse(text) {
        Some(Reference { uri, .. }) if text.len() <= LONGEST_FACT => format!("[{text}]({uri})"),
        _ if is_address(text) => format!("<{text}>"),
        _ => inert(text, LONGEST_FACT),
    }
}

/// Whether a text is the address of a page, and nothing in it could end a link or mean anything beside.
fn is_address(text: &str) -> bool {
    let is_inert = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#=%+,".contains(&byte);
    text.strip_prefix("https://").is_some_and(|rest| {
        rest.starts_with(|first: char| first.is_ascii_alphanumeric())
            && text.len() <= LONGEST_FACT
            && rest.bytes().all(is_inert)
    })
}

fn fact(label: &str, text: Option<&str>, page: &mut String) {
    if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
        let _ = writeln!(page, "  - {label}: {}", line(text));
    }
}

/// What is to be said beside.
fn notices(report: &Report) -> String {
    let notices = alike::notices(&report.notices);
    let notices: Vec<&Said<'_>> = notices.iter().filter(|said| !said.kind.makes_incomplete()).collect();
    if notices.is_empty() {
        return String::new();
    }
    let mut page = String::from("### Notices\n\n");
    let mut more = 0;
    for said in notices {
        if page.len() > MOST_BYTES_NOTICES {
            more += said.count;
        } else {
            notice("notice", said, MOST_BYTES_NOTICES, &mut page);
        }
    }
    if more > 0 {
        let _ = writeln!(page, "- and {more} more");
    }
    page.push('\n');
    page
}

/// Prose on one line.
fn line(text: &str) -> String {
    inert(&one_line(text), LONGEST)
}

fn name(text: &str) -> String {
    code(&shortened(text, LONGEST_NAME))
}

fn place(location: &Location) -> String {
    code(&facts::place(location, LONGEST_PLACE))
}

/// `ID (APP)`
fn named(target: &Target) -> String {
    let id = id(target.id.as_str());
    match facts::app(target, LONGEST_NAME) {
        Some(app) => format!("{id} ({})", code(&app)),
        None => id,
    }
}

fn id(text: &str) -> String {
    code(&shortened(text, LONGEST))
}

#[cfg(test)]
pub(super) mod tests;

use std::collections::BTreeSet;

use proptest::prelude::*;
use scraper::{ElementRef, Html, Selector};

use super::*;
use crate::finding::{Excerpt, Notice, NoticeKind, Rule};
use crate::report::fixture::{self, HOSTILE};
use crate::target::{Cause, Scope, Unaudited};
use crate::untrusted::is_unprintable;

fn render(report: &Report) -> String {
    let style = Style { color: false, links: false, width: 80, include_waived: false };
    let mut text = Vec::new();
    write(report, &style, &mut text).expect("writing to memory");
    String::from_utf8(text).expect("UTF-8")
}

fn all<'d>(page: &'d Html, selector: &str) -> Vec<ElementRef<'d>> {
    page.select(&Selector::parse(selector).expect("a selector")).collect()
}

fn one<'d>(within: ElementRef<'d>, selector: &str) -> ElementRef<'d> {
    let selector = Selector::parse(selector).expect("a selector");
    let mut found = within.select(&selector);
    let first = found.next().expect("an element");
    assert!(found.next().is_none(), "two of them");
    first
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect()
}

#[test]
fn every_finding_stands_with_what_proves_it() {
    let report = fixture::report();
    let page = Html::parse_document(&render(&report));
    let articles = all(&page, "article.finding");
    assert_eq!(articles.len(), report.findings.len());
    for finding in &report.findings {
        let id = format!("f-{}", finding.fingerprint());
        let article = one(page.root_element(), &format!("article[id='{id}']"));
        let attribute = |name: &str| article.attr(name).expect(name).to_owned();
        assert_eq!(attribute("data-rule"), finding.rule.id);
        assert_eq!(attribute("data-target"), finding.target.id.as_str());
        assert_eq!(attribute("data-path"), finding.path);
        assert_eq!(attribute("data-severity"), finding.severity.as_str());
        assert_eq!(attribute("data-disposition"), finding.disposition.as_str());
        assert_eq!(text(one(article, ".message")), printable(&finding.message));
        assert_eq!(text(one(article, ".expected")), "\"ON\"");
        assert_eq!(text(one(article, ".actual")), "\"OFF\"");
        assert_eq!(text(one(article, "mark.primary")), "\"OFF\"");
        assert_eq!(text(one(article, ".location code")), "recordings/shop/prod.json:14:20");
        let excerpt = finding.evidence.excerpt.as_ref().expect("an excerpt");
        assert_eq!(text(one(article, ".excerpt")).trim_end(), &*excerpt.text);
        let waived = finding.disposition == Disposition::Waived;
        assert_eq!(article.select(&Selector::parse(".waiver").expect("a selector")).count() == 1, waived);
        let list = one(page.root_element(), if waived { "#waived" } else { "#findings" });
        one(list, &format!("article[id='{id}']"));
    }
    for rule in &report.rules {
        let explained = one(page.root_element(), &format!("section.rule[data-rule='{}']", rule.id));
        for part in rule.references.iter().chain(&rule.links).chain([&rule.description]) {
            assert!(text(explained).contains(part.as_str()), "{} without {part}", rule.id);
        }
    }
}

#[test]
fn unaudited_targets_and_notices_are_said() {
    let mut report = fixture::report();
    let everything = Scope { account: Some("111122223333".to_owned()), ..Scope::default() };
    let why = Unaudited::new(Cause::Denied, format!("cannot list {HOSTILE}")).with_help("allow it");
    report.notices.push(Notice::unreadable(everything, why));
    report.notices.push(Notice::new(NoticeKind::Carried, "1 finding"));
    let page = Html::parse_document(&render(&report));
    let [unaudited] = all(&page, "li.unaudited")[..] else { panic!("one is unaudited") };
    assert_eq!(unaudited.attr("data-target"), Some("d3/prod/auth"));
    let group = text(one(page.root_element(), ".not-audited"));
    for piece in ["denied", "access denied", "allow amplifybackend:GetBackendAuth", "audit.toml:12:20"] {
        assert!(group.contains(piece), "no {piece} in {group}");
    }
    let notices: BTreeSet<_> = all(&page, "li.notice")
        .iter()
        .map(|notice| (notice.attr("data-kind").expect("a kind").to_owned(), text(one(*notice, ".message"))))
        .collect();
    let expected = report
        .notices
        .iter()
        .map(|notice| (notice.kind.as_str().to_owned(), printable(&notice.message).into_owned()));
    assert_eq!(notices, expected.collect());
}

#[test]
fn hostile_text_is_text() {
    let mut report = fixture::report();
    let rule = Rule {
        id: "hostile/rule \"'><script>".to_owned(),
        links: vec!["javascript:alert(1)".to_owned(), format!("https://example.com/{HOSTILE}")],
        description: HOSTILE.to_owned(),
        remediation: format!("`{HOSTILE}` `"),
        ..(*report.rules[0]).clone()
    };
    report.findings[0].rule = rule.into();
    report.findings[0].path = HOSTILE.to_owned();
    report.findings[0].actual = Some(HOSTILE.into());
    report.findings[0].evidence.location.file = HOSTILE.into();
    let html = render(&report);
    let seen = html.replace(STYLE, "").replace(SCRIPT, "");
    assert!(!seen.contains(|c| is_unprintable(c) && c != '\n'), "a control character");
    // A line of a log would be obeyed.
    assert!(!seen.contains("##[") && !seen.lines().any(|line| line.trim_start().starts_with("::")));
    let page = Html::parse_document(&html);
    assert!(page.errors.is_empty(), "{:?}", page.errors);
    assert_eq!(all(&page, "script").len(), 1);
    for element in all(&page, "*") {
        for (name, value) in element.value().attrs() {
            assert!(!name.starts_with("on") && !["src", "style", "srcdoc"].contains(&name), "{name}={value}");
            assert!(name != "href" || value.starts_with('#') || value.starts_with("https://"), "{value}");
        }
    }
    let article = one(page.root_element(), "article[data-rule^='hostile/rule']");
    assert_eq!(article.attr("data-path"), Some(&*printable(HOSTILE)));
}

#[test]
fn only_the_style_and_script_of_the_page_may_run() {
    let page = Html::parse_document(&render(&fixture::report()));
    let policy = one(page.root_element(), "meta[http-equiv='Content-Security-Policy']");
    let policy = policy.attr("content").expect("a policy");
    for (directive, element) in [("style-src", "style"), ("script-src", "script")] {
        let hash = STANDARD.encode(Sha256::digest(text(one(page.root_element(), element))));
        assert!(policy.contains(&format!("{directive} 'sha256-{hash}';")), "{policy}");
    }
    assert!(policy.starts_with("default-src 'none';"));
    for sink in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
        assert!(!SCRIPT.contains(sink), "{sink}");
    }
}

#[test]
fn anchors_are_unique_and_lead_somewhere() {
    let mut report = fixture::report();
    // Two findings of one rule at one place share a fingerprint.
    report.findings.push(report.findings[0].clone());
    report.sort();
    let page = Html::parse_document(&render(&report));
    let ids: Vec<&str> = all(&page, "[id]").iter().filter_map(|element| element.attr("id")).collect();
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len());
    for link in all(&page, "a[href^='#']") {
        let target = link.attr("href").expect("a link").trim_start_matches('#');
        assert!(unique.contains(target), "nothing is at {target}");
    }
}

#[test]
fn a_cell_says_the_worst_and_what_nobody_saw() {
    let mut report = fixture::report();
    // A rule that could not be evaluated hides its area alone.
    if let Some(why) = report.targets.iter_mut().find_map(|outcome| outcome.unaudited.as_mut()) {
        why.rules = vec!["oauth/admin_scope".to_owned()].into();
    }
    let page = Html::parse_document(&render(&report));
    let row = |target: &str| {
        let row = one(page.root_element(), &format!("#heat-map tr[data-target='{target}']"));
        let cell = Selector::parse("td").expect("a selector");
        let cells = row.select(&cell).skip(1);
        cells
            .map(|cell| format!("{}: {}", cell.attr("class").expect("a class"), text(cell)))
            .collect::<Vec<_>>()
    };
    // All, hostile, mfa, oauth.
    assert_eq!(
        row("d1a2b3c4d5e6f7/prod/shopauth"),
        ["open critical: C 2", "open critical: C 1", "open high: H 1", "waived: w 1"]
    );
    assert_eq!(row("d3/prod/auth"), ["unseen: partly audited", "clean: ✓", "clean: ✓", "unseen: ?"]);
    let first = all(&page, "#heat-map tbody tr")[0];
    assert_eq!(first.attr("data-target"), Some("d3/prod/auth"), "unaudited targets stand first");
}

#[test]
fn the_verdict_is_that_of_every_format() {
    let mut report = fixture::report();
    let said = |report: &Report| text(one(Html::parse_document(&render(report)).root_element(), "h1"));
    assert_eq!(said(&report), "incomplete Not everything was audited; 4 open findings at or above high");
    report.targets.retain(|outcome| outcome.unaudited.is_none());
    assert_eq!(said(&report), "failed 4 open findings at or above high");
    report.findings.clear();
    assert_eq!(said(&report), "passed Everything was audited; no open finding at or above high");
}

#[test]
fn an_excerpt_is_of_the_document_and_the_place_of_a_file() {
    let report = fixture::report();
    let page = Html::parse_document(&render(&report));
    for article in all(&page, "article.finding") {
        let target = article.attr("data-target").expect("a target");
        assert_eq!(text(one(article, ".caption")), format!("Document of {target}, from line 30"));
        assert_eq!(text(one(article, ".location")), "Reported at recordings/shop/prod.json:14:20 #");
    }
}

#[test]
fn notices_are_grouped_as_in_every_report_and_no_title_is_empty() {
    let mut report = fixture::everything();
    report.notices.push(Notice::new(NoticeKind::EmptyBaseline, "the baseline holds no document"));
    report.notices.extend(["a", "b"].map(|name| Notice::new(NoticeKind::NoAuth, format!("{name} has none"))));
    report.sort();
    let page = Html::parse_document(&render(&report));
    let titles: Vec<String> = all(&page, ".alike .title").into_iter().map(text).collect();
    assert!(titles.iter().all(|title| !title.trim().is_empty()), "{titles:?}");
    assert!(titles.iter().any(|title| title == "2 apps or environments have no auth resource"), "{titles:?}");
    let groups = crate::report::alike::notices(&report.notices).len()
        + crate::report::alike::unaudited(&report.targets).len();
    assert_eq!(all(&page, ".alike").len(), groups);
    assert_eq!(all(&page, "li.notice").len(), report.notices.len());
    assert_eq!(all(&page, "details > summary:empty").len(), 0);
}

#[test]
fn what_a_message_quotes_is_code() {
    let mut report = fixture::report();
    report.findings.truncate(1);
    report.findings[0].message = "`MFAMode` is `OFF`".to_owned();
    report.notices = vec![Notice::new(NoticeKind::WaiverUnused, "nothing is like `d9/*`")];
    let page = Html::parse_document(&render(&report));
    let code = |selector: &str| all(&page, selector).into_iter().map(text).collect::<Vec<_>>();
    assert_eq!(code("article .message code"), ["`MFAMode`", "`OFF`"]);
    assert_eq!(code("li.notice .message code"), ["`d9/*`"]);
    // The backticks are text, and not seen.
    assert_eq!(all(&page, ".message .tick").len(), 6);
}

#[test]
fn drift_of_a_list_says_what_is_added_and_missing() {
    let mut report = fixture::report();
    report.findings.truncate(1);
    std::sync::Arc::make_mut(&mut report.findings[0].rule).id = "drift/baseline".to_owned();
    let labels = |report: &Report| -> Vec<String> {
        let page = Html::parse_document(&render(report));
        all(&page, "article .values dt").into_iter().map(text).collect()
    };
    assert_eq!(labels(&report), ["At", "Actual", "Expected"]);
    report.findings[0].actual = Some(serde_json::json!(["https://a.example/"]));
    report.findings[0].expected = None;
    assert_eq!(labels(&report), ["At", "Added"]);
    report.findings[0].expected = report.findings[0].actual.take();
    assert_eq!(labels(&report), ["At", "Missing"]);
}

#[test]
fn a_filter_asks_for_a_name_as_it_is_and_what_is_unknown_is_named() {
    let mut report = fixture::report();
    for outcome in &mut report.targets {
        let target = std::sync::Arc::make_mut(&mut outcome.target);
        (target.account, target.stage) = (Some(" a  b ".to_owned()), Stage::Unknown);
    }
    let page = Html::parse_document(&render(&report));
    // What a browser takes for the value of an option without one has blanks in no such places.
    let values: Vec<_> = all(&page, "#account option").iter().map(|option| option.attr("value")).collect();
    assert_eq!(values, [Some(""), Some(" a  b ")]);
    assert_eq!(all(&page, "#filters option:not([value])").len(), 0);
    for row in all(&page, "#heat-map tbody th") {
        assert!(text(row).contains("stage unknown"), "{}", text(row));
    }
    // The script shows these where a filter leaves nothing.
    assert_eq!(all(&page, ".nothing[hidden]").len(), 3);
}

#[test]
fn a_row_without_a_name_says_its_app() {
    let mut report = fixture::report();
    for outcome in &mut report.targets {
        std::sync::Arc::make_mut(&mut outcome.target).app_name = None;
    }
    let page = Html::parse_document(&render(&report));
    for row in all(&page, "#heat-map tbody tr") {
        let app = row.attr("data-target").expect("a target").split('/').next();
        assert_eq!(Some(text(one(row, "th bdi")).as_str()), app);
    }
}

#[test]
fn numbers_are_read_in_thousands() {
    assert_eq!([0, 999, 1000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_excerpt_is_cut_and_nothing_of_it_lost(
        text in "[a-zé\n]{0,40}",
        marks in prop::collection::vec((0..50usize, 0..50usize), 0..4),
    ) {
        let marks = marks.into_iter().map(|(start, end)| start..end).collect();
        let excerpt = Excerpt { first_line: 7, text: text.into(), marks };
        let lines = lines(&excerpt);
        let whole: Vec<String> = lines
            .iter()
            .map(|line| line.pieces.iter().map(|piece| piece.text).collect())
            .collect();
        prop_assert_eq!(whole.join("\n"), &*excerpt.text);
        prop_assert!(lines.iter().map(|line| line.number).eq(7..7 + lines.len()));
        if let [mark] = &excerpt.marks[..]
            && let Some(marked) = excerpt.text.get(mark.clone())
        {
            let pieces = lines.iter().flat_map(|line| &line.pieces);
            let found: String = pieces.filter(|piece| piece.mark.is_some()).map(|piece| piece.text).collect();
            prop_assert_eq!(found, marked.replace('\n', ""));
        }
    }

    #[test]
    fn code_in_prose_is_found_and_nothing_else_lost(text in "[a`]{0,12}") {
        let pieces = prose(&text);
        let whole: String = pieces
            .iter()
            .map(|piece| if piece.code { format!("`{}`", piece.text) } else { piece.text.to_owned() })
            .collect();
        prop_assert_eq!(whole, text.clone());
        prop_assert_eq!(pieces.iter().filter(|piece| piece.code).count(), text.matches('`').count() / 2);
    }
}

use comrak::nodes::{Node, NodeValue};
use comrak::{Arena, Options, parse_document};

use super::{MOST_BYTES, page};
use crate::finding::{Disposition, Finding, Severity};
use crate::report::{Report, fixture};

/// GitHub's Markdown, with everything that GitHub switches on.
pub(in crate::report) fn github() -> Options<'static> {
    let mut options = Options::default();
    let extension = &mut options.extension;
    extension.strikethrough = true;
    extension.table = true;
    extension.autolink = true;
    extension.tasklist = true;
    extension.footnotes = true;
    extension.alerts = true;
    extension.math_dollars = true;
    extension.math_code = true;
    // As it is, so that what is no escaped text would show.
    options.render.r#unsafe = true;
    options
}

/// An item of a list, and those below it.
#[derive(Debug, Default)]
pub(in crate::report) struct Item {
    /// Its code spans, in order.
    pub(in crate::report) code: Vec<String>,
    /// All of its text.
    pub(in crate::report) text: String,
    pub(in crate::report) items: Vec<Item>,
}

/// What people see: each list with the heading or the summary above it, and whether it is folded away. Nothing may be
/// there that this format does not write.
pub(in crate::report) fn lists(page: &str) -> Vec<(String, bool, Vec<Item>)> {
    let arena = Arena::new();
    let root = parse_document(&arena, page, &github());
    let mut lists = Vec::new();
    let (mut title, mut is_folded) = (String::new(), false);
    for block in root.children() {
        match &block.data().value {
            NodeValue::Heading(_) => title = text(block).text,
            NodeValue::HtmlBlock(html) => match html.literal.trim() {
                "</details>" => is_folded = false,
                open => {
                    let label = open
                        .strip_prefix("<details>\n<summary>")
                        .and_then(|rest| rest.strip_suffix("</summary>"));
                    title = label.expect("only what this format writes").to_owned();
                    assert!(
                        title.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" ,:".contains(&byte)),
                        "{title}"
                    );
                    is_folded = true;
                }
            },
            NodeValue::List(_) => lists.push((title.clone(), is_folded, items(block))),
            NodeValue::Paragraph => drop(text(block)),
            NodeValue::Table(_) => {
                for cell in block.children().flat_map(comrak::arena_tree::Node::children) {
                    let _ = text(cell);
                }
            }
            other => panic!("{other:?} is nothing that this format writes"),
        }
    }
    lists
}

fn items(list: Node<'_>) -> Vec<Item> {
    list.children()
        .map(|item| {
            let mut read = Item::default();
            for block in item.children() {
                match &block.data().value {
                    NodeValue::Paragraph => read = text(block),
                    NodeValue::List(_) => read.items = items(block),
                    other => panic!("{other:?} in an item"),
                }
            }
            read
        })
        .collect()
}

/// The text of a block, of which only code may hold what GitHub would look at again.
fn text(block: Node<'_>) -> Item {
    let mut read = Item::default();
    let mut strong = 0;
    for node in block.descendants().skip(1) {
        match &node.data().value {
            // Nothing is looked for in the text of a link.
            NodeValue::Text(text) if node.parent().is_some_and(is_link) => read.text.push_str(text),
            NodeValue::Link(link) => assert!(link.url.starts_with("https://"), "{}", link.url),
            NodeValue::Text(text) => {
                let is_inert = |text: &str| {
                    let reference = ["@", "#", "://", "www.", "GH-", "$", "<", "&", "|"];
                    let is_emoji =
                        text.split(':').skip(1).any(|behind| behind.starts_with(char::is_alphanumeric));
                    !is_emoji && !reference.iter().any(|piece| text.contains(piece))
                };
                assert!(is_inert(text), "GitHub would see more than text in {text:?}");
                read.text.push_str(text);
            }
            NodeValue::Code(code) => {
                read.text.push_str(&code.literal);
                read.code.push(code.literal.clone());
            }
            NodeValue::Strong => strong += 1,
            other => panic!("{other:?} is nothing that this format writes"),
        }
    }
    assert!(strong <= 1, "{}", read.text);
    read
}

fn is_link(node: Node<'_>) -> bool {
    matches!(node.data().value, NodeValue::Link(_))
}

#[test]
fn a_summary_says_the_verdict_first_and_folds_the_details() {
    let mut report = fixture::everything();
    report.findings.retain(|finding| finding.message.len() < 1000);
    insta::assert_snapshot!(page(&report, MOST_BYTES).0, @r##"
    ## audit: incomplete

    **not everything was audited; 7 open findings at or above high** (exit 3)

    - targets: 5, 2 audited by 4 rules, 3 unaudited
    - not read: 2 parts, whose targets nobody counted
    - findings: 2 critical, 4 high, 1 medium open (threshold: high), 2 medium below the threshold, 2 waived
    - 1 of them carried over from an earlier report

    ### Not audited

    - **denied**, 1 target in `eu-west-1`: cannot read auth settings of d3/prod/auth: access denied ``a\u{1b}[31mb\u{202e}c ::error::d <script>&"'\u{7c}`*[x](y)%0A``,
      - help: allow `amplifybackend:GetBackendAuth` to the caller
      - at `audit.toml:12:20`: `d3/prod/auth` (``a\u{1b}[31mb\u{202e}c ::error::d <script>&"'\u{7c}`*[x](y)%0A,``)
    - **timeout**, 1 target in `eu-west-1`: cannot read d5/prod/auth: no answer
      - at `audit.toml:12:20`: `d5/prod/auth` (``a\u{1b}[31mb\u{202e}c ::error::d <script>&"'\u{7c}`*[x](y)%0A,``)
    - **policy**, 1 target in `eu-west-1`: cannot judge d4/prod/auth: division by zero
      - not judged: `mfa/optional`, `oauth/admin_scope`
      - at `audit.toml:12:20`: `d4/prod/auth` (``a\u{1b}[31mb\u{202e}c ::error::d <script>&"'\u{7c}`*[x](y)%0A,``)
    - **incomplete: `unreadable`**: 2 accounts could not be read: cannot list the apps
      - of: `111122223333`, `444455556666`
      - e.g.: cannot list the apps of ``111122223333: a\u{1b}[31mb\u{202e}c ::error::d <script>&"'\u{7c}`*[x](y)%0A``,
      - help: allow `amplify:ListApps`
      - at: `audit.toml:3:20`
    - **incomplete: `empty_source`**: the source `nowhere` brought no target
      - at: `../outside.toml:1:20`

    ### Apps

    | app | unaudited | critical | high | medium | low | info |
    |---|--:|--:|--:|--:|--:|--:|
    | `d1a2b3c4d5e6f7` ``a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'\u{7c}`*[x](y)%0A,`` | · | 1 | 2 | 1 | · | · |
    | `d2` ``a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'\u{7c}`*[x](y)%0A,`` | · | 1 | 1 | 1 | · | · |
    | `d4` ``a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'\u{7c}`*[x](y)%0A,`` | 1 | · | 1 | · | · | · |
    | `d3` ``a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'\u{7c}`*[x](y)%0A,`` | 1 | · | · | 1 | · | · |
    | `d5` ``a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'\u{7c}`*[x](y)%0A,`` | 1 | · | · | · | · | · |

    ### Worst findings

    - **critical** `hostile/text`: ``a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'\u{7c}`*[x](y)%0A``,
      - path: `/ResourceConfig/UserPoolConfigs/Mfa/MFAMode`
      - expected: `"ON"`
      - actual: `"OFF"`
      - `d1a2b3c4d5e6f7/prod/shopauth` (``a\u{1b}[31mb\u{202e}c ::error::d <script>&"'\u{7c}`*[x](y)%0A,``) at `recordings/shop/prod.json:14:20`
      - ``d2/a%1B[31mb%E2%80%AEc %3A%3Aerror%3A%3Ad%0A<script>&"'\u{7c}`*[x](y)%250A,/auth`` (``a\u{1b}[31mb\u{202e}c ::error::d <script>&"'\u{7c}`*[x](y)%0A,``) at `recordings/shop/prod.json:14:20`
      - help: Set MFAMode to ON. Then push.
      - references: [OWASP ASVS 5.0 6.3.3](https://owasp.org/www-project-application-security-verification-standard/), [NIST SP 800-63B-4 §3.1.1.2](https://doi.org/10.6028/NIST.SP.800-63B-4), <https://example.com/mfa>
    - **high** `mfa/off`: two marks
      - path: `/ResourceConfig/AuthResources`
      - expected: `"ON"`
      - actual: `"OFF"`
      - `d1a2b3c4d5e6f7/prod/shopauth` (``a\u{1b}[31mb\u{202e}c ::error::d <script>&"'\u{7c}`*[x](y)%0A,``) at `recordings/shop/prod.json:14:20`
      - help: Set MFAMode to ON. Then push.
      - references: [OWASP ASVS 5.0 6.3.3](https://owasp.org/www-project-application-security-verification-standard/), [NIST SP 800-63B-4 §3.1.1.2](https://doi.org/10.6028/NIST.SP.800-63B-4), <https://example.com/mfa>
    - **high** `mfa/off`: MFA is OFF, must be ON
      - path: `/ResourceConfig/UserPoolConfigs/Mfa/MFAMode`
      - expected: `"ON"`
      - actual: `"OFF"`
      - `d1a2b3c4d5e6f7/prod/shopauth` (``a\u{1b}[31mb\u{202e}c ::error::d <script>&"'\u{7c}`*[x](y)%0A,``) at `recordings/shop/prod.json:14:20`
      - ``d2/a%1B[31mb%E2%80%AEc %3A%3Aerror%3A%3Ad%0A<script>&"'\u{7c}`*[x](y)%250A,/auth`` (``a\u{1b}[31mb\u{202e}c ::error::d <script>&"'\u{7c}`*[x](y)%0A,``) at `recordings/shop/prod.json:14:20`
    - **high** `mfa/off`: there is no document: `=1+1`
      - path: `the whole document`
      - `d4/prod/auth` (``a\u{1b}[31mb\u{202e}c ::error::d <script>&"'\u{7c}`*[x](y)%0A,``) at `recordings/shop/prod.json:14:20`
    - **medium** `mfa/optional` (carried over): as it was `]]> # *now*`
      - path: `/a~1b/~0\u{7c}`
      - expected: `"ON"`
      - actual: `"OFF"`
      - `d3/prod/auth` (``a\u{1b}[31mb\u{202e}c ::error::d <script>&"'\u{7c}`*[x](y)%0A,``) at `recordings/shop/prod.json:14:20`
      - help: Set MFAMode to ON. Then push.
      - references: [OWASP ASVS 5.0 6.3.3](https://owasp.org/www-project-application-security-verification-standard/), [NIST SP 800-63B-4 §3.1.1.2](https://doi.org/10.6028/NIST.SP.800-63B-4), <https://example.com/mfa>

    <details>
    <summary>below the threshold, medium: 2 findings</summary>

    - **medium** `mfa/optional`: MFA is OPTIONAL, must be ON
      - path: `/ResourceConfig/UserPoolConfigs/Mfa/MFAMode`
      - expected: `"ON"`
      - actual: `"OFF"`
      - `d1a2b3c4d5e6f7/prod/shopauth` (``a\u{1b}[31mb\u{202e}c ::error::d <script>&"'\u{7c}`*[x](y)%0A,``) at `recordings/shop/prod.json:14:20`
      - ``d2/a%1B[31mb%E2%80%AEc %3A%3Aerror%3A%3Ad%0A<script>&"'\u{7c}`*[x](y)%250A,/auth`` (``a\u{1b}[31mb\u{202e}c ::error::d <script>&"'\u{7c}`*[x](y)%0A,``) at `recordings/shop/prod.json:14:20`

    </details>

    <details>
    <summary>waived, low: 2 findings</summary>

    - **low** `oauth/admin_scope`: tokens may change the user
      - path: `/ResourceConfig/UserPoolConfigs/Mfa/MFAMode`
      - expected: `"ON"`
      - actual: `"OFF"`
      - waived: ``a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'\u{7c}`*[x](y)%0A, (until 2027-03-31, shop-team)``
      - help: Set MFAMode to ON. Then push.
      - references: [OWASP ASVS 5.0 6.3.3](https://owasp.org/www-project-application-security-verification-standard/), [NIST SP 800-63B-4 §3.1.1.2](https://doi.org/10.6028/NIST.SP.800-63B-4), <https://example.com/mfa>
      - `d1a2b3c4d5e6f7/prod/shopauth` (``a\u{1b}[31mb\u{202e}c ::error::d <script>&"'\u{7c}`*[x](y)%0A,``) at `recordings/shop/prod.json:14:20`
      - ``d2/a%1B[31mb%E2%80%AEc %3A%3Aerror%3A%3Ad%0A<script>&"'\u{7c}`*[x](y)%250A,/auth`` (``a\u{1b}[31mb\u{202e}c ::error::d <script>&"'\u{7c}`*[x](y)%0A,``) at `recordings/shop/prod.json:14:20`

    </details>

    ### Notices

    - **notice: `waiver_expired`**: the waiver of mfa/off for `d9/*` expired on `2026-01-31`
    - **notice: `waiver_unused`**: matches nothing ``a\u{1b}[31mb\u{202e}c ::error::d <script>&"'\u{7c}`*[x](y)%0A``,
      - at: `audit.toml:30:20`
    "##);
}

#[test]
fn what_does_not_fit_is_counted_and_is_the_least_severe() {
    let mut report = fixture::everything();
    let model = report.findings[0].clone();
    let long: String = fixture::endless().chars().take(1000).collect();
    for (number, severity) in (0..3000).zip(Severity::ALL.into_iter().cycle()) {
        let disposition = if number % 7 == 0 { Disposition::Waived } else { Disposition::Open };
        let message = format!("{number} {long}");
        report.findings.push(Finding {
            severity,
            disposition,
            message,
            path: format!("/{number}"),
            ..model.clone()
        });
    }
    report.sort();
    for most in [1_000_000, 200_000] {
        let (page, not_listed) = page(&report, most);
        assert!(page.len() <= most, "{} of {most}", page.len());
        let listed = listed(&page);
        let (_, rest) = page.split_once("**").expect("a verdict");
        let (_, rest) = rest.split_once("\n\n**").expect("what was left out");
        let left_out: usize = rest.split(' ').next().and_then(|count| count.parse().ok()).expect("a number");
        assert!(listed > 0 && left_out > 0);
        assert_eq!((listed + left_out, left_out), (report.findings.len(), not_listed));
        for seen in ["incomplete", "d3/prod/auth", "d4/prod/auth", "d5/prod/auth", "111122223333"] {
            assert!(page.contains(seen), "{seen}");
        }
        assert!(!page.contains("<summary>waived"), "others come first");
    }
}

#[test]
fn thousands_of_unaudited_targets_leave_room_for_the_verdict_and_are_counted() {
    let mut report: Report = fixture::report();
    let model = report.targets.iter().find_map(|outcome| outcome.unaudited.clone()).expect("one");
    for outcome in 0..3000 {
        let mut target = (*report.targets[0].target).clone();
        target.id = crate::target::TargetId::new(&format!("d{outcome}"), "x".repeat(300).as_str(), "auth");
        let mut why = model.clone();
        why.gist = format!("reason {outcome}").into();
        report.targets.push(crate::report::Outcome { target: target.into(), unaudited: Some(why) });
    }
    let (page, not_listed) = page(&report, MOST_BYTES);
    assert_eq!(not_listed, 0);
    assert!(page.len() <= MOST_BYTES);
    assert!(page.contains("3001 unaudited") && page.contains("more targets"));
    assert_eq!(listed(&page), report.findings.len(), "findings have room");
}

#[test]
fn a_page_never_outgrows_its_limit_and_keeps_its_verdict_and_counts() {
    let endless = fixture::endless().repeat(20);
    let places: Report = {
        let mut report = fixture::report();
        let model = report.targets.iter().find_map(|outcome| outcome.unaudited.clone()).expect("one");
        for number in 0..24_000 {
            let mut target = (*report.targets[0].target).clone();
            target.id = crate::target::TargetId::new(&format!("d{number}"), "prod", "auth");
            target.declared.region.line = number + 1;
            target.declared.file = format!("{}{number}.json", "x".repeat(100)).into();
            let outcome = crate::report::Outcome { target: target.into(), unaudited: Some(model.clone()) };
            report.targets.push(outcome);
        }
        report
    };
    let with_rule = |change: &dyn Fn(&mut crate::finding::Rule)| {
        let mut report = fixture::everything();
        for finding in &mut report.findings {
            change(std::sync::Arc::make_mut(&mut finding.rule));
        }
        report
    };
    let mut accounts = fixture::everything();
    for outcome in &mut accounts.targets {
        let target = std::sync::Arc::make_mut(&mut outcome.target);
        (target.account, target.region) = (Some(endless.clone()), Some(endless.clone()));
    }
    let reports = [
        ("places", places),
        ("rule", with_rule(&|rule| rule.id.clone_from(&endless))),
        ("remedy", with_rule(&|rule| rule.remediation.clone_from(&endless))),
        ("references", with_rule(&|rule| rule.references = vec![fixture::endless(); 30])),
        ("accounts", accounts),
    ];
    for (what, report) in reports {
        for most in [MOST_BYTES, 2_000] {
            let (page, left_out) = page(&report, most);
            assert!(page.len() <= most, "{what}: {} of {most}", page.len());
            let summary = report.summary();
            assert!(page.starts_with("## audit: incomplete\n\n**not everything was audited; "), "{what}");
            assert!(page.contains(&super::verdict::targets(&report, &summary)), "{what}");
            assert!(page.contains(&super::verdict::findings(&report, &summary)), "{what}");
            assert_eq!(listed(&page) + left_out, report.findings.len(), "{what}");
        }
    }
}

#[test]
fn a_remedy_stands_whole_and_once_with_where_to_read_on() {
    let mut report = fixture::report();
    let remedy = format!("{}name every factor that is to stay.", "Set it in the backend. ".repeat(40));
    for finding in &mut report.findings {
        let rule = std::sync::Arc::make_mut(&mut finding.rule);
        rule.remediation.clone_from(&remedy);
        rule.links = vec![
            "https://example.com/mfa?a=1#b_c".to_owned(),
            "http://example.com/".to_owned(),
            "https://example.com/>x".to_owned(),
        ];
    }
    let (page, _) = page(&report, MOST_BYTES);
    let whole = format!("  - help: {remedy}\n");
    assert_eq!(page.matches(&whole).count(), report.rules.len());
    let references = "  - references: [OWASP ASVS 5.0 6.3.3](https://";
    assert_eq!(page.matches(references).count(), report.rules.len());
    let links = ", <https://example.com/mfa?a=1#b_c>, `http://example.com/`, `https://example.com/>x`\n";
    assert_eq!(page.matches(links).count(), report.rules.len());
}

#[test]
fn the_worst_stand_once() {
    let mut report = fixture::report();
    let model = report.findings[0].clone();
    assert_eq!(listed(&page(&report, MOST_BYTES).0), report.findings.len());
    for number in 0..20 {
        let mut target = (*model.target).clone();
        target.id = crate::target::TargetId::new(&format!("d{number}"), "prod", "auth");
        report.findings.push(Finding { target: target.into(), ..model.clone() });
    }
    report.sort();
    let (page, left_out) = page(&report, MOST_BYTES);
    assert_eq!((listed(&page), left_out), (report.findings.len(), 0));
    assert!(page.contains(", and 21 more below"), "{page}");
    assert!(page.contains("<summary>open, critical: 22 findings</summary>"), "{page}");
    assert!(!page.contains("<summary>open, high"), "they stand further up");
}

/// How many findings stand on a page.
fn listed(page: &str) -> usize {
    findings(page).iter().map(|(_, targets)| targets.len()).sum()
}

/// The findings of a page that are alike, and the items of their targets: once, also where some stand further up.
pub(in crate::report) fn findings(page: &str) -> Vec<(Item, Vec<Item>)> {
    let lists = lists(page).into_iter();
    let groups = lists.filter(|(title, is_folded, _)| *is_folded || title == "Worst findings");
    let groups = groups.flat_map(|(_, _, groups)| groups);
    let listed = groups.map(|mut group| {
        let targets = group.items.iter().position(is_target).unwrap_or(group.items.len());
        let mut targets = group.items.split_off(targets);
        targets.retain(is_target);
        targets.retain(|item| !item.text.ends_with(" more below"));
        (group, targets)
    });
    listed.collect()
}

fn is_target(item: &Item) -> bool {
    let is_fact = ["path", "expected", "actual", "waived", "help", "references"]
        .iter()
        .any(|label| item.text.starts_with(&format!("{label}: ")));
    !is_fact
}

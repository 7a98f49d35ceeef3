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

#[test]
#[expect(clippy::too_many_lines, reason = "it is a whole page")]
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
      - at `audit.toml:12:20`: `d3/prod/auth`
    - **timeout**, 1 target in `eu-west-1`: cannot read d5/prod/auth: no answer
      - at `audit.toml:12:20`: `d5/prod/auth`
    - **policy**, 1 target in `eu-west-1`: cannot judge d4/prod/auth: division by zero
      - at `audit.toml:12:20`: `d4/prod/auth`
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
      - `d1a2b3c4d5e6f7/prod/shopauth` at `recordings/shop/prod.json:14:20`, and 1 more
      - help: Set MFAMode to ON. Then push.
    - **high** `mfa/off`: two marks
      - path: `/ResourceConfig/AuthResources`
      - expected: `"ON"`
      - actual: `"OFF"`
      - `d1a2b3c4d5e6f7/prod/shopauth` at `recordings/shop/prod.json:14:20`
      - help: Set MFAMode to ON. Then push.
    - **high** `mfa/off`: MFA is OFF, must be ON
      - path: `/ResourceConfig/UserPoolConfigs/Mfa/MFAMode`
      - expected: `"ON"`
      - actual: `"OFF"`
      - `d1a2b3c4d5e6f7/prod/shopauth` at `recordings/shop/prod.json:14:20`, and 1 more
      - help: Set MFAMode to ON. Then push.
    - **high** `mfa/off`: there is no document: `=1+1`
      - path: `the whole document`
      - `d4/prod/auth` at `recordings/shop/prod.json:14:20`
      - help: Set MFAMode to ON. Then push.
    - **medium** `mfa/optional` (carried over): as it was `]]> # *now*`
      - path: `/a~1b/~0\u{7c}`
      - expected: `"ON"`
      - actual: `"OFF"`
      - `d3/prod/auth` at `recordings/shop/prod.json:14:20`
      - help: Set MFAMode to ON. Then push.

    <details>
    <summary>open, critical: 2 findings</summary>

    - **critical** `hostile/text`: ``a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'\u{7c}`*[x](y)%0A``,
      - path: `/ResourceConfig/UserPoolConfigs/Mfa/MFAMode`
      - expected: `"ON"`
      - actual: `"OFF"`
      - `d1a2b3c4d5e6f7/prod/shopauth` at `recordings/shop/prod.json:14:20`
      - ``d2/a%1B[31mb%E2%80%AEc %3A%3Aerror%3A%3Ad%0A<script>&"'\u{7c}`*[x](y)%250A,/auth`` at `recordings/shop/prod.json:14:20`

    </details>

    <details>
    <summary>open, high: 4 findings</summary>

    - **high** `mfa/off`: two marks
      - path: `/ResourceConfig/AuthResources`
      - expected: `"ON"`
      - actual: `"OFF"`
      - `d1a2b3c4d5e6f7/prod/shopauth` at `recordings/shop/prod.json:14:20`
    - **high** `mfa/off`: MFA is OFF, must be ON
      - path: `/ResourceConfig/UserPoolConfigs/Mfa/MFAMode`
      - expected: `"ON"`
      - actual: `"OFF"`
      - `d1a2b3c4d5e6f7/prod/shopauth` at `recordings/shop/prod.json:14:20`
      - ``d2/a%1B[31mb%E2%80%AEc %3A%3Aerror%3A%3Ad%0A<script>&"'\u{7c}`*[x](y)%250A,/auth`` at `recordings/shop/prod.json:14:20`
    - **high** `mfa/off`: there is no document: `=1+1`
      - path: `the whole document`
      - `d4/prod/auth` at `recordings/shop/prod.json:14:20`

    </details>

    <details>
    <summary>open, medium: 1 finding</summary>

    - **medium** `mfa/optional` (carried over): as it was `]]> # *now*`
      - path: `/a~1b/~0\u{7c}`
      - expected: `"ON"`
      - actual: `"OFF"`
      - `d3/prod/auth` at `recordings/shop/prod.json:14:20`

    </details>

    <details>
    <summary>below the threshold, medium: 2 findings</summary>

    - **medium** `mfa/optional`: MFA is OPTIONAL, must be ON
      - path: `/ResourceConfig/UserPoolConfigs/Mfa/MFAMode`
      - expected: `"ON"`
      - actual: `"OFF"`
      - `d1a2b3c4d5e6f7/prod/shopauth` at `recordings/shop/prod.json:14:20`
      - ``d2/a%1B[31mb%E2%80%AEc %3A%3Aerror%3A%3Ad%0A<script>&"'\u{7c}`*[x](y)%250A,/auth`` at `recordings/shop/prod.json:14:20`

    </details>

    <details>
    <summary>waived, low: 2 findings</summary>

    - **low** `oauth/admin_scope`: tokens may change the user
      - path: `/ResourceConfig/UserPoolConfigs/Mfa/MFAMode`
      - expected: `"ON"`
      - actual: `"OFF"`
      - waived: ``a\u{1b}[31mb\u{202e}c ::error::d\u{a}<script>&"'\u{7c}`*[x](y)%0A, (until 2027-03-31, shop-team)``
      - `d1a2b3c4d5e6f7/prod/shopauth` at `recordings/shop/prod.json:14:20`
      - ``d2/a%1B[31mb%E2%80%AEc %3A%3Aerror%3A%3Ad%0A<script>&"'\u{7c}`*[x](y)%250A,/auth`` at `recordings/shop/prod.json:14:20`

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

fn listed(page: &str) -> usize {
    let folded = lists(page).into_iter().filter(|(_, is_folded, _)| *is_folded);
    let groups = folded.flat_map(|(_, _, items)| items);
    groups.map(|group| group.items.iter().filter(|item| item.text.contains(" at ")).count()).sum()
}

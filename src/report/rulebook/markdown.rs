//! A page of documentation. The text of METADATA is taken for prose with code in backticks: nothing else of it
//! becomes markup, and nothing in it HTML.

use std::fmt::Write as _;
use std::io::{self, Write};

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Entry, Profile, Rulebook, Standing, paragraphs};
use crate::report::facts::one_line;
use crate::report::sarif::unaudited_rule;
use crate::untrusted::printable;

const HEAD: &str = "\
<!-- Written by `audit rules --format markdown`: correct the METADATA of the policies, not this page. -->

# Rules

Each rule looks at one thing that may be wrong in the authentication settings of an Amplify backend. `audit explain RULE`
shows one on the terminal.

";

const OVERRULING: &str = "\
## In audit.toml

```toml
[policies]
profile = \"recommended\"          # the thresholds
disable = [\"mfa/sms_only\"]       # rules that are not judged

[policies.severity]              # other severities than the rules' own
\"mfa/optional\" = \"high\"

[policies.params]                # other thresholds than the profile's
password.min_length = 14

[[waiver]]                       # an accepted finding: it stays in the report, and comes back when it expires
rule = \"oauth/loopback_redirect\"
target = \"d1a2b3c4d5e6f7/dev/*\"  # APP/ENVIRONMENT/RESOURCE; parts at the end may be left out
reason = \"developers sign in from localhost\"
expires = 2027-03-31             # the last day it holds
```

A severity here is that of most findings of a rule. Some rules are milder where less is at stake, for example outside of
production: their findings say so. `[policies.severity]` goes over both.

";

/// All rules: by area, with a table of contents.
pub(super) fn rulebook(book: &Rulebook, out: &mut dyn Write) -> io::Result<()> {
    let mut areas: Vec<(&str, Vec<&Entry>)> = Vec::new();
    for entry in &book.rules {
        let area = entry.rule.id.split('/').next().unwrap_or_default();
        match areas.iter_mut().find(|(name, _)| *name == area) {
            Some((_, entries)) => entries.push(entry),
            None => areas.push((area, vec![entry])),
        }
    }
    let mut page = HEAD.to_owned();
    page.push_str("| rule | severity | what is wrong |\n|---|---|---|\n");
    for entry in areas.iter().flat_map(|(_, entries)| entries) {
        let rule = &entry.rule;
        let _ = writeln!(
            page,
            "| [{}](#{}) | {} | {} |",
            cell(&rule.id),
            anchor(&rule.id),
            severity(entry),
            cell(&rule.title)
        );
    }
    page.push('\n');
    page.push_str(OVERRULING);
    profiles(&mut page, &book.profiles);
    for (area, entries) in areas {
        let _ = writeln!(page, "## {}\n", prose(area));
        for entry in entries {
            section(&mut page, entry, "###");
        }
    }
    page.push_str("## What is no rule\n\n");
    let unaudited = Entry {
        rule: unaudited_rule().into(),
        severity: None,
        standing: Standing::Fixed,
        parameters: Vec::new(),
    };
    section(&mut page, &unaudited, "###");
    out.write_all(page.trim_end().as_bytes())?;
    out.write_all(b"\n")
}

/// One rule.
pub(super) fn explanation(entry: &Entry, out: &mut dyn Write) -> io::Result<()> {
    let mut page = String::new();
    section(&mut page, entry, "#");
    out.write_all(page.trim_end().as_bytes())?;
    out.write_all(b"\n")
}

fn profiles(page: &mut String, profiles: &[Profile]) {
    let mut names: Vec<&String> = profiles.iter().flat_map(|profile| profile.parameters.keys()).collect();
    names.sort();
    names.dedup();
    if names.is_empty() {
        return;
    }
    page.push_str("## Profiles\n\nThe thresholds that rules read as `data.audit.params`.\n\n| parameter |");
    for profile in profiles {
        let _ = write!(page, " {} |", cell(&profile.name));
    }
    page.push_str("\n|---|");
    page.push_str(&"---|".repeat(profiles.len()));
    page.push('\n');
    for name in names {
        let _ = write!(page, "| {} |", cell(&format!("`{name}`")));
        for profile in profiles {
            let value = profile.parameters.get(name).map(|value| cell(&format!("`{value}`")));
            let _ = write!(page, " {} |", value.unwrap_or_default());
        }
        page.push('\n');
    }
    page.push('\n');
}

fn section(page: &mut String, entry: &Entry, heading: &str) {
    let rule = &entry.rule;
    let _ = writeln!(page, "<a id=\"{}\"></a>\n\n{heading} {}\n", anchor(&rule.id), prose(&rule.id));
    let _ = writeln!(page, "**{}**\n", prose(&rule.title));
    let mut facts = vec![format!("Severity: {}", severity(entry))];
    facts.extend(entry.origin().map(|origin| format!("comes from {}", prose(&origin))));
    if !entry.parameters.is_empty() {
        let read = entry.parameters.iter().map(|parameter| prose(&format!("`{}`", parameter.name)));
        facts.push(format!("reads {}", read.collect::<Vec<_>>().join(", ")));
    }
    if !rule.tags.is_empty() {
        facts.push(format!("tags: {}", prose(&rule.tags.join(", "))));
    }
    let _ = writeln!(page, "{}\n", facts.join(" · "));
    for paragraph in paragraphs(&rule.description) {
        let _ = writeln!(page, "{}\n", prose(&paragraph));
    }
    for (index, paragraph) in paragraphs(&rule.remediation).enumerate() {
        let label = if index == 0 { "**How to fix it:** " } else { "" };
        let _ = writeln!(page, "{label}{}\n", prose(&paragraph));
    }
    for (label, further) in [("Standards", &rule.references), ("Read on", &rule.links)] {
        if !further.is_empty() {
            let _ = writeln!(page, "{label}:\n");
            for one in further {
                let _ = writeln!(page, "- {}", prose(one));
            }
            page.push('\n');
        }
    }
}

fn severity(entry: &Entry) -> String {
    match (entry.standing, entry.overruled()) {
        (Standing::Disabled, _) => format!("{}, disabled", entry.severity()),
        (Standing::Judged | Standing::Fixed | Standing::Idle, Some(given)) => {
            format!("{given} (by itself {})", entry.rule.severity)
        }
        (Standing::Judged | Standing::Fixed | Standing::Idle, None) => entry.severity().to_string(),
    }
}

/// The id, as the name of a place in the page.
fn anchor(id: &str) -> String {
    const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'_').remove(b'-').remove(b'.');
    utf8_percent_encode(id, PLAIN).to_string()
}

fn cell(text: &str) -> String {
    prose(text).replace('|', "\\|")
}

/// One line of prose: code in backticks and addresses are kept, everything else means itself.
fn prose(text: &str) -> String {
    let line = one_line(text);
    let line = printable(&line);
    let mut pieces: Vec<&str> = line.split('`').collect();
    // A backtick without its other half means itself.
    let unpaired = if pieces.len().is_multiple_of(2) { pieces.pop() } else { None };
    let mut written = String::with_capacity(line.len() + 16);
    for (index, piece) in pieces.into_iter().enumerate() {
        match (index % 2, piece) {
            (0, words) => sentence(words, &mut written),
            // Two backticks are no code, but the mark of another kind of it.
            (_, "") => written.push_str("\\`\\`"),
            (_, code) => {
                let _ = write!(written, "`{code}`");
            }
        }
    }
    if let Some(words) = unpaired {
        written.push_str("\\`");
        sentence(words, &mut written);
    }
    if begins_block(&written) {
        match written.find(|character: char| !character.is_ascii_digit()) {
            Some(at) => written.insert(at, '\\'),
            None => written.push('\\'),
        }
    }
    written
}

/// Whether a line would begin a heading, a list, a quotation, a rule or a workflow command.
fn begins_block(line: &str) -> bool {
    let rest = line.trim_start_matches(|character: char| character.is_ascii_digit());
    let numbered = rest.len() < line.len() && rest.starts_with(['.', ')']);
    numbered || line.starts_with(['#', '+', '-', '=', '>', ':'])
}

fn sentence(text: &str, written: &mut String) {
    for word in text.split_inclusive(' ') {
        let Some((before, address, after)) = address(word) else {
            escaped(word, written);
            continue;
        };
        escaped(before, written);
        let _ = write!(written, "<{}>", utf8_percent_encode(address, UNSAFE));
        escaped(after, written);
    }
}

/// What would end an address in angle brackets.
const UNSAFE: &AsciiSet = &CONTROLS.add(b'<').add(b'>').add(b'"').add(b'\\').add(b' ');

/// What stands before, in and behind the address in a word; `http://` alone is none.
fn address(word: &str) -> Option<(&str, &str, &str)> {
    let at = ["https://", "http://"].iter().filter_map(|scheme| word.find(scheme)).min()?;
    let (before, rest) = word.split_at(at);
    let end = rest.trim_end_matches([' ', '.', ',', ';', ':', ')', ']', '"', '\'']).len();
    let (address, after) = rest.split_at(end);
    let host = address.split_once("://")?.1;
    host.starts_with(char::is_alphanumeric).then_some((before, address, after))
}

fn escaped(text: &str, written: &mut String) {
    let is_word = |character: Option<char>| character.is_some_and(char::is_alphanumeric);
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '<' => written.push_str("&lt;"),
            '&' => written.push_str("&amp;"),
            '_' if is_word(before) && is_word(rest.peek().copied()) => written.push('_'),
            '\\' | '*' | '_' | '[' | ']' | '~' => written.extend(['\\', character]),
            other => written.push(other),
        }
        before = Some(character);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_nothing_but_prose_code_and_addresses() {
        for (text, page) in [
            ("plain text, with `code_of * <b>` in it", "plain text, with `code_of * <b>` in it"),
            ("a <script> & *b* [c](d) ~e~ \\", "a &lt;script> &amp; \\*b\\* \\[c\\](d) \\~e\\~ \\\\"),
            ("snake_case, _emphasis_", "snake_case, \\_emphasis\\_"),
            ("one ` alone", "one \\` alone"),
            ("two `` marks `code`", "two \\`\\` marks `code`"),
            ("# heading", "\\# heading"),
            ("- item", "\\- item"),
            ("12. item", "12\\. item"),
            ("12 items", "12 items"),
            ("::error::x", "\\::error::x"),
            ("see https://a.example/b_c_d*, then", "see <https://a.example/b_c_d*>, then"),
            ("neither http:// nor https://, is one", "neither http:// nor https://, is one"),
            ("(http://a.example/<b>)", "(<http://a.example/%3Cb%3E>)"),
            ("a\u{1b}[31m\n\n  b", "a\\\\u{1b}\\[31m b"),
        ] {
            assert_eq!(prose(text), page);
        }
        assert_eq!(cell("a | `b|c`"), "a \\| `b\\|c`");
        assert_eq!(anchor("a/b_c\"><x"), "a/b_c%22%3E%3Cx");
    }
}

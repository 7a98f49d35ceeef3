//! What text becomes in SARIF: messages that mean themselves, Markdown without HTML, URIs.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use crate::finding::Notice;
use crate::report::facts::{self, app};
use crate::target::{Target, Unaudited};
use crate::untrusted::{printable, shortened};

/// The longest message shown: a value may hold 64 KB, and the message is the title of an alert.
const LONGEST_MESSAGE: usize = 1000;
/// The longest message with whose it is and what to do about it.
const LONGEST: usize = 3 * LONGEST_MESSAGE;
/// The longest name of an app.
pub(super) const LONGEST_APP: usize = 60;

/// A text, and where readers show Markdown, that.
#[derive(Serialize)]
pub(super) struct Text {
    pub(super) text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) markdown: Option<String>,
}

impl Text {
    pub(super) fn plain(text: String) -> Self {
        Self { text, markdown: None }
    }
}

#[derive(Serialize)]
pub(super) struct Message {
    text: String,
}

impl Message {
    /// Plain text that means itself. §3.11.5 has braces doubled. Brackets could make a link (§3.11.6),
    /// so they are escaped, as is the backslash that escapes them; `CodeQL` does the same. It has an end, whatever a
    /// service or a policy said.
    pub(super) fn of(plain: &str) -> Self {
        let plain = at_most(plain, LONGEST);
        let mut text = String::with_capacity(plain.len() + 16);
        for character in printable(&plain).chars() {
            match character {
                '[' | ']' | '\\' => text.extend(['\\', character]),
                '{' | '}' => text.extend([character, character]),
                _ => text.push(character),
            }
        }
        Self { text }
    }

    /// The first sentence is the title of the alert; the help is the second one.
    pub(super) fn of_unaudited(target: &Target, why: &Unaudited) -> Self {
        let message = first_of([&why.message, why.kind.as_str()]).trim_end_matches('.');
        let mut plain = at_most(message, LONGEST_MESSAGE);
        if !plain.contains(target.id.as_str()) {
            plain = with_target(&plain, target);
        } else if let Some(app) = app(target, LONGEST_APP) {
            let _ = write!(plain, " ({app})");
        }
        if let Some(help) = &why.help {
            let _ = write!(plain, ". To fix: {help}");
        }
        Self::of(&plain)
    }

    /// Of something unreadable with its help.
    pub(super) fn of_notice(notice: &Notice) -> Self {
        let message = first_of([&notice.message, notice.kind.as_str()]);
        let mut plain = at_most(message, LONGEST_MESSAGE);
        if let Some(help) = notice.unread.as_ref().and_then(|unread| unread.why.help.as_ref()) {
            plain = at_most(message.trim_end_matches('.'), LONGEST_MESSAGE);
            let _ = write!(plain, ". To fix: {help}");
        }
        Self::of(&plain)
    }
}

/// The message and whose it is, for people by name: alerts of two targets would have one title.
pub(super) fn with_target(message: &str, target: &Target) -> String {
    let message = at_most(message.trim_end_matches('.'), LONGEST_MESSAGE);
    match app(target, LONGEST_APP) {
        Some(app) => format!("{message} ({app} · {})", target.id),
        None => format!("{message} ({})", target.id),
    }
}

/// The first text that is not blank; the last one if all are.
pub(super) fn first_of<const N: usize>(texts: [&str; N]) -> &str {
    let mut chosen = "";
    for text in texts {
        chosen = text.trim();
        if !chosen.is_empty() {
            break;
        }
    }
    chosen
}

/// At most `longest` characters.
pub(super) fn at_most(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest { text.to_owned() } else { shortened(text, longest - 1).into_owned() }
}

/// Printable text on one line.
pub(super) fn one_line(text: &str) -> String {
    printable(&facts::one_line(text)).into_owned()
}

/// Printable text that keeps its lines.
pub(super) fn lines(text: &str) -> String {
    let lines: Vec<_> = text.trim().lines().map(|line| printable(line.trim_end())).collect();
    lines.join("\n")
}

/// Markdown without HTML (§3.11.4.2), and without links but those to `https:`. Code in backticks stays as it is.
///
/// Each line is closed in itself: a backtick that no other one on its line closes stands for itself, so that no line
/// before a piece of code can turn its inside out, wherever paragraphs and items end.
pub(super) fn without_html(markdown: &str) -> String {
    let has_table = markdown.split('\n').any(may_head_a_table);
    let lines: Vec<_> = markdown.split('\n').map(|line| line_without_html(line, has_table)).collect();
    lines.join("\n")
}

/// Whether the line could be the one below the head of a table, inside of whatever list or quotation.
fn may_head_a_table(line: &str) -> bool {
    line.contains('-') && line.chars().all(|character| "|:-> *+.)0123456789".contains(character))
}

/// A table is cut at every pipe, also at those in code: there no code goes over one.
fn line_without_html(line: &str, has_table: bool) -> String {
    let mut inert = String::with_capacity(line.len() + 16);
    let mut rest = line;
    let fence = backticks(line);
    if fence >= 3 && !line[fence..].contains('`') {
        // Where a line begins, it never goes on what the lines before it say.
        inert.push_str(&line[..fence]);
        rest = &line[fence..];
    }
    while let Some(first) = rest.chars().next() {
        let mut taken = first.len_utf8();
        let behind = &rest[taken..];
        match first {
            // An address takes the backslash for a part of it, and leaves what is behind to itself.
            '\\' if behind.starts_with(['<', '`']) => {
                taken += 1;
                inert.push_str(if behind.starts_with('<') { "&lt;" } else { "&#96;" });
            }
            '\\' if behind.starts_with(|next: char| next.is_ascii_punctuation()) => {
                taken += 1;
                inert.push_str(&rest[..taken]);
            }
            '`' => {
                taken = backticks(rest);
                let is_code = |end: &usize| !(in_address(&inert) || has_table && rest[..*end].contains('|'));
                match code(rest, taken).filter(is_code) {
                    Some(end) => {
                        taken = end;
                        inert.push_str(&rest[..taken]);
                    }
                    None => inert.push_str(&"&#96;".repeat(taken)),
                }
            }
            '<' => inert.push_str("&lt;"),
            // GitHub takes what is between two for a formula, and with it the backticks there.
            '$' => inert.push_str("&#36;"),
            // The end of a link's text, or of the name of a definition that links refer to.
            ']' if behind.starts_with(':')
                || (behind.starts_with('(') && !behind.starts_with("(https://")) =>
            {
                inert.push_str("\\]");
            }
            other => inert.push(other),
        }
        rest = &rest[taken..];
    }
    inert
}

/// Whether an address that GitHub makes a link of may go on behind the text: up to a blank, backticks and all.
fn in_address(text: &str) -> bool {
    let word = text.rsplit(' ').next().unwrap_or_default();
    word.contains("://") || word.contains("www.")
}

/// How many backticks the text begins with.
fn backticks(text: &str) -> usize {
    text.len() - text.trim_start_matches('`').len()
}

/// Where the code ends that the text begins with: behind as many backticks as it begins with, no more and no fewer.
fn code(text: &str, fence: usize) -> Option<usize> {
    let mut at = fence;
    loop {
        at += text[at..].find('`')?;
        let run = backticks(&text[at..]);
        at += run;
        if run == fence {
            return Some(at);
        }
    }
}

/// What stands for itself in a path segment (RFC 3986 §3.3), and the slash between two. The colon does
/// not: before the first slash it would end a scheme.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b'@');

/// The relative reference to a file of the repository.
pub(super) fn uri(name: &str) -> String {
    utf8_percent_encode(name, PATH).to_string()
}

#[cfg(test)]
mod tests {
    use comrak::nodes::NodeValue;
    use proptest::prelude::*;

    use super::*;
    use crate::report::fixture::hostile_text;
    use crate::report::markdown::tests::github;
    use crate::report::sarif::tests::shown;

    #[test]
    fn brackets_backslashes_and_braces_mean_themselves() {
        for (plain, text) in [
            (r"[x](https://evil.example)", r"\[x\](https://evil.example)"),
            (r"\[x](1)", r"\\\[x\](1)"),
            ("{0} {account}", "{{0}} {{account}}"),
            ("a\u{202e}", r"a\\u{{202e}}"),
        ] {
            assert_eq!(Message::of(plain).text, text);
            assert_eq!(shown(text), printable(plain));
        }
    }

    #[test]
    fn markdown_holds_no_html() {
        for (text, expected) in [
            ("a <b> `<c>` <d>", "a &lt;b> `<c>` &lt;d>"),
            ("``<a> ` <b>`` <c>", "``<a> ` <b>`` &lt;c>"),
            ("no end ` <script>", "no end &#96; &lt;script>"),
            ("` <script>alert(1)</script> ``y``", "&#96; &lt;script>alert(1)&lt;/script> ``y``"),
            (r"\` <script> `", "&#96; &lt;script> &#96;"),
            (r"\\` <a> `", r"\\` <a> `"),
            ("`a` ` <script>", "`a` &#96; &lt;script>"),
            ("no end `\n<script>`", "no end &#96;\n&lt;script>&#96;"),
            // The backtick of the first line would close with the first one of the second.
            ("a `\n` <b> `", "a &#96;\n` <b> `"),
            ("a|b\n-|-\n` | ` `<c>`", "a|b\n-|-\n&#96; | ` `&lt;c>&#96;"),
            ("`a | <b>`", "`a | <b>`"),
            ("```sh\naudit <x>\n```", "```sh\naudit &lt;x>\n```"),
            (r"\<a", "&lt;a"),
            (r"https://a.example/\<b>", "https://a.example/&lt;b>"),
            ("https://a.example/`<b>`", "https://a.example/&#96;&lt;b>&#96;"),
            ("$ ` $<b>`", "&#36; ` $<b>`"),
            ("[l](javascript:alert(1))", r"[l\](javascript:alert(1))"),
            ("![l]( https://a.example)", r"![l\]( https://a.example)"),
            ("[l](https://a.example)", "[l](https://a.example)"),
            ("[l]: javascript:alert(1)", r"[l\]: javascript:alert(1)"),
            ("`[l](x)`", "`[l](x)`"),
            ("", ""),
        ] {
            assert_eq!(without_html(text), expected);
        }
    }

    /// Pieces of Markdown that could turn into HTML or a link.
    fn markdown() -> impl Strategy<Value = String> {
        let pieces = prop::sample::select(vec![
            "`",
            "``",
            "```",
            "\\",
            "|",
            "\n",
            "\n\n",
            "    ",
            "  ",
            "a",
            " ",
            "<b>",
            "<!--",
            "-->",
            "<script>",
            "</script>",
            "<a href=\"`\">",
            "<javascript:alert(1)>",
            "`<b>`",
            "~~~",
            "\n```\n",
            "\n~~~\n",
            "\n- ",
            "\n1. ",
            "\n> ",
            "\na|b\n-|-\n",
            "\n> |a|b|\n> |:-|-|\n",
            "\n---\n",
            "\n===\n",
            "[l](javascript:alert(1))",
            "[l](",
            "[",
            "]",
            "(",
            ")",
            "[l]:",
            "\n[l]: javascript:alert(1)\n",
            "[l][l]",
            "[l][]",
            "![l]",
            "javascript:alert(1)",
            "https://a.example/",
            "www.a.example",
            "a@b.example",
            "&lt;",
            "&#60;b>",
            "$",
            "$$",
        ]);
        let piece = prop_oneof![9 => pieces.prop_map(str::to_owned), 1 => hostile_text(3)];
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

        #[test]
        fn no_markdown_becomes_html_or_a_link_to_a_script(text in markdown()) {
            let inert = without_html(&lines(&text));
            for options in [comrak::Options::default(), github()] {
                let is_github = options.extension.autolink;
                let arena = comrak::Arena::new();
                for node in comrak::parse_document(&arena, &inert, &options).descendants() {
                    match &node.data().value {
                        NodeValue::HtmlBlock(_) | NodeValue::HtmlInline(_) => prop_assert!(false, "{inert:?}"),
                        NodeValue::Link(link) | NodeValue::Image(link) => {
                            // GitHub makes links of bare addresses, of these schemes alone.
                            let bare = ["http://", "https://", "ftp://", "mailto:"];
                            let schemes = if is_github { &bare[..] } else { &bare[1..2] };
                            let is_safe = schemes.iter().any(|scheme| link.url.starts_with(scheme));
                            prop_assert!(is_safe, "{:?} in {inert:?}", link.url);
                        }
                        _ => {}
                    }
                }
            }
        }
    }

    #[test]
    fn file_names_become_relative_references() {
        for (name, expected) in [
            ("recordings/shop/prod.json", "recordings/shop/prod.json"),
            ("a b/ä#1?.json", "a%20b/%C3%A4%231%3F.json"),
            ("javascript:alert(1)", "javascript%3Aalert(1)"),
            ("100%\\[x].json", "100%25%5C%5Bx%5D.json"),
        ] {
            assert_eq!(uri(name), expected);
        }
    }
}

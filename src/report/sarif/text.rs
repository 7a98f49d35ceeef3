//! What text becomes in SARIF: messages that mean themselves, Markdown without HTML, URIs.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use crate::finding::Notice;
use crate::target::{Target, Unaudited};
use crate::untrusted::{printable, shortened};

/// The longest message shown: a value may hold 64 KB, and the message is the title of an alert.
const LONGEST_MESSAGE: usize = 1000;

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
    /// so they are escaped, as is the backslash that escapes them; `CodeQL` does the same.
    pub(super) fn of(plain: &str) -> Self {
        let mut text = String::with_capacity(plain.len() + 16);
        for character in printable(plain).chars() {
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
        }
        if let Some(help) = &why.help {
            let _ = write!(plain, ". To fix: {help}");
        }
        Self::of(&plain)
    }

    /// Of something unreadable with its help.
    pub(super) fn of_notice(notice: &Notice) -> Self {
        let mut plain = first_of([&notice.message, notice.kind.as_str()]).to_owned();
        if let Some(help) = notice.unread.as_ref().and_then(|unread| unread.why.help.as_ref()) {
            plain = at_most(plain.trim_end_matches('.'), LONGEST_MESSAGE);
            let _ = write!(plain, ". To fix: {help}");
        }
        Self::of(&plain)
    }
}

/// The message and whose it is: alerts of two targets would have one title.
pub(super) fn with_target(message: &str, target: &Target) -> String {
    format!("{} ({})", at_most(message.trim_end_matches('.'), LONGEST_MESSAGE), target.id)
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
    printable(&text.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned()
}

/// Printable text that keeps its lines.
pub(super) fn lines(text: &str) -> String {
    let lines: Vec<_> = text.trim().lines().map(|line| printable(line.trim_end())).collect();
    lines.join("\n")
}

/// Markdown without HTML (§3.11.4.2): a `<` outside of code spans stands for itself. A span is one of
/// its line, because none goes on past its paragraph or its item.
pub(super) fn without_html(markdown: &str) -> String {
    let lines: Vec<_> = markdown.split('\n').map(line_without_html).collect();
    lines.join("\n")
}

fn line_without_html(line: &str) -> String {
    let parts: Vec<_> = line.split('`').collect();
    let inert = parts.iter().enumerate().map(|(at, part)| {
        // An odd part is code if a backtick closes it, and the last part has none behind it.
        if at % 2 == 1 && at + 1 < parts.len() { (*part).to_owned() } else { part.replace('<', "&lt;") }
    });
    inert.collect::<Vec<_>>().join("`")
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
    use super::*;
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
            ("no end ` <script>", "no end ` &lt;script>"),
            ("`a` ` <script>", "`a` ` &lt;script>"),
            ("no end `\n<script>`", "no end `\n&lt;script>`"),
            (r"\<a", r"\&lt;a"),
        ] {
            assert_eq!(without_html(text), expected);
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

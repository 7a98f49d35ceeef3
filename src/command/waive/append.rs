//! Where a waiver goes in the text of audit.toml, and how it is written.
//!
//! It is spliced into the text at a place that the parser tells. `toml_edit` would print the whole file anew:
//! line endings become `\n`, a byte order mark and the spacing of headers are lost.

use std::fmt::Write as _;
use std::ops::Range;

use jiff::civil::Date;
use toml::de::{DeArray, DeTable};

use crate::config::Waiver;
use crate::untrusted::is_unprintable;

/// A waiver to append.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub(super) rule: &'a str,
    pub(super) target: &'a str,
    pub(super) path: Option<&'a str>,
    pub(super) reason: &'a str,
    pub(super) owner: Option<&'a str>,
    /// Its last day.
    pub(super) until: Date,
}

impl Entry<'_> {
    /// Whether a waiver of a configuration is this one.
    pub(super) fn is(&self, waiver: &Waiver) -> bool {
        (waiver.rule.as_str(), waiver.target_pattern.as_str(), path_of(waiver), waiver.expires)
            == (self.rule, self.target, self.path, self.until)
            && (waiver.reason.as_str(), waiver.owner.as_deref()) == (self.reason, self.owner)
    }

    /// As a table of its own, each line ended by `eol`.
    pub(super) fn table(&self, eol: &str) -> String {
        let lines = self.members().map(|(key, value)| format!("{key} = {value}{eol}"));
        format!("[[waiver]]{eol}{}", lines.collect::<String>())
    }

    fn inline(&self) -> String {
        let members: Vec<_> = self.members().map(|(key, value)| format!("{key} = {value}")).collect();
        format!("{{ {} }}", members.join(", "))
    }

    fn members(&self) -> impl Iterator<Item = (&'static str, String)> {
        let members = [
            ("rule", Some(string(self.rule))),
            ("target", Some(string(self.target))),
            ("path", self.path.map(string)),
            ("reason", Some(string(self.reason))),
            ("owner", self.owner.map(string)),
            ("expires", Some(self.until.to_string())),
        ];
        members.into_iter().filter_map(|(key, value)| Some((key, value?)))
    }
}

/// The glob of places of a waiver, as written.
pub(super) fn path_of(waiver: &Waiver) -> Option<&str> {
    waiver.path.as_ref().map(|path| path.glob().glob())
}

/// The text of a valid audit.toml with a waiver more: behind the last one, else at the end.
pub(super) fn appended(text: &str, entry: &Entry<'_>) -> String {
    let (tree, _) = DeTable::parse_recoverable(text);
    let waivers = tree.get_ref().get("waiver");
    let waivers = waivers.and_then(|waivers| Some((waivers.span(), waivers.get_ref().as_array()?)));
    match waivers {
        // The place of a list that is written as tables is that of their headers.
        Some((span, list)) if !text[span.clone()].starts_with("[[") => into_list(text, span, list, entry),
        Some((span, list)) => behind(text, end_of_last(list).unwrap_or(span.end), entry),
        None => at(text, text.len(), entry),
    }
}

/// The end of the last value of the last table.
fn end_of_last(tables: &DeArray<'_>) -> Option<usize> {
    let last = tables.iter().last()?.get_ref().as_table()?;
    last.values().map(|value| value.span().end).max()
}

/// Behind a table whose last value ends at `end`, and behind the comment below it, unless that leads to what follows.
fn behind(text: &str, end: usize, entry: &Entry<'_>) -> String {
    let table = next_line(text, end);
    let mut comment = table;
    while line_at(text, comment).trim_start().starts_with('#') {
        comment = next_line(text, comment);
    }
    let place = if line_at(text, comment).trim().is_empty() { comment } else { table };
    at(text, place, entry)
}

/// Between two lines, with an empty one before it, and one behind it where a line follows.
fn at(text: &str, place: usize, entry: &Entry<'_>) -> String {
    let eol = eol(text, place);
    let (before, after) = text.split_at(place);
    let mut block = String::new();
    if !before.ends_with('\n') {
        block.push_str(eol);
    }
    if !before.lines().last().unwrap_or_default().trim().is_empty() {
        block.push_str(eol);
    }
    block.push_str(&entry.table(eol));
    if !line_at(text, place).trim().is_empty() {
        block.push_str(eol);
    }
    [before, &block, after].concat()
}

/// Into `waiver = […]`: on a line of its own where the others have theirs.
fn into_list(text: &str, span: Range<usize>, elements: &DeArray<'_>, entry: &Entry<'_>) -> String {
    let element = entry.inline();
    let Some(last) = elements.iter().last().map(toml::Spanned::span) else {
        let (before, after) = text.split_at(span.start + 1);
        return [before, &element, after].concat();
    };
    let comma = comma(text, last.end..span.end);
    let behind = comma.map_or(last.end, |comma| comma + 1);
    let line_break = text[behind..span.end].find('\n').map(|at| behind + at);
    let has_lines = text[span.start..last.start].contains('\n');
    let (place, lead) = if has_lines {
        let begin = text[..last.start].rfind('\n').map_or(0, |at| at + 1);
        let indent: String = text[begin..].chars().take_while(|c| [' ', '\t'].contains(c)).collect();
        // Behind the comment of the last element, which a list can have where its line ends within it.
        let place = line_break.map_or(behind, |at| text[..at].trim_end_matches('\r').len());
        (place, format!("{}{indent}", eol(text, begin)))
    } else {
        (behind, " ".to_owned())
    };
    let (comma_before, comma_behind) = if comma.is_some() { ("", ",") } else { (",", "") };
    [&text[..behind], comma_before, &text[behind..place], &lead, &element, comma_behind, &text[place..]]
        .concat()
}

/// The comma in `range`, which holds only space and comments beside it.
fn comma(text: &str, range: Range<usize>) -> Option<usize> {
    let start = range.start;
    let mut is_comment = false;
    text[range]
        .bytes()
        .position(|byte| {
            is_comment = byte == b'#' || (is_comment && byte != b'\n');
            byte == b',' && !is_comment
        })
        .map(|at| start + at)
}

/// How the line before `place` ends, else the first one of the text.
fn eol(text: &str, place: usize) -> &'static str {
    let end = text[..place].rfind('\n').or_else(|| text.find('\n'));
    if end.is_some_and(|end| text[..end].ends_with('\r')) { "\r\n" } else { "\n" }
}

/// Where the line behind that of `place` begins.
fn next_line(text: &str, place: usize) -> usize {
    text[place..].find('\n').map_or(text.len(), |at| place + at + 1)
}

fn line_at(text: &str, place: usize) -> &str {
    text[place..].lines().next().unwrap_or_default()
}

/// A TOML string in one line, in which nothing hides.
fn string(text: &str) -> String {
    let mut string = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => string.extend(['\\', character]),
            '\n' => string.push_str("\\n"),
            '\r' => string.push_str("\\r"),
            '\t' => string.push_str("\\t"),
            hidden if is_unprintable(hidden) => {
                // Writing to a String cannot fail.
                let _ = write!(string, "\\U{:08X}", u32::from(hidden));
            }
            other => string.push(other),
        }
    }
    string.push('"');
    string
}

//! The headline of a finding and its excerpt, as miette draws them.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents,
    SourceCode, SourceSpan, SpanContents,
};
use owo_colors::Style as Paint;
use serde_json::Value;
use textwrap::core::display_width;

use super::table::cut;
use super::{LONGEST, one_line, severity_paint};
use crate::finding::{Excerpt, Finding, Severity};
use crate::report::Style;
use crate::report::alike::Alike;
use crate::report::facts::{Values, carried};
use crate::untrusted::{printable, shortened};

/// The longest label beside a value.
const LONGEST_LABEL: usize = 60;
/// The shortest part of a value that says something.
const SHORTEST: usize = 16;
/// Columns of a label before its text: ` · ` after the line number, and `╰── `.
const BEFORE_LABEL: usize = 8;
/// Columns of a line of the excerpt before its text, beside its number.
const BEFORE_LINE: usize = 4;

/// A drawn finding.
pub(super) struct Snippet {
    /// What is to be printed.
    pub(super) text: String,
    /// Whether the lines of the document are in it, under the name of the target.
    pub(super) has_excerpt: bool,
    /// Whether all of what was expected is in it, if anything was.
    pub(super) has_expected: bool,
}

/// The headline, the excerpt with its marks, and what was expected.
pub(super) fn draw(group: &Alike<'_>, style: &Style) -> Snippet {
    let finding = group.first;
    let lines = Lines::of(finding, style);
    let label = lines.as_ref().and_then(|lines| label(finding, lines.room(style)));
    let is_whole = label.as_ref().map_or(finding.expected.is_none(), |(_, is_whole)| *is_whole);
    let has_excerpt = lines.is_some();
    let theme = theme(lines.as_ref(), finding.severity, style);
    let drawing = Drawing {
        headline: headline(group, style),
        severity: finding.severity,
        lines,
        label: label.map(|(text, _)| text),
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(style.width)
        .with_links(false)
        .with_break_words(false)
        .with_word_separator(textwrap::WordSeparator::AsciiSpace)
        .with_word_splitter(textwrap::WordSplitter::NoHyphenation);
    let mut text = String::new();
    match handler.render_report(&mut text, &drawing) {
        Ok(()) => Snippet { text, has_excerpt, has_expected: is_whole },
        // The finding must be said all the same.
        Err(_) => Snippet { text: format!("  {drawing}\n"), has_excerpt: false, has_expected: false },
    }
}

/// `severity[rule]`, in how many targets, and what is wrong.
fn headline(group: &Alike<'_>, style: &Style) -> String {
    let finding = group.first;
    let many = match group.all.len() {
        1 => String::new(),
        many => format!(" in {many} targets"),
    };
    let message = one_line(&shortened(&finding.message, LONGEST));
    format!("{}{many}: {message}{}", title(finding, style), carried(finding))
}

/// `severity[rule]`.
pub(super) fn title(finding: &Finding, style: &Style) -> String {
    let title = format!("{}[{}]", finding.severity, printable(&finding.rule.id));
    if style.color { severity_paint(finding.severity).style(title).to_string() } else { title }
}

/// The value at fault in the colour of its severity, the others in another. miette gives out the colours in the
/// order of the text, and the value at fault need not stand first there.
fn theme(lines: Option<&Lines<'_>>, severity: Severity, style: &Style) -> GraphicalTheme {
    if !style.color {
        return GraphicalTheme::unicode_nocolor();
    }
    let mut theme = GraphicalTheme::unicode();
    if let Some(Lines { marks, primary, .. }) = lines {
        let before = marks.iter().filter(|mark| mark.start < primary.start).count();
        let mut colors = vec![Paint::new().blue(); before];
        colors.push(severity_paint(severity));
        colors.resize(1 + marks.len(), Paint::new().blue());
        theme.styles.highlights = colors;
    }
    theme
}

#[derive(Debug)]
struct Drawing<'f> {
    headline: String,
    severity: Severity,
    lines: Option<Lines<'f>>,
    label: Option<String>,
}

impl fmt::Display for Drawing<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.headline)
    }
}

impl std::error::Error for Drawing<'_> {}

impl Diagnostic for Drawing<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Critical | Severity::High => miette::Severity::Error,
            Severity::Medium => miette::Severity::Warning,
            Severity::Low | Severity::Info => miette::Severity::Advice,
        })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.lines.as_ref().map(|lines| lines as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let Lines { primary, marks, .. } = self.lines.as_ref()?;
        let primary = LabeledSpan::new_primary_with_span(self.label.clone(), primary.clone());
        let others = marks.iter().map(|mark| LabeledSpan::new_with_span(None, mark.clone()));
        Some(Box::new(std::iter::once(primary).chain(others)))
    }
}

/// The excerpt as wide as the page, numbered by the lines of the document, under the target's name.
#[derive(Debug)]
struct Lines<'f> {
    id: Cow<'f, str>,
    first_line: usize,
    text: String,
    /// The value at fault.
    primary: Range<usize>,
    /// The others.
    marks: Vec<Range<usize>>,
}

impl<'f> Lines<'f> {
    /// `None` where a mark is not in the text, which miette would refuse.
    fn of(finding: &'f Finding, style: &Style) -> Option<Self> {
        let Excerpt { first_line, text, marks } = finding.evidence.excerpt.as_ref()?;
        if marks.iter().any(|mark| text.get(mark.clone()).is_none()) {
            return None;
        }
        let last = first_line + text.matches('\n').count();
        let width = style.width.saturating_sub(last.to_string().len() + BEFORE_LINE);
        let mut shown = String::with_capacity(text.len());
        let mut places = vec![0..0; marks.len()];
        let mut start = 0;
        for line in text.split('\n') {
            let cut = cut(line, width);
            // Without the `…` that stands for what is cut.
            let kept =
                if cut.len() == line.len() { line.len() } else { cut.len().saturating_sub('…'.len_utf8()) };
            for (mark, place) in marks.iter().zip(&mut places) {
                if (start..=start + line.len()).contains(&mark.start) {
                    let within = |offset: usize| shown.len() + offset.saturating_sub(start).min(kept);
                    *place = within(mark.start)..within(mark.end);
                }
            }
            shown.push_str(&cut);
            shown.push('\n');
            start += line.len() + 1;
        }
        shown.pop();
        let mut places = places.into_iter();
        let id = printable(finding.target.id.as_str());
        Some(Self {
            id,
            first_line: *first_line,
            text: shown,
            primary: places.next()?,
            marks: places.collect(),
        })
    }

    /// The columns that a label of the value at fault has.
    fn room(&self, style: &Style) -> usize {
        let line =
            self.text.get(..self.primary.start).map_or(0, |before| before.rfind('\n').map_or(0, |at| at + 1));
        let width = |range: Range<usize>| self.text.get(range).map_or(0, display_width);
        let last = self.first_line + self.text.matches('\n').count();
        let before = last.to_string().len() + BEFORE_LABEL;
        let middle = width(line..self.primary.start) + width(self.primary.clone()) / 2;
        style.width.saturating_sub(before + middle)
    }
}

impl SourceCode for Lines<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let contents = self.text.as_str().read_span(span, before, after)?;
        Ok(Box::new(MietteSpanContents::new_named(
            self.id.to_string(),
            contents.data(),
            *contents.span(),
            contents.line() + self.first_line - 1,
            contents.column(),
            contents.line_count(),
        )))
    }
}

/// What should stand in place of the value at fault, or beside it, and whether that is all of it; `None` where there is
/// no room to say anything of use.
fn label(finding: &Finding, room: usize) -> Option<(String, bool)> {
    let values = Values::of(finding);
    // Of members what is marked are those that are added.
    let before = match (values, &finding.actual) {
        (Values::Members, Some(_)) => values.actual(),
        (Values::Members | Values::Whole, _) => "",
    };
    let fitting =
        |label: &str, is_whole| (display_width(label) <= room).then(|| (label.to_owned(), is_whole));
    let Some(expected) = &finding.expected else {
        return fitting(before, true).filter(|_| !before.is_empty());
    };
    if expected.as_array().is_some_and(Vec::is_empty) {
        return fitting("must not be here", true);
    }
    let name = match before {
        "" => values.expected().to_owned(),
        before => format!("{before}; {}", values.expected()),
    };
    let longest = room.min(LONGEST_LABEL).saturating_sub(name.len() + 1);
    let whole = printable(&text(expected)).into_owned();
    if display_width(&whole) <= longest {
        Some((format!("{name} {whole}"), true))
    } else if longest >= SHORTEST {
        Some((format!("{name} {}", brief(expected, &whole, longest)), false))
    } else {
        fitting(before, false).filter(|_| !before.is_empty())
    }
}

/// A value on one line.
pub(super) fn text(value: &Value) -> String {
    match value.as_array() {
        Some(items) => format!("[{}]", items.iter().map(Value::to_string).collect::<Vec<_>>().join(", ")),
        None => value.to_string(),
    }
}

/// The first members of a list, or the first characters of anything else.
fn brief(value: &Value, whole: &str, longest: usize) -> String {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let some = (1..items.len()).map(|count| {
        let members = items.iter().take(count).map(|item| printable(&item.to_string()).into_owned());
        format!("[{}, … {} more]", members.collect::<Vec<_>>().join(", "), items.len() - count)
    });
    let fitting = some.take_while(|text| display_width(text) <= longest).last();
    fitting.unwrap_or_else(|| cut(whole, longest))
}

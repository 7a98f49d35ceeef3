//! One finding as miette draws it.

use std::fmt;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents,
    SourceCode, SourceSpan, SpanContents,
};

use super::{LONGEST, one_line};
use crate::finding::{Excerpt, Finding, Severity};
use crate::report::Style;
use crate::untrusted::{printable, shortened};

/// The headline, the excerpt with its marks, and what was expected.
pub(super) fn render(finding: &Finding, style: &Style) -> String {
    let mut text = String::new();
    let theme = if style.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(style.width).with_links(false);
    let diagnostic = Snippet {
        finding,
        lines: finding.evidence.excerpt.as_ref().map(|excerpt| Lines { finding, excerpt }),
    };
    if handler.render_report(&mut text, &diagnostic).is_err() {
        // miette refuses a span that is outside of the text; the finding must be said all the same.
        text = format!("  {diagnostic}\n");
    }
    text
}

#[derive(Debug)]
struct Snippet<'f> {
    finding: &'f Finding,
    lines: Option<Lines<'f>>,
}

impl fmt::Display for Snippet<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { severity, rule, message, carried, .. } = self.finding;
        let carried = if *carried { " (carried over)" } else { "" };
        let message = one_line(&shortened(message, LONGEST));
        write!(formatter, "{severity}[{}]: {message}{carried}", printable(&rule.id))
    }
}

impl std::error::Error for Snippet<'_> {}

impl Diagnostic for Snippet<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Critical | Severity::High => miette::Severity::Error,
            Severity::Medium => miette::Severity::Warning,
            Severity::Low | Severity::Info => miette::Severity::Advice,
        })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.lines.as_ref().map(|lines| lines as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let excerpt = self.lines.as_ref()?.excerpt;
        let expected = self.finding.expected.as_ref().map_or_else(
            || "this".to_owned(),
            |expected| match expected.as_array() {
                Some(none) if none.is_empty() => "must not be here".to_owned(),
                _ => format!("expected {}", shortened(&printable(&expected.to_string()), 60)),
            },
        );
        let marks = excerpt.marks.iter().enumerate().map(move |(index, mark)| match index {
            0 => LabeledSpan::new_primary_with_span(Some(expected.clone()), mark.clone()),
            _ => LabeledSpan::new_with_span(None, mark.clone()),
        });
        Some(Box::new(marks))
    }
}

/// The excerpt, numbered by the lines of the document, under the target's name.
#[derive(Debug)]
struct Lines<'f> {
    finding: &'f Finding,
    excerpt: &'f Excerpt,
}

impl SourceCode for Lines<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let contents = self.excerpt.text.as_ref().read_span(span, before, after)?;
        Ok(Box::new(MietteSpanContents::new_named(
            printable(self.finding.target.id.as_str()).into_owned(),
            contents.data(),
            *contents.span(),
            contents.line() + self.excerpt.first_line - 1,
            contents.column(),
            contents.line_count(),
        )))
    }
}

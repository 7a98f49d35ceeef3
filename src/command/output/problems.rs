//! How an error is printed: one head, then each of its problems with its excerpt. miette's own handler puts `Error:`
//! before every problem, and a head before those of each file.

use std::error::Error;
use std::fmt::{self, Display};

use crate::untrusted::printable;
use miette::{Diagnostic, LabeledSpan, MietteHandler, ReportHandler, Severity, SourceCode};

/// miette's handler for one problem, and ours for several.
pub struct Problems(pub MietteHandler);

impl ReportHandler for Problems {
    fn debug(&self, error: &dyn Diagnostic, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.debug(&Alone { diagnostic: error, source: None }, formatter)?;
        related(error, None).iter().try_for_each(|problem| {
            writeln!(formatter)?;
            self.0.debug(problem, formatter)
        })
    }
}

/// The problems of an error, and in place of those that only gather others these.
fn related<'d>(diagnostic: &'d (dyn Diagnostic + 'd), source: Option<&'d dyn SourceCode>) -> Vec<Alone<'d>> {
    let source = diagnostic.source_code().or(source);
    let problems = diagnostic.related().into_iter().flatten();
    let problems = problems.flat_map(|problem| {
        let gathered = related(problem, source);
        if gathered.is_empty() { vec![Alone { diagnostic: problem, source }] } else { gathered }
    });
    problems.collect()
}

/// A problem without those that belong to it, over the text of the one that it belongs to.
struct Alone<'d> {
    diagnostic: &'d (dyn Diagnostic + 'd),
    source: Option<&'d dyn SourceCode>,
}

impl fmt::Debug for Alone<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.diagnostic, formatter)
    }
}

impl Display for Alone<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A message may have the name of a file in it, or an argument.
        formatter.write_str(&printable(&self.diagnostic.to_string()))
    }
}

impl Error for Alone<'_> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.diagnostic.source()
    }
}

impl Diagnostic for Alone<'_> {
    fn severity(&self) -> Option<Severity> {
        self.diagnostic.severity()
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.diagnostic.help()
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.diagnostic.source_code().or(self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.diagnostic.labels()
    }

    fn diagnostic_source(&self) -> Option<&dyn Diagnostic> {
        self.diagnostic.diagnostic_source()
    }
}

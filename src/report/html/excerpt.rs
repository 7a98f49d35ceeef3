//! The lines of a document, cut where marks begin and end.

use crate::finding::Excerpt;

/// One line of an excerpt.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<'r> {
    pub(super) number: usize,
    pub(super) pieces: Vec<Piece<'r>>,
}

/// Text that is marked as a whole, or not at all.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece<'r> {
    pub(super) text: &'r str,
    pub(super) mark: Option<Mark>,
}

/// What a mark says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// The value at fault.
    Primary,
    /// Another value that belongs to it.
    Secondary,
}

impl Mark {
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
        }
    }
}

pub(super) fn lines(excerpt: &Excerpt) -> Vec<Line<'_>> {
    let mut begin = 0;
    let lines = excerpt.text.split('\n').zip(excerpt.first_line..).map(|(text, number)| {
        let start = begin;
        begin += text.len() + 1;
        Line { number, pieces: pieces(excerpt, text, start) }
    });
    lines.collect()
}

/// A mark that is not of this text, in a report that was read back, cuts nothing.
fn pieces<'r>(excerpt: &Excerpt, line: &'r str, start: usize) -> Vec<Piece<'r>> {
    let mut cuts: Vec<usize> = excerpt
        .marks
        .iter()
        .flat_map(|mark| [mark.start, mark.end])
        .filter_map(|cut| cut.checked_sub(start))
        .filter(|cut| *cut < line.len() && line.is_char_boundary(*cut))
        .chain([0, line.len()])
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    let piece = |(from, to): (usize, usize)| {
        let marked = excerpt.marks.iter().position(|mark| mark.contains(&(start + from)));
        let mark = marked.map(|index| if index == 0 { Mark::Primary } else { Mark::Secondary });
        Piece { text: &line[from..to], mark }
    };
    cuts.windows(2).map(|pair| piece((pair[0], pair[1]))).collect()
}

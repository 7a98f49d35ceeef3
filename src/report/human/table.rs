//! A table that keeps to the width of the terminal: names are cut, or go on in the next line, before a column is left
//! out, and ids are never cut.

use std::io;

use owo_colors::Style as Paint;
use textwrap::core::display_width;

use super::Page;
use crate::untrusted::shortened;

/// The blanks between two columns.
const GAP: usize = 2;

/// One column: its title, and a cell for each row.
pub(super) struct Column {
    title: &'static str,
    /// Below this it is not cut.
    least: usize,
    is_wrapped: bool,
    is_right: bool,
    cells: Vec<Cell>,
}

/// Text without control characters, and how it is painted.
pub(super) struct Cell {
    text: String,
    paint: Option<Paint>,
}

impl Cell {
    pub(super) fn painted(text: impl Into<String>, paint: Paint) -> Self {
        Self { text: text.into(), paint: Some(paint) }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self { text: text.into(), paint: None }
    }
}

impl Column {
    /// Whole, or left out; the first one is whole at any width.
    pub(super) fn text<C: Into<Cell>>(title: &'static str, cells: impl IntoIterator<Item = C>) -> Self {
        let cells = cells.into_iter().map(Into::into).collect();
        Self { title, least: usize::MAX, is_wrapped: false, is_right: false, cells }
    }

    pub(super) fn numbers(title: &'static str, cells: impl IntoIterator<Item = usize>) -> Self {
        Self::right(title, cells.into_iter().map(|number| number.to_string()))
    }

    /// As for numbers: at the right edge.
    pub(super) fn right<C: Into<Cell>>(title: &'static str, cells: impl IntoIterator<Item = C>) -> Self {
        Self { is_right: true, ..Self::text(title, cells) }
    }

    /// Cut where there is no room, though not below this width.
    pub(super) fn cut_to(self, least: usize) -> Self {
        Self { least, ..self }
    }

    /// Goes on in the next line where there is no room, though not below this width.
    pub(super) fn wrapped_to(self, least: usize) -> Self {
        Self { least, is_wrapped: true, ..self }
    }

    /// The lines of a text in so much room.
    fn lines(&self, text: &str, width: usize) -> Vec<String> {
        if !self.is_wrapped || display_width(text) <= width {
            return vec![cut(text, width)];
        }
        let options = textwrap::Options::new(width)
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        textwrap::wrap(text, options).into_iter().map(|line| cut(&line, width)).collect()
    }

    fn widest(&self) -> usize {
        let cells = self.cells.iter().map(|cell| display_width(&cell.text));
        cells.chain([self.title.len()]).max().unwrap_or_default()
    }

    fn narrowest(&self) -> usize {
        self.least.max(self.title.len()).min(self.widest())
    }

    fn cell(&self, row: usize) -> (&str, Option<Paint>) {
        self.cells.get(row).map_or(("", None), |cell| (&cell.text, cell.paint))
    }
}

/// Whether the whole of every column fits.
pub(super) fn is_whole(page: &Page<'_>, columns: &[Column]) -> bool {
    let gaps = GAP * columns.len().saturating_sub(1);
    columns.iter().map(Column::widest).sum::<usize>() + gaps <= page.style.width
}

/// The most important columns come first: the last ones are left out where there is no room.
pub(super) fn write(page: &mut Page<'_>, columns: &[Column]) -> io::Result<()> {
    let rows = columns.iter().map(|column| column.cells.len()).max().unwrap_or_default();
    let shown = fitting(columns, page.style.width);
    let title = shown.iter().map(|(column, width)| padded(column.title, *width, column.is_right));
    let title = title.collect::<Vec<_>>().join("  ");
    page.line(page.paint(title.trim_end(), Paint::new().dimmed()))?;
    for row in 0..rows {
        let cells: Vec<_> = shown
            .iter()
            .map(|(column, width)| {
                let (text, paint) = column.cell(row);
                (column.lines(text, *width), *width, column.is_right, paint)
            })
            .collect();
        let height = cells.iter().map(|(lines, ..)| lines.len()).max().unwrap_or_default();
        for index in 0..height {
            let cells = cells.iter().map(|(lines, width, is_right, paint)| {
                let cell = padded(lines.get(index).map_or("", String::as_str), *width, *is_right);
                match paint {
                    Some(paint) if index < lines.len() => page.paint(&cell, *paint),
                    _ => cell,
                }
            });
            let line = cells.collect::<Vec<_>>().join("  ");
            page.line(line.trim_end())?;
        }
    }
    Ok(())
}

/// The columns that there is room for, and their widths.
fn fitting(columns: &[Column], width: usize) -> Vec<(&Column, usize)> {
    let mut shown: Vec<(&Column, usize)> = Vec::new();
    let mut taken = 0;
    for column in columns {
        let gap = if shown.is_empty() { 0 } else { GAP };
        if !shown.is_empty() && taken + gap + column.narrowest() > width {
            break;
        }
        taken += gap + column.narrowest();
        shown.push((column, column.narrowest()));
    }
    let mut room = width.saturating_sub(taken);
    for (column, given) in &mut shown {
        let more = room.min(column.widest() - *given);
        *given += more;
        room -= more;
    }
    shown
}

/// As much of a text as there is room for, with `…` for the rest.
pub(super) fn cut(text: &str, width: usize) -> String {
    if display_width(text) <= width {
        return text.to_owned();
    }
    // Some characters are two columns wide.
    (0..width)
        .rev()
        .map(|longest| shortened(text, longest))
        .find(|cut| display_width(cut) <= width)
        .unwrap_or_default()
        .into_owned()
}

fn padded(text: &str, width: usize, is_right: bool) -> String {
    let blanks = " ".repeat(width.saturating_sub(display_width(text)));
    if is_right { format!("{blanks}{text}") } else { format!("{text}{blanks}") }
}

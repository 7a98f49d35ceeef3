//! Cutting the lines that a finding shows out of a printed document.

use std::ops::Range;

use crate::finding::Excerpt;

/// Lines shown above and below what is marked.
const CONTEXT: usize = 1;
/// The most lines between the first and the last mark; marks further down are left out.
const MOST_LINES: usize = 6;
/// The most characters of one line: a value may hold 64 KB.
const LONGEST_LINE: usize = 160;

/// The lines of `text` around `marks`, byte ranges of values, in their order; the first is primary.
/// There is at least one mark. `starts` are the offsets at which lines begin.
pub(super) fn cut(text: &str, starts: &[usize], marks: &[Range<usize>]) -> Excerpt {
    let line_of = |offset: usize| starts.partition_point(|start| *start <= offset).saturating_sub(1);
    let first_mark = marks.iter().map(|mark| line_of(mark.start)).min().unwrap_or(0);
    let last_mark = marks
        .iter()
        .map(|mark| line_of(mark.start))
        .filter(|line| *line < first_mark + MOST_LINES)
        .max()
        .unwrap_or(first_mark);
    let first = first_mark.saturating_sub(CONTEXT);
    let last = (last_mark + CONTEXT).min(starts.len().saturating_sub(1));

    let mut shown = String::new();
    let mut shown_marks = Vec::new();
    for line in first..=last {
        let start = starts[line];
        let end = starts.get(line + 1).map_or(text.len(), |next| next - 1);
        let whole = text[start..end].trim_end_matches('\n');
        let kept = whole.char_indices().nth(LONGEST_LINE).map_or(whole.len(), |(at, _)| at);
        let offset = shown.len();
        shown.push_str(&whole[..kept]);
        if kept < whole.len() {
            shown.push('…');
        }
        // A value of many lines is marked on its first, and a long one as far as it is shown.
        for mark in marks.iter().filter(|mark| line_of(mark.start) == line) {
            let from = (mark.start - start).min(kept);
            let to = (mark.end.min(start + whole.len()) - start).clamp(from, kept);
            shown_marks.push(offset + from..offset + to);
        }
        if line < last {
            shown.push('\n');
        }
    }
    Excerpt { first_line: first + 1, text: shown.into_boxed_str(), marks: shown_marks }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        text.split_inclusive('\n').scan(0, |at, line| Some(std::mem::replace(at, *at + line.len()))).collect()
    }

    #[test]
    fn marks_stay_on_their_values() {
        let text = "{\n  \"a\": [\n    \"x\",\n    \"y\"\n  ],\n  \"b\": 1\n}\n";
        let at =
            |piece: &str| text.find(piece).expect("there")..text.find(piece).expect("there") + piece.len();
        let lines = lines(text);
        let excerpt = cut(text, &lines, &[at("\"x\""), at("\"y\"")]);
        assert_eq!(excerpt.first_line, 2);
        assert_eq!(&*excerpt.text, "  \"a\": [\n    \"x\",\n    \"y\"\n  ],");
        let marked: Vec<_> = excerpt.marks.iter().map(|mark| &excerpt.text[mark.clone()]).collect();
        assert_eq!(marked, ["\"x\"", "\"y\""]);
        assert_eq!(cut(text, &lines, &[0..text.len()]).marks, [0..1]);
    }

    #[test]
    fn a_huge_value_is_cut() {
        let text = format!("{{\n  \"a\": \"{}\"\n}}\n", "ä".repeat(70_000));
        let excerpt = cut(&text, &lines(&text), &[9..text.len() - 3]);
        assert!(excerpt.text.len() < 1_000);
        assert!(excerpt.marks[0].end <= excerpt.text.len());
    }
}

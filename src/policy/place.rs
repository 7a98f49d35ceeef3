//! From lines to byte ranges: readers of YAML, JSON and TOML name lines, and excerpts want bytes.

use std::ops::Range;

/// The bytes of a line, from 1, without the white space around it; the end of a text that is shorter.
pub(super) fn line(text: &str, number: usize) -> Range<usize> {
    let start: usize = text.split_inclusive('\n').take(number.saturating_sub(1)).map(str::len).sum();
    let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let indent = line.len() - line.trim_start().len();
    start + indent..start + indent + line.trim().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_by_its_number() {
        let text = "a\r\n  b: c \nd";
        for (number, expected) in [(1, "a"), (2, "b: c"), (3, "d"), (4, ""), (99, "")] {
            assert_eq!(&text[line(text, number)], expected);
        }
    }
}

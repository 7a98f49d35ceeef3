//! Values as lines of JSON that keep to the width of the terminal. What is too long is cut where nothing differs; the
//! `…` of a cut stands outside of the quotes, because inside it could be the value's own.

use serde_json::Value;
use textwrap::core::display_width;

use crate::report::diff::Apart;
use crate::untrusted::{printable_json, shortened};

/// The most characters of one text, or of one line of a nested value.
const LONGEST: usize = 600;
/// How much is shown of what two long texts have in common before and after the difference, in characters.
const CONTEXT: usize = 30;
/// The most lines that a text takes whole, where it is compared with another one.
const MOST_WHOLE: usize = 3;
/// The most lines, or members of a set, of one side.
const MOST: usize = 50;
/// How many lines are shown of what two nested values have in common before and after the difference.
const LINES_ALIKE: usize = 2;

/// Which side a line is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// Expected, and not there.
    Gone,
    /// There, and not expected.
    New,
}

impl Sign {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "-",
            Self::New => "+",
        }
    }
}

/// The lines of both sides, without their signs, in `width` columns with them.
pub(super) fn lines(apart: &Apart, width: usize) -> Vec<(Sign, String)> {
    // The sign and the blank behind it; below this nothing can be read.
    let room = width.saturating_sub(2).max(20);
    let [gone, new] = match apart {
        Apart::Value { expected, actual } => pair(expected, actual, room),
        Apart::Members { missing, added } => match (&missing[..], &added[..]) {
            ([missing], [added]) => pair(missing, added, room),
            (missing, added) => [each(missing), each(added)],
        },
    };
    let signed = |sign, lines: Vec<String>| {
        lines.into_iter().flat_map(move |line| folded(&line, room)).map(move |line| (sign, line))
    };
    signed(Sign::Gone, gone).chain(signed(Sign::New, new)).collect()
}

/// Two values in place of each other.
fn pair(expected: &Value, actual: &Value, room: usize) -> [Vec<String>; 2] {
    let (expected, actual) = match (expected, actual) {
        (Value::String(expected), Value::String(actual)) => {
            return texts(expected, actual, room).map(|text| vec![text]);
        }
        // They have nothing in common.
        (Value::String(_), _) | (_, Value::String(_)) => {
            return [expected, actual].map(|value| each(std::slice::from_ref(value)));
        }
        (expected, actual) => (printed(expected), printed(actual)),
    };
    let before = expected.iter().zip(&actual).take_while(|(a, b)| a == b).count();
    let rest = expected.iter().skip(before).rev().zip(actual.iter().skip(before).rev());
    let after = rest.take_while(|(a, b)| a == b).count();
    let lines = |of: &[String], other: &[String]| {
        let kept = before.saturating_sub(LINES_ALIKE)..of.len() - after.saturating_sub(LINES_ALIKE);
        let shown = kept.clone().map(|at| match (&of[at], other.get(at)) {
            (line, Some(other)) if line != other && line.chars().nth(LONGEST).is_some() => {
                cut_where_alike(line, other, str::to_owned)
            }
            (line, _) => shortened(line, LONGEST).into_owned(),
        });
        let dots = |is_whole: bool| (!is_whole).then(|| "…".to_owned());
        let shown = first(shown, kept.len());
        dots(kept.start == 0).into_iter().chain(shown).chain(dots(kept.end == of.len())).collect()
    };
    [lines(&expected, &actual), lines(&actual, &expected)]
}

/// The first lines.
fn first(lines: impl Iterator<Item = String>, count: usize) -> Vec<String> {
    let more = count.checked_sub(MOST + 1).map(|more| format!("… {} more; --format json has all", more + 1));
    lines.take(MOST).chain(more).collect()
}

/// The lines of values that are compared with nothing.
fn each(values: &[Value]) -> Vec<String> {
    let lines = values.iter().flat_map(|value| match value {
        Value::String(text) => vec![whole(text)],
        other => printed(other).iter().map(|line| shortened(line, LONGEST).into_owned()).collect(),
    });
    let lines: Vec<String> = lines.collect();
    let count = lines.len();
    first(lines.into_iter(), count)
}

/// The lines of one value: several for a nested one.
fn printed(value: &Value) -> Vec<String> {
    printable_json(format!("{value:#}")).lines().map(str::to_owned).collect()
}

fn quoted(text: &str) -> String {
    printable_json(Value::from(text).to_string())
}

/// A text, without its middle where it is too long: its end may be what tells it from others.
fn whole(text: &str) -> String {
    let count = text.chars().count();
    if count <= LONGEST {
        return quoted(text);
    }
    let (head, tail) = (LONGEST * 2 / 3, LONGEST / 3);
    let (head, tail) = (quoted(part(text, 0, head)), quoted(part(text, count - tail, count)));
    format!("{head}…{tail} ({count} characters)")
}

/// Two texts, whole where they are short; else without what they have in common.
fn texts(expected: &str, actual: &str, room: usize) -> [String; 2] {
    let both = [expected, actual];
    if both.iter().all(|text| display_width(&quoted(text)) <= MOST_WHOLE * room) {
        return both.map(quoted);
    }
    [cut_where_alike(expected, actual, quoted), cut_where_alike(actual, expected, quoted)]
}

/// A text without what it begins and ends with as another one does, but for some context.
fn cut_where_alike(text: &str, other: &str, print: impl Fn(&str) -> String) -> String {
    let (count, others) = (text.chars().count(), other.chars().count());
    let before = text.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let after = text.chars().rev().zip(other.chars().rev()).take_while(|(a, b)| a == b).count();
    let after = after.min(count.min(others) - before);
    let start = before.saturating_sub(CONTEXT);
    let end = (count - after.saturating_sub(CONTEXT)).min(start + LONGEST);
    let dots = |is_whole: bool| if is_whole { "" } else { "…" };
    format!("{}{}{}", dots(start == 0), print(part(text, start, end)), dots(end == count))
}

/// A part of a text, by characters.
fn part(text: &str, start: usize, end: usize) -> &str {
    let byte = |at: usize| text.char_indices().nth(at).map_or(text.len(), |(byte, _)| byte);
    &text[byte(start)..byte(end)]
}

/// A line in pieces that are no wider than `room`, broken after blanks where there are some. Nothing is lost: put
/// together, the pieces are the line, but for the blanks that each but the first begins with.
fn folded(line: &str, room: usize) -> Vec<String> {
    const INDENT: &str = "  ";
    let mut pieces = vec![String::new()];
    let mut width = 0;
    let mut put = |text: &str, added: usize| {
        if width > 0 && width + added > room {
            pieces.push(INDENT.to_owned());
            width = INDENT.len();
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push_str(text);
        }
        width += added;
    };
    let mut buffer = [0; 4];
    for word in line.split_inclusive(' ') {
        let added = display_width(word);
        if added <= room - INDENT.len() {
            put(word, added);
        } else {
            for character in word.chars() {
                let character = character.encode_utf8(&mut buffer);
                put(character, display_width(character));
            }
        }
    }
    pieces
}

#[cfg(test)]
mod tests;

//! Text from outside in GitHub's Markdown: it means itself, and nothing else.
//!
//! Escaping is not enough: GitHub looks for `@names`, `#1`, commits, `:emoji:` and addresses in the text that a parser
//! of Markdown has made, entities and backslashes resolved. It leaves code alone. So plain words stay prose, and all
//! others become code.

use crate::untrusted::{printable, shortened};

/// A text of at most so many characters, for the inside of a line or of a cell of a table.
pub(super) fn inert(text: &str, longest: usize) -> String {
    let text = printable(text);
    let text = shortened(&text, longest);
    if !is_prose(&text) {
        return code(&text);
    }
    let mut inert = String::with_capacity(text.len() + 16);
    match quoting(&text) {
        // What a message puts into backticks is code, without them.
        Some(parts) => {
            for (index, part) in parts.into_iter().enumerate() {
                if index % 2 == 1 { inert.push_str(&code(part)) } else { prose(part, &mut inert) }
            }
        }
        None => prose(&text, &mut inert),
    }
    inert
}

/// What stands outside and inside of pairs of backticks, in turn; `None` where they are no quotation marks.
fn quoting(text: &str) -> Option<Vec<&str>> {
    let parts: Vec<&str> = text.split('`').collect();
    let last = parts.len() - 1;
    let is_quoting = parts.iter().enumerate().all(|(index, part)| {
        if index % 2 == 1 {
            return index < last && !part.trim().is_empty();
        }
        let begins = index == 0
            || (index == last && part.is_empty())
            || part.starts_with([' ', ',', '.', ';', ':', ')']);
        let ends = index == last || (index == 0 && part.is_empty()) || part.ends_with([' ', '(']);
        begins && ends
    });
    is_quoting.then_some(parts)
}

fn prose(text: &str, inert: &mut String) {
    let mut words = text.split(' ').peekable();
    let mut before = "";
    let mut is_first = inert.is_empty();
    while let Some(word) = words.next() {
        inert.push_str(before);
        before = " ";
        let begins_list = std::mem::take(&mut is_first) && is_number_of_list(word);
        if !begins_list && (word.is_empty() || is_plain(word)) {
            inert.push_str(word);
            continue;
        }
        let mut risky = word.to_owned();
        while let Some(next) = words.next_if(|next| !next.is_empty() && !is_plain(next)) {
            risky.push(' ');
            risky.push_str(next);
        }
        let (risky, mark) = match risky.char_indices().next_back() {
            Some((at, ',' | '.' | ';' | ':')) if at > 0 => risky.split_at(at),
            _ => (risky.as_str(), ""),
        };
        inert.push_str(&code(risky));
        inert.push_str(mark);
    }
}

/// The same as code, all of it.
pub(super) fn code(text: &str) -> String {
    // No spelling of a pipe survives in a cell of a table for every reader: a backslash before it is one more character
    // for some.
    let text = printable(text).replace('|', "\\u{7c}");
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    let runs: Vec<usize> = text.split(|character| character != '`').map(str::len).collect();
    let fence = "`".repeat((1..=text.len() + 1).find(|length| !runs.contains(length)).unwrap_or(1));
    // A blank at both ends is taken away, if there is more than blanks.
    let is_blank = text.chars().all(|character| character == ' ');
    let needs_blanks = |end: Option<char>| matches!(end, Some(' ' | '`'));
    let blank = if !is_blank && (needs_blanks(text.chars().next()) || needs_blanks(text.chars().next_back()))
    {
        " "
    } else {
        ""
    };
    format!("{fence}{blank}{text}{blank}{fence}")
}

/// Whether the blanks between the words are what Markdown keeps.
fn is_prose(text: &str) -> bool {
    let words = text.split(' ').all(|word| !word.is_empty());
    words && !text.contains(|character: char| character.is_whitespace() && character != ' ')
}

/// Whether a word means itself wherever it stands, but for a number at the beginning of a line.
fn is_plain(word: &str) -> bool {
    let core = word
        .trim_start_matches(['(', '"', '\''])
        .trim_end_matches([',', ';', ':', '.', '!', '?', ')', '"', '\'']);
    if core.is_empty() {
        return !word.contains("::");
    }
    let is_letter = |character: char| character.is_alphanumeric() || !character.is_ascii();
    let ends = core.starts_with(is_letter) && core.ends_with(is_letter);
    ends && core.chars().all(|character| is_letter(character) || "-./,'".contains(character))
        && !is_reference(core)
}

/// `1.` begins a list, if it begins a line.
fn is_number_of_list(word: &str) -> bool {
    word.strip_suffix(['.', ')']).is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What GitHub makes a link of: `www.`, a commit, `GH-1` or the ticket of another tracker.
fn is_reference(word: &str) -> bool {
    let mut parts = word.split(|character: char| !character.is_ascii_alphanumeric());
    let is_commit = |part: &str| part.len() >= 7 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_ticket =
        word.split('-').skip(1).any(|part| part.starts_with(|first: char| first.is_ascii_digit()));
    parts.any(is_commit) || is_ticket || word.to_ascii_lowercase().contains("www.")
}

#[cfg(test)]
mod tests;

//! Text from outside — app names, messages, URIs — that must never become markup or control.
//!
//! Each format escapes what is special in it; what is special everywhere is decided here.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character could steer a terminal, reorder a line or hide in it: controls, bidirectional
/// and zero-width formatting, line separators, tags.
#[must_use]
pub fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The runner of GitHub Actions obeys `##[command]` anywhere in a line of a log (and `::command::` where a line
/// begins: whoever breaks lines sees to that).
const COMMAND: &str = "##[";

/// One printable line: every unprintable character, and the bracket of a workflow command, becomes `\u{…}`.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.contains(COMMAND) {
        return Cow::Owned(printable(&text.replace(COMMAND, "##\\u{5b}")).into_owned());
    }
    if !text.contains(is_unprintable) {
        return Cow::Borrowed(text);
    }
    let mut printed = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_unprintable(character) {
            printed.extend(character.escape_unicode());
        } else {
            printed.push(character);
        }
    }
    Cow::Owned(printed)
}

/// JSON text with every unprintable character but the line breaks between values as `\uXXXX`, and no
/// workflow command: the same JSON, since outside strings JSON has no such character.
#[must_use]
pub fn printable_json(json: String) -> String {
    if json.contains(COMMAND) {
        return printable_json(json.replace(COMMAND, "##\\u005b"));
    }
    let special = |character| is_unprintable(character) && character != '\n';
    if !json.contains(special) {
        return json;
    }
    let mut printed = String::with_capacity(json.len() + 64);
    let mut units = [0; 2];
    for character in json.chars() {
        if special(character) {
            for unit in character.encode_utf16(&mut units) {
                // Writing to a String cannot fail.
                let _ = write!(printed, "\\u{unit:04x}");
            }
        } else {
            printed.push(character);
        }
    }
    printed
}

/// The first `longest` characters, with `…` where some were cut.
#[must_use]
pub fn shortened(text: &str, longest: usize) -> Cow<'_, str> {
    match text.char_indices().nth(longest) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(
            printable("a\u{1b}[31mb\r\n\u{202e}c\u{9b}"),
            "a\\u{1b}[31mb\\u{d}\\u{a}\\u{202e}c\\u{9b}"
        );
        assert_eq!(printable("###[error]x"), "###\\u{5b}error]x");
        assert!(matches!(printable("Größe 漢字 😀"), Cow::Borrowed(_)));
    }

    #[test]
    fn printable_json_is_the_same_json() {
        let value = serde_json::json!({"k\u{200b}": "a\u{202e}\u{e0041}\u{7f}😀\n ##[x]###[y]"});
        let printed = printable_json(serde_json::to_string_pretty(&value).expect("serialises"));
        assert!(!printed.contains(|c| is_unprintable(c) && c != '\n') && !printed.contains(COMMAND));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&printed).expect("still JSON"), value);
    }
}

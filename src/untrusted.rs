//! Text from outside — app names, messages, URIs — that must never become markup or control.
//!
//! Each format escapes what is special in it; what is special everywhere is decided here.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::RangeInclusive;

/// Whether a character could steer a terminal, reorder a line or hide in it: controls, bidirectional
/// and zero-width formatting, line separators, and whatever is drawn as nothing.
///
/// Selectors of variants are among them, and an emoji that asks for its colours with one shows it as an
/// escape: text can be smuggled in those that follow a letter, byte for byte.
#[must_use]
pub fn is_unprintable(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_control();
    }
    character.is_control() || HIDDEN.iter().any(|hidden| hidden.contains(&character))
}

/// Unicode's `Default_Ignorable_Code_Point` (DerivedCoreProperties.txt), which is drawn as nothing wherever it is not
/// known; and with it what ends a line (2028, 2029), annotates one (FFF9–FFFB) or is an empty pattern of dots (2800).
const HIDDEN: [RangeInclusive<char>; 18] = [
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{2800}'..='\u{2800}',
    '\u{3164}'..='\u{3164}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff0}'..='\u{fffb}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0000}'..='\u{e0fff}',
];

/// The text with something else for the bracket of every command to a runner; `None` where there is none.
///
/// Runners of CI obey `##[command]` (GitHub Actions), `##vso[…]` (Azure Pipelines) and `##teamcity[…]` anywhere in a line
/// of a log. (`::command::` counts where a line begins: whoever breaks lines sees to that.)
fn without_commands(text: &str, bracket: &str) -> Option<String> {
    if !text.contains("##") {
        return None;
    }
    let mut inert = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("##") {
        let name = rest[at..].trim_start_matches('#');
        let after = name.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "._-".contains(c));
        inert.push_str(&rest[..rest.len() - after.len()]);
        rest = match after.strip_prefix('[') {
            Some(after) => {
                inert.push_str(bracket);
                after
            }
            None => after,
        };
    }
    inert.push_str(rest);
    (inert != text).then_some(inert)
}

/// One printable line: every unprintable character, and the bracket of a workflow command, becomes `\u{…}`.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if let Some(text) = without_commands(text, "\\u{5b}") {
        return Cow::Owned(printable(&text).into_owned());
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
    if let Some(json) = without_commands(&json, "\\u005b") {
        return printable_json(json);
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
        assert_eq!(printable("##vso[task] ##teamcity[a]"), "##vso\\u{5b}task] ##teamcity\\u{5b}a]");
        assert!(matches!(printable("Größe 漢字 😀"), Cow::Borrowed(_)));
    }

    #[test]
    fn nothing_hides_in_a_line() {
        for hidden in [
            // A byte of smuggled text is one of 256 selectors.
            "\u{fe00}\u{fe0f}\u{e0100}\u{e01ef}",
            // Tags, and what has yet no meaning in their block.
            "\u{e0000}\u{e0041}\u{e0080}\u{e0fff}",
            // Fillers and joiners, with the width of a letter or none.
            "\u{ad}\u{34f}\u{115f}\u{1160}\u{17b4}\u{17b5}\u{180b}\u{180e}\u{180f}\u{2800}\u{3164}\u{ffa0}",
            "\u{200b}\u{200d}\u{2060}\u{206f}\u{feff}\u{fff0}\u{fff8}\u{fff9}\u{fffb}",
            "\u{1bca0}\u{1bca3}\u{1d173}\u{1d17a}",
            // What reorders or breaks a line.
            "\u{61c}\u{202a}\u{2066}\u{2028}\u{2029}\u{85}\u{7f}\0\t\n",
        ] {
            for hidden in hidden.chars() {
                assert_eq!(printable(&format!("a{hidden}b")), format!("a{}b", hidden.escape_unicode()));
            }
        }
        let shown = " ~\u{a0}ß\u{301}\u{1161}가\u{2010}\u{202f}⠿\u{fdff}\u{fe10}\u{fffd}😀\u{1d172}\u{dffff}\u{e1000}";
        assert!(
            matches!(printable(shown), Cow::Borrowed(_)),
            "{:?}",
            shown.chars().find(|c| is_unprintable(*c))
        );
    }

    #[test]
    fn printable_json_is_the_same_json() {
        let value = serde_json::json!({"k\u{200b}": "a\u{202e}\u{e0041}\u{7f}😀\n ##[x]###[y]##vso[z]"});
        let printed = printable_json(serde_json::to_string_pretty(&value).expect("serialises"));
        assert!(
            !printed.contains(|c| is_unprintable(c) && c != '\n')
                && !printed.contains("vso[")
                && !printed.contains("##[")
        );
        assert_eq!(serde_json::from_str::<serde_json::Value>(&printed).expect("still JSON"), value);
    }
}

//! Addresses that a terminal opens: OSC 8, where it knows them.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::report::Style;

/// What ends an address, or belongs in none, beside what is not ASCII.
const SPECIAL: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'`').add(b'{').add(b'}');

/// Printable text that leads to an address, if it is one of the Web and the terminal knows links.
pub(super) fn linked(style: &Style, address: &str, text: &str) -> String {
    if style.links && address.starts_with("https://") {
        let address = utf8_percent_encode(address, SPECIAL);
        format!("\u{1b}]8;;{address}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Style = Style { color: true, links: true, width: 80, include_waived: false };

    #[test]
    fn only_addresses_of_the_web_become_links_and_nothing_in_them_ends_one() {
        assert_eq!(
            linked(&STYLE, "https://a.example/\u{1b}\\\u{7} ö\u{9c}", "x"),
            "\u{1b}]8;;https://a.example/%1B%5C%07%20%C3%B6%C2%9C\u{1b}\\x\u{1b}]8;;\u{1b}\\"
        );
        for other in ["http://a.example", "javascript:x", "file:///etc/passwd", "HTTPS//a", ""] {
            assert_eq!(linked(&STYLE, other, "x"), "x");
        }
        assert_eq!(linked(&Style { links: false, ..STYLE }, "https://a.example", "x"), "x");
    }
}

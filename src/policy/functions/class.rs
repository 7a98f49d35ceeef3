//! Classes of characters and escapes in patterns, as Go reads them.

use super::pattern::next;

const DIGIT: &str = "0-9";
/// Without the vertical tab, which only `[:space:]` has.
const SPACE: &str = r"\t\n\x0C\r ";
const WORD: &str = "0-9A-Za-z_";
/// A class that nothing is in. In a pattern over text, half a surrogate pair is never met.
const NOTHING: &str = r"[^\x{0}-\x{10FFFF}]";

/// Scripts by the names that Go knows. Since Go 1.25 it looks them up without underscores and in another case, and
/// so does not find those of several words (`Old_Italic`): they are errors in OPA, too.
const SCRIPTS: &[&str] = &[
    "Adlam",
    "Ahom",
    "Arabic",
    "Armenian",
    "Avestan",
    "Balinese",
    "Bamum",
    "Batak",
    "Bengali",
    "Bhaiksuki",
    "Bopomofo",
    "Brahmi",
    "Braille",
    "Buginese",
    "Buhid",
    "Carian",
    "Chakma",
    "Cham",
    "Cherokee",
    "Chorasmian",
    "Common",
    "Coptic",
    "Cuneiform",
    "Cypriot",
    "Cyrillic",
    "Deseret",
    "Devanagari",
    "Dogra",
    "Duployan",
    "Elbasan",
    "Elymaic",
    "Ethiopic",
    "Georgian",
    "Glagolitic",
    "Gothic",
    "Grantha",
    "Greek",
    "Gujarati",
    "Gurmukhi",
    "Han",
    "Hangul",
    "Hanunoo",
    "Hatran",
    "Hebrew",
    "Hiragana",
    "Inherited",
    "Javanese",
    "Kaithi",
    "Kannada",
    "Katakana",
    "Kawi",
    "Kharoshthi",
    "Khmer",
    "Khojki",
    "Khudawadi",
    "Lao",
    "Latin",
    "Lepcha",
    "Limbu",
    "Lisu",
    "Lycian",
    "Lydian",
    "Mahajani",
    "Makasar",
    "Malayalam",
    "Mandaic",
    "Manichaean",
    "Marchen",
    "Medefaidrin",
    "Miao",
    "Modi",
    "Mongolian",
    "Mro",
    "Multani",
    "Myanmar",
    "Nabataean",
    "Nandinagari",
    "Newa",
    "Nko",
    "Nushu",
    "Ogham",
    "Oriya",
    "Osage",
    "Osmanya",
    "Palmyrene",
    "Phoenician",
    "Rejang",
    "Runic",
    "Samaritan",
    "Saurashtra",
    "Sharada",
    "Shavian",
    "Siddham",
    "Sinhala",
    "Sogdian",
    "Soyombo",
    "Sundanese",
    "Syriac",
    "Tagalog",
    "Tagbanwa",
    "Takri",
    "Tamil",
    "Tangsa",
    "Tangut",
    "Telugu",
    "Thaana",
    "Thai",
    "Tibetan",
    "Tifinagh",
    "Tirhuta",
    "Toto",
    "Ugaritic",
    "Vai",
    "Vithkuqi",
    "Wancho",
    "Yezidi",
    "Yi",
];

/// One character, as itself or by its number. A number that is no character matches nothing.
pub(super) fn literal(code: u32) -> String {
    match char::from_u32(code) {
        Some(character) if character.is_ascii_alphanumeric() => character.to_string(),
        Some(_) => format!(r"\x{{{code:X}}}"),
        None => NOTHING.to_owned(),
    }
}

/// `[…]`, of which the opening bracket is read.
pub(super) fn bracketed(rest: &mut &str, fold: bool) -> Result<String, String> {
    let written = *rest;
    let missing = || format!("missing closing ]: `[{written}`");
    let mut class = String::from("[");
    if let Some(behind) = rest.strip_prefix('^') {
        class.push('^');
        *rest = behind;
    }
    let mut first = true;
    let (mut before_surrogates, mut behind_surrogates) = (false, false);
    while first || !rest.starts_with(']') {
        first = false;
        if rest.starts_with("[:")
            && let Some(end) = rest[2..].find(":]")
        {
            let (name, behind) = rest.split_at(end + 4);
            class.push_str(&named(name).ok_or_else(|| format!("invalid character class range: `{name}`"))?);
            *rest = behind;
            continue;
        }
        if let Some(escaped) = escaped(rest)? {
            class.push_str(&escaped);
            continue;
        }
        let range = *rest;
        let low = one(rest).unwrap_or_else(|| Err(missing()))?;
        let mut high = low;
        if rest.starts_with('-') && rest.len() > 1 && !rest.starts_with("-]") {
            *rest = &rest[1..];
            high = one(rest).unwrap_or_else(|| Err(missing()))?;
            if high < low {
                let range = &range[..range.len() - rest.len()];
                return Err(format!("invalid character class range: `{range}`"));
            }
        }
        push_range(&mut class, low, high);
        before_surrogates |= low <= 0xD7FF && high >= 0xD7FF;
        behind_surrogates |= low <= 0xE000 && high >= 0xE000;
    }
    *rest = &rest[1..];
    if before_surrogates && behind_surrogates {
        // The crate takes the surrogates between two such ranges for a gap, whose negation is its two ends.
        push_range(&mut class, 0xD7FF, 0xE000);
    }
    if matches!(class.as_str(), "[" | "[^") {
        class.push_str(NOTHING);
    }
    class.push(']');
    Ok(if fold { format!("(?i:{class})") } else { class })
}

/// One character of a class; `None` at the end.
fn one(rest: &mut &str) -> Option<Result<u32, String>> {
    if rest.starts_with('\\') { Some(character(rest)) } else { next(rest).map(|c| Ok(u32::from(c))) }
}

/// A range that neither begins nor ends among the surrogates: those are no characters.
fn push_range(class: &mut String, low: u32, high: u32) {
    let is_surrogate = |code| matches!(code, 0xD800..=0xDFFF);
    let (low, high) =
        (if is_surrogate(low) { 0xE000 } else { low }, if is_surrogate(high) { 0xD7FF } else { high });
    if low <= high {
        class.push_str(&literal(low));
        class.push('-');
        class.push_str(&literal(high));
    }
}

/// `[:alpha:]` and its like, in ASCII.
fn named(name: &str) -> Option<String> {
    let inner = &name[2..name.len() - 2];
    let (negated, inner) = inner.strip_prefix('^').map_or(("", inner), |inner| ("^", inner));
    let members = match inner {
        "alnum" => "0-9A-Za-z",
        "alpha" => "A-Za-z",
        "ascii" => r"\x00-\x7F",
        "blank" => r"\t ",
        "cntrl" => r"\x00-\x1F\x7F",
        "digit" => DIGIT,
        "graph" => "!-~",
        "lower" => "a-z",
        "print" => " -~",
        "punct" => r"!-/:-@\x5B-`\x7B-~",
        "space" => r"\t\n\x0B\x0C\r ",
        "upper" => "A-Z",
        "word" => WORD,
        "xdigit" => "0-9A-Fa-f",
        _ => return None,
    };
    Some(format!("[{negated}{members}]"))
}

/// An escape that is a class: `\d`, `\pL`. `None` where there is none at the front.
pub(super) fn escaped(rest: &mut &str) -> Result<Option<String>, String> {
    let Some(escape) = rest.strip_prefix('\\') else { return Ok(None) };
    let class = match escape.chars().next() {
        Some('d') => format!("[{DIGIT}]"),
        Some('D') => format!("[^{DIGIT}]"),
        Some('s') => format!("[{SPACE}]"),
        Some('S') => format!("[^{SPACE}]"),
        Some('w') => format!("[{WORD}]"),
        Some('W') => format!("[^{WORD}]"),
        Some('p' | 'P') => return unicode(rest).map(Some),
        _ => return Ok(None),
    };
    *rest = &escape[1..];
    Ok(Some(class))
}

/// `\pL`, `\p{Greek}`, `\P{^Lu}`.
fn unicode(rest: &mut &str) -> Result<String, String> {
    let written = *rest;
    let mut negated = written.starts_with(r"\P");
    let behind = &written[2..];
    let name = if let Some(braced) = behind.strip_prefix('{') {
        let (name, behind) =
            braced.split_once('}').ok_or_else(|| format!("invalid character class range: `{written}`"))?;
        *rest = behind;
        name
    } else {
        let end = behind.chars().next().map_or(0, char::len_utf8);
        *rest = &behind[end..];
        &behind[..end]
    };
    let name = name.strip_prefix('^').map_or(name, |name| {
        negated = !negated;
        name
    });
    let unknown = || format!("invalid character class range: `{}`", &written[..written.len() - rest.len()]);
    let class = match canonical(name).as_str() {
        "Any" => r"\x{0}-\x{10FFFF}".to_owned(),
        "Ascii" => r"\x00-\x7F".to_owned(),
        "Cs" | "Surrogate" => NOTHING.to_owned(),
        "Assigned" => r"\P{gc=Cn}".to_owned(),
        script if SCRIPTS.contains(&script) => format!(r"\p{{sc={script}}}"),
        category if !category.starts_with("Is") && !category.is_empty() => format!(r"\p{{gc={category}}}"),
        _ => return Err(unknown()),
    };
    let class = format!("[{}{class}]", if negated { "^" } else { "" });
    // Whether there is such a category, the crate knows.
    regex::Regex::new(&class).map_err(|_| unknown())?;
    Ok(class)
}

/// A name as Go looks it up: a capital, then small letters.
fn canonical(name: &str) -> String {
    let mut letters = name.chars().filter(|c| !matches!(c, '_' | '-' | ' '));
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(letters.map(|c| c.to_ascii_lowercase())).collect()
}

/// An escape that is one character: `\n`, `\x41`, `\.`; its number.
pub(super) fn character(rest: &mut &str) -> Result<u32, String> {
    let written = *rest;
    let mut behind = &written[1..];
    let code = match next(&mut behind) {
        None => return Err("trailing backslash at the end".to_owned()),
        // One digit is a back reference, which Go does not have.
        Some(digit @ '0'..='7') if digit == '0' || behind.starts_with(|c| matches!(c, '0'..='7')) => {
            let more = behind.bytes().take(2).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
            let digits = &written[1..2 + more];
            behind = &behind[more..];
            u32::from_str_radix(digits, 8).ok()
        }
        Some('x') => hexadecimal(&mut behind),
        Some('a') => Some(0x07),
        Some('f') => Some(0x0C),
        Some('n') => Some(0x0A),
        Some('r') => Some(0x0D),
        Some('t') => Some(0x09),
        Some('v') => Some(0x0B),
        Some(mark) if mark.is_ascii() && !mark.is_ascii_alphanumeric() => Some(u32::from(mark)),
        Some(_) => None,
    };
    let code = code.ok_or_else(|| {
        let end = if behind.len() < written.len() { written.len() - behind.len() } else { written.len() };
        format!("invalid escape sequence: `{}`", &written[..end])
    })?;
    *rest = behind;
    Ok(code)
}

/// What follows `\x`: two digits, or any number of them in braces.
fn hexadecimal(rest: &mut &str) -> Option<u32> {
    let (digits, behind) = if let Some(braced) = rest.strip_prefix('{') {
        braced.split_once('}')?
    } else {
        rest.split_at_checked(2)?
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    *rest = behind;
    let significant = digits.trim_start_matches('0');
    let code = if significant.is_empty() { 0 } else { u32::from_str_radix(significant, 16).ok()? };
    (code <= u32::from(char::MAX)).then_some(code)
}

//! YAML without quotes that means one thing here and another in OPA: `no` is a text in YAML 1.2 and `false` in OPA's
//! YAML 1.1, `012` twelve and ten. Whoever writes it means one of the two, and nobody knows which; who writes the id of
//! an account means neither.

use std::ops::Range;

use serde_json::Value;

/// What stands without quotes in the YAML that `value` was read from, and is something else in OPA: where, and what.
pub(super) fn ambiguous(text: &str, value: &Value) -> Option<(Range<usize>, &'static str)> {
    let mut found: Option<(Range<usize>, &'static str)> = None;
    let mut todo = vec![value];
    let mut numbers = Vec::new();
    let mut check = |word: &str| {
        if let Some(read) = read_by_opa(word)
            && let Some(at) = plain(text, word)
            && found.as_ref().is_none_or(|(first, _)| at.start < first.start)
        {
            found = Some((at, read));
        }
    };
    while let Some(value) = todo.pop() {
        match value {
            Value::String(word) => check(word),
            Value::Array(items) => todo.extend(items),
            Value::Object(members) => members.iter().for_each(|(name, value)| {
                check(name);
                todo.push(value);
            }),
            Value::Number(number) => numbers.extend(number.as_f64()),
            Value::Null | Value::Bool(_) => {}
        }
    }
    // With a zero before it, a number here is another one in OPA: `012` is ten, and an account has lost its zero.
    for (at, _) in text.match_indices('0') {
        let length = text[at..].bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'_').count();
        let word = &text[at..at + length];
        let read = word.replace('_', "").parse().ok();
        if length > 1
            && is_plain(text, word, at)
            && read.is_some_and(|read: f64| numbers.iter().any(|number| number.total_cmp(&read).is_eq()))
            && found.as_ref().is_none_or(|(first, _)| at < first.start)
        {
            return Some((at..at + length, "a number without its zero, or an octal one,"));
        }
    }
    found
}

/// What OPA 1.20 makes of a word without quotes, where it makes no text of it.
fn read_by_opa(word: &str) -> Option<&'static str> {
    let casings = |lower: &str| {
        let first = lower[..1].to_uppercase() + &lower[1..];
        word == lower || word == first || word == lower.to_uppercase()
    };
    if ["y", "yes", "on", "true"].into_iter().any(casings) {
        return Some("`true`");
    }
    if ["n", "no", "off", "false"].into_iter().any(casings) {
        return Some("`false`");
    }
    let digits = word.trim_start_matches(['+', '-']).replace('_', "");
    let (radix, digits) = match digits.get(..2) {
        Some("0x") => (16, &digits[2..]),
        Some("0o") => (8, &digits[2..]),
        Some("0b") => (2, &digits[2..]),
        _ => (10, digits.as_str()),
    };
    let is_number = digits.starts_with(|c: char| c.is_digit(radix))
        && (digits.chars().all(|c| c.is_digit(radix)) || (radix == 10 && digits.parse::<f64>().is_ok()));
    is_number.then_some("a number")
}

/// Where a word is a key or a value without quotes.
fn plain(text: &str, word: &str) -> Option<Range<usize>> {
    text.match_indices(word)
        .map(|(at, _)| at)
        .find(|at| is_plain(text, word, *at))
        .map(|at| at..at + word.len())
}

fn is_plain(text: &str, word: &str, at: usize) -> bool {
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let (before, after) = (&text[line..at], text[at + word.len()..].lines().next().unwrap_or_default());
    let is_comment = before.trim_start().starts_with('#') || before.contains(" #");
    let begins = match before.trim_end().chars().next_back() {
        None | Some('[' | '{' | ',') => true,
        Some(':' | '-' | '?') => before.ends_with([' ', '\t']),
        Some(_) => false,
    };
    let mut behind = after.trim_start().chars();
    let ends = match behind.next() {
        None | Some(',' | ']' | '}') => true,
        Some(':') => behind.next().is_none_or(char::is_whitespace),
        Some('#') => after.starts_with([' ', '\t']),
        Some(_) => false,
    };
    !is_comment && begins && ends
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_opa_reads_otherwise_is_found_without_quotes_alone() {
        for (yaml, expected) in [
            ("a: no", Some("no")),
            ("a: On # c", Some("On")),
            ("a: [x, OFF]", Some("OFF")),
            ("y: 1", Some("y")),
            ("a:\n  - x\n  - yes\n", Some("yes")),
            ("a: {b: n}", Some("n")),
            ("account: 011122223333", Some("011122223333")),
            ("a: 08", Some("08")),
            ("a: [1, 0_12]", Some("0_12")),
            ("a: 0\nb: 0.5\nc: 100\nd: 00:30\ne: |\n  - 08\n", None),
            ("a: \"no\"\nb: 'yes'\n\"on\": 1", None),
            ("a: \"012\"", None),
            ("a: no way\nb: say no", None),
            ("a: \"no\" # or: no", None),
            ("a: nO", None),
            ("a: 1.2.3\nb: 2020-01-01\nc: 1:30\nd: eu-west-1", None),
            ("a: 12\nb: true\nc: ~", None),
            ("a: x-on\nb: c:on\nd: on-call", None),
        ] {
            let value = super::super::yaml(yaml).expect(yaml).0;
            let found = ambiguous(yaml, &value).map(|(at, _)| &yaml[at]);
            assert_eq!(found, expected, "{yaml}: {value}");
        }
    }
}

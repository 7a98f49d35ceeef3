//! audit.toml as it may be shown: a mistyped line may hold a secret, and errors quote lines.

use regex::Regex;

use crate::untrusted::is_unprintable;

/// The text with everything masked that stands behind a key that speaks of a secret, and nothing that steers a
/// terminal, at the same length and on the same lines. The text need not be TOML: a mistyped line holds a secret
/// as well as another. Rather too much is masked than too little.
pub(super) fn masked(text: &str) -> String {
    let words = secret_words();
    let mut hidden = String::with_capacity(text.len());
    let mut value = OpenValue::default();
    let mut in_secret_table = false;
    // The value of a secret may stand below its name: a pasted key, another file's habit, a broken line.
    let mut below_secret = false;
    for line in text.split_inclusive('\n') {
        below_secret = below_secret && !begins_entry(line);
        let from = if value.is_open() || below_secret { Some(0) } else { secret_from(line, &words) };
        if !value.is_open() && line.trim_start().starts_with('[') {
            in_secret_table = from.is_some();
        }
        let (shown, secret) = line.split_at(from.unwrap_or(if in_secret_table { 0 } else { line.len() }));
        hidden.push_str(shown);
        below_secret = below_secret || (!value.is_open() && from.is_some() && !begins_value(secret));
        hidden.push_str(&replace_in_place(secret, '*', |c| !c.is_whitespace() && c != '='));
        if value.is_open() {
            value.read(secret);
        } else if !in_secret_table {
            // The rest of the key may hold its closing quote.
            value.read(secret.split_once(['=', ':']).map_or(secret, |(_, value)| value));
        }
    }
    replace_in_place(&hidden, '?', |c| is_unprintable(c) && !matches!(c, '\n' | '\r' | '\t'))
}

/// Whether a line ends what stands below a secret: a blank one, a table, or the next key.
fn begins_entry(line: &str) -> bool {
    let line = line.trim();
    line.is_empty()
        || line.starts_with('[')
        || line.split_once('=').is_some_and(|(key, _)| {
            let key = key.trim();
            !key.is_empty() && key.chars().all(|c| is_bare(c) || matches!(c, '.' | '"' | '\''))
        })
}

/// Whether the value of a key begins on its line, in a form that says where it ends.
fn begins_value(after_name: &str) -> bool {
    after_name.split_once('=').is_some_and(|(_, value)| {
        value.trim_start().starts_with(|c: char| matches!(c, '"' | '\'' | '[' | '{') || c.is_ascii_digit())
    })
}

fn secret_words() -> Regex {
    #[expect(clippy::expect_used, reason = "a constant pattern, compiled by a test")]
    Regex::new("(?i)(?:secret|private[ ._-]?key|pass[ ._-]?word|passwd|passphrase|token|credential|api[ ._-]?key|access[ ._-]?key|external[ ._-]?id)[a-z0-9_-]*")
        .expect("a valid pattern")
}

/// Where what a line hides begins: behind a word of a secret that stands where a key may stand.
fn secret_from(line: &str, words: &Regex) -> Option<usize> {
    let mut start = 0;
    for entry in line.split_inclusive(['{', ',', '#']) {
        let (key, value) = entry.split_once('=').unwrap_or((entry, ""));
        let secret = words.find_iter(key).find(|word| {
            let after = key[word.end()..].trim();
            // `password/too_short` is a rule; `password.min_length = 14` and its table are parameters.
            let is_rule = after.starts_with('/');
            let is_parameter = word.as_str() == "password"
                && after.strip_prefix('.').is_some_and(|name| name.chars().all(is_bare))
                && is_number(value.trim_end_matches(['}', ',', '#', ' ', '\r', '\n']).trim_start());
            !is_rule && !is_parameter && key.trim() != "[policies.params.password]"
        });
        if let Some(word) = secret {
            return Some(start + word.end());
        }
        start += entry.len();
    }
    None
}

fn is_bare(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
}

/// A number, or one of few digits that stands in quotes by mistake: no password is that short.
fn is_number(value: &str) -> bool {
    let quoted = ['"', '\''].into_iter().find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
    match quoted {
        Some(digits) => digits.len() <= 3 && digits.chars().all(is_digit),
        None => value.chars().all(is_digit),
    }
}

fn is_digit(character: char) -> bool {
    character.is_ascii_digit() || character == '_'
}

/// How far a value is open that goes on past its line.
#[derive(Default)]
struct OpenValue {
    quote: Option<&'static str>,
    brackets: usize,
}

impl OpenValue {
    fn is_open(&self) -> bool {
        self.quote.is_some() || self.brackets > 0
    }

    fn read(&mut self, mut rest: &str) {
        while let Some(character) = rest.chars().next() {
            let mut length = character.len_utf8();
            match (self.quote, character) {
                (Some(quote), _) if rest.starts_with(quote) => {
                    length = quote.len();
                    self.quote = None;
                }
                (Some("\"" | "\"\"\""), '\\') => length += rest[1..].chars().next().map_or(0, char::len_utf8),
                (None, '"' | '\'') => {
                    self.quote =
                        ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| rest.starts_with(quote));
                    length = self.quote.map_or(1, str::len);
                }
                (None, '[' | '{') => self.brackets += 1,
                (None, ']' | '}') => self.brackets = self.brackets.saturating_sub(1),
                (None, '#') => return,
                (Some(_) | None, _) => {}
            }
            rest = &rest[length..];
        }
    }
}

/// The text with some characters replaced, at the same length in bytes.
fn replace_in_place(text: &str, with: char, which: impl Fn(char) -> bool) -> String {
    text.chars()
        .flat_map(
            |c| if which(c) { std::iter::repeat_n(with, c.len_utf8()) } else { std::iter::repeat_n(c, 1) },
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_below_their_names_are_masked() {
        for text in [
            "secret =\n\"hunter2\"\n",
            "client_secret\n= \"hunter2\"\n",
            "private-key = -----BEGIN PRIVATE KEY-----\nMIIEhunter2\n-----END PRIVATE KEY-----\n",
            "secret: |\n  hunter2\n",
            "external_id = \"hunter2\"\n",
        ] {
            let masked = masked(&format!("{text}\n[audit]\nfail-on = 1\n"));
            assert!(!masked.contains("hunter2") && masked.contains("fail-on = 1"), "{masked}");
        }
    }

    #[test]
    fn a_parameter_in_quotes_by_mistake_is_shown() {
        for (text, is_shown) in [
            ("password.min_length = \"14\"", true),
            ("password.min_length = '8' # eight", true),
            ("password.min_length = \"1234\"", false),
            ("password.min_length = \"abc\"", false),
            ("password = \"14\"", false),
        ] {
            assert_eq!(masked(text).contains(text), is_shown, "{text}");
        }
    }

    #[test]
    fn secrets_are_masked_in_place() {
        let text = "a = 1\nsecret-access-key = \"hunter2\" # c\nlabels = { api_token = 'hunter2' }\nx.password = \"\"\"\nhunter2\n\"\"\"\nexternal-id = [\"hunter2\"]\npassword.min_length = 14\nsecret = \"hunter2";
        let masked = masked(text);
        assert!(!masked.contains("hunter2"), "{masked}");
        assert_eq!(masked.len(), text.len());
        assert_eq!(masked.lines().count(), text.lines().count());
        assert!(
            masked.contains("password.min_length = 14") && masked.contains("a = 1\nsecret-access-key = *")
        );
    }
}

//! What to do about an error of the engine's parser, where the usual cause is known: Rego as it was before v1, other
//! languages, a name that means two things. The engine says what it expected, and not what was meant.

use std::ops::Range;

use super::analysis::makes_findings;

/// Advice for a message of the engine about a place of a text.
pub(super) fn advice(message: &str, text: &str, at: &Range<usize>) -> Option<String> {
    let start = text.get(..at.start)?.rfind('\n').map_or(0, |end| end + 1);
    let line = text.get(start..)?.lines().next().unwrap_or_default();
    let (before, here) = line.split_at_checked(at.start - start)?;
    if let Some(named) = line.strip_prefix("package ") {
        return package(named);
    }
    let head = head(text.get(..at.start)?);
    if message.contains("else cannot be used with set") && !here.starts_with("else") {
        let head = head.split(" if ").next().unwrap_or(head).trim_end_matches([' ', '{']);
        return Some(format!("two bodies are two rules: write `{head} if` before the second one, too"));
    }
    if here.starts_with("else") && head.contains(" contains ") {
        return Some("a set has no `else`: write a rule for each case".to_owned());
    }
    if message.contains("`if` keyword is required") {
        return Some(before_v1(before, here));
    }
    if message.contains("used before definition") {
        let name = message.split('`').nth(1)?;
        return Some(format!(
            "`{name}` is the name of something else around here, a rule, an import or a variable: give this one another name"
        ));
    }
    if message.contains("shadows previous import") && (line.contains("rego.v1") || line.contains("future.")) {
        return Some("take this import out: Rego v1 has these keywords by itself".to_owned());
    }
    let stated = match message {
        _ if message.contains("cannot be shadowed") => {
            "`input` and `data` are what is given: a variable needs another name"
        }
        _ if message.contains("invalid character in string") => {
            "a text in quotes ends on its line; one in backquotes may go on"
        }
        _ if message.contains("Missing package") && is_empty(text) => {
            "there is nothing in this file: take it away, or begin it with its package, `package acme.mfa`"
        }
        _ if message.contains("Missing package") => "a file begins with its package: `package acme.mfa`",
        "invalid character" => match here.chars().next()? {
            '\'' | '\u{2018}' | '\u{2019}' | '\u{201c}' | '\u{201d}' | '\u{201e}' | '«' | '»' => {
                "texts stand in straight double quotes, or in backquotes"
            }
            '!' => "write `not`",
            '?' => "Rego has no `? :`; write two definitions of the rule, or `else`",
            '\u{a0}' => "this is a space that does not break: replace it by an ordinary one",
            _ => return None,
        },
        "expecting expression" if here.starts_with('&') => {
            "there is no `&&`: the expressions of a body are all true, each on a line of its own"
        }
        "expecting expression" if here.starts_with('|') => {
            "there is no `||`: write a definition of the rule for each case, or `x in {…}`"
        }
        "rule must have a body or assignment" if here.starts_with("or ") => {
            "there is no `or`: write a definition of the rule for each case, or `x in {…}`"
        }
        "rule must have a body or assignment" if here.starts_with("and ") => {
            "there is no `and`: the expressions of a body are all true, each on a line of its own"
        }
        "rule must have a body or assignment" => "write `… if { … }`, or give it a value with `:=`",
        _ if message.contains("parse rule-ref") && before.contains(" contains ") => {
            "a set has members and no values: write `deny contains msg if { msg := … }`"
        }
        _ if message.contains("while parsing membership expression") => {
            "outside of brackets a comma stands in `key, value in …` alone: the expressions of a body stand on lines of their own"
        }
        _ if message.contains("while parsing set") => {
            "the expressions of a body stand on lines of their own, without commas"
        }
        _ if message.contains("while parsing query") && before.trim_end().ends_with("for") => {
            "write `some x in …` for any of them, `every x in … { … }` for all"
        }
        _ if message.contains("while parsing query") => {
            "the expressions of a body stand on lines of their own, or with `;` between them"
        }
        _ => return None,
    };
    Some(stated.to_owned())
}

/// How a package is named whose name no package can have, where that is what is wrong.
fn package(named: &str) -> Option<String> {
    let written = named.split_whitespace().next().unwrap_or_default();
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let parts = written.split('.').map(|part| {
        let part: String = part.chars().map(|c| if is_name(c) { c } else { '_' }).collect();
        if part.starts_with(|c: char| c.is_ascii_digit()) { format!("_{part}") } else { part }
    });
    let better = parts.collect::<Vec<_>>().join(".");
    (better != written)
        .then(|| format!("a name has letters, digits and `_`, and begins with no digit: `package {better}`"))
}

/// The line that begins the rule that goes on where this text ends.
fn head(before: &str) -> &str {
    let begins = |line: &&str| line.starts_with(|c: char| c.is_alphabetic() || c == '_');
    before.lines().rev().find(begins).unwrap_or_default()
}

/// Whether there is nothing but comments.
fn is_empty(text: &str) -> bool {
    text.lines().map(str::trim_start).all(|line| line.is_empty() || line.starts_with('#'))
}

/// How a rule that is written as before Rego v1 is written now.
fn before_v1(before: &str, here: &str) -> String {
    let head = before.trim();
    let name: String = head.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let key = head.strip_prefix(name.as_str()).and_then(|rest| rest.strip_prefix('[')?.strip_suffix(']'));
    match key {
        Some(key) if makes_findings(&name) => {
            format!("write `{name} contains {key} if {{ … }}`, as in Rego v1")
        }
        _ if here.starts_with("else") => "write `else := … if { … }`, as in Rego v1".to_owned(),
        _ => "write `if` before the body, as in Rego v1".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::policy::module::Module;

    #[test]
    fn frequent_mistakes_have_advice() {
        for (rule, advice) in [
            ("deny[msg] { msg := 1 }", "`deny contains msg if { … }`"),
            ("warn_x[{\"msg\": m}] { m := 1 }", "`warn_x contains {\"msg\": m} if { … }`"),
            ("weak { true }", "write `if` before the body"),
            ("f(x) := 1 if { x } else = 2 { true }", "`else := … if { … }`"),
            ("import future.keywords.in\nimport rego.v1", "take this import out"),
            ("a if input.x == 1 && true", "there is no `&&`"),
            ("a if input.x == 1 || true", "there is no `||`"),
            ("a if input.x == 1 or input.y", "there is no `or`"),
            ("a if input.x == 1 and input.y", "there is no `and`"),
            ("deny contains 'x' if true", "double quotes"),
            ("deny contains \u{201c}x\u{201d} if true", "double quotes"),
            ("a if !input.x", "write `not`"),
            ("a := true ? 1 : 2", "two definitions"),
            ("deny contains msg := \"x\" if true", "a set has members"),
            ("a if {\n\tx = 1,\n\ttrue\n}", "without commas"),
            ("a if { for x in input.y { x } }", "`some x in …`"),
            ("a if { input.x == 1 input.y == 2 }", "`;` between them"),
            ("a := \"x", "ends on its line"),
            (
                "deny contains msg if {\n\tmsg := 1\n} {\n\tmsg := 2\n}",
                "write `deny contains msg if` before the second one",
            ),
            ("deny contains 1 if {\n\ttrue\n} else {\n\ttrue\n}", "a set has no `else`"),
            ("deny contains 1 if {\n\ttrue\n} else := 2 if {\n\ttrue\n}", "a set has no `else`"),
            ("a if {\n\tinput.x == 1,\n\tb := 2\n}", "on lines of their own"),
            ("a if input.x == 1, input.y == 2", "on lines of their own"),
        ] {
            advises(&format!("package a\n\n{rule}\n"), advice);
        }
    }

    #[test]
    fn a_file_without_a_proper_package_has_advice() {
        for (text, advice) in [
            ("package acme.my-rule\n\ndeny contains 1 if true\n", "`package acme.my_rule`"),
            ("package acme.2fa\n\ndeny contains 1 if true\n", "`package acme._2fa`"),
            ("package acme/mfa\n\ndeny contains 1 if true\n", "`package acme_mfa`"),
            ("", "there is nothing in this file"),
            ("# later\n\n", "there is nothing in this file"),
            ("deny contains 1 if true\n", "a file begins with its package"),
        ] {
            advises(text, advice);
        }
    }

    fn advises(text: &str, advice: &str) {
        let error = Module::parse("a.rego", text).err().expect(text);
        assert!(
            error.advice().is_some_and(|said| said.contains(advice)),
            "{text}: {error}: {:?}",
            error.advice()
        );
    }
}

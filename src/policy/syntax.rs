//! What to do about an error of the engine's parser, where the usual cause is known: Rego as it was before v1, other
//! languages, a name that means two things. The engine says what it expected, and not what was meant.

use std::ops::Range;

use super::analysis::makes_findings;

/// Advice for a message of the engine about a place of a text.
pub(super) fn advice(message: &str, text: &str, at: &Range<usize>) -> Option<String> {
    let start = text.get(..at.start)?.rfind('\n').map_or(0, |end| end + 1);
    let line = text.get(start..)?.lines().next().unwrap_or_default();
    let (before, here) = line.split_at_checked(at.start - start)?;
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
        ] {
            let error = Module::parse("a.rego", &format!("package a\n\n{rule}\n")).err().expect(rule);
            assert!(
                error.advice().is_some_and(|said| said.contains(advice)),
                "{rule}: {error}: {:?}",
                error.advice()
            );
        }
    }
}

//! Which members speak of a secret, and what becomes of their values.

use std::borrow::Cow;
use std::sync::LazyLock;

use jsonc_parser::ast::Value as Node;
use regex::Regex;
use serde_json::Value;

/// What stands in a document in place of a secret.
pub const REDACTED: &str = "REDACTED";

/// Whether a member's name speaks of a secret, in any casing and with any separators.
#[must_use]
pub fn names_a_secret(name: &str) -> bool {
    let letters: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    WORDS.iter().any(|word| letters.contains(word))
}

/// Words of a secret, in lower case and without separators.
const WORDS: [&str; 14] = [
    "secret",
    "privatekey",
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "token",
    "credential",
    "apikey",
    "accesskey",
    "signingkey",
    "encryptionkey",
    "authorization",
    "bearer",
];

/// Text of an error, without what it assigns to a name that speaks of a secret (`client_secret=…`).
pub(super) fn without_secrets(text: &str) -> Cow<'_, str> {
    #[expect(clippy::expect_used, reason = "a constant pattern, compiled by a test")]
    static ASSIGNMENT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?i)((?:secret|token|pass(?:word|wd|phrase)|pwd|credential|[a-z]+[ _-]?key)[\w-]*["']?\s*[=:]\s*)("[^"]*"?|'[^']*'?|\S+)"#)
            .expect("a valid pattern")
    });
    ASSIGNMENT.replace_all(text, format!("${{1}}{REDACTED}"))
}

/// What may be kept of a secret: that there is none, or that there is one.
#[must_use]
pub(super) fn redact(node: &Node<'_>) -> Value {
    match node {
        Node::NullKeyword(_) => Value::Null,
        Node::StringLit(text) if text.value.is_empty() => Value::String(String::new()),
        Node::Object(object) if object.properties.is_empty() => Value::Object(serde_json::Map::new()),
        Node::Array(list) if list.elements.is_empty() => Value::Array(Vec::new()),
        Node::StringLit(_) | Node::NumberLit(_) | Node::BooleanLit(_) | Node::Object(_) | Node::Array(_) => {
            Value::String(REDACTED.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_lose_what_they_assign_to_a_secret() {
        for said in [
            "client_secret=hunter2 refused",
            "Password: hunter2",
            "{\"private_key\": \"hunter2 x\"}",
            "accessToken = 'hunter2'",
        ] {
            let kept = without_secrets(said);
            assert!(!kept.contains("hunter2") && kept.contains(REDACTED), "{kept}");
        }
        assert_eq!(
            without_secrets("NoSuchBucket: The bucket does not exist"),
            "NoSuchBucket: The bucket does not exist"
        );
    }

    #[test]
    fn names_are_recognised_in_any_spelling() {
        for name in [
            "client_secret",
            "ClientSecret",
            "PRIVATE-KEY",
            "privateKey",
            "Api.Token",
            "userPassword",
            "Geheim-pass_word",
        ] {
            assert!(names_a_secret(name), "{name}");
        }
        for name in ["client_id", "MFAMode", "keyId", "privacy"] {
            assert!(!names_a_secret(name), "{name}");
        }
    }
}

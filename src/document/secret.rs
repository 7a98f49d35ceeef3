//! Which members speak of a secret, and what becomes of their values.

use jsonc_parser::ast::Value as Node;
use serde_json::Value;

/// What stands in a document in place of a secret.
pub(super) const REDACTED: &str = "REDACTED";

/// Whether a member's name speaks of a secret, in any casing and with any separators.
#[must_use]
pub fn names_a_secret(name: &str) -> bool {
    let letters: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    ["secret", "privatekey", "password", "passwd", "passphrase", "token", "credential", "apikey", "accesskey"]
        .iter()
        .any(|word| letters.contains(word))
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

//! What may be told of a secret: whether there is one. Documents hold none, but files of the baseline are edited by hand.

use serde_json::{Map, Value};

use crate::document::{Outline, REDACTED, names_a_secret};

/// `value`, the member `name` that `outline` describes, without its secrets, as the parser of answers leaves them.
pub(super) fn redacted(value: &Value, name: &str, outline: Option<&Outline>) -> Value {
    if is_secret(name, outline) {
        return if is_empty(value) { value.clone() } else { REDACTED.into() };
    }
    match value {
        Value::Array(list) => list.iter().map(|element| redacted(element, "", None)).collect(),
        Value::Object(object) => {
            let members = object.iter().map(|(name, value)| {
                (name.clone(), redacted(value, name, outline.and_then(|outline| member(outline, name))))
            });
            Value::Object(members.collect::<Map<_, _>>())
        }
        scalar => scalar.clone(),
    }
}

/// Whether a member is a secret by its name. What is documented as no scalar is none: `PasswordPolicy` speaks of one.
pub(super) fn is_secret(name: &str, outline: Option<&Outline>) -> bool {
    !matches!(outline, Some(Outline::Object(_) | Outline::Map(_) | Outline::List(_))) && names_a_secret(name)
}

/// Whether nothing is in it, so that it can be no secret.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn member<'o>(outline: &'o Outline, name: &str) -> Option<&'o Outline> {
    match outline {
        Outline::Object(members) => {
            members.iter().find(|(known, _)| *known == name).map(|(_, outline)| outline)
        }
        Outline::Map(member) => Some(member),
        Outline::List(_)
        | Outline::Text
        | Outline::Number
        | Outline::Flag
        | Outline::Named(_)
        | Outline::OneOf(_) => None,
    }
}

//! A change, said in one line.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde_json::Value;

use super::{Change, Difference};
use crate::document::{REDACTED, names_a_secret};
use crate::untrusted::{printable, shortened};

/// The longest text that is shown whole, in characters.
const LONGEST: usize = 80;
/// How much is shown of what two long texts begin with alike, in characters.
const CONTEXT: usize = 20;
/// The most members of a set that are named.
const MOST: usize = 5;

/// What changed, without the place.
pub(super) fn describe(change: &Change) -> String {
    let what = match &change.difference {
        Difference::Value { expected, actual } if speaks_of_a_secret(&change.path, [expected, actual]) => {
            match (is_secret(expected), is_secret(actual)) {
                // Only labels are told apart by value.
                (true, true) => "another secret is set",
                (false, true) => "a secret is set where there was none",
                (_, false) => "the secret is gone",
            }
            .to_owned()
        }
        Difference::Value { expected, actual } => replaced(expected, actual),
        Difference::Members { missing, added } => {
            let parts = [("added", added), ("removed", missing)];
            let parts = parts.iter().filter(|(_, members)| !members.is_empty());
            let parts: Vec<_> = parts.map(|(what, members)| format!("{what} {}", listed(members))).collect();
            parts.join("; ")
        }
    };
    // A severity may be configured otherwise, and `audit diff` shows none.
    let what = if change.weakens { format!("weaker: {what}") } else { what };
    printable(&what).into_owned()
}

fn speaks_of_a_secret(path: &str, values: [&Value; 2]) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default().replace("~1", "/").replace("~0", "~");
    values.into_iter().any(is_secret) && names_a_secret(&name)
}

fn is_secret(value: &Value) -> bool {
    value == REDACTED
}

fn replaced(expected: &Value, actual: &Value) -> String {
    match (expected, actual) {
        (Value::Null, there) => format!("`{}` where nothing was", shortened(&text(there), LONGEST)),
        (gone, Value::Null) => format!("`{}` is gone", shortened(&text(gone), LONGEST)),
        (expected, actual) => {
            let (expected, actual) = (text(expected), text(actual));
            let [expected, actual] = where_they_differ(&expected, &actual);
            format!("`{actual}` replaced `{expected}`")
        }
    }
}

fn listed(members: &[Value]) -> String {
    let shown = members.iter().take(MOST).map(|member| format!("`{}`", shortened(&text(member), LONGEST)));
    let shown = shown.collect::<Vec<_>>().join(", ");
    match members.len().saturating_sub(MOST) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// A value as it is read: a text without quotes, unless it could be taken for another value.
fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) if !text.is_empty() && serde_json::from_str::<IgnoredAny>(text).is_err() => {
            Cow::Borrowed(text)
        }
        other => Cow::Owned(other.to_string()),
    }
}

/// Two texts, each shortened so that what differs is shown: two messages often begin alike.
fn where_they_differ(expected: &str, actual: &str) -> [String; 2] {
    let texts = [expected, actual];
    let is_long = texts.iter().any(|text| text.chars().nth(LONGEST).is_some());
    let alike = expected.chars().zip(actual.chars()).take_while(|(a, b)| a == b).count();
    let cut = if is_long { alike.saturating_sub(CONTEXT) } else { 0 };
    texts.map(|text| {
        let rest = text.char_indices().nth(cut).map_or("", |(start, _)| &text[start..]);
        let before = if cut > 0 { "…" } else { "" };
        format!("{before}{}", shortened(rest, LONGEST))
    })
}

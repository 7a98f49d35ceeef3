//! A document as people read it, and the place of each of its values in that text.

use std::ops::Range;

use serde_json::Value;

use crate::untrusted::printable_json;

/// JSON for people: two spaces, nothing unprintable, a final newline. Every member and every element begins a line,
/// so that the lines of a value follow from its shape and nothing has to be parsed again.
pub(super) struct Printed<'v> {
    value: &'v Value,
    pub(super) text: String,
    /// Where each line begins.
    pub(super) lines: Vec<usize>,
}

impl<'v> Printed<'v> {
    pub(super) fn new(value: &'v Value) -> Self {
        let mut text = printable_json(format!("{value:#}"));
        text.push('\n');
        let ends = text.match_indices('\n').map(|(at, _)| at + 1).filter(|at| *at < text.len());
        let lines = std::iter::once(0).chain(ends).collect();
        Self { value, text, lines }
    }

    /// The byte range of the value at a JSON pointer (RFC 6901), or of its nearest ancestor that is there.
    pub(super) fn locate(&self, pointer: &str) -> Range<usize> {
        let (mut value, mut line, mut is_member) = (self.value, 0, false);
        for token in pointer.split('/').skip(1) {
            let name = token.replace("~1", "/").replace("~0", "~");
            let below = match value {
                Value::Object(members) => {
                    let at = members.keys().position(|key| *key == name);
                    at.map(|at| (&members[&name], members.values().take(at).map(height).sum::<usize>()))
                }
                Value::Array(elements) => {
                    let at = name.parse::<usize>().ok().filter(|at| *at < elements.len());
                    at.map(|at| (&elements[at], elements[..at].iter().map(height).sum()))
                }
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
            };
            let Some((member, above)) = below else { break };
            is_member = value.is_object();
            value = member;
            line += 1 + above;
        }
        let first = &self.text[self.lines[line]..];
        let mut start = self.lines[line] + (first.len() - first.trim_start_matches(' ').len());
        if is_member {
            start += name_length(&self.text[start..]) + ": ".len();
        }
        let end = self.lines.get(line + height(value)).copied().unwrap_or(self.text.len());
        start..start + self.text[start..end].trim_end_matches(['\n', ',']).len()
    }
}

/// How many lines a value takes.
fn height(value: &Value) -> usize {
    match value {
        Value::Object(members) if !members.is_empty() => 2 + members.values().map(height).sum::<usize>(),
        Value::Array(elements) if !elements.is_empty() => 2 + elements.iter().map(height).sum::<usize>(),
        _ => 1,
    }
}

/// The length of the JSON string at the beginning of a text, with its quotes.
fn name_length(text: &str) -> usize {
    let mut is_escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    });
    end.map_or(text.len(), |end| end + 2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        let text = || {
            proptest::sample::select(vec![
                "",
                "a",
                "a/b",
                "~",
                "\"",
                "\\",
                "\\\"",
                "a\n,",
                "\u{202e}ä",
                "##[",
            ])
        };
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            text().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::vec((text(), inner), 0..5).prop_map(|members| {
                    Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
                }),
            ]
        })
    }

    /// Every pointer into a value, with what is there.
    fn pointers<'v>(value: &'v Value, at: &str, all: &mut Vec<(String, &'v Value)>) {
        all.push((at.to_owned(), value));
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    let name = name.replace('~', "~0").replace('/', "~1");
                    pointers(member, &format!("{at}/{name}"), all);
                }
            }
            Value::Array(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    pointers(element, &format!("{at}/{index}"), all);
                }
            }
            _ => {}
        }
    }

    proptest! {
        #[test]
        fn every_pointer_leads_to_the_text_of_its_value(value in value()) {
            let printed = Printed::new(&value);
            let mut all = Vec::new();
            pointers(&value, "", &mut all);
            let mut before = 0;
            for (pointer, value) in all {
                let range = printed.locate(&pointer);
                // In the order of the text, so that one of several equal values is the right one.
                prop_assert!(range.start >= before);
                before = range.start + usize::from(!value.is_object() && !value.is_array());
                let text = &printed.text[range];
                prop_assert_eq!(&serde_json::from_str::<Value>(text).expect(text), value);
            }
        }
    }

    #[test]
    fn a_pointer_finds_its_value_or_the_nearest_ancestor() {
        let value = json!({"a/b": {"~": [10, 20]}});
        let printed = Printed::new(&value);
        let found = |pointer: &str| &printed.text[printed.locate(pointer)];
        assert_eq!(found("/a~1b/~0/1"), "20");
        assert_eq!(found("/a~1b/~0/7"), "[\n      10,\n      20\n    ]");
        assert_eq!(found("/a~1b/~0/x"), found("/a~1b/~0"));
        assert_eq!(found("/a~1b/~0/1/x"), "20");
        assert_eq!(found(""), printed.text.trim_end());
    }
}

//! Values of a document in the properties of a result, as long as there is room for them.

use serde_json::Value;

use crate::untrusted::shortened;

/// The longest text in a property, in characters.
pub(super) const LONGEST_TEXT: usize = 1000;
/// The most characters of all texts of a value.
const LONGEST_VALUE: usize = 10_000;
/// The fewest characters that a value keeps.
const SHORTEST_VALUE: usize = 200;
/// The most characters of all values of a file. They are most of a large file, and text that stands for settings is
/// compressed to a third of its length at the worst.
const ALL_VALUES: usize = 20_000_000;
/// The most members of a list or of an object in a property.
pub(super) const MOST_MEMBERS: usize = 100;

/// How many characters there is room for in a value, where so many results have two.
pub(super) fn room(results: usize) -> usize {
    (ALL_VALUES / (2 * results).max(1)).clamp(SHORTEST_VALUE, LONGEST_VALUE)
}

/// A value with `…` for what there is no room for: code scanning refuses a file of more than 10 MB, compressed, and a
/// document may hold as much. The report as JSON has all.
pub(super) fn bounded(value: &Value, mut room: usize) -> Value {
    cut(value, &mut room)
}

fn cut(value: &Value, room: &mut usize) -> Value {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            *room = room.saturating_sub(1);
            value.clone()
        }
        Value::String(text) => Value::String(cut_text(text, room)),
        Value::Array(elements) => {
            let mut some: Vec<Value> = Vec::new();
            for element in elements {
                if some.len() == MOST_MEMBERS || *room == 0 {
                    some.push(Value::String(more(elements.len() - some.len())));
                    break;
                }
                some.push(cut(element, room));
            }
            Value::Array(some)
        }
        Value::Object(members) => {
            let mut some = serde_json::Map::new();
            for (at, (name, member)) in members.iter().enumerate() {
                if at == MOST_MEMBERS || *room == 0 {
                    some.insert("…".to_owned(), Value::String(more(members.len() - at)));
                    break;
                }
                let name = cut_text(name, room);
                some.insert(name, cut(member, room));
            }
            Value::Object(some)
        }
    }
}

fn cut_text(text: &str, room: &mut usize) -> String {
    let short = shortened(text, LONGEST_TEXT.min(*room)).into_owned();
    // An empty text takes room, too.
    *room = room.saturating_sub(1 + short.chars().count());
    short
}

fn more(members: usize) -> String {
    format!("… {members} more")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_whole_or_says_that_it_is_not() {
        let long = |length| "ä".repeat(length);
        let cut = format!("{}…", long(1000));
        let numbers = |most: usize| (0..most).map(Value::from).collect::<Vec<_>>();
        for (value, expected) in [
            (json!(null), json!(null)),
            (json!(8.5), json!(8.5)),
            (json!({"a": ["b", {}, ""]}), json!({"a": ["b", {}, ""]})),
            (json!(long(1000)), json!(long(1000))),
            (json!(long(1001)), json!(cut)),
            (json!({ long(1001): long(1001) }), json!({ cut.clone(): cut })),
            (json!(numbers(100)), json!(numbers(100))),
            (json!(numbers(102)), json!([numbers(100), vec![json!("… 2 more")]].concat())),
        ] {
            assert_eq!(bounded(&value, LONGEST_VALUE), expected);
        }
        let members: serde_json::Map<_, _> = (0..102).map(|at| (at.to_string(), json!(at))).collect();
        let some = bounded(&Value::Object(members), LONGEST_VALUE);
        assert_eq!((some.as_object().map(serde_json::Map::len), &some["…"]), (Some(101), &json!("… 2 more")));
    }

    #[test]
    fn no_value_is_endless() {
        let mut value = json!("ä".repeat(65_536));
        for _ in 0..3 {
            value = json!(vec![value; 30]);
        }
        assert!(
            serde_json::to_string(&bounded(&value, LONGEST_VALUE)).expect("JSON").chars().count() < 12_000
        );
        let names: serde_json::Map<_, _> =
            (0..20).map(|at| (format!("{at}{}", "n".repeat(65_536)), json!(at))).collect();
        assert!(
            serde_json::to_string(&bounded(&Value::Object(names), LONGEST_VALUE)).expect("JSON").len()
                < 12_000
        );
    }
}

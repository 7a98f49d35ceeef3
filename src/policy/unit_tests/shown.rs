//! Values as Rego writes them: a set is told from an array.

use regorus::Value;

/// A value on one line.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Undefined => "undefined".to_owned(),
        Value::Array(items) => format!("[{}]", list(items.iter())),
        Value::Set(items) if items.is_empty() => "set()".to_owned(),
        Value::Set(items) => format!("{{{}}}", list(items.iter())),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| format!("{}: {}", shown(key), shown(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

fn list<'v>(items: impl Iterator<Item = &'v Value>) -> String {
    items.map(shown).collect::<Vec<_>>().join(", ")
}

/// Whether `shown` is the value in Rego: no set inside is taken for something else, and nothing is lost.
pub(super) fn is_scalar(value: &Value) -> bool {
    matches!(value, Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_told_from_an_array() {
        let mut engine = regorus::Engine::new();
        for text in ["set()", "{1, \"a\"}", "[{1}, []]", "{\"a\": {null}}", "{}", "true", "\"a\\nb\""] {
            engine.add_policy("a.rego".to_owned(), format!("package a\nx := {text}\n")).expect("parses");
            let value = engine.eval_rule("data.a.x".to_owned()).expect("evaluates");
            assert_eq!(shown(&value), text);
            engine = regorus::Engine::new();
        }
    }
}

//! What functions are called with. An argument of a wrong type is an error: in OPA, too, where errors are strict;
//! undefined, its default, would be a rule that silently does not fire.

use regorus::Value;

use super::Answer;
use super::limits::MAX_VALUES;

pub(super) fn text<'a>(name: &str, arguments: &'a [Value], position: usize) -> Result<&'a str, String> {
    match &arguments[position] {
        Value::String(text) => Ok(text),
        other => Err(wrong(name, position, other, "a string")),
    }
}

pub(super) fn integer(name: &str, arguments: &[Value], position: usize) -> Result<i64, String> {
    let value = &arguments[position];
    value.as_i64().map_err(|_| wrong(name, position, value, "an integer"))
}

/// An array of values, as many as one may have.
pub(super) fn array(name: &str, values: impl Iterator<Item = Value>) -> Answer {
    let values: Vec<_> = values.take(MAX_VALUES + 1).collect();
    if values.len() > MAX_VALUES {
        return Err(format!("{name}: more than {MAX_VALUES} values"));
    }
    Ok(values.into())
}

fn wrong(name: &str, position: usize, value: &Value, expected: &str) -> String {
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Set(_) => "a set",
        Value::Object(_) => "an object",
        Value::Undefined => "undefined",
    };
    format!("{name}: argument {} is {found}, and must be {expected}", position + 1)
}

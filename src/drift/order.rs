//! One order over all of JSON, by which values are equal and sets are sorted.

use std::cmp::Ordering;

use serde_json::{Map, Number, Value};

/// Whether two values are equal: numbers by value, so that 12 is 12.0, and objects whatever the order of their members.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    order(a, b).is_eq()
}

/// The order of two values: texts come first, as in the sets of documents.
pub(super) fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => order_of_numbers(a, b),
        (Value::Array(a), Value::Array(b)) => {
            let mut members = a.iter().zip(b).map(|(a, b)| order(a, b));
            members.find(|order| order.is_ne()).unwrap_or_else(|| a.len().cmp(&b.len()))
        }
        (Value::Object(a), Value::Object(b)) => order_of_objects(a, b),
        _ => kind(a).cmp(&kind(b)),
    }
}

fn kind(value: &Value) -> u8 {
    match value {
        Value::String(_) => 0,
        Value::Null => 1,
        Value::Bool(_) => 2,
        Value::Number(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    }
}

fn order_of_numbers(a: &Number, b: &Number) -> Ordering {
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        // A whole number that is too large for `whole` is larger than any that is not: no two of them meet in an `f64`.
        _ => double(a).total_cmp(&double(b)),
    }
}

/// A whole number below 2^100: a double is exact there, and what JSON writes without a fraction is no double.
fn whole(number: &Number) -> Option<i128> {
    if let Some(number) = number.as_i64() {
        return Some(number.into());
    }
    if let Some(number) = number.as_u64() {
        return Some(number.into());
    }
    let number = double(number);
    #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^100, as checked")]
    (number.fract() == 0.0 && number.abs() < 2_f64.powi(100)).then_some(number as i128)
}

fn double(number: &Number) -> f64 {
    number.as_f64().unwrap_or(f64::NAN)
}

fn order_of_objects(a: &Map<String, Value>, b: &Map<String, Value>) -> Ordering {
    let (a, b) = (members(a), members(b));
    let mut orders = a.iter().zip(&b).map(|(a, b)| a.0.cmp(b.0).then_with(|| order(a.1, b.1)));
    orders.find(|order| order.is_ne()).unwrap_or_else(|| a.len().cmp(&b.len()))
}

fn members(object: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut members: Vec<_> = object.iter().collect();
    members.sort_by_key(|(name, _)| *name);
    members
}

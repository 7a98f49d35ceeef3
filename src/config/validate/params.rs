//! `[policies.params]`: the parameters of the profile, and of policies of the user's own.

use serde_json::Value;
use toml::de::{DeTable, DeValue};

use super::Validator;
use crate::config::problem::suggestion;

impl Validator<'_> {
    /// Lays the given parameters over the profile's. One that neither the profile has nor a policy of the user's
    /// reads would change nothing; of another type it would make a comparison true of everything.
    pub(super) fn params(&mut self, given: &DeTable<'_>, at: &mut Vec<String>, params: &mut Value) {
        for (key, value) in given {
            at.push(key.get_ref().to_string());
            let name = at.join(".");
            let known: Vec<String> =
                params.as_object().map(|table| table.keys().cloned().collect()).unwrap_or_default();
            match (value.get_ref(), params.get_mut(key.get_ref().as_ref())) {
                (DeValue::Table(given), Some(slot @ Value::Object(_))) => self.params(given, at, slot),
                (given, Some(slot)) => match scalar(given).filter(|new| same_type(new, slot)) {
                    Some(new) => match Domain::of(&name).and_then(|domain| domain.refusal(&name, &new)) {
                        None => *slot = new,
                        Some((what, help)) => self.problem(value.span(), what).help(help),
                    },
                    None => {
                        self.problem(
                            value.span(),
                            format!("`{name}` has the wrong type; the profile has {slot}"),
                        );
                    }
                },
                (given, None) => match self.reading(at, &known) {
                    // A table on the way to what is read.
                    Reading::Below if given.is_table() => {
                        let mut table = Value::Object(serde_json::Map::new());
                        if let DeValue::Table(given) = given {
                            self.params(given, at, &mut table);
                        }
                        set(params, key.get_ref(), table);
                    }
                    Reading::Below => {
                        self.problem(
                            value.span(),
                            format!("`{name}` must be a table: policies read what is in it"),
                        );
                    }
                    Reading::Whole => match plain(given) {
                        Some(new) => set(params, key.get_ref(), new),
                        None => self
                            .problem(value.span(), format!("`{name}` has a value that policies cannot read"))
                            .help(
                                "a parameter is a text, a number, true or false, or a list or table of these",
                            ),
                    },
                    Reading::Unknown if self.catalogue.is_partial => {}
                    Reading::Unknown => {
                        let own = self.catalogue.read.iter().filter(|read| read.len() >= at.len());
                        let own = own.filter(|read| read[..at.len() - 1] == at[..at.len() - 1]);
                        let near: Vec<&str> = known
                            .iter()
                            .map(String::as_str)
                            .chain(own.map(|read| read[at.len() - 1].as_str()))
                            .collect();
                        let help = suggestion(key.get_ref(), near.iter().copied()).unwrap_or_else(|| {
                            match near.as_slice() {
                                [] => "take it out, or let a policy read it".to_owned(),
                                near => format!("one of {}", near.join(", ")),
                            }
                        });
                        self.problem(key.span(), format!("no rule reads the parameter `{name}`")).help(help);
                    }
                },
            }
            at.pop();
        }
    }

    /// Whether the user's policies read a parameter that the profile does not have.
    fn reading(&self, at: &[String], known: &[String]) -> Reading {
        let last = at.last().map(String::as_str).unwrap_or_default();
        // A policy that reads all of a table may mean this one, but so may a slip in one of the profile's.
        let resembles = known.iter().any(|known| strsim::jaro_winkler(last, known) > 0.9);
        let mut reading = Reading::Unknown;
        for read in &self.catalogue.read {
            if at.starts_with(read) && (read.len() == at.len() || !resembles) {
                return Reading::Whole;
            }
            if read.starts_with(at) {
                reading = Reading::Below;
            }
        }
        reading
    }
}

/// What a parameter of the profiles may be beyond its type: with another value the rule that reads it could be met by
/// nothing, or by everything.
enum Domain {
    Length,
    LengthOrNone,
    Composition,
}

impl Domain {
    /// The lengths that Cognito takes.
    const LENGTHS: std::ops::RangeInclusive<i64> = 6..=99;
    const COMPOSITIONS: [&str; 4] = ["any", "forbidden", "all_classes", "digit_and_letter"];

    fn of(name: &str) -> Option<Self> {
        match name {
            "password.min_length" => Some(Self::Length),
            "password.min_length_without_mfa" => Some(Self::LengthOrNone),
            "password.composition" => Some(Self::Composition),
            _ => None,
        }
    }

    /// What is wrong with a value of the right type, and what to do.
    fn refusal(&self, name: &str, value: &Value) -> Option<(String, String)> {
        let is_length = value.as_i64().is_some_and(|length| Self::LENGTHS.contains(&length));
        match self {
            Self::Length if !is_length => Some((
                format!("`{name}` must be from 6 to 99: Cognito takes no other length"),
                "left out, it is the profile's".to_owned(),
            )),
            Self::LengthOrNone if !is_length && *value != 0 => Some((
                format!("`{name}` must be 0, or from 6 to 99: Cognito takes no other length"),
                "0 asks for no more than `password.min_length`".to_owned(),
            )),
            Self::Composition if !Self::COMPOSITIONS.iter().any(|known| value == known) => Some((
                format!("`{name}` has an unknown value"),
                suggestion(value.as_str().unwrap_or_default(), Self::COMPOSITIONS)
                    .unwrap_or_else(|| format!("one of {}", Self::COMPOSITIONS.join(", "))),
            )),
            Self::Length | Self::LengthOrNone | Self::Composition => None,
        }
    }
}

/// How far the user's policies read a parameter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// It, or all that is around it.
    Whole,
    /// Something below it.
    Below,
    /// Not at all.
    Unknown,
}

fn set(params: &mut Value, key: &str, value: Value) {
    if let Value::Object(table) = params {
        table.insert(key.to_owned(), value);
    }
}

/// A value of a parameter that no profile has: tables as well.
fn plain(value: &DeValue<'_>) -> Option<Value> {
    match value {
        DeValue::Table(table) => table
            .iter()
            .map(|(key, value)| Some((key.get_ref().to_string(), plain(value.get_ref())?)))
            .collect::<Option<serde_json::Map<_, _>>>()
            .map(Value::Object),
        DeValue::Array(list) => list.iter().map(|element| plain(element.get_ref())).collect(),
        other => scalar(other),
    }
}

fn scalar(value: &DeValue<'_>) -> Option<Value> {
    match value {
        DeValue::String(text) => Some(Value::from(text.as_ref())),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).ok().map(Value::from)
        }
        DeValue::Float(number) => {
            number.as_str().parse::<f64>().ok().filter(|f| f.is_finite()).map(Value::from)
        }
        DeValue::Boolean(flag) => Some(Value::from(*flag)),
        DeValue::Array(list) => list.iter().map(|element| scalar(element.get_ref())).collect(),
        DeValue::Datetime(_) | DeValue::Table(_) => None,
    }
}

fn same_type(new: &Value, old: &Value) -> bool {
    match (new, old) {
        (Value::Number(new), Value::Number(old)) => new.is_i64() == old.is_i64(),
        (new, old) => std::mem::discriminant(new) == std::mem::discriminant(old),
    }
}

//! Data files of packs, merged into `data` as OPA does it: a file goes where its folder is, whatever its name.
//!
//! OPA refuses what would be silently changed or lost, and so it is here: a key that is no string or stands twice,
//! a number that no JSON has, two values at one place, a value where a rule is.

mod plain;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value, json};

use super::files::{Kind, PackFile};
use super::module::Module;
use super::place;
use super::problem::PolicyError;
use super::{reflection, tree};

/// The place in `data` that is the program's: the parameters, and the packages of the embedded pack.
const OURS: &str = "audit";

/// All data of all packs, and who brought what.
#[derive(Debug, Default)]
pub(super) struct Data {
    tree: Map<String, Value>,
    /// Each place that a file made, with the name of the file.
    brought: BTreeMap<Vec<String>, Arc<str>>,
    /// Files that are no object, by their folder: each is in the place of all that could be in it.
    bare: BTreeMap<Vec<String>, PolicyError>,
}

impl Data {
    /// All of `data` that is no rule: with the parameters.
    pub(super) fn with_params(&self, params: &Value) -> Value {
        let mut data = self.tree.clone();
        data.insert(OURS.to_owned(), json!({"params": params}));
        data.into()
    }

    /// Lays a file over what there is.
    ///
    /// # Errors
    /// Everything in it that cannot be used.
    pub(super) fn add(&mut self, file: &PackFile) -> Result<(), Vec<PolicyError>> {
        let value = read(file).map_err(|problem| vec![problem])?;
        let is = match &value {
            // JSON and YAML can say that there is nothing; there is no reason to.
            Value::Null => {
                return Err(vec![whole(file, "is empty").with_help(
                    "write what the policies are to read, as `name: value`, or take the file away",
                )]);
            }
            Value::Bool(_) | Value::Number(_) | Value::String(_) => Some("is a single value"),
            Value::Array(_) => Some("is a list"),
            Value::Object(_) => None,
        };
        if let Some(is) = is {
            let problem = whole(file, &format!("{is}: a data file is an object")).with_help(
                "give the value a name, as in `name: value`: `name` of `FOLDER/data.yaml` is `data.FOLDER.name`",
            );
            if file.folders.is_empty() {
                return Err(vec![problem]);
            }
            self.bare.entry(file.folders.clone()).or_insert(problem);
        }
        let value = file
            .folders
            .iter()
            .rev()
            .fold(value, |value, folder| Value::Object(Map::from_iter([(folder.clone(), value)])));
        let Value::Object(members) = value else { return Ok(()) };
        let reserved = [OURS, reflection::ROOT].into_iter().filter(|root| members.contains_key(*root));
        let mut problems: Vec<PolicyError> = reserved
            .map(|root| {
                let message = format!("{} brings `data.{root}`, which is audit's own", file.name);
                let help =
                    "parameters stand in [policies.params] of audit.toml; other data needs another name";
                PolicyError::new(&file.name, &file.text, key(&file.text, root), message).with_help(help)
            })
            .collect();
        if problems.is_empty() {
            self.merge(file, members, &mut problems);
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    fn merge(&mut self, file: &PackFile, members: Map<String, Value>, problems: &mut Vec<PolicyError>) {
        let Self { tree, brought, bare: _ } = self;
        let mut todo = vec![(Vec::new(), members)];
        while let Some((at, members)) = todo.pop() {
            let Some(here) = table(tree, &at) else { continue };
            for (name, value) in members {
                let place: Vec<String> = at.iter().cloned().chain([name.clone()]).collect();
                match (here.get_mut(&name), value) {
                    (None, value) => {
                        here.insert(name, value);
                        brought.insert(place, Arc::clone(&file.name));
                    }
                    (Some(Value::Object(_)), Value::Object(below)) => todo.push((place, below)),
                    (Some(old), new) if *old == new => {}
                    (Some(_), _) => {
                        let first = bringer(brought, &place);
                        let message = format!("`{}` has another value in {first}", reference(&place));
                        problems.push(
                            PolicyError::new(&file.name, &file.text, key(&file.text, &name), message)
                                .with_help(format!(
                                    "{first} and {} are merged: keep one of the two values",
                                    file.name
                                )),
                        );
                    }
                }
            }
        }
    }

    /// What the data would hide of the packages and rules of these modules: the engine takes it without a word.
    pub(super) fn hidden<'m>(&self, modules: impl Iterator<Item = &'m Module>) -> Vec<PolicyError> {
        let mut problems: Vec<_> = modules.flat_map(|module| self.hidden_of(module)).collect();
        // A file that is no object hides all packages of its folder, and is one problem.
        problems.sort_by(|a, b| a.order().cmp(&b.order()));
        problems.dedup_by(|a, b| a.order() == b.order());
        problems
    }

    fn hidden_of(&self, module: &Module) -> Vec<PolicyError> {
        let mut problems = Vec::new();
        let package = &module.package;
        if let Some(place) = (1..=package.len()).map(|end| &package[..end]).find(|place| self.is_value(place))
        {
            problems.push(self.hides(module, &module.tree.package.span, place, "the package"));
            return problems;
        }
        for rule in &module.tree.policy {
            let name = tree::head_path(rule);
            let whole: Vec<String> = package.iter().chain(&name).cloned().collect();
            let hidden = (package.len() + 1..=whole.len()).map(|end| &whole[..end]).find(|place| {
                self.is_value(place) || (place.len() == whole.len() && self.get(place).is_some())
            });
            if let Some(place) = hidden {
                problems.push(self.hides(module, rule.span(), place, "the rule"));
            }
        }
        problems
    }

    fn hides(
        &self,
        module: &Module,
        at: &regorus::unstable::Span,
        place: &[String],
        what: &str,
    ) -> PolicyError {
        if let Some(problem) = self.bare.get(place) {
            return problem.clone();
        }
        let bringer = bringer(&self.brought, place);
        let message = format!("{what} is hidden by the data of {bringer}: both are `{}`", reference(place));
        let line = place::line(&module.text, usize::try_from(at.line).unwrap_or(1));
        PolicyError::new(&module.file, &module.text, line, message)
            .with_help(format!("rename the one or the other: in OPA, too, data and {what} cannot be one"))
    }

    fn is_value(&self, place: &[String]) -> bool {
        self.get(place).is_some_and(|value| !value.is_object())
    }

    fn get(&self, place: &[String]) -> Option<&Value> {
        let (first, rest) = place.split_first()?;
        rest.iter().try_fold(self.tree.get(first)?, |value, name| value.get(name))
    }
}

/// A problem of a file that has no place in it.
fn whole(file: &PackFile, what: &str) -> PolicyError {
    PolicyError::whole(&file.name, &file.text, format!("{} {what}", file.name))
}

fn table<'t>(tree: &'t mut Map<String, Value>, at: &[String]) -> Option<&'t mut Map<String, Value>> {
    at.iter().try_fold(tree, |table, name| table.get_mut(name)?.as_object_mut())
}

/// Who brought a place: the file that made it, or the nearest above or below it.
fn bringer(brought: &BTreeMap<Vec<String>, Arc<str>>, place: &[String]) -> Arc<str> {
    let above = (1..=place.len()).rev().find_map(|end| brought.get(&place[..end]));
    let below = || brought.range(place.to_vec()..).next().map(|(_, file)| file);
    above.or_else(below).map(Arc::clone).unwrap_or_default()
}

fn reference(place: &[String]) -> String {
    format!("data.{}", place.join("."))
}

/// Where a key stands in a file of data, as far as its text tells; else the beginning.
fn key(text: &str, name: &str) -> std::ops::Range<usize> {
    let is_key = |at: usize| {
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].trim_start_matches(['"', '\'', ']']).trim_start();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-')
            && (after.starts_with([':', '=', '.']) || after.is_empty())
    };
    let at = text.match_indices(name).map(|(at, _)| at).find(|at| !name.is_empty() && is_key(*at));
    at.map_or(0..0, |at| at..at + name.len())
}

fn read(file: &PackFile) -> Result<Value, PolicyError> {
    let text = &file.text;
    let problem = |at, message: String| PolicyError::new(&file.name, text, at, message);
    match file.kind {
        Kind::Json if text.trim().is_empty() => Ok(Datum(Value::Null)),
        Kind::Json => serde_json::from_str::<Datum>(text).map_err(|error| {
            // serde_json ends with the place, which the excerpt shows.
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default().to_owned();
            problem(place::line(text, error.line()), message)
        }),
        Kind::Yaml => {
            let read = yaml(text).map_err(|(line, message)| problem(place::line(text, line), message));
            if let Ok(Datum(value)) = &read
                && let Some((at, otherwise)) = plain::ambiguous(text, value)
            {
                let message = format!("`{}` without quotes is {otherwise} in OPA", &text[at.clone()]);
                return Err(problem(at, message).with_help(
                    "put it in quotes if it is a text; else write `true`, `false`, or the number without zeros before it",
                ));
            }
            read
        }
        Kind::Toml => toml::from_str::<Datum>(text).map_err(|error| {
            problem(
                error.span().unwrap_or(0..0),
                error.message().lines().next().unwrap_or_default().to_owned(),
            )
        }),
        Kind::Rego => return Err(problem(0..0, "a policy is no data".to_owned())),
    }
    .map(|Datum(value)| value)
}

/// Reads YAML strictly.
///
/// # Errors
/// The line, from 1, and what is wrong there.
pub(super) fn yaml(text: &str) -> Result<Datum, (usize, String)> {
    // YAML 1.2: of `yes`, `on` and `y`, each reader makes what it likes.
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let line = error.location().map_or(1, |place| usize::try_from(place.line()).unwrap_or(1));
        let message = error.without_snippet().to_string();
        let message = message.lines().next().unwrap_or_default();
        // The excerpt shows the place.
        let message = message.split(" at line ").next().unwrap_or_default().trim_end_matches([',', ' ']);
        (line, in_our_words(message))
    })
}

/// A message of the YAML reader, without what it says to programmers.
fn in_our_words(message: &str) -> String {
    if message.contains("from_str_multiple") {
        return "there is more than one document in this file".to_owned();
    }
    match message.strip_prefix("duplicate mapping key: ") {
        Some(rest) => {
            let key = rest.split(", set ").next().unwrap_or(rest);
            format!("the key `{key}` stands here twice")
        }
        None => message.to_owned(),
    }
}

/// A value of JSON, from a format that may have others.
#[derive(Debug)]
pub(super) struct Datum(pub(super) Value);

impl<'de> Deserialize<'de> for Datum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DatumVisitor)
    }
}

struct DatumVisitor;

impl<'de> Visitor<'de> for DatumVisitor {
    type Value = Datum;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value that JSON has")
    }

    fn visit_unit<E: Error>(self) -> Result<Datum, E> {
        Ok(Datum(Value::Null))
    }

    fn visit_none<E: Error>(self) -> Result<Datum, E> {
        Ok(Datum(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Datum, D::Error> {
        Datum::deserialize(deserializer)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Datum, E> {
        Ok(Datum(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Datum, E> {
        Ok(Datum(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Datum, E> {
        Ok(Datum(value.into()))
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<Datum, E> {
        Err(E::custom("this number has more than 64 bits: put it in quotes"))
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<Datum, E> {
        Err(E::custom("this number has more than 64 bits: put it in quotes"))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Datum, E> {
        // A whole number that large was written with digits that a float has not.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if value.is_finite() && value.fract() == 0.0 && value.abs() > EXACT {
            return Err(E::custom("this number is too large to be kept exactly: put it in quotes"));
        }
        let number = serde_json::Number::from_f64(value);
        number
            .map(|number| Datum(number.into()))
            .ok_or_else(|| E::custom("this is a number that JSON does not have"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Datum, E> {
        Ok(Datum(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Datum, A::Error> {
        let mut values = Vec::new();
        while let Some(Datum(value)) = list.next_element()? {
            values.push(value);
        }
        Ok(Datum(values.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<Datum, A::Error> {
        let mut members = Map::new();
        while let Some(Key(name)) = table.next_key()? {
            if name == "$__toml_private_datetime" {
                return Err(A::Error::custom("JSON has no dates: put it in quotes"));
            }
            let Datum(value) = table.next_value()?;
            if members.contains_key(&name) {
                return Err(A::Error::custom(format!("the key `{name}` stands here twice")));
            }
            members.insert(name, value);
        }
        Ok(Datum(members.into()))
    }
}

/// A key that is a string, and not one that has been made one.
struct Key(String);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Datum::deserialize(deserializer)? {
            Datum(Value::String(name)) => Ok(Self(name)),
            Datum(other) => {
                Err(D::Error::custom(format!("the key `{other}` is not a string: put it in quotes")))
            }
        }
    }
}

//! The thresholds of the profiles, and which rules of the embedded pack read them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{BUILTIN, PolicyError, builtin};
use crate::finding::Rule;

/// Every profile, by name, with its parameters: `password.min_length` and its value.
///
/// # Errors
/// A profile that cannot be read.
pub fn profiles() -> Result<BTreeMap<String, BTreeMap<String, Value>>, PolicyError> {
    builtin::profiles()
        .map(|name| {
            let params = of_profile(name, builtin::profile(name).unwrap_or_default())?;
            Ok((name.to_owned(), leaves(&params)))
        })
        .collect()
}

/// The parameters of a profile, from its text.
///
/// # Errors
/// Text that is no profile.
pub(super) fn of_profile(name: &str, text: &str) -> Result<Value, PolicyError> {
    let problem = |message: String| PolicyError::whole(&format!("profiles/{name}.toml"), text, message);
    let table: toml::Table = toml::from_str(text).map_err(|error| problem(error.message().to_owned()))?;
    let params = table.get("params").ok_or_else(|| problem("it has no table [params]".to_owned()))?;
    serde_json::to_value(params).map_err(|error| problem(error.to_string()))
}

/// The values of a tree of tables, by their dotted names.
#[must_use]
pub fn leaves(params: &Value) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    let mut open = vec![(String::new(), params)];
    while let Some((name, value)) = open.pop() {
        match value {
            Value::Object(table) => {
                let dot = if name.is_empty() { "" } else { "." };
                open.extend(table.iter().map(|(key, value)| (format!("{name}{dot}{key}"), value)));
            }
            value => drop(found.insert(name, value.clone())),
        }
    }
    found
}

/// Those of the parameters that a rule of the embedded pack names, itself or in a helper that it imports; none of
/// another pack's rule.
#[must_use]
pub fn read_by<'p>(rule: &Rule, parameters: impl IntoIterator<Item = &'p String>) -> Vec<&'p str> {
    if *rule.pack != *BUILTIN {
        return Vec::new();
    }
    read_in(&rule.id, parameters)
}

fn read_in<'p>(rule: &str, parameters: impl IntoIterator<Item = &'p String>) -> Vec<&'p str> {
    let files: BTreeMap<&str, &str> = builtin::policies().collect();
    let mut open = vec![format!("{rule}.rego")];
    let mut read: BTreeSet<String> = BTreeSet::new();
    let mut code = String::new();
    while let Some(file) = open.pop() {
        let Some(text) = files.get(file.as_str()) else { continue };
        if !read.insert(file) {
            continue;
        }
        for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
            open.extend(
                line.strip_prefix("import data.audit.lib.")
                    .and_then(|import| import.split_whitespace().next())
                    .map(|name| format!("lib/{}.rego", name.replace('.', "/"))),
            );
            code.push_str(line);
            code.push('\n');
        }
    }
    parameters
        .into_iter()
        .map(String::as_str)
        .filter(|name| names(&code, &format!("params.{name}")))
        .collect()
}

/// Whether a text has this reference, and not only one that begins with it.
fn names(code: &str, reference: &str) -> bool {
    let goes_on = |rest: &str| rest.starts_with(|next: char| next.is_alphanumeric() || next == '_');
    code.match_indices(reference).any(|(at, _)| !goes_on(&code[at + reference.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_reads_what_it_names() {
        let parameters = ["password.min_length".to_owned(), "password.min".to_owned(), "mfa.none".to_owned()];
        assert_eq!(read_in("password/too_short", &parameters), ["password.min_length"]);
        assert_eq!(read_in("oauth/implicit_grant", &parameters), [""; 0]);
        assert_eq!(read_in("nowhere/rule", &parameters), [""; 0]);
    }

    #[test]
    fn every_parameter_of_a_profile_is_read_by_a_rule() {
        let profiles = profiles().expect("readable");
        assert_eq!(profiles["recommended"]["password.min_length"], 12);
        let rules: Vec<&str> =
            builtin::policies().filter_map(|(file, _)| file.strip_suffix(".rego")).collect();
        for (profile, parameters) in &profiles {
            for parameter in parameters.keys() {
                assert!(
                    rules.iter().any(|rule| !read_in(rule, [parameter]).is_empty()),
                    "no rule reads {parameter} of {profile}"
                );
            }
        }
    }
}

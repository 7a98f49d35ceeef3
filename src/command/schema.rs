//! `audit schema`: what editors and other programs may know of audit.toml, of documents and of the report.

use serde_json::{Map, Value, json};

use super::{CommandError, output};
use crate::cli::{Described, SchemaArgs};
use crate::config;
use crate::document;
use crate::policy;
use crate::report;
use crate::untrusted::printable_json;

/// Prints a JSON Schema.
pub(super) fn schema(args: &SchemaArgs) -> Result<u8, CommandError> {
    let (name, described) = match args.of {
        Described::Config => ("config", with_profiles(config::schema())?),
        Described::Document => ("document", document::schema()),
        Described::Report => ("report", report::schema()),
    };
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    // A name that leads nowhere: nothing of the schema is fetched.
    schema.insert("$id".to_owned(), json!(format!("urn:amplify-audit:schema:{name}")));
    if let Value::Object(described) = described {
        let (head, rest): (Vec<_>, Vec<_>) = described
            .into_iter()
            .filter(|(key, _)| key != "$schema")
            .partition(|(key, _)| ["title", "description"].contains(&key.as_str()));
        schema.extend(head.into_iter().chain(rest));
    }
    let text = printable_json(format!("{:#}", Value::Object(schema)));
    output::print(&format!("{text}\n"))?;
    Ok(0)
}

/// The profiles are data of the embedded pack, which the configuration does not know.
fn with_profiles(mut config: Value) -> Result<Value, CommandError> {
    let profiles = policy::profiles().map_err(|problem| CommandError::unusable(None, vec![problem]))?;
    if let Some(profile) = config.pointer_mut("/properties/policies/properties/profile") {
        profile["enum"] = profiles.into_keys().collect();
    }
    Ok(config)
}

//! `audit schema`: what editors and other programs may know of audit.toml, of documents and of the report.

use serde_json::{Map, Value, json};

use super::init::STARTER;
use super::{CommandError, output};
use crate::cli::{Described, SchemaArgs, SchemaFormat};
use crate::config;
use crate::document;
use crate::policy;
use crate::report;
use crate::untrusted::printable_json;

const HEAD: &str = "\
<!-- Written by `audit schema config --format markdown`: correct the comments in src/config/raw.rs, not this page. -->

# audit.toml

`audit --config PATH` names the file; without it, `audit.toml` is looked for in the current folder and above. Relative paths in it are
relative to it. An unknown key is an error, and every problem of the file is reported at once, each at its line: `audit check` looks
for them without a network. Where an option of the command line says the same, the command line wins.

`audit init` writes [a file to start from](#a-whole-file). Editors with a TOML language server complete and check it:
`audit schema config > audit.schema.json`, and `#:schema ./audit.schema.json` as its first line.

";

/// Prints a JSON Schema, or the page of it.
pub(super) fn schema(args: &SchemaArgs) -> Result<u8, CommandError> {
    match args.format {
        SchemaFormat::Json => json(args.of),
        SchemaFormat::Markdown => markdown(args.of),
    }
}

fn markdown(of: Described) -> Result<u8, CommandError> {
    if of != Described::Config {
        return Err(CommandError::Usage {
            message: "only the configuration has a page of Markdown".to_owned(),
            help: Some("docs/policies.md describes documents, docs/reports.md reports".to_owned()),
        });
    }
    let tables = config::reference(&with_profiles(config::schema())?);
    output::print(&format!("{HEAD}{tables}## A whole file\n\n```toml\n{STARTER}```\n"))?;
    Ok(0)
}

fn json(of: Described) -> Result<u8, CommandError> {
    let (name, described) = match of {
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

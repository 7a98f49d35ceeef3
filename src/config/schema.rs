//! The JSON Schema of audit.toml, from the structs that it is read into.

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, RestrictFormats};
use serde_json::{Value, json};

use super::raw::RawConfig;

/// The JSON Schema (draft 2020-12) of audit.toml, for editors.
///
/// Nothing in it is a `$ref`: taplo, which checks TOML in editors, shows nothing of what stands beside one.
#[must_use]
pub fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12()
        .with(|settings| settings.inline_subschemas = true)
        .with_transform(RecursiveTransform(for_toml))
        .with_transform(RestrictFormats::default());
    settings.into_generator().into_root_schema_for::<RawConfig>().to_value()
}

/// TOML has no `null`; an editor breaks lines by itself; and it says more of a value outside of an `enum` than of one
/// outside of a choice among constants.
fn for_toml(schema: &mut Schema) {
    let text = schema.get("description").and_then(Value::as_str).map(|text| text.replace('\n', " "));
    if let Some(text) = text {
        schema.insert("description".to_owned(), text.into());
    }
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
    let names = schema.get("oneOf").and_then(Value::as_array).and_then(|choices| {
        choices.iter().map(|choice| choice.get("const").cloned()).collect::<Option<Vec<Value>>>()
    });
    if let Some(names) = names {
        schema.remove("oneOf");
        schema.insert("type".to_owned(), json!("string"));
        schema.insert("enum".to_owned(), names.into());
    }
}

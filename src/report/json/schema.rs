//! The JSON Schema of the report, from the structs that it is written from.

use schemars::generate::SchemaSettings;
use schemars::transform::RestrictFormats;
use serde_json::Value;

use super::wire::JsonReport;

/// The JSON Schema (draft 2020-12) of the `json` report, for programs that read it. It allows members that it does
/// not have: members are only ever added.
#[must_use]
pub fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize().with_transform(RestrictFormats::default());
    settings.into_generator().into_root_schema_for::<JsonReport<'_>>().to_value()
}

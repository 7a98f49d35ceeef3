//! docs/policies.md, carried out (`common::guide`) in a folder with the recordings of the first example.
//! policies/refused.rego is taken away once its command has run.

use std::fmt::Write;
use std::fs;

use serde_json::Value;

use crate::common::Project;
use crate::common::guide::{carry_out, page};

#[test]
fn the_guide_does_what_it_says() {
    let project = Project::of_recordings(&[]);
    project.copy("examples/recordings", "recordings");
    let commands = carry_out(&page("docs/policies.md"), &project, |project| {
        let _ = fs::remove_file(project.path().join("policies/refused.rego"));
    });
    assert!(commands >= 8, "only {commands} commands ran");
}

#[test]
fn the_guide_lists_every_member_of_a_document() {
    let mut table = "| place | value |\n|---|---|\n".to_owned();
    rows(&amplify_audit::document::schema(), "", &mut table);
    assert!(table.lines().count() > 40, "{table}");
    assert!(page("docs/policies.md").contains(&table), "docs/policies.md does not have this table:\n{table}");
}

/// A line for each member below a place of the document's schema.
fn rows(schema: &Value, place: &str, table: &mut String) {
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        let place = format!("{place}/{name}");
        if member["properties"].is_object() {
            rows(member, &place, table);
            continue;
        }
        let described = member["description"].as_str().filter(|text| !text.starts_with("A set:"));
        let value = match (value(member), described) {
            (value, Some(text)) => format!("{value}. {text}"),
            (value, None) => value,
        };
        writeln!(table, "| `{place}` | {value} |").expect("writing to a text");
    }
}

/// What a member may be, as far as AWS documents it.
fn value(schema: &Value) -> String {
    let schema = schema["anyOf"].get(0).unwrap_or(schema);
    let or_null = |value: String| format!("{value} or `null`");
    if schema.get("const").is_some() {
        return format!("`{}`", schema["const"]);
    }
    if let Some(values) = schema["enum"].as_array() {
        // Of a secret it is said whether there is one.
        if values.contains(&Value::from("REDACTED")) {
            return "`REDACTED`, empty or `null`".to_owned();
        }
        let names: Vec<_> =
            values.iter().map(|value| format!("`{}`", value.as_str().unwrap_or("null"))).collect();
        return names.join(", ");
    }
    match &schema["type"] {
        Value::Array(types) => or_null(match types[0].as_str() {
            Some("boolean") => "`true`, `false`".to_owned(),
            Some("integer") => format!("number, {} to {},", schema["minimum"], schema["maximum"]),
            Some("string") => "text".to_owned(),
            _ => panic!("a type of another kind: {schema}"),
        }),
        Value::String(name) if name == "array" => format!("list of {}", value(&schema["items"])),
        Value::String(name) if name == "object" => {
            format!("object of {}", value(&schema["additionalProperties"]))
        }
        Value::String(name) if name == "string" => "text".to_owned(),
        _ => panic!("a member of another kind: {schema}"),
    }
}

//! The page about audit.toml, from its JSON Schema: what stands in the schema is said once, beside the field that it is of.

use std::fmt::Write as _;

use serde_json::Value;

/// Every table of audit.toml with its keys, as Markdown: a heading each, a row a key.
#[must_use]
pub fn reference(schema: &Value) -> String {
    let mut page = String::new();
    for (name, table) in properties(schema) {
        section(&mut page, &[name], table);
    }
    page
}

/// A table, and then those within it that have keys of their own.
fn section(page: &mut String, names: &[&str], schema: &Value) {
    let name = names.join(".");
    let (heading, keys) = if is_list_of_tables(schema) {
        (format!("[[{name}]]"), &schema["items"])
    } else {
        (format!("[{name}]"), schema)
    };
    let level = "#".repeat(names.len() + 1);
    let _ = writeln!(page, "{level} `{heading}`\n\n{}\n", description(schema));
    page.push_str("| key | value | without it | meaning |\n|---|---|---|---|\n");
    for (name, key) in properties(keys) {
        let mut meaning = description(key).to_owned();
        if let Some(example) = key["examples"].get(0) {
            let _ = write!(meaning, " For example `{}`.", toml(example));
        }
        let row = [format!("`{name}`"), value(key), absent(keys, name, key), meaning];
        let cells = row.map(|cell| cell.replace('|', "\\|"));
        let _ = writeln!(page, "| {} |", cells.join(" | "));
    }
    page.push('\n');
    for (name, key) in properties(keys).filter(|(_, key)| is_list_of_tables(key)) {
        section(page, &[names, &[name]].concat(), key);
    }
}

fn properties(schema: &Value) -> impl Iterator<Item = (&str, &Value)> {
    schema["properties"].as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

fn description(schema: &Value) -> &str {
    schema["description"].as_str().unwrap_or_default()
}

fn is_list_of_tables(schema: &Value) -> bool {
    schema["items"]["properties"].is_object()
}

/// What may stand behind the `=`.
fn value(schema: &Value) -> String {
    if is_list_of_tables(schema) {
        return "tables, below".to_owned();
    }
    if let Some(values) = schema["enum"].as_array() {
        return values.iter().map(|value| format!("`{}`", toml(value))).collect::<Vec<_>>().join(", ");
    }
    match schema["type"].as_str() {
        Some("array") => format!("list of {}", value(&schema["items"])),
        Some("object") if schema["additionalProperties"].is_object() => {
            format!("table of {}", value(&schema["additionalProperties"]))
        }
        Some("object") => "table".to_owned(),
        Some("boolean") => "`true`, `false`".to_owned(),
        Some("integer") => format!("whole number, {} to {}", schema["minimum"], schema["maximum"]),
        Some("string") if schema["format"] == "date" => "date, without quotes".to_owned(),
        _ => "text".to_owned(),
    }
}

/// What holds where a key is left out.
fn absent(table: &Value, name: &str, key: &Value) -> String {
    let is_required = table["required"].as_array().is_some_and(|keys| keys.iter().any(|key| key == name));
    match &key["default"] {
        _ if is_required => "needed".to_owned(),
        Value::Null => String::new(),
        Value::Object(members) if members.is_empty() => String::new(),
        Value::Array(items) if items.is_empty() => String::new(),
        default => format!("`{}`", toml(default)),
    }
}

/// A value as audit.toml has it.
fn toml(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members: Vec<String> =
                members.iter().map(|(name, value)| format!("{} = {}", key(name), toml(value))).collect();
            format!("{{ {} }}", members.join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", ")),
        // A text of the schema has nothing that JSON and TOML escape in two ways; dates stand without quotes.
        Value::String(text) if text.parse::<jiff::civil::Date>().is_ok() => text.clone(),
        value => value.to_string(),
    }
}

fn key(name: &str) -> String {
    let is_bare = |character: char| character.is_ascii_alphanumeric() || "_-".contains(character);
    if name.chars().all(is_bare) { name.to_owned() } else { format!("\"{name}\"") }
}

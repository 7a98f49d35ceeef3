//! docs/policies.md, carried out from top to bottom in a folder: files are written, commands run, outputs compared.
//!
//! The info string of a block says what it is: `rego FILE` and `toml FILE` are files, `sh` commands with `# exit N` behind
//! them where that is not 0, `text` is in what the last command printed, with `[…]` for lines left out, and `skip` is
//! beyond this folder. policies/refused.rego is taken away once its command has run.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::common::{Project, Run};

/// A fenced block: info string and text.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    let mut blocks = Vec::new();
    let mut rest = page;
    while let Some((_, fence)) = rest.split_once("\n```") {
        let (info, body) = fence.split_once('\n').expect("an info string");
        let (text, after) = body.split_once("```").expect("the end of a block");
        blocks.push((info, text));
        rest = after;
    }
    blocks
}

fn folder() -> Project {
    let project = Project::of_recordings(&[]);
    let recordings = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/recordings");
    for app in ["intranet", "shop", "field-service"] {
        for entry in fs::read_dir(recordings.join(app)).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy();
            let text = fs::read_to_string(&path).expect("readable");
            project.file(&format!("recordings/{app}/{name}"), &text);
        }
    }
    project
}

#[test]
fn the_guide_does_what_it_says() {
    let page =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/policies.md")).expect("a page");
    let project = folder();
    let refused = project.path().join("policies/refused.rego");
    let mut last: Option<Run> = None;
    let mut commands = 0;
    for (info, text) in blocks(&page) {
        match info.split(' ').collect::<Vec<_>>()[..] {
            [_, "skip"] => {}
            ["rego" | "toml", file] => {
                project.file(file, text);
            }
            ["sh"] => {
                for line in text.lines() {
                    let (command, comment) = line.split_once('#').unwrap_or((line, " exit 0"));
                    let arguments: Vec<&str> = command.split_whitespace().collect();
                    assert_eq!(arguments[0], "audit", "{line}");
                    let run = project.audit(&arguments[1..]);
                    assert_eq!(
                        format!(" exit {}", run.code),
                        comment,
                        "{line}\n{}{}",
                        run.stdout,
                        run.stderr
                    );
                    last = Some(run);
                    commands += 1;
                }
                let _ = fs::remove_file(&refused);
            }
            ["text"] => {
                let run = last.as_ref().expect("a command before its output");
                let printed = format!("{}{}", run.stdout, run.stderr);
                for piece in text.split("[…]\n") {
                    assert!(printed.contains(piece), "this is not printed:\n{piece}\nbut\n{printed}");
                }
            }
            _ => panic!("a block of an unknown kind: {info}"),
        }
    }
    assert!(commands >= 8, "only {commands} commands ran");
}

#[test]
fn the_guide_lists_every_member_of_a_document() {
    let page =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/policies.md")).expect("a page");
    let mut table = "| place | value |\n|---|---|\n".to_owned();
    rows(&amplify_audit::document::schema(), "", &mut table);
    assert!(table.lines().count() > 40, "{table}");
    assert!(page.contains(&table), "docs/policies.md does not have this table:\n{table}");
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

//! The JSON Schema of a document, from the tables that it is read along.
//!
//! It holds what every document keeps: which members there are, that none is absent, what is an object and what a
//! list, and that no secret is in it. What a member may say is described and left open, because a value that AWS
//! does not document stays as it came.

use serde_json::{Map, Value, json};

use super::SCHEMA_VERSION;
use super::schema::{LENGTHS, Member, RESOURCE_CONFIG, Shape};
use super::secret::REDACTED;
use crate::target::Stage;

/// The JSON Schema (draft 2020-12) of a document: of the `input` of a policy.
#[must_use]
pub fn schema() -> Value {
    let pointers = |what: &str| {
        json!({
            "description": what,
            "type": "array",
            "items": {"type": "string", "format": "json-pointer"},
        })
    };
    let mut config = object(RESOURCE_CONFIG);
    config["description"] = json!(
        "The settings, as the AmplifyBackend API documents them. Every member is there: one that was absent is null, \
         an absent list is empty."
    );
    json!({
        "title": "Document",
        "description": "The normalized authentication settings of one target: the `input` of a policy.",
        "type": "object",
        "properties": {
            "SchemaVersion": {"description": "Version of this shape.", "const": SCHEMA_VERSION},
            "Origin": {"description": "Where the settings were read: `deployed` in AWS.", "type": "string", "enum": ["deployed"]},
            "Target": target(),
            "ResourceConfig": config,
            "Missing": pointers("Members that the API model calls required and that were absent."),
            "Unrecognised": pointers("Members and values that AWS does not document; they stay as they came."),
        },
        "required": ["SchemaVersion", "Origin", "Target", "ResourceConfig", "Missing", "Unrecognised"],
    })
}

fn target() -> Value {
    let text = |what: &str| json!({"description": what, "type": "string"});
    let known = |what: &str| json!({"description": what, "type": ["string", "null"]});
    let members = json!({
        "Id": text("`APP/ENVIRONMENT/RESOURCE`, each percent-encoded where it must be."),
        "Account": known("AWS account number, where known."),
        "Region": known("AWS region, where known."),
        "AppId": text("Amplify app id."),
        "AppName": known("The app's name, where known."),
        "Environment": text("Backend environment name."),
        "Resource": text("Auth resource name."),
        "Stage": {
            "description": "What the environment is for; rules judge `unknown` as strictly as `production`.",
            "type": "string",
            "enum": [Stage::Production, Stage::Staging, Stage::Development, Stage::Unknown],
        },
        "Labels": {
            "description": "Free labels from the configuration.",
            "type": "object",
            "additionalProperties": {"type": "string"},
        },
    });
    let names: Vec<&String> = members.as_object().into_iter().flat_map(Map::keys).collect();
    json!({
        "description": "Whose settings these are.",
        "type": "object",
        "required": names,
        "properties": members,
    })
}

fn object(members: &[Member]) -> Value {
    let required: Vec<&str> = members.iter().map(|member| member.name).collect();
    let properties: Map<String, Value> =
        members.iter().map(|member| (member.name.to_owned(), value(&member.shape))).collect();
    json!({"type": "object", "properties": properties, "required": required})
}

fn value(shape: &Shape) -> Value {
    match shape {
        Shape::Object(members) => object(members),
        Shape::Text => open(&json!({"type": ["string", "null"]})),
        Shape::Flag => open(&json!({"type": ["boolean", "null"]})),
        Shape::Length => open(&json!({
            "type": ["integer", "null"],
            "minimum": LENGTHS.start(),
            "maximum": LENGTHS.end(),
        })),
        Shape::OneOf(names) => {
            let names: Vec<Option<&str>> = names.iter().copied().map(Some).chain([None]).collect();
            open(&json!({"enum": names}))
        }
        Shape::Secret => json!({
            "description": "A secret, which is dropped while the answer is read: whether there is one.",
            "enum": [null, "", REDACTED, {}, []],
        }),
        Shape::SetOf(names) => set(&open(&json!({"enum": names}))),
        Shape::TextSet => set(&open(&json!({"type": "string"}))),
    }
}

fn set(items: &Value) -> Value {
    json!({
        "description": "A set: sorted, and free of duplicates.",
        "type": "array",
        "items": items,
        "uniqueItems": true,
    })
}

/// What is documented, beside everything else.
fn open(documented: &Value) -> Value {
    json!({
        "anyOf": [
            documented,
            {"description": "Anything else is not documented by AWS: it stays as it came, and stands in Unrecognised."},
        ],
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    use super::*;
    use crate::document::{Document, read};
    use crate::location::{Location, Region};
    use crate::target::{Target, TargetId};

    fn document(answer: &[u8]) -> Option<Value> {
        let answer = read(answer).ok()?;
        let target = Target {
            id: TargetId::new("d1", "prod", "auth"),
            account: None,
            region: None,
            app_id: "d1".to_owned(),
            app_name: None,
            environment: "prod".to_owned(),
            resource: "auth".to_owned(),
            stage: Stage::Unknown,
            labels: [("team".to_owned(), "shop".to_owned())].into(),
            source: "files".into(),
            declared: Location { file: "audit.toml".into(), region: Region::START },
        };
        let document = Document::new(answer, Arc::new(target), None);
        Some(serde_json::from_str(&document.to_pretty()).expect("JSON"))
    }

    fn recordings(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                recordings(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                found.push(path);
            }
        }
    }

    #[test]
    fn every_example_is_a_document_by_the_schema() {
        let validator = jsonschema::draft202012::new(&schema()).expect("a schema");
        let mut files = Vec::new();
        recordings(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples"), &mut files);
        let documents: Vec<Value> =
            files.iter().filter_map(|file| document(&fs::read(file).expect("readable"))).collect();
        assert!(documents.len() >= 10, "only {} of {} recordings", documents.len(), files.len());
        for document in &documents {
            if let Err(error) = validator.validate(document) {
                panic!("{}: {error}", error.instance_path());
            }
        }
    }

    #[test]
    fn what_aws_does_not_document_is_a_document_all_the_same() {
        let validator = jsonschema::draft202012::new(&schema()).expect("a schema");
        for config in [
            r"{}",
            r#"{"Service": 7, "New": {"a": [1]}, "UserPoolConfigs": null}"#,
            r#"{"UserPoolConfigs": {"Mfa": {"MFAMode": "SOMETIMES"}, "PasswordPolicy": {"MinimumLength": 8.5}}}"#,
            r#"{"UserPoolConfigs": {"OAuth": {"OAuthScopes": ["NEW", 1], "RedirectSignInURIs": null,
                "SocialProviderSettings": {"Google": {"ClientSecret": "hunter2"}, "Facebook": {"ClientSecret": {}}}}}}"#,
        ] {
            let document = document(format!(r#"{{"ResourceConfig": {config}}}"#).as_bytes()).expect(config);
            assert!(validator.is_valid(&document), "{document:#}");
        }
    }

    #[test]
    fn what_is_no_document_is_refused() {
        let validator = jsonschema::draft202012::new(&schema()).expect("a schema");
        let good = document(br#"{"ResourceConfig": {}}"#).expect("a document");
        assert!(validator.is_valid(&good));
        for (pointer, wrong) in [
            ("/SchemaVersion", json!(2)),
            ("/Target", json!({"Id": "d1/prod/auth"})),
            ("/Target/Stage", json!("prod")),
            ("/Target/Labels/team", json!(1)),
            ("/ResourceConfig", json!({})),
            ("/ResourceConfig/UserPoolConfigs/Mfa", json!(null)),
            ("/ResourceConfig/UserPoolConfigs/OAuth/OAuthScopes", json!(null)),
            ("/ResourceConfig/UserPoolConfigs/OAuth/OAuthScopes", json!(["EMAIL", "EMAIL"])),
            (
                "/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/Google/ClientSecret",
                json!("hunter2"),
            ),
            ("/Missing", json!([1])),
        ] {
            let mut bad = good.clone();
            *bad.pointer_mut(pointer).expect("in the document") = wrong;
            assert!(!validator.is_valid(&bad), "{pointer}");
        }
    }
}

//! The normalized settings of one target, in AWS's documented names and shape.
//!
//! Promises: every documented member is there, no value is invented, secrets died in the parser,
//! and the same input gives the same bytes. Every pointer leads to a place in the file that the
//! document came from, or to the line of the configuration that brought the target in.

mod describe;
mod excerpt;
pub mod json;
mod outline;
mod parse;
mod places;
mod printed;
mod schema;
mod secret;
mod stored;

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value, json};

pub use describe::schema;
pub use outline::Outline;
pub use parse::{Answer, AnswerError, Identity, read};
pub use secret::{REDACTED, names_a_secret};
pub use stored::{Stored, StoredError};

use places::Places;
use printed::Printed;

use crate::finding::Evidence;
use crate::location::Location;
use crate::target::Target;

/// Version of the document's shape.
pub const SCHEMA_VERSION: u32 = 1;

/// The normalized settings of one target.
#[derive(Debug, Clone)]
pub struct Document {
    target: Arc<Target>,
    value: Value,
    /// The file that the answer was read from, or that tells what was agreed, with the place of every member in it.
    file: Option<(Arc<str>, Places)>,
}

impl Document {
    /// The document of `target`, from its answer and the file that it was read from, if any.
    #[must_use]
    pub fn new(answer: Answer, target: Arc<Target>, file: Option<Arc<str>>) -> Self {
        let mut value = Map::new();
        value.insert("SchemaVersion".into(), SCHEMA_VERSION.into());
        value.insert("Origin".into(), "deployed".into());
        value.insert("Target".into(), who(&target));
        value.insert("ResourceConfig".into(), answer.config);
        value.extend(answer.unknown);
        value.insert("Missing".into(), answer.missing.into());
        value.insert("Unrecognised".into(), answer.unrecognised.into());
        let file = file.map(|name| (name, answer.places));
        Self { target, value: Value::Object(value), file }
    }

    /// Whose settings these are.
    #[must_use]
    pub fn target(&self) -> &Arc<Target> {
        &self.target
    }

    /// The value at a JSON pointer.
    #[must_use]
    pub fn get(&self, pointer: &str) -> Option<&Value> {
        self.value.pointer(pointer)
    }

    /// The value at the end of a way through members, by their names.
    #[must_use]
    pub fn member(&self, names: &[String]) -> Option<&Value> {
        names.iter().try_fold(&self.value, |value, name| value.as_object()?.get(name))
    }

    /// All of it, as policies read it.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The same as compact JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.value.to_string()
    }

    /// Keeps it in little memory, until it is needed again.
    #[must_use]
    pub fn fold(self) -> Folded {
        let json = self.to_json().into();
        Folded { target: self.target, json, file: self.file }
    }

    /// JSON for people: two spaces, nothing unprintable, a final newline. The lines that findings show.
    #[must_use]
    pub fn to_pretty(&self) -> String {
        Printed::new(&self.value).text
    }

    /// The real place of a pointer: in the file that was read, its value or its nearest ancestor
    /// that is there; else where the target was declared.
    #[must_use]
    pub fn location(&self, pointer: &str) -> Location {
        match &self.file {
            Some((file, places)) => places.nearest(file, pointer),
            None => self.target.declared.clone(),
        }
    }

    /// What proves findings about this document. Each is a pointer and the offending value; where
    /// that is a list of members of the list at the pointer, those members are marked.
    #[must_use]
    pub fn evidence(&self, places: &[(&str, Option<&Value>)]) -> Vec<Evidence> {
        if places.is_empty() {
            return Vec::new();
        }
        let printed = Printed::new(&self.value);
        places
            .iter()
            .map(|(pointer, offending)| {
                let members = self.offending_members(pointer, *offending);
                let pointers = if members.is_empty() { vec![(*pointer).to_owned()] } else { members };
                let marks: Vec<_> = pointers.iter().map(|pointer| printed.locate(pointer)).collect();
                Evidence {
                    location: self.location(&pointers[0]),
                    excerpt: Some(excerpt::cut(&printed.text, &printed.lines, &marks)),
                }
            })
            .collect()
    }

    /// Pointers of the members of the list at `pointer` that are also in `offending`.
    fn offending_members(&self, pointer: &str, offending: Option<&Value>) -> Vec<String> {
        match (self.get(pointer), offending) {
            (Some(Value::Array(all)), Some(Value::Array(bad))) => all
                .iter()
                .enumerate()
                .filter(|(_, member)| bad.contains(member))
                .map(|(index, _)| format!("{pointer}/{index}"))
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// A document that waits for others, in a third of the memory.
#[derive(Debug, Clone)]
pub struct Folded {
    target: Arc<Target>,
    json: Box<str>,
    file: Option<(Arc<str>, Places)>,
}

impl Folded {
    /// Whose settings these are.
    #[must_use]
    pub fn target(&self) -> &Arc<Target> {
        &self.target
    }

    /// The document, as it was.
    #[must_use]
    pub fn unfold(self) -> Document {
        Document { value: self.value(), target: self.target, file: self.file }
    }

    /// All of it, as [`Document::value`].
    ///
    /// # Panics
    /// Never: the text is what `fold` wrote.
    #[must_use]
    pub fn value(&self) -> Value {
        #[expect(clippy::expect_used, reason = "the text is what `fold` wrote")]
        serde_json::from_str(&self.json).expect("JSON of our own")
    }
}

/// A member's name as a part of a JSON pointer (RFC 6901).
fn pointer_token(name: &str) -> Cow<'_, str> {
    if name.contains(['~', '/']) {
        Cow::Owned(name.replace('~', "~0").replace('/', "~1"))
    } else {
        Cow::Borrowed(name)
    }
}

fn who(target: &Target) -> Value {
    json!({
        "Id": target.id.as_str(),
        "Account": target.account,
        "Region": target.region,
        "AppId": target.app_id,
        "AppName": target.app_name,
        "Environment": target.environment,
        "Resource": target.resource,
        "Stage": target.stage.as_str(),
        "Labels": target.labels,
    })
}

#[cfg(test)]
mod tests;

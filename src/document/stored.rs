//! A document that was written to a file: read back strictly, with the place of every value in it.
//!
//! A file may have been edited by hand, or be another version's. What is no document of this version is refused with
//! its place, because a member that is misspelt, or not there, would be compared with nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jsonc_parser::ast::{Object, Value as Node};
use serde_json::{Map, Value};

use super::json;
use super::parse::Walk;
use super::places::Places;
use super::schema::{Member, RESOURCE_CONFIG, Shape};
use super::secret::{REDACTED, names_a_secret};
use super::{Document, SCHEMA_VERSION, pointer_token};
use crate::location::{LineIndex, Location, Region};
use crate::suggestion::nearest;
use crate::target::{Stage, TargetId};
use crate::untrusted::shortened;

/// The members at the root of every document.
const ROOT: [&str; 6] = ["SchemaVersion", "Origin", "Target", "ResourceConfig", "Missing", "Unrecognised"];

/// The members of `Target`: text, and text or null; beside them `Stage` and `Labels`.
const TARGET_TEXTS: [&str; 4] = ["Id", "AppId", "Environment", "Resource"];
const TARGET_NULLABLE: [&str; 3] = ["Account", "Region", "AppName"];

/// A document of a file.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The file, as reports name it.
    pub name: Arc<str>,
    /// Whose settings these are.
    pub id: TargetId,
    value: Value,
    /// The place of each value.
    pub(super) places: Places,
}

/// Why a file holds no document of this version. No value of the file is in it, but for names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct StoredError {
    /// What is wrong with it.
    pub message: String,
    /// What to do, where it is not simply to be written anew.
    pub help: Option<String>,
    /// Where.
    pub region: Region,
    /// Whether a newer version wrote it.
    pub is_newer: bool,
}

impl Stored {
    /// Reads the bytes of the file `name`.
    ///
    /// # Errors
    /// What keeps it from being a document of this version: no strict JSON, another `SchemaVersion`, a member that is
    /// not there, is something else or is undocumented and not listed as such, or a secret.
    pub fn read(bytes: &[u8], name: Arc<str>) -> Result<Self, StoredError> {
        let start = |message: &str| StoredError::new(message, Region::START);
        let text = std::str::from_utf8(bytes).map_err(|_| start("it is not UTF-8"))?;
        let root = json::parse(text).map_err(|error| StoredError::new(error.what, error.region))?;
        let Node::Object(object) = &root else {
            return Err(start(&format!("it is {}, not a document of audit", json::kind(&root))));
        };
        let reading = Reading { lines: LineIndex::new(text), places: Places::default() };
        reading.document(object, name)
    }

    /// All of it.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The place of a pointer in the file: its value, or its nearest ancestor that is there.
    #[must_use]
    pub fn location(&self, pointer: &str) -> Location {
        self.places.nearest(&self.name, pointer)
    }

    /// The place of one of these members of the list at a pointer, the first in the file; of the list where none is in
    /// it.
    #[must_use]
    pub fn location_of(&self, pointer: &str, members: &[Value]) -> Location {
        let list = self.value.pointer(pointer).and_then(Value::as_array);
        let at = list.and_then(|list| list.iter().position(|member| members.contains(member)));
        match at {
            Some(at) => self.location(&format!("{pointer}/{at}")),
            None => self.location(pointer),
        }
    }

    /// The places of the values of another document in this file: members of lists are found by their value, because
    /// their indices move.
    pub(super) fn places_of(&self, document: &Value) -> Places {
        let mut places = self.places.clone();
        for (pointer, elements) in lists(&self.value) {
            for at in 0..elements.len() {
                places.remove(&format!("{pointer}/{at}"));
            }
            let Some(others) = document.pointer(&pointer).and_then(Value::as_array) else { continue };
            for (at, other) in others.iter().enumerate() {
                let here = elements.iter().position(|element| element == other);
                if let Some(region) = here.and_then(|here| self.places.get(&format!("{pointer}/{here}"))) {
                    places.insert(&format!("{pointer}/{at}"), region);
                }
            }
        }
        places
    }
}

/// Every list in a document, by its pointer.
fn lists(value: &Value) -> Vec<(String, &Vec<Value>)> {
    let mut lists = Vec::new();
    let mut waiting = vec![(String::new(), value)];
    while let Some((pointer, value)) = waiting.pop() {
        match value {
            Value::Array(elements) => lists.push((pointer, elements)),
            Value::Object(members) => waiting.extend(
                members
                    .iter()
                    .filter(|(_, member)| member.is_array() || member.is_object())
                    .map(|(name, member)| (format!("{pointer}/{}", pointer_token(name)), member)),
            ),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    lists
}

impl StoredError {
    fn new(message: impl Into<String>, region: Region) -> Self {
        Self { message: message.into(), help: None, region, is_newer: false }
    }

    fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

struct Reading<'a> {
    lines: LineIndex<'a>,
    /// The places of what is no setting.
    places: Places,
}

impl<'a> Reading<'a> {
    fn document(mut self, root: &Object<'a>, name: Arc<str>) -> Result<Stored, StoredError> {
        self.version(root)?;
        self.has_all(root, ROOT, "")?;
        let at =
            |name: &str| member(root, name).ok_or_else(|| StoredError::new("it is empty", Region::START));
        self.is_one_of(at("Origin")?, "/Origin", &["deployed"])?;
        let (id, target) = self.target(at("Target")?)?;
        let missing = self.pointers(at("Missing")?, "/Missing")?;
        let unrecognised = self.pointers(at("Unrecognised")?, "/Unrecognised")?;
        let config = at("ResourceConfig")?;
        self.is_whole(config, RESOURCE_CONFIG, "/ResourceConfig")?;
        let foreign: Vec<_> =
            root.properties.iter().filter(|member| !ROOT.contains(&member.name.as_str())).collect();
        for member in &foreign {
            let name = member.name.as_str();
            self.has_no_secret(name, &member.value, &short(&format!("/{}", pointer_token(name))))?;
        }

        let mut walk = Walk::new(self.lines);
        let settings = walk.settings(config);
        let settings = settings.map_err(|error| StoredError::new(error.message, error.region))?;
        let mut unknown = Map::new();
        walk.foreign_members(&foreign, "", &mut unknown);
        let unlisted = walk.unrecognised.iter().find(|pointer| !unrecognised.contains(*pointer));
        if let Some(pointer) = unlisted {
            return Err(undocumented(pointer, walk.places.get(pointer)));
        }

        let mut value = Map::new();
        value.insert("SchemaVersion".to_owned(), SCHEMA_VERSION.into());
        value.insert("Origin".to_owned(), "deployed".into());
        value.insert("Target".to_owned(), target);
        value.insert("ResourceConfig".to_owned(), settings);
        value.append(&mut unknown);
        for (name, pointers) in [("Missing", missing), ("Unrecognised", unrecognised)] {
            value.insert(name.to_owned(), pointers.into_iter().collect());
        }
        let mut places = walk.places;
        places.append(&mut self.places);
        Ok(Stored { name, id, value: Value::Object(value), places })
    }

    fn version(&self, root: &Object<'_>) -> Result<(), StoredError> {
        let Some(node) = member(root, "SchemaVersion") else {
            let message = "it is not a document of audit: it has no `SchemaVersion`";
            return Err(StoredError::new(message, Region::START));
        };
        let (text, number) = match node {
            Node::NumberLit(number) => (number.value, number.value.parse::<f64>().ok()),
            _ => ("", None),
        };
        match number {
            Some(_) if text == SCHEMA_VERSION.to_string() => Ok(()),
            Some(newer) if newer > f64::from(SCHEMA_VERSION) => Err(StoredError {
                is_newer: true,
                ..StoredError::new(
                    format!("its `SchemaVersion` is {}, and this audit reads {SCHEMA_VERSION}", short(text)),
                    self.region(node),
                )
                .with_help("use a newer version of audit: this one does not know what else was agreed")
            }),
            Some(_) | None => Err(StoredError::new(
                format!("its `SchemaVersion` is not {SCHEMA_VERSION}"),
                self.region(node),
            )),
        }
    }

    fn target(&mut self, node: &Node<'a>) -> Result<(TargetId, Value), StoredError> {
        let object = self.object(node, "/Target")?;
        let names: Vec<&str> =
            TARGET_TEXTS.into_iter().chain(TARGET_NULLABLE).chain(["Stage", "Labels"]).collect();
        self.has_all(object, names.iter().copied(), "/Target")?;
        let mut target = Map::new();
        for property in &object.properties {
            let name = property.name.as_str();
            let pointer = format!("/Target/{}", pointer_token(name));
            self.places.insert(&pointer, self.region(&property.value));
            let value = match (name, &property.value) {
                ("Labels", labels) => self.labels(labels)?,
                ("Stage", stage) => {
                    let stages = [Stage::Production, Stage::Staging, Stage::Development, Stage::Unknown];
                    self.is_one_of(stage, &pointer, &stages.map(Stage::as_str))?;
                    text(stage)
                }
                (_, node @ Node::StringLit(_)) if names.contains(&name) => text(node),
                (name, Node::NullKeyword(_)) if TARGET_NULLABLE.contains(&name) => Value::Null,
                (name, node) if names.contains(&name) => {
                    return Err(self.wrong_kind(node, &pointer, "a string"));
                }
                (name, node) => {
                    let error = StoredError::new(
                        format!("`Target` has a member `{}`, which no document has", short(name)),
                        self.region(node),
                    );
                    return Err(suggesting(error, name, names.iter().copied()));
                }
            };
            target.insert(name.to_owned(), value);
        }
        let part = |name: &str| target.get(name).and_then(Value::as_str).unwrap_or_default();
        let id = TargetId::new(part("AppId"), part("Environment"), part("Resource"));
        if part("Id") != id.as_str() {
            let at = self.places.get("/Target/Id").unwrap_or(Region::START);
            let message =
                format!("`/Target/Id` does not say `{}`, as the names beside it do", short(id.as_str()));
            return Err(StoredError::new(message, at));
        }
        Ok((id, Value::Object(target)))
    }

    fn labels(&mut self, node: &Node<'a>) -> Result<Value, StoredError> {
        let object = self.object(node, "/Target/Labels")?;
        let mut labels = Map::new();
        for property in &object.properties {
            let name = property.name.as_str();
            let pointer = format!("/Target/Labels/{}", pointer_token(name));
            if !matches!(property.value, Node::StringLit(_)) {
                return Err(self.wrong_kind(&property.value, &short(&pointer), "a string"));
            }
            self.places.insert(&pointer, self.region(&property.value));
            labels.insert(name.to_owned(), text(&property.value));
        }
        Ok(Value::Object(labels))
    }

    /// A list of JSON pointers.
    fn pointers(&mut self, node: &Node<'a>, at: &str) -> Result<BTreeSet<String>, StoredError> {
        let Node::Array(list) = node else { return Err(self.wrong_kind(node, at, "a list")) };
        self.places.insert(at, self.region(node));
        let mut pointers = BTreeMap::new();
        for element in &list.elements {
            let Node::StringLit(pointer) = element else {
                return Err(self.wrong_kind(element, at, "a list of strings"));
            };
            pointers.insert(pointer.value.to_string(), self.region(element));
        }
        for (index, region) in pointers.values().enumerate() {
            self.places.insert(&format!("{at}/{index}"), *region);
        }
        Ok(pointers.into_keys().collect())
    }

    /// Whether every documented member is there by its documented name, and is what it should be; and whether no secret
    /// is there.
    fn is_whole(&self, node: &Node<'_>, schema: &[Member], at: &str) -> Result<(), StoredError> {
        let object = self.object(node, at)?;
        self.has_all(object, schema.iter().map(|member| member.name), at)?;
        for property in &object.properties {
            let name = property.name.as_str();
            let pointer = || short(&format!("{at}/{}", pointer_token(name)));
            let documented = schema.iter().find(|member| member.name == name);
            match documented.map(|member| &member.shape) {
                Some(Shape::Object(schema)) => self.is_whole(&property.value, schema, &pointer())?,
                Some(Shape::SetOf(_) | Shape::TextSet) if !matches!(property.value, Node::Array(_)) => {
                    return Err(self.wrong_kind(&property.value, &pointer(), "a list"));
                }
                Some(Shape::Secret) => self.is_redacted(&property.value, &pointer())?,
                None => self.has_no_secret(name, &property.value, &pointer())?,
                Some(
                    Shape::SetOf(_)
                    | Shape::TextSet
                    | Shape::Text
                    | Shape::Flag
                    | Shape::Length
                    | Shape::OneOf(_),
                ) => {}
            }
        }
        Ok(())
    }

    /// The same of a member that AWS does not document, and of all below it.
    fn has_no_secret(&self, name: &str, node: &Node<'_>, at: &str) -> Result<(), StoredError> {
        if names_a_secret(name) {
            return self.is_redacted(node, at);
        }
        match node {
            Node::Object(object) => object.properties.iter().try_for_each(|member| {
                let name = member.name.as_str();
                self.has_no_secret(name, &member.value, &short(&format!("{at}/{}", pointer_token(name))))
            }),
            Node::Array(list) => {
                list.elements.iter().try_for_each(|element| self.has_no_secret("", element, at))
            }
            Node::StringLit(_) | Node::NumberLit(_) | Node::BooleanLit(_) | Node::NullKeyword(_) => Ok(()),
        }
    }

    /// A file of a repository is the last place for a secret.
    fn is_redacted(&self, node: &Node<'_>, at: &str) -> Result<(), StoredError> {
        let is_redacted = match node {
            Node::NullKeyword(_) => true,
            Node::StringLit(text) => text.value.is_empty() || text.value == REDACTED,
            Node::Object(object) => object.properties.is_empty(),
            Node::Array(list) => list.elements.is_empty(),
            Node::NumberLit(_) | Node::BooleanLit(_) => false,
        };
        if is_redacted {
            return Ok(());
        }
        Err(StoredError::new(
            format!("`{at}` is something else than \"{REDACTED}\": a document holds no secret"),
            self.region(node),
        )
        .with_help("take the secret out of the file and its history, and replace it where it is used"))
    }

    fn has_all<'n>(
        &self,
        object: &Object<'_>,
        names: impl IntoIterator<Item = &'n str>,
        at: &str,
    ) -> Result<(), StoredError> {
        let names: Vec<&str> = names.into_iter().collect();
        let Some(lost) = names.iter().find(|name| member(object, name).is_none()) else { return Ok(()) };
        let message = format!("it has no `{at}/{lost}`, which every document has");
        // It may be there under another name: that is the place to look.
        let others = object.properties.iter().filter(|member| !names.contains(&member.name.as_str()));
        let misspelt = others.into_iter().find(|other| nearest(other.name.as_str(), [*lost]).is_some());
        Err(match misspelt {
            Some(misspelt) => {
                let range = misspelt.range.start..misspelt.range.end;
                StoredError::new(message, self.lines.region(range))
                    .with_help(format!("did you mean `{lost}` by `{}`?", short(misspelt.name.as_str())))
            }
            None => StoredError::new(message, self.lines.region(object.range.start..object.range.end)),
        })
    }

    fn object<'n>(&self, node: &'n Node<'a>, at: &str) -> Result<&'n Object<'a>, StoredError> {
        match node {
            Node::Object(object) => Ok(object),
            other => Err(self.wrong_kind(other, at, "an object")),
        }
    }

    fn is_one_of(&self, node: &Node<'_>, at: &str, names: &[&str]) -> Result<(), StoredError> {
        let said = match node {
            Node::StringLit(said) => said.value.as_ref(),
            other => return Err(self.wrong_kind(other, at, "a string")),
        };
        if names.contains(&said) {
            return Ok(());
        }
        let error = StoredError::new(format!("`{at}` is not {}", one_of(names)), self.region(node));
        Err(suggesting(error, said, names.iter().copied()))
    }

    fn wrong_kind(&self, node: &Node<'_>, at: &str, should: &str) -> StoredError {
        let message = format!("`{at}` is {}, where {should} should be", json::kind(node));
        StoredError::new(message, self.region(node))
    }

    fn region(&self, node: &Node<'_>) -> Region {
        self.lines.region(json::range(node))
    }
}

/// A member or value that AWS does not document is in a document only as `Unrecognised`; else it was mistyped.
fn undocumented(pointer: &str, region: Option<Region>) -> StoredError {
    let message = format!("`{}` is not what AWS documents, and not listed in `Unrecognised`", short(pointer));
    StoredError::new(message, region.unwrap_or(Region::START))
        .with_help("correct it, or write the file anew with `audit snapshot`")
}

fn suggesting<'n>(error: StoredError, given: &str, known: impl IntoIterator<Item = &'n str>) -> StoredError {
    match nearest(given, known) {
        Some(name) => error.with_help(format!("did you mean `{name}`?")),
        None => error,
    }
}

fn one_of(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    names.join(" or ")
}

fn member<'n, 'a>(object: &'n Object<'a>, name: &str) -> Option<&'n Node<'a>> {
    object.properties.iter().find(|member| member.name.as_str() == name).map(|member| &member.value)
}

/// A string; other values are refused before.
fn text(node: &Node<'_>) -> Value {
    match node {
        Node::StringLit(text) => Value::String(text.value.to_string()),
        Node::NullKeyword(_)
        | Node::BooleanLit(_)
        | Node::NumberLit(_)
        | Node::Object(_)
        | Node::Array(_) => Value::Null,
    }
}

fn short(text: &str) -> String {
    shortened(text, 200).into_owned()
}

impl Document {
    /// Its values are at their places in this file, where it came from no file of its own.
    #[must_use]
    pub fn located_in(mut self, stored: &Stored) -> Self {
        if self.file.is_none() {
            self.file = Some((Arc::clone(&stored.name), stored.places_of(&self.value)));
        }
        self
    }
}

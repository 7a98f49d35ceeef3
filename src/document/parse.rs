//! The one parser from AWS's JSON — as on the wire, or as the AWS CLI prints it — to normalized settings.
//!
//! It walks the answer along the schema, so every documented member is there afterwards and nothing
//! is invented. A scalar that AWS does not document stays as it came and is listed; an object or a
//! list that is something else is refused, because a rule that looks inside it would never fire.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jsonc_parser::ast::{Array, Object, ObjectProp, Value as Node};
use serde_json::{Map, Number, Value};

use super::json;
use super::places::Places;
use super::pointer_token;
use super::schema::{ANSWER, LENGTHS, Member, RESOURCE_CONFIG, Shape};
use super::secret::{names_a_secret, redact, without_secrets};
use crate::location::{LineIndex, Region};
use crate::target::Cause;
use crate::untrusted::shortened;

/// Names at the root of a document that no answer may use: they say who and where.
const RESERVED: [&str; 5] = ["SchemaVersion", "Origin", "Target", "Missing", "Unrecognised"];

/// A parsed answer: settings, and whose they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Whose settings it says these are.
    pub identity: Identity,
    pub(super) config: Value,
    pub(super) unknown: Map<String, Value>,
    pub(super) missing: Vec<String>,
    pub(super) unrecognised: Vec<String>,
    pub(super) places: Places,
}

/// Whose settings an answer says that it holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// Amplify app id.
    pub app_id: Option<String>,
    /// Backend environment name.
    pub environment: Option<String>,
    /// Auth resource name.
    pub resource: Option<String>,
}

impl Identity {
    fn of(root: &Object<'_>) -> Self {
        let mut identity = Self::default();
        for property in &root.properties {
            let Node::StringLit(text) = &property.value else { continue };
            let Some(member) = ANSWER.iter().find(|member| member.is_named(property.name.as_str())) else {
                continue;
            };
            let slot = match member.name {
                "AppId" => &mut identity.app_id,
                "BackendEnvironmentName" => &mut identity.environment,
                "ResourceName" => &mut identity.resource,
                _ => continue,
            };
            *slot = Some(text.value.to_string());
        }
        identity
    }
}

/// Why an answer cannot be judged. No value of the answer is in it, but for the text of the
/// answer's own `error`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct AnswerError {
    /// `bad_response`, `backend_error` or `no_config`.
    pub kind: Cause,
    /// What is wrong with it.
    pub message: String,
    /// Where in the text.
    pub region: Region,
    /// Whose it says it is, as far as it could be read.
    pub identity: Box<Identity>,
}

impl AnswerError {
    fn new(kind: Cause, message: impl Into<String>, region: Region) -> Self {
        Self { kind, message: message.into(), region, identity: Box::default() }
    }

    fn bad(message: impl Into<String>, region: Region) -> Self {
        Self::new(Cause::BadResponse, message, region)
    }
}

/// Reads the bytes of an answer.
///
/// # Errors
/// What cannot be judged: not UTF-8 or not JSON, not an answer of `GetBackendAuth`, an answer with
/// `error` set, or one without settings.
pub fn read(bytes: &[u8]) -> Result<Answer, AnswerError> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| {
        let utf16 = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
        let what = if utf16 { "it is UTF-16, not UTF-8" } else { "it is not UTF-8" };
        AnswerError::bad(what, Region::START)
    })?;
    let root = json::parse(text).map_err(|error| AnswerError::bad(error.what, error.region))?;
    let lines = LineIndex::new(text);
    let Node::Object(object) = &root else {
        return Err(AnswerError::bad(
            format!("it is {}, not an answer of GetBackendAuth", json::kind(&root)),
            lines.region(json::range(&root)),
        ));
    };
    let identity = Identity::of(object);
    Walk::new(lines)
        .answer(object, identity.clone())
        .map_err(|error| AnswerError { identity: Box::new(identity), ..error })
}

/// Goes along the schema, and keeps what it meets.
pub(super) struct Walk<'a> {
    lines: LineIndex<'a>,
    missing: Vec<String>,
    /// Pointers of what AWS does not document.
    pub(super) unrecognised: Vec<String>,
    /// The place of every value.
    pub(super) places: Places,
}

/// The members of an object, sorted into those that the schema has and the rest.
struct Sorted<'n, 'a> {
    documented: Vec<Option<&'n Node<'a>>>,
    foreign: Vec<&'n ObjectProp<'a>>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(lines: LineIndex<'a>) -> Self {
        Self { lines, missing: Vec::new(), unrecognised: Vec::new(), places: Places::default() }
    }

    /// The normalized settings.
    pub(super) fn settings(&mut self, node: &Node<'_>) -> Result<Value, AnswerError> {
        self.object(Some(node), RESOURCE_CONFIG, "/ResourceConfig")
    }

    fn answer(mut self, root: &Object<'_>, identity: Identity) -> Result<Answer, AnswerError> {
        let members = self.sort(root, ANSWER, "")?;
        let whole = self.lines.region(root.range.start..root.range.end);
        if let Some(reserved) = members.foreign.iter().find(|member| RESERVED.contains(&member.name.as_str()))
        {
            return Err(AnswerError::bad(
                format!(
                    "it has a member `{}`, which no answer of GetBackendAuth has",
                    reserved.name.as_str()
                ),
                self.lines.region(reserved.range.start..reserved.range.end),
            ));
        }
        let mut config = None;
        for (member, node) in ANSWER.iter().zip(&members.documented) {
            let Some(node) = node.filter(|node| !matches!(node, Node::NullKeyword(_))) else { continue };
            match (member.name, node) {
                ("Error", error) => self.backend_error(error)?,
                ("ResourceConfig", node) => config = Some(node),
                (_, Node::StringLit(_)) => {}
                (name, other) => {
                    return Err(AnswerError::bad(
                        format!("`{name}` is {}, where a string should be", json::kind(other)),
                        self.lines.region(json::range(other)),
                    ));
                }
            }
        }
        let Some(config) = config else {
            return Err(if members.documented.iter().all(Option::is_none) {
                AnswerError::bad("it is not an answer of GetBackendAuth: it has none of its members", whole)
            } else {
                AnswerError::new(Cause::NoConfig, "the answer holds no `ResourceConfig`", whole)
            });
        };
        let mut unknown = Map::new();
        self.foreign_members(&members.foreign, "", &mut unknown);
        let config = self.settings(config)?;
        self.missing.sort();
        self.unrecognised.sort();
        Ok(Answer {
            identity,
            config,
            unknown,
            missing: self.missing,
            unrecognised: self.unrecognised,
            places: self.places,
        })
    }

    fn backend_error(&self, error: &Node<'_>) -> Result<(), AnswerError> {
        let said = match error {
            Node::StringLit(text) if text.value.trim().is_empty() => return Ok(()),
            Node::StringLit(text) => {
                format!("the answer carries an error: {}", shortened(&without_secrets(&text.value), 300))
            }
            other => format!("the answer carries an error that is {}", json::kind(other)),
        };
        Err(AnswerError::new(Cause::BackendError, said, self.lines.region(json::range(error))))
    }

    /// The normalized object; `None` gives one with every member absent.
    fn object(&mut self, node: Option<&Node<'_>>, schema: &[Member], at: &str) -> Result<Value, AnswerError> {
        let present = match node {
            Some(Node::Object(object)) => Some(object),
            Some(other) => {
                return Err(AnswerError::bad(
                    format!("`{at}` is {}, where an object should be", json::kind(other)),
                    self.lines.region(json::range(other)),
                ));
            }
            None => None,
        };
        let sorted = match present {
            Some(object) => {
                self.place(at, object.range.start..object.range.end);
                self.sort(object, schema, at)?
            }
            None => Sorted { documented: vec![None; schema.len()], foreign: Vec::new() },
        };
        let mut map = Map::new();
        for (member, node) in schema.iter().zip(&sorted.documented) {
            let pointer = format!("{at}/{}", member.name);
            let given = match node {
                Some(null @ Node::NullKeyword(_)) => {
                    self.place(&pointer, json::range(null));
                    None
                }
                other => *other,
            };
            if given.is_none() && member.required && present.is_some() {
                self.missing.push(pointer.clone());
            }
            let value = self.member(given, member, &pointer)?;
            map.insert(member.name.to_owned(), value);
        }
        self.foreign_members(&sorted.foreign, at, &mut map);
        Ok(Value::Object(map))
    }

    fn member(&mut self, node: Option<&Node<'_>>, member: &Member, at: &str) -> Result<Value, AnswerError> {
        match &member.shape {
            Shape::Object(schema) => self.object(node, schema, at),
            Shape::SetOf(names) => self.set(node, Some(names), at),
            Shape::TextSet => self.set(node, None, at),
            scalar => {
                let Some(node) = node else { return Ok(Value::Null) };
                self.place(at, json::range(node));
                Ok(self.scalar(node, scalar, member.name, at))
            }
        }
    }

    fn scalar(&mut self, node: &Node<'_>, shape: &Shape, name: &str, at: &str) -> Value {
        let documented = match (shape, node) {
            (Shape::Secret, node) => {
                if !matches!(node, Node::StringLit(_)) {
                    self.unrecognised.push(at.to_owned());
                }
                return redact(node);
            }
            (Shape::Text, Node::StringLit(_)) | (Shape::Flag, Node::BooleanLit(_)) => true,
            (Shape::OneOf(names), Node::StringLit(text)) => names.contains(&text.value.as_ref()),
            (Shape::Length, Node::NumberLit(number)) => {
                let (value, accepted) = length(number.value);
                if !accepted {
                    self.unrecognised.push(at.to_owned());
                }
                return value;
            }
            _ => false,
        };
        if !documented {
            self.unrecognised.push(at.to_owned());
        }
        foreign(node, name)
    }

    /// A list read as a set: sorted, without duplicates.
    fn set(
        &mut self,
        node: Option<&Node<'_>>,
        names: Option<&[&str]>,
        at: &str,
    ) -> Result<Value, AnswerError> {
        let list: &Array<'_> = match node {
            None => return Ok(Value::Array(Vec::new())),
            Some(Node::Array(list)) => list,
            Some(other) => {
                return Err(AnswerError::bad(
                    format!("`{at}` is {}, where a list should be", json::kind(other)),
                    self.lines.region(json::range(other)),
                ));
            }
        };
        self.place(at, list.range.start..list.range.end);
        // Texts first, then whatever else came, by its JSON.
        let mut elements: BTreeMap<(bool, Cow<'_, str>), &Node<'_>> = BTreeMap::new();
        for element in &list.elements {
            let key = match element {
                Node::StringLit(text) => (false, Cow::Borrowed(text.value.as_ref())),
                other => (true, Cow::Owned(foreign(other, "").to_string())),
            };
            elements.entry(key).or_insert(element);
        }
        let mut values = Vec::with_capacity(elements.len());
        for (index, ((is_foreign, text), element)) in elements.into_iter().enumerate() {
            let pointer = format!("{at}/{index}");
            self.place(&pointer, json::range(element));
            if is_foreign || names.is_some_and(|names| !names.contains(&text.as_ref())) {
                self.unrecognised.push(pointer);
            }
            values.push(foreign(element, ""));
        }
        Ok(Value::Array(values))
    }

    fn sort<'n, 't>(
        &self,
        object: &'n Object<'t>,
        schema: &[Member],
        at: &str,
    ) -> Result<Sorted<'n, 't>, AnswerError> {
        let mut sorted = Sorted { documented: vec![None; schema.len()], foreign: Vec::new() };
        for property in &object.properties {
            let name = property.name.as_str();
            let Some(index) = schema.iter().position(|member| member.is_named(name)) else {
                sorted.foreign.push(property);
                continue;
            };
            if sorted.documented[index].replace(&property.value).is_some() {
                return Err(AnswerError::bad(
                    format!("it has `{at}/{}` in two spellings", schema[index].name),
                    self.lines.region(property.range.start..property.range.end),
                ));
            }
        }
        sorted.foreign.sort_by(|a, b| a.name.as_str().cmp(b.name.as_str()));
        Ok(sorted)
    }

    /// Keeps members that AWS does not document, and lists them.
    pub(super) fn foreign_members(
        &mut self,
        members: &[&ObjectProp<'_>],
        at: &str,
        map: &mut Map<String, Value>,
    ) {
        for member in members {
            let name = member.name.as_str();
            let pointer = format!("{at}/{}", pointer_token(name));
            let value = foreign(&member.value, name);
            self.foreign_places(&member.value, &value, &pointer);
            self.unrecognised.push(pointer);
            map.insert(name.to_owned(), value);
        }
    }

    /// The places of what is in the document of an undocumented member, at any depth.
    fn foreign_places(&mut self, node: &Node<'_>, value: &Value, at: &str) {
        self.place(at, json::range(node));
        match (node, value) {
            (Node::Object(object), Value::Object(members)) => {
                for property in &object.properties {
                    let name = property.name.as_str();
                    if let Some(value) = members.get(name) {
                        self.foreign_places(&property.value, value, &format!("{at}/{}", pointer_token(name)));
                    }
                }
            }
            (Node::Array(list), Value::Array(values)) => {
                for (index, (node, value)) in list.elements.iter().zip(values).enumerate() {
                    self.foreign_places(node, value, &format!("{at}/{index}"));
                }
            }
            _ => {}
        }
    }

    fn place(&mut self, at: &str, range: std::ops::Range<usize>) {
        let region = self.lines.region(range);
        self.places.insert(at, region);
    }
}

/// A value as it came, without its secrets. `name` is the member's own.
fn foreign(node: &Node<'_>, name: &str) -> Value {
    if names_a_secret(name) {
        return redact(node);
    }
    match node {
        Node::NullKeyword(_) => Value::Null,
        Node::BooleanLit(flag) => Value::Bool(flag.value),
        Node::StringLit(text) => Value::String(text.value.to_string()),
        Node::NumberLit(number) => number_value(number.value),
        Node::Array(list) => Value::Array(list.elements.iter().map(|element| foreign(element, "")).collect()),
        Node::Object(object) => {
            let mut members: Vec<_> = object.properties.iter().collect();
            members.sort_by(|a, b| a.name.as_str().cmp(b.name.as_str()));
            Value::Object(
                members
                    .into_iter()
                    .map(|member| {
                        (member.name.as_str().to_owned(), foreign(&member.value, member.name.as_str()))
                    })
                    .collect(),
            )
        }
    }
}

/// A number as it came; its text where no number can hold it (`1e999`), so that it is not lost.
fn number_value(text: &str) -> Value {
    text.parse::<Number>().map_or_else(|_| Value::String(text.to_owned()), Value::Number)
}

/// A length: an integer where the number is whole (the API sends `12.0`), and whether Cognito accepts it.
fn length(text: &str) -> (Value, bool) {
    let Ok(number) = text.parse::<f64>() else { return (number_value(text), false) };
    // From 2^53 upwards a double no longer tells whole numbers apart.
    if number.fract() != 0.0 || number.abs() >= 9_007_199_254_740_992.0 {
        return (number_value(text), false);
    }
    #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53, as checked above")]
    let whole = number as i64;
    (Value::from(whole), LENGTHS.contains(&whole))
}

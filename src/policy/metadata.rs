//! What a rule says of itself, from the `# METADATA` that applies to it.

use std::ops::Range;

use serde_json::Value;

use super::annotations::Block;
use super::near;
use super::pointer::leads_somewhere;
use crate::finding::Severity;

/// Our keys, below `custom`.
pub(super) const KEYS: [&str; 7] = ["severity", "remediation", "references", "tags", "path", "scope", "id"];

/// What the input of a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// The document of one target.
    #[default]
    Document,
    /// `{"App": …, "Documents": […]}`: all environments of one app.
    App,
}

/// What is said of a rule; what is not said is left to who asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Metadata {
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) links: Option<Vec<String>>,
    pub(super) severity: Option<Severity>,
    pub(super) remediation: Option<String>,
    pub(super) references: Option<Vec<String>>,
    pub(super) tags: Option<Vec<String>>,
    /// Where a member that is a string, or names no path, points.
    pub(super) path: Option<String>,
    pub(super) scope: Option<Scope>,
    pub(super) id: Option<String>,
}

/// What is wrong in a block: where, what, and what to do.
pub(super) type Trouble = (Range<usize>, String, String);

impl Metadata {
    /// What one block says, and everything in it that cannot be used. Keys of other people are theirs; one that
    /// is nearly ours is a mistake.
    pub(super) fn of(block: &Block, text: &str) -> (Self, Vec<Trouble>) {
        let links: Vec<String> = block.related_resources.iter().map(|(address, _)| address.clone()).collect();
        let mut metadata = Self {
            title: block.title.clone().filter(|text| !text.is_empty()),
            description: block.description.clone().filter(|text| !text.is_empty()),
            links: (!links.is_empty()).then_some(links),
            ..Self::default()
        };
        let mut troubles = Vec::new();
        for (key, value) in &block.custom {
            if let Err((what, help)) = metadata.custom(key, value) {
                troubles.push((block.place(text, key), what, help));
            }
        }
        (metadata, troubles)
    }

    fn custom(&mut self, key: &str, value: &Value) -> Result<(), (String, String)> {
        match key {
            "severity" => self.severity = Some(severity(value)?),
            "remediation" => self.remediation = Some(self::text(key, value)?),
            "references" => self.references = Some(texts(key, value)?),
            "tags" => self.tags = Some(texts(key, value)?),
            "path" => {
                let path = self::text(key, value)?;
                leads_somewhere(&path)?;
                self.path = Some(path);
            }
            "scope" => self.scope = Some(scope(value)?),
            "id" => self.id = Some(self::text(key, value)?),
            _ => {
                if let Some(ours) = near(key, KEYS) {
                    return Err((format!("`custom` has no `{key}`"), format!("did you mean `{ours}`?")));
                }
            }
        }
        Ok(())
    }

    /// What a wider block says where this one says nothing.
    pub(super) fn or(self, wider: Self) -> Self {
        Self {
            title: self.title.or(wider.title),
            description: self.description.or(wider.description),
            links: self.links.or(wider.links),
            severity: self.severity.or(wider.severity),
            remediation: self.remediation.or(wider.remediation),
            references: self.references.or(wider.references),
            tags: self.tags.or(wider.tags),
            path: self.path.or(wider.path),
            scope: self.scope.or(wider.scope),
            id: self.id.or(wider.id),
        }
    }

    /// The first key of which the two say different things.
    pub(super) fn contradiction(&self, other: &Self) -> Option<&'static str> {
        fn differ<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
            one.zip(other).is_some_and(|(one, other)| one != other)
        }
        [
            ("id", differ(self.id.as_ref(), other.id.as_ref())),
            ("severity", differ(self.severity.as_ref(), other.severity.as_ref())),
            ("scope", differ(self.scope.as_ref(), other.scope.as_ref())),
            ("title", differ(self.title.as_ref(), other.title.as_ref())),
            ("description", differ(self.description.as_ref(), other.description.as_ref())),
            ("remediation", differ(self.remediation.as_ref(), other.remediation.as_ref())),
            ("path", differ(self.path.as_ref(), other.path.as_ref())),
        ]
        .into_iter()
        .find_map(|(key, differs)| differs.then_some(key))
    }
}

/// The severity that a value names.
///
/// # Errors
/// What is wrong, and what to do.
pub(super) fn severity(value: &Value) -> Result<Severity, (String, String)> {
    let given = value.as_str().unwrap_or_default();
    Severity::parse(given).ok_or_else(|| {
        let known = Severity::ALL.map(Severity::as_str);
        let help = near(given, known)
            .map_or_else(|| format!("one of {}", known.join(", ")), |near| format!("did you mean `{near}`?"));
        (format!("`{}` is no severity", shown(value)), help)
    })
}

fn scope(value: &Value) -> Result<Scope, (String, String)> {
    match value.as_str() {
        Some("document") => Ok(Scope::Document),
        Some("app") => Ok(Scope::App),
        Some(_) | None => {
            let help = "the input of a rule is one `document`, or with `app` all documents of one app";
            Err((format!("`{}` is no scope", shown(value)), help.to_owned()))
        }
    }
}

fn text(key: &str, value: &Value) -> Result<String, (String, String)> {
    match value {
        Value::String(text) => Ok(text.trim().to_owned()),
        _ => Err((format!("`{key}` is no text"), "put it in quotes".to_owned())),
    }
}

fn texts(key: &str, value: &Value) -> Result<Vec<String>, (String, String)> {
    let list =
        value.as_array().map(|list| list.iter().map(|text| text.as_str().map(str::to_owned)).collect());
    match list {
        Some(Some(texts)) => Ok(texts),
        _ => Err((
            format!("`{key}` is no list of texts"),
            format!("for example: {key}: [\"first\", \"second\"]"),
        )),
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

//! The members of a rule's set, and what they say of a document.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::LoadedRule;
use crate::document::Document;
use crate::finding::Severity;

/// A member of a rule's set. One that is a string has nothing but that.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Member {
    pub(super) msg: String,
    pub(super) path: Option<String>,
    pub(super) expected: Option<Value>,
    pub(super) actual: Option<Value>,
    pub(super) severity: Option<Severity>,
    /// Of scope `app`: the id of the target that it is about; needed where there are several.
    pub(super) target: Option<String>,
}

/// The members of a set, in its order.
///
/// # Errors
/// What is wrong with the first that is of no use.
pub(super) fn members(set: &regorus::Value, name: &str) -> Result<Vec<Member>, String> {
    let set = set.as_set().map_err(|_| format!("`{name}` is not a set"))?;
    set.iter()
        .map(|member| match member {
            regorus::Value::String(text) => Ok(Member { msg: text.to_string(), ..Member::default() }),
            object @ regorus::Value::Object(_) => serde_json::to_value(object)
                .and_then(serde_json::from_value)
                .map_err(|error| format!("a member of `{name}` is not usable: {error}")),
            _ => Err(format!("a member of `{name}` is neither a string nor an object")),
        })
        .map(|member| {
            member.and_then(|member| match member.msg.trim() {
                "" => Err(format!("a member of `{name}` has no message")),
                _ => Ok(member),
            })
        })
        .collect()
}

/// One member for a path. Several members at one place become one finding that says all they say.
///
/// # Errors
/// Where a member points at what the document does not have.
pub(super) fn by_path<'m>(
    loaded: &LoadedRule,
    members: impl IntoIterator<Item = &'m Member>,
    document: &Document,
) -> Result<BTreeMap<String, Member>, String> {
    let mut merged: BTreeMap<String, Member> = BTreeMap::new();
    for member in members {
        let mut member = member.clone();
        let mut path = member.path.take().unwrap_or_else(|| loaded.path.to_string());
        // An index moves when the list changes: the finding is about the list.
        while let Some((list, index)) = path.rsplit_once('/') {
            let (Some(Value::Array(_)), Some(element)) = (document.get(list), document.get(&path)) else {
                break;
            };
            if index.parse::<usize>().is_err() {
                break;
            }
            member.actual = Some(Value::Array(vec![element.clone()]));
            path.truncate(list.len());
        }
        if document.get(&path).is_none() {
            return Err(format!("it points at `{path}`, which the document does not have"));
        }
        match merged.get_mut(&path) {
            None => {
                merged.insert(path, member);
            }
            Some(first) => join(first, member, loaded.rule.severity),
        }
    }
    Ok(merged)
}

fn join(first: &mut Member, member: Member, severity: Severity) {
    first.msg = format!("{}; {}", first.msg, member.msg);
    first.severity = match (first.severity, member.severity) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (Some(own), None) | (None, Some(own)) => Some(own.max(severity)),
        (None, None) => None,
    };
    first.expected = first.expected.take().or(member.expected);
    first.actual = match (first.actual.take(), member.actual) {
        (Some(Value::Array(mut all)), Some(Value::Array(more))) => {
            for member in more {
                if !all.contains(&member) {
                    all.push(member);
                }
            }
            Some(Value::Array(all))
        }
        (first, second) => first.or(second),
    };
}

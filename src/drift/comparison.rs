//! The walk through two documents at once, along their outline.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::iter::Peekable;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::order::{order, same};
use super::secret::{is_secret, redacted};
use super::weakening::weakens;
use super::{Change, Difference};
use crate::document::Outline;

/// Everything that changed from one document to the other.
pub(super) fn changes(expected: &Value, actual: &Value) -> Vec<Change> {
    let mut comparison =
        Comparison { actual, environments: environments(expected, actual), changes: Vec::new() };
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => comparison.document(expected, actual),
        _ => comparison.value(expected, actual, Some(&DOCUMENT), &Place::ROOT),
    }
    comparison.changes
}

static DOCUMENT: LazyLock<Outline> = LazyLock::new(Outline::document);

/// The names that Amplify ends with the environment's own, and what it puts between: facts of amplify-cli's
/// `auth-cognito-stack-builder.ts`.
const NAMED_AFTER_ENVIRONMENT: [(&str, &str); 3] = [
    ("/ResourceConfig/IdentityPoolConfigs/IdentityPoolName", "__"),
    ("/ResourceConfig/UserPoolConfigs/OAuth/DomainPrefix", "-"),
    ("/ResourceConfig/UserPoolConfigs/UserPoolName", "-"),
];

/// The environments of two documents, where these are of two targets. Whoever does not say whose it is, is compared
/// as strictly as the same one.
fn environments<'d>(expected: &'d Value, actual: &'d Value) -> Option<[&'d str; 2]> {
    let documents = [expected, actual];
    let texts = |pointer| documents.map(|document| document.pointer(pointer).and_then(Value::as_str));
    let [Some(was), Some(is)] = texts("/Target/Id") else { return None };
    (was != is).then(|| texts("/Target/Environment").map(Option::unwrap_or_default))
}

struct Comparison<'d> {
    /// The whole of what is there: whether a change weakens may depend on what stands elsewhere.
    actual: &'d Value,
    /// The environments of the expected and the actual document, where they are of two targets.
    environments: Option<[&'d str; 2]>,
    changes: Vec<Change>,
}

impl Comparison<'_> {
    fn document(&mut self, expected: &Map<String, Value>, actual: &Map<String, Value>) {
        for (name, outline) in documented(Some(&DOCUMENT)) {
            let (expected, actual, place) =
                (get(expected, name), get(actual, name), Place::ROOT.member(name));
            match *name {
                "SchemaVersion" | "Origin" | "Missing" | "Unrecognised" => {}
                "Target" => self.target(expected, actual, outline, &place),
                _ => self.walk(expected, actual, Some(outline), &place),
            }
        }
        self.undocumented(expected, actual, Some(&DOCUMENT), &Place::ROOT);
        let name = "Missing";
        self.missing(get(expected, name), get(actual, name), &Place::ROOT.member(name));
    }

    fn target(&mut self, expected: &Value, actual: &Value, outline: &Outline, place: &Place<'_>) {
        let (Value::Object(expected), Value::Object(actual)) = (expected, actual) else {
            return self.value(expected, actual, Some(outline), place);
        };
        if self.environments.is_some() {
            return;
        }
        for (name, outline) in documented(Some(outline)) {
            let (expected, actual) = (get(expected, name), get(actual, name));
            match *name {
                // They follow from the id.
                "AppId" | "Environment" | "Resource" => {}
                // Whether they are known depends on the source.
                "Account" | "Region" | "AppName" if expected.is_null() || actual.is_null() => {}
                _ => self.walk(expected, actual, Some(outline), &place.member(name)),
            }
        }
    }

    fn walk(&mut self, expected: &Value, actual: &Value, outline: Option<&Outline>, place: &Place<'_>) {
        match (outline, expected, actual) {
            (Some(Outline::Object(members)), Value::Object(expected), Value::Object(actual)) => {
                let (mut was, mut is) = (InOrder::of(expected), InOrder::of(actual));
                for (name, member) in members {
                    self.walk(was.get(name), is.get(name), Some(member), &place.member(name));
                }
                if was.has_more() || is.has_more() {
                    self.undocumented(expected, actual, outline, place);
                }
            }
            // Labels are the configuration's own words, whatever they are called.
            (Some(Outline::Map(member)), Value::Object(expected), Value::Object(actual)) => {
                for name in names(expected, actual, outline) {
                    let (expected, actual, place) =
                        (get(expected, name), get(actual, name), place.member(name));
                    if is_text(expected) && is_text(actual) {
                        // Told apart by value, and not shown where the name speaks of a secret.
                        if !same(expected, actual) {
                            let [was, is] =
                                [expected, actual].map(|value| redacted(value, place.name, Some(member)));
                            self.changed(was, is, &place);
                        }
                    } else {
                        self.walk(expected, actual, Some(member), &place);
                    }
                }
            }
            (Some(Outline::List(_)), Value::Array(expected), Value::Array(actual)) => {
                if let Some((missing, added)) = apart(expected, actual) {
                    self.members(missing, added, place);
                }
            }
            (None, Value::Object(expected), Value::Object(actual)) if !is_secret(place.name, None) => {
                self.undocumented(expected, actual, None, place);
            }
            _ => self.value(expected, actual, outline, place),
        }
    }

    fn undocumented(
        &mut self,
        expected: &Map<String, Value>,
        actual: &Map<String, Value>,
        outline: Option<&Outline>,
        place: &Place<'_>,
    ) {
        for name in names(expected, actual, outline) {
            self.walk(get(expected, name), get(actual, name), None, &place.member(name));
        }
    }

    /// `Missing` follows from the values: it says something only where these are equal all the same, as `{}` and an
    /// object that is absent are.
    fn missing(&mut self, expected: &Value, actual: &Value, place: &Place<'_>) {
        let (Value::Array(was), Value::Array(is)) = (expected, actual) else {
            return self.value(expected, actual, DOCUMENT.at("/Missing"), place);
        };
        let Some((mut missing, mut added)) = apart(was, is) else { return };
        let changed: BTreeSet<&str> = self.changes.iter().map(|change| change.path.as_str()).collect();
        for members in [&mut missing, &mut added] {
            members.retain(|member| !member.as_str().is_some_and(|pointer| is_touched(pointer, &changed)));
        }
        if !(missing.is_empty() && added.is_empty()) {
            self.members(missing, added, place);
        }
    }

    fn value(&mut self, expected: &Value, actual: &Value, outline: Option<&Outline>, place: &Place<'_>) {
        if same(expected, actual) {
            return;
        }
        let [was, is] = [expected, actual].map(|value| redacted(value, place.name, outline));
        if !same(&was, &is) {
            self.changed(was, is, place);
        }
    }

    /// Of two values that differ.
    fn changed(&mut self, was: Value, is: Value, place: &Place<'_>) {
        let path = place.pointer();
        if self.is_named_after_environment(&path, &was, &is) {
            return;
        }
        let weakens = weakens(&path, &was, &is, self.actual);
        self.changes.push(Change {
            path,
            difference: Difference::Value { expected: was, actual: is },
            weakens,
        });
    }

    fn members(&mut self, missing: Vec<Value>, added: Vec<Value>, place: &Place<'_>) {
        let path = place.pointer();
        let weakens =
            weakens(&path, &Value::Array(missing.clone()), &Value::Array(added.clone()), self.actual);
        self.changes.push(Change { path, difference: Difference::Members { missing, added }, weakens });
    }

    /// Whether nothing but the names of their own environments at their ends tells two names apart. Either may have
    /// none: an environment can be made without.
    fn is_named_after_environment(&self, path: &str, expected: &Value, actual: &Value) -> bool {
        let Some([was, is]) = self.environments else { return false };
        let Some((_, between)) = NAMED_AFTER_ENVIRONMENT.iter().find(|(pointer, _)| *pointer == path) else {
            return false;
        };
        let (Value::String(expected), Value::String(actual)) = (expected, actual) else { return false };
        let expected = without_environment(expected, between, was);
        let actual = without_environment(actual, between, is);
        expected.iter().any(|name| actual.contains(name))
    }
}

/// A name, without the environment's at its end, and as it is.
fn without_environment<'n>(name: &'n str, between: &str, environment: &str) -> [&'n str; 2] {
    let short = name.strip_suffix(environment).and_then(|name| name.strip_suffix(between));
    [short.filter(|short| !short.is_empty() && !environment.is_empty()).unwrap_or(name), name]
}

/// Whether it is a text, or nothing.
fn is_text(value: &Value) -> bool {
    matches!(value, Value::Null | Value::String(_))
}

/// Whether a pointer leads to a place that changed, or to one above or below it.
fn is_touched(pointer: &str, changed: &BTreeSet<&str>) -> bool {
    let below = format!("{pointer}/");
    let mut above = pointer.match_indices('/').map(|(end, _)| &pointer[..end]).chain([pointer]);
    above.any(|place| changed.contains(place))
        || changed.range(below.as_str()..).next().is_some_and(|place| place.starts_with(&below))
}

/// The members of two sets that only the one and only the other has, sorted; `None` for equal sets.
fn apart(expected: &[Value], actual: &[Value]) -> Option<(Vec<Value>, Vec<Value>)> {
    if expected.len() == actual.len() && expected.iter().zip(actual).all(|(a, b)| same(a, b)) {
        return None;
    }
    let (expected, actual) = (set(expected), set(actual));
    let (mut missing, mut added) = (Vec::new(), Vec::new());
    let (mut expected, mut actual) = (expected.into_iter().peekable(), actual.into_iter().peekable());
    loop {
        let order = match (expected.peek(), actual.peek()) {
            (Some(expected), Some(actual)) => order(expected, actual),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => break,
        };
        let expected = if order.is_le() { expected.next() } else { None };
        let actual = if order.is_ge() { actual.next() } else { None };
        if order.is_ne() {
            missing.extend(expected.map(Cow::into_owned));
            added.extend(actual.map(Cow::into_owned));
        }
    }
    (!(missing.is_empty() && added.is_empty())).then_some((missing, added))
}

fn set(list: &[Value]) -> Vec<Cow<'_, Value>> {
    let mut set = Vec::with_capacity(list.len());
    for member in list {
        set.push(match member {
            text @ Value::String(_) => Cow::Borrowed(text),
            other => Cow::Owned(redacted(other, "", None)),
        });
    }
    set.sort_by(|a, b| order(a, b));
    set.dedup_by(|a, b| same(a, b));
    set
}

fn documented(outline: Option<&Outline>) -> &[(&'static str, Outline)] {
    match outline {
        Some(Outline::Object(members)) => members,
        _ => &[],
    }
}

/// The names of two objects' members that are not documented, sorted.
fn names<'d>(
    expected: &'d Map<String, Value>,
    actual: &'d Map<String, Value>,
    outline: Option<&Outline>,
) -> Vec<&'d str> {
    let known = documented(outline);
    let mut names: Vec<_> = expected
        .keys()
        .chain(actual.keys())
        .map(String::as_str)
        .filter(|name| !known.iter().any(|(known, _)| known == name))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// What is absent is `null`.
fn get<'d>(object: &'d Map<String, Value>, name: &str) -> &'d Value {
    object.get(name).unwrap_or(&Value::Null)
}

/// The members of an object, found without a search where they stand in the order in which they are asked for, as the
/// members of documents do. Most documents are equal, and searching is most of what it takes to know.
struct InOrder<'d> {
    object: &'d Map<String, Value>,
    next: Peekable<serde_json::map::Iter<'d>>,
    found: usize,
}

impl<'d> InOrder<'d> {
    fn of(object: &'d Map<String, Value>) -> Self {
        Self { object, next: object.iter().peekable(), found: 0 }
    }

    fn get(&mut self, name: &str) -> &'d Value {
        let next = self.next.next_if(|(known, _)| *known == name).map(|(_, value)| value);
        let Some(value) = next.or_else(|| self.object.get(name)) else { return &Value::Null };
        self.found += 1;
        value
    }

    /// Whether there are others than those that were found.
    fn has_more(&self) -> bool {
        self.found < self.object.len()
    }
}

/// A place of a document on the way down: its pointer is only written where something differs.
struct Place<'p> {
    above: Option<&'p Place<'p>>,
    name: &'p str,
}

impl Place<'_> {
    const ROOT: Place<'static> = Place { above: None, name: "" };

    fn member<'p>(&'p self, name: &'p str) -> Place<'p> {
        Place { above: Some(self), name }
    }

    fn pointer(&self) -> String {
        let Some(above) = self.above else { return String::new() };
        let mut pointer = above.pointer();
        pointer.push('/');
        pointer.push_str(&self.name.replace('~', "~0").replace('/', "~1"));
        pointer
    }
}

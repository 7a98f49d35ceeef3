//! `# METADATA` blocks: OPA's annotations, which the engine takes for comments.
//!
//! Read as OPA reads them (<https://www.openpolicyagent.org/docs/policy-language#annotations>): the comment opens a
//! block, the comments in column 1 of the lines below extend it, its text is YAML, and it belongs to the first
//! statement below. OPA ignores members that it does not know; here they are refused, because a mistyped
//! `custom` is a severity that nobody sees.

mod lost;

use std::ops::Range;

use serde_json::{Map, Value, json};

use super::data::{self, Datum};
use super::module::Module;
use super::place;
use super::problem::PolicyError;

/// What a block speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// The one definition below it.
    Rule,
    /// Every definition of that rule.
    Document,
    /// Every rule of the package.
    Package,
    /// Every rule of the package and of the packages below it.
    Subpackages,
}

impl Reach {
    fn as_str(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Document => "document",
            Self::Package => "package",
            Self::Subpackages => "subpackages",
        }
    }
}

/// One block.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) reach: Reach,
    /// Index of the rule below it; `None` above a package.
    pub(super) rule: Option<usize>,
    /// Its bytes, without the opening line.
    pub(super) at: Range<usize>,
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    /// Pages to read on: address, and what is there.
    pub(super) related_resources: Vec<(String, Option<String>)>,
    pub(super) custom: Map<String, Value>,
    /// What only readers of the policy and `rego.metadata` look at, in OPA's form.
    others: Map<String, Value>,
}

impl Block {
    /// Where a key stands in the block; the block's first line where it cannot be told.
    pub(super) fn place(&self, text: &str, key: &str) -> Range<usize> {
        let block = &text[self.at.clone()];
        let mut start = self.at.start;
        for line in block.split_inclusive('\n') {
            let bare = line.trim_start_matches(['#', ' ', '-', '"', '\'', '{']);
            let from = start + line.len() - bare.len();
            if bare
                .strip_prefix(key)
                .is_some_and(|rest| rest.trim_start_matches(['"', '\'']).trim_start().starts_with(':'))
            {
                return from..start + line.trim_end().len();
            }
            start += line.len();
        }
        let first = block.lines().next().unwrap_or_default();
        self.at.start..self.at.start + first.len()
    }

    /// The annotations as `rego.metadata` gives them.
    pub(super) fn to_opa(&self) -> Value {
        let mut object = self.others.clone();
        object.insert("scope".to_owned(), self.reach.as_str().into());
        for (name, text) in [("title", &self.title), ("description", &self.description)] {
            if let Some(text) = text.as_ref().filter(|text| !text.is_empty()) {
                object.insert(name.to_owned(), text.as_str().into());
            }
        }
        if !self.related_resources.is_empty() {
            let resources = self.related_resources.iter().map(|(address, what)| match what {
                Some(what) => json!({"ref": address, "description": what}),
                None => json!({"ref": address}),
            });
            object.insert("related_resources".to_owned(), resources.collect());
        }
        if !self.custom.is_empty() {
            object.insert("custom".to_owned(), Value::Object(self.custom.clone()));
        }
        Value::Object(object)
    }
}

/// The blocks of a module, in the order of the file, and what is wrong with the others.
pub(super) fn read(module: &Module) -> (Vec<Block>, Vec<PolicyError>) {
    let mut blocks: Vec<Block> = Vec::new();
    let mut problems = Vec::new();
    let all = written(&module.text);
    problems.extend(lost::problems(module, &all));
    for written in all {
        match block(module, &written) {
            Ok(block) => {
                let twice = blocks.iter().any(|other| (other.rule, other.reach) == (block.rule, block.reach));
                if twice {
                    let what = format!(
                        "a second METADATA block of scope `{}` for one statement",
                        block.reach.as_str()
                    );
                    let problem = PolicyError::new(&module.file, &module.text, written.opening, what);
                    problems.push(
                        problem.with_help(
                            "one block says it all; an empty line between two comments ends a block",
                        ),
                    );
                } else {
                    blocks.push(block);
                }
            }
            Err(problem) => problems.push(problem),
        }
    }
    (blocks, problems)
}

/// A block as it stands in the file.
struct Written {
    /// The comment that opens it.
    opening: Range<usize>,
    line: usize,
    /// The comments below it, one a line.
    body: Range<usize>,
}

/// Every block of a text. Only comments open one: what is inside of a string does not.
fn written(text: &str) -> Vec<Written> {
    let mut blocks: Vec<Written> = Vec::new();
    let mut open = false;
    let mut last = 0;
    for (line, comment) in comments(text) {
        let in_first_column = comment.start == 0 || text[..comment.start].ends_with('\n');
        if let Some(block) = blocks.last_mut().filter(|_| open && line == last + 1 && in_first_column) {
            block.body.end = comment.end;
            last = line;
            continue;
        }
        open = text[comment.clone()].trim_start_matches('#').trim().starts_with("METADATA");
        last = line;
        if open {
            // The body begins with the next line.
            let body = (comment.end + 1).min(text.len());
            blocks.push(Written { opening: comment, line, body: body..body });
        }
    }
    blocks
}

/// Every comment of a text that parses: its line from 1, and its bytes.
fn comments(text: &str) -> Vec<(usize, Range<usize>)> {
    let mut comments = Vec::new();
    let mut line = 1;
    let mut at = 0;
    while let Some(offset) = text[at..].find(['\n', '#', '"', '`']) {
        let start = at + offset;
        let rest = &text[start + 1..];
        let length = match text.as_bytes()[start] {
            b'#' => {
                let length = rest.find('\n').unwrap_or(rest.len());
                comments.push((line, start..start + 1 + length));
                length
            }
            b'"' => closing(rest),
            b'`' => {
                let length = rest.find('`').map_or(rest.len(), |length| length + 1);
                line += rest[..length].matches('\n').count();
                length
            }
            _ => {
                line += 1;
                0
            }
        };
        at = start + 1 + length;
    }
    comments
}

/// The length of what is left of a string, its quote included.
fn closing(rest: &str) -> usize {
    let mut bytes = rest.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return at + 1,
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
    rest.len()
}

fn block(module: &Module, written: &Written) -> Result<Block, PolicyError> {
    let text = &module.text;
    let problem = |at: Range<usize>, what: String| PolicyError::new(&module.file, text, at, what);
    // Each line without its `#`; the space behind it indents all lines alike.
    let lines: Vec<&str> =
        text[written.body.clone()].lines().map(|line| line.strip_prefix('#').unwrap_or(line)).collect();
    let yaml = lines.join("\n");
    if yaml.trim().is_empty() {
        return Err(problem(written.opening.clone(), "a METADATA block without metadata".to_owned())
            .with_help(
                "the lines below `# METADATA` begin with `#` in the first column, with no line between",
            ));
    }
    let Datum(value) = data::yaml(&yaml).map_err(|(line, what)| {
        problem(
            place::line(text, written.line + line),
            format!("the metadata is not YAML that can be used: {what}"),
        )
        .with_help("texts with a colon or a `#` in them need quotes, or `>-` and lines of their own")
    })?;
    let Value::Object(members) = value else {
        return Err(problem(
            place::line(text, written.line + 1),
            "metadata is a list of keys with values".to_owned(),
        )
        .with_help("for example: # title: Multi-factor authentication is off"));
    };
    let mut block = Block {
        reach: Reach::Rule,
        rule: None,
        at: written.body.clone(),
        title: None,
        description: None,
        related_resources: Vec::new(),
        custom: Map::new(),
        others: Map::new(),
    };
    let scope = fill(&mut block, members)
        .map_err(|(key, what, help)| problem(block.place(text, &key), what).with_help(help))?;
    attach(module, written, &mut block, scope.as_deref())?;
    Ok(block)
}

/// A key, what is wrong with it, and what to do.
type Trouble = (String, String, String);

/// Takes the members over, and returns the scope.
fn fill(block: &mut Block, members: Map<String, Value>) -> Result<Option<String>, Trouble> {
    let mut scope = None;
    for (key, value) in members {
        let trouble = |expected: &str| {
            (
                key.clone(),
                format!("`{key}` of the metadata is no {expected}"),
                format!("write it as a {expected}"),
            )
        };
        match key.as_str() {
            "scope" => scope = Some(text(value).ok_or_else(|| trouble("text"))?),
            "title" => block.title = Some(text(value).ok_or_else(|| trouble("text"))?),
            "description" => block.description = Some(text(value).ok_or_else(|| trouble("text"))?),
            "related_resources" => {
                block.related_resources = resources(value)
                    .ok_or_else(|| trouble("list of addresses, or of `ref` and `description`"))?;
            }
            "custom" => match value {
                Value::Object(custom) => block.custom = custom,
                Value::Null => {}
                _ => return Err(trouble("table")),
            },
            "entrypoint" => match value {
                Value::Bool(true) => drop(block.others.insert(key, value)),
                Value::Bool(false) => {}
                _ => return Err(trouble("`true` or `false`")),
            },
            "authors" => {
                let authors =
                    authors(value).ok_or_else(|| trouble("list of names, or of `name` and `email`"))?;
                block.others.insert(key, authors);
            }
            "organizations" | "schemas" if value.is_array() => drop(block.others.insert(key, value)),
            "organizations" | "schemas" => return Err(trouble("list")),
            "compile" if value.is_object() => drop(block.others.insert(key, value)),
            "compile" => return Err(trouble("table")),
            _ => return Err(unknown(&key)),
        }
    }
    Ok(scope)
}

const KEYS: [&str; 10] = [
    "scope",
    "title",
    "description",
    "related_resources",
    "authors",
    "organizations",
    "schemas",
    "entrypoint",
    "compile",
    "custom",
];

fn unknown(key: &str) -> Trouble {
    let custom = super::metadata::KEYS;
    let help = if custom.contains(&key) {
        format!("`{key}` belongs below `custom`")
    } else {
        let near = super::near(key, KEYS.into_iter().chain(custom));
        near.map_or_else(
            || "keys of your own belong below `custom`".to_owned(),
            |near| format!("did you mean `{near}`?"),
        )
    };
    (key.to_owned(), format!("metadata has no `{key}`"), help)
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        _ => None,
    }
}

fn resources(value: Value) -> Option<Vec<(String, Option<String>)>> {
    let Value::Array(list) = value else { return None };
    list.into_iter()
        .map(|resource| match resource {
            Value::String(address) => Some((address, None)),
            Value::Object(mut members) => {
                let address = text(members.remove("ref")?)?;
                let what = members.remove("description").map(|what| text(what).ok_or(())).transpose().ok()?;
                members.is_empty().then_some((address, what))
            }
            _ => None,
        })
        .collect()
}

/// OPA's form: name and address, which a text has as `Jane Doe <jane@example.com>`.
fn authors(value: Value) -> Option<Value> {
    let Value::Array(list) = value else { return None };
    list.into_iter()
        .map(|author| match author {
            Value::String(author) => Some(match author.split_once('<') {
                Some((name, address)) if name.trim().is_empty() => {
                    json!({"email": address.trim_end_matches('>')})
                }
                Some((name, address)) => json!({"name": name.trim(), "email": address.trim_end_matches('>')}),
                None => json!({"name": author.trim()}),
            }),
            Value::Object(_) => Some(author),
            _ => None,
        })
        .collect()
}

/// Finds the statement below the block, and whether its scope fits.
fn attach(
    module: &Module,
    written: &Written,
    block: &mut Block,
    scope: Option<&str>,
) -> Result<(), PolicyError> {
    enum Statement {
        Package,
        Import,
        Rule(usize),
    }
    let tree = &module.tree;
    let imports = tree.imports.iter().map(|import| (import.span.line, Statement::Import));
    let rules =
        tree.policy.iter().enumerate().map(|(index, rule)| (rule.span().line, Statement::Rule(index)));
    let below = std::iter::once((tree.package.span.line, Statement::Package))
        .chain(imports)
        .chain(rules)
        .filter(|(line, _)| usize::try_from(*line).is_ok_and(|line| line > written.line))
        .min_by_key(|(line, _)| *line);
    let problem = |what: String| PolicyError::new(&module.file, &module.text, written.opening.clone(), what);
    let entrypoint = block.others.contains_key("entrypoint");
    (block.reach, block.rule) = match (below, scope) {
        (None, _) => {
            return Err(problem(
                "this METADATA block belongs to nothing: there is no statement below it".to_owned(),
            )
            .with_help("write it directly above the rule or the package that it speaks of"));
        }
        (Some((_, Statement::Import)), _) => {
            return Err(problem("this METADATA block stands above an import".to_owned())
                .with_help("write it directly above the rule or the package that it speaks of"));
        }
        (Some((_, Statement::Rule(rule))), None) => {
            (if entrypoint { Reach::Document } else { Reach::Rule }, Some(rule))
        }
        (Some((_, Statement::Rule(rule))), Some("rule")) => (Reach::Rule, Some(rule)),
        (Some((_, Statement::Rule(rule))), Some("document")) => (Reach::Document, Some(rule)),
        (Some((_, Statement::Package)), None | Some("package")) => (Reach::Package, None),
        (Some((_, Statement::Package)), Some("subpackages")) => (Reach::Subpackages, None),
        (Some((_, statement)), Some(scope)) => {
            let place = block.place(&module.text, "scope");
            let (above, fits) = match statement {
                Statement::Package => ("a package", "package` or `subpackages"),
                Statement::Import | Statement::Rule(_) => ("a rule", "rule` or `document"),
            };
            let what = format!("scope `{scope}` does not go with {above}");
            let help = if ["document", "app"].contains(&scope) {
                format!(
                    "above {above} the scope is `{fits}`; what the rule's input is stands below `custom`, as `scope`"
                )
            } else {
                format!("above {above} the scope is `{fits}`")
            };
            return Err(PolicyError::new(&module.file, &module.text, place, what).with_help(help));
        }
    };
    Ok(())
}

#[cfg(test)]
mod tests;

//! `regex.*` as in OPA: Go's patterns, Go's rules for empty matches and templates.

use std::fmt::Write as _;
use std::rc::Rc;
use std::sync::{Arc, LazyLock};

use regex::{Captures, Regex};
use regorus::Value;

use super::arguments::{array, integer, text};
use super::cache::{Compiled, compiled};
use super::limits::{MAX_TEXT, MAX_VALUES};
use super::{Answer, pattern};

/// The name of a group in a replacement: Go's letters and digits.
static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[\p{L}\p{Nd}_]+").ok());

#[expect(clippy::unnecessary_wraps, reason = "it stands in the table of functions, most of which can fail")]
pub(super) fn is_valid(arguments: &[Value]) -> Answer {
    let valid = matches!(&arguments[0], Value::String(text) if pattern::translate(text).is_ok());
    Ok(valid.into())
}

pub(super) fn is_match(arguments: &[Value]) -> Answer {
    let name = "regex.match";
    let pattern = expression(name, arguments, 0)?;
    Ok(pattern.regex.is_match(text(name, arguments, 1)?).into())
}

pub(super) fn find_n(arguments: &[Value]) -> Answer {
    let name = "regex.find_n";
    let pattern = expression(name, arguments, 0)?;
    let found = pattern.regex.find_iter(text(name, arguments, 1)?);
    let found = found.take(count(name, arguments)?).map(|found| found.as_str().into());
    array(name, found)
}

pub(super) fn find_all_string_submatch_n(arguments: &[Value]) -> Answer {
    let name = "regex.find_all_string_submatch_n";
    let pattern = expression(name, arguments, 0)?;
    let mut values = 0;
    let mut all = Vec::new();
    for captures in pattern.regex.captures_iter(text(name, arguments, 1)?).take(count(name, arguments)?) {
        values += captures.len();
        if values > MAX_VALUES {
            return Err(format!("{name}: more than {MAX_VALUES} values"));
        }
        let groups = captures.iter().map(|group| Value::from(group.map_or("", |group| group.as_str())));
        all.push(Value::from(groups.collect::<Vec<_>>()));
    }
    Ok(all.into())
}

pub(super) fn split(arguments: &[Value]) -> Answer {
    let name = "regex.split";
    let pattern = expression(name, arguments, 0)?;
    let whole = text(name, arguments, 1)?;
    if whole.is_empty() && !text(name, arguments, 0)?.is_empty() {
        return Ok(vec![whole.into()].into());
    }
    let mut begin = 0;
    let mut parts = Vec::new();
    let mut end = 0;
    for found in pattern.regex.find_iter(whole) {
        end = found.start();
        // An empty match at the very front splits nothing off.
        if found.end() != 0 {
            parts.push(Value::from(&whole[begin..end]));
        }
        begin = found.end();
    }
    if end != whole.len() {
        parts.push(whole[begin..].into());
    }
    array(name, parts.into_iter())
}

pub(super) fn replace(arguments: &[Value]) -> Answer {
    let name = "regex.replace";
    let whole = text(name, arguments, 0)?;
    let pattern = expression(name, arguments, 1)?;
    let template = text(name, arguments, 2)?;
    let mut replaced = String::new();
    let mut end = 0;
    for captures in pattern.regex.captures_iter(whole) {
        let found = captures.get_match();
        replaced.push_str(&whole[end..found.start()]);
        expand(template, &captures, &pattern, &mut replaced);
        if replaced.len() > MAX_TEXT {
            return Err(format!("{name}: a text of more than {MAX_TEXT} bytes"));
        }
        end = found.end();
    }
    replaced.push_str(&whole[end..]);
    Ok(replaced.into())
}

/// Go's `Regexp.Expand`: `$1`, `${1}`, `$name`, the longest name that there is, `$$`; no such group is no text.
fn expand(template: &str, captures: &Captures<'_>, pattern: &Compiled, into: &mut String) {
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('$') {
        into.push_str(before);
        rest = after;
        if let Some(after) = rest.strip_prefix('$') {
            into.push('$');
            rest = after;
        } else if let Some((name, after)) = group_name(rest) {
            rest = after;
            let is_number =
                name.bytes().all(|byte| byte.is_ascii_digit()) && (name == "0" || !name.starts_with('0'));
            let group = if is_number {
                name.parse().ok().and_then(|number| captures.get(number))
            } else {
                // Of several groups of one name, the first that took part.
                let mut named = pattern.names.iter().filter(|(known, _)| known == name);
                named.find_map(|(_, number)| captures.get(*number))
            };
            into.push_str(group.map_or("", |group| group.as_str()));
        } else {
            into.push('$');
        }
    }
    into.push_str(rest);
}

/// What `$` names, and what is behind it.
fn group_name(text: &str) -> Option<(&str, &str)> {
    let braced = text.strip_prefix('{');
    let inner = braced.unwrap_or(text);
    let (name, rest) = inner.split_at(NAME.as_ref()?.find(inner)?.end());
    Some((name, if braced.is_some() { rest.strip_prefix('}')? } else { rest }))
}

/// `urn:<[a-z]+>:x`: patterns between two delimiters, text outside of them.
pub(super) fn template_match(arguments: &[Value]) -> Answer {
    let name = "regex.template_match";
    let template = text(name, arguments, 0)?;
    let whole = text(name, arguments, 1)?;
    let (open, close) = (delimiter(name, arguments, 2)?, delimiter(name, arguments, 3)?);
    let unbalanced = || format!("{name}: unbalanced delimiters in `{template}`");
    let (mut level, mut start, mut end) = (0_usize, 0, 0);
    let mut joined = String::from("^");
    for (index, byte) in template.bytes().enumerate() {
        // In this order where both are one.
        if byte == open {
            level += 1;
            if level == 1 {
                start = index;
            }
        } else if byte == close {
            level = level.checked_sub(1).ok_or_else(unbalanced)?;
            if level == 0 {
                let inner = &template[start + 1..index];
                // It must be a pattern by itself.
                compile(name, &format!("^{inner}$").into())?;
                let _ = write!(joined, "{}({inner})", quoted(&template[end..start]));
                end = index + 1;
            }
        }
    }
    if level != 0 {
        return Err(unbalanced());
    }
    joined.push_str(&quoted(&template[end..]));
    joined.push('$');
    Ok(compile(name, &joined.into())?.regex.is_match(whole).into())
}

/// One byte, as OPA has it.
fn delimiter(name: &str, arguments: &[Value], position: usize) -> Result<u8, String> {
    match text(name, arguments, position)?.as_bytes() {
        [byte] => Ok(*byte),
        _ => Err(format!("{name}: a delimiter is one ASCII character")),
    }
}

/// Text as a pattern that matches it.
fn quoted(text: &str) -> String {
    text.chars().flat_map(|c| c.is_ascii_punctuation().then_some('\\').into_iter().chain([c])).collect()
}

fn count(name: &str, arguments: &[Value]) -> Result<usize, String> {
    // A negative one is all.
    Ok(usize::try_from(integer(name, arguments, 2)?).unwrap_or(usize::MAX))
}

fn expression(name: &str, arguments: &[Value], position: usize) -> Result<Rc<Compiled>, String> {
    match &arguments[position] {
        Value::String(pattern) => compile(name, pattern),
        _ => text(name, arguments, position).and_then(|text| compile(name, &text.into())),
    }
}

/// Whether a function can use a pattern.
///
/// # Errors
/// Why it cannot.
pub(in crate::policy) fn usable(name: &str, pattern: &Arc<str>) -> Result<(), String> {
    compile(name, pattern).map(drop)
}

fn compile(name: &str, pattern: &Arc<str>) -> Result<Rc<Compiled>, String> {
    compiled(pattern).map_err(|reason| {
        let shown: String = pattern.chars().take(80).collect();
        format!("{name}: the pattern `{shown}` cannot be used: {reason}")
    })
}

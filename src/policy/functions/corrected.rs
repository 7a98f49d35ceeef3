//! Functions of the engine that panic, or answer something else than OPA.

use regorus::Value;

use super::Answer;
use super::arguments::text;
use super::limits::MAX_TEXT;

/// OPA counts what does not overlap, and the empty text between all characters; the engine panics on that.
pub(super) fn strings_count(arguments: &[Value]) -> Answer {
    let name = "strings.count";
    let count = text(name, arguments, 0)?.matches(text(name, arguments, 1)?).count();
    Ok(Value::from(count as u64))
}

/// All replacements at once, in the order of the keys, as OPA does: the engine replaces one after the other, and so
/// replaces what it has put there itself.
pub(super) fn replace_n(arguments: &[Value]) -> Answer {
    let name = "strings.replace_n";
    let Value::Object(patterns) = &arguments[0] else {
        return Err(format!("{name}: argument 1 must be an object"));
    };
    let mut pairs = Vec::with_capacity(patterns.len());
    for (old, new) in patterns.iter_sorted() {
        match (old, new) {
            (Value::String(old), Value::String(new)) => pairs.push((&**old, &**new)),
            _ => return Err(format!("{name}: the keys and values of argument 1 must be strings")),
        }
    }
    let mut rest = text(name, arguments, 1)?;
    let mut replaced = String::new();
    // The empty text does not match twice at one place.
    let mut was_empty = false;
    loop {
        let found = pairs.iter().find(|(old, _)| rest.starts_with(old) && !(old.is_empty() && was_empty));
        if let Some((old, new)) = found {
            replaced.push_str(new);
            rest = &rest[old.len()..];
            was_empty = old.is_empty();
        } else {
            let Some(character) = rest.chars().next() else { break };
            replaced.push(character);
            rest = &rest[character.len_utf8()..];
            was_empty = false;
        }
        if replaced.len() > MAX_TEXT {
            return Err(format!("{name}: a text of more than {MAX_TEXT} bytes"));
        }
    }
    Ok(replaced.into())
}

/// As the engine's, which panics where an array is asked for an empty one.
#[expect(clippy::unnecessary_wraps, reason = "it stands in the table of functions, most of which can fail")]
pub(super) fn object_subset(arguments: &[Value]) -> Answer {
    Ok(is_subset(&arguments[0], &arguments[1]).into())
}

fn is_subset(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(key, part)| whole.get(key).is_some_and(|whole| is_subset(whole, part)))
        }
        (Value::Set(whole), Value::Set(part)) => part.is_subset(whole),
        (Value::Array(whole), Value::Array(part)) => {
            part.is_empty() || whole.as_slice().windows(part.len()).any(|window| window == part.as_slice())
        }
        (Value::Array(whole), Value::Set(part)) => part.iter().all(|member| whole.contains(member)),
        (whole, part) => whole == part,
    }
}

/// A note for the tracer, that there is none of: true, as in OPA. The engine answers with the note.
pub(super) fn trace(arguments: &[Value]) -> Answer {
    text("trace", arguments, 0).map(|_| true.into())
}

//! Functions that would hang or end the process for some arguments, which may come from a document: `numbers.range`
//! up to a number found there. The time limit of a rule is looked at between statements, not inside a function, and a
//! failed allocation ends the process. Each has a limit here that says so, and is the engine's own below it.

use std::net::IpAddr;

use regorus::Value;

use super::arguments::{integer, text};
use super::format::formatted;
use super::{Answer, engine};

/// Values that one call may make.
pub(super) const MAX_VALUES: usize = 1_000_000;
/// The text that one call may make, in bytes.
pub(super) const MAX_TEXT: usize = 16 << 20;
/// Bits that a number may be shifted to the left by.
const MAX_SHIFT: i64 = 1 << 16;
/// Numbers that may be multiplied: the factorial of this takes a tenth of a second.
const MAX_FACTORS: usize = 10_000;
/// The exponent of a quantity. Go's floats end at 308.
const MAX_EXPONENT: u32 = 400;
/// Steps on paths through a graph, of which there may be as many as there are orders of its nodes.
const MAX_STEPS: usize = 100_000;
/// Nodes on one path: each is a call on the stack.
const MAX_DEPTH: usize = 500;
/// The indentation and the prefix of `json.marshal_with_options`, which stand on every line.
const MAX_INDENT: usize = 100;

pub(super) fn range(arguments: &[Value]) -> Answer {
    bounded_range("numbers.range", arguments, 1)
}

pub(super) fn range_step(arguments: &[Value]) -> Answer {
    // One that is no positive integer is refused by the engine.
    let step = arguments[2].as_u64().unwrap_or(1).max(1);
    bounded_range("numbers.range_step", arguments, step)
}

fn bounded_range(name: &str, arguments: &[Value], step: u64) -> Answer {
    if let (Ok(from), Ok(to)) = (arguments[0].as_number(), arguments[1].as_number())
        && let Some(distance) = to.sub(from).ok().and_then(|distance| distance.as_i64())
        && distance.unsigned_abs() / step >= MAX_VALUES as u64
    {
        return Err(format!("{name}: more than {MAX_VALUES} numbers"));
    }
    engine::call(name, arguments)
}

pub(super) fn cidr_expand(arguments: &[Value]) -> Answer {
    let name = "net.cidr_expand";
    if let Some((address, length)) = text(name, arguments, 0)?.split_once('/')
        && let (Ok(address), Ok(length)) = (address.parse::<IpAddr>(), length.parse::<u32>())
    {
        let bits = if address.is_ipv4() { 32_u32 } else { 128 };
        if bits.saturating_sub(length) > MAX_VALUES.ilog2() {
            return Err(format!("{name}: more than {MAX_VALUES} addresses"));
        }
    }
    engine::call(name, arguments)
}

pub(super) fn shift_left(arguments: &[Value]) -> Answer {
    let name = "bits.lsh";
    if integer(name, arguments, 1)? > MAX_SHIFT {
        return Err(format!("{name}: a shift by more than {MAX_SHIFT} bits"));
    }
    engine::call(name, arguments)
}

pub(super) fn product(arguments: &[Value]) -> Answer {
    let factors = match &arguments[0] {
        Value::Array(array) => array.len(),
        Value::Set(set) => set.len(),
        _ => 0,
    };
    if factors > MAX_FACTORS {
        return Err(format!("product: more than {MAX_FACTORS} numbers"));
    }
    engine::call("product", arguments)
}

pub(super) fn parse_quantity(arguments: &[Value]) -> Answer {
    quantity("units.parse", arguments)
}

pub(super) fn parse_bytes(arguments: &[Value]) -> Answer {
    quantity("units.parse_bytes", arguments)
}

fn quantity(name: &str, arguments: &[Value]) -> Answer {
    let written = text(name, arguments, 0)?;
    let exponent = written.split(['e', 'E']).nth(1).map(|behind| {
        let digits = behind.trim_start_matches(['+', '-']);
        &digits[..digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len())]
    });
    let too_great = exponent
        .is_some_and(|digits| !digits.is_empty() && digits.parse().unwrap_or(u32::MAX) > MAX_EXPONENT);
    if too_great || written.len() > 1000 {
        return Err(format!("{name}: a number of more than {MAX_EXPONENT} digits"));
    }
    let answer = engine::call(name, arguments)?;
    // The engine takes an unknown unit for no answer at all; OPA has an error.
    if answer == Value::Undefined { Err(format!("{name}: the unit is unknown")) } else { Ok(answer) }
}

pub(super) fn sprintf(arguments: &[Value]) -> Answer {
    let name = "sprintf";
    let format = text(name, arguments, 0)?;
    fits(name, format.len(), &arguments[1..])?;
    let Value::Array(values) = &arguments[1] else {
        return Err(format!("{name}: argument 2 must be an array"));
    };
    formatted(format, values.as_slice())
}

pub(super) fn marshal(arguments: &[Value]) -> Answer {
    fits("json.marshal", 0, arguments)?;
    engine::call("json.marshal", arguments)
}

pub(super) fn marshal_with_options(arguments: &[Value]) -> Answer {
    let name = "json.marshal_with_options";
    fits(name, 0, arguments)?;
    if let Value::Object(options) = &arguments[1]
        && options.iter().any(|(_, value)| value.as_string().is_ok_and(|text| text.len() > MAX_INDENT))
    {
        return Err(format!("{name}: an indentation or a prefix of more than {MAX_INDENT} bytes"));
    }
    engine::call(name, arguments)
}

pub(super) fn walk(arguments: &[Value]) -> Answer {
    fits("walk", 0, arguments)?;
    engine::call("walk", arguments)
}

/// Refuses arguments that would be too long when written out. One value may stand at many places of another: what is
/// small in memory may be endless on paper.
fn fits(name: &str, length: usize, arguments: &[Value]) -> Result<(), String> {
    let mut left = MAX_TEXT.saturating_sub(length);
    if arguments.iter().all(|argument| spend(argument, &mut left)) {
        return Ok(());
    }
    Err(format!("{name}: a text of more than {MAX_TEXT} bytes"))
}

/// Takes the size of a value from what is left; `false` when there is nothing left.
fn spend(value: &Value, left: &mut usize) -> bool {
    let own = match value {
        Value::String(text) => text.len() + 2,
        _ => 8,
    };
    let Some(rest) = left.checked_sub(own) else { return false };
    *left = rest;
    match value {
        Value::Array(array) => array.iter().all(|member| spend(member, left)),
        Value::Set(set) => set.iter().all(|member| spend(member, left)),
        Value::Object(object) => object.iter().all(|(key, value)| spend(key, left) && spend(value, left)),
        _ => true,
    }
}

pub(super) fn concat(arguments: &[Value]) -> Answer {
    let delimiter = text("concat", arguments, 0)?.len();
    let length = |text: &Value| text.as_string().map_or(0, |text| text.len()) + delimiter;
    let total: usize = match &arguments[1] {
        Value::Array(array) => array.iter().map(length).sum(),
        Value::Set(set) => set.iter().map(length).sum(),
        _ => 0,
    };
    if total > MAX_TEXT {
        return Err(format!("concat: a text of more than {MAX_TEXT} bytes"));
    }
    engine::call("concat", arguments)
}

pub(super) fn replace(arguments: &[Value]) -> Answer {
    let name = "replace";
    let (whole, old, new) = (text(name, arguments, 0)?, text(name, arguments, 1)?, text(name, arguments, 2)?);
    // Counted only where the result may be longer.
    if new.len() > old.len() && whole.len() + whole.matches(old).count().saturating_mul(new.len()) > MAX_TEXT
    {
        return Err(format!("{name}: a text of more than {MAX_TEXT} bytes"));
    }
    engine::call(name, arguments)
}

pub(super) fn array_concat(arguments: &[Value]) -> Answer {
    let length = |value: &Value| value.as_array().map_or(0, regorus::value::Array::len);
    if arguments.iter().map(length).sum::<usize>() > MAX_VALUES {
        return Err(format!("array.concat: more than {MAX_VALUES} values"));
    }
    engine::call("array.concat", arguments)
}

/// Each `copy` may double the document.
pub(super) fn json_patch(arguments: &[Value]) -> Answer {
    let name = "json.patch";
    fits(name, 0, arguments)?;
    let operation = Value::from("op");
    let is_copy = |patch: &&Value| {
        patch
            .as_object()
            .is_ok_and(|patch| patch.get(&operation).is_some_and(|name| *name == Value::from("copy")))
    };
    let copies = arguments[1].as_array().map_or(0, |patches| patches.iter().filter(is_copy).count());
    let mut left = MAX_TEXT >> copies.min(63);
    if copies > 0 && !arguments.iter().all(|argument| spend(argument, &mut left)) {
        return Err(format!(
            "{name}: its {copies} copies could make a document of more than {MAX_TEXT} bytes"
        ));
    }
    engine::call(name, arguments)
}

/// The engine gives `:` a meaning of its own, by which more matches than in OPA.
pub(super) fn glob_match(arguments: &[Value]) -> Answer {
    let name = "glob.match";
    let delimiters = arguments[1].as_array().map(|list| list.iter().any(|one| *one == Value::from(":")));
    if delimiters.unwrap_or(false) {
        return Err(format!(
            "{name}: the delimiter `:` does not mean here what it does in OPA: use regex.match"
        ));
    }
    engine::call(name, arguments)
}

pub(super) fn reachable_paths(arguments: &[Value]) -> Answer {
    let name = "graph.reachable_paths";
    let mut left = MAX_STEPS;
    let starts = neighbours(Some(&arguments[1]));
    if starts.into_iter().all(|start| follow(&arguments[0], start, &mut Vec::new(), &mut left)) {
        return engine::call(name, arguments);
    }
    Err(format!("{name}: more than {MAX_STEPS} steps, or a path of more than {MAX_DEPTH} nodes"))
}

/// Walks all paths as the engine will; `false` when there are too many.
fn follow<'g>(graph: &'g Value, node: &'g Value, path: &mut Vec<&'g Value>, left: &mut usize) -> bool {
    if *left == 0 || path.len() > MAX_DEPTH {
        return false;
    }
    *left -= 1;
    if path.contains(&node) {
        return true;
    }
    path.push(node);
    let next = graph.as_object().ok().and_then(|graph| graph.get(node));
    let all = neighbours(next).into_iter().all(|node| follow(graph, node, path, left));
    path.pop();
    all
}

fn neighbours(nodes: Option<&Value>) -> Vec<&Value> {
    match nodes {
        Some(Value::Array(array)) => array.iter().collect(),
        Some(Value::Set(set)) => set.iter().collect(),
        _ => Vec::new(),
    }
}

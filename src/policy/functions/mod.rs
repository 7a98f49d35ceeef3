//! Functions as in OPA, where the engine's own differ, hang, or crash; and which functions there are.
//!
//! They are extensions of the engine, which are looked up before its own functions and so may have their names.
//! An output argument (`regex.match(p, v, out)`) and `with regex.match as …` work all the same, because the engine
//! knows the names.

mod arguments;
mod cache;
mod catalogue;
mod class;
mod corrected;
mod engine;
mod format;
mod limits;
mod pattern;
mod regex;

use regorus::{Engine, Value};

pub(super) use catalogue::{arity, in_opa_only, is_of_the_world, is_pure, known};
pub(super) use format::verbs;
pub(super) use regex::usable as pattern;

/// What a function answers: a value, or why there is none. The engine puts the place of the call on it.
type Answer = Result<Value, String>;

type Function = fn(&[Value]) -> Answer;

/// The functions that replace those of the engine, each with the number of its arguments.
const FUNCTIONS: &[(&str, u8, Function)] = &[
    ("array.concat", 2, limits::array_concat),
    ("bits.lsh", 2, limits::shift_left),
    ("concat", 2, limits::concat),
    ("glob.match", 3, limits::glob_match),
    ("graph.reachable_paths", 2, limits::reachable_paths),
    ("json.marshal", 1, limits::marshal),
    ("json.marshal_with_options", 2, limits::marshal_with_options),
    ("json.patch", 2, limits::json_patch),
    ("net.cidr_expand", 1, limits::cidr_expand),
    ("numbers.range", 2, limits::range),
    ("numbers.range_step", 3, limits::range_step),
    ("object.subset", 2, corrected::object_subset),
    ("product", 1, limits::product),
    ("regex.find_all_string_submatch_n", 3, regex::find_all_string_submatch_n),
    ("regex.find_n", 3, regex::find_n),
    ("regex.is_valid", 1, regex::is_valid),
    ("regex.match", 2, regex::is_match),
    ("regex.replace", 3, regex::replace),
    ("regex.split", 2, regex::split),
    ("regex.template_match", 4, regex::template_match),
    ("replace", 3, limits::replace),
    ("sprintf", 2, limits::sprintf),
    ("strings.count", 2, corrected::strings_count),
    ("strings.replace_n", 2, corrected::replace_n),
    ("trace", 1, corrected::trace),
    ("units.parse", 1, limits::parse_quantity),
    ("units.parse_bytes", 1, limits::parse_bytes),
    ("walk", 1, limits::walk),
];

/// Puts the functions before those of an engine that has none of ours yet.
pub(super) fn register(engine: &mut Engine) {
    for (name, arity, function) in FUNCTIONS {
        #[expect(clippy::expect_used, reason = "no name stands twice in the table, and the engine is new")]
        engine
            .add_extension(
                (*name).to_owned(),
                *arity,
                Box::new(|arguments: Vec<Value>| function(&arguments).map_err(anyhow::Error::msg)),
            )
            .expect("the engine has no such extension");
    }
}

#[cfg(test)]
mod tests;

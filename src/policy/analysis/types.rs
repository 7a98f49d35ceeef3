//! Calls whose arguments are of a wrong type, as far as that is certain before anything runs: a constant, a collection
//! that is written out, what another function answers. OPA refuses them when it compiles; the engine fails when it
//! comes to them, and the target is unaudited.

use std::sync::Arc;

use regorus::unstable::{ArithOp, BoolOp, Expr, ExprRef, Rule};

use super::constants::Constants;
use super::names::{Definition, Program};
use super::scopes::builtin;
use crate::document::Outline;
use crate::policy::functions;
use crate::policy::module::Module;
use crate::policy::problem::PolicyError;
use crate::policy::tree;

/// Types of values, a bit each.
pub(super) type Types = u8;

const NULL: Types = 1;
const FLAG: Types = 2;
const NUMBER: Types = 4;
const TEXT: Types = 8;
const LIST: Types = 16;
const SET: Types = 32;
const OBJECT: Types = 64;
/// Any type.
pub(super) const ANY: Types = 127;
const COUNTED: Types = TEXT | LIST | SET | OBJECT;
const TEXTS: Types = LIST | SET;

/// Functions that policies use much: what they take, and what they answer. Source: OPA 1.20's `capabilities.json`.
const SIGNATURES: &[(&str, &[Types], Types)] = &[
    ("abs", &[NUMBER], NUMBER),
    ("array.concat", &[LIST, LIST], LIST),
    ("array.reverse", &[LIST], LIST),
    ("array.slice", &[LIST, NUMBER, NUMBER], LIST),
    ("ceil", &[NUMBER], NUMBER),
    ("concat", &[TEXT, TEXTS], TEXT),
    ("contains", &[TEXT, TEXT], FLAG),
    ("count", &[COUNTED], NUMBER),
    ("endswith", &[TEXT, TEXT], FLAG),
    ("floor", &[NUMBER], NUMBER),
    ("format_int", &[NUMBER, NUMBER], TEXT),
    ("glob.match", &[TEXT, NULL | LIST, TEXT], FLAG),
    ("indexof", &[TEXT, TEXT], NUMBER),
    ("intersection", &[SET], SET),
    ("json.marshal", &[ANY], TEXT),
    ("json.unmarshal", &[TEXT], ANY),
    ("lower", &[TEXT], TEXT),
    ("max", &[TEXTS], ANY),
    ("min", &[TEXTS], ANY),
    ("numbers.range", &[NUMBER, NUMBER], LIST),
    ("object.get", &[OBJECT, ANY, ANY], ANY),
    ("object.keys", &[OBJECT], SET),
    ("object.remove", &[OBJECT, LIST | SET | OBJECT], OBJECT),
    ("object.union", &[OBJECT, OBJECT], OBJECT),
    ("product", &[TEXTS], NUMBER),
    ("regex.find_n", &[TEXT, TEXT, NUMBER], LIST),
    ("regex.match", &[TEXT, TEXT], FLAG),
    ("regex.replace", &[TEXT, TEXT, TEXT], TEXT),
    ("regex.split", &[TEXT, TEXT], LIST),
    ("replace", &[TEXT, TEXT, TEXT], TEXT),
    ("round", &[NUMBER], NUMBER),
    ("sort", &[TEXTS], LIST),
    ("split", &[TEXT, TEXT], LIST),
    ("sprintf", &[TEXT, LIST], TEXT),
    ("startswith", &[TEXT, TEXT], FLAG),
    ("strings.any_prefix_match", &[TEXT | TEXTS, TEXT | TEXTS], FLAG),
    ("strings.any_suffix_match", &[TEXT | TEXTS, TEXT | TEXTS], FLAG),
    ("strings.reverse", &[TEXT], TEXT),
    ("substring", &[TEXT, NUMBER, NUMBER], TEXT),
    ("sum", &[TEXTS], NUMBER),
    ("to_number", &[NULL | FLAG | NUMBER | TEXT], NUMBER),
    ("trim", &[TEXT, TEXT], TEXT),
    ("trim_left", &[TEXT, TEXT], TEXT),
    ("trim_prefix", &[TEXT, TEXT], TEXT),
    ("trim_right", &[TEXT, TEXT], TEXT),
    ("trim_space", &[TEXT], TEXT),
    ("trim_suffix", &[TEXT, TEXT], TEXT),
    ("type_name", &[ANY], TEXT),
    ("union", &[SET], SET),
    ("units.parse", &[TEXT], NUMBER),
    ("units.parse_bytes", &[TEXT], NUMBER),
    ("upper", &[TEXT], TEXT),
];

/// What a function of the engine takes, where that is known.
pub(super) fn parameters(name: &str) -> Option<&'static [Types]> {
    SIGNATURES.iter().find(|(known, ..)| *known == name).map(|(_, parameters, _)| *parameters)
}

/// What is wrong with the calls and comparisons of one definition.
pub(super) fn problems<'m>(
    program: &Program<'m>,
    constants: &mut Constants<'m>,
    definition: Definition<'m>,
) -> Vec<PolicyError> {
    let Definition { module, rule } = definition;
    let mut typing = Typing { program, constants, module, rule, problems: Vec::new() };
    let mut all = Vec::new();
    tree::expressions(rule, &mut |expression| all.push(expression));
    for expression in all {
        match expression {
            Expr::Call { fcn, params, .. } => typing.call(fcn, params),
            Expr::BoolExpr { op, lhs, rhs, .. } => typing.comparison(op, lhs, rhs),
            Expr::ArithExpr { op, lhs, rhs, .. } => typing.arithmetic(op, lhs, rhs),
            _ => {}
        }
    }
    typing.problems
}

struct Typing<'p, 'm> {
    program: &'p Program<'m>,
    constants: &'p mut Constants<'m>,
    module: &'m Module,
    rule: &'m Rule,
    problems: Vec<PolicyError>,
}

impl<'m> Typing<'_, 'm> {
    fn call(&mut self, function: &'m Expr, parameters: &'m [ExprRef]) {
        let Some((name, wanted, _)) = self.builtin(function, parameters.len()) else { return };
        for (index, (parameter, wanted)) in parameters.iter().zip(wanted).enumerate() {
            let given = self.types(parameter);
            if given & wanted == 0 {
                let problem = self
                    .module
                    .problem(parameter.span(), misfit(name, self.module.text_of(parameter.span()), given));
                self.problems.push(problem.with_help(advice(name, index, given, *wanted)));
            }
        }
        let pattern = match name {
            "regex.match" | "regex.find_n" | "regex.split" => parameters.first(),
            "regex.replace" => parameters.get(1),
            _ => None,
        };
        if let Some(pattern) = pattern
            && let Some(text) = self.text(pattern)
            && let Err(why) = functions::pattern(name, &text)
        {
            self.problems.push(self.module.problem(pattern.span(), why));
        }
        if let ("sprintf", [format, values]) = (name, parameters) {
            self.format(format, values);
        }
    }

    /// A format that asks for another number of values than there are.
    fn format(&mut self, format: &'m Expr, values: &'m Expr) {
        let Expr::Array { items, .. } = values else { return };
        let Some(wanted) = self.text(format).and_then(|format| functions::verbs(&format)) else { return };
        if wanted != items.len() {
            let noun = if wanted == 1 { "value" } else { "values" };
            let what = format!("this format asks for {wanted} {noun}, and gets {}", items.len());
            let help = "each `%…` stands for one value; `%%` for a percent sign";
            self.problems.push(self.module.problem(format.span(), what).with_help(help));
        }
    }

    /// A comparison that the types, or the casing, of both sides decide.
    fn comparison(&mut self, op: &BoolOp, left: &'m Expr, right: &'m Expr) {
        for (call, other) in [(left, right), (right, left)] {
            let Expr::Call { fcn, params, .. } = call else { continue };
            let Some((name, _, answer)) = self.builtin(fcn, params.len()) else { continue };
            let compared = present(self.types(other));
            if compared != 0 && compared & answer == 0 {
                let what = format!(
                    "`{name}` answers with {}, and `{}` is {}",
                    named(answer),
                    self.module.text_of(other.span()),
                    named(compared)
                );
                let help = match op {
                    BoolOp::Eq => "so they are never equal",
                    BoolOp::Ne => "so they always differ",
                    BoolOp::Lt | BoolOp::Le | BoolOp::Gt | BoolOp::Ge => {
                        "values of different types have an order that says nothing"
                    }
                };
                self.problems.push(self.module.problem(other.span(), what).with_help(help));
            } else if let (BoolOp::Eq | BoolOp::Ne, Some(text)) = (op, self.text(other)) {
                let folded = match name {
                    "lower" => text.to_lowercase(),
                    "upper" => text.to_uppercase(),
                    _ => continue,
                };
                if folded != *text {
                    let what = format!("`{name}` never answers with `{text}`");
                    let help = format!("write `{}`", serde_json::Value::from(folded));
                    self.problems.push(self.module.problem(other.span(), what).with_help(help));
                }
            }
        }
    }

    fn arithmetic(&mut self, op: &ArithOp, left: &'m Expr, right: &'m Expr) {
        // `-` is of sets as well.
        let wanted = if matches!(op, ArithOp::Sub) { NUMBER | SET } else { NUMBER };
        for side in [left, right] {
            let given = self.types(side);
            if given & wanted == 0 {
                let what = format!(
                    "`{}` is {}, and must be a number",
                    self.module.text_of(side.span()),
                    named(given)
                );
                let problem = self.module.problem(side.span(), what);
                let is_text = given == TEXT && matches!(op, ArithOp::Add);
                let help = if is_text {
                    "texts are put together with sprintf or concat"
                } else {
                    "to_number makes a number of a text"
                };
                self.problems.push(problem.with_help(help));
            }
        }
    }

    /// A function of the engine that is called for its value, and of which the signature is known.
    fn builtin(&self, function: &Expr, given: usize) -> Option<(&'static str, &'static [Types], Types)> {
        let (name, _) = builtin(function)?;
        let is_own = self.program.global(self.module, tree::root(function)?).is_some();
        let signature =
            SIGNATURES.iter().find(|(known, parameters, _)| *known == name && parameters.len() == given);
        signature.filter(|_| !is_own).copied()
    }

    fn text(&mut self, expression: &'m Expr) -> Option<Arc<str>> {
        let options = self.constants.options(self.program, self.module, self.rule, expression)?;
        match options[..] {
            [Expr::String { value, .. } | Expr::RawString { value, .. }] => value.as_string().ok().cloned(),
            _ => None,
        }
    }

    /// What an expression can be.
    fn types(&mut self, expression: &'m Expr) -> Types {
        match expression {
            Expr::String { .. } | Expr::RawString { .. } => TEXT,
            Expr::Bool { .. } | Expr::BoolExpr { .. } | Expr::Membership { .. } => FLAG,
            Expr::Null { .. } => NULL,
            Expr::Array { .. } | Expr::ArrayCompr { .. } => LIST,
            Expr::Set { .. } | Expr::SetCompr { .. } | Expr::BinExpr { .. } => SET,
            Expr::Object { .. } | Expr::ObjectCompr { .. } => OBJECT,
            Expr::ArithExpr { op: ArithOp::Sub, .. } => NUMBER | SET,
            Expr::Number { .. } | Expr::ArithExpr { .. } | Expr::UnaryExpr { .. } => NUMBER,
            Expr::Call { fcn, params, .. } => {
                self.builtin(fcn, params.len()).map_or(ANY, |(_, _, answer)| answer)
            }
            Expr::Var { .. } | Expr::RefDot { .. } => {
                let options = self.constants.options(self.program, self.module, self.rule, expression);
                let options = options.unwrap_or_default();
                if options.is_empty() { ANY } else { options.iter().fold(0, |types, one| types | kind(one)) }
            }
            _ => ANY,
        }
    }
}

/// What is wrong with an argument.
pub(super) fn misfit(name: &str, argument: &str, given: Types) -> String {
    format!("`{name}` cannot be called with `{argument}`, which is {}", named(given))
}

/// What the function takes instead, and which one may have been meant.
pub(super) fn advice(name: &str, index: usize, given: Types, wanted: Types) -> String {
    let place = ["first", "second", "third"].get(index).copied().unwrap_or("last");
    let takes = format!("its {place} argument is {}", named(wanted));
    match name {
        "contains" if index == 0 && given & (LIST | SET) != 0 => {
            format!("{takes}: whether a collection has a member is asked with `in`")
        }
        "sprintf" if index == 1 => format!("{takes}: put the values in brackets"),
        _ => takes,
    }
}

/// Types by their names.
fn named(types: Types) -> String {
    let names = [
        (NULL, "null"),
        (FLAG, "true or false"),
        (NUMBER, "a number"),
        (TEXT, "a text"),
        (LIST, "a list"),
        (SET, "a set"),
        (OBJECT, "an object"),
    ];
    let names: Vec<&str> = names.iter().filter(|(one, _)| types & one != 0).map(|(_, name)| *name).collect();
    names.join(" or ")
}

/// The types of what may stand at a place of the input. What is absent is `null`, but for objects and lists.
pub(super) fn of(outline: &Outline) -> Types {
    match outline {
        Outline::Object(_) | Outline::Map(_) => OBJECT,
        Outline::List(_) => LIST,
        Outline::Text | Outline::Named(_) | Outline::OneOf(_) => TEXT | NULL,
        Outline::Number => NUMBER | NULL,
        Outline::Flag => FLAG | NULL,
    }
}

/// Types without `null`, which stands for what is absent.
pub(super) fn present(types: Types) -> Types {
    types & !NULL
}

/// The type of a constant.
fn kind(constant: &Expr) -> Types {
    match constant {
        Expr::String { .. } | Expr::RawString { .. } => TEXT,
        Expr::Number { .. } => NUMBER,
        Expr::Bool { .. } => FLAG,
        Expr::Null { .. } => NULL,
        Expr::Array { .. } => LIST,
        Expr::Set { .. } => SET,
        Expr::Object { .. } => OBJECT,
        _ => ANY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_signature_has_the_arguments_that_the_engine_wants() {
        for (name, parameters, _) in SIGNATURES {
            assert_eq!(functions::arity(name), Some(parameters.len()), "{name}");
        }
    }
}

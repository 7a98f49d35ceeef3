//! What the places of the input can hold, and what is wrong with a reference that no document fits.

use regorus::unstable::{Expr, Span};

use super::never::Verdict;
use super::sense::{Part, Sense, constant};
use super::{Locals, Reader};
use crate::document::Outline;
use crate::policy::module::Module;
use crate::policy::tree::{Reference, Step, variable};
use crate::suggestion::nearest;

impl<'m> Reader<'_, 'm> {
    /// An expression that is only compared with constants.
    pub(super) fn compared(
        &mut self,
        module: &'m Module,
        expression: &'m Expr,
        constants: &[String],
        locals: &Locals<'m>,
    ) -> Sense {
        let sense = self.expression(module, expression, locals);
        for place in &sense.places {
            let (names, whole) = constant(place);
            if whole {
                self.reads.choices.entry(names).or_default().extend(constants.iter().cloned());
            } else {
                self.reads.values.insert(names);
            }
        }
        sense
    }

    /// `not` of a member that is always there, and no flag: it is never true, though it reads as if it asked for
    /// absence. That is `null`.
    pub(super) fn never_undefined(&mut self, module: &'m Module, expression: &'m Expr) {
        let reference = Reference::of(expression);
        let Some(mut path) = variable(reference.root).and_then(|name| self.program.global(module, name))
        else {
            return;
        };
        path.extend(reference.keys().map(|(key, _)| key.to_owned()));
        let is_whole = reference.steps.iter().all(|step| matches!(step, Step::Key(..)));
        if path[0] != "input" || path.len() == 1 || !is_whole {
            return;
        }
        let mut here = self.outline;
        for name in &path[1..] {
            let Outline::Object(members) = here else { return };
            let Some((_, member)) = members.iter().find(|(member, _)| member == name) else { return };
            here = member;
        }
        if !matches!(here, Outline::Flag) {
            let what = format!("`not {}` is never true: the member is always there", path.join("."));
            let asked = expression.span().text();
            let help = match here {
                Outline::Object(_) => {
                    "where it is absent, its members are `null`: compare one of them".to_owned()
                }
                Outline::List(_) => format!("what is absent is `[]`: write `{asked} == []`"),
                _ => format!("what is absent is `null`: write `{asked} == null`"),
            };
            self.report(module, expression.span(), what, help);
        }
    }

    pub(super) fn report(&mut self, module: &'m Module, at: &Span, what: String, help: String) {
        let key = (module.file.to_string(), at.start as usize, what.clone());
        self.problems.entry(key).or_insert_with(|| module.problem(at, what).with_help(help));
    }

    /// What a member stands for. Where no document can have it, that is a problem.
    pub(super) fn member(&mut self, module: &'m Module, sense: &Sense, name: &str, at: &Span) -> Sense {
        let mut member = Sense { open: sense.open, ..Sense::default() };
        if let Some(members) = &sense.members {
            member.join((**members).clone());
        }
        let mut misfits = Vec::new();
        for place in &sense.places {
            let here = outlines(self.outline, place);
            let mut named = place.clone();
            named.push(Part::Name(name.to_owned()));
            if here.iter().any(|outline| outline.has(name)) {
                member.places.insert(named);
            } else {
                // No document has it by our schema; AWS may come to send it.
                self.reads.values.insert(constant(&named).0);
                misfits.push((place, here));
            }
        }
        if let (Some((place, here)), true, false, None) =
            (misfits.first(), member.places.is_empty(), sense.open, &sense.members)
        {
            let what = format!("`{}.{name}` is in no document, so this is never true", shown(place));
            let known = here.iter().flat_map(|outline| outline.names());
            let help = match (nearest(name, known), here.first()) {
                (None, _) if place.is_empty() && Outline::app().has(name) => {
                    "a rule sees all documents of an app where its METADATA says `scope: app` below `custom`"
                        .to_owned()
                }
                (None, _) if place.is_empty() && Outline::document().has(name) => {
                    format!(
                        "a rule of scope app has it in each of its documents: `some doc in input.Documents`, and `doc.{name}`"
                    )
                }
                (Some(near), _) => format!("did you mean `{near}`?"),
                (None, Some(Outline::List(_))) => {
                    format!("`{}` is a list: `\"{name}\" in {0}` asks for a member", shown(place))
                }
                (None, Some(Outline::Object(members))) => {
                    let names: Vec<_> = members.iter().map(|(name, _)| format!("`{name}`")).collect();
                    format!("`{}` has {}", shown(place), names.join(", "))
                }
                (None, _) => format!("`{}` has no members", shown(place)),
            };
            if self.is_function() {
                // Another call may have it.
                self.verdict(module, at, Verdict::Never(module.problem(at, what).with_help(help)));
            } else {
                self.report(module, at, what, help);
            }
        } else if self.is_function()
            && (misfits.is_empty() || !member.places.is_empty() || sense.open || sense.members.is_some())
        {
            self.verdict(module, at, Verdict::Possible);
        }
        // What is behind a place that is not there is not reported again.
        member.open |= member.places.is_empty() && member.members.is_none();
        member
    }
}

/// A constant as JSON. Not a number: of those, several texts are equal. Nor what holds one.
pub(super) fn constant_text(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Array { items, .. } => {
            let items: Vec<String> = items.iter().map(|item| constant_text(item)).collect::<Option<_>>()?;
            Some(format!("[{}]", items.join(",")))
        }
        Expr::Object { fields, .. } if fields.is_empty() => Some("{}".to_owned()),
        Expr::String { value, .. } | Expr::RawString { value, .. } => {
            Some(serde_json::Value::from(value.as_string().ok()?.as_ref()).to_string())
        }
        Expr::Bool { value, .. } => Some(value.as_bool().ok()?.to_string()),
        Expr::Null { .. } => Some("null".to_owned()),
        _ => None,
    }
}

/// The members of a collection that has none but constants.
pub(super) fn constants(expression: &Expr) -> Option<Vec<String>> {
    match expression {
        Expr::Array { items, .. } | Expr::Set { items, .. } => {
            items.iter().map(|item| constant_text(item)).collect()
        }
        _ => None,
    }
}

/// A place as a policy names it.
pub(super) fn shown(place: &[Part]) -> String {
    place.iter().fold("input".to_owned(), |shown, part| match part {
        Part::Name(name) => format!("{shown}.{name}"),
        Part::Any => format!("{shown}[_]"),
    })
}

/// The outlines of what may stand at a place.
pub(super) fn outlines<'o>(outline: &'o Outline, place: &[Part]) -> Vec<&'o Outline> {
    place.iter().fold(vec![outline], |here, part| {
        here.into_iter()
            .flat_map(|outline| match (outline, part) {
                (Outline::Object(members), Part::Name(name)) => {
                    members.iter().filter(|(other, _)| other == name).map(|(_, outline)| outline).collect()
                }
                (Outline::Object(members), Part::Any) => members.iter().map(|(_, outline)| outline).collect(),
                (Outline::Map(member), _) | (Outline::List(member), Part::Any) => vec![&**member],
                (Outline::List(_), Part::Name(_))
                | (
                    Outline::Text | Outline::Number | Outline::Flag | Outline::Named(_) | Outline::OneOf(_),
                    _,
                ) => Vec::new(),
            })
            .collect()
    })
}

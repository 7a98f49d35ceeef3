//! Comparisons with constants that no document meets: another casing than AWS's, a text with a list, a number in
//! quotes. A rule that makes one silently never fires, or always.
//!
//! What a function is given differs from call to call: it is a mistake where no call can meet it. Its types are no
//! mistake: one that asks whether a value is empty compares it with a text and with a list.

use regorus::unstable::{Expr, ExprRef, Rule, RuleHead, Span};

use super::fit::{outlines, shown};
use super::sense::{Part, Sense};
use super::{Locals, Reader};
use crate::document::Outline;
use crate::policy::analysis::{constants, types};
use crate::policy::module::Module;
use crate::policy::problem::PolicyError;
use crate::policy::tree;

/// How a value is compared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    /// `==`, `in`, a pattern, a key.
    Equal,
    /// `!=`, and `==` behind `not`. Whoever makes sure that something is there does no harm where it always is.
    Unequal,
    /// `<` and its like: values of different types have an order, too.
    Order,
}

/// Whether a comparison may be met by anything.
pub(super) enum Verdict {
    Possible,
    Never(PolicyError),
}

impl<'m> Reader<'_, 'm> {
    /// The constants that an expression may stand for.
    pub(super) fn options(&mut self, module: &'m Module, expression: &'m Expr) -> Option<Vec<&'m Expr>> {
        let rule = self.rule?;
        self.constants.options(self.program, module, rule, expression)
    }

    /// The same of texts alone.
    pub(super) fn names(&mut self, module: &'m Module, expression: &'m Expr) -> Option<Vec<&'m str>> {
        self.options(module, expression)?.into_iter().map(text).collect()
    }

    /// Two expressions and what they stand for: where one is a constant, the other may be it.
    pub(super) fn meet(
        &mut self,
        module: &'m Module,
        comparison: Comparison,
        (left, left_sense): (&'m Expr, &Sense),
        (right, right_sense): (&'m Expr, &Sense),
    ) {
        for (expression, sense, other) in [(left, left_sense, right), (right, right_sense, left)] {
            if let Some(options) = self.options(module, other) {
                self.fits(module, comparison, expression, (expression, sense), &options);
            }
        }
    }

    /// `value in collection`.
    pub(super) fn is_in(
        &mut self,
        module: &'m Module,
        comparison: Comparison,
        (value, value_sense): (&'m Expr, &Sense),
        (collection, collection_sense): (&'m Expr, &Sense),
    ) {
        if let Some([collection]) = self.options(module, collection).as_deref()
            && let Some(options) = constants::members(collection)
        {
            self.fits(module, comparison, value, (value, value_sense), &options);
        }
        if let Some(options) = self.options(module, value) {
            self.fits(module, comparison, value, (collection, &collection_sense.any()), &options);
        }
    }

    /// What a step that is no name leads to: where that is constant, to members of these names.
    pub(super) fn one_of(&mut self, module: &'m Module, sense: &Sense, step: &'m Expr) -> Sense {
        let Some(names) = self.names(module, step) else { return sense.any() };
        let mut members = Sense::default();
        for name in names {
            members.join(self.member(module, sense, name, step.span()));
        }
        members
    }

    /// The steps of a reference that look something up in constants.
    pub(super) fn look_up(&mut self, module: &'m Module, mut expression: &'m Expr, locals: &Locals<'m>) {
        loop {
            match expression {
                Expr::RefDot { refr, .. } => expression = refr,
                Expr::RefBrack { refr, index, .. } => {
                    if text(index).is_none() && self.options(module, refr).is_some() {
                        let sense = self.expression(module, index, locals);
                        self.looked_up(module, refr, index, &sense);
                    }
                    expression = refr;
                }
                _ => return,
            }
        }
    }

    /// A key that is looked up in what may be an object or a set of constants.
    pub(super) fn looked_up(&mut self, module: &'m Module, table: &'m Expr, key: &'m Expr, sense: &Sense) {
        let keys: Vec<&Expr> = match self.options(module, table).as_deref() {
            Some([Expr::Object { fields, .. }]) => fields.iter().map(|(_, key, _)| &**key).collect(),
            Some([Expr::Set { items, .. }]) => items.iter().map(|item| &**item).collect(),
            _ => return,
        };
        self.fits(module, Comparison::Equal, key, (key, sense), &keys);
    }

    /// What a function of the engine is called with.
    pub(super) fn takes(&mut self, module: &'m Module, name: &str, given: &'m [ExprRef], senses: &[Sense]) {
        let Some(wanted) = types::parameters(name).filter(|wanted| wanted.len() == given.len()) else {
            return;
        };
        for (index, ((argument, sense), wanted)) in given.iter().zip(senses).zip(wanted).enumerate() {
            if *wanted == types::ANY {
                continue;
            }
            if sense.open || sense.made || sense.members.is_some() {
                self.verdict(module, argument.span(), Verdict::Possible);
                continue;
            }
            let here: Vec<_> =
                sense.places.iter().flat_map(|place| outlines(self.outline, place)).map(types::of).collect();
            let all = here.iter().fold(0, |all, types| all | types);
            if all & wanted == 0 && all != 0 && !self.is_given(argument) {
                let problem = module.problem(
                    argument.span(),
                    types::misfit(name, module.text_of(argument.span()), types::present(all)),
                );
                let problem = problem.with_help(types::advice(name, index, all, *wanted));
                self.verdict(module, argument.span(), Verdict::Never(problem));
            } else if all != 0 {
                self.verdict(module, argument.span(), Verdict::Possible);
            }
        }
    }

    /// What `is_null` asks of; `null` is what it may be.
    pub(super) fn may_be_null(&mut self, module: &'m Module, argument: &'m Expr, sense: &Sense) {
        let is_known = !sense.open && !sense.made && sense.members.is_none() && !self.is_given(argument);
        let all: Vec<_> = sense.places.iter().flat_map(|place| outlines(self.outline, place)).collect();
        let verdict = match (sense.places.first(), all.first()) {
            (Some(place), Some(first)) if is_known && all.iter().all(|outline| is_collection(outline)) => {
                let place = shown(place);
                let kind = if matches!(first, Outline::List(_)) { "a list" } else { "an object" };
                let problem =
                    module.problem(argument.span(), format!("`{place}` is {kind}, so it is never `null`"));
                Verdict::Never(problem.with_help(absence(&place, first)))
            }
            _ => Verdict::Possible,
        };
        self.verdict(module, argument.span(), verdict);
    }

    /// What is once possible stays so.
    pub(super) fn verdict(&mut self, module: &'m Module, at: &Span, verdict: Verdict) {
        let key = (std::ptr::from_ref(module).addr(), at.start);
        if !matches!(self.verdicts.get(&key), Some(Verdict::Possible)) {
            self.verdicts.insert(key, verdict);
        }
    }

    /// Whether a place of the input can be one of `options`; where it cannot, that is a problem at `at`.
    pub(super) fn fits(
        &mut self,
        module: &'m Module,
        comparison: Comparison,
        at: &'m Expr,
        (subject, sense): (&'m Expr, &Sense),
        options: &[&'m Expr],
    ) {
        if sense.places.is_empty() && !sense.open && !sense.made && sense.members.is_none() {
            // Not known yet.
            return;
        }
        let verdict = match self.misfit(comparison, subject, sense, options) {
            Some((what, help)) => Verdict::Never(module.problem(at.span(), what).with_help(help)),
            None => Verdict::Possible,
        };
        self.verdict(module, at.span(), verdict);
    }

    /// Whether an expression may come from the arguments of the function that is being gone through.
    fn is_given(&self, subject: &Expr) -> bool {
        self.is_function() && tree::root(subject).is_none_or(|root| root != "input")
    }

    /// Whether a function is being gone through: what it is given differs from call to call.
    pub(super) fn is_function(&self) -> bool {
        matches!(self.rule, Some(Rule::Spec { head: RuleHead::Func { .. }, .. }))
    }

    /// What is wrong with all places of a sense, if it has no other value.
    fn misfit(
        &self,
        comparison: Comparison,
        subject: &Expr,
        sense: &Sense,
        options: &[&Expr],
    ) -> Option<(String, String)> {
        if sense.open || sense.made || sense.members.is_some() {
            return None;
        }
        let here: Vec<(&Vec<Part>, Vec<&Outline>)> =
            sense.places.iter().map(|place| (place, outlines(self.outline, place))).collect();
        let (place, first) = here.first().and_then(|(place, all)| Some((shown(place), *all.first()?)))?;
        let all = || here.iter().flat_map(|(_, outlines)| outlines.iter().copied());
        if here.iter().any(|(_, outlines)| outlines.is_empty()) {
            return None;
        }
        let types_fit = |option: &&&Expr| all().any(|outline| type_fits(comparison, outline, option));
        let Some(fitting) = options.iter().find(types_fit) else {
            let option = options.first().filter(|_| !self.is_given(subject))?;
            return Some(of_types(comparison, &place, first, option));
        };
        if comparison == Comparison::Order || text(fitting).is_none() {
            return None;
        }
        // Where the right spelling is there as well, the other one does no harm.
        let texts: Vec<&str> = options.iter().filter_map(|option| text(option)).collect();
        let stranger = texts.iter().find(|text| {
            !all().any(|outline| text_fits(outline, text))
                && !all().any(|outline| meant(outline, text).is_some_and(|meant| texts.contains(&meant)))
        })?;
        let help = match (first, meant(first, stranger)) {
            (_, Some(meant)) => format!("did you mean `{meant}`? Case counts"),
            (Outline::OneOf(known), None) => {
                let known = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                format!("it is one of {known}")
            }
            _ => all()
                .find_map(|outline| meant(outline, stranger))
                .map_or_else(String::new, |meant| format!("did you mean `{meant}`? Case counts")),
        };
        Some((format!("`{place}` is never `{stranger}`"), help))
    }
}

fn text(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::String { value, .. } | Expr::RawString { value, .. } => {
            value.as_string().ok().map(AsRef::as_ref)
        }
        _ => None,
    }
}

/// Whether what stands at a place can be of the type of a constant. What is absent is `null`, but for a list, which is
/// `[]` then, and an object, which has all its members.
fn type_fits(comparison: Comparison, outline: &Outline, option: &Expr) -> bool {
    match option {
        Expr::Null { .. } => comparison != Comparison::Equal || !is_collection(outline),
        Expr::Object { fields, .. } if fields.is_empty() && comparison == Comparison::Equal => {
            matches!(outline, Outline::Map(_))
        }
        Expr::String { .. } | Expr::RawString { .. } => {
            matches!(outline, Outline::Text | Outline::Named(_) | Outline::OneOf(_))
        }
        Expr::Number { .. } => matches!(outline, Outline::Number),
        Expr::Bool { .. } => matches!(outline, Outline::Flag),
        Expr::Array { .. } => matches!(outline, Outline::List(_)),
        Expr::Set { .. } => false,
        Expr::Object { .. } => matches!(outline, Outline::Object(_) | Outline::Map(_)),
        _ => true,
    }
}

fn is_collection(outline: &Outline) -> bool {
    matches!(outline, Outline::Object(_) | Outline::Map(_) | Outline::List(_))
}

/// What to ask instead of whether a collection is `null` or has no members.
fn absence(place: &str, outline: &Outline) -> String {
    match outline {
        Outline::List(_) => format!("what is absent is `[]`: write `{place} == []`"),
        Outline::Map(_) => format!("what is absent is `{{}}`: write `{place} == {{}}`"),
        _ => "where it is absent, its members are `null`: compare one of them".to_owned(),
    }
}

/// Whether a text can stand at a place: AWS may come to know others than it documents, but not in another casing.
fn text_fits(outline: &Outline, text: &str) -> bool {
    match outline {
        Outline::Text => true,
        Outline::OneOf(known) => known.contains(&text),
        Outline::Named(_) => meant(outline, text).is_none(),
        Outline::Object(_) | Outline::Map(_) | Outline::List(_) | Outline::Number | Outline::Flag => false,
    }
}

/// The documented text that another one is, but for its casing and what stands between its words.
fn meant(outline: &Outline, text: &str) -> Option<&'static str> {
    let (Outline::Named(known) | Outline::OneOf(known)) = outline else { return None };
    let letters = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    if known.contains(&text) {
        return None;
    }
    let folded = letters(text);
    known.iter().find(|name| letters(name) == folded).copied()
}

/// What is wrong with a comparison of different types, and what to do.
fn of_types(comparison: Comparison, place: &str, outline: &Outline, option: &Expr) -> (String, String) {
    let is_nothing = match option {
        Expr::Null { .. } => true,
        Expr::Object { fields, .. } => fields.is_empty(),
        _ => false,
    };
    let (kind, help) = match outline {
        Outline::Object(_) | Outline::Map(_) if is_nothing => ("an object", absence(place, outline)),
        Outline::List(_) if is_nothing => ("a list", absence(place, outline)),
        Outline::Object(members) => {
            let names: Vec<_> = members.iter().map(|(name, _)| format!("`{name}`")).collect();
            ("an object", format!("compare a member of it: {}", names.join(", ")))
        }
        Outline::Map(_) => ("an object", "compare a member of it".to_owned()),
        Outline::List(_) if matches!(option, Expr::Set { .. }) => (
            "a list and no set",
            format!("compare it with a list, or make a set of it: `{{x | some x in {place}}}`"),
        ),
        Outline::List(_) => ("a list", format!("`{} in {place}` asks for a member", option_text(option))),
        Outline::Text | Outline::Named(_) | Outline::OneOf(_) => {
            ("a text", "put the text that it should be in quotes".to_owned())
        }
        Outline::Number => ("a number", "write the number without quotes".to_owned()),
        Outline::Flag => ("true or false", "write `true` or `false`, without quotes".to_owned()),
    };
    let consequence = match comparison {
        Comparison::Equal | Comparison::Unequal => format!("so it is never `{}`", option_text(option)),
        Comparison::Order => {
            format!("and `{}` is of another type, so the order says nothing", option_text(option))
        }
    };
    (format!("`{place}` is {kind}, {consequence}"), help)
}

/// A constant as it is written.
fn option_text(option: &Expr) -> String {
    match text(option) {
        Some(text) => serde_json::Value::from(text).to_string(),
        None => option.span().text().to_owned(),
    }
}

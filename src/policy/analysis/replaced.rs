//! What `with` replaces of the input: `with input.ResourceConfig.UserPoolConfigs.Mffa as …` puts a value where no policy
//! looks. In a test that is one that proves nothing.
//!
//! A member that AWS does not document yet may be tried out, so only a name that is nearly another one is a mistake.

use regorus::unstable::{Literal, LiteralStmt, Rule};

use super::names::{Definition, Program};
use crate::document::Outline;
use crate::policy::near;
use crate::policy::problem::PolicyError;
use crate::policy::tree::{Reference, variable};

/// Mistyped places that the statements of a definition replace.
pub(super) fn problems(program: &Program<'_>, definition: Definition<'_>) -> Vec<PolicyError> {
    let Rule::Spec { bodies, .. } = definition.rule else { return Vec::new() };
    let mut problems = Vec::new();
    for statement in bodies.iter().flat_map(|body| &body.query.stmts) {
        replaced(program, definition, statement, &mut problems);
    }
    problems
}

fn replaced(
    program: &Program<'_>,
    definition: Definition<'_>,
    statement: &LiteralStmt,
    problems: &mut Vec<PolicyError>,
) {
    if let Literal::Every { query, .. } = &statement.literal {
        query.stmts.iter().for_each(|inner| replaced(program, definition, inner, problems));
    }
    for with in &statement.with_mods {
        let reference = Reference::of(&with.refr);
        let Some(mut path) =
            variable(reference.root).and_then(|name| program.global(definition.module, name))
        else {
            continue;
        };
        path.extend(reference.keys().map(|(name, _)| name.to_owned()));
        if path[0] != "input" {
            continue;
        }
        let meant = [Outline::document(), Outline::app()].map(|outline| meant(&outline, &path[1..]));
        // It may be meant for rules of either scope.
        if let [Err(of_document), Err(of_app)] = meant
            && let Some((name, near)) = of_document.or(of_app)
        {
            let what = format!("`{}` is in no document: it has no `{name}`", path.join("."));
            let problem = definition.module.problem(with.refr.span(), what);
            problems.push(problem.with_help(format!("did you mean `{near}`?")));
        }
    }
}

/// Whether a place is there; else the first name that is not, with what it nearly is.
fn meant<'p>(outline: &Outline, path: &'p [String]) -> Result<(), Option<(&'p str, &'static str)>> {
    let mut here = outline;
    for name in path {
        let Outline::Object(members) = here else { return Ok(()) };
        match members.iter().find(|(known, _)| known == name) {
            Some((_, member)) => here = member,
            None => {
                let folded: Vec<_> =
                    members.iter().map(|(known, _)| (known.to_lowercase(), *known)).collect();
                let lower = name.to_lowercase();
                let same = folded.iter().find(|(known, _)| *known == lower);
                let close = near(&lower, folded.iter().map(|(known, _)| known.as_str()));
                let close = close.and_then(|close| folded.iter().find(|(known, _)| known == close));
                return Err(same.or(close).map(|(_, known)| (name.as_str(), *known)));
            }
        }
    }
    Ok(())
}

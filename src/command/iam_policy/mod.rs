//! `audit iam-policy`: what IAM must allow for this configuration, and nothing else.

mod permissions;
mod trust;

use std::collections::BTreeSet;

use serde_json::Value;

use super::configuration::{self, Loaded};
use super::{CommandError, output};
use crate::cli::IamPolicyArgs;
use crate::config::{Access, Amplify, Role, Source, SourceKind, Wanted};
use crate::progress::{Display, Progress, Verbosity};
use crate::untrusted::printable_json;

/// The most characters of a managed policy, white space aside
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>).
const LONGEST: usize = 6144;

/// Prints the policy that was asked for, and on stderr what to know about it.
///
/// # Errors
/// Where the configuration needs none, or not one alone.
pub(super) fn iam_policy(args: &IamPolicyArgs) -> Result<u8, CommandError> {
    let Loaded { config, .. } = configuration::load(args.config.as_deref())?;
    let Printed { document, notes } = print(&config.sources, args)?;
    let notice = Progress::new(Verbosity::Normal, Display::Nothing);
    for note in notes {
        notice.say(&note);
    }
    output::print(&format!("{}\n", printable_json(format!("{document:#}"))))?;
    Ok(0)
}

/// A document, and what to know about it.
struct Printed {
    document: Value,
    notes: Vec<String>,
}

/// What is read from one region by one way in.
#[derive(Debug, Clone, Copy)]
struct Visit<'c> {
    access: &'c Access,
    region: &'c str,
    wanted: &'c Wanted,
}

impl<'c> Visit<'c> {
    fn account(&self) -> Option<&'c str> {
        self.access.account.as_deref()
    }

    /// `aws`, `aws-cn` or `aws-us-gov`: the role's, or the one that the region is in.
    fn partition(&self) -> &'c str {
        let of_role = self.access.role.as_ref().and_then(|role| role.arn.split(':').nth(1));
        of_role.unwrap_or(match self.region {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        })
    }
}

/// The visits that a document is for.
struct Chosen<'c> {
    visits: Vec<Visit<'c>>,
    /// Their account, where it is known and only one.
    account: Option<String>,
}

fn print(sources: &[Source], args: &IamPolicyArgs) -> Result<Printed, CommandError> {
    let live = sources.iter().filter_map(|source| match &source.kind {
        SourceKind::Amplify(amplify) => Some(amplify),
        SourceKind::Recordings(_) => None,
    });
    let visits: Vec<Visit<'_>> = live.flat_map(visits).collect();
    if let Some(account) = &args.account {
        must_be_account(account)?;
    }
    if let Some(repository) = &args.trust_github {
        // Its role is the caller's as often as one of the configuration's: any account will do.
        let chosen = choose(&visits, None)?;
        let account = args.account.clone().or(chosen.account);
        let partition = chosen.visits.first().map(Visit::partition);
        return trust::github(repository, account.as_deref(), &accounts(&visits), partition);
    }
    if visits.is_empty() {
        return refused("this configuration reads recordings only: it needs nothing of AWS", None);
    }
    let chosen = choose(&visits, args.account.as_deref())?;
    match &args.trust {
        Some(principal) => {
            trust::principal(principal, &roles(&chosen.visits)?, accounts(&chosen.visits).len())
        }
        None if args.caller => Ok(permissions::caller(&roles(&chosen.visits)?)),
        None => permissions::reader(&chosen),
    }
}

fn visits(amplify: &Amplify) -> impl Iterator<Item = Visit<'_>> {
    amplify.access.iter().flat_map(move |access| {
        amplify.regions.iter().map(move |region| Visit { access, region, wanted: &amplify.wanted })
    })
}

/// The visits of an account. Those whose account nothing tells may be of any.
fn choose<'c>(visits: &[Visit<'c>], account: Option<&str>) -> Result<Chosen<'c>, CommandError> {
    let known = accounts(visits);
    let is_told = visits.iter().all(|visit| visit.account().is_some());
    let Some(account) = account else {
        let only = known.first().filter(|_| known.len() == 1 && is_told).map(|account| (*account).to_owned());
        return Ok(Chosen { visits: visits.to_vec(), account: only });
    };
    let meant = known.contains(account).then_some(account);
    if meant.is_none() && is_told {
        let known = known.into_iter().collect::<Vec<_>>().join(", ");
        let message = format!("this configuration has no source in account {account}");
        return refused(message, Some(format!("it has sources in {known}")));
    }
    let visits = visits.iter().filter(|visit| visit.account() == meant).copied().collect();
    Ok(Chosen { visits, account: Some(account.to_owned()) })
}

fn accounts<'c>(visits: &[Visit<'c>]) -> BTreeSet<&'c str> {
    visits.iter().filter_map(Visit::account).collect()
}

/// The roles that are assumed, in the order of their ARNs; at least one.
fn roles<'c>(visits: &[Visit<'c>]) -> Result<Vec<&'c Role>, CommandError> {
    let mut roles: Vec<&Role> = visits.iter().filter_map(|visit| visit.access.role.as_ref()).collect();
    roles.sort_by_key(|role| (&role.arn, &role.external_id));
    roles.dedup();
    if roles.is_empty() {
        return refused(
            "this configuration assumes no role",
            Some("give its sources a `role-arn`, or leave --caller and --trust out".to_owned()),
        );
    }
    for role in &roles {
        must_be_literal("role", &role.arn)?;
    }
    Ok(roles)
}

fn must_be_account(text: &str) -> Result<(), CommandError> {
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    refused(format!("`{text}` is not an account"), Some("an account is a number of twelve digits".to_owned()))
}

/// In a policy, a wildcard or a variable would allow more than what is written.
fn must_be_literal(what: &str, text: &str) -> Result<(), CommandError> {
    let is_literal = |character: char| character.is_ascii_alphanumeric() || "+=,.@:/_-".contains(character);
    if !text.is_empty() && text.chars().all(is_literal) {
        return Ok(());
    }
    refused(format!("the {what} `{text}` cannot stand in a policy: it would not mean itself"), None)
}

fn refused<T>(message: impl Into<String>, help: Option<String>) -> Result<T, CommandError> {
    Err(CommandError::Usage { message: message.into(), help })
}

/// What to know about a policy that IAM would not take.
fn too_long(document: &Value) -> Option<String> {
    // Compact JSON has white space in strings alone, and ours have none.
    let length = document.to_string().len();
    (length > LONGEST).then(|| {
        format!(
            "this policy has {length} characters, and a managed policy may have {LONGEST}: \
             print it by --account, or let a source discover its apps"
        )
    })
}

#[cfg(test)]
mod tests;

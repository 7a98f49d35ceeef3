//! Trust policies: who may assume a role.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Printed, must_be_account, must_be_literal, refused};
use crate::command::CommandError;
use crate::config::Role;

/// GitHub's OpenID Connect provider.
const GITHUB: &str = "token.actions.githubusercontent.com";

/// A principal of AWS may assume these roles, each with the external id that it is assumed with.
pub(super) fn principal(arn: &str, roles: &[&Role], accounts: usize) -> Result<Printed, CommandError> {
    must_be_principal(arn)?;
    let ids: BTreeSet<Option<&str>> = roles.iter().map(|role| role.external_id.as_deref()).collect();
    let mut statement = json!({"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "sts:AssumeRole"});
    match ids.iter().collect::<Vec<_>>()[..] {
        [None] => {}
        [Some(id)] => {
            must_be_literal("external id", id)?;
            statement["Condition"] = json!({"StringEquals": {"sts:ExternalId": id}});
        }
        _ => {
            let help = if accounts > 1 {
                "--account prints the document of one account"
            } else {
                "give the sources of this account the same `external-id`"
            };
            return refused("the roles are assumed with different external ids", Some(help.to_owned()));
        }
    }
    let arns: Vec<&str> = roles.iter().map(|role| role.arn.as_str()).collect();
    let mut notes = vec![format!("this is the trust policy of {}", arns.join(", "))];
    if ids.contains(&None) {
        notes.push("without an `external-id` in the configuration, none is asked for".to_owned());
    }
    Ok(Printed { document: document(&statement), notes })
}

/// GitHub's provider may assume the role for jobs of a repository, or of one ref of it.
pub(super) fn github(
    text: &str,
    account: Option<&str>,
    known: &BTreeSet<&str>,
    partition: Option<&str>,
) -> Result<Printed, CommandError> {
    let (repository, reference) = repository(text)?;
    let Some(account) = account else {
        let known = known.iter().copied().collect::<Vec<_>>().join(", ");
        let known = if known.is_empty() {
            "the configuration names none".to_owned()
        } else {
            format!("the configuration names {known}")
        };
        return refused(
            "the trust policy names GitHub's provider in the role's account",
            Some(format!("say which account with --account; {known}")),
        );
    };
    let provider = format!("arn:{}:iam::{account}:oidc-provider/{GITHUB}", partition.unwrap_or("aws"));
    let (audience, subject) = (format!("{GITHUB}:aud"), format!("{GITHUB}:sub"));
    let mut notes =
        vec![format!("this is the trust policy of a role in account {account}; {provider} must be there")];
    let condition = match reference {
        Some(reference) => {
            let job = format!("repo:{repository}:ref:{reference}");
            json!({"StringEquals": {audience: "sts.amazonaws.com", subject: job}})
        }
        None => {
            notes.push(format!(
                "wide: every branch, tag, pull request and environment of {repository} may assume the role; \
                 {repository}:main would be its main branch alone"
            ));
            let jobs = format!("repo:{repository}:*");
            json!({"StringEquals": {audience: "sts.amazonaws.com"}, "StringLike": {subject: jobs}})
        }
    };
    let statement = json!({
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    });
    Ok(Printed { document: document(&statement), notes })
}

fn document(statement: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

/// `arn:aws:iam::111122223333:role/ci`, or a user, a session or the `root` of an account.
fn must_be_principal(arn: &str) -> Result<(), CommandError> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let is_principal = match parts[..] {
        ["arn", partition, service @ ("iam" | "sts"), "", account, name] => {
            let kinds: &[&str] = if service == "iam" { &["role/", "user/"] } else { &["assumed-role/"] };
            let is_named =
                kinds.iter().any(|kind| name.strip_prefix(kind).is_some_and(|name| !name.is_empty()));
            ["aws", "aws-cn", "aws-us-gov"].contains(&partition)
                && must_be_account(account).is_ok()
                && (is_named || (service == "iam" && name == "root"))
        }
        _ => false,
    };
    if !is_principal {
        return refused(
            format!("--trust {arn}: this is no principal's ARN"),
            Some("for example --trust arn:aws:iam::111122223333:role/ci".to_owned()),
        );
    }
    must_be_literal("principal", arn)
}

/// Repository and full ref of `OWNER/REPO[:REF]`.
fn repository(text: &str) -> Result<(&str, Option<String>), CommandError> {
    let (repository, reference) = match text.split_once(':') {
        Some((repository, reference)) => (repository, Some(reference)),
        None => (text, None),
    };
    let is_name = |name: &str, others: &str, longest: usize| {
        !name.is_empty()
            && name.len() <= longest
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || others.as_bytes().contains(&byte))
    };
    let is_repository = repository.split_once('/').is_some_and(|(owner, name)| {
        is_name(owner, "-_", 39)
            && !owner.starts_with('-')
            && is_name(name, "-_.", 100)
            && ![".", ".."].contains(&name)
            // What a clone's URL ends with; GitHub gives no repository such a name.
            && !name.to_ascii_lowercase().ends_with(".git")
    });
    if !is_repository || !reference.is_none_or(is_ref) {
        return refused(
            format!("--trust-github {text}: this is not OWNER/REPO or OWNER/REPO:REF"),
            Some("for example --trust-github octo-org/octo-repo:main".to_owned()),
        );
    }
    let full = |reference: &str| match reference.strip_prefix("refs/") {
        Some(_) => reference.to_owned(),
        None => format!("refs/heads/{reference}"),
    };
    Ok((repository, reference.map(full)))
}

/// A part of what `git check-ref-format` takes: no character that IAM would read as a wildcard or a variable.
fn is_ref(text: &str) -> bool {
    // A job is of a branch or a tag; HEAD is neither.
    text.len() <= 255
        && !["HEAD", "refs/heads/HEAD"].contains(&text)
        && text.split('/').all(|part| {
            let is_lock = part.rsplit_once('.').is_some_and(|(_, extension)| extension == "lock");
            !part.is_empty()
                && !part.starts_with(['.', '-'])
                && !part.ends_with('.')
                && !part.contains("..")
                && !is_lock
        })
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+=,.@/_#-".contains(&byte))
        && (!text.starts_with("refs/") || text.starts_with("refs/heads/") || text.starts_with("refs/tags/"))
}

//! Permission policies: of who reads, and of who assumes the roles that read.
//!
//! ARNs and which actions take them: the Service Authorization Reference,
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsamplifyadmin.html> and
//! `list_awsamplify.html` beside it. `GetBackendAuth` must be allowed for the app's backend, environment and auth
//! resources alike, so nothing narrower than an app's backend will do.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Chosen, Printed, Visit, accounts, must_be_literal, too_long};
use crate::command::CommandError;
use crate::config::{Role, Wanted};

/// `sts:AssumeRole` on exactly these roles.
pub(super) fn caller(roles: &[&Role]) -> Printed {
    let arns: BTreeSet<String> = roles.iter().map(|role| role.arn.clone()).collect();
    let document = policy(&[allow("AssumeAuditors", &["sts:AssumeRole"], &arns)]);
    let notes = too_long(&document).into_iter().collect();
    Printed { document, notes }
}

/// What the visits call.
pub(super) fn reader(chosen: &Chosen<'_>) -> Result<Printed, CommandError> {
    for visit in &chosen.visits {
        if let Wanted::Targets(targets) = visit.wanted {
            targets.iter().try_for_each(|target| must_be_literal("app", &target.app))?;
        }
    }
    // A policy allows in its own account only: the wildcard is no wider, and serves each account.
    let document = document(&chosen.visits, chosen.account.as_deref().unwrap_or("*"));
    let mut notes = Vec::new();
    if chosen.visits.iter().any(|visit| visit.access.role.is_some()) {
        notes.push(
            "this is for the roles that the configuration assumes; --caller prints what their caller needs, \
             --trust whom they must trust"
                .to_owned(),
        );
    }
    if chosen.account.is_none() && different_by_account(&chosen.visits) {
        notes.push(
            "the accounts need different things, and this allows all of them; --account prints what one needs"
                .to_owned(),
        );
    }
    notes.extend(too_long(&document));
    Ok(Printed { document, notes })
}

fn different_by_account(visits: &[Visit<'_>]) -> bool {
    let of = |account: Option<&str>| {
        let visits: Vec<_> = visits.iter().filter(|visit| visit.account() == account).copied().collect();
        document(&visits, "*")
    };
    let told = accounts(visits).into_iter().map(Some);
    let untold = visits.iter().any(|visit| visit.account().is_none()).then_some(None);
    let mut documents = told.chain(untold).map(of);
    let first = documents.next();
    documents.any(|document| Some(document) != first)
}

fn document(visits: &[Visit<'_>], account: &str) -> Value {
    let mut read = BTreeSet::new();
    let mut look_up = BTreeSet::new();
    let mut list = BTreeSet::new();
    let mut regions = BTreeSet::new();
    for visit in visits {
        let (partition, region) = (visit.partition(), visit.region);
        let backend = |app: &str| format!("arn:{partition}:amplifybackend:{region}:{account}:/backend/{app}");
        match visit.wanted {
            Wanted::Discovered(_) => {
                read.insert(backend("*"));
                look_up.insert(backend("*"));
                list.insert(format!("arn:{partition}:amplify:{region}:{account}:apps/*"));
                regions.insert(region);
            }
            Wanted::Targets(targets) => {
                for target in targets {
                    let backend = backend(&format!("{}/*", target.app));
                    if target.resource.is_none() {
                        look_up.insert(backend.clone());
                    }
                    read.insert(backend);
                }
            }
        }
    }
    let (read, look_up) = (without_covered(&read), without_covered(&look_up));
    let mut statements = Vec::new();
    if look_up == read {
        let actions = ["amplifybackend:GetBackend", "amplifybackend:GetBackendAuth"];
        statements.push(allow("ReadAuthSettings", &actions, &read));
    } else {
        statements.push(allow("ReadAuthSettings", &["amplifybackend:GetBackendAuth"], &read));
        if !look_up.is_empty() {
            statements.push(allow("FindAuthResources", &["amplifybackend:GetBackend"], &look_up));
        }
    }
    if !list.is_empty() {
        let actions = ["amplify:ListBackendEnvironments", "amplify:ListBranches"];
        statements.push(allow("ListEnvironments", &actions, &list));
        // It has no resource of its own: only the region can be said.
        let mut apps = allow("ListApps", &["amplify:ListApps"], &BTreeSet::from(["*".to_owned()]));
        apps["Condition"] = json!({"StringEquals": {"aws:RequestedRegion": regions}});
        statements.push(apps);
    }
    policy(&statements)
}

/// Without those that another one's final wildcard reaches.
fn without_covered(arns: &BTreeSet<String>) -> BTreeSet<String> {
    let is_covered = |arn: &str| {
        arns.iter()
            .any(|other| other != arn && other.strip_suffix('*').is_some_and(|fixed| arn.starts_with(fixed)))
    };
    arns.iter().filter(|arn| !is_covered(arn)).cloned().collect()
}

fn allow(sid: &str, actions: &[&str], resources: &BTreeSet<String>) -> Value {
    json!({"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources})
}

fn policy(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

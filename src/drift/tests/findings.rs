//! From changes to findings: what may differ, and what differs from several.

use std::path::Path;

use super::*;
use crate::config::{Catalogue, Config, Draft, Drift, Packs, PointerGlob};
use crate::finding::Finding;
use crate::location::Repository;

/// The rule, with the `ignore` of a `[[drift]]` as audit.toml has it.
fn ignoring(pointers: &[&str]) -> Vec<PointerGlob> {
    let text = format!(
        "[[source]]\nkind = \"recordings\"\npaths = [\"*\"]\n[[drift]]\nexpected = \"*/prod\"\nactual = \"*/staging\"\nignore = {pointers:?}\n"
    );
    let mut drift = config(&text).drift;
    let Some(Drift { ignore, .. }) = drift.pop() else { panic!("one") };
    ignore
}

fn config(text: &str) -> Config {
    let repository = Repository::containing(Path::new("/repository"));
    let catalogue = Catalogue {
        rules: rules::all().map(|rule| rule.id.clone()).collect(),
        profiles: vec![Packs::PROFILE.to_owned()],
        ..Catalogue::default()
    };
    let draft = Draft::read(text, Path::new("/repository/audit.toml"), &repository);
    draft.validate(&catalogue).unwrap_or_else(|error| panic!("{:?}\n{text}", miette::Report::new(error)))
}

fn rule(policies: &str) -> DriftRule {
    let config = config(&format!("[[source]]\nkind = \"recordings\"\npaths = [\"*\"]\n{policies}"));
    DriftRule::enabled(&rules::environment(), &config.policies).expect("enabled")
}

/// The document of staging, with these values at these pointers of the settings.
fn staging(edits: &[(&str, Value)]) -> Document {
    let mut answer = answer();
    for (pointer, value) in edits {
        set_if_there(&mut answer, pointer, value.clone());
    }
    let answer = read(answer.to_string().as_bytes()).expect("an answer");
    Document::new(answer, Arc::new(target("staging")), None)
}

fn said(findings: &[Finding]) -> Vec<(&str, Severity, &str)> {
    findings
        .iter()
        .map(|finding| (finding.path.as_str(), finding.severity, finding.message.as_str()))
        .collect()
}

#[test]
fn what_differs_from_several_at_one_place_is_one_finding_of_what_is_worst() {
    let prod = document(&answer(), target("prod"));
    let mut other = document(&answer(), target("live"));
    set(&mut other, LENGTH, json!(8));
    let (prod_id, other_id) = (TargetId::new("d1", "prod", "auth"), TargetId::new("d1", "live", "auth"));
    let actual = staging(&[(LENGTH, json!(10))]);
    let others: [(&TargetId, &Value, &[PointerGlob]); 2] = [(&other_id, &other, &[]), (&prod_id, &prod, &[])];
    let findings = between_environments(&rule(""), &actual, &others);
    assert_eq!(
        said(&findings),
        [(
            LENGTH,
            Severity::High,
            "`MinimumLength` differs from d1/live/auth: `10` replaced `8`; from d1/prod/auth: weaker: `10` replaced `12`"
        )]
    );
    assert_eq!((&findings[0].expected, &findings[0].actual), (&Some(json!(12)), &Some(json!(10))));
    // What may differ from one must still agree with the other.
    let ignore = ignoring(&[LENGTH]);
    let findings =
        between_environments(&rule(""), &actual, &[(&prod_id, &prod, &ignore), (&other_id, &other, &[])]);
    assert_eq!(
        said(&findings),
        [(LENGTH, Severity::Low, "`MinimumLength` differs from d1/live/auth: `10` replaced `8`")]
    );
    let severity = rule("[policies.severity]\n\"drift/environment\" = \"medium\"\n");
    let findings = between_environments(&severity, &actual, &others);
    assert_eq!((findings[0].severity, findings[0].rule.severity), (Severity::Medium, Severity::Medium));
}

proptest! {
    #[test]
    fn ignoring_a_pointer_removes_exactly_its_findings(
        changed in proptest::sample::subsequence(vec![
            (MODE, json!("OFF")),
            (MFA_TYPES, json!(["SMS"])),
            (LENGTH, json!(7)),
            (SCOPES, json!(["PHONE"])),
            (GRANT, json!("IMPLICIT")),
            (SIGN_IN, json!(["https://c.example/"])),
            (EMAIL, json!("{####}")),
            (LOGIN, json!(true)),
            (CONSTRAINTS, json!([])),
        ], 0..=9),
        ignored in proptest::sample::subsequence(vec![
            MODE, MFA, LENGTH, SCOPES, EMAIL, SIGN_IN,
            "/ResourceConfig/UserPoolConfigs/OAuth",
            "/ResourceConfig/*/OAuth/Redirect*",
            "/ResourceConfig/UserPoolConfigs/*Polic?",
            "/ResourceConfig/UserPoolConfigs/OAut",
            "/**/MFAMode",
        ], 0..=4),
    ) {
        let prod = document(&answer(), target("prod"));
        let id = TargetId::new("d1", "prod", "auth");
        let actual = staging(&changed);
        let all = between_environments(&rule(""), &actual, &[(&id, &prod, &[])]);
        prop_assert_eq!(all.len(), changed.len());
        let ignore = ignoring(&ignored);
        let left = between_environments(&rule(""), &actual, &[(&id, &prod, &ignore)]);
        let is_left = |path: &str| !ignored.iter().any(|pattern| match *pattern {
            "/ResourceConfig/*/OAuth/Redirect*" => path == SIGN_IN,
            "/ResourceConfig/UserPoolConfigs/*Polic?" => path == LENGTH || path == CONSTRAINTS,
            "/**/MFAMode" => path == MODE,
            pointer => path == pointer || path.starts_with(&format!("{pointer}/")),
        });
        let kept: Vec<_> = said(&all).into_iter().filter(|(path, ..)| is_left(path)).collect();
        prop_assert_eq!(said(&left), kept);
    }
}

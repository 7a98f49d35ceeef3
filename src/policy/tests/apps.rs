//! The rules of scope `app`: what they find among all environments of an app.

use super::*;

/// An environment: its name, its stage, and the changes of the good settings.
type Environment = (&'static str, Stage, Vec<(&'static str, Value)>);

/// Environments of one app, and what is found: rule, environment, path, severity.
pub(super) struct Case {
    environments: Vec<Environment>,
    pub(super) found: Vec<(&'static str, &'static str, &'static str, Severity)>,
}

/// The one finding of every app.
const END_OF_LIFE: &str = "lifecycle/gen1_end_of_life";

pub(super) fn cases() -> Vec<Case> {
    use Severity::{Low, Medium};
    let own_hosts =
        || vec![(SIGN_IN, json!(["https://dev.example/"])), (SIGN_OUT, json!(["https://dev.example/"]))];
    let google = || (GOOGLE, json!("client"));
    let with_google = || own_hosts().into_iter().chain([google()]).collect::<Vec<_>>();
    let case = |environments, found| Case { environments, found };
    vec![
        case(vec![("prod", Stage::Production, vec![])], vec![(END_OF_LIFE, "prod", "", Medium)]),
        // It is said once, of the environment that matters most.
        case(
            vec![("dev", Stage::Development, own_hosts()), ("prod", Stage::Production, vec![])],
            vec![(END_OF_LIFE, "prod", "", Medium)],
        ),
        case(
            vec![("dev", Stage::Development, vec![]), ("staging", Stage::Staging, vec![])],
            vec![(END_OF_LIFE, "dev", "", Medium)],
        ),
        case(
            vec![("dev", Stage::Development, with_google()), ("prod", Stage::Production, vec![google()])],
            vec![(END_OF_LIFE, "prod", "", Medium), ("social/shared_client", "prod", GOOGLE, Medium)],
        ),
        case(
            vec![("dev", Stage::Development, vec![]), ("prod", Stage::Production, vec![])],
            vec![
                (END_OF_LIFE, "prod", "", Medium),
                ("oauth/shared_redirect_host", "prod", SIGN_IN, Medium),
                ("oauth/shared_redirect_host", "prod", SIGN_OUT, Low),
            ],
        ),
        // What may be production is judged as production; two of them may share.
        case(
            vec![("demo", Stage::Unknown, vec![google()]), ("dev", Stage::Development, with_google())],
            vec![(END_OF_LIFE, "demo", "", Medium), ("social/shared_client", "demo", GOOGLE, Medium)],
        ),
        case(
            vec![("live", Stage::Production, vec![google()]), ("prod", Stage::Production, vec![google()])],
            vec![(END_OF_LIFE, "live", "", Medium)],
        ),
    ]
}

#[test]
fn every_rule_over_an_app_finds_what_it_is_named_after() {
    for Case { environments, found: expected } in cases() {
        let documents: Vec<Document> = environments
            .iter()
            .map(|(name, stage, changes)| environment(name, *stage, &with(changes)))
            .collect();
        let Evaluation { findings, unaudited, .. } = EMBEDDED.evaluator().evaluate_app(&documents);
        let found: Vec<_> = findings
            .iter()
            .map(|found| {
                let Finding { rule, target, path, severity, .. } = found;
                (rule.id.as_str(), target.environment.as_str(), path.as_str(), *severity)
            })
            .collect();
        assert_eq!((found, unaudited), (expected, None), "{environments:?}");
        for found in &findings {
            assert!(!found.message.contains("%!") && found.message.len() > 10, "{}", found.message);
            assert_eq!(&*found.evidence.location.file, "answer.json");
        }
    }
}

#[test]
fn rules_over_an_app_and_rules_over_a_document_are_never_mixed() {
    let of_apps: Vec<&str> =
        ids().into_iter().filter(|id| metadata_of(id).scope == Some(Scope::App)).collect();
    assert_eq!(of_apps, [END_OF_LIFE, "oauth/shared_redirect_host", "social/shared_client"]);
    let bad = document(&json!({"ResourceConfig": {}}));
    let by_document = EMBEDDED.evaluator().evaluate(&bad).findings;
    assert!(by_document.iter().all(|found| !of_apps.contains(&found.rule.id.as_str())));
    let by_app = EMBEDDED.evaluator().evaluate_app(&[bad]).findings;
    assert!(by_app.iter().all(|found| of_apps.contains(&found.rule.id.as_str())));
    assert!(!by_document.is_empty() && !by_app.is_empty());
}

#[test]
fn no_value_of_any_member_stops_a_rule_over_an_app() {
    let mut evaluator = EMBEDDED.evaluator();
    for leaf in leaves() {
        let is_list = good().pointer(&leaf).is_some_and(Value::is_array);
        for value in odd_values().into_iter().filter(|value| !is_list || value.is_array() || value.is_null())
        {
            let changed = with(&[(&leaf, value.clone())]);
            for environments in [
                [("dev", Stage::Development, &changed), ("prod", Stage::Production, &good())],
                [("dev", Stage::Development, &good()), ("prod", Stage::Production, &changed)],
            ] {
                let documents = environments.map(|(name, stage, answer)| environment(name, stage, answer));
                assert_eq!(evaluator.evaluate_app(&documents).unaudited, None, "{leaf} is {value}");
            }
        }
    }
}

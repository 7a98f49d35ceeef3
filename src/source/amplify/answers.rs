//! What discovery's calls answer, read strictly from the bytes: the SDK's typed output makes an empty
//! list of an absent one, and an account without apps of an empty answer.
//!
//! `amplifyMetaConfig` may hold an `AppClientSecret`: nothing of it is kept but the names and kinds of
//! auth resources, and an error tells no value.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Error as _, IgnoredAny, MapAccess, Visitor};

/// The service of a resource that `GetBackendAuth` describes.
const COGNITO: &str = "Cognito";
/// User groups stand beside the auth resource, and are none.
const GROUPS: &str = "Cognito-UserPool-Groups";

/// A page of `ListApps`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Apps {
    pub(super) apps: Vec<ListedApp>,
    pub(super) next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListedApp {
    pub(super) app_id: String,
    pub(super) app_arn: Option<String>,
    pub(super) name: Option<String>,
}

impl ListedApp {
    /// The account, in `arn:aws:amplify:REGION:ACCOUNT:apps/ID`.
    pub(super) fn account(&self) -> Option<&str> {
        let account = self.app_arn.as_deref()?.split(':').nth(4)?;
        (account.len() == 12 && account.bytes().all(|digit| digit.is_ascii_digit())).then_some(account)
    }
}

/// A page of `ListBackendEnvironments`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Environments {
    pub(super) backend_environments: Vec<ListedEnvironment>,
    pub(super) next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListedEnvironment {
    pub(super) environment_name: String,
}

/// A page of `ListBranches`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Branches {
    pub(super) branches: Vec<ListedBranch>,
    pub(super) next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListedBranch {
    pub(super) branch_name: String,
    backend: Option<BranchBackend>,
    pub(super) backend_environment_arn: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BranchBackend {
    stack_arn: Option<String>,
}

impl ListedBranch {
    /// Whether Amplify Gen 2 deploys it: it has a stack, and no backend environment.
    pub(super) fn is_gen2(&self) -> bool {
        let stack = self.backend.as_ref().and_then(|backend| backend.stack_arn.as_ref());
        stack.is_some() && self.backend_environment_arn.is_none()
    }
}

/// The answer to `GetBackend`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Backend {
    pub(super) app_id: Option<String>,
    #[serde(rename = "backendEnvironmentName")]
    pub(super) environment: Option<String>,
    #[serde(rename = "backendEnvironmentList")]
    pub(super) environments: Option<Vec<String>>,
    error: Option<serde_json::Value>,
    amplify_meta_config: Option<String>,
}

/// What a backend environment has for authentication.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct AuthResources {
    /// Names of resources, with whether each was imported.
    pub(super) cognito: Vec<(String, bool)>,
    /// Names and services of resources that are something else.
    pub(super) others: Vec<(String, String)>,
}

/// Why an answer tells nothing of auth resources.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// The backend reports an error; what it says.
    Backend(String),
    /// It has no meta information.
    NoMeta,
    /// The meta information is not what it should be.
    Malformed(String),
}

impl Backend {
    /// The auth resources in the meta information.
    pub(super) fn auth_resources(&self) -> Result<AuthResources, Unusable> {
        match &self.error {
            None | Some(serde_json::Value::Null) => {}
            Some(serde_json::Value::String(said)) if said.is_empty() => {}
            Some(serde_json::Value::String(said)) => return Err(Unusable::Backend(said.clone())),
            Some(_) => return Err(Unusable::Backend("an error without a text".to_owned())),
        }
        let meta = self.amplify_meta_config.as_deref().map(str::trim).unwrap_or_default();
        if meta.is_empty() || meta == "null" {
            return Err(Unusable::NoMeta);
        }
        let meta: Meta = read(meta.as_bytes()).map_err(Unusable::Malformed)?;
        let mut resources = AuthResources::default();
        for (name, resource) in meta.auth.unwrap_or_default().0 {
            let imported = resource.service_type.as_deref() == Some("imported");
            match resource.service.as_deref() {
                // Of one that does not say what it is, its settings will tell.
                None => resources.cognito.push((name, imported)),
                Some(service) if service.eq_ignore_ascii_case(COGNITO) => {
                    resources.cognito.push((name, imported));
                }
                Some(GROUPS) => {}
                Some(other) => resources.others.push((name, other.to_owned())),
            }
        }
        Ok(resources)
    }
}

#[derive(Deserialize)]
struct Meta {
    #[serde(default)]
    auth: Option<Auth>,
}

/// The category `auth`: every name once, since of two of one name a map keeps only the last.
#[derive(Default)]
struct Auth(BTreeMap<String, Resource>);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    service: Option<String>,
    service_type: Option<String>,
}

impl<'de> Deserialize<'de> for Auth {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Resources;
        impl<'de> Visitor<'de> for Resources {
            type Value = Auth;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("the auth resources")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Auth, A::Error> {
                let mut resources = BTreeMap::new();
                while let Some((name, resource)) = map.next_entry::<String, Resource>()? {
                    if name.trim().is_empty() || resources.insert(name, resource).is_some() {
                        return Err(A::Error::custom("a name is empty, or stands there twice"));
                    }
                }
                Ok(Auth(resources))
            }
        }
        deserializer.deserialize_map(Resources)
    }
}

/// Reads an answer. The error tells what is wrong and where, and no value.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    // Of a list, serde takes the elements for the members of a struct, one after the other.
    if bytes.trim_ascii().first().is_some_and(|first| *first != b'{') {
        return Err("it is no JSON object".to_owned());
    }
    parse(bytes)
}

/// Whether an answer is JSON to its end.
pub(super) fn whole(bytes: &[u8]) -> Result<(), String> {
    parse::<IgnoredAny>(bytes).map(|_| ())
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|error| {
        let what = match error.classify() {
            serde_json::error::Category::Eof if bytes.trim_ascii().is_empty() => "it is empty",
            serde_json::error::Category::Eof => "it breaks off",
            serde_json::error::Category::Syntax | serde_json::error::Category::Io => "it is not JSON",
            serde_json::error::Category::Data => "it is not what this call answers",
        };
        format!("{what} (line {}, column {})", error.line(), error.column())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn backend(answer: &Value) -> Backend {
        read(answer.to_string().as_bytes()).expect("an answer")
    }

    fn of_meta(meta: &Value) -> Result<AuthResources, Unusable> {
        backend(&json!({"amplifyMetaConfig": meta.to_string()})).auth_resources()
    }

    #[test]
    fn an_answer_without_its_list_is_no_empty_list() {
        assert!(read::<Apps>(br#"{"apps": []}"#).is_ok());
        for wrong in
            ["", "{}", "null", "[]", "[[], null]", r#"{"apps": null}"#, r#"{"apps": [{}]}"#, r#"{"apps": []"#]
        {
            assert!(read::<Apps>(wrong.as_bytes()).is_err(), "{wrong}");
        }
        assert!(read::<Environments>(b"{}").is_err());
        assert!(read::<Branches>(b"{}").is_err());
    }

    #[test]
    fn resources_are_those_of_cognito() {
        let meta = json!({"providers": {}, "auth": {
            "shop1": {"service": "Cognito", "output": {"AppClientSecret": "planted"}},
            "shop2": {"service": "Cognito", "serviceType": "imported"},
            "unsaid": {},
            "userPoolGroups": {"service": "Cognito-UserPool-Groups"},
            "custom": {"service": "Auth0"},
        }});
        let found = of_meta(&meta).expect("resources");
        let names = |name: &str, imported| (name.to_owned(), imported);
        assert_eq!(found.cognito, [names("shop1", false), names("shop2", true), names("unsaid", false)]);
        assert_eq!(found.others, [("custom".to_owned(), "Auth0".to_owned())]);
    }

    #[test]
    fn a_backend_without_auth_is_told_from_one_that_cannot_be_read() {
        assert_eq!(of_meta(&json!({"api": {}})), Ok(AuthResources::default()));
        assert_eq!(of_meta(&json!({"auth": {}})), Ok(AuthResources::default()));
        assert_eq!(of_meta(&json!({"auth": null})), Ok(AuthResources::default()));
        for absent in [json!({}), json!({"amplifyMetaConfig": null}), json!({"amplifyMetaConfig": " "})] {
            assert_eq!(backend(&absent).auth_resources(), Err(Unusable::NoMeta), "{absent}");
        }
        for wrong in [json!([]), json!("text"), json!({"auth": []}), json!({"auth": {"a": "Cognito"}})] {
            assert!(matches!(of_meta(&wrong), Err(Unusable::Malformed(_))), "{wrong}");
        }
        let twice =
            json!({"amplifyMetaConfig": r#"{"auth": {"a": {"service": "Cognito"}, "a": {"service": "x"}}}"#});
        assert!(matches!(backend(&twice).auth_resources(), Err(Unusable::Malformed(_))));
        let failed = json!({"error": "the bucket is gone", "amplifyMetaConfig": "{}"});
        assert_eq!(
            backend(&failed).auth_resources(),
            Err(Unusable::Backend("the bucket is gone".to_owned()))
        );
        assert!(matches!(
            backend(&json!({"error": {"code": 1}})).auth_resources(),
            Err(Unusable::Backend(_))
        ));
    }

    #[test]
    fn an_error_tells_no_value() {
        let meta = json!({"auth": {"shop": {"service": {"AppClientSecret": "planted"}}}});
        let Err(Unusable::Malformed(why)) = of_meta(&meta) else { panic!("it is malformed") };
        assert!(!why.contains("planted"), "{why}");
    }

    #[test]
    fn gen_2_is_a_stack_without_an_environment() {
        let branches: Branches = read(
            json!({"branches": [
                {"branchName": "main", "backend": {"stackArn": "arn"}},
                {"branchName": "old", "backend": {"stackArn": "arn"}, "backendEnvironmentArn": "arn"},
                {"branchName": "hosting"},
            ]})
            .to_string()
            .as_bytes(),
        )
        .expect("branches");
        let gen2: Vec<bool> = branches.branches.iter().map(ListedBranch::is_gen2).collect();
        assert_eq!(gen2, [true, false, false]);
    }
}

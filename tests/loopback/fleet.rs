//! What the accounts own: apps, their backend environments, and their branches.

use serde_json::{Map, Value, json};

use super::script::Edit;

/// An app, seen by calls of its own account in its own region.
#[derive(Debug, Clone)]
pub(crate) struct App {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) environments: Vec<Environment>,
    pub(crate) branches: Vec<Branch>,
}

impl App {
    /// An app that only hosts: without backend environments and branches.
    pub(crate) fn new(account: &str, region: &str, id: &str, name: &str) -> Self {
        Self {
            account: account.to_owned(),
            region: region.to_owned(),
            id: id.to_owned(),
            name: name.to_owned(),
            environments: Vec::new(),
            branches: Vec::new(),
        }
    }

    /// The same app with one environment more.
    pub(crate) fn environment(mut self, name: &str, meta: Meta) -> Self {
        self.environments.push(Environment { name: name.to_owned(), meta, edits: Vec::new() });
        self
    }

    /// The same app, where the auth settings of its last environment are other than good.
    pub(crate) fn edited(mut self, edit: Edit) -> Self {
        self.environments.last_mut().expect("an environment to edit").edits.push(edit);
        self
    }

    /// The same app with one branch more.
    pub(crate) fn branch(mut self, branch: Branch) -> Self {
        self.branches.push(branch);
        self
    }

    pub(crate) fn arn(&self) -> String {
        format!("arn:aws:amplify:{}:{}:apps/{}", self.region, self.account, self.id)
    }

    pub(super) fn environment_arn(&self, environment: &str) -> String {
        format!("{}/backendenvironments/{environment}", self.arn())
    }

    pub(super) fn environment_named(&self, name: &str) -> Option<&Environment> {
        self.environments.iter().find(|environment| environment.name == name)
    }
}

/// A backend environment.
#[derive(Debug, Clone)]
pub(crate) struct Environment {
    pub(crate) name: String,
    pub(crate) meta: Meta,
    /// What is other in the answers of GetBackendAuth.
    pub(crate) edits: Vec<Edit>,
}

/// What GetBackend says of an environment.
#[derive(Debug, Clone)]
pub(crate) enum Meta {
    /// `amplifyMetaConfig` is this object.
    Is(Value),
    /// `amplifyMetaConfig` is this text.
    Text(String),
    /// There is no `amplifyMetaConfig`.
    Absent,
    /// `error` is this text, and there is no `amplifyMetaConfig`.
    Error(String),
    /// GetBackend answers 404.
    NotFound,
}

impl Meta {
    /// Auth resources as the Amplify CLI pushes them, with groups beside the first of them. Auth of an
    /// app is one resource; more of them are what nobody expects.
    pub(crate) fn cognito(resources: &[&str]) -> Self {
        let mut auth: Map<_, _> = resources.iter().map(|name| ((*name).to_owned(), pushed(name))).collect();
        if let Some(first) = resources.first() {
            auth.insert("userPoolGroups".to_owned(), groups(first));
        }
        Self::category("auth", Value::Object(auth))
    }

    /// A user pool that was made by other means, and imported.
    pub(crate) fn imported(resource: &str) -> Self {
        Self::category("auth", json!({resource: imported(resource)}))
    }

    /// A backend with an API, and without auth.
    pub(crate) fn without_auth() -> Self {
        Self::category("api", json!({"shopapi": {"service": "AppSync", "output": {"authConfig": {}}}}))
    }

    /// `amplifyMetaConfig` that ends too early.
    pub(crate) fn malformed() -> Self {
        Self::Text(r#"{"providers": {"awscloudformation": {"Region": "#.to_owned())
    }

    fn category(name: &str, resources: Value) -> Self {
        let mut meta = json!({
            "providers": {
                "awscloudformation": {
                    "AuthRoleName": "amplify-shop-prod-90811-authRole",
                    "DeploymentBucketName": "amplify-shop-prod-90811-deployment",
                    "UnauthRoleName": "amplify-shop-prod-90811-unauthRole",
                },
            },
        });
        meta[name] = resources;
        Self::Is(meta)
    }

    /// Whether GetBackendAuth knows this resource; `None` where it does not.
    pub(super) fn auth(&self, resource: &str) -> Option<Auth> {
        let Self::Is(meta) = self else { return None };
        let resource = meta.get("auth")?.get(resource)?;
        let of_cognito = resource.get("service")? == "Cognito";
        let imported = resource.get("serviceType").is_some_and(|kind| kind == "imported");
        of_cognito.then_some(if imported { Auth::Imported } else { Auth::Pushed })
    }
}

/// Where an auth resource comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Auth {
    Pushed,
    Imported,
}

fn pushed(resource: &str) -> Value {
    json!({
        "service": "Cognito",
        "providerPlugin": "awscloudformation",
        "dependsOn": [],
        "customAuth": false,
        "frontendAuthConfig": {
            "socialProviders": [],
            "usernameAttributes": ["EMAIL"],
            "signupAttributes": ["EMAIL"],
            "passwordProtectionSettings": {"passwordPolicyMinLength": 8, "passwordPolicyCharacters": []},
            "mfaConfiguration": "OFF",
            "mfaTypes": ["SMS"],
            "verificationMechanisms": ["EMAIL"],
        },
        "output": {
            "UserPoolId": "eu-west-1_90811abcd",
            "UserPoolArn": "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_90811abcd",
            "UserPoolName": format!("{resource}_userpool_{resource}"),
            "AppClientID": "90811appclient",
            "AppClientIDWeb": "90811webclient",
            "AppClientSecret": "planted0AppClientSecret0planted",
            "IdentityPoolId": "eu-west-1:00000000-0000-0000-0000-000000090811",
            "IdentityPoolName": format!("{resource}_identitypool_{resource}__prod"),
        },
        "lastPushTimeStamp": "2022-06-07T11:12:13.141Z",
        "providerMetadata": {"s3TemplateURL": "https://s3.example.com/auth.json", "logicalId": format!("auth{resource}")},
    })
}

fn imported(resource: &str) -> Value {
    json!({
        "service": "Cognito",
        "serviceType": "imported",
        "providerPlugin": "awscloudformation",
        "dependsOn": [],
        "customAuth": false,
        "output": {
            "UserPoolId": "eu-west-1_90811abcd",
            "UserPoolName": format!("{resource}_userpool"),
            "AppClientID": "90811appclient",
            "AppClientIDWeb": "90811webclient",
        },
        "lastPushTimeStamp": "2022-06-07T11:12:13.141Z",
    })
}

/// Groups of a user pool stand beside it, and have no settings of their own.
fn groups(resource: &str) -> Value {
    json!({
        "service": "Cognito-UserPool-Groups",
        "providerPlugin": "awscloudformation",
        "dependsOn": [
            {"category": "auth", "resourceName": resource, "attributes": ["UserPoolId", "AppClientID"]},
        ],
        "output": {"adminsGroupRole": "arn:aws:iam::111122223333:role/eu-west-1_90811abcd-adminsGroupRole"},
    })
}

/// A branch.
#[derive(Debug, Clone)]
pub(crate) struct Branch {
    pub(crate) name: String,
    /// `PRODUCTION`, `BETA`, `DEVELOPMENT`, `EXPERIMENTAL` or `PULL_REQUEST`.
    pub(crate) stage: &'static str,
    pub(crate) backend: Backend,
}

/// What a branch is deployed with.
#[derive(Debug, Clone)]
pub(crate) enum Backend {
    None,
    /// Gen 1: an environment of this name.
    Environment(String),
    /// Gen 2: a stack of CloudFormation.
    Stack,
}

impl Branch {
    pub(crate) fn new(name: &str, stage: &'static str, backend: Backend) -> Self {
        Self { name: name.to_owned(), stage, backend }
    }
}

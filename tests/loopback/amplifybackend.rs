//! AmplifyBackend: `POST /backend/{appId}/details` and
//! `POST /backend/{appId}/auth/{backendEnvironmentName}/details`.

use serde_json::{Value, json};

use super::call::{Asked, Call};
use super::fleet::{App, Auth, Meta};
use super::http::Head;
use super::script::{Fault, edited};

/// The call that a request makes.
pub(super) fn understand(head: &Head, body: &[u8]) -> Result<Asked, Fault> {
    let labels: Vec<_> = head.path.split('/').collect();
    let (operation, app, environment) = match labels[..] {
        ["", "backend", app, "details"] => ("GetBackend", app, None),
        ["", "backend", app, "auth", environment, "details"] => ("GetBackendAuth", app, Some(environment)),
        _ => return Err(head.unknown()),
    };
    if head.method != "POST" {
        return Err(head.unknown());
    }
    let bad = |why: &str| Fault::new(400, "BadRequestException", why);
    let body: Value = serde_json::from_slice(body).map_err(|_| bad("the body is no JSON"))?;
    let member = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let mut asked = head.asked(operation);
    asked.call.app = head.label(app)?;
    match environment {
        Some(environment) => {
            asked.call.environment = head.label(environment)?;
            asked.call.resource =
                member("resourceName").ok_or_else(|| bad("the body has no resourceName"))?;
        }
        // The service does not require it.
        None => asked.call.environment = member("backendEnvironmentName").unwrap_or_default(),
    }
    Ok(asked)
}

/// The answer, as far as there is a good one. `apps` are those that the call may see; an app with a
/// script has every environment and resource.
pub(super) fn answer(call: &Call, apps: &[App], scripted: bool) -> Result<Value, Fault> {
    if call.operation == "GetBackendAuth" && scripted {
        return Ok(good(call));
    }
    let app = apps.iter().find(|app| app.id == call.app).ok_or_else(|| not_found("App", "app"))?;
    if call.operation == "GetBackend" && call.environment.is_empty() {
        return Ok(backend(app));
    }
    let environment =
        app.environment_named(&call.environment).ok_or_else(|| not_found("Environment", "environment"))?;
    if call.operation == "GetBackend" {
        let mut answer = backend(app);
        answer["backendEnvironmentName"] = json!(environment.name);
        answer["amplifyFeatureFlags"] = json!(json!({"features": {}, "debug": {}}).to_string());
        match &environment.meta {
            Meta::Is(meta) => answer["amplifyMetaConfig"] = json!(meta.to_string()),
            Meta::Text(meta) => answer["amplifyMetaConfig"] = json!(meta),
            Meta::Absent => {}
            Meta::Error(error) => answer["error"] = json!(error),
            Meta::NotFound => return Err(not_found("Backend", "backend")),
        }
        return Ok(answer);
    }
    let auth = environment.meta.auth(&call.resource).ok_or_else(|| not_found("Auth resource", "resource"))?;
    let mut answer = good(call);
    if auth == Auth::Imported
        && let Some(policy) = answer.pointer_mut("/resourceConfig/userPoolConfigs/passwordPolicy")
    {
        // Imported pools came without it (amplify-studio #190, #193).
        *policy = json!({"minimumLength": 16.0});
    }
    Ok(edited(answer, &environment.edits))
}

fn not_found(what: &str, kind: &str) -> Fault {
    Fault::new(404, "NotFoundException", format!("{what} not found")).member("resourceType", kind)
}

fn backend(app: &App) -> Value {
    let environments: Vec<_> = app.environments.iter().map(|environment| &environment.name).collect();
    json!({"appId": app.id, "appName": app.name, "backendEnvironmentList": environments})
}

/// An answer that no rule of the built-in pack objects to, in the casing of the wire.
fn good(call: &Call) -> Value {
    json!({
        "appId": call.app,
        "backendEnvironmentName": call.environment,
        "resourceName": call.resource,
        "resourceConfig": {
            "authResources": "IDENTITY_POOL_AND_USER_POOL",
            "service": "COGNITO",
            "identityPoolConfigs": {"identityPoolName": "shop_identitypool", "unauthenticatedLogin": false},
            "userPoolConfigs": {
                "userPoolName": "shop_userpool",
                "signInMethod": "EMAIL",
                "requiredSignUpAttributes": ["EMAIL"],
                "forgotPassword": {
                    "deliveryMethod": "EMAIL",
                    "emailSettings": {
                        "emailMessage": "Your reset code is {####}",
                        "emailSubject": "Reset your password",
                    },
                },
                "mfa": {"MFAMode": "ON", "settings": {"mfaTypes": ["TOTP"]}},
                "oAuth": {
                    "domainPrefix": "shop",
                    "oAuthGrantType": "CODE",
                    "oAuthScopes": ["EMAIL", "OPENID"],
                    "redirectSignInURIs": ["https://shop.example.com/"],
                    "redirectSignOutURIs": ["https://shop.example.com/"],
                    "socialProviderSettings": {},
                },
                "passwordPolicy": {
                    "minimumLength": 16.0,
                    "additionalConstraints": ["REQUIRE_DIGIT", "REQUIRE_LOWERCASE"],
                },
                "verificationMessage": {
                    "deliveryMethod": "EMAIL",
                    "emailSettings": {
                        "emailMessage": "Your verification code is {####}",
                        "emailSubject": "Verify your address",
                    },
                },
            },
        },
    })
}

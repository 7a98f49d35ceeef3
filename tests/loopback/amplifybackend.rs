//! AmplifyBackend: `POST /backend/{appId}/auth/{backendEnvironmentName}/details`.

use std::time::Instant;

use hyper::Method;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::{Call, Raw, Refusal, Reply};

/// The call that a request makes.
pub(super) fn understand(method: &Method, path: &str, body: &[u8], region: &str) -> Result<Call, Refusal> {
    let unknown =
        || Refusal::new(404, "UnknownOperationException", format!("no operation has {method} {path}"));
    let labels: Vec<_> = path.split('/').collect();
    let ["", "backend", app, "auth", environment, "details"] = labels[..] else { return Err(unknown()) };
    if method != Method::POST {
        return Err(unknown());
    }
    let label = |label: &str| {
        percent_decode_str(label)
            .decode_utf8()
            .map(String::from)
            .map_err(|_| Refusal::new(400, "BadRequestException", format!("`{label}` is not encoded UTF-8")))
    };
    let resource = serde_json::from_slice::<Value>(body)
        .ok()
        .and_then(|body| body.get("resourceName")?.as_str().map(str::to_owned))
        .ok_or_else(|| Refusal::new(400, "BadRequestException", "the body has no resourceName"))?;
    Ok(Call {
        operation: "GetBackendAuth",
        app: label(app)?,
        environment: label(environment)?,
        resource,
        region: region.to_owned(),
        at: Instant::now(),
    })
}

/// What AWS says of an app that it does not know.
pub(super) fn not_found() -> Reply {
    Reply::Raw(
        Raw::json(404, &json!({"message": "App not found", "resourceType": "app"}))
            .header("x-amzn-errortype", "NotFoundException"),
    )
}

/// An answer that no rule of the built-in pack objects to, in the casing of the wire.
pub(super) fn answer(call: &Call) -> Value {
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

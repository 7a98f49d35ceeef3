//! A fleet of recordings, 3 KB an answer, three environments an app.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

/// Writes an audit.toml and a recording of each target; those that `is_bad` names by their number have findings.
pub(crate) fn write(folder: &Path, targets: u32, is_bad: impl Fn(u32) -> bool) {
    // Of the end of life every app would be told, and one in ten is to have findings.
    let config = "[[source]]\nkind = \"recordings\"\npaths = [\"recordings/**/*.json\"]\n[policies]\ndisable = [\"lifecycle/gen1_end_of_life\"]\n";
    fs::write(folder.join("audit.toml"), config).expect("a file");
    for number in 0..targets {
        let app = number / 3;
        let environment = ["prod", "staging", "dev"][number as usize % 3];
        let subfolder = folder.join(format!("recordings/d{app:05}"));
        fs::create_dir_all(&subfolder).expect("a folder");
        let text = serde_json::to_string_pretty(&answer(app, environment, is_bad(number))).expect("JSON");
        fs::write(subfolder.join(format!("{environment}.json")), text).expect("a file");
    }
}

fn answer(app: u32, environment: &str, bad: bool) -> Value {
    let message = "Your verification code is {####}. It is valid for an hour; do not tell it to anybody.";
    let uris: Vec<String> =
        (0..4).map(|n| format!("https://{environment}{n}.app{app}.example.com/signin/")).collect();
    json!({
        "AppId": format!("d{app:05}"),
        "BackendEnvironmentName": environment,
        "ResourceName": format!("app{app}auth"),
        "ResourceConfig": {
            "AuthResources": "IDENTITY_POOL_AND_USER_POOL",
            "IdentityPoolConfigs": {"IdentityPoolName": format!("app{app}_{environment}"), "UnauthenticatedLogin": false},
            "Service": "COGNITO",
            "UserPoolConfigs": {
                "ForgotPassword": {"DeliveryMethod": "EMAIL", "EmailSettings": {"EmailMessage": message, "EmailSubject": "Code"}},
                "Mfa": {"MFAMode": if bad { "OPTIONAL" } else { "ON" }, "Settings": {"MfaTypes": ["TOTP", "SMS"], "SmsMessage": message}},
                "OAuth": {
                    "DomainPrefix": format!("app{app}-{environment}"),
                    "OAuthGrantType": "CODE",
                    "OAuthScopes": ["EMAIL", "OPENID", "PHONE", "PROFILE"],
                    "RedirectSignInURIs": uris,
                    "RedirectSignOutURIs": uris,
                    "SocialProviderSettings": {"Google": {"ClientId": format!("{environment}{app}.apps.example.com")}}
                },
                "PasswordPolicy": {
                    "AdditionalConstraints": ["REQUIRE_DIGIT", "REQUIRE_LOWERCASE"],
                    "MinimumLength": if bad { 8.0 } else { 14.0 }
                },
                "RequiredSignUpAttributes": ["EMAIL", "NAME"],
                "SignInMethod": "EMAIL",
                "UserPoolName": format!("app{app}_userpool_{environment}"),
                "VerificationMessage": {"DeliveryMethod": "EMAIL", "EmailSettings": {"EmailMessage": message, "EmailSubject": "Code"}}
            }
        }
    })
}

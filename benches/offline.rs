//! Throughput and memory of an audit of recordings: `cargo bench --bench offline`.
//!
//! A fleet of 20,000 targets, 3 KB an answer, one in ten with findings, is written to a temporary
//! folder and audited by the real program, three times; a tenth of it first, to show that memory does not
//! grow with the documents. Figures are printed, never judged.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints figures, and stops where it cannot"
)]
#![expect(clippy::cast_precision_loss, reason = "figures are for reading")]

mod measure;

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

fn main() {
    for targets in [2_000, 20_000] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        write_fleet(folder.path(), targets);
        for _ in 0..3 {
            let run = measure::run(
                Command::new(env!("CARGO_BIN_EXE_audit")).current_dir(folder.path()).env_clear().args([
                    "--format",
                    "json",
                    "--fail-on",
                    "none",
                ]),
            );
            let report: Value = serde_json::from_str(&run.stdout).expect("a report");
            assert_eq!(
                (run.code, &report["summary"]["audited"]),
                (Some(0), &json!(targets)),
                "the audit went wrong"
            );
            let findings = report["findings"].as_array().map_or(0, Vec::len);
            let seconds = run.wall.as_secs_f64();
            println!(
                "{targets:>6} recordings, {findings:>5} findings: {:>7.0} documents/s, {seconds:.2} s, peak memory {}",
                f64::from(targets) / seconds,
                run.peak_kib
                    .map_or_else(|| "unknown".to_owned(), |kib| format!("{:.1} MiB", kib as f64 / 1024.0)),
            );
        }
    }
}

fn write_fleet(folder: &Path, targets: u32) {
    // Of the end of life every app would be told, and one in ten is to have findings.
    let config = "[[source]]\nkind = \"recordings\"\npaths = [\"recordings/**/*.json\"]\n[policies]\ndisable = [\"lifecycle/gen1_end_of_life\"]\n";
    fs::write(folder.join("audit.toml"), config).expect("a file");
    for number in 0..targets {
        let app = number / 3;
        let environment = ["prod", "staging", "dev"][number as usize % 3];
        let subfolder = folder.join(format!("recordings/d{app:05}"));
        fs::create_dir_all(&subfolder).expect("a folder");
        let text = serde_json::to_string_pretty(&answer(app, environment, number % 10 == 0)).expect("JSON");
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

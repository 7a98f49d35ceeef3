//! A folder with a configuration and recordings, and the real program run in it, away from the
//! environment of whoever runs the tests.

pub(crate) mod guide;
pub(crate) mod live;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use amplify_audit::finding::NoticeKind;
use serde::Deserialize as _;
use serde_json::{Value, json};
use tempfile::TempDir;
use walkdir::WalkDir;

/// A folder to audit.
pub(crate) struct Project {
    folder: TempDir,
}

impl Project {
    /// A folder with this audit.toml.
    pub(crate) fn new(config: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let project = Self { folder };
        project.file("audit.toml", config);
        project
    }

    /// A folder whose recordings are all in `recordings/`.
    pub(crate) fn of_recordings(recordings: &[(&str, Value)]) -> Self {
        let project = Self::new(&format!(
            "[[source]]\nkind = \"recordings\"\npaths = [\"recordings/**/*.json\"]\n{PLANNED}"
        ));
        for (name, answer) in recordings {
            project.file(&format!("recordings/{name}"), &answer.to_string());
        }
        project
    }

    /// Copies a folder of this repository.
    pub(crate) fn copy(&self, folder: &str, to: &str) {
        for (name, text) in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)) {
            let text = String::from_utf8(text).expect("a text");
            self.file(&Path::new(to).join(name).to_string_lossy(), &text);
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(&path, text).expect("a file");
        path
    }

    /// Runs the program here.
    pub(crate) fn audit(&self, args: &[&str]) -> Run {
        Run::of(audit(self.path()).args(args).output().expect("the program starts"))
    }

    /// Runs the program here and reads its JSON report.
    pub(crate) fn report(&self, args: &[&str]) -> (Run, Value) {
        let run = self.audit(&[&["--format", "json"], args].concat());
        let report = serde_json::from_str(&run.stdout)
            .unwrap_or_else(|error| panic!("no JSON report: {error}\n{}\n{}", run.stdout, run.stderr));
        keeps_to_its_schema(&report);
        points_at_what_was_not_seen(&report);
        (run, report)
    }
}

/// Every file below a folder, relative to it, with its bytes.
pub(crate) fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = WalkDir::new(folder).into_iter().map(|entry| entry.expect("readable"));
    files
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let name = entry.path().strip_prefix(folder).expect("below it").to_path_buf();
            (name, fs::read(entry.path()).expect("a file"))
        })
        .collect()
}

/// The program, with nothing of the environment.
pub(crate) fn audit(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_audit"));
    command
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdin(Stdio::null());
    command
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("UTF-8 on stdout"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8 on stderr"),
        }
    }
}

/// Sees that a report is one by the published schema.
pub(crate) fn keeps_to_its_schema(report: &Value) {
    static SCHEMA: LazyLock<jsonschema::Validator> =
        LazyLock::new(|| jsonschema::draft202012::new(&amplify_audit::report::schema()).expect("a schema"));
    if let Err(error) = SCHEMA.validate(report) {
        panic!("no report by the schema: {}: {error}", error.instance_path());
    }
}

/// Sees that every notice that makes a run incomplete has a place: without one it is no result of SARIF, and alerts would
/// close unseen.
fn points_at_what_was_not_seen(report: &Value) {
    for notice in report["notices"].as_array().expect("notices") {
        let kind = NoticeKind::deserialize(&notice["kind"]).expect("a kind");
        assert!(!kind.makes_incomplete() || notice["location"].is_object(), "{notice}");
    }
}

/// Without the one rule that every backend violates, whatever its settings: its migration is planned.
pub(crate) const PLANNED: &str = "[policies]\ndisable = [\"lifecycle/gen1_end_of_life\"]\n";

/// An answer that violates no rule but those of `PLANNED`, as the AWS CLI prints it.
pub(crate) fn compliant(app: &str, environment: &str) -> Value {
    json!({
        "AppId": app,
        "BackendEnvironmentName": environment,
        "ResourceName": "auth",
        "ResourceConfig": {
            "AuthResources": "IDENTITY_POOL_AND_USER_POOL",
            "IdentityPoolConfigs": {"IdentityPoolName": "pool", "UnauthenticatedLogin": false},
            "Service": "COGNITO",
            "UserPoolConfigs": {
                "Mfa": {"MFAMode": "ON", "Settings": {"MfaTypes": ["TOTP"]}},
                "OAuth": {
                    "OAuthGrantType": "CODE",
                    "OAuthScopes": ["EMAIL", "OPENID"],
                    "RedirectSignInURIs": ["https://shop.example.com/"],
                    "RedirectSignOutURIs": ["https://shop.example.com/"]
                },
                "PasswordPolicy": {"AdditionalConstraints": [], "MinimumLength": 12.0},
                "RequiredSignUpAttributes": ["EMAIL"],
                "SignInMethod": "EMAIL",
                "UserPoolName": "pool"
            }
        }
    })
}

/// The answer with another value at a JSON pointer.
pub(crate) fn with(mut answer: Value, pointer: &str, value: Value) -> Value {
    *answer.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value;
    answer
}

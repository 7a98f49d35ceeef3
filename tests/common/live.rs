//! The real program against the loopback server, and what its report says.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::{Value, json};

use super::{PLANNED, Project, Run, audit};
use crate::loopback::{Loopback, Manner, Script};

pub(crate) const SECRET_KEY: &str = "planted0SecretAccessKey0planted";
pub(crate) const SESSION_TOKEN: &str = "planted0SessionToken0planted";

/// Apps to audit, and the server that answers for them.
pub(crate) struct Live {
    pub(crate) server: Loopback,
    pub(crate) project: Project,
}

impl Live {
    /// One source in one region, and a target for each app.
    pub(crate) fn new(limits: &str, scripts: impl IntoIterator<Item = (&'static str, Script)>) -> Self {
        let server = Loopback::start(Manner::default());
        let mut apps = Vec::new();
        for (app, script) in scripts {
            server.script(app, script);
            apps.push(app);
        }
        Self::with(server, &format!("{limits}{}", source("eu-west-1", &apps)))
    }

    pub(crate) fn with(server: Loopback, config: &str) -> Self {
        Self { server, project: Project::new(&format!("{config}\n{PLANNED}")) }
    }

    /// Runs the program with credentials and this server for an endpoint.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        Run::of(self.command(args).output().expect("the program starts"))
    }

    /// The program with credentials and this server for an endpoint.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = audit(self.project.path());
        command
            .args(args)
            .env("NO_PROXY", "127.0.0.1")
            .env("AWS_ENDPOINT_URL", self.server.url())
            .env("AWS_ACCESS_KEY_ID", "AKIAPLANTED")
            .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
            .env("AWS_SESSION_TOKEN", SESSION_TOKEN);
        command
    }

    /// Runs the program in another environment.
    pub(crate) fn run_in(&self, args: &[&str], environment: &[(&str, &str)]) -> Run {
        let mut command = audit(self.project.path());
        command.args(args).env("NO_PROXY", "127.0.0.1").envs(environment.iter().copied());
        Run::of(command.output().expect("the program starts"))
    }

    /// Runs the program and reads its JSON report.
    pub(crate) fn audit(&self) -> Audit {
        Audit::of(&self.run(&["--format", "json"]))
    }

    /// No request was other than those of AWS's clients.
    pub(crate) fn asked_properly(&self) {
        assert_eq!(self.server.refused(), Vec::<String>::new());
    }
}

/// A source of live targets, one for each app.
pub(crate) fn source(region: &str, apps: &[&str]) -> String {
    let targets: Vec<String> = apps.iter().map(|app| target(app, "prod", "shopauth")).collect();
    format!("[[source]]\nkind = \"amplify\"\nregions = [\"{region}\"]\n{}", targets.concat())
}

/// A live target. A JSON string is a TOML string.
pub(crate) fn target(app: &str, environment: &str, resource: &str) -> String {
    format!(
        "[[source.target]]\napp = {}\nenvironment = {}\nresource = {}\n",
        json!(app),
        json!(environment),
        json!(resource)
    )
}

/// What a run came to.
pub(crate) struct Audit {
    pub(crate) code: i32,
    pub(crate) report: Value,
    /// By app.
    pub(crate) targets: BTreeMap<String, Value>,
}

impl Audit {
    pub(crate) fn of(run: &Run) -> Self {
        let report: Value = serde_json::from_str(&run.stdout)
            .unwrap_or_else(|error| panic!("no JSON report: {error}\n{}\n{}", run.stdout, run.stderr));
        super::keeps_to_its_schema(&report);
        let targets = report["targets"]
            .as_array()
            .expect("a list of targets")
            .iter()
            .map(|target| (text(&target["app_id"]), target.clone()))
            .collect();
        Self { code: run.code, report, targets }
    }

    pub(crate) fn target(&self, app: &str) -> &Value {
        self.targets.get(app).unwrap_or_else(|| panic!("no target of app `{app}` is in the report"))
    }

    /// `audited`, or the kind of the error and its attempts.
    pub(crate) fn outcome(&self, app: &str) -> String {
        let target = self.target(app);
        match target["error"].as_object() {
            Some(error) => {
                assert_eq!(
                    target["status"], "unaudited",
                    "{app}: an error stands only on an unaudited target"
                );
                format!("{} after {}", text(&error["kind"]), error["attempts"])
            }
            None => text(&target["status"]),
        }
    }

    pub(crate) fn message(&self, app: &str) -> String {
        text(&self.target(app)["error"]["message"])
    }

    /// Rule and pointer of each finding for an app.
    pub(crate) fn findings(&self, app: &str) -> Vec<String> {
        let id = &self.target(app)["id"];
        self.report["findings"]
            .as_array()
            .expect("a list of findings")
            .iter()
            .filter(|finding| finding["target"] == *id)
            .map(|finding| format!("{} {}", text(&finding["rule"]), text(&finding["path"])))
            .collect()
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a string is missing: {value}")).to_owned()
}

/// All differences at once: a table that fails shows every case of it that does.
pub(crate) fn compare(cases: impl IntoIterator<Item = (&'static str, String, String)>) {
    let wrong: Vec<String> = cases
        .into_iter()
        .filter(|(_, is, should)| is != should)
        .map(|(case, is, should)| format!("{case}: is `{is}`, should be `{should}`"))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

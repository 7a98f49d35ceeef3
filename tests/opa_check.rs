//! Policies of ours run unchanged in OPA over the files that `audit snapshot` writes: the real one judges those of all
//! examples by the same policies, and finds the same.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Map, Value, json};
use walkdir::WalkDir;

use crate::common::{Project, files};

/// Where a finding is: rule, target, path.
type Place = (String, String, String);

/// What it says: messages, expected, actual.
type Said = (Vec<String>, Value, Value);

#[test]
#[ignore = "needs OPA, which .ci/run installs"]
fn opa_finds_the_same_in_all_examples() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let builtin = Rules::read(&root.join("policies"), "audit.");
    let own = Rules::read(&root.join("examples/policies/pack"), "");
    let project = Project::new("");
    project.copy("examples", "examples");
    let mut compared = 0;
    for (config, own) in [
        ("examples/audit.toml", None),
        ("examples/incomplete/audit.toml", None),
        ("examples/policies/audit.toml", Some(&own)),
    ] {
        let report = report(&project, config, own.is_some());
        let documents = documents(&project, config);
        let rules = builtin.and(own);
        let disabled: Vec<&String> =
            rules.sets.keys().filter(|id| !ids(&report).contains(&id.as_str())).collect();
        let in_opa = rules.in_opa(&documents);
        let in_opa: BTreeMap<&Place, &Said> =
            in_opa.iter().filter(|((rule, ..), _)| !disabled.contains(&rule)).collect();
        let here = findings(&report);
        assert_eq!(here.keys().collect::<Vec<_>>(), in_opa.keys().copied().collect::<Vec<_>>(), "{config}");
        for (place, said) in &here {
            assert_eq!(said, in_opa[place], "{config}: {place:?}");
        }
        compared += here.len();
    }
    assert!(compared > 50, "only {compared} findings were compared");
}

/// Policies as OPA gets them.
#[derive(Default, Clone)]
struct Rules {
    modules: BTreeMap<String, String>,
    /// Id, and the place below `data`; with whether all documents of an app are its input.
    sets: BTreeMap<String, (String, bool)>,
    /// Where a member that names no path points, by id.
    paths: BTreeMap<String, String>,
    data: Map<String, Value>,
}

impl Rules {
    /// All files below a folder; a package begins with `prefix`, which the ids of its rules do not have.
    fn read(folder: &Path, prefix: &str) -> Self {
        let mut rules = Self::default();
        for entry in WalkDir::new(folder).sort_by_file_name() {
            let entry = entry.expect("readable");
            let name = entry.path().strip_prefix(folder).expect("below it").to_string_lossy().into_owned();
            if name.ends_with("_test.rego") || !entry.file_type().is_file() || name.starts_with("profiles") {
                continue;
            }
            let text = fs::read_to_string(entry.path()).expect("readable");
            let value: Value = match name.rsplit_once('.').map(|(_, end)| end) {
                Some("rego") => {
                    rules.module(&name, &text, prefix);
                    continue;
                }
                Some("json") => serde_json::from_str(&text).expect("JSON"),
                _ => serde_saphyr::from_str(&text).expect("YAML"),
            };
            let mut at = &mut rules.data;
            for part in Path::new(&name).parent().expect("a folder") {
                let part = part.to_string_lossy().into_owned();
                at = at.entry(part).or_insert_with(|| json!({})).as_object_mut().expect("a table");
            }
            at.extend(value.as_object().expect("a table").clone());
        }
        rules
    }

    fn module(&mut self, name: &str, text: &str, prefix: &str) {
        let package = text.lines().find_map(|line| line.strip_prefix("package ")).expect("a package");
        let mut path = String::new();
        for line in text.lines() {
            if let Some(said) = line.strip_prefix("#   path: ") {
                said.clone_into(&mut path);
            }
            let Some((set, _)) = line.split_once(" contains ") else { continue };
            let Some(suffix) = ["deny", "violation", "warn"].iter().find_map(|kind| set.strip_prefix(kind))
            else {
                continue;
            };
            let id = package.strip_prefix(prefix).unwrap_or(package).replace('.', "/")
                + &suffix.replacen('_', "/", 1);
            self.paths.insert(id.clone(), path.clone());
            self.sets.insert(id, (format!("data.{package}.{set}"), text.contains("scope: app")));
        }
        self.modules.insert(format!("{prefix}{name}"), text.to_owned());
    }

    fn and(&self, other: Option<&Self>) -> Self {
        let mut all = self.clone();
        if let Some(other) = other {
            all.modules.extend(other.modules.clone());
            all.sets.extend(other.sets.clone());
            all.paths.extend(other.paths.clone());
            all.data.extend(other.data.clone());
        }
        all
    }

    /// What OPA finds in documents.
    fn in_opa(&self, documents: &[Value]) -> BTreeMap<Place, Said> {
        let params = json!({
            "password": {"min_length": 12, "min_length_without_mfa": 0, "composition": "any"},
            "acme": {"mfa_types": ["TOTP"]},
        });
        let mut data = self.data.clone();
        data.insert("audit".to_owned(), json!({"params": params}));
        let mut apps: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
        for document in documents {
            apps.entry(in_target(document, "AppId")).or_default().push(document);
        }
        let mut found = BTreeMap::new();
        for is_app in [false, true] {
            let sets: BTreeMap<&String, &String> = self
                .sets
                .iter()
                .filter(|(_, (_, app))| *app == is_app)
                .map(|(id, (path, _))| (id, path))
                .collect();
            let groups: Vec<Vec<&Value>> = if is_app {
                apps.values().cloned().collect()
            } else {
                documents.iter().map(|document| vec![document]).collect()
            };
            let inputs: Vec<Value> = groups
                .iter()
                .map(|group| match group[..] {
                    [one] if !is_app => one.clone(),
                    _ => json!({
                        "App": {"AppId": in_target(group[0], "AppId"), "AppName": null, "Account": null, "Region": null},
                        "Documents": group,
                    }),
                })
                .collect();
            let job = json!({"modules": self.modules, "sets": sets, "data": data, "inputs": inputs});
            for (group, sets) in groups.iter().zip(opa(&job)["found"].as_array().expect("a list")) {
                for (rule, members) in sets.as_object().expect("sets") {
                    for member in members.as_array().expect("a set") {
                        add(&mut found, (rule, &self.paths[rule]), member, group);
                    }
                }
            }
        }
        found
    }
}

/// Adds a member as the finding that it makes: an element of a list is a finding about the list.
fn add(found: &mut BTreeMap<Place, Said>, (rule, usual): (&str, &str), member: &Value, group: &[&Value]) {
    let target = member["target"].as_str().unwrap_or_else(|| in_target(group[0], "Id"));
    let document = group.iter().find(|document| in_target(document, "Id") == target).expect("its target");
    let mut path = member["path"].as_str().unwrap_or(usual).to_owned();
    let mut actual = member["actual"].clone();
    if let Some((list, _)) = path.rsplit_once('/')
        && document.pointer(list).is_some_and(Value::is_array)
    {
        actual = json!([document.pointer(&path).expect("an element")]);
        path = list.to_owned();
    }
    let message = member["msg"].as_str().or(member.as_str()).expect("a message").to_owned();
    let said = found
        .entry((rule.to_owned(), target.to_owned(), path))
        .or_insert_with(|| (Vec::new(), member["expected"].clone(), actual));
    said.0.extend(message.split("; ").map(str::to_owned));
    said.0.sort();
}

fn opa(job: &Value) -> Value {
    let mut python = Command::new("python3")
        .arg("tests/opa.py")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 starts");
    let mut pipe = python.stdin.take().expect("a pipe");
    pipe.write_all(job.to_string().as_bytes()).expect("it reads");
    drop(pipe);
    let output = python.wait_with_output().expect("it ends");
    assert!(output.status.success(), "OPA failed");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn report(project: &Project, config: &str, is_own: bool) -> Value {
    let (_, report) = project.report(&["--config", config]);
    assert!(!is_own || ids(&report).iter().any(|id| id.starts_with("acme/")), "the own pack is not there");
    report
}

fn ids(report: &Value) -> Vec<&str> {
    let rules = report["rules"].as_array().expect("rules");
    rules.iter().filter_map(|rule| rule["id"].as_str()).collect()
}

fn findings(report: &Value) -> BTreeMap<Place, Said> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    report["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|found| {
            let mut said: Vec<String> =
                found["message"].as_str().expect("a text").split("; ").map(str::to_owned).collect();
            said.sort();
            let place = (text(&found["rule"]), text(&found["target"]), text(&found["path"]));
            (place, (said, found["expected"].clone(), found["actual"].clone()))
        })
        .collect()
}

/// What `audit snapshot` writes by a configuration, which names no baseline itself.
fn documents(project: &Project, config: &str) -> Vec<Value> {
    let path = project.path().join(config);
    let text = fs::read_to_string(&path).expect("readable").replace("[audit]\n", "");
    let folder = path.parent().expect("a folder");
    let snapshot = folder.join("snapshot.toml");
    fs::write(&snapshot, format!("[audit]\nbaseline = \"snapshot\"\n{text}")).expect("written");
    let run = project.audit(&["snapshot", "--allow-incomplete", "--config", &snapshot.to_string_lossy()]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    files(&folder.join("snapshot")).values().map(|text| serde_json::from_slice(text).expect("JSON")).collect()
}

fn in_target<'d>(document: &'d Value, name: &str) -> &'d str {
    document["Target"][name].as_str().expect("a text")
}

//! Every page of docs/: carried out (`common::guide`), or printed by the program; and what they refer to is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::common::Project;
use crate::common::guide::{blocks, carry_out, lasting, page};

/// Pages that are carried out here, with how many commands at least.
const CARRIED_OUT: &[(&str, usize)] =
    &[("ci.md", 5), ("exit-codes.md", 12), ("getting-started.md", 9), ("reports.md", 7), ("security.md", 2)];
/// Pages that `drift_guide` and `policies_guide` carry out.
const GUIDES: &[&str] = &["drift.md", "policies.md"];
/// Pages that `rules` compares with what the program prints.
const PRINTED: &[&str] = &["configuration.md", "rules.md"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The names of the pages, without the index.
fn pages() -> BTreeSet<String> {
    let entries = fs::read_dir(root().join("docs")).expect("docs/");
    let paths = entries.map(|entry| entry.expect("readable").path());
    let pages = paths.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let names = pages.map(|path| path.file_name().expect("a name").to_string_lossy().into_owned());
    names.filter(|name| name != "README.md").collect()
}

#[test]
fn the_commands_of_every_page_do_what_it_says() {
    for (name, least) in CARRIED_OUT {
        // As in a checkout, and without a configuration of its own.
        let project = Project::new("");
        fs::remove_file(project.path().join("audit.toml")).expect("removed");
        project.copy("examples", "examples");
        let commands = carry_out(&lasting(&page(&format!("docs/{name}"))), &project, |_| {});
        assert!(commands >= *least, "docs/{name}: only {commands} commands ran");
    }
}

#[test]
fn no_page_is_left_out() {
    let known = CARRIED_OUT.iter().map(|(name, _)| name).chain(GUIDES).chain(PRINTED);
    assert_eq!(pages(), known.map(|name| (*name).to_owned()).collect());
    let index = page("docs/README.md");
    for name in pages() {
        assert!(index.contains(&format!("]({name})")), "docs/README.md does not lead to {name}");
    }
    assert_eq!(blocks(&index), [], "the index has nothing to carry out");
}

#[test]
fn every_link_leads_somewhere() {
    let mut links = 0;
    let names = pages().into_iter().map(|name| format!("docs/{name}"));
    for name in names.chain(["docs/README.md", "README.md", "CONTRIBUTING.md"].map(str::to_owned)) {
        let text = page(&name);
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if target.contains("://") {
                continue;
            }
            links += 1;
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let here = root().join(&name);
            let path = if file.is_empty() { here } else { here.parent().expect("a folder").join(file) };
            assert!(path.exists(), "{name}: nothing at {target}");
            if !anchor.is_empty() {
                let there = fs::read_to_string(&path).expect("a page");
                assert!(anchors(&there).contains(anchor), "{name}: no heading for {target}");
            }
        }
    }
    assert!(links > 50, "only {links} links");
}

/// What GitHub makes of headings, and anchors that are written out.
fn anchors(page: &str) -> BTreeSet<String> {
    let headings = page.lines().filter(|line| line.starts_with('#')).map(|line| {
        let text = line.trim_start_matches('#').trim().to_lowercase();
        let kept = text.chars().filter(|c| c.is_alphanumeric() || "-_ ".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    });
    let written = page.split("<a id=\"").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned);
    headings.chain(written).collect()
}

#[test]
fn the_exit_codes_are_those_of_the_help() {
    let table = |name: &str| {
        let text = page(name);
        let (_, table) = text.split_once("| exit | meaning |\n|---|---|\n").expect("the table");
        table.split("\n\n").next().expect("its end").to_owned()
    };
    let codes = table("docs/exit-codes.md");
    let rows: BTreeMap<&str, &str> =
        codes.lines().filter_map(|row| row.trim_matches([' ', '|']).split_once(" | ")).collect();
    assert_eq!(rows.keys().copied().collect::<Vec<_>>(), ["0", "1", "130", "2", "3"]);
    let help = Project::new("").audit(&["--help"]).stdout;
    let (_, told) = help.split_once("Exit codes:").expect("exit codes");
    for code in rows.keys() {
        assert!(told.lines().any(|line| line.trim_start().starts_with(&format!("{code} "))), "{told}");
    }
}

#[test]
fn the_workflows_to_copy_have_inputs_that_there_are() {
    let yaml = |text: &str| -> Value { serde_saphyr::from_str(text).expect("YAML") };
    let workflow = yaml(&page(".github/workflows/audit.yml"));
    let action = yaml(&page(".github/actions/audit/action.yml"));
    let text = page("docs/ci.md");
    let block = |info: &str| {
        let blocks = blocks(&text);
        yaml(blocks.iter().find(|(of, _)| *of == info).unwrap_or_else(|| panic!("no {info}")).1)
    };
    let call = &block("yaml workflow")["jobs"]["audit"];
    let inputs = &workflow["on"]["workflow_call"]["inputs"];
    let all_in = |given: &Value, known: &Value| {
        for name in given.as_object().expect("inputs").keys() {
            assert!(known.get(name).is_some(), "there is no input {name}");
        }
    };
    all_in(&call["with"], inputs);
    for name in inputs.as_object().expect("inputs").keys() {
        assert!(
            text.contains(&format!("| `{name}`")) || text.contains(&format!(", `{name}` |")),
            "docs/ci.md does not tell of {name}"
        );
    }
    // What a caller does not grant, no job of the workflow has.
    for job in workflow["jobs"].as_object().expect("jobs").values() {
        for (scope, access) in job["permissions"].as_object().expect("permissions") {
            let granted = &call["permissions"][scope];
            assert!(granted == access || granted == "write", "docs/ci.md does not grant {scope}: {access}");
        }
    }
    let job = block("yaml steps");
    let steps = job["steps"].as_array().expect("steps");
    let of = |name: &str| {
        let uses = |step: &&Value| step["uses"].as_str().is_some_and(|uses| uses.contains(name));
        steps.iter().find(uses).unwrap_or_else(|| panic!("no step of {name}"))
    };
    all_in(&of("/.github/actions/audit@")["with"], &action["inputs"]);
    for output in ["may-upload", "sarif"] {
        assert!(action["outputs"].get(output).is_some(), "{output}");
    }
    // What is incomplete would close alerts.
    assert_eq!(of("upload-sarif")["if"], "${{ !cancelled() && steps.audit.outputs.may-upload == 'true' }}");
    // What others made is pinned as the workflow pins it.
    let pinned = page(".github/workflows/audit.yml");
    for step in text.lines().filter_map(|line| line.split_once("uses: ")).map(|(_, step)| step) {
        assert!(step.starts_with("OWNER/REPO/") || pinned.contains(&format!("uses: {step}\n")), "{step}");
    }
    let granted = &workflow["jobs"]["report"]["permissions"];
    for (scope, access) in granted.as_object().expect("permissions") {
        assert_eq!(&job["permissions"][scope], access, "{scope}");
    }
    assert_eq!(job["permissions"]["id-token"], "write");
}

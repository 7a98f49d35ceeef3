//! Releases: their names, their checks, and what is in an archive.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::yaml;
use crate::common::{Project, Run};

#[test]
fn a_release_has_the_names_that_installers_look_for() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("Cargo.toml");
    let manifest: toml::Value = toml::from_str(&manifest).expect("TOML");
    let binstall = &manifest["package"]["metadata"]["binstall"];
    let install = fs::read_to_string(root.join(".github/actions/audit/install.sh")).expect("install.sh");
    let matrix = &yaml(".github/workflows/release.yml")["jobs"]["build"]["strategy"]["matrix"]["include"];
    let targets = matrix.as_array().expect("targets");
    assert_eq!(targets.len(), 5);
    for target in targets {
        let target = target["target"].as_str().expect("a text");
        let named = Command::new("bash").args([".ci/release", "name", target]).current_dir(root).output();
        let named = String::from_utf8(named.expect("bash starts").stdout).expect("UTF-8");
        let overridden = binstall.get("overrides").and_then(|all| all.get(target)).unwrap_or(binstall);
        let url = overridden["pkg-url"].as_str().expect("a text");
        let version = env!("CARGO_PKG_VERSION");
        let url = [("name", env!("CARGO_PKG_NAME")), ("target", target), ("version", version)]
            .iter()
            .fold(url.to_owned(), |url, (name, value)| url.replace(&format!("{{ {name} }}"), value));
        assert_eq!(url, format!("{{ repo }}/releases/download/v{version}/{}", named.trim()));
        assert!(
            install.lines().any(|line| line.split(' ').any(|word| word == format!("target={target}"))),
            "the action does not install {target}"
        );
    }
}

/// A copy of what `.ci/release` reads, in a folder of its own.
fn release_of(manifest: &str) -> Project {
    let project = Project::new("");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    project.copy("examples", "examples");
    for file in [".ci/release", "README.md", "LICENSE-MIT", "LICENSE-APACHE"] {
        project.file(file, &fs::read_to_string(root.join(file)).expect("readable"));
    }
    project.file("Cargo.toml", manifest);
    let version = env!("CARGO_PKG_VERSION");
    project.file(
        "CHANGELOG.md",
        &format!("# Changelog\n\n## [Unreleased]\n\n- later\n\n## [{version}] - 2026-11-24\n\n- this\n\n## [0.0.1]\n\n- old\n"),
    );
    project
}

fn release(project: &Project, arguments: &[&str]) -> Run {
    let run = Command::new("bash")
        .arg(".ci/release")
        .args(arguments)
        .current_dir(project.path())
        .env("GITHUB_REPOSITORY", "acme/audit")
        .output();
    Run::of(run.expect("bash starts"))
}

fn manifest() -> String {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let text = fs::read_to_string(manifest).expect("readable");
    text.lines()
        .filter(|line| !line.starts_with("repository = "))
        .fold(String::new(), |text, line| text + line + "\n")
}

#[test]
fn a_tag_is_checked_before_anything_is_built() {
    let tag = format!("v{}", env!("CARGO_PKG_VERSION"));
    let of =
        |url: &str| manifest().replacen("[package]\n", &format!("[package]\nrepository = \"{url}\"\n"), 1);
    let right = release_of(&of("https://github.com/acme/audit"));
    assert_eq!(release(&right, &["check", &tag]).code, 0);
    assert_eq!(release(&right, &["notes"]).stdout.trim(), "- this");
    for (project, tag, said) in [
        (&right, "v9.9.9", "is not v"),
        (&release_of(&manifest()), &*tag, "`repository` in Cargo.toml"),
        (&release_of(&of("https://github.com/acme/other")), &tag, "is not https://github.com/acme/audit"),
    ] {
        let run = release(project, &["check", tag]);
        assert!(run.code == 1 && run.stderr.contains(said), "{run:?}");
    }
    right.file("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\n- later\n");
    let run = release(&right, &["check", &tag]);
    assert!(run.code == 1 && run.stderr.contains("has no section"), "{run:?}");
}

#[test]
fn what_is_not_merged_is_not_released() {
    let project = release_of(&manifest());
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
        let run = Command::new("git").args(identity).args(arguments).current_dir(project.path()).output();
        assert_eq!(Run::of(run.expect("git starts")).code, 0, "{arguments:?}");
    };
    git(&["init", "--quiet", "--initial-branch=main"]);
    for message in ["first", "second"] {
        git(&["commit", "--quiet", "--allow-empty", "--message", message]);
    }
    assert_eq!(release(&project, &["on", "main"]).code, 0);
    git(&["checkout", "--quiet", "main~1"]);
    assert_eq!(release(&project, &["on", "main"]).code, 0, "a commit of before");
    git(&["commit", "--quiet", "--allow-empty", "--message", "aside"]);
    for branch in ["main", "nowhere"] {
        let run = release(&project, &["on", branch]);
        assert!(run.code == 1 && run.stderr.contains("is not on"), "{run:?}");
    }
}

#[test]
fn only_the_highest_version_is_the_latest() {
    for (tag, released, latest) in [
        ("v0.1.0", "", true),
        ("v0.10.0", "v0.9.0\nv0.2.0\n", true),
        ("v0.9.1", "v0.10.0\nv0.9.0\n", false),
        ("v0.10.0", "v0.10.0\n", true),
        ("v1.0.0-rc.1", "v0.9.0\n", false),
        ("v0.9.1", "v0.9.0\nv1.0.0-rc.1\n", true),
    ] {
        let project = release_of(&manifest());
        let script = format!("printf %s \"$0\" | bash .ci/release latest {tag}");
        let run = Command::new("bash").args(["-c", &script, released]).current_dir(project.path()).output();
        let run = Run::of(run.expect("bash starts"));
        assert_eq!(
            (run.code, run.stdout.trim()),
            (0, if latest { "true" } else { "false" }),
            "{tag}: {run:?}"
        );
    }
}

#[test]
fn nothing_is_published_before_everything_has_passed() {
    let workflow = yaml(".github/workflows/release.yml");
    let jobs = workflow["jobs"].as_object().expect("jobs");
    let needs = |job: &str| -> Vec<String> {
        let needs = &jobs[job]["needs"];
        let one = needs.as_str().map(str::to_owned);
        let all = needs.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
        all.chain(one).collect()
    };
    for (name, job) in jobs {
        // Whoever may write waits for those who look.
        let writes =
            job["permissions"].as_object().expect("permissions").values().any(|access| access == "write");
        let mut waits = needs(name);
        let mut at = 0;
        while at < waits.len() {
            waits.extend(needs(&waits[at]));
            at += 1;
        }
        assert!(!writes || waits.iter().any(|job| job == "ci"), "{name} does not wait for ci");
        assert!(name == "check" || waits.iter().any(|job| job == "check"), "{name} does not wait for check");
    }
    let runs = |job: &str, command: &str| jobs[job]["steps"].to_string().contains(command);
    assert!(runs("check", ".ci/release on origin/main") && runs("ci", "\"bash .ci/run\""));
    assert_eq!(jobs["check"]["steps"][0]["with"]["fetch-depth"], 0);
    assert_eq!(jobs["latest"]["if"], "${{ needs.release.outputs.latest == 'true' }}");
    // No builder is fetched where an image may be pushed.
    assert!(!workflow.to_string().contains("buildx create"));
}

#[test]
fn an_archive_holds_what_a_release_promises() {
    let project = release_of(&manifest());
    let target = "x86_64-unknown-linux-musl";
    let program = project.file(&format!("target/{target}/release/audit"), "");
    fs::remove_file(&program).expect("removed");
    fs::copy(env!("CARGO_BIN_EXE_audit"), &program).expect("copied");
    let run = release(&project, &["archive", target]);
    assert_eq!(run.code, 0, "{run:?}");
    let name = release(&project, &["name", target]).stdout;
    let list = Command::new("tar").arg("-tzf").arg(project.path().join("dist").join(name.trim())).output();
    let list = String::from_utf8(list.expect("tar starts").stdout).expect("UTF-8");
    let stem = name.trim().trim_end_matches(".tar.gz");
    for file in [
        "audit",
        "README.md",
        "CHANGELOG.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "man/audit.1",
        "completions/audit.bash",
        "completions/audit.fish",
    ] {
        assert!(list.lines().any(|line| line == format!("{stem}/{file}")), "no {file}: {list}");
    }
    // What does not run, or is another version, is not packed.
    project.file(&format!("target/{target}/release/audit"), "#!/bin/sh\necho audit 9.9.9\n");
    let run = release(&project, &["archive", target]);
    assert!(run.code == 1 && run.stderr.contains("holds another version"), "{run:?}");
}

//! `install.sh`: a release, checked before it is used.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use sha2::{Digest, Sha256};

use super::{stand_in, step, step_with_stand_ins};
use crate::common::Project;

#[test]
fn a_release_is_installed_when_its_checksum_and_its_provenance_are_right() {
    let name = "amplify-audit-x86_64-unknown-linux-musl-v1.2.3";
    let archive = format!("{name}.tar.gz");
    let inputs = [
        ("INPUT_VERSION", "v1.2.3"),
        ("INPUT_REPOSITORY", "acme/audit"),
        ("RUNNER_OS", "Linux"),
        ("RUNNER_ARCH", "X64"),
    ];
    // `gh release download` copies the release, `gh attestation verify` notes what it was asked, and says what it is told.
    let gh = "case $1 in\nrelease) cp \"$RELEASE\"/* . ;;\nattestation) echo \"$*\" >\"$RELEASE/../asked\"; exit \"$ATTESTED\" ;;\nesac\n";
    let release = |version: &str, checksum: Option<&str>, attested: &str| {
        let project = Project::new("");
        stand_in(&project, "gh", gh);
        let program =
            project.file(&format!("packed/{name}/audit"), &format!("#!/bin/sh\necho audit {version}\n"));
        fs::set_permissions(program, fs::Permissions::from_mode(0o755)).expect("permissions");
        project.file("release/SHA256SUMS", "");
        let file = project.path().join("release").join(&archive);
        let packed = Command::new("tar")
            .arg("-czf")
            .arg(&file)
            .args(["-C", "packed", name])
            .current_dir(project.path())
            .status();
        assert!(packed.expect("tar starts").success());
        let right = hex::encode(Sha256::digest(fs::read(&file).expect("the archive")));
        project.file("release/SHA256SUMS", &format!("{}  {archive}\n", checksum.unwrap_or(&right)));
        let folder = project.path().join("release").to_string_lossy().into_owned();
        let temp = project.path().to_string_lossy().into_owned();
        let more = [("RELEASE", &*folder), ("ATTESTED", attested), ("RUNNER_TEMP", &*temp)];
        let step = step_with_stand_ins(&project, "install.sh", &[&inputs[..], &more].concat());
        let asked = fs::read_to_string(project.path().join("asked")).unwrap_or_default();
        (step, asked)
    };

    let (installed, asked) = release("1.2.3", None, "0");
    assert_eq!(installed.run.code, 0, "{installed:#?}");
    assert!(installed.outputs["program"].ends_with(&format!("/{name}/audit")), "{installed:#?}");
    for option in ["--repo acme/audit", "acme/audit/.github/workflows/release.yml", "refs/tags/v1.2.3"] {
        assert!(asked.contains(option), "{asked}");
    }
    for (version, checksum, attested, said) in [
        ("1.2.3", Some(&*"0".repeat(64)), "0", "is not what SHA256SUMS"),
        ("1.2.3", Some(""), "0", "does not have amplify-audit"),
        ("1.2.3", None, "1", ""),
        ("1.2.4", None, "0", "another version"),
    ] {
        let (refused, _) = release(version, checksum, attested);
        assert_ne!(refused.run.code, 0, "{refused:#?}");
        assert!(refused.run.stdout.contains(said), "{refused:#?}");
        assert!(!refused.outputs.contains_key("program"), "{refused:#?}");
    }
}

#[test]
fn a_version_that_is_none_is_refused() {
    for version in ["latest", "1.2", "1.2.3; id", "../1.2.3", ""] {
        let project = Project::new("");
        let step =
            step(&project, "install.sh", &[("INPUT_VERSION", version), ("INPUT_REPOSITORY", "acme/audit")]);
        assert_eq!((step.run.code, step.outputs.len()), (2, 0), "{version}");
    }
}

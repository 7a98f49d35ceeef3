//! Lists the files of the embedded pack, so that a rule is two files under `policies/` and no Rust; and says which
//! commit a release is made of.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

#[expect(clippy::disallowed_methods, reason = "cargo tells a build script its folders in the environment")]
fn main() -> io::Result<()> {
    let folder = |name: &str| PathBuf::from(env::var_os(name).unwrap_or_default());
    let root = folder("CARGO_MANIFEST_DIR");
    println!("cargo::rerun-if-changed=policies");
    fs::write(folder("OUT_DIR").join("pack.rs"), pack(&root.join("policies"))?)?;
    let version = env::var("CARGO_PKG_VERSION").unwrap_or_default();
    // To know the commit, everything is compiled anew after each: that is for releases alone.
    let commit =
        (env::var("PROFILE").is_ok_and(|profile| profile == "release")).then(|| commit(&root)).flatten();
    let version = commit.map_or_else(|| version.clone(), |commit| format!("{version} ({commit})"));
    println!("cargo::rustc-env=AUDIT_VERSION={version}");
    Ok(())
}

fn pack(root: &Path) -> io::Result<String> {
    let mut files = Vec::new();
    list(root, &mut files)?;
    files.sort();
    let mut code = String::from("&[\n");
    for file in &files {
        let name = file.strip_prefix(root).unwrap_or(file).to_string_lossy().replace('\\', "/");
        let path = file.to_string_lossy();
        let _ = writeln!(code, "    ({name:?}, include_str!({path:?})),");
    }
    code.push_str("]\n");
    Ok(code)
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.to_string_lossy();
        if path.is_dir() {
            list(&path, files)?;
        } else if name.ends_with(".toml") || (name.ends_with(".rego") && !name.ends_with("_test.rego")) {
            files.push(path);
        }
    }
    Ok(())
}

/// The commit, and its day where git tells it: nothing of the build, so that the same sources give the same program.
fn commit(root: &Path) -> Option<String> {
    packaged(root).or_else(|| checked_out(root))
}

/// The commit that a crate was packaged from, as cargo wrote it.
fn packaged(root: &Path) -> Option<String> {
    let written = fs::read_to_string(root.join(".cargo_vcs_info.json")).ok()?;
    let (_, rest) = written.split_once("\"sha1\"")?;
    let hash = rest.split('"').nth(1)?;
    let dirty = if written.contains("\"dirty\": true") { "-dirty" } else { "" };
    Some(format!("{}{dirty}", short(hash)?))
}

/// What a program is made of.
const SOURCES: [&str; 5] = ["src", "policies", "build.rs", "Cargo.toml", "Cargo.lock"];

/// The commit of the work tree whose root this is: sources that lie in somebody else's repository are not of its commit.
fn checked_out(root: &Path) -> Option<String> {
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .arg("-C")
            .arg(root)
            .args(arguments)
            .env("GIT_OPTIONAL_LOCKS", "0")
            // A hook, say, names the repository that it runs for.
            .env_remove("GIT_DIR")
            .env_remove("GIT_WORK_TREE")
            .env_remove("GIT_INDEX_FILE")
            .output();
        let output = output.ok().filter(|output| output.status.success())?;
        String::from_utf8(output.stdout).ok().map(|text| text.trim_end().to_owned())
    };
    if fs::canonicalize(git(&["rev-parse", "--show-toplevel"])?).ok()? != fs::canonicalize(root).ok()? {
        return None;
    }
    // What moves when the commit does. A file that is not there would be changed for ever.
    let branch = git(&["symbolic-ref", "--quiet", "HEAD"]);
    for name in ["HEAD", "logs/HEAD", "packed-refs"].into_iter().chain(branch.as_deref()) {
        if let Some(path) = git(&["rev-parse", "--git-path", name]).map(|path| root.join(path))
            && path.is_file()
        {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
    for source in SOURCES {
        println!("cargo::rerun-if-changed={source}");
    }
    let changes = git(&[&["status", "--porcelain", "--untracked-files=all", "--"], &SOURCES[..]].concat())?;
    let dirty = if changes.is_empty() { "" } else { "-dirty" };
    let head = git(&["log", "-1", "--no-show-signature", "--format=%H %cs"])?;
    let (hash, day) = head.split_once(' ')?;
    Some(format!("{}{dirty} {day}", short(hash)?))
}

/// Twelve digits, as many as nobody has twice.
fn short(hash: &str) -> Option<&str> {
    hash.get(..12).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

//! `audit init`: a starter that works, and never over a file that is there.

use std::fs;
use std::path::Path;

use crate::common::{Run, audit};

fn run(folder: &Path, args: &[&str]) -> Run {
    Run::of(audit(folder).args(args).output().expect("the program starts"))
}

#[test]
fn the_starter_is_written_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("audit.toml");
    let first = run(folder.path(), &["init"]);
    assert_eq!((first.code, first.stderr.as_str()), (0, ""));
    assert!(first.stdout.starts_with("wrote audit.toml\nnext: "), "{}", first.stdout);
    let starter = fs::read_to_string(&path).expect("it is written");

    fs::write(&path, "mine").expect("a file");
    let second = run(folder.path(), &["init"]);
    assert_eq!((second.code, second.stdout.as_str()), (2, ""));
    assert!(second.stderr.contains("audit.toml is there already"), "{}", second.stderr);
    assert_eq!(fs::read_to_string(&path).expect("a file"), "mine");

    assert_eq!(run(folder.path(), &["init", "--force"]).code, 0);
    assert_eq!(fs::read_to_string(&path).expect("a file"), starter);
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing else is left");
}

#[test]
fn it_is_written_where_config_says() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("deploy")).expect("a folder");
    assert_eq!(run(folder.path(), &["init", "--config", "deploy/auth.toml"]).code, 0);
    assert!(folder.path().join("deploy/auth.toml").is_file());
    let nowhere = run(folder.path(), &["init", "--config", "nowhere/auth.toml"]);
    assert_eq!(nowhere.code, 2);
    assert!(nowhere.stderr.contains("cannot write nowhere/auth.toml"), "{}", nowhere.stderr);
    let over = run(folder.path(), &["init", "--force", "--config", "deploy"]);
    assert_eq!(over.code, 2, "{}", over.stderr);
}

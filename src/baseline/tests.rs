//! Files of the folder: read, written and removed, and nothing outside of it.

use std::sync::Arc;

use super::*;

fn folder() -> (tempfile::TempDir, Folder) {
    let root = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(root.path().join("baseline")).expect("a folder");
    let folder = Folder::new(root.path().join("baseline"), &Repository::containing(root.path()));
    (root, folder)
}

fn id(app: &str, environment: &str, resource: &str) -> TargetId {
    TargetId::new(app, environment, resource)
}

#[test]
fn what_is_written_is_there_and_nothing_unfinished_is() {
    let (_root, folder) = folder();
    let names = [("d1", "prod", "auth"), ("..", "../../x", "a\0b"), (&"ä".repeat(300), "", "con")];
    for (app, environment, resource) in names {
        let id = id(app, environment, resource);
        folder.write(&id, b"first").expect("written");
        folder.write(&id, b"second").expect("replaced");
        assert_eq!(folder.bytes(&file_of(&id)).expect("read"), Some(b"second".to_vec()));
    }
    assert_eq!(folder.contents().documents.len(), names.len());
    let left = WalkDir::new(folder.path()).into_iter().flatten().filter(|entry| entry.file_type().is_file());
    assert_eq!(left.count(), names.len());
    for (app, environment, resource) in names {
        folder.remove(&file_of(&id(app, environment, resource))).expect("removed");
    }
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[test]
#[cfg(unix)]
fn links_lead_nowhere() {
    use std::os::unix::fs::symlink;

    let (root, folder) = folder();
    let outside = root.path().join("outside");
    fs::create_dir_all(outside.join("prod")).expect("a folder");
    fs::write(outside.join("prod/auth.json"), "outside").expect("a file");
    fs::create_dir_all(folder.path().join("d2/prod")).expect("a folder");
    symlink(&outside, folder.path().join("d1")).expect("a link");
    symlink(outside.join("prod/auth.json"), folder.path().join("d2/prod/auth.json")).expect("a link");
    for app in ["d1", "d2"] {
        let id = id(app, "prod", "auth");
        for error in [
            folder.bytes(&file_of(&id)).expect_err("a link"),
            folder.write(&id, b"inside").expect_err("a link"),
            folder.remove(&file_of(&id)).expect_err("a link"),
        ] {
            assert!(error.to_string().contains("is a link"), "{error}");
        }
    }
    folder.write(&id("d1", "new", "auth"), b"inside").expect_err("a link");
    assert_eq!(fs::read(outside.join("prod/auth.json")).expect("there"), b"outside");
    assert_eq!(fs::read_dir(&outside).expect("there").count(), 1);
    let contents = folder.contents();
    assert!(contents.documents.is_empty());
    let strays: Vec<_> = contents.strays.iter().map(|(file, _)| file.to_str().expect("text")).collect();
    assert_eq!(strays, ["d1", "d2/prod/auth.json"]);
}

#[test]
fn what_is_no_document_is_named_and_what_is_hidden_is_not() {
    let (_root, folder) = folder();
    for file in [
        "README.md",
        "d1.json",
        "d1/prod/auth.json",
        "d1/prod/notes.txt",
        "d1/prod/x/y.json",
        ".git/a/b.json",
    ] {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, "{}").expect("a file");
    }
    let contents = folder.contents();
    assert_eq!(contents.documents, [Path::new("d1/prod/auth.json")]);
    let strays: Vec<_> = contents.strays.iter().map(|(file, _)| file.to_str().expect("text")).collect();
    assert_eq!(strays, ["d1/prod/x/y.json", "d1.json"]);
}

#[test]
fn what_a_killed_process_left_is_swept_up() {
    let (_root, folder) = folder();
    folder.write(&id("d1", "prod", "auth"), b"whole").expect("written");
    let left = folder.path().join("d1/prod/.audit-x7.unfinished");
    fs::write(&left, "half").expect("a file");
    let own = folder.path().join("d1/prod/.audit-notes");
    fs::write(&own, "whole").expect("a file");
    folder.sweep();
    assert!(!left.exists() && own.exists());
    assert_eq!(folder.contents().documents.len(), 1);
}

#[test]
fn a_file_that_cannot_be_used_says_where_and_why() {
    let (_root, folder) = folder();
    let d1 = id("d1", "prod", "auth");
    assert!(folder.read(&d1).expect("nothing there").is_none());
    folder.write(&d1, b"{\n  \"SchemaVersion\": 2\n}\n").expect("written");
    let why = folder.read(&d1).expect_err("newer").why(&d1);
    assert_eq!(why.kind, Cause::Policy);
    assert_eq!(
        why.message,
        "cannot compare d1/prod/auth with the baseline: cannot use baseline/d1/prod/auth.json:2: its `SchemaVersion` is 2, \
         and this audit reads 1"
    );
    assert_eq!(
        why.location.map(|place| (place.file, place.region.line)),
        Some((Arc::from("baseline/d1/prod/auth.json"), 2))
    );
    fs::create_dir_all(folder.path().join(file_of(&id("d2", "prod", "auth")))).expect("a folder");
    let d2 = id("d2", "prod", "auth");
    assert_eq!(folder.read(&d2).expect_err("a folder").why(&d2).kind, Cause::Io);
}

//! The sentences of `src/lib.rs`, held against the code: which room may know which.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Each room, and the rooms that it may use.
const ROOMS: &[(&str, &[&str])] = &[
    ("location", &[]),
    ("untrusted", &[]),
    ("atomic", &[]),
    ("stop", &[]),
    ("suggestion", &[]),
    ("target", &["location"]),
    ("finding", &["location", "target"]),
    ("document", &["finding", "location", "suggestion", "target", "untrusted"]),
    ("baseline", &["atomic", "document", "finding", "location", "target"]),
    ("config", &["document", "finding", "location", "suggestion", "target", "untrusted"]),
    ("progress", &["target", "untrusted"]),
    ("source", &["config", "finding", "location", "progress", "stop", "target", "untrusted"]),
    ("policy", &["config", "document", "finding", "location", "suggestion", "target", "untrusted"]),
    ("drift", &["config", "document", "finding", "location", "target", "untrusted"]),
    ("triage", &["config", "finding", "suggestion", "target"]),
    ("report", &["finding", "location", "target", "untrusted"]),
    ("cli", &["finding", "report", "target", "untrusted"]),
    (
        "command",
        &[
            "atomic",
            "baseline",
            "cli",
            "config",
            "document",
            "drift",
            "finding",
            "location",
            "policy",
            "progress",
            "report",
            "source",
            "stop",
            "suggestion",
            "target",
            "triage",
            "untrusted",
        ],
    ),
];

/// Words that only some places may say, with the places.
const RESERVED: &[(&str, &[&str])] = &[
    ("regorus", &["policy/"]),
    ("async fn", &["source/"]),
    ("aws_", &["source/"]),
    ("rayon::", &["command/pipeline/", "command/surroundings/stack.rs", "policy/unit_tests/mod.rs"]),
    ("env::var", &["command/surroundings/mod.rs"]),
    ("Timestamp::now", &["command/surroundings/mod.rs"]),
    ("is_terminal()", &["command/surroundings/mod.rs"]),
    (
        "io::stderr",
        &["progress/mod.rs", "command/surroundings/mod.rs", "command/surroundings/streams.rs", "main.rs"],
    ),
    ("process::exit", &["command/surroundings/interrupt.rs"]),
];

#[test]
fn rooms_use_only_the_rooms_below_them() {
    let rooms: BTreeMap<_, _> = ROOMS.iter().copied().collect();
    let mut strangers = Vec::new();
    for (file, text) in sources() {
        let room = room(&file);
        let Some(allowed) = rooms.get(room.as_str()) else {
            assert!(["lib", "main"].contains(&room.as_str()), "src/{file} is in no room of this test");
            continue;
        };
        for used in text.split("crate::").skip(1) {
            // `use crate::{a, b}` is written by nobody here; a name follows.
            let used: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if used != room && !allowed.contains(&used.as_str()) {
                strangers.push(format!("src/{file} uses {used}"));
            }
        }
    }
    assert!(strangers.is_empty(), "{strangers:#?}");
}

#[test]
fn every_room_is_there_and_in_the_picture() {
    let sources = sources();
    let picture = &sources.iter().find(|(file, _)| file == "lib.rs").expect("lib.rs").1;
    for (name, _) in ROOMS {
        assert!(sources.iter().any(|(file, _)| room(file) == *name), "no room {name}");
        assert!(picture.contains(&format!("pub mod {name};")), "lib.rs does not have {name}");
    }
}

#[test]
fn reserved_words_stay_in_their_places() {
    let mut strangers = Vec::new();
    for (file, text) in sources() {
        for (word, places) in RESERVED {
            if text.contains(word) && !places.iter().any(|place| file.starts_with(place)) {
                strangers.push(format!("src/{file} says {word}"));
            }
        }
    }
    assert!(strangers.is_empty(), "{strangers:#?}");
}

fn room(file: &str) -> String {
    file.split(['/', '.']).next().unwrap_or_default().to_owned()
}

/// Every file of the library and the binary, without unit tests and comments: name below `src`, code.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    list(&root, &mut files);
    assert!(files.len() > 20, "the sources are not where they should be");
    files
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
            (name, fs::read_to_string(&path).expect("readable"))
        })
        .filter(|(name, _)| {
            !name.ends_with("tests.rs") && !name.contains("/tests/") && !name.ends_with("fixture.rs")
        })
        .map(|(name, text)| {
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let code = text.lines().filter(|line| name == "lib.rs" || !line.trim_start().starts_with("//"));
            let code = code.collect::<Vec<_>>().join("\n");
            (name, code)
        })
        .collect()
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            list(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

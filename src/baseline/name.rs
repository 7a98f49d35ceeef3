//! Which file of the folder is whose: `APPID/ENVIRONMENT/RESOURCE.json`.
//!
//! Names come from outside. None leads out of the folder, hides, or means a device; two targets never share a file;
//! and the file of a target never depends on what else there is.

use std::path::PathBuf;

use percent_encoding::percent_encode_byte;

use crate::finding::fingerprint;
use crate::target::TargetId;

/// The longest name of a folder or of a file without its `.json`, in bytes: file systems take 255.
const LONGEST: usize = 200;
/// What is kept of a longer one, before its digest.
const KEPT: usize = 120;

/// The file of a target, relative to the folder.
#[must_use]
pub fn file_of(id: &TargetId) -> PathBuf {
    let mut path: PathBuf = id.as_str().split('/').map(name).collect();
    path.as_mut_os_string().push(".json");
    path
}

/// The name of a folder or file for one part of an id, which is ASCII without `/`, `:` and control characters. Encoded
/// further are what Windows refuses, a dot at the beginning (`..`, and what is hidden), a dot or blank at the end, and
/// the names of devices. In an id every `%` begins a `%XX`: `%` alone is free for what is empty, `%-` for a digest.
fn name(part: &str) -> String {
    if part.is_empty() {
        return "%".to_owned();
    }
    let last = part.len() - 1;
    let is_device = is_device(part);
    let mut name = String::with_capacity(part.len());
    for (at, byte) in part.bytes().enumerate() {
        let is_encoded = matches!(byte, b'\\' | b'<' | b'>' | b'"' | b'|' | b'?' | b'*')
            || (at == 0 && (byte == b'.' || is_device))
            || (at == last && matches!(byte, b'.' | b' '));
        if is_encoded {
            name.push_str(percent_encode_byte(byte));
        } else {
            name.push(char::from(byte));
        }
    }
    if name.len() <= LONGEST {
        return name;
    }
    let digest = fingerprint(&[&name]);
    // No `%XX` is cut in two.
    let kept = name[..KEPT].rfind('%').filter(|at| at + 3 > KEPT).unwrap_or(KEPT);
    format!("{}%-{digest}", &name[..kept])
}

/// Whether Windows means a device by it, whatever its extension.
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let is_numbered = |name: &str| {
        stem.strip_prefix(name).is_some_and(|digit| digit.len() == 1 && digit.as_bytes()[0].is_ascii_digit())
    };
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul") || is_numbered("com") || is_numbered("lpt")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::{Component, Path};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_names_stay_as_they_are() {
        for (names, path) in [
            (["d1a2b3c4d5e6f7", "prod", "shopauth"], "d1a2b3c4d5e6f7/prod/shopauth.json"),
            (["d1", "feature-x", "Shop Auth"], "d1/feature-x/Shop Auth.json"),
            (["..", ".git", "a/../b"], "%2E%2E/%2Egit/a%2F..%2Fb.json"),
            (["d1", "größe", "a\0b"], "d1/gr%C3%B6%C3%9Fe/a%00b.json"),
            (["", "nul.txt", "a*b?"], "%/%6Eul.txt/a%2Ab%3F.json"),
            (["c:\\x", "trailing.", "trailing "], "c%3A%5Cx/trailing%2E/trailing%20.json"),
            (["..%2f", "COM1", "COM10"], "%2E.%252f/%43OM1/COM10.json"),
        ] {
            assert_eq!(file_of(&TargetId::new(names[0], names[1], names[2])), Path::new(path), "{names:?}");
        }
    }

    #[test]
    fn names_that_are_too_long_keep_their_beginning_and_a_digest() {
        let long = "ä".repeat(300);
        let path = file_of(&TargetId::new(&long, "e", "r"));
        let folder = path.iter().next().and_then(|name| name.to_str()).expect("a name");
        assert!(folder.starts_with("%C3%A4%C3") && folder.len() <= LONGEST, "{folder}");
        assert_ne!(path, file_of(&TargetId::new(&(long + "x"), "e", "r")));
    }

    fn hostile() -> impl Strategy<Value = String> {
        prop_oneof![
            ".{0,12}",
            "[a-c./\\\\%: \0]{0,6}",
            "(con|NUL|aux|\\.|\\.\\.|~|%|%-|%2E)(\\.json)?",
            "(x|ä|\\.|%){190,310}",
        ]
    }

    proptest! {
        #[test]
        fn every_name_stays_in_the_folder_and_is_nobody_elses(names in prop::collection::vec([hostile(), hostile(), hostile()], 2..12)) {
            let mut owners: BTreeMap<PathBuf, TargetId> = BTreeMap::new();
            for [app, environment, resource] in names {
                let id = TargetId::new(&app, &environment, &resource);
                let path = file_of(&id);
                prop_assert_eq!(path.components().count(), 3);
                for component in path.components() {
                    let Component::Normal(name) = component else { panic!("{}", path.display()) };
                    let name = name.to_str().expect("ASCII");
                    prop_assert!(name.len() <= 255 && !name.starts_with('.') && !name.ends_with(['.', ' ']));
                    prop_assert!(name.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()));
                }
                if let Some(other) = owners.insert(path, id.clone()) {
                    prop_assert_eq!(other, id);
                }
            }
        }
    }
}

//! The files that a test run is given: Rego, and data files as `opa test` takes them.
//!
//! A data file is merged into `data` under the folders between the given path and the file, and not under its
//! own name: `policies/limits/eu.json`, given `policies`, is `data.limits`. Of two files, none replaces a value
//! of the other. Files and folders whose name begins with a dot are left out.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use walkdir::WalkDir;

use crate::policy::problem::PolicyError;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// Rego: name and text, without a byte order mark.
    pub(super) rego: Vec<(String, String)>,
    /// `data`.
    pub(super) data: Map<String, Value>,
}

/// Reads every file at or below the paths, in the order of their names.
///
/// # Errors
/// Everything that cannot be read.
pub(super) fn read(paths: &[PathBuf]) -> Result<Files, Vec<PolicyError>> {
    let mut files = Files::default();
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    for given in paths {
        for entry in
            WalkDir::new(given).follow_links(true).sort_by_file_name().into_iter().filter_entry(|entry| {
                entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.')
            })
        {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let path = error.path().unwrap_or(given).to_string_lossy().into_owned();
                    let why = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
                    problems.push(PolicyError::whole(&path, "", format!("cannot read {path}: {why}")));
                    continue;
                }
            };
            let path = entry.path();
            if !entry.file_type().is_file() || !is_new(path, &mut seen) {
                continue;
            }
            let kind = Kind::of(path);
            let name = path.to_string_lossy();
            match (kind, entry.depth()) {
                (Some(kind), _) => {
                    let folders = path.strip_prefix(given).ok().and_then(Path::parent);
                    if let Err(problem) = files.add(kind, &name, path, folders) {
                        problems.push(problem);
                    }
                }
                (None, 0) => problems.push(
                    PolicyError::whole(&name, "", format!("{name} is neither Rego nor data"))
                        .with_help("give .rego, .json, .yaml or .yml files, or folders that hold them"),
                ),
                (None, _) => {}
            }
        }
    }
    if problems.is_empty() { Ok(files) } else { Err(problems) }
}

/// A file that two of the given paths lead to is read once.
fn is_new(path: &Path, seen: &mut BTreeSet<PathBuf>) -> bool {
    seen.insert(fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf()))
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rego,
    Json,
    Yaml,
}

impl Kind {
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "rego" => Some(Self::Rego),
            "json" => Some(Self::Json),
            "yaml" | "yml" => Some(Self::Yaml),
            _ => None,
        }
    }
}

impl Files {
    fn add(
        &mut self,
        kind: Kind,
        name: &str,
        path: &Path,
        folders: Option<&Path>,
    ) -> Result<(), PolicyError> {
        let text = fs::read_to_string(path)
            .map_err(|error| PolicyError::whole(name, "", format!("cannot read {name}: {error}")))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let unusable = |message: String| PolicyError::whole(name, text, message);
        let value: Value = match kind {
            Kind::Rego => {
                self.rego.push((name.to_owned(), text.to_owned()));
                return Ok(());
            }
            Kind::Json => serde_json::from_str(text).map_err(|error| unusable(error.to_string()))?,
            Kind::Yaml => serde_saphyr::from_str(text)
                .map_err(|error| unusable(error.to_string().lines().next().unwrap_or_default().to_owned()))?,
        };
        let Value::Object(mut value) = value else {
            return Err(unusable("a data file must hold an object".to_owned()));
        };
        for folder in folders.into_iter().flat_map(Path::components).rev() {
            let folder = folder.as_os_str().to_string_lossy().into_owned();
            value = Map::from_iter([(folder, Value::Object(value))]);
        }
        merge(&mut self.data, value, "data").map_err(|place| {
            unusable(format!("another file has a value for {place}, too")).with_help("keep one of them")
        })
    }
}

/// Adds what is not there; the place of the first value that is.
fn merge(into: &mut Map<String, Value>, from: Map<String, Value>, place: &str) -> Result<(), String> {
    for (key, value) in from {
        let place = format!("{place}.{key}");
        match (into.get_mut(&key), value) {
            (None, value) => {
                into.insert(key, value);
            }
            (Some(Value::Object(inner)), Value::Object(value)) => merge(inner, value, &place)?,
            (Some(_), _) => return Err(place),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        folder
    }

    #[test]
    fn data_lies_under_its_folders_and_hidden_files_are_left_out() {
        let folder = folder(&[
            ("b.rego", "\u{feff}package b"),
            ("a/a.rego", "package a"),
            ("a/b/limits.json", r#"{"x": 1}"#),
            ("a/more.yaml", "b:\n  y: [2]\n"),
            (".git/z.rego", "no Rego"),
            ("README.md", "# no data"),
        ]);
        let files = read(&[folder.path().to_path_buf(), folder.path().join("b.rego")]).expect("readable");
        let texts: Vec<&str> = files.rego.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(texts, ["package a", "package b"]);
        assert_eq!(Value::Object(files.data), json!({"a": {"b": {"x": 1, "y": [2]}}}));
    }

    #[test]
    fn what_cannot_be_used_is_said_and_nothing_is_replaced() {
        for (files, given, message) in [
            (&[("a.json", "[1]")][..], "", "a data file must hold an object"),
            (&[("a.json", "{")], "", "EOF"),
            (&[("a.yaml", "a: [")], "", "line 1"),
            (&[("a.json", r#"{"x": 1}"#), ("b.json", r#"{"x": 1}"#)], "", "a value for data.x"),
            (&[("a.json", r#"{"x": {"y": 1}}"#), ("x/b.json", r#"{"y": {}}"#)], "", "a value for data.x.y"),
            (&[], "nothing", "cannot read"),
            (&[("a.txt", "")], "a.txt", "neither Rego nor data"),
        ] {
            let folder = folder(files);
            let problems = read(&[folder.path().join(given)]).expect_err(message);
            assert_eq!(problems.len(), 1, "{message}");
            assert!(problems[0].to_string().contains(message), "{message}: {}", problems[0]);
        }
    }
}

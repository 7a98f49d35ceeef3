//! The files of a pack: found below the paths of audit.toml, and read.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::WalkDir;

use crate::config::{Packs, PolicyPath, UnusablePath};
use crate::location::Repository;

/// What may be in a file, by the end of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Rego,
    Json,
    Yaml,
    Toml,
}

impl Kind {
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "rego" => Some(Self::Rego),
            "json" => Some(Self::Json),
            "yaml" | "yml" => Some(Self::Yaml),
            "toml" => Some(Self::Toml),
            _ => None,
        }
    }
}

/// A file of a pack.
#[derive(Debug)]
pub(super) struct PackFile {
    /// Its name in messages and reports.
    pub(super) name: Arc<str>,
    /// Without a byte order mark.
    pub(super) text: String,
    pub(super) kind: Kind,
    /// The folders between the path of audit.toml and the file: where its data goes, as in `opa run FOLDER`.
    pub(super) folders: Vec<String>,
    /// Index of the path of audit.toml that brought it.
    pub(super) path: usize,
}

/// Everything below the paths: each file once, in the order of the paths and then of the names. A path is relative to
/// `base`, for who looks for it in vain.
///
/// The profiles of a pack, `profiles/NAME.toml` with a table `[params]` and nothing else, are no data: all of them at
/// once would contradict each other.
pub(super) fn read(
    packs: &Packs,
    base: &'static str,
    repository: &Repository,
) -> (Vec<PackFile>, Vec<UnusablePath>) {
    let mut reader = Reader {
        base,
        configuration: fs::canonicalize(&packs.file).ok(),
        repository,
        seen: BTreeSet::new(),
        files: Vec::new(),
        unusable: Vec::new(),
    };
    // One without a name is said to be wrong where audit.toml is validated.
    for (index, path) in packs.paths.iter().enumerate().filter(|(_, path)| !path.written.trim().is_empty()) {
        reader.path(index, path);
    }
    (reader.files, reader.unusable)
}

struct Reader<'r> {
    base: &'static str,
    /// audit.toml, which is no data of a pack that begins in its folder.
    configuration: Option<PathBuf>,
    repository: &'r Repository,
    /// What has been read, by its real place; data counts anew where it goes elsewhere.
    seen: BTreeSet<(PathBuf, Option<Vec<String>>)>,
    files: Vec<PackFile>,
    unusable: Vec<UnusablePath>,
}

impl Reader<'_> {
    fn path(&mut self, index: usize, given: &PolicyPath) {
        let path = &given.path;
        match fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let help = format!("a path is relative to {}", self.base);
                self.refuse(index, format!("there is no `{}`", given.written), &help);
            }
            Err(error) => {
                let help = "let audit read it, or take the path out";
                self.refuse(index, format!("cannot read `{}`: {error}", given.written), help);
            }
            Ok(there) if there.is_dir() => self.folder(index, given),
            Ok(_) if self.is_configuration(path) => {
                let help = "a pack is made of .rego files and of data, which stand in files of their own";
                self.refuse(index, format!("`{}` is the configuration, and no data", given.written), help);
            }
            Ok(_) => match Kind::of(path) {
                Some(kind) => {
                    self.file(index, path, kind, Vec::new());
                }
                None => {
                    let help = "a pack is made of .rego files and of data in .json, .yaml, .yml and .toml files, or of folders of them";
                    self.refuse(index, format!("`{}` is neither a policy nor data", given.written), help);
                }
            },
        }
    }

    /// Links are followed, but into no loop; what is hidden (`.git`) is no part of a pack.
    fn folder(&mut self, index: usize, given: &PolicyPath) {
        let visible = |entry: &walkdir::DirEntry| {
            entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.')
        };
        let mut found = false;
        let walk = WalkDir::new(&given.path).follow_links(true).sort_by_file_name();
        for entry in walk.into_iter().filter_entry(visible) {
            match entry {
                Ok(entry) => {
                    let path = entry.path();
                    let Some(kind) = Kind::of(path).filter(|_| entry.file_type().is_file()) else { continue };
                    if !self.is_configuration(path) {
                        found |= self.file(index, path, kind, folders_between(&given.path, path));
                    }
                }
                // What a loop leads to is read where it stands.
                Err(error) if error.loop_ancestor().is_some() => {}
                Err(error) => {
                    found = true;
                    let name = error
                        .path()
                        .map_or_else(|| given.written.clone().into(), |p| self.repository.name(p));
                    let why =
                        error.io_error().map_or_else(|| "a loop of links".to_owned(), ToString::to_string);
                    self.refuse(
                        index,
                        format!("cannot read {name}: {why}"),
                        "let audit read it, or take it away",
                    );
                }
            }
        }
        if !found {
            let help = "a pack is a folder of .rego files, and of data in .json, .yaml, .yml and .toml files";
            self.refuse(index, format!("`{}` has neither policies nor data", given.written), help);
        }
    }

    fn is_configuration(&self, path: &Path) -> bool {
        self.configuration.is_some() && fs::canonicalize(path).ok() == self.configuration
    }

    /// Reads a file; `false` for one that is no part of a pack.
    fn file(&mut self, index: usize, path: &Path, kind: Kind, folders: Vec<String>) -> bool {
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        if !self.seen.insert((real, (kind != Kind::Rego).then(|| folders.clone()))) {
            return true;
        }
        let name = self.repository.name(path);
        match fs::read(path) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => {
                    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
                    if kind == Kind::Toml && is_profile(&folders, &text) {
                        return false;
                    }
                    self.files.push(PackFile { name, text, kind, folders, path: index });
                }
                Err(error) => {
                    let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                    let line = String::from_utf8_lossy(valid).split('\n').count();
                    self.refuse(index, format!("{name}:{line}: this is not UTF-8"), "save the file in UTF-8");
                }
            },
            Err(error) => {
                let help = "let audit read it, or take it away";
                self.refuse(index, format!("cannot read {name}: {error}"), help);
            }
        }
        true
    }

    fn refuse(&mut self, index: usize, message: String, help: &str) {
        self.unusable.push(UnusablePath { index, message, help: help.to_owned() });
    }
}

fn is_profile(folders: &[String], text: &str) -> bool {
    folders.last().is_some_and(|folder| folder == "profiles")
        && toml::from_str::<toml::Table>(text)
            .is_ok_and(|table| table.len() == 1 && table.get("params").is_some_and(toml::Value::is_table))
}

fn folders_between(top: &Path, file: &Path) -> Vec<String> {
    let below = file.strip_prefix(top).ok().and_then(Path::parent).unwrap_or(Path::new(""));
    below.iter().map(|folder| folder.to_string_lossy().into_owned()).collect()
}

//! The files of a pack: found below the paths of audit.toml, and read.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::WalkDir;

use crate::config::{Packs, PolicyPath, UnusablePath};
use crate::location::Repository;
use crate::suggestion::nearest;

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

/// The size of a file, in bytes. Policies have a lower limit, in the engine.
const MAX_LENGTH: u64 = 32 << 20;

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
                let help = match sibling(&given.written, path) {
                    Some(near) => format!("did you mean `{near}`? A path is relative to {}", self.base),
                    None => format!("a path is relative to {}", self.base),
                };
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
            Ok(there) => match Kind::of(path) {
                Some(kind) if self.is_readable(index, path, there.is_file(), there.len()) => {
                    self.file(index, path, kind, Vec::new());
                }
                Some(_) => {}
                None if self.is_misnamed(index, path) => {}
                None => {
                    let help = "a pack is made of .rego files and of data in .json, .yaml, .yml and .toml files, or of folders of them";
                    self.refuse(index, format!("`{}` is neither a policy nor data", given.written), help);
                }
            },
        }
    }

    /// Links are followed, but into no loop; a folder that is hidden (`.git`) is no part of a pack, as in OPA.
    fn folder(&mut self, index: usize, given: &PolicyPath) {
        let visible = |entry: &walkdir::DirEntry| {
            entry.depth() == 0 || !entry.file_type().is_dir() || !is_hidden(entry.path())
        };
        let mut found = false;
        let walk = WalkDir::new(&given.path).follow_links(true).sort_by_file_name();
        for entry in walk.into_iter().filter_entry(visible) {
            match entry {
                Ok(entry) => {
                    let path = entry.path();
                    if entry.file_type().is_dir() || self.is_misnamed(index, path) {
                        continue;
                    }
                    let Some(kind) = Kind::of(path).filter(|_| !is_hidden(path)) else { continue };
                    let length = entry.metadata().map_or(0, |there| there.len());
                    if !self.is_readable(index, path, entry.file_type().is_file(), length) {
                        found = true;
                    } else if !self.is_configuration(path) {
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

    /// Whether a file is meant for a policy and has a name that nobody reads one by. It is said, if so: its author
    /// thinks that it judges.
    fn is_misnamed(&mut self, index: usize, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let Some((stem, ending)) = name.rsplit_once('.') else { return false };
        if !ending.eq_ignore_ascii_case("rego") {
            return false;
        }
        // Editors and file systems leave these behind.
        let is_leftover = [".#", "._", ".~"].iter().any(|begin| name.starts_with(begin));
        let (why, better) = if is_hidden(path) && !is_leftover {
            ("it is hidden", format!("{}.rego", stem.trim_start_matches('.')))
        } else if ending != "rego" && !is_hidden(path) {
            ("policies end in `.rego`, in small letters", format!("{stem}.rego"))
        } else {
            return false;
        };
        let shown = self.repository.name(path);
        let help = format!("rename it `{better}`, or move it out of the pack");
        self.refuse(index, format!("{shown} would not be read: {why}"), &help);
        true
    }

    /// Whether a file can be read to its end, and soon. It is said where it cannot.
    fn is_readable(&mut self, index: usize, path: &Path, is_file: bool, length: u64) -> bool {
        let name = self.repository.name(path);
        if !is_file {
            let help = "a policy, or data, is an ordinary file";
            self.refuse(index, format!("{name} is a pipe, a socket or a device"), help);
        } else if length > MAX_LENGTH {
            let help = "split it, or leave out what no policy reads";
            self.refuse(index, format!("{name} has more than {} MiB", MAX_LENGTH >> 20), help);
        }
        is_file && length <= MAX_LENGTH
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

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

/// What stands beside a path that is not there, and is nearly named so; written as the path is.
fn sibling(written: &str, path: &Path) -> Option<String> {
    let name = path.file_name()?.to_string_lossy().into_owned();
    let entries = fs::read_dir(path.parent()?).ok()?;
    let names: Vec<String> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let is_usable = entry.path().is_dir() || Kind::of(&entry.path()).is_some();
            is_usable.then(|| entry.file_name().to_string_lossy().into_owned())
        })
        .filter(|name| !name.starts_with('.'))
        .collect();
    let near = nearest(&name, names.iter().map(String::as_str))?;
    Some(format!("{}{near}", written.trim_end_matches('/').strip_suffix(&name)?))
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

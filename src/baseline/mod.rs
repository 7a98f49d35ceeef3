//! The baseline: a folder of documents that tell what was agreed, one file a target.
//!
//! Nothing is read or written through a link below the folder, and no file is ever half written. What is no document is
//! said with its place, never passed over: a comparison that did not happen must not look like one without a difference.

mod name;

use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::WalkDir;

pub use name::file_of;

use crate::atomic;
use crate::document::{Stored, StoredError};
use crate::location::{Location, Region, Repository};
use crate::target::{Cause, TargetId, Unaudited};

/// The largest file: documents are a few KB, so a larger one is something else.
const LARGEST: u64 = 16 * 1024 * 1024;

/// A folder of documents.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
    repository: Repository,
}

/// Why a file of the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// It cannot be read.
    #[error("cannot read {file}: {source}")]
    Unreadable {
        /// The file, as reports name it.
        file: Arc<str>,
        /// Why.
        source: io::Error,
    },
    /// It is no document of this version.
    #[error("cannot use {file}:{}: {source}", source.region.line)]
    Unusable {
        /// The file, as reports name it.
        file: Arc<str>,
        /// Why.
        source: StoredError,
    },
    /// It is the document of another target.
    #[error("cannot use {}:{}: it is the document of {found}", place.file, place.region.line)]
    Misplaced {
        /// Where it says so.
        place: Location,
        /// Whose it is.
        found: TargetId,
    },
}

/// What the folder holds.
#[derive(Debug, Default)]
pub struct Contents {
    /// Files at the place of a document, relative to the folder, sorted.
    pub documents: Vec<PathBuf>,
    /// JSON files that are at no such place, links, and folders that cannot be read; relative to the folder, sorted, each
    /// with what it is.
    pub strays: Vec<(PathBuf, String)>,
}

impl Folder {
    /// The folder at an absolute path, whether it is there or not.
    #[must_use]
    pub fn new(path: PathBuf, repository: &Repository) -> Self {
        Self { path, repository: repository.clone() }
    }

    /// Whether it is there.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.path.is_dir()
    }

    /// Whether its files are the repository's, so that code scanning can show them.
    #[must_use]
    pub fn is_in_repository(&self) -> bool {
        !self.name(Path::new("")).split('/').any(|part| part == "..")
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A file of it as reports name it.
    #[must_use]
    pub fn name(&self, file: &Path) -> Arc<str> {
        self.repository.name(&self.path.join(file))
    }

    /// What was agreed for a target; `None` where there is no file.
    ///
    /// # Errors
    /// Where its file cannot be used.
    pub fn read(&self, id: &TargetId) -> Result<Option<Stored>, BaselineError> {
        let file = file_of(id);
        let Some(stored) = self.read_file(&file)? else { return Ok(None) };
        if stored.id == *id {
            return Ok(Some(stored));
        }
        Err(BaselineError::Misplaced { place: stored.location("/Target/Id"), found: stored.id })
    }

    /// The document in a file, whosever it is; `None` where there is no file.
    ///
    /// # Errors
    /// Where the file cannot be used.
    pub fn read_file(&self, file: &Path) -> Result<Option<Stored>, BaselineError> {
        let name = self.name(file);
        match self.bytes(file) {
            Ok(Some(bytes)) => Stored::read(&bytes, Arc::clone(&name))
                .map(Some)
                .map_err(|source| BaselineError::Unusable { file: name, source }),
            Ok(None) => Ok(None),
            Err(source) => Err(BaselineError::Unreadable { file: name, source }),
        }
    }

    /// The bytes of a file; `None` where there is none.
    ///
    /// # Errors
    /// Where it cannot be read, is no regular file or too large, or a link leads to it.
    pub fn bytes(&self, file: &Path) -> io::Result<Option<Vec<u8>>> {
        match self.unlinked(file) {
            Ok(Some(there)) if there.is_file() => {}
            Ok(Some(_)) => return Err(io::Error::other("it is not a regular file")),
            Ok(None) => return Ok(None),
            Err(error) => return Err(error),
        }
        read_whole(&self.path.join(file)).map(Some)
    }

    /// Writes the document of a target, whole or not at all.
    ///
    /// # Errors
    /// Where it cannot be written, or a link is in the way.
    pub fn write(&self, id: &TargetId, text: &[u8]) -> io::Result<()> {
        let file = file_of(id);
        let mut folder = PathBuf::new();
        for part in file.parent().into_iter().flatten() {
            folder.push(part);
            match self.unlinked(&folder)? {
                Some(there) if there.is_dir() => {}
                Some(_) => return Err(io::Error::from(io::ErrorKind::NotADirectory)),
                None => fs::create_dir(self.path.join(&folder))?,
            }
        }
        self.unlinked(&file)?;
        atomic::replace(&self.path.join(&file), |out| out.write_all(text))
    }

    /// Removes a file, and the folders that are empty without it.
    ///
    /// # Errors
    /// Where it cannot be removed, or a link leads to it.
    pub fn remove(&self, file: &Path) -> io::Result<()> {
        self.unlinked(file)?;
        fs::remove_file(self.path.join(file))?;
        for above in file.ancestors().skip(1).filter(|above| !above.as_os_str().is_empty()) {
            // One that is not empty stays.
            if fs::remove_dir(self.path.join(above)).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Whether no document is in it, of whatever target.
    #[must_use]
    pub fn holds_nothing(&self) -> bool {
        self.contents().documents.is_empty()
    }

    /// What it holds, whosever it is. Hidden files are nobody's.
    #[must_use]
    pub fn contents(&self) -> Contents {
        let mut contents = Contents::default();
        if !self.is_there() {
            return contents;
        }
        let is_visible = |name: &std::ffi::OsStr| !name.as_encoded_bytes().starts_with(b".");
        let walk = WalkDir::new(&self.path).min_depth(1).into_iter();
        for entry in walk.filter_entry(|entry| is_visible(entry.file_name())) {
            let relative = |path: &Path| path.strip_prefix(&self.path).unwrap_or(path).to_path_buf();
            match entry {
                Ok(entry) => {
                    let file = relative(entry.path());
                    let is_json = file.extension().is_some_and(|extension| extension == "json");
                    let is_meant =
                        file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
                    let kind = entry.file_type();
                    if kind.is_symlink() {
                        contents.strays.push((file, "it is a link, and links are not followed".to_owned()));
                    } else if kind.is_file() && is_json && entry.depth() == 3 {
                        contents.documents.push(file);
                    } else if is_meant && !kind.is_file() && (entry.depth() == 3 || !kind.is_dir()) {
                        contents.strays.push((file, "it is not a regular file".to_owned()));
                    } else if kind.is_file() && is_meant {
                        let what = "a document is APPID/ENVIRONMENT/RESOURCE.json".to_owned();
                        contents.strays.push((file, what));
                    }
                }
                Err(error) => {
                    let file = error.path().map(relative).unwrap_or_default();
                    let why = error.into_io_error().map_or_else(String::new, |error| error.to_string());
                    contents.strays.push((file, format!("it cannot be read: {why}")));
                }
            }
        }
        contents.documents.sort();
        contents.strays.sort();
        contents
    }

    /// Keeps other processes from writing to the folder as long as the lock lives, and makes the folder. `None` where
    /// another one does.
    ///
    /// # Errors
    /// Where the folder cannot be made.
    pub fn lock(&self) -> io::Result<Option<File>> {
        fs::create_dir_all(&self.path)?;
        let folder = File::open(&self.path)?;
        match folder.try_lock() {
            Err(TryLockError::WouldBlock) => Ok(None),
            // A file system without locks has none.
            Ok(()) | Err(TryLockError::Error(_)) => Ok(Some(folder)),
        }
    }

    /// Removes what killed processes left unfinished.
    pub fn sweep(&self) {
        let unfinished = WalkDir::new(&self.path)
            .min_depth(1)
            .max_depth(3)
            .into_iter()
            .flatten()
            .filter(|entry| entry.file_type().is_file() && atomic::is_unfinished(entry.file_name()));
        for entry in unfinished {
            // Another time, if not now: nobody reads it.
            let _ = fs::remove_file(entry.path());
        }
    }

    /// What is at a place below the folder; `None` where nothing is.
    fn unlinked(&self, file: &Path) -> io::Result<Option<fs::Metadata>> {
        let mut path = self.path.clone();
        let mut there = None;
        for part in file {
            path.push(part);
            match fs::symlink_metadata(&path) {
                Ok(metadata) if metadata.is_symlink() => {
                    let link = self.repository.name(&path);
                    return Err(io::Error::other(format!("{link} is a link, and links are not followed")));
                }
                Ok(metadata) => there = Some(metadata),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        Ok(there)
    }
}

/// The document in a file of no folder, wherever a link at its path leads. It may be a pipe.
///
/// # Errors
/// Where the file, which reports name so, cannot be used.
pub fn read_document(path: &Path, name: Arc<str>) -> Result<Stored, BaselineError> {
    match read_whole(path) {
        Ok(bytes) => Stored::read(&bytes, Arc::clone(&name))
            .map_err(|source| BaselineError::Unusable { file: name, source }),
        Err(source) => Err(BaselineError::Unreadable { file: name, source }),
    }
}

fn read_whole(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::other("it is larger than 16 MiB, so it is no document"));
    }
    Ok(bytes)
}

impl BaselineError {
    /// Where, as far as it is known.
    #[must_use]
    pub fn location(&self) -> Location {
        match self {
            Self::Unreadable { file, .. } => Location { file: Arc::clone(file), region: Region::START },
            Self::Unusable { file, source } => Location { file: Arc::clone(file), region: source.region },
            Self::Misplaced { place, .. } => place.clone(),
        }
    }

    /// Why a target could not be compared with what was agreed.
    #[must_use]
    pub fn why(self, id: &TargetId) -> Unaudited {
        let message = format!("cannot compare {id} with the baseline: {self}");
        let place = self.location();
        match self {
            Self::Unreadable { .. } => Unaudited::new(Cause::Io, message)
                .with_gist("cannot compare with the baseline: a file cannot be read")
                .with_help(
                    "make it a file that can be read, or remove it and write it anew with `audit snapshot`",
                ),
            Self::Unusable { source, .. } => {
                let help =
                    source.help.unwrap_or_else(|| "write the file anew with `audit snapshot`".to_owned());
                Unaudited {
                    location: Some(place),
                    ..Unaudited::new(Cause::Policy, message)
                        .with_gist(format!("cannot compare with the baseline: {}", source.message))
                        .with_help(help)
                }
            }
            Self::Misplaced { .. } => Unaudited {
                location: Some(place),
                ..Unaudited::new(Cause::Policy, message)
                    .with_gist("cannot compare with the baseline: a file is another target's")
                    .with_help("move the file to where it belongs, or write both anew with `audit snapshot`")
            },
        }
    }
}

#[cfg(test)]
mod tests;

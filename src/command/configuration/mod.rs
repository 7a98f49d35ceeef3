//! audit.toml, found and read.

mod input;
pub(super) mod mistake;

use std::fs;
use std::path::{Path, PathBuf};

pub(super) use input::input_at;
pub use mistake::Mistake;

use super::{CommandError, surroundings};
use crate::config::{Catalogue, Config, Draft};
use crate::drift;
use crate::finding::fingerprint;
use crate::location::Repository;
use crate::policy::Library;

/// The least configuration. Of its source nothing is read.
const BARE: &str = "source = [{ kind = \"recordings\", paths = [\"*.json\"] }]";

/// A configuration, and what it was validated against.
pub(super) struct Loaded {
    pub(super) config: Config,
    /// The file that it stands in, absolute.
    pub(super) path: PathBuf,
    pub(super) repository: Repository,
    pub(super) catalogue: Catalogue,
    /// The policies that it asks for, without a mistake in them.
    pub(super) library: Library,
    /// Of its text, and of the policies of the user's own.
    pub(super) digest: String,
}

/// Reads the given configuration, or the nearest audit.toml at or above the current folder.
pub(super) fn load(given: Option<&Path>) -> Result<Loaded, CommandError> {
    let (text, path) = read(given)?;
    of_file(&text, &path)
}

/// The text of the given configuration, or of the nearest, and its absolute path.
pub(super) fn read(given: Option<&Path>) -> Result<(String, PathBuf), CommandError> {
    let path = path(given)?;
    match fs::read_to_string(&path) {
        Ok(text) => Ok((text, path)),
        Err(source) => Err(CommandError::Unreadable { path, source }),
    }
}

/// The given configuration, or the nearest; where there is none, one whose policies are as by default.
pub(super) fn load_or_default(given: Option<&Path>) -> Result<Loaded, CommandError> {
    match load(given) {
        Err(CommandError::NoConfig { .. }) => built_in(),
        loaded => loaded,
    }
}

/// One whose policies are as by default, whatever is near.
pub(super) fn built_in() -> Result<Loaded, CommandError> {
    of_text(BARE)
}

/// The same where policies are tested: their tests may be there before a rule is.
pub(super) fn load_to_test(given: Option<&Path>) -> Result<Loaded, CommandError> {
    match read(given) {
        Err(CommandError::NoConfig { .. }) => built_in(),
        Err(error) => Err(error),
        Ok((text, path)) => parse(&text, &path, Library::catalogue_of_tests),
    }
}

/// The configuration of a text that stands, or is to stand, in the file at `path`.
pub(super) fn of_file(text: &str, path: &Path) -> Result<Loaded, CommandError> {
    parse(text, path, Library::catalogue)
}

/// A configuration that stands in no file yet, as if it stood in the current folder.
pub(super) fn of_text(text: &str) -> Result<Loaded, CommandError> {
    let folder = surroundings::folder()
        .map_err(|source| CommandError::Unreadable { path: PathBuf::from("."), source })?;
    of_file(text, &folder.join("audit.toml"))
}

fn parse(text: &str, path: &Path, catalogue: impl Fn(&Library) -> Catalogue) -> Result<Loaded, CommandError> {
    let repository = Repository::containing(path.parent().unwrap_or(Path::new("/")));
    let draft = Draft::read(text, path, &repository);
    let library = Library::read(&draft.packs(), &repository);
    let mut catalogue = catalogue(&library);
    catalogue.rules.extend(drift::rules::all().map(|rule| rule.id.clone()));
    let config = match (draft.validate(&catalogue), library.problems()) {
        (Ok(config), []) => config,
        (Err(problems), []) => return Err(problems.into()),
        (config, policies) => return Err(CommandError::unusable(config.err(), policies.to_vec())),
    };
    let digest = match library.digest() {
        None => fingerprint(&[text]),
        Some(own) => fingerprint(&[text, own]),
    };
    Ok(Loaded { config, path: path.to_path_buf(), repository, catalogue, library, digest })
}

fn path(given: Option<&Path>) -> Result<PathBuf, CommandError> {
    let unreadable = |path: &Path| {
        let path = path.to_path_buf();
        move |source| CommandError::Unreadable { path, source }
    };
    if let Some(given) = given {
        // A `..` would lead names in reports astray.
        let folder = given.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = fs::canonicalize(folder).map_err(unreadable(given))?;
        return Ok(given.file_name().map_or(folder.clone(), |name| folder.join(name)));
    }
    let folder = surroundings::folder().map_err(unreadable(Path::new(".")))?;
    folder
        .ancestors()
        .map(|above| above.join("audit.toml"))
        .find(|path| path.exists())
        .ok_or_else(|| CommandError::NoConfig { folder: folder.clone() })
}

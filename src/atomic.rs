//! Files that are whole or not there: written beside their place, and then moved onto it.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// What the names of unfinished files begin and end with.
const UNFINISHED: (&str, &str) = (".audit-", ".unfinished");

/// Whether a name is that of an unfinished file. A process that is killed may leave one.
#[must_use]
pub fn is_unfinished(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.starts_with(UNFINISHED.0.as_bytes()) && name.ends_with(UNFINISHED.1.as_bytes())
}

/// Replaces a file, or makes it. Where it is a link, the link is replaced.
///
/// # Errors
/// Where it cannot be written; what was there before is still there then.
pub fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let file = written(path, write)?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// Makes a file that is not there yet.
///
/// # Errors
/// Where it cannot be written, or is there.
pub fn create(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let file = written(path, write)?;
    file.persist_noclobber(path).map(drop).map_err(|error| error.error)
}

/// Sees that a file can be written there. A process that is killed leaves nothing behind.
///
/// # Errors
/// Where it cannot.
pub fn is_possible(path: &Path) -> io::Result<()> {
    temporary_beside(path).map(drop)
}

fn written(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<NamedTempFile> {
    let mut out = BufWriter::new(temporary_beside(path)?);
    write(&mut out)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    readable_by_others(file, path)
}

fn temporary_beside(path: &Path) -> io::Result<NamedTempFile> {
    if path.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (beginning, end) = UNFINISHED;
    let mut name = tempfile::Builder::new();
    name.prefix(beginning).suffix(end).tempfile_in(folder).map_err(|error| nameless(&error, folder))
}

/// Why a folder takes no file, without the name of the temporary one: nobody has asked for it.
fn nameless(error: &io::Error, folder: &Path) -> io::Error {
    // What is wrong with the folder itself is said in the words of the system.
    fs::read_dir(folder).err().unwrap_or_else(|| io::Error::from(error.kind()))
}

/// A temporary file is its owner's alone; what is written has the rights of the file that it replaces, or of
/// any new file.
#[cfg(unix)]
fn readable_by_others(file: NamedTempFile, path: &Path) -> io::Result<NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).map_or(0o644, |old| old.permissions().mode() & 0o777);
    file.as_file().set_permissions(fs::Permissions::from_mode(mode))?;
    Ok(file)
}

#[cfg(not(unix))]
fn readable_by_others(file: NamedTempFile, _path: &Path) -> io::Result<NamedTempFile> {
    Ok(file)
}

//! What LEFT and RIGHT are: a target, a folder of documents or a document.

use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::baseline::{Folder, file_of};
use crate::command::CommandError;
use crate::config::TargetGlob;
use crate::location::Repository;
use crate::target::TargetId;
use crate::untrusted::printable;

/// One of the two arguments.
pub(super) struct Side {
    /// As written.
    pub(super) given: String,
    pub(super) kind: Kind,
}

/// What it is.
pub(super) enum Kind {
    Target(TargetGlob),
    Folder(Folder),
    File {
        path: PathBuf,
        /// As messages name it.
        name: Arc<str>,
    },
}

impl Side {
    /// What an argument means to someone in the folder `here`.
    pub(super) fn of(given: &OsStr, here: &Path, repository: &Repository) -> Result<Self, CommandError> {
        let path = here.join(given);
        let given_path = Path::new(given);
        let given = given.to_string_lossy().into_owned();
        let kind = match fs::metadata(&path) {
            Ok(there) if there.is_dir() => Kind::Folder(Folder::new(path, repository)),
            Ok(_) => Kind::File { path, name: given.as_str().into() },
            Err(error)
                if is_only_a_path(given_path)
                    || path.is_symlink()
                    || error.kind() == ErrorKind::PermissionDenied =>
            {
                return Err(CommandError::Usage {
                    message: format!("cannot read {}: {error}", printable(&given)),
                    help: None,
                });
            }
            Err(_) => match TargetGlob::parse(&given) {
                Ok(glob) => Kind::Target(glob),
                Err(what) => {
                    return Err(CommandError::Usage {
                        message: format!(
                            "there is no file or folder `{}`, and it is no target",
                            printable(&given)
                        ),
                        help: Some(printable(&what).into_owned()),
                    });
                }
            },
        };
        Ok(Self { given, kind })
    }
}

/// Whether an argument is written as no target is.
fn is_only_a_path(given: &Path) -> bool {
    !matches!(given.components().next(), Some(Component::Normal(_)) | None)
}

/// Whether two sides say what is to be compared with what. One that is compared with itself never differs.
pub(super) fn are_comparable(left: &Side, right: &Side) -> Result<(), CommandError> {
    let real = |side: &Side| match &side.kind {
        Kind::Target(_) => None,
        Kind::Folder(folder) => fs::canonicalize(folder.path()).ok(),
        Kind::File { path, .. } => fs::canonicalize(path).ok(),
    };
    if let (Some(is_left), Some(is_right)) = (real(left), real(right))
        && is_left == is_right
    {
        return Err(CommandError::Usage {
            message: format!("LEFT and RIGHT are the same: {}", printable(&is_left.to_string_lossy())),
            help: None,
        });
    }
    match (&left.kind, &right.kind) {
        (Kind::Folder(_), Kind::File { .. }) | (Kind::File { .. }, Kind::Folder(_)) => {
            Err(CommandError::Usage {
                message: "a folder of documents and one document cannot be compared".to_owned(),
                help: Some(
                    "name the file in the folder, APPID/ENVIRONMENT/RESOURCE.json, or two folders".to_owned(),
                ),
            })
        }
        _ => Ok(()),
    }
}

/// That a folder does not have the document of a target.
pub(super) fn has_no_document(side: &Side, id: &TargetId) -> CommandError {
    CommandError::Usage {
        message: format!(
            "{} has no document of {}: there is no {}",
            printable(&side.given),
            printable(id.as_str()),
            printable(&file_of(id).to_string_lossy())
        ),
        help: Some(
            "`audit snapshot` writes the documents of all targets to the baseline; two environments are compared as `audit diff d1/prod d1/staging`"
                .to_owned(),
        ),
    }
}

//! Where the streams of the process lead.

use std::path::Path;

/// Which stream is written to a file already, if one is: `audit > report.json`.
#[cfg(unix)]
pub(in crate::command) fn written_to(path: &Path) -> Option<&'static str> {
    use std::fs::{self, File, Metadata};
    use std::io;
    use std::os::fd::{AsFd, BorrowedFd};
    use std::os::unix::fs::MetadataExt;

    let file = fs::metadata(path).ok().filter(Metadata::is_file)?;
    let is_it = |stream: BorrowedFd<'_>| {
        let stream = stream.try_clone_to_owned().and_then(|stream| File::from(stream).metadata());
        stream.is_ok_and(|stream| (stream.dev(), stream.ino()) == (file.dev(), file.ino()))
    };
    if is_it(io::stdout().as_fd()) {
        Some("standard output")
    } else if is_it(io::stderr().as_fd()) {
        Some("standard error")
    } else {
        None
    }
}

/// Nobody tells here which file a stream leads to.
#[cfg(not(unix))]
pub(in crate::command) fn written_to(_: &Path) -> Option<&'static str> {
    None
}

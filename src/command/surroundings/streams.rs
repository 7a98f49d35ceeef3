//! Where the streams of the process lead.

use std::path::Path;

/// Which stream is written to a file already, if one is: `audit > report.json`. Standard error may be a pipe, because
/// messages and a report can be read one behind the other.
#[cfg(unix)]
pub(in crate::command) fn written_to(path: &Path) -> Option<&'static str> {
    use std::fs::{self, File, Metadata};
    use std::io;
    use std::os::fd::{AsFd, BorrowedFd};
    use std::os::unix::fs::{FileTypeExt, MetadataExt};

    let is_pipe = |file: &Metadata| file.file_type().is_fifo();
    let file = fs::metadata(path).ok().filter(|file| file.is_file() || is_pipe(file))?;
    let is_it = |stream: BorrowedFd<'_>| {
        let stream = stream.try_clone_to_owned().and_then(|stream| File::from(stream).metadata());
        stream.is_ok_and(|stream| (stream.dev(), stream.ino()) == (file.dev(), file.ino()))
    };
    if is_it(io::stdout().as_fd()) {
        Some("standard output")
    } else if !is_pipe(&file) && is_it(io::stderr().as_fd()) {
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

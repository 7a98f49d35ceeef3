//! Recorded answers: files, one target each.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::mpsc::Sender;
use walkdir::WalkDir;

use super::{AnswerBytes, Answered, Arrival, Origin, RecordedFile, Request};
use crate::config::{Config, RecordingGlob, Source};
use crate::finding::{Notice, NoticeKind};
use crate::location::{Location, Region};
use crate::progress::Event;
use crate::target::{Cause, Unaudited};

/// The largest recording: answers are a few KB, so a larger file is something else.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Reads every file that a glob names, in the order of their names, and says which globs named none.
pub(super) async fn stream(
    index: usize,
    source: &Source,
    globs: &[RecordingGlob],
    request: &Request<'_>,
    arrivals: &Sender<Arrival>,
) -> Vec<Notice> {
    let mut notices = Vec::new();
    let mut paths: Vec<(Result<PathBuf, Unreadable>, &RecordingGlob)> = Vec::new();
    for glob in globs {
        let found = found(glob, request.config);
        if found.is_empty() {
            notices.push(matches_no_file(glob));
        }
        paths.extend(found.into_iter().map(|found| (found, glob)));
    }
    paths.sort_by(|(a, _), (b, _)| path_of(a).cmp(path_of(b)));
    // One file by two spellings is one file. Only the file system knows: `x/..` leads elsewhere where
    // `x` is a link.
    let mut seen = HashSet::new();
    paths.retain(|(found, _)| {
        let path = path_of(found);
        seen.insert(path.canonicalize().unwrap_or_else(|_| path.to_path_buf()))
    });
    for (item, (found, glob)) in paths.into_iter().enumerate() {
        let name = request.repository.name(path_of(&found));
        let answer = if request.stop.is_stopped() {
            let message = format!("{name} was not read: the run was stopped first");
            Err(Unaudited::new(Cause::Interrupted, message).with_gist("the run was stopped first"))
        } else {
            match found {
                Ok(path) => read(&path),
                Err(unreadable) => Err(unreadable.why),
            }
            .map(|bytes| Answered::Settings(AnswerBytes { bytes, attempts: 0 }))
            .map_err(|error| {
                Unaudited::new(Cause::Io, format!("cannot read {name}: {error}"))
                    .with_help("make the file readable, or take it out of `paths`")
            })
        };
        request.progress.event(&Event::Read { file: &name });
        let declared = if name.starts_with("..") {
            glob.location.clone()
        } else {
            Location { file: Arc::clone(&name), region: Region::START }
        };
        let file = RecordedFile { name, source: Arc::clone(&source.name), declared };
        let arrival = Arrival { order: (index, item), origin: Origin::Recording(file), answer };
        if arrivals.send(arrival).await.is_err() {
            break;
        }
    }
    notices
}

/// What is to be said of globs that name no file, before any is read.
pub(super) fn empty(globs: &[RecordingGlob], config: &Config) -> impl Iterator<Item = Notice> {
    globs.iter().filter(|glob| found(glob, config).is_empty()).map(matches_no_file)
}

fn matches_no_file(glob: &RecordingGlob) -> Notice {
    let message = format!("`{}` matches no file: nothing was read from it", glob.pattern);
    Notice::new(NoticeKind::EmptySource, message).at(glob.location.clone())
}

/// The recordings that a glob names.
fn found(glob: &RecordingGlob, config: &Config) -> Vec<Result<PathBuf, Unreadable>> {
    let mut found = walk(glob);
    // A broad pattern means recordings, and not what `audit snapshot` wrote.
    if let Some(baseline) = &config.baseline {
        found.retain(|found| {
            let path = path_of(found);
            !(path.starts_with(&baseline.path) && is_document(path))
        });
    }
    found
}

/// A path that could not even be listed.
struct Unreadable {
    path: PathBuf,
    why: io::Error,
}

fn path_of(found: &Result<PathBuf, Unreadable>) -> &Path {
    match found {
        Ok(path) => path,
        Err(unreadable) => &unreadable.path,
    }
}

fn walk(glob: &RecordingGlob) -> Vec<Result<PathBuf, Unreadable>> {
    let mut found = Vec::new();
    // `*.json` means files, and a folder of that name is a mistake; `*` and `**` mean whatever is there.
    let names_files = !glob.pattern.ends_with('*');
    for entry in WalkDir::new(&glob.root).follow_links(true) {
        match entry {
            // Symbolic links are followed; one that leads in a circle is an error of the walk.
            Ok(entry) if glob.matcher.is_match(entry.path()) && !entry.path().is_dir() => {
                found.push(Ok(entry.into_path()));
            }
            Ok(entry) if names_files && glob.matcher.is_match(entry.path()) => {
                let why = io::Error::other("it is a folder");
                found.push(Err(Unreadable { path: entry.into_path(), why }));
            }
            Ok(_) => {}
            Err(error) => {
                let path = error.path().unwrap_or(&glob.root).to_path_buf();
                let why = error.into_io_error().unwrap_or_else(|| io::Error::other("it cannot be walked"));
                // A pattern whose folder is not there matches nothing, and that is said by the caller.
                if !(why.kind() == io::ErrorKind::NotFound && path == glob.root) {
                    found.push(Err(Unreadable { path, why }));
                }
            }
        }
    }
    found
}

/// Whether it begins as the documents of `audit snapshot` do, and no answer of AWS does.
fn is_document(path: &Path) -> bool {
    let mut beginning = Vec::new();
    let is_read =
        path.is_file() && File::open(path).and_then(|file| file.take(64).read_to_end(&mut beginning)).is_ok();
    is_read && beginning.starts_with(b"{\n  \"SchemaVersion\": ")
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    // Before opening: opening a pipe waits for a writer.
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::other("it is larger than 16 MiB, so it is no recorded answer"));
    }
    Ok(bytes)
}

//! What is written: files, whole or not there, and what commands print.

mod inferred;
pub(super) mod notices;
mod problems;

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use problems::Problems;

use super::CommandError;
use super::surroundings::{self, DEFAULT_WIDTH};
use crate::atomic;
use crate::cli::{ReportArgs, ReportFile};
use crate::progress::Progress;
use crate::report::{Format, Report, Style};
use crate::untrusted::printable;

/// Everywhere that a report goes: standard output and the files.
pub(super) struct Outputs<'a> {
    args: &'a ReportArgs,
    files: Vec<Output>,
}

impl<'a> Outputs<'a> {
    /// Sees that every file can be written, and that none takes the place of what is read, or is written already:
    /// `input` says what the place of a report is, if it must not be one.
    pub(super) fn open(
        args: &'a ReportArgs,
        input: impl Fn(&Path, Format) -> Option<String>,
    ) -> Result<Self, CommandError> {
        // First: where its folder is there, a path has one spelling.
        let files = args.output.iter().map(|file| Output::open(file.format, &file.path));
        let files: Vec<Output> = files.collect::<Result<_, _>>()?;
        if let Some(path) = twice(&args.output) {
            let message = format!("two reports would be written to {}", path.display());
            let help = Some("give each --output a file of its own".to_owned());
            return Err(CommandError::Usage { message, help });
        }
        let stream =
            |path: &Path| surroundings::written_to(path).map(|stream| format!("{stream} goes there"));
        let taken = args.output.iter().zip(&files).find_map(|(given, Output { format, path })| {
            let what = stream(path).or_else(|| input(&place(path), *format))?;
            Some((&given.path, what))
        });
        if let Some((path, what)) = taken {
            let message = format!("a report would be written to {}: {what}", path.display());
            let help = Some("give the report a place of its own".to_owned());
            return Err(CommandError::Usage { message: printable(&message).into_owned(), help });
        }
        if let Some(refusal) = args.output.iter().find_map(inferred::not_ours) {
            return Err(refusal);
        }
        Ok(Self { args, files })
    }

    /// Writes all of them, and says what there was no room for.
    pub(super) fn write(&self, report: &Report, progress: &Progress) -> Result<(), CommandError> {
        // Each that can be written is: the report of a whole run must not be lost for a full pipe.
        let files = self.files.iter().map(|file| file.write(report, self.args.include_waived));
        let written: Vec<Result<usize, _>> = files.chain([self.print(report)]).collect();
        let names = self.files.iter().map(|file| file.path.display().to_string());
        for (name, written) in names.chain(["standard output".to_owned()]).zip(&written) {
            if let Ok(results @ 1..) = written {
                progress.say(&format!(
                    "warning: {results} results are left out of {name}: whoever reads that format \
                     takes no more; `--output json=PATH` keeps all of them"
                ));
            }
        }
        written.into_iter().try_for_each(|written| written.map(drop))
    }

    /// Says how many results there is no room for.
    fn print(&self, report: &Report) -> Result<usize, CommandError> {
        let args = self.args;
        let mut left_out = 0;
        let written = to_stdout(|style, out| {
            let style = Style { include_waived: args.include_waived, ..*style };
            left_out = args.format.write(report, &style, out)?;
            Ok(())
        });
        written.map_err(|source| CommandError::Output { name: "standard output".into(), source })?;
        Ok(left_out)
    }
}

/// Writes to standard output, as whoever reads there can see it.
pub(super) fn to_stdout(write: impl FnOnce(&Style, &mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let stdout = io::stdout();
    let style = surroundings::style(surroundings::colors(&stdout));
    let mut out = BufWriter::new(stdout.lock());
    match write(&style, &mut out).and_then(|()| out.flush()) {
        // Whoever reads has seen enough (`audit | head`); the exit code still tells the truth.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// A file that two reports would be written to, by whatever spelling.
fn twice(outputs: &[ReportFile]) -> Option<&Path> {
    outputs
        .iter()
        .enumerate()
        .find(|(index, file)| outputs[..*index].iter().any(|other| place(&other.path) == place(&file.path)))
        .map(|(_, file)| file.path.as_path())
}

/// An absolute path, of a link as of what it leads to; what is not there yet stands behind what is.
pub(super) fn place(path: &Path) -> PathBuf {
    let there = path.ancestors().find_map(|above| {
        let folder = if above.as_os_str().is_empty() { Path::new(".") } else { above };
        Some((fs::canonicalize(folder).ok()?, path.strip_prefix(above).ok()?))
    });
    match there {
        // Joined with nothing, it would end in a slash.
        Some((there, rest)) if rest.as_os_str().is_empty() => there,
        Some((there, rest)) => there.join(rest),
        None => path.to_path_buf(),
    }
}

/// A report file, whole or not there: it is written beside its place and then moved onto it.
struct Output {
    format: Format,
    path: PathBuf,
}

impl Output {
    /// Sees that a file can be written there.
    fn open(format: Format, path: &Path) -> Result<Self, CommandError> {
        let path = &linked(path).map_err(|source| Self::lost(path, source))?;
        if is_device(path) {
            return Ok(Self { format, path: path.clone() });
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        folder
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| atomic::is_possible(path))
            .map_err(|source| Self::lost(path, source))?;
        Ok(Self { format, path: path.clone() })
    }

    /// Says how many results there is no room for.
    fn write(&self, report: &Report, include_waived: bool) -> Result<usize, CommandError> {
        let style = plain(include_waived);
        if is_device(&self.path) {
            return fs::OpenOptions::new()
                .write(true)
                .open(&self.path)
                .and_then(|mut device| self.format.write(report, &style, &mut device))
                .map_err(|source| Self::lost(&self.path, source));
        }
        let mut left_out = 0;
        let written = atomic::replace(&self.path, |mut out| {
            left_out = self.format.write(report, &style, &mut out)?;
            Ok(())
        });
        written.map_err(|source| Self::lost(&self.path, source))?;
        Ok(left_out)
    }

    fn lost(path: &Path, source: io::Error) -> CommandError {
        CommandError::Output { name: Arc::from(path.to_string_lossy()), source }
    }
}

/// As a file is written.
fn plain(include_waived: bool) -> Style {
    Style { color: false, links: false, width: DEFAULT_WIDTH, include_waived }
}

/// Writes a file of text; one that is there already only by `replace`.
pub(super) fn save(path: &Path, text: &[u8], replace: bool) -> io::Result<()> {
    if replace {
        atomic::replace(&linked(path)?, |out| out.write_all(text))
    } else {
        atomic::create(path, |out| out.write_all(text))
    }
}

/// Prints what a command has to say.
pub(super) fn print(text: &str) -> Result<(), CommandError> {
    let written = to_stdout(|_, out| out.write_all(text.as_bytes()));
    written.map_err(|source| CommandError::Unwritable { name: "standard output".into(), source })
}

/// A link stays a link: what it leads to is replaced, or made. What a link to a pipe says is no path (`/dev/stderr`).
fn linked(path: &Path) -> io::Result<PathBuf> {
    if !path.is_symlink() || is_device(path) {
        return Ok(path.to_path_buf());
    }
    match fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let folder = path.parent().unwrap_or(Path::new(""));
            linked(&folder.join(fs::read_link(path)?))
        }
        known => known,
    }
}

/// Whether it is there and neither file nor folder: `/dev/null` and pipes are written to, never replaced.
fn is_device(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir())
}

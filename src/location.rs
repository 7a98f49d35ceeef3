//! Places in files: what a finding points at and what an editor or code scanning can open.
//!
//! Lines and columns count from 1; a column counts Unicode code points, as SARIF's
//! `columnKind: unicodeCodePoints` does. The end column is exclusive.

use std::fmt;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// A stretch of text in some file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Region {
    /// First line, from 1.
    pub line: u32,
    /// Column of the first character, from 1, in code points.
    pub column: u32,
    /// Last line, from 1.
    pub end_line: u32,
    /// Column after the last character, from 1, in code points.
    pub end_column: u32,
}

impl Region {
    /// The first character of a file: where a finding about a whole file points.
    pub const START: Self = Self { line: 1, column: 1, end_line: 1, end_column: 1 };
}

/// A region of a named file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The file, as [`Repository::name`] names it.
    pub file: Arc<str>,
    /// The place in it.
    pub region: Region,
}

impl Location {
    /// Whether it lies in the repository that names are relative to.
    #[must_use]
    pub fn is_in_repository(&self) -> bool {
        !self.file.is_empty() && &*self.file != ".." && !self.file.starts_with("../")
    }
}

/// `FILE:LINE:COLUMN`, which editors open.
impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}", self.file, self.region.line, self.region.column)
    }
}

/// Turns byte offsets of one text into lines and columns.
pub struct LineIndex<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> LineIndex<'a> {
    /// Indexes the line starts of `text`.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let starts = std::iter::once(0)
            .chain(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1))
            .collect();
        Self { text, starts }
    }

    /// The region of a byte range; a range past the end ends at the end.
    #[must_use]
    pub fn region(&self, range: Range<usize>) -> Region {
        let (line, column) = self.position(range.start);
        let (end_line, end_column) = self.position(range.end.max(range.start));
        Region { line, column, end_line, end_column }
    }

    fn position(&self, offset: usize) -> (u32, u32) {
        let offset = self.text.floor_char_boundary(offset.min(self.text.len()));
        let line = self.starts.partition_point(|start| *start <= offset) - 1;
        let column = self.text[self.starts[line]..offset].chars().count();
        (to_u32(line + 1), to_u32(column + 1))
    }
}

fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The folder that file names in reports are relative to: the root of the repository that holds
/// the configuration, because code scanning resolves names from there, whatever the current folder.
#[derive(Debug, Clone)]
pub struct Repository {
    root: PathBuf,
}

impl Repository {
    /// The nearest folder at or above `folder` that holds `.git`, else `folder` itself.
    /// `folder` must be absolute.
    #[must_use]
    pub fn containing(folder: &Path) -> Self {
        let root = folder.ancestors().find(|above| above.join(".git").exists()).unwrap_or(folder);
        Self { root: root.to_path_buf() }
    }

    /// `folder` itself, whatever repository it belongs to: for names that someone reads who is in it. It must be absolute.
    #[must_use]
    pub fn at(folder: &Path) -> Self {
        Self { root: folder.to_path_buf() }
    }

    /// The name of `path` in reports: relative to the root, with `/` between the parts. A file
    /// outside the root keeps as many `..` as it takes, so the name still opens from the root.
    #[must_use]
    pub fn name(&self, path: &Path) -> Arc<str> {
        let path = lexically_clean(path);
        let shared = self.root.components().zip(path.components()).take_while(|(a, b)| a == b).count();
        let up = self.root.components().skip(shared).map(|_| "..".to_owned());
        let down = path.components().skip(shared).map(|part| part.as_os_str().to_string_lossy().into_owned());
        up.chain(down).collect::<Vec<_>>().join("/").into()
    }
}

/// Resolves `.` and `..` by their spelling alone, without asking the file system.
fn lexically_clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => clean.push(part),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_code_points() {
        let index = LineIndex::new("{\n  \"ä😀\": 1\n}");
        assert_eq!(index.region(4..12), Region { line: 2, column: 3, end_line: 2, end_column: 7 });
        assert_eq!(index.region(999..1000).line, 3);
    }

    #[test]
    fn names_are_relative_to_the_root_and_never_absolute() {
        let repository = Repository::at(Path::new("/repo"));
        assert_eq!(&*repository.name(Path::new("/repo/a/./b/../c.json")), "a/c.json");
        assert_eq!(&*repository.name(Path::new("/elsewhere/c.json")), "../elsewhere/c.json");
    }
}

//! Two folders of documents, file by file.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Ignore, Settings, compared, unusable};
use crate::baseline::{BaselineError, Contents, Folder, file_of};
use crate::report::{Comparison, Diff, Obstacle, Uncompared};

/// Compares what two folders hold.
pub(super) fn compare(left: &Folder, right: &Folder, ignore: &Ignore, diff: &mut Diff) {
    let contents = [left.contents(), right.contents()];
    for (folder, Contents { strays, .. }) in [left, right].into_iter().zip(&contents) {
        diff.uncompared.extend(strays.iter().map(|(file, what)| Uncompared {
            obstacle: Obstacle::Unusable,
            message: format!("{} is no document: {what}", folder.name(file)),
            help: None,
            location: None,
        }));
    }
    let files: BTreeSet<_> = contents.iter().flat_map(|contents| &contents.documents).collect();
    for file in &files {
        match (settings(left, file), settings(right, file)) {
            (Ok(Some(left)), Ok(Some(right))) => {
                let comparison = compared(left, right, ignore, &mut diff.ignored);
                diff.comparisons.push(comparison);
            }
            (Ok(Some(left)), Ok(None)) => diff.comparisons.push(Comparison::OnlyLeft(left.side())),
            (Ok(None), Ok(Some(right))) => diff.comparisons.push(Comparison::OnlyRight(right.side())),
            (left, right) => {
                let failed = [left.err(), right.err()].into_iter().flatten();
                diff.uncompared.extend(failed.map(|error| unusable(*error)));
            }
        }
    }
    if files.is_empty() {
        diff.uncompared.push(Uncompared {
            obstacle: Obstacle::Unusable,
            message: "neither folder holds a document".to_owned(),
            help: Some(
                "a document is APPID/ENVIRONMENT/RESOURCE.json, as `audit snapshot` writes it".to_owned(),
            ),
            location: None,
        });
    }
}

/// The document in a file, whose place must be its own; `None` where there is no file.
fn settings(folder: &Folder, file: &Path) -> Result<Option<Settings>, Box<BaselineError>> {
    let Some(stored) = folder.read_file(file)? else { return Ok(None) };
    if file_of(&stored.id) != file {
        return Err(Box::new(BaselineError::Misplaced {
            place: stored.location("/Target/Id"),
            found: stored.id,
        }));
    }
    Ok(Some(Settings::stored(&stored, folder.name(file).to_string())))
}

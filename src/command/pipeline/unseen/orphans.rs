//! Files of the baseline that are no target's: an environment that is gone, or one that is not seen any more.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::{hidden_by, is_any_target_unseen};
use crate::baseline::{Folder, file_of};
use crate::command::pipeline::Audited;
use crate::document::Stored;
use crate::finding::{Notice, NoticeKind};
use crate::location::{Location, Region};
use crate::source::Selection;
use crate::target::{Stage, Target};

/// Files without a target, relative to the folder.
#[derive(Debug, Default)]
pub(in crate::command) struct Orphans {
    /// Documents whose target is gone.
    pub(in crate::command) gone: Vec<PathBuf>,
    /// Documents whose target did not come and may still be there, because something could not be read.
    pub(in crate::command) hidden: Vec<PathBuf>,
    /// What is there and no document of any target: what it is, with its name, and where that is seen.
    pub(in crate::command) strays: Vec<(String, Location)>,
}

impl Orphans {
    /// Those among what was asked for.
    pub(in crate::command) fn of(folder: &Folder, audited: &Audited, selection: &Selection) -> Self {
        let known: BTreeSet<PathBuf> = audited
            .targets
            .iter()
            .map(|outcome| &outcome.target.id)
            .chain(&audited.elsewhere)
            .map(file_of)
            .collect();
        let may_be_anywhere = is_any_target_unseen(audited);
        // What names no target belongs to no part of them.
        let is_whole = selection.globs.is_empty() && selection.shard.is_none_or(|shard| shard.index == 1);
        let contents = folder.contents();
        let mut orphans = Self::default();
        for file in contents.documents.into_iter().filter(|file| !known.contains(file)) {
            match folder.read_file(&file) {
                Ok(Some(stored)) if file_of(&stored.id) == file => {
                    if !selection.wants(&stored.id) || !selection.is_in_shard(&stored.id) {
                        continue;
                    }
                    if may_be_anywhere || hidden_by(&target_of(&stored), audited).is_some() {
                        orphans.hidden.push(file);
                    } else {
                        orphans.gone.push(file);
                    }
                }
                Ok(Some(stored)) if is_whole => {
                    let message =
                        format!("{} is the document of {}, at a place of no target", stored.name, stored.id);
                    orphans.strays.push((message, stored.location("/Target/Id")));
                }
                Err(error) if is_whole => {
                    orphans.strays.push((format!("a file of no target: {error}"), error.location()));
                }
                Ok(_) | Err(_) => {}
            }
        }
        if is_whole {
            // What is in the way of a target is said of the target.
            let strays = contents.strays.into_iter();
            let strays = strays.filter(|(file, _)| !known.iter().any(|known| known.starts_with(file)));
            orphans.strays.extend(strays.map(|(file, what)| {
                let place = Location { file: folder.name(&file), region: Region::START };
                (format!("{} is no target's document: {what}", place.file), place)
            }));
        }
        orphans
    }

    /// What a run says of them.
    pub(in crate::command) fn notices(&self, folder: &Folder) -> Vec<Notice> {
        let gone = self.gone.iter().map(|file| {
            let place = Location { file: folder.name(file), region: Region::START };
            (format!("{} has no target any more; `audit snapshot --prune` removes it", place.file), place)
        });
        let orphan = |(message, place)| Notice::new(NoticeKind::BaselineOrphan, message).at(place);
        gone.chain(self.strays.iter().cloned()).map(orphan).collect()
    }
}

/// Whose document it is, as far as it says.
fn target_of(stored: &Stored) -> Target {
    let text = |name: &str| {
        stored.value().pointer(&format!("/Target/{name}")).and_then(|value| value.as_str().map(str::to_owned))
    };
    Target {
        id: stored.id.clone(),
        account: text("Account"),
        region: text("Region"),
        app_id: text("AppId").unwrap_or_default(),
        app_name: text("AppName"),
        environment: text("Environment").unwrap_or_default(),
        resource: text("Resource").unwrap_or_default(),
        stage: Stage::Unknown,
        labels: BTreeMap::new(),
        source: "baseline".into(),
        declared: Location { file: stored.name.clone(), region: Region::START },
    }
}

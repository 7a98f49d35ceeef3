//! Every target once, whatever came twice.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use super::settings::unnamed;
use super::{Audited, Came, Read};
use crate::finding::{Notice, NoticeKind};
use crate::report::Outcome;
use crate::source::RecordedFile;
use crate::target::{Cause, TargetId, Unaudited};

/// Every target once: of two that came for one, the first in the order of the configuration.
pub(super) fn without_duplicates<M>(came: Vec<Came<M>>) -> (Audited, Vec<M>) {
    let mut audited = Audited::default();
    let mut made = Vec::new();
    let mut here = Vec::new();
    for one in came {
        match one {
            Came::Here(read) => here.push(read),
            Came::Elsewhere(id, outcome) => {
                audited.elsewhere.push(id);
                audited.unnamed_elsewhere.extend(outcome);
            }
            Came::Unasked(id) => audited.unasked.push(id),
        }
    }
    // Whatever the network and the threads did first.
    here.sort_by(|a, b| a.place().cmp(&b.place()));
    let mut first: BTreeMap<TargetId, Box<Read<M>>> = BTreeMap::new();
    for second in here {
        match first.entry(second.outcome.target.id.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(second);
            }
            Entry::Occupied(entry) => {
                let first = entry.get();
                audited.notices.push(duplicate(first, &second));
                // Within one source of recordings nothing says which of two files is right.
                if first.order.0 == second.order.0
                    && let Some(file) = &second.file
                {
                    audited.targets.push(ambiguous(first, file));
                }
            }
        }
    }
    for read in first.into_values() {
        audited.targets.push(read.outcome);
        made.extend(read.made);
    }
    (audited, made)
}

fn duplicate<M>(first: &Read<M>, second: &Read<M>) -> Notice {
    let target = &first.outcome.target;
    let place = |read: &Read<M>| {
        read.file
            .as_ref()
            .map_or_else(|| format!("source `{}`", read.outcome.target.source), |file| file.name.to_string())
    };
    let message =
        format!("{} comes twice: {} counts, {} is left out", target.id, place(first), place(second));
    Notice::new(NoticeKind::DuplicateTarget, message).at(second.outcome.target.declared.clone())
}

fn ambiguous<M>(first: &Read<M>, file: &RecordedFile) -> Outcome {
    let other = first.file.as_ref().map_or("another source", |file| &file.name);
    let message = format!("cannot judge {}: it is for {}, as {other} is", file.name, first.outcome.target.id);
    let why = Unaudited::new(Cause::BadResponse, message).with_help("keep one recording of each target");
    Outcome { target: Arc::new(unnamed(file)), unaudited: Some(why) }
}

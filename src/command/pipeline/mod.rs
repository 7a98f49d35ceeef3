//! From sources to what is made of each document: answers come through a bounded channel, are read, judged and
//! dropped on all cores, so that memory grows with findings and not with targets.

mod apps;
mod baseline;
mod environments;
mod judging;
mod once;
mod selecting;
mod settings;
mod unseen;

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use rayon::iter::{ParallelBridge, ParallelIterator};
use tokio::sync::mpsc;

pub(super) use baseline::{empty_baseline, folder, not_a_folder};
pub(super) use environments::pairs;
pub(super) use judging::DriftRules;
pub use judging::Judging;
pub(super) use selecting::{no_rules, part_of_apps, selection, unmatched};
pub(super) use unseen::{Orphans, Wanted, carry};

use crate::config::Config;
use crate::document::Document;
use crate::finding::{Finding, Notice};
use crate::location::Repository;
use crate::progress::Progress;
use crate::report::Outcome;
use crate::source::{self, Arrival, Depth, Order, Origin, RecordedFile, Request, Selection};
use crate::stop::Stop;
use crate::target::{TargetId, Unaudited};

/// Answers that wait to be judged: enough to keep every core busy, few enough to forget.
const WAITING: usize = 64;

/// What became of all targets.
#[derive(Debug, Default)]
pub struct Audited {
    /// Every target once.
    pub targets: Vec<Outcome>,
    /// What the rules found.
    pub findings: Vec<Finding>,
    /// What is to be said beside them.
    pub notices: Vec<Notice>,
    /// Wanted targets of other shards.
    pub elsewhere: Vec<TargetId>,
    /// Those of them that did not say who they are, and may be any.
    pub unnamed_elsewhere: Vec<Outcome>,
    /// Targets that nobody asked for; where one was not looked up, its id ends early.
    pub unasked: Vec<TargetId>,
    /// Regions in which discovery saw apps.
    pub inhabited: BTreeSet<String>,
}

impl Audited {
    /// Whether something that was asked for was not seen.
    pub(super) fn is_incomplete(&self) -> bool {
        self.targets.iter().any(|outcome| outcome.unaudited.is_some())
            || self.notices.iter().any(|notice| notice.kind.makes_incomplete())
    }
}

/// What is made of each document.
pub(super) trait Work: Sync {
    /// What one thread needs for it.
    type Worker;
    /// What comes of it.
    type Made: Send;

    fn worker(&self) -> Self::Worker;

    /// What comes of a document, and why its target is unaudited all the same, if it is.
    fn make(&self, worker: &mut Self::Worker, document: Document) -> (Self::Made, Option<Unaudited>);
}

/// Nothing is made of them: which targets there are is all that is asked.
impl Work for () {
    type Worker = ();
    type Made = ();

    fn worker(&self) {}

    fn make(&self, (): &mut (), _: Document) -> ((), Option<Unaudited>) {
        ((), None)
    }
}

/// Gets and judges every target of the configuration.
///
/// # Errors
/// Where the asynchronous runtime cannot be started.
pub fn audit(request: &Request<'_>, judging: &Judging<'_>) -> io::Result<Audited> {
    let (mut audited, judged) = stream(request, judging)?;
    judging.finish(&mut audited, judged);
    Ok(audited)
}

/// Finds every target of the configuration, and judges none.
///
/// # Errors
/// Where the asynchronous runtime cannot be started.
pub fn list(request: &Request<'_>) -> io::Result<Audited> {
    stream(request, &()).map(|(audited, _)| audited)
}

/// Finds every target that the recordings of the configuration name: nothing is fetched.
pub(super) fn recorded(config: &Config, repository: &Repository) -> io::Result<Audited> {
    list(&Request {
        config,
        repository,
        selection: &Selection::default(),
        depth: Depth::Recorded,
        profile: None,
        stop: &Stop::default(),
        progress: &Progress::default(),
    })
}

/// Gets every target of the configuration, with what is made of each document, in the order of the targets.
pub(super) fn stream<W: Work>(request: &Request<'_>, work: &W) -> io::Result<(Audited, Vec<W::Made>)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (sender, mut receiver) = mpsc::channel(WAITING);
    let (came, streamed) = std::thread::scope(|scope| {
        let fetching = scope.spawn(move || {
            let streamed = runtime.block_on(source::stream(request, sender));
            // A name that is still being looked up must not hold the report back.
            runtime.shutdown_background();
            streamed
        });
        let came: Vec<Came<W::Made>> = std::iter::from_fn(|| receiver.blocking_recv())
            .par_bridge()
            .map_init(|| work.worker(), |worker, arrival| read(arrival, request, work, worker))
            .collect();
        match fetching.join() {
            Ok(streamed) => (came, streamed),
            // A lost half of a run must not pass for a whole one.
            Err(panic) => std::panic::resume_unwind(panic),
        }
    });
    let (mut audited, made) = once::without_duplicates(came);
    audited.notices.extend(streamed.notices);
    audited.elsewhere.extend(streamed.elsewhere);
    audited.unasked.extend(streamed.unasked);
    audited.inhabited = streamed.inhabited;
    Ok((audited, made))
}

/// What became of one arrival.
enum Came<M> {
    /// A target of this run.
    Here(Box<Read<M>>),
    /// A wanted target of another shard; with the outcome where it did not say who it is.
    Elsewhere(TargetId, Option<Outcome>),
    /// A target that nobody asked for.
    Unasked(TargetId),
}

/// One target that was read, or could not be.
struct Read<M> {
    order: Order,
    outcome: Outcome,
    /// What was made of its document, where it has one.
    made: Option<M>,
    /// The file that it was read from.
    file: Option<RecordedFile>,
}

impl<M> Read<M> {
    /// Its place among all: by the configuration, then by account and region.
    fn place(&self) -> (Order, &Option<String>, &Option<String>) {
        (self.order, &self.outcome.target.account, &self.outcome.target.region)
    }
}

fn read<W: Work>(arrival: Arrival, request: &Request<'_>, work: &W, worker: &mut W::Worker) -> Came<W::Made> {
    let Request { config, selection, .. } = request;
    let Arrival { order, origin, answer } = arrival;
    let (file, settings) = match origin {
        Origin::Call(target) => (None, settings::called(target, answer)),
        Origin::Recording(file) => {
            let settings = settings::recorded(&file, answer, &config.stages);
            (Some(file), settings)
        }
    };
    let target = match &settings {
        Ok((target, _)) | Err((target, _)) => target,
    };
    if !selection.may_be_wanted(target) {
        return Came::Unasked(target.id.clone());
    }
    if !selection.is_in_shard(&target.id) {
        let id = target.id.clone();
        let unnamed = settings.err().filter(|(target, _)| target.app_id.is_empty());
        let outcome = unnamed.map(|(target, why)| Outcome { target, unaudited: Some(why) });
        return Came::Elsewhere(id, outcome);
    }
    let (target, unaudited, made) = match settings {
        Ok((target, Some(answer))) => {
            let name = file.as_ref().map(|file| file.name.clone());
            let (made, unaudited) = work.make(worker, Document::new(answer, target.clone(), name));
            (target, unaudited, Some(made))
        }
        Ok((target, None)) => (target, None, None),
        Err((target, why)) => (target, Some(why), None),
    };
    let outcome = Outcome { target, unaudited };
    Came::Here(Box::new(Read { order, outcome, made, file }))
}

/// Why a target is unaudited for one reason, for another, or for both.
fn both(first: Option<Unaudited>, second: Option<Unaudited>) -> Option<Unaudited> {
    match (first, second) {
        (Some(first), Some(second)) => Some(Unaudited {
            message: format!("{}; {}", first.message, second.message),
            location: first.location.or(second.location),
            help: first.help.or(second.help),
            // Where one reason is about every rule, so are both.
            rules: if first.rules.is_empty() || second.rules.is_empty() {
                Arc::default()
            } else {
                Arc::new(first.rules.iter().chain(second.rules.iter()).cloned().collect())
            },
            ..first
        }),
        (one, other) => one.or(other),
    }
}

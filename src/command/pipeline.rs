//! From sources to judged targets: answers come through a bounded channel, are read, judged and
//! dropped on all cores, so that memory grows with findings and not with targets.

mod apps;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use rayon::iter::{ParallelBridge, ParallelIterator};
use tokio::sync::mpsc;

use crate::config::Stages;
use crate::document::{self, Answer, Document, Folded, Identity};
use crate::finding::{Finding, Notice, NoticeKind};
use crate::location::Location;
use crate::policy::{Evaluator, Pack};
use crate::progress::Event;
use crate::report::Outcome;
use crate::source::{self, AnswerBytes, Answered, Arrival, Order, Origin, RecordedFile, Request};
use crate::target::{Cause, Stage, Target, TargetId, Unaudited};
use crate::untrusted::shortened;

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
    /// Regions in which discovery saw apps.
    pub inhabited: BTreeSet<String>,
}

/// Gets and judges every target of the configuration.
///
/// # Errors
/// Where the asynchronous runtime cannot be started.
pub fn audit(request: &Request<'_>, pack: &Pack) -> io::Result<Audited> {
    let (mut audited, documents) = stream(request, Some(pack))?;
    apps::judge(&mut audited, documents, pack, request.progress);
    Ok(audited)
}

/// Finds every target of the configuration, and judges none.
///
/// # Errors
/// Where the asynchronous runtime cannot be started.
pub fn list(request: &Request<'_>) -> io::Result<Audited> {
    stream(request, None).map(|(audited, _)| audited)
}

/// With the documents that rules of scope `app` are to see.
fn stream(request: &Request<'_>, pack: Option<&Pack>) -> io::Result<(Audited, Vec<Folded>)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (sender, mut receiver) = mpsc::channel(WAITING);
    let (judged, streamed) = std::thread::scope(|scope| {
        let fetching = scope.spawn(move || {
            let streamed = runtime.block_on(source::stream(request, sender));
            // A name that is still being looked up must not hold the report back.
            runtime.shutdown_background();
            streamed
        });
        let judged: Vec<Judged> = std::iter::from_fn(|| receiver.blocking_recv())
            .par_bridge()
            .map_init(
                || pack.map(|pack| (pack.evaluator(), pack.of_apps().next().is_some())),
                |judge_by, arrival| judge(arrival, request, judge_by.as_mut()),
            )
            .flatten()
            .collect();
        match fetching.join() {
            Ok(streamed) => (judged, streamed),
            // A lost half of a run must not pass for a whole one.
            Err(panic) => std::panic::resume_unwind(panic),
        }
    });
    let (mut audited, documents) = without_duplicates(judged);
    audited.notices.extend(streamed.notices);
    audited.elsewhere.extend(streamed.elsewhere);
    audited.inhabited = streamed.inhabited;
    Ok((audited, documents))
}

/// What became of one arrival.
enum Judged {
    /// A target of this run.
    Here(Box<Verdict>),
    /// A wanted target of another shard; with the outcome where it did not say who it is.
    Elsewhere(TargetId, Option<Outcome>),
}

/// One target, judged.
struct Verdict {
    order: Order,
    outcome: Outcome,
    findings: Vec<Finding>,
    /// What it was judged by, where it is to be judged again with the others of its app.
    document: Option<Folded>,
    /// The file that it was read from.
    file: Option<RecordedFile>,
}

impl Verdict {
    /// Its place among all: by the configuration, then by account and region.
    fn place(&self) -> (Order, &Option<String>, &Option<String>) {
        (self.order, &self.outcome.target.account, &self.outcome.target.region)
    }
}

/// `None` for a target that nobody wants. With an evaluator comes whether documents are to be kept.
fn judge(
    arrival: Arrival,
    request: &Request<'_>,
    judge_by: Option<&mut (Evaluator<'_>, bool)>,
) -> Option<Judged> {
    let Request { config, selection, progress, .. } = request;
    let Arrival { order, origin, answer } = arrival;
    let (file, settings) = match origin {
        Origin::Call(target) => (None, called(target, answer)),
        Origin::Recording(file) => {
            let settings = recorded(&file, answer, &config.stages);
            (Some(file), settings)
        }
    };
    let target = match &settings {
        Ok((target, _)) | Err((target, _)) => target,
    };
    if !selection.may_be_wanted(target) {
        return None;
    }
    if !selection.is_in_shard(&target.id) {
        let id = target.id.clone();
        let unnamed = settings.err().filter(|(target, _)| target.app_id.is_empty());
        let outcome = unnamed.map(|(target, why)| Outcome { target, unaudited: Some(why) });
        return Some(Judged::Elsewhere(id, outcome));
    }
    let mut kept = None;
    let (outcome, findings) = match (settings, judge_by) {
        (Ok((target, Some(answer))), Some((evaluator, keeps))) => {
            let name = file.as_ref().map(|file| Arc::clone(&file.name));
            let document = Document::new(answer, Arc::clone(&target), name);
            let evaluation = evaluator.evaluate(&document);
            for line in &evaluation.prints {
                progress.event(&Event::Printed { target: &target.id, line });
            }
            kept = keeps.then(|| document.fold());
            (Outcome { target, unaudited: evaluation.unaudited }, evaluation.findings)
        }
        (Ok((target, _)), _) => (Outcome { target, unaudited: None }, Vec::new()),
        (Err((target, why)), _) => (Outcome { target, unaudited: Some(why) }, Vec::new()),
    };
    Some(Judged::Here(Box::new(Verdict { order, outcome, findings, document: kept, file })))
}

/// The target and its answer, where one was asked for; or why there is none to judge.
type Settings = Result<(Arc<Target>, Option<Answer>), (Arc<Target>, Unaudited)>;

/// The settings in the answer to a call.
fn called(target: Arc<Target>, answer: Result<Answered, Unaudited>) -> Settings {
    let AnswerBytes { bytes, attempts } = match answer {
        Ok(Answered::Settings(answer)) => answer,
        Ok(Answered::Listed) => return Ok((target, None)),
        Err(why) => return Err((target, why)),
    };
    let unusable =
        |kind, message: String| Unaudited { attempts, ..Unaudited::new(kind, message) }.with_help(help(kind));
    match document::read(&bytes) {
        Ok(answer) => match contradiction(&target, &answer.identity) {
            None => Ok((target, Some(answer))),
            Some(what) => {
                let why = unusable(
                    Cause::BadResponse,
                    format!("cannot judge the answer for {}: {what}", target.id),
                );
                Err((target, why))
            }
        },
        Err(error) => {
            let why = unusable(error.kind, format!("cannot judge the answer for {}: {error}", target.id));
            Err((target, why))
        }
    }
}

/// What an answer names that was not asked for.
fn contradiction(target: &Target, identity: &Identity) -> Option<String> {
    [
        ("app", &identity.app_id, &target.app_id),
        ("environment", &identity.environment, &target.environment),
        ("resource", &identity.resource, &target.resource),
    ]
    .into_iter()
    .find(|(_, named, asked)| named.as_ref().is_some_and(|named| named != *asked))
    .map(|(what, named, _)| {
        format!("it is for the {what} `{}`", shortened(named.as_deref().unwrap_or_default(), 80))
    })
}

/// The settings in a file, which says itself whose they are.
fn recorded(file: &RecordedFile, answer: Result<Answered, Unaudited>, stages: &Stages) -> Settings {
    let bytes = match answer {
        Ok(Answered::Settings(answer)) => answer.bytes,
        Ok(Answered::Listed) => return Ok((Arc::new(unnamed(file)), None)),
        Err(why) => return Err((Arc::new(unnamed(file)), why)),
    };
    match document::read(&bytes) {
        Ok(answer) => match named(file, &answer.identity, stages) {
            Some(target) => Ok((Arc::new(target), Some(answer))),
            None => {
                let message =
                    format!("cannot judge {}: it does not name app, environment and resource", file.name);
                let why = Unaudited::new(Cause::BadResponse, message).with_help(help(Cause::BadResponse));
                Err((Arc::new(unnamed(file)), why))
            }
        },
        Err(error) => {
            let target = named(file, &error.identity, stages).unwrap_or_else(|| unnamed(file));
            let message = format!("cannot judge {}:{}: {error}", file.name, error.region.line);
            let location = Location { file: Arc::clone(&file.name), region: error.region };
            let why = Unaudited { location: Some(location), ..Unaudited::new(error.kind, message) };
            Err((Arc::new(target), why.with_help(help(error.kind))))
        }
    }
}

/// The target that a file names; `None` unless it names all of it.
fn named(file: &RecordedFile, identity: &Identity, stages: &Stages) -> Option<Target> {
    let part = |part: &Option<String>| part.clone().filter(|text| !text.trim().is_empty());
    let (app_id, environment, resource) =
        (part(&identity.app_id)?, part(&identity.environment)?, part(&identity.resource)?);
    Some(Target {
        id: TargetId::new(&app_id, &environment, &resource),
        stage: stages.of(&environment),
        app_id,
        environment,
        resource,
        ..unnamed(file)
    })
}

/// A file that does not say whose settings it holds.
fn unnamed(file: &RecordedFile) -> Target {
    Target {
        id: TargetId::of_file(&file.name),
        account: None,
        region: None,
        app_id: String::new(),
        app_name: None,
        environment: String::new(),
        resource: String::new(),
        stage: Stage::Unknown,
        labels: BTreeMap::new(),
        source: Arc::clone(&file.source),
        declared: file.declared.clone(),
    }
}

fn help(kind: Cause) -> &'static str {
    match kind {
        Cause::BackendError => "mend the backend, for example by a push, and fetch again",
        Cause::NoConfig => "check that the environment has an auth resource of this name",
        _ => "it must be what `aws amplifybackend get-backend-auth` prints, one answer a file",
    }
}

/// Every target once: of two that came for one, the first in the order of the configuration.
fn without_duplicates(judged: Vec<Judged>) -> (Audited, Vec<Folded>) {
    let mut audited = Audited::default();
    let mut documents = Vec::new();
    let mut here = Vec::new();
    for judged in judged {
        match judged {
            Judged::Here(verdict) => here.push(verdict),
            Judged::Elsewhere(id, outcome) => {
                audited.elsewhere.push(id);
                audited.unnamed_elsewhere.extend(outcome);
            }
        }
    }
    // Whatever the network and the threads did first.
    here.sort_by(|a, b| a.place().cmp(&b.place()));
    let mut first: BTreeMap<TargetId, Box<Verdict>> = BTreeMap::new();
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
    for judged in first.into_values() {
        audited.targets.push(judged.outcome);
        audited.findings.extend(judged.findings);
        documents.extend(judged.document);
    }
    (audited, documents)
}

fn duplicate(first: &Verdict, second: &Verdict) -> Notice {
    let target = &first.outcome.target;
    let place = |judged: &Verdict| {
        judged.file.as_ref().map_or_else(
            || format!("source `{}`", judged.outcome.target.source),
            |file| file.name.to_string(),
        )
    };
    let message =
        format!("{} comes twice: {} counts, {} is left out", target.id, place(first), place(second));
    Notice::new(NoticeKind::DuplicateTarget, message).at(second.outcome.target.declared.clone())
}

fn ambiguous(first: &Verdict, file: &RecordedFile) -> Outcome {
    let other = first.file.as_ref().map_or("another source", |file| &file.name);
    let message = format!("cannot judge {}: it is for {}, as {other} is", file.name, first.outcome.target.id);
    let why = Unaudited::new(Cause::BadResponse, message).with_help("keep one recording of each target");
    Outcome { target: Arc::new(unnamed(file)), unaudited: Some(why) }
}

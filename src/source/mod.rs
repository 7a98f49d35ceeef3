//! The only asynchronous room: where answers come from.
//!
//! Every source sends what it got, an answer or the reason why there is none, through one bounded
//! channel, so that memory does not grow with the number of targets. It reads no answer: that is
//! [`crate::document`]'s, on the other side of the channel.

mod amplify;
mod recording;

use std::fmt;
use std::sync::Arc;

use tokio::sync::mpsc::Sender;

use crate::config::{Config, Source, SourceKind, TargetGlob};
use crate::finding::Notice;
use crate::location::{Location, Repository};
use crate::progress::Progress;
use crate::target::{Target, TargetId, Unaudited};

/// Place of an arrival in the order of the configuration: source, then item. Of two arrivals for one
/// target, the smaller order wins, whatever the network did first.
pub type Order = (usize, usize);

/// One target's answer, or why there is none.
#[derive(Debug)]
pub struct Arrival {
    /// Its place in the configuration.
    pub order: Order,
    /// Whose answer it is, as far as the source knows.
    pub origin: Origin,
    /// What came.
    pub answer: Result<AnswerBytes, Unaudited>,
}

/// Whose answer it is, as far as a source knows before the answer is read.
#[derive(Debug)]
pub enum Origin {
    /// A file says itself whose settings it holds.
    Recording(RecordedFile),
    /// A call was made for this target.
    Call(Arc<Target>),
}

/// A recording.
#[derive(Debug, Clone)]
pub struct RecordedFile {
    /// As reports name it.
    pub name: Arc<str>,
    /// Name of the source.
    pub source: Arc<str>,
    /// The file, or the pattern that names it where the file is outside the repository.
    pub declared: Location,
}

/// The bytes of an answer, secrets included: nothing prints them.
pub struct AnswerBytes {
    /// The body, or the file.
    pub bytes: Vec<u8>,
    /// Calls made; 0 for a file.
    pub attempts: u32,
}

impl fmt::Debug for AnswerBytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "AnswerBytes({} bytes)", self.bytes.len())
    }
}

/// Which targets are wanted; all where no glob is given.
#[derive(Debug, Default, Clone)]
pub struct Selection(pub Vec<TargetGlob>);

impl Selection {
    /// Whether a target is wanted.
    #[must_use]
    pub fn includes(&self, id: &TargetId) -> bool {
        self.0.is_empty() || self.0.iter().any(|glob| glob.is_match(id))
    }
}

/// Sends the answers of all targets of the configuration into `arrivals`, and returns what is to be
/// said beside them. Returns early when the receiver is gone.
pub async fn stream(
    config: &Config,
    repository: &Repository,
    selection: &Selection,
    progress: &Progress,
    arrivals: Sender<Arrival>,
) -> Vec<Notice> {
    let mut notices = Vec::new();
    let mut calls = Vec::new();
    for (index, source) in config.sources.iter().enumerate() {
        match &source.kind {
            SourceKind::Recordings(globs) => {
                notices
                    .extend(recording::stream(index, source, globs, repository, progress, &arrivals).await);
            }
            SourceKind::Amplify(amplify) => {
                for (item, explicit) in amplify.targets.iter().enumerate() {
                    let target = explicit_target(source, &amplify.region, explicit);
                    if selection.includes(&target.id) {
                        calls.push(amplify::Call { order: (index, item), amplify, target: Arc::new(target) });
                    }
                }
            }
        }
    }
    amplify::stream(calls, &config.limits, progress, &arrivals).await;
    notices
}

fn explicit_target(source: &Source, region: &str, explicit: &crate::config::ExplicitTarget) -> Target {
    Target {
        id: TargetId::new(&explicit.app, &explicit.environment, &explicit.resource),
        account: None,
        region: Some(region.to_owned()),
        app_id: explicit.app.clone(),
        app_name: None,
        environment: explicit.environment.clone(),
        resource: explicit.resource.clone(),
        stage: explicit.stage,
        labels: explicit.labels.clone(),
        source: Arc::clone(&source.name),
        declared: explicit.location.clone(),
    }
}

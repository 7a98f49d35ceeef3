//! The only asynchronous room: where answers come from.
//!
//! Every source sends what it got, an answer or the reason why there is none, through one bounded
//! channel, so that memory does not grow with the number of targets. It reads no answer: that is
//! [`crate::document`]'s, on the other side of the channel.

mod amplify;
mod recording;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

pub use amplify::REGIONS;

use tokio::sync::mpsc::Sender;

use crate::config::{Config, SourceKind, TargetGlob};
use crate::finding::Notice;
use crate::location::{Location, Repository};
use crate::progress::Progress;
use crate::stop::Stop;
use crate::target::{Shard, Target, TargetId, Unaudited};

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
    pub answer: Result<Answered, Unaudited>,
}

/// What came for a target.
#[derive(Debug)]
pub enum Answered {
    /// Its settings.
    Settings(AnswerBytes),
    /// Nothing was asked: only which targets there are.
    Listed,
}

/// How far a source goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Which targets recordings hold: nothing is asked of the network.
    Recorded,
    /// Which targets there are.
    Targets,
    /// Their settings, too.
    Settings,
}

/// What sources are asked for.
#[derive(Debug)]
pub struct Request<'a> {
    /// Where documents come from, and the limits of fetching.
    pub config: &'a Config,
    /// What names of files are relative to.
    pub repository: &'a Repository,
    /// Which targets.
    pub selection: &'a Selection,
    /// How far.
    pub depth: Depth,
    /// What `AWS_PROFILE` names, where no keys of the environment come before it.
    pub profile: Option<&'a str>,
    /// Ends it early.
    pub stop: &'a Stop,
    /// Who is told of it.
    pub progress: &'a Progress,
}

impl Request<'_> {
    /// Waits for the wish to stop.
    async fn stopped(&self) {
        // The sender lives as long as the request.
        let _ = self.stop.subscribe().wait_for(|stopped| *stopped).await;
    }
}

/// What is to be said beside the answers.
#[derive(Debug, Default)]
pub struct Streamed {
    /// What happened.
    pub notices: Vec<Notice>,
    /// Wanted targets of other shards, as far as they were not asked for at all.
    pub elsewhere: Vec<TargetId>,
    /// Targets that nobody asked for; where one was not looked up, its id ends early.
    pub unasked: Vec<TargetId>,
    /// Regions in which discovery saw apps.
    pub inhabited: BTreeSet<String>,
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

/// Which targets are wanted.
#[derive(Debug, Default, Clone)]
pub struct Selection {
    /// Any of these; all where there is none.
    pub globs: Vec<TargetGlob>,
    /// And of this part of them.
    pub shard: Option<Shard>,
}

impl Selection {
    /// Whether a target is wanted, by this shard or another one.
    #[must_use]
    pub fn wants(&self, id: &TargetId) -> bool {
        self.globs.is_empty() || self.globs.iter().any(|glob| glob.is_match(id))
    }

    /// Whether a target is wanted, or may be: one whose resource could not be looked up may be any of its
    /// environment, and a file that does not say whose settings it holds may hold those of any target.
    #[must_use]
    pub fn may_be_wanted(&self, target: &Target) -> bool {
        self.globs.is_empty() || self.globs.iter().any(|glob| glob.may_be(target))
    }

    /// Whether a target whose id begins so may be wanted.
    #[must_use]
    pub fn may_want(&self, beginning: &str) -> bool {
        self.globs.is_empty() || self.globs.iter().any(|glob| glob.may_match(beginning))
    }

    /// Whether a target belongs to this shard.
    #[must_use]
    pub fn is_in_shard(&self, id: &TargetId) -> bool {
        self.shard.is_none_or(|shard| shard.includes(id))
    }
}

/// What is to be said of recordings that are not there, before anything is read.
#[must_use]
pub fn empty_recordings(config: &Config) -> Vec<Notice> {
    let globs = config.sources.iter().filter_map(|source| match &source.kind {
        SourceKind::Recordings(globs) => Some(globs),
        SourceKind::Amplify(_) => None,
    });
    globs.flat_map(|globs| recording::empty(globs, config)).collect()
}

/// Sends what came of all targets of the configuration into `arrivals`, and returns what is to be said
/// beside it.
pub async fn stream(request: &Request<'_>, arrivals: Sender<Arrival>) -> Streamed {
    let mut notices = Vec::new();
    for (index, source) in request.config.sources.iter().enumerate() {
        if let SourceKind::Recordings(globs) = &source.kind {
            notices.extend(recording::stream(index, source, globs, request, &arrivals).await);
        }
    }
    let mut streamed = match request.depth {
        Depth::Recorded => Streamed::default(),
        Depth::Targets | Depth::Settings => amplify::stream(request, &arrivals).await,
    };
    streamed.notices.extend(notices);
    streamed
}

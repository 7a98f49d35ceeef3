//! A call, and the record of all that were made.

use std::collections::BTreeMap;
use std::time::Instant;

use super::{State, locked};

/// Calls in the record: a client that never stops must not fill the memory.
pub(super) const MOST_CALLS: usize = 100_000;

/// What the server can be asked for.
pub(super) const OPERATIONS: [&str; 8] = [
    "ListApps",
    "ListBackendEnvironments",
    "ListBranches",
    "GetBackend",
    "GetBackendAuth",
    "AssumeRole",
    "AssumeRoleWithWebIdentity",
    "GetCallerIdentity",
];

/// One call that was understood. What an operation has not is empty.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) operation: &'static str,
    /// Of the access key; where a role is assumed, of the role.
    pub(crate) account: String,
    /// Of the signature.
    pub(crate) region: String,
    pub(crate) app: String,
    pub(crate) environment: String,
    /// The auth resource, or the ARN of the role.
    pub(crate) resource: String,
    pub(crate) access_key: String,
    pub(crate) at: Instant,
    /// What was answered. There is none as long as there is no head of a response.
    pub(crate) status: Option<u16>,
}

/// How a service speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// Amplify and AmplifyBackend: JSON.
    Json,
    /// STS: forms are asked, XML is answered.
    Query,
}

/// A call with what the record does not show.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) call: Call,
    pub(super) protocol: Protocol,
    /// What else it says, by name: of the query, or of the form.
    pub(super) input: BTreeMap<String, String>,
    /// Whether its session was over.
    pub(super) expired: bool,
}

impl Asked {
    /// What else it says by this name; nothing is the same as an empty text.
    pub(super) fn input(&self, name: &str) -> Option<&str> {
        self.input.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// What was asked.
#[derive(Default)]
pub(super) struct Record {
    pub(super) calls: Vec<Call>,
    pub(super) refused: Vec<String>,
    pub(super) everywhere: InFlight,
    pub(super) regions: BTreeMap<String, InFlight>,
    /// By account and region.
    pub(super) places: BTreeMap<(String, String), InFlight>,
}

#[derive(Default)]
pub(super) struct InFlight {
    pub(super) now: usize,
    pub(super) most: usize,
}

impl InFlight {
    fn begin(&mut self) {
        self.now += 1;
        self.most = self.most.max(self.now);
    }
}

/// A call in flight, until it is dropped: answered, or given up by the client.
pub(super) struct Counted<'s> {
    state: &'s State,
    /// Where it stands in the record.
    index: Option<usize>,
    place: (String, String),
}

impl<'s> Counted<'s> {
    pub(super) fn new(state: &'s State, call: &Call) -> Self {
        let place = (call.account.clone(), call.region.clone());
        let mut record = locked(&state.record);
        let index = (record.calls.len() < MOST_CALLS).then(|| {
            record.calls.push(call.clone());
            record.calls.len() - 1
        });
        record.everywhere.begin();
        record.regions.entry(call.region.clone()).or_default().begin();
        record.places.entry(place.clone()).or_default().begin();
        Self { state, index, place }
    }

    /// The head of the response goes out.
    pub(super) fn answered(&self, status: u16) {
        let mut record = locked(&self.state.record);
        if let Some(call) = self.index.and_then(|index| record.calls.get_mut(index)) {
            call.status = Some(status);
        }
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        let mut record = locked(&self.state.record);
        record.everywhere.now -= 1;
        if let Some(region) = record.regions.get_mut(&self.place.1) {
            region.now -= 1;
        }
        if let Some(place) = record.places.get_mut(&self.place) {
            place.now -= 1;
        }
    }
}

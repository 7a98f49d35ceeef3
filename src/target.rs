//! Who is audited: one auth resource of one environment of one app, and why one could not be.
//!
//! Names come from outside (AWS, files, configuration), so an id is encoded once, here, and nobody
//! re-checks: two different targets never share an id, and an id never holds a control character.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use percent_encoding::{AsciiSet, CONTROLS, PercentEncode, utf8_percent_encode};
use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::location::Location;

/// `APPID/ENVIRONMENT/RESOURCE`, or `file:PATH` for a file that did not say whose settings it holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct TargetId(Arc<str>);

impl TargetId {
    /// Joins the three names; `/`, `%`, `:`, control characters and what is not ASCII are
    /// percent-encoded, so that the id is unambiguous and steers nothing.
    #[must_use]
    pub fn new(app: &str, environment: &str, resource: &str) -> Self {
        Self(format!("{}/{}/{}", encode(app), encode(environment), encode(resource)).into())
    }

    /// The beginning of the ids of an app's targets, or of those of one of its environments.
    #[must_use]
    pub fn beginning(app: &str, environment: Option<&str>) -> String {
        match environment {
            Some(environment) => format!("{}/{}", encode(app), encode(environment)),
            None => encode(app).to_string(),
        }
    }

    /// The id of a file that names no target, because it could not be read or parsed. A colon never
    /// stands in an encoded name, so it meets no other id.
    #[must_use]
    pub fn of_file(name: &str) -> Self {
        Self(format!("file:{}", utf8_percent_encode(name, SPECIAL_IN_FILES)).into())
    }

    /// Its first part: the app, or what stands for the folder of a file that names none.
    #[must_use]
    pub fn app(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    /// An id that a report gives as text; `None` where it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let encoded = text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        let shaped = text.starts_with("file:") || (text.split('/').count() == 3 && !text.contains(':'));
        (encoded && shaped).then(|| Self(text.into()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TargetId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What a name may not hold in an id, beside everything that is not ASCII.
const SPECIAL: &AsciiSet = &CONTROLS.add(b'/').add(b'%').add(b':');

/// The same in the name of a file, whose folders stay apart.
const SPECIAL_IN_FILES: &AsciiSet = &CONTROLS.add(b'%');

fn encode(name: &str) -> PercentEncode<'_> {
    utf8_percent_encode(name, SPECIAL)
}

/// What an environment is for, from `[stages]`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Real users sign in here.
    Production,
    /// A rehearsal of production.
    Staging,
    /// For developers.
    Development,
    /// No pattern names this environment; rules judge it as strictly as production.
    Unknown,
}

impl Stage {
    /// The name used in documents and reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Staging => "staging",
            Self::Development => "development",
            Self::Unknown => "unknown",
        }
    }
}

/// One auth resource of one environment of one app.
#[derive(Debug, Clone)]
pub struct Target {
    /// The encoded identity.
    pub id: TargetId,
    /// AWS account number, where known.
    pub account: Option<String>,
    /// AWS region, where known.
    pub region: Option<String>,
    /// Amplify app id; empty for a file that names none.
    pub app_id: String,
    /// The app's name, where known.
    pub app_name: Option<String>,
    /// Backend environment name; empty for a file that names none.
    pub environment: String,
    /// Auth resource name; empty for a file that names none, and where it could not be looked up.
    pub resource: String,
    /// From `[stages]` or the target's own entry.
    pub stage: Stage,
    /// Free labels from the configuration.
    pub labels: BTreeMap<String, String>,
    /// Name of the source that brought it.
    pub source: Arc<str>,
    /// Where it came in: its line of the configuration, or the file that was read.
    pub declared: Location,
}

/// One part of the targets out of several, the same on every machine: `I/N` of `--shard`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shard {
    /// Which one, from 1.
    pub index: u32,
    /// How many there are.
    pub count: u32,
}

impl Shard {
    /// The most parts that targets are split into.
    pub const MOST: u32 = 1000;

    /// Whether a target belongs to it, by the SHA-256 of its app: no list of targets is needed to know, and rules that
    /// see all environments of an app see them in one shard.
    #[must_use]
    pub fn includes(self, id: &TargetId) -> bool {
        let whole = id.as_str();
        let digest = Sha256::digest(if whole.starts_with("file:") { whole } else { id.app() });
        let (first, _) = digest.split_at(8);
        let number = first.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        number % u64::from(self.count) == u64::from(self.index - 1)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.parse::<u32>().ok();
        text.split_once('/')
            .and_then(|(index, count)| Some(Self { index: number(index)?, count: number(count)? }))
            .filter(|shard| (1..=shard.count).contains(&shard.index) && shard.count <= Self::MOST)
            .ok_or_else(|| {
                format!("write it as I/N with I from 1 to N, and N up to {}; for example 1/4", Self::MOST)
            })
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.index, self.count)
    }
}

/// A part of the fleet: an account, a region of it, an app there, an environment of that.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Scope {
    /// AWS account number, where known.
    pub account: Option<String>,
    /// AWS region; all of them where it is absent.
    pub region: Option<String>,
    /// Amplify app id; all of them where it is absent.
    pub app_id: Option<String>,
    /// Backend environment name; all of them where it is absent.
    pub environment: Option<String>,
}

impl Scope {
    /// Whether a target belongs to it. An account or region that is not known may be the one.
    #[must_use]
    pub fn covers(&self, target: &Target) -> bool {
        let may_be = |part: &Option<String>, of: &Option<String>| match (part, of) {
            (Some(part), Some(of)) => part == of,
            (None, _) | (_, None) => true,
        };
        may_be(&self.account, &target.account)
            && may_be(&self.region, &target.region)
            && self.app_id.as_ref().is_none_or(|app| *app == target.app_id)
            && self.environment.as_ref().is_none_or(|environment| *environment == target.environment)
    }
}

/// Why a target could not be judged. The reason changes the exit code; it is never a pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unaudited {
    /// The kind, one of the report's fixed list.
    pub kind: Cause,
    /// What failed, on what; one line, no value of the answer in it.
    pub message: String,
    /// What failed, without the name of this target and without what the service said: the same for all
    /// targets that failed alike.
    pub gist: Box<str>,
    /// What to do about it.
    pub help: Option<String>,
    /// Calls made; 0 for files.
    pub attempts: u32,
    /// The rules that could not be evaluated, where that is the reason; the others were. Behind one
    /// pointer, because reasons are handed on by value.
    pub rules: Arc<Vec<String>>,
    /// The place in the file at fault, where there is one.
    pub location: Option<Location>,
}

impl Unaudited {
    /// A reason without a call behind it.
    #[must_use]
    pub fn new(kind: Cause, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            kind,
            gist: message.clone().into(),
            message,
            help: None,
            attempts: 0,
            rules: Arc::default(),
            location: None,
        }
    }

    /// Says what it has in common with others.
    #[must_use]
    pub fn with_gist(mut self, gist: impl Into<String>) -> Self {
        self.gist = gist.into().into();
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The kinds of reason, as `error.kind` of the JSON report spells them.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// No such app, environment or resource.
    NotFound,
    /// The credentials may not make the call.
    Denied,
    /// There are no usable credentials.
    Credentials,
    /// AWS slowed us down past the last attempt.
    Throttled,
    /// No answer in time.
    Timeout,
    /// The service or the network failed.
    Unavailable,
    /// AWS refused the request as malformed.
    BadRequest,
    /// The answer is not what it should be.
    BadResponse,
    /// The answer carries an error of the backend.
    BackendError,
    /// The answer holds no settings.
    NoConfig,
    /// A rule could not be evaluated.
    Policy,
    /// A file could not be read.
    Io,
    /// The run was stopped first.
    Interrupted,
}

impl Cause {
    /// The spelling of the report.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Denied => "denied",
            Self::Credentials => "credentials",
            Self::Throttled => "throttled",
            Self::Timeout => "timeout",
            Self::Unavailable => "unavailable",
            Self::BadRequest => "bad_request",
            Self::BadResponse => "bad_response",
            Self::BackendError => "backend_error",
            Self::NoConfig => "no_config",
            Self::Policy => "policy",
            Self::Io => "io",
            Self::Interrupted => "interrupted",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_is_in_exactly_one_shard_for_ever() {
        let ids: Vec<TargetId> =
            (0..200).map(|number| TargetId::new(&format!("d{number}"), "prod", "auth")).collect();
        for count in 1..=7 {
            let shards = || (1..=count).map(|index| Shard { index, count });
            for id in &ids {
                assert_eq!(shards().filter(|shard| shard.includes(id)).count(), 1, "{id} of {count}");
            }
            assert!(
                shards().all(|shard| ids.iter().any(|id| shard.includes(id))),
                "an empty shard of {count}"
            );
        }
        // Pinned: shards of one run may come from two versions of the program.
        let first = Shard { index: 1, count: 4 };
        for (environment, resource) in [("prod", "shopauth"), ("dev", "other")] {
            assert!(first.includes(&TargetId::new("d1a2b3c4d5e6f7", environment, resource)));
        }
    }

    #[test]
    fn a_shard_is_written_as_one_of_several() {
        assert_eq!("2/3".parse(), Ok(Shard { index: 2, count: 3 }));
        for wrong in ["", "1", "0/3", "4/3", "1/0", "-1/2", "1/2/3", "1/1001", "a/b"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn different_names_never_share_an_id() {
        let ids = [
            TargetId::new("a/b", "c", "d"),
            TargetId::new("a", "b/c", "d"),
            TargetId::new("a%2Fb", "c", "d"),
            TargetId::new("file:a", "b", "c"),
            TargetId::of_file("a/b/c"),
        ];
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
        assert_eq!(TargetId::new("d1", "prod\u{1b}[31m", "x\0").as_str(), "d1/prod%1B[31m/x%00");
        for id in ids.into_iter().chain([TargetId::new("a b", "", "ä\n"), TargetId::of_file("a:b\0/c")]) {
            assert_eq!(TargetId::parse(id.as_str()), Some(id));
        }
        for wrong in ["", "a/b", "a/b/c/d", "a/b/c:d", "a/b/\n", "file:\u{202e}"] {
            assert_eq!(TargetId::parse(wrong), None, "{wrong:?}");
        }
    }
}

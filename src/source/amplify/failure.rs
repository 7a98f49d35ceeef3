//! Why a call failed: its cause, whether another attempt may mend it, and what people can do.

use std::time::Duration;

use super::call::{ASSUME_ROLE, Deed};
use super::sdk_error::{Sent, first_line};
use crate::target::{Cause, Unaudited};
use crate::untrusted::shortened;

/// What came of an attempt that brought no answer.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    pub(super) cause: Cause,
    /// HTTP status, where an answer came.
    pub(super) status: Option<u16>,
    /// Whether a further attempt may mend it.
    pub(super) passing: bool,
    /// How long the service asks to wait.
    pub(super) wait: Option<Duration>,
    code: Option<String>,
    said: Option<String>,
}

/// Who calls, and where; for messages.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    /// `role auditor`, `profile audit` or `the caller`.
    pub(super) who: String,
    /// `111122223333/eu-west-1`, or the region alone where the account is not known.
    pub(super) place: String,
    /// AWS region.
    pub(super) region: String,
}

impl Failure {
    fn new(cause: Cause) -> Self {
        Self { cause, status: None, passing: false, wait: None, code: None, said: None }
    }

    /// A call that the SDK gave up.
    pub(super) fn of_call(sent: Sent, status: Option<u16>, wait: Option<Duration>) -> Self {
        if let Some(why) = sent.credentials {
            return Self { said: Some(why), ..Self::new(Cause::Credentials) };
        }
        match status {
            _ if sent.timeout => Self { passing: true, ..Self::timeout() },
            // Of a body that was read to its end, the bytes are kept.
            Some(200..=299) if sent.broken_off => {
                Self { passing: true, said: Some(sent.detail), ..Self::new(Cause::Unavailable) }
            }
            Some(status) => {
                let cause = cause_of(status, sent.code.as_deref(), sent.said.as_deref());
                let passing = cause == Cause::Throttled || matches!(status, 408 | 500 | 502 | 503 | 504);
                Self {
                    status: Some(status),
                    passing,
                    wait,
                    code: sent.code,
                    said: sent.said,
                    ..Self::new(cause)
                }
            }
            None if sent.malformed => Self { said: Some(sent.detail), ..Self::new(Cause::BadRequest) },
            None => Self { passing: true, said: Some(sent.detail), ..Self::new(Cause::Unavailable) },
        }
    }

    /// An answer that came whole and cannot be used; the next one may be better.
    pub(super) fn unusable(why: impl Into<String>) -> Self {
        Self { passing: true, said: Some(why.into()), ..Self::new(Cause::BadResponse) }
    }

    /// An answer that says no in its own words.
    pub(super) fn refused(cause: Cause, said: impl Into<String>) -> Self {
        Self { said: Some(said.into()), ..Self::new(cause) }
    }

    /// No answer in time.
    pub(super) fn timeout() -> Self {
        Self::new(Cause::Timeout)
    }

    /// The run was stopped.
    pub(super) fn interrupted() -> Self {
        Self::new(Cause::Interrupted)
    }

    /// The code that the service gave.
    pub(super) fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// No further attempt will mend it.
    pub(super) fn for_good(mut self) -> Self {
        self.passing = false;
        self
    }

    /// The reason in a few words.
    pub(super) fn brief(&self) -> String {
        let said = self.said.as_deref().map(|said| format!(": {}", first_line(said))).unwrap_or_default();
        format!("{}{said}", words(self.cause))
    }

    /// The reason for the report.
    pub(super) fn unaudited(&self, deed: &Deed, caller: &Caller, attempts: u32) -> Unaudited {
        let action = deed.action;
        let what = match self.cause {
            // The same for every account: the role is not named.
            Cause::Denied if action == ASSUME_ROLE => format!("{} may not assume the role", caller.who),
            Cause::Denied => format!("{} may not call {action}", caller.who),
            cause => words(cause).to_owned(),
        };
        let status = match (self.status, &self.code) {
            (Some(status), Some(code)) => format!(" ({status} {})", shortened(code, 80)),
            (Some(status), None) => format!(" ({status})"),
            (None, _) => String::new(),
        };
        let said = self.said.as_deref().map(|said| format!(": {}", first_line(said)));
        let message = format!(
            "cannot {} in {}: {what}{status}{}",
            deed.purpose,
            caller.place,
            said.unwrap_or_default()
        );
        let gist = match self.cause {
            Cause::Denied => format!("{what}{status}"),
            _ => format!("{action}: {what}{status}"),
        };
        let help = help(self.cause, action, caller);
        Unaudited { help, attempts, ..Unaudited::new(self.cause, message).with_gist(gist) }
    }
}

/// By status and code, because the API's pages name other exceptions than its model does, and some
/// answers have no code at all.
fn cause_of(status: u16, code: Option<&str>, said: Option<&str>) -> Cause {
    let code = code.unwrap_or_default();
    // As the SDK's own list has them, and as the pages of AmplifyBackend do.
    let throttling = code.contains("Throttl")
        || matches!(
            code,
            "BandwidthLimitExceeded"
                | "EC2ThrottledException"
                | "LimitExceededException"
                | "PriorRequestNotComplete"
                | "ProvisionedThroughputExceededException"
                | "RequestLimitExceeded"
                | "SlowDown"
                | "TooManyRequestsException"
                | "TransactionInProgressException"
        )
        || said.is_some_and(|said| said.contains("Rate exceeded"));
    let credentials = matches!(
        code,
        "ExpiredToken"
            | "ExpiredTokenException"
            | "IncompleteSignature"
            | "InvalidAccessKeyId"
            | "InvalidClientTokenId"
            | "InvalidSignatureException"
            | "MissingAuthenticationToken"
            | "MissingAuthenticationTokenException"
            | "RequestExpired"
            | "RequestTimeTooSkewed"
            | "SignatureDoesNotMatch"
            | "UnrecognizedClientException"
    );
    match status {
        400..=499 if credentials => Cause::Credentials,
        429 => Cause::Throttled,
        400..=599 if throttling => Cause::Throttled,
        401 | 403 => Cause::Denied,
        400 if code.contains("AccessDenied") => Cause::Denied,
        404 => Cause::NotFound,
        408 | 504 => Cause::Timeout,
        400..=499 => Cause::BadRequest,
        500..=599 => Cause::Unavailable,
        _ => Cause::BadResponse,
    }
}

fn words(cause: Cause) -> &'static str {
    match cause {
        Cause::NotFound => "not found",
        Cause::Denied => "access denied",
        Cause::Credentials => "the credentials were refused",
        Cause::Throttled => "still throttled",
        Cause::Timeout => "no answer in time",
        Cause::Unavailable => "the service cannot be reached or failed",
        Cause::BadRequest => "the request was refused",
        Cause::BadResponse => "the answer is not usable",
        Cause::BackendError => "the backend reports an error",
        Cause::NoConfig => "the answer holds no settings",
        Cause::Policy => "a rule failed",
        Cause::Io => "a file cannot be read",
        Cause::Interrupted => "the run was stopped first",
    }
}

fn help(cause: Cause, action: &str, caller: &Caller) -> Option<String> {
    let Caller { who, region, .. } = caller;
    Some(match (cause, action) {
        (Cause::NotFound, "amplifybackend:GetBackendAuth") => format!(
            "check app, environment, resource and region ({region}); `resource` is the key under `auth` in amplify-meta.json"
        ),
        (Cause::NotFound, _) => format!("check app, environment and region ({region})"),
        (Cause::Denied, ASSUME_ROLE) => format!(
            "allow sts:AssumeRole on the role to {who} (`audit iam-policy --caller` prints the policy), and name the caller and `external-id` in the role's trust policy (`audit iam-policy --trust CALLER_ARN`)"
        ),
        (Cause::Denied, _) => {
            format!("allow {action} to {who}; `audit iam-policy` prints the policy it needs")
        }
        (Cause::Credentials, _) => "renew the credentials, and check the clock of this machine; a region that is not enabled for the account refuses them too".to_owned(),
        (Cause::Throttled, _) => {
            "lower `concurrency-per-region`, or raise `max-attempts` and `target-timeout`".to_owned()
        }
        (Cause::Timeout, _) => "raise `timeout` and `target-timeout`, or check the network".to_owned(),
        (Cause::Unavailable, _) => {
            "check the network, AWS_ENDPOINT_URL where it is set, and that Amplify is offered in the region"
                .to_owned()
        }
        (Cause::BadRequest, "amplify:ListApps") => {
            format!("check the region ({region}), and AWS_ENDPOINT_URL where it is set")
        }
        (Cause::BadRequest, _) => {
            "check app, environment and resource of this target, and AWS_ENDPOINT_URL where it is set".to_owned()
        }
        (Cause::BackendError | Cause::NoConfig, _) => {
            "mend the backend, for example by a push; or leave it out with `exclude`".to_owned()
        }
        (Cause::BadResponse, _) => {
            "check AWS_ENDPOINT_URL where it is set, and the proxy: something else than AWS may have answered"
                .to_owned()
        }
        (Cause::Policy | Cause::Io | Cause::Interrupted, _) => return None,
    })
}

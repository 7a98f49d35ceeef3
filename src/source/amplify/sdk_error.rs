//! What the SDK's errors tell, whichever call they are of.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::Debug;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_amplify::error::{ErrorMetadata, ProvideErrorMetadata, SdkError};

use crate::untrusted::shortened;

/// What the SDK says of a call that failed, whichever it was.
#[derive(Debug, Default)]
pub(super) struct Sent {
    /// A time limit ended it.
    pub(super) timeout: bool,
    /// The request could not even be made: of its parts, or of the endpoint.
    pub(super) malformed: bool,
    /// The head of an answer came, and its body broke off.
    pub(super) broken_off: bool,
    /// Why there are no credentials, where that is what failed.
    pub(super) credentials: Option<String>,
    pub(super) code: Option<String>,
    pub(super) said: Option<String>,
    /// The text of the innermost cause.
    pub(super) detail: String,
}

impl Sent {
    pub(super) fn of<E, R>(error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
        R: Debug + 'static,
    {
        let service = error.as_service_error();
        let (slow, misdirected) = match error {
            SdkError::DispatchFailure(failure) => (failure.is_timeout(), failure.is_user()),
            _ => (false, false),
        };
        let no_credentials = causes(error).any(<dyn Error>::is::<CredentialsError>);
        Self {
            timeout: slow || matches!(error, SdkError::TimeoutError(_)),
            malformed: misdirected || matches!(error, SdkError::ConstructionFailure(_)),
            broken_off: matches!(error, SdkError::ResponseError(_)),
            credentials: no_credentials.then(|| deepest(error)),
            code: service.and_then(ProvideErrorMetadata::code).map(str::to_owned),
            said: service.and_then(ProvideErrorMetadata::message).map(str::to_owned),
            detail: deepest(error),
        }
    }
}

/// The text of the innermost cause: the outer ones say only that something failed. Of a service's own
/// words, and of a program's, only what may be repeated.
pub(super) fn deepest(error: &(dyn Error + 'static)) -> String {
    if let Some(said) = causes(error).filter_map(|cause| cause.downcast_ref::<ErrorMetadata>()).last() {
        let message = said.message().map(|message| format!(": {}", first_line(message))).unwrap_or_default();
        return format!("{}{message}", said.code().unwrap_or("an error without a code"));
    }
    let text = causes(error).last().map(ToString::to_string).unwrap_or_default();
    // What a `credential_process` wrote may be anything, credentials included.
    let text = text.split("Stderr:").next().unwrap_or_default();
    first_line(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn causes<'e>(
    error: &'e (dyn Error + 'static),
) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'e (dyn Error + 'static)| (*error).source())
}

/// What a service said, as far as it may be repeated: where it refuses a signature, it goes on with the
/// request that was signed, session token and all.
pub(super) fn first_line(said: &str) -> Cow<'_, str> {
    let line = said.trim().lines().next().unwrap_or_default();
    // A line break that has been escaped is one, too.
    shortened(line.split("\\n").next().unwrap_or_default(), 300)
}

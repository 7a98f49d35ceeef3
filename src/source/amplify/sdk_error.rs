//! What the SDK's errors tell, whichever call they are of.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::Debug;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_amplify::error::{ProvideErrorMetadata, SdkError};

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

/// Of a call that came to its end, nothing.
pub(super) fn failed<O, E, R>(sent: Result<O, SdkError<E, R>>) -> Result<(), Sent>
where
    E: ProvideErrorMetadata + Error + 'static,
    R: Debug + 'static,
{
    let Err(error) = sent else { return Ok(()) };
    let service = error.as_service_error();
    let (slow, misdirected) = match &error {
        SdkError::DispatchFailure(failure) => (failure.is_timeout(), failure.is_user()),
        _ => (false, false),
    };
    Err(Sent {
        timeout: slow || matches!(error, SdkError::TimeoutError(_)),
        malformed: misdirected || matches!(error, SdkError::ConstructionFailure(_)),
        broken_off: matches!(error, SdkError::ResponseError(_)),
        credentials: why_no_credentials(&error),
        code: service.and_then(|service| service.code()).map(str::to_owned),
        said: service.and_then(|service| service.message()).map(str::to_owned),
        detail: deepest(&error),
    })
}

/// The text of the innermost cause: the outer ones say only that something failed.
pub(super) fn deepest(error: &(dyn Error + 'static)) -> String {
    let text = causes(error).last().map(ToString::to_string).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn causes<'e>(
    error: &'e (dyn Error + 'static),
) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'e (dyn Error + 'static)| (*error).source())
}

/// Why there are no credentials to call with, where that is what failed.
fn why_no_credentials(error: &(dyn Error + 'static)) -> Option<String> {
    causes(error).any(<dyn Error>::is::<CredentialsError>).then(|| deepest(error))
}

/// What the service said, as far as it may be repeated: where it refuses a signature, it goes on with
/// the request that was signed, session token and all.
pub(super) fn first_line(said: &str) -> Cow<'_, str> {
    shortened(said.trim().lines().next().unwrap_or_default(), 300)
}

//! One attempt of one call. Fetching is the SDK's: signing, endpoints, credentials, modelled errors.
//! Reading is ours: the SDK's typed output invents values for members that an answer lacks (an absent
//! `unauthenticatedLogin` becomes `false`), so an interceptor keeps the bytes.

use std::error::Error;
use std::fmt::{self, Debug};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_amplify::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_amplify::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_amplify::error::{BoxError, ProvideErrorMetadata, SdkError};

use super::failure::Failure;
use crate::target::TargetId;

/// The clients of one access in one region.
#[derive(Debug)]
pub(super) struct Clients {
    pub(super) amplify: aws_sdk_amplify::Client,
    pub(super) backend: aws_sdk_amplifybackend::Client,
}

/// A call, with everything that AWS is told.
#[derive(Debug, Clone)]
pub(super) enum Call {
    /// A page of the apps of a region.
    ListApps { token: Option<String> },
    /// A page of an app's backend environments.
    ListBackendEnvironments { app: String, token: Option<String> },
    /// A page of an app's branches.
    ListBranches { app: String, token: Option<String> },
    /// What an environment consists of.
    GetBackend { app: String, environment: String },
    /// The settings of an auth resource.
    GetBackendAuth { app: String, environment: String, resource: String },
}

impl Call {
    /// The action that IAM knows it by.
    pub(super) fn action(&self) -> &'static str {
        match self {
            Self::ListApps { .. } => "amplify:ListApps",
            Self::ListBackendEnvironments { .. } => "amplify:ListBackendEnvironments",
            Self::ListBranches { .. } => "amplify:ListBranches",
            Self::GetBackend { .. } => "amplifybackend:GetBackend",
            Self::GetBackendAuth { .. } => "amplifybackend:GetBackendAuth",
        }
    }

    /// What it is for, after "cannot".
    pub(super) fn purpose(&self) -> String {
        match self {
            Self::ListApps { .. } => "list the apps".to_owned(),
            Self::ListBackendEnvironments { app, .. } => {
                format!("list the environments of {}", TargetId::beginning(app, None))
            }
            Self::ListBranches { app, .. } => {
                format!("list the branches of {}", TargetId::beginning(app, None))
            }
            Self::GetBackend { app, environment } => {
                format!("look up the auth resources of {}", TargetId::beginning(app, Some(environment)))
            }
            Self::GetBackendAuth { app, environment, resource } => {
                format!("read auth settings of {}", TargetId::new(app, environment, resource))
            }
        }
    }
}

/// For lines of progress: `GetBackendAuth d1a2b3c4d5e6f7/prod/shopauth`.
impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.action().rsplit(':').next().unwrap_or_default();
        formatter.write_str(name)?;
        match self {
            Self::ListApps { .. } => Ok(()),
            Self::ListBackendEnvironments { app, .. } | Self::ListBranches { app, .. } => {
                write!(formatter, " {}", TargetId::beginning(app, None))
            }
            Self::GetBackend { app, environment } => {
                write!(formatter, " {}", TargetId::beginning(app, Some(environment)))
            }
            Self::GetBackendAuth { app, environment, resource } => {
                write!(formatter, " {}", TargetId::new(app, environment, resource))
            }
        }
    }
}

impl Clients {
    /// Makes the call once, and gives the bytes of its answer.
    pub(super) async fn attempt(&self, call: &Call) -> Result<Vec<u8>, Failure> {
        let capture = Capture::default();
        let (amplify, backend) = (&self.amplify, &self.backend);
        let sent = match call.clone() {
            Call::ListApps { token } => {
                // The most that a page can have.
                let request = amplify.list_apps().max_results(100).set_next_token(token);
                failed(request.customize().interceptor(capture.clone()).send().await)
            }
            Call::ListBackendEnvironments { app, token } => {
                let request =
                    amplify.list_backend_environments().app_id(app).max_results(50).set_next_token(token);
                failed(request.customize().interceptor(capture.clone()).send().await)
            }
            Call::ListBranches { app, token } => {
                let request = amplify.list_branches().app_id(app).max_results(50).set_next_token(token);
                failed(request.customize().interceptor(capture.clone()).send().await)
            }
            Call::GetBackend { app, environment } => {
                let request = backend.get_backend().app_id(app).backend_environment_name(environment);
                failed(request.customize().interceptor(capture.clone()).send().await)
            }
            Call::GetBackendAuth { app, environment, resource } => {
                let request = backend
                    .get_backend_auth()
                    .app_id(app)
                    .backend_environment_name(environment)
                    .resource_name(resource);
                failed(request.customize().interceptor(capture.clone()).send().await)
            }
        };
        let answer = capture.take();
        match (answer.status, answer.body) {
            // What the SDK made of a success does not matter: a part that it cannot parse may still be an
            // answer, and one that it parses may lack everything. But a time limit that ended the call
            // while this answer was under way leaves nothing whole.
            (Some(200..=299), Some(bytes)) if !matches!(sent, Err(Sent { timeout: true, .. })) => Ok(bytes),
            (status, _) => Err(match sent {
                Err(sent) => Failure::of_call(sent, status, answer.wait),
                Ok(()) => Failure::unusable("the answer has no readable body"),
            }),
        }
    }
}

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

fn failed<O, E, R>(sent: Result<O, SdkError<E, R>>) -> Result<(), Sent>
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
        credentials: super::session::why_no_credentials(&error),
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

/// What the wire said.
#[derive(Default)]
struct Answer {
    status: Option<u16>,
    body: Option<Vec<u8>>,
    wait: Option<Duration>,
}

/// Keeps status and bytes. They hold secrets: nothing prints them.
#[derive(Clone, Default)]
struct Capture(Arc<Mutex<Answer>>);

impl Capture {
    fn take(&self) -> Answer {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Debug for Capture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Capture")
    }
}

impl Intercept for Capture {
    fn name(&self) -> &'static str {
        "Capture"
    }

    // `read_before_deserialization` comes before the body has been read.
    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let header = |name| response.headers().get(name).and_then(|value| value.trim().parse::<u64>().ok());
        let wait = header("x-amz-retry-after")
            .map(Duration::from_millis)
            .max(header("retry-after").map(Duration::from_secs));
        let body = response.body().bytes().map(<[u8]>::to_vec);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
            Answer { status: Some(response.status().as_u16()), body, wait };
        Ok(())
    }
}

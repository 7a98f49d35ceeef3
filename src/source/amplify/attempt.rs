//! One attempt of one call. Fetching is the SDK's: signing, endpoints, credentials, modelled errors.
//! Reading is ours: the SDK's typed output invents values for members that an answer lacks (an absent
//! `unauthenticatedLogin` becomes `false`), so an interceptor keeps the bytes.

use std::fmt::{self, Debug};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_amplify::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_amplify::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_amplify::error::BoxError;

use super::call::Call;
use super::failure::Failure;
use super::sdk_error::Sent;

/// The clients of one access in one region.
#[derive(Debug)]
pub(super) struct Clients {
    pub(super) amplify: aws_sdk_amplify::Client,
    pub(super) backend: aws_sdk_amplifybackend::Client,
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
                request
                    .customize()
                    .interceptor(capture.clone())
                    .send()
                    .await
                    .map(drop)
                    .map_err(|error| Sent::of(&error))
            }
            Call::ListBackendEnvironments { app, token } => {
                let request =
                    amplify.list_backend_environments().app_id(app).max_results(50).set_next_token(token);
                request
                    .customize()
                    .interceptor(capture.clone())
                    .send()
                    .await
                    .map(drop)
                    .map_err(|error| Sent::of(&error))
            }
            Call::ListBranches { app, token } => {
                let request = amplify.list_branches().app_id(app).max_results(50).set_next_token(token);
                request
                    .customize()
                    .interceptor(capture.clone())
                    .send()
                    .await
                    .map(drop)
                    .map_err(|error| Sent::of(&error))
            }
            Call::GetBackend { app, environment } => {
                let request = backend.get_backend().app_id(app).backend_environment_name(environment);
                request
                    .customize()
                    .interceptor(capture.clone())
                    .send()
                    .await
                    .map(drop)
                    .map_err(|error| Sent::of(&error))
            }
            Call::GetBackendAuth { app, environment, resource } => {
                let request = backend
                    .get_backend_auth()
                    .app_id(app)
                    .backend_environment_name(environment)
                    .resource_name(resource);
                request
                    .customize()
                    .interceptor(capture.clone())
                    .send()
                    .await
                    .map(drop)
                    .map_err(|error| Sent::of(&error))
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

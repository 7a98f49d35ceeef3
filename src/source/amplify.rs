//! The live API: `GetBackendAuth`, one call a target, concurrently.
//!
//! Fetching is the SDK's: signing, endpoints, credentials, retries, modelled errors. Reading is ours:
//! the SDK's typed output invents values for members that an answer lacks (an absent
//! `unauthenticatedLogin` becomes `false`), so an interceptor keeps the bytes of the last attempt.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_amplifybackend::Client;
use aws_sdk_amplifybackend::config::interceptors::{
    AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_amplifybackend::config::retry::RetryConfig;
use aws_sdk_amplifybackend::config::{ConfigBag, Intercept, RuntimeComponents, SharedHttpClient};
use aws_sdk_amplifybackend::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls;
use aws_smithy_runtime::client::retries::classifiers::HttpStatusCodeClassifier;
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;

use super::{AnswerBytes, Arrival, Order, Origin};
use crate::config::{Amplify, Limits};
use crate::progress::{Event, Progress};
use crate::target::{Cause, Target, Unaudited};
use crate::untrusted::shortened;

/// The statuses that a further attempt may mend. The SDK leaves out 429 where the answer has no code.
const RETRIED: &[u16] = &[429, 500, 502, 503, 504];

/// One call to make.
pub(super) struct Call<'c> {
    pub(super) order: Order,
    pub(super) amplify: &'c Amplify,
    pub(super) target: Arc<Target>,
}

/// Makes the calls, never more at once than the limits allow, and sends what came of each.
pub(super) async fn stream(
    calls: Vec<Call<'_>>,
    limits: &Limits,
    progress: &Progress,
    arrivals: &Sender<Arrival>,
) {
    if calls.is_empty() {
        return;
    }
    let http = http_client();
    let mut profiles: HashMap<Option<String>, Result<SdkConfig, Unaudited>> = HashMap::new();
    let mut regions: HashMap<(Option<String>, String), (Client, Arc<Semaphore>)> = HashMap::new();
    let everywhere = Arc::new(Semaphore::new(limits.concurrency));
    let mut running = JoinSet::new();
    for call in calls {
        let profile = &call.amplify.profile;
        if !profiles.contains_key(profile) {
            profiles.insert(profile.clone(), sdk_config(call.amplify, limits, http.clone()).await);
        }
        let sdk = match &profiles[profile] {
            Ok(sdk) => sdk,
            Err(unaudited) => {
                let answer = Err(unaudited.clone());
                if !deliver(arrivals, progress, call.order, call.target, answer).await {
                    return;
                }
                continue;
            }
        };
        let (client, here) = regions
            .entry((profile.clone(), call.amplify.region.clone()))
            .or_insert_with(|| {
                (client(sdk, &call.amplify.region), Arc::new(Semaphore::new(limits.concurrency_per_region)))
            })
            .clone();
        let everywhere = Arc::clone(&everywhere);
        let progress = progress.clone();
        let arrivals = arrivals.clone();
        running.spawn(async move {
            // The region's permit comes first: waiting for a slow region holds no place of the others.
            // Neither semaphore is ever closed.
            let _here = here.acquire().await;
            let permit = everywhere.acquire().await;
            let answer = fetch(&client, &call.target, &progress).await;
            drop(permit);
            deliver(&arrivals, &progress, call.order, call.target, answer).await;
        });
    }
    while running.join_next().await.is_some() {}
}

async fn deliver(
    arrivals: &Sender<Arrival>,
    progress: &Progress,
    order: Order,
    target: Arc<Target>,
    answer: Result<AnswerBytes, Unaudited>,
) -> bool {
    progress.event(&Event::Fetched { target: &target.id, failure: answer.as_ref().err() });
    arrivals.send(Arrival { order, origin: Origin::Call(target), answer }).await.is_ok()
}

/// The SDK's client with ring for TLS, and with the proxies of the environment.
fn http_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().build_with_connector_fn(|settings, components| {
        let mut connector = aws_smithy_http_client::Connector::builder();
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector
            .proxy_config(ProxyConfig::from_env())
            .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
            .build()
    })
}

/// Loads the ordinary AWS configuration, and asks for credentials once: without any, every call would
/// search for them again.
///
/// The region is the first that the profile is used in: a role is assumed there, and nothing looks for a
/// region on the network.
async fn sdk_config(
    amplify: &Amplify,
    limits: &Limits,
    http: SharedHttpClient,
) -> Result<SdkConfig, Unaudited> {
    let profile = amplify.profile.as_deref();
    let region = Region::new(amplify.region.clone());
    let mut loader =
        aws_config::defaults(BehaviorVersion::latest()).http_client(http.clone()).region(region.clone());
    if let Some(profile) = profile {
        // The SDK's chain asks the environment first, and falls through a profile that is not there to
        // whatever role the machine has: somebody else's view of the targets.
        let surroundings = ProviderConfig::without_region().with_region(Some(region)).with_http_client(http);
        let credentials =
            ProfileFileCredentialsProvider::builder().configure(&surroundings).profile_name(profile).build();
        loader = loader.profile_name(profile).credentials_provider(credentials);
    }
    let sdk = loader
        .retry_config(RetryConfig::standard().with_max_attempts(limits.max_attempts))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(limits.timeout)
                .operation_attempt_timeout(limits.timeout)
                .operation_timeout(limits.target_timeout)
                .build(),
        )
        .load()
        .await;
    let help = match profile {
        Some(profile) => format!("check the profile `{profile}` of the AWS configuration files"),
        None => "see to the AWS environment (a profile that AWS_PROFILE names must be there, and be signed in to); `aws sts get-caller-identity` must work"
            .to_owned(),
    };
    let Some(provider) = sdk.credentials_provider() else {
        return Err(Unaudited::new(Cause::Credentials, "there are no AWS credentials").with_help(help));
    };
    match provider.provide_credentials().await {
        Ok(_) => Ok(sdk),
        Err(error) => {
            let message = format!("there are no usable AWS credentials: {}", deepest(&error));
            Err(Unaudited::new(Cause::Credentials, message).with_help(help))
        }
    }
}

fn client(sdk: &SdkConfig, region: &str) -> Client {
    let config = aws_sdk_amplifybackend::config::Builder::from(sdk)
        .region(Region::new(region.to_owned()))
        .retry_classifier(HttpStatusCodeClassifier::new_from_codes(RETRIED))
        // The SDK's budget of retries is shared by all calls of a client: when it is empty, whoever
        // comes next fails at the first fault. Attempts are bounded for each call instead.
        .retry_partition(
            RetryPartition::custom(format!("audit-{region}")).token_bucket(TokenBucket::unlimited()).build(),
        )
        .build();
    Client::from_conf(config)
}

/// What the wire said in the last attempt of one call.
#[derive(Debug, Default)]
struct Attempts {
    count: u32,
    status: Option<u16>,
    body: Option<Vec<u8>>,
}

/// Keeps the last attempt's status and bytes.
#[derive(Debug, Clone)]
struct Capture {
    attempts: Arc<Mutex<Attempts>>,
    target: Arc<Target>,
    progress: Progress,
}

impl Capture {
    fn attempts(&self) -> std::sync::MutexGuard<'_, Attempts> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for Capture {
    fn name(&self) -> &'static str {
        "Capture"
    }

    fn read_before_attempt(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), aws_sdk_amplifybackend::error::BoxError> {
        let mut attempts = self.attempts();
        *attempts = Attempts { count: attempts.count + 1, status: None, body: None };
        Ok(())
    }

    // `read_before_deserialization` comes before the body has been read.
    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), aws_sdk_amplifybackend::error::BoxError> {
        let response = context.response();
        let mut attempts = self.attempts();
        attempts.status = Some(response.status().as_u16());
        attempts.body = response.body().bytes().map(<[u8]>::to_vec);
        self.progress.event(&Event::Attempt {
            target: &self.target.id,
            number: attempts.count,
            status: response.status().as_u16(),
        });
        Ok(())
    }
}

async fn fetch(client: &Client, target: &Arc<Target>, progress: &Progress) -> Result<AnswerBytes, Unaudited> {
    let capture =
        Capture { attempts: Arc::default(), target: Arc::clone(target), progress: progress.clone() };
    let sent = client
        .get_backend_auth()
        .app_id(&target.app_id)
        .backend_environment_name(&target.environment)
        .resource_name(&target.resource)
        .customize()
        .interceptor(capture.clone())
        .send()
        .await;
    let last = std::mem::take(&mut *capture.attempts());
    match (last.status, last.body) {
        // What the SDK made of a success does not matter: a part that it cannot parse may still be an
        // answer, and one that it parses may lack everything. But a time limit that ended the call
        // while this attempt was under way leaves nothing whole.
        (Some(200..=299), Some(bytes)) if !matches!(sent, Err(SdkError::TimeoutError(_))) => {
            Ok(AnswerBytes { bytes, attempts: last.count })
        }
        (status, _) => Err(match sent {
            Err(error) => unaudited(&error, status, target, last.count),
            Ok(_) => failure(Cause::BadResponse, target, "the answer has no readable body", last.count),
        }),
    }
}

fn unaudited<E, R>(error: &SdkError<E, R>, status: Option<u16>, target: &Target, attempts: u32) -> Unaudited
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug + 'static,
{
    let (code, said) = match error.as_service_error() {
        Some(service) => (service.code(), service.message()),
        None => (None, None),
    };
    let cause = match (error, status) {
        (SdkError::TimeoutError(_), _) => Cause::Timeout,
        (SdkError::DispatchFailure(failure), _) if failure.is_timeout() => Cause::Timeout,
        // The head came and the body broke off: of a body that was read to its end, the bytes are kept.
        (SdkError::ResponseError(_), Some(200..=299)) => Cause::Unavailable,
        (_, Some(status)) => cause_of(status, code, said),
        (SdkError::ConstructionFailure(_), None) => Cause::BadRequest,
        (_, None) if caused_by_credentials(error) => Cause::Credentials,
        (_, None) => Cause::Unavailable,
    };
    let what = match (status, said) {
        (_, _) if cause == Cause::Timeout && status.is_none() => "no answer in time".to_owned(),
        (None | Some(200..=299), _) => format!("{}: {}", words(cause), shortened(&deepest(error), 300)),
        (Some(status), Some(said)) => {
            format!("{} ({}): {}", words(cause), code_or(status, code), shortened(said, 300))
        }
        (Some(status), None) => format!("{} ({})", words(cause), code_or(status, code)),
    };
    failure(cause, target, &what, attempts)
}

fn failure(cause: Cause, target: &Target, what: &str, attempts: u32) -> Unaudited {
    let region = target.region.as_deref().unwrap_or("?");
    let message = format!("cannot read auth settings of {} in {region}: {what}", target.id);
    Unaudited { attempts, help: help(cause, target), ..Unaudited::new(cause, message) }
}

fn code_or(status: u16, code: Option<&str>) -> String {
    match code {
        Some(code) => format!("{status} {}", shortened(code, 80)),
        None => status.to_string(),
    }
}

/// By status and code, because the API's pages name other exceptions than its model does, and some
/// answers have no code at all.
fn cause_of(status: u16, code: Option<&str>, said: Option<&str>) -> Cause {
    let code = code.unwrap_or_default();
    let throttling = code.contains("Throttl")
        || matches!(code, "TooManyRequestsException" | "LimitExceededException" | "RequestLimitExceeded")
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
        400..=499 if throttling => Cause::Throttled,
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
        Cause::Throttled => "still throttled after the last attempt",
        Cause::Timeout => "no answer in time",
        Cause::Unavailable => "the service cannot be reached or failed",
        Cause::BadRequest => "the request was refused",
        Cause::BadResponse => "the answer is not usable",
        Cause::BackendError => "the backend reports an error",
        Cause::NoConfig => "the answer holds no settings",
        Cause::Policy => "a rule failed",
        Cause::Io => "a file cannot be read",
        Cause::Interrupted => "interrupted",
    }
}

fn help(cause: Cause, target: &Target) -> Option<String> {
    let region = target.region.as_deref().unwrap_or("its region");
    Some(match cause {
        Cause::NotFound => format!(
            "check app, environment, resource and region ({region}); `resource` is the key under `auth` in amplify-meta.json"
        ),
        Cause::Denied => "allow amplifybackend:GetBackendAuth to the caller".to_owned(),
        Cause::Credentials => "renew the credentials, and check the clock of this machine".to_owned(),
        Cause::Throttled => {
            "lower `concurrency-per-region`, or raise `max-attempts` and `target-timeout`".to_owned()
        }
        Cause::Timeout => "raise `timeout` and `target-timeout`, or check the network".to_owned(),
        Cause::Unavailable => format!("check the network and that AmplifyBackend is offered in {region}"),
        Cause::BadRequest => "check app, environment and resource of this target".to_owned(),
        Cause::BadResponse
        | Cause::BackendError
        | Cause::NoConfig
        | Cause::Policy
        | Cause::Io
        | Cause::Interrupted => {
            return None;
        }
    })
}

fn caused_by_credentials<E, R>(error: &SdkError<E, R>) -> bool
where
    E: Error + 'static,
    R: std::fmt::Debug + 'static,
{
    causes(error).any(<dyn Error>::is::<CredentialsError>)
}

/// The text of the innermost cause: the outer ones say only that something failed.
fn deepest(error: &(dyn Error + 'static)) -> String {
    let text = causes(error).last().map(ToString::to_string).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'e (dyn Error + 'static)| (*error).source())
}

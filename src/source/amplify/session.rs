//! Credentials, and the clients that carry them: the ambient ones or a profile's, and the roles that
//! they assume. All of it is aws-config's; here it is asked once, early, so that a broken account is
//! known before a thousand calls ask for it again.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_sdk_amplify::config::{RuntimeComponents, SharedHttpClient};
use aws_sdk_amplify::error::SdkError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls;
use aws_types::os_shim_internal::{Env, Fs};
use tokio::sync::Mutex;

use super::attempt::Clients;
use super::backoff::wait;
use super::call::Deed;
use super::failure::{Caller, Failure};
use super::sdk_error::{Sent, causes, deepest};
use crate::config::{Access, Limits, Role};
use crate::target::{Cause, Unaudited};

/// For what is good to know, and can be done without.
const QUICK: Duration = Duration::from_secs(10);
/// Credentials are asked for anew so long before they expire. The SDK's own cache does so 10 s before.
const MARGIN: Duration = Duration::from_secs(15);

/// One way in, with credentials that worked once.
#[derive(Debug, Clone)]
pub(super) struct Session {
    sdk: SdkConfig,
    /// AWS account number, where the credentials or the role tell.
    pub(super) account: Option<String>,
    /// Tells sessions of different owners apart: limits are shared by those of one account.
    pub(super) owner: String,
    /// `role auditor`, `profile audit` or `the caller`; for messages.
    pub(super) who: String,
}

/// The SDK's HTTP client with ring for TLS, and with the proxies of the environment.
pub(super) fn http_client() -> SharedHttpClient {
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

/// The ordinary AWS configuration, of a profile where one is given, with credentials that were asked
/// for once.
///
/// `ambient_profile` is what `AWS_PROFILE` names: where it is not there, the SDK's chain would go on to
/// whatever else has credentials, and somebody else's view would pass for the one that was meant.
///
/// The region is the first that is used: a role is assumed there, and nothing looks for a region on the
/// network.
pub(super) async fn ambient(
    profile: Option<&str>,
    ambient_profile: Option<&str>,
    region: &str,
    limits: &Limits,
    http: SharedHttpClient,
) -> Result<Session, Unaudited> {
    let region = Region::new(region.to_owned());
    let mut loader =
        aws_config::defaults(BehaviorVersion::latest()).http_client(http.clone()).region(region.clone());
    if let (None, Some(name)) = (profile, ambient_profile)
        && !is_there(name).await
    {
        let message = format!("AWS_PROFILE names the profile `{name}`, and there is none of this name");
        let help = "correct AWS_PROFILE, or add the profile to the AWS configuration files";
        return Err(Unaudited::new(Cause::Credentials, message).with_help(help));
    }
    if let Some(profile) = profile {
        // Here, too, the chain would fall through; and it asks the environment first.
        let surroundings = ProviderConfig::without_region().with_region(Some(region)).with_http_client(http);
        let credentials =
            ProfileFileCredentialsProvider::builder().configure(&surroundings).profile_name(profile).build();
        loader = loader.profile_name(profile).credentials_provider(credentials);
    }
    let sdk = loader
        .retry_config(RetryConfig::disabled())
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
    let who = profile.map_or_else(|| "the caller".to_owned(), |profile| format!("profile {profile}"));
    Session::new(sdk, provider, who, limits).await.map_err(|error| {
        let why = match (&error, profile) {
            // The SDK lists every provider of its chain, and why each had none.
            (CredentialsError::CredentialsNotLoaded(_), None) => {
                "the environment, profiles, web identity, containers and EC2 have none".to_owned()
            }
            _ => deepest(&error),
        };
        let cause = if is_timeout(&error) { Cause::Timeout } else { Cause::Credentials };
        let message = format!("there are no usable AWS credentials: {why}");
        Unaudited::new(cause, message).with_help(help)
    })
}

/// Whether the AWS configuration files have a profile of this name. Files that cannot be read are for the
/// SDK to complain of.
#[expect(
    clippy::default_trait_access,
    reason = "the type is of aws-runtime, of which nothing else is needed"
)]
async fn is_there(profile: &str) -> bool {
    let profiles = aws_config::profile::load(&Fs::real(), &Env::real(), &Default::default(), None).await;
    profiles.map_or(true, |profiles| profiles.get_profile(profile).is_some())
}

/// Why a role was not assumed, and whether it may be in another region.
pub(super) struct NotAssumed {
    pub(super) why: Unaudited,
    pub(super) elsewhere: bool,
}

/// The role of an access, assumed by a session.
pub(super) async fn assumed(
    role: &Role,
    base: &Session,
    region: &str,
    access: &Access,
    limits: &Limits,
) -> Result<Session, NotAssumed> {
    let mut builder = AssumeRoleProvider::builder(&role.arn)
        .configure(&base.sdk)
        .region(Region::new(region.to_owned()))
        .session_name("audit");
    if let Some(id) = &role.external_id {
        builder = builder.external_id(id);
    }
    let provider = SharedCredentialsProvider::new(builder.build().await);
    let name = role.arn.rsplit('/').next().unwrap_or(&role.arn);
    let session = Session::new(base.sdk.clone(), provider, format!("role {name}"), limits).await;
    session
        .map(|session| Session { account: access.account.clone().or(session.account), ..session })
        .map_err(|error| why_not_assumed(&error, role, base, region))
}

fn why_not_assumed(error: &CredentialsError, role: &Role, base: &Session, region: &str) -> NotAssumed {
    let Some(failure) = of_sts(error).or_else(|| is_timeout(error).then(Failure::timeout)) else {
        let message = format!("cannot assume {}: {}", role.arn, deepest(error));
        let why = Unaudited::new(Cause::Credentials, message)
            .with_gist("cannot assume the role")
            .with_help("renew the credentials; `aws sts assume-role` must work with this role");
        return NotAssumed { why, elsewhere: true };
    };
    let caller = Caller { who: base.who.clone(), place: region.to_owned(), region: region.to_owned() };
    let why = failure.unaudited(&Deed::assume(&role.arn), &caller, 0);
    // The answer of IAM is the same everywhere, but for a region that the account has not enabled.
    let elsewhere = failure.cause != Cause::Denied || failure.code() == Some("RegionDisabledException");
    NotAssumed { why, elsewhere }
}

/// What STS said, or did not say in time.
fn of_sts(error: &CredentialsError) -> Option<Failure> {
    let sts = causes(error).find_map(|cause| cause.downcast_ref::<SdkError<AssumeRoleError>>())?;
    let status = sts.raw_response().map(|response| response.status().as_u16());
    Some(Failure::of_call(Sent::of(sts), status, None))
}

fn is_timeout(error: &CredentialsError) -> bool {
    matches!(error, CredentialsError::ProviderTimedOut(_))
}

impl Session {
    /// Asks for the credentials: without any, every call would search for them again.
    async fn new(
        sdk: SdkConfig,
        provider: SharedCredentialsProvider,
        who: String,
        limits: &Limits,
    ) -> Result<Self, CredentialsError> {
        let (attempts, time) = (limits.max_attempts, limits.target_timeout);
        let kept = Kept(Arc::new(Keeper { provider, attempts, time, last: Mutex::new(None) }));
        let credentials = kept.0.credentials().await?;
        let account = credentials.account_id().map(|account| account.as_str().to_owned());
        let owner = account.clone().unwrap_or_else(|| credentials.access_key_id().to_owned());
        let sdk = sdk.into_builder().credentials_provider(SharedCredentialsProvider::new(kept)).build();
        Ok(Self { sdk, account, owner, who })
    }

    /// The session with the number of its account, where STS tells. That call needs no permission; where
    /// it fails, the access key tells owners apart.
    pub(super) async fn with_account(mut self) -> Self {
        if self.account.is_none() {
            let config = aws_sdk_sts::config::Builder::from(&self.sdk).build();
            let asked = aws_sdk_sts::Client::from_conf(config).get_caller_identity().send();
            if let Ok(Ok(identity)) = tokio::time::timeout(QUICK, asked).await
                && let Some(account) = identity.account()
            {
                account.clone_into(&mut self.owner);
                self.account = Some(account.to_owned());
            }
        }
        self
    }

    /// Clients of a region. They make one attempt: the next one is ours, so that waiting holds no place.
    pub(super) fn clients(&self, region: &str) -> Clients {
        let region = Region::new(region.to_owned());
        let amplify = aws_sdk_amplify::config::Builder::from(&self.sdk)
            .region(region.clone())
            .retry_config(RetryConfig::disabled())
            .build();
        let backend = aws_sdk_amplifybackend::config::Builder::from(&self.sdk)
            .region(region)
            .retry_config(RetryConfig::disabled())
            .build();
        Clients {
            amplify: aws_sdk_amplify::Client::from_conf(amplify),
            backend: aws_sdk_amplifybackend::Client::from_conf(backend),
        }
    }
}

/// A provider whose credentials are kept until they are about to expire: every client, and every role
/// that they assume, would ask for them anew.
#[derive(Clone)]
struct Kept(Arc<Keeper>);

struct Keeper {
    provider: SharedCredentialsProvider,
    /// Attempts at most.
    attempts: u32,
    /// For all of them: some providers know no limit of their own.
    time: Duration,
    /// Held while they are asked for: whoever comes meanwhile waits for the same ones.
    last: Mutex<Option<Credentials>>,
}

impl Keeper {
    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        let mut last = self.last.lock().await;
        if let Some(credentials) = last.as_ref().filter(|credentials| is_fresh(credentials)) {
            return Ok(credentials.clone());
        }
        let credentials = tokio::time::timeout(self.time, self.ask())
            .await
            .unwrap_or_else(|_| Err(CredentialsError::provider_timed_out(self.time)))?;
        *last = Some(credentials.clone());
        Ok(credentials)
    }

    /// The SDK shares its budget of retries for STS among all accounts: when it is empty, whoever comes
    /// next fails at the first fault. So attempts are counted here.
    async fn ask(&self) -> Result<Credentials, CredentialsError> {
        let mut attempts = 1;
        loop {
            match self.provider.provide_credentials().await {
                Err(error) if attempts < self.attempts && of_sts(&error).is_some_and(|it| it.passing) => {
                    tokio::time::sleep(wait(attempts)).await;
                    attempts += 1;
                }
                done => return done,
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "credentials expire by the clock of this machine")]
fn is_fresh(credentials: &Credentials) -> bool {
    credentials.expiry().is_none_or(|expiry| expiry > SystemTime::now() + MARGIN)
}

impl fmt::Debug for Kept {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Kept")
    }
}

impl ProvideCredentials for Kept {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.0.credentials())
    }
}

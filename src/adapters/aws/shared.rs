//! What all clients of one process share: the runtime that their requests run on, and rules for them.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::SharedCredentialsProvider;
use aws_sdk_s3::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;

use crate::ports::RemoteError;

/// Tries of one request, the first included, and the longest pause between two.
const ATTEMPTS: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(4);
const CONNECT_TIME: Duration = Duration::from_secs(3);
/// How long one try may stand still or take, and all together.
const ATTEMPT_TIME: Duration = Duration::from_secs(30);
const OPERATION_TIME: Duration = Duration::from_secs(90);

/// A runtime on this thread alone.
#[derive(Clone, Debug)]
pub struct Shared {
    runtime: Arc<Background>,
    /// Connections and trusted certificates, once for all clients.
    http: SharedHttpClient,
}

/// Ends without waiting for the little that may still run: whoever drops it may be within another
/// runtime, where waiting is forbidden.
#[derive(Debug)]
struct Background(Option<tokio::runtime::Runtime>);

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Shared {
    /// # Errors
    /// The system gives no more handles.
    pub fn new() -> Result<Self, RemoteError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build();
        let runtime = runtime.map_err(|error| RemoteError::Refused {
            place: "the network".to_owned(),
            what: error.to_string(),
        })?;
        let runtime = Arc::new(Background(Some(runtime)));
        let client = aws_smithy_http_client::Builder::new();
        let client = client.tls_provider(Provider::Rustls(CryptoMode::AwsLc));
        let http = SharedHttpClient::new(Guarded(client.build_https()));
        Ok(Self { runtime, http })
    }

    #[expect(clippy::expect_used, reason = "only dropping takes the runtime away")]
    pub(super) fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        let runtime = self.runtime.0.as_ref();
        runtime.expect("it is not being dropped").block_on(work)
    }

    /// Credentials are those of the environment, as every AWS tool finds them.
    pub(super) fn sdk_config(&self, region: &str, endpoint: Option<&str>) -> SdkConfig {
        let retry = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(FIRST_PAUSE)
            .with_max_backoff(LONGEST_PAUSE);
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIME)
            .operation_attempt_timeout(ATTEMPT_TIME)
            .operation_timeout(OPERATION_TIME)
            .build();
        let loader = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(region.to_owned()))
            .http_client(self.http.clone())
            .retry_config(retry)
            .timeout_config(timeouts);
        let loader = match endpoint {
            Some(endpoint) => loader.endpoint_url(endpoint),
            None => loader,
        };
        self.block_on(loader.load())
    }

    /// As [`Self::sdk_config`], in a role that is taken on with these credentials.
    pub(super) fn sdk_config_as(
        &self,
        region: &str,
        endpoint: Option<&str>,
        role: Option<&str>,
    ) -> SdkConfig {
        let config = self.sdk_config(region, endpoint);
        let Some(role) = role else {
            return config;
        };
        let provider = AssumeRoleProvider::builder(role)
            .session_name("driftwarden")
            .configure(&config)
            .build();
        let provider = self.block_on(provider);
        let config = config.into_builder();
        config
            .credentials_provider(SharedCredentialsProvider::new(provider))
            .build()
    }
}

/// The same rule for clients that are made within the SDK, where a role is assumed.
#[derive(Debug)]
struct Guarded<T>(T);

impl HttpClient for Guarded<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Guarded(self.0.http_connector(settings, components)))
    }
}

impl HttpConnector for Guarded<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match is_encrypted_or_here(request.uri()) {
            true => self.0.call(request),
            false => HttpConnectorFuture::ready(Err(ConnectorError::user(IN_THE_CLEAR.into()))),
        }
    }
}

const IN_THE_CLEAR: &str = "the endpoint is neither `https` nor on this machine";

/// Sends nothing in the clear beyond this machine, wherever the address came from: the environment and
/// profiles can name endpoints, too.
#[derive(Debug)]
pub(super) struct OnlyEncrypted;

impl Intercept for OnlyEncrypted {
    fn name(&self) -> &'static str {
        "OnlyEncrypted"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        match is_encrypted_or_here(context.request().uri()) {
            true => Ok(()),
            false => Err(IN_THE_CLEAR.into()),
        }
    }
}

fn is_encrypted_or_here(uri: &str) -> bool {
    let Some(rest) = uri.strip_prefix("http://") else {
        return uri.starts_with("https://");
    };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    !authority.contains('@')
        && (host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback()))
}

#[test]
fn only_this_machine_is_spoken_to_in_the_clear() {
    for good in [
        "https://s3.example/x",
        "http://127.0.0.1:4566/b/k?x",
        "http://[::1]/",
    ] {
        assert!(is_encrypted_or_here(good), "{good}");
    }
    for wrong in [
        "http://s3.example/127.0.0.1",
        "http://127.0.0.1@s3.example/",
        "http://localhost.example/",
        "ftp://localhost/",
    ] {
        assert!(!is_encrypted_or_here(wrong), "{wrong}");
    }
}

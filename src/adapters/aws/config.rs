//! AWS Config over the SDK.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{Region as SdkRegion, SdkConfig};
use aws_sdk_config::Client;
use aws_sdk_config::config::retry::{RetryConfig, RetryPartition};
use aws_sdk_config::config::{IdentityCache, SharedCredentialsProvider, SharedIdentityCache};
use aws_sdk_config::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::config_read::{gathered, item, recorder, state};
use super::metered::Metered;
use super::shared::{OnlyEncrypted, Shared};
use crate::model::{AccountId, WhyNotRead};
use crate::ports::{
    CallFailed, CallMeter, CallPlace, ConfigApi, Gathered, Page, Recorder, RecorderState, Select,
};

/// Tries of one call, the first included.
const ATTEMPTS: u32 = 3;
/// How long one try may take, and all together: a scan that is to stop waits for it.
const ATTEMPT_TIME: Duration = Duration::from_secs(10);
const OPERATION_TIME: Duration = Duration::from_secs(15);
const CONNECT_TIME: Duration = Duration::from_secs(3);
/// Rows in a page: the most that there can be.
const PAGE: i32 = 100;
/// What the sessions are called, for who reads CloudTrail.
const SESSION: &str = "driftwarden";

/// How the accounts are reached.
#[derive(Clone, Debug)]
pub struct ConfigAccess {
    /// The role of each account, where one is assumed.
    pub roles: BTreeMap<AccountId, String>,
    pub external_id: Option<String>,
    pub endpoint: Option<String>,
}

pub struct AwsConfigApi {
    shared: Shared,
    access: ConfigAccess,
    meter: Arc<dyn CallMeter>,
    /// Whose credentials everything begins with.
    own: OnceLock<SdkConfig>,
    /// One session of a role serves all its Regions.
    identities: SharedIdentityCache,
    sessions: Mutex<BTreeMap<AccountId, SharedCredentialsProvider>>,
    clients: Mutex<BTreeMap<CallPlace, Client>>,
}

impl AwsConfigApi {
    /// Nothing is sent before the first call.
    pub fn new(shared: &Shared, access: ConfigAccess, meter: Arc<dyn CallMeter>) -> Self {
        Self {
            shared: shared.clone(),
            access,
            meter,
            own: OnceLock::new(),
            identities: IdentityCache::lazy().build(),
            sessions: Mutex::default(),
            clients: Mutex::default(),
        }
    }

    fn base(&self, at: &CallPlace, endpoint: Option<&str>) -> SdkConfig {
        let retry = RetryConfig::adaptive().with_max_attempts(ATTEMPTS);
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIME)
            .operation_attempt_timeout(ATTEMPT_TIME)
            .operation_timeout(OPERATION_TIME)
            .build();
        let own = || self.shared.sdk_config(at.region.as_str(), None);
        let mut base = self.own.get_or_init(own).clone().into_builder();
        base.set_endpoint_url(endpoint.map(str::to_owned));
        base.region(SdkRegion::new(at.region.to_string()))
            .retry_config(retry)
            .timeout_config(timeouts)
            .identity_cache(self.identities.clone())
            .build()
    }

    pub(super) fn client(&self, at: &CallPlace) -> Client {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let known = clients.entry(at.clone());
        let client = known.or_insert_with(|| {
            let base = self.base(at, self.access.endpoint.as_deref());
            // Each place is slowed down for its own throttles alone.
            let partition = RetryPartition::new(format!("config/{}/{}", at.account, at.region));
            let own = aws_sdk_config::config::Builder::from(&base)
                .retry_partition(partition)
                .interceptor(OnlyEncrypted);
            let own = match self.access.roles.get(&at.account) {
                Some(role) => own.credentials_provider(self.session(at, role)),
                None => own,
            };
            Client::from_conf(own.build())
        });
        client.clone()
    }

    fn session(&self, at: &CallPlace, role: &str) -> SharedCredentialsProvider {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let known = sessions.entry(at.account.clone());
        let session = known.or_insert_with(|| {
            // Another endpoint of Config is none of STS.
            let base = self.base(at, None);
            let provider = AssumeRoleProvider::builder(role)
                .session_name(SESSION)
                .region(SdkRegion::new(at.region.to_string()))
                .configure(&base);
            let provider = match &self.access.external_id {
                Some(id) => provider.external_id(id),
                None => provider,
            };
            SharedCredentialsProvider::new(self.shared.block_on(provider.build()))
        });
        session.clone()
    }

    /// Counts the first try of a call that no source counts, or forbids it.
    pub(super) fn may_call(&self, at: &CallPlace, api: &'static str) -> Result<(), CallFailed> {
        match self.meter.may_try_again(at, api) {
            true => Ok(()),
            false => Err(CallFailed {
                why: WhyNotRead::OverBudget,
                what: format!("`{api}` was called too often in a minute"),
            }),
        }
    }

    pub(super) fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.shared.block_on(work)
    }

    pub(super) fn metered(&self, at: &CallPlace, api: &'static str) -> Metered {
        Metered::new(&self.meter, at, api)
    }

    /// The answer to one call, which `send` makes under the meter.
    pub(super) fn ask<T, E, F>(
        &self,
        at: &CallPlace,
        api: &'static str,
        send: impl FnOnce(Metered) -> F,
    ) -> Result<T, CallFailed>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let metered = self.metered(at, api);
        let told = metered.told();
        let answer = self.shared.block_on(send(metered));
        answer.map_err(|error| told.failed(&error))
    }
}

impl ConfigApi for AwsConfigApi {
    fn recorders(&self, at: &CallPlace) -> Result<Vec<Recorder>, CallFailed> {
        let api = "DescribeConfigurationRecorders";
        let call = self.client(at).describe_configuration_recorders();
        let answer = self.ask(at, api, |metered| {
            call.customize().interceptor(metered).send()
        })?;
        let all = answer.configuration_recorders.unwrap_or_default();
        Ok(all.iter().filter_map(recorder).collect())
    }

    fn recorder_states(&self, at: &CallPlace) -> Result<Vec<RecorderState>, CallFailed> {
        let api = "DescribeConfigurationRecorderStatus";
        let call = self.client(at).describe_configuration_recorder_status();
        let answer = self.ask(at, api, |metered| {
            call.customize().interceptor(metered).send()
        })?;
        let all = answer.configuration_recorders_status.unwrap_or_default();
        Ok(all.iter().filter_map(state).collect())
    }

    fn gathered(
        &self,
        at: &CallPlace,
        aggregator: &str,
        token: Option<&str>,
    ) -> Result<Page<Gathered>, CallFailed> {
        let api = "DescribeConfigurationAggregatorSourcesStatus";
        let client = self.client(at);
        let call = client
            .describe_configuration_aggregator_sources_status()
            .configuration_aggregator_name(aggregator)
            .limit(PAGE)
            .set_next_token(token.map(str::to_owned));
        let answer = self.ask(at, api, |metered| {
            call.customize().interceptor(metered).send()
        })?;
        let all = answer.aggregated_source_status_list.unwrap_or_default();
        Ok(Page {
            rows: all.iter().filter_map(gathered).collect(),
            next: answer.next_token,
        })
    }

    fn select(
        &self,
        at: &CallPlace,
        select: Select<'_>,
        token: Option<&str>,
    ) -> Result<Page<String>, CallFailed> {
        let client = self.client(at);
        let token = token.map(str::to_owned);
        let (results, next) = match select.aggregator {
            None => {
                let api = "SelectResourceConfig";
                let call = client
                    .select_resource_config()
                    .expression(select.expression)
                    .limit(PAGE)
                    .set_next_token(token);
                let answer = self.ask(at, api, |metered| {
                    call.customize().interceptor(metered).send()
                })?;
                (answer.results, answer.next_token)
            }
            Some(aggregator) => {
                let api = "SelectAggregateResourceConfig";
                let call = client
                    .select_aggregate_resource_config()
                    .expression(select.expression)
                    .configuration_aggregator_name(aggregator)
                    .limit(PAGE)
                    .set_next_token(token);
                let answer = self.ask(at, api, |metered| {
                    call.customize().interceptor(metered).send()
                })?;
                (answer.results, answer.next_token)
            }
        };
        Ok(Page {
            rows: results.unwrap_or_default(),
            next: next.filter(|token| !token.is_empty()),
        })
    }

    fn newest_item(
        &self,
        at: &CallPlace,
        config_type: &str,
        id: &str,
    ) -> Result<Option<String>, CallFailed> {
        let api = "GetResourceConfigHistory";
        let client = self.client(at);
        let call = client
            .get_resource_config_history()
            .resource_type(config_type.into())
            .resource_id(id)
            .limit(1);
        let metered = self.metered(at, api);
        let told = metered.told();
        let call = call.customize().interceptor(metered);
        match self.shared.block_on(call.send()) {
            Ok(answer) => {
                let items = answer.configuration_items.unwrap_or_default();
                Ok(items.first().map(item))
            }
            Err(error) => {
                let unknown = error
                    .as_service_error()
                    .is_some_and(|error| error.is_resource_not_discovered_exception());
                match unknown {
                    true => Ok(None),
                    false => Err(told.failed(&error)),
                }
            }
        }
    }
}

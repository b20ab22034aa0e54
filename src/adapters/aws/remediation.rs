//! Remediations of AWS Config over the SDK.

use std::collections::BTreeMap;

use aws_sdk_config::config::retry::RetryConfig;
use aws_sdk_config::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_config::primitives::DateTime;
use aws_sdk_config::types::{
    RemediationConfiguration, RemediationExecutionState, RemediationExecutionStatus,
    RemediationExecutionStep, RemediationExecutionStepState, RemediationParameterValue,
    RemediationTargetType, ResourceKey as SdkKey, ResourceType, ResourceValueType,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use jiff::Timestamp;

use super::config::AwsConfigApi;
use super::failure::status;
use crate::model::WhyNotRead;
use crate::ports::{
    CallFailed, CallPlace, Execution, ExecutionState, ExecutionStep, ParameterValue, Remediation,
    RemediationApi, ResourceKey, StartFailed, StepState,
};

impl RemediationApi for AwsConfigApi {
    fn remediation(&self, at: &CallPlace, rule: &str) -> Result<Option<Remediation>, CallFailed> {
        let api = "DescribeRemediationConfigurations";
        self.may_call(at, api)?;
        let call = self
            .client(at)
            .describe_remediation_configurations()
            .config_rule_names(rule);
        let answer = self.ask(at, api, |metered| {
            call.customize().interceptor(metered).send()
        })?;
        let all = answer.remediation_configurations.unwrap_or_default();
        let own = all.iter().find(|own| own.config_rule_name() == rule);
        Ok(own.map(remediation))
    }

    fn execution(
        &self,
        at: &CallPlace,
        rule: &str,
        key: &ResourceKey,
    ) -> Result<Option<Execution>, CallFailed> {
        let api = "DescribeRemediationExecutionStatus";
        self.may_call(at, api)?;
        let sdk_key = sdk_key(key).map_err(|what| broken(api, &what))?;
        let call = self
            .client(at)
            .describe_remediation_execution_status()
            .config_rule_name(rule)
            .resource_keys(sdk_key);
        let answer = self.ask(at, api, |metered| {
            call.customize().interceptor(metered).send()
        })?;
        let all = answer.remediation_execution_statuses.unwrap_or_default();
        let own = all.iter().filter(|own| is_of(own, key)).map(execution);
        Ok(own.max_by_key(|run| run.invoked))
    }

    fn start(&self, at: &CallPlace, rule: &str, key: &ResourceKey) -> Result<(), StartFailed> {
        let api = "StartRemediationExecution";
        let refused = |error: CallFailed| StartFailed::NotStarted(error.to_string());
        self.may_call(at, api).map_err(refused)?;
        let sdk_key = sdk_key(key).map_err(StartFailed::NotStarted)?;
        let call = self
            .client(at)
            .start_remediation_execution()
            .config_rule_name(rule)
            .resource_keys(sdk_key);
        let metered = self.metered(at, api);
        let told = metered.told();
        // Whoever sends it again after a lost answer starts it twice.
        let once = aws_sdk_config::config::Config::builder().retry_config(RetryConfig::disabled());
        let call = call.customize().interceptor(metered).config_override(once);
        let answer = self.block_on(call.send());
        let answer = answer.map_err(|error| {
            let failed = told.failed(&error);
            match was_taken(&error, failed.why) {
                Taken::No => StartFailed::NotStarted(failed.what),
                Taken::Perhaps => StartFailed::Unknown(failed.what),
            }
        })?;
        match answer.failed_items().is_empty() {
            true => Ok(()),
            false => {
                let why = answer.failure_message().unwrap_or("no reason is told");
                let plain = why.chars().filter(|c| !c.is_control());
                let why: String = plain.take(200).collect();
                Err(StartFailed::NotStarted(format!("`{api}`: {why}")))
            }
        }
    }
}

fn broken(api: &str, what: &str) -> CallFailed {
    CallFailed {
        why: WhyNotRead::Broken,
        what: format!("`{api}`: {what}"),
    }
}

fn sdk_key(key: &ResourceKey) -> Result<SdkKey, String> {
    let key = SdkKey::builder()
        .resource_type(ResourceType::from(key.config_type.as_str()))
        .resource_id(&key.id)
        .build();
    key.map_err(|error| error.to_string())
}

fn is_of(own: &RemediationExecutionStatus, key: &ResourceKey) -> bool {
    own.resource_key().is_some_and(|own| {
        own.resource_type().as_str() == key.config_type && own.resource_id() == key.id
    })
}

enum Taken {
    No,
    Perhaps,
}

/// Only an answer that refuses says that nothing was started, and a request that never left.
fn was_taken<E>(error: &SdkError<E, HttpResponse>, why: WhyNotRead) -> Taken
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match why {
        WhyNotRead::NoCredentials | WhyNotRead::OverBudget => return Taken::No,
        WhyNotRead::Throttled
        | WhyNotRead::Denied
        | WhyNotRead::Unreachable
        | WhyNotRead::Broken
        | WhyNotRead::NotRecorded
        | WhyNotRead::Deleted => {}
    }
    match error {
        SdkError::ConstructionFailure(_) => Taken::No,
        SdkError::DispatchFailure(failure) if failure.is_user() => Taken::No,
        SdkError::ServiceError(_) => match status(error) {
            Some(400..=499) => Taken::No,
            Some(_) | None => Taken::Perhaps,
        },
        _ => Taken::Perhaps,
    }
}

fn remediation(own: &RemediationConfiguration) -> Remediation {
    let parameters = own.parameters().into_iter().flatten();
    let parameters = parameters.map(|(name, value)| (name.clone(), parameter(value)));
    Remediation {
        is_document: *own.target_type() == RemediationTargetType::SsmDocument,
        document: own.target_id().to_owned(),
        version: own.target_version().map(str::to_owned),
        parameters: parameters.collect::<BTreeMap<_, _>>(),
        resource_type: own.resource_type().map(str::to_owned),
        is_automatic: own.automatic(),
    }
}

fn parameter(own: &RemediationParameterValue) -> ParameterValue {
    match (own.resource_value(), own.static_value()) {
        (Some(value), None) if *value.value() == ResourceValueType::ResourceId => {
            ParameterValue::ResourceId
        }
        (None, Some(values)) => ParameterValue::Static(values.values().to_vec()),
        (Some(_) | None, _) => ParameterValue::Unknown,
    }
}

fn execution(own: &RemediationExecutionStatus) -> Execution {
    let state = match own.state() {
        Some(RemediationExecutionState::Queued) => ExecutionState::Queued,
        Some(RemediationExecutionState::InProgress) => ExecutionState::InProgress,
        Some(RemediationExecutionState::Succeeded) => ExecutionState::Succeeded,
        Some(RemediationExecutionState::Failed) => ExecutionState::Failed,
        Some(other) => ExecutionState::Other(other.as_str().to_owned()),
        None => ExecutionState::Other("none".to_owned()),
    };
    Execution {
        invoked: own.invocation_time().and_then(timestamp),
        state,
        steps: own.step_details().iter().map(step).collect(),
    }
}

fn step(own: &RemediationExecutionStep) -> ExecutionStep {
    let state = match own.state() {
        Some(RemediationExecutionStepState::Pending) => StepState::Pending,
        Some(RemediationExecutionStepState::InProgress) => StepState::InProgress,
        Some(RemediationExecutionStepState::Succeeded) => StepState::Succeeded,
        Some(RemediationExecutionStepState::Failed) => StepState::Failed,
        Some(RemediationExecutionStepState::Exited) => StepState::Exited,
        Some(other) => StepState::Other(other.as_str().to_owned()),
        None => StepState::Other("none".to_owned()),
    };
    ExecutionStep {
        name: own.name().unwrap_or_default().to_owned(),
        state,
        error: own.error_message().map(str::to_owned),
    }
}

fn timestamp(own: &DateTime) -> Option<Timestamp> {
    Timestamp::new(own.secs(), i32::try_from(own.subsec_nanos()).ok()?).ok()
}

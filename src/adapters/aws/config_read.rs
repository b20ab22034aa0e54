//! The SDK's answers about AWS Config in the words of the port.

use std::collections::BTreeSet;

use aws_sdk_config::primitives::{DateTime, DateTimeFormat};
use aws_sdk_config::types::{
    AggregatedSourceStatus, AggregatedSourceStatusType, AggregatedSourceType, ConfigurationItem,
    ConfigurationRecorder, ConfigurationRecorderStatus, RecorderStatus, RecordingFrequency,
    RecordingGroup as SdkGroup, RecordingMode, RecordingScope, RecordingStrategyType, ResourceType,
};
use serde_json::{Map, Value, json};

use crate::model::{AccountId, Region};
use crate::ports::{Gathered, Recorder, RecorderState, RecordingGroup};

/// `None` for a recorder that serves another service of AWS, and shows nobody what it records.
pub fn recorder(own: &ConfigurationRecorder) -> Option<Recorder> {
    if own.recording_scope() == Some(&RecordingScope::Internal) {
        return None;
    }
    let account = own.role_arn().or_else(|| own.arn()).and_then(account_of);
    Some(Recorder {
        name: own.name().unwrap_or("default").to_owned(),
        account,
        group: own
            .recording_group()
            .map_or(RecordingGroup::All { with_global: false }, group),
        daily: own.recording_mode().map_or(Some(BTreeSet::new()), daily),
    })
}

fn account_of(arn: &str) -> Option<AccountId> {
    let account = arn.split(':').nth(4)?;
    (!account.is_empty()).then(|| AccountId::from(account))
}

fn names(types: &[ResourceType]) -> BTreeSet<String> {
    types.iter().map(|own| own.as_str().to_owned()).collect()
}

fn group(own: &SdkGroup) -> RecordingGroup {
    let strategy = own.recording_strategy().and_then(|own| own.use_only());
    let is_exclusion = strategy == Some(&RecordingStrategyType::ExclusionByResourceTypes);
    if own.all_supported() {
        return RecordingGroup::All {
            with_global: own.include_global_resource_types(),
        };
    }
    match own.exclusion_by_resource_types() {
        Some(excluded) if is_exclusion || !excluded.resource_types().is_empty() => {
            RecordingGroup::AllBut(names(excluded.resource_types()))
        }
        Some(_) | None => RecordingGroup::Only(names(own.resource_types())),
    }
}

/// The types that are recorded once a day; `None` for all.
fn daily(own: &RecordingMode) -> Option<BTreeSet<String>> {
    let is_daily = |frequency: &RecordingFrequency| *frequency == RecordingFrequency::Daily;
    let overrides = own.recording_mode_overrides().iter();
    let overrides = overrides.filter(|own| is_daily(own.recording_frequency()));
    let types = overrides.flat_map(|own| names(own.resource_types()));
    match is_daily(own.recording_frequency()) {
        true => None,
        false => Some(types.collect()),
    }
}

pub fn state(own: &ConfigurationRecorderStatus) -> Option<RecorderState> {
    let failure = (own.last_status() == Some(&RecorderStatus::Failure)).then(|| {
        let code = own.last_error_code().unwrap_or("no code");
        code.chars().filter(|c| !c.is_control()).take(100).collect()
    });
    Some(RecorderState {
        name: own.name().unwrap_or("default").to_owned(),
        is_recording: own.recording(),
        failure,
    })
}

/// `None` for the organisation as a whole, which is no account.
pub fn gathered(own: &AggregatedSourceStatus) -> Option<Gathered> {
    if own.source_type() == Some(&AggregatedSourceType::Organization) {
        return None;
    }
    let failure = match own.last_update_status() {
        Some(AggregatedSourceStatusType::Succeeded) | None => None,
        Some(status) => {
            let code = own.last_error_code().unwrap_or("no code");
            Some(format!("{} ({code})", status.as_str().to_lowercase()))
        }
    };
    Some(Gathered {
        account: AccountId::from(own.source_id()?),
        region: own.aws_region().map(Region::from),
        failure,
    })
}

/// The item as the API shows it in JSON.
pub fn item(own: &ConfigurationItem) -> String {
    let mut members = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            members.insert(name.to_owned(), value);
        }
    };
    let text = |text: Option<&str>| text.map(|text| json!(text));
    let time = |time: Option<&DateTime>| Some(json!(time?.fmt(DateTimeFormat::DateTime).ok()?));
    put("version", text(own.version()));
    put("accountId", text(own.account_id()));
    put("awsRegion", text(own.aws_region()));
    put("arn", text(own.arn()));
    put(
        "resourceType",
        text(own.resource_type().map(ResourceType::as_str)),
    );
    put("resourceId", text(own.resource_id()));
    put("resourceName", text(own.resource_name()));
    let captured = own.configuration_item_capture_time();
    put("configurationItemCaptureTime", time(captured));
    let status = own.configuration_item_status();
    put(
        "configurationItemStatus",
        text(status.map(|own| own.as_str())),
    );
    put("configuration", text(own.configuration()));
    let supplementary = own.supplementary_configuration();
    put(
        "supplementaryConfiguration",
        supplementary.map(|own| json!(own)),
    );
    put("tags", own.tags().map(|own| json!(own)));
    Value::Object(members).to_string()
}

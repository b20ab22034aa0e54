//! AWS Config as a test wants it: rows in pages, recorders, and failures where they are asked for.

use std::collections::BTreeSet;
use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use driftwarden::adapters::aws_config::{AwsConfigSource, Limits, Meter, Places, Settings, Time};
use driftwarden::ingest::config_item;
use driftwarden::model::{AccountId, SourceReport, WhyNotRead};
use driftwarden::ports::{
    CallFailed, CallPlace, ConfigApi, Gathered, LiveSource, Page, Recorder, RecorderState,
    RecordingGroup, Select,
};
use jiff::Timestamp;

pub const ACCOUNT: &str = "111122223333";
pub const OTHER: &str = "444455556666";
pub const WEST: &str = "eu-west-1";
pub const BUCKET: &str = "AWS::S3::Bucket";
pub const QUEUE: &str = "AWS::SQS::Queue";
pub const ROLE: &str = "AWS::IAM::Role";
pub const TOPIC: &str = "AWS::SNS::Topic";
pub const TYPES: [&str; 4] = [ROLE, BUCKET, TOPIC, QUEUE];

/// One call as it came: place, interface, what was asked, and the token.
#[derive(Clone, Debug)]
pub struct Call {
    pub region: String,
    pub api: &'static str,
    pub asked: String,
    pub token: Option<String>,
    pub at: Duration,
}

type Fault = Box<dyn Fn(&Call, usize) -> Option<CallFailed> + Send + Sync>;

pub struct Cloud {
    pub rows: Vec<String>,
    pub group: RecordingGroup,
    pub is_recording: bool,
    pub page: usize,
    pub fault: Fault,
    /// Whether the last page leads on, and to what.
    pub endless: Option<fn(usize) -> String>,
    pub bare: bool,
    /// Rows that every page shows beside its own.
    pub beside: Vec<String>,
    pub gathered: Vec<Gathered>,
    pub calls: Vec<Call>,
}

impl Cloud {
    pub fn new(rows: Vec<String>) -> Self {
        Self {
            rows,
            group: RecordingGroup::All { with_global: true },
            is_recording: true,
            page: 100,
            fault: Box::new(|_, _| None),
            endless: None,
            bare: false,
            beside: Vec::new(),
            gathered: Vec::new(),
            calls: Vec::new(),
        }
    }
}

pub fn failed(why: WhyNotRead) -> CallFailed {
    CallFailed {
        why,
        what: format!("it is {why}"),
    }
}

pub fn row(account: &str, region: &str, config_type: &str, id: &str) -> String {
    let arn = match config_type {
        TOPIC => format!("arn:aws:sns:{region}:{account}:{id}"),
        _ => format!("arn:aws:s3:::{id}"),
    };
    let id = if config_type == TOPIC { &arn } else { id };
    format!(
        r#"{{"resourceType":"{config_type}","resourceId":"{id}","resourceName":"{id}","arn":"{arn}","accountId":"{account}","awsRegion":"{region}","configurationItemCaptureTime":"2026-11-28T09:00:00Z","configuration":{{"name":"{id}","DisplayName":"live"}},"supplementaryConfiguration":{{}},"tags":[]}}"#
    )
}

/// The same cloud for a test and for the source.
#[derive(Clone)]
pub struct Shared(pub Arc<Mutex<Cloud>>, Arc<Clock>);

#[derive(Default)]
pub struct Clock(AtomicU64);

impl Time for Clock {
    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst))
    }

    fn pause(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap().max(1);
        self.0.fetch_add(millis, Ordering::SeqCst);
    }

    fn wall(&self) -> Timestamp {
        "2026-11-28T10:00:00Z".parse().unwrap()
    }
}

pub const PLENTY: Limits = Limits {
    per_minute: 1_000,
    per_scan: 1_000,
};

impl Shared {
    pub fn new(cloud: Cloud) -> Self {
        Self(Arc::new(Mutex::new(cloud)), Arc::default())
    }

    pub fn direct(&self, regions: &[&str], limits: Limits) -> AwsConfigSource {
        let places = Places::Direct {
            accounts: vec![ACCOUNT.into()],
            regions: regions.iter().map(|own| (*own).into()).collect(),
        };
        self.source(places, limits)
    }

    pub fn source(&self, places: Places, limits: Limits) -> AwsConfigSource {
        let meter = Meter::new(limits, Arc::clone(&self.1) as Arc<dyn Time>);
        let settings = Settings {
            name: "bank".to_owned(),
            places,
            limits,
        };
        AwsConfigSource::new(settings, Box::new(self.clone()), meter)
    }

    pub fn calls(&self, api: &str) -> Vec<Call> {
        let calls = self.0.lock().unwrap().calls.clone();
        calls.into_iter().filter(|call| call.api == api).collect()
    }

    fn call(
        &self,
        at: &CallPlace,
        api: &'static str,
        asked: &str,
        token: Option<&str>,
    ) -> Result<(), CallFailed> {
        let mut cloud = self.0.lock().unwrap();
        let call = Call {
            region: at.region.to_string(),
            api,
            asked: asked.to_owned(),
            token: token.map(str::to_owned),
            at: self.1.elapsed(),
        };
        let failed = (cloud.fault)(&call, cloud.calls.len());
        cloud.calls.push(call);
        failed.map_or(Ok(()), Err)
    }
}

impl ConfigApi for Shared {
    fn recorders(&self, at: &CallPlace) -> Result<Vec<Recorder>, CallFailed> {
        self.call(at, "DescribeConfigurationRecorders", "", None)?;
        Ok(vec![Recorder {
            name: "default".to_owned(),
            account: Some(at.account.clone()),
            group: self.0.lock().unwrap().group.clone(),
            daily: Some(BTreeSet::new()),
        }])
    }

    fn recorder_states(&self, at: &CallPlace) -> Result<Vec<RecorderState>, CallFailed> {
        self.call(at, "DescribeConfigurationRecorderStatus", "", None)?;
        Ok(vec![RecorderState {
            name: "default".to_owned(),
            is_recording: self.0.lock().unwrap().is_recording,
            failure: None,
        }])
    }

    fn gathered(
        &self,
        at: &CallPlace,
        name: &str,
        token: Option<&str>,
    ) -> Result<Page<Gathered>, CallFailed> {
        self.call(
            at,
            "DescribeConfigurationAggregatorSourcesStatus",
            name,
            token,
        )?;
        Ok(Page {
            rows: self.0.lock().unwrap().gathered.clone(),
            next: None,
        })
    }

    fn select(
        &self,
        at: &CallPlace,
        select: Select<'_>,
        token: Option<&str>,
    ) -> Result<Page<String>, CallFailed> {
        let api = match select.aggregator {
            Some(_) => "SelectAggregateResourceConfig",
            None => "SelectResourceConfig",
        };
        self.call(at, api, select.expression, token)?;
        let cloud = self.0.lock().unwrap();
        let asked = |row: &&String| {
            let read: serde_json::Value = serde_json::from_str(row).unwrap_or_default();
            let text = |name: &str| read[name].as_str().unwrap_or("?").to_owned();
            let is_here = select.aggregator.is_some()
                || text("awsRegion") == at.region.as_str()
                || text("awsRegion") == "global";
            let wants = |word: &str| select.expression.contains(&format!("'{}'", text(word)));
            let of_account = !select.expression.contains("accountId =") || wants("accountId");
            let single = !select.expression.contains("resourceId IN") || wants("resourceId");
            is_here && wants("resourceType") && of_account && single
        };
        let rows: Vec<&String> = cloud.rows.iter().filter(asked).collect();
        let start: usize = token.and_then(|token| token.parse().ok()).unwrap_or(0);
        let shown = rows.iter().skip(start).take(cloud.page);
        let shown = shown.map(|row| match cloud.bare {
            true => row.replace("\"configuration\":", "\"other\":"),
            false => (*row).clone(),
        });
        let end = start + cloud.page;
        let next = match cloud.endless {
            Some(next) => Some(next(cloud.calls.len())),
            None => (end < rows.len()).then(|| end.to_string()),
        };
        Ok(Page {
            rows: shown.chain(cloud.beside.iter().cloned()).collect(),
            next,
        })
    }

    fn newest_item(
        &self,
        at: &CallPlace,
        config_type: &str,
        id: &str,
    ) -> Result<Option<String>, CallFailed> {
        self.call(at, "GetResourceConfigHistory", id, None)?;
        if id.starts_with("never") {
            return Ok(None);
        }
        let cloud = self.0.lock().unwrap();
        let own = cloud
            .rows
            .iter()
            .find(|row| row.contains(&format!("\"{id}\"")));
        let gone = || {
            row(at.account.as_str(), at.region.as_str(), config_type, id).replace(
                "\"tags\":[]",
                "\"configurationItemStatus\":\"ResourceDeleted\"",
            )
        };
        Ok(Some(own.cloned().unwrap_or_else(gone)))
    }
}

/// Ids and types of the items of a document.
pub fn items(document: &[u8]) -> Vec<(String, String)> {
    let mut items = Vec::new();
    let visit = &mut |item: config_item::Item<'_>| {
        items.push((item.resource_type.to_string(), item.resource_id.to_string()));
        Ok(())
    };
    config_item::read(document, visit).unwrap();
    items
}

/// A whole look: the items of every part, and the report.
pub fn look(source: &AwsConfigSource) -> (Vec<(String, String)>, SourceReport) {
    let mut all = Vec::new();
    for part in source.begin(&TYPES) {
        let mut document = Vec::new();
        source
            .open(&part)
            .unwrap()
            .read_to_end(&mut document)
            .unwrap();
        all.extend(items(&document));
    }
    all.retain(|(config_type, _)| config_type != "AWS::Config::ConfigurationRecorder");
    (all, source.report())
}

/// Account, type and reason of what was not read.
pub fn not_read(report: &SourceReport) -> Vec<(Option<&str>, WhyNotRead)> {
    let parts = report.not_read.iter();
    let parts = parts.map(|part| (part.config_type.as_deref(), part.why));
    parts.collect()
}

pub fn whole(report: &SourceReport) -> Vec<&str> {
    report
        .read_whole
        .iter()
        .map(|part| &*part.config_type)
        .collect()
}

pub fn account(id: &str) -> AccountId {
    id.into()
}

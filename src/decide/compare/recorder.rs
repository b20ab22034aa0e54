//! What the recorders of AWS Config record, as their own items say.

use std::collections::{BTreeMap, BTreeSet};

use super::{Findings, millis};
use crate::ingest::config_item::{Item, Status};
use crate::ingest::json;
use crate::model::Value;
use crate::normalise::path::{Path, find};

/// The type under which Config records its own recorders.
pub(super) const RECORDER: &str = "AWS::Config::ConfigurationRecorder";

/// The newest item of one recorder.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Recorder {
    pub(super) time: i64,
    pub(super) records: Records,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Records {
    AllBut(BTreeSet<String>),
    Only(BTreeSet<String>),
    /// It is stopped or gone.
    Nothing,
}

/// Recorders by account, Region and id.
pub(super) type Recorders = BTreeMap<(Box<str>, Box<str>, Box<str>), Recorder>;

impl Records {
    pub(super) fn holds(&self, config_type: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Only(types) => types.contains(config_type),
            Self::AllBut(types) => !types.contains(config_type),
        }
    }

    /// `None` where the item does not say; then it proves nothing.
    fn read(configuration: &Value) -> Option<Self> {
        let at = |path: &str| find(configuration, &Path::parse(path).captured);
        let types = |path: &str| -> BTreeSet<String> {
            let types = at(path).and_then(Value::as_list).unwrap_or_default();
            let names = types.iter().filter_map(Value::as_str);
            names.map(str::to_owned).collect()
        };
        if at("recording") == Some(&Value::Bool(false)) {
            return Some(Self::Nothing);
        }
        let all = at("recordingGroup.allSupported") == Some(&Value::Bool(true));
        let strategy = at("recordingGroup.recordingStrategy.useOnly").and_then(Value::as_str);
        match strategy {
            Some("EXCLUSION_BY_RESOURCE_TYPES") => {
                let types = types("recordingGroup.exclusionByResourceTypes.resourceTypes");
                Some(Self::AllBut(types))
            }
            Some("ALL_SUPPORTED_RESOURCE_TYPES") => Some(Self::AllBut(BTreeSet::new())),
            _ if all => Some(Self::AllBut(BTreeSet::new())),
            Some(_) | None => {
                let types = types("recordingGroup.resourceTypes");
                (!types.is_empty()).then_some(Self::Only(types))
            }
        }
    }
}

impl Findings {
    pub(super) fn note_recorder(&mut self, item: &Item<'_>, account: &str, region: &str) {
        let mut members = item.members.iter();
        let body = members.find(|(name, _)| name == "configuration");
        let configuration = body.and_then(|(_, raw)| json::parse(raw).ok());
        let configuration = match configuration {
            Some(Value::String(text)) => json::parse(&text).ok(),
            other => other,
        };
        let records = match item.status {
            Status::Deleted => Some(Records::Nothing),
            Status::Present => configuration.as_ref().and_then(Records::read),
            Status::NotRecorded => None,
        };
        if let Some(records) = records {
            let time = millis(item.captured_at);
            let key = (account.into(), region.into(), (*item.resource_id).into());
            self.add_recorder(key, Recorder { time, records });
        }
    }

    pub(super) fn add_recorder(&mut self, key: (Box<str>, Box<str>, Box<str>), found: Recorder) {
        // Of items of one moment the one that records less counts, whatever their order.
        let known = self.recorders.get(&key);
        if known.is_none_or(|known| *known < found) {
            self.recorders.insert(key, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(configuration: &str, config_type: &str) -> Option<bool> {
        let records = Records::read(&json::parse(configuration).unwrap());
        records.map(|records| records.holds(config_type))
    }

    #[test]
    fn a_recorder_says_what_it_records() {
        let group = |text: &str| format!(r#"{{"recordingGroup":{text}}}"#);
        for (configuration, topic, queue) in [
            (group(r#"{"allSupported":true}"#), Some(true), Some(true)),
            (
                group(r#"{"allSupported":false,"resourceTypes":["AWS::SNS::Topic"]}"#),
                Some(true),
                Some(false),
            ),
            (
                group(
                    r#"{"exclusionByResourceTypes":{"resourceTypes":["AWS::SNS::Topic"]},"recordingStrategy":{"useOnly":"EXCLUSION_BY_RESOURCE_TYPES"}}"#,
                ),
                Some(false),
                Some(true),
            ),
            (
                r#"{"Recording":false,"RecordingGroup":{"AllSupported":true}}"#.to_owned(),
                Some(false),
                Some(false),
            ),
            (
                group(r#"{"allSupported":false,"resourceTypes":[]}"#),
                None,
                None,
            ),
            ("{}".to_owned(), None, None),
        ] {
            assert_eq!(
                records(&configuration, "AWS::SNS::Topic"),
                topic,
                "{configuration}"
            );
            assert_eq!(
                records(&configuration, "AWS::SQS::Queue"),
                queue,
                "{configuration}"
            );
        }
    }
}

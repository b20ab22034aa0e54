//! The frame of the SARIF log around its results.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::super::ScanReport;
use super::Files;
use super::message::Message;
use super::notifications::{self, Notification};
use super::result::SarifResult;
use super::rules::Rules;
use super::uri::{ArtifactLocation, BASE};

#[derive(Serialize)]
pub(super) struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    invocations: [Invocation; 1],
    original_uri_base_ids: BTreeMap<&'static str, UriBase>,
    column_kind: &'static str,
    artifacts: Artifacts<'a>,
    results: Results<'a>,
    properties: RunProperties<'a>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'a> {
    name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    information_uri: &'static str,
    rules: RuleList<'a>,
    notifications: Vec<notifications::Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    start_time_utc: Timestamp,
    end_time_utc: Timestamp,
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct UriBase {
    description: Message,
}

#[derive(Serialize)]
struct RunProperties<'a> {
    coverage: crate::model::Coverage,
    config: &'a str,
}

impl<'a> Log<'a> {
    pub(super) fn new(
        report: &'a ScanReport<'a>,
        rules: &'a Rules<'a>,
        files: &'a Files<'a>,
    ) -> Self {
        let base = UriBase {
            description: Message::new("the root of the Terraform source"),
        };
        let version = env!("CARGO_PKG_VERSION");
        let run = Run {
            tool: Tool {
                driver: Driver {
                    name: "driftwarden",
                    version,
                    semantic_version: version,
                    information_uri: env!("CARGO_PKG_REPOSITORY"),
                    rules: RuleList(rules),
                    notifications: notifications::descriptors(report),
                },
            },
            invocations: [Invocation {
                // A scan that could not do its job has no result to show.
                execution_successful: true,
                start_time_utc: report.started_at,
                end_time_utc: report.finished_at,
                tool_execution_notifications: notifications::all(report),
            }],
            original_uri_base_ids: BTreeMap::from([(BASE, base)]),
            column_kind: "unicodeCodePoints",
            artifacts: Artifacts(files),
            results: Results {
                report,
                rules,
                files,
            },
            properties: RunProperties {
                coverage: report.assessment.coverage,
                config: report.config_file,
            },
        };
        Self {
            schema: "https://json.schemastore.org/sarif-2.1.0.json",
            version: "2.1.0",
            runs: [run],
        }
    }
}

// === lists that are written as they are read ===

struct RuleList<'a>(&'a Rules<'a>);

impl Serialize for RuleList<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.descriptors())
    }
}

struct Artifacts<'a>(&'a Files<'a>);

#[derive(Serialize)]
struct Artifact {
    location: ArtifactLocation,
}

impl Serialize for Artifacts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let artifacts = self.0.names().map(|file| Artifact {
            location: ArtifactLocation::new(file, None),
        });
        serializer.collect_seq(artifacts)
    }
}

struct Results<'a> {
    report: &'a ScanReport<'a>,
    rules: &'a Rules<'a>,
    files: &'a Files<'a>,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let deviations = self.report.assessment.deviations.iter();
        let results = deviations.map(|judged| SarifResult::new(judged, self.rules, self.files));
        serializer.collect_seq(results)
    }
}

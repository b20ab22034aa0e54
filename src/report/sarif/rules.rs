//! The rules that decided, as SARIF rules.

use std::collections::BTreeMap;

use serde::Serialize;

use super::message::Message;
use super::result::level;
use super::uri::is_web_address;
use crate::model::{Judged, RuleId, Ruling, Severity};

/// Stands for the default where no rule matched.
const NO_RULE: &str = "no-rule";

/// Each rule id with its place in the driver's list and a ruling that it gave.
pub(super) struct Rules<'a>(BTreeMap<&'a str, (usize, &'a Ruling)>);

impl<'a> Rules<'a> {
    pub(super) fn of(deviations: &'a [Judged]) -> Self {
        let mut rules = BTreeMap::new();
        for judged in deviations {
            rules
                .entry(id(&judged.ruling))
                .or_insert((0, &judged.ruling));
        }
        for (index, (place, _)) in rules.values_mut().enumerate() {
            *place = index;
        }
        Self(rules)
    }

    pub(super) fn index(&self, ruling: &Ruling) -> Option<usize> {
        self.0.get(id(ruling)).map(|(index, _)| *index)
    }

    pub(super) fn descriptors(&self) -> impl Iterator<Item = Descriptor<'a>> + '_ {
        let rules = self.0.iter();
        rules.map(|(id, (_, ruling))| Descriptor::new(id, ruling))
    }
}

pub(super) fn id(ruling: &Ruling) -> &str {
    ruling.rule.as_ref().map_or(NO_RULE, RuleId::as_str)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor<'a> {
    id: &'a str,
    short_description: Message,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<&'a str>,
    default_configuration: Configuration,
    properties: Properties<'a>,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Properties<'a> {
    tags: [&'static str; 2],
    controls: &'a [String],
    owner: Option<&'a str>,
    sla_seconds: Option<u64>,
    runbook: Option<&'a str>,
    /// Code scanning sorts by this number; the steps are those of CVSS ratings.
    #[serde(rename = "security-severity")]
    security_severity: &'static str,
}

impl<'a> Descriptor<'a> {
    fn new(id: &'a str, ruling: &'a Ruling) -> Self {
        let duties = &ruling.duties;
        let description = match (&duties.description, &ruling.rule) {
            (Some(description), _) => description,
            (None, Some(_)) => id,
            (None, None) => "No rule matched: the default severity and action hold",
        };
        let runbook = duties.runbook.as_deref();
        Self {
            id,
            short_description: Message::new(description),
            help_uri: runbook.filter(|text| is_web_address(text)),
            default_configuration: Configuration {
                level: level(ruling.severity),
            },
            properties: Properties {
                tags: ["drift", "security"],
                controls: &duties.controls,
                owner: duties.owner.as_deref(),
                sla_seconds: duties.sla_seconds,
                runbook,
                security_severity: match ruling.severity {
                    Severity::Critical => "9.5",
                    Severity::High => "8.0",
                    Severity::Medium => "5.5",
                    Severity::Low => "2.0",
                    Severity::Info => "0.0",
                },
            },
        }
    }
}

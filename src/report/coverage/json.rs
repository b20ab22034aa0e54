//! For programs. Field names are a contract: they may be added to, never renamed.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::super::json_out::ObjectWriter;
use super::{CoverageReport, Resources};
use crate::model::{AttributePath, Tally, TypeCoverage, TypeName, Watching};

const SCHEMA: &str = "driftwarden.coverage/1";

#[derive(Serialize)]
struct Attributes {
    approved: u64,
    watched: u64,
    /// Watched in thousandths of approved, rounded down.
    share_permille: Option<u64>,
    /// Of approved, all but `computed`, which stands beside it.
    by_outcome: BTreeMap<&'static str, u64>,
}

impl Attributes {
    fn new(tally: &Tally) -> Self {
        let all = Watching::ALL.into_iter();
        Self {
            approved: tally.approved(),
            watched: tally.watched(),
            share_permille: tally.share(),
            by_outcome: all.map(|own| (own.as_str(), tally.of(own))).collect(),
        }
    }
}

#[derive(Serialize)]
struct TypeRow<'a> {
    #[serde(rename = "type")]
    type_name: &'a TypeName,
    config_type: Option<&'a str>,
    table: Option<&'a str>,
    resources: Resources,
    attributes: Attributes,
    outcomes: Vec<OutcomeRow<'a>>,
}

#[derive(Serialize)]
struct OutcomeRow<'a> {
    attribute: &'a AttributePath,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
    count: u64,
}

impl<'a> TypeRow<'a> {
    fn new(type_name: &'a TypeName, own: &'a TypeCoverage) -> Self {
        let outcomes = own.attributes.iter();
        let outcomes = outcomes.map(|((attribute, watching, why), count)| OutcomeRow {
            attribute,
            outcome: watching.as_str(),
            why: (!why.is_empty()).then_some(why),
            count: *count,
        });
        let table = own.table.as_ref();
        Self {
            type_name,
            config_type: table.map(|(config, _)| config.as_str()),
            table: table.map(|(_, file)| file.as_str()),
            resources: Resources {
                approved: own.resources,
                observed: own.observed,
                unknown: own.unknown,
                excluded: own.excluded,
                uncounted: own.uncounted,
            },
            attributes: Attributes::new(&own.tally()),
            outcomes: outcomes.collect(),
        }
    }
}

/// Writes the counts as one JSON object, one type a line.
///
/// # Errors
/// Only those of `out`.
pub fn json(report: &CoverageReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let coverage = report.coverage;
    let mut object = ObjectWriter::begin(out)?;
    object.field("schema", &SCHEMA)?;
    object.field("at", &report.at)?;
    object.field("workspaces", &coverage.workspaces)?;
    object.field("workspaces_with_schema", &coverage.workspaces_with_schema)?;
    object.field("resources", &report.resources())?;
    object.field("attributes", &Attributes::new(&coverage.tally()))?;
    let types = coverage.types.iter();
    object.rows("types", types.map(|(name, own)| TypeRow::new(name, own)))?;
    object.rows("warnings", report.warnings.iter())?;
    object.end()
}

//! Who claims what, by the plans and states alone: no live item is looked at and nothing is recorded.

use jiff::Timestamp;

use super::comparing::refuse_double_claims;
use super::inputs::{Failure, SmallInputs};
use super::look::known;
use super::plans::Reading;
use super::progress::Progress;
use super::scan::Settings;
use crate::decide::compare::{Comparer, DoubleClaim};
use crate::ingest::redact::Redactor;
use crate::ports::{Estate, EvidenceSink};

/// What the plans and states approve.
pub struct Ownership {
    /// How many resources.
    pub approved: usize,
    /// Resources that one workspace approves twice, of which a scan says nothing.
    pub twice: Vec<DoubleClaim>,
}

/// Counts the approved resources, where no two workspaces approve the same.
///
/// # Errors
/// Plans, states, change records or an identity map that cannot be used; a resource that is approved
/// by two workspaces.
pub fn ownership(
    estate: &dyn Estate,
    evidence: &mut dyn EvidenceSink,
    settings: &Settings,
    clock: &dyn Fn() -> Timestamp,
    progress: &dyn Progress,
) -> Result<Ownership, Failure> {
    let mut inputs = SmallInputs::for_plans(estate).map_err(Failure::Inputs)?;
    let (catalogue, schemas) = known(estate, &mut inputs)?;
    let redactor = Redactor::new(&settings.redaction_key);
    let reading = Reading {
        estate,
        catalogue: &catalogue,
        redactor: &redactor,
        schemas: &schemas,
        settings,
        progress,
    };
    let plans = reading.read(clock(), &inputs, evidence)?;
    let comparer = Comparer::new(&catalogue, &plans.approved, &settings.scope, &redactor);
    refuse_double_claims(&comparer)?;
    let approved = plans.approved.resources.iter();
    let approved = approved.filter(|own| own.unapproved().is_none()).count();
    let mut twice = comparer.double_claims();
    twice.retain(DoubleClaim::is_within_one_workspace);
    Ok(Ownership { approved, twice })
}

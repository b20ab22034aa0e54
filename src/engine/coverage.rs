//! How much of what was approved is really compared: a look, then the plans once more for the
//! attributes that no table maps.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::inputs::{Failure, unreadable};
use super::look::{Look, Looking};
use super::progress::Progress;
use super::scan::Settings;
use super::schemas::{Origin, Schemas};
use crate::decide::coverage::{Counter, IsComputed};
use crate::ingest::json::{Fault, StreamError};
use crate::ingest::plan::read_values;
use crate::ingest::source::Source;
use crate::model::{
    Assessment, AttributeCoverage, ScanTotals, Sha256Digest, TypeName, WorkspaceName,
};
use crate::ports::{Estate, EvidenceSink, InputError, InputRef, WorkspaceInput};

/// What is covered, and of what.
pub struct Covered {
    pub at: Timestamp,
    pub coverage: AttributeCoverage,
    pub assessment: Assessment,
    pub totals: ScanTotals,
    pub warnings: Vec<String>,
}

/// Counts every approved attribute of the estate. Records nothing.
///
/// # Errors
/// As a scan; or a plan changed while it was read.
pub fn coverage(
    estate: &dyn Estate,
    evidence: &mut dyn EvidenceSink,
    settings: &Settings,
    clock: &dyn Fn() -> Timestamp,
    progress: &dyn Progress,
) -> Result<Covered, Failure> {
    let looking = Looking {
        estate,
        settings,
        progress,
        watches: true,
        sweep: None,
        asked: None,
        heard: None,
    };
    let look = looking.look(evidence, clock())?;
    let workspaces = estate.workspaces().map_err(Failure::Inputs)?;
    let schemas = schemas(estate, &workspaces, &look)?;
    let coverage = count(estate, &workspaces, &schemas, &look)?;
    Ok(Covered {
        at: look.now,
        coverage,
        assessment: look.assessment,
        totals: look.totals,
        warnings: look.warnings,
    })
}

fn one(error: InputError) -> Failure {
    Failure::Inputs(vec![error])
}

fn count(
    estate: &dyn Estate,
    workspaces: &[WorkspaceInput],
    schemas: &Schemas,
    look: &Look,
) -> Result<AttributeCoverage, Failure> {
    let watched = look
        .watched
        .as_ref()
        .ok_or_else(|| Failure::Internal("nothing was watched".to_owned()))?;
    let approved = &look.plans.approved;
    let mut counter = Counter::new(
        &look.catalogue,
        approved,
        watched,
        &look.assessment.gaps,
        &look.plans.sources,
    );
    let baselines = baselines(look);
    for workspace in workspaces {
        let is_computed = |type_name: &TypeName, tokens: &[&str]| {
            let facts = schemas.attribute(workspace, type_name.as_str(), tokens);
            // The count must not move with the facts that a release ships: anybody can count again.
            facts.is_some_and(|(facts, origin)| {
                origin == Origin::Uploaded && facts.is_computed_only()
            })
        };
        for (digest, input) in plans(workspace, look) {
            let Some(wanted) = baselines.get(&(&workspace.name, digest)) else {
                continue;
            };
            let own = Baseline {
                input,
                digest,
                wanted,
            };
            own.count(estate, &mut counter, &is_computed).map_err(one)?;
        }
    }
    let with_schema = workspaces.iter().filter(|own| own.schema.is_some());
    Ok(AttributeCoverage {
        workspaces: workspaces.len() as u64,
        workspaces_with_schema: with_schema.count() as u64,
        ..counter.finish()
    })
}

/// Approved resources by the plan that is their baseline, and by address.
type Baselines<'l> = BTreeMap<(&'l WorkspaceName, Sha256Digest), BTreeMap<&'l str, u32>>;

fn baselines(look: &Look) -> Baselines<'_> {
    let approved = &look.plans.approved;
    let mut baselines = Baselines::new();
    for (number, resource) in (0u32..).zip(&approved.resources) {
        let workspace = approved.workspace(resource.workspace);
        if let (Some(workspace), Some(plan)) = (workspace, approved.plan_of(resource)) {
            let own = baselines.entry((workspace, plan)).or_default();
            own.insert(&resource.address, number);
        }
    }
    baselines
}

/// The plans that were read, each once.
fn plans<'w>(
    workspace: &'w WorkspaceInput,
    look: &'w Look,
) -> impl Iterator<Item = (Sha256Digest, &'w InputRef)> {
    let ranked = look.plans.ranked.get(&workspace.name);
    ranked.into_iter().flatten().filter_map(|ranked| {
        let meta = &ranked.standing.plan;
        let mut files = workspace.plans.iter();
        Some((meta.digest, files.find(|file| file.name == meta.file)?))
    })
}

/// One plan file that is the baseline of some resources.
struct Baseline<'a> {
    input: &'a InputRef,
    digest: Sha256Digest,
    wanted: &'a BTreeMap<&'a str, u32>,
}

impl Baseline<'_> {
    fn count(
        &self,
        estate: &dyn Estate,
        counter: &mut Counter<'_>,
        is_computed: IsComputed<'_>,
    ) -> Result<(), InputError> {
        let source = Source::new(&self.input.name, estate.open(self.input)?);
        let read = read_values(
            source,
            &mut |planned| match self.wanted.get(planned.address) {
                Some(number) => counter
                    .add(*number, planned.values, is_computed)
                    .map_err(Fault::from),
                None => Ok(()),
            },
        );
        let source = read.map_err(|error| unreadable(self.input, error))?;
        let finished = source.finish();
        let (digest, _) =
            finished.map_err(|error| unreadable(self.input, StreamError::Read(error)))?;
        if digest == self.digest {
            return Ok(());
        }
        Err(InputError {
            what: format!("`{}` changed while it was read", self.input.name),
            help: Some("let whatever writes it finish, then run this again".to_owned()),
        })
    }
}

/// What is known of the mapped types, and of those that are approved.
fn schemas(
    estate: &dyn Estate,
    workspaces: &[WorkspaceInput],
    look: &Look,
) -> Result<Schemas, Failure> {
    let approved = &look.plans.approved;
    let unmapped = approved.resources.iter().filter_map(|own| {
        let rare = own.rare.as_ref()?;
        rare.unmapped_type.as_deref()
    });
    let unmapped: BTreeSet<&str> = unmapped.collect();
    let wanted = |name: &str| look.catalogue.find(name).is_some() || unmapped.contains(name);
    Schemas::read(estate, workspaces, &wanted)
}

//! One look at an estate: read, compare, judge. What is done with what was found, others say: a scan
//! records it, `coverage` counts it, `explain` takes one finding apart.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;

use super::comparing::{Compared, Known};
use super::exactly::{ExactInputs, Exactly, exactly};
use super::inputs::{Failure, SmallInputs};
use super::plans::{Plans, Reading};
use super::progress::{Progress, Step};
use super::refreshing::KeptRefresh;
use super::scan::Settings;
use super::schemas::Schemas;
use crate::decide::assess::{Inputs, assess};
use crate::decide::attribute::ActivityIndex;
use crate::decide::baseline::AppliedBefore;
use crate::decide::compare::{Comparison, Watched};
#[cfg(feature = "daemon")]
use crate::decide::compare::{Prepared, Unplaced};
use crate::decide::rules::RuleSet;
use crate::decide::sweep::Sweep;
use crate::evidence::ledger::OpenFinding;
use crate::evidence::record::InputFile;
use crate::ingest::redact::Redactor;
use crate::ingest::schema::contradictions;
use crate::model::{
    Activity, Address, Assessment, EarlierFinding, FindingKey, ScanTotals, SourceReport,
    WorkspaceName,
};
use crate::normalise::Catalogue;
use crate::normalise::equal::Principals;
use crate::normalise::table::TableError;
use crate::ports::{Estate, EvidenceSink};

/// What a look needs.
pub(super) struct Looking<'a> {
    pub(super) estate: &'a dyn Estate,
    pub(super) settings: &'a Settings,
    pub(super) progress: &'a dyn Progress,
    /// Whether to keep what became of each attribute.
    pub(super) watches: bool,
    /// How far slow sweeps are, where there are any.
    pub(super) sweep: Option<&'a Mutex<Sweep>>,
    /// A resource that somebody asks about, to be looked at exactly. What sources gave is kept then.
    pub(super) asked: Option<&'a Address>,
    /// What was heard beside the estate's files; given where looks at few resources follow.
    pub(super) heard: Option<&'a Heard>,
}

/// What came by events: calls that changed something, and items of Config.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    pub activities: Vec<Activity>,
    /// Documents as `ingest::config_item` reads them.
    pub items: Vec<Arc<str>>,
}

/// What was found, and what it was found with.
pub(super) struct Look {
    /// As of when every decision is made.
    pub(super) now: Timestamp,
    /// When it began: earlier, where sources were asked before.
    pub(super) began: Timestamp,
    /// The types that sources are asked for.
    pub(super) asked_for: BTreeSet<Box<str>>,
    pub(super) inputs: SmallInputs,
    pub(super) rules: RuleSet,
    pub(super) catalogue: Catalogue,
    pub(super) redactor: Redactor,
    pub(super) schemas: Schemas,
    /// Users and roles, where a policy asked for them.
    pub(super) principals: Principals,
    pub(super) plans: Plans,
    pub(super) assessment: Assessment,
    /// Plans whose changes were seen live.
    pub(super) applied: AppliedBefore,
    /// Open findings whose subjects no item carried.
    pub(super) not_seen: BTreeSet<FindingKey>,
    /// What came of looking exactly.
    pub(super) exactly: Exactly,
    pub(super) watched: Option<Watched>,
    /// What refreshes gave, where somebody asks.
    pub(super) refreshes: Vec<KeptRefresh>,
    pub(super) totals: ScanTotals,
    pub(super) files: Vec<InputFile>,
    pub(super) warnings: Vec<String>,
    /// What the sources that are asked told beside their items.
    pub(super) reports: Vec<SourceReport>,
    /// Kept where looks at few resources follow.
    #[cfg(feature = "daemon")]
    pub(super) prepared: Option<Arc<Prepared>>,
    /// Approved resources that any live one of their type may be.
    #[cfg(feature = "daemon")]
    pub(super) unplaced: Unplaced,
}

impl Looking<'_> {
    /// Looks at everything. Of the evidence, only what it holds and its blobs are touched.
    pub(super) fn look(
        &self,
        evidence: &mut dyn EvidenceSink,
        now: Timestamp,
    ) -> Result<Look, Failure> {
        let settings = self.settings;
        let mut inputs = SmallInputs::read(self.estate).map_err(Failure::Inputs)?;
        let rules = inputs
            .rules
            .take()
            .ok_or_else(|| Failure::Internal("no rules".to_owned()))?;
        let (catalogue, schemas) = known(self.estate, &mut inputs)?;
        let redactor = Redactor::new(&settings.redaction_key);
        let reading = Reading {
            estate: self.estate,
            catalogue: &catalogue,
            redactor: &redactor,
            schemas: &schemas,
            settings,
            progress: self.progress,
        };
        let mut plans = reading.read(now, &inputs, evidence)?;

        let earlier = evidence.ledger().open_findings();
        let earlier: Vec<EarlierFinding> = earlier.map(OpenFinding::subject).collect();
        let began = self
            .estate
            .asked_since()
            .map_or(now, |since| since.min(now));
        let known = Known {
            catalogue: &catalogue,
            redactor: &redactor,
            schemas: &schemas,
            plans: &plans,
            earlier: &earlier,
        };
        let Compared {
            mut comparison,
            mut warnings,
            principals,
            asked_for,
            reports,
            totals,
            files: live_files,
            refreshes,
            #[cfg(feature = "daemon")]
            prepared,
            #[cfg(feature = "daemon")]
            unplaced,
        } = self.compared(&known, began)?;
        warnings.splice(
            0..0,
            inputs.warnings.drain(..).chain(plans.warnings.drain(..)),
        );

        let asking = ExactInputs {
            estate: self.estate,
            settings,
            ledger: evidence.ledger(),
            approved: &plans.approved,
            catalogue: &catalogue,
            progress: self.progress,
            sweep: self.sweep,
            asked: self.asked,
            now,
            earlier: &earlier,
        };
        let mut exactly = exactly(asking, &mut comparison);
        warnings.append(&mut exactly.warnings);
        exactly.told_by_refresh = told_by_refresh(&earlier, &mut comparison, &exactly.workspaces);

        let applied = std::mem::take(&mut comparison.applied);
        let watched = comparison.watched.take();
        let not_seen = std::mem::take(&mut comparison.not_seen);
        let mut assessment = self.judged(now, &mut inputs, &plans, comparison, &rules);
        assessment.set_aside = std::mem::take(&mut exactly.set_aside);
        let mut files = std::mem::take(&mut inputs.files);
        files.append(&mut plans.files);
        files.extend(live_files);
        Ok(Look {
            now,
            began,
            asked_for,
            inputs,
            rules,
            catalogue,
            redactor,
            schemas,
            principals,
            plans,
            assessment,
            applied,
            not_seen,
            exactly,
            watched,
            refreshes,
            totals,
            files,
            warnings,
            reports,
            #[cfg(feature = "daemon")]
            prepared,
            #[cfg(feature = "daemon")]
            unplaced,
        })
    }

    /// Every deviation is judged by plans, change records, activity and rules.
    fn judged(
        &self,
        now: Timestamp,
        inputs: &mut SmallInputs,
        plans: &Plans,
        comparison: Comparison,
        rules: &RuleSet,
    ) -> Assessment {
        self.progress.step(Step::Judging, 0);
        let mut activities = std::mem::take(&mut inputs.activities);
        if self.heard.is_some() {
            // Looks at few resources ask for them, too.
            inputs.activities.clone_from(&activities);
        }
        let heard = self.heard.iter();
        activities.extend(heard.flat_map(|heard| heard.activities.iter().cloned()));
        let people = inputs.people.as_ref();
        let activity = ActivityIndex::new(activities, &self.settings.allowed, people);
        let judging = Inputs {
            workspaces: &plans.ranked,
            approved: &plans.approved,
            comparison,
            activity: &activity,
            people,
            policy: &self.settings.policy,
            locate: &|workspace, address| plans.sources.locate(workspace, address),
            authors: &plans.sources,
        };
        assess(now, judging, rules)
    }
}

/// The tables and the provider schemas. Where an uploaded schema contradicts a table, the schema
/// wins, and is named.
pub(super) fn known(
    estate: &dyn Estate,
    inputs: &mut SmallInputs,
) -> Result<(Catalogue, Schemas), Failure> {
    let internal = |error: TableError| Failure::Internal(error.to_string());
    let catalogue = Catalogue::builtin().map_err(internal)?;
    let workspaces = estate.workspaces().map_err(Failure::Inputs)?;
    // A refresh shows attributes of every type.
    let is_all = !estate.refreshes().is_empty();
    let wanted = |name: &str| is_all || catalogue.find(name).is_some();
    let mut schemas = Schemas::read(estate, &workspaces, &wanted)?;
    inputs.files.append(&mut schemas.files);
    let found = contradictions(&catalogue, &schemas.uploaded());
    inputs.warnings.extend(found.found);
    if found.changes.is_empty() {
        return Ok((catalogue, schemas));
    }
    let catalogue = Catalogue::changed(&found.changes).map_err(internal)?;
    Ok((catalogue, schemas))
}

/// A workspace that is looked at exactly has what says more than a refresh.
fn told_by_refresh(
    earlier: &[EarlierFinding],
    comparison: &mut Comparison,
    exactly: &BTreeSet<WorkspaceName>,
) -> BTreeSet<FindingKey> {
    let mut told = std::mem::take(&mut comparison.told_by_refresh);
    let others = earlier.iter().filter(|own| {
        let workspace = own.workspace.as_ref();
        workspace.is_some_and(|name| exactly.contains(name))
    });
    others.for_each(|own| {
        told.remove(&own.finding);
    });
    told
}

//! What the last scan went by, kept so that an event costs a look at its own resource and no more.
//! It holds the approved side with its indexes, and is replaced whole by the next scan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::inputs::{Failure, SmallInputs};
use super::live::each_item;
use super::look::Look;
use super::plans::Plans;
use super::record::ScanToRecord;
use super::scan::Settings;
use crate::decide::assess::{Inputs, assess_few};
use crate::decide::attribute::ActivityIndex;
use crate::decide::baseline::AppliedBefore;
use crate::decide::compare::{Comparer, Prepared, Unplaced};
use crate::decide::exact::needs_a_look;
use crate::decide::marks::{ApprovedParts, Mark, PartIndex, marks};
use crate::decide::rules::RuleSet;
use crate::decide::waivers;
use crate::evidence::ledger::OpenFinding;
use crate::evidence::lifecycle;
use crate::evidence::record::{Encoded, FindingRecord};
use crate::ingest::config_item::Item;
use crate::ingest::redact::Redactor;
use crate::model::{
    Activity, Assessment, Deviation, EarlierFinding, FindingKey, Relation, ScanTotals,
    WorkspaceName,
};
use crate::normalise::Catalogue;
use crate::normalise::equal::Principals;
use crate::ports::EvidenceSink;

pub struct Picture {
    /// When the scan began; what was recorded before is in it.
    pub began: Timestamp,
    inputs: SmallInputs,
    rules: RuleSet,
    catalogue: Catalogue,
    redactor: Redactor,
    principals: Principals,
    plans: Plans,
    prepared: Arc<Prepared>,
    parts: PartIndex,
    unplaced: Unplaced,
    /// Workspaces whose resources a scan looks at exactly.
    exactly: BTreeSet<WorkspaceName>,
}

/// What a look at few resources came to.
pub struct FewSeen {
    pub assessment: Assessment,
    /// What it adds to the log; nothing where nothing is new.
    pub records: Vec<Encoded>,
    pub steps: lifecycle::Steps,
    /// Only a scan can tell the rest.
    pub needs_scan: bool,
}

impl Picture {
    pub(super) fn of(look: Look) -> Result<Self, Failure> {
        let parts = PartIndex::new(&look.catalogue, &look.plans.approved);
        let mut plans = look.plans;
        // Told once, with the scan.
        plans.files = Vec::new();
        plans.warnings = Vec::new();
        plans.blobs = BTreeMap::new();
        let prepared = look.prepared.ok_or_else(|| {
            Failure::Internal("a look kept nothing for the ones that follow".to_owned())
        })?;
        Ok(Self {
            began: look.began,
            inputs: look.inputs,
            rules: look.rules,
            catalogue: look.catalogue,
            redactor: look.redactor,
            principals: look.principals,
            plans,
            prepared,
            parts,
            unplaced: look.unplaced,
            exactly: look.exactly.workspaces,
        })
    }

    /// The calls that the scan read from files.
    pub fn take_activities(&mut self) -> Vec<Activity> {
        std::mem::take(&mut self.inputs.activities)
    }

    /// The resources that a call acted on and that are compared.
    pub fn marks(&self, activity: &Activity, settings: &Settings) -> Vec<Mark> {
        let parts = ApprovedParts {
            index: &self.parts,
            catalogue: &self.catalogue,
            approved: &self.plans.approved,
        };
        let mut marks = marks(activity, parts);
        marks.retain(|mark| self.is_compared(&mark.config_type, mark.account.as_str(), settings));
        marks
    }

    /// Whether items of the type and account are compared at all.
    pub fn is_compared(&self, config_type: &str, account: &str, settings: &Settings) -> bool {
        self.catalogue.config_type(config_type).is_some() && settings.scope.covers_account(account)
    }

    /// Compares and judges the items of some documents, and says what is to be recorded.
    ///
    /// # Errors
    /// The log cannot take a blob, or a record cannot be written.
    pub fn look(
        &self,
        documents: &[Arc<str>],
        activities: Vec<Activity>,
        settings: &Settings,
        evidence: &mut dyn EvidenceSink,
        now: Timestamp,
    ) -> Result<FewSeen, Failure> {
        let approved = &self.plans.approved;
        let comparer = || {
            let prepared = Arc::clone(&self.prepared);
            Comparer::over(
                &self.catalogue,
                approved,
                &settings.scope,
                &self.redactor,
                prepared,
            )
            .with_authors(&self.plans.sources)
            .knowing(self.principals.clone())
        };
        let items = |visit: &mut dyn FnMut(&Item<'_>)| {
            documents
                .iter()
                .for_each(|document| each_item(document, &mut *visit));
        };
        let glance = comparer().glance_at(&items);
        let ledger = evidence.ledger();
        let names = glance.names.iter().map(|name| &**name);
        let among = ledger.open_about(&glance.addresses, names);
        let open = among.iter().filter_map(|key| ledger.open_finding(key));
        let earlier: Vec<EarlierFinding> = open.map(OpenFinding::subject).collect();
        let mut few = comparer().look_at(&items, glance, &earlier);
        let left = self.left_to_a_scan(&mut few.comparison.deviations);
        few.not_seen.extend(left.iter().cloned());
        let people = self.inputs.people.as_ref();
        let activity = ActivityIndex::new(activities, &settings.allowed, people);
        let inputs = Inputs {
            workspaces: &self.plans.ranked,
            approved,
            comparison: few.comparison,
            activity: &activity,
            people,
            policy: &settings.policy,
            locate: &|workspace, address| self.plans.sources.locate(workspace, address),
            authors: &self.plans.sources,
        };
        let touched = &few.touched;
        let addresses = &touched.addresses;
        let mut assessment = assess_few(now, inputs, addresses, &self.unplaced, &self.rules);
        let waived = &self.inputs.waivers;
        let (standing, _) = waivers::standing(now, waived, people, &self.inputs.changes);
        assessment.accepted = lifecycle::accepted(&assessment, &standing);

        let own = addresses.iter().map(|(workspace, _)| workspace);
        let ranked = own.filter_map(|name| {
            let plans = self.plans.ranked.get(name)?;
            Some((name.clone(), plans.clone()))
        });
        let comparer = comparer();
        let was_told = |record: &FindingRecord| {
            let subject = EarlierFinding::from(record);
            comparer.was_told(touched, &subject)
        };
        let none = AppliedBefore::new();
        let recording = ScanToRecord {
            started_at: now,
            finished_at: now,
            assessment: &assessment,
            totals: ScanTotals::default(),
            files: Vec::new(),
            inputs: &self.inputs,
            ranked: &ranked.collect(),
            plan_blobs: &BTreeMap::new(),
            by_state: &none,
            by_observation: &none,
            rule_set: self.rules.digest(),
            waivers: &standing,
            settings,
            not_seen: &few.not_seen,
            looked: &BTreeSet::new(),
            told_by_refresh: &BTreeSet::new(),
            with_state: &self.plans.with_state,
        };
        let (records, steps) = recording.few(evidence, &among, &was_told)?;
        let needs_scan = few.needs_scan || !left.is_empty() || is_carried_out(&assessment);
        Ok(FewSeen {
            assessment,
            records,
            steps,
            needs_scan,
        })
    }

    /// Takes out what needs an exact look, which only a scan makes: until then nothing is said of it.
    fn left_to_a_scan(&self, deviations: &mut Vec<Deviation>) -> Vec<FindingKey> {
        let is_left = |own: &Deviation| {
            let workspace = own.workspace.as_ref();
            needs_a_look(own) && workspace.is_some_and(|name| self.exactly.contains(name))
        };
        let left = deviations.iter().filter(|own| is_left(own));
        let left = left.map(Deviation::finding_key).collect();
        deviations.retain(|own| !is_left(own));
        left
    }
}

/// Whether live is what a pending plan sets: the baseline may move, which a scan records.
fn is_carried_out(assessment: &Assessment) -> bool {
    let views = assessment.deviations.iter();
    let mut views = views.flat_map(|judged| &judged.deviation.pending);
    views.any(|view| view.relation == Relation::EqualsAfter)
}

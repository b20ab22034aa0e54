//! The comparing of a look: live items and refreshes against what is approved, as they stream by.

use std::collections::{BTreeMap, BTreeSet};
#[cfg(feature = "daemon")]
use std::sync::Arc;

use jiff::Timestamp;

use super::inputs::Failure;
use super::live;
use super::look::Looking;
use super::plans::Plans;
use super::refreshing::{KeptRefresh, Refreshing};
use super::schemas::Schemas;
use crate::decide::compare::{Comparer, Comparison, Named};
#[cfg(feature = "daemon")]
use crate::decide::compare::{Prepared, Unplaced};
use crate::evidence::record::InputFile;
use crate::ingest::redact::Redactor;
use crate::model::{EarlierFinding, ScanTotals, SourceReport};
use crate::normalise::Catalogue;
use crate::normalise::equal::Principals;
use crate::ports::InputError;

/// What live state is held against.
pub(super) struct Known<'k> {
    pub(super) catalogue: &'k Catalogue,
    pub(super) redactor: &'k Redactor,
    pub(super) schemas: &'k Schemas,
    pub(super) plans: &'k Plans,
    /// What is open.
    pub(super) earlier: &'k [EarlierFinding],
}

/// What came of comparing.
pub(super) struct Compared {
    pub(super) comparison: Comparison,
    pub(super) warnings: Vec<String>,
    /// Users and roles, where a policy asked for them.
    pub(super) principals: Principals,
    /// The types that sources are asked for.
    pub(super) asked_for: BTreeSet<Box<str>>,
    /// What the sources that are asked told beside their items.
    pub(super) reports: Vec<SourceReport>,
    pub(super) totals: ScanTotals,
    pub(super) files: Vec<InputFile>,
    /// Kept where somebody asks how it was compared.
    pub(super) refreshes: Vec<KeptRefresh>,
    #[cfg(feature = "daemon")]
    pub(super) prepared: Option<Arc<Prepared>>,
    #[cfg(feature = "daemon")]
    pub(super) unplaced: Unplaced,
}

impl Looking<'_> {
    /// `began` is when the first source was asked.
    pub(super) fn compared(
        &self,
        known: &Known<'_>,
        began: Timestamp,
    ) -> Result<Compared, Failure> {
        let settings = self.settings;
        let Known {
            catalogue,
            redactor,
            schemas,
            plans,
            earlier,
        } = *known;
        let mut comparer = Comparer::new(catalogue, &plans.approved, &settings.scope, redactor)
            .with_authors(&plans.sources)
            .with_earlier(earlier);
        refuse_double_claims(&comparer)?;
        let types = comparer.looks_at().into_iter().chain(Named::TYPES);
        let asked_for = types.map(Box::from).collect();
        let mut principals = Principals::default();
        let mut live = self.live(&comparer)?;
        if live.findings.asks_for_principals() {
            principals = live::principals(self.estate, settings.threads, self.progress)?;
            if !principals.is_empty() {
                comparer = comparer.knowing(principals.clone());
                live = self.live(&comparer)?;
            }
        }
        let refreshing = Refreshing {
            looking: self,
            comparer: &comparer,
            catalogue,
            redactor,
            schemas,
            plans,
            now: began,
        };
        refreshing.all(&mut live)?;
        let mut comparison = comparer.finish(live.findings);
        let totals = ScanTotals {
            plans: plans.plan_count,
            plan_bytes: plans.plan_bytes,
            live_files: live.files.len() as u64,
            live_bytes: live.bytes,
            live_items: comparison.items,
        };
        let reports = live.reports;
        let mut warnings: Vec<String> = reports
            .iter()
            .flat_map(|told| told.warnings.clone())
            .collect();
        warnings.extend(not_looked_at(&std::mem::take(&mut comparison.unmapped)));
        Ok(Compared {
            warnings,
            principals,
            asked_for,
            reports,
            totals,
            files: live.files,
            refreshes: live.refreshes,
            #[cfg(feature = "daemon")]
            prepared: self.heard.map(|_| comparer.prepared()),
            #[cfg(feature = "daemon")]
            unplaced: comparison.unplaced.clone(),
            comparison,
        })
    }

    fn live(&self, comparer: &Comparer<'_>) -> Result<live::Live, Failure> {
        let mut live = live::read(
            self.estate,
            comparer,
            self.settings.threads,
            self.progress,
            self.watches,
        )?;
        for document in self.heard.iter().flat_map(|heard| &heard.items) {
            live::each_item(document, &mut |item| {
                comparer.observe(item, &mut live.findings);
            });
        }
        Ok(live)
    }
}

/// At most so many pairs are named: one plan under two names gives one for each of its resources.
const MAX_CLAIMS: usize = 10;

/// One resource has one approved form, or nothing can be said of it. Where one plan has it twice, that
/// is a gap of the two; where two plans have it, the configuration is wrong.
pub(super) fn refuse_double_claims(comparer: &Comparer<'_>) -> Result<(), Failure> {
    let mut claims = comparer.double_claims();
    claims.retain(|claim| !claim.is_within_one_workspace());
    let mut errors: Vec<InputError> = claims
        .iter()
        .take(MAX_CLAIMS)
        .map(|claim| InputError {
            what: claim.to_string(),
            help: None,
        })
        .collect();
    let more = claims.len().saturating_sub(MAX_CLAIMS);
    if more > 0 {
        errors.push(InputError {
            what: format!("{more} more resources stand in two places"),
            help: None,
        });
    }
    let Some(last) = errors.last_mut() else {
        return Ok(());
    };
    last.help = Some(
        "one resource has one owner: take it out of one of the two plans, or one of the two \
         baselines out of the configuration"
            .to_owned(),
    );
    Err(Failure::Inputs(errors))
}

/// Items of types without a table were not compared, and the report must say so.
fn not_looked_at(unmapped: &BTreeMap<Box<str>, u64>) -> Option<String> {
    let items: u64 = unmapped.values().sum();
    let types: Vec<String> = unmapped
        .iter()
        .map(|(name, count)| format!("{name} ({count})"))
        .collect();
    (items > 0).then(|| {
        format!(
            "{items} live items are of types that no reviewed mapping table knows and were not compared: {}",
            types.join(", ")
        )
    })
}

//! What follows from a look for what is known of a resource: whoever was read by its provider was seen,
//! whatever another source did not show.

use std::collections::BTreeSet;

use super::Key;
use crate::decide::compare::Comparison;
use crate::model::{DeviationKind, EarlierFinding, ExactLook, ExactLooks, Gap};

/// Takes out the gaps of resources that were read, and lets what was found of them be resolved. A look
/// without a settled baseline shows no additions: what another source did not show stays unseen.
pub fn count_as_seen(looks: &ExactLooks, earlier: &[EarlierFinding], comparison: &mut Comparison) {
    let read = looks.iter().filter(|(_, look)| match look {
        ExactLook::Seen { is_settled, .. } => *is_settled,
        ExactLook::Missing => true,
        ExactLook::Gap(_) => false,
    });
    let read: BTreeSet<&Key> = read.map(|(key, _)| key).collect();
    if read.is_empty() {
        return;
    }
    let mut seen: BTreeSet<Key> = BTreeSet::new();
    let coverage = &mut comparison.coverage;
    comparison.gaps.retain(|gap| {
        let Some(key) = key_of(gap).filter(|key| read.contains(key)) else {
            return true;
        };
        match gap.attribute {
            Some(_) => coverage.not_comparable = coverage.not_comparable.saturating_sub(1),
            None => drop(seen.insert(key)),
        }
        false
    });
    let seen = (seen.len() as u64).min(coverage.unknown);
    coverage.unknown -= seen;
    coverage.observed += seen;
    for finding in earlier.iter().filter(|own| is_of(own, &read)) {
        comparison.not_seen.remove(&finding.finding);
    }
}

fn key_of(gap: &Gap) -> Option<Key> {
    gap.workspace.clone().zip(gap.address.clone())
}

/// Whether a finding is of such a resource itself, and not of what lies within it.
fn is_of(finding: &EarlierFinding, read: &BTreeSet<&Key>) -> bool {
    let is_kind = match finding.kind {
        DeviationKind::Changed | DeviationKind::Missing => true,
        DeviationKind::Unmanaged
        | DeviationKind::UnapprovedPlan
        | DeviationKind::PlanTampered
        | DeviationKind::AppliedNotApproved => false,
    };
    let key = finding.workspace.clone().zip(finding.address.clone());
    is_kind && key.is_some_and(|key| read.contains(&key))
}
